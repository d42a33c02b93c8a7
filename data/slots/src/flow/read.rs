//! Any range of a volume from slots: what is missing is rebuilt, what is wrong is found and named.

use super::verify_slot;
use crate::{
	coder::Rebuilder,
	edge::SlotSource,
	manifest::{Entry, Footer, Index, FOOTER, PAGE_ITEM},
	meter::{Buffer, Charge, Meter},
	seal::{plain_len, Frames, FRAME, PLAIN},
	Error, Faults, ManifestError, Stored, VolumeKey,
};

/// Reads a volume. A unit is fetched from its own slot, and from k others only if that fails.
pub struct Reader<'a> {
	stored: &'a Stored,
	frames: Frames,
	slots: &'a mut dyn SlotSource,
	meter: &'a Meter,
	/// Units of the volume in the stripe `at`, as far as `have` has a bit.
	stripe: Buffer,
	at: Option<u64>,
	have: u32,
	unit: Buffer,
	rebuilder: Option<Rebuilder>,
	/// A frame, opened: its index and bytes of plaintext.
	frame: Buffer,
	opened: Option<(u64, usize)>,
	faults: Faults,
	plain: u64,
	footer: Footer,
	index: Index,
	_index: Charge,
}

impl<'a> Reader<'a> {
	/// Opens a volume: its footer and index of pages are read.
	///
	/// Errors: too few slots; another key; no manifest of this version.
	pub fn open(
		stored: &'a Stored,
		key: &VolumeKey,
		slots: &'a mut dyn SlotSource,
		meter: &'a Meter,
	) -> Result<Self, Error> {
		let geometry = stored.geometry();
		let plain = plain_len(stored.volume_len()).filter(|plain| *plain >= FOOTER);
		let mut reader = Self {
			stored,
			frames: Frames::new(key),
			slots,
			meter,
			stripe: meter.buffer(geometry.stripe())?,
			at: None,
			have: 0,
			unit: meter.buffer(geometry.unit())?,
			rebuilder: None,
			frame: meter.buffer(FRAME)?,
			opened: None,
			faults: Faults::default(),
			plain: plain.ok_or(ManifestError::Short)?,
			footer: Footer {
				index: 0,
				pages: 0,
				entries: 0,
				data: 0,
			},
			index: Index::default(),
			_index: meter.charge(0)?,
		};
		let mut footer = [0; FOOTER as usize];
		reader.read(reader.plain - FOOTER, &mut footer)?;
		reader.footer = Footer::decode(&footer, reader.plain)?;
		let length = reader.footer.pages as usize * PAGE_ITEM as usize;
		reader._index = meter.charge(length)?;
		let mut index = meter.buffer(length)?;
		reader.read(reader.footer.index, &mut index)?;
		reader.index = Index::decode(&index, reader.footer.index)?;
		let entries: u64 = reader.index.0.iter().map(|page| u64::from(page.entries)).sum();
		if entries != reader.footer.entries {
			return Err(ManifestError::Numbers.into());
		}
		Ok(reader)
	}

	/// How much there is.
	pub fn footer(&self) -> Footer {
		self.footer
	}

	/// What is wrong with slots, as far as reading met it.
	pub fn faults(&self) -> &Faults {
		&self.faults
	}

	/// How many pages of entries there are.
	pub fn pages(&self) -> u32 {
		self.footer.pages
	}

	/// The entries of a page, in path order. Whoever acts on them checks that order across pages with
	/// [`Order`](crate::manifest::Order).
	///
	/// Errors: there is no such page; what reading says.
	pub fn page(&mut self, number: u32) -> Result<Vec<Entry>, Error> {
		let page = *self.index.0.get(number as usize).ok_or(ManifestError::Numbers)?;
		let mut bytes = self.meter.buffer(page.length as usize)?;
		self.read(page.offset, &mut bytes)?;
		let (mut rest, mut entries) = (&bytes[..], Vec::new());
		while !rest.is_empty() {
			entries.push(Entry::decode_from(&mut rest, self.footer.index)?);
		}
		if entries.len() != page.entries as usize {
			return Err(ManifestError::Numbers.into());
		}
		Ok(entries)
	}

	/// Fills the buffer with plaintext of the volume from an offset on.
	///
	/// Errors: [`Error::TooFew`] if fewer than k sound slots are left; [`Error::Unsealed`].
	pub fn read(&mut self, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), Error> {
		let end = offset.checked_add(buffer.len() as u64);
		if end.is_none_or(|end| end > self.plain) {
			return Err(ManifestError::Numbers.into());
		}
		while !buffer.is_empty() {
			let (index, within) = (offset / PLAIN as u64, (offset % PLAIN as u64) as usize);
			let length = self.frame(index)?;
			let bytes = self.frame.get(within..length).unwrap_or_default();
			let count = bytes.len().min(buffer.len());
			if count == 0 {
				return Err(Error::Unsealed { frame: index });
			}
			let (now, later) = buffer.split_at_mut(count);
			now.copy_from_slice(&bytes[..count]);
			buffer = later;
			offset += count as u64;
		}
		Ok(())
	}

	/// Opens a frame, and says how many bytes of plaintext it has. If it does not open, all slots are checked against
	/// their roots, and it is read again from those that are sound.
	fn frame(&mut self, index: u64) -> Result<usize, Error> {
		if let Some((opened, length)) = self.opened {
			if opened == index {
				return Ok(length);
			}
		}
		self.opened = None;
		let mut checked = false;
		loop {
			let sealed = self.fetch(index)?;
			let last = index == (self.stored.volume_len() - 1) / FRAME as u64;
			match self.frames.open(index, last, &mut self.frame[..sealed]) {
				Ok(length) => {
					self.opened = Some((index, length));
					return Ok(length);
				}
				Err(error) if checked || self.slots.is_proven() => return Err(error),
				Err(_) => {}
			}
			self.check_slots()?;
			checked = true;
			(self.at, self.have) = (None, 0);
		}
	}

	fn check_slots(&mut self) -> Result<(), Error> {
		for slot in 0..self.stored.geometry().n() {
			if self.faults.has(slot) {
				continue;
			}
			if let Some(fault) = verify_slot(self.stored, slot, self.slots, self.meter)? {
				self.faults.add(slot, fault);
			}
		}
		Ok(())
	}

	/// Fetches the sealed bytes of a frame, and says how many they are.
	fn fetch(&mut self, index: u64) -> Result<usize, Error> {
		let geometry = self.stored.geometry();
		let (stripe, unit) = (geometry.stripe() as u64, geometry.unit());
		let from = index * FRAME as u64;
		let length = (self.stored.volume_len() - from).min(FRAME as u64) as usize;
		let mut done = 0;
		while done < length {
			let at = from + done as u64;
			let within = (at % stripe) as usize;
			let count = (unit - within % unit).min(length - done);
			self.load(at / stripe, (within / unit) as u8)?;
			self.frame[done..done + count].copy_from_slice(&self.stripe[within..within + count]);
			done += count;
		}
		Ok(length)
	}

	/// Has a unit of the volume in `stripe`.
	fn load(&mut self, stripe: u64, slot: u8) -> Result<(), Error> {
		if self.at != Some(stripe) {
			(self.at, self.have) = (Some(stripe), 0);
		}
		if (self.have >> slot) & 1 == 1 || self.fetch_unit(stripe, slot) {
			return Ok(());
		}
		let geometry = self.stored.geometry();
		let mut rebuilder = match self.rebuilder.take() {
			Some(rebuilder) => rebuilder,
			None => Rebuilder::new(geometry, geometry.unit(), false, self.meter)?,
		};
		let rebuilt = self.rebuild(stripe, &mut rebuilder);
		self.rebuilder = Some(rebuilder);
		rebuilt
	}

	/// Fetches a unit of the volume from its own slot, if nothing is known against it.
	fn fetch_unit(&mut self, stripe: u64, slot: u8) -> bool {
		let unit = self.stored.geometry().unit();
		if self.faults.has(slot) {
			return false;
		}
		let place = &mut self.stripe[usize::from(slot) * unit..][..unit];
		match self.slots.read(slot, stripe * unit as u64, place) {
			Ok(()) => {
				self.have |= 1 << slot;
				true
			}
			Err(fault) => {
				self.faults.add(slot, fault);
				false
			}
		}
	}

	/// Rebuilds what is missing of a stripe from any k slots.
	fn rebuild(&mut self, stripe: u64, rebuilder: &mut Rebuilder) -> Result<(), Error> {
		let geometry = self.stored.geometry();
		let unit = geometry.unit();
		rebuilder.begin(unit)?;
		for slot in 0..geometry.n() {
			if rebuilder.is_enough() {
				break;
			}
			if slot < geometry.k() {
				if (self.have >> slot) & 1 == 1 || self.fetch_unit(stripe, slot) {
					rebuilder.give(slot, &self.stripe[usize::from(slot) * unit..][..unit])?;
				}
				continue;
			}
			if self.faults.has(slot) {
				continue;
			}
			match self.slots.read(slot, stripe * unit as u64, &mut self.unit) {
				Ok(()) => rebuilder.give(slot, &self.unit)?,
				Err(fault) => self.faults.add(slot, fault),
			}
		}
		if !rebuilder.is_enough() {
			let bad = u8::try_from(self.faults.0.len()).unwrap_or(u8::MAX);
			return Err(Error::TooFew {
				need: geometry.k(),
				found: geometry.n().saturating_sub(bad),
				faults: self.faults.clone(),
			});
		}
		rebuilder.rebuild()?;
		for slot in 0..geometry.k() {
			rebuilder.range(slot, &mut self.stripe[usize::from(slot) * unit..][..unit])?;
			self.have |= 1 << slot;
		}
		Ok(())
	}
}
