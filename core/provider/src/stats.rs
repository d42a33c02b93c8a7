//! What became of the rounds of a lottery, counted.

/// Counted since the machine was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
	/// Rounds that were seen.
	pub seen: u64,
	/// Rounds between those that were seen, which were not: node or program were away, or no block opened them.
	pub missed: u64,
	/// Rounds in which the work was done to the end.
	pub worked: u64,
	/// Answers that were submitted, each counted once.
	pub answered: u64,
	/// Answers that are in a block.
	pub won: u64,
	/// Answers that were submitted and are in no block.
	pub lost: u64,
	/// How many wins were to be expected of what is claimed, in the rounds that were seen, times 2^32.
	pub expected: u64,
}

impl Stats {
	/// How many wins were to be expected, in thousandths.
	pub fn expected_thousandths(&self) -> u64 {
		let thousandths = (u128::from(self.expected).saturating_mul(1_000)) >> 32;
		u64::try_from(thousandths).unwrap_or(u64::MAX)
	}
}
