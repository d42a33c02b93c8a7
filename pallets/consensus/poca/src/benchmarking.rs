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

/// The accounts from `first` on, with keys of their own.
fn authors<T: Config>(first: u32, count: u32) -> Vec<DirectorOf<T>> {
	(first..first.saturating_add(count))
		.map(|i| Director {
			account: account("director", i, 0),
			key: numbered::<AuthorityId>(i),
		})
		.collect()
}

/// Directors from `first` on, and after them as many standby signers, instead of those in office.
fn put_offices<T: Config>(first: u32, count: u32) {
	let standbys = authors::<T>(first.saturating_add(count), count);
	Pallet::<T>::put_offices(authors::<T>(first, count), standbys.into_iter().map(Some).collect());
}

/// An era so long that it holds any cycle of turns.
fn long_era<T: Config>() -> u64 {
	let length = T::TurnLength::get().saturating_mul(1_000_000);
	EraLength::<T>::put(length);
	length.into()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The first block of a turn after a whole cycle in which every director missed its turn, within an era, with all
	/// lists full. What others cost who are told of it is weighed by themselves.
	#[benchmark]
	fn on_initialize(d: Linear<1, { T::MaxDirectors::get() }>) {
		put_offices::<T>(0, d);
		let parent = Slot::from(long_era::<T>() * 10);
		GenesisSlot::<T>::put(parent);
		CurrentSlot::<T>::put(parent);
		Era::<T>::put(0);
		EraStarts::<T>::insert(0, parent);
		TurnAttended::<T>::put(false);
		let full = BoundedVec::<_, T::MaxDirectors>::truncate_from(alloc::vec![
			Tally { missed_slots: 1, authored_blocks: 1, missed_turns_in_a_row: 0 };
			d as usize
		]);
		Tallies::<T>::put(full);

		// The standby signer authors, so that the slots and turns of all directors are missed.
		let cycle = u64::from(T::TurnLength::get()) * u64::from(d);
		let slot = parent.saturating_add(cycle + u64::from(T::MissedSlots::get()));
		let author = Pallet::<T>::schedule()
			.standby(slot)
			.expect("there are standby signers");
		let header = PreDigest::<T::Hash> {
			slot,
			author,
			full: true,
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
		let news;

		#[block]
		{
			let directors = Directors::<T>::get();
			let (header, role) = Pallet::<T>::check_header(now, &directors).expect("a valid header");
			news = Pallet::<T>::note_block(now, &directors, &header, role);
		}

		assert_eq!(CurrentSlot::<T>::get(), slot);
		assert_eq!(news.missed.len(), d as usize);
		assert!(TurnHolder::<T>::exists());
	}

	/// With so many eras kept that one is forgotten.
	#[benchmark]
	fn enter_era() {
		let length = long_era::<T>();
		let memory = T::EraMemory::get();
		GenesisSlot::<T>::put(Slot::from(length));
		Era::<T>::put(memory);
		EraStarts::<T>::insert(1, Slot::from(length));
		NextRandomness::<T>::put(Randomness::from([1; 32]));
		let order;

		#[block]
		{
			let era = Pallet::<T>::enter_era_of(Some(Slot::from(length * 10)), Slot::from(length * 17));
			order = era.map(|era| randomness::of_order(era, &AccumulatedRandomness::<T>::get()));
		}

		assert!(order.is_some());
		assert_eq!(Era::<T>::get(), memory + 1);
		assert!(!EraStarts::<T>::contains_key(1));
	}

	#[benchmark]
	fn tick() {
		let before = Clock::<T>::get();

		#[block]
		{
			Pallet::<T>::on_finalize(frame_system::Pallet::<T>::block_number());
		}

		assert_ne!(Clock::<T>::get(), before);
	}

	/// All directors and standby signers change. The accounts' keys are looked up and not found, so that everything
	/// stays: what found ones cost more is in the second step.
	#[benchmark]
	fn renew_keys(d: Linear<1, { T::MaxDirectors::get() }>) {
		put_offices::<T>(0, d);

		#[block]
		{
			Pallet::<T>::renew_keys();
			put_offices::<T>(2 * d, d);
		}

		assert_eq!(Directors::<T>::get()[0].account, account("director", 2 * d, 0));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(1, Default::default()), crate::mock::Test);
}
