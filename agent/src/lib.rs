#![doc = include_str!("../README.md")]

pub mod cli;
pub mod commands;
pub mod config;
pub mod ledger;
pub mod page;
pub mod run;
pub mod status;

pub use smart_agent_keys as keys;
pub use smart_agent_terminal as terminal;
