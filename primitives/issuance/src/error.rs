//! Why governance's terms are refused.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Why terms are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum TermsError {
	/// A unit would earn more at a higher usage.
	RateRises,
	/// The curve's points have to be in order, and the second below 100 %.
	PointsOutOfOrder,
	/// The shares are more than 100 % together.
	MoreThanAll,
}

impl fmt::Display for TermsError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::RateRises => "a unit may not earn more at a higher usage: let low >= middle >= high",
			Self::PointsOutOfOrder => "the points of the curve are out of order: let low_below < middle_at < 100 %",
			Self::MoreThanAll => "signing, bandwidth, discovery and treasury get more than 100 % together: lower one",
		})
	}
}
