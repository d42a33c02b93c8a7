#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod code;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;

pub use code::PendingCode;
pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pending code of a runtime.
	pub type PendingCodeOf<T> = PendingCode<<T as frame_system::Config>::Hash, BlockNumberFor<T>>;

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// Who may take back code that waits.
		type CancelOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// For how many blocks code waits; at least 1. A parameter that may change: what waits keeps its time.
		type Delay: Get<BlockNumberFor<Self>>;

		/// How many bytes code may have: at least what a block can carry.
		#[pallet::constant]
		type MaxCodeBytes: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The code that waits: its hash, and when it comes into force.
	#[pallet::storage]
	pub type Pending<T: Config> = StorageValue<_, PendingCodeOf<T>>;

	/// The bytes of the code that waits.
	#[pallet::storage]
	pub type Code<T: Config> = StorageValue<_, BoundedVec<u8, T::MaxCodeBytes>>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Code was set, and waits. Nodes compile it now.
		Waits {
			/// Its hash.
			hash: T::Hash,
			/// The block at whose start it comes into force; the next one is the first that it runs.
			due: BlockNumberFor<T>,
			/// The hash of the code that waited until now, and never comes into force.
			replaces: Option<T::Hash>,
		},
		/// The code that waited was taken back.
		Cancelled {
			/// Its hash.
			hash: T::Hash,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The code has no bytes.
		NoCode,
		/// The code has more than `MaxCodeBytes` bytes: compress it.
		CodeTooLong,
		/// No code waits.
		NothingWaits,
		/// Another runtime comes into force in this very block, and code is compared with the one before: set it in the
		/// next block.
		ChangesNow,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::put_in_force_if_due(now)
		}

		fn integrity_test() {
			assert!(
				T::MaxCodeBytes::get() >= 1,
				"MaxCodeBytes of pallet-upgrades is 0: it must be at least 1"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Takes back the code that waits.
		///
		/// # Errors
		/// `NothingWaits`.
		///
		/// # Events
		/// `Cancelled`.
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::cancel(), DispatchClass::Operational))]
		pub fn cancel(origin: OriginFor<T>) -> DispatchResult {
			T::CancelOrigin::ensure_origin(origin)?;
			Self::do_cancel()
		}

		/// Does nothing: what the runtime that a test upgrades to has, and the one before has not.
		#[cfg(feature = "new-call")]
		#[pallet::call_index(255)]
		#[pallet::weight(Weight::from_parts(10_000_000, 0))]
		pub fn do_nothing(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(())
		}
	}
}
