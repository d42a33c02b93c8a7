//! What the hooks cost.

use crate::*;
use alloc::vec::Vec;
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Get, Hooks},
	BoundedVec,
};
use poca_primitives::{pre_digest_item, AuthorityId, FinalizedRef, PreDigest, Randomness, Slot};
use sp_runtime::{
	generic::Digest,
	traits::{One, TrailingZeroInput},
};

/// Whatever decodes from a number followed by zeros.
fn numbered<D: Decode>(number: u32) -> D {
	D::decode(&mut TrailingZeroInput::new(&number.to_le_bytes())).expect("zeros go on for ever")
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The first block of a turn after a whole cycle in which every director missed its turn, within an era. Of what hooks of other
	/// pallets cost by themselves, that of the block's author and of the first missed turns is part of it.
	#[benchmark]
	fn on_initialize(d: Linear<1, { T::MaxDirectors::get() }>) {
		let directors: Vec<_> = (0..d)
			.map(|i| Director {
				account: account("director", i, 0),
				key: numbered::<AuthorityId>(i),
			})
			.collect();
		Pallet::<T>::set_directors(directors, Vec::new());
		// Longer than a cycle of turns.
		let era = u64::from(T::TurnLength::get()) * 1_000_000;
		EraLength::<T>::put(era as u32);
		let parent = Slot::from(era * 10);
		GenesisSlot::<T>::put(parent);
		CurrentSlot::<T>::put(parent);
		Era::<T>::put(0);
		TurnAttended::<T>::put(false);
		let full = BoundedVec::<_, T::MaxDirectors>::truncate_from(alloc::vec![
			Record { missed_slots: 1, authored_blocks: 1, missed_turns_in_a_row: 0 };
			d as usize
		]);
		Records::<T>::put(full);

		let cycle = u64::from(T::TurnLength::get()) * u64::from(d);
		let slot = parent.saturating_add(cycle);
		let author = Pallet::<T>::schedule().director(slot).expect("there are directors");
		let header = PreDigest::<T::Hash> {
			slot,
			author,
			vrf: Some(numbered(0)),
			finalized: FinalizedRef {
				number: 0,
				hash: Default::default(),
			},
		};
		let now = frame_system::Pallet::<T>::block_number() + One::one();
		frame_system::Pallet::<T>::initialize(
			&now,
			&Default::default(),
			&Digest {
				logs: alloc::vec![pre_digest_item(&header)],
			},
		);

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_eq!(CurrentSlot::<T>::get(), slot);
		// All but the author, which attends to its next turn.
		let missed = Records::<T>::get()
			.iter()
			.filter(|record| record.missed_slots > 1)
			.count();
		assert!(missed + 1 >= d as usize);
	}

	#[benchmark]
	fn enter_era() {
		let length = u64::from(EraLength::<T>::get());
		GenesisSlot::<T>::put(Slot::from(length * 10));
		NextRandomness::<T>::put(Randomness::from([1; 32]));

		#[block]
		{
			Pallet::<T>::enter_era_of(Slot::from(length * 17));
		}

		assert_eq!(Era::<T>::get(), 7);
	}

	/// All directors and standby signers change. The accounts' keys are looked up and not found, so that everything stays: what
	/// found ones cost more is in the second step.
	#[benchmark]
	fn renew_keys(d: Linear<1, { T::MaxDirectors::get() }>) {
		let directors = |first: u32| -> Vec<_> {
			(first..first + d)
				.map(|i| Director {
					account: account("director", i, 0),
					key: numbered::<AuthorityId>(i),
				})
				.collect()
		};
		let set = |first: u32| {
			let standbys = directors(first + d).into_iter().map(Some).collect();
			Pallet::<T>::set_directors(directors(first), standbys);
		};
		set(0);

		#[block]
		{
			Pallet::<T>::renew_keys();
			set(2 * d);
		}

		assert_eq!(Directors::<T>::get()[0].account, account("director", 2 * d, 0));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(1, Default::default()), crate::mock::Test);
}
