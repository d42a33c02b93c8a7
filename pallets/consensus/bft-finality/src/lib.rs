#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod finalized;
mod record;
mod voters;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use finalized::FinalizedError;
pub use pallet::*;
pub use weights::WeightInfo;

/// The target of this pallet's logs.
pub const LOG_TARGET: &str = "runtime::bft-finality";

/// What the pool is told of a vote that this state cannot judge, but a later one may: `UnknownTransaction::Custom` of
/// this. What is unknown is not banned, so that a node that is a block behind takes the vote when it has caught up.
pub const AHEAD: u8 = 1;

/// Makes a block known whose vote a benchmark records.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper {
	/// From now on [`Config::Slots`] knows this slot of the block at this height.
	fn note_slot(number: u32, slot: poca_primitives::Slot);
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use bft_finality_primitives::{SetId, SignedVote, VoterId, VoterIndex, DEFAULT_RELAXED_MARGIN};
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use pallet_traits::{KeyOf, SlotOfBlock, VoteHook, VoterHistory};
	use poca_primitives::FinalizedRef;
	use sp_core::H256;
	use sp_runtime::traits::UniqueSaturatedInto;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>, Hash = H256> {
		/// How many voters there can be; at least 1, at most [`bft_finality_primitives::MAX_VOTERS`].
		#[pallet::constant]
		type MaxVoters: Get<u32>;

		/// The keys that accounts vote with.
		type Keys: KeyOf<Self::AccountId, VoterId>;

		/// Who remembers which account voted with which key in which set.
		type History: VoterHistory<Self::AccountId>;

		/// Told of votes that go on record.
		type OnVote: VoteHook<Self::AccountId>;

		/// The slots of recent blocks: of a period at least.
		type Slots: SlotOfBlock;

		/// Blocks of a period, in which each voter may show one vote; at least 1, less than `BlockHashCount`.
		#[pallet::constant]
		type VotePeriod: Get<u32>;

		/// Makes blocks known to [`Config::Slots`], for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The id of the newest voter set. It only grows.
	#[pallet::storage]
	pub type CurrentSetId<T: Config> = StorageValue<_, SetId, ValueQuery>;

	/// The voters of the newest set, in the order that certificates' bitmaps use.
	#[pallet::storage]
	pub type Voters<T: Config> = StorageValue<_, BoundedVec<VoterId, T::MaxVoters>, ValueQuery>;

	/// The accounts behind [`Voters`], in the same order. An account that hands its key to another one leaves the set
	/// with it.
	#[pallet::storage]
	pub type VoterAccounts<T: Config> = StorageValue<_, BoundedVec<T::AccountId, T::MaxVoters>, ValueQuery>;

	/// The block that changed to the newest set; 0 for that of genesis.
	#[pallet::storage]
	pub type ChangedAt<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// How many relaxed votes end the newest set, as its change has said; that of genesis, as its margin says. A quorum
	/// if the 51% rule is off, and 0 on a chain whose genesis knew no such rule, which switches it off as well.
	#[pallet::storage]
	pub type RelaxedQuorum<T: Config> = StorageValue<_, VoterIndex, ValueQuery>;

	/// By how many votes a relaxed quorum is above half of the voters; none, and the 51% rule is off. It counts for the
	/// sets that come.
	#[pallet::storage]
	pub type RelaxedMargin<T: Config> = StorageValue<_, u32, OptionQuery>;

	/// Who is to vote next, and with which key, as soon as the last change is final.
	#[pallet::storage]
	pub type WantedVoters<T: Config> = StorageValue<_, BoundedVec<(T::AccountId, VoterId), T::MaxVoters>, OptionQuery>;

	/// What the author of the current block says it held final; none before the first block.
	#[pallet::storage]
	pub type Finalized<T: Config> = StorageValue<_, FinalizedRef<T::Hash>, OptionQuery>;

	/// Which voters are on record.
	#[derive(CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
	#[scale_info(skip_type_params(MaxVoters))]
	pub struct RecordOfPeriod<MaxVoters: Get<u32>> {
		/// Of which set.
		pub set_id: SetId,
		/// In which period.
		pub period: u32,
		/// For each voter of the set, whether it is.
		pub voted: BoundedVec<bool, MaxVoters>,
	}

	/// Which voters are on record, in the last period in which any is.
	#[pallet::storage]
	pub type RecordedVotes<T: Config> = StorageValue<_, RecordOfPeriod<T::MaxVoters>, OptionQuery>;

	/// What the chain starts with.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// By how many votes a relaxed quorum is above half of the voters, at least 1; `None` (`null`) switches the 51%
		/// rule off. So does whatever makes it a quorum.
		pub relaxed_margin: Option<u32>,
		#[doc(hidden)]
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				relaxed_margin: Some(DEFAULT_RELAXED_MARGIN),
				_config: Default::default(),
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			// With half of the voters two sides of a partition could both change them. Genesis is no block: a chain
			// that is configured so must not start.
			assert!(
				self.relaxed_margin != Some(0),
				"relaxedMargin is at least 1, or null for no 51% rule"
			);
			RelaxedMargin::<T>::set(self.relaxed_margin);
			// The session pallet may have named the voters before, or does after.
			Pallet::<T>::relax_genesis();
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// This block changes the voters. They vote on what follows it, once it is final.
		VotersChanged {
			/// The id of the new set.
			set_id: SetId,
			/// How many voters it has.
			voters: u32,
		},
		/// A voter has shown that it votes.
		VoteRecorded {
			/// Its account.
			voter: T::AccountId,
			/// The period: the block's number, divided by [`Config::VotePeriod`].
			period: u32,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// It is not a Commit for a block of its set's own, or it is a relaxed one.
		NotACommit,
		/// It is of an earlier voter set than the newest.
		OtherSet,
		/// Its block is of a period that is over.
		OtherPeriod,
		/// Its voter set or its block is ahead of what this block knows.
		Ahead,
		/// The set has no such voter.
		NotAVoter,
		/// A vote of this voter is on record in this period.
		AlreadyRecorded,
		/// Its block is not on this chain.
		UnknownBlock,
		/// It names another slot than its block's.
		OtherSlot,
		/// The voter did not sign it.
		BadSignature,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			// A header that breaks the rules makes the block invalid, and the only way for a hook to say so is to
			// panic. Nobody can bring it about in a valid block: an author checks its own header, and everyone else
			// refuses the block.
			match Self::check_header(now) {
				Ok(finalized) => {
					Finalized::<T>::put(finalized);
					let change = Self::change_voters(now, finalized.number);
					T::WeightInfo::on_initialize().saturating_add(change)
				}
				Err(error) => panic!("invalid finality in the header: {error}"),
			}
		}

		fn integrity_test() {
			let most = u32::try_from(bft_finality_primitives::MAX_VOTERS).unwrap_or(u32::MAX);
			assert!(
				(1..=most).contains(&T::MaxVoters::get()),
				"MaxVoters must be from 1 to {most}"
			);
			let remembered: u32 = T::BlockHashCount::get().unique_saturated_into();
			assert!(
				(1..remembered).contains(&T::VotePeriod::get()),
				"VotePeriod must be from 1 to below BlockHashCount: the chain must know the blocks of votes"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Puts a voter's vote on record, once in a period. No account signs and nobody pays: the vote's own signature
		/// authorizes it. Nodes send it by themselves.
		///
		/// - `vote`: a Commit of a voter of the newest set, for a block of the current period, in that block's slot.
		///
		/// # Errors `NotACommit`, `OtherSet`, `OtherPeriod`, `Ahead`, `NotAVoter`, `AlreadyRecorded`, `UnknownBlock`,
		/// `OtherSlot`, `BadSignature`; in the pool they show as invalid transactions, but for `Ahead` and
		/// `UnknownBlock`, which show as unknown.
		///
		/// # Events
		/// `VoteRecorded`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::record_vote())]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_record_vote())]
		#[pallet::authorize(|_source, vote| Self::authorize_vote(vote))]
		pub fn record_vote(origin: OriginFor<T>, vote: SignedVote) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_record_vote(&vote)
		}
	}
}
