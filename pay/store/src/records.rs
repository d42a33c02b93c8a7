//! The store as others than the machine see it: reading, and what the machine does not need.

use crate::{
	notes::KeyRecord,
	tables::{
		all, count, BlockNumber, Inner, OrderId, CONTACTS, KEYS, MAX_ORDER, META, META_STARTS, META_TOLD, NOTICES,
		NUMBERS, ORDERS, SHEETS,
	},
	Contact, HotKeys, KeyOf, Note, StoreError,
};
use channel_primitives::{Account, ChannelId, ChannelKey};
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};
use std::{fmt, sync::Arc};

/// The store as others than the machine see it. Copies are the same store. It stays open, and locked, as long as one of
/// them lives.
#[derive(Clone)]
pub struct Records {
	inner: Arc<Inner>,
}

impl fmt::Debug for Records {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Records")
			.field("path", &self.inner.path)
			.finish_non_exhaustive()
	}
}

/// Reading. Each call sees the last commit, and blocks for as long as the disk takes.
impl Records {
	pub(crate) fn new(inner: Arc<Inner>) -> Self {
		Self { inner }
	}

	/// The sheets of all channels, encoded, in the order of their numbers.
	///
	/// # Errors
	/// Those of reading, here and below.
	pub fn sheets(&self) -> Result<Vec<(ChannelId, Vec<u8>)>, StoreError> {
		all(&self.inner, SHEETS)
	}

	/// How many channels there are.
	///
	/// # Errors
	/// Those of reading.
	pub fn channels(&self) -> Result<u64, StoreError> {
		count(&self.inner, SHEETS)
	}

	/// The number of the last block that was told to the machine; none before the first. The next ones are told again.
	///
	/// # Errors
	/// Those of reading.
	pub fn told(&self) -> Result<Option<BlockNumber>, StoreError> {
		let Some(bytes) = self.meta(META_TOLD)? else {
			return Ok(None);
		};
		let number = <[u8; 4]>::try_from(bytes).map(BlockNumber::from_le_bytes);
		number
			.map(Some)
			.map_err(|_| StoreError::unreadable(&self.inner.path, "the number of the last block"))
	}

	/// How often the store was opened, this time included.
	///
	/// # Errors
	/// Those of reading.
	pub fn starts(&self) -> Result<u64, StoreError> {
		let bytes = self.meta(META_STARTS)?.unwrap_or_default();
		<[u8; 8]>::try_from(bytes)
			.map(u64::from_le_bytes)
			.map_err(|_| StoreError::unreadable(&self.inner.path, "the count of starts"))
	}

	/// Notes from a number on, the older first.
	///
	/// # Errors
	/// Those of reading.
	pub fn notes(&self, from: u64, limit: usize) -> Result<Vec<Note>, StoreError> {
		let inner = &self.inner;
		let transaction = inner.database.begin_read().map_err(|error| inner.wrong(error))?;
		let table = transaction.open_table(NOTICES).map_err(|error| inner.wrong(error))?;
		let mut notes = Vec::new();
		for entry in table.range(from..).map_err(|error| inner.wrong(error))?.take(limit) {
			let (number, bytes) = entry.map_err(|error| inner.wrong(error))?;
			let note = Note::from_bytes(number.value(), bytes.value());
			notes.push(note.ok_or_else(|| StoreError::unreadable(&inner.path, "a notice"))?);
		}
		Ok(notes)
	}

	/// How many notes are kept.
	///
	/// # Errors
	/// Those of reading.
	pub fn notes_kept(&self) -> Result<u64, StoreError> {
		count(&self.inner, NOTICES)
	}

	/// What is known of the partners of all channels.
	///
	/// # Errors
	/// Those of reading.
	pub fn contacts(&self) -> Result<Vec<(ChannelId, Contact)>, StoreError> {
		all(&self.inner, CONTACTS)?
			.into_iter()
			.map(|(channel, bytes)| {
				let contact = Contact::from_bytes(&bytes);
				let contact = contact.ok_or_else(|| StoreError::unreadable(&self.inner.path, "a contact"))?;
				Ok((channel, contact))
			})
			.collect()
	}

	/// Whose key it is; none if it was not taken from this store, so that its channel is to be recovered.
	///
	/// # Errors
	/// Those of reading.
	pub fn key(&self, key: &ChannelKey) -> Result<Option<KeyOf>, StoreError> {
		let inner = &self.inner;
		let transaction = inner.database.begin_read().map_err(|error| inner.wrong(error))?;
		let table = transaction.open_table(KEYS).map_err(|error| inner.wrong(error))?;
		let Some(found) = table.get(key.0.as_slice()).map_err(|error| inner.wrong(error))? else {
			return Ok(None);
		};
		let record = KeyRecord::from_bytes(found.value());
		let record = record.ok_or_else(|| StoreError::unreadable(&inner.path, "whose key it is"))?;
		Ok(Some(KeyOf {
			partner: record.partner,
			number: record.number,
		}))
	}

	/// What is kept of all orders.
	///
	/// # Errors
	/// Those of reading.
	pub fn orders(&self) -> Result<Vec<(OrderId, Vec<u8>)>, StoreError> {
		let inner = &self.inner;
		let transaction = inner.database.begin_read().map_err(|error| inner.wrong(error))?;
		let table = transaction.open_table(ORDERS).map_err(|error| inner.wrong(error))?;
		let mut orders = Vec::new();
		for entry in table.iter().map_err(|error| inner.wrong(error))? {
			let (id, bytes) = entry.map_err(|error| inner.wrong(error))?;
			let id = OrderId::try_from(id.value());
			let id = id.map_err(|_| StoreError::unreadable(&inner.path, "the number of an order"))?;
			orders.push((id, bytes.value().to_vec()));
		}
		Ok(orders)
	}

	fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
		let inner = &self.inner;
		let transaction = inner.database.begin_read().map_err(|error| inner.wrong(error))?;
		let table = transaction.open_table(META).map_err(|error| inner.wrong(error))?;
		let found = table.get(key).map_err(|error| inner.wrong(error))?;
		Ok(found.map(|value| value.value().to_vec()))
	}
}

/// Writing. Each call is a commit of its own, waits for that of the machine, and is durable when it returns. If one
/// fails, the store is [stopped](StoreError::Stopped).
impl Records {
	/// A key with a partner that was never used: it is stored as taken, and may be shown then.
	///
	/// # Errors
	/// Those of writing, here and below.
	pub fn take_key(&self, keys: &HotKeys, partner: &Account) -> Result<(KeyOf, ChannelKey), StoreError> {
		self.write(|inner, transaction| {
			let mut numbers = transaction.open_table(NUMBERS).map_err(|error| inner.wrong(error))?;
			let taken = numbers.get(partner.as_slice()).map_err(|error| inner.wrong(error))?;
			let number = taken.map_or(0, |taken| taken.value());
			let next = number.checked_add(1).ok_or_else(|| StoreError::Database {
				path: inner.path.clone(),
				cause: "no key is left for this partner; use another account".into(),
			})?;
			numbers
				.insert(partner.as_slice(), next)
				.map_err(|error| inner.wrong(error))?;
			let of = KeyOf {
				partner: *partner,
				number,
			};
			let key = keys.channel(&of).key();
			put_key(inner, transaction, &key, &of)?;
			Ok((of, key))
		})
	}

	/// Notes a key that was [found](HotKeys::find) by the phrase and the chain alone: from now on the store knows it,
	/// and gives it out no more. Its channel is to be recovered.
	///
	/// # Errors
	/// Those of writing.
	pub fn put_key(&self, key: &ChannelKey, of: &KeyOf) -> Result<(), StoreError> {
		self.write(|inner, transaction| put_found_key(inner, transaction, key, of))
	}

	/// Notes how the partner of a channel is reached.
	///
	/// # Errors
	/// Those of writing. [`StoreError::Database`] if a URL is too long.
	pub fn put_contact(&self, channel: ChannelId, contact: &Contact) -> Result<(), StoreError> {
		if !contact.is_sound() {
			return Err(StoreError::Database {
				path: self.inner.path.clone(),
				cause: format!("a URL has {} bytes at most", crate::MAX_URL),
			});
		}
		self.write(|inner, transaction| {
			let mut table = transaction.open_table(CONTACTS).map_err(|error| inner.wrong(error))?;
			table
				.insert(channel, contact.to_bytes().as_slice())
				.map_err(|error| inner.wrong(error))?;
			Ok(())
		})
	}

	/// Keeps what the daemon knows of an order, in the place of what it knew.
	///
	/// # Errors
	/// Those of writing. [`StoreError::Database`] if it is longer than [`MAX_ORDER`].
	pub fn put_order(&self, id: &OrderId, bytes: &[u8]) -> Result<(), StoreError> {
		if bytes.len() > MAX_ORDER {
			return Err(StoreError::Database {
				path: self.inner.path.clone(),
				cause: format!("an order has {MAX_ORDER} bytes at most"),
			});
		}
		self.write(|inner, transaction| {
			let mut table = transaction.open_table(ORDERS).map_err(|error| inner.wrong(error))?;
			table.insert(id.as_slice(), bytes).map_err(|error| inner.wrong(error))?;
			Ok(())
		})
	}

	/// Keeps an order no more.
	///
	/// # Errors
	/// Those of writing.
	pub fn forget_order(&self, id: &OrderId) -> Result<(), StoreError> {
		self.write(|inner, transaction| {
			let mut table = transaction.open_table(ORDERS).map_err(|error| inner.wrong(error))?;
			table.remove(id.as_slice()).map_err(|error| inner.wrong(error))?;
			Ok(())
		})
	}

	/// Puts keys and contacts of a backup into a store that has no channel yet. Keys are never given out again.
	pub(crate) fn adopt(&self, entries: &[(ChannelId, ChannelKey, KeyOf, Contact)]) -> Result<(), StoreError> {
		if self.channels()? != 0 {
			return Err(StoreError::NotEmpty {
				path: self.inner.path.clone(),
			});
		}
		self.write(|inner, transaction| {
			let mut contacts = transaction.open_table(CONTACTS).map_err(|error| inner.wrong(error))?;
			for (channel, key, of, contact) in entries {
				put_found_key(inner, transaction, key, of)?;
				contacts
					.insert(*channel, contact.to_bytes().as_slice())
					.map_err(|error| inner.wrong(error))?;
			}
			Ok(())
		})
	}

	fn write<T>(
		&self,
		change: impl FnOnce(&Inner, &WriteTransaction) -> Result<T, StoreError>,
	) -> Result<T, StoreError> {
		let inner: &Inner = &self.inner;
		inner.sound()?;
		let written = inner
			.database
			.begin_write()
			.map_err(|error| inner.wrong(error))
			.and_then(|transaction| {
				let made = change(inner, &transaction)?;
				transaction.commit().map_err(|error| inner.wrong(error))?;
				Ok(made)
			});
		written.map_err(|error| inner.fail(error))
	}
}

/// A key that was taken in another store: it and those before it are never given out.
fn put_found_key(
	inner: &Inner,
	transaction: &WriteTransaction,
	key: &ChannelKey,
	of: &KeyOf,
) -> Result<(), StoreError> {
	put_key(inner, transaction, key, of)?;
	let mut numbers = transaction.open_table(NUMBERS).map_err(|error| inner.wrong(error))?;
	let taken = numbers
		.get(of.partner.as_slice())
		.map_err(|error| inner.wrong(error))?
		.map_or(0, |taken| taken.value());
	let next = taken.max(of.number.saturating_add(1));
	numbers
		.insert(of.partner.as_slice(), next)
		.map_err(|error| inner.wrong(error))?;
	Ok(())
}

fn put_key(inner: &Inner, transaction: &WriteTransaction, key: &ChannelKey, of: &KeyOf) -> Result<(), StoreError> {
	let record = KeyRecord {
		partner: of.partner,
		number: of.number,
	};
	let mut table = transaction.open_table(KEYS).map_err(|error| inner.wrong(error))?;
	table
		.insert(key.0.as_slice(), record.to_bytes().as_slice())
		.map_err(|error| inner.wrong(error))?;
	Ok(())
}
