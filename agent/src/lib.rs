#![doc = include_str!("../README.md")]

pub mod cli;
pub mod commands;
pub mod config;
pub mod ledger;
pub mod money;
pub mod page;
pub mod run;
pub mod status;
pub mod terminal;

pub use smart_agent_keys as keys;
