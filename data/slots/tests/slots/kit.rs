//! Sources, slots and folders in memory, with losses on order.

use smartchain_rng::Rng;
use smartchain_slots::{
	edge::{Log, MemoryLog, Sink, SlotSink, SlotSource, Source},
	get,
	manifest::{Entry, Footer, Index, Kind, Meta, Page},
	meter::Meter,
	put, sealed_len, Error, Frames, Geometry, Get, Put, Restored, Selection, SlotFault, Stored, VolumeKey, PLAIN, TAG,
};
use std::{cell::Cell, collections::BTreeMap, io, rc::Rc};

/// The key of all tests but those of keys.
pub fn key() -> VolumeKey {
	VolumeKey::new([42; 32])
}

/// So many steps until the power fails; each clone counts down the same.
#[derive(Clone)]
pub struct Power(Rc<Cell<u64>>);

impl Power {
	pub fn endless() -> Self {
		Self::for_steps(u64::MAX)
	}

	pub fn for_steps(steps: u64) -> Self {
		Self(Rc::new(Cell::new(steps)))
	}

	fn step(&self) -> io::Result<()> {
		match self.0.get().checked_sub(1) {
			Some(left) => {
				self.0.set(left);
				Ok(())
			}
			None => Err(io::Error::other("the power failed")),
		}
	}

	pub fn failed(&self) -> bool {
		self.0.get() == 0
	}
}

/// An entry with its bytes.
pub type Item = (Meta, Vec<u8>);

pub fn file(path: &str, bytes: Vec<u8>) -> Item {
	let meta = Meta {
		path: path.into(),
		kind: Kind::File,
		mode: 0o640,
		seconds: 1_700_000_000,
		nanos: 1,
		size: Some(bytes.len() as u64),
	};
	(meta, bytes)
}

pub fn folder(path: &str) -> Item {
	let (meta, bytes) = file(path, Vec::new());
	let kind = Kind::Folder;
	(Meta { kind, ..meta }, bytes)
}

pub fn link(path: &str, target: &str) -> Item {
	let (meta, bytes) = file(path, target.into());
	let kind = Kind::Link;
	(Meta { kind, ..meta }, bytes)
}

/// Some entries in path order.
pub fn tree(rng: &mut Rng) -> Vec<Item> {
	let mut items = Vec::new();
	for top in 0..rng.below(5) {
		let path = format!("{top}");
		match rng.below(4) {
			0 => items.push(link(&path, "somewhere/else")),
			1 => {
				items.push(folder(&path));
				for inner in 0..rng.below(4) {
					let length = rng.below(3_000) as usize;
					items.push(file(&format!("{path}/{inner}"), rng.bytes(length)));
				}
			}
			_ => {
				let length = [0, 1, 100, 65_520, 70_000][rng.below(5) as usize];
				items.push(file(&path, rng.bytes(length)));
			}
		}
	}
	items
}

/// Entries of a list, read in pieces of any size.
pub struct Items {
	items: std::vec::IntoIter<Item>,
	current: io::Cursor<Vec<u8>>,
	rng: Rng,
	power: Power,
}

impl Items {
	pub fn new(items: &[Item], power: &Power) -> Self {
		Self {
			items: items.to_vec().into_iter(),
			current: io::Cursor::default(),
			rng: Rng::new(items.len() as u64),
			power: power.clone(),
		}
	}
}

impl Source for Items {
	fn entry(&mut self) -> Result<Option<Meta>, Error> {
		Ok(self.items.next().map(|(meta, bytes)| {
			self.current = io::Cursor::new(bytes);
			meta
		}))
	}

	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		self.power.step()?;
		let most = if self.rng.percent(50) {
			buffer.len()
		} else {
			buffer.len().min(1_000)
		};
		io::Read::read(&mut self.current, &mut buffer[..most])
	}
}

/// Slots in memory. What was not synced is gone with the power.
#[derive(Clone)]
pub struct Slots {
	pub bytes: Vec<Option<Vec<u8>>>,
	durable: Vec<usize>,
	/// A slot that fails after so many reads.
	pub fails: Option<(u8, Rc<Cell<u64>>)>,
	pub power: Power,
	/// How many writes there were.
	pub writes: u64,
}

impl Slots {
	pub fn new(n: u8) -> Self {
		Self {
			bytes: vec![None; n.into()],
			durable: vec![0; n.into()],
			fails: None,
			power: Power::endless(),
			writes: 0,
		}
	}

	pub fn of(bytes: Vec<Vec<u8>>) -> Self {
		Self {
			durable: bytes.iter().map(Vec::len).collect(),
			bytes: bytes.into_iter().map(Some).collect(),
			..Self::new(0)
		}
	}

	/// Forgets what was not durable.
	pub fn crash(&mut self) {
		for (slot, durable) in self.bytes.iter_mut().zip(&self.durable) {
			if let Some(bytes) = slot {
				bytes.truncate(*durable);
			}
		}
	}

	/// Loses a slot for good.
	pub fn lose(&mut self, slot: u8) {
		self.bytes[usize::from(slot)] = None;
		self.durable[usize::from(slot)] = 0;
	}

	/// Those that a mask names, and no others.
	pub fn only(&self, mask: u32) -> Self {
		let mut some = self.clone();
		for slot in 0..self.bytes.len() as u8 {
			if (mask >> slot) & 1 == 0 {
				some.lose(slot);
			}
		}
		some
	}

	/// The bytes of a slot that is there.
	pub fn slot(&mut self, slot: u8) -> &mut Vec<u8> {
		self.bytes[usize::from(slot)].as_mut().expect("it is there")
	}
}

impl SlotSink for Slots {
	fn durable(&mut self, slot: u8) -> io::Result<u64> {
		Ok(self.durable[usize::from(slot)] as u64)
	}

	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.power.step()?;
		self.writes += 1;
		let all = self.bytes[usize::from(slot)].get_or_insert_with(Vec::new);
		let (from, to) = (offset as usize, offset as usize + bytes.len());
		assert!(from <= all.len(), "a hole in slot {slot}");
		all.resize(all.len().max(to), 0);
		all[from..to].copy_from_slice(bytes);
		Ok(())
	}

	fn sync(&mut self) -> io::Result<()> {
		self.power.step()?;
		self.durable = self
			.bytes
			.iter()
			.map(|bytes| bytes.as_ref().map_or(0, Vec::len))
			.collect();
		Ok(())
	}
}

impl SlotSource for Slots {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		let bytes = self.bytes[usize::from(slot)].as_ref().ok_or(SlotFault::Missing)?;
		Ok(bytes.len() as u64)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		if let Some((failing, left)) = &self.fails {
			if *failing == slot {
				match left.get().checked_sub(1) {
					Some(less) => left.set(less),
					None => return Err(SlotFault::Unreadable("it vanished".into())),
				}
			}
		}
		let bytes = self.bytes[usize::from(slot)].as_ref().ok_or(SlotFault::Missing)?;
		let wanted = offset as usize + buffer.len();
		let Some(part) = bytes.get(offset as usize..wanted) else {
			return Err(SlotFault::Length {
				found: bytes.len() as u64,
				wanted: wanted as u64,
			});
		};
		buffer.copy_from_slice(part);
		Ok(())
	}
}

/// A folder in memory. What was not synced is gone with the power, but for the part as far as it was.
#[derive(Clone)]
pub struct Tree {
	pub items: BTreeMap<Vec<u8>, Item>,
	synced: BTreeMap<Vec<u8>, Item>,
	part: Vec<u8>,
	part_synced: Vec<u8>,
	pub power: Power,
	pub written: u64,
}

impl Default for Tree {
	fn default() -> Self {
		Self {
			items: BTreeMap::new(),
			synced: BTreeMap::new(),
			part: Vec::new(),
			part_synced: Vec::new(),
			power: Power::endless(),
			written: 0,
		}
	}
}

impl Tree {
	pub fn crash(&mut self) {
		self.items = self.synced.clone();
		self.part = self.part_synced.clone();
	}

	/// Somebody writes into the part.
	pub fn spoil(&mut self) {
		if let Some(byte) = self.part.first_mut() {
			*byte ^= 1;
		}
	}
}

impl Sink for Tree {
	fn begin(&mut self, entry: &Entry, have: u64) -> io::Result<u64> {
		self.power.step()?;
		if entry.kind == Kind::Folder {
			return Ok(0);
		}
		self.part.truncate(have as usize);
		Ok(self.part.len() as u64)
	}

	fn read_back(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
		let from = offset as usize;
		buffer.copy_from_slice(&self.part[from..from + buffer.len()]);
		Ok(())
	}

	fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.power.step()?;
		assert_eq!(self.part.len() as u64, offset, "in order");
		self.part.extend_from_slice(bytes);
		self.written += bytes.len() as u64;
		Ok(())
	}

	fn finish(&mut self, entry: &Entry) -> io::Result<()> {
		self.power.step()?;
		let meta = Meta {
			path: entry.path.clone(),
			kind: entry.kind,
			mode: entry.mode,
			seconds: entry.seconds,
			nanos: entry.nanos,
			size: Some(entry.size),
		};
		self.items
			.insert(entry.path.clone(), (meta, std::mem::take(&mut self.part)));
		Ok(())
	}

	fn sync(&mut self) -> io::Result<()> {
		self.power.step()?;
		self.synced = self.items.clone();
		self.part_synced = self.part.clone();
		Ok(())
	}

	fn end(&mut self) -> io::Result<()> {
		Ok(())
	}
}

/// A journal whose last record tears if the power fails while it is written.
#[derive(Clone)]
pub struct Torn {
	pub log: MemoryLog,
	pub power: Power,
}

impl Log for Torn {
	fn load(&mut self, most: u64) -> io::Result<Vec<u8>> {
		self.log.load(most)
	}

	fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
		let fails = self.power.step();
		let kept = if fails.is_err() { bytes.len() / 2 } else { bytes.len() };
		self.log.append(&bytes[..kept])?;
		fails
	}

	fn cut(&mut self, length: u64) -> io::Result<()> {
		self.log.cut(length)
	}
}

/// Stores entries.
pub fn stored(items: &[Item], geometry: Geometry) -> (Stored, Slots) {
	let mut slots = Slots::new(geometry.n());
	let stored = put(Put {
		source: &mut Items::new(items, &Power::endless()),
		key: &key(),
		geometry,
		sink: &mut slots,
		log: &mut MemoryLog::default(),
		meter: &Meter::default(),
	});
	(stored.expect("it is stored"), slots)
}

/// Restores all, and compares it with what was stored.
pub fn restored(items: &[Item], stored: &Stored, slots: &mut Slots) -> Restored {
	let mut tree = Tree::default();
	let restored = fetched(stored, slots, &mut tree).expect("it comes back");
	compare(items, &tree);
	restored
}

/// Restores all into a tree.
pub fn fetched(stored: &Stored, slots: &mut Slots, sink: &mut Tree) -> Result<Restored, Error> {
	get(Get {
		stored,
		key: &key(),
		slots,
		selection: Selection::All,
		sink,
		log: &mut MemoryLog::default(),
		meter: &Meter::default(),
	})
}

pub fn compare(items: &[Item], tree: &Tree) {
	assert_eq!(tree.items.len(), items.len());
	for (meta, bytes) in items {
		let (found, content) = &tree.items[&meta.path];
		assert_eq!(found, meta);
		assert!(content == bytes, "{}", String::from_utf8_lossy(&meta.path));
	}
}

/// All masks with `count` of `n` bits.
pub fn masks(n: u8, count: u8) -> impl Iterator<Item = u32> {
	(0..1_u32 << n).filter(move |mask| mask.count_ones() == u32::from(count))
}

/// Seals plaintext frame by frame into one slot.
pub fn sealed(plain: &[u8]) -> Vec<u8> {
	let frames = Frames::new(&key());
	let count = plain.len().div_ceil(PLAIN);
	let mut all = Vec::new();
	for (index, text) in plain.chunks(PLAIN).enumerate() {
		let mut frame = [text, &[0; TAG]].concat();
		frames.seal(index as u64, index + 1 == count, &mut frame).unwrap();
		all.extend(frame);
	}
	assert_eq!(all.len() as u64, sealed_len(plain.len() as u64));
	all
}

/// The one slot of a sealed volume.
pub fn slot(sealed: Vec<u8>) -> (Stored, Slots) {
	let (length, mut slot) = (sealed.len() as u64, sealed);
	slot.resize(slot.len().next_multiple_of(64), 0);
	let roots = vec![*blake3::hash(&slot).as_bytes()];
	let stored = Stored::new(Geometry::new(1, 1, 64).unwrap(), length, roots).unwrap();
	(stored, Slots::of(vec![slot]))
}

/// The plaintext of a volume with these bytes of files and these entries.
pub fn volume(data: &[u8], entries: &[Entry]) -> Vec<u8> {
	let mut plain = data.to_vec();
	let mut page = Vec::new();
	for entry in entries {
		entry.encode_to(&mut page);
	}
	let pages = vec![Page {
		offset: data.len() as u64,
		length: page.len() as u32,
		entries: entries.len() as u32,
	}];
	plain.extend(&page);
	let footer = Footer {
		index: plain.len() as u64,
		pages: 1,
		entries: entries.len() as u64,
		data: data.len() as u64,
	};
	plain.extend(Index(pages).encode());
	plain.extend(footer.encode());
	plain
}

/// An entry with these bytes, which lie at an offset of the volume.
pub fn entry(path: &str, kind: Kind, offset: u64, bytes: &[u8]) -> Entry {
	Entry {
		path: path.into(),
		kind,
		mode: 0o644,
		seconds: 0,
		nanos: 0,
		size: bytes.len() as u64,
		offset,
		hash: *blake3::hash(bytes).as_bytes(),
	}
}
