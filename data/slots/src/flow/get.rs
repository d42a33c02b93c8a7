//! From slots back to a folder: all of it, or what lies under a path.

use super::Reader;
use crate::{
	edge::{Log, Sink, SlotSource},
	journal::{Journal, Record, Tag, GET},
	manifest::{Entry, Kind, Order},
	meter::{Buffer, Meter},
	seal::PLAIN,
	Error, Faults, Stored, VolumeKey,
};

/// What was written is made durable, and noted, after so many bytes.
pub const SYNC_BYTES: u64 = 64 << 20;
/// Or after so many entries.
pub const SYNC_ENTRIES: u64 = 4_096;

/// Which entries are to come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
	/// All.
	#[default]
	All,
	/// The entry with this path, and what lies in it.
	Under(
		/// Without a slash at its end.
		Vec<u8>,
	),
}

impl Selection {
	/// Whether an entry is selected.
	pub fn selects(&self, entry: &Entry) -> bool {
		match self {
			Self::All => true,
			Self::Under(path) => lies_in(&entry.path, path),
		}
	}

	/// Whether an entry comes back: it is selected, or a folder on the way to what is.
	pub fn takes(&self, entry: &Entry) -> bool {
		let is_on_the_way = match self {
			Self::All => false,
			Self::Under(path) => entry.kind == Kind::Folder && lies_in(path, &entry.path),
		};
		is_on_the_way || self.selects(entry)
	}
}

/// Whether a path is that of a folder, or of something in it.
fn lies_in(path: &[u8], folder: &[u8]) -> bool {
	path.strip_prefix(folder)
		.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// What is to come back, and where to.
pub struct Get<'a> {
	/// What the chain keeps of the volume.
	pub stored: &'a Stored,
	/// Its key.
	pub key: &'a VolumeKey,
	/// Where its slots are.
	pub slots: &'a mut dyn SlotSource,
	/// Which entries.
	pub selection: Selection,
	/// Where to.
	pub sink: &'a mut dyn Sink,
	/// What was done: empty, or that of the run that is to go on.
	pub log: &'a mut dyn Log,
	/// Counts memory.
	pub meter: &'a Meter,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
	/// Files, folders and links that were selected; folders on the way to them are not counted.
	pub entries: u64,
	/// Bytes of files and links that this run wrote.
	pub bytes: u64,
	/// What is wrong with slots, as far as it was met. Nothing is missing for it.
	pub faults: Faults,
}

/// Restores a volume. Called again with the same journal and sink after a crash it goes on, within a file too.
///
/// Errors: [`Error::TooFew`] if fewer than k sound slots are left; a manifest that no [`put`](crate::put) wrote.
pub fn get(job: Get<'_>) -> Result<Restored, Error> {
	let Get {
		stored,
		key,
		slots,
		selection,
		sink,
		log,
		meter,
	} = job;
	let journal = Journal::open(log, GET, &id(stored, &selection))?;
	let part = journal.last(Tag::Part).map(|record| (record.number, record.value()));
	// A part is noted once all before it is durable.
	let done = journal.last(Tag::Entries).map_or(0, |record| record.number);
	let done = part.map_or(done, |(number, _)| done.max(number));
	let mut reader = Reader::open(stored, key, slots, meter)?;
	let mut run = Run {
		sink,
		journal,
		part,
		buffer: meter.buffer(PLAIN)?,
		bytes: 0,
		unsynced: (0, 0),
	};
	let (mut order, mut number, mut entries) = (Order::default(), 0, 0);
	for page in 0..reader.pages() {
		for entry in reader.page(page)? {
			order.take(&entry)?;
			if selection.takes(&entry) {
				// Folders are begun again in each run: they get their times when they are left.
				if number >= done || entry.kind == Kind::Folder {
					run.restore(&mut reader, &entry, number)?;
				}
				entries += u64::from(selection.selects(&entry));
			}
			number += 1;
			if number > done && (run.unsynced.0 >= SYNC_BYTES || run.unsynced.1 >= SYNC_ENTRIES) {
				run.sync(Record::count(Tag::Entries, number, 0))?;
			}
		}
	}
	run.sink.end().map_err(|source| Error::io("end the folders", source))?;
	if number > done {
		run.sync(Record::count(Tag::Entries, number, 0))?;
	}
	Ok(Restored {
		entries,
		bytes: run.bytes,
		faults: reader.faults().clone(),
	})
}

/// What the journal knows a restore by.
fn id(stored: &Stored, selection: &Selection) -> [u8; 32] {
	let mut hasher = blake3::Hasher::new_keyed(&stored.id());
	if let Selection::Under(path) = selection {
		hasher.update(b"/").update(path);
	}
	*hasher.finalize().as_bytes()
}

struct Run<'a> {
	sink: &'a mut dyn Sink,
	journal: Journal<'a>,
	/// An entry of which bytes are durable from an earlier run: its number, and how many.
	part: Option<(u64, u64)>,
	buffer: Buffer,
	bytes: u64,
	/// Bytes and entries that are not durable yet.
	unsynced: (u64, u64),
}

impl Run<'_> {
	fn sync(&mut self, record: Record) -> Result<(), Error> {
		self.sink
			.sync()
			.map_err(|source| Error::io("make files durable", source))?;
		self.unsynced = (0, 0);
		self.journal.add(record)
	}

	fn restore(&mut self, reader: &mut Reader<'_>, entry: &Entry, number: u64) -> Result<(), Error> {
		let failed = |source| Error::io(format!("write {}", entry.shown()), source);
		let have = self
			.part
			.filter(|(part, _)| *part == number)
			.map_or(0, |(_, bytes)| bytes);
		let have = self.sink.begin(entry, have.min(entry.size)).map_err(failed)?;
		let mut whole = self.fill(reader, entry, number, have)?;
		if !whole && have > 0 {
			// What lay there was not what had been written.
			self.sink.begin(entry, 0).map_err(failed)?;
			whole = self.fill(reader, entry, number, 0)?;
		}
		if !whole {
			return Err(Error::WrongFile { path: entry.shown() });
		}
		self.unsynced.1 += 1;
		self.sink.finish(entry).map_err(failed)
	}

	/// Writes an entry of which `have` bytes are there. Whether the hash of all is its own.
	fn fill(&mut self, reader: &mut Reader<'_>, entry: &Entry, number: u64, have: u64) -> Result<bool, Error> {
		let failed = |source| Error::io(format!("write {}", entry.shown()), source);
		let (mut hasher, mut at) = (blake3::Hasher::new(), 0);
		while at < entry.size {
			let there = at < have;
			let end = if there { have.min(entry.size) } else { entry.size };
			let count = (end - at).min(self.buffer.len() as u64);
			let bytes = &mut self.buffer[..count as usize];
			if there {
				self.sink.read_back(at, bytes).map_err(failed)?;
			} else {
				reader.read(entry.offset + at, bytes)?;
				self.sink.write(at, bytes).map_err(failed)?;
				self.bytes += count;
				self.unsynced.0 += count;
			}
			hasher.update(bytes);
			at += count;
			// Of a link nothing is there before it is whole.
			if self.unsynced.0 >= SYNC_BYTES && at < entry.size && entry.kind == Kind::File {
				self.sync(Record::count(Tag::Part, number, at))?;
			}
		}
		Ok(*hasher.finalize().as_bytes() == entry.hash)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::manifest::Meta;

	#[test]
	fn a_selection_takes_what_lies_in_it_and_the_way_there() {
		let entry = |path: &str, kind| {
			let meta = Meta {
				path: path.into(),
				kind,
				mode: 0,
				seconds: 0,
				nanos: 0,
				size: None,
			};
			meta.entry(0, 0, [0; 32])
		};
		let takes = |path, kind| Selection::Under(b"a/b".to_vec()).takes(&entry(path, kind));
		for (path, kind, expected) in [
			("a", Kind::Folder, true),
			("a/b", Kind::Folder, true),
			("a/b", Kind::File, true),
			("a/b/c", Kind::File, true),
			("a/bc", Kind::File, false),
			("a/c", Kind::Folder, false),
			("a", Kind::File, false),
			("b", Kind::Folder, false),
		] {
			assert_eq!(takes(path, kind), expected, "{path}");
			assert!(Selection::All.takes(&entry(path, kind)));
		}
	}
}
