//! How often slots are asked, until when answers count, and how long a slot counts as held.

use crate::workbench::source;
use proptest::prelude::*;
use smartchain_rng::{runs, seeds};
use storage_proof_primitives::{
	answer_bytes, AuditTerms, AuditTermsError, DealTimes, DealTimesError, Retention, RetentionError, Shape, DAY, ERA,
	MAX_BYTES, MAX_CHALLENGES,
};

const TERMS: AuditTerms = AuditTerms::real();

#[test]
fn an_answer_counts_until_its_deadline_and_shows_the_time_until_it_was_asked() {
	let mut slot = Retention::confirmed(1_000);
	assert_eq!(slot.answered(&TERMS, 1_000), Err(RetentionError::NotChallenged));
	slot.ask(5_000).unwrap();
	assert_eq!(slot.ask(5_100), Err(RetentionError::Open(5_000)));
	assert_eq!(slot.missed(&TERMS, 5_600), Err(RetentionError::StillOpen(5_600)));
	let mut late = slot;
	assert_eq!(late.answered(&TERMS, 5_601), Err(RetentionError::TooLate(5_600)));
	assert_eq!(late, slot);
	assert_eq!(slot.answered(&TERMS, 5_600), Ok(4_000));
	assert_eq!((slot.proven_to(), slot.asked(), slot.is_held()), (5_000, None, true));
	assert_eq!(late.missed(&TERMS, 5_601), Ok(4_000));
	assert_eq!((late.proven_to(), late.misses(), late.is_held()), (5_000, 1, false));
}

#[test]
fn one_answer_makes_a_suspect_held() {
	let mut slot = Retention::confirmed(0);
	for round in 1..=3u8 {
		let asked = u32::from(round) * ERA;
		slot.ask(asked).unwrap();
		assert_eq!(slot.missed(&TERMS, asked + 601), Ok(ERA));
		assert_eq!(slot.misses(), round);
	}
	slot.ask(4 * ERA).unwrap();
	assert_eq!(slot.answered(&TERMS, 4 * ERA + 1), Ok(ERA));
	assert!(slot.is_held());
}

#[test]
fn misses_do_not_wrap() {
	let mut slot = Retention::confirmed(0);
	for round in 1..=300 {
		slot.ask(round * ERA).unwrap();
		slot.missed(&TERMS, round * ERA + 601).unwrap();
	}
	assert_eq!(slot.misses(), 255);
	assert!(!slot.is_held());
}

#[test]
fn all_time_is_paid_for_or_forfeited_and_none_of_it_twice() {
	for seed in seeds(500 * runs()) {
		let mut rng = source(seed);
		let (begun, mut now) = (rng.below(1 << 20) as u32, 0u32);
		let (mut slot, mut settled) = (Retention::confirmed(begun), 0u64);
		for _ in 0..200 {
			now = now.max(begun) + rng.below(2_000) as u32;
			let ticks = match rng.below(3) {
				0 => slot.ask(now).map(|()| 0),
				1 => slot.answered(&TERMS, now),
				_ => slot.missed(&TERMS, now),
			};
			settled += u64::from(ticks.unwrap_or(0));
			assert_eq!(settled, u64::from(slot.proven_to() - begun));
			assert!(slot.proven_to() <= now);
		}
	}
}

#[test]
fn a_slot_is_asked_twice_a_day() {
	for active in [0, 1, 7, 1_000, 86_400, 1_000_000] {
		let (mut carry, mut asked, mut short) = (0, 0u64, 0);
		for _ in 0..DAY {
			let due = TERMS.due(active, carry);
			assert!(due.count <= MAX_CHALLENGES);
			carry = due.carry;
			asked += u64::from(due.count);
			short += due.short;
		}
		assert_eq!((asked, short), (2 * u64::from(active), 0));
	}
}

#[test]
fn more_slots_than_a_block_has_room_for_are_asked_more_rarely_and_that_is_said() {
	let due = TERMS.due(10_000_000, 0);
	assert_eq!((due.count, due.short), (64, 51));
	// What was short is not caught up with.
	assert!(due.carry < DAY);
}

/// A hundredth of a block has room for 15 answers of slots of 256 MiB: 30 openings.
#[test]
fn answers_take_their_share_of_a_block() {
	let shape = Shape::of(256 << 20).unwrap();
	let (mut taken, mut answers) = (0, 0);
	while let Some(more) = TERMS.room_for(taken, shape) {
		(taken, answers) = (more, answers + 1);
	}
	assert_eq!(answers, 15);
	assert!(taken <= TERMS.bytes && taken + answer_bytes(shape) > TERMS.bytes);
	assert_eq!(TERMS.room_for(u32::MAX, shape), None);
}

#[test]
fn terms_that_cannot_be_are_refused() {
	assert_eq!(TERMS.check(), Ok(()));
	assert_eq!(AuditTerms::for_tests(60).check(), Ok(()));
	let per_day = |per_day| AuditTerms { per_day, ..TERMS }.check();
	assert_eq!(per_day(0), Err(AuditTermsError::PerDay(0)));
	assert_eq!(per_day(144), Ok(()));
	assert_eq!(per_day(145), Err(AuditTermsError::PerDay(145)));
	let window = |window| AuditTerms { window, ..TERMS }.check();
	assert_eq!(window(0), Err(AuditTermsError::Window { window: 0, era: ERA }));
	assert_eq!(window(ERA), Ok(()));
	assert!(window(ERA + 1).is_err());
	let least = answer_bytes(Shape::of(MAX_BYTES).unwrap());
	let bytes = |bytes| AuditTerms { bytes, ..TERMS }.check();
	assert_eq!(bytes(least), Ok(()));
	let few = AuditTermsError::Bytes {
		bytes: least - 1,
		least,
	};
	assert_eq!(bytes(least - 1), Err(few));
}

#[test]
fn test_chains_ask_each_era() {
	let terms = AuditTerms::for_tests(60);
	assert_eq!((terms.day, terms.window), (2_880, 10));
	let (mut carry, mut asked) = (0, 0);
	for _ in 0..20 {
		let due = terms.due(3, carry);
		carry = due.carry;
		asked += due.count;
	}
	assert_eq!((asked, carry), (3, 0));
}

#[test]
fn patience_is_longer_the_more_slots_are_usable() {
	let times = DealTimes::real();
	let patiences = [
		(2, 1_200),
		(4, 1_200),
		(5, 7_200),
		(6, 28_800),
		(7, 86_400),
		(8, 86_400),
		(255, 86_400),
	];
	for (usable, ticks) in patiences {
		assert_eq!(times.patience_of(usable, 4), ticks);
		assert!(!times.is_lost(100, 100 + ticks, usable, 4));
		assert!(times.is_lost(100, 101 + ticks, usable, 4));
	}
	assert!(!times.is_lost(u32::MAX - 1, u32::MAX, 9, 4));
}

#[test]
fn the_times_of_a_deal() {
	let times = DealTimes::real();
	assert_eq!((times.place_by(100), times.close_from(100)), (340, 100 + DAY));
	for (bytes, mibs) in [(0, 0), (1, 1), (1 << 20, 1), ((1 << 20) + 1, 2), (256 << 20, 256)] {
		assert_eq!(times.confirm_by(100, bytes), 1_300 + 2 * mibs);
	}
	assert_eq!(times.confirm_by(100, u64::MAX), u32::MAX);
	assert_eq!(times.place_by(u32::MAX), u32::MAX);
	let scaled = DealTimes::for_tests(60);
	assert_eq!((scaled.placing, scaled.uploading, scaled.grace), (4, 20, 2_880));
	assert_eq!(scaled.patience, [20, 120, 480, 1_440]);
	assert_eq!((times.check(), scaled.check()), (Ok(()), Ok(())));
	assert_eq!(DealTimes::for_tests(u32::MAX).check(), Ok(()));
}

#[test]
fn times_that_cannot_be_are_refused() {
	let times = DealTimes::real();
	let none = [
		DealTimes { placing: 0, ..times },
		DealTimes { uploading: 0, ..times },
		DealTimes { grace: 0, ..times },
		DealTimes {
			patience: [0, 1, 2, 3],
			..times
		},
	];
	assert!(none.iter().all(|times| times.check() == Err(DealTimesError::None)));
	let patience = [1, 2, 4, 3];
	assert_eq!(DealTimes { patience, ..times }.check(), Err(DealTimesError::Patience));
}

proptest! {
	#[test]
	fn any_numbers_have_an_answer(
		numbers: [u32; 9], length in 0..=MAX_BYTES, usable: u8, needed: u8,
	) {
		let [day, per_day, window, bytes, active, carry, now, asked, since] = numbers;
		let terms = AuditTerms { day, per_day, window, bytes };
		let due = terms.due(active, carry);
		prop_assert!(due.count <= MAX_CHALLENGES && due.carry < day.max(1));
		let _ = (terms.check(), terms.room_for(carry, Shape::of(length).unwrap()));
		let mut slot = Retention::confirmed(since);
		slot.ask(asked).unwrap();
		// Either it may answer, or it has missed.
		let (mut one, mut other) = (slot, slot);
		prop_assert!(one.answered(&terms, now).is_ok() != other.missed(&terms, now).is_ok());
		let times = DealTimes {
			placing: day,
			uploading: window,
			uploading_a_mib: per_day,
			grace: bytes,
			patience: [now; 4],
		};
		prop_assert!(times.confirm_by(now, length) >= now && times.place_by(now) >= now);
		let _ = (times.check(), times.is_lost(since, now, usable, needed));
	}
}
