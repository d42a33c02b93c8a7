#![doc = include_str!("../README.md")]

pub mod cli;
pub mod commands;
pub mod config;
pub mod keys;
pub mod page;
pub mod run;
pub mod status;
pub mod terminal;
