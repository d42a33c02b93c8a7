//! # BFT finality: the voter set on chain, and how far finality lags
//!
//! Votes and certificates never reach the chain: finality runs beside it, in the nodes. What the chain holds is who votes, and
//! what each author said it holds final, so that the runtime can tell how far finality lags behind.
//!
//! # Terms
//! - **Voter set**, **set id**: see [`bft_finality_primitives`].
//! - **Finalized**: the highest ancestor that the author of a block held final, as its header says.
//! - **Finality lag**: the blocks between a block and the one that its header holds final.
//!
//! # Assumptions
//! - Header verification in the node has checked the ancestry of what a header holds final. This pallet checks it again as far as
//!   the chain remembers hashes, which is `BlockHashCount` blocks, and that it never goes back.
//! - An author may name less than it knows to be final: the lag is an upper bound that needs no trust to be one.
//!
//! # Not covered
//! Changes of the voter set. The set of genesis stays in force, with set id 0, whatever the session pallet announces; where that
//! differs from the set, it is logged. Scheduled changes and equivocation reports are to come.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod finalized;
mod session;
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

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use bft_finality_primitives::{SetId, VoterId};
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use poca_primitives::FinalizedRef;

	/// The version of the storage that this code reads and writes.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// How many voters there can be; at least 1, at most [`bft_finality_primitives::MAX_VOTERS`].
		#[pallet::constant]
		type MaxVoters: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The id of the voter set in force. It only grows.
	#[pallet::storage]
	pub type CurrentSetId<T: Config> = StorageValue<_, SetId, ValueQuery>;

	/// The voters of the set in force, in the order that certificates' bitmaps use.
	#[pallet::storage]
	pub type Voters<T: Config> = StorageValue<_, BoundedVec<VoterId, T::MaxVoters>, ValueQuery>;

	/// What the author of the current block held final; none before the first block.
	#[pallet::storage]
	pub type Finalized<T: Config> = StorageValue<_, FinalizedRef<T::Hash>, OptionQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			// A header that breaks the rules makes the block invalid, and the only way for a hook to say so is to panic. Nobody
			// can bring it about in a valid block: an author checks its own header, and everyone else refuses the block.
			match Self::check_header(now) {
				Ok(finalized) => Finalized::<T>::put(finalized),
				Err(error) => panic!("invalid finality in the header: {error}"),
			}
			T::WeightInfo::on_initialize()
		}

		fn integrity_test() {
			let most = u32::try_from(bft_finality_primitives::MAX_VOTERS).unwrap_or(u32::MAX);
			assert!(
				(1..=most).contains(&T::MaxVoters::get()),
				"MaxVoters must be from 1 to {most}"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
