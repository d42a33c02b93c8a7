//! What a node shows of itself.

pub mod informant;
pub mod metrics;
pub mod status;
