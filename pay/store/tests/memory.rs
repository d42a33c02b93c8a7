//! What an idle channel takes of memory, in a process of its own.

use smart_pay_store::{measure, ChannelStore, Options};
use smartchain_channel::Config;

const CHANNELS: u64 = 20_000;
/// Bytes of memory that an idle channel may take.
const MOST: u64 = 2 << 10;

#[test]
fn an_idle_channel_takes_little_memory() {
	let folder = tempfile::tempdir().unwrap();
	let options = Options {
		// The file's pages are not the channels'.
		cache_bytes: 1 << 20,
		..Options::new([1; 32], [2; 32])
	};
	let mut store = ChannelStore::open(folder.path(), &options).unwrap();
	measure::fill(&mut store, &options, CHANNELS).unwrap();
	// Once before, so that what the allocator keeps of reading the sheets is there already.
	drop(store.records().sheets().unwrap());
	let before = measure::resident();
	let party = store.restore(Config::default()).unwrap();
	let grown = measure::resident().saturating_sub(before);
	assert_eq!(party.channels().count() as u64, CHANNELS);
	assert!(grown / CHANNELS <= MOST, "{} bytes a channel", grown / CHANNELS);
}
