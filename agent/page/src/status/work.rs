//! What the device computes for others, as a status shows it.

use super::{decimal::planck, parts::cut, storage::Count};
use serde::{Deserialize, Serialize};

/// The most units that are told.
pub const MAX_UNITS: usize = 64;

/// The most rows of a count.
const MAX_COUNTS: usize = 24;

/// What the device computes for others. Counts are since the program started, money is in planck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Work {
	/// Where outputs are served.
	pub listen: String,
	/// The markets' clock; none before the first block.
	pub tick: Option<u32>,
	/// What is asked for a Gfuel.
	#[serde(with = "planck")]
	pub ask: u128,
	/// Units that it offers to run at a time.
	pub slots: u32,
	/// What it may lose.
	#[serde(with = "planck")]
	pub stake: u128,
	/// Mfuel a tick that it has proven.
	pub rate: u32,
	/// How many tickets the device has: without one it is drawn for no job.
	pub tickets: u32,
	/// Units of which it returned what was accepted,
	pub right: u32,
	/// or something else,
	pub wrong: u32,
	/// or nothing in time.
	pub late: u32,
	/// Its error, in thousandths: below 50 it may work alone.
	pub error: u32,
	/// Whether units may be begun: nobody else needs the machine.
	pub idle: bool,
	/// Units that are run now.
	pub running: u64,
	/// Units by how far they are.
	pub states: Vec<Count>,
	/// Units that were missed, by reason.
	pub missed: Vec<Count>,
	/// Units that were run to an outcome,
	pub ran: u64,
	/// their fuel,
	pub fuel: u64,
	/// and how long that took, in milliseconds.
	pub run_millis: u64,
	/// Units that this machine could not run.
	pub faults: u64,
	/// Units whose commitment the chain has,
	pub committed: u64,
	/// and how long that took from when they were given, in milliseconds, all together.
	pub commit_millis_total: u64,
	/// Units that were revealed.
	pub revealed: u64,
	/// Units that were handed back.
	pub declined: u64,
	/// Disputed outputs that were asked for and reported.
	pub reported: u64,
	/// Children that were ended or failed, by what.
	pub ended: Vec<Count>,
	/// Outputs that are there for others.
	pub outputs: u64,
	/// Bytes of outputs and programs that were sent,
	pub sent_bytes: u64,
	/// requests that were answered,
	pub requests: u64,
	/// and those that were refused.
	pub refused: u64,
	/// What was earned and nobody has claimed,
	#[serde(with = "planck")]
	pub claimable: u128,
	/// and what waits until outputs were handed over.
	#[serde(with = "planck")]
	pub later: u128,
	/// Units, by job. At most [`MAX_UNITS`].
	pub units: Vec<WorkUnit>,
}

/// A unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkUnit {
	/// The job.
	pub job: u64,
	/// Its number there.
	pub unit: u32,
	/// How far it is: `fetching`, `waiting`, `running`, `committing`, `sealed`, `revealing`, `probing`, `handed-back`.
	pub state: String,
	/// The last tick at which what is done now counts; none while others are waited for.
	pub until: Option<u32>,
	/// What is the matter, if something is.
	pub why: String,
}

impl Work {
	/// All units that were missed.
	pub fn all_missed(&self) -> u64 {
		self.missed
			.iter()
			.fold(0, |sum, missed| sum.saturating_add(missed.count))
	}

	pub(super) fn bound(&mut self) {
		self.units.truncate(MAX_UNITS);
		for counts in [&mut self.states, &mut self.missed, &mut self.ended] {
			counts.truncate(MAX_COUNTS);
		}
		cut(&mut self.listen);
		for unit in &mut self.units {
			cut(&mut unit.state);
			cut(&mut unit.why);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lists_and_texts_are_bounded() {
		let unit = WorkUnit {
			why: "x".repeat(10_000),
			..WorkUnit::default()
		};
		let count = Count {
			name: "x".into(),
			count: u64::MAX,
		};
		let mut work = Work {
			units: vec![unit; 1_000],
			missed: vec![count; 1_000],
			..Work::default()
		};
		work.bound();
		assert_eq!((work.units.len(), work.missed.len()), (MAX_UNITS, MAX_COUNTS));
		assert!(work.units[0].why.chars().count() <= super::super::MAX_TEXT);
		assert_eq!(work.all_missed(), u64::MAX);
	}
}
