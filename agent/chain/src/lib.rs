#![doc = include_str!("../README.md")]

mod chain;
mod error;
mod heads;
mod link;
mod node;
mod rpc;
mod runtime;
mod send;
#[cfg(feature = "testing")]
pub mod testing;
mod types;
mod wins;

pub use chain::{is_ahead, Chain};
pub use error::{ChainError, Result};
pub use heads::{Head, HeadEvent, Heads, HEAD_BUFFER, MOST_BLOCKS};
pub use link::LinkState;
pub use node::Node;
pub use runtime::Args;
pub use send::{
	Call, ChainEvent, Hand, Included, NamedCall, NamedPallet, PairSigner, Progress, Quote, Signer, Step, MORTAL_BLOCKS,
};
pub use types::{
	Account, AccountId, AttestationProof, Attested, Balance, BlockNumber, Candidate, Claimable, Claimed, ClosedEra,
	Device, EarnedByPot, EnrolmentProof, Facts, Hash, Held, KeyUse, NodeUrl, Nonce, Prices, Slot, SpaceScheme,
	Suspension, SyncState, DECIMALS, SYMBOL,
};
pub use wins::{Outcome, Receipt, Refusal, Submitted, Win};

/// The target of this crate's logs.
pub const LOG_TARGET: &str = "chain";
