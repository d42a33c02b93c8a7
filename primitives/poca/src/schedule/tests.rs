//! Whose slot it is, in examples and for random schedules.

use super::*;
use alloc::{collections::BTreeSet, vec};
use proptest::prelude::*;
use sp_core::{crypto::VrfSecret, sr25519, ByteArray, Pair};

const TURN: u64 = 12;

fn key(number: u8) -> AuthorityId {
	sr25519::Public::from_slice(&[number; 32]).expect("32 bytes").into()
}

fn schedule(directors: u8) -> Schedule {
	Schedule {
		slot_duration: SlotDuration::from_millis(500),
		turn_length: TURN as u32,
		missed_slots: 2,
		standby_line: 3,
		vrf_version: VRF_VERSION,
		era_length: 1200,
		era: 0,
		directors: (0..directors).map(key).collect(),
		standby_signers: Vec::new(),
		randomness: [0; 32],
		turn_holder: None,
	}
}

/// Who may author this slot.
fn who(s: &Schedule, parent: u64, slot: u64) -> Vec<AuthorIndex> {
	let count = 2 * s.directors.len() as AuthorIndex + 2;
	(0..count)
		.filter(|author| s.role(parent.into(), slot.into(), *author).is_some())
		.collect()
}

/// The slots of a chain on which all but the dead author whenever they may, from slot 12 to `until`; the first in order
/// wins.
fn chain(s: &Schedule, dead: &BTreeSet<AuthorIndex>, until: u64) -> Vec<u64> {
	let mut s = s.clone();
	let mut slots = vec![TURN - 1];
	for slot in TURN..until {
		let parent = *slots.last().expect("never empty");
		let author = s
			.authors(slot.into())
			.into_iter()
			.filter(|author| !dead.contains(author))
			.find(|author| s.role(parent.into(), slot.into(), *author).is_some());
		if let Some(author) = author {
			let standby = s.director(slot.into()) != Some(author);
			s.turn_holder = standby.then(|| (s.turn(slot.into()), author));
			slots.push(slot);
		}
	}
	slots
}

fn longest_gap(slots: &[u64]) -> u64 {
	slots.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
}

#[test]
fn turns_of_twelve_go_round() {
	let s = schedule(4);
	for slot in 0..60u64 {
		let author = s.director(slot.into()).expect("has directors");
		assert_eq!(u64::from(author), slot / 12 % 4);
	}
	assert!(s.is_last_of_turn(11.into()) && !s.is_last_of_turn(10.into()) && !s.is_last_of_turn(12.into()));
}

#[test]
fn each_of_the_line_waits_for_two_more_missed_slots() {
	let s = schedule(5);
	assert_eq!(s.standbys(4.into()), [1, 2, 3]);
	assert_eq!(s.standby(4.into()), Some(1));
	// The parent is in slot 3: the line may from 6, 8 and 10 on.
	let expected: [&[AuthorIndex]; 8] = [
		&[0],
		&[0],
		&[0, 1],
		&[0, 1],
		&[0, 1, 2],
		&[0, 1, 2],
		&[0, 1, 2, 3],
		&[0, 1, 2, 3],
	];
	for (slot, expected) in (4..).zip(expected) {
		assert_eq!(who(&s, 3, slot), expected, "slot {slot}");
	}
	assert_eq!(s.role(3.into(), 6.into(), 1), Some(Role::Standby));
	assert_eq!(s.role(3.into(), 6.into(), 0), Some(Role::Director));
	assert_eq!(s.role(6.into(), 6.into(), 0), None);
}

#[test]
fn slots_that_the_director_before_missed_are_not_this_one_s() {
	let s = schedule(5);
	// The whole turn of director 0 is empty; director 1 is there in time.
	assert_eq!(who(&s, 59, 72), [1]);
	assert_eq!(who(&s, 59, 73), [1]);
	assert_eq!(who(&s, 59, 74), [1, 2]);
	assert_eq!(who(&s, 59, 76), [1, 2, 3]);
	assert_eq!(who(&s, 59, 78), [1, 2, 3, 4]);
}

#[test]
fn who_holds_a_turn_keeps_it_until_it_misses_two_slots_itself() {
	let s = Schedule {
		turn_holder: Some((0, 2)),
		..schedule(5)
	};
	assert_eq!(s.role(6.into(), 7.into(), 2), Some(Role::Standby));
	assert_eq!(who(&s, 6, 7), [2]);
	assert_eq!(who(&s, 6, 8), [2]);
	// Then the director may come back, and then the others of the line may, in their order.
	assert_eq!(who(&s, 6, 9), [0, 2]);
	assert_eq!(s.role(6.into(), 9.into(), 0), Some(Role::Director));
	assert_eq!(who(&s, 6, 10), [0, 2]);
	assert_eq!(who(&s, 5, 10), [0, 1, 2]);
	assert_eq!(who(&s, 4, 11), [0, 1, 2, 3]);
	// The next turn is its director's.
	assert_eq!(who(&s, 11, 12), [1]);
}

#[test]
fn a_holder_that_is_none_of_the_turn_s_holds_nothing() {
	let s = Schedule {
		turn_holder: Some((0, 4)),
		..schedule(5)
	};
	assert_eq!(who(&s, 3, 4), [0]);
}

#[test]
fn a_standby_signer_is_the_first_of_its_seat_s_line_and_of_no_other() {
	let s = Schedule {
		standby_signers: vec![Some(key(10)), None, Some(key(12))],
		..schedule(4)
	};
	// Seats 1 and 3 have none.
	assert_eq!(
		[0, 12, 24, 36u64].map(|slot| s.standbys(slot.into())),
		[vec![4, 1, 2], vec![2, 3, 0], vec![6, 3, 0], vec![0, 1, 2]]
	);
	assert_eq!(s.role(3.into(), 6.into(), 4), Some(Role::Standby));
	assert_eq!(who(&s, 3, 7), [0, 4]);
	assert_eq!(who(&s, 3, 8), [0, 1, 4]);
}

#[test]
fn keys_are_those_of_directors_and_then_of_standby_signers() {
	let s = Schedule {
		standby_signers: vec![Some(key(10)), None],
		..schedule(2)
	};
	let keys: Vec<_> = (0..5).map(|author| s.key(author).cloned()).collect();
	assert_eq!(keys, [Some(key(0)), Some(key(1)), Some(key(10)), None, None]);
	assert_eq!(s.key(u16::MAX), None);
}

#[test]
fn no_directors_no_author() {
	let s = schedule(0);
	assert_eq!(s.director(5.into()), None);
	assert_eq!(s.standby(5.into()), None);
	assert!(who(&s, 1, 5).is_empty());
}

#[test]
fn nobody_stands_by_for_itself_or_twice() {
	let s = schedule(1);
	assert_eq!(who(&s, 1, 500), [0]);
	assert_eq!(s.standby(500.into()), None);
	assert_eq!(schedule(2).standbys(0.into()), [1]);
	assert_eq!(schedule(3).standbys(0.into()), [1, 2]);
}

#[test]
fn numbers_that_make_no_sense_leave_every_slot_to_somebody() {
	let s = Schedule {
		turn_length: 0,
		missed_slots: u32::MAX,
		standby_line: u32::MAX,
		..schedule(3)
	};
	assert_eq!(who(&s, 5, 9), [0]);
	assert_eq!(who(&s, u64::MAX - 1, u64::MAX), [0]);
	let s = Schedule {
		standby_line: 0,
		missed_slots: 0,
		..schedule(3)
	};
	assert_eq!(who(&s, 0, 11), [0]);
}

#[test]
fn the_vrf_of_a_turn_does_not_depend_on_the_slot() {
	let s = schedule(4);
	let pair = sr25519::Pair::from_seed(&[1; 32]);
	let output = |slot: u64| {
		pair.vrf_sign(&s.vrf_input(slot.into()).expect("a known rule"))
			.pre_output
	};
	for slot in 13..24 {
		assert_eq!(output(slot), output(12), "slot {slot}");
	}
	assert_ne!(output(24), output(12));
}

#[test]
fn an_unknown_vrf_rule_is_refused() {
	let s = Schedule {
		vrf_version: 9,
		..schedule(4)
	};
	let error = s.vrf_input(5.into()).err().expect("refused");
	assert_eq!(error, UnknownVrfVersion(9));
	assert!(error.to_string().contains("rule 9") && error.to_string().contains("newer node"));
}

#[test]
fn one_dead_director_costs_a_second() {
	let dead = [2].into();
	assert_eq!(longest_gap(&chain(&schedule(7), &dead, 40 * TURN)), 3);
}

#[test]
fn two_dead_neighbours_cost_three_and_a_half_seconds_at_most() {
	// The second of the line authors at b + 5.
	let dead: BTreeSet<_> = [2, 3].into();
	let s = schedule(7);
	assert_eq!(longest_gap(&chain(&s, &dead, 40 * TURN)), 5);
	// With a standby signer that is dead as well, the third at b + 7: seven slots of half a second.
	let s = Schedule {
		standby_signers: vec![None, None, Some(key(12))],
		..s
	};
	let dead = [2, 3, 7 + 2].into();
	assert_eq!(longest_gap(&chain(&s, &dead, 40 * TURN)), 7);
}

/// Schedules of all kinds, with or without a holder of the turn that is looked at.
fn any_schedule() -> impl Strategy<Value = Schedule> {
	let signers = prop::collection::vec(any::<bool>(), 0..10);
	(
		1u8..10,
		signers,
		0u32..5,
		1u32..5,
		prop::option::of((0u64..4, 0u16..20)),
	)
		.prop_map(
			|(directors, signers, standby_line, missed_slots, turn_holder)| Schedule {
				standby_signers: signers
					.into_iter()
					.take(directors.into())
					.zip(100..)
					.map(|(is_there, number)| is_there.then(|| key(number)))
					.collect(),
				standby_line,
				missed_slots,
				turn_holder,
				..schedule(directors)
			},
		)
}

proptest! {
	#[test]
	fn every_slot_is_somebody_s_and_never_more_than_the_line_s_and_one(
		s in any_schedule(),
		parent in 0u64..48,
		ahead in 1u64..40,
	) {
		let authors = who(&s, parent, parent + ahead);
		prop_assert!(!authors.is_empty(), "nobody may author");
		prop_assert!(authors.len() <= s.standby_line as usize + 1, "{:?} may author", authors);
		for author in authors {
			prop_assert!(s.key(author).is_some(), "{} has no key", author);
		}
	}

	#[test]
	fn nobody_competes_with_a_holder_that_is_there(s in any_schedule(), parent in 0u64..48, ahead in 1u64..40) {
		let slot = parent + ahead;
		let missed = slot - (parent + 1).max(slot / TURN * TURN);
		let authors = who(&s, parent, slot);
		let most = missed / u64::from(s.missed_slots) + 1;
		prop_assert!(authors.len() as u64 <= most, "{:?} may author after {} missed slots", authors, missed);
		if missed < u64::from(s.missed_slots) {
			let holder = s.turn_holder.filter(|(turn, holder)| {
				*turn == slot / TURN && s.standbys(slot.into()).contains(holder)
			});
			let expected = holder.map(|(_, holder)| holder).or(s.director(slot.into()));
			prop_assert_eq!(authors.first().copied(), expected);
		}
	}

	#[test]
	fn whoever_is_dead_a_turn_goes_on_while_one_of_its_authors_lives(
		s in any_schedule(),
		dead in prop::collection::btree_set(0u16..20, 0..10),
	) {
		let s = Schedule { missed_slots: s.missed_slots.min(2), turn_holder: None, ..s };
		let turns = 4 * s.directors.len() as u64;
		let alive = (0..turns).all(|turn| {
			s.authors((turn * TURN).into()).iter().any(|author| !dead.contains(author))
		});
		prop_assume!(alive);
		let most = u64::from(s.missed_slots) * u64::from(s.standby_line) + 1;
		let slots = chain(&s, &dead, turns * TURN);
		prop_assert!(longest_gap(&slots) <= most, "{:?}", slots);
	}
}
