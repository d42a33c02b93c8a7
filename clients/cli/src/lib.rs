#![doc = include_str!("../README.md")]

pub mod cli;
pub mod commands;
pub mod config;
mod deal;
#[cfg(test)]
mod fake;
pub mod pay;
pub mod put;
mod shown;
pub mod store;

pub use deal::{access, fetching, holders, reading};
pub use shown::{failure, plain, progress, units};
