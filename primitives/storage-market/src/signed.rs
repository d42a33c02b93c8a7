//! What keys sign beside transactions. Each payload begins with a domain of its own, which ends with a version, and
//! names the chain by its genesis: what was signed for one purpose or one chain is worth nothing for another.

use crate::{Balance, Hash, SlotId};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Implements `payload` for what is signed.
macro_rules! signed {
	($name:ident, $domain:literal) => {
		impl<Device: Encode> $name<Device> {
			/// What the payload begins with.
			pub const DOMAIN: &'static [u8] = $domain;

			/// The bytes that are signed, on the chain of this genesis.
			pub fn payload<Genesis: Encode>(&self, genesis: &Genesis) -> Vec<u8> {
				let mut payload = Self::DOMAIN.to_vec();
				(genesis, self).encode_to(&mut payload);
				payload
			}
		}
	};
}

/// "I have this slot, and answer for it": what the lottery key of a device signs when it confirms. By its owner's
/// collateral: so nobody else confirms for it, though whoever made the slot could open it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Acceptance<Device> {
	/// The device.
	pub device: Device,
	/// The slot.
	pub at: SlotId,
	/// Which draw of the slot it was: what was signed for one is worth nothing after another.
	pub attempt: u16,
	/// The root of what it has.
	pub root: Hash,
}
signed!(Acceptance, b"SmartChain slot acceptance v1");

/// "So much I owe for all that this device gave me of this slot, since it has it": what a customer signs, each time the
/// whole sum.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Voucher<Device> {
	/// The slot.
	pub at: SlotId,
	/// Who gave it.
	pub device: Device,
	/// The sum of all so far, in planck.
	pub total: Balance,
}
signed!(Voucher, b"SmartChain retrieval voucher v1");

/// "This prober fetched so much of this slot from me in this era": what the lottery key of a device signs that is
/// probed. Who did not fetch has none.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Receipt<Device> {
	/// Who fetched.
	pub prober: Device,
	/// Who gave.
	pub device: Device,
	/// What.
	pub at: SlotId,
	/// In which era of the probes.
	pub era: u32,
	/// How many bytes.
	pub bytes: u32,
}
signed!(Receipt, b"SmartChain probe receipt v1");

#[cfg(test)]
mod tests {
	use super::*;

	/// Else the bytes of one could be read as another.
	#[test]
	fn no_domain_begins_another() {
		let domains = [Acceptance::<u8>::DOMAIN, Voucher::<u8>::DOMAIN, Receipt::<u8>::DOMAIN];
		for (a, first) in domains.iter().enumerate() {
			for (b, second) in domains.iter().enumerate() {
				assert!(a == b || !second.starts_with(first), "{a} {b}");
			}
		}
	}

	#[test]
	fn what_is_signed_names_chain_slot_device_and_sum() {
		let voucher = Voucher {
			at: SlotId::new(7, 3),
			device: 5_u8,
			total: 9,
		};
		let others = [
			Voucher {
				at: SlotId::new(8, 3),
				..voucher.clone()
			},
			Voucher {
				at: SlotId::new(7, 2),
				..voucher.clone()
			},
			Voucher {
				device: 6,
				..voucher.clone()
			},
			Voucher {
				total: 10,
				..voucher.clone()
			},
		];
		let genesis = [1_u8; 32];
		for other in others {
			assert_ne!(other.payload(&genesis), voucher.payload(&genesis));
		}
		assert_ne!(voucher.payload(&[2_u8; 32]), voucher.payload(&genesis));
	}
}
