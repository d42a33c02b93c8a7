//! What a header says of a change of voters.

use crate::{VoterSet, BFT_ENGINE_ID};
use codec::{Decode, DecodeAll, Encode};
use sp_runtime::{generic::DigestItem, traits::Header};

/// What the runtime writes into a header's digest, as `Consensus` of [`BFT_ENGINE_ID`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ConsensusLog {
	/// The voter set ends with this block; this one is the next.
	#[codec(index = 1)]
	ScheduledChange(VoterSet),
}

impl ConsensusLog {
	/// The digest item.
	pub fn item(&self) -> DigestItem {
		DigestItem::Consensus(BFT_ENGINE_ID, self.encode())
	}
}

/// Why a header's logs make no sense. The runtime of a valid block writes none like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeError {
	/// One does not decode.
	Undecodable,
	/// There are several.
	Several,
}

impl core::fmt::Display for ChangeError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::Undecodable => f.write_str("its change of voters does not decode"),
			Self::Several => f.write_str("it changes the voters more than once"),
		}
	}
}

impl core::error::Error for ChangeError {}

/// The voter set that starts with this block, if it changes the voters.
///
/// # Errors
/// If the header says so more than once, or illegibly.
pub fn scheduled_change(header: &impl Header) -> Result<Option<VoterSet>, ChangeError> {
	let mut found = None;
	for item in header.digest().logs() {
		let DigestItem::Consensus(BFT_ENGINE_ID, bytes) = item else {
			continue;
		};
		let ConsensusLog::ScheduledChange(set) =
			ConsensusLog::decode_all(&mut &bytes[..]).map_err(|_| ChangeError::Undecodable)?;
		if found.replace(set).is_some() {
			return Err(ChangeError::Several);
		}
	}
	Ok(found)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{vec, vec::Vec};
	use sp_runtime::{generic, traits::BlakeTwo256, Digest};

	fn header(logs: Vec<DigestItem>) -> generic::Header<u32, BlakeTwo256> {
		generic::Header::new(
			1,
			Default::default(),
			Default::default(),
			Default::default(),
			Digest { logs },
		)
	}

	#[test]
	fn a_change_is_found_among_other_items() {
		let set = VoterSet {
			set_id: 4,
			voters: Vec::new(),
			relaxed_quorum: 5,
		};
		let change = ConsensusLog::ScheduledChange(set.clone()).item();
		let other = DigestItem::Consensus(*b"POCA", vec![9]);
		let seal = DigestItem::Seal(BFT_ENGINE_ID, vec![9]);
		assert_eq!(scheduled_change(&header(vec![])), Ok(None));
		assert_eq!(scheduled_change(&header(vec![other.clone(), seal.clone()])), Ok(None));
		assert_eq!(
			scheduled_change(&header(vec![other, change.clone(), seal])),
			Ok(Some(set))
		);
		assert_eq!(
			scheduled_change(&header(vec![change.clone(), change])),
			Err(ChangeError::Several)
		);
		let illegible = DigestItem::Consensus(BFT_ENGINE_ID, vec![9]);
		assert_eq!(
			scheduled_change(&header(vec![illegible])),
			Err(ChangeError::Undecodable)
		);
	}
}
