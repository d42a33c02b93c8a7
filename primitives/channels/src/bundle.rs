//! What a tower is given to answer for a side: no key, and nothing that moves money but to whom it belongs.

use crate::{ChannelKey, ChannelSignature, Context, Half, Hash, Locks, PerSide, Signed, Submit};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// What a tower is given, in the version of its encoding.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Watch {
	/// The first.
	#[codec(index = 1)]
	V1(WatchV1),
}

/// What a tower is given for one side of one channel. A newer one takes the place of the last.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct WatchV1 {
	/// The channel, and the side that it watches for.
	pub context: Context,
	/// The newest half of that side's **partner**.
	pub half: Signed<Half>,
	/// The side's word that it is to be let in.
	pub submit: Signed<Submit>,
	/// The locks of the half.
	pub locks: Locks,
}

/// Why a tower can not watch with what it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleError {
	/// The list is not that of the half.
	OtherLocks,
	/// The word is for another half.
	OtherHalf,
	/// A signature is false.
	BadSignature,
}

impl fmt::Display for BundleError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::OtherLocks => "the list of locks is not that of the half: send the one with its hash and total",
			Self::OtherHalf => "what was signed is to let in another half: sign it for this one",
			Self::BadSignature => "a signature is false: the half is the partner's, the word of the side itself",
		})
	}
}

impl core::error::Error for BundleError {}

impl WatchV1 {
	/// Whether the chain would take it, if these are the keys of the channel. What costs nothing is checked first.
	///
	/// # Errors
	/// Why not.
	pub fn check(
		&self,
		keys: &PerSide<ChannelKey>,
		verify: &impl Fn(&ChannelKey, &Hash, &ChannelSignature) -> bool,
	) -> Result<(), BundleError> {
		if !self.half.body.has(&self.locks) {
			return Err(BundleError::OtherLocks);
		}
		if !self.submit.body.is_for(&self.half.body, &self.context) {
			return Err(BundleError::OtherHalf);
		}
		let side = self.context.side;
		let by_partner = self
			.half
			.is_by(keys.get(side.partner()), &self.context.of_partner(), verify);
		if !by_partner || !self.submit.is_by(keys.get(side), &self.context, verify) {
			return Err(BundleError::BadSignature);
		}
		Ok(())
	}
}
