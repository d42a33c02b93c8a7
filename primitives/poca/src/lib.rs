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
mod seats;

pub use digest::{
	find_pre_digest, find_pre_digest_in, pre_digest_item, seal_of, seal_payload, DigestError, FinalizedRef, PreDigest,
	SEAL_LENGTH,
};
pub use equivocation::{AuthorHistory, BlockEquivocation, BlockEquivocationError};
pub use heartbeat::Heartbeat;
pub use schedule::{AuthorIndex, Role, Schedule, MISSED_SLOTS};
pub use seats::{AttendanceHook, Competence, EraHook, KeyOf, Punish, SeatVoters, Seats, SeatsError, VoteHook};
pub use sp_consensus_slots::{Slot, SlotDuration};

use alloc::vec::Vec;
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

/// What other pallets ask about eras, without knowing which pallet counts them.
pub trait EraClock {
	/// The era of the current block, counted from 0 at the first block.
	fn current_era() -> u32;
	/// The randomness of the current era.
	fn era_randomness() -> Randomness;
}

/// The era of any slot, for those that have to do with the past.
pub trait EraOfSlot {
	/// The era that a slot lies in, whether it is past or to come; 0 for slots before the first block.
	fn era_of_slot(slot: Slot) -> u32;
}

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

sp_api::decl_runtime_apis! {
	/// What a node asks the runtime to find out whether it is out of its seat, and to show that it is back.
	pub trait HeartbeatApi<AccountId>
	where
		AccountId: codec::Codec,
	{
		/// The account of this authoring key, where it is isolated and has not shown itself since.
		fn isolated(key: AuthorityId) -> Option<AccountId>;
		/// The transaction of a heartbeat that the node's authoring key signed.
		fn heartbeat_transaction(
			heartbeat: Heartbeat<AccountId, u32, sp_core::H256>,
			signature: AuthoritySignature,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// What the node asks the runtime about authoring.
	pub trait PocaApi {
		/// The schedule in force for a child of this block.
		fn schedule() -> Schedule;
		/// How each director does, in the order of [`Schedule::directors`].
		fn director_status() -> Vec<DirectorStatus>;
	}

	/// How equivocations are reported.
	pub trait BlockEquivocationApi {
		/// The extrinsic that reports this one. Whether it is valid the transaction pool finds out.
		fn report_block_equivocation(
			proof: BlockEquivocation<<Block as sp_runtime::traits::Block>::Header>,
		) -> <Block as sp_runtime::traits::Block>::Extrinsic;
	}

	/// Applies many extrinsics in one call, so that an author pays for the call into the runtime once.
	pub trait BatchApi {
		/// Applies extrinsics one after the other to the block in progress, exactly as `BlockBuilder::apply_extrinsic` would.
		/// One that is refused leaves no trace, and the next is tried. The results are in the order of the extrinsics.
		fn apply_extrinsics(
			extrinsics: Vec<<Block as sp_runtime::traits::Block>::Extrinsic>,
		) -> Vec<sp_runtime::ApplyExtrinsicResult>;
	}
}
