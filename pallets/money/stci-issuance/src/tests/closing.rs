//! Closing an era.

use crate::{mock::*, Event, GenesisConfig, Ledgers, Merits, SupplyOf};
use frame_support::traits::{
	fungible::Mutate,
	tokens::{Fortitude, Precision, Preservation},
};
use issuance_primitives::{Pots, Terms, UNIT};
use pallet_traits::{Earnings, EraHook, WorkKind};
use sp_runtime::Perbill;

#[test]
fn an_era_that_nobody_worked_in_creates_nothing() {
	run(|| {
		author(10);
		vote(10);
		let ledger = next_era();
		assert_eq!((ledger.closing.gross, ledger.closing.pots), (0, Pots::default()));
		assert_eq!((supply().created, supply().committed), (0, 0));
	});
}

/// 100 GiB proven, nothing used: 20 STCI, of which 60 % for plots, 20 % for signers, 10 % for the treasury. Nobody
/// carried bytes or answered probes: these 10 % are not created.
#[test]
fn an_era_pays_plots_signers_and_the_treasury() {
	run(|| {
		author(10);
		prove(11, 100);
		let ledger = next_era();
		assert_eq!(ledger.closing.ceiling, 1_000 * STCI);
		assert_eq!(ledger.closing.gross, 20 * STCI);
		let expected = Pots {
			plots: 12 * STCI,
			signing: 4 * STCI,
			treasury: 2 * STCI,
			..Default::default()
		};
		assert_eq!(ledger.closing.pots, expected);
		assert_eq!(free(TREASURY), 2 * STCI);
		assert_eq!((supply().created, supply().committed), (2 * STCI, 16 * STCI));
		assert_eq!(
			events(),
			[Event::EraClosed {
				era: 0,
				ceiling: 1_000 * STCI,
				usage: Perbill::from_percent(0),
				pots: expected,
				created: 2 * STCI,
				burned: 0,
			}]
		);
		check();
	});
}

#[test]
fn plots_are_bought_with_half_of_the_ceiling_at_most_and_only_while_usage_is_low() {
	run(|| {
		prove(11, 1_000_000);
		assert_eq!(next_era().closing.gross, 500 * STCI);
		Stored::set((30, 100));
		prove(11, 1_000_000);
		assert_eq!(next_era().closing.gross, 0);
		// Compute in use counts as storage does.
		Stored::set((0, 0));
		Computed::set((30, 100));
		prove(11, 1_000_000);
		assert_eq!(next_era().closing.gross, 0);
		Computed::set((0, 0));
	});
}

#[test]
fn the_cap_is_never_crossed() {
	let cap = issuance_primitives::Schedule::real().cap;
	let schedule = || GenesisConfig {
		start: 40,
		..Default::default()
	};
	for (left, gross) in [(100, 20), (30, 15), (1, 0), (0, 0)] {
		genesis_with(cap - left, schedule()).execute_with(|| {
			for era in 0..50 {
				prove(11, 1_000);
				let ledger = next_era();
				if era == 0 {
					assert_eq!(ledger.closing.gross, gross, "half of what is left, or of 40");
				}
				check();
				let supply = supply();
				assert!(supply.created + supply.committed <= left);
			}
		});
	}
	// Nor if genesis was above it.
	genesis_with(cap + 5, schedule()).execute_with(|| {
		prove(11, 1_000);
		assert_eq!(next_era().closing.ceiling, 0);
		check();
	});
}

#[test]
fn the_ledger_says_what_was_burned() {
	run(|| {
		prove(11, 100);
		next_era();
		claim(11, &[0]).expect("is paid");
		Balances::burn_from(
			&1,
			7 * STCI,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		)
		.expect("has it");
		prove(11, 100);
		let (before, ledger) = (ledger(0), next_era());
		assert_eq!(ledger.burned, 7 * STCI);
		// 12 STCI were claimed in it, and 2 are the treasury's.
		assert_eq!(ledger.issuance, before.issuance + 14 * STCI - 7 * STCI);
		assert_eq!(next_era().burned, 0);
	});
}

#[test]
fn work_earns_what_was_paid_at_most_and_all_are_cut_alike_above_the_ceiling() {
	run(|| {
		let work = |units, paid| {
			<Issuance as Earnings<AccountId>>::work_done(&11, WorkKind::Storage, units * UNIT, paid);
		};
		work(100, 3 * STCI);
		assert_eq!(next_era().closing.gross, 3 * STCI);
		work(1_000_000, 1_000_000 * STCI);
		assert_eq!(next_era().closing.gross, 1_000 * STCI);
	});
}

#[test]
fn a_treasury_that_cannot_exist_gets_nothing_and_nothing_is_created_for_it() {
	run(|| {
		ExistentialDeposit::set(1_000 * STCI);
		prove(11, 100);
		let ledger = next_era();
		assert_eq!(ledger.closing.pots.treasury, 0);
		assert_eq!((supply().created, free(TREASURY)), (0, 0));
		check();
		ExistentialDeposit::set(1);
	});
}

#[test]
fn terms_that_contradict_themselves_count_for_nothing() {
	run(|| {
		let mut terms = Terms::real();
		terms.split.signing = Perbill::one();
		Governed::set(terms);
		author(10);
		prove(11, 100);
		assert_eq!(next_era().closing.pots.signing, 4 * STCI);
		Governed::set(Terms::real());
	});
}

/// With many earners, closing touches as much as with one.
#[test]
fn closing_an_era_costs_the_same_however_many_earned() {
	let cost = |earners: u64| {
		let mut chain = genesis();
		chain.execute_with(|| (0..earners).for_each(|who| prove(100 + who, 1)));
		chain.commit_all().expect("commits");
		chain.execute_with(|| {
			next_era();
			assert_eq!(Merits::<Test>::iter_prefix(0).count() as u64, earners);
		});
		// Values that the closing wrote.
		chain.overlayed_changes().changes().count()
	};
	assert_eq!(cost(1), cost(2_000));
}

#[test]
fn an_era_is_closed_once() {
	run(|| {
		prove(11, 100);
		let before = next_era();
		<Issuance as EraHook>::era_started(1, &[0; 32]);
		<Issuance as EraHook>::era_started(0, &[0; 32]);
		assert_eq!(ledger(0), before);
		assert_eq!(crate::OpenEra::<Test>::get().era, 1);
	});
}

/// Books that were cooked so that sums agree: what is owed vanishes, or was paid to nobody.
#[test]
fn ledgers_that_lie_are_found() {
	run(|| {
		prove(11, 100);
		let (honest, kept) = (next_era(), supply());
		let owed = honest.committed();
		SupplyOf::<Test>::mutate(|supply| supply.committed = 0);
		let mut lie = honest;
		lie.expired = owed;
		Ledgers::<Test>::insert(0, lie);
		assert!(Issuance::do_try_state().is_err(), "it has not expired");
		let mut lie = honest;
		lie.created += owed;
		Ledgers::<Test>::insert(0, lie);
		Merits::<Test>::remove(0, 11);
		assert!(Issuance::do_try_state().is_err(), "nothing was created for it");
		let mut lie = honest;
		lie.closing.gross = lie.closing.ceiling + 1;
		Ledgers::<Test>::insert(0, lie);
		SupplyOf::<Test>::put(kept);
		assert!(Issuance::do_try_state().is_err(), "above the ceiling");
		Ledgers::<Test>::insert(0, honest);
		check();
	});
}
