//! What the beacon draws: which slots are asked, which of their chunks, and who is offered a slot.

use crate::{DealId, Hash, SlotAt, Tick};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;
use storage_proof_primitives::{Shape, ASKED};

// What keeps draws apart: all have one length, and none is another. What follows each has a fixed length as well.
const AUDIT: &[u8; 21] = b"smart/storage/audit/1";
const FIRST: &[u8; 21] = b"smart/storage/first/1";
const PLACE: &[u8; 21] = b"smart/storage/place/1";
const SLOTS: &[u8; 21] = b"smart/storage/slots/1";
const PROBE: &[u8; 21] = b"smart/storage/probe/1";

/// What the VRF outputs of authors have accumulated to.
pub type Randomness = [u8; 32];

/// Which slot of which deal.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SlotId {
	/// The deal.
	pub deal: DealId,
	/// Which of its slots, counted from 0.
	pub slot: SlotAt,
}

impl SlotId {
	/// That slot of a deal.
	pub const fn new(deal: DealId, slot: SlotAt) -> Self {
		Self { deal, slot }
	}

	/// What is drawn from: the deal, and a byte of the slot. No deal has more than 32.
	fn bytes(self) -> [u8; 9] {
		let [slot, ..] = self.slot.to_le_bytes();
		let deal = self.deal.to_le_bytes();
		core::array::from_fn(|i| deal.get(i).copied().unwrap_or(slot))
	}
}

/// Numbers that nobody could foresee, as many as are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw(Hash);

impl Draw {
	fn of(parts: &[&[u8]]) -> Self {
		Self(blake2_256(&parts.concat()))
	}

	/// Those that follow from a VRF's output: what a prober has to look at.
	pub fn of_vrf(output: &Hash) -> Self {
		Self::of(&[PROBE, output])
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
pub fn place(randomness: &Randomness, at: SlotId, attempt: u32) -> Draw {
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
	/// What the slots that are asked at this tick are drawn from, by their places in a dense list.
	pub fn slots(&self) -> Draw {
		Draw::of(&[SLOTS, &self.randomness, &self.tick.to_le_bytes()])
	}

	/// What the chunks of a slot that is asked at this tick are drawn from.
	pub fn audit(&self, at: SlotId) -> Draw {
		Draw::of(&[AUDIT, &self.randomness, &self.tick.to_le_bytes(), &at.bytes()])
	}

	/// Which chunks of a slot are asked at this tick. They may be the same one.
	pub fn asked(&self, at: SlotId, shape: Shape) -> [u32; ASKED] {
		let (draw, chunks) = (self.audit(at), shape.chunks());
		let mut number = 0u32;
		[(); ASKED].map(|()| {
			let chunk = draw.below_u32(number, chunks);
			number = number.saturating_add(1);
			chunk
		})
	}

	/// Which chunk, besides the last one, whoever gets a slot shows first. The moment is one at which the roots of the
	/// deal had been committed already.
	pub fn first(&self, at: SlotId, attempt: u32, shape: Shape) -> u32 {
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
