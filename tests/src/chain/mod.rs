//! What a chain is made of: its specification, its state, the transactions that it takes.

pub mod channels;
pub mod compute;
pub mod devices;
pub mod spec;
pub mod state;
pub mod storage;
pub mod tx;
