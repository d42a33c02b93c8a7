//! The store itself: one file, one machine, one transaction a commit.

use crate::{
	lock::StoreLock,
	notes::Note,
	records::Records,
	tables::{
		BlockNumber, Inner, CONTACTS, KEYS, META, META_ACCOUNT, META_GENESIS, META_STARTS, META_TOLD, META_VERSION,
		NOTICES, NUMBERS, ORDERS, SHEETS, STORE_FILE,
	},
	StoreError,
};
use channel_primitives::{Account, Hash};
use redb::{Database, ReadableTable, StorageBackend};
use smartchain_channel::{Config, Party, Store, Write};
use std::{
	fmt, fs,
	os::unix::fs::{DirBuilderExt, PermissionsExt},
	path::{Path, PathBuf},
	sync::Arc,
	time::{SystemTime, UNIX_EPOCH},
};

/// The version of the tables.
const VERSION: u32 = 1;
/// Notes beyond the limit that a commit removes at most, besides as many as it writes.
const MORE_REMOVED: u64 = 64;

/// How a store is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
	/// The chain that its channels are on.
	pub genesis: Hash,
	/// The account whose channels they are.
	pub account: Account,
	/// How many notes are kept: one at least.
	pub history: u64,
	/// Bytes of the file that are kept in memory at most.
	pub cache_bytes: usize,
}

impl Options {
	/// Ten thousand notes, and 16 MiB of memory.
	pub const fn new(genesis: Hash, account: Account) -> Self {
		Self {
			genesis,
			account,
			history: 10_000,
			cache_bytes: 16 << 20,
		}
	}
}

/// The machine's side of a store. There is one for each store that is open.
pub struct ChannelStore {
	inner: Arc<Inner>,
	history: u64,
	/// The number of the first note that is kept, and of the next one.
	notes: (u64, u64),
	/// The block that the next commit stores as told.
	told: Option<BlockNumber>,
}

impl ChannelStore {
	/// Opens the store in a folder, and makes it if it is not there. It blocks: after a kill it reads the whole file.
	///
	/// # Errors
	/// [`StoreError`]: another program has it, it is of another chain or account, it is damaged or newer, or the
	/// operating system refuses.
	pub fn open(folder: &Path, options: &Options) -> Result<Self, StoreError> {
		fs::DirBuilder::new()
			.recursive(true)
			.mode(0o700)
			.create(folder)
			.map_err(|source| StoreError::io("make", folder, source))?;
		let lock = StoreLock::take(folder)?;
		let path = folder.join(STORE_FILE);
		let database = builder(options)
			.create(&path)
			.map_err(|error| StoreError::of(&path, error))?;
		// What meets locks that are not paid yet is in it, and the folder may have been there before, open to others.
		fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
			.map_err(|source| StoreError::io("keep others from", &path, source))?;
		Self::begin(database, path, Some(lock), options)
	}

	/// A store over anything that keeps bytes: in memory, or on a disk that fails. Nothing locks it.
	///
	/// # Errors
	/// The same, but that none has it.
	pub fn over(backend: impl StorageBackend, options: &Options) -> Result<Self, StoreError> {
		let path = PathBuf::from(STORE_FILE);
		let database = builder(options)
			.create_with_backend(backend)
			.map_err(|error| StoreError::of(&path, error))?;
		Self::begin(database, path, None, options)
	}

	fn begin(
		database: Database,
		path: PathBuf,
		lock: Option<StoreLock>,
		options: &Options,
	) -> Result<Self, StoreError> {
		let inner = Inner::new(database, path, lock);
		let notes = prepare(&inner, options)?;
		Ok(Self {
			inner: Arc::new(inner),
			// The last one tells which number is next.
			history: options.history.max(1),
			notes,
			told: None,
		})
	}

	/// The same file as others than the machine see it.
	pub fn records(&self) -> Records {
		Records::new(Arc::clone(&self.inner))
	}

	/// The machine that goes on with what is stored. Nothing is replayed.
	///
	/// # Errors
	/// [`StoreError::Damaged`] names the channel that cannot be read; those of reading.
	pub fn restore(&self, config: Config) -> Result<Party, StoreError> {
		let sheets = self.records().sheets()?;
		let sheets = sheets.iter().map(|(id, bytes)| (*id, bytes.as_slice()));
		Party::restore(config, sheets).map_err(|error| StoreError::Damaged {
			path: self.inner.path.clone(),
			cause: error.to_string(),
		})
	}

	/// Says which block the steps are of that are committed next: its number becomes durable with them.
	pub fn tell(&mut self, block: BlockNumber) {
		self.told = Some(block);
	}

	/// Stores what [`tell`](Self::tell) said, without anything else.
	///
	/// # Errors
	/// As [`Store::commit`].
	pub fn commit_told(&mut self) -> Result<(), StoreError> {
		self.write(&[])
	}

	fn write(&mut self, writes: &[Write]) -> Result<(), StoreError> {
		self.inner.sound()?;
		let inner = Arc::clone(&self.inner);
		let written = self.transaction(&inner, writes);
		match written {
			Ok(notes) => {
				self.notes = notes;
				self.told = None;
				Ok(())
			}
			// Whether it is on the disk or not: nobody knows.
			Err(error) => Err(inner.fail(error)),
		}
	}

	/// What the notes are after it.
	fn transaction(&self, inner: &Inner, writes: &[Write]) -> Result<(u64, u64), StoreError> {
		let transaction = inner.database.begin_write().map_err(|error| inner.wrong(error))?;
		let mut notes = self.notes;
		{
			let mut sheets = transaction.open_table(SHEETS).map_err(|error| inner.wrong(error))?;
			let mut contacts = transaction.open_table(CONTACTS).map_err(|error| inner.wrong(error))?;
			for write in writes {
				match write {
					Write::Sheet { channel, bytes } => {
						sheets
							.insert(*channel, bytes.as_slice())
							.map_err(|error| inner.wrong(error))?;
					}
					Write::Forget(channel) => {
						sheets.remove(*channel).map_err(|error| inner.wrong(error))?;
						contacts.remove(*channel).map_err(|error| inner.wrong(error))?;
					}
					Write::Note(_) => (),
				}
			}
		}
		self.write_notes(inner, &transaction, writes, &mut notes)?;
		if let Some(block) = self.told {
			let mut meta = transaction.open_table(META).map_err(|error| inner.wrong(error))?;
			meta.insert(META_TOLD, block.to_le_bytes().as_slice())
				.map_err(|error| inner.wrong(error))?;
		}
		// Synced: that is redb's default, and this crate never asks for less.
		transaction.commit().map_err(|error| inner.wrong(error))?;
		Ok(notes)
	}

	fn write_notes(
		&self,
		inner: &Inner,
		transaction: &redb::WriteTransaction,
		writes: &[Write],
		(first, next): &mut (u64, u64),
	) -> Result<(), StoreError> {
		let noted = writes.iter().filter_map(|write| match write {
			Write::Note(notice) => Some(notice),
			Write::Sheet { .. } | Write::Forget(_) => None,
		});
		let mut noted = noted.peekable();
		if noted.peek().is_none() {
			return Ok(());
		}
		let now = unix_seconds();
		let mut table = transaction.open_table(NOTICES).map_err(|error| inner.wrong(error))?;
		let before = *next;
		for notice in noted {
			table
				.insert(*next, Note::to_bytes(now, notice).as_slice())
				.map_err(|error| inner.wrong(error))?;
			*next = next.saturating_add(1);
		}
		let most = next.saturating_sub(before).saturating_add(MORE_REMOVED);
		let end = next.saturating_sub(self.history).min(first.saturating_add(most));
		while *first < end {
			table.remove(*first).map_err(|error| inner.wrong(error))?;
			*first = first.saturating_add(1);
		}
		Ok(())
	}
}

impl fmt::Debug for ChannelStore {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("ChannelStore")
			.field("path", &self.inner.path)
			.finish_non_exhaustive()
	}
}

impl Store for ChannelStore {
	type Error = StoreError;

	fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
		self.write(writes)
	}
}

fn builder(options: &Options) -> redb::Builder {
	let mut builder = Database::builder();
	builder.set_cache_size(options.cache_bytes);
	builder
}

fn unix_seconds() -> u64 {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.map_or(0, |since| since.as_secs())
}

/// Makes the tables of a new store, and looks whether those of an old one are ours. Says which notes are there.
fn prepare(inner: &Inner, options: &Options) -> Result<(u64, u64), StoreError> {
	let transaction = inner.database.begin_write().map_err(|error| inner.wrong(error))?;
	let notes = {
		let mut meta = transaction.open_table(META).map_err(|error| inner.wrong(error))?;
		let read = |key: &str| -> Result<Option<Vec<u8>>, StoreError> {
			let found = meta.get(key).map_err(|error| inner.wrong(error))?;
			Ok(found.map(|value| value.value().to_vec()))
		};
		let (version, genesis) = (read(META_VERSION)?, read(META_GENESIS)?);
		let (account, starts) = (read(META_ACCOUNT)?, read(META_STARTS)?);
		check(inner, options, version, genesis, account)?;
		let starts = starts
			.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
			.map_or(0, u64::from_le_bytes)
			.saturating_add(1);
		for (key, value) in [
			(META_VERSION, VERSION.to_le_bytes().as_slice()),
			(META_GENESIS, options.genesis.as_slice()),
			(META_ACCOUNT, options.account.as_slice()),
			(META_STARTS, starts.to_le_bytes().as_slice()),
		] {
			meta.insert(key, value).map_err(|error| inner.wrong(error))?;
		}
		transaction.open_table(SHEETS).map_err(|error| inner.wrong(error))?;
		transaction.open_table(CONTACTS).map_err(|error| inner.wrong(error))?;
		transaction.open_table(KEYS).map_err(|error| inner.wrong(error))?;
		transaction.open_table(NUMBERS).map_err(|error| inner.wrong(error))?;
		transaction.open_table(ORDERS).map_err(|error| inner.wrong(error))?;
		let notices = transaction.open_table(NOTICES).map_err(|error| inner.wrong(error))?;
		let first = notices.first().map_err(|error| inner.wrong(error))?;
		let last = notices.last().map_err(|error| inner.wrong(error))?;
		let next = last.map_or(0, |(number, _)| number.value().saturating_add(1));
		(first.map_or(next, |(number, _)| number.value()), next)
	};
	transaction.commit().map_err(|error| inner.wrong(error))?;
	Ok(notes)
}

fn check(
	inner: &Inner,
	options: &Options,
	version: Option<Vec<u8>>,
	genesis: Option<Vec<u8>>,
	account: Option<Vec<u8>>,
) -> Result<(), StoreError> {
	let path = inner.path.clone();
	let Some(version) = version else {
		return Ok(());
	};
	let version = <[u8; 4]>::try_from(version)
		.map(u32::from_le_bytes)
		.map_err(|_| StoreError::unreadable(&path, "its version"))?;
	if version != VERSION {
		return Err(StoreError::Version { path, version });
	}
	match genesis {
		Some(genesis) if genesis == options.genesis => (),
		Some(genesis) => {
			let genesis = genesis.iter().map(|byte| format!("{byte:02x}")).collect();
			return Err(StoreError::OtherChain { path, genesis });
		}
		None => return Err(StoreError::unreadable(&path, "its genesis")),
	}
	if account.is_none_or(|account| account != options.account) {
		return Err(StoreError::OtherAccount { path });
	}
	Ok(())
}
