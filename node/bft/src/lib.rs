//! Placeholder head: see CONSENSUS.
pub mod types;
pub mod core;
