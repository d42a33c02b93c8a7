//! Which slots are asked when, and for which chunks.

use crate::{draw::words, DealId, Geometry, Hash, SlotAt};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::Tick;
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// What the seed of a challenge begins with, before it is hashed.
pub const AUDIT_DOMAIN: &[u8; 20] = b"SmartChain/audit/v1\0";

/// How many chunks a challenge asks for.
pub const CHUNKS: usize = 2;

/// The chunks that a challenge asks for, each as probable as the others; twice the same one now and then.
pub fn chunks(randomness: &Hash, tick: Tick, deal: DealId, slot: SlotAt, geometry: &Geometry) -> [u64; CHUNKS] {
	let hash = blake2_256(&(AUDIT_DOMAIN, randomness, tick, deal, slot).encode());
	let [one, two, ..] = words(&hash);
	let count = geometry.slot_chunks();
	// There is always a chunk.
	[one, two].map(|word| word.checked_rem(count).unwrap_or(0))
}

/// The chunks by which a device confirms: the last one, which proves the length, and one that is drawn.
pub fn first_chunks(randomness: &Hash, tick: Tick, deal: DealId, slot: SlotAt, geometry: &Geometry) -> [u64; CHUNKS] {
	let [drawn, _] = chunks(randomness, tick, deal, slot, geometry);
	[geometry.slot_chunks().saturating_sub(1), drawn]
}

/// Checks that a chunk is the one with this number of the bytes that a root stands for. Whoever has the hash's rules
/// has it; a deal does not.
pub trait Openings {
	/// Whether `chunk` is chunk `index` of a slot of `slot_len` bytes with this root, by the hashes of `path`.
	fn check(root: &Hash, slot_len: u64, index: u64, chunk: &[u8], path: &[Hash]) -> bool;
}

/// How many challenges are due, tick by tick, without a rounding loss.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Quota {
	/// What is owed and was no whole challenge, in parts of one: below a day's ticks.
	pub owed: u64,
}

impl Quota {
	/// How many challenges are due now, where each of so many slots has `each` in `day` ticks, at most `cap`. What is
	/// above that is left out, and the second value says so: the rate has fallen.
	pub fn due(&mut self, slots: u32, each: u32, day: Tick, cap: u32) -> (u32, bool) {
		let more = u64::from(slots).saturating_mul(u64::from(each));
		let owed = self.owed.saturating_add(more);
		let day = u64::from(day.max(1));
		self.owed = owed.rem_euclid(day);
		let due = owed.div_euclid(day);
		match u32::try_from(due) {
			Ok(due) if due <= cap => (due, false),
			_ => (cap, true),
		}
	}
}
