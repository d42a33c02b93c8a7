//! What the hooks cost.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::traits::Hooks;
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest};
use sp_runtime::{
	generic::Digest,
	traits::{One, UniqueSaturatedInto},
};

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A block that holds its parent final.
	#[benchmark]
	fn on_initialize() {
		let number = frame_system::Pallet::<T>::block_number();
		let parent = T::Hash::default();
		let finalized = FinalizedRef {
			number: number.unique_saturated_into(),
			hash: parent,
		};
		let header = PreDigest {
			slot: 2.into(),
			author: 0,
			vrf: None,
			finalized,
		};
		let now = number + One::one();
		Finalized::<T>::put(FinalizedRef {
			number: 0,
			hash: parent,
		});
		frame_system::Pallet::<T>::initialize(
			&now,
			&parent,
			&Digest {
				logs: alloc::vec![pre_digest_item(&header)],
			},
		);

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_eq!(Pallet::<T>::finality_lag(), 1);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(1), crate::mock::Test);
}
