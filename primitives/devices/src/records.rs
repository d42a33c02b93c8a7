//! Devices as the chain keeps them, and what is shown to it of their keys.

use crate::{DeviceKey, DeviceSignature, Endpoints, ModelId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::sr25519;

/// The place of a key among those of its vendor.
pub type KeyIndex = u8;

/// An attestation that was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Attested {
	/// Of which model the device is.
	pub model: ModelId,
	/// Which of the vendor's keys signed.
	pub key: KeyIndex,
	/// The era in which it was shown.
	pub since: u32,
}

/// Who has suspended a device. It is active if nobody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Suspension {
	/// Its owner.
	pub owner: bool,
	/// The vendor that attested it.
	pub vendor: bool,
}

impl Suspension {
	/// Whether nobody has.
	pub fn is_none(&self) -> bool {
		!self.owner && !self.vendor
	}
}

/// A device that is registered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Device<AccountId> {
	/// How many were registered before it: its place in the status lists.
	pub number: u64,
	/// Its key.
	pub key: DeviceKey,
	/// The lottery key that it enrolled for its owner; none if its own key is sr25519.
	pub enrolled: Option<sr25519::Public>,
	/// The slot of the block in which it got its lottery key.
	pub lottery_since: u64,
	/// Who owns it.
	pub owner: AccountId,
	/// What is held of its owner for it, in planck.
	pub deposit: u128,
	/// The era in which it was registered.
	pub registered: u32,
	/// How many times it changed hands.
	pub transfers: u32,
	/// Whether it is active.
	pub suspended: Suspension,
	/// What a vendor says of it.
	pub attested: Option<Attested>,
	/// To whom its owner offers it.
	pub offered_to: Option<AccountId>,
	/// How its agent is reached.
	pub endpoints: Endpoints,
}

impl<AccountId> Device<AccountId> {
	/// The key by which it takes part in lotteries; none for a state that no call makes.
	pub fn lottery(&self) -> Option<sr25519::Public> {
		match (&self.key, self.enrolled) {
			(DeviceKey::Sr25519(key), None) => Some(*key),
			(_, enrolled) => enrolled,
		}
	}

	/// Whether nobody has suspended it.
	pub fn is_active(&self) -> bool {
		self.suspended.is_none()
	}
}

/// The lottery key of a device whose own key is not sr25519.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EnrolmentProof {
	/// The key.
	pub lottery: sr25519::Public,
	/// Its signature under [`Enrolment`](crate::Enrolment).
	pub signature: sr25519::Signature,
}

/// What a vendor says of a device, as it is shown to the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AttestationProof {
	/// Of which model the device is.
	pub model: ModelId,
	/// Which of the keys of the model's vendor signed.
	pub key: KeyIndex,
	/// Its signature under [`Attestation`](crate::Attestation).
	pub signature: DeviceSignature,
}
