//! What is kept.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

/// The number of a report, counted from 0.
pub type ReportNumber = u32;

/// How many bytes an address of a report may have.
pub const MAX_URI: u32 = 256;

/// Where a report lies: an address as text.
pub type Uri = BoundedVec<u8, ConstU32<MAX_URI>>;

/// What a steward published of the treasury.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Report<AccountId, BlockNumber, Hash> {
	/// Who reported.
	pub steward: AccountId,
	/// The first block that it reports on.
	pub from: BlockNumber,
	/// The block in which it was reported, the last that it reports on.
	pub until: BlockNumber,
	/// The hash of what was published.
	pub document: Hash,
	/// Where that lies.
	pub uri: Uri,
}

/// A report of a runtime.
pub type ReportOf<T> =
	Report<<T as frame_system::Config>::AccountId, BlockNumberFor<T>, <T as frame_system::Config>::Hash>;

/// Who answers for the treasury.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Stewardship<AccountId, BlockNumber> {
	/// The account.
	pub who: AccountId,
	/// The first block that its next report is on.
	pub since: BlockNumber,
	/// The last block in which its next report is in time.
	pub due: BlockNumber,
}

/// A stewardship of a runtime.
pub type StewardshipOf<T> = Stewardship<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// That directors vouch for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Sponsorship<BlockNumber, Hash> {
	/// The hash of the encoded call.
	pub call_hash: Hash,
	/// The last block in which they do.
	pub until: BlockNumber,
}

/// A sponsorship of a runtime.
pub type SponsorshipOf<T> = Sponsorship<BlockNumberFor<T>, <T as frame_system::Config>::Hash>;
