//! What calls and hooks cost.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{fungible::Inspect, Get},
	BoundedVec,
};
use frame_system::RawOrigin;
use issuance_primitives::{Closing, Demand, EraLedger, Merits as EraMerits, PerPot, Work, STCI, UNIT};
use pallet_traits::{AttendanceHook, EraHook};
use sp_runtime::Perbill;

/// The era that is open.
const OPEN: u32 = 100_000;

/// Merits in every pot.
fn merits() -> EraMerits {
	PerPot {
		treasury: 0,
		..PerPot::from_fn(|_| 123_456_789 * UNIT + 1)
	}
}

/// What an era came to in which two like these earned.
fn closed() -> EraLedger {
	EraLedger {
		closing: Closing {
			ceiling: 1_000 * STCI,
			usage: Perbill::from_percent(10),
			rate: STCI / 5,
			gross: 700 * STCI,
			pots: PerPot::from_fn(|_| 100 * STCI - 1),
		},
		totals: merits().plus(merits()),
		created: 100 * STCI - 1,
		..Default::default()
	}
}

/// The open era, before which none has expired that could be claimed.
fn open<T: Config>() -> u32 {
	let from = OPEN.saturating_sub(T::ExpiryEras::get());
	OpenEra::<T>::mutate(|open| open.era = OPEN);
	Expiry::<T>::put(Progress {
		swept: from,
		expired: from,
	});
	from
}

/// An era of this number is closed, and all of its pots are committed.
fn keep<T: Config>(era: u32) {
	let ledger = closed();
	SupplyOf::<T>::mutate(|supply| {
		supply.created += ledger.created;
		supply.committed += ledger.committed();
	});
	Ledgers::<T>::insert(era, ledger);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// All kinds of work were done, the treasury is paid, and the oldest era expires.
	#[benchmark]
	fn era_started() {
		let oldest = open::<T>();
		keep::<T>(oldest);
		let work = Work {
			units: 100 * UNIT,
			paid: 20 * STCI,
		};
		Demanded::<T>::put(Demand {
			storage: work,
			compute: work,
			plots: 0,
		});
		Totals::<T>::put(merits());

		#[block]
		{
			Pallet::<T>::era_started(OPEN + 1, &[7; 32]);
		}

		assert!(Ledgers::<T>::get(OPEN).is_some_and(|ledger| ledger.created > 0));
		assert!(Ledgers::<T>::get(oldest).is_some_and(|ledger| ledger.expired > 0));
	}

	#[benchmark]
	fn authored() {
		open::<T>();
		let author: T::AccountId = account("author", 0, 0);

		#[block]
		{
			Pallet::<T>::authored(&author);
		}

		assert!(Merits::<T>::contains_key(OPEN, &author));
	}

	/// Of an account that does not exist yet.
	#[benchmark]
	fn claim(n: Linear<1, { T::MaxEras::get() }>) {
		open::<T>();
		let earner: T::AccountId = account("earner", 0, 0);
		let eras: alloc::vec::Vec<u32> = (OPEN - n..OPEN).collect();
		for era in &eras {
			keep::<T>(*era);
			Merits::<T>::insert(era, &earner, merits());
		}
		let eras = BoundedVec::truncate_from(eras);

		#[extrinsic_call]
		_(RawOrigin::Signed(account("anyone", 0, 0)), earner.clone(), eras);

		assert!(T::Currency::balance(&earner) >= 200 * STCI);
	}

	/// An era expires, loses its merits, and is over.
	#[benchmark]
	fn sweep(n: Linear<0, { T::MaxSwept::get() }>) {
		let oldest = open::<T>();
		let before = oldest - 1;
		Expiry::<T>::put(Progress {
			swept: before,
			expired: before,
		});
		keep::<T>(before);
		for index in 0..n {
			let earner: T::AccountId = account("earner", index, 0);
			Merits::<T>::insert(before, earner, merits());
		}

		#[block]
		{
			Pallet::<T>::sweep(n + 2);
		}

		assert_eq!(Merits::<T>::iter_prefix(before).count(), 0);
		assert!(!Ledgers::<T>::contains_key(before));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
