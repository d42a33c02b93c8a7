#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod claims;
mod earning;
mod eras;
mod migration;
mod queries;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

pub use issuance_primitives::Balance;
pub use migration::Begin;
pub use pallet::*;
pub use queries::{MAX_CLAIMABLE, MAX_SEARCHED};
pub use types::{Opened, Progress, Supply};
pub use weights::WeightInfo;

/// The target of this pallet's logs.
pub const LOG_TARGET: &str = "runtime::stci-issuance";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Inspect, Mutate},
	};
	use frame_system::pallet_prelude::*;
	use issuance_primitives::{Demand, EraLedger, PerPot, Terms};
	use pallet_traits::{Devices, EraClock, UsageOfMarkets};
	use sp_runtime::{traits::One, Perbill};

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// STCI.
		type Currency: Inspect<Self::AccountId, Balance = Balance> + Mutate<Self::AccountId>;

		/// The eras, for the migration that begins this pallet on a chain that runs already.
		type EraClock: EraClock;

		/// The devices, whose owners are paid for answered probes.
		type Devices: Devices<Self::AccountId>;

		/// How much of what is proven customers use.
		type Usage: UsageOfMarkets;

		/// The governed parameters. If they contradict themselves, those count that the project began with.
		type Terms: Get<Terms>;

		/// For how many eras after its end an era can be claimed (governed); at least 1. If it falls, many eras expire
		/// at once, and are swept over many blocks.
		type ExpiryEras: Get<u32>;

		/// The account that the treasury's pot is paid to.
		type TreasuryAccount: Get<Self::AccountId>;

		/// What a block is worth in points, to whoever authors it.
		#[pallet::constant]
		type BlockPoints: Get<u32>;

		/// What a vote on record is worth in points.
		#[pallet::constant]
		type VotePoints: Get<u32>;

		/// How many eras one claim may name.
		#[pallet::constant]
		type MaxEras: Get<u32>;

		/// How many merits of expired eras a block removes at most, if it has time to spare; at least 1.
		#[pallet::constant]
		type MaxSwept: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// What the project began with.
	#[pallet::type_value]
	pub fn RealSchedule() -> issuance_primitives::Schedule {
		issuance_primitives::Schedule::real()
	}

	/// How much an era may create. Set at genesis, and never after.
	#[pallet::storage]
	pub type Schedule<T: Config> = StorageValue<_, issuance_primitives::Schedule, ValueQuery, RealSchedule>;

	/// All STCI, by where it comes from.
	#[pallet::storage]
	pub type SupplyOf<T: Config> = StorageValue<_, Supply, ValueQuery>;

	/// The open era.
	#[pallet::storage]
	pub type OpenEra<T: Config> = StorageValue<_, Opened, ValueQuery>;

	/// The merits of all in the open era.
	#[pallet::storage]
	pub type Totals<T: Config> = StorageValue<_, issuance_primitives::Merits, ValueQuery>;

	/// What customers paid for in the open era, as it counts. Its plots are among the totals.
	#[pallet::storage]
	pub type Demanded<T: Config> = StorageValue<_, Demand, ValueQuery>;

	/// What each earned in an era, as long as it has not been paid and the era has not been swept.
	#[pallet::storage]
	pub type Merits<T: Config> =
		StorageDoubleMap<_, Twox64Concat, u32, Blake2_128Concat, T::AccountId, issuance_primitives::Merits, ValueQuery>;

	/// What closed eras came to, and how much of that has been created: of those that can be claimed, and of those
	/// that have expired and are not swept yet.
	#[pallet::storage]
	pub type Ledgers<T: Config> = StorageMap<_, Twox64Concat, u32, EraLedger>;

	/// How far eras have expired.
	#[pallet::storage]
	pub type Expiry<T: Config> = StorageValue<_, Progress, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An era was closed: what it created can be claimed.
		EraClosed {
			/// Which.
			era: u32,
			/// What it might have created at most, in planck.
			ceiling: Balance,
			/// How much of what is proven customers used.
			usage: Perbill,
			/// What it allots, by pot, in planck. The treasury's has been paid.
			pots: PerPot<Balance>,
			/// What was created in the course of it, of earlier eras and for the treasury, in planck.
			created: Balance,
			/// What was burned in the course of it, in planck.
			burned: Balance,
		},
		/// What an account earned in an era was created and paid to it.
		Claimed {
			/// The account.
			account: T::AccountId,
			/// The era.
			era: u32,
			/// How much of each pot, in planck.
			amounts: PerPot<Balance>,
		},
		/// An era can be claimed no more.
		EraExpired {
			/// Which.
			era: u32,
			/// What of it nobody had claimed, in planck: later eras may create it.
			amount: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// No era is named.
		NoEras,
		/// An era is named twice.
		EraTwice,
		/// An era has not been closed yet: claim it after it has ended.
		EraOpen,
		/// An era has expired, or was before STCI was issued.
		EraExpired,
		/// The account earned nothing in an era, or has been paid for it, or what it earned in all these eras together
		/// is less than a planck.
		NothingEarned,
	}

	/// How much an era may create: by default the real numbers.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// What the first eras may create each, in planck.
		pub start: Balance,
		/// After how many eras this is halved; at least 1.
		pub halving_eras: u32,
		#[doc(hidden)]
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			let real = issuance_primitives::Schedule::real();
			Self {
				start: real.start,
				halving_eras: real.halving_eras,
				_config: PhantomData,
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(
				self.halving_eras > 0,
				"genesis halves what an era creates after zero eras"
			);
			Schedule::<T>::put(issuance_primitives::Schedule {
				start: self.start,
				halving_eras: self.halving_eras,
				..issuance_primitives::Schedule::real()
			});
			Pallet::<T>::begin(0);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			if !now.is_one() {
				return Weight::zero();
			}
			// Once more: pallets whose genesis comes after this one's may have brought accounts into existence. Not if
			// genesis is the state of another chain: what that created and owes stays so.
			if !Self::has_closed() {
				Self::note_genesis();
			}
			T::DbWeight::get().reads_writes(4, 2)
		}

		fn on_idle(_: BlockNumberFor<T>, left: Weight) -> Weight {
			Self::sweep_within(left)
		}

		fn integrity_test() {
			assert!(T::Terms::get().check().is_ok(), "the terms contradict themselves");
			assert!(T::ExpiryEras::get() >= 1, "an era can be claimed after its end");
			assert!(
				T::MaxEras::get() >= 1 && T::MaxSwept::get() >= 1,
				"one era can be claimed at least, and one merit swept"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Creates what an account earned in closed eras, and pays it to that account. Anyone may send this, for
		/// whomever; it pays all of these eras or none.
		///
		/// - `account`: who is paid.
		/// - `eras`: which eras, in whatever order.
		///
		/// # Errors
		/// `NoEras`, `EraTwice`, `EraOpen`, `EraExpired`, `NothingEarned`; that of the currency if the account does not
		/// exist and this would not bring it into existence: nothing is lost, claim more eras together.
		///
		/// # Events
		/// `Claimed` for each era.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::claim(eras.len().try_into().unwrap_or(u32::MAX)))]
		pub fn claim(origin: OriginFor<T>, account: T::AccountId, eras: BoundedVec<u32, T::MaxEras>) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(&account, &eras)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an account can claim: eras, the oldest first, with what it gets of each pot in planck. At most
		/// [`MAX_CLAIMABLE`] eras, of the oldest [`MAX_SEARCHED`] that can be claimed: claim these, and ask again.
		pub fn claimable(account: T::AccountId) -> Vec<(u32, PerPot<Balance>)> {
			Self::claimable_of(&account)
		}

		/// What a closed era came to; none if it is open, or has expired and is swept.
		pub fn ledger(era: u32) -> Option<EraLedger> {
			Ledgers::<T>::get(era)
		}

		/// The number of the open era, what it may create at most as things stand, in planck, and how much of what is
		/// proven customers use in it so far.
		pub fn open_era() -> (u32, Balance, Perbill) {
			Self::open_era_now()
		}

		/// For how many eras after its end an era can be claimed, as holders have it now; at least 1.
		pub fn expiry_eras() -> u32 {
			T::ExpiryEras::get().max(1)
		}
	}
}
