//! The runtime as code: run and compiled ahead by the node, and looked at by commands before it goes anywhere.

pub(crate) mod ahead;
pub mod code;
pub mod executor;
pub mod interface;
pub mod live;
pub mod trial;
