//! Making blocks: whose slot it is, and what goes into the block.

pub(crate) mod author;
pub mod building;

pub use author::BLOCK_BYTES;
