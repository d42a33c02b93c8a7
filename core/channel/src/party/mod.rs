//! All channels of one program: what a step is made of.

mod asks;
mod blocks;
mod keys;
mod locks;
mod partner;
mod sweep;
mod wishes;

pub use asks::conditions_of;
pub use locks::STEPS_AHEAD;

use crate::{
	channel::Channel, Action, Checks, Config, Event, Notice, Opened, Phase, Place, Reason, Refused, Sheet, Step,
	Stored, Write,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use channel_primitives::{
	ChannelId, ChannelKey, ChannelSignature, Facts, Hash, Nonce, PredicateId, Side, Signed, Tick, Witness,
};
use codec::{Decode, Encode};
use core::fmt;

/// Why a machine cannot be made of what was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestoreError(pub ChannelId);

impl fmt::Display for RestoreError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(
			f,
			"what is stored of channel {} cannot be read: recover it from its partner",
			self.0
		)
	}
}

impl core::error::Error for RestoreError {}

/// The machine of one program, with all of its channels. See the crate's head for what it is told and what it asks for.
#[derive(Clone, Debug)]
pub struct Party {
	config: Config,
	/// The tick of the last final block; 0 before the first.
	now: Tick,
	channels: BTreeMap<ChannelId, Channel>,
}

impl Party {
	/// A machine without channels.
	pub fn new(config: Config) -> Self {
		Self {
			config,
			now: 0,
			channels: BTreeMap::new(),
		}
	}

	/// A machine that goes on with what was stored: the last sheet of each channel that was not forgotten.
	///
	/// # Errors
	/// Which channel cannot be read.
	pub fn restore<'a>(
		config: Config,
		stored: impl IntoIterator<Item = (ChannelId, &'a [u8])>,
	) -> Result<Self, RestoreError> {
		let mut party = Self::new(config);
		let mut channels = Vec::new();
		for (id, mut bytes) in stored {
			let Stored::V1(sheet) = Stored::decode(&mut bytes).map_err(|_| RestoreError(id))?;
			if sheet.opened.context.channel != id {
				return Err(RestoreError(id));
			}
			channels.push((id, Channel::new(sheet)));
		}
		// All at once: a map that grows one by one keeps as much room to spare as it uses.
		party.channels = channels.into_iter().collect();
		Ok(party)
	}

	/// What happened, and what comes of it. All of it is to be [stored](Step::commit) before any of it is done.
	///
	/// # Errors
	/// If it is not to be done, or makes no sense. Nothing has changed then.
	pub fn step<C: Checks>(&mut self, event: Event, checks: &C) -> Result<Step, Refused> {
		let mut pass = Pass {
			config: self.config,
			now: self.now,
			checks,
			channels: &self.channels,
			touched: BTreeMap::new(),
			gone: BTreeSet::new(),
			notices: Vec::new(),
			actions: Vec::new(),
		};
		pass.event(event)?;
		pass.finish();
		let Pass {
			now,
			touched,
			gone,
			notices,
			mut actions,
			..
		} = pass;
		let mut writes = Vec::new();
		for (id, channel) in &touched {
			if gone.contains(id) {
				writes.push(Write::Forget(*id));
			} else if self.channels.get(id).is_none_or(|before| before.sheet != channel.sheet) {
				writes.push(Write::Sheet {
					channel: *id,
					bytes: encoded(&channel.sheet),
				});
			}
		}
		self.now = now;
		self.channels.extend(touched);
		self.channels.retain(|id, _| !gone.contains(id));
		for notice in notices {
			writes.push(Write::Note(notice.clone()));
			actions.push(Action::Notify(notice));
		}
		Ok(Step::new(writes, actions))
	}

	/// The tick of the last final block; 0 before the first.
	pub fn now(&self) -> Tick {
		self.now
	}

	/// The numbers of all channels.
	pub fn channels(&self) -> impl Iterator<Item = ChannelId> + '_ {
		self.channels.keys().copied()
	}

	/// What is known of a channel.
	pub fn sheet(&self, id: ChannelId) -> Option<&Sheet> {
		self.channels.get(&id).map(|channel| &channel.sheet)
	}

	/// The same as it is stored.
	pub fn stored(&self, id: ChannelId) -> Option<Vec<u8>> {
		self.sheet(id).map(encoded)
	}

	/// The nonce of the newest half of ours that the partner holds, as far as it has said since the start; 0 if it has
	/// not.
	pub fn confirmed(&self, id: ChannelId) -> Nonce {
		self.channels.get(&id).map_or(0, |channel| channel.confirmed)
	}

	/// Whether halves may be signed in a channel.
	///
	/// # Errors
	/// Why not.
	pub fn may_sign(&self, id: ChannelId) -> Result<(), Refused> {
		self.channels.get(&id).ok_or(Refused::NoChannel(id))?.may_sign()
	}
}

fn encoded(sheet: &Sheet) -> Vec<u8> {
	// A reference to a sheet has the encoding of the sheet.
	let mut bytes = Vec::with_capacity(sheet.size_hint().saturating_add(1));
	bytes.push(1);
	sheet.encode_to(&mut bytes);
	bytes
}

/// One step: channels are copied when they are touched, and take the place of what was only if nothing is refused.
pub(crate) struct Pass<'a, C> {
	config: Config,
	now: Tick,
	checks: &'a C,
	channels: &'a BTreeMap<ChannelId, Channel>,
	touched: BTreeMap<ChannelId, Channel>,
	gone: BTreeSet<ChannelId>,
	notices: Vec<Notice>,
	actions: Vec<Action>,
}

/// What a condition may ask.
struct Known<'a, C> {
	checks: &'a C,
	genesis: Hash,
	now: Tick,
}

impl<C: Checks> Facts for Known<'_, C> {
	fn genesis(&self) -> Hash {
		self.genesis
	}

	fn tick(&self) -> Tick {
		self.now
	}

	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		self.checks.signed(key, payload, signature)
	}

	fn holds(&self, predicate: PredicateId, args: &[u8]) -> bool {
		self.checks.holds(predicate, args)
	}
}

impl<C: Checks> Pass<'_, C> {
	/// Takes a channel out, to be put back: meanwhile others can be touched.
	fn take(&mut self, id: ChannelId) -> Result<Channel, Refused> {
		match self.touched.remove(&id) {
			Some(channel) => Ok(channel),
			None => self.channels.get(&id).cloned().ok_or(Refused::NoChannel(id)),
		}
	}

	fn put(&mut self, channel: Channel) {
		self.touched.insert(channel.id(), channel);
	}

	fn event(&mut self, event: Event) -> Result<(), Refused> {
		match event {
			Event::Final(block) => self.on_final(block),
			Event::Best {
				channel,
				dispute,
				claim_locks,
			} => self.on_closing(channel, dispute, claim_locks, false),
			Event::Connected { channel, number } => self.on_connected(channel, number),
			Event::Disconnected(id) => self.on_disconnected(id),
			Event::Received(id, message) => self.on_message(id, message),
			Event::Receipt(id, receipt) => self.on_receipt(id, &receipt),
			Event::Wake => self.on_wake(),
			Event::Pay { channel, amount, memo } => self.pay(channel, amount, memo),
			Event::Lock {
				channel,
				amount,
				expiry,
				condition,
				packet,
			} => self.lock(channel, amount, expiry, condition, packet),
			Event::Forward {
				from,
				channel,
				amount,
				expiry,
				packet,
			} => self.forward(from, channel, amount, expiry, packet),
			Event::Show { at, witness } => self.claim_lock(at, witness),
			Event::GiveUp { at, reason } => self.turn_down(at, reason),
			Event::Give { at, step, value, ahead } => self.give(at, step, value, ahead),
			Event::PayUp(at) => self.pay_up(at),
			Event::Withdraw { channel, amount } => self.withdraw(channel, amount),
			Event::Together(id) => self.together(id),
			Event::Close { channel, sure } => self.close(channel, sure),
			Event::CloseRecovery(id) => self.close_recovery(id),
			Event::Rekey { channel, key } => self.rekey(channel, key),
			Event::Recover(opened) => self.recover(opened),
		}
	}

	/// What follows from what has changed, and what goes out.
	fn finish(&mut self) {
		let ids: Vec<ChannelId> = self.touched.keys().copied().collect();
		for id in ids {
			self.sweep(id);
		}
		let config = self.config;
		for channel in self.touched.values_mut() {
			self.actions.extend(channel.out(&config));
		}
	}

	fn open(&mut self, opened: Opened, phase: Phase) -> Result<(), Refused> {
		let id = opened.context.channel;
		if self.channels.contains_key(&id) || self.touched.contains_key(&id) {
			return Err(Refused::Known(id));
		}
		let mut sheet = Sheet::new(opened);
		sheet.phase = phase;
		self.put(Channel::new(sheet));
		Ok(())
	}

	/// Whether a side has signed it.
	fn is_by<Body: channel_primitives::Payload>(&self, sheet: &Sheet, side: Side, signed: &Signed<Body>) -> bool {
		signed.is_by(sheet.key(side), &sheet.context(side), |key, payload, signature| {
			self.checks.signed(key, payload, signature)
		})
	}

	fn known(&self, sheet: &Sheet) -> Known<'_, C> {
		Known {
			checks: self.checks,
			genesis: sheet.opened.context.genesis,
			now: self.now,
		}
	}

	/// The onward lock is met: the one that came is to be paid. It is stored in the step that pays the onward one, and
	/// claimed before that is sent.
	fn met(&mut self, place: Place, witness: &Witness) {
		let Ok(mut channel) = self.take(place.channel) else {
			return;
		};
		if let Some(taken) = channel.sheet.taken.get_mut(&place.id) {
			if matches!(taken.stage, crate::TakenStage::Held | crate::TakenStage::Onward(_)) {
				taken.stage = crate::TakenStage::Met(witness.clone());
				self.actions.extend(channel.guard(place.id, &self.config));
				if channel.connected && channel.sheet.is_open() {
					self.actions.push(channel.show(place.id, witness.clone()));
				}
			}
		}
		self.put(channel);
	}

	/// Nobody can claim the onward lock any more: the one that came is given up, unless the chain knows that it is met.
	fn fail(&mut self, place: Place, reason: Reason) {
		let Ok(mut channel) = self.take(place.channel) else {
			return;
		};
		let now = self.now;
		let counted = channel
			.sheet
			.taken
			.get(&place.id)
			.and_then(|taken| channel.sheet.counted(&taken.lock));
		if let Some(taken) = channel.sheet.taken.get_mut(&place.id) {
			let open = matches!(taken.stage, crate::TakenStage::Onward(_)) && counted.is_none();
			// What expires goes without a word.
			if open && now <= taken.lock.expiry {
				taken.stage = crate::TakenStage::GaveUp(reason);
				if channel.connected && channel.sheet.is_open() {
					self.actions.push(channel.give_up(place.id, reason));
				}
			}
		}
		self.put(channel);
	}
}
