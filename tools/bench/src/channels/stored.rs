//! Channels as a program keeps them: bytes of memory and of disk, and how long it takes to serve again.

use super::pair::{Commits, Pair};
use crate::report::Row;
use channel_primitives::{
	ChannelId, ChannelSignature, Half, Hash, Lock, Locks, Signed, Submit, Watch, WatchV1, MAX_LOCKS,
};
use codec::Encode;
use smart_pay_store::{measure::resident, ChannelStore, Options, STORE_FILE};
use smartchain_channel::{Config, Notice, Sheet, Store, Stored, Write};
use smartchain_rng::Rng;
use smartchain_tests::{ensure, Error, Result};
use std::{
	collections::BTreeSet,
	fs,
	path::Path,
	process::{Command, Stdio},
	time::{Duration, Instant},
};

/// Sheets that are stored at once when a store is filled.
const AT_ONCE: u64 = 1_000;
/// Steps that a program joins into one commit at most.
const JOINED: u64 = smart_pay_store::MAX_JOINED as u64;

/// Those of stores here: of no chain, nobody's.
pub fn options() -> Options {
	Options::new([7; 32], [2; 32])
}

/// What both sides of a channel keep that have paid each other.
///
/// # Errors
/// If they cannot pay.
pub fn paid() -> Result<Sheet> {
	let mut pair = Pair::new(Commits::Each)?;
	for who in [0, 1, 0, 1] {
		pair.pay(who, 1)?;
	}
	Ok(pair.sheet(0)?.clone())
}

/// The same as another channel's, encoded.
fn of(sheet: &Sheet, channel: ChannelId) -> Vec<u8> {
	let mut sheet = sheet.clone();
	sheet.opened.context.channel = channel;
	Stored::V1(sheet).encode()
}

/// Puts channels with the numbers from 1 on into a store, each with payments of both sides.
///
/// # Errors
/// Those of the store.
pub fn fill(store: &mut ChannelStore, channels: u64) -> Result<()> {
	let sheet = paid()?;
	let all: Vec<ChannelId> = (1..=channels).collect();
	for some in all.chunks(AT_ONCE as usize) {
		let write = |channel: &ChannelId| Write::Sheet {
			channel: *channel,
			bytes: of(&sheet, *channel),
		};
		store.commit(&some.iter().map(write).collect::<Vec<_>>())?;
	}
	Ok(())
}

/// The bytes by which this process grows when it makes a machine of a store.
///
/// # Errors
/// Those of the store.
pub fn hold(folder: &Path) -> Result<u64> {
	let options = Options {
		// The file's pages are not the channels'.
		cache_bytes: 1 << 20,
		..options()
	};
	let store = ChannelStore::open(folder, &options)?;
	// Once before, so that what the allocator keeps of reading the sheets is there already.
	drop(store.records().sheets()?);
	let before = resident();
	let party = store.restore(Config::default())?;
	let grown = resident().saturating_sub(before);
	ensure!(party.channels().next().is_some(), "the store has no channels");
	Ok(grown)
}

/// The same, measured in a process of its own.
fn memory(channels: u64) -> Result<Row> {
	let folder = tempfile::tempdir()?;
	let mut store = ChannelStore::open(folder.path(), &options())?;
	fill(&mut store, channels)?;
	drop(store);
	let output = Command::new(std::env::current_exe()?)
		.args([super::CHANNELS, "--hold"])
		.arg(folder.path())
		.stderr(Stdio::inherit())
		.output()?;
	let said = String::from_utf8_lossy(&output.stdout);
	let bytes: u64 = said
		.trim()
		.parse()
		.map_err(|_| Error::new(format!("no bytes of memory: {said}")))?;
	Ok(Row::new(
		format!("a channel that is idle: bytes of memory (of {channels})"),
		"<= 2,048",
		format!("{:.0}", bytes as f64 / channels as f64),
	))
}

/// What a channel takes on disk after many updates of all of them, in commits that join as many as they may.
fn disk(channels: u64, updates: u64) -> Result<Row> {
	let folder = tempfile::tempdir()?;
	let mut store = ChannelStore::open(folder.path(), &options())?;
	fill(&mut store, channels)?;
	let file = folder.path().join(STORE_FILE);
	let sheet = paid()?;
	let mut rng = Rng::new(1);
	let (mut made, mut after_a_tenth) = (0, 0);
	let began = Instant::now();
	while made < updates {
		let mut writes = Vec::new();
		let mut touched = BTreeSet::new();
		for _ in 0..JOINED {
			let channel = rng.range(1, channels);
			touched.insert(channel);
			writes.push(Write::Note(Notice::Paid {
				channel,
				lock: None,
				amount: 1,
				witness: None,
			}));
		}
		let mut updated = sheet.clone();
		updated.receipt = made;
		writes.extend(touched.into_iter().map(|channel| Write::Sheet {
			channel,
			bytes: of(&updated, channel),
		}));
		store.commit(&writes)?;
		made = made.saturating_add(JOINED);
		if after_a_tenth == 0 && made >= updates / 10 {
			after_a_tenth = fs::metadata(&file)?.len();
		}
	}
	let took = began.elapsed();
	drop(store);
	let each = |bytes: u64| bytes as f64 / channels as f64;
	Ok(Row::new(
		format!("a channel after {updates} updates: bytes of disk ({channels} in one file, its history included)"),
		"<= 8,192",
		format!(
			"{:.0}; after a tenth of them {:.0}; {:.0} updates a second, synced",
			each(fs::metadata(&file)?.len()),
			each(after_a_tenth),
			made as f64 / took.as_secs_f64()
		),
	))
}

/// What a tower is given for a channel, without locks and with as many as there may be.
fn tower() -> Result<Row> {
	let sheet = paid()?;
	let theirs = sheet.theirs.as_ref().ok_or_else(|| Error::new("nothing was paid"))?;
	let bytes = |count: u32| -> Result<usize> {
		let lock = |id: u32| Lock {
			id: id.into(),
			amount: 1,
			expiry: 1,
			condition: Hash::default(),
		};
		let locks = Locks::new((0..count).map(lock).collect()).map_err(|error| Error::new(format!("{error:?}")))?;
		let body = Half {
			locked: locks.total(),
			locks: locks.root(),
			..theirs.half.body
		};
		let submit = Submit {
			half: Hash::default(),
			tower: Some([2; 32]),
			reward: 1,
		};
		let blank = ChannelSignature([0; 64]);
		let watch = WatchV1 {
			context: sheet.opened.context,
			half: Signed { body, signature: blank },
			submit: Signed {
				body: submit,
				signature: blank,
			},
			locks,
		};
		Ok(Watch::V1(watch).encoded_size())
	};
	Ok(Row::new(
		format!("a channel at its tower: bytes without locks, and with {MAX_LOCKS}"),
		"<= 4,400",
		format!("{}, {}", bytes(0)?, bytes(MAX_LOCKS)?),
	))
}

/// Memory, disk, and a tower's bytes.
pub fn sizes(channels: u64, updates: u64) -> Result<Vec<Row>> {
	Ok(vec![memory(channels)?, disk(1_000, updates)?, tower()?])
}

/// From a file as a kill leaves it to a machine with all channels: until it is open, and until the machine is there.
fn reopen(channels: u64) -> Result<[Duration; 2]> {
	let folder = tempfile::tempdir()?;
	let (first, second) = (folder.path().join("filled"), folder.path().join("killed"));
	let mut store = ChannelStore::open(&first, &options())?;
	fill(&mut store, channels)?;
	fs::create_dir_all(&second)?;
	// While it is open: nothing was put in order for the end.
	fs::copy(first.join(STORE_FILE), second.join(STORE_FILE))?;
	drop(store);
	let began = Instant::now();
	let store = ChannelStore::open(&second, &options())?;
	let opened = began.elapsed();
	let party = store.restore(Config::default())?;
	let served = began.elapsed();
	ensure!(
		party.channels().count() as u64 == channels,
		"not all channels are there again"
	);
	Ok([opened, served])
}

/// What is asked for when so many channels are served again after a kill.
pub fn asked(channels: u64) -> &'static str {
	match channels {
		0..=1_000 => "<= 1 s",
		1_001..=100_000 => "<= 10 s",
		_ => "",
	}
}

/// How long it takes to serve so many channels again, in process.
pub fn restarts(channels: &[u64]) -> Result<Vec<Row>> {
	let row = |channels: &u64| {
		eprintln!("  {channels} channels ...");
		let [opened, served] = reopen(*channels)?;
		Ok(Row::new(
			format!("killed to a machine with {channels} channels, in process"),
			asked(*channels),
			format!(
				"{:.3} s, of which {:.3} s until the store is open",
				served.as_secs_f64(),
				opened.as_secs_f64()
			),
		))
	};
	channels.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What is measured is there: channels that were paid in, in a store that is opened again.
	#[test]
	fn channels_with_payments_are_stored_and_found_again() {
		let sheet = paid().unwrap();
		assert!(sheet.signed.is_some() && sheet.theirs.is_some());
		reopen(1_100).unwrap();
		tower().unwrap();
	}
}
