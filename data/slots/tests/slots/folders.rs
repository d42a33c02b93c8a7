//! Real folders: what is stored comes back with names, modes, times and links.

use crate::kit::key;
use smartchain_slots::{
	edge::{FileLog, Folder, RestoreFolder, Sink, SlotFolder, Source},
	get,
	manifest::{Entry, Kind, Meta, Order},
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

fn private() -> Entry {
	Entry {
		path: b"secret".to_vec(),
		kind: Kind::File,
		mode: 0o400,
		seconds: 0,
		nanos: 0,
		size: 3,
		offset: 0,
		hash: [0; 32],
	}
}

fn mode_of_all(folder: &Path) -> Vec<u32> {
	let all = fs::read_dir(folder).unwrap();
	all.map(|found| found.unwrap().metadata().unwrap().permissions().mode() & 0o777)
		.collect()
}

/// Onlooker: another user of the machine, who reads files while they come.
#[test]
fn the_onlooker_reads_nothing_of_a_private_file_while_it_comes() {
	let folder = tempfile::tempdir().unwrap();
	let mut sink = RestoreFolder::create(folder.path(), false).unwrap();
	sink.begin(&private(), 0).unwrap();
	sink.write(0, b"abc").unwrap();
	assert_eq!(mode_of_all(folder.path()), [0o600]);
	sink.finish(&private()).unwrap();
	assert_eq!(mode_of_all(folder.path()), [0o400]);
}

/// Killed after a read-only file was whole and before it had its name.
#[test]
fn a_part_that_is_read_only_is_gone_on_with() {
	let folder = tempfile::tempdir().unwrap();
	let mut sink = RestoreFolder::create(folder.path(), false).unwrap();
	sink.begin(&private(), 0).unwrap();
	sink.write(0, b"abc").unwrap();
	for found in fs::read_dir(folder.path()).unwrap() {
		fs::set_permissions(found.unwrap().path(), Permissions::from_mode(0o400)).unwrap();
	}
	let mut again = RestoreFolder::create(folder.path(), true).unwrap();
	assert_eq!(again.begin(&private(), 3).unwrap(), 3);
	assert_eq!(mode_of_all(folder.path()), [0o600]);
	again.write(0, b"abd").unwrap();
	again.finish(&private()).unwrap();
	assert_eq!(fs::read(folder.path().join("secret")).unwrap(), b"abd");
}

/// Swapper: puts a link to somebody else's file, or a pipe, where a file was a moment ago.
#[test]
fn the_swapper_has_no_other_file_stored_and_nobody_wait() {
	let folder = tempfile::tempdir().unwrap();
	let (inside, outside) = (folder.path().join("inside"), folder.path().join("outside"));
	fs::create_dir(&inside).unwrap();
	fs::write(&outside, "abc").unwrap();
	let swaps: [fn(&Path, &Path); 2] = [
		|place, outside| symlink(outside, place).unwrap(),
		|place, _| {
			rustix::fs::mknodat(
				rustix::fs::CWD,
				place,
				rustix::fs::FileType::Fifo,
				rustix::fs::Mode::RUSR,
				0,
			)
			.unwrap();
		},
	];
	for swap in swaps {
		let place = inside.join("file");
		fs::write(&place, "xyz").unwrap();
		let mut source = Folder::open(&inside).unwrap();
		assert_eq!(source.entry().unwrap().unwrap().path, b"file");
		fs::remove_file(&place).unwrap();
		swap(&place, &outside);
		assert!(source.read(&mut [0; 10]).is_err());
		fs::remove_file(&place).unwrap();
	}
}

/// A file that its reader may not read: it is told when the folder is looked at, and not once it is paid for.
#[test]
fn what_cannot_be_read_is_told_by_the_plan() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("closed");
	fs::write(&path, "x").unwrap();
	fs::set_permissions(&path, Permissions::from_mode(0)).unwrap();
	let planned = Plan::of(&mut Folder::open(folder.path()).unwrap());
	// Who may read everything is refused nothing.
	assert_eq!(planned.is_err(), File::open(&path).is_err());
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
