//! Workers: offers, tickets, stakes, and devices that go.

use crate::{
	chain::*,
	workers::{conduct, Conduct},
};
use compute_market_primitives::Assurance;
use frame_support::{assert_noop, assert_ok, traits::fungible::hold::Inspect, BoundedVec};
use pallet_compute_market::{Error, Event, HoldReason, TicketCount, WorkTickets, Workers};
use pallet_traits::DeviceHook;

fn deposit_of(who: u64) -> u128 {
	Balances::balance_on_hold(&HoldReason::Worker.into(), &who)
}

#[test]
fn a_ticket_is_for_what_is_proven() {
	run(|| {
		let tickets = |rate: u32| {
			proves(1, rate);
			assert_ok!(ComputeMarket::set_worker(origin(1), device(1), Some(offer(1))));
			check();
			TicketCount::<Test>::get()
		};
		// One for each 100 Mfuel a tick, 32 at most.
		assert_eq!(tickets(1_000), 10);
		assert_eq!(tickets(1_001), 11);
		assert_eq!(tickets(1), 1);
		assert_eq!(tickets(0), 0);
		assert_eq!(tickets(1_000_000), 32);
	});
}

#[test]
fn tickets_leave_no_gap() {
	run(|| {
		set_workers(1..=5);
		assert_eq!(TicketCount::<Test>::get(), 50);
		for number in [2, 5, 1] {
			assert_ok!(ComputeMarket::set_worker(origin(number.into()), device(number), None));
			check();
		}
		assert_eq!(TicketCount::<Test>::get(), 20);
		assert!((0..20).all(|at| WorkTickets::<Test>::contains_key(at)));
	});
}

#[test]
fn nobody_offers_what_is_another_s() {
	run(|| {
		let set = |who, offer| ComputeMarket::set_worker(origin(who), device(1), offer);
		assert_noop!(set(2, Some(offer(1))), Error::<Test>::NotYours);
		assert_noop!(set(1, None), Error::<Test>::NoWorker);
		assert_noop!(set(1, Some(offer(0))), Error::<Test>::BadOffer);
		let mut other = offer(1);
		other.engines = BoundedVec::truncate_from(vec![3]);
		assert_noop!(set(1, Some(other)), Error::<Test>::NoSuchEngine);
		suspend(1, true);
		assert_noop!(set(1, Some(offer(1))), Error::<Test>::NotYours);
		suspend(1, false);
		assert_ok!(set(1, Some(offer(1))));
		assert_noop!(set(2, None), Error::<Test>::NotYours);
		assert_noop!(
			ComputeMarket::add_stake(origin(2), device(1), 1),
			Error::<Test>::NotYours
		);
		assert_noop!(
			ComputeMarket::withdraw_stake(origin(2), device(1), 1),
			Error::<Test>::NotYours
		);
		assert_noop!(
			ComputeMarket::add_stake(origin(1), device(1), 0),
			Error::<Test>::Nothing
		);
	});
}

#[test]
fn a_stake_leaves_after_28_eras() {
	run(|| {
		set_workers([1]);
		let (before, withdraw) = (free(1), |amount| {
			ComputeMarket::withdraw_stake(origin(1), device(1), amount)
		});
		assert_noop!(withdraw(STAKE + 1), Error::<Test>::StakeTooSmall);
		assert_noop!(withdraw(0), Error::<Test>::TooEarly);
		assert_ok!(withdraw(STAKE / 2));
		assert_noop!(withdraw(STAKE), Error::<Test>::StakeTooSmall);
		blocks(279);
		assert_noop!(withdraw(0), Error::<Test>::TooEarly);
		blocks(1);
		assert_ok!(withdraw(0));
		assert_eq!((free(1), worker(1).stake), (before + STAKE / 2, STAKE / 2));
		check();
		// What is added to what leaves makes that wait anew.
		assert_ok!(withdraw(1_000));
		blocks(200);
		assert_ok!(withdraw(1_000));
		blocks(100);
		assert_noop!(withdraw(0), Error::<Test>::TooEarly);
		blocks(180);
		assert_ok!(withdraw(0));
		assert_eq!(worker(1).stake, STAKE / 2 - 2_000);
	});
}

#[test]
fn what_answers_for_a_job_stays() {
	run(|| {
		set_workers(1..=3);
		let id = submit(3, Assurance::Quorum);
		until_out(id);
		assert_eq!(worker(1).locked, 200_000);
		assert_noop!(
			ComputeMarket::withdraw_stake(origin(1), device(1), STAKE - 199_999),
			Error::<Test>::StakeTooSmall
		);
		assert_ok!(ComputeMarket::withdraw_stake(origin(1), device(1), STAKE - 200_000));
		check();
		// And what leaves answers for no other job.
		let other = submit(3, Assurance::Quorum);
		blocks(30);
		assert!(
			pallet_compute_market::Jobs::<Test>::get(other).is_none(),
			"only two have something at stake"
		);
	});
}

#[test]
fn nothing_is_kept_of_who_has_left() {
	run(|| {
		set_workers([1]);
		assert_eq!(deposit_of(1), 1_000);
		assert_ok!(ComputeMarket::set_worker(origin(1), device(1), None));
		assert_eq!(count(|event| *event == Event::WorkerLeft(device(1))), 1);
		assert_ok!(ComputeMarket::withdraw_stake(origin(1), device(1), STAKE));
		blocks(280);
		assert_ok!(ComputeMarket::withdraw_stake(origin(1), device(1), 0));
		assert!(!Workers::<Test>::contains_key(device(1)));
		assert_eq!((deposit_of(1), free(1)), (0, RICH));
	});
}

/// Whoever is gone or suspended is given nothing more; what it had it is late with, and others do.
#[test]
fn a_device_that_is_suspended_is_given_nothing() {
	run(|| {
		set_workers(1..=6);
		let id = submit(30, Assurance::Quorum);
		until_out(id);
		suspend(3, true);
		conduct(3, Conduct::Silent);
		assert_eq!(worker(3).tickets, 0);
		let given = member(id, 3).work.given;
		until_done(id);
		assert_eq!(job(id).accepted, 30);
		assert_eq!(member(id, 3).work.given, given);
		assert!(member(id, 3).work.out);
		assert!(!<ComputeMarket as DeviceHook<u64>>::may_be_transferred(&device(3)));
		blocks(61);
		assert_ok!(ComputeMarket::close_job(origin(USER), id));
		assert!(<ComputeMarket as DeviceHook<u64>>::may_be_transferred(&device(3)));
	});
}
