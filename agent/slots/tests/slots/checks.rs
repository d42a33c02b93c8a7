//! Openings, scrubs, mending.

use crate::kit::{file, filled, flip, open, slot};
use smart_agent_slots::{Cancel, Pace, ReadError};
use smartchain_rng::{seeds, Rng};
use smartchain_transfer::{server::Shelf, wire::GROUP};
use std::{collections::BTreeSet, fs, io::IoSliceMut};
use storage_proof_primitives::{Contents, Shape};

const LENGTH: usize = 37 * GROUP as usize + 777;

#[test]
fn openings_verify_and_rot_is_named() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (_, root) = filled(&store, 1, LENGTH);
	let contents = Contents {
		root,
		bytes: LENGTH as u64,
	};
	let last = Shape::of(LENGTH as u64).unwrap().last();
	for chunk in [0, 1, 16, 300, last] {
		let [one, two] = store.open_chunks(slot(1), &root, [chunk, last]).unwrap();
		one.verify(&contents, chunk).unwrap();
		two.verify(&contents, last).unwrap();
	}
	let refused = store.open_chunks(slot(1), &root, [0, last + 1]);
	assert!(matches!(refused, Err(ReadError::Refused(_))));
	flip(&file(folder.path(), 1, "data"), 5 * GROUP as usize + 3);
	assert!(matches!(
		store.open_chunks(slot(1), &root, [0, 5 * 16 + 9]),
		Err(ReadError::Rotten(5))
	));
	assert!(
		store.open_chunks(slot(1), &root, [0, 6 * 16]).is_ok(),
		"the others are as they were"
	);
	assert!(matches!(
		store.open_chunks(slot(1), &[0; 32], [0, 1]),
		Err(ReadError::Damaged)
	));
}

#[test]
fn a_scrub_names_what_has_rotten_and_nothing_else() {
	for seed in seeds(12) {
		let folder = tempfile::tempdir().unwrap();
		let (store, _) = open(folder.path());
		let (_, root) = filled(&store, 1, LENGTH);
		let mut rng = Rng::new(seed);
		let rotten: BTreeSet<u32> = (0..rng.below(6)).map(|_| rng.below(38) as u32).collect();
		for group in &rotten {
			let from = *group as usize * GROUP as usize;
			let at = from + rng.below((LENGTH - from).min(GROUP as usize) as u64) as usize;
			flip(&file(folder.path(), 1, "data"), at);
		}
		let found = store.scrub(slot(1), &root, 99, Pace::Fast, &Cancel::default()).unwrap();
		assert_eq!(found, rotten.into_iter().collect::<Vec<u32>>(), "seed {seed}");
		assert_eq!(store.found()[0].scrubbed, Some(99));
	}
}

#[test]
fn a_slot_that_was_cut_has_rotten_behind_the_cut() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (_, root) = filled(&store, 1, LENGTH);
	let data = fs::OpenOptions::new()
		.write(true)
		.open(file(folder.path(), 1, "data"))
		.unwrap();
	data.set_len(35 * GROUP + 1).unwrap();
	let found = store.scrub(slot(1), &root, 99, Pace::Fast, &Cancel::default()).unwrap();
	assert_eq!(found, [35, 36, 37]);
}

#[test]
fn a_scrub_that_nobody_waits_for_ends() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (_, root) = filled(&store, 1, LENGTH);
	let cancel = Cancel::default();
	cancel.cancel();
	let ended = store.scrub(slot(1), &root, 99, Pace::Gentle, &cancel);
	assert!(matches!(ended, Err(ReadError::Cancelled)));
	assert_eq!(store.found()[0].scrubbed, None, "it was not read");
}

#[test]
fn a_group_is_mended_by_its_own_bytes_alone() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (data, root) = filled(&store, 1, LENGTH);
	for group in [5_u32, 37] {
		let from = group as usize * GROUP as usize;
		flip(&file(folder.path(), 1, "data"), from + 3);
		let right = &data[from..(from + GROUP as usize).min(LENGTH)];
		assert_eq!(store.group_bytes(slot(1), group).unwrap(), right.len());
		let mut wrong = right.to_vec();
		wrong[0] ^= 1;
		let refused = store.mend(slot(1), &root, group, &wrong);
		assert!(matches!(refused, Err(ReadError::Rotten(found)) if found == group));
		store.mend(slot(1), &root, group, right).unwrap();
	}
	assert_eq!(store.root_of(slot(1)).unwrap(), root);
}

#[test]
fn an_outboard_that_is_damaged_is_made_anew() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (_, root) = filled(&store, 1, LENGTH);
	let outboard = file(folder.path(), 1, "outboard");
	let sound = fs::read(&outboard).unwrap();
	assert_eq!(sound.len(), 37 * 64);
	// A scrub makes it anew at once.
	flip(&outboard, 100);
	let found = store.scrub(slot(1), &root, 99, Pace::Fast, &Cancel::default()).unwrap();
	assert!(found.is_empty());
	assert_eq!(fs::read(&outboard).unwrap(), sound);
	// An opening tells, and the slot is hashed again.
	let last = sound.len() - 1;
	flip(&outboard, last);
	assert!(matches!(
		store.open_chunks(slot(1), &root, [0, 1]),
		Err(ReadError::Damaged)
	));
	assert_eq!(store.found()[0].root, None);
	assert!(store.seal(slot(1), &root).unwrap());
	assert_eq!(fs::read(&outboard).unwrap(), sound);
	fs::remove_file(&outboard).unwrap();
	assert!(matches!(
		store.open_chunks(slot(1), &root, [0, 1]),
		Err(ReadError::Damaged)
	));
	assert!(store.seal(slot(1), &root).unwrap());
	// With other bytes it has another root.
	flip(&file(folder.path(), 1, "data"), 0);
	fs::remove_file(&outboard).unwrap();
	assert!(matches!(
		store.open_chunks(slot(1), &root, [0, 1]),
		Err(ReadError::Damaged)
	));
	assert!(!store.seal(slot(1), &root).unwrap());
}

#[test]
fn what_is_served_is_what_came() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (data, _) = filled(&store, 1, LENGTH);
	let reading = Shelf::open(&store, slot(1)).unwrap().unwrap();
	assert_eq!(reading.length(), LENGTH as u64);
	let (mut one, mut none, mut two) = ([0; 100], [0; 0], [0; 5_000]);
	let mut parts = [
		IoSliceMut::new(&mut one),
		IoSliceMut::new(&mut none),
		IoSliceMut::new(&mut two),
	];
	reading.data(1_000, &mut parts).unwrap();
	assert_eq!([&one[..], &two[..]].concat(), data[1_000..6_100]);
	let mut beyond = [0; 2];
	let mut parts = [IoSliceMut::new(&mut beyond)];
	assert!(reading.data(LENGTH as u64 - 1, &mut parts).is_err());
	let mut pair = [0; 64];
	reading.outboard(36 * 64, &mut pair).unwrap();
	assert!(reading.outboard(37 * 64, &mut pair).is_err());
}
