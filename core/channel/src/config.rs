//! What a person or an operator chooses.

use channel_primitives::{Account, Balance, ChannelKey, Tick, HOUR};

/// A tower that watches the channels of this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tower {
	/// Its account, which gets the reward.
	pub account: Account,
	/// The key of its receipts.
	pub key: ChannelKey,
	/// What it gets if it answers, in planck.
	pub reward: Balance,
	/// Whether nothing is acknowledged that it has no receipt for.
	pub strict: bool,
}

/// What a person or an operator chooses. All times are ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
	/// What it takes to carry a lock on, in planck,
	pub fee_base: Balance,
	/// and of each million planck of it.
	pub fee_ppm: u32,
	/// How much later than the lock that goes on the one that came expires at least: the time in which this side has
	/// to claim it, if the onward one is met at its last tick.
	pub margin: Tick,
	/// A lock that comes and expires sooner is given up at once.
	pub last_hop: Tick,
	/// So long before its expiry the chain is shown that the condition of a lock is met, if its payer has not paid. Of
	/// one that was carried on it is half the margin.
	pub resolve_before: Tick,
	/// So long after a lock counts as met on chain its payer may take to pay; then the channel is closed.
	pub patience: Tick,
	/// A call whose effect is not seen is made again after so long.
	pub resubmit: Tick,
	/// For how long a closing together counts that this side proposes, and a withdrawal. It signs nothing else while
	/// the former does.
	pub together: Tick,
	/// So long before its expiry a lock over a chain of hashes is paid up.
	pub pay_up_before: Tick,
	/// The tower, if there is one.
	pub tower: Option<Tower>,
}

impl Default for Config {
	fn default() -> Self {
		Self {
			fee_base: 0,
			fee_ppm: 1,
			margin: HOUR,
			last_hop: 240,
			resolve_before: 120,
			patience: 1_200,
			resubmit: 20,
			together: 240,
			pay_up_before: 180,
			tower: None,
		}
	}
}

impl Config {
	/// What it takes to carry this amount on, in planck, rounded up.
	pub fn fee(&self, amount: Balance) -> Balance {
		let (millions, rest) = (amount / 1_000_000, amount % 1_000_000);
		let ppm = Balance::from(self.fee_ppm);
		let of_rest = rest.saturating_mul(ppm).div_ceil(1_000_000);
		self.fee_base
			.saturating_add(millions.saturating_mul(ppm))
			.saturating_add(of_rest)
	}

	/// Whether acks wait for receipts of a tower.
	pub fn is_strict(&self) -> bool {
		self.tower.is_some_and(|tower| tower.strict)
	}
}
