//! What became of challenges and slots, since the program began.

use crate::{types::Tick, why::REASONS};

/// Counts. None of them goes down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
	/// Challenges that were answered in a block.
	pub answered: u64,
	/// Challenges that were missed, by [`REASONS`].
	pub missed: [u64; REASONS.len()],
	/// Ticks from seeing a challenge to its answer in a block, all together,
	pub answer_ticks: u64,
	/// and of the last one.
	pub last_answer: Option<Tick>,
	/// Slots that were confirmed.
	pub confirmed: u64,
	/// Slots that could not be confirmed in time.
	pub unconfirmed: u64,
	/// Slots that were built from others.
	pub repaired: u64,
	/// Milliseconds that took, all together.
	pub repair_ms: u64,
	/// Groups that were found rotten,
	pub rotten: u64,
	/// and those that were mended.
	pub mended: u64,
	/// Slots that were read as a whole.
	pub scrubbed: u64,
}

impl Stats {
	/// All challenges that were missed.
	pub fn all_missed(&self) -> u64 {
		self.missed.iter().fold(0, |sum, count| sum.saturating_add(*count))
	}
}
