//! What the storage holds, and what calls carry.

use codec::{Decode, Encode, MaxEncodedLen};
use device_primitives::{DeviceKey, KeyIndex, Name};
use scale_info::TypeInfo;

/// Planck.
pub type Balance = u128;

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
