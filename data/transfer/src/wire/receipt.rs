//! What a holder signs for what it sent, and what pays it.

use super::{from_hex, to_hex, Caller, SlotId};
use codec::{Decode, DecodeAll, Encode};
use device_primitives::DeviceId;
use storage_proof_primitives::{Hash, Tick};

/// Bytes of a voucher's proof, at most.
pub const MAX_PROOF: usize = 512;

/// "I will pay this much for all that I read of the slot at this device so far". What proves that to the chain is the
/// market's; the wire carries it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Voucher {
	/// Planck, all in all.
	#[codec(compact)]
	pub total: u128,
	/// What proves it: [`MAX_PROOF`] bytes at most.
	pub proof: Vec<u8>,
}

impl Voucher {
	/// As its header has it: hexadecimal digits of the SCALE encoding.
	pub fn to_header(&self) -> String {
		to_hex(&self.encode())
	}

	/// What a header says; `None` if it is no voucher, or a longer one.
	pub fn of_header(value: &str) -> Option<Self> {
		if value.len() > 2 * (MAX_PROOF + 32) {
			return None;
		}
		let found = Self::decode_all(&mut from_hex(value)?.as_slice()).ok()?;
		(found.proof.len() <= MAX_PROOF).then_some(found)
	}
}

/// "I sent this range to this caller": what a holder signs for a prober, before it sends.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
	/// Who sends.
	pub device: DeviceId,
	/// Who reads: the device, or what would be its id, of the caller's key.
	pub reader: DeviceId,
	/// Of which slot.
	pub slot: SlotId,
	/// From which byte on.
	pub from: u64,
	/// How many.
	pub length: u32,
	/// In which tick.
	pub tick: Tick,
}

impl Receipt {
	/// What the payload begins with.
	pub const DOMAIN: &'static [u8] = b"SmartChain slot receipt v1";

	/// The bytes that are signed, on the chain of this genesis.
	pub fn payload(&self, genesis: &Hash) -> Vec<u8> {
		let mut payload = Self::DOMAIN.to_vec();
		(genesis, self).encode_to(&mut payload);
		payload
	}

	/// For a range that a caller reads.
	pub fn of(device: DeviceId, caller: &Caller, slot: SlotId, from: u64, length: u32, tick: Tick) -> Self {
		Self {
			device,
			reader: caller.device(),
			slot,
			from,
			length,
			tick,
		}
	}
}
