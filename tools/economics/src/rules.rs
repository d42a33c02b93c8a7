//! What stands between a self-dealer and its gain, in percent, and within which bounds.

/// A value and its bounds, all in percent.
pub struct Bound {
	/// Its name.
	pub name: &'static str,
	/// What it does.
	pub what: &'static str,
	/// The least that it may be.
	pub low: u64,
	/// The most that it may be.
	pub high: u64,
	/// The value of some rules.
	pub of: fn(&Rules) -> u64,
}

/// The rules that make self-dealing cost something. All values are percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
	/// Burned of each payment.
	pub burn: u64,
	/// Burned of the escrow of a deal that is given up before it is active.
	pub given_up: u64,
	/// Of the tickets that a draw looks at, those that have to meet the terms, or the deal does not count.
	pub terms_met: u64,
	/// Of its price, the most that a unit is issued for.
	pub price_share: u64,
}

/// The bounds of all four.
pub const BOUNDS: [Bound; 4] = [
	Bound {
		name: "`burn`",
		what: "burned of each payment",
		low: 1,
		high: 10,
		of: |rules| rules.burn,
	},
	Bound {
		name: "`given_up`",
		what: "burned of the escrow of a deal that is given up before it is active",
		low: 3,
		high: 50,
		of: |rules| rules.given_up,
	},
	Bound {
		name: "`terms_met`",
		what: "of the tickets that a draw looks at, those that have to meet the terms, or the deal does not count",
		low: 50,
		high: 100,
		of: |rules| rules.terms_met,
	},
	Bound {
		name: "`price_share`",
		what: "of its price, the most that issuance pays for a unit",
		low: 1,
		high: 100,
		of: |rules| rules.price_share,
	},
];

impl Rules {
	/// As they were first thought of: half of the tickets, 3 % of payments and of what is given up, at most the price.
	pub const FIRST: Self = Self {
		burn: 3,
		given_up: 3,
		terms_met: 50,
		price_share: 100,
	};

	/// Under which no self-dealer of this simulation gains, up to half of all capacity.
	pub const TIGHT: Self = Self {
		burn: 3,
		given_up: 25,
		terms_met: 90,
		price_share: 30,
	};

	/// Whether each is within its bounds.
	#[cfg(test)]
	pub fn is_within_bounds(&self) -> bool {
		BOUNDS
			.iter()
			.all(|bound| (bound.low..=bound.high).contains(&(bound.of)(self)))
	}
}

#[cfg(test)]
mod tests {
	use super::Rules;

	#[test]
	fn rules_are_within_their_bounds() {
		assert!(Rules::FIRST.is_within_bounds());
		assert!(Rules::TIGHT.is_within_bounds());
		assert!(!Rules {
			burn: 11,
			..Rules::FIRST
		}
		.is_within_bounds());
	}
}
