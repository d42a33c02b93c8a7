//! What transactions cost, and how much of them a block holds.

mod allocations;
mod channels;
mod compute;
mod fees;
mod issuance;
pub mod limits;
pub mod measure;
mod relay;
mod storage;
mod vesting;
