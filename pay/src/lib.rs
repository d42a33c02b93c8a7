#![doc = include_str!("../README.md")]

pub mod api;
pub mod cli;
pub mod commands;
pub mod config;
pub mod daemon;
pub mod metrics;
pub mod noise;

pub use smart_pay_frames::{envelope, invoice, wire};
