//! What a person or program wants, and what connections and time bring.

use super::Pass;
use crate::{channel::Channel, Checks, Notice, Opened, Phase, Refused};
use alloc::vec::Vec;
use channel_primitives::{Balance, Change, ChannelId, Claim, CloseTogether, Hash, Locks, RuleError, Withdraw};

impl<C: Checks> Pass<'_, C> {
	pub(super) fn on_connected(&mut self, id: ChannelId, number: u64) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		channel.connected = true;
		channel.greeting = number;
		self.actions.push(channel.hello(0));
		self.put(channel);
		Ok(())
	}

	pub(super) fn on_disconnected(&mut self, id: ChannelId) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		channel.connected = false;
		self.put(channel);
		Ok(())
	}

	pub(super) fn on_wake(&mut self) -> Result<(), Refused> {
		let ids: Vec<ChannelId> = self
			.channels
			.values()
			.filter(|channel| has_to_say(channel, self.config.tower.is_some()))
			.map(Channel::id)
			.collect();
		for id in ids {
			let mut channel = self.take(id)?;
			self.actions.extend(channel.again(self.now, &self.config));
			self.put(channel);
		}
		Ok(())
	}

	pub(super) fn pay(&mut self, id: ChannelId, amount: Balance, memo: Hash) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		channel.sign(&[Change::Pay(amount)], memo, self.now, &self.config)?;
		self.notices.push(Notice::Paid {
			channel: id,
			lock: None,
			amount,
			witness: None,
		});
		self.put(channel);
		Ok(())
	}

	/// Asks the partner to agree that we take out.
	pub(super) fn withdraw(&mut self, id: ChannelId, amount: Balance) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let side = channel.sheet.side();
		if channel.sheet.withdrawals.get(side).is_some() {
			return Err(Refused::Withdrawing);
		}
		let taken_out = *channel.sheet.opened.stake.withdrawn.get(side);
		let body = Withdraw {
			side,
			total: taken_out.saturating_add(amount),
			expiry: self.now.saturating_add(self.config.together),
		};
		channel.allow(body, self.now, &self.config)?;
		if channel.connected {
			self.actions.extend(channel.withdrawal(side));
		}
		self.put(channel);
		Ok(())
	}

	/// Proposes to close together. From then on nothing is signed until that has expired: a half beside it would pay
	/// what the closing does not know of.
	pub(super) fn together(&mut self, id: ChannelId) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		channel.may_sign()?;
		if channel.sheet.is_rekeying() {
			return Err(Refused::Rekeying);
		}
		let pay = channel.sheet.parts().ok_or(Refused::LocksLeft)?;
		let close = CloseTogether {
			pay,
			expiry: self.now.saturating_add(self.config.together),
		};
		channel.sheet.phase = Phase::Parting { close, theirs: None };
		if channel.connected {
			self.actions.extend(channel.together());
		}
		self.put(channel);
		Ok(())
	}

	pub(super) fn close(&mut self, id: ChannelId, sure: bool) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		if !channel.sure && !sure {
			return Err(Refused::Unsure);
		}
		self.close_now(&mut channel)?;
		self.put(channel);
		Ok(())
	}

	/// Closes alone. That is stored before the claim is signed, and nothing is signed after it.
	pub(super) fn close_now(&mut self, channel: &mut Channel) -> Result<(), Refused> {
		match channel.sheet.phase {
			Phase::Lost { .. } => return Err(Refused::DataLost),
			_ if !channel.sheet.is_open() => return Err(Refused::Closing),
			_ => (),
		}
		let (claim, locks) = claim_of(channel)?;
		channel.sheet.phase = Phase::Closing { claim, locks };
		self.notices.push(Notice::Closing(channel.id()));
		Ok(())
	}

	/// Closes by a recovery: what we know may not be all.
	pub(super) fn close_recovery(&mut self, id: ChannelId) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		match &channel.sheet.phase {
			_ if channel.sheet.seen.is_some() => return Err(Refused::Closing),
			Phase::Lost { .. } => (),
			Phase::Open if !channel.sure => (),
			// Whoever knows its newest half closes by that, and risks no fine.
			Phase::Open => return Err(Refused::Unasked),
			_ => return Err(Refused::Closing),
		}
		let (claim, locks) = claim_of(&mut channel)?;
		channel.sheet.phase = Phase::Recovering { claim, locks };
		self.notices.push(Notice::Closing(id));
		self.put(channel);
		Ok(())
	}

	/// A channel of which all is lost: its partner says where it goes on.
	pub(super) fn recover(&mut self, opened: Opened) -> Result<(), Refused> {
		let id = opened.context.channel;
		if self.now == 0 {
			return Err(Refused::Unsure);
		}
		let since = self.now.saturating_add(1);
		self.open(opened, Phase::Lost { since })?;
		self.notices.push(Notice::DataLost(id));
		Ok(())
	}
}

/// What a channel is closed with.
fn claim_of(channel: &mut Channel) -> Result<(Claim, Locks), Refused> {
	channel.keep_steps();
	// Whoever closes brings the partner's newest half itself, whatever the tower has.
	let acked = channel.sheet.acked(false);
	let claim = channel.sheet.obligations.claim(acked);
	claim.map_err(|error| Refused::Rule(RuleError::Locks(error)))
}

/// Whether something of a channel may wait for an answer.
fn has_to_say(channel: &Channel, watched: bool) -> bool {
	let sheet = &channel.sheet;
	let newest = sheet.signed.map_or(0, |half| half.nonce);
	!channel.sure
		|| newest > channel.confirmed
		|| sheet.phase != Phase::Open
		|| sheet.is_withdrawing()
		|| sheet.renewal.is_some()
		|| !sheet.taken.is_empty()
		|| (watched && (sheet.agreed.is_some() || sheet.receipt < sheet.held()))
}
