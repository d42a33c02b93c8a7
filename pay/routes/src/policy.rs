//! What a relay takes, and how long a way may be.

use crate::amounts::part_of;
use channel_primitives::{Balance, Tick, DAY};
use codec::{Decode, Encode};

/// The most channels of a way.
pub const MAX_HOPS: usize = 8;
/// The least margin of a relay that counts, in ticks: ten minutes. Whoever names less is taken to want so much.
pub const LEAST_MARGIN: Tick = 1_200;
/// For how many ticks a lock is given at most: seven days.
pub const MAX_TICKS: Tick = 7 * DAY;

/// What a program takes for carrying payments on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Policy {
	/// For each payment, in planck,
	pub fee_base: Balance,
	/// and of each million planck of it.
	pub fee_ppm: u32,
	/// How many ticks later than the onward lock one has to expire that comes.
	pub margin: Tick,
}

impl Policy {
	/// What it takes for carrying this amount on, in planck, rounded up; at most `u128::MAX`.
	pub fn fee(&self, amount: Balance) -> Balance {
		self.fee_base
			.saturating_add(part_of(amount, self.fee_ppm.into(), 1_000_000))
	}

	/// What has to come so that this amount goes on; none beyond `u128::MAX`.
	pub fn incoming(&self, amount: Balance) -> Option<Balance> {
		let fee_ppm = part_of(amount, self.fee_ppm.into(), 1_000_000);
		amount.checked_add(self.fee_base)?.checked_add(fee_ppm)
	}

	/// The margin that counts.
	pub fn ticks(&self) -> Tick {
		self.margin.max(LEAST_MARGIN)
	}
}
