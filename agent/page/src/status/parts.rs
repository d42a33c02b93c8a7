//! Program, device, chain, plots and link, as a status shows them.

use super::{decimal::planck, Decimal};
use serde::{Deserialize, Serialize};

/// The most problems that are told at once.
pub const MAX_PROBLEMS: usize = 16;

/// The most characters of a text that a node, a disk or an operating system has a hand in.
pub const MAX_TEXT: usize = 300;

/// The competence of all devices together.
pub const COMPETENCE_OF_ALL: u64 = 1 << 48;

/// Cuts a text to [`MAX_TEXT`] characters, and says so by three points.
pub(super) fn cut(text: &mut String) {
	if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
		text.truncate(end);
		// Three characters less, so that the points have room.
		for _ in 0..3 {
			text.pop();
		}
		text.push_str("...");
	}
}

/// The program itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
	/// Its version.
	pub version: String,
	/// When it was started.
	pub started: u64,
	/// What tells the data folder that it serves from all others; empty if it serves none.
	#[serde(default)]
	pub folder: String,
}

/// The device that the agent serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
	/// Its id.
	pub id: String,
	/// `did:smart:...`; empty as long as the chain's genesis is not known.
	pub did: String,
	/// The account that owns it.
	pub owner: String,
	/// What the chain's registry says of it.
	pub state: DeviceState,
}

/// What the registry says of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeviceState {
	/// The chain was not asked yet.
	Unknown,
	/// The chain does not know it.
	NotRegistered,
	/// The transaction that registers it is on its way.
	Registering,
	/// It takes part.
	Active,
	/// Its owner or its vendor has suspended it.
	Suspended,
	/// Its owner retired it, for good.
	Retired,
	/// Its vendor or governance revoked it, for good.
	Revoked,
	/// It told of a win that is none, and is out of all lotteries for good.
	Struck,
}

/// The chain, as far as a node tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
	/// Its name, such as `SmartChain Local`; empty as long as no node has told it.
	pub name: String,
	/// The hash of its genesis block.
	pub genesis: Option<String>,
	/// The node's address.
	pub node: String,
	/// Whether the node can be reached.
	pub connection: Connection,
	/// The node's best block.
	pub best: Option<u64>,
	/// The last final one.
	pub finalized: Option<u64>,
	/// The best block's slot.
	pub slot: Option<u64>,
	/// How long a slot is, in milliseconds.
	pub slot_millis: u64,
	/// By how many milliseconds this machine's clock is ahead of the slots' time; negative if it is behind. As far as
	/// blocks tell, whose way here takes time.
	pub clock_skew_millis: Option<i64>,
}

/// Whether the node can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum Connection {
	/// Not since the start.
	#[default]
	Never,
	/// Yes.
	Connected {
		/// Since when.
		since: u64,
	},
	/// Not any more.
	Lost {
		/// Since when.
		since: u64,
		/// What was seen of it.
		why: String,
	},
}

/// What the owner's account has, in planck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Funds {
	/// What can be spent.
	#[serde(with = "planck")]
	pub free: u128,
	/// What is held: deposits, bonds, backing.
	#[serde(with = "planck")]
	pub held: u128,
}

/// What is on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plots {
	/// One for each size and strength that there is.
	pub kinds: Vec<PlotKind>,
	/// Bytes that can still be used there; none if the disk was not asked.
	pub free_bytes: Option<u64>,
	/// What is being made now.
	pub making: Option<Making>,
}

/// Plots of one size and strength.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlotKind {
	/// The size: a plot has some 2^k entries.
	pub k: u8,
	/// How much work an entry takes.
	pub strength: u8,
	/// How many are sound, as far as is known.
	pub count: u32,
	/// How many are damaged.
	pub damaged: u32,
	/// Bytes of all of them on the disk.
	pub bytes: u64,
}

/// Plots that are being made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Making {
	/// Of this size.
	pub k: u8,
	/// So many are done.
	pub done: u32,
	/// Of so many.
	pub of: u32,
	/// How far all of it is, in thousandths, the plot at hand by an estimate.
	pub permille: u16,
	/// How long it will take still, by an estimate, in seconds.
	pub seconds_left: Option<u64>,
	/// When it began.
	#[serde(default)]
	pub started: u64,
	/// Bytes of those that are done.
	#[serde(default)]
	pub bytes: u64,
	/// How many bytes of plots a second have come since it began, the plot at hand by an estimate.
	#[serde(default)]
	pub bytes_per_second: Option<u64>,
}

/// What the device counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Competence {
	/// Of [`COMPETENCE_OF_ALL`].
	pub value: u64,
	/// A standard deviation less.
	pub low: u64,
	/// A standard deviation more.
	pub high: u64,
}

impl Competence {
	/// With the error of an estimate that rests on so many decayed wins.
	pub fn new(value: u64, wins: Decimal) -> Self {
		let value = value.min(COMPETENCE_OF_ALL);
		// In the units of `Decimal` the value is small enough: 2^48 thousandths.
		let deviation = Decimal::from_thousandths(value).deviation(wins).thousandths();
		Self {
			value,
			low: value.saturating_sub(deviation),
			high: value.saturating_add(deviation).min(COMPETENCE_OF_ALL),
		}
	}
}

/// The candidate that the device counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
	/// Its account.
	pub candidate: String,
	/// How far the link is.
	pub state: LinkState,
	/// The cluster that the last election put it into; none if it does not stand.
	pub cluster: Option<Cluster>,
	/// Its place by score, from 1 on.
	pub rank: Option<u32>,
}

/// How far a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LinkState {
	/// The candidate has not accepted it.
	Offered,
	/// It counts from the next era on.
	NextEra,
	/// It counts.
	Counts,
}

/// Where an election puts a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cluster {
	/// Holds a seat.
	Director,
	/// Is bound to a seat.
	StandbySigner,
	/// Comes after these.
	StandbyComputeNode,
	/// Everyone else.
	OrdinaryNode,
}

/// How grave it is. The gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
	/// The agent does not do its work until somebody acts.
	Error,
	/// Somebody should act, or something is at risk.
	Warning,
	/// What comes next.
	Info,
}

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
	/// How grave.
	pub severity: Severity,
	/// Which, in a word that programs can compare, such as `clock`.
	pub code: String,
	/// What is the matter.
	pub what: String,
	/// What to do.
	pub remedy: String,
}

impl Problem {
	/// One of these.
	pub fn new(severity: Severity, code: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
		Self {
			severity,
			code: code.into(),
			what: what.into(),
			remedy: remedy.into(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_band_is_a_deviation_on_both_sides_and_stays_within_what_there_is() {
		let half = COMPETENCE_OF_ALL / 2;
		let sure = Competence::new(half, Decimal::whole(5_000));
		assert!(sure.low < half && half < sure.high);
		assert_eq!(sure.high - half, half - sure.low);
		assert_eq!((half - sure.low) / (half / 100), 1, "one by the root of 10,000 is 1 %");
		let unsure = Competence::new(half + 1, Decimal::default());
		assert_eq!((unsure.low, unsure.high), (0, COMPETENCE_OF_ALL));
		assert_eq!(Competence::new(u64::MAX, Decimal::whole(1)).value, COMPETENCE_OF_ALL);
	}

	#[test]
	fn a_long_text_is_cut_between_characters() {
		let mut text = "ü".repeat(MAX_TEXT + 1);
		cut(&mut text);
		assert_eq!(text.chars().count(), MAX_TEXT);
		assert!(text.ends_with("ü..."));
		let mut short = "ü".repeat(MAX_TEXT);
		cut(&mut short);
		assert!(!short.ends_with('.'));
	}
}
