//! Audits: when each slot is asked, and that answers have their share of a block.

use crate::workbench::{moment, source};
use smartchain_rng::{runs, seeds, Rng};
use storage_market_primitives::{Audits, AuditsError, Moment, Period, Quota, Room, Tick, DAY, ERA, MAX_CHALLENGES};
use storage_proof_primitives::{answer_bytes, Shape, MAX_BYTES};

/// Which ticks of a period each of so many slots is asked at, by the rules of the list: those that were asked come
/// first, and what has no room waits.
fn asked(slots: u32, audits: &Audits, room: u32, rng: &mut Rng) -> (Vec<Tick>, u32) {
	let mut times = vec![Tick::MAX; slots as usize];
	let mut list: Vec<usize> = (0..slots as usize).collect();
	let mut period = Period::default();
	assert_eq!(period.turn(0, slots, audits), Some(slots));
	for tick in 0..audits.period {
		let draw = moment(rng, tick).slots();
		for number in 1..=period.due(tick, slots, &draw).min(room) {
			let waiting = slots - period.asked;
			let index = (period.asked + draw.below_u32(number, waiting)) as usize;
			times[list[index]] = tick;
			list.swap(index, period.asked as usize);
			period.asked += 1;
		}
	}
	let left = period.turn(audits.period, slots, audits).expect("it is over");
	(times, left)
}

#[test]
fn each_slot_is_asked_once_in_each_period() {
	let audits = Audits {
		period: 1_000,
		..Audits::real()
	};
	for seed in seeds(20 * runs()) {
		let mut rng = source(seed);
		let slots = rng.below(3_000) as u32;
		let (times, left) = asked(slots, &audits, u32::MAX, &mut rng);
		assert_eq!(left, 0);
		assert!(times.iter().all(|time| *time < audits.period));
	}
}

/// Also if there is but one: nobody knows its time before.
#[test]
fn each_time_of_a_period_is_as_likely_as_any_other() {
	let audits = Audits {
		period: 100,
		..Audits::real()
	};
	let mut rng = source(Rng::seed_from_env());
	for slots in [1, 7] {
		let mut tenths = [0_u32; 10];
		for _ in 0..7_000 / slots {
			let (times, _) = asked(slots, &audits, u32::MAX, &mut rng);
			times.iter().for_each(|time| tenths[*time as usize / 10] += 1);
		}
		// 700 each; six deviations of 25.
		assert!(tenths.iter().all(|tenth| tenth.abs_diff(700) < 151), "{tenths:?}");
	}
}

#[test]
fn what_has_no_room_waits_and_what_is_left_is_counted() {
	let audits = Audits {
		period: 100,
		..Audits::real()
	};
	let mut rng = source(Rng::seed_from_env());
	// Ten a tick on average, and as many have room.
	let (times, left) = asked(1_000, &audits, 11, &mut rng);
	assert_eq!(left, 0, "what had no room at once had it later");
	assert!(times.iter().all(|time| *time < 100));
	let (times, left) = asked(1_000, &audits, 7, &mut rng);
	assert_eq!(
		(left, times.iter().filter(|time| **time == Tick::MAX).count()),
		(300, 300)
	);
}

#[test]
fn a_period_begins_when_the_last_one_is_over() {
	let audits = Audits::real();
	let mut period = Period::default();
	assert_eq!(period.turn(5, 9, &audits), Some(9));
	assert_eq!(period.ends, 5 + DAY / 2);
	period.asked = 4;
	assert_eq!(period.turn(4 + DAY / 2, 9, &audits), None);
	// The clock may have gone on without a block in which anything was drawn.
	assert_eq!(period.turn(5 + DAY, 9, &audits), Some(5));
	assert_eq!((period.ends, period.asked), (5 + DAY + DAY / 2, 0));
}

/// A hundredth of a block has room for 15 answers of slots of 256 MiB: 30 openings.
#[test]
fn answers_take_their_share_of_a_block() {
	let (audits, shape) = (Audits::real(), Shape::of(256 << 20).expect("a slot"));
	let mut room = Room::part(&audits, 1);
	let count = (0..MAX_CHALLENGES).take_while(|_| room.take(shape)).count();
	assert_eq!(count, 15);
	assert!(room.bytes < answer_bytes(shape), "{room:?}");
	let small = Shape::of(0).expect("a slot");
	let mut room = Room::part(&audits, 1);
	let count = (0..2 * MAX_CHALLENGES).take_while(|_| room.take(small)).count();
	assert_eq!(count, MAX_CHALLENGES as usize);
}

#[test]
fn a_part_of_the_room_is_taken_of_the_whole() {
	let (audits, shape) = (Audits::real(), Shape::of(256 << 20).expect("a slot"));
	let (mut whole, mut half) = (Room::part(&audits, 1), Room::part(&audits, 2));
	let taken = (0..MAX_CHALLENGES)
		.take_while(|_| half.take_of(&mut whole, shape))
		.count();
	let rest = (0..MAX_CHALLENGES).take_while(|_| whole.take(shape)).count();
	assert_eq!((taken, rest), (7, 8));
	// Where the whole has nothing the part gives nothing, and loses nothing.
	let mut part = Room::part(&audits, 2);
	let before = part;
	assert!(!part.take_of(&mut whole, shape));
	assert_eq!(part, before);
}

#[test]
fn audits_that_cannot_be_are_refused() {
	let audits = Audits::real();
	assert_eq!(audits.check(), Ok(()));
	for by in [1, 60, 600, Tick::MAX] {
		assert_eq!(Audits::for_tests(by).check(), Ok(()), "{by}");
	}
	assert_eq!(Audits::for_tests(60).period, ERA / 60);
	let window = |window| Audits { window, ..audits }.check();
	let most = DAY / 4;
	assert_eq!(window(0), Err(AuditsError::Window { window: 0, most }));
	assert_eq!((window(most), window(most + 1).is_err()), (Ok(()), true));
	let least = answer_bytes(Shape::of(MAX_BYTES).expect("a slot"));
	let bytes = |bytes| Audits { bytes, ..audits }.check();
	let few = AuditsError::Bytes {
		bytes: least - 1,
		least,
	};
	assert_eq!((bytes(least), bytes(least - 1)), (Ok(()), Err(few)));
}

#[test]
fn a_challenge_is_open_until_its_deadline() {
	let audits = Audits::real();
	assert_eq!(audits.deadline(1_000), 1_600);
	assert!(audits.is_open(1_000, 1_600) && !audits.is_open(1_000, 1_601));
	assert_eq!(audits.deadline(Tick::MAX), Tick::MAX);
}

#[test]
fn an_era_has_exactly_its_visits() {
	for deals in [1, 2, 7, 1_000, 1_000_000] {
		let mut quota = Quota::default();
		let due: u64 = (0..ERA).map(|_| u64::from(quota.due(deals, ERA, 1_000).0)).sum();
		assert_eq!((due, quota.owed), (u64::from(deals), 0), "{deals} deals");
	}
}

#[test]
fn above_the_cap_visits_are_rarer_and_that_is_said() {
	let mut quota = Quota::default();
	assert_eq!(quota.due(u32::MAX, ERA, 31), (31, true));
	assert!(quota.owed < u64::from(ERA), "nothing piles up");
	assert_eq!(quota.due(0, ERA, 31), (0, false));
	assert_eq!(Quota { owed: u64::MAX }.due(u32::MAX, 1, 31), (31, true));
	assert_eq!(
		Quota::default().due(5, 0, 31),
		(5, false),
		"an era without a tick has one"
	);
}

/// Of the ticks of a moment nothing is known but what its randomness says.
#[test]
fn a_moment_s_draws_are_of_its_tick() {
	let mut rng = source(Rng::seed_from_env());
	let one = moment(&mut rng, 7);
	let other = Moment { tick: 8, ..one };
	assert_ne!(one.slots(), other.slots());
}
