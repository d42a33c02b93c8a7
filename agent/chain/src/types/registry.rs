//! What the chain remembers of keys and accounts.

use super::Balance;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// What a key was used for: each is used once, and what became of its device is remembered for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
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

/// An account that stands for election, or has left and still has its bond held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Candidate {
	/// What is held of its account, in planck.
	pub bond: Balance,
	/// Whether directors admitted it.
	pub admitted: bool,
	/// Eras in a row that it has served as director.
	pub terms: u32,
	/// The era from which it may take its bond; none if it stands for election.
	pub withdrawable: Option<u32>,
}
