//! What the machine is told of the world.

use codec::{Decode, Encode};
use core::fmt;

/// A root of BLAKE3, or another hash.
pub type Hash = [u8; 32];

/// A time of the markets' clock.
pub type Tick = u32;

/// Planck.
pub type Balance = u128;

/// Bytes of a group: what rots and is rebuilt as one.
pub const GROUP: u64 = 16 << 10;

/// A slot of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct SlotKey {
	/// The deal.
	pub deal: u64,
	/// Which of its slots, counted from 0.
	pub slot: u8,
}

impl fmt::Display for SlotKey {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}/{}", self.deal, self.slot)
	}
}

/// What a slot is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Contents {
	/// Its root.
	pub root: Hash,
	/// How many bytes.
	pub bytes: u64,
}

/// What the device has to do with a slot, by the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
	/// It was drawn, and has not confirmed.
	Drawn {
		/// The last tick at which it can confirm.
		until: Tick,
		/// Which draw of the slot it was.
		attempt: u16,
		/// Whether it is to build the slot from others: the deal is active, and no owner uploads.
		repair: bool,
		/// The chunks that a confirmation shows now: the last one, and one that is drawn. None as long as that is not
		/// known.
		chunks: Option<[u32; 2]>,
	},
	/// It holds it.
	Held {
		/// What it has earned there and not claimed, in planck.
		accrued: Balance,
		/// Up to which tick that is settled.
		proven_to: Tick,
		/// Whether it has missed a challenge and proven nothing since.
		suspect: bool,
		/// Whether it is to leave as soon as another device has the slot.
		leaving: bool,
		/// The tick at which the deal ends, if it is active.
		ends: Option<Tick>,
	},
}

/// A slot of the device, as the chain has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
	/// Which.
	pub key: SlotKey,
	/// Bytes of it.
	pub bytes: u64,
	/// Its root; none as long as the owner has not committed it.
	pub root: Option<Hash>,
	/// What the device has to do with it.
	pub role: Role,
}

/// A challenge of the device that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
	/// The last tick at which an answer counts.
	pub until: Tick,
	/// Its number among those of that tick.
	pub index: u32,
	/// Which slot.
	pub key: SlotKey,
	/// Which chunks.
	pub chunks: [u32; 2],
}

/// What of a slot is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnDisk {
	/// Which.
	pub key: SlotKey,
	/// Bytes that it is to have.
	pub bytes: u64,
	/// How many of these, from the first on, are durable.
	pub durable: u64,
	/// Its root, if all of it was hashed and lies there with its outboard.
	pub root: Option<Hash>,
	/// When all of it was read last, in Unix time, seconds.
	pub scrubbed: Option<u64>,
	/// The tick at which room was made for it: before that no chain knows of it.
	pub made: Tick,
}

/// A promise of an owner to pay for what was served, signed: the sum of all so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Voucher {
	/// For which slot.
	pub key: SlotKey,
	/// The sum, in planck.
	pub total: Balance,
	/// As it goes to the chain; at most [`MAX_DEED`](crate::MAX_DEED) bytes.
	pub bytes: Vec<u8>,
}

/// The time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
	/// Milliseconds of a clock that does not go back.
	pub ms: u64,
	/// Unix time in seconds, by the machine's own clock. Nothing but scrubs goes by it.
	pub unix: u64,
}

/// Hours of a night, in UTC from the configured one on, in which scrubs begin.
pub const SCRUB_NIGHT: u64 = 6;

/// What does not change as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
	/// Bytes that slots may take on the disk, without their outboards.
	pub space: u64,
	/// Answers are sent no later than so many ticks before their time is over: they have to reach a block.
	pub margin: Tick,
	/// Ticks between two claims.
	pub claim_every: Tick,
	/// What a claim brings at least, in planck.
	pub claim_least: Balance,
	/// What vouchers of a slot have to bring before they are redeemed, in planck, unless its deal ends.
	pub redeem_least: Balance,
	/// What a transaction costs the owner's account about, in planck: what brings no more is not sent.
	pub fee: Balance,
	/// The hour, UTC, from which on slots are scrubbed.
	pub scrub_hour: u8,
	/// Slots that are rebuilt at a time, from 1.
	pub repairs: u32,
	/// Whether the owner's account signs what needs that: claims, wishes to be asked, vouchers. Else none of these is
	/// sent, and a person does it.
	pub signs: bool,
}

impl Default for Config {
	fn default() -> Self {
		Self {
			space: 0,
			margin: 2,
			claim_every: 172_800,
			claim_least: 0,
			redeem_least: 1,
			fee: 0,
			scrub_hour: 2,
			repairs: 1,
			signs: false,
		}
	}
}
