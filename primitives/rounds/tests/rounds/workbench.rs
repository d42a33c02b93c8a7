//! Pools, and where their jitter comes from.

use rounds_primitives::{Jitter, Member};
use smartchain_rng::Rng;

/// Jitter with a seed.
pub struct Seeded(pub Rng);

impl Seeded {
	pub fn new(seed: u64) -> Self {
		Self(Rng::new(seed))
	}
}

impl Jitter for Seeded {
	fn below(&mut self, end: u64) -> u64 {
		self.0.below(end)
	}
}

/// None at all: the middle of every range.
pub struct Still;

impl Jitter for Still {
	fn below(&mut self, end: u64) -> u64 {
		end / 2
	}
}

pub fn pool(weights: &[u32]) -> Vec<Member> {
	weights.iter().copied().map(Member::new).collect()
}

/// Weights from 1 to 8 of some thousands.
pub fn uneven(count: u64, seed: u64) -> Vec<u32> {
	let mut rng = Rng::new(seed);
	(0..count).map(|_| rng.range(1_000, 8_000) as u32).collect()
}
