//! Amounts and times as people read them: what the daemon says goes to logs and to programs, too.

use crate::TICK;
use channel_primitives::{Balance, Tick};
use smart_agent_chain::{DECIMALS, SYMBOL};
use smart_agent_terminal::{duration, money::Currency};

/// An amount, with its unit.
pub(crate) fn stci(planck: Balance) -> String {
	Currency::new(SYMBOL, DECIMALS).exact(planck)
}

/// A number of ticks, and how long they last if none is left out.
pub(crate) fn lasting(ticks: Tick) -> String {
	format!("{ticks} ticks (about {})", duration(TICK.saturating_mul(ticks)))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn short_times_are_no_nothing() {
		for (ticks, expected) in [
			(3, "3 ticks (about 1 s)"),
			(40, "40 ticks (about 20 s)"),
			(7_200, "7200 ticks (about 1 h 0 min)"),
			(172_800, "172800 ticks (about 1 d 0 h)"),
		] {
			assert_eq!(lasting(ticks), expected);
		}
	}

	#[test]
	fn amounts_are_exact_and_have_a_unit() {
		assert_eq!(stci(1_500_000_000_001), "1.500000000001 STCI");
	}
}
