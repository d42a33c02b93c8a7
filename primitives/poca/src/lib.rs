#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod digest;
mod equivocation;
mod heartbeat;
mod schedule;

pub use digest::{
	find_pre_digest, find_pre_digest_in, pre_digest_item, seal_item, seal_of, seal_payload, AuthorIndex, DigestError,
	FinalizedRef, PreDigest, PRE_DIGEST_VERSION, SEAL_LENGTH, VRF_VERSION,
};
pub use equivocation::{BlockEquivocation, BlockEquivocationError};
pub use heartbeat::Heartbeat;
pub use schedule::{Role, Schedule, UnknownVrfVersion};
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
