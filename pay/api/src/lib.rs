#![doc = include_str!("../README.md")]

mod amount;
mod client;
pub mod metrics;
mod orders;
mod server;
mod streams;
mod types;

pub use amount::Planck;
pub use client::{ask, ClientError};
pub use orders::{OrderAsk, OrderView};
pub use server::{read_all, text, Api, ApiError, Asked, Whole, TOKEN_FILE};
pub use streams::{StreamAsk, StreamView};
pub use types::{Answer, Ask, ChannelView, Flow, HopView, PayView, Plan, RouteView, StatusView};
