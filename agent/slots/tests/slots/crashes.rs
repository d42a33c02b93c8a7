//! The power fails: what was said to be durable is there, whatever became of the rest.

use crate::kit::{bytes, file, open, slot, write};
use smartchain_rng::{seeds, Rng};
use smartchain_transfer::{server::Shelf, wire::GROUP};
use std::{
	fs::{self, OpenOptions},
	os::unix::fs::FileExt,
	path::Path,
};

/// Bytes of a mark's record.
const RECORD: usize = 24;

/// What a disk may do with what nobody had it sync: other bytes behind the mark, a mark that is torn, files that were
/// being written beside others. `torn` is what became of a mark's record before, and its place.
fn lose(folder: &Path, durable: u64, length: u64, torn: &mut Option<(usize, Vec<u8>)>, rng: &mut Rng) {
	let data = OpenOptions::new().write(true).open(file(folder, 1, "data")).unwrap();
	let junk = rng.bytes((length - durable) as usize);
	data.write_all_at(&junk, durable).unwrap();
	let values = file(folder, 1, "values");
	if values.exists() && rng.percent(50) {
		// Values of groups that are not durable, and perhaps none.
		let kept = durable.div_ceil(GROUP) * 32;
		let values = OpenOptions::new().write(true).open(values).unwrap();
		values.set_len(kept.min(values.metadata().unwrap().len())).unwrap();
	}
	for name in ["outboard.new", "meta.new"] {
		if rng.percent(30) {
			fs::write(file(folder, 1, name), rng.bytes(50)).unwrap();
		}
	}
	let mark = file(folder, 1, "mark");
	if mark.exists() && rng.percent(50) {
		// The record that would have been written next is torn.
		let mut bytes = fs::read(&mark).unwrap();
		let count = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
		let place = match torn {
			// It was not written since, and what it says of its age is junk.
			Some((place, left)) if bytes[*place..][..RECORD] == left[..] => *place,
			_ if count(0) > count(4_096) => 4_096,
			_ => 0,
		};
		let length = rng.below(RECORD as u64) as usize;
		let junk = rng.bytes(length);
		bytes[place..place + length].copy_from_slice(&junk);
		*torn = Some((place, bytes[place..][..RECORD].to_vec()));
		fs::write(&mark, bytes).unwrap();
	}
}

#[test]
fn what_was_durable_is_there_after_any_crash() {
	for seed in seeds(40) {
		let folder = tempfile::tempdir().unwrap();
		let mut rng = Rng::new(seed);
		let length = rng.range(2 * GROUP, 60 * GROUP) as usize;
		let (data, root) = bytes(seed, length);
		let (store, _) = open(folder.path());
		store.make(slot(1), length as u64, 5).unwrap();
		drop(store);
		let (mut durable, mut torn) = (0_u64, None);
		for _ in 0..1_000 {
			let (store, found) = open(folder.path());
			assert_eq!(found.len(), 1, "seed {seed}");
			assert!(
				found[0].durable >= durable,
				"seed {seed}: {} of {durable}",
				found[0].durable
			);
			if found[0].root == Some(root) {
				durable = length as u64;
				break;
			}
			let mut receiving = store.receive(slot(1), length as u64).unwrap();
			let mut at = receiving.held().written as usize;
			durable = at as u64;
			for _ in 0..rng.range(1, 6) {
				let from = at - at % GROUP as usize;
				if (from as u64) < durable {
					// It writes over a group that is durable in part: as long as it does, that much is not.
					durable = from as u64;
				}
				let to = (from + rng.range(1, 8) as usize * GROUP as usize).min(length);
				write(&mut *receiving, from, &data[from..to]);
				at = to;
				if rng.percent(40) {
					durable = receiving.sync().unwrap().durable;
				}
				if durable == length as u64 {
					// It is whole, and written no more.
					break;
				}
			}
			drop(receiving);
			drop(store);
			if durable < length as u64 {
				lose(folder.path(), durable, length as u64, &mut torn, &mut rng);
			}
		}
		assert_eq!(durable, length as u64, "seed {seed}: it ends");
		let (store, _) = open(folder.path());
		assert!(store.seal(slot(1), &root).unwrap(), "seed {seed}");
		assert_eq!(store.root_of(slot(1)).unwrap(), root, "seed {seed}");
	}
}

#[test]
fn room_that_was_being_made_and_slots_that_were_being_deleted_are_gone() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	store.make(slot(1), 100_000, 5).unwrap();
	drop(store);
	fs::remove_file(file(folder.path(), 1, "meta")).unwrap();
	let trash = folder.path().join("trash/2-03");
	fs::create_dir_all(&trash).unwrap();
	fs::write(trash.join("data"), "x").unwrap();
	let (store, found) = open(folder.path());
	assert!(found.is_empty() && !trash.exists());
	assert_eq!(store.usage().unwrap().slots, 0);
	store.make(slot(1), 100_000, 6).unwrap();
}

#[test]
fn a_slot_whose_meta_is_damaged_is_named_and_left_alone() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	store.make(slot(1), 100_000, 5).unwrap();
	drop(store);
	crate::kit::flip(&file(folder.path(), 1, "meta"), 20);
	let opened = smart_agent_slots::SlotStore::open(folder.path(), &crate::kit::OWNER, 1 << 30, |_, _| ());
	let (_, found, damaged) = opened.unwrap();
	assert!(found.is_empty());
	assert!(damaged.len() == 1 && damaged[0].contains("1-03"), "{damaged:?}");
	assert!(file(folder.path(), 1, "data").exists());
}
