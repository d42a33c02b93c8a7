//! Substrate around the BFT core: what authors, imports, pushes, votes, and makes final.
//!
//! # Overview
//! ```text
//!            slot clock                     peers
//!                │                        │  │  │
//!            [author]──sealed block──▶[push] │  │
//!                │                      │    │  │
//!                ▼                      ▼    ▼  │
//!              [import] ◀── verifier ── sync    │
//!                │ every imported block         │ votes, certificates
//!                ▼                              ▼
//!             [voter] ─────── events ──▶ smartchain_bft::Core
//!                │ ◀───────── actions ──────────┘
//!   [signer] (safety file), finalize, set head, gossip, answer requests
//! ```
//!
//! - *Making blocks*: [`authoring`] (the slot worker, the block builder).
//! - *Taking blocks*: [`blocks`] (import and its verifier, the push, who sealed twice), [`proofs`] (warp sync, exported proofs).
//! - *Voting*: [`voter`] (the loop around the core), [`signing`] (keys, the safety file), [`net`] (protocols, peers, gossip).
//! - *What a node tells the chain by itself*: [`own`] (reports, heartbeats, votes on record).
//! - *What it shows*: [`shown`] (status, log line, metrics), [`rpc`].
//! - *The ground*: [`chain`] (the chain as consensus sees it, the clock, the words).
//!
//! # Terms
//! Those of [`poca_primitives`] and [`bft_finality_primitives`].
//!
//! # Assumptions
//! Clocks are within about a second of one another. A voting key is used by one node at a time; the node that sees it used
//! elsewhere stops.
//!
//! # Not covered
//! Attacks on the network below these protocols.

pub mod authoring;
pub mod blocks;
pub mod chain;
#[cfg(test)]
mod golden;
pub mod net;
pub mod own;
pub mod proofs;
pub mod rpc;
pub mod shown;
pub mod signing;
mod start;
pub mod voter;

pub use authoring::building::{BuildBlock, PoolBuilder};
pub use blocks::import::{block_import, import_queue, HeaderError, ImportLink, PocaBlockImport, PocaVerifier};
pub use chain::{
	types::{Block, Header},
	Chain, ChainError, SubstrateChain,
};
pub use net::protocols::{protocols, Protocols};
pub use own::pool::{OwnTransactions, PoolTransactions};
pub use proofs::warp::WarpProvider;
pub use shown::{
	metrics::Metrics,
	status::{ConsensusHandle, RelaxedStatus, Status, VoterStatus},
};
pub use signing::signer::Past;
pub use start::{start, StartParams};
pub use voter::Error;
