//! The store: all slots of a folder.

use crate::{
	entry::Entry,
	error::{is_lost, At, StoreError},
	layout::{
		name_of, replace, store_bytes, store_version, sync_folder, Meta, Owner, DATA, LOCK, MARK, OUTBOARD, SLOTS,
		STORE, TRASH, VALUES,
	},
};
use rustix::fs::{flock, FlockOperation};
use smartchain_transfer::wire::SlotId;
use std::{
	collections::{BTreeMap, VecDeque},
	fs::{self, File, OpenOptions},
	io::ErrorKind,
	os::unix::fs::MetadataExt,
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
};
use storage_proof_primitives::Hash;

/// Bytes of the disk that are left free: a full disk stops more than slots.
pub const RESERVE: u64 = 1 << 30;

/// Slots whose files are open at a time because they come: three each. Whoever begins ever so many small ones is not to
/// take all that this process may open.
const MOST_OPEN: usize = 64;

/// What is on the disk of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
	/// Which.
	pub slot: SlotId,
	/// Bytes that it is to have.
	pub bytes: u64,
	/// Bytes that are durable.
	pub durable: u64,
	/// Its root, if it is sealed.
	pub root: Option<Hash>,
	/// When it was read as a whole, in Unix time, seconds.
	pub scrubbed: Option<u64>,
	/// The tick at which room was made for it.
	pub made: u32,
}

/// What slots take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
	/// Bytes of slots that room was made for.
	pub slots: u64,
	/// Bytes that they may have.
	pub space: u64,
	/// Bytes that the disk has free, less [`RESERVE`].
	pub free: u64,
}

/// Called when more of a slot is durable.
type Told = dyn Fn(SlotId, u64) + Send + Sync;

/// Slots in a folder. Clones are the same store. All calls may wait for the disk.
#[derive(Clone)]
pub struct SlotStore {
	inner: Arc<Inner>,
}

struct Inner {
	folder: PathBuf,
	space: AtomicU64,
	slots: Mutex<BTreeMap<SlotId, Arc<Entry>>>,
	/// Those that come and may have open files, the one that was used last at the end.
	open: Mutex<VecDeque<Arc<Entry>>>,
	/// Held while room is made: two may not take the same.
	making: Mutex<()>,
	told: Box<Told>,
	/// Locked as long as it lives.
	_lock: File,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SlotStore {
	/// Opens a store, and makes it if the folder is empty or not there. What was being deleted is deleted; a slot whose
	/// meta cannot be read is told in the second list, and left as it is. `told` is called when more of a slot is
	/// durable.
	///
	/// # Errors
	/// `InUse`, `Other`, `Version`, `Io`.
	pub fn open(
		folder: &Path,
		owner: &Owner,
		space: u64,
		told: impl Fn(SlotId, u64) + Send + Sync + 'static,
	) -> Result<(Self, Vec<Found>, Vec<String>), StoreError> {
		fs::create_dir_all(folder).at("make", folder)?;
		let lock = lock(folder)?;
		check_owner(folder, owner)?;
		let (slots, trash) = (folder.join(SLOTS), folder.join(TRASH));
		fs::create_dir_all(&slots).at("make", &slots)?;
		let (mut all, mut found, mut damaged) = (BTreeMap::new(), Vec::new(), Vec::new());
		if trash.exists() {
			// What cannot be deleted is no reason not to answer for the rest.
			if let Err(error) = fs::remove_dir_all(&trash) {
				damaged.push(format!("{}: what is deleted stays there: {error}", trash.display()));
			}
		}
		for place in fs::read_dir(&slots).at("read", &slots)? {
			let path = place.at("read", &slots)?.path();
			match Entry::read(path.clone()) {
				Ok(entry) => {
					let there = found_of(&entry);
					if path.file_name().is_none_or(|name| name != name_of(there.slot).as_str()) {
						damaged.push(format!("{}: it is another slot's", path.display()));
						continue;
					}
					all.insert(there.slot, Arc::new(entry));
					found.push(there);
				}
				// Room that was being made when the program ended: nothing had come yet.
				Err(error) if error.kind() == ErrorKind::NotFound && !has_come(&path) => {
					fs::remove_dir_all(&path).at("delete", &path)?;
				}
				Err(error) => damaged.push(format!("{}: {error}", path.display())),
			}
		}
		let inner = Inner {
			folder: folder.to_owned(),
			space: AtomicU64::new(space),
			slots: Mutex::new(all),
			open: Mutex::default(),
			making: Mutex::new(()),
			told: Box::new(told),
			_lock: lock,
		};
		let store = Self { inner: Arc::new(inner) };
		Ok((store, found, damaged))
	}

	/// So many bytes may slots take from now on.
	pub fn set_space(&self, space: u64) {
		self.inner.space.store(space, Ordering::Relaxed);
	}

	/// All slots.
	pub fn found(&self) -> Vec<Found> {
		let all: Vec<Arc<Entry>> = held(&self.inner.slots).values().cloned().collect();
		all.iter().map(|entry| found_of(entry)).collect()
	}

	/// What slots take, and what is free.
	///
	/// # Errors
	/// The disk's.
	pub fn usage(&self) -> Result<Usage, StoreError> {
		let disk = rustix::fs::statvfs(&self.inner.folder);
		let disk = disk.map_err(std::io::Error::from).at("measure", &self.inner.folder)?;
		Ok(Usage {
			slots: self.taken(),
			space: self.inner.space.load(Ordering::Relaxed),
			free: disk.f_bavail.saturating_mul(disk.f_frsize).saturating_sub(RESERVE),
		})
	}

	fn taken(&self) -> u64 {
		let all: Vec<Arc<Entry>> = held(&self.inner.slots).values().cloned().collect();
		all.iter()
			.fold(0, |sum, entry| sum.saturating_add(entry.seen().meta.bytes))
	}

	pub(crate) fn entry(&self, slot: SlotId) -> Option<Arc<Entry>> {
		held(&self.inner.slots).get(&slot).cloned()
	}

	pub(crate) fn known(&self, slot: SlotId) -> Result<Arc<Entry>, StoreError> {
		self.entry(slot).ok_or(StoreError::NoSuchSlot(slot))
	}

	/// Files of a slot that comes were opened: if those are too many, the ones that were used longest ago are closed.
	pub(crate) fn opened(&self, entry: &Arc<Entry>) {
		let oldest = {
			let mut open = held(&self.inner.open);
			open.retain(|other| !Arc::ptr_eq(other, entry));
			open.push_back(entry.clone());
			match open.len() > MOST_OPEN {
				true => open.pop_front(),
				false => None,
			}
		};
		if let Some(oldest) = oldest {
			oldest.rest();
		}
	}

	pub(crate) fn tell(&self, slot: SlotId, durable: u64) {
		(self.inner.told)(slot, durable);
	}

	/// Makes room for a slot, durably. One that is there and comes still is left as it is. One whose meta is damaged or
	/// gone, and that was whole, is taken over: all of it counts as durable, and hashing it tells whether it is right.
	///
	/// # Errors
	/// `Space`, `Full`, `There`, `Io`.
	pub fn make(&self, slot: SlotId, bytes: u64, at: u32) -> Result<(), StoreError> {
		let _one_at_a_time = held(&self.inner.making);
		if let Some(entry) = self.entry(slot) {
			let state = entry.seen();
			let same = state.meta.bytes == bytes && state.meta.root.is_none();
			return if same { Ok(()) } else { Err(StoreError::There(slot)) };
		}
		let usage = self.usage()?;
		let left = usage.space.saturating_sub(usage.slots);
		if bytes > left {
			return Err(StoreError::Space { wanted: bytes, left });
		}
		let folder = self.inner.folder.join(SLOTS).join(name_of(slot));
		// What lies there already of one that lost its meta takes no more room.
		let there = fs::metadata(folder.join(DATA)).map_or(0, |data| data.blocks().saturating_mul(512));
		// Values and outboard besides, 0.6 %.
		let wanted = bytes.saturating_add(bytes.div_ceil(128)).saturating_sub(there);
		if wanted > usage.free {
			return Err(StoreError::Full {
				wanted,
				free: usage.free,
			});
		}
		let meta = Meta {
			id: slot,
			root: None,
			bytes,
			made: at,
			scrubbed: 0,
		};
		let made = Entry::make(folder.clone(), meta);
		if made.is_err() && !has_come(&folder) {
			// A disk that was filled meanwhile is not to stay full by what is of use to nobody.
			let _ = fs::remove_dir_all(&folder);
		}
		held(&self.inner.slots).insert(slot, Arc::new(made.at("make", &folder)?));
		Ok(())
	}

	/// Hashes a slot that has come wholly, if that was not done, and says whether it has this root. It is sealed then,
	/// with the root that it has, but if the disk has lost some of it.
	///
	/// # Errors
	/// `NoSuchSlot`, `Incomplete`, `Io`.
	pub fn seal(&self, slot: SlotId, root: &Hash) -> Result<bool, StoreError> {
		let entry = self.known(slot)?;
		let mut state = entry.state();
		if let Some(found) = state.meta.root {
			return Ok(found == *root);
		}
		let (durable, bytes) = (state.durable, state.meta.bytes);
		if durable < bytes {
			return Err(StoreError::Incomplete { slot, durable, bytes });
		}
		// Whoever writes still writes something else.
		state.writer = state.writer.wrapping_add(1);
		match entry.seal(&mut state) {
			// Bytes that cannot be read any more are others than they were.
			Err(error) if is_lost(&error) => Ok(false),
			found => Ok(found.at("seal", entry.folder())? == *root),
		}
	}

	/// Nothing of it counts any more: it comes anew.
	///
	/// # Errors
	/// `NoSuchSlot`, `Io`.
	pub fn reset(&self, slot: SlotId) -> Result<(), StoreError> {
		let entry = self.known(slot)?;
		let mut state = entry.state();
		entry.unseal(&mut state, 0).at("reset", entry.folder())
	}

	/// Deletes a slot. One that is not there is no error.
	///
	/// # Errors
	/// `Io`.
	pub fn remove(&self, slot: SlotId) -> Result<(), StoreError> {
		let Some(entry) = self.entry(slot) else {
			return Ok(());
		};
		{
			let mut state = entry.state();
			state.gone = true;
			state.writer = state.writer.wrapping_add(1);
		}
		let trash = self.inner.folder.join(TRASH);
		fs::create_dir_all(&trash).at("make", &trash)?;
		let away = trash.join(name_of(slot));
		if away.exists() {
			let _ = fs::remove_dir_all(&away);
		}
		if let Err(error) = fs::rename(entry.folder(), &away) {
			entry.state().gone = false;
			return Err(error).at("move", entry.folder());
		}
		let slots = self.inner.folder.join(SLOTS);
		sync_folder(&slots).at("sync", &slots)?;
		held(&self.inner.slots).remove(&slot);
		// What is left of it is deleted at the next start.
		let _ = fs::remove_dir_all(&away);
		Ok(())
	}
}

/// Whether something of a slot came once, whatever became of its meta.
fn has_come(folder: &Path) -> bool {
	[OUTBOARD, VALUES, MARK].iter().any(|name| folder.join(name).exists())
}

pub(crate) fn found_of(entry: &Entry) -> Found {
	let state = entry.seen();
	Found {
		slot: state.meta.id,
		bytes: state.meta.bytes,
		durable: state.durable,
		root: state.meta.root,
		scrubbed: Some(state.meta.scrubbed).filter(|at| *at > 0),
		made: state.meta.made,
	}
}

fn lock(folder: &Path) -> Result<File, StoreError> {
	let path = folder.join(LOCK);
	let mut options = OpenOptions::new();
	let lock = options.read(true).write(true).create(true).truncate(false).open(&path);
	let lock = lock.at("open", &path)?;
	match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
		Ok(()) => Ok(lock),
		Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::InUse(folder.to_owned())),
		Err(error) => Err(std::io::Error::from(error)).at("lock", &path),
	}
}

/// Only an empty folder is made a store.
fn check_owner(folder: &Path, owner: &Owner) -> Result<(), StoreError> {
	let (path, wanted) = (folder.join(STORE), store_bytes(owner));
	match fs::read(&path) {
		Ok(found) if found == wanted => Ok(()),
		Ok(found) => Err(match store_version(&found) {
			Some(version) if version > 1 => StoreError::Version { path, version },
			_ => StoreError::Other(folder.to_owned()),
		}),
		Err(error) if error.kind() == ErrorKind::NotFound => {
			let ours = [LOCK, "store.new"];
			for place in fs::read_dir(folder).at("read", folder)? {
				let name = place.at("read", folder)?.file_name();
				if !ours.iter().any(|ours| name == **ours) {
					return Err(StoreError::Other(folder.to_owned()));
				}
			}
			replace(folder, STORE, &wanted).at("write", &path)
		}
		Err(error) => Err(error).at("read", &path),
	}
}
