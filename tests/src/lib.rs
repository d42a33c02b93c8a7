//! What the network tests and the benchmarks share: real `smartchain` processes, wired into networks, agents beside
//! them, watched from outside.
//!
//! Nothing here links the node: a test sees what a user sees, over RPC, on the wire, in the log and in the metrics.
//!
//! - [`node`]: one process, from its start to its end, with its [`identity`], its [`ports`], its [`log`], its
//!   [`clock`].
//! - [`agent`]: one `smart-agent`, from its keys to its end. [`pay`]: one `smart-pay`. [`smart`]: one `smart`.
//! - [`network`]: several nodes, wired directly, through delaying relays ([`relay`]) or across network namespaces
//!   ([`netns`]); what stands before devices and gives them bad manners ([`front`]).
//! - [`seen`]: what nodes show. [`rpc`] and [`metrics`]: what a node answers; [`watch`]: when it saw and finalized
//!   which block; [`turns`]: whose turn it is; [`votes`]: who signed what, read from an observer's log; [`http`]: what
//!   a program answers there.
//! - [`hostile`]: peers that mean harm, without keys and with a voter's.
//! - [`chain`]: what the chain is made of. [`chain_spec`]: chains of their own for single tests; [`tx`]: signed
//!   transactions; [`state`]: what the pallets say of their own state; [`devices`]: what they say of devices;
//!   [`channels`]: of payment channels; [`storage`]: of storage deals; [`compute`]: of jobs.
//! - [`wait`]: waiting for events, always with a limit.
//!
//! # Environment
//! - `SMARTCHAIN_BIN`: the node to run; by default the one beside the running binary in the build folder.
//! - `SMARTCHAIN_AGENT`: likewise the agent, which looks for the plotter, and for what runs units, beside itself.
//! - `SMARTCHAIN_PAY`: likewise the program for payment channels. `SMARTCHAIN_SMART`: that which stores folders.
//! - `SMARTCHAIN_TEST_SEED`: replays the random choices of a run that printed this seed.
//! - `SMARTCHAIN_TEST_LOGS`: a folder that keeps the nodes' logs of failed tests.

pub mod agent;
pub mod chain;
pub mod error;
pub mod hostile;
pub mod network;
pub mod node;
pub mod pay;
pub mod seen;
pub mod smart;
pub mod wait;

pub use agent::Agent;
pub use chain::{channels, compute, devices, spec as chain_spec, state, storage, tx};
pub use error::{Error, Result};
pub use network::{front, front::Front, netns, relay, Network, Wiring};
pub use node::{clock, identity, log, ports, Node, NodeConfig};
pub use pay::Payer;
pub use seen::{http, metrics, rpc, rpc::Rpc, turns, votes, watch};
pub use smart::Smart;
pub use smartchain_rng as rng;
