//! Disks that hang, and looks that are not wanted any more. The disk is a pipe in the place of a container: to open it
//! takes until somebody writes into it.

use crate::{
	challenge, copied,
	files::{path, NAMES},
	until, OWNER,
};
use rustix::fs::{mknodat, FileType, Mode, OFlags, CWD};
use smart_agent_store::{plotter::Cancel, Looked, Store, StoreError};
use std::{
	fs::{self, File},
	os::unix::fs::OpenOptionsExt,
	path::Path,
	sync::mpsc::channel,
	thread,
	time::{Duration, Instant},
};

/// Threads that a store has at most.
const MOST_THREADS: usize = 64;
/// After so long a container is left out whose disk does not answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What anything here may take at most, on a machine that does a lot besides.
const LONG: Duration = Duration::from_secs(60);

fn pipe(path: &Path) {
	mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// From now on the disk hangs.
fn hang(path: &Path) {
	fs::rename(path, path.with_extension("aside")).unwrap();
	pipe(path);
}

/// It answers all who wait, and is as it was.
fn answer(store: &Store, path: &Path) {
	// Refused if nobody reads, and not waited for.
	let write = |path| {
		let flags = OFlags::NONBLOCK.bits() as i32;
		File::options().write(true).custom_flags(flags).open(path)
	};
	until("the end of all threads", || {
		drop(write(path));
		store.looking() == 0
	});
	fs::rename(path.with_extension("aside"), path).unwrap();
}

fn failed(looked: &Looked) -> Vec<(&str, bool)> {
	let failed = looked.failed.iter();
	failed
		.map(|(name, error)| (name.as_str(), matches!(error, StoreError::Slow(_))))
		.collect()
}

#[test]
fn a_disk_that_hangs_holds_nobody_up() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let (first, challenge) = (path(folder.path(), 0), challenge(0));
	let healthy = store.look(&challenge, 0, 2);
	assert_eq!((healthy.plots, healthy.left), (5, 0));
	hang(&first);
	let start = Instant::now();
	let until = start.checked_add(Duration::from_secs(3));
	let looked = store.look_until(&challenge, 0, 2, until, &Cancel::default());
	assert!(Duration::from_secs(3) <= start.elapsed() && start.elapsed() < LONG);
	// The other thread did all the rest.
	assert_eq!((looked.plots, looked.left), (4, 1));
	assert_eq!(failed(&looked), [(NAMES[0], true)]);
	let others = healthy.finds.iter().filter(|find| find.number != 0);
	assert!(others.eq(&looked.finds));
	// Without an end, until it is cancelled.
	let cancel = Cancel::default();
	let looked = thread::scope(|scope| {
		let look = scope.spawn(|| store.look_until(&challenge, 0, 2, None, &cancel));
		thread::sleep(Duration::from_millis(500));
		assert!(!look.is_finished());
		cancel.cancel();
		look.join().unwrap()
	});
	assert!(looked.left >= 1 && looked.failed.is_empty(), "{looked:?}");
	assert!(store.looking() >= 1);
	// Others need not wait for it any more, even with one thread.
	thread::sleep(PATIENCE + Duration::from_millis(100));
	let looked = store.look_until(&challenge, 0, 1, None, &Cancel::default());
	assert_eq!((looked.plots, failed(&looked)), (4, vec![(NAMES[0], true)]));
	answer(&store, &first);
	assert_eq!(store.look(&challenge, 0, 2).finds, healthy.finds);
}

#[test]
fn threads_that_hang_are_few() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let first = path(folder.path(), 0);
	hang(&first);
	let start = Instant::now();
	let look = || {
		let until = Instant::now().checked_add(Duration::from_millis(20));
		store.look_until(&challenge(0), 0, 1, until, &Cancel::default())
	};
	while store.looking() < MOST_THREADS && start.elapsed() < PATIENCE {
		look();
	}
	for _ in 0..5 {
		look();
		assert!(store.looking() <= MOST_THREADS);
	}
	let looked = look();
	assert!(looked.left >= 1 && looked.plots + looked.left == 5, "{looked:?}");
	answer(&store, &first);
	let looked = store.look(&challenge(0), 0, 2);
	assert_eq!((looked.plots, looked.left), (5, 0));
}

#[test]
fn a_look_that_is_not_wanted_does_nothing() {
	let folder = copied();
	let store = Store::open(folder.path(), OWNER).unwrap();
	let cancel = Cancel::default();
	cancel.cancel();
	let looked = store.look_until(&challenge(0), 0, 2, None, &cancel);
	assert_eq!((looked.plots, looked.left, looked.failed.len()), (0, 5, 0));
	let looked = store.look_until(&challenge(0), 0, 2, Some(Instant::now()), &Cancel::default());
	assert_eq!((looked.plots, looked.left, looked.failed.len()), (0, 5, 0));
}

/// A pipe that somebody put there is none of a store's files.
#[test]
fn a_pipe_does_not_keep_a_store_from_opening() {
	let folder = copied();
	let stray = folder.path().join("plots/stray.plots");
	pipe(&stray);
	let (sender, opened) = channel();
	let place = folder.path().to_owned();
	thread::spawn(move || sender.send(Store::open(&place, OWNER).unwrap().list().len()));
	assert_eq!(opened.recv_timeout(LONG).unwrap(), 3);
}
