//! One slot: its files, how much of it counts, and how it is sealed.

use crate::layout::{replace, sync_folder, Mark, Meta, DATA, MARK, META, OUTBOARD, RECORD, SECOND, VALUES};
use smartchain_transfer::{
	stream::Builder,
	wire::{SlotId, GROUP},
};
use std::{
	fs::{self, File, OpenOptions},
	io::{self, BufReader, BufWriter, ErrorKind, Read, Write},
	ops::{Deref, DerefMut},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	sync::{Mutex, MutexGuard, PoisonError},
};
use storage_proof_primitives::{Hash, Streamed, PAIR_BYTES};

/// Bytes of a group's value.
const VALUE: u64 = 32;
/// Bytes that are read at a time.
pub(crate) const STEP: usize = 1 << 20;

/// A slot on the disk.
#[derive(Debug)]
pub(crate) struct Entry {
	folder: PathBuf,
	state: Mutex<State>,
	/// How it stood last: whoever only looks waits for nobody who hashes or syncs.
	seen: Mutex<Seen>,
}

/// How a slot stands, for those who look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
	pub meta: Meta,
	/// Bytes from the first on that count,
	pub written: u64,
	/// and those that are durable.
	pub durable: u64,
	/// Whether it is being deleted.
	pub gone: bool,
}

/// The state while somebody has it. What has become of it is seen by others once this is dropped.
pub(crate) struct Working<'a> {
	state: MutexGuard<'a, State>,
	seen: &'a Mutex<Seen>,
}

impl Deref for Working<'_> {
	type Target = State;

	fn deref(&self) -> &State {
		&self.state
	}
}

impl DerefMut for Working<'_> {
	fn deref_mut(&mut self) -> &mut State {
		&mut self.state
	}
}

impl Drop for Working<'_> {
	fn drop(&mut self) {
		*self.seen.lock().unwrap_or_else(PoisonError::into_inner) = self.state.seen();
	}
}

/// How it stands.
#[derive(Debug)]
pub(crate) struct State {
	pub meta: Meta,
	/// Bytes from the first on that count,
	pub written: u64,
	/// and those that are durable.
	pub durable: u64,
	/// Bytes from the first on that were written, by several writes that follow each other; the last of them count only
	/// once that is said.
	came: u64,
	/// How many marks were written.
	marks: u64,
	/// Who may write: whoever came before has another number.
	pub writer: u64,
	/// Whether it is being deleted.
	pub gone: bool,
	files: Option<Files>,
}

impl State {
	fn seen(&self) -> Seen {
		Seen {
			meta: self.meta,
			written: self.written,
			durable: self.durable,
			gone: self.gone,
		}
	}
}

/// The files of a slot that comes.
#[derive(Debug)]
struct Files {
	data: File,
	values: File,
	mark: File,
}

fn open(path: &Path) -> io::Result<File> {
	OpenOptions::new()
		.read(true)
		.write(true)
		.create(true)
		.truncate(false)
		.open(path)
}

/// A whole slot is written no more, and neither is one that somebody else has begun to write.
pub(crate) fn sealed() -> io::Error {
	io::Error::new(
		ErrorKind::AlreadyExists,
		"the slot is whole, or somebody else writes it",
	)
}

impl Entry {
	/// One whose files are there, of a run before.
	///
	/// # Errors
	/// The disk's; `InvalidData` if its meta is none.
	pub fn read(folder: PathBuf) -> io::Result<Self> {
		let bytes = fs::read(folder.join(META))?;
		let damaged = || io::Error::new(ErrorKind::InvalidData, "its meta is damaged");
		let meta = Meta::decode(&bytes).ok_or_else(damaged)?;
		let mark = match fs::read(folder.join(MARK)) {
			Ok(bytes) => Mark::of(&bytes),
			Err(error) if error.kind() == ErrorKind::NotFound => Mark::default(),
			Err(error) => return Err(error),
		};
		let durable = match meta.root {
			Some(_) => meta.bytes,
			None => mark.durable.min(meta.bytes),
		};
		if meta.root.is_some() {
			// The program ended between the meta and these.
			leave(&folder)?;
		}
		let state = State {
			meta,
			written: durable,
			durable,
			came: durable,
			marks: mark.count,
			writer: 0,
			gone: false,
			files: None,
		};
		Ok(Self::of(folder, state))
	}

	fn of(folder: PathBuf, state: State) -> Self {
		Self {
			folder,
			seen: Mutex::new(state.seen()),
			state: Mutex::new(state),
		}
	}

	/// A new one: room for all of its bytes is taken. It counts once its meta is there.
	///
	/// # Errors
	/// The disk's.
	pub fn make(folder: PathBuf, meta: Meta) -> io::Result<Self> {
		fs::create_dir_all(&folder)?;
		let data = open(&folder.join(DATA))?;
		// It was whole once, and its meta is gone: what is there is hashed, which tells whether it still is.
		let whole = data.metadata()?.len() == meta.bytes && folder.join(OUTBOARD).exists();
		reserve(&data, meta.bytes)?;
		data.sync_all()?;
		leave(&folder)?;
		if !whole {
			remove(&folder.join(OUTBOARD))?;
		}
		let state = State {
			meta,
			written: 0,
			durable: 0,
			came: 0,
			marks: 0,
			writer: 0,
			gone: false,
			files: None,
		};
		let entry = Self::of(folder, state);
		if whole {
			let mut state = entry.state();
			entry.open_files(&mut state)?;
			entry.mark(&mut state, meta.bytes)?;
			(state.written, state.came, state.files) = (meta.bytes, meta.bytes, None);
		}
		replace(&entry.folder, META, &meta.encode())?;
		entry.folder.parent().map_or(Ok(()), sync_folder)?;
		Ok(entry)
	}

	/// Its folder.
	pub fn folder(&self) -> &Path {
		&self.folder
	}

	/// How it stands, for as long as the guard lives.
	pub fn state(&self) -> Working<'_> {
		Working {
			state: self.state.lock().unwrap_or_else(PoisonError::into_inner),
			seen: &self.seen,
		}
	}

	/// How it stood last. It waits for nobody.
	pub fn seen(&self) -> Seen {
		*self.seen.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// From now on the caller alone writes, until the next one comes.
	///
	/// # Errors
	/// `AlreadyExists` if it is sealed, `NotFound` if it is being deleted; the disk's.
	pub fn begin_to_write(&self) -> io::Result<u64> {
		let mut state = self.state();
		if state.gone {
			return Err(ErrorKind::NotFound.into());
		}
		if state.meta.root.is_some() {
			return Err(sealed());
		}
		self.open_files(&mut state)?;
		state.writer = state.writer.wrapping_add(1);
		// What another one brought and did not end is nothing to go on from.
		state.came = state.written;
		Ok(state.writer)
	}

	fn open_files(&self, state: &mut State) -> io::Result<()> {
		if state.files.is_some() {
			return Ok(());
		}
		let files = Files {
			data: open(&self.folder.join(DATA))?,
			values: open(&self.folder.join(VALUES))?,
			mark: open(&self.folder.join(MARK))?,
		};
		if files.mark.metadata()?.len() < SECOND + RECORD as u64 {
			files.mark.set_len(SECOND + RECORD as u64)?;
			files.mark.sync_all()?;
		}
		// That the files are there has to be durable before what they say is.
		sync_folder(&self.folder)?;
		state.files = Some(files);
		Ok(())
	}

	/// The state, if this writer is still the one; its files are open.
	fn writing(&self, writer: u64) -> io::Result<Working<'_>> {
		let mut state = self.state();
		if state.writer != writer || state.meta.root.is_some() || state.gone {
			return Err(sealed());
		}
		self.open_files(&mut state)?;
		Ok(state)
	}

	/// Closes its files, so that others can be opened: a process has only so many. What came and was not durable is on
	/// the disk afterwards, or does not count. If somebody works on it, nothing happens.
	pub fn rest(&self) {
		let Ok(state) = self.state.try_lock() else {
			return;
		};
		let mut state = Working {
			state,
			seen: &self.seen,
		};
		let Some(files) = state.files.take() else {
			return;
		};
		if files.data.sync_data().and_then(|()| files.values.sync_data()).is_err() {
			state.written = state.written.min(state.durable);
			state.came = state.written;
		}
	}

	/// Writes bytes at an offset that is a multiple of a group and no more than what counts, or where the last write
	/// ended, with the values of their groups. They count once [`Self::count`] says so.
	///
	/// # Errors
	/// The disk's; `InvalidInput` if the offset is another one.
	pub fn write(&self, writer: u64, offset: u64, bytes: &[u8], values: &[Hash]) -> io::Result<()> {
		let mut state = self.writing(writer)?;
		let end = offset.saturating_add(bytes.len() as u64);
		if offset % GROUP != 0 || offset > state.came || end > state.meta.bytes {
			return Err(ErrorKind::InvalidInput.into());
		}
		if offset < state.durable {
			// What is written over may never again be said to be there.
			self.mark(&mut state, offset)?;
		}
		state.written = state.written.min(offset);
		state.came = offset;
		let Some(files) = &state.files else {
			return Err(sealed());
		};
		files.data.write_all_at(bytes, offset)?;
		files.values.write_all_at(&values.concat(), offset / GROUP * VALUE)?;
		state.came = end;
		Ok(())
	}

	/// What was written up to `end` counts.
	///
	/// # Errors
	/// If another one writes by now; `InvalidInput` if not so much was written.
	pub fn count(&self, writer: u64, end: u64) -> io::Result<()> {
		let mut state = self.writing(writer)?;
		if end > state.came {
			return Err(ErrorKind::InvalidInput.into());
		}
		state.written = end;
		Ok(())
	}

	/// Makes durable what counts; and if that is all, seals it. Returns how much is durable.
	///
	/// # Errors
	/// The disk's.
	pub fn sync(&self, writer: u64) -> io::Result<u64> {
		let mut state = self.writing(writer)?;
		let written = state.written;
		if written != state.durable {
			let Some(files) = &state.files else {
				return Err(sealed());
			};
			// First the bytes, then what says that they are there.
			files.data.sync_data()?;
			files.values.sync_data()?;
			self.mark(&mut state, written)?;
		}
		if state.durable == state.meta.bytes {
			self.seal(&mut state)?;
		}
		Ok(state.durable)
	}

	fn mark(&self, state: &mut State, durable: u64) -> io::Result<()> {
		let Some(files) = &state.files else {
			return Err(sealed());
		};
		let mark = Mark {
			count: state.marks.saturating_add(1),
			durable,
		};
		files.mark.write_all_at(&mark.encode(), mark.place())?;
		files.mark.sync_data()?;
		(state.marks, state.durable) = (mark.count, durable);
		Ok(())
	}

	/// Makes the outboard of a slot that is wholly durable, from the values of its groups if these are there, else from
	/// its bytes. Both are durable afterwards.
	///
	/// # Errors
	/// The disk's.
	pub fn seal(&self, state: &mut State) -> io::Result<Hash> {
		let beside = self.folder.join("outboard.new");
		let mut outboard = BufWriter::new(File::create(&beside)?);
		let root = match self.from_values(&state.meta, &mut outboard)? {
			Some(root) => root,
			None => hash(&self.folder, state.meta.bytes, |pairs| outboard.write_all(pairs))?,
		};
		outboard
			.into_inner()
			.map_err(io::IntoInnerError::into_error)?
			.sync_all()?;
		fs::rename(&beside, self.folder.join(OUTBOARD))?;
		let meta = Meta {
			root: Some(root),
			..state.meta
		};
		replace(&self.folder, META, &meta.encode())?;
		(state.meta, state.files) = (meta, None);
		leave(&self.folder)?;
		Ok(root)
	}

	/// From values that are all there.
	fn from_values(&self, meta: &Meta, outboard: &mut impl Write) -> io::Result<Option<Hash>> {
		let groups = meta.bytes.div_ceil(GROUP);
		let values = match File::open(self.folder.join(VALUES)) {
			Ok(values) if groups > 1 && values.metadata()?.len() >= groups * VALUE => values,
			Ok(_) => return Ok(None),
			Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
			Err(error) => return Err(error),
		};
		let (mut values, mut builder) = (BufReader::with_capacity(STEP, values), Builder::new(meta.bytes));
		let (mut value, mut pairs, mut root): (Hash, _, _) = ([0; 32], Vec::with_capacity(64 * PAIR_BYTES), None);
		for _ in 0..groups {
			values.read_exact(&mut value)?;
			root = builder.push(value, &mut pairs);
			outboard.write_all(&pairs)?;
			pairs.clear();
		}
		Ok(root)
	}

	/// Its outboard is damaged, or its root another one: it has to be hashed again, or built anew.
	///
	/// # Errors
	/// The disk's.
	pub fn unseal(&self, state: &mut State, durable: u64) -> io::Result<()> {
		if durable < state.meta.bytes {
			// Before anything says that it comes again: values of before are none of what will come.
			leave(&self.folder)?;
		}
		state.files = None;
		state.writer = state.writer.wrapping_add(1);
		let meta = Meta {
			root: None,
			..state.meta
		};
		self.open_files(state)?;
		self.mark(state, durable)?;
		replace(&self.folder, META, &meta.encode())?;
		(state.meta, state.written, state.came) = (meta, durable, durable);
		Ok(())
	}

	/// Notes when it was read as a whole.
	///
	/// # Errors
	/// The disk's.
	pub fn scrubbed(&self, unix: u64) -> io::Result<()> {
		let mut state = self.state();
		let meta = Meta {
			scrubbed: unix,
			..state.meta
		};
		replace(&self.folder, META, &meta.encode())?;
		state.meta = meta;
		Ok(())
	}
}

/// The root of a slot's bytes; pairs of its outboard go to `pairs`, in their order.
pub(crate) fn hash(folder: &Path, bytes: u64, pairs: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<Hash> {
	hash_paced(folder, bytes, pairs, |_| Ok(()))
}

/// The same; `between` is told after each step how many bytes were read.
pub(crate) fn hash_paced(
	folder: &Path,
	bytes: u64,
	mut pairs: impl FnMut(&[u8]) -> io::Result<()>,
	mut between: impl FnMut(u64) -> io::Result<()>,
) -> io::Result<Hash> {
	let data = File::open(folder.join(DATA))?;
	let mut streamed = Streamed::new(bytes, &[]).map_err(io::Error::other)?;
	let (mut buffer, mut found, mut at) = (vec![0; STEP], Vec::new(), 0_u64);
	while at < bytes {
		let length = usize::try_from((bytes - at).min(STEP as u64)).unwrap_or(STEP);
		let part = &mut buffer[..length];
		data.read_exact_at(part, at)?;
		streamed.push(part, &mut found).map_err(io::Error::other)?;
		pairs(&found)?;
		found.clear();
		at += length as u64;
		between(at)?;
	}
	let (contents, _) = streamed.finish(&mut found).map_err(io::Error::other)?;
	pairs(&found)?;
	Ok(contents.root)
}

/// What is of use while a slot comes, and of none afterwards.
fn leave(folder: &Path) -> io::Result<()> {
	[VALUES, MARK].iter().try_for_each(|name| remove(&folder.join(name)))
}

fn remove(path: &Path) -> io::Result<()> {
	match fs::remove_file(path) {
		Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
		_ => Ok(()),
	}
}

/// Takes room for so many bytes at once: a disk that is full later does not concern them. File systems that cannot do
/// that make the file as long, and may be full later.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
	use rustix::{fs::FallocateFlags, io::Errno};
	match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, bytes) {
		Ok(()) => Ok(()),
		Err(Errno::OPNOTSUPP | Errno::NOSYS) => file.set_len(bytes),
		Err(error) => Err(error.into()),
	}
}

/// For those who name slots.
pub(crate) fn id_of(entry: &Entry) -> SlotId {
	entry.seen().meta.id
}
