#![doc = include_str!("../README.md")]

pub mod api;
pub mod cli;
pub mod commands;
pub mod config;
pub mod daemon;
pub mod envelope;
pub mod invoice;
pub mod metrics;
pub mod noise;
pub mod wire;
