//! Deeds: made durable, then sent, and sent again until a block has them.

use super::{Machine, MAX_DEEDS};
use crate::{
	deeds::{Body, Deed, DeedKey},
	events::{Action, Outcome},
	memory::FORGET_AFTER,
	types::{Role, SlotKey, Tick},
	why::{Refusal, Why},
};

/// What was sent and of which nothing was heard for so long is sent again, in milliseconds.
pub const RESEND_MS: u64 = 10_000;

/// The first and the longest pause before something is sent again, in milliseconds: an answer has minutes.
const FIRST_PAUSE: u64 = 500;
const LONGEST_PAUSE: u64 = 8_000;
/// The longest one for what an account signs.
const LONGEST_SIGNED: u64 = 60_000;
/// What speaks for itself waits for the journal for so many milliseconds, and is sent without it then: it is the same
/// if it is made again, and a disk that fails is no reason to miss a challenge.
const KEEP_MS: u64 = 3_000;
/// Deeds that are handed out at a time.
const MAX_SENT: usize = 32;

/// How far a deed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
	/// It is being made durable.
	Keeping,
	/// It could not be; it is tried again.
	Unkept,
	/// It waits to be sent.
	Ready,
	/// It was sent.
	Sent,
	/// A block has it, seen at this tick.
	Included(Tick),
	/// It is not taken, and is not sent again.
	Refused(Refusal),
}

/// A deed on its way.
#[derive(Clone, Debug)]
pub(super) struct Sending {
	deed: Deed,
	state: State,
	/// When that began, and how often it was refused for now.
	at: u64,
	tries: u32,
	/// Until when it is not sent again.
	not_before: u64,
	/// Whether it was ever sent, as far as is known.
	sent: bool,
	/// Why it was refused the last time.
	refused: Option<Refusal>,
}

impl Sending {
	/// One that is durable. It may have been sent before the program ended.
	pub fn kept(deed: Deed) -> Self {
		Self {
			deed,
			state: State::Ready,
			at: 0,
			tries: 0,
			not_before: 0,
			sent: true,
			refused: None,
		}
	}

	/// The tick at which a block was seen that has it.
	pub fn included(&self) -> Option<Tick> {
		match self.state {
			State::Included(tick) => Some(tick),
			_ => None,
		}
	}

	/// Whether it is still on its way.
	pub fn moves(&self) -> bool {
		!matches!(self.state, State::Included(_) | State::Refused(_))
	}

	/// Why it is in no block.
	pub fn why_not(&self, node_lost: bool) -> Why {
		match self.state {
			State::Keeping | State::Unkept => Why::NotKept,
			State::Refused(why) => Why::Refused(why),
			_ if node_lost => Why::NodeLost,
			State::Ready | State::Sent | State::Included(_) => self.refused.map_or(Why::NotIncluded, Why::Refused),
		}
	}

	fn again(&mut self, now: u64) {
		let longest = match self.deed.key.is_signed() {
			true => LONGEST_SIGNED,
			false => LONGEST_PAUSE,
		};
		let pause = FIRST_PAUSE.saturating_mul(1 << self.tries.min(8)).min(longest);
		self.tries = self.tries.saturating_add(1);
		(self.state, self.not_before) = (State::Ready, now.saturating_add(pause));
	}
}

impl Machine {
	/// Has a deed made durable.
	pub(super) fn keep(&mut self, deed: Deed, out: &mut Vec<Action>) {
		self.supersede(&deed.key, out);
		// Answers have room whatever else there is.
		let most = match deed.key {
			DeedKey::Answer { .. } => MAX_DEEDS,
			_ => MAX_DEEDS / 2,
		};
		if self.sends.contains_key(&deed.key) || self.sends.len() >= most {
			return;
		}
		let state = match self.rules.kept_first {
			true => State::Keeping,
			false => State::Ready,
		};
		let sending = Sending {
			deed: deed.clone(),
			state,
			at: self.now.ms,
			tries: 0,
			not_before: 0,
			sent: false,
			refused: None,
		};
		self.sends.insert(deed.key, sending);
		out.push(Action::Keep(deed));
	}

	/// A confirmation by another chunk takes the place of those before it: the chain asks for none of these any more.
	fn supersede(&mut self, new: &DeedKey, out: &mut Vec<Action>) {
		let DeedKey::Confirm { key: slot, .. } = new else {
			return;
		};
		let old = |key: &DeedKey, sending: &Sending| {
			matches!(key, DeedKey::Confirm { key, .. } if key == slot) && key != new && sending.included().is_none()
		};
		let all = self.sends.iter().filter(|(key, sending)| old(key, sending));
		let found: Vec<DeedKey> = all.map(|(key, _)| *key).collect();
		for key in found {
			self.sends.remove(&key);
			self.memory.forget(&key);
			out.push(Action::Forget(key));
		}
	}

	pub(super) fn on_kept(&mut self, key: &DeedKey, durable: bool) {
		let now = self.now.ms;
		let Some(sending) = self.sends.get_mut(key) else {
			return;
		};
		if durable {
			self.memory.keep(sending.deed.clone());
		}
		if matches!(sending.state, State::Keeping | State::Unkept) {
			let goes = durable || !key.is_signed();
			sending.state = if goes { State::Ready } else { State::Unkept };
			sending.at = now;
			sending.not_before = if goes { 0 } else { now.saturating_add(1_000) };
		}
	}

	pub(super) fn on_node_lost(&mut self) {
		self.node_lost = true;
		for challenge in self.asked.values_mut().filter(|challenge| challenge.open) {
			challenge.why = Some(Why::NodeLost);
		}
	}

	/// What was in the pool of a node may be gone with it.
	pub(super) fn on_node_back(&mut self) {
		self.node_lost = false;
		if !self.rules.resends {
			return;
		}
		// Of what is signed the end is told always.
		let free = |sending: &&mut Sending| {
			matches!(sending.state, State::Sent | State::Ready) && !sending.deed.key.is_signed()
		};
		for sending in self.sends.values_mut().filter(free) {
			(sending.state, sending.not_before) = (State::Ready, 0);
		}
	}

	pub(super) fn on_submission(&mut self, key: &DeedKey, outcome: Outcome, out: &mut Vec<Action>) {
		let (now, tick, resends) = (self.now.ms, self.tick(), self.rules.resends);
		let Some(sending) = self.sends.get_mut(key) else {
			return;
		};
		match outcome {
			Outcome::Pooled => (sending.at, sending.refused) = (now, None),
			Outcome::Included => {
				sending.state = State::Included(tick);
				let body = sending.deed.body.clone();
				if key.is_signed() {
					self.vain = (0, 0);
				}
				self.on_included(key, &body, out);
			}
			Outcome::Retracted | Outcome::Dropped if resends => sending.again(now),
			Outcome::Retracted | Outcome::Dropped => (),
			Outcome::Refused(Refusal::Full | Refusal::Unreachable | Refusal::Ahead) => sending.again(now),
			// It was sent before, and a block has it or had it: an answer that is not open any more was answered.
			Outcome::Refused(Refusal::Stale) if sending.tries > 0 => sending.state = State::Included(tick),
			// The owner may send money, the chain may see it otherwise with the next block, and a pool may be mistaken:
			// as long as the chain asks, what costs nothing is sent.
			Outcome::Refused(why) if !key.is_signed() => {
				sending.refused = Some(why);
				sending.again(now);
				let slot = key.slot().and_then(|key| self.slots.get_mut(&key));
				if let (DeedKey::Confirm { .. }, Some(slot)) = (key, slot) {
					slot.why = Some(Why::Refused(why));
				}
			}
			Outcome::Refused(why) => {
				sending.state = State::Refused(why);
				self.vain = (now, self.vain.1.saturating_add(1));
				let worthless = matches!(why, Refusal::Stale | Refusal::Wrong);
				if let (DeedKey::Redeem { key, total }, true) = (key, worthless) {
					// Nothing is to be had for it: another one may be better.
					self.memory.paid(*key, *total);
					out.push(Action::Redeemed {
						key: *key,
						total: *total,
					});
				}
			}
		}
	}

	fn on_included(&mut self, key: &DeedKey, body: &Body, out: &mut Vec<Action>) {
		if let (DeedKey::Redeem { key, .. }, Body::Voucher(voucher)) = (key, body) {
			self.memory.paid(*key, voucher.total);
			out.push(Action::Redeemed {
				key: *key,
				total: voucher.total,
			});
		}
	}

	/// What the last block shows was done, or was not after all: a branch may have had it.
	pub(super) fn observe(&mut self) {
		let (now, tick) = (self.now.ms, self.tick());
		let mut changed = Vec::new();
		for (key, sending) in self.sends.iter().filter(|(_, sending)| sending.sent) {
			match (sending.state, self.is_done(key, &sending.deed.body)) {
				(State::Ready | State::Sent, Some(true)) => changed.push((*key, State::Included(tick))),
				(State::Included(_), Some(false))
					if matches!(key, DeedKey::Answer { .. } | DeedKey::Confirm { .. }) =>
				{
					changed.push((*key, State::Ready));
				}
				_ => (),
			}
		}
		for (key, state) in changed {
			let back = state == State::Ready;
			if back && !self.rules.resends {
				continue;
			}
			if let Some(sending) = self.sends.get_mut(&key) {
				sending.state = state;
				if back {
					// Not the pool has lost it: it is not what was tried too often.
					(sending.tries, sending.not_before) = (0, now.saturating_add(FIRST_PAUSE));
				}
			}
		}
	}

	/// Whether the chain shows that a deed was done, or that it was not; nothing if it shows neither.
	fn is_done(&self, key: &DeedKey, body: &Body) -> Option<bool> {
		let role = |key: SlotKey| {
			self.slots
				.get(&key)
				.and_then(|slot: &super::Slot| slot.told)
				.map(|told| told.role)
		};
		match *key {
			DeedKey::Answer { until, .. } => {
				let mut all = self.asked.iter();
				let (_, challenge) = all.find(|(asked, _)| DeedKey::answer(asked) == *key)?;
				(until >= self.tick()).then_some(!challenge.open)
			}
			DeedKey::Confirm { key, until, chunks, .. } => match role(key)? {
				Role::Held { .. } => Some(true),
				Role::Drawn {
					until: now,
					chunks: shown,
					..
				} => (now == until && shown == Some(chunks)).then_some(false),
			},
			DeedKey::Claim { .. } => {
				let Body::Slots(slots) = body else {
					return None;
				};
				let left = |key: &SlotKey| matches!(role(*key), Some(Role::Held { accrued, .. }) if accrued > 0);
				(!slots.iter().any(left)).then_some(true)
			}
			DeedKey::ProveNow { .. } | DeedKey::Redeem { .. } => None,
		}
	}

	/// Sends what is durable and of use, what ends first before all others.
	pub(super) fn send(&mut self, out: &mut Vec<Action>) {
		let (now, tick) = (self.now.ms, self.tick());
		if self.rules.resends {
			// Of what is signed the end is told always: sent twice it would be paid twice.
			let silent = |sending: &&mut Sending| {
				let is_old = now.saturating_sub(sending.at) >= RESEND_MS;
				sending.state == State::Sent && is_old && !sending.deed.key.is_signed()
			};
			self.sends
				.values_mut()
				.filter(silent)
				.for_each(|sending| sending.again(now));
		}
		let held_up = |sending: &&mut Sending| {
			let waits = sending.state == State::Keeping && !sending.deed.key.is_signed();
			waits && now.saturating_sub(sending.at) >= KEEP_MS
		};
		for sending in self.sends.values_mut().filter(held_up) {
			sending.state = State::Ready;
		}
		let unkept = |sending: &&mut Sending| sending.state == State::Unkept && sending.not_before <= now;
		for sending in self.sends.values_mut().filter(unkept) {
			sending.state = State::Keeping;
			out.push(Action::Keep(sending.deed.clone()));
		}
		if self.node_lost || self.tick.is_none() {
			return;
		}
		let ready = self
			.sends
			.values()
			.filter(|sending| sending.state == State::Ready && sending.not_before <= now && tick <= sending.deed.until);
		let mut ready: Vec<(Tick, DeedKey)> = ready.map(|sending| (sending.deed.until, sending.deed.key)).collect();
		ready.sort_unstable();
		ready.retain(|(_, key)| self.is_wanted(key));
		for (_, key) in ready.into_iter().take(MAX_SENT) {
			if let Some(sending) = self.sends.get_mut(&key) {
				(sending.state, sending.at, sending.sent) = (State::Sent, now, true);
				out.push(Action::Submit(sending.deed.clone()));
			}
		}
	}

	/// Whether a deed is still of use, as far as the last block tells.
	fn is_wanted(&self, key: &DeedKey) -> bool {
		let role = key
			.slot()
			.and_then(|key| self.slots.get(&key))
			.and_then(|slot| slot.told)
			.map(|told| told.role);
		match key {
			DeedKey::Answer { .. } => {
				let asked = self.asked.iter().find(|(asked, _)| DeedKey::answer(asked) == *key);
				asked.is_some_and(|(_, challenge)| challenge.open)
			}
			DeedKey::Confirm { until, chunks, .. } => match role {
				Some(Role::Drawn {
					until: now,
					chunks: shown,
					..
				}) => now == *until && shown == Some(*chunks),
				_ => false,
			},
			DeedKey::ProveNow { .. } => matches!(role, Some(Role::Held { .. })),
			DeedKey::Claim { .. } | DeedKey::Redeem { .. } => true,
		}
	}

	/// Forgets what was over long ago.
	pub(super) fn forget(&mut self, out: &mut Vec<Action>) {
		let tick = self.tick();
		let over = |sending: &Sending| {
			let ended = sending.deed.until.saturating_add(FORGET_AFTER) < tick;
			let done = match sending.state {
				State::Included(at) => at.saturating_add(FORGET_AFTER) < tick,
				State::Refused(_) => sending.deed.until < tick,
				_ => false,
			};
			ended || done
		};
		let keys: Vec<DeedKey> = self
			.sends
			.iter()
			.filter(|(_, sending)| over(sending))
			.map(|(key, _)| *key)
			.collect();
		for key in keys {
			self.sends.remove(&key);
			self.memory.forget(&key);
			out.push(Action::Forget(key));
		}
	}
}
