//! What a node tells the chain by itself: transactions of its own, for which nobody pays.

pub mod heartbeat;
pub mod offence;
pub mod pool;
pub mod reports;
pub(crate) mod shown_votes;
