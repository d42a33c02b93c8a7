//! Units that are run again, by lot or on appeal, and outputs that somebody misses.

use crate::{
	chain::*,
	workers::{conduct, lie, serve, truth, Conduct},
};
use compute_market_primitives::{Assurance, Balance, JobId};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use pallet_compute_market::{Agreed, Beacons, Error, Event, Jobs, LastJob, Live, Pool, Pools, Results, Stage, COVERED};
use sp_runtime::Perbill;

/// All units of a job are wrong: those who say so are all that there are. Then others come who are honest.
fn wrong(liars: core::ops::RangeInclusive<u8>, honest: core::ops::RangeInclusive<u8>, units: u32) -> JobId {
	set_workers(liars.clone());
	liars.clone().for_each(|number| conduct(number, Conduct::Lies(77)));
	let id = submit(units, Assurance::Quorum);
	until_done(id);
	assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 77));
	set_workers(honest);
	id
}

fn until_checked(id: JobId, unit: u32) -> Agreed {
	for _ in 0..400 {
		if agreed(id, unit).check.is_none() {
			return agreed(id, unit);
		}
		block();
	}
	panic!("it hangs: {:?}", Jobs::<Test>::get(LastJob::<Test>::get()));
}

#[test]
fn an_appeal_refutes_what_is_wrong() {
	run(|| {
		let id = wrong(1..=3, 10..=26, 1);
		let (before, treasury, pool) = (free(ANYBODY), free(TREASURY), Pool::<Test>::get());
		let escrow = job(id).escrow.amount();
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		check();
		assert_eq!(free(ANYBODY), before - 13_000);
		assert_noop!(ComputeMarket::appeal(origin(USER), id, 0), Error::<Test>::NotDisputable);
		assert_noop!(ComputeMarket::close_job(origin(USER), id), Error::<Test>::TooEarly);
		let now = until_checked(id, 0);
		assert_eq!(now.accepted.outcome, truth(id, 0));
		assert_eq!(count(|event| *event == Event::UnitRefuted(id, 0, truth(id, 0))), 1);
		// All that was put in is back.
		assert_eq!(free(ANYBODY), before);
		// The three have lost what they had at stake, and all that was unpaid.
		for number in 1..=3 {
			assert_eq!(
				(worker(number).stake, worker(number).reliability.wrong),
				(STAKE - 200_000, 1)
			);
			assert!(member(id, number).work.out);
			assert_eq!((member(id, number).earned, member(id, number).withheld), (0, 0));
		}
		// Thirteen were paid 400 each, the user has three times 400 back, and the rest is the treasury's.
		assert_eq!(job(id).escrow.amount(), escrow + 1_200);
		assert_eq!(free(TREASURY) - treasury, 3 * (200_000 + 380) - 13 * 400 - 1_200);
		assert_eq!(Pool::<Test>::get() - pool, 13 * 8);
		assert_eq!(
			(10..=26)
				.filter(|number| free(*number) == RICH - 1_000 - STAKE + 380)
				.count(),
			13
		);
		assert_eq!(Live::<Test>::get(), 0);
	});
}

#[test]
fn an_appeal_of_what_is_right_is_paid_by_who_appeals() {
	run(|| {
		set_workers(1..=20);
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		let before = free(ANYBODY);
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		until_checked(id, 0);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
		assert_eq!(count(|event| *event == Event::UnitUpheld(id, 0)), 1);
		assert_eq!(before - free(ANYBODY), 13 * 400);
		assert!((1..=20).all(|number| worker(number).stake == STAKE));
	});
}

#[test]
fn an_appeal_has_its_time() {
	run(|| {
		set_workers(1..=4);
		let id = submit(1, Assurance::Quorum);
		assert_noop!(
			ComputeMarket::appeal(origin(ANYBODY), id, 0),
			Error::<Test>::NotDisputable
		);
		assert_noop!(ComputeMarket::appeal(origin(ANYBODY), 9, 0), Error::<Test>::UnknownJob);
		until_done(id);
		let at = agreed(id, 0).accepted.at;
		while Now::get() < at + 30 {
			empty_block();
		}
		Now::set(Now::get() + 1);
		assert_noop!(
			ComputeMarket::appeal(origin(ANYBODY), id, 0),
			Error::<Test>::NotDisputable
		);
		Now::set(Now::get() - 1);
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
	});
}

/// There are nine in all: of six that are fresh two thirds decide, and without six nobody does.
#[test]
fn a_small_chain_has_a_small_jury() {
	run(|| {
		let id = wrong(1..=3, 10..=15, 1);
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		until_checked(id, 0);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
	});
	run(|| {
		let id = wrong(1..=3, 10..=14, 1);
		let before = free(ANYBODY);
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		until_checked(id, 0);
		assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 77), "five decide nothing");
		assert_eq!(free(ANYBODY), before, "and cost nothing");
	});
}

#[test]
fn the_beacon_has_units_run_again() {
	run(|| {
		MarketTerms::mutate(|terms| terms.recheck = Perbill::one());
		set_workers(1..=9);
		// A job whose units pay for those of the next one: 2 % of their pay each.
		let first = submit(60, Assurance::Quorum);
		until_done(first);
		blocks(10);
		assert!(Pool::<Test>::get() < 7_000, "too little for one: none was run again");
		assert_eq!(count(|event| matches!(event, Event::UnitChecked(..))), 0);
		MarketTerms::mutate(|terms| terms.recheck = Perbill::zero());
		for _ in 0..5 {
			let id = submit(60, Assurance::Quorum);
			until_done(id);
		}
		blocks(10);
		MarketTerms::mutate(|terms| terms.recheck = Perbill::one());
		assert!(Pool::<Test>::get() > 7_000);
		let last = submit(1, Assurance::Quorum);
		until_done(last);
		assert_eq!((job(last).checks, agreed(last, 0).undrawn), (1, true));
		let had = answerable(last, 0);
		let pool = Pool::<Test>::get();
		blocks(12);
		until_checked(last, 0);
		assert_eq!(count(|event| *event == Event::UnitUpheld(last, 0)), 1);
		assert_eq!(job(last).checks, 0);
		// Three others were paid, and the rest is back.
		assert_eq!(pool - Pool::<Test>::get(), 3 * (400 - 8));
		assert_eq!(had.len(), 3);
	});
}

#[test]
fn what_was_wrong_is_found_by_lot() {
	run(|| {
		let id = wrong(1..=3, 10..=18, 1);
		// As if the beacon had drawn it, and there were money.
		Results::<Test>::mutate(id, 0, |agreed| agreed.as_mut().expect("there").undrawn = true);
		pallet_compute_market::Jobs::<Test>::mutate(id, |job| job.as_mut().expect("there").checks = 1);
		Pools::<Test>::mutate(id, |pool| pool.iter_mut().for_each(|member| member.open = 1));
		MarketTerms::mutate(|terms| terms.recheck = Perbill::one());
		let recent = pallet_compute_market::RecentUnit {
			job: id,
			unit: 0,
			turn: pallet_compute_market::Beacons::<Test>::get().turn,
		};
		let (head, tail) = pallet_compute_market::RecentEnds::<Test>::get();
		pallet_compute_market::Recent::<Test>::insert(tail, recent);
		pallet_compute_market::RecentEnds::<Test>::put((head, tail + 1));
		give_to_pool(10_000);
		let pool = Pool::<Test>::get();
		blocks(8);
		until_checked(id, 0);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
		assert_eq!(
			(1..=3).map(|number| worker(number).stake).sum::<u128>(),
			3 * (STAKE - 200_000)
		);
		// The pool has all back, and 2 % of what was paid for it.
		assert_eq!(Pool::<Test>::get(), pool + 3 * 8);
	});
}

/// The market's pool has so much more.
fn give_to_pool(amount: u128) {
	use frame_support::traits::fungible::{hold::Unbalanced as _, Unbalanced as _};
	use frame_support::traits::tokens::{Fortitude, Precision, Preservation};
	let (exact, keep, polite) = (Precision::Exact, Preservation::Preserve, Fortitude::Polite);
	let reason = pallet_compute_market::HoldReason::Work.into();
	Balances::decrease_balance(&ANYBODY, amount, exact, keep, polite).expect("rich");
	Balances::increase_balance_on_hold(&reason, &ComputeMarket::pot(), amount, exact).expect("fits");
	Pool::<Test>::mutate(|pool| *pool += amount);
	check();
}

/// One worker computes each unit; those whose units are run again by two others have a long record.
#[test]
fn an_audited_unit_is_compared_with_two_others() {
	run(|| {
		set_workers(1..=9);
		let nobody = submit(1, Assurance::Audit);
		blocks(30);
		assert!(Jobs::<Test>::get(nobody).is_none(), "nobody has a record yet");
		let long = submit(360, Assurance::Quorum);
		until_done(long);
		assert!((1..=9).all(|number| worker(number).reliability.may_work_alone()));
		MarketTerms::mutate(|terms| terms.audit = Perbill::one());
		let id = submit(6, Assurance::Audit);
		until_out(id);
		let number = holders(id, 0)[0];
		conduct(number, Conduct::Lies(5));
		until_done(id);
		assert_eq!(job(id).accepted, 6);
		assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 5));
		assert_eq!(agreed(id, 0).by.count_ones(), 1);
		conduct(number, Conduct::Honest);
		blocks(30);
		// 9,600 are left of 12,000: one of them is run again with 7,000, another with the rest.
		let again = count(|event| matches!(event, Event::UnitChecked(..)));
		assert!(again >= 2, "{:?}", job(id));
		check();
	});
}

/// One unit has money for that as well: two others compare what one has said.
#[test]
fn a_single_audited_unit_is_run_again() {
	run(|| {
		set_workers(1..=9);
		let long = submit(360, Assurance::Quorum);
		until_done(long);
		MarketTerms::mutate(|terms| terms.audit = Perbill::one());
		let id = submit(1, Assurance::Audit);
		until_out(id);
		let number = holders(id, 0)[0];
		conduct(number, Conduct::Lies(5));
		until_done(id);
		assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 5));
		blocks(5 * TURN);
		until_checked(id, 0);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
		assert!(member(id, number).work.out && worker(number).stake < STAKE);
	});
}

/// So much is left for a single audited unit, which was wrong, to be run again. Returns the job once that is over.
fn audited(left: Balance) -> JobId {
	set_dear(1..=9, 2);
	let long = submit(360, Assurance::Quorum);
	until_done(long);
	MarketTerms::mutate(|terms| terms.audit = Perbill::one());
	let id = submit(1, Assurance::Audit);
	until_out(id);
	let number = holders(id, 0)[0];
	conduct(number, Conduct::Lies(5));
	until_done(id);
	assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 5));
	set_escrow(id, left);
	blocks(5 * TURN);
	until_checked(id, 0);
	assert_eq!(count(|event| *event == Event::UnitChecked(id, 0)), 1);
	assert_eq!(Live::<Test>::get(), 0);
	id
}

/// How many were given a unit.
fn were_given(id: JobId, unit: u32) -> usize {
	count(|event| matches!(event, Event::UnitDispatched(job, at, ..) if (*job, *at) == (id, unit)))
}

/// Two others say something else, and for four more there is not enough: nobody puts in more. With three of them six
/// have said something, of whom five are alike; with fewer nobody is asked in vain.
#[test]
fn an_audited_unit_is_decided_by_six_if_seven_cannot_be_paid() {
	run(|| {
		let id = audited(5_500);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
		assert_eq!(were_given(id, 0), 1 + 2 + 3);
	});
	for left in [4_900, 2_600] {
		run(|| {
			let id = audited(left);
			assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 5), "it is over nevertheless");
			assert_eq!(were_given(id, 0), 1 + 2);
		});
	}
}

/// One unit of two is run again with nearly all that lies in the job, which has too little for the other one then.
/// What is not needed comes back, and the job goes on without anybody.
#[test]
fn what_a_check_leaves_has_a_job_go_on() {
	run(|| {
		set_dear(1..=9, 2);
		let long = submit(360, Assurance::Quorum);
		until_done(long);
		MarketTerms::mutate(|terms| terms.audit = Perbill::one());
		let id = submit(2, Assurance::Audit);
		// One has room for one unit, and then nobody has any.
		(2..=9).for_each(|number| set_slots(number, 0));
		set_slots(1, 1);
		until_out(id);
		assert_eq!((holders(id, 0), job(id).next), (vec![1], 1));
		set_slots(1, 0);
		until(|| count(|event| *event == Event::UnitChecked(id, 0)) > 0);
		assert_eq!((job(id).free(), shorts()), (500, 0));
		(1..=9).for_each(|number| set_slots(number, 2));
		until_done(id);
		assert_eq!((job(id).accepted, shorts()), (2, 1));
	});
}

/// Blocks until that is so.
fn until(is: impl Fn() -> bool) {
	for _ in 0..400 {
		if is() {
			return;
		}
		block();
	}
	panic!("it never is");
}

fn shorts() -> usize {
	count(|event| matches!(event, Event::JobShort(..)))
}

/// A job that is done has a unit more, for which it waits for money.
fn has_more(id: JobId, given_up: bool) {
	Jobs::<Test>::mutate(id, |job| {
		let job = job.as_mut().expect("there");
		job.spec.units += 1;
		(job.stage, job.short) = (Stage::Running, Some(Now::get() + 1_000));
		job.given_up = given_up;
	});
	Live::<Test>::mutate(|live| *live += 1);
	check();
}

#[test]
fn what_those_lose_who_are_refuted_has_a_job_go_on() {
	for given_up in [false, true] {
		run(|| {
			let id = wrong(1..=3, 10..=26, 1);
			has_more(id, given_up);
			assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
			until_checked(id, 0);
			assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
			// What was given up waits for nothing, and ends as it would have.
			assert_eq!(job(id).short.is_some(), given_up);
		});
	}
}

#[test]
fn what_those_lose_whose_output_is_missing_has_a_job_go_on() {
	run(|| {
		set_workers(1..=12);
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		has_more(id, false);
		serve(false);
		assert_ok!(ComputeMarket::dispute_output(origin(USER), id, 0));
		until(|| count(|event| *event == Event::OutputMissing(id, 0)) > 0);
		serve(true);
		until_done(id);
		assert_eq!((job(id).accepted, shorts()), (2, 0));
	});
}

/// Who colludes with all that a job has sends results as fast as it can: no more of them are in doubt at a time than
/// half of its stake is worth, and it is given more only once the beacon has spoken.
#[test]
fn who_lies_fast_risks_twice_what_it_can_gain() {
	run(|| {
		MarketTerms::mutate(|terms| terms.stake = 20);
		for number in 1..=3 {
			ComputeMarket::set_worker(origin(number), device(number as u8), Some(offer(200))).expect("its own");
			ComputeMarket::add_stake(origin(number), device(number as u8), STAKE).expect("rich");
		}
		blocks(3 * TURN);
		let id = submit(80, Assurance::Quorum);
		let mut most = 0;
		while !is_done(id) {
			block();
			for number in 1..=3 {
				let Some(found) = Pools::<Test>::get(id)
					.iter()
					.find(|found| found.owner == number)
					.cloned()
				else {
					continue;
				};
				let doubt = found.open + found.has;
				assert!(u128::from(doubt) * 1_000 * COVERED <= found.locked, "{found:?}");
				most = most.max(doubt);
			}
		}
		assert_eq!((most, job(id).accepted), (10, 80));
	});
}

/// What is in doubt is not paid, of whatever unit it is; and all of it is lost with the stake.
#[test]
fn who_is_in_doubt_is_paid_nothing() {
	run(|| {
		let id = wrong(1..=3, 10..=26, 4);
		let claims = || BoundedVec::truncate_from(vec![id]);
		assert_ok!(ComputeMarket::claim(origin(1), claims()));
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 2));
		check();
		assert_eq!(member(id, 2).checked, 1);
		assert_noop!(ComputeMarket::claim(origin(2), claims()), Error::<Test>::TooEarly);
		let earned = ComputeMarket::earned_of(device(2), None)[0];
		assert_eq!((earned.now, earned.later), (0, 4 * 380));
		let treasury = free(TREASURY);
		until_checked(id, 2);
		assert_eq!(agreed(id, 2).accepted.outcome, truth(id, 2));
		// One had its four pays at once already; of the others all is gone.
		let unpaid = 2 * 4 * 380 + 4 * 76;
		assert_eq!(free(TREASURY) - treasury, 3 * 200_000 + unpaid - 13 * 400 - 1_200);
		assert!((1..=3).all(|number| (member(id, number).checked, member(id, number).open) == (0, 0)));
		assert_ok!(ComputeMarket::claim(origin(2), claims()));
		assert_eq!(count(|event| *event == Event::Claimed(id, 2, 0)), 1);
	});
}

/// Three lie in all that they have together. Somebody finds one of it, and while that is run again the rest does not
/// settle: it is run again as well, for certain, though the beacon would have drawn none of it.
#[test]
fn what_liars_agree_on_besides_is_run_again() {
	run(|| {
		set_workers(1..=3);
		(1..=3).for_each(|number| conduct(number, Conduct::Lies(77)));
		let id = submit(12, Assurance::Quorum);
		until_out(id);
		for number in 10..=26 {
			ComputeMarket::set_worker(origin(number), device(number as u8), Some(offer(8))).expect("its own");
			ComputeMarket::add_stake(origin(number), device(number as u8), STAKE).expect("rich");
		}
		while Results::<Test>::get(id, 0).is_none() {
			block();
		}
		let pool = Pool::<Test>::get();
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		until_checked(id, 0);
		let known = |unit: u32| Results::<Test>::get(id, unit);
		let wrong = (0..12).filter_map(known).filter(|agreed| agreed.by != 0).count();
		assert!(wrong > 1, "they have lied on meanwhile");
		assert!((0..12)
			.filter_map(known)
			.all(|agreed| agreed.by == 0 || agreed.is_open()));
		assert!(Pool::<Test>::get() > pool, "their stakes pay for it");
		blocks(60);
		assert_eq!(job(id).checks, 0);
		assert!(Pool::<Test>::get() >= pool, "and nobody else");
		for unit in 0..12 {
			if let Some(agreed) = known(unit) {
				assert_eq!(agreed.accepted.outcome, truth(id, unit), "unit {unit}");
			}
		}
		let refuted = count(|event| matches!(event, Event::UnitRefuted(..)));
		assert!(refuted > wrong, "{refuted} of {wrong}");
	});
}

/// The beacon of the turn after the next one says what is run again: nobody knows it in the turn of the acceptance, not
/// even whoever authors in the next one.
#[test]
fn nobody_knows_what_is_run_again_when_it_is_accepted() {
	run(|| {
		MarketTerms::mutate(|terms| terms.recheck = Perbill::one());
		set_workers(1..=9);
		give_to_pool(10_000);
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		let turn = Beacons::<Test>::get().turn;
		while agreed(id, 0).undrawn {
			assert!(
				Beacons::<Test>::get().turn < turn + 2,
				"it is drawn once that turn has begun"
			);
			empty_block();
		}
		assert_eq!(Beacons::<Test>::get().turn, turn + 2);
		assert_eq!(count(|event| *event == Event::UnitChecked(id, 0)), 1);
		// And the beacon of two turns later says by whom.
		let check = LastJob::<Test>::get();
		while Pools::<Test>::get(check).is_empty() {
			assert!(Beacons::<Test>::get().turn < turn + 4);
			empty_block();
		}
		assert_eq!(Beacons::<Test>::get().turn, turn + 4);
	});
}

/// Outputs have to be kept for longer than results can be appealed: as long as that somebody can miss them.
#[test]
fn an_output_is_missed_as_long_as_it_has_to_be_kept() {
	run(|| {
		set_workers(1..=12);
		let id = submit(1, Assurance::Quorum);
		let done = |id| match job(id).stage {
			Stage::Done(at) => at,
			stage => panic!("{stage:?}"),
		};
		until_done(id);
		let dispute = || ComputeMarket::dispute_output(origin(USER), id, 0);
		let at = done(id);
		while Now::get() < at + 60 {
			empty_block();
		}
		assert_noop!(ComputeMarket::appeal(origin(USER), id, 0), Error::<Test>::NotDisputable);
		Now::set(at + 61);
		assert_noop!(dispute(), Error::<Test>::NotDisputable);
		Now::set(at + 60);
		assert_ok!(dispute());
		assert_noop!(ComputeMarket::close_job(origin(USER), id), Error::<Test>::TooEarly);
		serve(false);
		blocks(12);
		assert_eq!(count(|event| *event == Event::OutputMissing(id, 0)), 1);
		serve(true);
		until_done(id);
		assert!(done(id) > at + 60, "what was computed again is kept as long");
		assert_noop!(ComputeMarket::close_job(origin(USER), id), Error::<Test>::TooEarly);
	});
}

#[test]
fn an_output_that_nobody_serves_is_computed_again() {
	run(|| {
		set_workers(1..=12);
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		let had = answerable(id, 0);
		assert_noop!(
			ComputeMarket::dispute_output(origin(ANYBODY), id, 0),
			Error::<Test>::NotActive
		);
		serve(false);
		let before = free(USER);
		assert_ok!(ComputeMarket::dispute_output(origin(USER), id, 0));
		assert_eq!(before - free(USER), 150);
		for _ in 0..40 {
			if count(|event| *event == Event::OutputMissing(id, 0)) > 0 {
				break;
			}
			block();
		}
		assert_eq!(count(|event| *event == Event::OutputMissing(id, 0)), 1);
		serve(true);
		until_done(id);
		// Three others have computed it, at the cost of the first ones: what waited, and a pay of their stake.
		let now = answerable(id, 0);
		assert!(now.iter().all(|number| !had.contains(number)) && now.len() == 3);
		for number in had {
			assert_eq!((worker(number).stake, member(id, number).withheld), (STAKE - 400, 0));
		}
		assert_eq!(job(id).escrow.amount(), 7_000 - 6 * 400 + 3 * 476);
		assert_eq!(before - free(USER), 150, "three have looked");
		assert_eq!((job(id).accepted, job(id).next, Live::<Test>::get()), (1, 1, 0));
		blocks(70);
		assert_ok!(ComputeMarket::close_job(origin(USER), id));
	});
}

/// Nobody serves a result that others have found out: that is told, and whose job it is has it computed again, even if
/// it had received what stood before.
#[test]
fn what_others_found_out_is_computed_again() {
	run(|| {
		set_workers(1..=9);
		let id = submit(1, Assurance::Quorum);
		until_out(id);
		let liars = holders(id, 0);
		liars.iter().for_each(|number| conduct(*number, Conduct::Lies(77)));
		until_done(id);
		assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 77));
		assert_ok!(ComputeMarket::accept_job(origin(USER), id));
		let dispute = || ComputeMarket::dispute_output(origin(USER), id, 0);
		assert_noop!(dispute(), Error::<Test>::NotDisputable);
		set_workers(20..=36);
		assert_ok!(ComputeMarket::appeal(origin(ANYBODY), id, 0));
		let told = || ComputeMarket::units(id, 0, 1).remove(0);
		assert_eq!((told().checked, told().by.len()), (true, 3));
		assert_eq!(ComputeMarket::job(id).expect("there").checks, 1);
		until_checked(id, 0);
		assert_eq!((told().checked, told().by.len()), (false, 0));
		assert_eq!(told().accepted.map(|accepted| accepted.outcome), Some(truth(id, 0)));
		serve(false);
		assert_ok!(dispute());
		for _ in 0..40 {
			if count(|event| *event == Event::OutputMissing(id, 0)) > 0 {
				break;
			}
			block();
		}
		serve(true);
		assert!(!is_done(id), "three have missed it");
		until_done(id);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
		let now = answerable(id, 0);
		assert!(
			now.len() == 3 && now.iter().all(|number| !liars.contains(number)),
			"{now:?}"
		);
		assert_eq!(told().by.len(), 3);
		blocks(31);
		assert_ok!(ComputeMarket::close_job(origin(USER), id));
	});
}

/// Those who did not compute it have taken back what they had at stake, but for what a prober needs.
#[test]
fn who_has_no_stake_left_does_not_come_back() {
	run(|| {
		set_workers(1..=7);
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		let had = answerable(id, 0);
		for number in (1..=7).filter(|number| !had.contains(number)) {
			let who = origin(number.into());
			assert_ok!(ComputeMarket::withdraw_stake(who, device(number), STAKE - LEAST));
		}
		serve(false);
		assert_eq!(looked_for(id), (0, 1));
		until_done(id);
		assert_eq!((job(id).accepted, job(id).undecided), (0, 1));
	});
}

/// How an output is looked for that the user says is missing.
fn looked_for(id: JobId) -> (usize, usize) {
	let seen = || {
		(
			count(|event| *event == Event::OutputServed(id, 0)),
			count(|event| *event == Event::OutputMissing(id, 0)),
		)
	};
	let before = seen();
	assert_ok!(ComputeMarket::dispute_output(origin(USER), id, 0));
	for _ in 0..20 {
		block();
		if seen() != before {
			break;
		}
	}
	seen()
}

/// Three are there who did not compute it. Two of them say that they got nothing.
#[test]
fn one_who_gets_an_output_is_enough() {
	run(|| {
		set_workers(1..=6);
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		let had = answerable(id, 0);
		let fresh: Vec<u8> = (1..=6).filter(|number| !had.contains(number)).collect();
		fresh[1..].iter().for_each(|number| conduct(*number, Conduct::Slanders));
		assert_eq!(looked_for(id), (1, 0));
		assert!(had.iter().all(|number| worker(*number).stake == STAKE));
		conduct(fresh[0], Conduct::Slanders);
		assert_eq!(looked_for(id), (1, 1));
		until_done(id);
		// Whoever has received its outputs misses none.
		assert_ok!(ComputeMarket::accept_job(origin(USER), id));
		assert_noop!(
			ComputeMarket::dispute_output(origin(USER), id, 0),
			Error::<Test>::NotDisputable
		);
	});
}
