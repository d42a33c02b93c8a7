//! When rounds and windows open and close, and what they are about.

use crate::{Accumulator, Challenge, Threshold};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// Keeps what opens windows of compute apart from everything else that is hashed.
const WINDOW_TAG: &[u8; 20] = b"smart/compute/window";

/// What round (or window) `round` of a lottery is about, from the accumulator after the block that opened it. The rest
/// has a fixed length, so that no two tags and rounds give the same bytes.
pub fn challenge(tag: &[u8], accumulator: &Accumulator, round: u64) -> Challenge {
	blake2_256(&[tag, accumulator, &round.to_le_bytes()].concat())
}

/// The turn's first slot, if a block in `slot` is the first of its turn.
fn turn_begun_by(turn: u32, parent_slot: u64, slot: u64) -> Option<u64> {
	let turn = u64::from(turn.max(1));
	let first = slot.saturating_sub(slot.checked_rem(turn)?);
	(parent_slot < first).then_some(first)
}

/// Rounds at fixed times.
///
/// Round `r` is opened by the first block of the first turn that begins at or after slot `length * r + offset`; of
/// rounds that no block opened before the next one was due there are none. What it is about is in that block for the
/// first time, since authors add to the accumulator in the first block of a turn alone: in any later block of the turn
/// all would have known it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Rounds {
	/// Slots from round to round: a multiple of a turn.
	pub length: u32,
	/// The slot of the first round, before that of the second: by it lotteries are answered one after the other, and
	/// not by the same blocks.
	pub offset: u32,
	/// In blocks of so many slots after the one that opened a round its wins count.
	pub answer: u32,
	/// Slots of a turn.
	pub turn: u32,
}

impl Rounds {
	/// The round that a block in `slot`, on a parent in `parent_slot`, opens.
	pub fn opened_by(&self, parent_slot: u64, slot: u64) -> Option<u64> {
		let first = turn_begun_by(self.turn, parent_slot, slot)?;
		let (length, offset) = (u64::from(self.length.max(1)), u64::from(self.offset));
		let round = first.checked_sub(offset)?.checked_div(length)?;
		let due = round.saturating_mul(length).saturating_add(offset);
		let turn = u64::from(self.turn.max(1));
		let parent_turn = parent_slot.saturating_sub(parent_slot.checked_rem(turn)?);
		// The block of slot 0 has no parent.
		(parent_turn < due).then_some(round)
	}

	/// Whether a win of the round that was opened in slot `opened` counts in a block of this slot. It does not in the
	/// block that opened the round, whose author alone knows what it is about.
	pub fn counts(&self, opened: u64, slot: u64) -> bool {
		slot > opened && slot.saturating_sub(opened) <= self.answer.into()
	}

	/// From which slot on a claim counts that is made in this one: the second round after it. The next might be known
	/// already to those who author it.
	pub fn claim_from(&self, slot: u64) -> u64 {
		let (length, offset) = (u64::from(self.length.max(1)), u64::from(self.offset));
		// Before the first round the next one is round 0.
		let next = slot.saturating_add(length).saturating_sub(offset).checked_div(length);
		next.unwrap_or(0)
			.saturating_add(1)
			.saturating_mul(length)
			.saturating_add(offset)
	}
}

/// Windows at times that are drawn, for all devices at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Windows {
	/// The first block of a turn opens one with a probability of one to so many.
	pub odds: u32,
	/// Slots in which to work.
	pub length: u32,
	/// In blocks of so many slots after that wins count still.
	pub answer: u32,
	/// Slots of a turn.
	pub turn: u32,
}

impl Windows {
	/// Whether a block in `slot`, on a parent in `parent_slot`, opens a window; `last` is the slot in which the last
	/// one was opened. While its wins still count none is opened: so a device works on one at a time.
	pub fn opened_by(&self, last: Option<u64>, parent_slot: u64, slot: u64, accumulator: &Accumulator) -> bool {
		turn_begun_by(self.turn, parent_slot, slot).is_some()
			&& !last.is_some_and(|last| self.counts(last, slot) || slot <= last)
			&& Threshold::one_in(self.odds)
				.is_some_and(|threshold| threshold.wins(&blake2_256(&[&WINDOW_TAG[..], accumulator].concat())))
	}

	/// Whether a win of the window that was opened in slot `opened` counts in a block of this slot.
	pub fn counts(&self, opened: u64, slot: u64) -> bool {
		let open = u64::from(self.length).saturating_add(self.answer.into());
		slot > opened && slot.saturating_sub(opened) <= open
	}

	/// From which slot on a claim counts that is made in this one: the third turn after a window would be over that was
	/// opened just now. So no claim counts in a window that was open when it was made; nor in one that two authors in a
	/// row could foresee, who know the accumulators of their turns.
	pub fn claim_from(&self, slot: u64) -> u64 {
		let turn = u64::from(self.turn.max(1));
		let open = u64::from(self.length).saturating_add(self.answer.into());
		slot.saturating_add(open)
			.checked_div(turn)
			.unwrap_or(0)
			.saturating_add(3)
			.saturating_mul(turn)
	}

	/// How many windows there are in tau on average, rounded down: after each the turns in which its wins count open
	/// none.
	pub fn in_tau(&self, tau: u32) -> u32 {
		let turn = u64::from(self.turn.max(1));
		let busy = u64::from(self.length)
			.saturating_add(self.answer.into())
			.checked_div(turn);
		let turns = u64::from(self.odds).saturating_add(busy.unwrap_or(0));
		u64::from(tau)
			.checked_div(turn.saturating_mul(turns))
			.and_then(|windows| u32::try_from(windows).ok())
			.unwrap_or(u32::MAX)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use smartchain_rng::Rng;

	const ROUNDS: Rounds = Rounds {
		length: 120,
		offset: 0,
		answer: 24,
		turn: 12,
	};

	/// Rounds that begin later.
	const LATER: Rounds = Rounds {
		length: 60,
		offset: 24,
		..ROUNDS
	};

	const WINDOWS: Windows = Windows {
		odds: 600,
		length: 60,
		answer: 24,
		turn: 12,
	};

	#[test]
	fn a_round_is_opened_by_the_first_block_of_its_turn() {
		assert_eq!(ROUNDS.opened_by(239, 240), Some(2));
		assert_eq!(ROUNDS.opened_by(239, 251), Some(2));
		assert_eq!(ROUNDS.opened_by(240, 241), None);
		// The next turn opens it if its own turn has no block at all, and no turn opens it again.
		assert_eq!(ROUNDS.opened_by(239, 252), Some(2));
		assert_eq!(ROUNDS.opened_by(251, 252), None);
		assert_eq!(ROUNDS.opened_by(0, 11), None);
		// After a standstill the latest alone.
		assert_eq!(ROUNDS.opened_by(239, 700), Some(5));
		assert_eq!(ROUNDS.opened_by(700, 720), Some(6));
	}

	#[test]
	fn rounds_with_an_offset_are_opened_by_as_many_slots_later() {
		assert_eq!(LATER.opened_by(239, 240), None);
		assert_eq!(LATER.opened_by(263, 264), Some(4));
		assert_eq!(LATER.opened_by(240, 275), Some(4));
		assert_eq!(LATER.opened_by(264, 276), None);
		assert_eq!(LATER.opened_by(323, 324), Some(5));
		// Before the first there is none.
		assert_eq!(LATER.opened_by(0, 12), None);
		assert_eq!(LATER.opened_by(12, 24), Some(0));
		assert_eq!((LATER.claim_from(0), LATER.claim_from(23)), (84, 84));
		assert_eq!(
			(LATER.claim_from(24), LATER.claim_from(83), LATER.claim_from(84)),
			(144, 144, 204)
		);
	}

	/// No block is full of both, as long as none comes late.
	#[test]
	fn two_lotteries_are_answered_one_after_the_other() {
		let opened = |rounds: &Rounds| -> Vec<u64> {
			(12..12_000)
				.filter(|slot| rounds.opened_by(slot - 1, *slot).is_some())
				.collect()
		};
		let (space, uptime) = (opened(&ROUNDS), opened(&LATER));
		assert_eq!((space.len(), uptime.len()), (99, 200));
		for slot in 12..12_000 {
			let counts = |rounds: &Rounds, opened: &[u64]| opened.iter().any(|opened| rounds.counts(*opened, slot));
			assert!(!(counts(&ROUNDS, &space) && counts(&LATER, &uptime)), "{slot}");
		}
	}

	#[test]
	fn wins_count_for_the_slots_after_it() {
		assert!(!ROUNDS.counts(240, 240) && ROUNDS.counts(240, 241));
		assert!(ROUNDS.counts(240, 264) && !ROUNDS.counts(240, 265));
		assert!(!ROUNDS.counts(240, 100));
		assert!(!WINDOWS.counts(240, 240) && WINDOWS.counts(240, 241));
		assert!(WINDOWS.counts(240, 324) && !WINDOWS.counts(240, 325));
	}

	#[test]
	fn a_claim_counts_from_the_second_round_after_it() {
		assert_eq!(ROUNDS.claim_from(0), 240);
		assert_eq!(ROUNDS.claim_from(119), 240);
		assert_eq!(ROUNDS.claim_from(120), 360);
	}

	#[test]
	fn a_claim_counts_in_no_window_that_is_open_or_foreseen() {
		assert_eq!(WINDOWS.claim_from(0), 120);
		assert_eq!(WINDOWS.claim_from(11), 120);
		assert_eq!(WINDOWS.claim_from(12), 132);
		for slot in 0..500 {
			let from = WINDOWS.claim_from(slot);
			assert!(from.is_multiple_of(12) && from >= WINDOWS.claim_from(slot.saturating_sub(1)));
			// Whatever was opened up to now is over, and so are two turns that have not begun.
			assert!(!WINDOWS.counts(slot, from) && from >= (slot / 12 + 3) * 12, "{slot}");
		}
	}

	#[test]
	fn a_challenge_is_of_its_tag_accumulator_and_round() {
		let one = challenge(b"a", &[1; 32], 2);
		assert_eq!(one, challenge(b"a", &[1; 32], 2));
		assert_ne!(one, challenge(b"b", &[1; 32], 2));
		assert_ne!(one, challenge(b"a", &[2; 32], 2));
		assert_ne!(one, challenge(b"a", &[1; 32], 3));
	}

	#[test]
	fn windows_open_about_once_an_hour_and_one_at_a_time() {
		// 7,200 slots are an hour; seven turns of each window open none.
		assert_eq!(WINDOWS.in_tau(crate::testing::SPACE.tau), 332);
		let (mut rng, mut last, mut opened) = (Rng::new(1), None, 0u32);
		let hours = 20_000;
		for turn in 1..hours * 600u64 {
			let accumulator: Accumulator = core::array::from_fn(|_| rng.next_u64() as u8);
			let slot = turn * 12;
			if WINDOWS.opened_by(last, slot - 1, slot, &accumulator) {
				assert!(last.is_none_or(|last| slot > last + 84));
				(last, opened) = (Some(slot), opened + 1);
			}
		}
		// The gaps are geometric after a dead time: the number of windows varies by their root at most.
		let expected = hours as f64 * 600.0 / 607.0;
		assert!(
			(f64::from(opened) - expected).abs() < 5.0 * expected.sqrt(),
			"{opened} for {expected}"
		);
	}

	#[test]
	fn only_the_first_block_of_a_turn_opens_a_window() {
		let always = Windows { odds: 1, ..WINDOWS };
		assert!(always.opened_by(None, 239, 240, &[0; 32]));
		assert!(always.opened_by(None, 239, 245, &[0; 32]));
		assert!(!always.opened_by(None, 240, 241, &[0; 32]));
		assert!(!always.opened_by(Some(156), 239, 240, &[0; 32]));
		assert!(always.opened_by(Some(155), 239, 240, &[0; 32]));
		assert!(!always.opened_by(Some(240), 239, 240, &[0; 32]));
		let never = Windows { odds: 0, ..WINDOWS };
		assert!(!never.opened_by(None, 239, 240, &[0; 32]));
	}

	proptest! {
		#[test]
		fn each_round_is_opened_once_and_by_the_first_that_may(
			gaps in prop::collection::vec(1..100u64, 1..200),
			turns in 0..10u32,
		) {
			let offset = u64::from(turns) * 12;
			let rounds = Rounds { offset: turns * 12, ..ROUNDS };
			// The first block lies in round 0, which nobody opened.
			let (mut parent, mut last) = (offset + 5, None);
			for gap in gaps {
				let slot = parent + gap;
				// As it is said: the first turn with a block that begins at or after the round.
				let begins = slot / 12 != parent / 12;
				let round = (slot / 12 * 12 - offset) / 120;
				let due = begins && parent / 12 * 12 < round * 120 + offset;
				prop_assert_eq!(rounds.opened_by(parent, slot), due.then_some(round));
				if due {
					prop_assert!(last < Some(round));
					last = Some(round);
				}
				// None is left out whose time has come, but for those that another took the place of.
				prop_assert!(round == 0 || last == Some(round));
				// A claim counts from the second round after it on.
				prop_assert_eq!(rounds.claim_from(slot), ((slot - offset) / 120 + 2) * 120 + offset);
				parent = slot;
			}
		}

		#[test]
		fn any_numbers_have_an_answer(numbers: [u32; 5], parent: u64, slot: u64, last: Option<u64>) {
			let [length, offset, answer, turn, odds] = numbers;
			let rounds = Rounds { length, offset, answer, turn };
			let _ = (rounds.opened_by(parent, slot), rounds.counts(parent, slot), rounds.claim_from(slot));
			let windows = Windows { odds, length, answer, turn };
			let _ = (windows.opened_by(last, parent, slot, &[0; 32]), windows.in_tau(odds));
			let _ = windows.claim_from(slot);
		}
	}
}
