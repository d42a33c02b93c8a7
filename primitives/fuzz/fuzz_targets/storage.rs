//! Openings, confirmations and retentions of any bytes: nothing panics, what decodes encodes back, nothing opens a slot
//! that it is not of; and a slot that is cut anywhere has the root that it has as a whole.
#![no_main]

use codec::{Decode, DecodeAll, Encode};
use core::fmt::Debug;
use storage_proof_primitives::{
	open, Answer, AuditTerms, Challenge, Confirmation, Contents, DealTimes, Moment, Opening, Retention, Streamed,
};

/// What decodes encodes back: there is one encoding of a value.
fn one<T: Decode + Encode + Debug>(bytes: &[u8]) {
	if let Ok(value) = T::decode_all(&mut &bytes[..]) {
		assert_eq!(value.encode(), bytes, "{value:?}");
	}
}

/// The slot that these bytes are, taken in pieces of some length, and one of its chunks.
fn slot(bytes: &[u8], piece: usize, index: u32) {
	let Ok(mut streamed) = Streamed::new(bytes.len() as u64, &[]) else {
		return;
	};
	let mut outboard = Vec::new();
	for part in bytes.chunks(piece.max(1)) {
		streamed.push(part, &mut outboard).expect("no more than was said");
	}
	let (contents, _) = streamed.finish(&mut outboard).expect("all has come");
	let chunks = contents.shape().expect("no longer than a slot").chunks();
	let index = index % chunks;
	let opening = open(&contents, index, &mut &bytes[..], &mut &outboard[..]).expect("nothing is rotten");
	assert_eq!(opening.verify(&contents, index), Ok(()));
	assert!(opening.verify(&contents, index.wrapping_add(1)).is_err());
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	one::<Opening>(bytes);
	one::<Confirmation>(bytes);
	one::<Answer>(bytes);
	one::<Retention>(bytes);
	if let Ok((contents, index, opening)) = <(Contents, u32, Opening)>::decode(&mut &bytes[..]) {
		let _ = opening.verify(&contents, index);
	}
	if let Ok((moment, challenge, contents)) = <(Moment, Challenge, Contents)>::decode(&mut &bytes[..]) {
		let rest = bytes.get(36 + 10 + 40..).unwrap_or_default();
		if let Ok(answer) = Answer::decode(&mut &rest[..]) {
			let _ = challenge.verify(&moment, &contents, &answer);
		}
		if let Ok(confirmation) = Confirmation::decode(&mut &rest[..]) {
			let _ = confirmation.verify(&moment, challenge.at, moment.tick, &contents);
		}
	}
	type Numbers = (AuditTerms, DealTimes, Retention, u32);
	if let Ok((terms, times, mut slot, now)) = Numbers::decode(&mut &bytes[..]) {
		let _ = (terms.check(), times.check(), terms.due(now, terms.bytes));
		let _ = (slot.ask(now), slot.answered(&terms, now), slot.missed(&terms, now));
		let _ = times.is_lost(slot.proven_to(), now, slot.misses(), 4);
	}
	if let [piece @ .., a, b] = bytes {
		slot(piece, usize::from(*a) * 100 + 1, u32::from(*b));
	}
});
