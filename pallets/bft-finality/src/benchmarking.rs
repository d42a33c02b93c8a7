//! What the hooks cost.

use crate::*;
use alloc::vec::Vec;
use bft_finality_primitives::VoterId;
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Get, Hooks},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest, SeatVoters};
use sp_runtime::{
	generic::Digest,
	traits::{One, TrailingZeroInput, UniqueSaturatedInto},
};

/// Whatever decodes from a number followed by zeros.
fn numbered<D: Decode>(number: u32) -> D {
	D::decode(&mut TrailingZeroInput::new(&number.to_le_bytes())).expect("zeros go on for ever")
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The digest of a block that holds its parent final.
	fn initialize<T: Config>() -> BlockNumberFor<T> {
		let number = frame_system::Pallet::<T>::block_number();
		let parent = T::Hash::default();
		let header = PreDigest {
			slot: 2.into(),
			author: 0,
			vrf: None,
			finalized: FinalizedRef {
				number: number.unique_saturated_into(),
				hash: parent,
			},
		};
		let now = number + One::one();
		Finalized::<T>::put(FinalizedRef {
			number: 0,
			hash: parent,
		});
		let digest = Digest {
			logs: alloc::vec![pre_digest_item(&header)],
		};
		frame_system::Pallet::<T>::initialize(&now, &parent, &digest);
		now
	}

	/// A block that holds its parent final.
	#[benchmark]
	fn on_initialize() {
		let now = initialize::<T>();

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_eq!(Pallet::<T>::finality_lag(), 1);
	}

	/// All voters change.
	#[benchmark]
	fn change_voters(v: Linear<1, { T::MaxVoters::get() }>) {
		let accounts = |first: u32| (first..first + v).map(|i| account::<T::AccountId>("voter", i, 0));
		let keys = |first: u32| (first..first + v).map(numbered::<VoterId>);
		Voters::<T>::put(BoundedVec::truncate_from(keys(0).collect()));
		VoterAccounts::<T>::put(BoundedVec::truncate_from(accounts(0).collect()));
		Pallet::<T>::want_voters(accounts(v).zip(keys(v)));
		let now = initialize::<T>();

		#[block]
		{
			Pallet::<T>::change_voters(now, 0);
		}

		assert_eq!(CurrentSetId::<T>::get(), 1);
	}

	/// Accounts without keys: a key is found or not at the same cost, but for decoding it, which the next step is about.
	#[benchmark]
	fn seat_voters(v: Linear<1, { T::MaxVoters::get() }>) {
		let accounts: Vec<T::AccountId> = (0..v).map(|i| account("voter", i, 0)).collect();

		#[block]
		{
			Pallet::<T>::seat_voters(&accounts);
			Pallet::<T>::want_voters(accounts.into_iter().zip((0..v).map(numbered::<VoterId>)));
		}

		assert!(WantedVoters::<T>::exists());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(1), crate::mock::Test);
}
