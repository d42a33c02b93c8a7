#![doc = include_str!("../README.md")]

mod amounts;
mod graph;
pub mod letter;
mod odds;
mod policy;
mod search;
mod shares;

pub use graph::{Graph, Line, MAX_LINES};
pub use odds::{Odds, MAX_KNOWN, RELAX};
pub use policy::{Policy, LEAST_MARGIN, MAX_HOPS, MAX_TICKS};
pub use search::{find, Found, Hop, Own, Way, Wish, MAX_LABELS, MAX_LOOKS};
pub use shares::{Load, Share};

/// The key of a node, X25519.
pub type NodeKey = [u8; 32];
