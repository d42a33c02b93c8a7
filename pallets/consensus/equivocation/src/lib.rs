#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod history;
mod reports;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod uses;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use uses::{KeyUse, Uses, MAX_USES};
pub use weights::WeightInfo;

use bft_finality_primitives::SetId;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_traits::OffenceKind;
use scale_info::TypeInfo;

/// The target of this pallet's logs.
pub const LOG_TARGET: &str = "runtime::equivocation";

/// How many of each kind a block forgets of what is too long ago: uses of authoring keys, uses of voting keys,
/// offences.
pub const PRUNED: u32 = 8;

/// For how many blocks a report stays in the pool. Whoever sees the offence again sends it again.
pub const LONGEVITY: u64 = 1_200;

/// How many bytes a proof may have when it is encoded: two of the largest headers, and more to spare than keys and
/// seals take. Reports are free, so that there must be an end to them.
pub const MAX_PROOF_BYTES: u32 = 2 * (64 + 8) * 1024;

/// What the pool is told of a report that this state cannot judge, but a later one may: `UnknownTransaction::Custom` of
/// this. What is unknown is not banned, so that a node that is a block behind takes the report when it has caught up.
pub const AHEAD: u8 = 1;

/// What benchmarks need to be set up.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// An era is current, after as many as the clock remembers. Returns the current slot, which lies in it.
	fn begin_era() -> poca_primitives::Slot;
	/// The account has something to lose.
	fn bond(who: &AccountId);
}

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

impl Kind {
	/// As it is punished.
	pub fn offence(self) -> OffenceKind {
		match self {
			Self::Block => OffenceKind::Block,
			Self::Prevote | Self::Commit => OffenceKind::Vote,
		}
	}
}

/// The length of a proof, which headers may make long.
pub(crate) fn encoded_bytes(proof: &impl Encode) -> u32 {
	u32::try_from(proof.encoded_size()).unwrap_or(u32::MAX)
}

/// When a voter set was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct InForce {
	/// The era in which a block named it.
	pub began: u32,
	/// The era in which the set was known to have ended, for more than a third of the voters of a later one had shown
	/// votes of that; or had to end, for [`MAX_SETS_IN_FORCE`](pallet_traits::MAX_SETS_IN_FORCE) later ones had been
	/// named.
	pub ended: Option<u32>,
}

/// An account, and what it is guilty of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offence<AccountId> {
	/// The account.
	pub offender: AccountId,
	/// What was signed twice.
	pub kind: Kind,
	/// The voter set; none of blocks.
	pub set_id: Option<SetId>,
	/// The slot that what was signed names.
	pub slot: u64,
	/// The era that it counts for.
	pub era: u32,
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use bft_finality_primitives::{VoteEquivocation, VoterId};
	use frame_support::{dispatch::DispatchClass, pallet_prelude::*};
	use frame_system::pallet_prelude::*;
	use pallet_traits::{EraClock, EraOfSlot, Punish};
	use poca_primitives::{AuthorityId, BlockEquivocation, Slot};
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

		/// The slot of the current block.
		type CurrentSlot: Get<Slot>;

		/// Who punishes. Its weight is added to the block's when it is known.
		type Punish: Punish<Self::AccountId>;

		/// The most accounts that may author at a time: directors and standby signers.
		#[pallet::constant]
		type MaxAuthors: Get<u32>;

		/// The most voters of a set.
		#[pallet::constant]
		type MaxVoters: Get<u32>;

		/// For how many eras that began an offence can be reported; at least 1, fewer than bonds are held for, and
		/// fewer than eras can be told of slots.
		#[pallet::constant]
		type HistoryEras: Get<u32>;

		/// What benchmarks need to be set up.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Who could author with a key, by slots.
	#[pallet::storage]
	pub type AuthorUses<T: Config> = StorageMap<_, Blake2_128Concat, AuthorityId, Uses<T::AccountId>, ValueQuery>;

	/// Who may author now, and with which key.
	#[pallet::storage]
	pub type Authors<T: Config> = StorageValue<_, BoundedVec<(T::AccountId, AuthorityId), T::MaxAuthors>, ValueQuery>;

	/// The authoring keys of which a use ended in an era, with the last slot of it.
	#[pallet::storage]
	pub type EndedAuthors<T: Config> =
		StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, AuthorityId, u64, OptionQuery>;

	/// The offences that were reported, by the era that they count for.
	#[pallet::storage]
	pub type Offences<T: Config> =
		StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, (T::AccountId, OffenceKind), (), OptionQuery>;

	/// The first era of which something may be left in [`EndedAuthors`] and [`Offences`].
	#[pallet::storage]
	pub type OldestEra<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// Who voted with a key, by set ids.
	#[pallet::storage]
	pub type VoterUses<T: Config> = StorageMap<_, Blake2_128Concat, VoterId, Uses<T::AccountId>, ValueQuery>;

	/// Who votes with which key, in the voter sets that have not ended.
	#[pallet::storage]
	pub type SetVoters<T: Config> =
		StorageMap<_, Twox64Concat, SetId, BoundedVec<(T::AccountId, VoterId), T::MaxVoters>, OptionQuery>;

	/// The voting keys of which a use ended with a voter set.
	#[pallet::storage]
	pub type EndedVoters<T: Config> =
		StorageDoubleMap<_, Twox64Concat, SetId, Blake2_128Concat, VoterId, (), OptionQuery>;

	/// When voter sets were in force.
	#[pallet::storage]
	pub type SetTimes<T: Config> = StorageMap<_, Twox64Concat, SetId, InForce, OptionQuery>;

	/// The voters of a set of which an offence in it was reported.
	#[pallet::storage]
	pub type SetOffenders<T: Config> =
		StorageMap<_, Twox64Concat, SetId, BoundedVec<T::AccountId, T::MaxVoters>, ValueQuery>;

	/// The first voter set that is still known.
	#[pallet::storage]
	pub type OldestSet<T: Config> = StorageValue<_, SetId, ValueQuery>;

	/// One above the newest voter set.
	#[pallet::storage]
	pub type NextSet<T: Config> = StorageValue<_, SetId, ValueQuery>;

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
		/// The slot or the voter set lies ahead of what this block knows.
		Ahead,
		/// It happened longer ago than is remembered, or, of blocks, in a period in which this chain has none.
		TooOld,
		/// It was reported before: for this account, this kind and this era.
		AlreadyReported,
		/// The account has nothing left to lose.
		NothingToLose,
		/// The proof has more than [`MAX_PROOF_BYTES`].
		TooLong,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::prune()
		}

		fn integrity_test() {
			assert!(T::HistoryEras::get() > 0, "HistoryEras must be at least 1");
			assert!(T::MaxAuthors::get() > 0, "MaxAuthors must be at least 1");
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

		/// Reports an author that sealed twice in one slot. Without signature or fee; valid by its proof.
		///
		/// Emits `EquivocationReported`.
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::report_block_equivocation(encoded_bytes(proof)), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_report_block_equivocation(encoded_bytes(proof)))]
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
}
