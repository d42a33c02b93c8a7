//! Who missed what.

use crate::{mock::*, *};
use poca_primitives::{Role, Schedule};
use proptest::prelude::*;

fn missed_turns() -> Vec<(AccountId, u32)> {
	events()
		.into_iter()
		.filter_map(|event| match event {
			Event::DirectorMissedTurn { director, turns } => Some((director, turns)),
			_ => None,
		})
		.collect()
}

#[test]
fn nothing_is_missed_when_every_slot_has_its_block() {
	with_directors(4, || {
		for slot in 1_200..1_200 + 8 * TURN {
			author(slot);
			assert!(missed_turns().is_empty());
		}
		assert_eq!(tallies(), vec![(0, 24); 4]);
	});
}

#[test]
fn nothing_was_missed_before_the_first_block() {
	with_directors(4, || {
		author(1_211);
		assert_eq!(tallies(), vec![(0, 1), (0, 0), (0, 0), (0, 0)]);
		author(1_212);
		assert_eq!(tallies(), vec![(0, 1), (0, 1), (0, 0), (0, 0)]);
		assert!(missed_turns().is_empty());
	});
}

#[test]
fn a_slot_that_the_standby_authored_was_missed_by_its_director() {
	with_directors(4, || {
		author(1_200);
		author_as_standby(1_203);
		assert_eq!(tallies(), vec![(3, 1), (0, 1), (0, 0), (0, 0)]);
	});
	// The same for the first block of the chain.
	with_directors(4, || {
		author_as_standby(1_202);
		assert_eq!(tallies(), vec![(1, 0), (0, 1), (0, 0), (0, 0)]);
	});
}

#[test]
fn a_turn_of_standby_blocks_is_a_missed_turn() {
	with_directors(4, || {
		author(1_211);
		for slot in [1_214, 1_217, 1_220, 1_223] {
			author_as_standby(slot);
			assert!(missed_turns().is_empty(), "the turn is not over");
		}
		author(1_224);
		assert_eq!(missed_turns(), vec![(account(1), 1)]);
		assert_eq!(tallies(), vec![(0, 1), (12, 0), (0, 5), (0, 0)]);
		author(1_225);
		assert!(missed_turns().is_empty(), "it is told once");
	});
}

#[test]
fn one_block_of_its_own_saves_a_turn() {
	with_directors(4, || {
		author(1_211);
		author_as_standby(1_214);
		author(1_217);
		author_as_standby(1_220);
		author(1_224);
		assert!(missed_turns().is_empty());
		assert_eq!(tallies()[1], (11, 1));
	});
}

#[test]
fn turns_without_any_block_are_missed() {
	with_directors(4, || {
		author(1_205);
		// Turns 101, 102, 103 and 104 pass.
		author(1_261);
		assert_eq!(
			missed_turns(),
			vec![(account(0), 1), (account(1), 1), (account(2), 1), (account(3), 1)]
		);
		// Six slots of its first turn, twelve of the second; and one of the slots of the turn that is on.
		assert_eq!(tallies(), vec![(18, 1), (13, 1), (12, 0), (12, 0)]);
	});
}

#[test]
fn a_month_of_sleep_is_one_step() {
	with_directors(4, || {
		author(1_200);
		let month = 30 * 24 * 3_600 * 2;
		author(1_200 + month);
		let turns: u32 = missed_turns().iter().map(|(_, turns)| turns).sum();
		assert_eq!(u64::from(turns), month / TURN - 1);
		let missed: u64 = tallies().iter().map(|(missed, _)| u64::from(*missed)).sum();
		assert_eq!(missed, month - 1);
		assert_eq!(events().len(), 5, "four directors and one era");
	});
}

fn told_missed() -> Vec<(AccountId, u32)> {
	let mut told = told().into_iter().filter_map(Told::missed);
	let missed = told.next().unwrap_or_default();
	assert_eq!(told.next(), None, "told once in a block at most");
	missed
}

#[test]
fn turns_missed_in_a_row_are_told_until_the_director_authors() {
	with_directors(4, || {
		// Director 2 is never there; the others are in each slot of theirs.
		let cycle = |from: u64| {
			let mut told = Vec::new();
			for slot in (from..from + 4 * TURN).filter(|slot| slot / TURN % 4 != 2) {
				author(slot);
				told.extend(told_missed());
			}
			told
		};
		assert_eq!(cycle(1_200), [(account(2), 1)]);
		assert_eq!(cycle(1_248), [(account(2), 2)]);
		author(1_296 + 2 * TURN);
		assert_eq!(
			told_missed(),
			[(account(0), 1), (account(1), 1)],
			"those two were not there now"
		);
		assert_eq!(cycle(1_344), [(account(3), 1), (account(2), 1)], "it begins anew");
	});
}

#[test]
fn a_director_that_authors_for_another_is_there() {
	with_directors(4, || {
		author(1_200);
		author(1_224);
		assert_eq!(told_missed(), [(account(1), 1)]);
		// Its own next turn passes as well, but before that it authors in that of director 0.
		author(1_236);
		author_as_standby(1_250);
		author(1_272);
		assert_eq!(told_missed(), [(account(0), 1), (account(1), 1)]);
	});
}

#[test]
fn who_authors_for_another_after_a_turn_that_it_missed_is_not_told() {
	with_directors(4, || {
		author(1_211);
		// The turn of director 1 is empty. Director 2 misses two slots as well, and directors 3 and 0 two each, before
		// director 1 authors in the turn of director 2.
		author_as_nth(2, 1_230);
		assert_eq!(told(), [Told::Authored(account(1))]);
		assert_eq!(missed_turns(), [(account(1), 1)]);
		assert_eq!(Tallies::<Test>::get()[1].missed_turns_in_a_row, 0);
	});
}

#[test]
fn who_authors_again_after_a_turn_that_it_missed_is_not_told() {
	with_directors(4, || {
		author(1_211);
		// The turn of director 1 is its standby's; the next block is director 1's, one cycle later.
		author_as_standby(1_214);
		author(1_260);
		assert!(missed_turns().contains(&(account(1), 1)));
		let told: Vec<_> = told_missed().into_iter().map(|(director, _)| director).collect();
		assert_eq!(told, [account(0), account(2), account(3)]);
	});
}

#[test]
fn a_chain_that_stood_still_for_a_whole_cycle_is_no_director_s_fault() {
	with_directors(4, || {
		author(1_200);
		// Turns 101 to 103: not a whole cycle.
		author(1_248);
		assert_eq!(told_missed(), [(account(1), 1), (account(2), 1), (account(3), 1)]);
		// Turns 105 to 108: a whole one.
		author(1_248 + 5 * TURN);
		assert_eq!(missed_turns().len(), 4);
		assert_eq!(told_missed(), []);
		author(1_248 + 7 * TURN);
		assert_eq!(told_missed(), [(account(2), 2)]);
	});
}

#[test]
fn counts_stay_at_their_maximum() {
	with_directors(1, || {
		author(1);
		author(u64::from(u32::MAX) * 5);
		assert_eq!(tallies(), vec![(u32::MAX, 2)]);
		author(u64::from(u32::MAX) * 5 + 100);
		assert_eq!(tallies(), vec![(u32::MAX, 3)]);
	});
}

#[test]
fn whoever_of_the_line_takes_a_turn_holds_it() {
	with_directors(5, || {
		author(1_199);
		// The director of turn 100 and the first of the line are gone.
		author_as_nth(1, 1_204);
		assert_eq!(TurnHolder::<Test>::get(), Some((100, 2)));
		execute(header(2, 1_205));
		execute(header(2, 1_206));
		assert_eq!(tallies(), [(7, 0), (0, 0), (0, 3), (0, 0), (0, 1)]);
		// The director comes back once the holder has missed two slots.
		author(1_209);
		assert_eq!(TurnHolder::<Test>::get(), None);
		author(1_210);
		assert_eq!(tallies()[0], (9, 2));
	});
}

#[test]
fn a_single_director_is_never_its_own_standby() {
	with_directors(1, || {
		author(1_200);
		author(1_210);
		assert_eq!(tallies(), vec![(9, 2)]);
	});
}

/// What one director after the other missed, slot by slot.
#[derive(Default)]
struct Naive {
	missed_slots: Vec<u32>,
	authored: Vec<u32>,
	missed_turns: Vec<u32>,
	/// Turns in which the director authored, or which began before the chain.
	attended: std::collections::BTreeSet<u64>,
}

impl Naive {
	fn note(&mut self, schedule: &Schedule, parent: Option<u64>, slot: u64, author: u16, role: Role) {
		let director = |slot: u64| usize::from(schedule.director(slot.into()).expect("has directors"));
		for missed in parent.map_or(slot, |parent| parent + 1)..slot {
			self.missed_slots[director(missed)] += 1;
		}
		if role == Role::Standby {
			self.missed_slots[director(slot)] += 1;
		}
		self.authored[usize::from(author)] += 1;
		if let Some(parent) = parent {
			for turn in parent / TURN..slot / TURN {
				if !self.attended.contains(&turn) {
					self.missed_turns[director(turn * TURN)] += 1;
				}
			}
		}
		if role == Role::Director || parent.is_none() {
			self.attended.insert(slot / TURN);
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// Whatever slots are left out and whoever authors the others: the tallies are those of counting slot by slot.
	#[test]
	fn tallies_are_those_of_counting(
		directors in 1u64..=7,
		start in 1u64..5_000,
		gaps in prop::collection::vec(
			(prop_oneof![3 => 1u64..4, 2 => 1u64..30, 1 => 1u64..400], any::<prop::sample::Index>()),
			1..60,
		),
	) {
		with_directors(directors, || {
			let count = directors as usize;
			let mut naive = Naive {
				missed_slots: vec![0; count],
				authored: vec![0; count],
				missed_turns: vec![0; count],
				..Default::default()
			};
			let mut told = vec![0u32; count];
			let mut parent = None;
			let mut slot = start;
			for (gap, who) in gaps {
				let schedule = schedule();
				let role = |author| schedule.role(parent.unwrap_or(0).into(), slot.into(), author);
				let mut may: Vec<_> = schedule.authors(slot.into());
				may.retain(|author| role(*author).is_some());
				let author = may[who.index(may.len())];
				let role = role(author).expect("it may author");
				execute(header(author, slot));
				naive.note(&schedule, parent, slot, author, role);
				for (director, turns) in missed_turns() {
					told[(director - account(0)) as usize] += turns;
				}
				Poca::do_try_state().expect("invariants hold");
				parent = Some(slot);
				slot += gap;
			}
			let expected: Vec<_> = naive.missed_slots.into_iter().zip(naive.authored).collect();
			assert_eq!(tallies(), expected);
			assert_eq!(told, naive.missed_turns);
		});
	}
}
