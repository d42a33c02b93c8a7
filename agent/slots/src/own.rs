//! A slot that is built here from others: what `data/slots` writes to.

use crate::{
	entry::Entry,
	error::{At, StoreError},
	layout::DATA,
	store::SlotStore,
};
use smartchain_slots::{
	edge::{SlotSink, SlotSource},
	SlotFault,
};
use smartchain_transfer::wire::{values, SlotId, GROUP};
use std::{
	fs::File,
	io::{self, ErrorKind},
	os::unix::fs::FileExt,
	sync::Arc,
};

/// After so many bytes what was built is made durable: no more is built again after a kill.
pub const SYNC_BYTES: u64 = 64 << 20;

/// A slot that is being built. It writes the one slot that it was opened for, and no other.
pub struct OwnSlot {
	store: SlotStore,
	slot: SlotId,
	entry: Arc<Entry>,
	writer: u64,
}

impl SlotStore {
	/// A slot that is there, to be built from others. One that has the wrong root counts as there until it is written.
	///
	/// # Errors
	/// `NoSuchSlot`, `Io`.
	pub fn own(&self, slot: SlotId) -> Result<OwnSlot, StoreError> {
		let entry = self.known(slot)?;
		{
			let mut state = entry.state();
			if state.meta.root.is_some() {
				let bytes = state.meta.bytes;
				entry.unseal(&mut state, bytes).at("open", entry.folder())?;
			}
		}
		let writer = entry.begin_to_write().at("open", entry.folder())?;
		self.opened(&entry);
		Ok(OwnSlot {
			store: self.clone(),
			slot,
			entry,
			writer,
		})
	}
}

impl OwnSlot {
	fn check(&self, slot: u8) -> io::Result<()> {
		if slot == self.slot.slot {
			return Ok(());
		}
		Err(ErrorKind::InvalidInput.into())
	}
}

impl SlotSink for OwnSlot {
	fn durable(&mut self, slot: u8) -> io::Result<u64> {
		self.check(slot)?;
		let state = self.entry.seen();
		// What is not a whole group is built again.
		Ok(match state.durable == state.meta.bytes {
			true => state.durable,
			false => state.durable - state.durable % GROUP,
		})
	}

	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.check(slot)?;
		let mut found = Vec::new();
		values(offset, bytes, &mut found);
		self.entry.write(self.writer, offset, bytes, &found)?;
		let end = offset.saturating_add(bytes.len() as u64);
		self.entry.count(self.writer, end)?;
		let (durable, whole) = {
			let state = self.entry.seen();
			(state.durable, state.meta.bytes)
		};
		// The last of it is made durable by whoever has seen that its root is right.
		if end.saturating_sub(durable) >= SYNC_BYTES && end < whole {
			let durable = self.entry.sync(self.writer)?;
			self.store.tell(self.slot, durable);
		}
		Ok(())
	}

	fn sync(&mut self) -> io::Result<()> {
		let durable = self.entry.sync(self.writer)?;
		self.store.tell(self.slot, durable);
		Ok(())
	}
}

impl SlotSource for OwnSlot {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		self.check(slot).map_err(|_| SlotFault::Missing)?;
		Ok(self.entry.seen().written)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		let read = self.check(slot).and_then(|()| {
			let data = File::open(self.entry.folder().join(DATA))?;
			data.read_exact_at(buffer, offset)
		});
		read.map_err(|error| SlotFault::Unreadable(error.to_string()))
	}
}
