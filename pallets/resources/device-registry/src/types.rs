//! What the storage holds, and what calls carry.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use device_primitives::{DeviceKey, DeviceSignature, Endpoints, ModelId, Name};
use scale_info::TypeInfo;
use sp_core::sr25519;

/// Planck.
pub type Balance = u128;

/// The place of a key among those of its vendor.
pub type KeyIndex = u8;

/// An account that attests devices.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Vendor {
	/// How it calls itself: a claim, which nobody checks.
	pub name: Name,
	/// How many keys it has had.
	pub keys: KeyIndex,
	/// What is held of its account, for itself, its keys and its models, in planck.
	pub deposit: Balance,
	/// The era from which what it attested is void, if it was revoked.
	pub void_from: Option<u32>,
}

/// A key of a vendor. It is never removed, for attestations name it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct VendorKey {
	/// The key.
	pub key: DeviceKey,
	/// Whether it attests.
	pub status: KeyStatus,
}

/// What a vendor's key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum KeyStatus {
	/// It attests.
	Valid,
	/// It attests nothing new. What it attested stays.
	Rotated {
		/// The era from which it was so.
		from: u32,
	},
	/// Somebody else has it. What was shown in this era or later is void: the date in an attestation says nothing, for
	/// a thief would write an earlier one.
	Revoked {
		/// The era.
		void_from: u32,
	},
}

/// A kind of devices.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Model<AccountId> {
	/// Who makes it.
	pub vendor: AccountId,
	/// How the vendor calls it.
	pub name: Name,
}

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
	/// The lottery key that it enrolled; none if its own key is sr25519.
	pub enrolled: Option<sr25519::Public>,
	/// Who owns it.
	pub owner: AccountId,
	/// What is held of its owner for it, in planck.
	pub deposit: Balance,
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
}

/// What a key was used for. A key is used once, and what is kept of it for good is 16 bytes of a hash and this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum KeyUse {
	/// It is a device's.
	Device,
	/// It was a device's that its owner retired.
	Retired,
	/// It was a device's that was revoked.
	Revoked,
	/// A device enrolled it for lotteries, whether or not that is still registered.
	Lottery,
	/// It is a vendor's.
	Vendor,
}

/// The lottery key of a device whose own key is not sr25519.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct EnrolmentProof {
	/// The key.
	pub lottery: sr25519::Public,
	/// Its signature under `device_primitives::Enrolment`.
	pub signature: sr25519::Signature,
}

/// What a vendor says of a device, as it is shown to the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct AttestationProof {
	/// Of which model the device is.
	pub model: ModelId,
	/// Which of the keys of the model's vendor signed.
	pub key: KeyIndex,
	/// Its signature under `device_primitives::Attestation`.
	pub signature: DeviceSignature,
}
