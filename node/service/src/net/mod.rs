//! The network: its parts put together, and what peers may cost this node.

pub mod budget;
pub mod gate;
mod serving;
mod transactions;
pub(crate) mod wiring;
