//! Slots as the server of `data/transfer` serves them.

use crate::{
	entry::{id_of, sealed, Entry},
	layout::{DATA, OUTBOARD},
	store::SlotStore,
};
use rustix::io::Errno;
use smartchain_transfer::{
	server::{Held, Reading, Receiving, Shelf},
	wire::SlotId,
};
use std::{
	fs::File,
	io::{self, ErrorKind, IoSliceMut},
	os::unix::fs::FileExt,
	sync::Arc,
};
use storage_proof_primitives::Hash;

/// Parts that one call to the system fills.
const MOST_PARTS: usize = 1_024;

fn held_of(entry: &Entry) -> Held {
	let state = entry.seen();
	Held {
		length: state.meta.bytes,
		written: state.written,
		durable: state.durable,
		root: state.meta.root,
	}
}

impl Shelf for SlotStore {
	fn held(&self, slot: SlotId) -> io::Result<Option<Held>> {
		Ok(self.entry(slot).map(|entry| held_of(&entry)))
	}

	fn open(&self, slot: SlotId) -> io::Result<Option<Arc<dyn Reading>>> {
		let Some(entry) = self.entry(slot) else {
			return Ok(None);
		};
		let length = {
			let state = entry.seen();
			if state.meta.root.is_none() || state.gone {
				return Ok(None);
			}
			state.meta.bytes
		};
		let opened = Opened {
			length,
			data: File::open(entry.folder().join(DATA))?,
			outboard: File::open(entry.folder().join(OUTBOARD))?,
		};
		Ok(Some(Arc::new(opened)))
	}

	/// Room is made by the market's machine alone: a slot that it has not made yet is not there.
	fn receive(&self, slot: SlotId, length: u64) -> io::Result<Box<dyn Receiving>> {
		let entry = self.entry(slot).ok_or(ErrorKind::NotFound)?;
		if entry.seen().meta.bytes != length {
			return Err(sealed());
		}
		let writer = entry.begin_to_write()?;
		self.opened(&entry);
		Ok(Box::new(Coming {
			store: self.clone(),
			entry,
			writer,
		}))
	}
}

/// A whole slot.
struct Opened {
	length: u64,
	data: File,
	outboard: File,
}

impl Reading for Opened {
	fn length(&self) -> u64 {
		self.length
	}

	fn data(&self, offset: u64, parts: &mut [IoSliceMut<'_>]) -> io::Result<()> {
		let (mut at, mut parts) = (offset, parts);
		IoSliceMut::advance_slices(&mut parts, 0);
		while !parts.is_empty() {
			let most = parts.len().min(MOST_PARTS);
			match rustix::io::preadv(&self.data, &mut parts[..most], at) {
				Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
				Ok(read) => {
					at += read as u64;
					IoSliceMut::advance_slices(&mut parts, read);
				}
				Err(Errno::INTR) => (),
				Err(error) => return Err(error.into()),
			}
		}
		Ok(())
	}

	fn outboard(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		self.outboard.read_exact_at(into, offset)
	}
}

/// A slot that comes.
struct Coming {
	store: SlotStore,
	entry: Arc<Entry>,
	writer: u64,
}

impl Drop for Coming {
	/// Its files may have been closed and opened again meanwhile.
	fn drop(&mut self) {
		self.store.opened(&self.entry);
	}
}

impl Receiving for Coming {
	fn held(&self) -> Held {
		held_of(&self.entry)
	}

	fn write(&mut self, offset: u64, bytes: &[u8], values: &[Hash]) -> io::Result<()> {
		self.entry.write(self.writer, offset, bytes, values)
	}

	fn keep(&mut self, end: u64) -> io::Result<()> {
		self.entry.count(self.writer, end)
	}

	fn sync(&mut self) -> io::Result<Held> {
		let held = held_of(&self.entry);
		if held.root.is_some() {
			return Ok(held);
		}
		let durable = self.entry.sync(self.writer)?;
		self.store.tell(id_of(&self.entry), durable);
		Ok(held_of(&self.entry))
	}
}
