#![doc = include_str!("../README.md")]

mod client;
pub mod metrics;
mod server;
mod types;

pub use client::{ask, ClientError};
pub use server::{Api, ApiError, Asked, TOKEN_FILE};
pub use types::{Answer, Ask, ChannelView, Flow, HopView, PayView, Plan, Planck, RouteView, StatusView};
