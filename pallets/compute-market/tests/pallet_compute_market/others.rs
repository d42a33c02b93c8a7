//! What others are told and may ask: pallets that have something computed, payments that wait for it, issuance and
//! competence, and the chain as a customer.

use crate::{
	chain::*,
	customer::{Told, Waiting},
	workers::{conduct, Conduct},
};
use compute_market_primitives::{Assurance, Price, TaskAccepted};
use frame_support::{assert_ok, weights::Weight};
use pallet_compute_market::{Computed, Event, Jobs, LastJob, Live, MAX_BEFORE_CHAIN};

#[test]
fn a_pallet_has_something_computed_and_is_called_back() {
	run(|| {
		set_workers(1..=5);
		assert_ok!(Customer::compute(origin(USER), spec(2), MAX));
		let id = LastJob::<Test>::get();
		until_done(id);
		let done = Now::get();
		assert!(Told::<Test>::get(id).is_none(), "it can be appealed still");
		while Told::<Test>::get(id).is_none() {
			block();
		}
		assert_eq!(Now::get(), done + 31);
		let (told, root) = Told::<Test>::get(id).expect("told");
		assert_eq!((told.job, told.accepted, told.without), (id, 2, 0));
		assert_eq!((told.root, root), (root, Some(agreed(id, 0).accepted.outcome.root)));
		// It is told once, and the job can be closed.
		blocks(60);
		assert_ok!(ComputeMarket::close_job(origin(USER), id));
	});
}

#[test]
fn a_pallet_is_called_back_where_nothing_comes_of_it() {
	run(|| {
		set_workers(1..=2);
		assert_ok!(Customer::compute(origin(USER), spec(2), MAX));
		blocks(40);
		let (told, root) = Told::<Test>::get(1).expect("told");
		assert_eq!((told.accepted, told.without, told.root, root), (0, 2, None, None));
		assert!(Waiting::<Test>::get(1).is_none());
		assert_eq!(free(USER), RICH);
	});
}

/// While something is run again it waits.
#[test]
fn a_pallet_is_not_called_back_while_something_is_run_again() {
	run(|| {
		set_workers(1..=3);
		(1..=3).for_each(|number| conduct(number, Conduct::Lies(3)));
		assert_ok!(Customer::compute(origin(USER), spec(1), MAX));
		let id = LastJob::<Test>::get();
		until_done(id);
		set_workers(10..=26);
		blocks(15);
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		(10..=26).for_each(|number| conduct(number, Conduct::Slow(10)));
		while Told::<Test>::get(id).is_none() {
			block();
		}
		let (told, _) = Told::<Test>::get(id).expect("told");
		assert_eq!(
			told.root,
			Some(crate::workers::truth(id, 0).root),
			"the one that stands"
		);
		assert!(
			Now::get() > agreed(id, 0).accepted.at + 30,
			"that can be appealed as well"
		);
	});
}

#[test]
fn a_payment_waits_until_nobody_appeals() {
	run(|| {
		set_workers(1..=5);
		let id = submit(2, Assurance::Quorum);
		let asked = |job, unit, root| ComputeMarket::is_accepted(&TaskAccepted { job, unit, root });
		assert!(!asked(id, 0, None));
		until_done(id);
		let root = agreed(id, 0).accepted.outcome.root;
		let at = agreed(id, 0).accepted.at;
		while Now::get() < at + 30 {
			block();
		}
		assert!(!asked(id, 0, None));
		block();
		assert!(asked(id, 0, None) && asked(id, 0, Some(root)));
		assert!(!asked(id, 0, Some([1; 32])) && !asked(id, 2, None) && !asked(id + 1, 0, None));
	});
}

#[test]
fn what_is_accepted_counts() {
	run(|| {
		set_workers(1..=5);
		let id = submit(10, Assurance::Quorum);
		until_done(id);
		assert!(job(id).counts);
		// Half a Gfuel each, three times for each of ten units; what was paid for it is told with it.
		assert_eq!(work().len(), 30);
		assert!(work().iter().all(|(_, units, paid)| (*units, *paid) == (1 << 31, 400)));
		assert_eq!(ComputeMarket::take_paid_fuel(), 30 * u128::from(LIMIT / 2));
		assert_eq!(ComputeMarket::take_paid_fuel(), 0, "it is told once");
		let sum: u128 = (1..=5)
			.map(|number| u128::from(ComputeMarket::of(&device(number))))
			.sum();
		let total = ComputeMarket::total();
		assert!(sum <= total, "{sum} {total}");
		let all = 30_u128 << 31;
		assert!(total <= all && total > all / 100 * 98, "{total} of {all}");
		// It decays.
		blocks(700);
		let later = ComputeMarket::total();
		assert!(later < all * 52 / 100 && later > all * 46 / 100, "{later}");
	});
}

#[test]
fn what_is_done_for_nothing_counts_for_nothing() {
	run(|| {
		MarketTerms::mutate(|terms| terms.least_ask = Price(801));
		set_workers(1..=5);
		until_done(submit(3, Assurance::Quorum));
		assert_eq!((work().len(), ComputeMarket::total()), (0, 0));
	});
}

#[test]
fn the_chain_has_units_run_again_while_it_wants() {
	run(|| {
		set_workers(1..=9);
		let id = submit(6, Assurance::Quorum);
		until_done(id);
		blocks(10);
		assert_eq!(count(|event| matches!(event, Event::UnitChecked(..))), 0);
		let (paid, told) = (free(CHAIN), work().len());
		let fuel = ComputeMarket::take_paid_fuel();
		assert!(fuel > 0);
		Payer::set(Some(CHAIN));
		// Customers come first.
		let live = Live::<Test>::get();
		Live::<Test>::put(MAX_BEFORE_CHAIN + 1);
		begin_block();
		idle(Weight::from_parts(1_000_000, 0));
		assert_eq!(count(|event| matches!(event, Event::UnitChecked(..))), 0);
		Live::<Test>::put(live);
		block();
		let begun = count(|event| matches!(event, Event::UnitChecked(..)));
		assert_eq!(begun, 1, "one a block at most");
		Payer::set(None);
		blocks(25);
		let upheld = count(|event| matches!(event, Event::UnitUpheld(..)));
		assert_eq!(upheld, 1);
		// Three others were paid by the chain; that is no usage, and is no customer's pay, but it is competence.
		assert_eq!(paid - free(CHAIN), 3 * 400);
		assert_eq!((ComputeMarket::take_paid_fuel(), work().len()), (0, told));
		assert!(Jobs::<Test>::get(id).is_some_and(|job| job.checks == 0));
	});
}
