//! From a source to slots: packed, sealed, coded, hashed.
//!
//! A span of plaintext is read, hashed, and its hash durable in the journal before a byte of it is sealed. So a run
//! that goes on after a crash seals the same bytes under the same nonces, or nothing.

use crate::{
	coder::Encoder,
	edge::{Log, SlotSink, Source},
	journal::{Journal, Record, Tag, PUT},
	manifest::{shown, Entry, Footer, Index, Kind, Meta, Page, Pager, MAX_LINK, PAGE},
	meter::{Buffer, Meter},
	seal::{sealed_len, Frames, FRAME, PLAIN, TAG},
	Error, Geometry, Stored, VolumeKey,
};
use zeroize::Zeroizing;

/// Frames of a span.
const SPAN_FRAMES: usize = 256;
/// Sealed bytes of a span: what is hashed, journalled, and then sealed at once.
pub const SPAN: usize = SPAN_FRAMES * FRAME;
/// Bytes of plaintext in a span.
const SPAN_PLAIN: usize = SPAN_FRAMES * PLAIN;
/// Slots are synced after so many spans.
const SYNC_SPANS: u64 = 4;
/// Bytes that are read from a source at once.
const READ: usize = 256 << 10;

/// What is to be stored, how, and where to.
pub struct Put<'a> {
	/// What.
	pub source: &'a mut dyn Source,
	/// Drawn for this volume alone; the same when a run goes on.
	pub key: &'a VolumeKey,
	/// How it lies in slots.
	pub geometry: Geometry,
	/// Where to.
	pub sink: &'a mut dyn SlotSink,
	/// What was done: empty, or that of the run that is to go on.
	pub log: &'a mut dyn Log,
	/// Counts memory.
	pub meter: &'a Meter,
}

/// Stores a volume. Called again with the same key and journal after a crash it goes on: what slots have is not written
/// again. Who wants to show how far it is counts in the source and the sink.
///
/// Errors: [`Error::Resumed`] if the source changed in between, [`Error::Changed`] if a file did while it was read.
pub fn put(job: Put<'_>) -> Result<Stored, Error> {
	let Put {
		source,
		key,
		geometry,
		sink,
		log,
		meter,
	} = job;
	let journal = Journal::open(log, PUT, &id(key, geometry))?;
	let mut from = Vec::new();
	for slot in 0..geometry.n() {
		let durable = sink.durable(slot);
		from.push(durable.map_err(|source| Error::io(format!("look at slot {slot}"), source))?);
	}
	if let Some(stored) = ended(&journal, geometry)? {
		if from.iter().all(|durable| *durable == stored.slot_len()) {
			return Ok(stored);
		}
	}
	let told = told_by(&journal, geometry)?;
	if from.iter().any(|durable| *durable > told) {
		return Err(Error::JournalLost);
	}
	let out = Out {
		encoder: Encoder::new(geometry, meter)?,
		store: Store {
			sink,
			from,
			hashers: vec![blake3::Hasher::new(); usize::from(geometry.n())],
		},
		geometry,
		stripes: 0,
	};
	let writer = Writer {
		frames: Frames::new(key),
		checkpoints: key.checkpoints(),
		journal,
		out,
		span: meter.buffer(SPAN)?,
		filled: 0,
		spans: 0,
		plain: 0,
	};
	pack(source, writer, meter)
}

/// Bytes of each slot, at most, of which a journal tells what was sealed for them. A sink that has more lies, or the
/// journal is lost or an old copy: [`put`] refuses to go on with either, for it would seal other bytes perhaps.
///
/// Errors: the journal is of another volume, or damaged.
pub fn told(log: &mut dyn Log, key: &VolumeKey, geometry: Geometry) -> Result<u64, Error> {
	told_by(&Journal::open(log, PUT, &id(key, geometry))?, geometry)
}

fn told_by(journal: &Journal<'_>, geometry: Geometry) -> Result<u64, Error> {
	let spans = journal.records().iter().filter(|record| record.tag == Tag::Span);
	geometry.slot_len((spans.count() as u64).saturating_mul(SPAN as u64))
}

/// What the journal knows the volume by.
fn id(key: &VolumeKey, geometry: Geometry) -> [u8; 32] {
	let mut hasher = blake3::Hasher::new_keyed(&key.check());
	hasher.update(&[geometry.k(), geometry.n()]);
	hasher.update(&(geometry.unit() as u64).to_le_bytes());
	*hasher.finalize().as_bytes()
}

/// What the journal says was stored, if it says so.
fn ended(journal: &Journal<'_>, geometry: Geometry) -> Result<Option<Stored>, Error> {
	let Some(end) = journal.last(Tag::End) else {
		return Ok(None);
	};
	let mut roots = vec![[0; 32]; geometry.n().into()];
	// Those of a run that ended among them may come twice; they are the same.
	for record in journal.records().iter().filter(|record| record.tag == Tag::Root) {
		if let Some(root) = usize::try_from(record.number).ok().and_then(|slot| roots.get_mut(slot)) {
			*root = record.value;
		}
	}
	Stored::new(geometry, end.value(), roots).map(Some)
}

/// Writes files, pages, index and footer into the volume.
fn pack(source: &mut dyn Source, mut writer: Writer<'_>, meter: &Meter) -> Result<Stored, Error> {
	let (mut index, mut pager, mut page) = (Index::default(), Pager::default(), Vec::new());
	let _page = meter.charge(PAGE)?;
	let mut buffer = meter.buffer(READ)?;
	let (mut in_page, mut entries, mut data) = (0_u32, 0_u64, 0_u64);
	while let Some(meta) = source.entry()? {
		let length = meta.entry_len()?;
		let entry = pack_entry(source, meta, &mut writer, &mut buffer)?;
		data += entry.size;
		if pager.is_full(length) {
			end_page(&mut pager, &mut index, &mut page, &mut in_page, &mut writer)?;
		}
		pager.add(length);
		entry.encode_to(&mut page);
		in_page += 1;
		entries += 1;
	}
	end_page(&mut pager, &mut index, &mut page, &mut in_page, &mut writer)?;
	let footer = Footer {
		index: writer.plain,
		pages: pager.pages(),
		entries,
		data,
	};
	writer.push(&index.encode())?;
	writer.push(&footer.encode())?;
	writer.finish()
}

fn end_page(
	pager: &mut Pager,
	index: &mut Index,
	page: &mut Vec<u8>,
	entries: &mut u32,
	writer: &mut Writer<'_>,
) -> Result<(), Error> {
	if pager.end()? {
		index.0.push(Page {
			offset: writer.plain,
			length: page.len() as u32,
			entries: *entries,
		});
		writer.push(page)?;
		page.clear();
		*entries = 0;
	}
	Ok(())
}

fn pack_entry(source: &mut dyn Source, meta: Meta, writer: &mut Writer<'_>, buffer: &mut [u8]) -> Result<Entry, Error> {
	let (offset, mut hasher) = (writer.plain, blake3::Hasher::new());
	let shown = || shown(&meta.path);
	if meta.kind != Kind::Folder {
		loop {
			let read = source
				.read(buffer)
				.map_err(|error| Error::io(format!("read {}", shown()), error))?;
			if read == 0 {
				break;
			}
			hasher.update(&buffer[..read]);
			writer.push(&buffer[..read])?;
			let found = writer.plain - offset;
			let planned = meta.size.unwrap_or(u64::MAX);
			if found > planned || (meta.kind == Kind::Link && found > MAX_LINK) {
				let path = shown();
				return Err(Error::Changed { path, planned, found });
			}
		}
	}
	let found = writer.plain - offset;
	if let Some(planned) = meta.size.filter(|planned| *planned != found) {
		let path = shown();
		return Err(Error::Changed { path, planned, found });
	}
	let hash = *hasher.finalize().as_bytes();
	Ok(meta.entry(found, offset, hash))
}

/// Takes plaintext and seals span after span.
struct Writer<'a> {
	frames: Frames,
	checkpoints: Zeroizing<[u8; 32]>,
	journal: Journal<'a>,
	out: Out<'a>,
	/// Room for whole sealed frames, each with its plaintext and its tag's place.
	span: Buffer,
	/// Bytes of plaintext in the span.
	filled: usize,
	spans: u64,
	/// Bytes of plaintext in all.
	plain: u64,
}

impl Writer<'_> {
	fn push(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
		while !bytes.is_empty() {
			// Only what comes after a full span shows that it is not the last one.
			if self.filled == SPAN_PLAIN {
				self.seal(false)?;
			}
			let at = self.filled / PLAIN * FRAME + self.filled % PLAIN;
			let room = bytes.len().min(PLAIN - self.filled % PLAIN);
			let (now, later) = bytes.split_at(room);
			self.span[at..at + room].copy_from_slice(now);
			self.filled += room;
			self.plain += room as u64;
			bytes = later;
		}
		Ok(())
	}

	/// Bytes of plaintext in each frame of the span.
	fn lengths(&self) -> impl Iterator<Item = usize> {
		let filled = self.filled;
		(0..filled.div_ceil(PLAIN)).map(move |frame| PLAIN.min(filled - frame * PLAIN))
	}

	/// Seals the span and sends it out, if it is what was sealed before.
	fn seal(&mut self, last: bool) -> Result<(), Error> {
		let mut hasher = blake3::Hasher::new_keyed(&self.checkpoints);
		hasher.update(&self.spans.to_le_bytes()).update(&[u8::from(last)]);
		for (frame, length) in self.lengths().enumerate() {
			hasher.update(&self.span[frame * FRAME..][..length]);
		}
		self.check(*hasher.finalize().as_bytes())?;
		let count = self.filled.div_ceil(PLAIN);
		for (frame, length) in self.lengths().enumerate() {
			let index = self.spans * SPAN_FRAMES as u64 + frame as u64;
			let room = &mut self.span[frame * FRAME..][..length + TAG];
			self.frames.seal(index, last && frame + 1 == count, room)?;
		}
		let sealed = self.filled + count * TAG;
		let padded = sealed.next_multiple_of(self.out.geometry.unit());
		self.span[sealed..padded].fill(0);
		for unit in self.span[..padded].chunks_exact(self.out.geometry.unit()) {
			self.out.unit(unit)?;
		}
		self.filled = 0;
		self.spans += 1;
		if self.spans % SYNC_SPANS == 0 {
			self.out.store.sync()?;
		}
		Ok(())
	}

	/// Whether the span is what the journal says, or durable in the journal from now on.
	fn check(&mut self, hash: [u8; 32]) -> Result<(), Error> {
		let span = self.spans;
		let record = Record {
			tag: Tag::Span,
			number: span,
			value: hash,
		};
		// Spans come first and in order, so that each has its place. Where another record lies, what was stored ended.
		match usize::try_from(span).ok().and_then(|at| self.journal.records().get(at)) {
			Some(known) if *known == record => Ok(()),
			Some(_) => Err(Error::Resumed { span }),
			None => self.journal.add(record),
		}
	}

	fn finish(mut self) -> Result<Stored, Error> {
		self.seal(true)?;
		let roots = self.out.finish()?;
		let stored = Stored::new(self.out.geometry, sealed_len(self.plain), roots)?;
		if let Some(before) = ended(&self.journal, self.out.geometry)? {
			if before == stored {
				return Ok(stored);
			}
			return Err(Error::Resumed { span: self.spans - 1 });
		}
		for (slot, root) in (0..).zip(stored.roots()) {
			self.journal.add(Record {
				tag: Tag::Root,
				number: slot,
				value: *root,
			})?;
		}
		self.journal.add(Record::count(Tag::End, 0, stored.volume_len()))?;
		Ok(stored)
	}
}

/// Takes sealed units, and makes and hashes slots of them.
struct Out<'a> {
	encoder: Encoder,
	store: Store<'a>,
	geometry: Geometry,
	stripes: u64,
}

impl Out<'_> {
	fn unit(&mut self, unit: &[u8]) -> Result<(), Error> {
		let offset = self.stripes * self.geometry.unit() as u64;
		// A slot's bound.
		self.geometry
			.slot_len((self.stripes + 1).saturating_mul(self.geometry.stripe() as u64))?;
		self.store.write(self.encoder.slot(), offset, unit)?;
		if self.encoder.add(unit)? {
			let store = &mut self.store;
			self.encoder.parity(|slot, unit| store.write(slot, offset, unit))?;
			self.stripes += 1;
		}
		Ok(())
	}

	/// Fills the last stripe with zeros; the root of each slot.
	fn finish(&mut self) -> Result<Vec<[u8; 32]>, Error> {
		let zeros = vec![0; self.geometry.unit()];
		while self.encoder.slot() != 0 {
			self.unit(&zeros)?;
		}
		self.store.sync()?;
		Ok(self
			.store
			.hashers
			.iter()
			.map(|hasher| *hasher.finalize().as_bytes())
			.collect())
	}
}

/// The slots, as far as they are not there already.
struct Store<'a> {
	sink: &'a mut dyn SlotSink,
	/// Bytes of each that were durable at the start.
	from: Vec<u64>,
	hashers: Vec<blake3::Hasher>,
}

impl Store<'_> {
	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> Result<(), Error> {
		let index = usize::from(slot);
		self.hashers[index].update(bytes);
		let there = self.from[index].saturating_sub(offset);
		let Some(new) = usize::try_from(there).ok().and_then(|there| bytes.get(there..)) else {
			return Ok(());
		};
		if new.is_empty() {
			return Ok(());
		}
		let written = self.sink.write(slot, offset + there, new);
		written.map_err(|source| Error::io(format!("write slot {slot}"), source))
	}

	fn sync(&mut self) -> Result<(), Error> {
		self.sink
			.sync()
			.map_err(|source| Error::io("make slots durable", source))
	}
}
