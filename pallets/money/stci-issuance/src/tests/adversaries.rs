//! Those that want more than they earned.

use crate::{mock::*, Error, OpenEra};
use frame_support::{assert_noop, assert_ok};
use issuance_primitives::{Pot, UNIT};
use pallet_traits::{Earnings, WorkKind};

/// Sybil has one machine and a thousand accounts: it gets what it would with one, less what is rounded away.
#[test]
fn sybil_splits_its_identity() {
	let gets = |accounts: u64| {
		let mut sum = 0;
		genesis().execute_with(|| {
			prove(1_000_000, 100);
			for who in 0..accounts {
				prove(2_000 + who, 1_000 / u128::from(accounts));
			}
			next_era();
			for who in 0..accounts {
				assert_ok!(claim(2_000 + who, &[0]));
				sum += free(2_000 + who);
			}
			check();
		});
		sum
	};
	let (one, many) = (gets(1), gets(1_000));
	assert!(many <= one && one - many < 1_000, "{one} {many}");
}

/// Mallory claims for others: they are paid, and it pays the fee.
#[test]
fn mallory_claims_for_others() {
	run(|| {
		prove(11, 100);
		next_era();
		assert_ok!(claim_by(666, 11, &[0]));
		assert_eq!((free(11), free(666)), (12 * STCI, 0));
		assert_noop!(claim(11, &[0]), Error::<Test>::NothingEarned);
	});
}

/// Procrastes waits until its era expires, to be paid out of a later ceiling as well: it is paid from none.
#[test]
fn procrastes_waits_too_long() {
	run(|| {
		prove(11, 100);
		next_era();
		for _ in 0..10 {
			next_era();
		}
		assert_noop!(claim(11, &[0]), Error::<Test>::EraExpired);
		assert_eq!((free(11), supply().committed), (0, 0));
	});
}

/// Solo is the only director in an era, and authors and votes all it can: it has the signers' share and no more.
#[test]
fn solo_is_alone_in_office() {
	run(|| {
		for _ in 0..1_200 {
			author(10);
			vote(10);
		}
		prove(11, 100);
		next_era();
		assert_ok!(claim(10, &[0]));
		assert_eq!(free(10), 4 * STCI, "a fifth of 20");
	});
}

/// Gratis is its own customer and pays itself nothing: its work takes nothing from those that were paid.
#[test]
fn gratis_works_for_nothing() {
	for (kind, pot) in [(WorkKind::Storage, Pot::Storage), (WorkKind::Compute, Pot::Compute)] {
		run(|| {
			let work = |who: AccountId, units: u128, paid: u128| {
				<Issuance as Earnings<AccountId>>::work_done(&who, kind, units * UNIT, paid);
			};
			work(11, 10, 10 * STCI);
			work(666, 1_000_000, 0);
			let ledger = next_era();
			assert_eq!(ledger.closing.gross, 2 * STCI, "ten units at 0.2");
			assert_noop!(claim(666, &[0]), Error::<Test>::NothingEarned);
			assert_ok!(claim(11, &[0]));
			assert_eq!(free(11), ledger.closing.pots.get(pot));
		});
	}
}

/// Late sends its block in the first slot of an era: it counts for the era before, once.
#[test]
fn late_is_counted_in_one_era() {
	run(|| {
		prove(11, 100);
		author(10);
		next_era();
		assert_eq!(OpenEra::<Test>::get().era, 1);
		assert_eq!((ledger(0).totals.signing, merits(10).signing), (1, 0));
	});
}
