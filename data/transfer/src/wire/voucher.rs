//! What pays a holder, and what it signs for probers.

use super::{from_hex, to_hex, Caller, SlotId};
use codec::{Decode, DecodeAll, Encode};
use device_primitives::{DeviceId, DeviceSignature};
use storage_market_primitives::SlotId as At;

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

/// What a holder signs for a prober before it sends: the market's receipt, byte for byte what a report of the probe
/// shows the chain. There is no other.
pub type Receipt = storage_market_primitives::Receipt<DeviceId>;

/// The receipt of a device for so many bytes of a slot that a caller reads in an era of the probes.
pub fn receipt_of(device: DeviceId, caller: &Caller, slot: SlotId, era: u32, bytes: u32) -> Receipt {
	Receipt {
		prober: caller.device(),
		device,
		at: At::new(slot.deal, slot.slot.into()),
		era,
		bytes,
	}
}

/// A receipt with its signature, as its header has it: hexadecimal digits of the SCALE encoding.
pub(crate) fn receipt_to_header(receipt: &Receipt, signature: &DeviceSignature) -> String {
	to_hex(&(receipt, signature).encode())
}

/// The signature in a header, if it comes with this receipt.
pub(crate) fn receipt_of_header(value: &str, expected: &Receipt) -> Option<DeviceSignature> {
	let bytes = from_hex(value)?;
	let (receipt, signature) = <(Receipt, DeviceSignature)>::decode_all(&mut bytes.as_slice()).ok()?;
	(receipt == *expected).then_some(signature)
}
