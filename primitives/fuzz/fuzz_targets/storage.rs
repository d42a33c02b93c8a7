//! Openings and confirmations of any bytes: nothing panics, what decodes encodes back, nothing opens a slot
//! that it is not of; and a slot that is cut anywhere has the root that it has as a whole.
#![no_main]

use codec::{Decode, DecodeAll, Encode};
use core::fmt::Debug;
use storage_proof_primitives::{check_answer, open, Answer, Confirmation, Contents, Opening, Streamed, ASKED};

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
	if let Ok((contents, index, opening)) = <(Contents, u32, Opening)>::decode(&mut &bytes[..]) {
		let _ = opening.verify(&contents, index);
	}
	if let Ok((asked, contents)) = <([u32; ASKED], Contents)>::decode(&mut &bytes[..]) {
		let rest = bytes.get(4 * ASKED + 40..).unwrap_or_default();
		if let Ok(answer) = Answer::decode(&mut &rest[..]) {
			let _ = check_answer(&contents, asked, &answer);
		}
		if let Ok(confirmation) = Confirmation::decode(&mut &rest[..]) {
			let _ = confirmation.check(&contents, asked[0]);
		}
	}
	if let [piece @ .., a, b] = bytes {
		slot(piece, usize::from(*a) * 100 + 1, u32::from(*b));
	}
});
