//! What follows from the terms of a round for a claim, by the arithmetic of the chain itself.

use proof_lottery_primitives::{Lottery, OpenRound, Terms, WINS_BITS};

/// The terms of a round: what they say of threshold and expectation depends on these numbers alone.
pub(crate) fn terms(open: &OpenRound) -> Terms {
	Terms {
		lottery: Lottery {
			tau: 1,
			rounds: open.rounds,
			filter: open.filter,
			answer: 1,
			most_wins: open.wins,
			wins_per_block: 1,
			assured_from: 1,
		},
		wins: open.wins,
	}
}

/// How many wins a device that claims so many units, and has them, expects in this round, times 2^32.
pub fn expected(open: &OpenRound, units: u32) -> u64 {
	let in_tau = u64::from(terms(open).expected(units).0) << (32 - WINS_BITS);
	in_tau.checked_div(open.rounds.into()).unwrap_or(0)
}

/// How many wins of a window the chain takes from a device that claims so many.
pub fn announceable(open: &OpenRound, units: u32) -> u32 {
	terms(open).most_announced(units)
}
