//! What nodes show of themselves.

pub mod http;
pub mod metrics;
pub mod rpc;
pub mod turns;
pub mod votes;
pub mod watch;
