//! What a node shows of itself.

pub mod informant;
pub mod status;
