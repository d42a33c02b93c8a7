//! Which headers make a block valid. Each rule is tested where it is checked, and a broken one makes execution panic.

use crate::{mock::*, *};
use codec::Encode;
use poca_primitives::{pre_digest_item, DigestError, PreDigest, Role, Slot, POCA_ENGINE_ID};
use sp_core::H256;
use sp_runtime::generic::{Digest, DigestItem};

/// Checks a header as the child of the current block.
fn check(header: &PreDigest<H256>) -> Result<Role, HeaderError> {
	Position {
		schedule: &schedule(),
		parent_slot: GenesisSlot::<Test>::exists().then(CurrentSlot::<Test>::get),
		parent_number: System::block_number(),
	}
	.check(header)
}

#[test]
fn directors_author_their_turns() {
	with_directors(4, || {
		for slot in 1_000..1_100 {
			let director = (slot / TURN % 4) as u16;
			assert_eq!(check(&header(director, slot)), Ok(Role::Director));
			for other in (0..5).filter(|other| *other != director) {
				// For the child of genesis the standbys have waited: slot 1,000 is the fifth of its turn.
				let ahead = (other + 4 - director) % 4;
				let standby = slot == 1_000 && other < 4 && ahead <= 2;
				let expected = if standby {
					Ok(Role::Standby)
				} else {
					Err(HeaderError::NotItsTurn)
				};
				assert_eq!(check(&header(other, slot)), expected);
			}
			author(slot);
		}
	});
}

#[test]
fn a_standby_authors_after_two_missed_slots() {
	with_directors(4, || {
		author(1_200);
		let standby = schedule().standby(1_203.into()).expect("has directors");
		assert_eq!(check(&header(standby, 1_201)), Err(HeaderError::NotItsTurn));
		assert_eq!(check(&header(standby, 1_202)), Err(HeaderError::NotItsTurn));
		assert_eq!(check(&header(standby, 1_203)), Ok(Role::Standby));
		author_as_standby(1_203);
		// From here on it holds the turn.
		let director = schedule().director(1_204.into()).expect("has directors");
		assert_eq!(check(&header(director, 1_204)), Err(HeaderError::NotItsTurn));
		assert_eq!(check(&header(standby, 1_204)), Ok(Role::Standby));
		author_as_standby(1_204);
		// Until it misses two slots itself.
		assert_eq!(check(&header(director, 1_206)), Err(HeaderError::NotItsTurn));
		author(1_207);
		assert_eq!(check(&header(standby, 1_208)), Err(HeaderError::NotItsTurn));
		// The next turn is its director's from the first slot on.
		author(1_212);
	});
}

#[test]
fn slots_strictly_increase() {
	with_directors(4, || {
		author(1_200);
		for slot in [0, 1_199, 1_200] {
			let director = schedule().director(slot.into()).expect("has directors");
			assert_eq!(check(&header(director, slot)), Err(HeaderError::SlotNotIncreasing));
		}
	});
}

#[test]
fn slot_zero_is_nobody_s() {
	with_directors(1, || {
		assert_eq!(check(&header(0, 0)), Err(HeaderError::SlotNotIncreasing))
	});
}

#[test]
fn a_turn_s_first_block_and_no_other_carries_a_vrf_output() {
	with_directors(4, || {
		let with = |slot| header((slot / TURN % 4) as u16, slot);
		let vrf = with(1_205).vrf;
		assert!(vrf.is_some(), "the first block of the chain starts its turn");
		assert_eq!(
			check(&PreDigest {
				vrf: None,
				..with(1_205)
			}),
			Err(HeaderError::VrfMissing)
		);
		author(1_205);
		assert!(with(1_206).vrf.is_none());
		assert_eq!(
			check(&PreDigest {
				vrf: vrf.clone(),
				..with(1_206)
			}),
			Err(HeaderError::VrfUnexpected)
		);
		// The first block of a turn need not lie in its first slot.
		assert!(with(1_215).vrf.is_some());
		assert_eq!(
			check(&PreDigest {
				vrf: None,
				..with(1_215)
			}),
			Err(HeaderError::VrfMissing)
		);
		author(1_215);
		// A whole cycle later the same director's turn is another turn.
		assert!(with(1_215 + 4 * TURN).vrf.is_some());
	});
}

#[test]
fn the_chain_may_begin_in_its_first_turn() {
	with_directors(4, || {
		assert_eq!(
			check(&PreDigest {
				vrf: None,
				..header(0, 5)
			}),
			Err(HeaderError::VrfMissing)
		);
		author(5);
		author(6);
	});
}

#[test]
fn a_chain_that_goes_on_from_another_s_state_begins_with_a_vrf_output() {
	with_directors(4, || {
		author(1_205);
		let own = header(0, 1_206);
		let follows = Position {
			schedule: &schedule(),
			parent_slot: Some(1_205.into()),
			parent_number: 0,
		};
		// In the very turn in which the other chain stood: whoever checks it knows of no slot before it.
		assert_eq!(follows.check(&own), Err(HeaderError::VrfMissing));
		let begun = PreDigest {
			vrf: header(0, 1_212).vrf,
			..own
		};
		assert_eq!(follows.check(&begun), Ok(Role::Director));
		assert_eq!(check(&begun), Err(HeaderError::VrfUnexpected));
	});
}

#[test]
fn only_what_is_below_can_be_final() {
	with_directors(4, || {
		author(1_200);
		author(1_201);
		let holding = |number| {
			let mut header = header(0, 1_202);
			header.finalized.number = number;
			header
		};
		assert_eq!(check(&holding(2)), Ok(Role::Director));
		assert_eq!(check(&holding(3)), Err(HeaderError::FinalizedAhead));
	});
}

#[test]
fn without_directors_nobody_authors() {
	with_directors(0, || assert_eq!(check(&header(0, 1_200)), Err(HeaderError::NotItsTurn)));
}

#[test]
#[should_panic(expected = "invalid POCA header: the author may not author this slot")]
fn a_wrong_author_makes_the_block_invalid() {
	with_directors(4, || {
		author(1_200);
		execute(header(2, 1_201));
	});
}

#[test]
#[should_panic(expected = "invalid POCA header: the header has no POCA pre-digest")]
fn a_header_without_pre_digest_makes_the_block_invalid() {
	with_directors(4, || execute_digest(Digest::default(), 600_000));
}

#[test]
#[should_panic(expected = "the timestamp does not lie in the block's slot")]
fn a_timestamp_of_another_slot_makes_the_block_invalid() {
	with_directors(4, || {
		let header = header(0, 1_200);
		execute_digest(digest(&header), 1_201 * SLOT_MS);
	});
}

#[test]
fn any_time_within_the_slot_is_good() {
	for offset in [0, 1, SLOT_MS - 1] {
		with_directors(4, || {
			let header = header(0, 1_200);
			execute_digest(digest(&header), 1_200 * SLOT_MS + offset);
			assert_eq!(CurrentSlot::<Test>::get(), Slot::from(1_200));
		});
	}
}

#[test]
fn digests_that_are_not_poca_s_are_told_apart() {
	genesis(4, Default::default()).execute_with(|| {
		let initialize = |logs| {
			let number = System::block_number() + 1;
			System::initialize(&number, &H256::zero(), &Digest { logs });
			Poca::check_header(number, &Directors::<Test>::get()).map(|_| ())
		};
		let good = pre_digest_item(&header(0, 1_200));
		assert_eq!(initialize(vec![good.clone()]), Ok(()));
		assert_eq!(initialize(vec![]), Err(HeaderError::Digest(DigestError::Missing)));
		let another = DigestItem::PreRuntime(*b"XXXX", vec![1, 2, 3]);
		assert_eq!(
			initialize(vec![another.clone()]),
			Err(HeaderError::Digest(DigestError::Missing))
		);
		assert_eq!(initialize(vec![another, good.clone()]), Ok(()));
		// What comes with it has an end.
		let rest = good.encoded_size() + 1 + 1 + 4 + 2;
		let filling = |bytes| DigestItem::PreRuntime(*b"XXXX", vec![0; bytes]);
		let most = crate::rules::header::MAX_DIGEST_BYTES - rest;
		assert_eq!(initialize(vec![good.clone(), filling(most)]), Ok(()));
		for more in [most + 1, 1_000_000] {
			let too_long = Err(HeaderError::DigestTooLong);
			assert_eq!(initialize(vec![good.clone(), filling(more)]), too_long);
		}
		assert_eq!(
			initialize(vec![good.clone(), good]),
			Err(HeaderError::Digest(DigestError::Repeated))
		);
		let mut bytes = header(0, 1_200).encode();
		bytes.push(0);
		let long = DigestItem::PreRuntime(POCA_ENGINE_ID, bytes.clone());
		assert_eq!(
			initialize(vec![long]),
			Err(HeaderError::Digest(DigestError::Undecodable))
		);
		bytes[0] = 2;
		let of_another_version = DigestItem::PreRuntime(POCA_ENGINE_ID, bytes);
		assert_eq!(
			initialize(vec![of_another_version]),
			Err(HeaderError::Digest(DigestError::UnknownVersion(2)))
		);
	});
}
