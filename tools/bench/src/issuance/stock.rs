//! What a change of era and its payments weigh on a stock node, by the weights that the SDK publishes.
//!
//! They are those of `pallet-staking` 50.0.0 (`src/weights.rs`, `SubstrateWeight`: the SDK's node on its reference
//! machine, 2025-02-21), of the release that this chain is built with:
//!
//! - `new_era(v, n)`: `v` validators are elected on chain out of as many, by `n` nominators with 16 nominations each,
//!   and what is staked on each of them is written. Measured up to 10 and 100; beyond that it is the same line. That of
//!   `get_npos_voters`, measured up to 1,000 and 5,000, is as steep in `n`: 22.75 us and 4 reads.
//! - `payout_stakers_alive_staked(n)`: a validator and `n` of its nominators are paid for an era. Measured up to 32.
//!   Pages are not counted: a validator with more nominators than a page has costs one call more for each.
//!
//! Left out, all in a stock node's favour: what calls in blocks before the election cost, the end of an era itself,
//! which has no weight of its own, and that the block in which a session ends is charged as a full one. A node whose
//! election is solved outside and before writes less in that one block, and pays for snapshots, solutions and their
//! checks elsewhere.
//!
//! The newer `pallet-staking-async` has no weights to compare with: those in 0.17.0 are of a trial run (2 steps,
//! 1 repetition).
//!
//! Reads and writes count what they count on this chain (ParityDB: 8 and 50 us). On a stock node's RocksDB they are 25
//! and 100.

use frame_support::weights::Weight;
use smartchain_runtime::limits::DbWeight;

/// A part of a published weight: picoseconds, reads and writes.
struct Part {
	time: u64,
	reads: u64,
	writes: u64,
}

/// Of `new_era`: what it takes at the least,
const ERA: Part = Part {
	time: 708_732_000,
	reads: 206,
	writes: 3,
};
/// for each validator,
const ERA_OF_VALIDATOR: Part = Part {
	time: 70_087_600,
	reads: 5,
	writes: 3,
};
/// and for each nominator.
const ERA_OF_NOMINATOR: Part = Part {
	time: 22_953_405,
	reads: 4,
	writes: 0,
};
/// Of `payout_stakers_alive_staked`: for the validator,
const PAYOUT: Part = Part {
	time: 190_956_682,
	reads: 13,
	writes: 4,
};
/// and for each nominator.
const PAYOUT_OF_NOMINATOR: Part = Part {
	time: 77_126_544,
	reads: 6,
	writes: 3,
};

impl Part {
	fn times(&self, count: u32) -> Weight {
		Weight::from_parts(self.time, 0)
			.saturating_add(DbWeight::get().reads_writes(self.reads, self.writes))
			.saturating_mul(count.into())
	}
}

/// `new_era` for so many validators and nominators.
pub fn new_era(validators: u32, nominators: u32) -> Weight {
	ERA.times(1)
		.saturating_add(ERA_OF_VALIDATOR.times(validators))
		.saturating_add(ERA_OF_NOMINATOR.times(nominators))
}

/// One call of `payout_stakers` for each validator, which pay so many nominators together.
pub fn payouts(validators: u32, nominators: u32) -> Weight {
	PAYOUT
		.times(validators)
		.saturating_add(PAYOUT_OF_NOMINATOR.times(nominators))
}

#[cfg(test)]
mod tests {
	use super::*;

	/// 99 validators and 1,000 nominators, counted by hand: 4,701 reads and 300 writes; 7,287 and 3,396.
	#[test]
	fn weights_are_those_of_the_published_formulas() {
		let era = 30_600_809_400 + 4_701 * 8_000_000 + 300 * 50_000_000;
		assert_eq!(new_era(99, 1_000).ref_time(), era);
		let payouts_of_all = 96_031_255_518 + 7_287 * 8_000_000 + 3_396 * 50_000_000;
		assert_eq!(payouts(99, 1_000).ref_time(), payouts_of_all);
	}
}
