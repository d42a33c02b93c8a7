//! What devices and vendors sign. Each payload begins with a domain of its own, which ends with a version, and names
//! the chain by its genesis: what was signed for one purpose or one chain is worth nothing for another.

use crate::{DeviceId, DeviceKey};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;
use sp_core::sr25519;

/// The number of a model.
pub type ModelId = u32;

/// Implements `payload` for what is signed.
macro_rules! signed {
	($name:ident, $domain:literal) => {
		impl<AccountId: Encode> $name<AccountId> {
			/// What the payload begins with.
			pub const DOMAIN: &'static [u8] = $domain;

			/// The bytes that are signed, on the chain of this genesis.
			pub fn payload<Hash: Encode>(&self, genesis: &Hash) -> Vec<u8> {
				let mut payload = Self::DOMAIN.to_vec();
				(genesis, self).encode_to(&mut payload);
				payload
			}
		}
	};
}

/// "I am this owner's, and this key takes part in lotteries for me": what a device's key signs once, when it is
/// registered. It proves that whoever registers the key has it, and enrols the lottery key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Registration<AccountId> {
	/// The device's key.
	pub device: DeviceKey,
	/// Who owns it.
	pub owner: AccountId,
	/// Its lottery key; if its own key is sr25519, that.
	pub lottery: sr25519::Public,
}
signed!(Registration, b"SmartChain device registration v1");

/// "I take part in lotteries for this device": what a lottery key signs that is not the device's own, for each owner
/// anew, so that nobody enrols a key of others.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Enrolment<AccountId> {
	/// The device.
	pub device: DeviceId,
	/// Who owns it.
	pub owner: AccountId,
	/// The lottery key.
	pub lottery: sr25519::Public,
}
signed!(Enrolment, b"SmartChain lottery key v1");

/// "I made this device, it is of this model, and I gave it to this owner": what a vendor's key signs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Attestation<AccountId> {
	/// The device's key.
	pub device: DeviceKey,
	/// The model.
	pub model: ModelId,
	/// Who owned it when this was shown.
	pub owner: AccountId,
}
signed!(Attestation, b"SmartChain device attestation v1");

/// "I am a key of this vendor": what a vendor's key signs when it is added, so that nobody adds a key of others.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct VendorKeyClaim<AccountId> {
	/// The vendor.
	pub vendor: AccountId,
	/// The key.
	pub key: DeviceKey,
}
signed!(VendorKeyClaim, b"SmartChain vendor key v1");

/// "I am with my new owner, and this key takes part in lotteries for me": what a device's own key signs for a transfer,
/// so that it has signed for whoever owns it, always. If it lies in a chip, that is more than a copy of what the agent
/// of the one before had in its memory could sign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Transfer<AccountId> {
	/// The device.
	pub device: DeviceId,
	/// Who owns it.
	pub from: AccountId,
	/// Who will.
	pub to: AccountId,
	/// How many times it was transferred before: what was signed once is not good again when it comes back.
	pub transfers: u32,
	/// Its lottery key from then on; if its own key is sr25519, that.
	pub lottery: sr25519::Public,
}
signed!(Transfer, b"SmartChain device transfer v1");

#[cfg(test)]
mod tests {
	use super::*;

	type Account = [u8; 32];

	/// Else the bytes of one could be read as another.
	#[test]
	fn no_domain_begins_another_and_none_begins_a_transaction() {
		let domains = [
			Registration::<Account>::DOMAIN,
			Enrolment::<Account>::DOMAIN,
			Attestation::<Account>::DOMAIN,
			VendorKeyClaim::<Account>::DOMAIN,
			Transfer::<Account>::DOMAIN,
		];
		for (a, first) in domains.iter().enumerate() {
			for (b, second) in domains.iter().enumerate() {
				assert!(a == b || !second.starts_with(first), "{a} {b}");
			}
			// The payload of a transaction begins with the index of a pallet, or is a hash of 32 bytes.
			assert_eq!(first[0], b'S');
		}
	}
}
