//! Roots and outboards: those of BLAKE3 and of bao, whatever the length and however it comes.

use crate::kit::{bytes, Made};
use bao_tree::{io::outboard::PostOrderMemOutboard, BlockSize};
use proptest::prelude::*;
use smartchain_bundle::{send, Index, Kept, Memory, Tree, WriteError, Writer};
use smartchain_transfer::{server::Reading, wire::GROUP};
use std::{fs, io::ErrorKind};

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn a_tree_is_that_of_bao(length in prop_oneof![0..70_000_u64, 1..40 * GROUP], cut in 1_usize..50_000) {
		let data = bytes(length, length as usize);
		let mut tree = Tree::new(length, Vec::new());
		for part in data.chunks(cut) {
			tree.update(part).unwrap();
		}
		prop_assert_eq!(tree.left(), 0);
		let (contents, outboard) = tree.finish().unwrap();
		prop_assert_eq!(contents.root, *blake3::hash(&data).as_bytes());
		prop_assert_eq!(contents.bytes, length);
		prop_assert!(outboard == PostOrderMemOutboard::create(&data, BlockSize::from_chunk_log(4)).data);
	}
}

#[test]
fn trees_of_whole_groups_and_one_byte_around_are_those_of_blake3() {
	for groups in 0..6 {
		for length in [groups * GROUP, groups * GROUP + 1, (groups + 1) * GROUP - 1] {
			let data = bytes(length, length as usize);
			assert_eq!(
				Memory::new(data.clone()).unwrap().contents().root,
				*blake3::hash(&data).as_bytes()
			);
		}
	}
}

#[test]
fn a_writer_takes_what_its_index_says() {
	let index = Index::parts(&[5, 5]).unwrap();
	let writer = || Writer::new(&index, Vec::new(), Vec::new()).unwrap();
	let mut more = writer();
	more.write(&[1; 9]).unwrap();
	assert!(matches!(more.write(&[1; 2]), Err(WriteError::TooMuch)));
	more.write(&[1]).unwrap();
	assert!(more.finish().is_ok());
	let mut less = writer();
	less.write(&[1; 7]).unwrap();
	assert!(matches!(less.finish(), Err(WriteError::Missing(3))));
	let mut tree = Tree::new(3, Vec::new());
	assert_eq!(tree.update(&[0; 4]).unwrap_err().kind(), ErrorKind::InvalidInput);
	tree.update(&[0; 2]).unwrap();
	assert_eq!(tree.finish().err().unwrap().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn files_give_the_streams_that_memory_does() {
	let folder = tempfile::tempdir().unwrap();
	let made = Made::new(Index::parts(&[9 * GROUP as u32 + 5]).unwrap());
	let (data, outboard) = (folder.path().join("bundle"), folder.path().join("outboard"));
	fs::write(&data, &made.all).unwrap();
	fs::write(&outboard, &made.outboard).unwrap();
	let open = |path| fs::File::open(path).unwrap();
	let kept = Kept::new(open(&data), open(&outboard)).unwrap();
	assert_eq!(kept.length(), made.contents.bytes);
	let memory = Memory::new(made.all.clone()).unwrap();
	for (from, length) in [(0, GROUP), (GROUP, 3 * GROUP), (0, made.contents.bytes)] {
		let (mut one, mut other) = (Vec::new(), Vec::new());
		send(&kept, from, length, &mut one).unwrap();
		send(&memory, from, length, &mut other).unwrap();
		assert!(one == other && !one.is_empty());
	}
	let none = send(&memory, 1, GROUP, &mut Vec::new()).unwrap_err();
	assert_eq!(none.kind(), ErrorKind::InvalidInput);
	// An outboard of something else is none.
	let wrong = Kept::new(open(&data), open(&data)).err().unwrap();
	assert_eq!(wrong.kind(), ErrorKind::InvalidData);
}
