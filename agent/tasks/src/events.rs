//! What goes into the machine and what comes out of it.

use crate::{
	memory::Answer,
	types::{Hash, TaskKey, Tick, Told},
	why::Missed,
};
use compute_market_primitives::{Outcome, Salt};

/// Numbers the pieces of work. One that is not going on is not listened to.
pub type WorkId = u64;

/// Work on a task, which takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
	/// Fetches program and input, and compares them with their roots.
	Fetch,
	/// Runs the unit, and keeps its output.
	Run,
	/// Asks for a disputed output.
	Probe,
}

/// What came of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
	/// Program and input are there.
	Fetched,
	/// It was run. The output is durable, if it has one.
	Ran {
		/// What came of it.
		outcome: Outcome,
		/// By what it is hidden: fresh chance.
		salt: Salt,
		/// Bytes of the output.
		bytes: u32,
		/// How long it took, in milliseconds.
		millis: u64,
	},
	/// This machine has no outcome, and another one may have.
	Fault,
	/// Who gave the output, if somebody did.
	Probed(
		/// A device.
		Option<Hash>,
	),
	/// Nothing.
	Failed(
		/// Why.
		Failure,
	),
}

/// Why work came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
	/// It was cancelled.
	Cancelled,
	/// Nobody gives program or input.
	NoInput,
	/// The disk failed, or has no room.
	Disk,
	/// Others took the memory: it is run again once nothing else is.
	Crowded,
	/// This machine cannot run units as they have to be run.
	Unable,
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
	/// What the device has of tasks, sealed.
	Commit,
	/// What that was.
	Reveal,
	/// Tasks are handed back.
	Decline,
	/// Who served a disputed output.
	Report,
}

/// Tasks of a job and a pool of which something is said at once: in the order of their units, none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
	/// What is said.
	pub deed: Deed,
	/// The job.
	pub job: u64,
	/// The device's place in the pool, where what is said names it.
	pub place: u8,
	/// The tasks, each with its answer if there is one.
	pub tasks: Vec<(TaskKey, Option<Answer>)>,
}

/// What became of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// It is over, or was done before.
	Stale,
	/// The node does not know yet what it is about.
	Ahead,
	/// Pool or blocks are full.
	Full,
	/// The node was not reached, or did not answer.
	Unreachable,
	/// It is wrong, or not the device's to say.
	Wrong,
}

/// How long a job still matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
	/// Nobody knows yet.
	Open,
	/// Until this tick; then anybody may close it.
	Closes(
		/// The tick.
		Tick,
	),
	/// The chain has no such job.
	Gone,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
	/// The best block is another one: its tick, and all tasks of the device.
	Head {
		/// The markets' clock.
		tick: Tick,
		/// The tasks.
		told: Vec<Told>,
	},
	/// Which outputs are on the disk: once, at first.
	Outputs(
		/// Their roots.
		Vec<Hash>,
	),
	/// How long a job matters.
	Job {
		/// Which.
		job: u64,
		/// How long.
		fate: Fate,
	},
	/// Whether units may be begun: nobody else needs the machine.
	Idle(
		/// They may.
		bool,
	),
	/// Work is over.
	Done {
		/// Which.
		work: WorkId,
		/// What came of it.
		done: Done,
	},
	/// An answer is durable.
	Kept(TaskKey),
	/// It could not be made durable, or nobody knows. It is kept again.
	NotKept(TaskKey),
	/// The node's pool has what was sent of these.
	Sent {
		/// What was sent.
		deed: Deed,
		/// Of which.
		tasks: Vec<TaskKey>,
	},
	/// It has not.
	Refused {
		/// What was sent.
		deed: Deed,
		/// Of which.
		tasks: Vec<TaskKey>,
		/// Why not.
		why: Refusal,
	},
	/// The node cannot be reached.
	NodeLost,
	/// It can again. Its pool may have lost what was sent.
	NodeBack,
	/// Time passed; at least once a second.
	Tick,
	/// Begin nothing more: the program is about to end.
	Stop,
}

/// What the edge has to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
	/// Begin work on a task, and tell [`Event::Done`], always.
	Begin {
		/// Its number.
		work_id: WorkId,
		/// The task.
		key: TaskKey,
		/// What.
		work: Work,
	},
	/// End work as soon as it can be.
	Cancel(WorkId),
	/// Make an answer durable, and tell [`Event::Kept`].
	Keep(Answer),
	/// An answer need not be kept any more. Nobody waits for it.
	Forget(TaskKey),
	/// An output need not be there any more.
	Remove(Hash),
	/// What was fetched for a task need not be there any more.
	Release(TaskKey),
	/// Send this, and tell [`Event::Sent`] or [`Event::Refused`].
	Submit(Batch),
	/// A task was missed.
	Explain(Missed),
}
