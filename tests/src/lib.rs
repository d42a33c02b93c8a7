//! What the network tests and the benchmarks share: real `smartchain` processes, wired into networks, watched from outside.
//!
//! Nothing here links the node: a test sees what a user sees, over RPC, on the wire, in the log and in the metrics.
//!
//! - [`node`]: one process, from its start to its end; [`network`]: several, wired directly, through delaying relays
//!   ([`relay`]) or across network namespaces ([`netns`]).
//! - [`rpc`] and [`metrics`]: what a node answers; [`watch`]: when it saw and finalized which block; [`votes`]: who signed what,
//!   read from an observer's log.
//! - [`tx`]: signed transactions. [`wait`]: waiting for events, always with a limit.
//!
//! # Environment
//! - `SMARTCHAIN_BIN`: the node to run; by default the one beside the running binary in the build folder.
//! - `SMARTCHAIN_TEST_SEED`: replays the random choices of a run that printed this seed.
//! - `SMARTCHAIN_TEST_LOGS`: a folder that keeps the nodes' logs of failed tests.

pub mod chain_spec;
pub mod error;
pub mod identity;
pub mod log;
pub mod metrics;
pub mod netns;
pub mod network;
pub mod node;
pub mod ports;
pub mod relay;
pub mod rpc;
pub mod state;
pub mod tx;
pub mod votes;
pub mod wait;
pub mod watch;

pub use error::{Error, Result};
pub use network::{Network, Wiring};
pub use node::{Node, NodeConfig};
pub use smartchain_rng as rng;
