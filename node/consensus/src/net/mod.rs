//! The node's own protocols: names and sizes, the peers that speak them, what they say.

pub mod gossip;
pub(crate) mod limits;
pub mod peers;
pub mod protocols;
pub(crate) mod unread;
