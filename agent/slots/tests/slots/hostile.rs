//! Owners who begin and do not end, disks that lose sectors, and files that are gone.

use crate::kit::{bytes, file, filled, flip, open, slot, write, OWNER, SPACE};
use smart_agent_slots::{Cancel, Pace, ReadError, SlotStore};
use smartchain_transfer::{server::Shelf, wire::GROUP};
use std::{
	fs,
	os::unix::fs::symlink,
	process::Command,
	sync::{
		atomic::{AtomicBool, Ordering},
		mpsc::channel,
		Arc,
	},
	thread,
	time::Duration,
};

const LENGTH: usize = 37 * GROUP as usize + 777;

/// Whoever asks for a slot that is being hashed, or for another one, waits for no disk: a challenge is seen meanwhile.
#[test]
fn whoever_looks_waits_for_nobody_who_hashes() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (_, root) = filled(&store, 1, LENGTH);
	filled(&store, 2, LENGTH);
	flip(&file(folder.path(), 1, "outboard"), 37 * 64 - 1);
	assert!(matches!(
		store.open_chunks(slot(1), &root, [0, 1]),
		Err(ReadError::Damaged)
	));
	// A disk that gives nothing: whoever opens the file waits.
	let data = file(folder.path(), 1, "data");
	fs::remove_file(&data).unwrap();
	assert!(Command::new("mkfifo").arg(&data).status().unwrap().success());
	let (begun, begins) = channel();
	let sealing = store.clone();
	let seal = thread::spawn(move || {
		begun.send(()).unwrap();
		sealing.seal(slot(1), &root).is_ok()
	});
	begins.recv().unwrap();
	let (told, hears) = channel();
	let looking = store.clone();
	thread::spawn(move || {
		for _ in 0..2_000 {
			let found = looking.found();
			let taken = looking.usage().unwrap().slots;
			let held = looking.held(slot(1)).unwrap().unwrap();
			assert_eq!((found.len(), taken, held.root), (2, 2 * LENGTH as u64, None));
			thread::yield_now();
		}
		told.send(()).unwrap();
	});
	hears.recv_timeout(Duration::from_secs(60)).expect("nobody waits");
	assert!(!seal.is_finished(), "it was hashed all the time");
	// Somebody writes to it: it can be opened, and is no file.
	drop(fs::OpenOptions::new().write(true).open(&data).unwrap());
	assert!(!seal.join().unwrap());
}

/// A sector that cannot be read any more has rotten as any other: it is named, and built anew.
#[test]
fn a_sector_that_cannot_be_read_has_rotten() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (data, root) = filled(&store, 1, LENGTH);
	let path = file(folder.path(), 1, "data");
	fs::remove_file(&path).unwrap();
	// Where no memory is, reading fails as it does of a sector that is lost.
	symlink("/proc/self/mem", &path).unwrap();
	assert!(matches!(
		store.open_chunks(slot(1), &root, [5 * 16, 0]),
		Err(ReadError::Rotten(5))
	));
	let found = store.scrub(slot(1), &root, 99, Pace::Fast, &Cancel::default()).unwrap();
	assert_eq!(found, (0..38).collect::<Vec<u32>>());
	fs::remove_file(&path).unwrap();
	fs::write(&path, &data).unwrap();
	let found = store.scrub(slot(1), &root, 99, Pace::Fast, &Cancel::default()).unwrap();
	assert!(found.is_empty());
	// Also one whose outboard is damaged besides: it has another root than it had.
	flip(&file(folder.path(), 1, "outboard"), 37 * 64 - 1);
	assert!(store.open_chunks(slot(1), &root, [0, 1]).is_err());
	fs::remove_file(&path).unwrap();
	symlink("/proc/self/mem", &path).unwrap();
	assert!(!store.seal(slot(1), &root).unwrap());
}

/// Sower: begins ever so many slots, so that this process can open no file to answer.
#[test]
fn the_sower_takes_few_of_the_files_that_may_be_open() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let count = || fs::read_dir("/proc/self/fd").unwrap().count();
	let before = count();
	let length = 2 * GROUP as usize;
	for deal in 0..300 {
		let (data, _) = bytes(deal, length);
		store.make(slot(deal), length as u64, 10).unwrap();
		let mut receiving = store.receive(slot(deal), length as u64).unwrap();
		write(&mut *receiving, 0, &data[..GROUP as usize]);
	}
	// Other tests of this process have some, too.
	assert!(count() < before + 500, "{} files", count() - before);
	// What came is there, and whoever goes on ends.
	for deal in [0, 150, 299] {
		let (data, root) = bytes(deal, length);
		let mut receiving = store.receive(slot(deal), length as u64).unwrap();
		assert_eq!(receiving.held().written, GROUP);
		write(&mut *receiving, GROUP as usize, &data[GROUP as usize..]);
		assert_eq!(receiving.sync().unwrap().root, Some(root));
	}
}

/// A piece that is slow goes on also if the files of its slot were closed meanwhile.
#[test]
fn whoever_is_slow_goes_on_in_files_that_were_closed() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	let (data, root) = bytes(7, LENGTH);
	store.make(slot(7), LENGTH as u64, 10).unwrap();
	let mut slow = store.receive(slot(7), LENGTH as u64).unwrap();
	write(&mut *slow, 0, &data[..GROUP as usize]);
	for deal in 100..200 {
		store.make(slot(deal), GROUP, 10).unwrap();
		drop(store.receive(slot(deal), GROUP).unwrap());
	}
	write(&mut *slow, GROUP as usize, &data[GROUP as usize..]);
	assert_eq!(slow.sync().unwrap().root, Some(root));
}

/// The meta of a slot is gone or damaged, and its bytes are sound: they are not deleted, and count again once hashed.
#[test]
fn a_slot_that_lost_its_meta_is_taken_over() {
	for gone in [true, false] {
		let folder = tempfile::tempdir().unwrap();
		let (store, _) = open(folder.path());
		let (data, root) = filled(&store, 1, LENGTH);
		drop(store);
		let meta = file(folder.path(), 1, "meta");
		match gone {
			true => fs::remove_file(&meta).unwrap(),
			false => flip(&meta, 20),
		}
		let (store, found, damaged) = SlotStore::open(folder.path(), &OWNER, SPACE, |_, _| ()).unwrap();
		assert!(found.is_empty() && damaged.len() == 1, "{damaged:?}");
		assert_eq!(fs::read(file(folder.path(), 1, "data")).unwrap(), data);
		store.make(slot(1), LENGTH as u64, 11).unwrap();
		assert_eq!(store.found()[0].durable, LENGTH as u64);
		assert!(store.seal(slot(1), &root).unwrap());
		assert!(store.open_chunks(slot(1), &root, [0, 9]).is_ok());
		// With another length it is another slot.
		drop(store);
		fs::remove_file(&meta).unwrap();
		let (store, _, _) = SlotStore::open(folder.path(), &OWNER, SPACE, |_, _| ()).unwrap();
		store.make(slot(1), LENGTH as u64 + GROUP, 11).unwrap();
		assert_eq!(store.found()[0].durable, 0);
	}
}

#[test]
fn what_cannot_be_deleted_keeps_no_store_from_opening() {
	let folder = tempfile::tempdir().unwrap();
	let (store, _) = open(folder.path());
	filled(&store, 1, LENGTH);
	drop(store);
	fs::write(folder.path().join("trash"), "no folder").unwrap();
	let (_, found, damaged) = SlotStore::open(folder.path(), &OWNER, SPACE, |_, _| ()).unwrap();
	assert_eq!(found.len(), 1);
	assert!(damaged.len() == 1 && damaged[0].contains("trash"), "{damaged:?}");
}

#[test]
fn what_is_to_be_done_when_it_is_cancelled_is_done_once() {
	let cancel = Cancel::default();
	for late in [false, true] {
		let done = Arc::new(AtomicBool::new(false));
		let set = done.clone();
		cancel.then(move || assert!(!set.swap(true, Ordering::SeqCst)));
		assert_eq!(done.load(Ordering::SeqCst), late);
		cancel.clone().cancel();
		cancel.cancel();
		assert!(done.load(Ordering::SeqCst));
	}
}
