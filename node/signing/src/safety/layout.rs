//! The bytes of the file.

use super::{
	sizes::{FILE_LENGTH, REGION_LENGTH},
	Damage, Record,
};
use bft_finality_primitives::VoterId;
use codec::{Decode, Encode};
use sp_core::H256;
use sp_runtime::traits::{BlakeTwo256, Hash};

const CHECKSUM_LENGTH: usize = 32;
const BODY_LENGTH: usize = REGION_LENGTH - CHECKSUM_LENGTH;

/// Starts every record; its last byte is the version of the layout.
const MAGIC: [u8; 8] = *b"SCVOTER\x01";

/// A record as it lies on the disk, before padding and checksum.
#[derive(Debug, Encode, Decode)]
pub(super) struct Stored {
	magic: [u8; 8],
	seq: u64,
	genesis: H256,
	key: VoterId,
	record: Record,
}

/// The newest sound record of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
	/// Its number.
	pub seq: u64,
	/// What it says.
	pub record: Record,
	/// The other record is damaged.
	pub one_damaged: bool,
}

impl Stored {
	pub(super) fn new(seq: u64, genesis: &H256, key: &VoterId, record: &Record) -> Self {
		Self {
			magic: MAGIC,
			seq,
			genesis: *genesis,
			key: key.clone(),
			record: *record,
		}
	}

	/// The record's region: body, zeros, checksum over both.
	pub(super) fn to_region(&self) -> Vec<u8> {
		let mut region = self.encode();
		region.resize(BODY_LENGTH, 0);
		let checksum = BlakeTwo256::hash(&region).0;
		region.extend_from_slice(&checksum);
		region
	}

	/// The record of region `index`; `None` where it is not whole or not in its place.
	fn from_region(index: usize, region: &[u8]) -> Option<Self> {
		let (body, checksum) = region.split_at_checked(BODY_LENGTH)?;
		if BlakeTwo256::hash(body).0 != checksum {
			return None;
		}
		let mut rest = body;
		let stored = Self::decode(&mut rest).ok()?;
		let in_place = stored.seq % 2 == index as u64 && stored.seq != u64::MAX;
		let sound = stored.magic == MAGIC && in_place && stored.record.is_coherent().is_ok();
		(sound && rest.iter().all(|byte| *byte == 0)).then_some(stored)
	}

	fn follows(&self, older: &Self) -> bool {
		older.seq.checked_add(1) == Some(self.seq)
			&& self.genesis == older.genesis
			&& self.key == older.key
			&& older.record.may_become(&self.record).is_ok()
	}
}

/// Where record `seq` goes.
pub(super) fn region_offset(seq: u64) -> u64 {
	(seq % 2) * REGION_LENGTH as u64
}

/// The newest sound record in a file of these bytes, for `key` on the chain of `genesis`. Never panics, whatever the
/// bytes.
///
/// # Errors
/// Why the file proves nothing.
pub fn read_records(bytes: &[u8], genesis: &H256, key: &VoterId) -> Result<Newest, Damage> {
	let (stored, newest) = newest(bytes, genesis)?;
	if stored.key != *key {
		return Err(Damage::OtherKey { found: stored.key });
	}
	Ok(newest)
}

/// As [`read_records`], whichever key's file it is, and that key.
pub(super) fn read_any(bytes: &[u8], genesis: &H256) -> Result<(VoterId, Newest), Damage> {
	newest(bytes, genesis).map(|(stored, newest)| (stored.key, newest))
}

fn newest(bytes: &[u8], genesis: &H256) -> Result<(Stored, Newest), Damage> {
	if bytes.len() != FILE_LENGTH {
		return Err(Damage::Length { found: bytes.len() });
	}
	let (first, second) = bytes.split_at(REGION_LENGTH);
	let (stored, one_damaged) = match (Stored::from_region(0, first), Stored::from_region(1, second)) {
		(Some(a), Some(b)) => {
			let (older, newer) = if a.seq < b.seq { (a, b) } else { (b, a) };
			if !newer.follows(&older) {
				return Err(Damage::Unrelated);
			}
			(newer, false)
		}
		(Some(one), None) | (None, Some(one)) => (one, true),
		(None, None) => return Err(Damage::NoRecord),
	};
	if stored.genesis != *genesis {
		return Err(Damage::OtherChain { found: stored.genesis });
	}
	let newest = Newest {
		seq: stored.seq,
		record: stored.record,
		one_damaged,
	};
	Ok((stored, newest))
}
