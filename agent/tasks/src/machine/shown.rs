//! What a person may want to see.

use super::{Machine, Task};
use crate::{
	events::Work,
	stats::Stats,
	types::{TaskKey, Tick, What},
	why::Why,
};

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskState {
	/// Program and input are fetched.
	Fetching,
	/// It waits for a slot, or until the machine is idle.
	Waiting,
	/// It is run.
	Running,
	/// What came of it is brought to the chain, sealed.
	Committing,
	/// Others are waited for.
	Sealed,
	/// What was sealed is shown.
	Revealing,
	/// An output is asked for.
	Probing,
	/// It is handed back.
	HandedBack,
	/// The chain wants nothing of it any more.
	Ended,
}

impl TaskState {
	/// All of them, in order.
	pub const ALL: [Self; 9] = [
		Self::Fetching,
		Self::Waiting,
		Self::Running,
		Self::Committing,
		Self::Sealed,
		Self::Revealing,
		Self::Probing,
		Self::HandedBack,
		Self::Ended,
	];

	/// Its name.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Fetching => "fetching",
			Self::Waiting => "waiting",
			Self::Running => "running",
			Self::Committing => "committing",
			Self::Sealed => "sealed",
			Self::Revealing => "revealing",
			Self::Probing => "probing",
			Self::HandedBack => "handed-back",
			Self::Ended => "ended",
		}
	}
}

/// A task, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskStatus {
	/// Which.
	pub key: TaskKey,
	/// How far it is.
	pub state: TaskState,
	/// The last tick at which what is done now counts.
	pub until: Option<Tick>,
	/// Why it is not further, if something is the matter.
	pub why: Option<Why>,
}

/// What a person may want to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
	/// The tick of the last block.
	pub tick: Option<Tick>,
	/// Whether the node is lost.
	pub node_lost: bool,
	/// Whether units may be begun.
	pub idle: bool,
	/// Whether this machine cannot run units.
	pub unable: bool,
	/// All tasks, by job and unit.
	pub tasks: Vec<TaskStatus>,
	/// Units that are run.
	pub running: usize,
	/// Outputs that are there for others.
	pub outputs: usize,
	/// What became of tasks.
	pub stats: Stats,
}

impl Machine {
	/// What a person may want to see.
	pub fn status(&self) -> Status {
		let shown = |(key, task): (&TaskKey, &Task)| TaskStatus {
			key: *key,
			state: self.state_of(key, task),
			until: task.told.and_then(|told| told.until()),
			why: task.why,
		};
		Status {
			tick: self.tick,
			node_lost: self.node_lost,
			idle: self.idle,
			unable: self.now.ms < self.unable,
			tasks: self.tasks.iter().map(shown).collect(),
			running: self.running(),
			outputs: self.outputs.len(),
			stats: self.stats,
		}
	}

	/// How many tasks something is still to be sent of: whoever ends the program may wait for them a moment.
	pub fn sending(&self) -> usize {
		let open = self.sends.values().filter(|sending| !sending.is_pooled());
		open.count().saturating_add(self.keeping.len())
	}

	fn state_of(&self, key: &TaskKey, task: &Task) -> TaskState {
		match task.told {
			None => TaskState::Ended,
			Some(What::Wait) => TaskState::Sealed,
			Some(What::Reveal { .. }) => TaskState::Revealing,
			Some(What::Probe { .. }) => TaskState::Probing,
			Some(What::Run { .. }) if self.is_answered(key) => TaskState::Committing,
			Some(What::Run { .. }) if self.is_going(key, Work::Run) => TaskState::Running,
			Some(What::Run { .. }) if task.handed => TaskState::HandedBack,
			Some(What::Run { .. }) if task.fetched => TaskState::Waiting,
			Some(What::Run { .. }) => TaskState::Fetching,
		}
	}
}
