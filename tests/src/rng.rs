//! A tiny seeded generator (SplitMix64), so that a run can be replayed from one printed number.

/// The generator.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
	/// A generator that always yields the same numbers for the same seed.
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// The seed in `SMARTCHAIN_TEST_SEED`, or one from the clock.
	pub fn seed_from_env() -> u64 {
		std::env::var("SMARTCHAIN_TEST_SEED")
			.ok()
			.and_then(|seed| seed.trim().parse().ok())
			.unwrap_or_else(|| {
				std::time::SystemTime::now()
					.duration_since(std::time::UNIX_EPOCH)
					.map_or(1, |now| now.as_micros() as u64)
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

	/// A number below `bound`, which is not zero.
	pub fn below(&mut self, bound: u64) -> u64 {
		self.next_u64() % bound
	}

	/// Random bytes.
	pub fn bytes(&mut self, length: usize) -> Vec<u8> {
		(0..length).map(|_| self.next_u64() as u8).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::Rng;

	#[test]
	fn the_same_seed_yields_the_same_numbers() {
		let numbers = |seed| (0..8).map(|_| Rng::new(seed).next_u64()).collect::<Vec<_>>();
		assert_eq!(numbers(7), numbers(7));
		assert_ne!(numbers(7), numbers(8));
	}
}
