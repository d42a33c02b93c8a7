//! What the beacon draws: which slots are asked, which of their chunks, and who is offered a slot.

use crate::{shape::Shape, DealId, Hash, Randomness, Tick};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

// What keeps draws apart: all have one length, and none is another. What follows each has a fixed length as well.
const AUDIT: &[u8; 21] = b"smart/storage/audit/1";
const FIRST: &[u8; 21] = b"smart/storage/first/1";
const PLACE: &[u8; 21] = b"smart/storage/place/1";
const SLOTS: &[u8; 21] = b"smart/storage/slots/1";

/// A slot of a deal.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DealSlot {
	/// The deal.
	pub deal: DealId,
	/// Which of its slots, counted from 0.
	pub slot: u8,
}

impl DealSlot {
	fn bytes(self) -> [u8; 9] {
		let deal = self.deal.to_le_bytes();
		core::array::from_fn(|i| deal.get(i).copied().unwrap_or(self.slot))
	}
}

/// Numbers that nobody could foresee, as many as are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw(Hash);

impl Draw {
	fn of(parts: &[&[u8]]) -> Self {
		Self(blake2_256(&parts.concat()))
	}

	/// The bytes that the numbers come from.
	pub fn seed(&self) -> &Hash {
		&self.0
	}

	/// Number `number` of it, below `end`; 0 if `end` is 0. Each is as likely as any other, but for 1 in
	/// `2^64 / end`.
	pub fn below(&self, number: u32, end: u64) -> u64 {
		let hash = blake2_256(&[&self.0[..], &number.to_le_bytes()].concat());
		let first: [u8; 8] = core::array::from_fn(|i| hash[i]);
		let wide = u128::from(u64::from_le_bytes(first)).saturating_mul(end.into()) >> 64;
		u64::try_from(wide).unwrap_or(0)
	}

	/// The same, of 32 bits.
	pub fn below_u32(&self, number: u32, end: u32) -> u32 {
		u32::try_from(self.below(number, end.into())).unwrap_or(0)
	}
}

/// Where devices are drawn for a slot, by number among the tickets. `randomness` is of two turns after the deal was
/// opened, or the slot lost; with `attempt`, counted from 0, others are drawn.
pub fn place(randomness: &Randomness, at: DealSlot, attempt: u32) -> Draw {
	Draw::of(&[PLACE, randomness, &at.bytes(), &attempt.to_le_bytes()])
}

/// A tick at which slots are asked, and what the VRF outputs of authors had accumulated to in its block. It is kept
/// for as long as answers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Moment {
	/// The tick.
	pub tick: Tick,
	/// The accumulator.
	pub randomness: Randomness,
}

impl Moment {
	/// Which of the slots that are held is asked as number `number` at this tick, by its place in their dense index.
	/// One may be drawn twice: whoever keeps the list leaves it out then.
	pub fn slot(&self, number: u32, active: u32) -> u32 {
		Draw::of(&[SLOTS, &self.randomness, &self.tick.to_le_bytes()]).below_u32(number, active)
	}

	/// What the chunks of a slot that is asked at this tick are drawn from.
	pub fn audit(&self, at: DealSlot) -> Draw {
		Draw::of(&[AUDIT, &self.randomness, &self.tick.to_le_bytes(), &at.bytes()])
	}

	/// Which chunks of a slot are asked at this tick. They may be the same one.
	pub fn asked<const N: usize>(&self, at: DealSlot, shape: Shape) -> [u32; N] {
		let (draw, chunks) = (self.audit(at), shape.chunks());
		let mut number = 0u32;
		[(); N].map(|()| {
			let chunk = draw.below_u32(number, chunks);
			number = number.saturating_add(1);
			chunk
		})
	}

	/// Which chunk, besides the last one, whoever gets a slot shows first. The moment is one at which the roots of the
	/// deal had been committed already.
	pub fn first(&self, at: DealSlot, attempt: u32, shape: Shape) -> u32 {
		let parts: [&[u8]; 5] = [
			FIRST,
			&self.randomness,
			&self.tick.to_le_bytes(),
			&at.bytes(),
			&attempt.to_le_bytes(),
		];
		Draw::of(&parts).below_u32(0, shape.chunks())
	}
}
