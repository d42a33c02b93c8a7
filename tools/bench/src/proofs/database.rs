//! What reading and writing a state costs in the database that a node has, with as many entries as so many devices
//! have: what the chain charges for a read and a write is to be judged by.
//!
//! A state as nodes keep it (ParityDB, every state kept, a trie cache of 1 GiB unless it says none) gets two items for
//! each device: its entry of the lotteries, and the registry's. Items are chosen evenly among all. A *read* is one
//! value of a state, timed by itself. A *write* is a part of a block: root, trie nodes and commit together, by how many
//! items the block changes; the database queues what it commits, so that the time until it is closed stands beside it.
//!
//! The disk is that of the folder for temporary files (`TMPDIR`). What its machine keeps of files in memory is not
//! emptied: a state larger than memory, or one that was not read since the machine started, costs more.

use super::micros;
use crate::report::Row;
use device_primitives::DeviceId;
use pallet_device_registry::Devices;
use pallet_resource_proofs::Entries;
use sc_client_api::{Backend as _, BlockImportOperation, NewBlockState, StateBackend, TrieCacheContext};
use sc_client_db::{Backend, BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use smartchain_rng::Rng;
use smartchain_runtime::{limits::DbWeight, Block, BlockNumber, Hash, Header, Runtime};
use smartchain_tests::{ensure, Error, Result};
use sp_core::storage::well_known_keys::CODE;
use sp_io::hashing::blake2_256;
use sp_runtime::{StateVersion, Storage};
use std::{
	path::Path,
	time::{Duration, Instant},
};

/// Bytes of a device's entry in all lotteries, linked, and of what the registry keeps of it, without keys.
const BYTES: [usize; 2] = [286, 200];
/// Devices that one block brings while the state is made.
const AT_ONCE: u32 = 50_000;
/// The trie cache that nodes have, in bytes.
const CACHE: usize = 1 << 30;
/// Values that are read.
const READS: usize = 20_000;
/// Values that are read of one state, as a block does.
const OF_A_STATE: usize = 100;
/// Items that blocks change, and how many such blocks there are: sixteen wins, and a block of a thousand transfers.
const BLOCKS: [(usize, u32); 2] = [(40, 200), (2_000, 20)];
/// How many blocks may be undone.
const REVERTED: u64 = 4_096;

/// A changed item.
type Change = (Vec<u8>, Option<Vec<u8>>);

/// A chain of blocks that are nothing but changes of the state.
struct Chain {
	backend: Backend<Block>,
	last: Header,
	rng: Rng,
}

fn open(folder: &Path, cache: Option<usize>) -> Result<Backend<Block>> {
	let settings = DatabaseSettings {
		trie_cache_maximum_size: cache,
		state_pruning: Some(PruningMode::ArchiveAll),
		source: DatabaseSource::ParityDb { path: folder.into() },
		blocks_pruning: BlocksPruning::KeepAll,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	};
	Ok(Backend::new(settings, REVERTED)?)
}

/// The keys of what is kept of a device.
fn keys(number: u32) -> [Vec<u8>; 2] {
	let device = DeviceId(blake2_256(&number.to_le_bytes()));
	[
		Entries::<Runtime>::hashed_key_for(device),
		Devices::<Runtime>::hashed_key_for(device),
	]
}

/// Of a block that is nothing but a state.
fn header(number: BlockNumber, parent: Hash, state: Hash) -> Header {
	Header {
		number,
		parent_hash: parent,
		state_root: state,
		extrinsics_root: Default::default(),
		digest: Default::default(),
	}
}

impl Chain {
	/// A genesis with next to nothing in it.
	fn begin(folder: &Path) -> Result<Self> {
		let backend = open(folder, None)?;
		let mut operation = backend.begin_operation()?;
		let state = Storage {
			top: [(CODE.to_vec(), vec![0])].into(),
			children_default: Default::default(),
		};
		let root = operation.set_genesis_state(state, true, StateVersion::V1)?;
		let last = header(0, Default::default(), root);
		operation.set_block_data(last.clone(), Some(Vec::new()), None, None, NewBlockState::Best, true)?;
		backend.commit_operation(operation)?;
		Ok(Self {
			backend,
			last,
			rng: Rng::new(13),
		})
	}

	/// The same chain with another cache, which is empty.
	fn reopen(self, folder: &Path, cache: Option<usize>) -> Result<Self> {
		let Self { backend, last, rng } = self;
		// Its files are locked as long as it is open.
		drop(backend);
		let backend = open(folder, cache)?;
		Ok(Self { backend, last, rng })
	}

	/// A block that changes these items.
	fn grow(&mut self, changes: Vec<Change>) -> Result<()> {
		let parent = self.last.hash();
		let mut operation = self.backend.begin_operation()?;
		self.backend.begin_state_operation(&mut operation, parent)?;
		let state = self.backend.state_at(parent, TrieCacheContext::Trusted)?;
		let delta = changes.iter().map(|(key, value)| (key.as_slice(), value.as_deref()));
		let (root, nodes) = state.storage_root(delta, StateVersion::V1);
		operation.update_db_storage(nodes)?;
		operation.update_storage(changes, Default::default())?;
		let header = header(self.last.number.saturating_add(1), parent, root);
		operation.set_block_data(header.clone(), Some(Vec::new()), None, None, NewBlockState::Best, true)?;
		self.backend.commit_operation(operation)?;
		self.last = header;
		Ok(())
	}

	/// The state of so many devices.
	fn fill(&mut self, devices: u32) -> Result<()> {
		for first in (0..devices).step_by(AT_ONCE as usize) {
			let mut changes = Vec::new();
			for number in first..devices.min(first.saturating_add(AT_ONCE)) {
				for (key, bytes) in keys(number).into_iter().zip(BYTES) {
					changes.push((key, Some(self.rng.bytes(bytes))));
				}
			}
			self.grow(changes)?;
		}
		Ok(())
	}

	/// Items of devices, chosen evenly; one may be there twice.
	fn choose(&mut self, devices: u32, count: usize) -> Vec<(Vec<u8>, usize)> {
		let mut chosen = Vec::with_capacity(count);
		for _ in 0..count {
			let number = self.rng.below(devices.into()) as u32;
			let place = self.rng.below(2) as usize;
			let [entry, device] = keys(number);
			chosen.push((if place == 0 { entry } else { device }, BYTES[place]));
		}
		chosen
	}

	/// How long each of these reads takes.
	fn read(&self, items: &[(Vec<u8>, usize)]) -> Result<Vec<Duration>> {
		let mut taken = Vec::with_capacity(items.len());
		for items in items.chunks(OF_A_STATE) {
			let state = self.backend.state_at(self.last.hash(), TrieCacheContext::Trusted)?;
			for (key, bytes) in items {
				let begun = Instant::now();
				let found = state.storage(key);
				taken.push(begun.elapsed());
				let found = found.map_err(|error| Error::new(format!("the database cannot be read: {error}")))?;
				ensure!(
					found.is_some_and(|found| found.len() == *bytes),
					"an item of the state is not there"
				);
			}
		}
		Ok(taken)
	}
}

/// On average, in the middle, and of the slowest hundredth.
fn said(mut taken: Vec<Duration>) -> String {
	taken.sort_unstable();
	let at = |part: usize| taken.get(taken.len() * part / 100).copied().unwrap_or_default();
	let mean = micros(taken.iter().sum()) / taken.len().max(1) as f64;
	format!(
		"{mean:.1} us on average, {:.1} in the middle, {:.1} of the slowest hundredth",
		micros(at(50)),
		micros(at(99))
	)
}

/// What the chain charges for a read and a write, in microseconds.
fn charged() -> [f64; 2] {
	let weight = DbWeight::get();
	[weight.read, weight.write].map(|picoseconds| picoseconds as f64 / 1e6)
}

/// A state of so many devices, read and written.
pub fn rows(devices: u32) -> Result<Vec<Row>> {
	ensure!(devices > 0, "there is nothing to read of a state without devices");
	let folder = tempfile::tempdir()?;
	let mut chain = Chain::begin(folder.path())?;
	chain.fill(devices)?;
	let [a_read, a_write] = charged();
	let name = |what: &str| format!("the state of {devices} devices: {what}");
	let mut rows = Vec::new();
	for cache in [None, Some(CACHE)] {
		chain = chain.reopen(folder.path(), cache)?;
		let items = chain.choose(devices, READS);
		let how = match cache {
			None => "a read without a trie cache",
			Some(_) => "a read for the first time, with the trie cache of a node",
		};
		let measured = said(chain.read(&items)?);
		rows.push(Row::new(name(how), "", format!("{measured}; charged {a_read:.0} us")));
		if cache.is_some() {
			let measured = said(chain.read(&items)?);
			rows.push(Row::new(name("the same reads again"), "", measured));
		}
	}
	for (items, blocks) in BLOCKS {
		chain = chain.reopen(folder.path(), Some(CACHE))?;
		let mut changes = Vec::new();
		for _ in 0..blocks {
			let chosen = chain.choose(devices, items);
			let change: Vec<Change> = chosen
				.into_iter()
				.map(|(key, bytes)| (key, Some(chain.rng.bytes(bytes))))
				.collect();
			changes.push(change);
		}
		let begun = Instant::now();
		for change in changes {
			chain.grow(change)?;
		}
		let grown = begun.elapsed();
		chain = chain.reopen(folder.path(), Some(CACHE))?;
		let each = |took: Duration| micros(took) / f64::from(blocks) / items as f64;
		rows.push(Row::new(
			name(&format!("a write, in blocks of {items}")),
			"",
			format!(
				"{:.1} us, {:.1} until all is on disk; charged {a_write:.0} us",
				each(grown),
				each(begun.elapsed())
			),
		));
	}
	Ok(rows)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What was written is there in every state after it, with and without a cache.
	#[test]
	fn a_small_state_is_read_and_written() {
		let rows = rows(300).unwrap();
		let measures: Vec<_> = rows.iter().map(|row| row.measure.as_str()).collect();
		assert_eq!(measures.len(), 3 + BLOCKS.len(), "{measures:?}");
		assert!(rows[0].measured.contains("charged 8 us"), "{}", rows[0].measured);
		assert!(rows[3].measured.contains("charged 50 us"), "{}", rows[3].measured);
	}
}
