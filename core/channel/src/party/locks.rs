//! Locks: given, carried on, claimed, given up; and chains of hashes.

use super::Pass;
use crate::{
	channel::Channel,
	sheet::{part, steps_of},
	Action, Checks, Given, GivenStage, Packet, Phase, Place, Reason, Refused, StepShown, Taken, TakenStage,
};
use alloc::vec::Vec;
use channel_primitives::{root_of, Balance, Change, ChannelId, Condition, Hash, Lock, LockId, Node, Tick, Witness};

/// So many steps of a chain of hashes are given out on one commit at most: what may be paid too much after the payer
/// was killed, and what comes to the payee at most before it stores it.
pub const STEPS_AHEAD: u16 = 64;

impl<C: Checks> Pass<'_, C> {
	pub(super) fn lock(
		&mut self,
		id: ChannelId,
		amount: Balance,
		expiry: Tick,
		condition: Condition,
		packet: Packet,
	) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		self.add(&mut channel, amount, expiry, condition, packet, None)?;
		self.put(channel);
		Ok(())
	}

	/// Gives a lock, unless the chain knows already that its condition is met: whoever carries on what is met already
	/// would not be told of that once more.
	fn add(
		&mut self,
		channel: &mut Channel,
		amount: Balance,
		expiry: Tick,
		condition: Condition,
		packet: Packet,
		from: Option<Place>,
	) -> Result<LockId, Refused> {
		condition.check().map_err(|_| Refused::NotMet)?;
		if expiry <= self.now {
			return Err(Refused::TooLate);
		}
		let lock = Lock {
			id: channel.sheet.obligations.next_lock(),
			amount,
			expiry,
			condition: condition.hash(),
		};
		if self.checks.revealed(&lock.condition).is_some() {
			return Err(Refused::MetAlready);
		}
		let since = channel.sheet.obligations.next_nonce();
		channel.sign(&[Change::Lock(lock)], [0; 32], self.now, &self.config)?;
		let given = Given {
			lock,
			condition,
			packet,
			from,
			steps: 0,
			since,
			stage: GivenStage::Open,
		};
		channel.sheet.given.insert(lock.id, given);
		Ok(lock.id)
	}

	/// Carries a lock on that came: less the fee, and so much earlier that what is claimed here at the last tick can be
	/// claimed there.
	pub(super) fn forward(
		&mut self,
		from: Place,
		id: ChannelId,
		amount: Balance,
		expiry: Tick,
		packet: Packet,
	) -> Result<(), Refused> {
		if from.channel == id {
			return Err(Refused::Loop);
		}
		let mut came = self.take(from.channel)?;
		let mut on = self.take(id)?;
		if !came.sheet.is_open() {
			return Err(Refused::Closing);
		}
		let taken = came.sheet.taken.get(&from.id).ok_or(Refused::NoLock(from.id))?;
		if taken.stage != TakenStage::Held {
			return Err(Refused::Loop);
		}
		if taken.lock.amount < amount.saturating_add(self.config.fee(amount)) {
			return Err(Refused::Fee);
		}
		if taken.lock.expiry < expiry.saturating_add(self.config.margin) {
			return Err(Refused::TooLate);
		}
		let condition = onward(taken, &on)?;
		let id = self.add(&mut on, amount, expiry, condition, packet, Some(from))?;
		let place = Place { channel: on.id(), id };
		if let Some(taken) = came.sheet.taken.get_mut(&from.id) {
			taken.stage = TakenStage::Onward(place);
			taken.relayed = true;
		}
		self.put(came);
		self.put(on);
		Ok(())
	}

	/// Claims a lock that came. What meets its condition is not given away if there is no time left to show it to the
	/// chain.
	pub(super) fn claim_lock(&mut self, at: Place, witness: Witness) -> Result<(), Refused> {
		let mut channel = self.take(at.channel)?;
		let taken = channel.sheet.taken.get(&at.id).ok_or(Refused::NoLock(at.id))?;
		if taken.stage != TakenStage::Held || steps_of(&taken.condition).is_some() {
			return Err(Refused::NoLock(at.id));
		}
		if self.now.saturating_add(self.config.resolve_before) > channel.sheet.last_tick(&taken.lock) {
			return Err(Refused::TooLate);
		}
		let known = self.known(&channel.sheet);
		taken.condition.met(&witness, &known).map_err(|_| Refused::NotMet)?;
		if let Some(taken) = channel.sheet.taken.get_mut(&at.id) {
			taken.stage = TakenStage::Met(witness.clone());
		}
		self.actions.extend(channel.guard(at.id, &self.config));
		if channel.connected && channel.sheet.is_open() {
			self.actions.push(channel.show(at.id, witness));
		}
		self.put(channel);
		Ok(())
	}

	/// Gives a lock up that came and was not carried on; of a chain of hashes that is asking to be paid.
	pub(super) fn turn_down(&mut self, at: Place, reason: Reason) -> Result<(), Refused> {
		let mut channel = self.take(at.channel)?;
		channel.keep_steps();
		let taken = channel.sheet.taken.get_mut(&at.id).ok_or(Refused::NoLock(at.id))?;
		if taken.stage != TakenStage::Held {
			return Err(Refused::NoLock(at.id));
		}
		if taken.best.is_none() {
			taken.stage = TakenStage::GaveUp(reason);
		}
		if channel.connected && channel.sheet.is_open() {
			self.actions.push(channel.give_up(at.id, reason));
		}
		self.put(channel);
		Ok(())
	}

	pub(super) fn give(&mut self, at: Place, step: u16, value: Hash, ahead: u16) -> Result<(), Refused> {
		let mut channel = self.take(at.channel)?;
		self.give_out(&mut channel, at.id, step, value, ahead)?;
		self.put(channel);
		Ok(())
	}

	/// Gives a step out. How far it may give is stored before: a half that pays for fewer steps than its payee can show
	/// would make an honest close forfeit.
	fn give_out(
		&mut self,
		channel: &mut Channel,
		id: LockId,
		step: u16,
		value: Hash,
		ahead: u16,
	) -> Result<(), Refused> {
		channel.may_sign()?;
		let given = channel.sheet.given.get_mut(&id).ok_or(Refused::NoLock(id))?;
		let steps = steps_of(&given.condition).ok_or(Refused::NoLock(id))?;
		let before = channel.out.get(&id).copied().unwrap_or(given.steps);
		if given.stage != GivenStage::Open || step <= before || step > steps {
			return Err(Refused::Step);
		}
		if self.now > given.lock.expiry {
			return Err(Refused::TooLate);
		}
		if step > given.steps {
			// What is carried on is known step by step.
			let ahead = if given.from.is_some() {
				0
			} else {
				ahead.min(STEPS_AHEAD)
			};
			given.steps = step.saturating_add(ahead).min(steps);
		}
		channel.out.insert(id, step);
		if channel.connected {
			self.actions.push(channel.step(StepShown { id, step, value }));
		}
		Ok(())
	}

	/// A step came. It goes on at once if its lock does.
	pub(super) fn on_step(&mut self, id: ChannelId, shown: StepShown) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let taken = channel.sheet.taken.get(&shown.id).ok_or(Refused::NoLock(shown.id))?;
		let [Node::Chain { root, steps, .. }] = taken.condition.0.as_slice() else {
			return Err(Refused::NoLock(shown.id));
		};
		if !matches!(taken.stage, TakenStage::Held | TakenStage::Onward(_)) {
			return Err(Refused::NoLock(shown.id));
		}
		let (before, value) = channel.best(taken).unwrap_or((0, *root));
		if shown.step <= before || shown.step > *steps {
			return Err(Refused::Step);
		}
		if root_of(&shown.value, shown.step.saturating_sub(before)) != value {
			return Err(Refused::Step);
		}
		let stored = taken.best.map_or(0, |(step, _)| step);
		let onward = match taken.stage {
			TakenStage::Onward(place) => Some(place),
			_ => None,
		};
		channel.steps.insert(shown.id, (shown.step, shown.value));
		if onward.is_some() || shown.step.saturating_sub(stored) >= STEPS_AHEAD {
			channel.keep_steps();
		}
		self.put(channel);
		if let Some(place) = onward {
			if let Ok(mut on) = self.take(place.channel) {
				// If it cannot go on, it is ours.
				let _ = self.give_out(&mut on, place.id, shown.step, shown.value, 0);
				self.put(on);
			}
		}
		self.actions.push(Action::Progress {
			at: Place {
				channel: id,
				id: shown.id,
			},
			steps: shown.step,
		});
		Ok(())
	}

	/// Pays what was given out of a chain of hashes. Its lock is gone then, and no further step counts.
	pub(super) fn pay_up(&mut self, at: Place) -> Result<(), Refused> {
		let mut channel = self.take(at.channel)?;
		channel.may_sign()?;
		let given = channel.sheet.given.get(&at.id).ok_or(Refused::NoLock(at.id))?;
		let steps = steps_of(&given.condition).ok_or(Refused::NoLock(at.id))?;
		if given.stage != GivenStage::Open {
			return Err(Refused::NoLock(at.id));
		}
		let amount = part(given.lock.amount, channel.given_steps(given), steps);
		self.paid(&mut channel, at.id, amount, None)?;
		self.put(channel);
		Ok(())
	}

	/// The payee shows that a condition is met.
	pub(super) fn on_show(&mut self, id: ChannelId, lock: LockId, witness: Witness) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let given = channel.sheet.given.get(&lock).ok_or(Refused::NoLock(lock))?.clone();
		if steps_of(&given.condition).is_some() {
			return Err(Refused::NoLock(lock));
		}
		let known = self.known(&channel.sheet);
		let reveal = given.condition.met(&witness, &known).map_err(|_| Refused::NotMet)?;
		// What comes after its last tick is void, here as on the chain.
		if self.now > channel.sheet.last_tick(&given.lock) {
			return Err(Refused::TooLate);
		}
		// Whoever gave a lock up and shows it all the same is not paid; what it carried on is.
		if let Some(place) = given.from {
			self.met(place, &witness);
		}
		if given.stage == GivenStage::Open {
			let amount = reveal.share_of(given.lock.amount);
			// If it cannot be signed now, the payee shows it again, or the chain pays it.
			let _ = self.paid(&mut channel, lock, amount, Some(witness));
		}
		self.put(channel);
		Ok(())
	}

	/// The payee gives a lock up.
	pub(super) fn on_give_up(&mut self, id: ChannelId, lock: LockId, reason: Reason) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let given = channel.sheet.given.get(&lock).ok_or(Refused::NoLock(lock))?;
		if given.stage != GivenStage::Open || channel.sheet.phase != Phase::Open {
			return Err(Refused::NoLock(lock));
		}
		let steps = channel.given_steps(given);
		if let Some(all) = steps_of(&given.condition).filter(|_| steps > 0) {
			let amount = part(given.lock.amount, steps, all);
			self.paid(&mut channel, lock, amount, None)?;
		} else if channel.sheet.counted(&given.lock).is_none() {
			channel.leave(lock, reason, self.now, &self.config)?;
		}
		self.put(channel);
		Ok(())
	}

	/// What was carried on of a chain of hashes is paid up once what came is paid.
	pub(super) fn settle_onward(&mut self, gone: &[(Taken, Balance)]) {
		let places: Vec<Place> = gone
			.iter()
			.filter_map(|(taken, _)| match taken.stage {
				TakenStage::Onward(place) if steps_of(&taken.condition).is_some() => Some(place),
				_ => None,
			})
			.collect();
		for place in places {
			let _ = self.pay_up(place);
		}
	}
}

/// The condition under which a lock goes on: its own. Of a chain of hashes it is the same chain for another payee.
fn onward(taken: &Taken, on: &Channel) -> Result<Condition, Refused> {
	match taken.condition.0.as_slice() {
		[Node::Chain { root, steps, .. }] => {
			let chain = Node::Chain {
				root: *root,
				steps: *steps,
				payee: *on.sheet.key(on.sheet.side().partner()),
			};
			Condition::new(alloc::vec![chain]).map_err(|_| Refused::NotMet)
		}
		_ => Ok(taken.condition.clone()),
	}
}
