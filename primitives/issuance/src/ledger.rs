//! What is kept of a closed era.

use crate::{Balance, Closing, Merits};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The ledger of an era, for whoever is paid out of it and whoever looks. All amounts are planck.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub struct EraLedger {
	/// How it was closed.
	pub closing: Closing,
	/// The merits of all in it.
	pub totals: Merits,
	/// Created so far out of its pots: the treasury's at once, the others' with each payout.
	pub created: Balance,
	/// What was left in its pots when it expired. It will not be created.
	pub expired: Balance,
	/// Burned in the course of it.
	pub burned: Balance,
	/// The total issuance when it was closed.
	pub issuance: Balance,
}

impl EraLedger {
	/// What its pots allot and nobody has been paid, in planck: what it is *committed* to. 0 once it has expired.
	pub fn committed(&self) -> Balance {
		let allotted = self.closing.pots.sum();
		allotted.saturating_sub(self.created).saturating_sub(self.expired)
	}
}
