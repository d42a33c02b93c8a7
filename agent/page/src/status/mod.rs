//! What the agent knows of itself: one value, which the page, the metrics and the command `status` read, and which the
//! running agent keeps up to date.
//!
//! As JSON it is what `/status.json` answers. Its version is in the field `version`: fields may be added within one;
//! one that goes or changes its meaning makes another. Times are Unix time in seconds, slots and blocks are the chain's
//! numbers, ids are `0x` and hexadecimal digits, accounts are addresses (SS58). Whole numbers are JSON numbers and stay
//! below 2^53. What has decimals, and all money (in planck), is text of decimal digits: no floats.

mod decimal;
mod earnings;
mod handle;
mod history;
mod lottery;
mod making;
mod parts;
mod storage;
mod work;

pub use decimal::Decimal;
pub use earnings::{Earned, Earnings, PotShare, MAX_EARNED};
pub use handle::{keep, Opened, StatusHandle, SAVE_EVERY};
pub use history::{History, HistoryError, Point, Sample, FILE, FIRST_INTERVAL, LAST_INTERVAL, MAX_POINTS};
pub use lottery::{Lottery, Next, Outcome, Resource, Round, Tallies, Tally, MAX_ROUNDS};
pub use making::{follow_making, MakingFile, MAKING_FILE};
pub use parts::{
	Agent, Chain, Cluster, Competence, Connection, Device, DeviceState, Funds, Link, LinkState, Making, PlotKind,
	Plots, Problem, Severity, COMPETENCE_OF_ALL, MAX_PROBLEMS, MAX_TEXT,
};
pub use storage::{Count, Storage, StoredSlot, MAX_STORED};
pub use work::{Work, WorkUnit, MAX_UNITS};

use serde::{Deserialize, Serialize};

/// The version of the JSON.
pub const VERSION: u32 = 1;

/// All that an agent knows of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
	/// [`VERSION`].
	pub version: u32,
	/// When this was last changed.
	pub at: u64,
	/// The program itself.
	pub agent: Agent,
	/// The device that it serves; none as long as there is none.
	pub device: Option<Device>,
	/// The chain, as far as a node tells.
	pub chain: Chain,
	/// What the owner's account has; none as long as the chain was not asked.
	pub funds: Option<Funds>,
	/// What the owner has earned; none as long as the chain was not asked.
	pub earnings: Option<Earnings>,
	/// The lotteries that the device is in, at most one a resource.
	pub lotteries: Vec<Lottery>,
	/// What is on the disk.
	pub plots: Plots,
	/// What it stores for others; none if it sells no storage.
	#[serde(default)]
	pub storage: Option<Storage>,
	/// What it computes for others; none if it computes nothing.
	#[serde(default)]
	pub work: Option<Work>,
	/// What the device counts for; none as long as the chain was not asked.
	pub competence: Option<Competence>,
	/// The candidate that it counts for.
	pub link: Option<Link>,
	/// What is wrong, and what to do; the gravest first. At most [`MAX_PROBLEMS`].
	pub problems: Vec<Problem>,
	/// How rounds ended since the program started.
	pub tallies: Tallies,
	/// The latest rounds, the newest first. At most [`MAX_ROUNDS`].
	pub rounds: Vec<Round>,
	/// Score and wins over time.
	pub history: History,
}

impl Status {
	/// Nothing is known yet; the program started at this time.
	pub fn new(now: u64) -> Self {
		Self {
			version: VERSION,
			at: now,
			agent: Agent {
				version: env!("CARGO_PKG_VERSION").into(),
				started: now,
				folder: String::new(),
			},
			..Self::default()
		}
	}

	/// The lottery of this resource, if the device is in it.
	pub fn lottery(&self, resource: Resource) -> Option<&Lottery> {
		self.lotteries.iter().find(|lottery| lottery.resource == resource)
	}

	/// Why the agent does not do its work now, in words; empty if it does. `now` is in Unix time, seconds.
	pub fn ailments(&self, now: u64) -> Vec<String> {
		let mut told = Vec::new();
		let still = now.saturating_sub(self.at);
		if still > STANDS_STILL {
			told.push(format!(
				"nothing has changed for {still} s: the agent stands still; restart it, and look at its log"
			));
		}
		match &self.chain.connection {
			Connection::Connected { .. } => {}
			Connection::Never => {
				told.push("the node has not been reached yet; `smart-agent doctor` looks for the reason".into())
			}
			Connection::Lost { since, why } => told.push(format!(
				"the node has been lost for {} s: {why}; the agent tries again by itself, see whether the node runs",
				now.saturating_sub(*since)
			)),
		}
		let grave = self
			.problems
			.iter()
			.filter(|problem| problem.severity == Severity::Error);
		told.extend(grave.map(|problem| format!("{}; {}", problem.what, problem.remedy)));
		told
	}

	/// Cuts lists to their bounds, and texts that come from outside to [`MAX_TEXT`] characters.
	pub(crate) fn bound(&mut self) {
		self.problems.sort_by_key(|problem| problem.severity);
		self.problems.truncate(MAX_PROBLEMS);
		for problem in &mut self.problems {
			parts::cut(&mut problem.what);
			parts::cut(&mut problem.remedy);
		}
		self.rounds.truncate(MAX_ROUNDS);
		for round in &mut self.rounds {
			parts::cut(&mut round.why);
		}
		if let Connection::Lost { why, .. } = &mut self.chain.connection {
			parts::cut(why);
		}
		parts::cut(&mut self.chain.name);
		parts::cut(&mut self.chain.node);
		self.lotteries.sort_by_key(|lottery| lottery.resource);
		self.lotteries.dedup_by_key(|lottery| lottery.resource);
		for lottery in &mut self.lotteries {
			if let Some(why) = &mut lottery.why_not {
				parts::cut(why);
			}
			if let Some(last) = &mut lottery.last {
				parts::cut(&mut last.why);
			}
		}
		if let Some(earnings) = &mut self.earnings {
			earnings.bound();
		}
		if let Some(storage) = &mut self.storage {
			storage.bound();
		}
		if let Some(work) = &mut self.work {
			work.bound();
		}
		self.history.bound();
	}
}

/// After so many seconds without a change the agent is said to stand still: blocks come twice a second.
const STANDS_STILL: u64 = 90;

/// Unix time in seconds, by this machine's clock.
pub fn unix_now() -> u64 {
	std::time::SystemTime::now()
		.duration_since(std::time::UNIX_EPOCH)
		.map_or(0, |since| since.as_secs())
}

/// A status in which everything is said, as JSON: for tests and for work on the page. It was written by hand once;
/// whoever changes a field adds a version beside it.
pub const EXAMPLE: &str = include_str!("golden/status-v1.json");

#[cfg(test)]
mod tests {
	use super::*;

	const GOLDEN: &str = super::EXAMPLE;

	#[test]
	fn the_json_stays_as_it_is() {
		let status: Status = serde_json::from_str(GOLDEN).expect("the golden file is read");
		assert_eq!(status.version, VERSION);
		let again: serde_json::Value = serde_json::to_value(&status).expect("it is written");
		let golden: serde_json::Value = serde_json::from_str(GOLDEN).expect("it is JSON");
		assert_eq!(
			again, golden,
			"a field is missing in one of them, or has another name or form"
		);
	}

	#[test]
	fn no_number_is_a_float_and_none_is_beyond_what_all_languages_read() {
		fn look(value: &serde_json::Value) {
			match value {
				serde_json::Value::Number(number) => {
					let whole = number.as_i64().expect("a whole number");
					assert!(whole.unsigned_abs() < 1 << 53, "{whole} is beyond 2^53");
				}
				serde_json::Value::Array(list) => list.iter().for_each(look),
				serde_json::Value::Object(fields) => fields.values().for_each(look),
				_ => {}
			}
		}
		let status: Status = serde_json::from_str(GOLDEN).expect("the golden file is read");
		look(&serde_json::to_value(&status).expect("it is written"));
		let competence = serde_json::to_value(COMPETENCE_OF_ALL).expect("it is written");
		look(&competence);
	}

	#[test]
	fn a_newer_program_may_add_fields() {
		let mut value: serde_json::Value = serde_json::from_str(GOLDEN).expect("it is JSON");
		value["earned"] = "1".into();
		value["chain"]["colour"] = "green".into();
		serde_json::from_value::<Status>(value).expect("unknown fields are passed over");
	}

	#[test]
	fn what_ails_is_told_with_a_remedy() {
		let mut status = Status::new(1_000);
		assert!(status.ailments(1_000)[0].contains("doctor"), "never connected");
		status.chain.connection = Connection::Connected { since: 1_000 };
		assert!(status.ailments(1_000 + STANDS_STILL).is_empty());
		assert!(status.ailments(1_001 + STANDS_STILL)[0].contains("stands still"));
		status.chain.connection = Connection::Lost {
			since: 1_000,
			why: "it closed the connection".into(),
		};
		assert!(status.ailments(1_010)[0].contains("lost for 10 s: it closed the connection"));
		status.chain.connection = Connection::Connected { since: 1_000 };
		for severity in [Severity::Info, Severity::Warning] {
			status.problems.push(Problem::new(severity, "x", "not grave", "wait"));
		}
		assert!(status.ailments(1_000).is_empty(), "what is not grave ails nobody");
		status
			.problems
			.push(Problem::new(Severity::Error, "x", "the disk is gone", "plug it in"));
		assert_eq!(status.ailments(1_000), ["the disk is gone; plug it in"]);
	}

	#[test]
	fn lists_and_texts_are_bounded() {
		let mut status = Status::new(0);
		let long = "x".repeat(10_000);
		for number in 0..1_000 {
			status.problems.push(Problem::new(Severity::Warning, "x", &long, &long));
			status
				.rounds
				.push(Round::new(Resource::Space, number, 0, Outcome::Missed, &long));
		}
		status
			.problems
			.push(Problem::new(Severity::Error, "grave", "what", "remedy"));
		status.bound();
		assert_eq!((status.problems.len(), status.rounds.len()), (MAX_PROBLEMS, MAX_ROUNDS));
		assert_eq!(status.problems[0].code, "grave", "the gravest stays");
		assert!(status.problems[1].what.chars().count() <= MAX_TEXT);
		assert!(status.rounds[0].why.chars().count() <= MAX_TEXT);
		let bytes = serde_json::to_string(&status).expect("it is written").len();
		assert!(bytes < 100_000, "{bytes} bytes");
	}
}
