//! A disk in memory whose power can be cut: what was not synced is lost, kept or torn by chance.

use redb::StorageBackend;
use smartchain_rng::Rng;
use std::{
	io,
	sync::{Arc, Mutex},
};

/// Bytes that a disk writes as a whole or not at all.
const SECTOR: u64 = 512;

/// What was written since the last sync.
#[derive(Clone, Debug)]
enum Pending {
	Write(u64, Vec<u8>),
	Length(u64),
}

impl Pending {
	fn apply(&self, bytes: &mut Vec<u8>) {
		match self {
			Self::Length(length) => bytes.resize(usize::try_from(*length).unwrap(), 0),
			Self::Write(at, data) => put(bytes, *at, data),
		}
	}
}

#[derive(Debug, Default)]
struct State {
	/// What a power cut leaves for sure.
	synced: Vec<u8>,
	/// What the program sees.
	seen: Vec<u8>,
	pending: Vec<Pending>,
	/// Operations until the power is cut; none if it never is.
	left: Option<u64>,
	/// Operations so far.
	made: u64,
	/// Whether every operation says that no room is left.
	full: bool,
}

/// The disk. Copies are the same one.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
	/// One with these bytes.
	pub fn with(bytes: Vec<u8>) -> Self {
		let disk = Self::default();
		{
			let mut state = disk.0.lock().unwrap();
			state.synced.clone_from(&bytes);
			state.seen = bytes;
		}
		disk
	}

	/// After so many changing operations from now on the power is cut.
	pub fn cut_after(&self, operations: u64) {
		self.0.lock().unwrap().left = Some(operations);
	}

	/// No room is left from now on.
	pub fn fill_up(&self) {
		self.0.lock().unwrap().full = true;
	}

	/// How many changing operations there were.
	pub fn operations(&self) -> u64 {
		self.0.lock().unwrap().made
	}

	/// What is there after the power was cut now: of what was not synced each write by chance, or a part of it.
	pub fn after_power_cut(&self, rng: &mut Rng) -> Vec<u8> {
		let state = self.0.lock().unwrap();
		let mut bytes = state.synced.clone();
		for pending in &state.pending {
			match pending {
				_ if rng.percent(40) => (),
				Pending::Length(length) => bytes.resize(usize::try_from(*length).unwrap(), 0),
				Pending::Write(at, data) => {
					let whole = data.len() as u64;
					let torn = rng.below(whole + 1) / SECTOR * SECTOR;
					let kept = if rng.percent(25) { torn } else { whole };
					put(&mut bytes, *at, &data[..usize::try_from(kept).unwrap()]);
				}
			}
		}
		bytes
	}

	fn change(&self, pending: Option<Pending>) -> io::Result<()> {
		let mut guard = self.0.lock().unwrap();
		let state = &mut *guard;
		if state.full {
			return Err(io::ErrorKind::StorageFull.into());
		}
		if state.left == Some(0) {
			return Err(io::Error::other("the power is cut"));
		}
		state.left = state.left.map(|left| left - 1);
		state.made += 1;
		match pending {
			None => {
				for change in state.pending.drain(..) {
					change.apply(&mut state.synced);
				}
			}
			Some(change) => {
				change.apply(&mut state.seen);
				state.pending.push(change);
			}
		}
		Ok(())
	}
}

/// Writes there; what lies between is zero.
fn put(bytes: &mut Vec<u8>, at: u64, data: &[u8]) {
	let at = usize::try_from(at).unwrap();
	if bytes.len() < at + data.len() {
		bytes.resize(at + data.len(), 0);
	}
	bytes[at..at + data.len()].copy_from_slice(data);
}

impl StorageBackend for Disk {
	fn len(&self) -> io::Result<u64> {
		Ok(self.0.lock().unwrap().seen.len() as u64)
	}

	fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
		let state = self.0.lock().unwrap();
		let at = usize::try_from(offset).unwrap();
		let found = state.seen.get(at..at + out.len());
		out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
		Ok(())
	}

	fn set_len(&self, len: u64) -> io::Result<()> {
		self.change(Some(Pending::Length(len)))
	}

	fn sync_data(&self) -> io::Result<()> {
		self.change(None)
	}

	fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
		self.change(Some(Pending::Write(offset, data.to_vec())))
	}
}
