//! What comes to the edge, from chain, disk and children.

use crate::chain::node::{JobView, WorkerView};
use compute_market_primitives::{JobClaim, Task, Tick};
use smart_agent_tasks::{Deed, Done, Fate, Hash, Refusal, TaskKey, WorkId};
use std::sync::Arc;

/// What happens.
pub(crate) enum Input {
	/// The chain tells something.
	Chain(News),
	/// Work is over, with words for the log and the name of what ended a child.
	Done {
		work: WorkId,
		done: Done,
		words: String,
		ended: Option<&'static str>,
	},
	/// News of what was sent, in words for the log.
	Sent {
		deed: Deed,
		tasks: Vec<TaskKey>,
		refused: Option<(Refusal, String)>,
	},
	/// The journal tells something.
	Written(Written),
	/// It was looked at the machine.
	Looked(bool),
	/// Pay was claimed, or was not.
	Claimed(Result<(), String>),
}

/// What the chain tells.
pub(crate) enum News {
	/// The best block.
	Head {
		/// The markets' clock there.
		tick: Tick,
		/// All tasks of the device, each with its job.
		tasks: Vec<(Task, Arc<JobView>)>,
	},
	/// What the device offers.
	Worker(Option<Box<WorkerView>>),
	/// What it has earned and not claimed.
	Earned(Vec<JobClaim>),
	/// How long a job matters, and what of it is shared with other workers.
	Job(u64, Fate, Vec<Hash>),
	/// The node is reached, or not any more.
	Link(bool),
	/// A question had no answer, or the node is behind.
	Silent(String),
	/// Nothing comes any more.
	Ended,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
	/// Whether an answer is durable, or nobody knows.
	Answer(TaskKey, bool),
	/// The journal should be written anew.
	Due,
	/// It was; with what went wrong, if something did.
	Anew(Option<String>),
}
