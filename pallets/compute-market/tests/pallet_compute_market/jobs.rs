//! Jobs from their submission to their end.

use crate::{
	chain::*,
	workers::{conduct, truth, Conduct},
};
use compute_market_primitives::{Assurance, JobStage, Pay, Price, Source, Spec, UnitCounts, UnitStage};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use pallet_compute_market::{
	Boards, Error, Event, Faults, Jobs, Live, Pools, Results, Stage, Units, MAX_CLEARED, MAX_LIVE,
};

fn deposit(units: u32) -> u128 {
	StateDeposits::get().of_job(units)
}

#[test]
fn a_job_is_pooled_run_paid_and_closed() {
	run(|| {
		set_workers(1..=9);
		let (issued, before) = (all(), free(USER));
		let id = submit(20, Assurance::Quorum);
		// 20 units for three at the highest price, and half as much besides.
		assert_eq!(free(USER), before - 90_000 - deposit(20));
		assert_eq!(
			ComputeMarket::job(id).expect("there").stage,
			JobStage::Pooling { since: job(id).since }
		);
		until_done(id);
		assert_eq!((job(id).accepted, job(id).undecided, job(id).faulted), (20, 0, 0));
		for unit in 0..20 {
			assert_eq!(agreed(id, unit).accepted.outcome, truth(id, unit));
			assert_eq!(agreed(id, unit).by.count_ones(), 3);
		}
		let pay = Pay::agreed(LIMIT / 2, ASK, &terms()).expect("fits");
		assert_eq!((pay.total(), pay.now, pay.later, pay.burned), (400, 304, 76, 12));
		assert_eq!(job(id).paid, 60 * 400);
		let counts = UnitCounts {
			accepted: 20,
			..UnitCounts::default()
		};
		assert_eq!(ComputeMarket::job(id).expect("there").units, counts);
		assert_eq!(
			(
				ComputeMarket::worker(device(1)).expect("set").free_stake(),
				worker(1).locked
			),
			(worker(1).free_stake(), 200_000)
		);
		assert_noop!(ComputeMarket::close_job(origin(ANYBODY), id), Error::<Test>::TooEarly);
		let workers: u128 = (1..=9).map(free).sum();
		blocks(61);
		assert_ok!(ComputeMarket::close_job(origin(ANYBODY), id));
		check();
		assert!(!Jobs::<Test>::contains_key(id) && Pools::<Test>::get(id).is_empty());
		assert_eq!(Results::<Test>::iter_prefix(id).count(), 0);
		// Each has what it has earned, and what was not needed is the user's but for the closer's hundredth.
		assert_eq!((1..=9).map(free).sum::<u128>(), workers + 60 * 380);
		let back = 90_000 - 60 * 400 + deposit(20);
		assert_eq!(free(ANYBODY), RICH + back / 100);
		assert_eq!(free(USER), before - 60 * 400 - back / 100);
		assert_eq!(issued - all(), 60 * 12, "3 % have burned");
		assert_eq!((1..=9).map(|number| worker(number).locked).sum::<u128>(), 0);
	});
}

/// What is not refused costs what the quote says.
#[test]
fn a_quote_is_what_a_job_costs() {
	run(|| {
		set_workers(1..=5);
		for assurance in [Assurance::Quorum, Assurance::Strict, Assurance::Audit] {
			let before = free(USER);
			let quote = ComputeMarket::quote_job(&spec(7), MAX, assurance).expect("there can be one");
			let id = submit(7, assurance);
			assert_eq!(before - free(USER), quote.escrow + deposit(7));
			assert_eq!((job(id).stake, job(id).fine), (quote.stake, quote.dissent));
			assert_eq!(quote.stake, 200_000);
			check();
		}
		// A unit that pays next to nothing has the least at stake.
		let quote = ComputeMarket::quote_job(&spec(1), Price(1), Assurance::Quorum).expect("there can be one");
		assert_eq!((quote.unit, quote.stake, quote.dissent), (1, LEAST, LEAST / 100));
		// Three look for 50 each.
		assert_eq!(quote.dispute, 150);
	});
}

#[test]
fn what_cannot_be_a_job_is_refused() {
	run(|| {
		let submit = |change: &dyn Fn(&mut Spec), price| {
			let mut spec = spec(1);
			change(&mut spec);
			ComputeMarket::submit_job(origin(USER), spec, price, Assurance::Quorum)
		};
		assert_noop!(submit(&|spec| spec.units = 0, MAX), Error::<Test>::TooManyUnits);
		assert_noop!(submit(&|spec| spec.units = 4_097, MAX), Error::<Test>::TooManyUnits);
		assert_noop!(submit(&|spec| spec.engine = 3, MAX), Error::<Test>::NoSuchEngine);
		assert_noop!(
			submit(&|spec| spec.program.length = 9 << 20, MAX),
			Error::<Test>::ProgramTooLarge
		);
		assert_noop!(submit(&|spec| spec.fuel_limit = 0, MAX), Error::<Test>::BadLimits);
		assert_noop!(submit(&|_| {}, Price(0)), Error::<Test>::EscrowTooSmall);
		assert_noop!(submit(&|_| {}, Price(u128::MAX)), Error::<Test>::TooMuch);
		let deal = |spec: &mut Spec| spec.source = Source::Deal(1);
		assert_noop!(submit(&deal, MAX), Error::<Test>::BadSource);
		Live::<Test>::put(MAX_LIVE);
		assert_noop!(submit(&|_| {}, MAX), Error::<Test>::QueueFull);
		Live::<Test>::put(0);
		assert_ok!(submit(&|_| {}, MAX));
	});
}

#[test]
fn a_job_without_three_owners_starves_and_has_all_back() {
	run(|| {
		set_workers(1..=2);
		let id = submit(3, Assurance::Quorum);
		blocks(30);
		assert!(!Jobs::<Test>::contains_key(id));
		assert_eq!(count(|event| *event == Event::JobStarved(id)), 1);
		assert_eq!((free(USER), Live::<Test>::get()), (RICH, 0));
		assert_eq!((worker(1).pools, worker(1).locked), (0, 0));
	});
}

/// A pool is drawn anew until there are enough.
#[test]
fn workers_that_come_in_time_save_a_job() {
	run(|| {
		set_workers(1..=2);
		let id = submit(3, Assurance::Quorum);
		blocks(6);
		set_workers([3]);
		until_done(id);
		assert_eq!(job(id).accepted, 3);
	});
}

#[test]
fn who_gives_up_before_the_pool_is_drawn_pays_for_it() {
	run(|| {
		set_workers(1..=4);
		let id = submit(10, Assurance::Quorum);
		assert_noop!(ComputeMarket::cancel_job(origin(ANYBODY), id), Error::<Test>::NotActive);
		assert_ok!(ComputeMarket::cancel_job(origin(USER), id));
		// 3 % of 45,000.
		assert_eq!(free(USER), RICH - 1_350);
		assert_eq!(Live::<Test>::get(), 0);
		blocks(10);
	});
}

#[test]
fn who_gives_up_later_pays_for_what_is_out() {
	run(|| {
		set_workers(1..=4);
		let id = submit(40, Assurance::Quorum);
		until_out(id);
		let (out, free_escrow) = (job(id).next, job(id).free());
		assert!(out < 40, "not all are out: {out}");
		assert_ok!(ComputeMarket::cancel_job(origin(USER), id));
		let burned = free_escrow * 3 / 100;
		assert_eq!(count(|event| *event == Event::JobCancelled(id, burned)), 1);
		assert_noop!(ComputeMarket::cancel_job(origin(USER), id), Error::<Test>::NotActive);
		until_done(id);
		assert_eq!((job(id).accepted, job(id).next), (out, out));
		let Stage::Done(at) = job(id).stage else { panic!("done") };
		assert_eq!(ComputeMarket::job(id).expect("there").stage, JobStage::Cancelled { at });
		assert_eq!(count(|event| *event == Event::JobDone(id, out, 40 - out)), 1);
	});
}

/// The three that have a unit say three things, and four more a fourth, so that more are asked than there is money for.
fn short() -> u64 {
	set_workers(1..=9);
	let id = submit(1, Assurance::Quorum);
	until_out(id);
	for number in holders(id, 0) {
		conduct(number, Conduct::Lies(90 + number));
	}
	for _ in 0..40 {
		if job(id).short.is_some() {
			break;
		}
		block();
	}
	assert!(job(id).short.is_some(), "{:?}", job(id));
	// 7,000 lie there, of which seven at 800 are promised their pays: for the two that are left it does not suffice.
	assert_eq!(Units::<Test>::get(id, 0).expect("out").replicas.len(), 7);
	id
}

#[test]
fn a_job_without_money_waits_for_more() {
	run(|| {
		let id = short();
		let told = ComputeMarket::job(id).expect("there");
		let Some(waits) = told.short else { panic!("{told:?}") };
		assert_eq!(Some(waits.until), job(id).short);
		// The unit misses two of nine, who are paid 800 at most each; 1,400 are free.
		assert_eq!((waits.missing, job(id).free()), (200, 1_400));
		blocks(10);
		assert_noop!(ComputeMarket::top_up(origin(ANYBODY), id, 0), Error::<Test>::Nothing);
		assert_ok!(ComputeMarket::top_up(origin(ANYBODY), id, 10_000));
		assert_eq!(job(id).short, None);
		assert_eq!(ComputeMarket::job(id).expect("there").short, None);
		until_done(id);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
		assert_eq!(agreed(id, 0).by.count_ones(), 6);
		assert_noop!(ComputeMarket::top_up(origin(ANYBODY), id, 1), Error::<Test>::NotActive);
	});
}

/// With what is said to be missing the unit goes on, and with a planck less it does not.
#[test]
fn what_is_missing_is_what_it_takes() {
	for less in [1, 0] {
		run(|| {
			let id = short();
			let missing = |id| {
				ComputeMarket::job(id)
					.and_then(|told| told.short)
					.map(|waits| waits.missing)
			};
			let amount = missing(id).expect("it waits") - less;
			assert_ok!(ComputeMarket::top_up(origin(ANYBODY), id, amount));
			block();
			assert_eq!(job(id).short.is_some(), less == 1, "{amount}");
			assert_eq!(missing(id), (less == 1).then_some(1), "{amount}");
		});
	}
}

#[test]
fn a_job_without_money_ends_with_what_there_is() {
	run(|| {
		let id = short();
		let until = job(id).short.expect("it waits");
		blocks(40);
		assert!(Now::get() > until && is_done(id));
		assert_eq!(
			ComputeMarket::job(id).expect("there").short,
			None,
			"nobody waits any more"
		);
		assert_eq!(
			(job(id).accepted, job(id).undecided),
			(0, 1),
			"four of seven do not decide"
		);
		// Those who have computed are paid for having begun: a hundredth of 800 each.
		assert_eq!(job(id).paid, 7 * 8);
	});
}

#[test]
fn a_job_without_money_can_be_given_up() {
	run(|| {
		let id = short();
		// All units are out, and it can be given up still; once that was done it cannot, and waits for nothing.
		let told = |id| ComputeMarket::job(id).expect("there");
		assert_eq!((told(id).stage, told(id).short.is_some()), (JobStage::Draining, true));
		assert_ok!(ComputeMarket::cancel_job(origin(USER), id));
		assert_eq!((told(id).stage, told(id).short), (JobStage::Draining, None));
		assert_noop!(ComputeMarket::cancel_job(origin(USER), id), Error::<Test>::NotActive);
		blocks(20);
		assert!(is_done(id));
		assert_eq!(job(id).undecided, 1);
	});
}

/// Whoever has stakes of others locked pays for it, however little is computed: those who stood by have it.
#[test]
fn a_job_costs_so_much_at_least() {
	run(|| {
		set_workers(1..=9);
		MarketRules::mutate(|rules| rules.least_job = 20_000);
		assert_eq!(
			ComputeMarket::quote_job(&spec(1), MAX, Assurance::Quorum).map(|quote| quote.escrow),
			Ok(20_000)
		);
		let before = free(USER);
		let id = submit(1, Assurance::Quorum);
		assert_eq!(before - free(USER), 20_000 + deposit(1));
		until_done(id);
		// 18,800 besides what three were paid, for nine.
		let each = (20_000 - 3 * 400) / 9;
		assert_eq!(job(id).paid, 3 * 400 + 9 * each);
		let earned: Vec<u128> = (1..=9).map(|number| member(id, number).earned).collect();
		assert_eq!(earned.iter().filter(|earned| **earned == each).count(), 6, "{earned:?}");
		assert_eq!(
			earned.iter().filter(|earned| **earned == each + 304).count(),
			3,
			"{earned:?}"
		);
		check();
		// Who appeals what is right pays as much, and who orders more than that pays nothing besides.
		set_workers(20..=35);
		let before = free(ANYBODY);
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		blocks(40);
		let paid = before - free(ANYBODY);
		assert!(paid > 19_900 && paid <= 20_000, "{paid}");
		let large = submit(64, Assurance::Quorum);
		until_done(large);
		assert_eq!(job(large).paid, 64 * 3 * 400);
	});
}

#[test]
fn pay_is_claimed_and_a_part_waits() {
	run(|| {
		set_workers(1..=3);
		let id = submit(4, Assurance::Quorum);
		until_done(id);
		assert_eq!(member(id, 1).earned, 4 * 304);
		assert_eq!(ComputeMarket::earned_of(device(1), None)[0].later, 4 * 76);
		let before = free(1);
		let jobs = BoundedVec::truncate_from(vec![id]);
		assert_ok!(ComputeMarket::claim(origin(1), jobs.clone()));
		assert_eq!(free(1), before + 4 * 304);
		assert_noop!(
			ComputeMarket::claim(origin(USER), jobs.clone()),
			Error::<Test>::NotAssigned
		);
		assert_noop!(
			ComputeMarket::claim(origin(1), BoundedVec::new()),
			Error::<Test>::Nothing
		);
		// The owner has what it wanted.
		assert_noop!(ComputeMarket::accept_job(origin(1), id), Error::<Test>::NotActive);
		assert!(!ComputeMarket::job(id).expect("there").received);
		assert_ok!(ComputeMarket::accept_job(origin(USER), id));
		assert_noop!(ComputeMarket::accept_job(origin(USER), id), Error::<Test>::NotActive);
		assert!(ComputeMarket::job(id).expect("there").received);
		check();
		assert_ok!(ComputeMarket::claim(origin(1), jobs));
		assert_eq!(free(1), before + 4 * 380);
		// And outputs need not be kept any more: it is told when that is.
		let told = ComputeMarket::job(id).expect("there");
		let closes = told.closes(&terms().times).expect("it is over");
		while Now::get() < closes {
			block();
		}
		assert_noop!(ComputeMarket::close_job(origin(USER), id), Error::<Test>::TooEarly);
		block();
		assert_eq!(ComputeMarket::job(id).expect("there").checks, 0);
		assert_ok!(ComputeMarket::close_job(origin(USER), id));
		check();
	});
}

/// Whoever follows events alone knows of each step of a job, and of stakes.
#[test]
fn each_step_is_told() {
	run(|| {
		let told = |event: Event<Test>| count(|one| *one == event);
		set_workers(1..=3);
		for number in 1..=3 {
			assert_eq!(told(Event::WorkerSet(device(number), ASK, 2)), 1);
			assert_eq!(told(Event::StakeAdded(device(number), STAKE)), 1);
		}
		let before = free(USER);
		let id = submit(2, Assurance::Quorum);
		assert_eq!(told(Event::JobSubmitted(id, USER, before - free(USER))), 1);
		assert_ok!(ComputeMarket::top_up(origin(ANYBODY), id, 77));
		until_done(id);
		assert_eq!((told(Event::ToppedUp(id, 77)), told(Event::PoolDrawn(id, 3))), (1, 1));
		for unit in 0..2 {
			let at = agreed(id, unit).accepted.at;
			// All reveal in the block after the one in which all have committed themselves.
			let until = at - 1 + terms().times.reveal;
			assert!((1..=3).all(|number| told(Event::UnitCommitted(id, unit, device(number))) == 1));
			assert_eq!(told(Event::UnitRevealing(id, unit, until)), 1);
			assert_eq!(told(Event::UnitAccepted(id, unit, truth(id, unit))), 1);
		}
		assert_eq!(told(Event::JobDone(id, 2, 0)), 1);
		// Who has as much as a balance holds cannot be paid more: it is told, and paid later.
		let set = |to| frame_system::Account::<Test>::mutate(1_u64, |of| core::mem::replace(&mut of.data.free, to));
		let had = set(u128::MAX);
		assert_ok!(ComputeMarket::claim(origin(1), BoundedVec::truncate_from(vec![id])));
		set(had);
		assert_ok!(ComputeMarket::pay(origin(ANYBODY), 1));
		let unpaid = (told(Event::NotPaid(1, 608)), told(Event::PaidLater(1, 608)));
		assert_eq!((told(Event::Claimed(id, 1, 608)), unpaid), (1, (1, 1)));
		assert_ok!(ComputeMarket::accept_job(origin(USER), id));
		blocks(61);
		let before = free(ANYBODY);
		assert_ok!(ComputeMarket::close_job(origin(ANYBODY), id));
		let closed = told(Event::JobClosed(id, free(ANYBODY) - before));
		assert_eq!((told(Event::JobReceived(id)), closed), (1, 1));
		let leaves = Event::StakeLeaves(device(1), 9, Now::get() + 280);
		assert_ok!(ComputeMarket::withdraw_stake(origin(1), device(1), 9));
		blocks(280);
		assert_ok!(ComputeMarket::withdraw_stake(origin(1), device(1), 0));
		assert_eq!((told(leaves), told(Event::StakeLeft(device(1), 9))), (1, 1));
	});
}

#[test]
fn a_large_job_is_closed_in_steps() {
	run(|| {
		MarketRules::mutate(|rules| rules.least_stake = 1);
		for number in 1..=20 {
			let (who, device) = (origin(number.into()), device(number));
			ComputeMarket::set_worker(who.clone(), device, Some(offer(20))).expect("its own");
			ComputeMarket::add_stake(who, device, STAKE).expect("rich");
			proves(number, 20_000);
		}
		blocks(6);
		let units = MAX_CLEARED + 44;
		let id = submit(units, Assurance::Quorum);
		until_done(id);
		assert_eq!(job(id).accepted, units);
		blocks(61);
		assert_ok!(ComputeMarket::close_job(origin(ANYBODY), id));
		check();
		assert_eq!(
			(job(id).cleared, Results::<Test>::iter_prefix(id).count()),
			(MAX_CLEARED, 44)
		);
		assert_noop!(
			ComputeMarket::appeal(origin(ANYBODY), id, 290),
			Error::<Test>::NotDisputable
		);
		assert_ok!(ComputeMarket::close_job(origin(ANYBODY), id));
		assert!(!Jobs::<Test>::contains_key(id));
		assert_eq!(Boards::<Test>::iter().count(), 0);
	});
}

/// Of a unit that too many machines can not run nothing comes, and it costs next to nothing.
#[test]
fn a_unit_that_nobody_can_run_is_refunded() {
	run(|| {
		set_workers(1..=5);
		(1..=5).for_each(|number| conduct(number, Conduct::Faults));
		let id = submit(2, Assurance::Quorum);
		until_done(id);
		assert_eq!((job(id).faulted, job(id).accepted), (2, 0));
		assert_eq!(count(|event| matches!(event, Event::UnitFaulted(..))), 2);
		let told = ComputeMarket::units(id, 0, 9);
		assert_eq!(told.len(), 2);
		assert!(told.iter().all(|unit| unit.stage == UnitStage::Faulted), "{told:?}");
		// 1 % of what a Gfuel costs, for three of each.
		assert_eq!(job(id).paid, 6 * 8);
	});
}

/// Of units beside each other it is told which cannot be run, and nothing of that stays once the job is closed.
#[test]
fn it_is_told_which_units_cannot_be_run() {
	run(|| {
		set_workers(1..=3);
		let id = submit(20, Assurance::Quorum);
		while job(id).accepted == 0 {
			block();
		}
		(1..=3).for_each(|number| conduct(number, Conduct::Faults));
		until_done(id);
		let told = ComputeMarket::units(id, 0, 20);
		let count = |stage: UnitStage| told.iter().filter(|unit| unit.stage == stage).count() as u32;
		let counts = [UnitStage::Accepted, UnitStage::Undecided, UnitStage::Faulted].map(count);
		let job = job(id);
		assert_eq!(counts, [job.accepted, job.undecided, job.faulted], "{told:?}");
		assert!(job.accepted > 0 && job.faulted > 8, "{job:?}");
		blocks(61);
		assert!(Faults::<Test>::contains_key(id));
		assert_ok!(ComputeMarket::close_job(origin(USER), id));
		assert!(!Faults::<Test>::contains_key(id));
	});
}

/// One fault is no lie.
#[test]
fn a_fault_costs_nothing_but_the_pay() {
	run(|| {
		set_workers(1..=9);
		conduct(4, Conduct::Faults);
		let id = submit(12, Assurance::Quorum);
		until_done(id);
		assert_eq!(job(id).accepted, 12);
		assert_eq!((worker(4).stake, worker(4).reliability.wrong), (STAKE, 0));
		assert_eq!(member(id, 4).accepted, 0);
		assert!(member(id, 4).work.rounds.effective() < member(id, 4).work.rounds.weight());
	});
}
