//! Numbers for tests: of this crate, of what fuzzes it, and of who uses it.

use crate::{Lottery, Wins};

/// Space: slots of half a second, 14 days and a round each minute, of which a plot tries in one of 16; four wins a day.
pub const SPACE: Lottery = Lottery {
	tau: 2_419_200,
	rounds: 20_160,
	filter: 16,
	answer: 24,
	most_wins: Wins::of(56),
	wins_per_block: 40,
	assured_from: 172_800,
};
