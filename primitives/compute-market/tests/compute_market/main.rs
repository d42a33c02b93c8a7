//! What always holds of jobs of the compute market.
#![allow(missing_docs)]

mod adversaries;
mod answers;
mod draws;
mod golden;
mod jobs;
mod money;
mod outcomes;
mod pools;
mod reliability;
mod units;
mod workbench;
