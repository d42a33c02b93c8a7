//! What governance decides of issuance.

use crate::{
	exact::{parts, WHOLE},
	Curve, TermsError,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_arithmetic::Perbill;

/// How what an era creates is split. What these leave over goes to those who did the work.
#[derive(
	Clone,
	Copy,
	Debug,
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Split {
	/// To those who authored blocks and whose votes are on record.
	pub signing: Perbill,
	/// To those who carried bytes.
	pub bandwidth: Perbill,
	/// To those who answered probes.
	pub discovery: Perbill,
	/// To the treasury.
	pub treasury: Perbill,
}

impl Split {
	/// 20 % to signers, 5 % for bandwidth, 5 % for discovery, 10 % to the treasury, and so 60 % for work.
	pub const fn real() -> Self {
		Self {
			signing: Perbill::from_percent(20),
			bandwidth: Perbill::from_percent(5),
			discovery: Perbill::from_percent(5),
			treasury: Perbill::from_percent(10),
		}
	}

	/// Whether it gives away no more than there is.
	///
	/// # Errors
	/// [`TermsError::MoreThanAll`].
	pub fn check(&self) -> Result<(), TermsError> {
		let all = [self.signing, self.bandwidth, self.discovery, self.treasury];
		if all.into_iter().map(parts).sum::<u128>() > WHOLE {
			return Err(TermsError::MoreThanAll);
		}
		Ok(())
	}
}

/// All that governance decides of issuance.
#[derive(
	Clone,
	Copy,
	Debug,
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Terms {
	/// What a unit of paid work earns.
	pub curve: Curve,
	/// Of what the ceiling leaves over while usage is low, the most that AutoMine spends.
	pub automine_share: Perbill,
	/// Who gets which share.
	pub split: Split,
}

impl Terms {
	/// What a chain starts with.
	pub const fn real() -> Self {
		Self {
			curve: Curve::real(),
			automine_share: Perbill::from_percent(50),
			split: Split::real(),
		}
	}

	/// Whether these can be terms. [`crate::close`] keeps to the ceiling under any others, too.
	///
	/// # Errors
	/// Those of [`Curve::check`] and [`Split::check`].
	pub fn check(&self) -> Result<(), TermsError> {
		self.curve.check()?;
		self.split.check()
	}
}
