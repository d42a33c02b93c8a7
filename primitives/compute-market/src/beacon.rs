//! What the beacon draws: who works on a job, whose turn it is, and what is run again.

use crate::{Hash, JobId, Tick, UnitAt};
use rounds_primitives::Jitter;
use sp_arithmetic::Perbill;
use sp_crypto_hashing::blake2_256;

// What keeps draws apart: all have one length, and none is another. What follows each has a fixed length as well.
const POOL: &[u8; 22] = b"smart/compute/pools/01";
const ROUND: &[u8; 22] = b"smart/compute/round/01";
const CHECK: &[u8; 22] = b"smart/compute/check/01";

/// What the VRF outputs of authors have accumulated to.
pub type Randomness = [u8; 32];

/// Numbers that nobody could foresee, as many as are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
	seed: Hash,
	drawn: u32,
}

impl Draw {
	fn of(parts: &[&[u8]]) -> Self {
		Self {
			seed: blake2_256(&parts.concat()),
			drawn: 0,
		}
	}

	/// The bytes that the numbers come from.
	pub fn seed(&self) -> &Hash {
		&self.seed
	}

	/// Number `number` of it, below `end`; 0 if `end` is 0. Each is as likely as any other, but for 1 in `2^64 / end`.
	pub fn at(&self, number: u32, end: u64) -> u64 {
		let hash = blake2_256(&[&self.seed[..], &number.to_le_bytes()].concat());
		let first: [u8; 8] = core::array::from_fn(|i| hash.get(i).copied().unwrap_or(0));
		let wide = u128::from(u64::from_le_bytes(first)).saturating_mul(end.into()) >> 64;
		u64::try_from(wide).unwrap_or(0)
	}

	/// The same, of 32 bits.
	pub fn at_u32(&self, number: u32, end: u32) -> u32 {
		u32::try_from(self.at(number, end.into())).unwrap_or(0)
	}
}

/// One number after the other.
impl Jitter for Draw {
	fn below(&mut self, end: u64) -> u64 {
		let number = self.at(self.drawn, end);
		self.drawn = self.drawn.saturating_add(1);
		number
	}
}

/// Where workers are drawn for a job, by number among the tickets. With another `attempt` others are drawn.
pub fn pool(randomness: &Randomness, job: JobId, attempt: u32) -> Draw {
	Draw::of(&[POOL, randomness, &job.to_le_bytes(), &attempt.to_le_bytes()])
}

/// What moves turns in a job's rounds at a tick.
pub fn jitter(randomness: &Randomness, job: JobId, now: Tick) -> Draw {
	Draw::of(&[ROUND, randomness, &job.to_le_bytes(), &now.to_le_bytes()])
}

/// Whether an accepted unit is run again, as such a share of all is. `randomness` is of two turns after it was accepted.
pub fn rechecked(randomness: &Randomness, job: JobId, unit: UnitAt, share: Perbill) -> bool {
	let draw = Draw::of(&[CHECK, randomness, &job.to_le_bytes(), &unit.to_le_bytes()]);
	draw.at(0, 1_000_000_000) < share.deconstruct().into()
}
