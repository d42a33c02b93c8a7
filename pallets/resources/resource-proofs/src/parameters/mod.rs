//! The governed parameters, and which values they may have.

mod genesis;

use crate::{Config, Error};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use pallet_traits::Beacon;
use proof_lottery_primitives::{check_weights, Lottery, Resource, Rounds, Windows, Wins};
use proof_of_space_primitives::{
	pos2::{MAX_K, MIN_K, MIN_STRENGTH},
	MAX_FILTER_BITS,
};
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::gcd, Perbill};

/// The lottery of space. Times are in slots.
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
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpaceParameters {
	/// From round to round: whole turns.
	pub round: u32,
	/// In blocks of so many slots after the one that opened a round its wins count: fewer than a round has.
	pub answer: u32,
	/// A group is up in one of two to the power of so many rounds; at most 8.
	pub filter_bits: u8,
	/// How many wins in tau a device expects at most: from 16 to 32,767.
	pub wins: u16,
	/// How many wins are expected in a block at most: from 1 to `MaxSpaceWins`.
	pub wins_per_block: u32,
	/// The smallest size of new plots; even, from 18.
	pub min_k: u8,
	/// The largest size of new plots; even, to 28.
	pub max_k: u8,
	/// The least strength of new plots: from 2 to `MaxStrength`. It never falls.
	pub min_strength: u8,
}

/// The lottery of compute. Times are in slots.
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
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComputeParameters {
	/// The first block of a turn opens a window with a probability of one to so many.
	pub odds: u32,
	/// How long devices work.
	pub window: u32,
	/// In blocks of so many slots after that wins may be announced.
	pub answer: u32,
	/// How many wins in tau a device expects at most: from 16 to 32,767.
	pub wins: u16,
	/// How many announcements are expected in a block at most: from 1 to `MaxAnnouncements`, and no more in tau than
	/// are verified in it.
	pub wins_per_block: u32,
	/// How many segments a block with room to spare runs: from 1 to `MaxVerified`.
	pub verified: u32,
}

/// The lottery of uptime. Times are in slots.
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
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UptimeParameters {
	/// From round to round: whole turns.
	pub round: u32,
	/// In blocks of so many slots after the one that opened a round its wins count: fewer than a round has.
	pub answer: u32,
	/// How many wins in tau a device expects at most: from 16 to 32,767.
	pub wins: u16,
	/// How many wins are expected in a block at most: from 1 to `MaxPulses`.
	pub wins_per_block: u32,
}

/// How much each resource weighs in competence: at most a half each, and one together.
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
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Weights {
	/// Space.
	pub space: Perbill,
	/// Compute.
	pub compute: Perbill,
	/// Bandwidth.
	pub bandwidth: Perbill,
}

/// The governed parameters.
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
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParameterValues {
	/// In so many slots what is left of a credit falls to 1/e. A chain's own: it never changes, for sums would no
	/// longer be those of what they sum up.
	pub tau: u32,
	/// A device that has proven for fewer slots does not count. It never changes either.
	pub assured_from: u32,
	/// The lottery of space.
	pub space: SpaceParameters,
	/// The lottery of compute.
	pub compute: ComputeParameters,
	/// The lottery of uptime.
	pub uptime: UptimeParameters,
	/// What each resource weighs.
	pub weights: Weights,
}

/// Which parameter is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterError {
	/// The numbers of space make no lottery.
	Space,
	/// `min_k` or `max_k`.
	Sizes,
	/// `min_strength`.
	Strength,
	/// The numbers of compute make no lottery.
	Compute,
	/// The numbers of uptime make no lottery.
	Uptime,
	/// `weights`.
	Weights,
	/// `tau` or `assured_from` would change.
	History,
}

impl<T> From<ParameterError> for Error<T> {
	fn from(error: ParameterError) -> Self {
		match error {
			ParameterError::Space => Self::BadSpaceParameters,
			ParameterError::Sizes => Self::BadSizes,
			ParameterError::Strength => Self::BadStrengthParameter,
			ParameterError::Compute => Self::BadComputeParameters,
			ParameterError::Uptime => Self::BadUptimeParameters,
			ParameterError::Weights => Self::BadWeights,
			ParameterError::History => Self::ChangesHistory,
		}
	}
}

impl ParameterValues {
	/// The numbers of a lottery, with turns of so many slots.
	pub fn lottery(&self, resource: Resource, turn: u32) -> Lottery {
		let rounds = |round: u32| self.tau.checked_div(round).unwrap_or(0);
		let (rounds, filter, answer, wins, wins_per_block) = match resource {
			Resource::Space => {
				let space = &self.space;
				let filter = 1u32.checked_shl(space.filter_bits.into()).unwrap_or(u32::MAX);
				(
					rounds(space.round),
					filter,
					space.answer,
					space.wins,
					space.wins_per_block,
				)
			}
			Resource::Compute => {
				let compute = &self.compute;
				(
					self.windows(turn).in_tau(self.tau),
					1,
					compute.window.saturating_add(compute.answer),
					compute.wins,
					compute.wins_per_block,
				)
			}
			Resource::Uptime => {
				let uptime = &self.uptime;
				(
					rounds(uptime.round),
					1,
					uptime.answer,
					uptime.wins,
					uptime.wins_per_block,
				)
			}
		};
		Lottery {
			tau: self.tau,
			rounds,
			filter,
			answer,
			most_wins: Wins::of(wins),
			wins_per_block,
			assured_from: self.assured_from,
		}
	}

	/// When rounds of space open and close.
	pub fn space_rounds(&self, turn: u32) -> Rounds {
		Rounds {
			length: self.space.round,
			offset: 0,
			answer: self.space.answer,
			turn,
		}
	}

	/// When rounds of uptime open and close: as far from those of space as can be, in whole turns, so that blocks that
	/// take wins of space take no pulses. Whichever of both come more often, the distances between them are one and
	/// the same, but for multiples of the length that both are multiples of: half of that is the offset.
	pub fn uptime_rounds(&self, turn: u32) -> Rounds {
		let common = gcd(self.space.round.into(), self.uptime.round.into());
		let turns = common.checked_div(turn.saturating_mul(2).into()).unwrap_or(0);
		Rounds {
			length: self.uptime.round,
			// No more than the longer of the two, and so within its bits.
			offset: u32::try_from(turns).unwrap_or(0).saturating_mul(turn),
			answer: self.uptime.answer,
			turn,
		}
	}

	/// When compute windows open and close.
	pub fn windows(&self, turn: u32) -> Windows {
		Windows {
			odds: self.compute.odds,
			length: self.compute.window,
			answer: self.compute.answer,
			turn,
		}
	}

	/// From which slot on a claim counts that is made in this one, or a lottery key that is enrolled in it: the second
	/// round after it; of compute the third turn after a window is over that is opened now.
	pub fn claim_from(&self, resource: Resource, slot: u64, turn: u32) -> u64 {
		match resource {
			Resource::Space => self.space_rounds(turn).claim_from(slot),
			Resource::Compute => self.windows(turn).claim_from(slot),
			Resource::Uptime => self.uptime_rounds(turn).claim_from(slot),
		}
	}

	/// Checks each value.
	///
	/// # Errors
	/// Names the first that is out of its range.
	pub fn check<T: Config>(&self) -> Result<(), ParameterError> {
		self.check_ranges::<T>()?;
		let turn = T::Beacon::turn_length().max(1);
		let rounds = [
			(self.space.round, ParameterError::Space),
			(self.uptime.round, ParameterError::Uptime),
		];
		match rounds.into_iter().find(|(round, _)| round.checked_rem(turn) != Some(0)) {
			Some((_, error)) => Err(error),
			None => Ok(()),
		}
	}

	/// Checks each value, but not whether rounds are whole turns: a runtime with other turns finds those that there
	/// are, and its rounds open with the next turn then, a little late.
	///
	/// # Errors
	/// Names the first that is out of its range.
	pub fn check_ranges<T: Config>(&self) -> Result<(), ParameterError> {
		let turn = T::Beacon::turn_length().max(1);
		let sound = |resource| self.lottery(resource, turn).check().is_ok();
		let in_time = |round: u32, answer: u32| answer < round;
		let (space, compute, uptime) = (&self.space, &self.compute, &self.uptime);
		let is_size = |k: u8| (MIN_K..=MAX_K).contains(&k) && k.is_multiple_of(2);
		let checks = [
			(
				sound(Resource::Space)
					&& in_time(space.round, space.answer)
					&& space.filter_bits <= MAX_FILTER_BITS
					&& space.wins_per_block <= T::MaxSpaceWins::get(),
				ParameterError::Space,
			),
			(
				is_size(space.min_k) && is_size(space.max_k) && space.min_k <= space.max_k,
				ParameterError::Sizes,
			),
			(
				(MIN_STRENGTH..=T::MaxStrength::get()).contains(&space.min_strength),
				ParameterError::Strength,
			),
			(
				sound(Resource::Compute)
					&& compute.odds > 0
					&& compute.wins_per_block <= T::MaxAnnouncements::get()
					&& (1..=T::MaxVerified::get()).contains(&compute.verified)
					&& self.verifies_all(turn),
				ParameterError::Compute,
			),
			(
				sound(Resource::Uptime)
					&& in_time(uptime.round, uptime.answer)
					&& uptime.wins_per_block <= T::MaxPulses::get(),
				ParameterError::Uptime,
			),
			(
				check_weights([self.weights.space, self.weights.compute, self.weights.bandwidth]).is_ok(),
				ParameterError::Weights,
			),
		];
		match checks.into_iter().find(|(holds, _)| !holds) {
			Some((_, error)) => Err(error),
			None => Ok(()),
		}
	}

	/// Whether as many announcements are verified in tau as may be expected in it. Otherwise the queue would fill up
	/// and stay full.
	fn verifies_all(&self, turn: u32) -> bool {
		let expected = self.lottery(Resource::Compute, turn).wins_in_tau();
		expected <= u128::from(self.compute.verified).saturating_mul(self.tau.into())
	}

	/// Whether these may follow others.
	///
	/// # Errors
	/// If what was summed up would be summed up differently, or if less strength would be asked of new plots.
	pub fn check_after(&self, before: &Self) -> Result<(), ParameterError> {
		if (self.tau, self.assured_from) != (before.tau, before.assured_from) {
			return Err(ParameterError::History);
		}
		if self.space.min_strength < before.space.min_strength {
			return Err(ParameterError::Strength);
		}
		Ok(())
	}

	/// For chains that last: two weeks of memory, one win in six hours. Blocks have room for one win in
	/// eight more than is expected, so that by chance fewer than one in a hundred is too many.
	pub fn real() -> Self {
		Self {
			// 14 days and one, of slots of half a second.
			tau: 2_419_200,
			assured_from: 172_800,
			space: SpaceParameters {
				round: 120,
				answer: 24,
				filter_bits: 4,
				wins: 56,
				wins_per_block: 7,
				min_k: 26,
				max_k: 28,
				min_strength: 2,
			},
			compute: ComputeParameters {
				odds: 600,
				window: 60,
				answer: 24,
				wins: 56,
				wins_per_block: 56,
				verified: 2,
			},
			uptime: UptimeParameters {
				round: 60,
				answer: 24,
				wins: 56,
				wins_per_block: 7,
			},
			weights: Weights {
				space: Perbill::from_percent(50),
				compute: Perbill::from_percent(30),
				bandwidth: Perbill::from_percent(20),
			},
		}
	}

	/// For chains of tests: ten minutes for two weeks.
	pub fn test() -> Self {
		Self {
			tau: 1_200,
			assured_from: 120,
			space: SpaceParameters {
				round: 12,
				answer: 6,
				filter_bits: 0,
				wins: 100,
				wins_per_block: 7,
				min_k: 18,
				max_k: 28,
				min_strength: 2,
			},
			compute: ComputeParameters {
				odds: 10,
				window: 12,
				answer: 12,
				wins: 16,
				// As many as are verified in tau, with turns of 8 slots as well.
				wins_per_block: 9,
				verified: 2,
			},
			uptime: UptimeParameters {
				round: 12,
				answer: 6,
				wins: 100,
				wins_per_block: 7,
			},
			..Self::real()
		}
	}
}
