//! What others ask.

use crate::mock::*;
use frame_support::traits::{FindAuthor, Get, Hooks};
use poca_primitives::{pre_digest_item, AuthorIndex, Slot};
use sp_core::H256;
use sp_runtime::generic::Digest;

#[test]
fn the_author_s_account_is_found() {
	with_directors(4, || {
		for (slot, expected) in [(1_200, 0), (1_212, 1), (1_224, 2), (1_236, 3), (1_248, 0)] {
			let director = schedule().director(slot.into()).expect("has directors");
			let digest = Digest {
				logs: vec![pre_digest_item(&header(director, slot))],
			};
			let number = System::block_number() + 1;
			System::initialize(&number, &H256::zero(), &digest);
			Poca::on_initialize(number);
			assert_eq!(Authorship::author(), Some(account(expected)));
			// Forgets the author, as the end of a block does.
			Authorship::on_finalize(number);
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
