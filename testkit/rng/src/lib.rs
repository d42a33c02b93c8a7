#![doc = include_str!("../README.md")]

use std::{
	ops::Range,
	time::{SystemTime, UNIX_EPOCH},
};

/// The source.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
	/// Begins at a seed.
	pub fn new(seed: u64) -> Self {
		Self(seed ^ 0x5e_ed0f_5a17)
	}

	/// The seed in `SMARTCHAIN_TEST_SEED`, or one from the clock.
	pub fn seed_from_env() -> u64 {
		number_in("SMARTCHAIN_TEST_SEED").unwrap_or_else(|| {
			let now = SystemTime::now().duration_since(UNIX_EPOCH);
			now.map_or(1, |now| now.as_micros() as u64)
		})
	}

	/// The next number.
	pub fn next_u64(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// A number below `end`; 0 if `end` is 0.
	pub fn below(&mut self, end: u64) -> u64 {
		self.next_u64() % end.max(1)
	}

	/// A number from `low` to `high`, both included.
	pub fn range(&mut self, low: u64, high: u64) -> u64 {
		low + self.below(high - low + 1)
	}

	/// True in `percent` of a hundred cases.
	pub fn percent(&mut self, percent: u64) -> bool {
		self.below(100) < percent
	}

	/// One of the items; none if there are none.
	pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
		items.get(self.below(items.len() as u64) as usize)
	}

	/// Random bytes.
	pub fn bytes(&mut self, length: usize) -> Vec<u8> {
		(0..length).map(|_| self.next_u64() as u8).collect()
	}
}

/// The seeds of a test: `count` from zero on, or the one that `SMARTCHAIN_SEED` names.
pub fn seeds(count: u64) -> Range<u64> {
	match number_in("SMARTCHAIN_SEED") {
		Some(seed) => seed..seed.saturating_add(1),
		None => 0..count,
	}
}

/// By how much a campaign multiplies its usual number of seeds: `SMARTCHAIN_RUNS`, for long ones.
pub fn runs() -> u64 {
	number_in("SMARTCHAIN_RUNS").unwrap_or(1)
}

fn number_in(variable: &str) -> Option<u64> {
	std::env::var(variable).ok().and_then(|text| text.trim().parse().ok())
}

#[cfg(test)]
mod tests {
	use super::Rng;

	#[test]
	fn the_same_seed_yields_the_same_numbers() {
		let numbers = |seed| {
			let mut rng = Rng::new(seed);
			(0..8).map(|_| rng.next_u64()).collect::<Vec<_>>()
		};
		assert_eq!(numbers(7), numbers(7));
		assert_ne!(numbers(7), numbers(8));
	}

	#[test]
	fn numbers_stay_in_their_range() {
		let mut rng = Rng::new(1);
		assert!((0..1_000).all(|_| (3..=5).contains(&rng.range(3, 5))));
		assert_eq!(rng.below(0), 0);
		assert_eq!(rng.pick::<u8>(&[]), None);
	}
}
