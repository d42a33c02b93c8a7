#![doc = include_str!("../README.md")]

pub mod client;
mod desk;
pub mod server;
pub mod stream;
pub mod wire;
