//! The tables of a store, and what all that use it share.

use crate::{lock::StoreLock, StoreError};
use channel_primitives::ChannelId;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition};
use std::{
	path::PathBuf,
	sync::atomic::{AtomicBool, Ordering},
};

/// The number of a block.
pub type BlockNumber = u32;

/// What tells an order from others.
pub type OrderId = [u8; 16];

/// Bytes that are kept of an order, at most.
pub const MAX_ORDER: usize = 8 << 10;

/// The name of the file in the folder of a store.
pub const STORE_FILE: &str = "channels.redb";

pub(crate) const SHEETS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("sheets");
pub(crate) const NOTICES: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("notices");
pub(crate) const CONTACTS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("contacts");
pub(crate) const KEYS: TableDefinition<'static, &'static [u8], &'static [u8]> = TableDefinition::new("keys");
/// How many keys there are with a partner, by its account.
pub(crate) const NUMBERS: TableDefinition<'static, &'static [u8], u32> = TableDefinition::new("numbers");
/// What the daemon keeps of orders, by their numbers.
pub(crate) const ORDERS: TableDefinition<'static, &'static [u8], &'static [u8]> = TableDefinition::new("orders");
pub(crate) const META: TableDefinition<'static, &'static str, &'static [u8]> = TableDefinition::new("meta");

pub(crate) const META_VERSION: &str = "version";
pub(crate) const META_GENESIS: &str = "genesis";
pub(crate) const META_ACCOUNT: &str = "account";
pub(crate) const META_TOLD: &str = "told";
pub(crate) const META_STARTS: &str = "starts";

/// What the machine's side and all others share. The lock goes after the database is closed.
pub(crate) struct Inner {
	pub(crate) database: Database,
	pub(crate) path: PathBuf,
	failed: AtomicBool,
	_lock: Option<StoreLock>,
}

impl Inner {
	pub(crate) fn new(database: Database, path: PathBuf, lock: Option<StoreLock>) -> Self {
		Self {
			database,
			path,
			failed: AtomicBool::new(false),
			_lock: lock,
		}
	}

	/// What the database says.
	pub(crate) fn wrong(&self, error: impl Into<redb::Error>) -> StoreError {
		StoreError::of(&self.path, error)
	}

	/// Whether anything may be written.
	pub(crate) fn sound(&self) -> Result<(), StoreError> {
		if self.failed.load(Ordering::SeqCst) {
			return Err(StoreError::Stopped {
				cause: format!("{} could not be written", self.path.display()),
			});
		}
		Ok(())
	}

	/// From now on nothing is written.
	pub(crate) fn fail(&self, error: StoreError) -> StoreError {
		self.failed.store(true, Ordering::SeqCst);
		error
	}
}

/// How many entries a table has.
pub(crate) fn count(inner: &Inner, table: TableDefinition<'static, u64, &'static [u8]>) -> Result<u64, StoreError> {
	let transaction = inner.database.begin_read().map_err(|error| inner.wrong(error))?;
	let table = transaction.open_table(table).map_err(|error| inner.wrong(error))?;
	table.len().map_err(|error| inner.wrong(error))
}

/// All of a table by channel.
pub(crate) fn all(
	inner: &Inner,
	table: TableDefinition<'static, u64, &'static [u8]>,
) -> Result<Vec<(ChannelId, Vec<u8>)>, StoreError> {
	let transaction = inner.database.begin_read().map_err(|error| inner.wrong(error))?;
	let table = transaction.open_table(table).map_err(|error| inner.wrong(error))?;
	let mut found = Vec::new();
	for entry in table.iter().map_err(|error| inner.wrong(error))? {
		let (channel, bytes) = entry.map_err(|error| inner.wrong(error))?;
		found.push((channel.value(), bytes.value().to_vec()));
	}
	Ok(found)
}
