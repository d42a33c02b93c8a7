//! The compute market, rule by rule, on a chain of nothing else.
#![allow(missing_docs)]

mod workbench;

mod adversaries;
mod checks;
mod free;
mod golden;
mod jobs;
mod others;
mod random_calls;
mod rounds;
mod stakes;

use workbench::{chain, customer, workers};
