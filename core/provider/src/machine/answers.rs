//! Answers: one for a unit, durable before it is sent, sent again only if it was lost.

use super::{results::of, Provider, MAX_SUBMITS};
use crate::{
	events::{Action, Outcome},
	round::{Pending, State},
	types::{Answer, Body, Key},
	why::Refusal,
};

impl Provider {
	/// A win, as it will be told if it is still in time then. There is one for a unit, whatever happens: if it cannot
	/// be kept it is kept again, and made anew never.
	pub(super) fn give(&mut self, key: Key, body: Body, out: &mut Vec<Action>) {
		let Some(until) = self.round(&of(&key)).map(|round| round.open.until) else {
			return;
		};
		if self.rules.horizon && self.memory.is_beyond(key.resource, until) {
			return;
		}
		let answer = Answer { key, until, body };
		if self.rules.once {
			if self.memory.get(&key).is_some() {
				return;
			}
			let left = self.memory.insert(answer.clone());
			out.extend(left.map(Action::Forget));
		} else {
			self.memory.replace(answer.clone());
		}
		let kept_first = self.rules.kept_first;
		let Some(round) = self.round(&of(&key)) else { return };
		round.answers.retain(|pending| pending.key != key);
		round.answers.push(Pending {
			key,
			state: if kept_first { State::Keeping } else { State::Ready },
			submits: 0,
			inherited: false,
			not_before: 0,
		});
		out.push(Action::Keep(answer));
	}

	pub(super) fn on_kept(&mut self, key: Key, kept: bool) {
		if kept && !self.memory.durable(&key) {
			return;
		}
		let again = self.now.saturating_add(self.config.slot_ms);
		let Some(pending) = self.round(&of(&key)).and_then(|round| round.pending(&key)) else {
			return;
		};
		match (pending.state, kept) {
			(State::Keeping | State::Unkept, true) => pending.state = State::Ready,
			(State::Keeping, false) => {
				pending.state = State::Unkept;
				pending.not_before = again;
			}
			_ => (),
		}
	}

	/// Keeps and submits what is due.
	pub(super) fn submit(&mut self, out: &mut Vec<Action>) {
		let (now, slot_ms, node_lost) = (self.now, self.config.slot_ms, self.node_lost);
		for at in 0..self.rounds.len() {
			let Some(round) = self.rounds.get(at) else { break };
			if !self.may_count(round) {
				continue;
			}
			let Some(round) = self.rounds.get_mut(at) else { break };
			for pending in round.answers.iter_mut().filter(|pending| pending.not_before <= now) {
				let Some((answer, durable)) = self.memory.get(&pending.key) else {
					continue;
				};
				match pending.state {
					State::Unkept if !durable => {
						pending.state = State::Keeping;
						out.push(Action::Keep(answer.clone()));
					}
					State::Unkept => pending.state = State::Ready,
					_ => (),
				}
				let due = matches!(pending.state, State::Ready | State::Again(_)) && pending.submits < MAX_SUBMITS;
				if !due || node_lost || (self.rules.kept_first && !durable) {
					continue;
				}
				if pending.submits == 0 {
					let stats = self.stats.of_mut(pending.key.resource);
					stats.answered = stats.answered.saturating_add(1);
				}
				pending.state = State::Sent;
				pending.submits = pending.submits.saturating_add(1);
				pending.not_before = now.saturating_add(slot_ms);
				out.push(Action::Submit(answer.clone()));
			}
		}
	}

	pub(super) fn on_submission(&mut self, key: Key, outcome: Outcome) {
		let slot = self.slot();
		let Some(round) = self.round(&of(&key)) else { return };
		let open = slot.is_some_and(|slot| slot < round.open.until);
		let Some(pending) = round.pending(&key) else { return };
		if pending.submits == 0 {
			return;
		}
		let before = pending.submits > 1 || pending.inherited;
		pending.state = match outcome {
			Outcome::Included => State::Included,
			// A late word of the pool does not undo that a block has it.
			Outcome::Pooled if pending.state == State::Included => State::Included,
			Outcome::Pooled | Outcome::Retracted => State::Pooled,
			Outcome::Dropped => State::Again(Refusal::Dropped),
			Outcome::Refused(refusal) => match refusal {
				Refusal::Full | Refusal::Ahead | Refusal::Unreachable => State::Again(refusal),
				// It was sent before, and what is there already is refused: it is in a block.
				Refusal::Stale if before && open => State::Included,
				_ if pending.state == State::Included => State::Included,
				_ => State::Refused(refusal),
			},
		};
	}
}
