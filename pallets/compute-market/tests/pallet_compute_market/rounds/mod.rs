//! How units are given out: pools, turns, deadlines, copies.

mod money;

use crate::{
	chain::*,
	workers::{conduct, Conduct},
};
use compute_market_primitives::{Assurance, UnitStage};
use frame_support::weights::Weight;
use pallet_compute_market::{Due, Event, Jobs, Pools, Units, MAX_OPEN};
use std::collections::BTreeMap;

#[test]
fn no_owner_is_in_a_pool_twice_and_no_user_in_its_own() {
	run(|| {
		set_workers(1..=30);
		ComputeMarket::set_worker(origin(40), device(40), Some(offer(1))).expect("its own");
		ComputeMarket::add_stake(origin(40), device(40), STAKE).expect("rich");
		blocks(6);
		ComputeMarket::submit_job(origin(40), spec(64), MAX, Assurance::Quorum).expect("rich");
		until_out(1);
		let owners: Vec<u64> = Pools::<Test>::get(1).iter().map(|member| member.owner).collect();
		let mut once = owners.clone();
		once.sort_unstable();
		once.dedup();
		assert_eq!(owners.len(), once.len());
		assert!(!owners.contains(&40) && owners.len() == 30);
	});
}

/// By what they have proven, within what chance does.
#[test]
fn who_is_faster_has_more() {
	run(|| {
		for number in 1..=8 {
			proves(number, if number > 4 { 3_000 } else { 1_000 });
			let (who, device) = (origin(number.into()), device(number));
			ComputeMarket::set_worker(who.clone(), device, Some(offer(64))).expect("its own");
			ComputeMarket::add_stake(who, device, STAKE).expect("rich");
		}
		blocks(6);
		let id = submit(320, Assurance::Quorum);
		until_done(id);
		let given = |numbers: core::ops::RangeInclusive<u8>| -> u32 {
			numbers.map(|number| member(id, number).work.given).sum()
		};
		// Nobody has a unit twice, so that the fast ones cannot have three quarters of all: of 960 about 640.
		let fast = given(5..=8);
		assert!((600..760).contains(&fast), "{fast}");
	});
}

#[test]
fn a_block_gives_out_64_and_what_has_weight() {
	run(|| {
		for number in 1..=12 {
			let (who, device) = (origin(number.into()), device(number));
			ComputeMarket::set_worker(who.clone(), device, Some(offer(64))).expect("its own");
			ComputeMarket::add_stake(who, device, STAKE).expect("rich");
		}
		blocks(6);
		let id = submit(100, Assurance::Quorum);
		while Pools::<Test>::get(id).is_empty() || Jobs::<Test>::get(id).is_some_and(|job| !job.queued) {
			begin_block();
			// As much as a pool takes, and nothing is given out.
			idle(Weight::from_parts(1_400, 0));
			check();
		}
		let given = |id| {
			Pools::<Test>::get(id)
				.iter()
				.map(|member| member.work.given)
				.sum::<u32>()
		};
		let before = given(id);
		empty_block();
		assert_eq!(given(id) - before, 64);
		begin_block();
		// A look at a tick, a visit in which one unit misses members, and three.
		let used = idle(Weight::from_parts(105, 0));
		assert_eq!((given(id) - before - 64, used), (3, Weight::from_parts(102, 0)));
	});
}

/// With a dead one among them the others do not wait for it in the end.
#[test]
fn idle_ones_copy_what_others_are_slow_with() {
	run(|| {
		set_workers(1..=9);
		conduct(5, Conduct::Slow(11));
		let id = submit(9, Assurance::Quorum);
		until_done(id);
		assert_eq!(job(id).accepted, 9);
		let copies = Units::<Test>::iter_prefix(id).count();
		assert_eq!(copies, 0);
		let given: u32 = Pools::<Test>::get(id).iter().map(|member| member.work.given).sum();
		assert!(given > 27, "some have computed what others were slow with");
		assert_eq!(count(|event| matches!(event, Event::WorkerLate(..))), 0);
	});
}

#[test]
fn who_is_late_three_times_leaves_the_pool() {
	run(|| {
		set_workers(1..=7);
		conduct(3, Conduct::Silent);
		let id = submit(120, Assurance::Quorum);
		until_done(id);
		assert_eq!(job(id).accepted, 120);
		let dead = member(id, 3).work;
		assert!(dead.out && dead.late >= 3 && dead.given <= 4, "{dead:?}");
		assert_eq!((worker(3).stake, worker(3).busy), (STAKE, 0));
		assert_eq!(worker(3).reliability.late, u32::from(dead.late));
	});
}

#[test]
fn a_unit_is_due_by_what_its_member_has_proven() {
	run(|| {
		set_workers(1..=3);
		proves(2, 500);
		ComputeMarket::set_worker(origin(2), device(2), Some(offer(2))).expect("its own");
		blocks(6);
		let id = submit(1, Assurance::Quorum);
		until_out(id);
		let since = Units::<Test>::get(id, 0).expect("out").replicas[0].since;
		let due: BTreeMap<u8, u32> = holders(id, 0)
			.into_iter()
			.zip(
				Units::<Test>::get(id, 0)
					.expect("out")
					.replicas
					.iter()
					.map(|replica| replica.due - since),
			)
			.collect();
		// Three times a Gfuel at half of 1,000 Mfuel a tick, and six; at half of 500.
		assert_eq!(due, BTreeMap::from([(1, 12), (2, 18), (3, 12)]));
		assert_eq!(Due::<Test>::get(since + 18).into_inner(), vec![(id, 0)]);
		let units = ComputeMarket::units(id, 0, 10);
		assert_eq!(
			(units.len(), units[0].stage),
			(1, UnitStage::Dispatched { due: since + 18 })
		);
	});
}

#[test]
fn so_many_units_are_out_at_most() {
	run(|| {
		for number in 1..=40 {
			let (who, device) = (origin(number.into()), device(number));
			ComputeMarket::set_worker(who.clone(), device, Some(offer(1_000))).expect("its own");
			ComputeMarket::add_stake(who, device, STAKE).expect("rich");
		}
		blocks(6);
		let id = submit(300, Assurance::Quorum);
		for _ in 0..24 {
			// Nobody is late: a thousandth of a device takes long.
			empty_block();
		}
		assert_eq!(job(id).open, MAX_OPEN);
	});
}

/// One of three is late while the others compute still, and nobody else is there: what they say ends the unit.
#[test]
fn a_unit_ends_where_nobody_is_left_to_be_asked() {
	run(|| {
		proves(3, 3_000);
		set_workers(1..=3);
		conduct(3, Conduct::Silent);
		(1..=2).for_each(|number| conduct(number, Conduct::Slow(10)));
		let id = submit(1, Assurance::Quorum);
		until_done(id);
		assert_eq!(count(|event| matches!(event, Event::WorkerLate(..))), 1);
		assert_eq!(
			(job(id).accepted, job(id).undecided),
			(0, 1),
			"two of three decide nothing"
		);
	});
}
