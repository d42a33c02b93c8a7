//! What has to outlive the program: answers.

use crate::types::{Hash, TaskKey, Tick};
use codec::{Decode, Encode};
use compute_market_primitives::{Kind, Outcome, Salt};
use std::collections::BTreeMap;

/// What the device says of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Said {
	/// It has run it.
	#[codec(index = 1)]
	Outcome {
		/// What came of it.
		outcome: Outcome,
		/// By what that is hidden until it is revealed.
		salt: Salt,
		/// Bytes of the output.
		bytes: u32,
	},
	/// This machine could not.
	#[codec(index = 2)]
	Fault,
	/// Who served its output.
	#[codec(index = 3)]
	Served {
		/// The tick of the dispute.
		disputed: Tick,
		/// Who did, if somebody did.
		by: Option<Hash>,
	},
}

/// What the device says of a task, for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Answer {
	/// Of which.
	pub key: TaskKey,
	/// What.
	pub said: Said,
}

impl Answer {
	/// The root of the output, if there is one to be served.
	pub fn output(&self) -> Option<Hash> {
		match self.said {
			Said::Outcome { outcome, .. } if outcome.kind == Kind::Ok => Some(outcome.root),
			_ => None,
		}
	}
}

/// An entry of the journal, in the order in which they were written.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Record {
	/// An answer, before anything of it is sent.
	#[codec(index = 1)]
	Kept(
		/// It.
		Answer,
	),
	/// One need not be kept any more.
	#[codec(index = 2)]
	Forgotten(
		/// Of which task.
		TaskKey,
	),
}

/// What was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
	answers: BTreeMap<TaskKey, Answer>,
}

impl Memory {
	/// As a journal tells it. Of two answers to one task the first counts: it may have been sent.
	pub fn replay(records: impl IntoIterator<Item = Record>) -> Self {
		let mut memory = Self::default();
		for record in records {
			match record {
				Record::Kept(answer) => {
					memory.answers.entry(answer.key).or_insert(answer);
				}
				Record::Forgotten(key) => drop(memory.answers.remove(&key)),
			}
		}
		memory
	}

	/// The shortest journal that tells the same.
	pub fn records(&self) -> Vec<Record> {
		self.answers.values().copied().map(Record::Kept).collect()
	}

	/// All answers, by job and unit.
	pub fn answers(&self) -> impl Iterator<Item = &Answer> {
		self.answers.values()
	}

	/// The answer to a task.
	pub fn answer(&self, key: &TaskKey) -> Option<&Answer> {
		self.answers.get(key)
	}

	/// How many there are.
	pub fn len(&self) -> usize {
		self.answers.len()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.answers.is_empty()
	}

	pub(crate) fn keep(&mut self, answer: Answer) {
		self.answers.insert(answer.key, answer);
	}

	pub(crate) fn forget(&mut self, key: &TaskKey) {
		self.answers.remove(key);
	}

	/// Whether an answer has this output.
	pub(crate) fn has_output(&self, root: &Hash) -> bool {
		self.answers
			.values()
			.any(|answer| answer.output().as_ref() == Some(root))
	}
}
