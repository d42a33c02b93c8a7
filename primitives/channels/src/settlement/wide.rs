//! Sums that 128 bits may not hold.

/// A sum of numbers of 128 bits: how often they overflowed, and what is left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
	overflows: u32,
	rest: u128,
}

impl Wide {
	/// The exact sum.
	pub(super) fn sum<const N: usize>(parts: [u128; N]) -> Self {
		let mut sum = Self { overflows: 0, rest: 0 };
		for part in parts {
			let (rest, over) = sum.rest.overflowing_add(part);
			sum.rest = rest;
			sum.overflows = sum.overflows.saturating_add(u32::from(over));
		}
		sum
	}

	/// By how much it is more than another sum: 0 if it is not, and the most there is if 128 bits do not hold it.
	pub(super) fn beyond(self, other: Self) -> u128 {
		if self <= other {
			return 0;
		}
		let (rest, under) = self.rest.overflowing_sub(other.rest);
		let overflows = self
			.overflows
			.saturating_sub(other.overflows)
			.saturating_sub(u32::from(under));
		if overflows == 0 {
			rest
		} else {
			u128::MAX
		}
	}

	/// Whether 128 bits hold it.
	pub(super) fn fits(self) -> bool {
		self.overflows == 0
	}
}
