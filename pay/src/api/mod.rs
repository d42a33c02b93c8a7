//! What commands ask the daemon, over HTTP on loopback, with a token that lies beside the store.

mod client;
mod orders;
mod server;
mod streams;
mod types;

pub use client::{ask, ClientError};
pub use orders::{OrderAsk, OrderView};
pub(crate) use server::{read_all, text, Whole};
pub use server::{Api, ApiError, Asked, TOKEN_FILE};
pub use streams::{StreamAsk, StreamView};
pub use types::{Answer, Ask, ChannelView, Flow, PayView, Plan, Planck, StatusView};
