//! The chain wants something else of a task than before: whether what it wanted was done.

use super::Machine;
use crate::{
	events::{Action, Work},
	memory::Said,
	types::{TaskKey, Tick, What},
	why::{Missed, Why},
};

impl Machine {
	/// The chain wanted `before` of a task, and does so no more.
	pub(super) fn over(&mut self, key: &TaskKey, before: Option<What>, tick: Tick, out: &mut Vec<Action>) {
		let Some(before) = before else {
			return;
		};
		let last = self.tasks.get(key).map_or(tick, |task| task.last);
		let in_time = before.until().is_none_or(|until| tick <= until);
		// A block after its time says nothing of it. If the last one in it was not seen, what was in the pool then is
		// taken to be in that.
		let unseen = before.until().is_some_and(|until| last < until);
		let was_sent = self.sends.get(key).is_some_and(|sending| sending.is_pooled());
		if !in_time && !(unseen && was_sent) {
			return self.missed(key, before, out);
		}
		let handed = self.tasks.get(key).is_some_and(|task| task.handed);
		let said = self.memory.answer(key).map(|answer| answer.said);
		let counted = match (before, said) {
			(What::Run { .. }, Some(Said::Outcome { .. })) => {
				let took = tick.saturating_sub(key.since);
				self.stats.commit_ticks = self.stats.commit_ticks.saturating_add(took.into());
				&mut self.stats.committed
			}
			(What::Run { .. }, None) if handed => &mut self.stats.declined,
			(What::Reveal { .. }, Some(Said::Outcome { .. })) => &mut self.stats.revealed,
			(What::Probe { .. }, Some(Said::Served { .. })) => &mut self.stats.reported,
			_ => return,
		};
		*counted = counted.saturating_add(1);
	}

	/// The time for something is over, and it was not done.
	fn missed(&mut self, key: &TaskKey, before: What, out: &mut Vec<Action>) {
		let Some(until) = before.until() else {
			return;
		};
		let reveal = matches!(before, What::Reveal { .. });
		let task = self.tasks.get(key);
		let of_task = task.and_then(|task| task.why);
		// What was seen when nothing could be begun any more hardly could come into a block, either.
		let late = task.is_some_and(|task| task.seen.saturating_add(self.config.margin) > until);
		let why = match self.sends.get(key).map(|sending| sending.why_not(self.node_lost)) {
			Some(Why::NotIncluded) if late => Why::Late,
			Some(why) => why,
			None if self.node_lost => Why::NodeLost,
			None if self.keeping.contains_key(key) => Why::NotKept,
			None if reveal => Why::Lost,
			None if self.is_going(key, Work::Run) => Why::Slow,
			None => of_task.unwrap_or(Why::Late),
		};
		if let Some(count) = self.stats.missed.get_mut(why.index()) {
			*count = count.saturating_add(1);
		}
		out.push(Action::Explain(Missed {
			key: *key,
			until,
			reveal,
			why,
		}));
	}
}
