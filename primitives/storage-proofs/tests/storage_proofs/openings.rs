//! What an opening shows, and what is refused.

use crate::workbench::{chunk_and_path, paint, source, Held, CHUNK, LENGTHS};
use codec::{DecodeAll, Encode, MaxEncodedLen};
use proptest::prelude::*;
use smartchain_rng::{runs, seeds, Rng};
use storage_proof_primitives::{
	sample::{sample, samples},
	Answer, Contents, Opening, OpeningError, Shape, ASKED, MAX_BYTES, MAX_COMPRESSIONS, MAX_PATH,
};

fn check(held: &Held, index: u32) {
	let opening = held.open(index);
	let (chunk, path) = chunk_and_path(&held.data, index as usize);
	assert_eq!((opening.chunk(), opening.path()), (&chunk[..], &path[..]));
	assert_eq!(opening.verify(&held.contents, index), Ok(()));
}

#[test]
fn every_chunk_of_every_length_opens() {
	for length in LENGTHS {
		let held = Held::of(paint(length));
		assert_eq!(held.contents.root, *blake3::hash(&held.data).as_bytes(), "{length}");
		for index in 0..held.chunks() {
			check(&held, index);
		}
	}
	for seed in seeds(40 * runs()) {
		let mut rng = source(seed);
		let held = Held::random(&mut rng, 200 * CHUNK as u64);
		for index in 0..held.chunks() {
			check(&held, index);
		}
	}
}

#[test]
fn an_empty_slot_has_one_chunk_that_is_empty() {
	let held = Held::of(Vec::new());
	let opening = held.open(0);
	assert_eq!((opening.chunk().len(), opening.path().len()), (0, 0));
	assert_eq!(held.chunks(), 1);
	assert_eq!(opening.verify(&held.contents, 0), Ok(()));
	assert_eq!(
		opening.verify(&held.contents, 1),
		Err(OpeningError::NoSuchChunk { index: 1, chunks: 1 })
	);
}

#[test]
fn a_slot_of_one_byte_has_that_chunk() {
	let held = Held::of(vec![7]);
	assert_eq!(held.open(0).verify(&held.contents, 0), Ok(()));
	for byte in (0..=255).filter(|byte| *byte != 7) {
		let opening = Opening::of(vec![byte], Vec::new()).unwrap();
		assert_eq!(opening.verify(&held.contents, 0), Err(OpeningError::RootMismatch));
	}
}

#[test]
fn any_changed_bit_is_refused() {
	let held = Held::of(paint(5 * CHUNK + 100));
	for index in [0, 3, 5] {
		let opening = held.open(index);
		for bit in 0..opening.chunk().len() * 8 {
			let mut chunk = opening.chunk().to_vec();
			chunk[bit / 8] ^= 1 << (bit % 8);
			let changed = Opening::of(chunk, opening.path().to_vec()).unwrap();
			assert_eq!(changed.verify(&held.contents, index), Err(OpeningError::RootMismatch));
		}
		for bit in 0..opening.path().len() * 256 {
			let mut path = opening.path().to_vec();
			path[bit / 256][bit / 8 % 32] ^= 1 << (bit % 8);
			let changed = Opening::of(opening.chunk().to_vec(), path).unwrap();
			assert_eq!(changed.verify(&held.contents, index), Err(OpeningError::RootMismatch));
		}
		for bit in 0..256 {
			let mut contents = held.contents;
			contents.root[bit / 8] ^= 1 << (bit % 8);
			assert_eq!(opening.verify(&contents, index), Err(OpeningError::RootMismatch));
		}
	}
}

#[test]
fn an_opening_is_of_one_chunk() {
	// All chunks are alike but for their place.
	let held = Held::of(vec![0; 33 * CHUNK]);
	for index in 0..33 {
		let opening = held.open(index);
		for other in (0..40).filter(|other| *other != index) {
			assert!(opening.verify(&held.contents, other).is_err(), "{index} as {other}");
		}
	}
}

#[test]
fn the_last_chunk_shows_the_length() {
	for length in LENGTHS {
		let held = Held::of(paint(length));
		let last = held.open(held.chunks() - 1);
		let lengths = (0..(length + 3 * CHUNK) as u64).chain([1 << 20, 1 << 36, MAX_BYTES]);
		for bytes in lengths.filter(|bytes| *bytes != length as u64) {
			let contents = Contents {
				root: held.contents.root,
				bytes,
			};
			let index = contents.shape().unwrap().last();
			assert!(last.verify(&contents, index).is_err(), "{length} as {bytes}");
		}
	}
}

/// So that the last one is asked for before a slot counts as held.
#[test]
fn another_chunk_does_not_show_the_length() {
	let held = Held::of(paint(4 * CHUNK));
	let shorter = Contents {
		root: held.contents.root,
		bytes: held.contents.bytes - 1,
	};
	assert_eq!(held.open(0).verify(&shorter, 0), Ok(()));
	assert!(held.open(3).verify(&shorter, 3).is_err());
}

#[test]
fn lengths_are_refused_before_anything_is_hashed() {
	let held = Held::of(paint(5 * CHUNK + 100));
	let (chunk, path) = chunk_and_path(&held.data, 2);
	let refused = |chunk: &[u8], path: &[[u8; 32]]| {
		let opening = Opening::of(chunk.to_vec(), path.to_vec()).unwrap();
		let fits = opening.fits(held.contents.shape().unwrap(), 2);
		assert_eq!(opening.verify(&held.contents, 2), fits);
		fits.unwrap_err()
	};
	let wrong = |found| OpeningError::WrongLength { found, expected: CHUNK };
	assert_eq!(refused(&chunk[1..], &path), wrong(CHUNK - 1));
	assert_eq!(refused(&[], &path), wrong(0));
	let bad = |found| OpeningError::BadPath { found, expected: 3 };
	assert_eq!(refused(&chunk, &path[1..]), bad(2));
	assert_eq!(refused(&chunk, &[]), bad(0));
	assert_eq!(refused(&chunk, &[path[0]; 26]), bad(26));
	let long = Opening::of(vec![0; CHUNK + 1], Vec::new());
	assert_eq!(long, Err(wrong(CHUNK + 1)));
	let deep = Opening::of(Vec::new(), vec![[0; 32]; 27]);
	assert_eq!(
		deep,
		Err(OpeningError::BadPath {
			found: 27,
			expected: 26
		})
	);
}

#[test]
fn the_longest_slot_is_64_gib() {
	assert_eq!(MAX_BYTES, 64 << 30);
	let shape = Shape::of(MAX_BYTES).unwrap();
	assert_eq!(shape.chunks(), 1 << 26);
	assert_eq!(shape.depth(), MAX_PATH as usize);
	assert_eq!(Shape::of(MAX_BYTES + 1), Err(OpeningError::TooLong(MAX_BYTES + 1)));
	for index in [0, 1, 1 << 25, (1 << 26) - 1] {
		let (contents, opening) = sample(MAX_BYTES, index, 1).unwrap();
		assert_eq!(opening.verify(&contents, index), Ok(()));
		assert_eq!(opening.encode().len(), Opening::max_encoded_len());
	}
	assert_eq!(MAX_COMPRESSIONS, 42);
	assert_eq!(Opening::max_encoded_len(), 1_860);
	assert_eq!(Answer::max_encoded_len(), ASKED * 1_860);
}

#[test]
fn two_samples_are_of_one_slot() {
	let last = Shape::of(MAX_BYTES).unwrap().last();
	for (bytes, asked) in [
		(MAX_BYTES, [0, last]),
		(MAX_BYTES, [last, last]),
		(MAX_BYTES, [4_711, 4_712]),
		(5 << 10, [4, 0]),
		(5 << 10, [3, 4]),
		(2 << 10, [1, 0]),
		(700, [0, 0]),
	] {
		let (contents, openings) = samples(bytes, asked, 3).unwrap();
		for (opening, index) in openings.iter().zip(asked) {
			assert_eq!(opening.verify(&contents, index), Ok(()), "{bytes} {asked:?}");
		}
	}
}

#[test]
fn a_sample_is_as_long_as_the_real_one() {
	for length in LENGTHS {
		let held = Held::of(paint(length));
		for index in 0..held.chunks() {
			let (contents, opening) = sample(length as u64, index, 9).unwrap();
			assert_eq!(opening.verify(&contents, index), Ok(()));
			assert_eq!(opening.encode().len(), held.open(index).encode().len());
		}
	}
}

#[test]
fn an_opening_has_the_bytes_of_chunk_and_path() {
	// 1,600 bytes of 256 MiB, a version, and two lengths.
	let (_, opening) = sample(256 << 20, 5, 1).unwrap();
	assert_eq!(opening.encode().len(), 1_604);
	for length in LENGTHS {
		let held = Held::of(paint(length));
		let most = Opening::encoded_len(held.contents.shape().unwrap());
		for index in 0..held.chunks() {
			assert!(held.open(index).encode().len() <= most);
		}
		assert!(length < 64 || held.open(0).encode().len() == most);
	}
}

proptest! {
	#[test]
	fn any_bytes_are_refused_or_understood(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
		if let Ok(opening) = Opening::decode_all(&mut &bytes[..]) {
			prop_assert_eq!(opening.encode(), bytes);
		}
	}

	#[test]
	fn any_opening_of_any_slot_has_an_answer(
		chunk in prop::collection::vec(any::<u8>(), 0..=CHUNK),
		path in prop::collection::vec(any::<[u8; 32]>(), 0..=26),
		root: [u8; 32],
		bytes: u64,
		short in 0..100_000u64,
		index: u32,
	) {
		let opening = Opening::of(chunk, path).unwrap();
		for bytes in [bytes, short] {
			let contents = Contents { root, bytes };
			prop_assert!(opening.verify(&contents, index).is_err());
			prop_assert!(opening.verify(&contents, index % 100).is_err());
		}
	}

	#[test]
	fn one_changed_bit_anywhere_is_refused(
		length in 1..60 * CHUNK, seed: u64, chunk: u32, bit: usize,
	) {
		let held = Held::of(Rng::new(seed).bytes(length));
		let index = chunk % held.chunks();
		let mut bytes = held.open(index).encode();
		let bit = bit % (bytes.len() * 8);
		bytes[bit / 8] ^= 1 << (bit % 8);
		if let Ok(changed) = Opening::decode_all(&mut &bytes[..]) {
			prop_assert!(changed.verify(&held.contents, index).is_err());
		}
	}
}
