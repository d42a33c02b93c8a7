#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attendance;
mod block;
mod eras;
mod queries;
pub mod rules;
mod seats;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use queries::AuthorAccount;
pub use rules::header::{HeaderError, Position};
pub(crate) use rules::{randomness, turns};
pub use weights::WeightInfo;

use codec::{Decode, Encode, MaxEncodedLen};
use poca_primitives::AuthorityId;
use scale_info::TypeInfo;

/// The target of this pallet's logs.
pub const LOG_TARGET: &str = "runtime::poca";

/// A director.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Director<AccountId> {
	/// The account that stands behind it.
	pub account: AccountId,
	/// The key that seals its blocks and evaluates the VRF.
	pub key: AuthorityId,
}

pub(crate) type DirectorOf<T> = Director<<T as frame_system::Config>::AccountId>;

/// How a director does, since it became one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tally {
	/// Slots of its own turns in which it authored nothing. Stays at the maximum once there.
	pub missed_slots: u32,
	/// Blocks that it authored, as director or standby. Stays at the maximum once there.
	pub authored_blocks: u32,
	/// Turns of its own that it missed since it authored last. Stays at the maximum once there.
	pub missed_turns_in_a_row: u32,
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use pallet_traits::{AttendanceHook, AuthorHistory, EraHook, KeyOf, Pace, SeatVoters};
	use poca_primitives::{AuthorIndex, AuthorityId, Randomness, Slot};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Slots of a turn; at least 1.
		#[pallet::constant]
		type TurnLength: Get<u32>;

		/// How many slots in a row whoever holds a turn may miss until the next one may take it over; at least 1.
		#[pallet::constant]
		type MissedSlots: Get<u32>;

		/// How many stand by for the director of a turn, at most; at least 1.
		#[pallet::constant]
		type StandbyLine: Get<u32>;

		/// Slots of an era, if genesis says nothing else; a multiple of [`Config::TurnLength`].
		#[pallet::constant]
		type DefaultEraLength: Get<u32>;

		/// Of how many eras it is kept when they began, the current one included: of all in which something can be
		/// punished yet, and of one at least. A runtime that lowers it has to remove what is older.
		#[pallet::constant]
		type EraMemory: Get<u32>;

		/// Of how many blocks the slots are kept, the current one included; at least 1.
		#[pallet::constant]
		type SlotMemory: Get<u32>;

		/// Milliseconds of a slot, if genesis says nothing else.
		#[pallet::constant]
		type DefaultSlotDuration: Get<u64>;

		/// The fewest milliseconds that genesis may give a slot; at least 1.
		#[pallet::constant]
		type MinSlotDuration: Get<u64>;

		/// How many directors there can be; at least 1, at most 65,535.
		#[pallet::constant]
		type MaxDirectors: Get<u32>;

		/// The keys that accounts author with.
		type Keys: KeyOf<Self::AccountId, AuthorityId>;

		/// Who is told whom to let vote.
		type Voters: SeatVoters<Self::AccountId>;

		/// Who is told of eras.
		type Eras: EraHook;

		/// Who is told of those that author and those that miss their turns.
		type Attendance: AttendanceHook<Self::AccountId>;

		/// Who remembers the keys of directors and standby signers.
		type History: AuthorHistory<Self::AccountId>;

		/// How fast the markets' clock goes.
		type Pace: Pace;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The directors in the order of their turns.
	#[pallet::storage]
	pub type Directors<T: Config> = StorageValue<_, BoundedVec<Director<T::AccountId>, T::MaxDirectors>, ValueQuery>;

	/// The standby signer of each seat, in the order of [`Directors`]; none if there is none, or none any more. The
	/// only list of them.
	#[pallet::storage]
	pub type StandbySigners<T: Config> =
		StorageValue<_, BoundedVec<Option<Director<T::AccountId>>, T::MaxDirectors>, ValueQuery>;

	/// How each director does, in the order of [`Directors`].
	#[pallet::storage]
	pub type Tallies<T: Config> = StorageValue<_, BoundedVec<Tally, T::MaxDirectors>, ValueQuery>;

	/// The era in which seats were given last.
	#[pallet::storage]
	pub type SeatedIn<T: Config> = StorageValue<_, u32, OptionQuery>;

	/// Milliseconds of a slot. A genesis parameter: it never changes, or slots would no longer follow from the time.
	#[pallet::storage]
	pub type SlotDuration<T: Config> = StorageValue<_, u64, ValueQuery, T::DefaultSlotDuration>;

	/// Slots of an era. A genesis parameter as well, so that networks for tests can have short ones.
	#[pallet::storage]
	pub type EraLength<T: Config> = StorageValue<_, u32, ValueQuery, T::DefaultEraLength>;

	/// The slot of the current block; 0 at genesis.
	#[pallet::storage]
	pub type CurrentSlot<T: Config> = StorageValue<_, Slot, ValueQuery>;

	/// Who authored the current block, as director or standby: the account that its header was checked against, whoever
	/// is in office by the end of the block. It stays until the next block, so that it can be read in the state of any
	/// block.
	#[pallet::storage]
	pub type Author<T: Config> = StorageValue<_, T::AccountId, OptionQuery>;

	/// Whether the author of the current block says that it filled the block up to its own limit. It stays until the
	/// next block, for whoever reads it while the block is finalized.
	#[pallet::storage]
	pub type Full<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// Height and slot of the last [`Config::SlotMemory`] blocks, each at its height modulo that number.
	#[pallet::storage]
	pub type RecentSlots<T: Config> = StorageMap<_, Twox64Concat, u32, (u32, Slot), OptionQuery>;

	/// The slot of the first block; none before it.
	#[pallet::storage]
	pub type GenesisSlot<T: Config> = StorageValue<_, Slot, OptionQuery>;

	/// The era of the current block, counted from 0 at the first block. Only eras count that began.
	#[pallet::storage]
	pub type Era<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// The first slot of the period of each of the last [`Config::EraMemory`] eras.
	#[pallet::storage]
	pub type EraStarts<T: Config> = StorageMap<_, Twox64Concat, u32, Slot, OptionQuery>;

	/// The randomness of the current era.
	#[pallet::storage]
	pub type CurrentRandomness<T: Config> = StorageValue<_, Randomness, ValueQuery>;

	/// The randomness of the next era.
	#[pallet::storage]
	pub type NextRandomness<T: Config> = StorageValue<_, Randomness, ValueQuery>;

	/// The VRF outputs of the current era, folded into those before: what the era after next draws its randomness from.
	#[pallet::storage]
	pub type AccumulatedRandomness<T: Config> = StorageValue<_, Randomness, ValueQuery>;

	/// Whether the director of the current slot's turn is beyond reproach: it authored in the turn, or the turn was not
	/// wholly its own, because the chain began in it, or directors or the runtime changed in it.
	#[pallet::storage]
	pub type TurnAttended<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// The turn of the current block and the standby that authored the block and so holds the turn; none if its
	/// director did, and none after a change of directors or standby signers.
	#[pallet::storage]
	pub type TurnHolder<T: Config> = StorageValue<_, (u64, AuthorIndex), OptionQuery>;

	/// The markets' clock, as it stands at the end of a block and in the next one.
	#[pallet::storage]
	pub type Clock<T: Config> = StorageValue<_, rules::clock::Ticks, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An era began.
		EraStarted {
			/// Its number.
			era: u32,
			/// Its randomness.
			randomness: Randomness,
		},
		/// A director authored nothing in whole turns of its own.
		DirectorMissedTurn {
			/// Its account.
			director: T::AccountId,
			/// How many such turns have ended since the last block.
			turns: u32,
		},
	}

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Milliseconds of a slot; at least [`Config::MinSlotDuration`].
		pub slot_duration: u64,
		/// Slots of an era; a multiple of [`Config::TurnLength`].
		pub era_length: u32,
		/// The randomness of era 0, from which that of era 1 follows. Whoever makes the genesis can choose it, so that
		/// a chain that is to last takes what nobody could choose; later eras are the directors'.
		pub randomness: Randomness,
		#[doc(hidden)]
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				slot_duration: T::DefaultSlotDuration::get(),
				era_length: T::DefaultEraLength::get(),
				randomness: Randomness::default(),
				_config: PhantomData,
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			// Genesis is no block: a chain that could not run as it was configured must not start.
			assert!(
				self.slot_duration >= T::MinSlotDuration::get(),
				"genesis has a slot duration of {} ms, of which at least {} are needed",
				self.slot_duration,
				T::MinSlotDuration::get(),
			);
			let turn = T::TurnLength::get();
			assert!(
				self.era_length > 0 && self.era_length % turn == 0,
				"genesis has eras of {} slots, which hold no whole turns of {turn}",
				self.era_length,
			);
			SlotDuration::<T>::put(self.slot_duration);
			EraLength::<T>::put(self.era_length);
			CurrentRandomness::<T>::put(self.randomness);
			NextRandomness::<T>::put(randomness::of_era(0, &self.randomness));
			AccumulatedRandomness::<T>::put(self.randomness);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let directors = Directors::<T>::get();
			let weight = T::WeightInfo::on_initialize(u32::try_from(directors.len()).unwrap_or(u32::MAX));
			// A header that breaks the rules makes the block invalid, and the only way for a hook to say so is to
			// panic. Nobody can bring it about in a valid block: an author checks its own header, and everyone else
			// refuses the block.
			match Self::check_header(now, &directors) {
				Ok((header, role)) => {
					let news = Self::note_block(now, &directors, &header, role);
					// The clock goes on when the block ends.
					weight
						.saturating_add(Self::tell(&news))
						.saturating_add(T::WeightInfo::tick())
				}
				Err(error) => panic!("invalid POCA header: {error}"),
			}
		}

		fn on_finalize(_: BlockNumberFor<T>) {
			Clock::<T>::mutate(|clock| *clock = clock.next(T::Pace::stands(), T::Pace::is_slow()));
		}

		/// A runtime may bring another turn length. The turn that is on was then wholly nobody's. What the schedule is
		/// made of stays as it is: nodes have asked for the schedule of the first block before this runs.
		fn on_runtime_upgrade() -> Weight {
			TurnAttended::<T>::put(true);
			// It cannot be refused any more: a block that panics here would be the end of the chain.
			if !Self::eras_hold_whole_turns() {
				log::error!(
					target: LOG_TARGET,
					"The eras of this chain hold no whole turns of {} slots: upgrade to turns that divide {}",
					T::TurnLength::get(),
					EraLength::<T>::get(),
				);
			}
			T::DbWeight::get().reads_writes(1, 1)
		}

		fn integrity_test() {
			let turn = T::TurnLength::get();
			let era = T::DefaultEraLength::get();
			assert!(turn > 0, "TurnLength must be at least one slot");
			assert!(T::MissedSlots::get() > 0, "MissedSlots must be at least one slot");
			assert!(T::StandbyLine::get() > 0, "StandbyLine must be at least one");
			assert!(T::EraMemory::get() > 0, "EraMemory must be at least one era");
			assert!(T::SlotMemory::get() > 0, "SlotMemory must be at least one block");
			assert!(era > 0 && era % turn == 0, "an era must hold whole turns");
			assert!(
				T::MinSlotDuration::get() > 0,
				"MinSlotDuration must be at least a millisecond"
			);
			assert!(
				T::DefaultSlotDuration::get() >= T::MinSlotDuration::get(),
				"the default slot duration is too short"
			);
			assert!(
				(1..=u32::from(u16::MAX)).contains(&T::MaxDirectors::get()),
				"MaxDirectors must be from 1 to 65,535"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
