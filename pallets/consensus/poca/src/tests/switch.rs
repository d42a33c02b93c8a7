//! A new runtime brings another turn length while the chain runs.

use crate::{mock::*, *};
use frame_support::traits::Hooks;

/// The turn length of the next runtime.
const NEXT: u64 = 8;

/// What the first block of the next runtime begins with.
fn upgrade() {
	TurnLength::set(NEXT as u32);
	Poca::on_runtime_upgrade();
}

fn accused() -> bool {
	events()
		.iter()
		.any(|event| matches!(event, Event::DirectorMissedTurn { .. }))
}

/// Director 1 is gone, and director 2 holds its turn from slot 1,214 on. In turns of eight that slot is director 3's.
fn until_the_switch() {
	author(1_211);
	author_as_standby(1_214);
	assert_eq!(TurnHolder::<Test>::get(), Some((101, 2)));
	assert!(!TurnAttended::<Test>::get());
}

#[test]
fn turns_have_the_new_length_from_the_first_block_on() {
	with_directors(4, || {
		for slot in 1_200..1_210 {
			author(slot);
		}
		upgrade();
		for slot in 1_210..1_310 {
			let director = (slot / NEXT % 4) as u16;
			assert_eq!(schedule().director(slot.into()), Some(director));
			let header = header(director, slot);
			// Slot 1,210 is another director's than the one before, in the same turn.
			assert_eq!(header.vrf.is_some(), slot % NEXT == 0, "slot {slot}");
			execute(header);
			assert!(!accused(), "slot {slot}");
		}
	});
}

#[test]
fn nobody_is_accused_of_the_turn_in_which_turns_changed() {
	with_directors(4, || {
		until_the_switch();
		upgrade();
		author(1_216);
		assert!(!accused());
		assert!(Tallies::<Test>::get()
			.iter()
			.all(|tally| tally.missed_turns_in_a_row == 0));
		// From here on turns are whole ones again: the one that begins is missed.
		author_as_standby(1_226);
		author(1_232);
		assert!(accused());
	});
}

/// What tries an upgrade out before it is voted on looks at the state after it.
#[test]
fn a_turn_length_that_does_not_divide_the_eras_of_the_chain_is_found_before_it_is_in_force() {
	with_directors(4, || {
		author(1_211);
		TurnLength::set(7);
		Poca::on_runtime_upgrade();
		let error = Poca::do_try_state().expect_err("120 slots are no whole turns of 7");
		assert!(format!("{error:?}").contains("eras hold whole turns"), "{error:?}");
		TurnLength::set(NEXT as u32);
		Poca::on_runtime_upgrade();
		Poca::do_try_state().expect("120 slots are 15 turns of 8");
	});
}

#[test]
fn a_turn_of_the_old_length_is_held_by_nobody() {
	with_directors(4, || {
		until_the_switch();
		// The schedule is asked before the next runtime has had a block, and has to be the one that this block is
		// checked against.
		TurnLength::set(NEXT as u32);
		let before = schedule();
		Poca::do_try_state().expect("invariants hold");
		Poca::on_runtime_upgrade();
		assert_eq!(schedule(), before);
		Poca::do_try_state().expect("invariants hold");
		assert_eq!(before.authors(1_215.into()), vec![3, 0, 1, 2]);
		author(1_215);
	});
}
