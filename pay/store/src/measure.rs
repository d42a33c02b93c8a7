//! Figures of the store: what a channel takes, and how long it takes to serve again after a kill.

use crate::{ChannelStore, Options, StoreError, STORE_FILE};
use channel_primitives::{ChannelId, ChannelKey, Context, PerSide, Side, Stake, Terms};
use codec::Encode;
use smartchain_channel::{Config, Opened, Sheet, Store, Stored, Write};
use std::{
	fs,
	path::Path,
	time::{Duration, Instant},
};

/// Sheets that are stored at once when a store is filled.
const AT_ONCE: u64 = 1_000;

/// What it takes to begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reopening {
	/// How many channels there were.
	pub channels: u64,
	/// Bytes of the file.
	pub disk: u64,
	/// Until the file could be read: after a kill, with a look at all of it.
	pub opened: Duration,
	/// From then on, until there was a machine.
	pub restored: Duration,
	/// By how many bytes the process grew. The system counts in pages, and not all that was freed comes back to it.
	pub memory: u64,
}

/// A channel in which nothing was paid yet, and its encoded sheet.
pub fn sheet(options: &Options, channel: ChannelId) -> Vec<u8> {
	let mut low = [1; 32];
	low[..8].copy_from_slice(&channel.to_le_bytes());
	let opened = Opened {
		context: Context {
			genesis: options.genesis,
			channel,
			asset: 0,
			side: Side::Low,
		},
		terms: Terms {
			keys: PerSide {
				low: ChannelKey(low),
				high: ChannelKey([2; 32]),
			},
			window: 172_800,
		},
		stake: Stake {
			deposited: PerSide {
				low: u128::from(channel),
				high: 1 << 60,
			},
			withdrawn: PerSide::default(),
		},
	};
	Stored::V1(Sheet::new(opened)).encode()
}

/// Puts channels with the numbers from 1 on into a store.
///
/// # Errors
/// Those of writing.
pub fn fill(store: &mut ChannelStore, options: &Options, channels: u64) -> Result<(), StoreError> {
	let mut from = 1;
	while from <= channels {
		let end = channels.min(from.saturating_add(AT_ONCE - 1));
		let writes: Vec<Write> = (from..=end)
			.map(|channel| Write::Sheet {
				channel,
				bytes: sheet(options, channel),
			})
			.collect();
		store.commit(&writes)?;
		from = end.saturating_add(1);
	}
	Ok(())
}

/// Fills a store in a folder, copies its file while it is open, as a kill would leave it, and opens the copy.
///
/// # Errors
/// Those of the store, and of the operating system.
pub fn reopening(folder: &Path, options: &Options, channels: u64) -> Result<Reopening, StoreError> {
	let (first, second) = (folder.join("filled"), folder.join("killed"));
	let mut store = ChannelStore::open(&first, options)?;
	fill(&mut store, options, channels)?;
	let file = second.join(STORE_FILE);
	fs::create_dir_all(&second).map_err(|source| StoreError::io("make", &second, source))?;
	let disk = fs::copy(first.join(STORE_FILE), &file).map_err(|source| StoreError::io("copy", &file, source))?;
	drop(store);
	let before = resident();
	let began = Instant::now();
	let store = ChannelStore::open(&second, options)?;
	let opened = began.elapsed();
	let party = store.restore(Config::default())?;
	let restored = began.elapsed().saturating_sub(opened);
	let memory = resident().saturating_sub(before);
	let channels = party.channels().count() as u64;
	Ok(Reopening {
		channels,
		disk,
		opened,
		restored,
		memory,
	})
}

/// Bytes of memory that this process has now; 0 if the system does not say.
pub fn resident() -> u64 {
	let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
	let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
	let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
	kib.unwrap_or(0).saturating_mul(1_024)
}
