//! What POCA's runtime, node and clients agree on: who may author which slot, and what a header says about it.
//!
//! # Terms
//! - **Slot**: `unix_ms / slot_duration`.
//! - **Turn**: `turn_length` consecutive slots of one director, aligned to multiples of it.
//! - **Director**: a member of the ordered list that signs an era's blocks; the author of a slot is
//!   `directors[(slot / turn_length) mod n]`.
//! - **Standby**: who takes a turn over whose director has missed two of its slots in a row: the standby signer of the director's
//!   seat, or the director of the next turn where there is none. It holds the turn from then on, unless it misses two itself.
//! - **Era**: [`Schedule::era`]; its randomness comes from the VRF outputs of the era before the last.
//!
//! # Assumptions
//! Headers are verified by the node before import and checked again by the runtime while it executes the block.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod digest;
mod equivocation;
mod heartbeat;
mod schedule;

pub use digest::{
	find_pre_digest, find_pre_digest_in, pre_digest_item, seal_of, seal_payload, DigestError, FinalizedRef, PreDigest,
	SEAL_LENGTH,
};
pub use equivocation::{BlockEquivocation, BlockEquivocationError};
pub use heartbeat::Heartbeat;
pub use schedule::{AuthorIndex, Role, Schedule, MISSED_SLOTS};
pub use sp_consensus_slots::{Slot, SlotDuration};

use sp_runtime::{ConsensusEngineId, KeyTypeId};

/// The engine id of POCA's digest items.
pub const POCA_ENGINE_ID: ConsensusEngineId = *b"POCA";

/// The key type of the keys that author blocks.
pub const KEY_TYPE: KeyTypeId = KeyTypeId(*b"poca");

/// The sr25519 keys that seal blocks and evaluate the VRF.
pub mod app {
	use sp_application_crypto::{app_crypto, sr25519};
	app_crypto!(sr25519, crate::KEY_TYPE);
}

/// The public key of an author.
pub type AuthorityId = app::Public;
/// A seal.
pub type AuthoritySignature = app::Signature;
/// The key pair of an author.
#[cfg(feature = "std")]
pub type AuthorityPair = app::Pair;

/// 32 bytes that nobody could choose.
pub type Randomness = [u8; 32];

/// How a director does.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	codec::Encode,
	codec::Decode,
	scale_info::TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct DirectorStatus {
	/// The director's authoring key.
	pub director: AuthorityId,
	/// Slots of its own turns that it missed since it became a director.
	pub missed_slots: u32,
	/// Blocks that it authored since it became a director, as director or standby.
	pub authored_blocks: u32,
}
