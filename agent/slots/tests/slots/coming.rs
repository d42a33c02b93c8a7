//! Slots that come, by the wire and by repair.

use crate::kit::{bytes, file, filled, open, slot, write, OWNER, SPACE};
use smart_agent_slots::{Owner, SlotStore, StoreError};
use smartchain_rng::{seeds, Rng};
use smartchain_slots::edge::{SlotSink, SlotSource};
use smartchain_transfer::{server::Shelf, wire::GROUP};
use std::io::ErrorKind;

#[test]
fn slots_that_come_in_any_pieces_have_their_root() {
	for seed in seeds(30) {
		let folder = tempfile::tempdir().unwrap();
		let (store, _) = open(folder.path());
		let mut rng = Rng::new(seed);
		let length = rng.range(1, 40 * GROUP) as usize;
		let (data, root) = bytes(seed, length);
		store.make(slot(1), length as u64, 5).unwrap();
		let mut at = 0;
		while at < length {
			// Somebody new goes on now and then.
			let mut receiving = store.receive(slot(1), length as u64).unwrap();
			for _ in 0..rng.range(1, 5) {
				let from = at - at % GROUP as usize;
				let to = (from + rng.range(1, 3 * GROUP) as usize).min(length).max(at);
				write(&mut *receiving, from, &data[from..to]);
				at = to;
				if rng.percent(30) && at < length {
					assert_eq!(receiving.sync().unwrap().durable, at as u64, "seed {seed}");
				}
			}
			if at == length {
				let held = receiving.sync().unwrap();
				assert_eq!((held.durable, held.root), (length as u64, Some(root)), "seed {seed}");
			}
		}
		assert!(store.seal(slot(1), &root).unwrap());
		assert!(!store.seal(slot(1), &[0; 32]).unwrap(), "another root");
		assert_eq!(store.root_of(slot(1)).unwrap(), root);
		assert!(!file(folder.path(), 1, "values").exists() && !file(folder.path(), 1, "mark").exists());
	}
}

#[test]
fn what_is_whole_is_written_no_more_and_taken_back_it_is() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (data, root) = filled(&store, 1, 100_000);
	let refused = store.receive(slot(1), 100_000).err().unwrap();
	assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
	assert_eq!(store.receive(slot(2), 1).err().unwrap().kind(), ErrorKind::NotFound);
	store.reset(slot(1)).unwrap();
	assert!(
		Shelf::open(&store, slot(1)).unwrap().is_none(),
		"nobody reads it meanwhile"
	);
	let mut receiving = store.receive(slot(1), 100_000).unwrap();
	assert_eq!((receiving.held().written, receiving.held().root), (0, None));
	assert_eq!(
		store.receive(slot(1), 99_999).err().unwrap().kind(),
		ErrorKind::AlreadyExists,
		"another length"
	);
	write(&mut *receiving, 0, &data);
	assert_eq!(receiving.sync().unwrap().root, Some(root));
}

#[test]
fn of_two_that_write_the_first_is_refused() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	store.make(slot(1), 100_000, 5).unwrap();
	let mut first = store.receive(slot(1), 100_000).unwrap();
	let mut second = store.receive(slot(1), 100_000).unwrap();
	assert!(first.write(0, &[1; 10], &[[0; 32]]).is_err());
	write(&mut *second, 0, &[1; 100]);
	assert!(second.write(3 * GROUP, &[1; 10], &[[0; 32]]).is_err(), "a gap");
	assert!(
		second.write(1, &[1; 10], &[[0; 32]]).is_err(),
		"in the middle of a group"
	);
	store.remove(slot(1)).unwrap();
	assert!(
		second.write(0, &[1; 10], &[[0; 32]]).is_err() && second.sync().is_err(),
		"it is gone"
	);
}

#[test]
fn what_is_rebuilt_goes_on_where_it_was() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (data, root) = bytes(7, 300_000);
	store.make(slot(1), 300_000, 5).unwrap();
	let mut own = store.own(slot(1)).unwrap();
	own.write(3, 0, &data[..262_144]).unwrap();
	assert_eq!(own.durable(3).unwrap(), 0);
	own.sync().unwrap();
	drop(own);
	drop(store);
	let (store, found) = open(folder.path());
	assert_eq!((found[0].durable, found[0].root, found[0].made), (262_144, None, 5));
	let mut own = store.own(slot(1)).unwrap();
	assert_eq!(own.durable(3).unwrap(), 262_144);
	let mut read = vec![0; 1_000];
	own.read(3, 261_000, &mut read).unwrap();
	assert_eq!(read, data[261_000..262_000]);
	own.write(3, 262_144, &data[262_144..]).unwrap();
	assert_eq!(own.length(3), Ok(300_000));
	own.sync().unwrap();
	assert!(store.seal(slot(1), &root).unwrap());
	assert!(own.write(4, 0, &[0]).is_err(), "another slot");
}

#[test]
fn no_more_is_taken_than_was_offered() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	store.make(slot(1), SPACE - 1_000, 5).unwrap();
	store.make(slot(1), SPACE - 1_000, 6).unwrap();
	assert!(matches!(store.make(slot(1), 5, 6), Err(StoreError::There(_))));
	let refused = store.make(slot(2), 1_001, 5).unwrap_err();
	assert!(
		matches!(
			refused,
			StoreError::Space {
				wanted: 1_001,
				left: 1_000
			}
		) && refused.is_room()
	);
	store.set_space(SPACE + 1);
	store.make(slot(2), 1_001, 5).unwrap();
	store.remove(slot(1)).unwrap();
	assert_eq!(store.usage().unwrap().slots, 1_001);
	store.remove(slot(1)).unwrap();
}

#[test]
fn a_store_is_of_one_device_and_process() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let again = |owner: &Owner| SlotStore::open(folder.path(), owner, SPACE, |_, _| ()).err();
	assert!(matches!(again(&OWNER), Some(StoreError::InUse(_))));
	drop(store);
	let other = Owner {
		device: [9; 32],
		..OWNER
	};
	assert!(matches!(again(&other), Some(StoreError::Other(_))));
	assert!(again(&OWNER).is_none());
	let full = tempfile::tempdir().unwrap();
	std::fs::write(full.path().join("diary"), "dear").unwrap();
	let refused = SlotStore::open(full.path(), &OWNER, SPACE, |_, _| ()).err();
	assert!(
		matches!(refused, Some(StoreError::Other(_))),
		"a folder with something else"
	);
}
