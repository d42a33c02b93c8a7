//! The node's own protocols: names and sizes, the peers that speak them, what they say.

pub mod gossip;
pub mod peers;
pub mod protocols;
