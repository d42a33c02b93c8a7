//! What is needed besides the chain to have channels again, and nothing that could forfeit money.

use crate::{records::Records, ChannelStore, Contact, HotKeys, KeyOf, StoreError};
use chacha20poly1305::{
	aead::{Aead, Payload},
	XChaCha20Poly1305, XNonce,
};
use channel_primitives::{Account, Hash};
use codec::{Decode, DecodeAll, Encode};
use rand_core::{OsRng, RngCore};
use smart_agent_keys::KeyError;
use smartchain_channel::{Opened, Stored};
use sp_crypto_hashing::blake2_256;
use std::{
	fs::File,
	io::{self, Read},
	path::{Path, PathBuf},
	time::{SystemTime, UNIX_EPOCH},
};

/// Bytes of a backup, at most.
pub const MAX_BACKUP: u64 = 128 << 20;
/// Channels in it, at most.
pub const MAX_ENTRIES: usize = 200_000;

const MAGIC: &[u8; 7] = b"SCPAYBK";
const VERSION: u8 = 1;
const HASH: usize = 32;
const NONCE: usize = 24;
const SUM: usize = 8;
/// Magic, version, genesis, nonce.
const HEAD: usize = MAGIC.len() + 1 + HASH + NONCE;

/// Why there is no backup, or none to be had from a file.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
	/// The operating system refused.
	#[error("cannot read {path}: {source}; name the file of the backup")]
	Io {
		/// The file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// It cannot be written.
	#[error(transparent)]
	Write(#[from] KeyError),
	/// It is none, or not as it was written.
	#[error("this is no backup of channels, or it is damaged: {0}; use another copy of it")]
	Damaged(&'static str),
	/// A newer program wrote it.
	#[error("the backup has version {0}, which this program does not know; use a newer one")]
	Version(u8),
	/// It is of another chain.
	#[error("the backup is of another chain; connect to the one that the channels are on")]
	OtherChain,
	/// It was made with another key.
	#[error("the backup was made with another key file; make that one again from the phrase, with the same name")]
	OtherKey,
	/// It has more than it may.
	#[error("{0} channels are more than a backup holds")]
	TooMany(usize),
	/// The system gives no random numbers.
	#[error("the system gives no random numbers: {0}; do not use keys on it")]
	Random(String),
	/// The store.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// A channel in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
	/// The channel as it was opened. Its stake may have changed since: the chain tells.
	pub opened: Opened,
	/// The number of its key among those with this partner.
	pub key: u32,
	/// Who the partner is, and how it and the tower are reached.
	pub contact: Contact,
}

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Content {
	/// Whose channels they are.
	pub account: Account,
	/// When it was made, in seconds of Unix time.
	pub made: u64,
	/// The channels that there were.
	pub entries: Vec<Entry>,
}

/// A backup of the channels on one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
	/// The chain.
	pub genesis: Hash,
	/// The rest of it.
	pub content: Content,
}

impl Backup {
	/// What a store has now. A channel without a contact has its key's partner, and nothing of how to reach it.
	///
	/// # Errors
	/// [`BackupError::TooMany`]; those of reading.
	pub fn of(records: &Records, genesis: Hash, account: Account) -> Result<Self, BackupError> {
		let sheets = records.sheets()?;
		if sheets.len() > MAX_ENTRIES {
			return Err(BackupError::TooMany(sheets.len()));
		}
		let contacts: std::collections::BTreeMap<_, _> = records.contacts()?.into_iter().collect();
		let mut entries = Vec::with_capacity(sheets.len());
		for (channel, bytes) in sheets {
			let Ok(Stored::V1(sheet)) = Stored::decode(&mut bytes.as_slice()) else {
				return Err(BackupError::Damaged("the store has a sheet that cannot be read"));
			};
			let key = records.key(sheet.key(sheet.side()))?;
			let partner = key.map_or([0; 32], |key| key.partner);
			let contact = contacts.get(&channel).cloned().unwrap_or(Contact {
				partner,
				reach: None,
				tower: None,
			});
			entries.push(Entry {
				opened: sheet.opened,
				key: key.map_or(0, |key| key.number),
				contact,
			});
		}
		let made = SystemTime::now().duration_since(UNIX_EPOCH);
		Ok(Self {
			genesis,
			content: Content {
				account,
				made: made.map_or(0, |since| since.as_secs()),
				entries,
			},
		})
	}

	/// Writes it, in place of the one that is there: as a whole or not at all.
	///
	/// # Errors
	/// `Random`; those of the operating system.
	pub fn write(&self, path: &Path, keys: &HotKeys) -> Result<(), BackupError> {
		let mut nonce = [0; NONCE];
		OsRng
			.try_fill_bytes(&mut nonce)
			.map_err(|error| BackupError::Random(error.to_string()))?;
		let bytes = self.seal(&keys.backup_cipher(), &nonce)?;
		smart_agent_keys::replace(path, &bytes)?;
		Ok(())
	}

	/// Reads one of a chain.
	///
	/// # Errors
	/// [`BackupError`]: which of chain, key, version and file is wrong.
	pub fn read(path: &Path, genesis: &Hash, keys: &HotKeys) -> Result<Self, BackupError> {
		let at = |source| BackupError::Io {
			path: path.to_owned(),
			source,
		};
		let mut bytes = Vec::new();
		let file = File::open(path).map_err(at)?;
		file.take(MAX_BACKUP + 1).read_to_end(&mut bytes).map_err(at)?;
		if bytes.len() as u64 > MAX_BACKUP {
			return Err(BackupError::Damaged("it is too long"));
		}
		Self::open(&bytes, genesis, &keys.backup_cipher())
	}

	/// Puts keys and contacts into a store without channels. What comes back are the channels that are to be recovered
	/// (`Event::Recover`) if the chain still has them, with the stake that the chain has now.
	///
	/// # Errors
	/// [`StoreError::NotEmpty`]; those of writing.
	pub fn restore(&self, store: &ChannelStore) -> Result<Vec<Opened>, StoreError> {
		let adopted: Vec<_> = self
			.content
			.entries
			.iter()
			.map(|entry| {
				let context = &entry.opened.context;
				let of = KeyOf {
					partner: entry.contact.partner,
					number: entry.key,
				};
				let key = *entry.opened.terms.keys.get(context.side);
				(context.channel, key, of, entry.contact.clone())
			})
			.collect();
		store.records().adopt(&adopted)?;
		Ok(self.content.entries.iter().map(|entry| entry.opened.clone()).collect())
	}

	fn seal(&self, cipher: &XChaCha20Poly1305, nonce: &[u8; NONCE]) -> Result<Vec<u8>, BackupError> {
		let mut bytes = MAGIC.to_vec();
		bytes.push(VERSION);
		bytes.extend_from_slice(&self.genesis);
		bytes.extend_from_slice(nonce);
		let content = self.content.encode();
		let payload = Payload {
			msg: &content,
			aad: &bytes,
		};
		let sealed = cipher
			.encrypt(XNonce::from_slice(nonce), payload)
			.map_err(|_| BackupError::TooMany(self.content.entries.len()))?;
		bytes.extend(sealed);
		let sum = sum(&bytes);
		bytes.extend(sum);
		Ok(bytes)
	}

	fn open(bytes: &[u8], genesis: &Hash, cipher: &XChaCha20Poly1305) -> Result<Self, BackupError> {
		let short = BackupError::Damaged("it is too short");
		let Some((whole, found)) = bytes.split_last_chunk::<SUM>() else {
			return Err(short);
		};
		let (Some(head), Some(sealed)) = (whole.get(..HEAD), whole.get(HEAD..)) else {
			return Err(short);
		};
		let (magic, rest) = head.split_at(MAGIC.len());
		let (version, rest) = rest.split_at(1);
		let (of, nonce) = rest.split_at(HASH);
		if magic != MAGIC {
			return Err(BackupError::Damaged("it begins with other bytes"));
		}
		if version != [VERSION] {
			return Err(BackupError::Version(version.first().copied().unwrap_or_default()));
		}
		if sum(whole) != *found {
			return Err(BackupError::Damaged("its checksum does not fit"));
		}
		if of != genesis {
			return Err(BackupError::OtherChain);
		}
		let payload = Payload { msg: sealed, aad: head };
		let content = cipher
			.decrypt(XNonce::from_slice(nonce), payload)
			.map_err(|_| BackupError::OtherKey)?;
		let content = Content::decode_all(&mut content.as_slice())
			.map_err(|_| BackupError::Damaged("what it holds cannot be read"))?;
		if content.entries.len() > MAX_ENTRIES {
			return Err(BackupError::TooMany(content.entries.len()));
		}
		if !content.entries.iter().all(|entry| entry.contact.is_sound()) {
			return Err(BackupError::Damaged("a URL in it is too long"));
		}
		Ok(Self {
			genesis: *genesis,
			content,
		})
	}
}

fn sum(bytes: &[u8]) -> [u8; SUM] {
	let hash = blake2_256(bytes);
	std::array::from_fn(|i| hash[i])
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::Reach;
	use chacha20poly1305::KeyInit;
	use channel_primitives::{ChannelKey, Context, PerSide, Side, Stake, Terms};

	/// Made by another program, from the layout in the crate's head.
	const GOLDEN: &str = include_str!("../tests/golden/backup-v1.hex");

	fn cipher(key: u8) -> XChaCha20Poly1305 {
		XChaCha20Poly1305::new(chacha20poly1305::Key::from_slice(&[key; 32]))
	}

	fn backup() -> Backup {
		let opened = Opened {
			context: Context {
				genesis: [1; 32],
				channel: 7,
				asset: 0,
				side: Side::High,
			},
			terms: Terms {
				keys: PerSide {
					low: ChannelKey([2; 32]),
					high: ChannelKey([3; 32]),
				},
				window: 172_800,
			},
			stake: Stake {
				deposited: PerSide { low: 100, high: 0 },
				withdrawn: PerSide { low: 0, high: 5 },
			},
		};
		let contact = Contact {
			partner: [4; 32],
			reach: Some(Reach {
				node: [5; 32],
				url: "ws://a:1".into(),
			}),
			tower: None,
		};
		Backup {
			genesis: [1; 32],
			content: Content {
				account: [6; 32],
				made: 1_700_000_000,
				entries: vec![Entry {
					opened,
					key: 9,
					contact,
				}],
			},
		}
	}

	fn bytes(hex: &str) -> Vec<u8> {
		let hex = hex.trim();
		(0..hex.len() / 2)
			.map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
			.collect()
	}

	#[test]
	fn the_bytes_stay() {
		let sealed = backup().seal(&cipher(7), &[9; NONCE]).unwrap();
		assert_eq!(sealed, bytes(GOLDEN));
		assert_eq!(Backup::open(&sealed, &[1; 32], &cipher(7)).unwrap(), backup());
	}

	#[test]
	fn a_backup_opens_with_its_key_alone() {
		let sealed = backup().seal(&cipher(7), &[9; NONCE]).unwrap();
		let open = |bytes: &[u8], genesis, key| Backup::open(bytes, &[genesis; 32], &cipher(key));
		assert!(matches!(open(&sealed, 1, 8), Err(BackupError::OtherKey)));
		assert!(matches!(open(&sealed, 2, 7), Err(BackupError::OtherChain)));
		let mut newer = sealed.clone();
		newer[MAGIC.len()] = 2;
		assert!(matches!(open(&newer, 1, 7), Err(BackupError::Version(2))));
		for at in (0..sealed.len()).filter(|at| *at != MAGIC.len()) {
			let mut damaged = sealed.clone();
			damaged[at] ^= 1;
			assert!(
				matches!(open(&damaged, 1, 7), Err(BackupError::Damaged(_))),
				"byte {at}"
			);
		}
		for end in 0..sealed.len() {
			assert!(matches!(open(&sealed[..end], 1, 7), Err(BackupError::Damaged(_))));
		}
	}
}
