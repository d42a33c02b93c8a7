//! What others ask.

use crate::{mock::*, AccumulatedRandomness, Author};
use frame_support::traits::{FindAuthor, Get, Hooks};
use pallet_traits::{Beacon, BlockFull, Seats, SlotOfBlock};
use poca_primitives::{pre_digest_item, AuthorIndex, Slot};
use sp_core::H256;

#[test]
fn the_author_s_account_is_found() {
	with_directors(4, || {
		for (slot, expected) in [(1_200, 0), (1_212, 1), (1_224, 2), (1_236, 3), (1_248, 0)] {
			let director = schedule().director(slot.into()).expect("has directors");
			let number = System::block_number() + 1;
			System::initialize(&number, &H256::zero(), &digest(&header(director, slot)));
			Poca::on_initialize(number);
			assert_eq!(Authorship::author(), Some(account(expected)));
			// Forgets the author, as the end of a block does.
			Authorship::on_finalize(number);
		}
	});
}

#[test]
fn the_author_is_the_one_that_was_in_office_whoever_is_by_the_end_of_the_block() {
	with_directors(4, || {
		author(10 * ERA);
		assert_eq!(
			Poca::seat((0..4).map(account).collect(), vec![account(10), account(11)]),
			Ok(())
		);
		// Turn 110 belongs to seat 2. The order is another after the block, and the seat another's.
		Elected::set(Some(([3, 2, 9, 0].map(account).to_vec(), Vec::new())));
		author(11 * ERA);
		assert_eq!(told()[0], Told::Authored(account(2)));
		assert_eq!(
			(Found::get(), Author::<Test>::get()),
			(Some(account(2)), Some(account(2)))
		);
		assert_eq!(Poca::account_of(2), Some(account(9)));
	});
	// An index of a standby signer is nobody's once there are fewer directors.
	with_directors(4, || {
		author(10 * ERA);
		assert_eq!(
			Poca::seat((0..4).map(account).collect(), [10, 11, 12].map(account).to_vec()),
			Ok(())
		);
		Elected::set(Some(([3, 2].map(account).to_vec(), Vec::new())));
		author_as_standby(11 * ERA + 2);
		assert_eq!(
			(Found::get(), Author::<Test>::get()),
			(Some(account(12)), Some(account(12)))
		);
		assert_eq!(Poca::account_of(6), None);
	});
}

#[test]
fn whether_a_block_is_full_can_be_read_while_it_is_finalized_and_after() {
	with_directors(4, || {
		for (slot, full) in [(1_200, true), (1_201, false), (1_202, true)] {
			let mut header = header(0, slot);
			header.full = full;
			execute(header);
			assert_eq!((FullSeen::get(), Poca::is_full()), (full, full));
		}
	});
}

#[test]
fn the_slots_of_recent_blocks_are_kept() {
	with_directors(1, || {
		assert_eq!(Poca::slot_of_block(0), None);
		for number in 1..=20u32 {
			author(u64::from(100 + 3 * number));
			let oldest = number.saturating_sub(SLOT_MEMORY - 1).max(1);
			for other in 0..=number + 7 {
				let kept = (oldest..=number).contains(&other);
				let expected = kept.then(|| Slot::from(u64::from(100 + 3 * other)));
				assert_eq!(Poca::slot_of_block(other), expected, "block {other} at {number}");
			}
		}
	});
}

#[test]
fn what_is_not_poca_s_has_no_author() {
	with_directors(4, || {
		let find = |digests: Vec<([u8; 4], &[u8])>| <Poca as FindAuthor<AuthorIndex>>::find_author(digests);
		assert_eq!(find(vec![]), None);
		assert_eq!(find(vec![(*b"aura", &[1, 2, 3])]), None);
		assert_eq!(find(vec![(*b"POCA", &[1, 2, 3])]), None);
		let item = pre_digest_item(&header(3, 1_240));
		let (id, bytes) = item.as_pre_runtime().expect("a pre-runtime item");
		assert_eq!(find(vec![(*b"aura", &[1]), (id, bytes)]), Some(3));
		assert_eq!(Poca::account_of(4), None);
	});
}

#[test]
fn the_status_names_directors_in_order() {
	with_directors(3, || {
		author(1_200);
		author(1_205);
		let status = Poca::director_status();
		assert_eq!(
			status.iter().map(|s| s.director.clone()).collect::<Vec<_>>(),
			schedule().directors
		);
		assert_eq!(status.iter().map(|s| s.missed_slots).collect::<Vec<_>>(), vec![0, 4, 0]);
		assert_eq!(
			status.iter().map(|s| s.authored_blocks).collect::<Vec<_>>(),
			vec![0, 2, 0]
		);
	});
}

#[test]
fn the_current_slot_can_be_had() {
	with_directors(1, || {
		assert_eq!(<Poca as Get<Slot>>::get(), Slot::from(0));
		author(77);
		assert_eq!(<Poca as Get<Slot>>::get(), Slot::from(77));
	});
}

/// So that whoever draws from the accumulator may do so in the first block of a turn.
#[test]
fn the_beacon_changes_in_the_first_block_of_a_turn_alone() {
	with_directors(4, || {
		let mut before = None;
		for (slot, changes) in [
			(1_200, true),
			(1_201, false),
			(1_203, false),
			(1_213, true),
			(1_214, false),
		] {
			let parent = before.map_or(0, |(slot, _)| slot);
			author(slot);
			assert_eq!(
				(*<Poca as Beacon>::slot(), *<Poca as Beacon>::parent_slot()),
				(slot, parent)
			);
			let accumulator = <Poca as Beacon>::accumulator();
			assert_eq!(accumulator, AccumulatedRandomness::<Test>::get());
			let changed = before.is_none_or(|(_, before)| before != accumulator);
			assert_eq!(changed, changes, "slot {slot}");
			before = Some((slot, accumulator));
		}
		assert_eq!(<Poca as Beacon>::turn_length(), 12);
	});
}
