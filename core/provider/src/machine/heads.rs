//! Blocks, and the rounds that they show: which there are, what counts in them, and how they end.

use super::{Provider, MAX_LISTED, MAX_ROUNDS};
use crate::{
	events::Action,
	round::{Pending, Round, RoundKey, State, LINGER},
	types::{Device, Each, Head, RESOURCES},
	why::{Ending, Why},
};
use proof_lottery_primitives::{OpenRound, Resource, WhyNot, MAX_ANSWER};
use proof_of_space_primitives::MAX_FILTER_BITS;

/// A node that comes back and is so many slots behind the clock is believed: the one before told of a future that never
/// was, and by its clock every real round would be over for ever.
const MOST_AHEAD: u64 = 240;

/// Whether a round makes sense, whatever a node says.
fn is_sound(open: &OpenRound, head: &Head) -> bool {
	let in_order = open.opened <= head.slot && open.opened < open.until;
	let filter = open.filter.is_power_of_two()
		&& (open.filter.trailing_zeros() <= MAX_FILTER_BITS.into())
		&& (open.resource == Resource::Space || open.filter == 1);
	in_order && filter && open.until.saturating_sub(open.opened) <= MAX_ANSWER.into() && open.rounds > 0
}

impl Provider {
	pub(super) fn on_head(&mut self, head: Head, mut listed: Vec<OpenRound>, out: &mut Vec<Action>) {
		let back = std::mem::take(&mut self.node_new);
		// What is open by now, and was opened by a block before this one, nobody here saw begin.
		let unseen = match (self.head.is_none(), back) {
			(true, _) => Some(Why::Before),
			(false, true) => Some(Why::NodeLost),
			(false, false) => None,
		};
		if back
			&& self
				.slot()
				.is_some_and(|slot| head.slot.saturating_add(MOST_AHEAD) < slot)
		{
			self.turn_back(&head, out);
		}
		// A slot that went on before this block came is not over because of it: time is never turned back, or what had
		// been late would be in time.
		if self.slot().is_none_or(|slot| head.slot > slot) {
			self.clock = Some((head.slot, self.now));
		}
		self.head = Some(head);
		listed.truncate(MAX_LISTED);
		listed.retain(|open| is_sound(open, &head));
		for at in 0..self.rounds.len() {
			let Some(round) = self.rounds.get(at) else { break };
			let key = round.key();
			let is_listed = listed.iter().any(|open| RoundKey::of(open) == key);
			let replaced = listed
				.iter()
				.any(|open| (open.resource, open.round) == (key.resource, key.round) && !is_listed);
			// Rounds are listed until the block before the last one that counts.
			let over = head.slot >= round.open.until;
			let present = is_listed || (over && round.present && !replaced);
			if let Some(round) = self.rounds.get_mut(at) {
				round.present = present;
			}
			if !present {
				self.cancel_work_of(&key, out);
			}
		}
		for open in listed {
			let unseen = unseen.filter(|_| open.opened < head.slot);
			self.open(open, unseen, out);
		}
	}

	/// The clock is that of this head again, and what was of the future is no more.
	fn turn_back(&mut self, head: &Head, out: &mut Vec<Action>) {
		self.clock = Some((head.slot, self.now));
		self.last_seen = Each::default();
		// What was to be tried later was to be so by the other clock.
		self.claims = super::claims::Claims::default();
		let unreal = |round: &Round| round.open.until > head.slot.saturating_add(MAX_ANSWER.into());
		while let Some(at) = self.rounds.iter().position(unreal) {
			self.end(at, out);
		}
	}

	fn open(&mut self, open: OpenRound, unseen: Option<Why>, out: &mut Vec<Action>) {
		let round = Round::new(open, unseen);
		let key = round.key();
		// One that is over by now was ended already: the branch has an old head.
		let over = self.slot().is_some_and(|slot| slot > round.open.until);
		if over || self.rounds.iter().any(|known| known.is(&key)) {
			return;
		}
		if self.rounds.len() >= MAX_ROUNDS {
			// Those of branches that were left go first.
			let order = |at: &usize| self.rounds.get(*at).map(|round| (round.present, round.open.until));
			let first = (0..self.rounds.len()).min_by_key(order);
			if let Some(at) = first {
				self.end(at, out);
			}
		}
		self.count_gap(key.resource, key.round, out);
		self.rounds.push(self.inherit(round));
		let stats = self.stats.of_mut(key.resource);
		stats.seen = stats.seen.saturating_add(1);
	}

	/// With the answers that were given before, by the program that ran then or when the branch was another one.
	fn inherit(&self, mut round: Round) -> Round {
		let key = round.key();
		for (answer, durable) in self.memory.of_round(key.resource, key.round, &key.challenge) {
			round.answers.push(Pending {
				key: answer.key,
				state: if durable { State::Ready } else { State::Unkept },
				submits: 0,
				inherited: true,
				not_before: 0,
			});
		}
		round.answers.truncate(crate::MAX_WINS as usize);
		round
	}

	/// Rounds of space and uptime are numbered by time and windows by what came before: a gap was not seen.
	fn count_gap(&mut self, resource: Resource, round: u64, out: &mut Vec<Action>) {
		let node_lost = std::mem::take(self.lost_since.of_mut(resource)) || self.node_lost;
		let last = self.last_seen.of_mut(resource);
		let Some(seen) = *last else {
			*last = Some(round);
			return;
		};
		if round <= seen {
			return;
		}
		*last = Some(round);
		let rounds = seen.saturating_add(1)..round;
		if !rounds.is_empty() {
			let stats = self.stats.of_mut(resource);
			stats.missed = stats.missed.saturating_add(rounds.end.saturating_sub(rounds.start));
			out.push(Action::Missed {
				resource,
				rounds,
				node_lost,
			});
		}
	}

	pub(super) fn on_device(&mut self, mut device: Device) {
		device.lotteries.truncate(RESOURCES.len());
		device.why_not.truncate(4 * RESOURCES.len());
		for state in &device.lotteries {
			if device.at < state.claimed_from {
				*self.before.of_mut(state.resource) = Some((state.claimed_from, state.units));
			}
		}
		self.claims.learn(self.device.as_ref(), &device);
		self.device = Some(device);
	}

	pub(super) fn on_node_lost(&mut self) {
		self.node_lost = true;
		self.lost_since = Each {
			space: true,
			compute: true,
			uptime: true,
		};
		for round in &mut self.rounds {
			round.node_lost = true;
			for pending in &mut round.answers {
				if matches!(pending.state, State::Sent | State::Pooled) {
					pending.state = State::Unsure;
				}
			}
		}
	}

	pub(super) fn on_node_back(&mut self) {
		self.node_lost = false;
		self.node_new = true;
		for pending in self.rounds.iter_mut().flat_map(|round| &mut round.answers) {
			if pending.state == State::Unsure {
				pending.state = State::Ready;
			}
		}
	}

	/// What speaks against any work for a lottery.
	pub(super) fn barred(&self, resource: Resource) -> Option<Why> {
		let Some(device) = &self.device else {
			return Some(Why::Unasked);
		};
		for why in &device.why_not {
			match why {
				WhyNot::NotRegistered => return Some(Why::NotRegistered),
				WhyNot::Suspended => return Some(Why::Suspended),
				WhyNot::Struck => return Some(Why::Struck),
				_ => (),
			}
		}
		let known = device.lotteries.iter().any(|state| state.resource == resource);
		(!known).then_some(Why::NoEntry)
	}

	/// How many units count in a round that was opened in this slot.
	fn units_at(&self, resource: Resource, opened: u64) -> Result<u32, Why> {
		if let Some(why) = self.barred(resource) {
			return Err(why);
		}
		let device = self.device.as_ref().ok_or(Why::Unasked)?;
		let state = device.lotteries.iter().find(|state| state.resource == resource);
		let state = state.ok_or(Why::NoEntry)?;
		let units = if state.claimed_from <= opened {
			// A claim that waited then may have been replaced since.
			if device.at < state.claimed_from {
				return Err(Why::Unclear);
			}
			state.claimed
		} else if device.at < state.claimed_from {
			state.units
		} else {
			match *self.before.of(resource) {
				Some((from, units)) if from == state.claimed_from => units,
				// Which units counted is not known. To reckon with too few would make losers win.
				_ => return Err(Why::Unclear),
			}
		};
		if units == 0 {
			return Err(Why::NotYet);
		}
		Ok(units)
	}

	/// Finds out how many units count in the rounds of which it is not known yet.
	pub(super) fn know_units(&mut self) {
		for at in 0..self.rounds.len() {
			let Some(round) = self.rounds.get(at).filter(|round| round.units.is_none()) else {
				continue;
			};
			let (resource, opened) = (round.open.resource, round.open.opened);
			let units = self.units_at(resource, opened);
			let Some(round) = self.rounds.get_mut(at) else { break };
			match units {
				Ok(units) => {
					round.units = Some(units);
					let expected = round.expected();
					let stats = self.stats.of_mut(resource);
					stats.expected = stats.expected.saturating_add(expected);
				}
				Err(why) => round.why = why,
			}
		}
	}

	/// Tells of the rounds that are over.
	pub(super) fn end_rounds(&mut self, out: &mut Vec<Action>) {
		let Some(slot) = self.slot() else { return };
		let over = |round: &Round| slot > round.open.until.saturating_add(LINGER);
		while let Some(at) = self.rounds.iter().position(over) {
			self.end(at, out);
		}
	}

	fn end(&mut self, at: usize, out: &mut Vec<Action>) {
		let round = self.rounds.remove(at);
		self.cancel_work_of(&round.key(), out);
		let explanation = round.explain();
		let stats = self.stats.of_mut(round.open.resource);
		let won = match explanation.ending {
			Ending::Won(won) => won,
			Ending::NotWon(_) => 0,
		};
		stats.won = stats.won.saturating_add(won.into());
		let lost = explanation.answers.saturating_sub(won);
		stats.lost = stats.lost.saturating_add(lost.into());
		out.push(Action::Explain(explanation));
	}

	pub(super) fn forget(&mut self, out: &mut Vec<Action>) {
		if let Some(slot) = self.slot() {
			out.extend(self.memory.forget(slot).into_iter().map(Action::Forget));
		}
	}
}
