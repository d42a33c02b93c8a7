//! A small deterministic random source (splitmix64): the same seed gives the same run everywhere.

/// The source.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
	/// Begins at a seed.
	pub fn new(seed: u64) -> Self {
		Self(seed ^ 0x5e_ed0f_5a17)
	}

	/// The next number.
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// Below `end`, which is above zero.
	pub fn below(&mut self, end: u64) -> u64 {
		self.next() % end.max(1)
	}

	/// From `low` to `high`, both included.
	pub fn range(&mut self, low: u64, high: u64) -> u64 {
		low + self.below(high - low + 1)
	}

	/// True so many times in a hundred.
	pub fn percent(&mut self, percent: u64) -> bool {
		self.below(100) < percent
	}

	/// One of them.
	pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
		items.get(self.below(items.len() as u64) as usize)
	}
}

/// The seeds of a test: `count` from zero on, or the one that `SMARTCHAIN_SEED` names.
pub fn seeds(count: u64) -> std::ops::Range<u64> {
	match std::env::var("SMARTCHAIN_SEED").ok().and_then(|s| s.parse().ok()) {
		Some(seed) => seed..seed + 1,
		None => 0..count,
	}
}

/// How often the usual number of seeds a campaign takes: `SMARTCHAIN_RUNS`, for long ones.
pub fn runs() -> u64 {
	std::env::var("SMARTCHAIN_RUNS")
		.ok()
		.and_then(|s| s.parse().ok())
		.unwrap_or(1)
}
