//! Streams: those of bao, whatever the range; and none that was changed comes through.

use crate::kit::bytes;
use bao_tree::{
	io::{outboard::PostOrderMemOutboard, round_up_to_chunks, sync::encode_ranges},
	BlockSize, ByteRanges,
};
use proptest::prelude::*;
use smartchain_transfer::{
	server::Reading,
	stream::{encoded_len, fill, frames, Builder, Decoder, Walk},
	wire::{values, GROUP},
};
use std::io::{self, ErrorKind, IoSliceMut};
use storage_proof_primitives::Contents;

/// A slot in memory.
struct Memory {
	data: Vec<u8>,
	outboard: Vec<u8>,
}

impl Reading for Memory {
	fn length(&self) -> u64 {
		self.data.len() as u64
	}

	fn data(&self, offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
		let mut at = offset as usize;
		for part in parts {
			let found = self.data.get(at..at + part.len()).ok_or(ErrorKind::UnexpectedEof)?;
			part.copy_from_slice(found);
			at += part.len();
		}
		Ok(())
	}

	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		let at = offset as usize;
		let found = self.outboard.get(at..at + into.len());
		into.copy_from_slice(found.ok_or(ErrorKind::UnexpectedEof)?);
		Ok(())
	}
}

fn slot(seed: u64, length: usize) -> (Memory, Contents) {
	let data = bytes(seed, length);
	let made = PostOrderMemOutboard::create(&data, BlockSize::from_chunk_log(4));
	let contents = Contents {
		root: made.root.into(),
		bytes: length as u64,
	};
	let memory = Memory {
		data,
		outboard: made.data,
	};
	(memory, contents)
}

fn encoded(slot: &Memory, from: u64, length: u64, most: usize) -> Vec<u8> {
	let mut stream = Vec::new();
	for frame in frames(Walk::new(slot.length(), from, length).unwrap(), most) {
		let mut part = vec![0; frame.bytes()];
		fill(&frame, slot, &mut part).unwrap();
		stream.extend(part);
	}
	stream
}

/// What bao-tree makes of a range.
fn of_bao_tree(slot: &Memory, contents: &Contents, from: u64, length: u64) -> Vec<u8> {
	let made = PostOrderMemOutboard::create(&slot.data, BlockSize::from_chunk_log(4));
	assert_eq!(<[u8; 32]>::from(made.root), contents.root);
	let ranges = round_up_to_chunks(&ByteRanges::from(from..from + length));
	let mut stream = Vec::new();
	encode_ranges(&slot.data[..], &made, &ranges, &mut stream).unwrap();
	stream
}

/// What comes of a stream: all that was right before it was not.
fn decoded(contents: &Contents, from: u64, length: u64, stream: &[u8], most: usize) -> (Vec<u8>, bool) {
	let mut decoder = Decoder::new(contents, from, length).unwrap();
	let (mut out, mut rest) = (Vec::new(), stream);
	loop {
		let count = decoder.next_bytes(most);
		if count == 0 {
			return (out, rest.is_empty());
		}
		let Some((now, later)) = rest.split_at_checked(count) else {
			return (out, false);
		};
		rest = later;
		let mut expected = from + out.len() as u64;
		let taken = decoder.take(now, |at, group| {
			assert_eq!(at, expected);
			expected += group.len() as u64;
			out.extend_from_slice(group);
		});
		if let Err(lie) = taken {
			assert_eq!(lie.at, from + out.len() as u64);
			return (out, false);
		}
	}
}

/// A slot of up to 40 groups, and a range of whole groups in it.
fn ranges() -> impl Strategy<Value = (usize, u64, u64)> {
	(
		1..40 * GROUP,
		any::<prop::sample::Index>(),
		any::<prop::sample::Index>(),
	)
		.prop_map(|(length, from, count)| {
			let groups = length.div_ceil(GROUP);
			let first = from.index(groups as usize) as u64;
			let beyond = first + 1 + count.index((groups - first) as usize) as u64;
			let end = (beyond * GROUP).min(length);
			(length as usize, first * GROUP, end - first * GROUP)
		})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn a_stream_is_that_of_bao_tree((length, from, count) in ranges(), most in 1_usize..300_000) {
		let (slot, contents) = slot(length as u64, length);
		let stream = encoded(&slot, from, count, most);
		prop_assert_eq!(Some(stream.len() as u64), encoded_len(contents.bytes, from, count));
		prop_assert!(stream == of_bao_tree(&slot, &contents, from, count));
		let (out, whole) = decoded(&contents, from, count, &stream, most);
		prop_assert!(whole && out == slot.data[from as usize..][..count as usize]);
	}

	#[test]
	fn no_changed_byte_comes_through(
		(length, from, count) in ranges(), at in any::<prop::sample::Index>(), bit in 0..8, most in 1_usize..300_000,
	) {
		let (slot, contents) = slot(1, length);
		let mut stream = encoded(&slot, from, count, 100_000);
		let at = at.index(stream.len());
		stream[at] ^= 1_u8 << bit;
		let (out, whole) = decoded(&contents, from, count, &stream, most);
		prop_assert!(!whole);
		prop_assert!(slot.data[from as usize..].starts_with(&out));
	}

	#[test]
	fn a_stream_of_another_place_is_refused((length, from, count) in ranges()) {
		let (slot, contents) = slot(2, length);
		prop_assume!(from > 0);
		let stream = encoded(&slot, 0, GROUP, 100_000);
		let (out, whole) = decoded(&contents, from, count, &stream, 100_000);
		prop_assert!(!whole && out.is_empty());
	}

	#[test]
	fn an_outboard_built_of_values_is_that_of_bao_tree(length in GROUP + 1..60 * GROUP, cut in 1_usize..7) {
		let (slot, contents) = slot(3, length as usize);
		let (mut builder, mut pairs, mut root) = (Builder::new(length), Vec::new(), None);
		for (piece, at) in slot.data.chunks(cut * GROUP as usize).zip((0..).step_by(cut * GROUP as usize)) {
			let mut found = Vec::new();
			values(at, piece, &mut found);
			for value in found {
				prop_assert!(root.is_none());
				root = builder.push(value, &mut pairs);
			}
		}
		prop_assert_eq!(root, Some(contents.root));
		prop_assert!(pairs == slot.outboard);
		prop_assert_eq!(builder.push([0; 32], &mut pairs), None, "more than there are");
	}
}

#[test]
fn frames_are_within_their_bound_and_all_of_the_stream() {
	let length = 200 * GROUP;
	let walk = Walk::new(length, 64 * GROUP, 64 * GROUP).unwrap();
	let all: Vec<_> = frames(walk, 256 << 10).collect();
	assert!(all.iter().all(|frame| frame.bytes() <= 256 << 10));
	assert_eq!(all.iter().map(|frame| frame.data()).sum::<u64>(), 64 * GROUP);
	let bytes: usize = all.iter().map(|frame| frame.bytes()).sum();
	assert_eq!(Some(bytes as u64), encoded_len(length, 64 * GROUP, 64 * GROUP));
	// A group that is more than the bound comes alone.
	let small = frames(Walk::new(length, 0, 4 * GROUP).unwrap(), 1).collect::<Vec<_>>();
	assert!(small.iter().all(|frame| matches!(frame.bytes(), 64 | 16_384)));
}
