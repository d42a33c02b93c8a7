//! How far a put is, in a file that is replaced as a whole before each step that must not be done twice.
//!
//! It holds no secret: the volume's key lies in it wrapped for the owner, as it lies on chain.

use crate::failure::Failure;
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use smart_agent_chain::BlockNumber;
use smart_agent_keys::{self as keys, KeyError};
use smart_market::KeyBox;
use smartchain_slots::BOX;
use sp_core::bytes::{from_hex, to_hex};
use std::{
	fs::File,
	os::unix::fs::MetadataExt,
	path::{Path, PathBuf},
};
use storage_market_primitives::{DealId, Geometry, Order, Price};

/// What the file says that it is.
const KIND: &str = "smart put";
/// Its name.
const FILE: &str = "put.json";
/// The journal of the volume, beside it.
const SPANS: &str = "spans";
/// What the program that works on it holds locked.
const LOCK: &str = "lock";

/// How far a put is on chain. What comes after is asked there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "camelCase")]
pub enum Step {
	/// Nothing was sent.
	Planned,
	/// The deal may be on its way.
	Sent {
		/// The newest deal before it was sent: its number is higher.
		after: DealId,
		/// The last block that can have it.
		until: BlockNumber,
	},
	/// The deal is open.
	Opened {
		/// Its number.
		deal: DealId,
	},
}

/// What the file holds. Numbers that JSON does not have are texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Body {
	/// The chain, by its genesis.
	genesis: String,
	/// Whose deal it is.
	account: String,
	/// The bytes of the path that is stored.
	source: String,
	enough: u8,
	slots: u8,
	volume_len: String,
	max_ask: String,
	eras: u32,
	factor: u8,
	most: String,
	/// What each slot's device may be paid for what it gives out; left out if that is nothing.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	egress: Option<String>,
	key_box: String,
	step: Step,
}

/// A put on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
	/// The chain, by its genesis.
	pub genesis: [u8; 32],
	/// Whose deal it is.
	pub account: [u8; 32],
	/// The bytes of the path that is stored.
	pub source: Vec<u8>,
	/// What is ordered.
	pub order: Order,
	/// The most that may be put in for it, deposit and all, in planck: what was agreed to.
	pub most: u128,
	/// What is put in for each slot to pay for what is given out of it, in planck.
	pub egress: u128,
	/// The volume's key, wrapped for the owner.
	pub key_box: [u8; BOX],
	/// How far it is.
	pub step: Step,
}

impl Kept {
	/// The key box as the chain keeps it.
	pub fn on_chain(&self) -> KeyBox {
		KeyBox::truncate_from(self.key_box.to_vec())
	}

	/// The put's deal, if it has one yet.
	pub fn deal(&self) -> Option<DealId> {
		match self.step {
			Step::Opened { deal } => Some(deal),
			Step::Planned | Step::Sent { .. } => None,
		}
	}

	fn body(&self) -> Body {
		let Order {
			geometry,
			max_ask,
			eras,
			factor,
		} = self.order;
		Body {
			genesis: to_hex(&self.genesis, false),
			account: to_hex(&self.account, false),
			source: to_hex(&self.source, false),
			enough: geometry.enough,
			slots: geometry.slots,
			volume_len: geometry.volume_len.to_string(),
			max_ask: max_ask.0.to_string(),
			eras,
			factor,
			most: self.most.to_string(),
			egress: (self.egress > 0).then(|| self.egress.to_string()),
			key_box: to_hex(&self.key_box, false),
			step: self.step,
		}
	}

	fn of(body: &Body) -> Option<Self> {
		let bytes = |text: &str| from_hex(text).ok();
		let fixed = |text: &str| <[u8; 32]>::try_from(bytes(text)?).ok();
		Some(Self {
			genesis: fixed(&body.genesis)?,
			account: fixed(&body.account)?,
			source: bytes(&body.source)?,
			order: Order {
				geometry: Geometry {
					enough: body.enough,
					slots: body.slots,
					volume_len: body.volume_len.parse().ok()?,
				},
				max_ask: Price(body.max_ask.parse().ok()?),
				eras: body.eras,
				factor: body.factor,
			},
			most: body.most.parse().ok()?,
			egress: match &body.egress {
				Some(egress) => egress.parse().ok()?,
				None => 0,
			},
			key_box: bytes(&body.key_box)?.try_into().ok()?,
			step: body.step,
		})
	}
}

/// The file of a put, which one program at a time has.
#[derive(Debug)]
pub struct Record {
	folder: PathBuf,
	kept: Kept,
	_lock: File,
}

impl Record {
	/// The one in a folder; none if no put is on its way there.
	///
	/// # Errors
	/// If it is damaged, others may read it, or another program has it.
	pub fn open(folder: &Path) -> Result<Option<Self>, Failure> {
		if !folder.exists() {
			return Ok(None);
		}
		let lock = lock(folder)?;
		Ok(Self::peek(folder)?.map(|kept| Self {
			folder: folder.into(),
			kept,
			_lock: lock,
		}))
	}

	/// What the one in a folder holds, whoever has it; none if no put is on its way there.
	///
	/// # Errors
	/// If it is damaged, or others may read it.
	pub fn peek(folder: &Path) -> Result<Option<Kept>, Failure> {
		let path = folder.join(FILE);
		let damaged = |cause: &str| {
			Failure::other(format!(
				"{} is damaged: {cause}; put a copy of it back, or remove {} and run `smart put` anew: the deal that \
				 was begun with it is of no use then, `smart ls` shows it, `smart rm` gives it up",
				path.display(),
				folder.display()
			))
		};
		let body: Body = match keys::open_kept(KIND, &path) {
			Ok(body) => body,
			Err(KeyError::Missing { .. }) => return Ok(None),
			Err(KeyError::Damaged { cause, .. }) => return Err(damaged(&cause)),
			Err(error) => return Err(error.into()),
		};
		let kept = Kept::of(&body).ok_or_else(|| damaged("a number or key cannot be read"))?;
		Ok(Some(kept))
	}

	/// Begins one. An older journal of the folder is removed, for it belongs to another key, and an empty one is made:
	/// if it is not there later, it is lost.
	///
	/// # Errors
	/// Of the file system; if another program has it, or has begun and left one.
	pub fn begin(folder: &Path, kept: Kept) -> Result<Self, Failure> {
		keys::create_folder(folder)?;
		let record = Self {
			_lock: lock(folder)?,
			folder: folder.into(),
			kept,
		};
		// It may have been begun while somebody was asked: its deal is paid for, and its key is in there alone.
		if record.folder.join(FILE).exists() {
			return Err(Failure::other(
				"another `smart put` of this folder was begun meanwhile; run the same again: it goes on with that one",
			));
		}
		remove(&record.spans())?;
		super::private(&record.spans())?;
		record.write()?;
		Ok(record)
	}

	/// What it holds.
	pub fn kept(&self) -> &Kept {
		&self.kept
	}

	/// Where it is.
	pub fn folder(&self) -> &Path {
		&self.folder
	}

	/// The journal of the volume.
	pub fn spans(&self) -> PathBuf {
		self.folder.join(SPANS)
	}

	/// Goes on to a step. It is durable afterwards.
	///
	/// # Errors
	/// Of the file system; it is as it was then.
	pub fn advance(&mut self, step: Step) -> Result<(), Failure> {
		let before = std::mem::replace(&mut self.kept.step, step);
		let written = self.write();
		if written.is_err() {
			self.kept.step = before;
		}
		written
	}

	/// Nothing is on its way any more.
	///
	/// # Errors
	/// Of the file system.
	pub fn end(&self) -> Result<(), Failure> {
		remove(&self.folder.join(FILE))?;
		remove(&self.spans())?;
		remove(&self.folder.join(LOCK))?;
		// A folder in which somebody put something stays.
		let _ = std::fs::remove_dir(&self.folder);
		Ok(())
	}

	fn write(&self) -> Result<(), Failure> {
		let text = keys::kept_text(KIND, self.kept.body())?;
		Ok(keys::replace(&self.folder.join(FILE), text.as_bytes())?)
	}
}

fn lock(folder: &Path) -> Result<File, Failure> {
	let path = folder.join(LOCK);
	let file = File::create(&path).map_err(|error| {
		Failure::other(format!(
			"cannot write {}: {error}; see to the disk and to who may write there",
			path.display()
		))
	})?;
	let taken = || Failure::other("another `smart put` works on this folder; wait for it, or end it");
	match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
		Ok(()) => {}
		Err(rustix::io::Errno::WOULDBLOCK) => return Err(taken()),
		Err(error) => return Err(Failure::other(format!("cannot lock {}: {error}", path.display()))),
	}
	// Whoever had it may have removed it in between: then it keeps nobody out.
	let place = |found: std::fs::Metadata| (found.dev(), found.ino());
	let (held, there) = (file.metadata().map(place), std::fs::metadata(&path).map(place));
	match (held, there) {
		(Ok(held), Ok(there)) if held == there => Ok(file),
		_ => Err(taken()),
	}
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), Failure> {
	match std::fs::remove_file(path) {
		Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::other(format!(
			"cannot remove {}: {error}; see who may write there",
			path.display()
		))),
		_ => Ok(()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fs;
	use storage_market_primitives::Profile;

	const GOLDEN: &str = include_str!("golden/put-v1.json");

	fn kept() -> Kept {
		Kept {
			genesis: [1; 32],
			account: [2; 32],
			source: b"/photos".to_vec(),
			order: Order {
				geometry: Geometry::of(Profile::Standard, 1_073_742_000),
				max_ask: Price(203_450),
				eras: 12_960,
				factor: 2,
			},
			most: 1_740_000_000_000,
			egress: 0,
			key_box: [3; BOX],
			step: Step::Sent {
				after: 16,
				until: 1_234,
			},
		}
	}

	#[test]
	fn the_bytes_of_version_1_stay() {
		let folder = tempfile::tempdir().unwrap();
		let record = Record::begin(folder.path(), kept()).unwrap();
		let path = folder.path().join(FILE);
		assert_eq!(fs::read_to_string(&path).unwrap(), GOLDEN);
		assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
		assert_eq!(Record::peek(folder.path()).unwrap(), Some(kept()));
		let taken = Record::open(folder.path()).unwrap_err().message;
		assert!(taken.contains("another `smart put`"), "{taken}");
		drop(record);
		assert_eq!(Record::open(folder.path()).unwrap().unwrap().kept(), &kept());
	}

	#[test]
	fn every_step_comes_back() {
		let folder = tempfile::tempdir().unwrap();
		let place = folder.path().join("put");
		assert!(Record::open(&place).unwrap().is_none());
		let mut record = Record::begin(&place, kept()).unwrap();
		let sent = Step::Sent {
			after: u64::MAX,
			until: u32::MAX,
		};
		for step in [Step::Planned, sent, Step::Opened { deal: 17 }] {
			record.advance(step).unwrap();
			assert_eq!(Record::peek(&place).unwrap().unwrap().step, step);
		}
		fs::write(record.spans(), b"of this key").unwrap();
		record.end().unwrap();
		assert!(!place.exists());
		record.end().unwrap();
	}

	/// What puts nothing in for it has the bytes that it had before there was that.
	#[test]
	fn what_is_put_in_for_what_is_given_out_comes_back() {
		let folder = tempfile::tempdir().unwrap();
		let with = Kept {
			egress: u128::MAX,
			..kept()
		};
		drop(Record::begin(folder.path(), with.clone()).unwrap());
		assert_eq!(Record::peek(folder.path()).unwrap(), Some(with));
		assert!(!GOLDEN.contains("egress"));
	}

	#[test]
	fn another_key_never_meets_an_old_journal() {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join(SPANS), b"of another key").unwrap();
		let record = Record::begin(folder.path(), kept()).unwrap();
		assert_eq!(fs::read(record.spans()).unwrap(), b"");
	}

	/// The twin: waited at its question while the other one began, was killed, and left a deal that is paid for.
	#[test]
	fn the_twin_that_waited_takes_nothing_of_the_other_away() {
		let folder = tempfile::tempdir().unwrap();
		let mut first = Record::begin(folder.path(), kept()).unwrap();
		first.advance(Step::Opened { deal: 17 }).unwrap();
		fs::write(first.spans(), b"of the first key").unwrap();
		drop(first);
		let other = Kept {
			key_box: [4; BOX],
			step: Step::Planned,
			..kept()
		};
		let said = Record::begin(folder.path(), other).unwrap_err().message;
		assert!(said.contains("run the same again"), "{said}");
		let left = Record::open(folder.path()).unwrap().unwrap();
		assert_eq!((left.kept().deal(), left.kept().key_box), (Some(17), [3; BOX]));
		assert_eq!(fs::read(left.spans()).unwrap(), b"of the first key");
	}

	#[test]
	fn damage_is_told_with_what_to_do() {
		let folder = tempfile::tempdir().unwrap();
		drop(Record::begin(folder.path(), kept()).unwrap());
		let path = folder.path().join(FILE);
		let text = fs::read_to_string(&path).unwrap();
		for wrong in [
			text.replace("12960", "12961"),
			text.replace("smart put", "smart get"),
			text.get(..40).unwrap().to_owned(),
		] {
			fs::write(&path, wrong).unwrap();
			let said = Record::open(folder.path()).unwrap_err().message;
			assert!(said.contains("is damaged") && said.contains("smart rm"), "{said}");
		}
	}
}
