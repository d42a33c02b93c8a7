//! How far a top-up is, slot after slot, in a file that is replaced as a whole before each transaction: nothing is put
//! in twice, whatever ends the program.

use crate::{
	paid::{self, failed},
	VoucherError,
};
use device_primitives::DeviceId;
use serde::{Deserialize, Serialize};
use smart_agent_keys::{self as keys, KeyError};
use sp_core::bytes::{from_hex, to_hex};
use std::{
	fs::{self, File},
	io,
	path::{Path, PathBuf},
};
use storage_market_primitives::DealId;

/// What the file says that it is.
const KIND: &str = "smart top-up";
/// Its name.
const FILE: &str = "top-up.json";
/// What the program that works on it holds locked.
const LOCK: &str = "lock";

/// A transaction that may be on its way, and how all stood before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Under {
	/// What the slot's device could be paid in all, in planck.
	pub before: u128,
	/// What of it was paid.
	pub paid: u128,
	/// Which device that was.
	pub holder: Option<DeviceId>,
	/// How many transactions of the account were in blocks.
	pub nonce: u32,
	/// The last block that can have it.
	pub until: u32,
}

/// What is being put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Toppings {
	/// For which deal.
	pub deal: DealId,
	/// For each slot, in planck.
	pub share: u128,
	/// The first slot that gets it.
	pub first: u8,
	/// The one behind the last.
	pub beyond: u8,
	/// The next one: those before it have it.
	pub next: u8,
	/// A final block in which there was the deal.
	pub known: u32,
	/// What may be on its way for the next one.
	pub under: Option<Under>,
}

/// What the file holds. Numbers that JSON does not have are texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Body {
	deal: DealId,
	share: String,
	first: u8,
	beyond: u8,
	next: u8,
	known: u32,
	under: Option<Sent>,
}

/// What may be on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Sent {
	before: String,
	paid: String,
	/// In hexadecimal digits.
	holder: Option<String>,
	nonce: u32,
	until: u32,
}

impl Sent {
	fn of(under: &Under) -> Self {
		Self {
			before: under.before.to_string(),
			paid: under.paid.to_string(),
			holder: under.holder.map(|holder| to_hex(&holder.0, false)),
			nonce: under.nonce,
			until: under.until,
		}
	}

	fn under(&self) -> Option<Under> {
		let holder = match &self.holder {
			Some(digits) => Some(DeviceId(from_hex(digits).ok()?.try_into().ok()?)),
			None => None,
		};
		Some(Under {
			before: self.before.parse().ok()?,
			paid: self.paid.parse().ok()?,
			holder,
			nonce: self.nonce,
			until: self.until,
		})
	}
}

impl Toppings {
	/// How many slots get it.
	pub const fn count(&self) -> u8 {
		self.beyond.saturating_sub(self.first)
	}

	fn body(&self) -> Body {
		Body {
			deal: self.deal,
			share: self.share.to_string(),
			first: self.first,
			beyond: self.beyond,
			next: self.next,
			known: self.known,
			under: self.under.as_ref().map(Sent::of),
		}
	}

	fn of(body: &Body) -> Option<Self> {
		let under = match &body.under {
			Some(sent) => Some(sent.under()?),
			None => None,
		};
		Some(Self {
			deal: body.deal,
			share: body.share.parse().ok()?,
			first: body.first,
			beyond: body.beyond,
			next: body.next,
			known: body.known,
			under,
		})
	}
}

/// The file of a top-up, which one program at a time has.
#[derive(Debug)]
pub struct TopUp {
	folder: PathBuf,
	_lock: File,
}

impl TopUp {
	/// The one of a folder, with what is on its way, if anything is.
	///
	/// # Errors
	/// If it is damaged, or another program has it; of the file system.
	pub fn open(folder: &Path) -> Result<(Self, Option<Toppings>), VoucherError> {
		keys::create_folder(folder)?;
		let lock = folder.join(LOCK);
		let file = File::create(&lock).map_err(|error| failed(&lock, &error))?;
		paid::lock(&file, &lock, VoucherError::Busy)?;
		let top_up = Self {
			folder: folder.into(),
			_lock: file,
		};
		let path = folder.join(FILE);
		let damaged = |why: &str| VoucherError::PutIn {
			path: path.clone(),
			why: why.into(),
		};
		let body: Body = match keys::open_kept(KIND, &path) {
			Ok(body) => body,
			Err(KeyError::Missing { .. }) => return Ok((top_up, None)),
			Err(KeyError::Damaged { cause, .. }) => return Err(damaged(&cause)),
			Err(error) => return Err(error.into()),
		};
		let found = Toppings::of(&body).ok_or_else(|| damaged("a number cannot be read"))?;
		Ok((top_up, Some(found)))
	}

	/// Notes how far it is. It is durable afterwards.
	///
	/// # Errors
	/// Of the file system; it is as it was then.
	pub fn write(&self, toppings: &Toppings) -> Result<(), VoucherError> {
		let text = keys::kept_text(KIND, toppings.body())?;
		Ok(keys::replace(&self.folder.join(FILE), text.as_bytes())?)
	}

	/// Nothing is on its way any more.
	///
	/// # Errors
	/// Of the file system.
	pub fn end(&self) -> Result<(), VoucherError> {
		let path = self.folder.join(FILE);
		match fs::remove_file(&path) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path, &error)),
			_ => Ok(()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_on_its_way_comes_back() {
		let folder = tempfile::tempdir().unwrap();
		let place = folder.path().join("top-ups/one");
		let (top_up, found) = TopUp::open(&place).unwrap();
		assert_eq!(found, None);
		assert!(matches!(TopUp::open(&place).unwrap_err(), VoucherError::Busy));
		let mut toppings = Toppings {
			deal: 17,
			share: u128::MAX,
			first: 0,
			beyond: 8,
			next: 3,
			known: 9,
			under: None,
		};
		let under = |holder| Under {
			before: u128::MAX,
			paid: 4,
			holder,
			nonce: 6,
			until: 7,
		};
		for under in [None, Some(under(None)), Some(under(Some(DeviceId([0xab; 32]))))] {
			toppings.under = under;
			top_up.write(&toppings).unwrap();
		}
		drop(top_up);
		let (top_up, found) = TopUp::open(&place).unwrap();
		assert_eq!(found, Some(toppings));
		top_up.end().unwrap();
		drop(top_up);
		let (top_up, found) = TopUp::open(&place).unwrap();
		assert_eq!(found, None);
		drop(top_up);
		fs::write(place.join(FILE), "{}").unwrap();
		assert!(TopUp::open(&place).is_err());
	}
}
