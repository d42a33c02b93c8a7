//! Encodings as they were written down once, by another program, with a BLAKE3 of its own. A change that is meant gets
//! a new version, and a file beside the old one.

use crate::workbench::{paint, Held, GROUP};
use codec::{DecodeAll, Encode};
use core::fmt::Debug;
use sp_core::bytes::to_hex;
use storage_proof_primitives::{
	place, Answer, AuditTerms, Challenge, Confirmation, Contents, DealSlot, DealTimes, Moment, Opening, Retention,
	Shape,
};

const AT: DealSlot = DealSlot { deal: 7, slot: 3 };

fn moment() -> Moment {
	Moment {
		tick: 1_000_000,
		randomness: core::array::from_fn(|i| i as u8),
	}
}

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

#[test]
fn what_the_beacon_draws() {
	let (moment, place) = (moment(), place(&moment().randomness, AT, 2));
	let shape = Shape::of(256 << 20).unwrap();
	let [one, other]: [u32; 2] = moment.asked(AT, shape);
	let numbers = [
		moment.slot(0, 1_000),
		moment.slot(1, 1_000),
		one,
		other,
		moment.first(AT, 2, shape),
	];
	let found = [
		moment.audit(AT).seed().to_vec(),
		place.seed().to_vec(),
		numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
		place.below(0, 12_345).to_le_bytes().to_vec(),
	];
	same(&found.concat(), include_str!("../golden/draws-v1.hex"));
}

#[test]
fn what_is_asked_and_answered() {
	let held = Held::of(paint(3_073));
	let shape = held.contents.shape().unwrap();
	let (moment, challenge) = (moment(), Challenge { at: AT, answered: true });
	both_ways::<Moment>(moment, include_str!("../golden/moment-v1.hex"));
	both_ways::<Challenge>(challenge, include_str!("../golden/challenge-v1.hex"));
	let answer: Answer = moment.asked(AT, shape).map(|index| held.open(index));
	assert_eq!(challenge.verify(&moment, &held.contents, &answer), Ok(()));
	both_ways::<Answer>(answer, include_str!("../golden/answer-v1.hex"));
	let confirmation = Confirmation {
		last: held.open(3),
		random: held.open(moment.first(AT, 2, shape)),
	};
	assert_eq!(confirmation.verify(&moment, AT, 2, &held.contents), Ok(()));
	both_ways::<Confirmation>(confirmation, include_str!("../golden/confirmation-v1.hex"));
}

#[test]
fn what_is_kept_and_governed() {
	let terms = AuditTerms::real();
	let mut retention = Retention::confirmed(100);
	retention.ask(500).unwrap();
	retention.missed(&terms, 1_101).unwrap();
	retention.ask(2_000).unwrap();
	both_ways::<Retention>(retention, include_str!("../golden/retention-v1.hex"));
	both_ways::<AuditTerms>(terms, include_str!("../golden/audit-terms-v1.hex"));
	both_ways::<DealTimes>(DealTimes::real(), include_str!("../golden/deal-times-v1.hex"));
}
