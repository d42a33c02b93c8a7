//! What the device stores for others, as a status shows it.

use super::{decimal::planck, parts::cut};
use serde::{Deserialize, Serialize};

/// The most slots that are told.
pub const MAX_STORED: usize = 64;

/// The most rows of a count.
const MAX_COUNTS: usize = 24;

/// A number with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
	/// What is counted.
	pub name: String,
	/// How many.
	pub count: u64,
}

/// What the device stores for others. Counts are since the program started, money is in planck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
	/// Where slots are served.
	pub listen: String,
	/// The markets' clock; none before the first block.
	pub tick: Option<u32>,
	/// What is asked for a GiB and era.
	#[serde(with = "planck")]
	pub ask: u128,
	/// Bytes that are offered.
	pub offered_bytes: u64,
	/// How many tickets the device has: without one it gets no new slot.
	pub tickets: u32,
	/// Bytes that slots take,
	pub used_bytes: u64,
	/// and that the disk has free; none if it was not asked.
	pub free_bytes: Option<u64>,
	/// Slots by how far they are.
	pub states: Vec<Count>,
	/// Challenges that are open and not answered.
	pub open: u64,
	/// Challenges that were answered in a block.
	pub answered: u64,
	/// Challenges that were missed, by reason.
	pub missed: Vec<Count>,
	/// How long the last answer took to be in a block, in milliseconds,
	pub answer_millis: Option<u64>,
	/// and all of them together.
	pub answer_millis_total: u64,
	/// Slots that were confirmed,
	pub confirmed: u64,
	/// and those that were not in time.
	pub unconfirmed: u64,
	/// Slots that were built from others,
	pub repaired: u64,
	/// and how long that took, in milliseconds.
	pub repair_millis: u64,
	/// Groups of 16 KiB that were found rotten,
	pub rotten: u64,
	/// and mended.
	pub mended: u64,
	/// Slots that were read as a whole.
	pub scrubbed: u64,
	/// When the slot that was read longest ago was; 0 if one never was, none if none is held.
	pub scrubbed_oldest: Option<u64>,
	/// Bytes of slots that were sent,
	pub sent_bytes: u64,
	/// and that came.
	pub received_bytes: u64,
	/// Requests with a good claim,
	pub requests: u64,
	/// and those that were refused.
	pub refused: u64,
	/// What slots have earned and nobody has claimed.
	#[serde(with = "planck")]
	pub claimable: u128,
	/// What vouchers still bring.
	#[serde(with = "planck")]
	pub vouchers: u128,
	/// Slots, by deal. At most [`MAX_STORED`].
	pub slots: Vec<StoredSlot>,
}

/// A slot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSlot {
	/// The deal.
	pub deal: u64,
	/// Its number there.
	pub slot: u8,
	/// How far it is: `drawn`, `uploading`, `repairing`, `confirming`, `held`, `suspect`, `leaving`, `missing`, `ended`.
	pub state: String,
	/// Bytes of it.
	pub bytes: u64,
	/// How many of these are durable here.
	pub durable: u64,
	/// Groups that are to be mended.
	pub rotten: u64,
	/// What it has earned and nobody has claimed.
	#[serde(with = "planck")]
	pub accrued: u128,
	/// When it was read as a whole; none if it never was.
	pub scrubbed: Option<u64>,
	/// What is the matter, if something is.
	pub why: String,
}

impl Storage {
	/// All challenges that were missed.
	pub fn all_missed(&self) -> u64 {
		self.missed
			.iter()
			.fold(0, |sum, missed| sum.saturating_add(missed.count))
	}

	/// How many slots are in a state.
	pub fn in_state(&self, name: &str) -> u64 {
		self.states
			.iter()
			.find(|state| state.name == name)
			.map_or(0, |state| state.count)
	}

	pub(super) fn bound(&mut self) {
		self.slots.truncate(MAX_STORED);
		self.states.truncate(MAX_COUNTS);
		self.missed.truncate(MAX_COUNTS);
		cut(&mut self.listen);
		for slot in &mut self.slots {
			cut(&mut slot.state);
			cut(&mut slot.why);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lists_and_texts_are_bounded() {
		let slot = StoredSlot {
			why: "x".repeat(10_000),
			..StoredSlot::default()
		};
		let count = Count {
			name: "x".into(),
			count: u64::MAX,
		};
		let mut storage = Storage {
			slots: vec![slot; 1_000],
			missed: vec![count.clone(); 1_000],
			states: vec![count; 1_000],
			..Storage::default()
		};
		storage.bound();
		assert_eq!((storage.slots.len(), storage.missed.len()), (MAX_STORED, MAX_COUNTS));
		assert!(storage.slots[0].why.chars().count() <= super::super::MAX_TEXT);
		assert_eq!(storage.all_missed(), u64::MAX);
	}
}
