//! What the beacon draws: who is in a job's pool, beside whom one works, what is run again, and who judges.

use crate::{Hash, JobId, Tick, UnitAt};
use rounds_primitives::Jitter;
use sp_arithmetic::Perbill;
use sp_crypto_hashing::blake2_256;
use storage_market_primitives::Randomness;

// What keeps draws apart: all have one length, and none is another. What follows each has a fixed length as well.
const POOL: &[u8; 21] = b"smart/compute/pool_/1";
const SEED: &[u8; 21] = b"smart/compute/seed_/1";
const TURN: &[u8; 21] = b"smart/compute/turn_/1";
const AGAIN: &[u8; 21] = b"smart/compute/again/1";
const JURY: &[u8; 21] = b"smart/compute/jury_/1";
const PROBE: &[u8; 21] = b"smart/compute/probe/1";
const LATER: &[u8; 21] = b"smart/compute/later/1";

/// Parts of a [`Perbill`] that are the whole.
const WHOLE: u64 = 1_000_000_000;

/// Numbers that nobody could foresee, as many as are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw(Hash);

impl Draw {
	fn of(parts: &[&[u8]]) -> Self {
		Self(blake2_256(&parts.concat()))
	}

	/// The bytes that the numbers come from.
	#[must_use]
	pub fn seed(&self) -> &Hash {
		&self.0
	}

	/// Number `number` of it, below `end`; 0 if `end` is 0. Each is as likely as any other, but for 1 in
	/// `2^64 / end`.
	#[must_use]
	pub fn below(&self, number: u32, end: u64) -> u64 {
		let hash = blake2_256(&[&self.0[..], &number.to_le_bytes()].concat());
		let first: [u8; 8] = core::array::from_fn(|i| hash[i]);
		scaled(u64::from_le_bytes(first), end)
	}

	/// The same, of 32 bits.
	#[must_use]
	pub fn below_u32(&self, number: u32, end: u32) -> u32 {
		u32::try_from(self.below(number, end.into())).unwrap_or(0)
	}

	/// Whether it hits, which it does in such a share of all cases. It takes number 0.
	#[must_use]
	pub fn hits(&self, share: Perbill) -> bool {
		self.below(0, WHOLE) < u64::from(share.deconstruct())
	}

	/// Many numbers, one after the other, at less cost than by [`Self::below`].
	#[must_use]
	pub fn stream(&self) -> Stream {
		let word = |at: usize| {
			let bytes: [u8; 8] =
				core::array::from_fn(|i| self.0.get(at.saturating_mul(8).saturating_add(i)).copied().unwrap_or(0));
			u64::from_le_bytes(bytes)
		};
		Stream(core::array::from_fn(word))
	}
}

/// A number of 64 bits, brought below `end`.
fn scaled(number: u64, end: u64) -> u64 {
	let wide = u128::from(number).saturating_mul(end.into()) >> 64;
	u64::try_from(wide).unwrap_or(0)
}

/// Numbers that follow from a draw: xoshiro256** of its seed. Whoever knows the beacon knows all of them, and so would
/// it with a hash for each: nothing but their evenness matters, and a block takes thousands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream([u64; 4]);

impl Stream {
	/// The next number of 64 bits.
	pub fn next_u64(&mut self) -> u64 {
		let [a, b, c, d] = self.0;
		let number = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
		let (c, d) = (c ^ a, d ^ b);
		self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
		number
	}
}

impl Jitter for Stream {
	fn below(&mut self, end: u64) -> u64 {
		scaled(self.next_u64(), end)
	}
}

/// Where workers are drawn for a job's pool, by number among the work tickets. `randomness` is of two turns after the
/// job was submitted; with `attempt`, counted from 0, others are drawn.
#[must_use]
pub fn pool(randomness: &Randomness, job: JobId, attempt: u32) -> Draw {
	Draw::of(&[POOL, randomness, &job.to_le_bytes(), &attempt.to_le_bytes()])
}

/// What programs of a job draw chance from, with the unit's number: known once its pool is drawn.
#[must_use]
pub fn job_seed(randomness: &Randomness, job: JobId) -> Hash {
	Draw::of(&[SEED, randomness, &job.to_le_bytes()]).0
}

/// What moves standings while they are compared, for all picks of a tick, in the order in which they are made. Who has
/// turns beside whom can be worked out once `randomness` is known: that should be no longer than the rest of a turn.
#[must_use]
pub fn jitter(randomness: &Randomness, tick: Tick) -> Stream {
	Draw::of(&[TURN, randomness, &tick.to_le_bytes()]).stream()
}

/// Whether a unit is run again ([`Draw::hits`]), and by whom (its further numbers). `randomness` is of a turn that had
/// not begun when the unit was accepted: whoever knows beforehand what is run again lies in all else.
#[must_use]
pub fn recheck(randomness: &Randomness, job: JobId, unit: UnitAt) -> Draw {
	Draw::of(&[AGAIN, randomness, &job.to_le_bytes(), &unit.to_le_bytes()])
}

/// Who of the standby compute nodes judges an appeal. `randomness` is of a turn that had not begun when it was made.
#[must_use]
pub fn jury(randomness: &Randomness, job: JobId, unit: UnitAt) -> Draw {
	Draw::of(&[JURY, randomness, &job.to_le_bytes(), &unit.to_le_bytes()])
}

/// Who asks for a disputed output. `randomness` is of a turn that had not begun when it was disputed.
#[must_use]
pub fn probers(randomness: &Randomness, job: JobId, unit: UnitAt) -> Draw {
	Draw::of(&[PROBE, randomness, &job.to_le_bytes(), &unit.to_le_bytes()])
}

/// Which of the units that were accepted last AutoMine has run again at a tick.
#[must_use]
pub fn recent(randomness: &Randomness, tick: Tick) -> Draw {
	Draw::of(&[LATER, randomness, &tick.to_le_bytes()])
}
