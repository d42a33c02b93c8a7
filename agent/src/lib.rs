#![doc = include_str!("../README.md")]

pub mod commands;
mod earnings;
pub mod ledger;
mod storage;
mod work;

pub use smart_agent_cli as cli;
pub use smart_agent_config as config;
pub use smart_agent_keys as keys;
pub use smart_agent_page::{page, status};
pub use smart_agent_run as run;
pub use smart_agent_terminal as terminal;
