//! Those who would be paid for nothing, or have others pay: what each gains.

use crate::{
	chain::*,
	workers::{commit_call, conduct, lie, reveal_call, sealed, skewed, tasks, to_run, truth, Conduct},
};
use compute_market_primitives::{Assurance, JobId, Said};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use pallet_compute_market::{Beacons, Error, Event, LastJob, Pools, Results};
use smartchain_rng::{runs, seeds, Rng};
use std::collections::BTreeSet;

/// No unit of a job has a wrong result. Returns how many have none.
fn all_right(id: JobId, units: u32) -> u32 {
	let results = (0..units).filter_map(|unit| Results::<Test>::get(id, unit).map(|agreed| (unit, agreed)));
	for (unit, agreed) in results {
		assert_eq!(agreed.accepted.outcome, truth(id, unit), "unit {unit}");
	}
	job(id).without()
}

/// It says anything. The first time costs two pays, the second all that it has at stake, and it is out.
#[test]
fn liar_pays_and_is_out() {
	run(|| {
		set_workers(1..=9);
		conduct(4, Conduct::Lies(4));
		let id = submit(64, Assurance::Quorum);
		until_done(id);
		assert_eq!(all_right(id, 64), 0);
		assert_eq!(worker(4).stake, STAKE - 200_000);
		assert!(member(id, 4).work.out && member(id, 4).accepted == 0);
		assert_eq!((member(id, 4).earned, member(id, 4).withheld), (0, 0));
		let fines: Vec<u128> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::WorkerPenalized(device, _, _, taken) => Some((device.0[0], taken)),
				_ => None,
			})
			.map(|(number, taken)| {
				assert_eq!(number, 4);
				taken
			})
			.collect();
		assert_eq!(fines[..2], [2_000, 198_000]);
	});
}

/// Nine agents, two of whom lie, one of whom is killed: as the main flow has it.
#[test]
fn two_liars_and_a_dead_one_of_nine_spoil_nothing() {
	run(|| {
		set_workers(1..=9);
		conduct(2, Conduct::Lies(2));
		conduct(5, Conduct::Lies(5));
		conduct(7, Conduct::Silent);
		let id = submit(64, Assurance::Quorum);
		until_done(id);
		assert_eq!(all_right(id, 64), 0);
		assert!(worker(2).stake < STAKE && worker(5).stake < STAKE && worker(7).stake == STAKE);
	});
}

/// Whoever lies is faster than whoever computes, and has nearly all units before the first one is decided. All of them
/// need more members then, more than the escrow pays: it pays for some of them to their end, and so for all.
#[test]
fn liars_that_are_fast_do_not_tie_up_the_escrow() {
	for seed in seeds(4 * runs()) {
		run(|| {
			salt(seed as u32);
			// Whoever is slow is not late.
			MarketTerms::mutate(|terms| terms.times.slack = 40);
			set_workers(1..=9);
			(1..=2).for_each(|number| conduct(number, Conduct::Lies(9)));
			conduct(3, Conduct::Silent);
			(4..=9).for_each(|number| conduct(number, Conduct::Slow(20)));
			let id = submit(64, Assurance::Quorum);
			until_done(id);
			assert_eq!(all_right(id, 64), 0, "seed {seed}");
			assert_eq!(count(|event| matches!(event, Event::JobShort(..))), 0, "seed {seed}");
			assert!(worker(1).stake < STAKE && worker(2).stake < STAKE);
		});
	}
}

/// Three that lie alike are believed where all three have a unit, and nowhere else; once that is run again each loses
/// its stake, which is more than all that it had gained.
#[test]
fn colluding_triple_gains_less_than_it_loses() {
	run(|| {
		set_workers(1..=30);
		(1..=3).for_each(|number| conduct(number, Conduct::Lies(99)));
		let id = submit(64, Assurance::Quorum);
		until_done(id);
		let wrong: Vec<u32> = (0..64)
			.filter(|unit| {
				let agreed = Results::<Test>::get(id, *unit);
				agreed.is_some_and(|agreed| agreed.accepted.outcome == lie(id, *unit, 99))
			})
			.collect();
		assert!(wrong.len() <= 1, "{wrong:?}");
		assert!(
			(1..=3).all(|number| member(id, number).work.out),
			"each dissented twice"
		);
	});
	run(|| {
		// The pool is theirs: nobody else is there yet.
		set_workers(1..=3);
		(1..=3).for_each(|number| conduct(number, Conduct::Lies(99)));
		let id = submit(10, Assurance::Quorum);
		until_done(id);
		assert_eq!(agreed(id, 0).accepted.outcome, lie(id, 0, 99));
		let gained: u128 = (1..=3)
			.map(|number| member(id, number).earned + member(id, number).withheld)
			.sum();
		set_workers(10..=26);
		assert_ok!(ComputeMarket::appeal(origin(USER), id, 0));
		blocks(40);
		assert_eq!(agreed(id, 0).accepted.outcome, truth(id, 0));
		let lost: u128 = (1..=3).map(|number| STAKE - worker(number).stake).sum();
		assert!(lost > 50 * gained, "{lost} {gained}");
	});
}

/// It seals what it has seen another one seal: that is worth nothing in its own name, and it cannot reveal it.
#[test]
fn copier_has_nothing_to_reveal() {
	run(|| {
		set_workers(1..=9);
		let id = submit(1, Assurance::Quorum);
		until_out(id);
		let three = holders(id, 0);
		let copier = three[2];
		conduct(copier, Conduct::Hides);
		let at = |number: u8| tasks(number)[0].at;
		let seen = sealed(three[0], id, at(three[0])).said;
		let mut own = sealed(copier, id, at(copier));
		own.said = seen;
		assert_ok!(apply(commit_call(copier, id, vec![own])));
		// Seven are asked, for whom a job of one unit has money.
		until_done(id);
		assert_eq!(all_right(id, 1), 0);
		assert_eq!(worker(copier).stake, STAKE - 2_000);
		assert_eq!(member(id, copier).earned, 0);
	});
}

/// It commits itself, and waits for what others say: not to reveal is as wrong as to be wrong.
#[test]
fn non_revealer_is_wrong() {
	run(|| {
		set_workers(1..=9);
		conduct(6, Conduct::Hides);
		let id = submit(30, Assurance::Quorum);
		until_done(id);
		assert_eq!(all_right(id, 30), 0);
		assert_eq!(worker(6).stake, STAKE - 200_000);
		assert!(member(id, 6).work.out);
	});
}

/// It takes units and brings none: it is paid for none, has fewer with each, and is out after three.
#[test]
fn staller_gains_nothing_and_is_out() {
	run(|| {
		set_workers(1..=9);
		conduct(6, Conduct::Silent);
		let before = free(6);
		let id = submit(40, Assurance::Quorum);
		until_done(id);
		assert_eq!(all_right(id, 40), 0);
		assert!(member(id, 6).work.out && member(id, 6).earned == 0);
		assert_eq!((free(6), worker(6).reliability.clean), (before, 0));
	});
}

/// It is right for long, and lies then: its second lie costs it everything, however long its record is.
#[test]
fn sleeper_has_one_lie() {
	run(|| {
		set_workers(1..=9);
		conduct(4, Conduct::LiesAfter(4, 30));
		let first = submit(120, Assurance::Quorum);
		until_done(first);
		// What it had sealed by then was right as well.
		let right = worker(4).reliability.right;
		assert!((30..40).contains(&right), "{right}");
		let second = submit(60, Assurance::Quorum);
		until_done(second);
		assert_eq!(all_right(first, 120) + all_right(second, 60), 0);
		assert!(worker(4).stake <= STAKE - 200_000, "{}", worker(4).stake);
		assert!(worker(4).reliability.wrong >= 2 && !worker(4).reliability.may_work_alone());
	});
}

/// It says that it burned more: the meter is agreed on like the result.
#[test]
fn fuel_inflator_is_a_liar() {
	run(|| {
		set_workers(1..=9);
		conduct(4, Conduct::Inflates);
		let id = submit(30, Assurance::Quorum);
		until_done(id);
		assert_eq!(all_right(id, 30), 0);
		assert_eq!((worker(4).stake, member(id, 4).earned), (STAKE - 200_000, 0));
	});
}

/// It runs another engine, and has all else right: what it has is not what the others have.
#[test]
fn engine_skewer_is_a_liar() {
	run(|| {
		set_workers(1..=9);
		conduct(4, Conduct::Skews);
		let id = submit(30, Assurance::Quorum);
		until_done(id);
		assert_eq!(all_right(id, 30), 0);
		assert!(member(id, 4).work.out);
		assert_eq!((worker(4).stake, member(id, 4).earned), (STAKE - 200_000, 0));
	});
}

/// Half of all machines run another engine. Neither half can fine the other: of what the first three do not agree on
/// nothing comes, and its money comes back.
#[test]
fn two_engines_of_half_the_pool_leave_units_undecided_and_are_paid_back() {
	run(|| {
		set_workers(1..=10);
		(1..=10).step_by(2).for_each(|number| conduct(number, Conduct::Skews));
		let (before, id) = (free(USER), submit(20, Assurance::Quorum));
		// All ten can be asked of each.
		set_escrow(id, 1_000_000);
		until_done(id);
		let decided = (0..20).filter_map(|unit| Results::<Test>::get(id, unit).map(|agreed| (unit, agreed)));
		for (unit, agreed) in decided {
			let outcome = agreed.accepted.outcome;
			assert!(outcome == truth(id, unit) || outcome == skewed(id, unit), "unit {unit}");
			assert_eq!(agreed.by.count_ones(), 3, "unit {unit}");
		}
		let (accepted, undecided) = (job(id).accepted, job(id).undecided);
		assert!(accepted + undecided == 20 && undecided > accepted, "{accepted} of 20");
		assert!((1..=10).all(|number| worker(number).stake == STAKE));
		// A hundredth of 800 for each of ten of those, and 800 at most for each of three of these.
		let paid = job(id).paid;
		assert!(paid <= u128::from(undecided * 80 + accepted * 2_400), "{paid}");
		blocks(61);
		assert_ok!(ComputeMarket::close_job(origin(USER), id));
		assert_eq!(free(USER), before - paid + (1_000_000 - 90_000));
	});
}

/// It gives out no output: what waited of its pay is lost, and a pay more.
#[test]
fn output_hoarder_loses_more_than_it_gained() {
	run(|| {
		set_workers(1..=12);
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		let had = answerable(id, 0);
		crate::workers::serve(false);
		assert_ok!(ComputeMarket::dispute_output(origin(USER), id, 0));
		blocks(12);
		crate::workers::serve(true);
		until_done(id);
		for number in had {
			let gained = member(id, number).earned + member(id, number).withheld;
			let lost = STAKE - worker(number).stake;
			assert!(lost > gained, "{lost} {gained}");
		}
	});
}

/// Whoever draws pools until one pleases pays for each; and which tickets count was known before the beacon was.
#[test]
fn pool_grinder_pays_for_each_draw() {
	run(|| {
		set_workers(1..=9);
		let before = free(USER);
		for _ in 0..5 {
			let id = submit(20, Assurance::Quorum);
			until_out(id);
			assert_ok!(ComputeMarket::cancel_job(origin(USER), id));
			until_done(id);
		}
		let burned: u128 = events()
			.into_iter()
			.map(|event| match event {
				Event::JobCancelled(_, burned) => burned,
				_ => 0,
			})
			.sum();
		assert!(burned > 5 * 1_000, "{burned}");
		assert!(before - free(USER) > burned);
	});
	run(|| {
		set_workers(1..=3);
		let id = submit(1, Assurance::Quorum);
		// It comes with many once the turn before that of the draw has begun, when nobody knows yet what it draws.
		let turn = Beacons::<Test>::get().turn;
		while Beacons::<Test>::get().turn == turn {
			empty_block();
		}
		for number in 50..=90 {
			ComputeMarket::set_worker(origin(number), device(number as u8), Some(offer(2))).expect("its own");
			ComputeMarket::add_stake(origin(number), device(number as u8), STAKE).expect("rich");
		}
		until_out(id);
		let pool: Vec<u64> = Pools::<Test>::get(id).iter().map(|member| member.owner).collect();
		assert!(pool.len() == 3 && pool.iter().all(|owner| *owner < 50), "{pool:?}");
	});
}

/// It orders work by terms that its own workers alone meet: that counts for nothing.
#[test]
fn pool_grinder_by_terms_has_work_that_counts_for_nothing() {
	run(|| {
		set_workers(1..=12);
		for number in 20..=23 {
			let mut offer = offer(2);
			offer.memory_pages = 60_000;
			ComputeMarket::set_worker(origin(number), device(number as u8), Some(offer)).expect("its own");
			ComputeMarket::add_stake(origin(number), device(number as u8), STAKE).expect("rich");
		}
		blocks(6);
		let mut own = spec(3);
		own.memory_pages = 50_000;
		assert_ok!(ComputeMarket::submit_job(origin(USER), own, MAX, Assurance::Quorum));
		let id = LastJob::<Test>::get();
		until_done(id);
		assert!(job(id).accepted == 3 && !job(id).counts);
		assert_eq!((work().len(), ComputeMarket::take_paid_fuel()), (0, 0));
	});
}

/// It sends what is free, again and again: each counts once, and what is not asked for is refused.
#[test]
fn flooder_fills_no_blocks() {
	run(|| {
		set_workers(1..=5);
		let id = submit(8, Assurance::Quorum);
		until_out(id);
		let number = holders(id, 0)[0];
		let (_, at) = to_run(number)[0];
		let said = sealed(number, id, at);
		assert_eq!(apply(commit_call(number, id, vec![said])), Ok(()));
		for _ in 0..10 {
			assert_eq!(apply(commit_call(number, id, vec![said])), Err(ahead()));
		}
		for unit in 100..110 {
			let mut other = said;
			other.at.unit = unit;
			assert_eq!(apply(commit_call(number, id, vec![other])), Err(ahead()));
		}
		let shown = crate::workers::opened(number, id, at);
		assert_eq!(apply(reveal_call(number, id, vec![shown])), Err(ahead()));
		let mut fault = said;
		fault.said = Said::Fault;
		assert_eq!(apply(commit_call(number, id, vec![fault])), Err(ahead()));
		// Nor does it have others' pay: claims are of its own.
		assert_noop!(
			ComputeMarket::claim(origin(ANYBODY), BoundedVec::truncate_from(vec![id; 32])),
			Error::<Test>::NotAssigned
		);
	});
}

/// A fifth of all lie, always alike: hardly a unit is wrong, and who lies is out.
#[test]
fn a_fifth_of_liars_spoils_hardly_anything() {
	let (mut wrong, mut units) = (0, 0);
	for seed in seeds(12 * runs()) {
		run(|| {
			salt(seed as u32);
			set_workers(1..=30);
			let mut rng = Rng::new(seed);
			let mut liars = BTreeSet::new();
			while liars.len() < 6 {
				liars.insert(1 + rng.below(30) as u8);
			}
			liars.iter().for_each(|number| conduct(*number, Conduct::Lies(99)));
			let id = submit(128, Assurance::Quorum);
			until_done(id);
			for unit in 0..128 {
				if let Some(agreed) = Results::<Test>::get(id, unit) {
					wrong += u32::from(agreed.accepted.outcome != truth(id, unit));
					units += 1;
				}
			}
			assert!(liars.iter().all(|number| worker(*number).stake < STAKE));
		});
	}
	println!("{wrong} of {units} are wrong");
	// 0.83 % by reckoning, before anybody is out.
	assert!(wrong * 200 <= units * 3, "{wrong} of {units}");
}
