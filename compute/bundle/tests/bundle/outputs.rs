//! Outputs: those that were agreed on, in the order of their units, whenever and from whomever they come.

use crate::kit::{bytes, streams};
use proptest::prelude::*;
use smartchain_bundle::{whole, Memory, OutputError, Outputs, MAX_OUTPUT};
use std::fs;
use storage_proof_primitives::{Contents, Hash};

fn root(output: &[u8]) -> Option<Hash> {
	Some(blake3::hash(output).into())
}

fn opened(outputs: &[Vec<u8>]) -> (tempfile::TempDir, Outputs) {
	let folder = tempfile::tempdir().unwrap();
	let roots = outputs.iter().map(|output| root(output)).collect();
	let opened = Outputs::open(&folder.path().join("out"), roots).unwrap();
	(folder, opened)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	#[test]
	fn outputs_are_joined_in_order_whenever_they_come(
		lengths in proptest::collection::vec(prop_oneof![Just(0_usize), 1..40_000_usize], 1..12),
		order in any::<prop::sample::Index>(),
	) {
		let all: Vec<Vec<u8>> = (0..).zip(&lengths).map(|(seed, length)| bytes(seed, *length)).collect();
		let (_folder, outputs) = opened(&all);
		let mut units: Vec<u32> = (0..all.len() as u32).collect();
		prop_assert_eq!(outputs.missing().unwrap(), units.clone());
		units.rotate_left(order.index(all.len()));
		units.reverse();
		for unit in units {
			prop_assert!(matches!(outputs.join(&mut Vec::new()), Err(OutputError::Missing(_))));
			outputs.put(unit, &all[unit as usize]).unwrap();
		}
		prop_assert!(outputs.missing().unwrap().is_empty());
		let mut joined = Vec::new();
		let told = outputs.join(&mut joined).unwrap();
		prop_assert!(joined == all.concat());
		prop_assert_eq!((told.bytes, Some(told.root)), (joined.len() as u64, root(&joined)));
	}

	#[test]
	fn an_output_comes_whole_from_a_worker(
		length in 0..200_000_usize, at in any::<prop::sample::Index>(), lies in any::<bool>(),
	) {
		let output = bytes(3, length);
		let contents = Memory::new(output.clone()).unwrap().contents();
		let change = |stream: &mut Vec<u8>| {
			if lies && !stream.is_empty() {
				let at = at.index(stream.len());
				stream[at] ^= 4;
			}
		};
		let (mut source, _) = streams(&output, contents, change);
		match whole(0, &mut source) {
			Ok(found) => prop_assert!(found == output && (!lies || length == 0)),
			Err(error) => prop_assert!(lies && length > 0, "{}", error),
		}
	}
}

/// Output hoarder, and liar: what was not agreed on is not kept.
#[test]
fn another_output_is_refused() {
	let (_folder, outputs) = opened(&[b"one".to_vec(), b"two".to_vec()]);
	for (unit, output) in [(0, &b"two"[..]), (1, b"one"), (0, b"")] {
		let refused = outputs.put(unit, output).unwrap_err();
		assert!(matches!(refused, OutputError::Another(_)), "{refused}");
		assert_eq!(outputs.get(unit).unwrap(), None);
	}
	let none = outputs.put(2, b"three").unwrap_err();
	assert!(matches!(none, OutputError::NoResult(2)), "{none}");
}

#[test]
fn a_unit_without_a_result_is_named() {
	let folder = tempfile::tempdir().unwrap();
	let outputs = Outputs::open(folder.path(), vec![root(b"a"), None]).unwrap();
	outputs.put(0, b"a").unwrap();
	assert!(outputs.missing().unwrap().is_empty(), "there is nothing to fetch");
	let why = outputs.join(&mut Vec::new()).unwrap_err();
	assert!(matches!(why, OutputError::NoResult(1)), "{why}");
}

/// A worker says that an output without a byte is there, or that there is one where there is none.
#[test]
fn nothing_is_the_output_of_its_root_alone() {
	let of = |root: Option<Hash>| Contents {
		root: root.unwrap(),
		bytes: 0,
	};
	let (mut empty, _) = streams(b"", of(root(b"")), |_| {});
	assert_eq!(whole(0, &mut empty).unwrap(), b"");
	let (mut hidden, _) = streams(b"", of(root(b"x")), |_| {});
	assert!(matches!(whole(7, &mut hidden), Err(OutputError::Another(7))));
	let long = Contents {
		root: [0; 32],
		bytes: MAX_OUTPUT + 1,
	};
	let (mut long, asked) = streams(b"", long, |_| {});
	assert!(matches!(whole(7, &mut long), Err(OutputError::TooLong(7))));
	assert!(asked.borrow().is_empty());
}

/// A kill while an output is written, or a disk that rots: it is fetched again, and nothing wrong is joined.
#[test]
fn what_was_damaged_is_missing() {
	let all = [bytes(1, 5_000), bytes(2, 5_000), bytes(3, 10)];
	let (_folder, outputs) = opened(&all);
	for (unit, output) in (0..).zip(&all) {
		outputs.put(unit, output).unwrap();
	}
	let path = outputs.path(1);
	let mut rotten = all[1].clone();
	rotten[4_999] ^= 1;
	for damaged in [&rotten[..], &all[1][..4_999], b""] {
		fs::write(&path, damaged).unwrap();
		assert_eq!(outputs.missing().unwrap(), [1]);
		let mut joined = Vec::new();
		assert!(matches!(outputs.join(&mut joined), Err(OutputError::Missing(1))));
		assert_eq!(joined, all[0]);
	}
	fs::write(path.with_extension("part"), b"half").unwrap();
	outputs.put(1, &all[1]).unwrap();
	assert!(outputs.missing().unwrap().is_empty());
	let mut joined = Vec::new();
	outputs.join(&mut joined).unwrap();
	assert_eq!(joined, all.concat());
}
