//! Chunks that are opened, slots that are read as a whole, groups that are mended.

use crate::{
	entry::{hash, hash_paced, Entry},
	error::{is_lost, is_unreadable, At, ReadError, StoreError},
	layout::{DATA, OUTBOARD},
	store::SlotStore,
};
use smartchain_transfer::wire::{SlotId, GROUP};
use std::{
	fmt,
	fs::{File, OpenOptions},
	io::{self, BufReader, ErrorKind, Read},
	mem,
	os::unix::fs::FileExt,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex, PoisonError,
	},
	thread,
	time::{Duration, Instant},
};
use storage_proof_primitives::{open, Contents, Hash, OpenError, Opening, ReadAt, GROUP_CHUNKS};

/// Ends what takes long. Clones are the same.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Cancelled>);

#[derive(Default)]
struct Cancelled {
	is: AtomicBool,
	then: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
}

impl fmt::Debug for Cancel {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
	}
}

impl Cancel {
	/// Nobody waits for it any more.
	pub fn cancel(&self) {
		self.0.is.store(true, Ordering::SeqCst);
		let then = mem::take(&mut *self.0.then.lock().unwrap_or_else(PoisonError::into_inner));
		then.into_iter().for_each(|what| what());
	}

	/// Whether that is so.
	pub fn is_cancelled(&self) -> bool {
		self.0.is.load(Ordering::SeqCst)
	}

	/// Has something done once nobody waits any more; at once, if that is so by now. It ends what waits for others and
	/// does not look here.
	pub fn then(&self, what: impl FnOnce() + Send + 'static) {
		self.0
			.then
			.lock()
			.unwrap_or_else(PoisonError::into_inner)
			.push(Box::new(what));
		if self.is_cancelled() {
			self.cancel();
		}
	}
}

/// How a slot is read as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
	/// As fast as the disk gives it.
	Fast,
	/// Half of the time: whoever reads slots meanwhile has the other half.
	Gentle,
}

/// Longest pause at a time: a cancel is seen by then.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

struct Plain<'a>(&'a File);

impl ReadAt for Plain<'_> {
	type Error = io::Error;

	fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		self.0.read_exact_at(into, offset)
	}
}

/// A slot with other bytes for one group.
struct Patched<'a> {
	data: &'a File,
	from: u64,
	bytes: &'a [u8],
}

impl ReadAt for Patched<'_> {
	type Error = io::Error;

	fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
		if offset == self.from && into.len() == self.bytes.len() {
			into.copy_from_slice(self.bytes);
			return Ok(());
		}
		self.data.read_exact_at(into, offset)
	}
}

/// Groups that the disk cannot read and that count as rotten; if there are more, the disk has failed as a whole.
const MOST_LOST: usize = 1_024;

/// What an error of an opening says of the slot.
fn fault(error: OpenError<io::Error, io::Error>, group: u32) -> ReadError {
	match error {
		OpenError::Refused(why) => ReadError::Refused(why),
		OpenError::RottenGroup(group) => ReadError::Rotten(group),
		// A file that was cut has lost what was behind.
		OpenError::Data(error) if is_lost(&error) => ReadError::Rotten(group),
		OpenError::Outboard(error) if is_lost(&error) => ReadError::Damaged,
		OpenError::Data(error) | OpenError::Outboard(error) => ReadError::from(error),
		OpenError::RottenPair(_) => ReadError::Damaged,
	}
}

fn group_of(chunk: u32) -> u32 {
	chunk / GROUP_CHUNKS
}

impl SlotStore {
	/// A sealed slot with this root.
	fn sound(&self, slot: SlotId, root: &Hash) -> Result<(Arc<Entry>, Contents), ReadError> {
		let entry = self.entry(slot).ok_or(ReadError::Damaged)?;
		let (found, bytes) = {
			let state = entry.seen();
			(state.meta.root, state.meta.bytes)
		};
		if found != Some(*root) {
			return Err(ReadError::Damaged);
		}
		Ok((entry, Contents { root: *root, bytes }))
	}

	/// Opens two chunks. What comes out verifies.
	///
	/// # Errors
	/// [`ReadError`]. A slot that is damaged is not sealed any more, and is to be hashed again.
	pub fn open_chunks(&self, slot: SlotId, root: &Hash, chunks: [u32; 2]) -> Result<[Opening; 2], ReadError> {
		let (entry, contents) = self.sound(slot, root)?;
		let opened = open_two(&entry, &contents, chunks);
		if matches!(opened, Err(ReadError::Damaged)) {
			unseal(&entry)?;
		}
		opened
	}

	/// Reads all of a slot, notes when that was, and names the groups that are not what they were. An outboard that has
	/// suffered is made anew.
	///
	/// # Errors
	/// [`ReadError`]; as above.
	pub fn scrub(
		&self,
		slot: SlotId,
		root: &Hash,
		unix: u64,
		pace: Pace,
		cancel: &Cancel,
	) -> Result<Vec<u32>, ReadError> {
		let (entry, contents) = self.sound(slot, root)?;
		let mut rest = Rest::new(pace, cancel);
		let (found, same) = match read_all(&entry, &contents, &mut rest) {
			Ok(read) => read,
			Err(_) if cancel.is_cancelled() => return Err(ReadError::Cancelled),
			// It was cut, or a sector is lost: each group tells.
			Err(error) if is_lost(&error) => ([0; 32], false),
			Err(error) => return Err(error.into()),
		};
		if found == *root && !same {
			unseal(&entry)?;
			entry.seal(&mut entry.state())?;
		}
		let rotten = match found == *root {
			true => Vec::new(),
			false => each_group(&entry, &contents, &mut rest)?,
		};
		entry.scrubbed(unix)?;
		Ok(rotten)
	}

	/// Writes a group that was built from others, durably, if it is what it should be.
	///
	/// # Errors
	/// `Rotten` if it is something else; else as above.
	pub fn mend(&self, slot: SlotId, root: &Hash, group: u32, bytes: &[u8]) -> Result<(), ReadError> {
		let (entry, contents) = self.sound(slot, root)?;
		let path = entry.folder().join(DATA);
		let data = OpenOptions::new().read(true).write(true).open(path)?;
		let outboard = File::open(entry.folder().join(OUTBOARD))?;
		let mut patched = Patched {
			data: &data,
			from: u64::from(group) * GROUP,
			bytes,
		};
		let opened = open(&contents, group * GROUP_CHUNKS, &mut patched, &mut Plain(&outboard));
		if let Err(error) = opened {
			let error = fault(error, group);
			if matches!(error, ReadError::Damaged) {
				unseal(&entry)?;
			}
			return Err(error);
		}
		data.write_all_at(bytes, u64::from(group) * GROUP)?;
		Ok(data.sync_data()?)
	}

	/// Bytes of a slot's group.
	///
	/// # Errors
	/// `NoSuchSlot`.
	pub fn group_bytes(&self, slot: SlotId, group: u32) -> Result<usize, StoreError> {
		let bytes = self.known(slot)?.seen().meta.bytes;
		let left = bytes.saturating_sub(u64::from(group) * GROUP).min(GROUP);
		Ok(usize::try_from(left).unwrap_or(0))
	}

	/// The root of what is there of a slot, whatever it should be: for people who look.
	///
	/// # Errors
	/// `NoSuchSlot`, `Io`.
	pub fn root_of(&self, slot: SlotId) -> Result<Hash, StoreError> {
		let entry = self.known(slot)?;
		let bytes = entry.seen().meta.bytes;
		hash(entry.folder(), bytes, |_| Ok(())).at("read", entry.folder())
	}
}

fn open_two(entry: &Entry, contents: &Contents, chunks: [u32; 2]) -> Result<[Opening; 2], ReadError> {
	let data = File::open(entry.folder().join(DATA))?;
	let outboard = File::open(entry.folder().join(OUTBOARD))?;
	let one = |chunk: u32| {
		let opened = open(contents, chunk, &mut Plain(&data), &mut Plain(&outboard));
		opened.map_err(|error| fault(error, group_of(chunk)))
	};
	Ok([one(chunks[0])?, one(chunks[1])?])
}

/// All of its bytes stay; its outboard counts for nothing.
fn unseal(entry: &Entry) -> io::Result<()> {
	let mut state = entry.state();
	let bytes = state.meta.bytes;
	entry.unseal(&mut state, bytes)
}

/// The root of what is there, and whether the outboard is that of it.
fn read_all(entry: &Entry, contents: &Contents, rest: &mut Rest<'_>) -> io::Result<(Hash, bool)> {
	let mut outboard = match File::open(entry.folder().join(OUTBOARD)) {
		Ok(file) => Some(BufReader::new(file)),
		Err(error) if error.kind() == ErrorKind::NotFound => None,
		Err(error) => return Err(error),
	};
	let (mut same, mut stored) = (outboard.is_some(), Vec::new());
	let compare = |pairs: &[u8]| {
		if let Some(outboard) = &mut outboard {
			stored.resize(pairs.len(), 0);
			same &= outboard.read_exact(&mut stored).is_ok() && stored == pairs;
		}
		Ok(())
	};
	let found = hash_paced(entry.folder(), contents.bytes, compare, |_| rest.take())?;
	Ok((found, same))
}

/// Each group by itself: slower, and needed only if something has rotten.
fn each_group(entry: &Entry, contents: &Contents, rest: &mut Rest<'_>) -> Result<Vec<u32>, ReadError> {
	let data = File::open(entry.folder().join(DATA))?;
	let outboard = File::open(entry.folder().join(OUTBOARD))?;
	let groups = contents.shape().map_err(ReadError::Refused)?.groups();
	let (mut rotten, mut lost) = (Vec::new(), 0);
	for group in 0..groups {
		let opened = open(contents, group * GROUP_CHUNKS, &mut Plain(&data), &mut Plain(&outboard));
		let opened = match opened {
			Err(OpenError::Data(error)) if is_unreadable(&error) => {
				lost += 1;
				if lost > MOST_LOST {
					return Err(ReadError::Io(error));
				}
				Err(OpenError::RottenGroup(group))
			}
			opened => opened,
		};
		match opened.map_err(|error| fault(error, group)) {
			Ok(_) => (),
			Err(ReadError::Rotten(group)) => rotten.push(group),
			Err(ReadError::Damaged) => {
				unseal(entry)?;
				return Err(ReadError::Damaged);
			}
			Err(error) => return Err(error),
		}
		if group % 64 == 0 && rest.take().is_err() {
			return Err(ReadError::Cancelled);
		}
	}
	Ok(rotten)
}

/// Rests as long as it has worked, if it is to be gentle.
struct Rest<'a> {
	pace: Pace,
	cancel: &'a Cancel,
	since: Instant,
}

impl<'a> Rest<'a> {
	fn new(pace: Pace, cancel: &'a Cancel) -> Self {
		Self {
			pace,
			cancel,
			since: Instant::now(),
		}
	}

	fn take(&mut self) -> io::Result<()> {
		if self.cancel.is_cancelled() {
			return Err(io::Error::from(ErrorKind::Interrupted));
		}
		if self.pace == Pace::Gentle {
			thread::sleep(self.since.elapsed().min(LONGEST_PAUSE));
		}
		self.since = Instant::now();
		Ok(())
	}
}
