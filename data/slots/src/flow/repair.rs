//! One slot anew from any k others, checked by its root. It needs neither the key nor the owner.

use super::{verify::length_fault, STEP};
use crate::{
	coder::Rebuilder,
	edge::{SlotSource, SlotStore},
	meter::{Buffer, Meter},
	Error, Faults, SlotFault, Stored,
};

/// What is to be rebuilt, and from what.
pub struct Repair<'a> {
	/// What the chain keeps of the volume.
	pub stored: &'a Stored,
	/// Which slot.
	pub slot: u8,
	/// The others.
	pub others: &'a mut dyn SlotSource,
	/// Where it is rebuilt.
	pub own: &'a mut dyn SlotStore,
	/// Counts memory.
	pub meter: &'a Meter,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
	/// From which slots.
	pub from: Vec<u8>,
	/// What was wrong with others. All of them are to be repaired too.
	pub faults: Faults,
}

/// Rebuilds a slot, and says from which others. What is durable of it already is taken over: if the whole misses its
/// root, it is made again from its start, and then every other slot that was read is checked by its own root and named
/// if wrong.
///
/// Errors: [`Error::TooFew`] if fewer than k sound slots are left; [`Error::NotACodeword`].
pub fn repair(job: Repair<'_>) -> Result<Repaired, Error> {
	let Repair {
		stored,
		slot,
		others,
		own,
		meter,
	} = job;
	let geometry = stored.geometry();
	geometry.check_slot(slot)?;
	let step = usize::try_from(stored.slot_len()).map_or(STEP, |length| length.min(STEP));
	let mut run = Run {
		stored,
		slot,
		others,
		own,
		rebuilder: Rebuilder::new(geometry, step, slot >= geometry.k(), meter)?,
		buffer: meter.buffer(step)?,
		faults: Faults::default(),
		from: Vec::new(),
	};
	// Each round names a slot, or is the one after a round that did not read all from the start.
	let mut start = run.taken_over()?;
	for _ in 0..2 * u32::from(geometry.n()) + 2 {
		match run.round(start)? {
			Round::Done => {
				return Ok(Repaired {
					from: run.from,
					faults: run.faults,
				});
			}
			Round::Again => start = Start::default(),
		}
	}
	Err(run.too_few())
}

/// What a round begins with: so many bytes that are there, hashed.
#[derive(Default)]
struct Start {
	at: u64,
	hasher: blake3::Hasher,
}

enum Round {
	Done,
	Again,
}

/// A slot that is read, and its hash if it was read from its start.
struct Helper {
	slot: u8,
	hasher: Option<blake3::Hasher>,
}

struct Run<'a> {
	stored: &'a Stored,
	slot: u8,
	others: &'a mut dyn SlotSource,
	own: &'a mut dyn SlotStore,
	rebuilder: Rebuilder,
	buffer: Buffer,
	faults: Faults,
	from: Vec<u8>,
}

impl Run<'_> {
	/// Hashes what an earlier run left; nothing, if that cannot be read.
	fn taken_over(&mut self) -> Result<Start, Error> {
		let durable = self.own.durable(self.slot);
		let durable = durable.map_err(|source| Error::io(format!("look at slot {}", self.slot), source))?;
		let most = durable.min(self.stored.slot_len());
		let step = self.buffer.len() as u64;
		let mut start = Start::default();
		while start.at + step <= most {
			if self.own.read(self.slot, start.at, &mut self.buffer).is_err() {
				return Ok(Start::default());
			}
			start.hasher.update(&self.buffer);
			start.at += step;
		}
		Ok(start)
	}

	fn too_few(&self) -> Error {
		let known = self.faults.0.iter().filter(|(slot, _)| *slot != self.slot).count();
		let found = usize::from(self.stored.geometry().n() - 1).saturating_sub(known);
		Error::TooFew {
			need: self.stored.geometry().k(),
			found: u8::try_from(found).unwrap_or(u8::MAX),
			faults: self.faults.clone(),
		}
	}

	/// The next slot that nothing is known against.
	fn next(&mut self, helpers: &[Helper]) -> Result<u8, Error> {
		for slot in 0..self.stored.geometry().n() {
			let used = helpers.iter().any(|helper| helper.slot == slot);
			if slot == self.slot || used || self.faults.has(slot) {
				continue;
			}
			match length_fault(self.stored, slot, self.others) {
				Some(fault) => self.faults.add(slot, fault),
				None => return Ok(slot),
			}
		}
		Err(self.too_few())
	}

	/// Reads, rebuilds and writes from `start` to the end, and compares roots.
	fn round(&mut self, start: Start) -> Result<Round, Error> {
		let whole = start.at == 0;
		let Start { mut at, mut hasher } = start;
		let mut helpers = Vec::new();
		while helpers.len() < usize::from(self.stored.geometry().k()) {
			let slot = self.next(&helpers)?;
			helpers.push(Helper {
				slot,
				hasher: whole.then(blake3::Hasher::new),
			});
		}
		while at < self.stored.slot_len() {
			let step = (self.stored.slot_len() - at).min(self.buffer.len() as u64) as usize;
			self.read(at, step, &mut helpers)?;
			self.rebuilder.rebuild()?;
			let out = &mut self.buffer[..step];
			self.rebuilder.range(self.slot, out)?;
			hasher.update(out);
			let written = self.own.write(self.slot, at, out);
			written.map_err(|source| Error::io(format!("write slot {}", self.slot), source))?;
			at += step as u64;
		}
		self.from = helpers.iter().map(|helper| helper.slot).collect();
		if *hasher.finalize().as_bytes() == self.stored.root(self.slot) {
			self.own
				.sync()
				.map_err(|source| Error::io(format!("sync slot {}", self.slot), source))?;
			return Ok(Round::Done);
		}
		self.blame(whole, helpers)
	}

	/// Who is to blame for a wrong root.
	fn blame(&mut self, whole: bool, helpers: Vec<Helper>) -> Result<Round, Error> {
		let mut named = false;
		let mut all = whole;
		for helper in helpers {
			let Some(hasher) = helper.hasher else {
				all = false;
				continue;
			};
			if *hasher.finalize().as_bytes() != self.stored.root(helper.slot) {
				self.faults.add(helper.slot, SlotFault::Wrong);
				named = true;
			}
		}
		if all && !named {
			return Err(Error::NotACodeword { slot: self.slot });
		}
		Ok(Round::Again)
	}

	/// Gives the rebuilder one range of k slots. One that fails is replaced by another.
	fn read(&mut self, at: u64, step: usize, helpers: &mut [Helper]) -> Result<(), Error> {
		self.rebuilder.begin(step)?;
		for i in 0..helpers.len() {
			loop {
				let slot = helpers[i].slot;
				let part = &mut self.buffer[..step];
				match self.others.read(slot, at, part) {
					Ok(()) => {
						if let Some(hasher) = &mut helpers[i].hasher {
							hasher.update(part);
						}
						self.rebuilder.give(slot, part)?;
						break;
					}
					Err(fault) => {
						self.faults.add(slot, fault);
						let slot = self.next(helpers)?;
						let hasher = (at == 0).then(blake3::Hasher::new);
						helpers[i] = Helper { slot, hasher };
					}
				}
			}
		}
		Ok(())
	}
}
