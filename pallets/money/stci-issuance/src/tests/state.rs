//! What the check of state sees: one entry of honest books is changed, and the check says what does not hold then.

use crate::{mock::*, Expiry, Ledgers, Merits, OpenEra, Progress, Schedule, SupplyOf, Totals};
use issuance_primitives::EraLedger;

/// The books of a chain with a closed era and an open one, in each of which somebody earned; `lie` changes them.
fn sees(what: &'static str, lie: impl FnOnce()) {
	genesis().execute_with(|| {
		prove(11, 100);
		next_era();
		prove(11, 100);
		check();
		lie();
		assert_eq!(Issuance::do_try_state(), Err(what.into()));
	});
}

/// The same, of what is kept of the closed era: 12 STCI for plots and 2 that the treasury has been paid.
fn sees_in_ledger(what: &'static str, lie: impl FnOnce(&mut EraLedger)) {
	sees(what, || {
		let mut ledger = ledger(0);
		lie(&mut ledger);
		Ledgers::<Test>::insert(0, ledger);
	});
}

#[test]
fn more_than_the_cap_is_seen() {
	sees("there is never more than the cap", || {
		SupplyOf::<Test>::mutate(|supply| supply.genesis = Schedule::<Test>::get().cap);
	});
}

#[test]
fn eras_out_of_order_are_seen() {
	let order = "eras expire one after the other, and are swept then";
	for (swept, expired) in [(1, 0), (0, 2)] {
		sees(order, || Expiry::<Test>::put(Progress { swept, expired }));
	}
	sees("merits are of eras that are not swept", || {
		Expiry::<Test>::put(Progress { swept: 1, expired: 1 });
	});
	sees("merits are of eras that are not swept", || {
		Merits::<Test>::insert(2, 11, merits(11));
	});
	sees("ledgers are of closed eras", || {
		Ledgers::<Test>::insert(1, EraLedger::default());
	});
}

#[test]
fn sums_that_are_not_of_their_parts_are_seen() {
	sees("the total is that of all", || {
		Totals::<Test>::mutate(|all| all.plots += 1);
	});
	sees("what is committed is what nobody has claimed", || {
		SupplyOf::<Test>::mutate(|supply| supply.committed -= 1);
	});
	sees("what was created stays created", || {
		OpenEra::<Test>::mutate(|open| open.created += 1);
	});
	sees("what eras were paid was created", || {
		OpenEra::<Test>::mutate(|open| open.created = 0);
		SupplyOf::<Test>::mutate(|supply| supply.created -= 1);
	});
}

#[test]
fn eras_that_give_more_than_they_have_are_seen() {
	sees("nothing is committed to an era that has expired", || {
		Expiry::<Test>::put(Progress { swept: 0, expired: 1 });
	});
	sees_in_ledger("an era that has not expired has lost nothing", |ledger| {
		ledger.expired = 1;
	});
	let allots = "an era allots what it earned at most, and that is what it might";
	sees_in_ledger(allots, |ledger| ledger.closing.pots.signing = 7 * STCI);
	sees_in_ledger(allots, |ledger| ledger.closing.ceiling = 20 * STCI - 1);
	sees_in_ledger("no more is created of an era than it allotted", |ledger| {
		ledger.created = 14 * STCI + 1;
	});
	sees_in_ledger("merits are part of the total", |ledger| ledger.totals.plots -= 1);
	sees_in_ledger("whoever has not claimed can still be paid", |ledger| {
		ledger.created += 1;
	});
}
