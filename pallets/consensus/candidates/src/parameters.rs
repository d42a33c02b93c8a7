//! The governed parameters, and which values they may have.

use crate::{election::Limits, types::Balance, Config, Error};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// How long a bar or an absence may last at most: a year of eras of ten minutes.
pub const MAX_ERAS: u32 = 52_560;

/// The governed parameters.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParameterValues {
	/// How many directors there should be: from 1 to `MaxDirectors`.
	pub seats: u32,
	/// How many directors an election leaves in office at the least: from 1 to `seats`.
	pub min_directors: u32,
	/// How many standby signers there should be: at most `seats`, for each is bound to a seat.
	pub standby_signers: u32,
	/// How many standby compute nodes there should be: at most `MaxStandbyComputeNodes`.
	pub standby_compute_nodes: u32,
	/// The least bond of a candidate, in planck: at least 1.
	pub min_bond: Balance,
	/// The least that one holder may lock on one candidate, in planck: at least 1.
	pub min_backing: Balance,
	/// From which total on backing counts in scores, in planck. While all of it is less it counts for nobody, so that
	/// the first few STCI locked do not decide who signs.
	pub min_total_backing: Balance,
	/// What competence weighs in the rank; backing weighs the rest.
	pub competence_weight: Perbill,
	/// Eras in a row after which a director makes way for a standby that is equally able: from 1.
	pub max_terms: u32,
	/// The part of a director's score from which on a standby is equally able: above zero.
	pub able_from: Perbill,
	/// Turns in a row that a director must miss to be isolated: from 1 to 255.
	pub isolate_after: u32,
	/// Eras without a block of its own after which an isolated director is removed: from 1 to [`MAX_ERAS`].
	pub removal_eras: u32,
	/// Eras for which an eliminated node may not register: from 1 to [`MAX_ERAS`].
	pub bar_eras: u32,
	/// The part of the bond that two blocks in one slot cost as a first offence. Any later one costs all of it, and so
	/// do two votes.
	pub first_slash: Perbill,
}

/// Which parameter is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterError {
	/// `seats`.
	Seats,
	/// `min_directors`.
	MinDirectors,
	/// `standby_signers`.
	StandbySigners,
	/// `standby_compute_nodes`.
	StandbyComputeNodes,
	/// `min_bond`.
	MinBond,
	/// `min_backing`.
	MinBacking,
	/// `max_terms`.
	MaxTerms,
	/// `able_from`.
	AbleFrom,
	/// `isolate_after`.
	IsolateAfter,
	/// `removal_eras`.
	RemovalEras,
	/// `bar_eras`.
	BarEras,
}

impl<T> From<ParameterError> for Error<T> {
	fn from(error: ParameterError) -> Self {
		match error {
			ParameterError::Seats => Self::BadSeats,
			ParameterError::MinDirectors => Self::BadMinDirectors,
			ParameterError::StandbySigners => Self::BadStandbySigners,
			ParameterError::StandbyComputeNodes => Self::BadStandbyComputeNodes,
			ParameterError::MinBond => Self::BadMinBond,
			ParameterError::MinBacking => Self::BadMinBacking,
			ParameterError::MaxTerms => Self::BadMaxTerms,
			ParameterError::AbleFrom => Self::BadAbleFrom,
			ParameterError::IsolateAfter => Self::BadIsolateAfter,
			ParameterError::RemovalEras => Self::BadRemovalEras,
			ParameterError::BarEras => Self::BadBarEras,
		}
	}
}

impl ParameterValues {
	/// Checks each value.
	///
	/// # Errors
	/// Names the first that is out of its range.
	pub fn check<T: Config>(&self) -> Result<(), ParameterError> {
		let eras = 1..=MAX_ERAS;
		let checks = [
			(
				(1..=T::MaxDirectors::get()).contains(&self.seats),
				ParameterError::Seats,
			),
			(
				(1..=self.seats).contains(&self.min_directors),
				ParameterError::MinDirectors,
			),
			(self.standby_signers <= self.seats, ParameterError::StandbySigners),
			(
				self.standby_compute_nodes <= T::MaxStandbyComputeNodes::get(),
				ParameterError::StandbyComputeNodes,
			),
			(self.min_bond > 0, ParameterError::MinBond),
			(self.min_backing > 0, ParameterError::MinBacking),
			(self.max_terms > 0, ParameterError::MaxTerms),
			(self.able_from > Perbill::zero(), ParameterError::AbleFrom),
			((1..=255).contains(&self.isolate_after), ParameterError::IsolateAfter),
			(eras.contains(&self.removal_eras), ParameterError::RemovalEras),
			(eras.contains(&self.bar_eras), ParameterError::BarEras),
		];
		match checks.into_iter().find(|(holds, _)| !holds) {
			Some((_, error)) => Err(error),
			None => Ok(()),
		}
	}

	pub(crate) fn limits(&self) -> Limits {
		Limits {
			seats: to_usize(self.seats),
			min_directors: to_usize(self.min_directors),
			max_terms: self.max_terms,
			able_from: self.able_from,
		}
	}
}

/// Stays at the maximum, which no list of ours reaches.
pub(crate) fn to_usize(number: u32) -> usize {
	usize::try_from(number).unwrap_or(usize::MAX)
}

/// Stays at the maximum, which no list of ours reaches.
pub(crate) fn to_u32(number: usize) -> u32 {
	u32::try_from(number).unwrap_or(u32::MAX)
}
