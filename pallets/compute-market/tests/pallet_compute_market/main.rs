//! The compute market, rule by rule, on a chain of nothing else.
#![allow(missing_docs)]

mod chain;
mod customer;
mod workers;

mod jobs;
