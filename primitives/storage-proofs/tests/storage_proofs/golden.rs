//! Encodings as they were written down once, by another program, with a BLAKE3 of its own. A change that is meant gets
//! a new version, and a file beside the old one.

use crate::workbench::{paint, Held, GROUP};
use codec::{DecodeAll, Encode};
use core::fmt::Debug;
use sp_core::bytes::to_hex;
use storage_proof_primitives::{check_answer, Answer, Confirmation, Contents, Opening};

#[track_caller]
fn same(encoded: &[u8], golden: &str) {
	assert_eq!(to_hex(encoded, false), golden.trim());
}

#[track_caller]
fn both_ways<T: DecodeAll + Encode + PartialEq + Debug>(value: T, golden: &str) {
	let encoded = value.encode();
	same(&encoded, golden);
	assert_eq!(T::decode_all(&mut &encoded[..]).ok(), Some(value));
}

#[test]
fn roots_are_those_of_blake3_s_own_vectors() {
	let lengths = [
		0, 1, 64, 1_023, 1_024, 1_025, 2_048, 2_049, 3_072, 3_073, 4_096, 5_120, 16_384, 16_385, 31_744, 102_400,
	];
	let found: Vec<u8> = lengths
		.into_iter()
		.flat_map(|length: usize| {
			let root = Held::of(paint(length)).contents.root;
			[&(length as u64).to_le_bytes()[..], &root[..]].concat()
		})
		.collect();
	same(&found, include_str!("../golden/roots-v1.hex"));
}

#[test]
fn contents_and_openings() {
	let held = Held::of(paint(3_073));
	both_ways::<Contents>(held.contents, include_str!("../golden/contents-v1.hex"));
	both_ways::<Opening>(held.open(3), include_str!("../golden/opening-v1.hex"));
	both_ways::<Opening>(held.open(0), include_str!("../golden/opening-first-v1.hex"));
}

#[test]
fn an_outboard() {
	let held = Held::of(paint(3 * GROUP + 1));
	same(&held.outboard, include_str!("../golden/outboard-v1.hex"));
}

/// Chunks 2 and 1 were drawn of four, and chunk 1 to be shown first.
#[test]
fn what_is_answered() {
	let held = Held::of(paint(3_073));
	let answer: Answer = [2, 1].map(|index| held.open(index));
	assert_eq!(check_answer(&held.contents, [2, 1], &answer), Ok(()));
	both_ways::<Answer>(answer, include_str!("../golden/answer-v1.hex"));
	let confirmation = Confirmation {
		last: held.open(3),
		random: held.open(1),
	};
	assert_eq!(confirmation.check(&held.contents, 1), Ok(()));
	both_ways::<Confirmation>(confirmation, include_str!("../golden/confirmation-v1.hex"));
}
