//! Why nothing happens to a job.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use market_primitives::MarketError;
use scale_info::TypeInfo;

/// Why nothing happens to a job. Where one is returned the job is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum JobError {
	/// The chain has no such engine.
	#[codec(index = 0)]
	NoSuchEngine,
	/// The program is longer than one may be, or shorter than any is.
	#[codec(index = 1)]
	ProgramTooLarge,
	/// There are no units, or too many.
	#[codec(index = 2)]
	TooManyUnits,
	/// No such fuel limit, or no such memory.
	#[codec(index = 3)]
	BadLimits,
	/// The bundle has no bytes, or too many.
	#[codec(index = 4)]
	BadInput,
	/// The client has no endpoint, or one that cannot be one.
	#[codec(index = 5)]
	BadSource,
	/// No such offer.
	#[codec(index = 6)]
	BadOffer,
	/// The escrow does not suffice.
	#[codec(index = 7)]
	EscrowTooSmall,
	/// The worker asks for more than the user pays.
	#[codec(index = 8)]
	PriceAboveMax,
	/// The worker's stake does not suffice.
	#[codec(index = 9)]
	StakeTooSmall,
	/// The worker was not given this unit at this tick.
	#[codec(index = 10)]
	NotAssigned,
	/// The time for it is over.
	#[codec(index = 11)]
	TooLate,
	/// It is not yet time.
	#[codec(index = 12)]
	TooEarly,
	/// No worker can have such an outcome.
	#[codec(index = 13)]
	BadOutcome,
	/// The worker committed itself to something else.
	#[codec(index = 14)]
	CommitmentMismatch,
	/// The worker has said it before.
	#[codec(index = 15)]
	AlreadyRevealed,
	/// There is nothing to dispute.
	#[codec(index = 16)]
	NotDisputable,
	/// The deposit does not suffice.
	#[codec(index = 17)]
	DepositTooSmall,
	/// The chain has no room for it now.
	#[codec(index = 18)]
	QueueFull,
	/// The money does not move.
	#[codec(index = 19)]
	Money(MarketError),
}

impl From<MarketError> for JobError {
	fn from(error: MarketError) -> Self {
		Self::Money(error)
	}
}

impl fmt::Display for JobError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NoSuchEngine => "the chain has no such engine: name one that it lists",
			Self::ProgramTooLarge => "a program has 8 bytes to 8 MiB: strip it, or put its data into the bundle",
			Self::TooManyUnits => "a job has 1 to 4,096 units: make larger units, or several jobs",
			Self::BadLimits => "a unit burns 1 to 2^50 fuel, and its memory has 1 to 65,536 pages of 64 KiB",
			Self::BadInput => "a bundle has 1 byte to 64 GiB",
			Self::BadSource => "a client that serves its job names 1 or 2 endpoints that others can reach",
			Self::BadOffer => {
				"an offer has 1 to 4 engines, each once, 1 to 1,024 slots and 1 to 65,536 pages of memory"
			}
			Self::EscrowTooSmall => "the escrow does not suffice: top it up",
			Self::PriceAboveMax => "the worker asks for more than the job's owner pays",
			Self::StakeTooSmall => "the stake is below what a worker of this job may lose: add to it",
			Self::NotAssigned => "the worker was not given this unit at this tick: ask for its tasks again",
			Self::TooLate => "the time for it is over",
			Self::TooEarly => "it is too early: wait until all have committed themselves, or their time is over",
			Self::BadOutcome => {
				"no worker can have this: without a run to its end there is no output, and fuel has a limit"
			}
			Self::CommitmentMismatch => {
				"this is not what the worker committed itself to: reveal outcome and salt of that"
			}
			Self::AlreadyRevealed => "the worker has said this before, and stays with it",
			Self::NotDisputable => "there is no such result, or the time in which it could be disputed is over",
			Self::DepositTooSmall => "the deposit is below what the loser pays: leave more",
			Self::QueueFull => "the chain has no room for more of these now: try again later",
			Self::Money(error) => return fmt::Display::fmt(error, f),
		})
	}
}

impl core::error::Error for JobError {}
