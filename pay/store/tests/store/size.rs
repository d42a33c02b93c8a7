//! What channels take.

use crate::{disk::Disk, options};
use redb::StorageBackend;
use smart_pay_store::{measure, ChannelStore};
use smartchain_channel::{Notice, Store, Write};
use smartchain_rng::Rng;

const CHANNELS: u64 = 512;
const UPDATES: u64 = 1_000_000;
/// Updates that are joined into one commit.
const JOINED: u64 = 500;
/// Bytes of disk that a channel may take.
const MOST: u64 = 8 << 10;

/// Counted are the bytes of the file, history, free pages and all.
#[test]
fn a_million_updates_take_no_more_room() {
	let disk = Disk::default();
	let options = options();
	let mut store = ChannelStore::over(disk.clone(), &options).unwrap();
	measure::fill(&mut store, &options, CHANNELS).unwrap();
	let mut rng = Rng::new(1);
	let mut after_a_tenth = 0;
	let mut made = 0;
	while made < UPDATES {
		let mut writes: Vec<Write> = Vec::new();
		// As steps are joined: of each channel the last sheet, and all notices.
		let mut touched = std::collections::BTreeSet::new();
		for _ in 0..JOINED {
			let channel = rng.range(1, CHANNELS);
			touched.insert(channel);
			writes.push(Write::Note(Notice::DataLost(channel)));
		}
		for channel in touched {
			let mut bytes = measure::sheet(&options, channel);
			// As much as a sheet with a half of each side has.
			bytes.extend(rng.bytes(400));
			writes.push(Write::Sheet { channel, bytes });
		}
		store.commit(&writes).unwrap();
		made += JOINED;
		if made == UPDATES / 10 {
			after_a_tenth = disk.len().unwrap();
		}
	}
	let bytes = disk.len().unwrap();
	assert!(bytes / CHANNELS <= MOST, "{} bytes a channel", bytes / CHANNELS);
	// The file grows by doubling: once more is chance, and not growth with what was paid.
	assert!(
		bytes <= 2 * after_a_tenth,
		"{bytes} bytes after all, {after_a_tenth} after a tenth"
	);
}

/// The copy of a file that is open is what a kill leaves.
#[test]
fn what_a_kill_leaves_is_served_again() {
	let folder = tempfile::tempdir().unwrap();
	let figures = measure::reopening(folder.path(), &options(), 2_000).unwrap();
	assert_eq!(figures.channels, 2_000);
	assert!(figures.disk / figures.channels <= MOST, "{figures:?}");
}
