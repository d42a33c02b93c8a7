//! What lies in a store's folder, and the bytes of its small files.
//!
//! ```text
//! store              "SCSTORE" 1 | genesis 32 | device 32 | sum 8
//! lock               held locked by the agent that runs
//! slots/17-03/meta   "SCSLOT\0" 1 | deal u64 | slot u8 | state u8 | made u32 | bytes u64 | scrubbed u64 | root 32 | sum 8
//!             data   its bytes; room for all of them is taken at once
//!             values while it comes: the value of each group, 32 bytes
//!             mark   while it comes: how much is durable, (count u64 | durable u64 | sum 8) at 0 and at 4,096 in turn
//!             outboard  once it is whole: 64 bytes for each group but one
//! trash/             what is being deleted
//! ```
//! Numbers are little-endian; a sum is the first bytes of the BLAKE3 hash of what is before it. A state is 0 while the
//! slot comes, 1 once it is sealed. What ends in `.new` counts for nothing.

use crate::store::Owner;
use smartchain_transfer::wire::SlotId;
use std::{
	fs::{self, File},
	io::{self, Write},
	path::Path,
};
use storage_proof_primitives::Hash;

/// The file that says whose store a folder is.
pub(crate) const STORE: &str = "store";
/// The lock.
pub(crate) const LOCK: &str = "lock";
/// The folder of slots.
pub(crate) const SLOTS: &str = "slots";
/// The folder of what is being deleted.
pub(crate) const TRASH: &str = "trash";
/// Files of a slot.
pub(crate) const META: &str = "meta";
pub(crate) const DATA: &str = "data";
pub(crate) const VALUES: &str = "values";
pub(crate) const MARK: &str = "mark";
pub(crate) const OUTBOARD: &str = "outboard";

/// Bytes of a sum.
const SUM: usize = 8;
const STORE_MAGIC: &[u8; 8] = b"SCSTORE\x01";
const META_MAGIC: &[u8; 8] = b"SCSLOT\0\x01";
/// Bytes of a slot's meta.
const META_BYTES: usize = 8 + 8 + 1 + 1 + 4 + 8 + 8 + 32 + SUM;
/// Bytes of a mark's record.
pub(crate) const RECORD: usize = 16 + SUM;
/// Where the second record of a mark lies: no write to a disk tears both.
pub(crate) const SECOND: u64 = 4_096;

pub(crate) fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
	let hash = blake3::hash(&bytes);
	bytes.extend(hash.as_bytes().iter().take(SUM));
	bytes
}

fn without_sum(bytes: &[u8]) -> Option<&[u8]> {
	let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
	(blake3::hash(body).as_bytes().get(..SUM)? == sum).then_some(body)
}

/// The bytes of the file that says whose store it is.
pub(crate) fn store_bytes(owner: &Owner) -> Vec<u8> {
	with_sum([&STORE_MAGIC[..], &owner.genesis, &owner.device].concat())
}

/// The version of such a file, if it is one.
pub(crate) fn store_version(bytes: &[u8]) -> Option<u8> {
	let (magic, rest) = bytes.split_first_chunk::<7>()?;
	(magic[..] == STORE_MAGIC[..7]).then(|| rest.first().copied())?
}

/// What is kept of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
	pub id: SlotId,
	/// Its root, once it is sealed.
	pub root: Option<Hash>,
	pub bytes: u64,
	pub made: u32,
	/// When it was read as a whole, in Unix time; 0 if never.
	pub scrubbed: u64,
}

impl Meta {
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = META_MAGIC.to_vec();
		bytes.extend(self.id.deal.to_le_bytes());
		bytes.push(self.id.slot);
		bytes.push(u8::from(self.root.is_some()));
		bytes.extend(self.made.to_le_bytes());
		bytes.extend(self.bytes.to_le_bytes());
		bytes.extend(self.scrubbed.to_le_bytes());
		bytes.extend(self.root.unwrap_or_default());
		with_sum(bytes)
	}

	pub fn decode(bytes: &[u8]) -> Option<Self> {
		if bytes.len() != META_BYTES {
			return None;
		}
		let rest = without_sum(bytes)?.strip_prefix(&META_MAGIC[..])?;
		let (deal, rest) = rest.split_first_chunk::<8>()?;
		let ([slot, state], rest) = rest.split_first_chunk::<2>()?;
		let (made, rest) = rest.split_first_chunk::<4>()?;
		let (length, rest) = rest.split_first_chunk::<8>()?;
		let (scrubbed, rest) = rest.split_first_chunk::<8>()?;
		let root: Hash = rest.try_into().ok()?;
		Some(Self {
			id: SlotId {
				deal: u64::from_le_bytes(*deal),
				slot: *slot,
			},
			root: (*state == 1).then_some(root),
			bytes: u64::from_le_bytes(*length),
			made: u32::from_le_bytes(*made),
			scrubbed: u64::from_le_bytes(*scrubbed),
		})
	}
}

/// A record of how much is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
	pub count: u64,
	pub durable: u64,
}

impl Mark {
	pub fn encode(&self) -> Vec<u8> {
		with_sum([self.count.to_le_bytes(), self.durable.to_le_bytes()].concat())
	}

	fn decode(bytes: &[u8]) -> Option<Self> {
		let (count, durable) = without_sum(bytes)?.split_first_chunk::<8>()?;
		Some(Self {
			count: u64::from_le_bytes(*count),
			durable: u64::from_le_bytes(durable.try_into().ok()?),
		})
	}

	/// The newer of two that is whole; none durable if neither is.
	pub fn of(bytes: &[u8]) -> Self {
		let second = usize::try_from(SECOND).unwrap_or(usize::MAX);
		let at = |from: usize| bytes.get(from..from.saturating_add(RECORD)).and_then(Self::decode);
		let marks = [at(0), at(second)];
		marks
			.into_iter()
			.flatten()
			.max_by_key(|mark| mark.count)
			.unwrap_or_default()
	}

	/// Where it is written: not over the one before.
	pub fn place(&self) -> u64 {
		if self.count % 2 == 0 {
			0
		} else {
			SECOND
		}
	}
}

/// Writes a file in the place of another one, durably.
pub(crate) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
	let beside = folder.join(format!("{name}.new"));
	let mut file = File::create(&beside)?;
	file.write_all(bytes)?;
	file.sync_all()?;
	fs::rename(&beside, folder.join(name))?;
	sync_folder(folder)
}

/// Names in a folder are durable afterwards.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
	File::open(folder)?.sync_all()
}

/// The name of a slot's folder.
pub(crate) fn name_of(id: SlotId) -> String {
	format!("{}-{:02}", id.deal, id.slot)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Written down once, from the formats' description, by another program.
	const GOLDEN: &str = include_str!("golden/store-v1.hex");

	fn hex(bytes: &[u8]) -> String {
		bytes.iter().map(|byte| format!("{byte:02x}")).collect()
	}

	fn meta(root: Option<Hash>) -> Meta {
		Meta {
			id: SlotId { deal: 17, slot: 3 },
			root,
			bytes: 1 << 20,
			made: 900,
			scrubbed: 1_700_000_000,
		}
	}

	#[test]
	fn the_bytes_stay() {
		let owner = Owner {
			genesis: [1; 32],
			device: [2; 32],
		};
		let mark = Mark {
			count: 5,
			durable: 65_536,
		};
		let found = [
			store_bytes(&owner),
			meta(Some([7; 32])).encode(),
			meta(None).encode(),
			mark.encode(),
		];
		let golden: Vec<&str> = GOLDEN.lines().filter(|line| !line.starts_with('#')).collect();
		assert_eq!(found.map(|bytes| hex(&bytes)).to_vec(), golden);
		assert_eq!(store_version(&store_bytes(&owner)), Some(1));
	}

	#[test]
	fn what_is_damaged_is_not_taken_for_something_else() {
		for meta in [meta(Some([7; 32])), meta(None)] {
			let bytes = meta.encode();
			assert_eq!(Meta::decode(&bytes), Some(meta));
			for at in 0..bytes.len() {
				let mut wrong = bytes.clone();
				wrong[at] ^= 1;
				assert_eq!(Meta::decode(&wrong), None, "byte {at}");
				assert_eq!(Meta::decode(&bytes[..at]), None, "{at} bytes");
			}
		}
	}

	#[test]
	fn a_torn_mark_leaves_the_one_before() {
		let mut file = vec![0; SECOND as usize + RECORD];
		for count in 1..20_u64 {
			let (mark, before) = (
				Mark {
					count,
					durable: count * 10,
				},
				Mark::of(&file),
			);
			assert_eq!(before.count, count - 1);
			let (bytes, place) = (mark.encode(), mark.place() as usize);
			for torn in 0..RECORD {
				let mut cut = file.clone();
				cut[place..place + torn].copy_from_slice(&bytes[..torn]);
				let found = Mark::of(&cut);
				assert!(found == before || found == mark, "{torn} of {count}: {found:?}");
			}
			file[place..place + RECORD].copy_from_slice(&bytes);
			assert_eq!(Mark::of(&file), mark);
		}
	}
}
