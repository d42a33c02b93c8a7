//! Which units are given out first, and for which the money has to be there. All members ask for one pay.

use crate::{chain::*, workers::*};
use compute_market_primitives::{Assurance, Balance, Commitment, JobId, Tick, UnitAt};
use core::ops::Range;
use frame_support::assert_ok;
use pallet_compute_market::{Boards, Event, Jobs, Phase, Pools, State, Unit, Units, Workers};
use smartchain_rng::{runs, seeds};

/// What a member is paid for a unit at most.
const PAY: Balance = 1_000;

/// A unit as it may be out, and at which places of the pool those are who have it.
#[derive(Clone, Debug)]
enum Out {
	/// It wants so many. The first of those who have said something of it has lied.
	Wants(u8, Vec<u8>),
	/// All have said something, and nobody ever reveals it.
	Goes(Vec<u8>),
	/// All compute it, and should have been done long ago.
	Slow(Vec<u8>),
}

fn wants(want: u8, places: Range<u8>) -> Out {
	Out::Wants(want, places.collect())
}

fn goes(places: Range<u8>) -> Out {
	Out::Goes(places.collect())
}

impl Out {
	fn unit(&self, id: JobId, at: UnitAt) -> Unit {
		let (want, places, since, due) = match self {
			Self::Wants(want, places) => (usize::from(*want), places, Now::get(), Tick::MAX),
			Self::Goes(places) => (places.len(), places, Now::get(), Tick::MAX),
			Self::Slow(places) => (places.len(), places, Now::get() - 30, Now::get() + 30),
		};
		let mut unit = Unit::new(want, 0, None);
		for place in places {
			unit.give(*place, since, due, false).expect("there is room");
		}
		for (number, replica) in unit.replicas.iter_mut().enumerate() {
			replica.state = match self {
				Self::Wants(..) if number == 0 => State::Revealed(lie(id, at, 9)),
				Self::Wants(..) => State::Revealed(truth(id, at)),
				Self::Goes(_) => State::Sealed(Commitment([0; 32])),
				Self::Slow(_) => State::Working,
			};
		}
		if matches!(self, Self::Goes(_)) {
			unit.phase = Phase::Revealing {
				until: Tick::MAX,
				begun: false,
			};
		}
		unit
	}
}

/// Nothing of a job is out, and nothing was.
fn wipe(id: JobId) {
	let units: Vec<(UnitAt, Unit)> = Units::<Test>::iter_prefix(id).collect();
	for (at, unit) in units {
		for replica in unit.replicas.iter().filter(|replica| replica.state == State::Working) {
			let device = Pools::<Test>::get(id)[usize::from(replica.member)].work.device;
			Workers::<Test>::mutate(device, |worker| worker.as_mut().expect("set").busy -= 1);
		}
		Units::<Test>::remove(id, at);
	}
	Pools::<Test>::mutate(id, |pool| {
		for member in pool.iter_mut() {
			(member.has, member.work.in_flight) = (0, 0);
		}
	});
	Boards::<Test>::remove(id);
	Jobs::<Test>::mutate(id, |job| {
		let job = job.as_mut().expect("there");
		(job.promised, job.open, job.next) = (0, 0, 0);
	});
}

/// These units of a job are out, so much lies there that is promised to nobody, and nothing was decided.
fn lay_out(id: JobId, free: Balance, units: &[Out]) {
	wipe(id);
	for (at, out) in (0..).zip(units) {
		let unit = out.unit(id, at);
		for replica in &unit.replicas {
			let works = replica.state == State::Working;
			let device = Pools::<Test>::get(id)[usize::from(replica.member)].work.device;
			Workers::<Test>::mutate(device, |worker| worker.as_mut().expect("set").busy += u32::from(works));
			Pools::<Test>::mutate(id, |pool| {
				let member = &mut pool[usize::from(replica.member)];
				member.has += 1;
				member.work.in_flight += u16::from(works);
			});
		}
		Boards::<Test>::mutate(id, |board| {
			board.open.try_push(at).expect("there is room");
			if matches!(out, Out::Wants(..)) {
				board.wanting.try_push(at).expect("there is room");
			}
		});
		Jobs::<Test>::mutate(id, |job| {
			let job = job.as_mut().expect("there");
			job.promised += PAY * unit.replicas.len() as Balance;
			job.open += 1;
			job.next += 1;
		});
		Units::<Test>::insert(id, at, unit);
	}
	set_escrow(id, job(id).promised + free);
}

/// A job of so many units and members, with these units out, and so much that is promised to nobody.
fn running(members: u8, units: u32, free: Balance, out: &[Out]) -> JobId {
	set_dear(1..=members, 8);
	let id = submit(units, Assurance::Quorum);
	until_out(id);
	assert_eq!(Pools::<Test>::get(id).len(), usize::from(members));
	lay_out(id, free, out);
	assert!(job(id).queued);
	id
}

/// How many have each unit that is out.
fn have(id: JobId) -> Vec<usize> {
	let units = (0..job(id).next).filter_map(|at| Units::<Test>::get(id, at));
	units.map(|unit| unit.replicas.len()).collect()
}

fn shorts() -> usize {
	count(|event| matches!(event, Event::JobShort(..)))
}

/// The device at a place of a pool.
fn number_at(id: JobId, place: u8) -> u8 {
	Pools::<Test>::get(id)[usize::from(place)].work.device.0[0]
}

/// Members at these places have room for so many units.
fn set_room(id: JobId, places: Range<u8>, slots: u16) {
	places.for_each(|place| set_slots(number_at(id, place), slots));
}

#[test]
fn money_for_one_unit_is_not_spread_over_two() {
	run(|| {
		let id = running(9, 2, 3 * PAY, &[wants(7, 0..3), wants(7, 3..6)]);
		empty_block();
		assert_eq!((have(id), job(id).short.is_some()), (vec![3, 3], true));
		assert_ok!(ComputeMarket::top_up(origin(ANYBODY), id, PAY));
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![7, 3], None));
	});
}

/// One has its money and waits for members that are busy elsewhere; the other one waits for money, which comes back
/// once the first one is decided.
#[test]
fn a_job_is_not_short_while_a_unit_waits_for_room_alone() {
	run(|| {
		let id = running(9, 2, 4 * PAY, &[wants(7, 0..3), wants(7, 3..6)]);
		set_room(id, 5..9, 0);
		for _ in 0..4 {
			empty_block();
			assert_eq!((have(id), job(id).short, job(id).free()), (vec![5, 3], None, 2 * PAY));
		}
		set_room(id, 5..9, 8);
		until_done(id);
		assert_eq!((job(id).accepted, shorts()), (2, 0));
	});
}

#[test]
fn a_step_that_has_begun_comes_first() {
	for free in [PAY, 6 * PAY] {
		run(|| {
			// The older one has come further, and for the rest of the other one there is money.
			let id = running(13, 2, free, &[wants(13, 0..7), wants(7, 0..6)]);
			empty_block();
			assert_eq!((have(id), job(id).short), (vec![7, 7], None));
		});
	}
}

#[test]
fn of_two_units_the_one_that_has_come_further_comes_first() {
	run(|| {
		let id = running(13, 2, 6 * PAY, &[wants(7, 0..3), wants(13, 3..10)]);
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![3, 13], None));
	});
}

/// Seven may decide nothing, and six more are asked then.
#[test]
fn a_step_begins_if_there_is_money_for_the_next_one() {
	run(|| {
		let units = [wants(7, 0..3), goes(3..6)];
		let id = running(13, 2, 9 * PAY, &units);
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![3, 3], None));
		lay_out(id, 10 * PAY, &units);
		empty_block();
		assert_eq!(have(id), [7, 3]);
		// Where nothing else goes on it begins without.
		lay_out(id, 4 * PAY, &[wants(7, 0..3), wants(7, 3..6)]);
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![7, 3], None));
	});
}

#[test]
fn a_unit_that_can_be_paid_goes_on_beside_one_that_cannot() {
	run(|| {
		let id = running(13, 2, 4 * PAY, &[wants(13, 0..7), wants(7, 7..10)]);
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![7, 7], None));
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![7, 7], None));
	});
}

#[test]
fn a_job_is_short_once_nothing_goes_on() {
	run(|| {
		let id = running(9, 3, 3 * PAY, &[wants(7, 0..3), wants(7, 3..6), goes(6..9)]);
		for _ in 0..3 {
			empty_block();
			assert_eq!((have(id), job(id).short), (vec![3, 3, 3], None));
		}
		lay_out(id, 3 * PAY, &[wants(7, 0..3), wants(7, 3..6), wants(7, 6..9)]);
		empty_block();
		assert_eq!((have(id), shorts()), (vec![3, 3, 3], 1));
	});
}

#[test]
fn a_job_is_short_only_if_somebody_has_room() {
	run(|| {
		let id = running(9, 1, 3 * PAY, &[wants(7, 0..3)]);
		set_room(id, 3..9, 0);
		for _ in 0..3 {
			empty_block();
			assert_eq!((have(id), job(id).short), (vec![3], None));
		}
		set_room(id, 8..9, 1);
		empty_block();
		assert_eq!((have(id), shorts()), (vec![3], 1));
	});
}

/// Nobody puts more into it. Three more can be paid, and six decide; whoever hands it back leaves its pay to another.
#[test]
fn a_job_that_was_given_up_asks_as_many_as_decide() {
	run(|| {
		let id = running(9, 1, 3 * PAY, &[wants(7, 0..3)]);
		Jobs::<Test>::mutate(id, |job| job.as_mut().expect("there").given_up = true);
		for _ in 0..2 {
			empty_block();
			assert_eq!((have(id), job(id).short), (vec![6], None));
		}
		let number = *holders(id, 0).last().expect("six have it");
		let (_, at) = to_run(number)[0];
		assert_ok!(apply(decline_call(number, id, vec![at])));
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![6], None));
		assert!(!holders(id, 0).contains(&number));
		until_done(id);
		assert_eq!((job(id).accepted, shorts()), (1, 0));
	});
}

#[test]
fn a_unit_that_all_were_asked_for_ends_without_money() {
	run(|| {
		let id = running(9, 1, 0, &[wants(7, 0..3)]);
		Units::<Test>::mutate(id, 0, |unit| unit.as_mut().expect("out").asked = u64::MAX);
		empty_block();
		empty_block();
		assert_eq!((job(id).undecided, shorts(), is_done(id)), (1, 0, true));
	});
}

#[test]
fn a_unit_begins_if_there_is_money_for_a_dissent() {
	run(|| {
		let id = running(9, 4, 15 * PAY, &[]);
		empty_block();
		assert_eq!((have(id), job(id).free()), (vec![3, 3, 3], 6 * PAY));
		while !is_done(id) {
			block();
			assert!(job(id).next < 4 || job(id).accepted > 0, "{:?}", job(id));
		}
		assert_eq!((job(id).accepted, shorts()), (4, 0));
	});
	run(|| {
		// Of those that are left five can be asked at most.
		let id = running(9, 4, 15 * PAY, &[]);
		Pools::<Test>::mutate(id, |pool| {
			for member in pool.iter_mut().skip(5) {
				member.work.out = true;
			}
		});
		empty_block();
		assert_eq!(have(id), [3, 3, 3, 3]);
	});
}

#[test]
fn no_unit_begins_while_another_one_waits_for_money() {
	run(|| {
		let id = running(13, 3, 9 * PAY, &[wants(7, 0..3), goes(3..6)]);
		empty_block();
		assert_eq!((have(id), job(id).fresh()), (vec![3, 3], 1));
	});
}

/// One waits for money meanwhile; for that what a dissent takes is left.
#[test]
fn what_others_are_slow_with_is_copied_while_something_waits() {
	run(|| {
		blocks(30);
		let id = running(13, 2, 9 * PAY, &[wants(7, 0..3), Out::Slow(vec![3, 4, 5])]);
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![3, 4], None));
		(0..4).for_each(|_| empty_block());
		assert_eq!((have(id), job(id).free()), (vec![3, 5], 7 * PAY));
	});
}

/// Every member has as much as its stake covers: a step that has begun ends nevertheless, and where nothing else goes
/// on one begins.
#[test]
fn what_stakes_cover_is_in_the_way_of_no_end() {
	run(|| {
		MarketTerms::mutate(|terms| terms.stake = 2);
		let id = running(9, 3, 20 * PAY, &[wants(7, 0..4), wants(7, 4..7), goes(7..9)]);
		empty_block();
		assert_eq!(have(id), [7, 3, 2]);
		lay_out(id, 20 * PAY, &[wants(7, 0..3), wants(7, 3..6), wants(7, 6..9)]);
		empty_block();
		assert_eq!((have(id), job(id).short), (vec![7, 3, 3], None));
	});
}

/// Who has lied in each of four units loses its stake with the second one: that pays for those whom the other two need
/// besides. Without that three pays would be missing.
#[test]
fn a_lost_stake_pays_for_the_units_that_the_liar_has_still() {
	run(|| {
		burns(LIMIT);
		let units = [[0, 1, 2], [0, 3, 4], [0, 5, 6], [0, 7, 8]];
		let units = units.map(|places| Out::Wants(7, places.to_vec()));
		let id = running(9, 4, 6 * PAY, &units);
		let treasury = free(TREASURY);
		until_done(id);
		assert_eq!((job(id).accepted, shorts()), (4, 0));
		// Two pays were the fine. Of the 198 others two are for the second unit, and two for each of two more.
		assert_eq!(free(TREASURY) - treasury, (198 - 6) * PAY);
	});
}

/// With a second step many would wait for a third one: two that lie at once have nearly all units first.
#[test]
fn fast_liars_among_many_do_not_tie_up_the_escrow() {
	for seed in seeds(4 * runs()) {
		run(|| {
			salt(seed as u32);
			// Nobody is late.
			MarketTerms::mutate(|terms| terms.times.slack = 40);
			set_dear(1..=2, 64);
			set_dear(3..=24, 2);
			(1..=2).for_each(|number| conduct(number, Conduct::Lies(9)));
			(3..=24).for_each(|number| conduct(number, Conduct::Slow(20)));
			let id = submit(64, Assurance::Quorum);
			until_done(id);
			assert_eq!((job(id).accepted, shorts()), (64, 0), "seed {seed}");
			for unit in 0..64 {
				let found = agreed(id, unit).accepted.outcome;
				assert_eq!(found, truth(id, unit), "seed {seed}, unit {unit}");
			}
			assert!(worker(1).stake < STAKE && worker(2).stake < STAKE);
		});
	}
}
