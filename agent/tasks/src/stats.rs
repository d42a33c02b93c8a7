//! What became of tasks, since the program began.

use crate::why::REASONS;

/// Counts. None of them goes down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
	/// Units that were run to an outcome,
	pub ran: u64,
	/// their fuel,
	pub fuel: u64,
	/// and how long that took, in milliseconds, all together.
	pub run_ms: u64,
	/// Units that this machine could not run.
	pub faults: u64,
	/// Tasks whose commitment the chain has,
	pub committed: u64,
	/// and ticks from being given them to that, all together.
	pub commit_ticks: u64,
	/// Tasks that were revealed.
	pub revealed: u64,
	/// Tasks that were handed back.
	pub declined: u64,
	/// Outputs that were asked for, as a prober, and reported.
	pub reported: u64,
	/// Tasks that were missed, by [`REASONS`].
	pub missed: [u64; REASONS.len()],
}

impl Stats {
	/// All tasks that were missed.
	pub fn all_missed(&self) -> u64 {
		self.missed.iter().fold(0, |sum, count| sum.saturating_add(*count))
	}
}
