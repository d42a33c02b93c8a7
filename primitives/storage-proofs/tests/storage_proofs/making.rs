//! How openings are made: from a slot that passes by, and from one that is kept with its outboard.

use crate::workbench::{chunk_and_path, paint, source, Counting, Held, CHUNK, GROUP, LENGTHS};
use smartchain_rng::{runs, seeds};
use storage_proof_primitives::{
	open, OpenError, OpeningError, StreamError, Streamed, TooShort, MAX_BYTES, MAX_PICKED, PAIR_BYTES,
};

#[test]
fn a_stream_gives_what_the_whole_slot_does() {
	for seed in seeds(60 * runs()) {
		let mut rng = source(seed);
		let held = Held::random(&mut rng, 150 * CHUNK as u64);
		let picked: Vec<u32> = (0..rng.below(MAX_PICKED as u64 + 1))
			.map(|_| rng.below(held.chunks().into()) as u32)
			.collect();
		let mut streamed = Streamed::new(held.contents.bytes, &picked).unwrap();
		let (mut outboard, mut rest) = (Vec::new(), &held.data[..]);
		while !rest.is_empty() {
			let most = if rng.percent(20) { 3 * GROUP as u64 } else { 2_000 };
			let (piece, after) = rest.split_at((rng.below(most) as usize).min(rest.len()));
			streamed.push(piece, &mut outboard).unwrap();
			rest = after;
			assert_eq!(streamed.taken() as usize, held.data.len() - rest.len());
		}
		let (contents, openings) = streamed.finish(&mut outboard).unwrap();
		assert_eq!((contents, outboard), (held.contents, held.outboard.clone()));
		assert_eq!(openings.len(), picked.len());
		for (opening, index) in openings.iter().zip(picked) {
			assert_eq!(*opening, held.open(index));
		}
	}
}

#[test]
fn a_stream_gives_no_more_of_the_outboard_than_has_come() {
	let (mut streamed, mut outboard) = (Streamed::new(64 * GROUP as u64, &[]).unwrap(), Vec::new());
	let mut written = 0;
	for group in 1..=64u32 {
		streamed.push(&[1; GROUP], &mut outboard).unwrap();
		// Two halves of each size have a parent: as many as the number of groups has zeros at its end.
		assert_eq!(outboard.len(), group.trailing_zeros() as usize * PAIR_BYTES);
		written += outboard.len();
		outboard.clear();
	}
	streamed.finish(&mut outboard).unwrap();
	assert_eq!(written + outboard.len(), 63 * PAIR_BYTES);
}

#[test]
fn a_stream_has_the_length_that_was_said() {
	let mut outboard = Vec::new();
	for length in LENGTHS {
		let data = paint(length);
		let bytes = length as u64;
		let mut short = Streamed::new(bytes + 1, &[]).unwrap();
		short.push(&data, &mut outboard).unwrap();
		let too_little = StreamError::TooLittle {
			taken: bytes,
			bytes: bytes + 1,
		};
		assert_eq!(short.finish(&mut outboard).unwrap_err(), too_little);
		let mut long = Streamed::new(bytes, &[]).unwrap();
		long.push(&data, &mut outboard).unwrap();
		assert_eq!(long.push(&[0], &mut outboard), Err(StreamError::TooMuch { bytes }));
		// What was refused has changed nothing.
		let (contents, _) = long.finish(&mut outboard).unwrap();
		assert_eq!(contents.root, *blake3::hash(&data).as_bytes());
	}
}

#[test]
fn no_stream_of_what_there_is_not() {
	let refused = |bytes, picked: &[u32]| Streamed::new(bytes, picked).unwrap_err();
	let none = OpeningError::NoSuchChunk { index: 2, chunks: 2 };
	assert_eq!(refused(2_048, &[1, 2]), StreamError::Refused(none));
	let long = OpeningError::TooLong(MAX_BYTES + 1);
	assert_eq!(refused(MAX_BYTES + 1, &[]), StreamError::Refused(long));
	assert_eq!(refused(10, &[0; MAX_PICKED + 1]), StreamError::TooManyPicked(65));
}

#[test]
fn a_holder_reads_a_group_and_a_pair_for_each_step() {
	let held = Held::of(paint(100 * GROUP + 1));
	for index in [0, 17, 800, held.chunks() - 1] {
		let (mut data, mut outboard) = (Counting::of(&held.data), Counting::of(&held.outboard));
		let opening = open(&held.contents, index, &mut data, &mut outboard).unwrap();
		assert_eq!(opening.verify(&held.contents, index), Ok(()));
		assert!(data.read <= GROUP && outboard.read <= 7 * PAIR_BYTES);
	}
}

#[test]
fn what_is_rotten_is_found_where_it_is() {
	for seed in seeds(60 * runs()) {
		let mut rng = source(seed);
		let length = (GROUP as u64 + 1 + rng.below(10 * GROUP as u64)) as usize;
		let mut held = Held::of(rng.bytes(length));
		let place = rng.below(length as u64) as usize;
		held.data[place] ^= 1 << rng.below(8);
		let rotten = (place / GROUP) as u32;
		for index in 0..held.chunks() {
			let opened = open(&held.contents, index, &mut &held.data[..], &mut &held.outboard[..]);
			if index / 16 == rotten {
				assert_eq!(opened, Err(OpenError::RottenGroup(rotten)));
			} else {
				assert_eq!(opened.unwrap().verify(&held.contents, index), Ok(()));
			}
		}
	}
}

#[test]
fn a_rotten_outboard_is_found_and_never_answered_by() {
	let mut held = Held::of(paint(5 * GROUP + 1));
	for place in 0..held.outboard.len() {
		held.outboard[place] ^= 1;
		let mut found = 0;
		for index in (0..held.chunks()).step_by(16) {
			match open(&held.contents, index, &mut &held.data[..], &mut &held.outboard[..]) {
				Ok(opening) => assert_eq!(opening.verify(&held.contents, index), Ok(())),
				Err(why) => {
					assert_eq!(why, OpenError::RottenPair((place / PAIR_BYTES) as u64));
					found += 1;
				}
			}
		}
		assert!(found > 0, "{place}");
		held.outboard[place] ^= 1;
	}
}

#[test]
fn what_cannot_be_read_is_said() {
	let held = Held::of(paint(3 * GROUP));
	let data = &held.data[..held.data.len() - 1];
	let last = held.chunks() - 1;
	let opened = open(&held.contents, last, &mut &data[..], &mut &held.outboard[..]);
	assert_eq!(opened, Err(OpenError::Data(TooShort)));
	let outboard = &held.outboard[..held.outboard.len() - 1];
	let opened = open(&held.contents, 0, &mut &held.data[..], &mut &outboard[..]);
	assert_eq!(opened, Err(OpenError::Outboard(TooShort)));
	let opened = open(&held.contents, last + 1, &mut &held.data[..], &mut &held.outboard[..]);
	let none = OpeningError::NoSuchChunk { index: 48, chunks: 48 };
	assert_eq!(opened, Err(OpenError::Refused(none)));
}

#[test]
fn every_chunk_that_is_picked_is_opened_in_order() {
	for length in LENGTHS {
		let held = Held::of(paint(length));
		let picked: Vec<u32> = (0..held.chunks()).rev().take(MAX_PICKED).collect();
		let mut streamed = Streamed::new(length as u64, &picked).unwrap();
		streamed.push(&held.data, &mut Vec::new()).unwrap();
		let (_, openings) = streamed.finish(&mut Vec::new()).unwrap();
		for (opening, index) in openings.iter().zip(picked) {
			let (chunk, path) = chunk_and_path(&held.data, index as usize);
			assert_eq!((opening.chunk(), opening.path()), (&chunk[..], &path[..]));
		}
	}
}
