//! What counts, for whom, and in which era.

use crate::{mock::*, Demanded, Totals};
use device_primitives::DeviceId;
use issuance_primitives::{Merits, UNIT};
use pallet_traits::{Earnings, WorkKind};

fn work(who: AccountId, kind: WorkKind, units: u128, paid: u128) {
	<Issuance as Earnings<AccountId>>::work_done(&who, kind, units, paid);
}

#[test]
fn a_block_is_worth_a_point_and_a_vote_on_record_three() {
	run(|| {
		author(10);
		author(10);
		author(11);
		vote(11);
		assert_eq!((merits(10).signing, merits(11).signing), (2, 4));
		assert_eq!(Totals::<Test>::get().signing, 6);
		next_era();
		assert_eq!(merits(10), Merits::default(), "each era has its own");
		assert_eq!(Totals::<Test>::get(), Merits::default());
	});
}

#[test]
fn each_kind_of_work_has_its_pot() {
	run(|| {
		prove(10, 5);
		<Issuance as Earnings<AccountId>>::bytes_carried(&10, 7);
		work(10, WorkKind::Storage, UNIT, STCI);
		work(10, WorkKind::Compute, 2 * UNIT, STCI);
		let expected = Merits {
			plots: 5 * UNIT,
			bandwidth: 7,
			storage: UNIT,
			compute: 2 * UNIT,
			..Default::default()
		};
		assert_eq!(merits(10), expected);
		let demand = Demanded::<Test>::get();
		// At 0.2 STCI a unit, however much more was paid.
		assert_eq!((demand.storage.units, demand.storage.paid), (UNIT, STCI / 5));
		assert_eq!((demand.compute.units, demand.compute.paid), (2 * UNIT, STCI * 2 / 5));
		let ledger = next_era();
		assert_eq!(Demanded::<Test>::get(), Default::default());
		// 1 GiB and 2 units for 0.6 STCI, and plots for one more.
		assert_eq!(ledger.closing.gross, STCI * 16 / 10);
	});
}

/// Everything is in use in an era: what is done in the next one counts by the little that a unit earned then.
#[test]
fn work_counts_at_the_rate_of_the_era_before() {
	run(|| {
		Stored::set((100, 100));
		next_era();
		work(10, WorkKind::Storage, UNIT, STCI);
		let storage = Demanded::<Test>::get().storage;
		assert_eq!((storage.units, storage.paid), (UNIT, STCI / 25));
		Stored::set((0, 0));
	});
}

#[test]
fn probes_count_for_the_owner_of_an_active_device() {
	run(|| {
		let [active, suspended, unknown] = [1, 2, 3].map(|byte| DeviceId([byte; 32]));
		register(active, 10, true);
		register(suspended, 11, false);
		for device in [active, suspended, unknown] {
			<Issuance as Earnings<AccountId>>::probe_answered(&device);
		}
		assert_eq!((merits(10).discovery, merits(11).discovery), (1, 0));
	});
}

#[test]
fn nothing_leaves_no_entry() {
	run(|| {
		prove(10, 0);
		work(10, WorkKind::Storage, UNIT, 0);
		assert_eq!(crate::Merits::<Test>::iter().count(), 0);
	});
}
