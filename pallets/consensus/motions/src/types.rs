//! What is stored of motions.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::Get, BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use scale_info::TypeInfo;

/// The number of a motion. Numbers rise, and none is used twice.
pub type MotionId = u32;

/// An open motion.
#[derive(
	CloneNoBound,
	DebugNoBound,
	EqNoBound,
	PartialEqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxMembers))]
pub struct Motion<AccountId, BlockNumber, MaxMembers>
where
	AccountId: Clone + core::fmt::Debug + Eq,
	BlockNumber: Clone + core::fmt::Debug + Eq,
	MaxMembers: Get<u32>,
{
	/// Who proposed it.
	pub proposer: AccountId,
	/// The last block in which it can be voted on.
	pub last_block: BlockNumber,
	/// Whether it counts as an elimination.
	pub elimination: bool,
	/// The `transaction_version` under which its call was encoded.
	pub encoding: u32,
	/// Who said aye. Only those count that are members when they are counted.
	pub ayes: BoundedVec<AccountId, MaxMembers>,
	/// Who said nay. Only those count that are members when they are counted.
	pub nays: BoundedVec<AccountId, MaxMembers>,
}

/// How many motions an account has open.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Open {
	/// Those that are no eliminations.
	pub ordinary: u32,
	/// Those that are.
	pub eliminations: u32,
}

impl Open {
	/// Whether there is none.
	pub fn is_none(&self) -> bool {
		self.ordinary == 0 && self.eliminations == 0
	}

	/// The number that counts a motion of this kind.
	pub(crate) fn of_kind(&mut self, elimination: bool) -> &mut u32 {
		if elimination {
			&mut self.eliminations
		} else {
			&mut self.ordinary
		}
	}
}

/// Why a motion was closed without being carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Reason {
	/// Its time was over.
	#[codec(index = 0)]
	Expired,
	/// So many members said nay that the others are too few; or its proposer did, and no member says aye.
	#[codec(index = 1)]
	Rejected,
	/// The encoding of calls has changed since it was proposed.
	#[codec(index = 2)]
	Outdated,
	/// There was no room for another motion, and its proposer is no member any more.
	#[codec(index = 3)]
	Orphaned,
}
