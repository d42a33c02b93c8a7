//! Claims.

use crate::{mock::*, Error, Event, Merits, MAX_CLAIMABLE};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use issuance_primitives::PerPot;
use sp_runtime::{DispatchError, TokenError};

#[test]
fn a_claim_pays_what_was_earned_by_pot() {
	run(|| {
		author(11);
		author(10);
		prove(11, 75);
		prove(12, 25);
		next_era();
		assert_ok!(claim(11, &[0]));
		// Three quarters of 12 STCI, and half of 4.
		assert_eq!(free(11), 11 * STCI);
		let amounts = PerPot {
			plots: 9 * STCI,
			signing: 2 * STCI,
			..Default::default()
		};
		assert!(events().contains(&Event::Claimed {
			account: 11,
			era: 0,
			amounts
		}));
		assert_eq!(supply().committed, 5 * STCI);
		assert_ok!(claim(12, &[0]));
		assert_ok!(claim(10, &[0]));
		assert_eq!((free(12), free(10)), (3 * STCI, 2 * STCI));
		assert_eq!((supply().committed, Merits::<Test>::iter().count()), (0, 0));
		check();
	});
}

#[test]
fn what_is_wrong_is_refused_and_changes_nothing() {
	run(|| {
		prove(11, 100);
		next_era();
		prove(11, 100);
		assert_noop!(claim(11, &[]), Error::<Test>::NoEras);
		assert_noop!(claim(11, &[0, 0]), Error::<Test>::EraTwice);
		assert_noop!(claim(11, &[0, 1]), Error::<Test>::EraOpen);
		assert_noop!(claim(11, &[u32::MAX]), Error::<Test>::EraOpen);
		assert_noop!(claim(12, &[0]), Error::<Test>::NothingEarned);
		assert_ok!(claim(11, &[0]));
		assert_noop!(claim(11, &[0]), Error::<Test>::NothingEarned);
		for _ in 0..10 {
			next_era();
		}
		assert_ok!(claim(11, &[1]));
		next_era();
		assert_noop!(claim(11, &[1]), Error::<Test>::EraExpired);
	});
}

/// What was paid already, among what was not: nobody gets a part of what a claim names.
#[test]
fn a_batch_is_paid_whole_or_not_at_all() {
	run(|| {
		for _ in 0..3 {
			prove(11, 100);
			next_era();
		}
		assert_ok!(claim(11, &[1]));
		assert_noop!(claim(11, &[0, 1, 2]), Error::<Test>::NothingEarned);
		assert_ok!(claim(11, &[2, 0]));
		assert_eq!(free(11), 36 * STCI);
	});
}

/// Who signed blocks in an era that created nothing has merits of it, and nothing to claim.
#[test]
fn what_is_worth_nothing_is_not_claimed() {
	run(|| {
		author(1);
		next_era();
		assert_noop!(claim(1, &[0]), Error::<Test>::NothingEarned);
		assert_eq!(free(1), GENESIS);
	});
}

/// Whoever signs may claim, and pays the fee; root may not.
#[test]
fn nobody_claims_without_a_signature() {
	run(|| {
		prove(11, 100);
		next_era();
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			let eras = BoundedVec::truncate_from(vec![0]);
			assert_noop!(Issuance::claim(origin, 11, eras), DispatchError::BadOrigin);
		}
		assert_eq!(free(11), 0);
	});
}

/// Four accounts over six eras: whatever the order and the batches, each has the same in the end.
#[test]
fn order_and_batches_change_nothing() {
	let end = |batches: &[&[u32]], accounts: &[u64]| {
		let mut all = Vec::new();
		genesis().execute_with(|| {
			for era in 0..6 {
				for who in 10..14 {
					prove(who, 7 * u128::from(who) + era);
					author(who);
				}
				next_era();
			}
			for eras in batches {
				for who in accounts {
					assert_ok!(claim(*who, eras));
				}
			}
			check();
			all = (10..14).map(free).collect();
		});
		all
	};
	let once = end(&[&[0, 1, 2, 3, 4, 5]], &[10, 11, 12, 13]);
	assert_eq!(end(&[&[5], &[3], &[0], &[1], &[2], &[4]], &[13, 10, 12, 11]), once);
	assert_eq!(end(&[&[5, 0, 2], &[4, 3, 1]], &[11, 13, 10, 12]), once);
}

/// What is rounded away is never created: it expires with the era.
#[test]
fn dust_is_not_created() {
	run(|| {
		// Half of the ceiling, of which 60 % are for plots, does not divide by seven.
		for who in 10..17 {
			prove(who, 1_000_000);
		}
		let allotted = next_era().closing.pots.plots;
		for who in 10..17 {
			assert_ok!(claim(who, &[0]));
			assert_eq!(free(who), allotted / 7);
		}
		assert_eq!((supply().committed, allotted), (6, 300 * STCI));
		check();
	});
}

#[test]
fn what_would_not_keep_an_account_alive_is_not_lost() {
	run(|| {
		ExistentialDeposit::set(20 * STCI);
		prove(11, 100);
		next_era();
		prove(11, 100);
		next_era();
		assert_noop!(claim(11, &[0]), TokenError::BelowMinimum);
		assert_ok!(claim(11, &[0, 1]));
		assert_eq!(free(11), 24 * STCI);
		ExistentialDeposit::set(1);
	});
}

#[test]
fn what_can_be_claimed_is_told_the_oldest_first() {
	run(|| {
		for _ in 0..3 {
			prove(11, 100);
			next_era();
		}
		assert_ok!(claim(11, &[1]));
		let amounts = PerPot {
			plots: 12 * STCI,
			..Default::default()
		};
		assert_eq!(Issuance::claimable(11), [(0, amounts), (2, amounts)]);
		assert_eq!(Issuance::claimable(12), []);
		assert_eq!(Issuance::ledger(0), Some(ledger(0)));
		assert_eq!(Issuance::ledger(3), None);
		let (era, ceiling, usage) = Issuance::open_era();
		assert_eq!((era, ceiling, usage.deconstruct()), (3, 1_000 * STCI, 0));
	});
}

/// Idle signs for as many eras as an answer names before anybody has a plot: that hides nothing of what it earns then.
#[test]
fn eras_that_bring_nothing_hide_none_that_bring_something() {
	run(|| {
		ExpiryEras::set(2_000);
		let idle = u32::try_from(MAX_CLAIMABLE).expect("is small");
		for _ in 0..idle {
			author(10);
			next_era();
		}
		assert_eq!(Issuance::claimable(10), [], "nothing was created");
		author(10);
		prove(11, 100);
		next_era();
		let eras: Vec<u32> = Issuance::claimable(10).iter().map(|(era, _)| *era).collect();
		assert_eq!(eras, [idle]);
		assert_ok!(claim(10, &eras));
		assert_eq!((free(10), Issuance::claimable(10).len()), (4 * STCI, 0));
		ExpiryEras::set(10);
	});
}
