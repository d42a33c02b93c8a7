//! What an agent tells the chain and asks it, and what it is told.

use crate::{Challenge, Credit, Wins};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What is proven by a lottery of its own.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Resource {
	/// Plots.
	#[codec(index = 1)]
	Space,
	/// Segments a compute window.
	#[codec(index = 2)]
	Compute,
	/// One unit: being there.
	#[codec(index = 3)]
	Uptime,
}

/// A scheme of proofs of space. An upgrade adds one, with a number of its own.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum SpaceScheme {
	/// Chia's second one.
	#[codec(index = 1)]
	Pos2,
}

/// What a device says that it has of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Claimed {
	/// Groups of one plot each, numbered from 0 on.
	#[codec(index = 1)]
	Space {
		/// Their scheme.
		scheme: SpaceScheme,
		/// Their size.
		k: u8,
		/// How much work an entry of theirs is.
		strength: u8,
		/// How many.
		groups: u32,
	},
	/// Segments in a compute window, numbered from 0 on.
	#[codec(index = 2)]
	Compute {
		/// How many.
		segments: u32,
	},
	/// That it is there.
	#[codec(index = 3)]
	Uptime,
}

impl Claimed {
	/// Of which resource.
	pub fn resource(&self) -> Resource {
		match self {
			Self::Space { .. } => Resource::Space,
			Self::Compute { .. } => Resource::Compute,
			Self::Uptime => Resource::Uptime,
		}
	}

	/// How many units.
	pub fn units(&self) -> u32 {
		match self {
			Self::Space { groups, .. } => *groups,
			Self::Compute { segments } => *segments,
			Self::Uptime => 1,
		}
	}
}

/// A round that can be answered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OpenRound {
	/// Of which lottery.
	pub resource: Resource,
	/// Its number.
	pub round: u64,
	/// What it is about.
	pub challenge: Challenge,
	/// The slot of the block that opened it: claims that count from then on may win.
	pub opened: u64,
	/// The last slot in whose block a win counts.
	pub until: u64,
	/// How many wins in tau a device expects that has what it claims.
	pub wins: Wins,
	/// Rounds in tau, as the threshold reckons with them.
	pub rounds: u32,
	/// A unit may try in one of so many rounds.
	pub filter: u32,
	/// How many devices were in the lottery when it was opened.
	pub devices: u32,
}

/// A device in one lottery, now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LotteryState {
	/// Which.
	pub resource: Resource,
	/// The units that count in a round that opens now.
	pub units: u32,
	/// The units that were claimed last.
	pub claimed: u32,
	/// The slot from which on these count.
	pub claimed_from: u64,
	/// What it has, as far as its wins tell and as far as it has had time to show it, in 2^-32 units.
	pub estimate: Credit,
	/// What it has if it has tried all its life as it does now, in 2^-32 units. To look at: nothing is counted by it.
	pub corrected: Credit,
	/// What of that is assured.
	pub assured: Credit,
	/// Its wins, decayed.
	pub wins: Wins,
	/// How many were to be expected when it won last, decayed.
	pub expected: Wins,
	/// The slot of the round that it won last; that of its claim, if it has not won.
	pub last_win: u64,
	/// Wins that wait to be verified.
	pub pending: u32,
}

/// Why a device does not win, or does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum WhyNot {
	/// The registry does not know it: register it.
	NotRegistered,
	/// Its owner or vendor has suspended it: whoever did has to resume it.
	Suspended,
	/// It told of a win that is none, and is out for good: another key has to be registered.
	Struck,
	/// It is in no such lottery: declare what it has.
	NotDeclared(
		/// Which lottery.
		Resource,
	),
	/// Its claim does not count yet: wait for the slot that its state names.
	NotYet(
		/// Which lottery.
		Resource,
	),
	/// No round can be answered now: wait for the next.
	NoRound(
		/// Which lottery.
		Resource,
	),
	/// It is younger than counts, or has fewer than four decayed wins: it goes on, and will count.
	TooFewWins(
		/// Which lottery.
		Resource,
	),
	/// It has not won for more than two tau: look whether its plots are read, its clock is right and its agent reaches
	/// the chain. Anyone may put it out of the lottery.
	Silent(
		/// Which lottery.
		Resource,
	),
	/// It counts for no candidate: link it.
	NotLinked,
	/// It counts for its candidate from the next era on.
	LinkedFromNextEra,
}

/// What the chain knows of a device's proofs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DeviceProofs<AccountId> {
	/// The lotteries that it is in.
	pub lotteries: Vec<LotteryState>,
	/// The candidate that it counts for, or is offered to.
	pub candidate: Option<AccountId>,
	/// Its competence, of 2^48, for whomever it counts.
	pub competence: u64,
	/// Why it does not win, or not count.
	pub why_not: Vec<WhyNot>,
}
