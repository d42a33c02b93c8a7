//! Shares of a channel: no partner of a relay takes up all of another's channel with locks that come to nothing.

use channel_primitives::Balance;

/// What of a channel's locks is taken, in all or by those of one partner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
	/// How many locks.
	pub locks: usize,
	/// How much is in them, in planck.
	pub amount: Balance,
}

/// What one partner may take up of a channel that its payments are carried on in: three quarters. The last quarter is
/// left to others, so that one that locks and never pays does not close the way for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
	/// How many locks.
	pub locks: usize,
	/// How much in them, in planck.
	pub amount: Balance,
}

impl Share {
	/// Of a channel that takes so many locks, with so much money on the side that gives them, free or locked.
	pub fn of(locks: usize, amount: Balance) -> Self {
		Self {
			locks: locks - locks / 4,
			amount: amount - amount / 4,
		}
	}

	/// Whether one more of a partner fits that has taken up so much.
	pub fn fits(&self, taken: &Load, amount: Balance) -> bool {
		let sum = taken.amount.checked_add(amount);
		taken.locks < self.locks && sum.is_some_and(|sum| sum <= self.amount)
	}
}
