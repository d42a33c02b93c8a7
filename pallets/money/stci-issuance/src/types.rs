//! What is kept.

use codec::{Decode, Encode, MaxEncodedLen};
use issuance_primitives::Balance;
use scale_info::TypeInfo;

/// All STCI that there has ever been or may still come, but for what future eras create. All in planck. Genesis,
/// created and committed together never exceed the cap, unless genesis alone does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Supply {
	/// What there was before the first era that is paid for.
	pub genesis: Balance,
	/// What has been created since, burned or not.
	pub created: Balance,
	/// What closed eras allot and nobody has claimed or lost yet.
	pub committed: Balance,
}

/// The era in which merits are earned now, and how things stood when it began. Amounts are in planck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Opened {
	/// Its number.
	pub era: u32,
	/// The total issuance when it began.
	pub issuance: Balance,
	/// [`Supply::created`] when it began.
	pub created: Balance,
	/// What a unit earned in the era before: by this the work of the open era is counted.
	pub rate: Balance,
}

/// How far eras have expired: `swept <= expired <= ` the open era.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Progress {
	/// Eras below this have no merits and no ledger any more.
	pub swept: u32,
	/// Eras below this can be claimed no more.
	pub expired: u32,
}
