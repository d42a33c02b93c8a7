//! # Equivocation: who signed two things where there is room for one
//!
//! Takes proofs that an author sealed two blocks in one slot, or that a voter cast two votes of one phase in one slot, finds out
//! which account the key belonged to then, and has it punished. Anyone may report: a report is a transaction without a signature and
//! without a fee, valid by what it proves, once for each offender and era.
//!
//! # Terms
//! - **Equivocation**: [`BlockEquivocation`](poca_primitives::BlockEquivocation),
//!   [`VoteEquivocation`](bft_finality_primitives::VoteEquivocation).
//! - **Offender**: the account behind the key that signed, when it signed.
//! - **Era of an offence**: that of its slot; of votes, moved into the eras in which their voter set was in force.
//! - **In force**: a voter set is in force from the block that names it until the block that names the next one is held final.
//!
//! # What an offender could lie about
//! It chooses the slot that it signs, and with it the era. So:
//!
//! - A slot in an era to come is refused until then: one such offence would else be another one in every era until there.
//! - Votes in a slot of long ago, or of before or after their set, are the set's offence all the same. They can be reported until
//!   [`Config::HistoryEras`] eras have passed since the *set* was in force, whatever slot they name: as long as finality stands
//!   still, votes in old slots do harm, and a set that stands still is in force. Their era is the slot's, but at least the one in
//!   which the set began and at most the one in which it ended, so that it is the same whenever it is reported.
//! - Blocks are offences of their slot's era, and of nobody who was no director in it: an author of another time finds no one who
//!   would build on them.
//! - An account is punished for an era and thereby for all before it: whoever runs two nodes with one key equivocates many times
//!   before it can stop. A proof of an era up to the last one reported is refused. That is how
//!   [`Punish`](pallet_traits::Punish) sees it, too.
//!
//! # Bounds
//! Of authors, entries of an era are removed once it is [`Config::HistoryEras`] eras back; of voters, entries of a set once it has
//! been out of force for as long. Every block removes at most [`PRUNED_AUTHORS`] authors and one set. The era of its last offence
//! stays known of every account that was ever proven to equivocate in office.
//!
//! # Assumptions
//! - [`AuthorHistory`](pallet_traits::AuthorHistory) is told of directors at genesis, in the first block of every era and wherever
//!   they change; [`VoterHistory`](pallet_traits::VoterHistory) of every set.
//! - An author that names as final what is not can end a set's time early, by as long as finality takes. The set's votes are then the
//!   offence of the era in which it did, and can be reported for [`Config::HistoryEras`] eras from there.
//! - A key is one account's at a time. Where two author with it in one era, what it seals is laid to the first.
//!
//! # Not covered
//! Blocks in an era that passed without a block on this chain: nobody was told to be in office then.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod history;
mod reports;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use weights::WeightInfo;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The target of this pallet's logs.
pub const LOG_TARGET: &str = "runtime::equivocation";

/// How many authors of an era that is too long ago a block forgets.
pub const PRUNED_AUTHORS: u32 = 8;

/// For how many blocks a report stays in the pool. Who sees the offence again sends it again.
pub const LONGEVITY: u64 = 1_200;

/// What was signed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kind {
	/// A block.
	Block,
	/// A vote of the first phase.
	Prevote,
	/// A vote of the second phase.
	Commit,
}

/// When a voter set was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct InForce {
	/// The era in which a block named it.
	pub began: u32,
	/// The era in which the block that named the next one was held final; none while that is not so.
	pub ended: Option<u32>,
}

/// Who is guilty of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offence<AccountId> {
	/// Who.
	pub offender: AccountId,
	/// What was signed twice.
	pub kind: Kind,
	/// The slot that what was signed names.
	pub slot: u64,
	/// The era that it counts for.
	pub era: u32,
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use bft_finality_primitives::{SetId, VoteEquivocation, VoterId};
	use frame_support::{dispatch::DispatchClass, pallet_prelude::*};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{EraClock, EraOfSlot, Punish};
	use poca_primitives::{AuthorityId, BlockEquivocation};
	use sp_core::H256;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>, Hash = H256> {
		/// Which era it is, and was.
		type EraClock: EraClock + EraOfSlot;

		/// Who punishes. Its weight is added to the block's when it is known.
		type Punish: Punish<Self::AccountId>;

		/// The most voters of a set.
		#[pallet::constant]
		type MaxVoters: Get<u32>;

		/// For how many eras an offence can be reported; at least 1, and no more than bonds are held for.
		#[pallet::constant]
		type HistoryEras: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Who authored with which key, by era.
	#[pallet::storage]
	pub type Authors<T: Config> =
		StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, AuthorityId, T::AccountId, OptionQuery>;

	/// The first era of which authors may still be in [`Authors`].
	#[pallet::storage]
	pub type OldestEra<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// Who voted with which key, by voter set.
	#[pallet::storage]
	pub type SetVoters<T: Config> =
		StorageMap<_, Twox64Concat, SetId, BoundedVec<(T::AccountId, VoterId), T::MaxVoters>, OptionQuery>;

	/// When voter sets were in force.
	#[pallet::storage]
	pub type SetEras<T: Config> = StorageMap<_, Twox64Concat, SetId, InForce, OptionQuery>;

	/// The first voter set that is still known.
	#[pallet::storage]
	pub type OldestSet<T: Config> = StorageValue<_, SetId, ValueQuery>;

	/// The era of the last offence that was reported of an account.
	#[pallet::storage]
	pub type LastOffence<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, OptionQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account was proven to have equivocated.
		EquivocationReported {
			/// The account.
			offender: T::AccountId,
			/// What it signed twice.
			kind: Kind,
			/// The slot in which it did, as what it signed says.
			slot: u64,
			/// The era that it counts for.
			era: u32,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The proof proves nothing.
		BadProof,
		/// The key was nobody's in office then.
		NotInOffice,
		/// The slot lies in an era that has not begun.
		InFuture,
		/// It happened longer ago than is remembered.
		TooOld,
		/// The account was reported for this era or a later one.
		AlreadyReported,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::prune()
		}

		fn integrity_test() {
			assert!(T::HistoryEras::get() > 0, "HistoryEras must be at least 1");
			assert!(T::MaxVoters::get() > 0, "MaxVoters must be at least 1");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Reports a voter that cast two votes of one phase in one slot. Without signature or fee; valid by its proof.
		///
		/// Emits `EquivocationReported`.
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::report_vote_equivocation(), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_report_vote_equivocation())]
		#[pallet::authorize(|_source, proof| Self::authorize_votes(proof))]
		pub fn report_vote_equivocation(origin: OriginFor<T>, proof: Box<VoteEquivocation>) -> DispatchResult {
			ensure_authorized(origin)?;
			// The signatures have been verified to authorize the call.
			let offence = Self::offence_of_votes(&proof)?;
			Self::note(offence);
			Ok(())
		}

		/// Reports an author that sealed two blocks in one slot. Without signature or fee; valid by its proof.
		///
		/// Emits `EquivocationReported`.
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::report_block_equivocation(proof_bytes(proof)), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_report_block_equivocation(proof_bytes(proof)))]
		#[pallet::authorize(|_source, proof| Self::authorize_blocks(proof))]
		pub fn report_block_equivocation(
			origin: OriginFor<T>,
			proof: Box<BlockEquivocation<HeaderFor<T>>>,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			let offence = Self::offence_of_blocks(&proof)?;
			Self::note(offence);
			Ok(())
		}
	}

	/// The length of a proof, which headers may make long.
	fn proof_bytes<Header: Encode>(proof: &BlockEquivocation<Header>) -> u32 {
		u32::try_from(proof.encoded_size()).unwrap_or(u32::MAX)
	}
}
