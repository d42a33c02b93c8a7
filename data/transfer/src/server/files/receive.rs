//! A slot that comes, written into its files.

use super::{outboard_len, Begun, Mark, Shared, MOST_BEGUN};
use crate::{
	desk::{Held, Receiving},
	stream::Builder,
	wire::{SlotId, GROUP},
};
use rustix::fs::{fallocate, FallocateFlags};
use std::{
	fs::{File, OpenOptions},
	io::{self, ErrorKind},
	os::unix::fs::FileExt,
	path::Path,
	sync::Arc,
};
use storage_proof_primitives::{Hash, StreamError, Streamed};

/// Pairs that are kept before they are written: 64 KiB.
const PAIRS: usize = 64 << 10;
/// What is read at once if a slot is hashed again.
const READ: usize = 1 << 20;

/// One of these at a time writes a slot.
pub(super) struct Upload {
	shared: Arc<Shared>,
	slot: SlotId,
	begun: Begun,
	data: File,
	outboard: File,
	/// Values of what was written and does not count yet, and where that begins.
	values: Vec<Hash>,
	from: Option<u64>,
}

fn open(path: &Path) -> io::Result<File> {
	OpenOptions::new()
		.read(true)
		.write(true)
		.create(true)
		.truncate(false)
		.open(path)
}

impl Upload {
	pub(super) fn begin(shared: &Arc<Shared>, slot: SlotId, length: u64) -> io::Result<Self> {
		let known = {
			let all = shared.begun();
			if all.len() >= MOST_BEGUN && !all.contains_key(&slot) {
				return Err(io::Error::new(
					ErrorKind::QuotaExceeded,
					"too many slots are on their way",
				));
			}
			all.get(&slot).cloned()
		};
		let begun = match known {
			Some(begun) => begun,
			None => Begun::new(&first_mark(shared, slot, length)?),
		};
		if begun.held.length != length {
			let why = format!("the slot was begun with {} bytes", begun.held.length);
			return Err(io::Error::new(ErrorKind::AlreadyExists, why));
		}
		Ok(Self {
			data: open(&shared.path(slot, "slot"))?,
			outboard: open(&shared.path(slot, "outboard"))?,
			shared: shared.clone(),
			slot,
			begun,
			values: Vec::new(),
			from: None,
		})
	}

	fn set_mark(&self) -> io::Result<()> {
		let held = self.begun.held;
		let mark = Mark {
			length: held.length,
			durable: held.durable,
			root: held.root,
		};
		self.shared.set_mark(self.slot, &mark)
	}

	/// Bytes that count are to be written again: they count no more, and if they were durable, that is durable first.
	fn lower(&mut self, to: u64) -> io::Result<()> {
		let held = &mut self.begun.held;
		if to >= held.written {
			return Ok(());
		}
		let lowered = to < held.durable;
		(held.written, held.durable) = (to, held.durable.min(to));
		if lowered {
			self.set_mark()?;
		}
		self.shared.begun().insert(self.slot, self.begun.clone());
		Ok(())
	}

	/// Gives the tree what counts now. A group that is not whole yet comes again.
	fn build(&mut self, from: u64, end: u64) {
		let begun = &mut self.begun;
		let (first, whole) = (from / GROUP, end == begun.held.length);
		if first < begun.builder.taken() {
			// What it has was written over: from the start, or from the disk at the end.
			begun.builder = Builder::new(begun.held.length);
			begun.pairs.clear();
			(begun.outboard, begun.root) = (0, None);
		}
		if first != begun.builder.taken() {
			return;
		}
		let groups = if whole { end.div_ceil(GROUP) } else { end / GROUP };
		let count = usize::try_from(groups.saturating_sub(first)).unwrap_or(usize::MAX);
		for value in self.values.iter().take(count) {
			begun.root = begun.builder.push(*value, &mut begun.pairs);
		}
	}

	fn write_pairs(&mut self) -> io::Result<()> {
		self.outboard.write_all_at(&self.begun.pairs, self.begun.outboard)?;
		self.begun.outboard += self.begun.pairs.len() as u64;
		self.begun.pairs.clear();
		Ok(())
	}

	/// The root, and the outboard whole: from what was seen as it came, or from the disk.
	fn seal(&mut self) -> io::Result<Hash> {
		if let Some(root) = self.begun.root {
			self.write_pairs()?;
			return Ok(root);
		}
		let refused = |error: StreamError| io::Error::new(ErrorKind::InvalidData, error.to_string());
		let length = self.begun.held.length;
		let mut streamed = Streamed::new(length, &[]).map_err(refused)?;
		let (mut buffer, mut at) = (vec![0; READ], 0);
		self.begun.pairs.clear();
		self.begun.outboard = 0;
		while at < length {
			let count = usize::try_from(length - at).map_or(READ, |left| left.min(READ));
			let piece = buffer.get_mut(..count).unwrap_or_default();
			self.data.read_exact_at(piece, at)?;
			streamed.push(piece, &mut self.begun.pairs).map_err(refused)?;
			at += count as u64;
			self.write_pairs()?;
		}
		let (contents, _) = streamed.finish(&mut self.begun.pairs).map_err(refused)?;
		self.write_pairs()?;
		Ok(contents.root)
	}
}

/// What the mark says, or a new one.
fn first_mark(shared: &Shared, slot: SlotId, length: u64) -> io::Result<Mark> {
	if let Some(mark) = shared.mark(slot)? {
		if mark.root.is_some() {
			return Err(io::Error::new(ErrorKind::AlreadyExists, "the slot is whole"));
		}
		return Ok(mark);
	}
	let mark = Mark {
		length,
		..Mark::default()
	};
	// So that a full disk is seen now, and not at the end. Where that cannot be done, it is seen later.
	let file = open(&shared.path(slot, "slot"))?;
	match fallocate(&file, FallocateFlags::empty(), 0, length) {
		Err(rustix::io::Errno::NOSPC) => {
			drop(file);
			std::fs::remove_file(shared.path(slot, "slot"))?;
			return Err(ErrorKind::StorageFull.into());
		}
		_ => shared.set_mark(slot, &mark)?,
	}
	Ok(mark)
}

impl Receiving for Upload {
	fn held(&self) -> Held {
		self.begun.held
	}

	fn write(&mut self, offset: u64, bytes: &[u8], values: &[Hash]) -> io::Result<()> {
		self.lower(offset)?;
		self.data.write_all_at(bytes, offset)?;
		self.from.get_or_insert(offset);
		self.values.extend_from_slice(values);
		Ok(())
	}

	fn keep(&mut self, end: u64) -> io::Result<()> {
		if let Some(from) = self.from.take() {
			self.build(from, end);
		}
		self.values.clear();
		self.begun.held.written = end;
		if self.begun.pairs.len() >= PAIRS {
			self.write_pairs()?;
		}
		self.shared.begun().insert(self.slot, self.begun.clone());
		Ok(())
	}

	fn sync(&mut self) -> io::Result<Held> {
		self.data.sync_data()?;
		let written = self.begun.held.written;
		if written == self.begun.held.length {
			let root = self.seal()?;
			self.outboard.set_len(outboard_len(written))?;
			self.outboard.sync_data()?;
			self.begun.held.root = Some(root);
		}
		self.begun.held.durable = written;
		self.set_mark()?;
		let mut all = self.shared.begun();
		if self.begun.held.root.is_some() {
			all.remove(&self.slot);
		} else {
			all.insert(self.slot, self.begun.clone());
		}
		Ok(self.begun.held)
	}
}
