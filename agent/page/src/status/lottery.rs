//! Lotteries and their rounds, as a status shows them.

use super::Decimal;
use serde::{Deserialize, Serialize};

/// The most rounds that are kept.
pub const MAX_ROUNDS: usize = 60;

/// What is proven by a lottery of its own. In JSON these are words, as labels of metrics are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Resource {
	/// Plots.
	Space,
	/// Segments a compute window.
	Compute,
	/// One unit: being there.
	Uptime,
}

impl Resource {
	/// All of them.
	pub const ALL: [Self; 3] = [Self::Space, Self::Compute, Self::Uptime];

	/// Its name, as a label of metrics.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Space => "space",
			Self::Compute => "compute",
			Self::Uptime => "uptime",
		}
	}
}

/// The device in one lottery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lottery {
	/// Which.
	pub resource: Resource,
	/// The units that were claimed last.
	pub claimed: u32,
	/// The units that count now.
	pub counting: u32,
	/// The slot from which on the claim counts, if it does not yet.
	pub counts_from: Option<u64>,
	/// What the device has, as far as its wins tell, in units.
	pub estimate: Decimal,
	/// The estimate's standard deviation.
	pub error: Decimal,
	/// What of the estimate counts.
	pub assured: Decimal,
	/// The decayed wins.
	pub wins: Decimal,
	/// How many were to be expected, decayed alike.
	pub expected: Decimal,
	/// Wins that wait to be verified on chain.
	pub pending: u32,
	/// Why it does not win or does not count, and what to do about it.
	pub why_not: Option<String>,
	/// The last round that is over.
	pub last: Option<Round>,
	/// The next one.
	pub next: Option<Next>,
}

impl Lottery {
	/// One in which nothing has happened yet.
	pub fn new(resource: Resource, claimed: u32) -> Self {
		Self {
			resource,
			claimed,
			counting: 0,
			counts_from: None,
			estimate: Decimal::default(),
			error: Decimal::default(),
			assured: Decimal::default(),
			wins: Decimal::default(),
			expected: Decimal::default(),
			pending: 0,
			why_not: None,
			last: None,
			next: None,
		}
	}
}

/// The round that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Next {
	/// The slot in which it opens. Of compute it is drawn: none can be told.
	pub slot: u64,
	/// When that is, by this machine's clock.
	pub at: u64,
}

/// How a round ended, or how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
	/// The agent works on it.
	Open,
	/// A win was sent, and is in no block yet.
	Sent,
	/// A win is in a block.
	Won,
	/// All units that might were tried, and none won. Most rounds end so.
	Nothing,
	/// No unit was up: the filter lets each try in a part of all rounds.
	NotUp,
	/// The agent could not answer in time, or not at all.
	Missed,
	/// The chain refused what was sent.
	Refused,
}

impl Outcome {
	/// Those in which a round ends, and their names as labels of metrics.
	pub const ENDS: [(Self, &'static str); 5] = [
		(Self::Won, "won"),
		(Self::Nothing, "nothing"),
		(Self::NotUp, "not_up"),
		(Self::Missed, "missed"),
		(Self::Refused, "refused"),
	];

	/// Whether the round is over.
	pub fn is_end(self) -> bool {
		!matches!(self, Self::Open | Self::Sent)
	}
}

/// A round of a lottery, as this device fared in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Round {
	/// Of which lottery.
	pub resource: Resource,
	/// Its number.
	pub round: u64,
	/// When it was seen to open.
	pub at: u64,
	/// How it ended.
	pub outcome: Outcome,
	/// In a sentence: what was tried, or why not.
	pub why: String,
	/// The block that holds the win.
	pub block: Option<u64>,
	/// How long the work on it took, in milliseconds.
	pub took_millis: Option<u64>,
}

impl Round {
	/// One of these, in no block and of unknown duration.
	pub fn new(resource: Resource, round: u64, at: u64, outcome: Outcome, why: impl Into<String>) -> Self {
		Self {
			resource,
			round,
			at,
			outcome,
			why: why.into(),
			block: None,
			took_millis: None,
		}
	}
}

/// How many rounds ended how, since the program started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tally {
	/// [`Outcome::Won`].
	pub won: u64,
	/// [`Outcome::Nothing`].
	pub nothing: u64,
	/// [`Outcome::NotUp`].
	pub not_up: u64,
	/// [`Outcome::Missed`].
	pub missed: u64,
	/// [`Outcome::Refused`].
	pub refused: u64,
}

impl Tally {
	/// How many ended so; none of those that are not over.
	pub fn of(&self, outcome: Outcome) -> u64 {
		match outcome {
			Outcome::Won => self.won,
			Outcome::Nothing => self.nothing,
			Outcome::NotUp => self.not_up,
			Outcome::Missed => self.missed,
			Outcome::Refused => self.refused,
			Outcome::Open | Outcome::Sent => 0,
		}
	}

	fn count(&mut self, outcome: Outcome) {
		let one = match outcome {
			Outcome::Won => &mut self.won,
			Outcome::Nothing => &mut self.nothing,
			Outcome::NotUp => &mut self.not_up,
			Outcome::Missed => &mut self.missed,
			Outcome::Refused => &mut self.refused,
			Outcome::Open | Outcome::Sent => return,
		};
		*one = one.saturating_add(1);
	}
}

/// One tally a lottery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tallies {
	/// Of space.
	pub space: Tally,
	/// Of compute.
	pub compute: Tally,
	/// Of uptime.
	pub uptime: Tally,
}

impl Tallies {
	/// That of this lottery.
	pub fn of(&self, resource: Resource) -> &Tally {
		match resource {
			Resource::Space => &self.space,
			Resource::Compute => &self.compute,
			Resource::Uptime => &self.uptime,
		}
	}

	pub(super) fn count(&mut self, resource: Resource, outcome: Outcome) {
		match resource {
			Resource::Space => self.space.count(outcome),
			Resource::Compute => self.compute.count(outcome),
			Resource::Uptime => self.uptime.count(outcome),
		}
	}
}
