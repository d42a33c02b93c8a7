//! Why finality cannot be proven.

use super::{MAX_PROOF_HEADERS, MAX_SEARCH};
use bft_finality_primitives::SetId;
use smartchain_chain::ChainError;
use sp_core::H256;

/// Why there is no proof. Each message names the cause and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// 14001: the database or the runtime failed.
	#[error("this node could not read its chain: {0}; if it happens again, look into its log")]
	Chain(#[from] ChainError),
	/// 14002: no such block here.
	#[error("this node does not know block {0}; ask one that has synced it, or check the hash")]
	UnknownBlock(String),
	/// 14003: not final yet.
	#[error("block {number} is not final yet, the highest final block is {finalized}; ask again when it is")]
	NotFinal {
		/// The height asked for.
		number: u32,
		/// The highest final one.
		finalized: u32,
	},
	/// 14004: another block of its height is final.
	#[error(
		"block {hash:?} is not on the final chain, block {canonical:?} is at its height {number}; it never \
		 becomes final"
	)]
	Orphaned {
		/// The hash asked for.
		hash: H256,
		/// Its height.
		number: u32,
		/// The final block of that height.
		canonical: H256,
	},
	/// 14005: nothing stored near it proves it.
	#[error(
		"no certificate is stored from block {from} to block {to} (at most {} are searched); ask a node started with \
		`--blocks-pruning archive`",
		MAX_SEARCH
	)]
	NoCertificate {
		/// The first block searched.
		from: u32,
		/// The last.
		to: u32,
	},
	/// 14006: the certificate is too far up.
	#[error(
		"the first certificate at or above block {from} is that of block {to}, and a proof has at most {} headers; \
		ask for block {} or a later one", MAX_PROOF_HEADERS, .to.saturating_sub(MAX_PROOF_HEADERS).saturating_add(1)
	)]
	TooFar {
		/// The block asked for.
		from: u32,
		/// The first with a certificate.
		to: u32,
	},
	/// 14007: the proof of a change of voters is not here.
	#[error("this node has no proof of the change that ended voter set {0}; ask another node")]
	NoChangeProof(SetId),
	/// 14008: the block is older than the set that the proof shall start with.
	#[error(
		"block {number} was made final by voter set {set_id}, before set {from_set} began; ask for it from set \
			 {set_id} or an \
		 earlier one"
	)]
	EarlierSet {
		/// The block asked for.
		number: u32,
		/// Its set.
		set_id: SetId,
		/// The set to start from.
		from_set: SetId,
	},
}
