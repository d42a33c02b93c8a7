//! Deeds: what the chain wants and the answers say, sent again until the chain wants something else.

use super::{Machine, Task};
use crate::{
	events::{Action, Batch, Deed, Refusal},
	memory::Said,
	types::{TaskKey, Tick, What},
	why::Why,
};
use std::collections::BTreeMap;

/// Tasks of which something is said at once.
pub const BATCH_UNITS: usize = compute_market_primitives::MAX_BATCH as usize;

/// What was sent and of which nothing was heard for so long is sent again, in milliseconds.
pub const RESEND_MS: u64 = 8_000;

/// Or after a quarter of the time that is left, if that is less: few tries are left then. But not sooner than a block
/// shows that it has it, in milliseconds.
const LEAST_RESEND: u64 = 1_000;
/// Milliseconds of a tick.
const TICK_MS: u64 = 500;

/// The first and the longest pause before something is sent again, in milliseconds: a reveal has a minute.
const FIRST_PAUSE: u64 = 500;
const LONGEST_PAUSE: u64 = 8_000;
/// Batches that are handed out at a time.
const MAX_SENT: usize = 16;

/// How far a deed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
	/// It waits to be sent.
	Ready,
	/// It was handed out.
	Sent,
	/// The node has it.
	Pooled,
}

/// A deed on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
	deed: Deed,
	state: State,
	/// When that began, and how often it was refused.
	at: u64,
	tries: u32,
	/// Until when it is not sent again.
	not_before: u64,
	/// Whether it goes by itself: one that is refused spoils all that go with it.
	alone: bool,
	refused: Option<Refusal>,
}

impl Sending {
	fn new(deed: Deed) -> Self {
		Self {
			deed,
			state: State::Ready,
			at: 0,
			tries: 0,
			not_before: 0,
			alone: deed == Deed::Report,
			refused: None,
		}
	}

	/// Whether the node has it.
	pub fn is_pooled(&self) -> bool {
		self.state == State::Pooled
	}

	/// Why it is in no block.
	pub fn why_not(&self, node_lost: bool) -> Why {
		match self.refused {
			_ if node_lost => Why::NodeLost,
			Some(Refusal::Unreachable) => Why::NodeLost,
			Some(Refusal::Wrong | Refusal::Stale) => Why::Refused,
			Some(Refusal::Ahead | Refusal::Full) | None => Why::NotIncluded,
		}
	}

	fn again(&mut self, now: u64) {
		let pause = FIRST_PAUSE.saturating_mul(1 << self.tries.min(8)).min(LONGEST_PAUSE);
		self.tries = self.tries.saturating_add(1);
		(self.state, self.not_before) = (State::Ready, now.saturating_add(pause));
	}
}

impl Machine {
	/// What is to be sent of a task.
	fn deed(&self, key: &TaskKey, task: &Task) -> Option<Deed> {
		let said = self.answer(key).map(|answer| answer.said);
		match (task.told?, said) {
			(What::Run { .. }, Some(Said::Outcome { .. } | Said::Fault)) => Some(Deed::Commit),
			(What::Run { .. }, None) if task.handed && !self.is_answered(key) => Some(Deed::Decline),
			(What::Reveal { .. }, Some(Said::Outcome { .. })) => Some(Deed::Reveal),
			(What::Probe { disputed, .. }, Some(Said::Served { disputed: of, .. })) if disputed == of => {
				Some(Deed::Report)
			}
			_ => None,
		}
	}

	pub(super) fn on_node_back(&mut self) {
		self.node_lost = false;
		if !self.rules.resends {
			return;
		}
		for sending in self.sends.values_mut() {
			(sending.state, sending.not_before) = (State::Ready, 0);
		}
	}

	pub(super) fn on_sent(&mut self, deed: Deed, tasks: &[TaskKey]) {
		let now = self.now.ms;
		for key in tasks {
			if let Some(sending) = self.sends.get_mut(key).filter(|sending| sending.deed == deed) {
				(sending.state, sending.at, sending.tries) = (State::Pooled, now, 0);
			}
		}
	}

	pub(super) fn on_refused(&mut self, deed: Deed, tasks: &[TaskKey], why: Refusal) {
		let now = self.now.ms;
		let several = tasks.len() > 1;
		for key in tasks {
			let Some(sending) = self.sends.get_mut(key).filter(|sending| sending.deed == deed) else {
				continue;
			};
			sending.refused = Some(why);
			// Which of them it was nobody says.
			sending.alone |= several && !matches!(why, Refusal::Full | Refusal::Unreachable);
			match why {
				// A block has it or had it, or the pool has: the chain tells.
				Refusal::Stale if !several => (sending.state, sending.at) = (State::Pooled, now),
				_ => sending.again(now),
			}
		}
	}

	/// Sends what is of use, what ends first before all others.
	pub(super) fn send(&mut self, out: &mut Vec<Action>) {
		if self.node_lost {
			return;
		}
		let mut groups: BTreeMap<(Deed, u64, u8), (Tick, Vec<TaskKey>)> = BTreeMap::new();
		let wanted: Vec<(TaskKey, (Deed, u8), Tick)> = self
			.tasks
			.iter()
			.filter_map(|(key, task)| {
				let told = task.told?;
				let until = told.until()?;
				let in_time = self.tick() <= until || !self.rules.in_time;
				in_time.then_some((*key, (self.deed(key, task)?, told.place()), until))
			})
			.collect();
		for (key, (deed, place), until) in wanted {
			if self.is_ready(&key, deed, until) {
				let (first, keys) = groups.entry((deed, key.job, place)).or_insert((until, Vec::new()));
				*first = (*first).min(until);
				keys.push(key);
			}
		}
		let mut groups: Vec<_> = groups.into_iter().collect();
		groups.sort_by_key(|(_, (first, _))| *first);
		let mut sent = 0;
		for ((deed, job, place), (_, keys)) in groups {
			for batch in self.batches(&keys) {
				if sent >= MAX_SENT {
					return;
				}
				sent += 1;
				self.hand_out((deed, job, place), batch, out);
			}
		}
	}

	/// Whether a deed that counts until a tick is to be sent now.
	fn is_ready(&mut self, key: &TaskKey, deed: Deed, until: Tick) -> bool {
		let (now, resends) = (self.now.ms, self.rules.resends);
		let left = u64::from(until.saturating_sub(self.tick())).saturating_mul(TICK_MS);
		let pause = (left / 4).clamp(LEAST_RESEND, RESEND_MS);
		let sending = self.sends.entry(*key).or_insert_with(|| Sending::new(deed));
		if sending.deed != deed {
			*sending = Sending::new(deed);
		}
		match sending.state {
			State::Ready => sending.not_before <= now,
			State::Sent | State::Pooled => resends && now.saturating_sub(sending.at) >= pause,
		}
	}

	/// Tasks that go together: in the order of their units, none of which is named twice.
	fn batches(&self, keys: &[TaskKey]) -> Vec<Vec<TaskKey>> {
		let mut batches: Vec<Vec<TaskKey>> = Vec::new();
		let mut open: Option<usize> = None;
		for key in keys {
			if self.sends.get(key).is_some_and(|sending| sending.alone) {
				batches.push(vec![*key]);
				continue;
			}
			let room = open
				.and_then(|at| batches.get_mut(at))
				.filter(|batch| batch.len() < BATCH_UNITS && batch.last().is_none_or(|last| last.unit < key.unit));
			match room {
				Some(batch) => batch.push(*key),
				None => {
					open = Some(batches.len());
					batches.push(vec![*key]);
				}
			}
		}
		batches
	}

	fn hand_out(&mut self, (deed, job, place): (Deed, u64, u8), keys: Vec<TaskKey>, out: &mut Vec<Action>) {
		let now = self.now.ms;
		for key in &keys {
			if let Some(sending) = self.sends.get_mut(key) {
				(sending.state, sending.at) = (State::Sent, now);
			}
		}
		let tasks = keys.into_iter().map(|key| (key, self.answer(&key).copied())).collect();
		out.push(Action::Submit(Batch {
			deed,
			job,
			place,
			tasks,
		}));
	}
}
