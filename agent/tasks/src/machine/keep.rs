//! Answers: made durable, and kept with their outputs until their jobs are over.

use super::{Machine, FORGET_AFTER};
use crate::{
	events::{Action, Fate},
	memory::{Answer, Said},
	types::{Hash, TaskKey, Tick},
};

/// After so many milliseconds an answer that could not be made durable is kept again.
const AGAIN_MS: u64 = 1_000;

/// An answer that is being made durable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeping {
	pub answer: Answer,
	/// When it is to be kept again; none while it is being written.
	pub again: Option<u64>,
}

impl Machine {
	/// Has an answer made durable. A second one to the same task is none.
	pub(super) fn say(&mut self, key: TaskKey, said: Said, out: &mut Vec<Action>) {
		let answer = Answer { key, said };
		let wanted = self.tasks.get(&key).is_some_and(|task| task.told.is_some());
		if (self.rules.once && self.is_answered(&key)) || !wanted {
			self.unneeded(answer.output(), out);
			return;
		}
		self.keeping.insert(key, Keeping { answer, again: None });
		out.push(Action::Keep(answer));
	}

	pub(super) fn on_kept(&mut self, key: &TaskKey, durable: bool, out: &mut Vec<Action>) {
		if !durable {
			if let Some(keeping) = self.keeping.get_mut(key) {
				keeping.again = Some(self.now.ms.saturating_add(AGAIN_MS));
			}
			return;
		}
		if let Some(keeping) = self.keeping.remove(key) {
			self.memory.keep(keeping.answer);
			out.push(Action::Release(*key));
		}
	}

	pub(super) fn keep_again(&mut self, out: &mut Vec<Action>) {
		let now = self.now.ms;
		for keeping in self.keeping.values_mut() {
			if keeping.again.is_some_and(|again| again <= now) {
				keeping.again = None;
				out.push(Action::Keep(keeping.answer));
			}
		}
	}

	/// What is on the disk and belongs to no answer is removed.
	pub(super) fn on_outputs(&mut self, roots: Vec<Hash>, out: &mut Vec<Action>) {
		self.listed = true;
		for root in roots {
			self.outputs.insert(root);
			self.unneeded(Some(root), out);
		}
	}

	fn unneeded(&mut self, root: Option<Hash>, out: &mut Vec<Action>) {
		let Some(root) = root else {
			return;
		};
		let waits = self
			.keeping
			.values()
			.any(|keeping| keeping.answer.output() == Some(root));
		if !waits && !self.memory.has_output(&root) && self.outputs.remove(&root) {
			out.push(Action::Remove(root));
		}
	}

	pub(super) fn on_job(&mut self, job: u64, fate: Fate) {
		let tick = self.tick();
		let since = match (self.fates.get(&job), fate) {
			(Some((Fate::Gone, since)), Fate::Gone) => *since,
			_ => tick,
		};
		self.fates.insert(job, (fate, since));
	}

	/// Whether nobody asks for a job's outputs any more, on whatever branch.
	fn is_past(&self, job: u64, tick: Tick) -> bool {
		match self.fates.get(&job) {
			Some((Fate::Gone, since)) => since.saturating_add(FORGET_AFTER) < tick,
			Some((Fate::Closes(at), _)) => at.saturating_add(FORGET_AFTER) < tick,
			Some((Fate::Open, _)) | None => false,
		}
	}

	/// Forgets what was over long ago.
	pub(super) fn forget(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let told = |key: &TaskKey| self.tasks.get(key).is_some_and(|task| task.told.is_some());
		let past = self
			.memory
			.answers()
			.filter(|answer| !told(&answer.key) && (!self.rules.served || self.is_past(answer.key.job, tick)));
		let past: Vec<Answer> = past.copied().collect();
		for answer in past {
			self.memory.forget(&answer.key);
			out.push(Action::Forget(answer.key));
			self.unneeded(answer.output(), out);
		}
		let over: Vec<TaskKey> = self
			.tasks
			.iter()
			.filter(|(key, task)| {
				let long = task.gone.is_some_and(|gone| gone.saturating_add(FORGET_AFTER) < tick);
				long && !self.going.values().any(|going| going.key == **key) && !self.keeping.contains_key(key)
			})
			.map(|(key, _)| *key)
			.collect();
		for key in over {
			self.tasks.remove(&key);
			self.sends.remove(&key);
			out.push(Action::Release(key));
		}
		let known = self.jobs();
		self.fates.retain(|job, _| known.contains(job));
	}
}
