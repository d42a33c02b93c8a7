//! Real folders: what is stored comes back with names, modes, times and links.

use crate::kit::key;
use smartchain_slots::{
	edge::{FileLog, Folder, RestoreFolder, SlotFolder, Source},
	get,
	manifest::{Kind, Meta, Order},
	meter::Meter,
	put, verify, Error, Get, Plan, Profile, Put, Restored, Selection, Stored,
};
use std::{
	ffi::OsStr,
	fs::{self, File, Permissions},
	os::unix::{
		ffi::OsStrExt,
		fs::{symlink, PermissionsExt},
		net::UnixListener,
	},
	path::Path,
	time::{Duration, UNIX_EPOCH},
};

/// A folder with one of each.
fn fill(root: &Path) {
	for folder in ["a", "a/deep/er", "empty", "read-only"] {
		fs::create_dir_all(root.join(folder)).unwrap();
	}
	fs::write(root.join("a.txt"), "beside a folder of nearly the same name").unwrap();
	fs::write(root.join("a/deep/er/file"), vec![7; 100_000]).unwrap();
	fs::write(root.join("a/nothing"), "").unwrap();
	fs::write(root.join("read-only/run"), "#!/bin/sh\n").unwrap();
	fs::write(root.join(OsStr::from_bytes(b"no \xff text")), "x").unwrap();
	symlink("a/deep", root.join("link")).unwrap();
	symlink("/nowhere", root.join("dangling")).unwrap();
	for (i, path) in [
		"a.txt",
		"a/deep/er/file",
		"read-only/run",
		"a/deep/er",
		"a/deep",
		"a",
		"empty",
	]
	.iter()
	.enumerate()
	{
		let time = UNIX_EPOCH + Duration::new(1_600_000_000 + i as u64, 123_456_789);
		File::open(root.join(path)).unwrap().set_modified(time).unwrap();
	}
	fs::set_permissions(root.join("read-only/run"), Permissions::from_mode(0o755)).unwrap();
	fs::set_permissions(root.join("read-only"), Permissions::from_mode(0o555)).unwrap();
}

/// All entries with their bytes; of links no times, which are not restored.
fn walk(root: &Path) -> Vec<(Meta, Vec<u8>)> {
	let mut source = Folder::open(root).unwrap();
	let (mut all, mut order) = (Vec::new(), Order::default());
	while let Some(mut meta) = source.entry().unwrap() {
		order.check(&meta.path, meta.kind).unwrap();
		let mut bytes = Vec::new();
		let mut buffer = vec![0; 10_000];
		loop {
			let count = source.read(&mut buffer).unwrap();
			if count == 0 {
				break;
			}
			bytes.extend(&buffer[..count]);
		}
		if meta.kind == Kind::Link {
			(meta.seconds, meta.nanos, meta.mode) = (0, 0, 0);
		}
		all.push((meta, bytes));
	}
	all
}

fn store(source: &Path, at: &Path) -> (Stored, SlotFolder) {
	let plan = Plan::of(&mut Folder::open(source).unwrap()).unwrap();
	let mut slots = SlotFolder::open(&at.join("slots")).unwrap();
	let stored = put(Put {
		source: &mut Folder::open(source).unwrap(),
		key: &key(),
		geometry: plan.geometry(Profile::Standard),
		sink: &mut slots,
		log: &mut FileLog::open(&at.join("journal")).unwrap(),
		meter: &Meter::default(),
	})
	.unwrap();
	assert_eq!(plan.volume_len, Some(stored.volume_len()));
	(stored, slots)
}

fn fetch(stored: &Stored, slots: &mut SlotFolder, at: &Path, resumes: bool) -> Result<Restored, Error> {
	get(Get {
		stored,
		key: &key(),
		slots,
		selection: Selection::All,
		sink: &mut RestoreFolder::create(&at.join("back"), resumes).unwrap(),
		log: &mut FileLog::open(&at.join("restored")).unwrap(),
		meter: &Meter::default(),
	})
}

/// So that it can be removed.
fn open_up(root: &Path) {
	fs::set_permissions(root.join("read-only"), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_folder_comes_back_as_it_was() {
	let folder = tempfile::tempdir().unwrap();
	let (source, at) = (folder.path().join("source"), folder.path());
	fs::create_dir(&source).unwrap();
	fill(&source);
	let before = walk(&source);
	let (stored, mut slots) = store(&source, at);
	assert!(verify(&stored, &mut slots, &Meter::default()).unwrap().0.is_empty());
	for slot in [0, 2, 5, 7] {
		fs::remove_file(slots.path(slot)).unwrap();
	}
	fetch(&stored, &mut slots, at, false).unwrap();
	assert_eq!(walk(&at.join("back")), before);
	// Once more: it is all there.
	let again = fetch(&stored, &mut slots, at, true).unwrap();
	assert_eq!(again.bytes, 0);
	assert_eq!(walk(&at.join("back")), before);
	open_up(&source);
	open_up(&at.join("back"));
}

#[test]
fn what_is_no_file_is_passed_over_and_counted() {
	let folder = tempfile::tempdir().unwrap();
	fs::write(folder.path().join("file"), "x").unwrap();
	let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
	let mut source = Folder::open(folder.path()).unwrap();
	let mut paths = Vec::new();
	while let Some(meta) = source.entry().unwrap() {
		paths.push(meta.path);
	}
	assert_eq!(paths, [b"file"]);
	assert_eq!(source.skipped(), 1);
}

#[test]
fn one_file_is_stored_under_its_name() {
	let folder = tempfile::tempdir().unwrap();
	fs::write(folder.path().join("one"), "abc").unwrap();
	fs::write(folder.path().join("two"), "def").unwrap();
	let found = walk(&folder.path().join("one"));
	assert_eq!(found.len(), 1);
	assert_eq!((&found[0].0.path[..], &found[0].1[..]), (&b"one"[..], &b"abc"[..]));
	assert!(matches!(
		Folder::open(&folder.path().join("none")),
		Err(Error::Io { .. })
	));
}

#[test]
fn a_journal_has_one_user() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal");
	let first = FileLog::open(&path).unwrap();
	let second = FileLog::open(&path).unwrap_err();
	assert_eq!(second.kind(), std::io::ErrorKind::WouldBlock);
	drop(first);
	assert!(FileLog::open(&path).is_ok());
}
