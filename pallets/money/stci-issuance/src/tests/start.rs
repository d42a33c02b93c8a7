//! Genesis, and a chain that runs already.

use crate::{mock::*, Begin, Expiry, GenesisConfig, OpenEra, Schedule, Supply, SupplyOf};
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, Hooks, OnRuntimeUpgrade},
	weights::Weight,
};
use issuance_primitives::Terms;
use pallet_testkit::Eras;
use sp_runtime::Perbill;

#[test]
fn genesis_counts_what_there_is_and_takes_its_schedule() {
	run(|| {
		assert_eq!(Schedule::<Test>::get(), issuance_primitives::Schedule::real());
		assert_eq!(
			supply(),
			Supply {
				genesis: GENESIS,
				created: 0,
				committed: 0
			}
		);
	});
	let quick = GenesisConfig {
		start: 8,
		halving_eras: 2,
		..Default::default()
	};
	genesis_with(GENESIS, quick).execute_with(|| {
		let ceilings: Vec<_> = (0..10).map(|_| next_era().closing.ceiling).collect();
		assert_eq!(ceilings, [8, 8, 4, 4, 2, 2, 1, 1, 0, 0]);
		check();
	});
}

#[test]
#[should_panic(expected = "zero eras")]
fn a_genesis_that_halves_after_no_era_is_refused() {
	let schedule = GenesisConfig {
		halving_eras: 0,
		..Default::default()
	};
	genesis_with(GENESIS, schedule);
}

/// Terms that contradict themselves, and eras that could not be claimed: no such runtime passes its tests.
#[test]
fn a_runtime_that_contradicts_itself_is_refused() {
	let is_refused = || std::panic::catch_unwind(<Issuance as Hooks<_>>::integrity_test).is_err();
	assert!(!is_refused());
	let mut terms = Terms::real();
	terms.split.signing = Perbill::one();
	Governed::set(terms);
	assert!(is_refused(), "more than all is given away");
	Governed::set(Terms::real());
	ExpiryEras::set(0);
	assert!(is_refused(), "an era ends and has expired");
	ExpiryEras::set(10);
}

/// What pallets after this one bring into existence at genesis counts as well.
#[test]
fn the_first_block_counts_genesis_once_more_and_no_other_does() {
	run(|| {
		Balances::mint_into(&5, STCI).expect("exists then");
		Issuance::on_initialize(1);
		assert_eq!(supply().genesis, GENESIS + STCI);
		assert_eq!(OpenEra::<Test>::get().issuance, GENESIS + STCI);
		Balances::mint_into(&5, STCI).expect("exists");
		Issuance::on_initialize(2);
		assert_eq!(supply().genesis, GENESIS + STCI);
	});
}

/// A chain whose genesis is the state of another one begins with height 1 again, and goes on with what that owes.
#[test]
fn the_first_block_of_a_fork_takes_nothing_back() {
	run(|| {
		for claimed in [true, false] {
			prove(11, 100);
			let era = OpenEra::<Test>::get().era;
			next_era();
			if claimed {
				assert_ok!(claim(11, &[era]));
			}
		}
		let (before, open) = (supply(), OpenEra::<Test>::get());
		assert!(before.created > 0 && before.committed > 0);
		Issuance::on_initialize(1);
		assert_eq!((supply(), OpenEra::<Test>::get()), (before, open));
		check();
		// However long ago it earned something, and whatever has been swept of it.
		for _ in 0..20 {
			next_era();
		}
		Issuance::on_idle(2, Weight::MAX);
		assert!(progress().0 > 0);
		let before = supply();
		Issuance::on_initialize(1);
		assert_eq!(supply(), before);
	});
}

#[test]
fn on_a_chain_that_runs_it_begins_in_the_current_era_once() {
	run(|| {
		SupplyOf::<Test>::kill();
		OpenEra::<Test>::kill();
		Expiry::<Test>::kill();
		Eras::set(700);
		Begin::<Test>::on_runtime_upgrade();
		assert_eq!((OpenEra::<Test>::get().era, progress()), (700, (700, 700)));
		assert_eq!(supply().genesis, GENESIS);
		prove(5, 10);
		let ledger = next_era();
		assert!(ledger.closing.pots.plots > 0);
		let (before, open) = (supply(), OpenEra::<Test>::get());
		Begin::<Test>::on_runtime_upgrade();
		assert_eq!((supply(), OpenEra::<Test>::get()), (before, open), "not twice");
	});
}
