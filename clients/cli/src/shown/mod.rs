//! What people read and write: failures, progress, prices, times.

pub mod failure;
pub mod progress;
pub mod units;
