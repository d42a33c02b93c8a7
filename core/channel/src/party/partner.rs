//! What a partner says.

use super::Pass;
use crate::{
	channel::Channel,
	sheet::{steps_of, Accepted},
	Action, Checks, Given, GivenStage, Hello, Lost, Message, Notice, Packet, Parcel, Phase, Refused, Said, Taken,
	TakenStage, Update, Withdrawal, Word,
};
use alloc::collections::BTreeMap;
use channel_primitives::{
	Balance, ChannelId, CloseTogether, Condition, Half, Lock, LockId, Locks, Obligations, Receipt, Resync, Signed,
	Withdraw, MAX_RESYNCS,
};

impl<C: Checks> Pass<'_, C> {
	pub(super) fn on_message(&mut self, id: ChannelId, message: Message) -> Result<(), Refused> {
		match message {
			Message::Hello(hello) => self.on_hello(id, &hello),
			Message::Update(update) => self.on_update(id, &update),
			Message::Got(got) => {
				let mut channel = self.take(id)?;
				let newest = channel.sheet.signed.map_or(0, |half| half.nonce);
				if got.held > newest {
					return Err(Refused::Unasked);
				}
				channel.confirmed = channel.confirmed.max(got.held);
				self.put(channel);
				Ok(())
			}
			Message::Show(show) => self.on_show(id, show.id, show.witness),
			Message::Step(shown) => self.on_step(id, shown),
			Message::GiveUp(turned) => self.on_give_up(id, turned.id, turned.reason),
			Message::Lost(lost) => self.on_lost(id, lost),
			Message::Word(word) => self.on_word(id, &word),
			Message::Together(close) => self.on_together(id, &close),
			Message::Withdraw(withdraw) => self.on_withdraw(id, &withdraw),
			Message::Renewed(renewed) => self.on_renewed(id, &renewed),
			Message::Rekey(rekey) => self.on_rekey(id, &rekey),
		}
	}

	/// What the partner holds of ours. If that is more than we remember, our store is old, and nothing is signed with
	/// it.
	fn on_hello(&mut self, id: ChannelId, hello: &Hello) -> Result<(), Refused> {
		// Without a tick nothing can be said about a loss of data.
		if self.now == 0 {
			return Err(Refused::Unsure);
		}
		let mut channel = self.take(id)?;
		let mut behind = false;
		if let Some(held) = &hello.held {
			if !self.is_by(&channel.sheet, channel.sheet.side(), held) {
				return Err(Refused::BadSignature);
			}
			behind = channel.sheet.is_behind(&held.body);
		}
		if behind {
			self.lose(&mut channel);
		}
		// Only an answer to our own greeting is fresh: what says less may be from before.
		let fresh = channel.greeting != 0 && hello.answers == channel.greeting;
		channel.sure = (channel.sure || fresh) && !behind && !matches!(channel.sheet.phase, Phase::Lost { .. });
		channel.confirmed = hello.held.map_or(0, |held| held.body.nonce);
		if hello.answers == 0 {
			self.actions.push(channel.hello(hello.number));
		}
		self.actions.extend(channel.unanswered(self.now));
		self.put(channel);
		Ok(())
	}

	/// Our data is old. What was about to be signed or closed is not. A close that was begun stands: the chain decides
	/// of it. What was signed to close together is waited for.
	pub(super) fn lose(&mut self, channel: &mut Channel) {
		if channel.sheet.phase == Phase::Open {
			let since = self.now.saturating_add(1);
			channel.sheet.phase = Phase::Lost { since };
			self.notices.push(Notice::DataLost(channel.id()));
			self.actions.extend(channel.lost());
		}
	}

	fn on_update(&mut self, id: ChannelId, update: &Update) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let partner = channel.sheet.side().partner();
		// What costs least is looked at first.
		if channel.sheet.phase == Phase::Open && update.half.body.nonce <= channel.sheet.held() {
			channel.got = true;
			self.put(channel);
			return Ok(());
		}
		if !channel.sheet.is_open() {
			return Err(Refused::Closing);
		}
		if !self.is_by(&channel.sheet, partner, &update.half) {
			return Err(Refused::BadSignature);
		}
		if channel.sheet.agreed.is_some() {
			// It may be void at any moment: it comes again under the new key.
			self.actions.extend(channel.agreement());
			self.put(channel);
			return Ok(());
		}
		channel.keep_steps();
		let accepted = channel
			.sheet
			.accept(update, self.now, &self.config)
			.map_err(Refused::Rule)?;
		for lock in update.locks.as_slice() {
			if channel.sheet.reveals.contains_key(&lock.condition) {
				continue;
			}
			if let Some(reveal) = self.checks.revealed(&lock.condition) {
				channel.sheet.reveals.insert(lock.condition, reveal);
			}
		}
		channel.got = true;
		channel.watch = self.config.tower.is_some();
		if self.config.is_strict() {
			channel.await_receipt(&update.half.body);
		}
		self.tell(&channel, update, &accepted);
		if self.config.tower.is_some() {
			let met = |(taken, _): &&(Taken, Balance)| matches!(taken.stage, TakenStage::Met(_));
			let paid = accepted.gone.iter().filter(met);
			self.actions
				.extend(paid.map(|(taken, _)| Action::Unguard(id, taken.lock.id)));
		}
		for (lock, reason) in &accepted.turned {
			self.actions.push(channel.give_up(*lock, *reason));
		}
		self.put(channel);
		self.settle_onward(&accepted.gone);
		Ok(())
	}

	/// What came with a half, for people to know.
	fn tell(&mut self, channel: &Channel, update: &Update, accepted: &Accepted) {
		let (id, memo) = (channel.id(), update.half.body.memo);
		for (taken, amount) in accepted.gone.iter().filter(|(_, amount)| *amount > 0) {
			self.notices.push(Notice::Received {
				channel: id,
				amount: *amount,
				memo,
				lock: Some(taken.lock.id),
				relayed: taken.relayed,
			});
		}
		if accepted.paid > 0 {
			self.notices.push(Notice::Received {
				channel: id,
				amount: accepted.paid,
				memo,
				lock: None,
				relayed: false,
			});
		}
		for (lock, packet) in &accepted.arrived {
			self.notices.push(Notice::Arrived {
				channel: id,
				lock: *lock,
				packet: packet.clone(),
			});
		}
	}

	pub(super) fn on_receipt(&mut self, id: ChannelId, receipt: &Signed<Receipt>) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let tower = self.config.tower.ok_or(Refused::Unasked)?;
		let own = channel.sheet.opened.context;
		let by_tower = receipt.is_by(&tower.key, &own, |key, payload, signature| {
			self.checks.signed(key, payload, signature)
		});
		if !by_tower {
			return Err(Refused::BadSignature);
		}
		let body = receipt.body;
		if body.side != own.side || body.nonce > channel.sheet.held() {
			return Err(Refused::Unasked);
		}
		// A tower that answers for nothing from now on has said nothing.
		if body.until <= self.now {
			return Err(Refused::TooLate);
		}
		if body.nonce > channel.sheet.receipt {
			channel.has_receipt(body.nonce);
			channel.got |= self.config.is_strict();
			self.actions.push(Action::Watched(id, body.nonce));
		}
		self.put(channel);
		Ok(())
	}

	/// The partner has lost its data. What is said to it is stored before: from then on nothing below is accepted.
	fn on_lost(&mut self, id: ChannelId, lost: Lost) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		if !channel.sheet.is_open() {
			return Err(Refused::Closing);
		}
		let before = channel.sheet.said;
		let is_new = before.is_none_or(|said| said.since < lost.since);
		if before.is_some_and(|said| said.since > lost.since) {
			return Err(Refused::Unasked);
		}
		if self.now < lost.since {
			return Err(Refused::Again);
		}
		if is_new {
			let times = before.map_or(0, |said| said.times).saturating_add(1);
			if u32::from(times) > MAX_RESYNCS {
				return Err(Refused::Again);
			}
			let newest = channel.sheet.theirs.as_ref().map(|theirs| theirs.half.body);
			let word = Resync::new(newest.as_ref(), self.now).ok_or(Refused::Again)?;
			if before.is_some_and(|said| said.word.resume >= word.resume) {
				return Err(Refused::Again);
			}
			channel.sheet.said = Some(Said {
				since: lost.since,
				word,
				times,
			});
		}
		// It remembers nothing of ours.
		channel.confirmed = 0;
		channel.update = channel.sheet.signed.is_some();
		self.actions.extend(channel.word());
		self.put(channel);
		Ok(())
	}

	/// The partner says where we go on. What we had of its payments it shows again; what became of locks we do not
	/// know.
	fn on_word(&mut self, id: ChannelId, told: &Word) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let Phase::Lost { since } = channel.sheet.phase else {
			return Err(Refused::Unasked);
		};
		// Below that may lie what we have signed and forgotten.
		if told.word.body.resume < Resync::resume_at(since) || channel.sheet.seen.is_some() {
			return Err(Refused::Unasked);
		}
		let own = channel.sheet.side();
		let by_both = self.is_by(&channel.sheet, own.partner(), &told.word)
			&& told
				.held
				.as_ref()
				.is_none_or(|(half, _)| self.is_by(&channel.sheet, own, half));
		if !by_both {
			return Err(Refused::BadSignature);
		}
		let (half, locks) = match &told.held {
			Some((half, locks)) => (half.body, locks.clone()),
			None => (none(), Locks::default()),
		};
		let obligations = Obligations::restored(&half, locks.clone(), &told.word.body).map_err(Refused::Rule)?;
		if channel.sheet.words.len() >= MAX_RESYNCS as usize {
			return Err(Refused::Again);
		}
		channel.sheet.words.push(told.word);
		channel.sheet.obligations = obligations;
		channel.sheet.signed = told.held.is_some().then_some(half);
		channel.sheet.given = again(&channel.sheet.given, &locks, told);
		channel.sheet.theirs = None;
		channel.sheet.taken = BTreeMap::new();
		channel.sheet.ack_wanted = 0;
		channel.forget_receipts();
		// There is no half any more that it was about: it is asked again.
		channel.sheet.agreed = None;
		channel.sheet.phase = Phase::Open;
		channel.out.clear();
		channel.steps.clear();
		channel.sure = true;
		channel.confirmed = half.nonce;
		for lock in locks.as_slice() {
			if let Some(reveal) = self.checks.revealed(&lock.condition) {
				channel.sheet.reveals.insert(lock.condition, reveal);
			}
		}
		self.notices.push(Notice::Resumed(id));
		// Its newest half comes after this; if that is lost, this asks for it.
		self.actions.push(channel.hello(0));
		self.put(channel);
		Ok(())
	}

	/// The partner wants to take out, or agrees that we do. It is told again if it asks again.
	fn on_withdraw(&mut self, id: ChannelId, signed: &Signed<Withdraw>) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let (own, body) = (channel.sheet.side(), signed.body);
		if !self.is_by(&channel.sheet, own.partner(), signed) {
			return Err(Refused::BadSignature);
		}
		let known = *channel.sheet.withdrawals.get(body.side);
		match known.filter(|known| known.body == body) {
			Some(asked) if body.side == own => {
				let agreed = Withdrawal {
					theirs: Some(signed.signature),
					..asked
				};
				*channel.sheet.withdrawals.get_mut(own) = Some(agreed);
			}
			Some(_) => (),
			None if body.side == own => return Err(Refused::Unasked),
			None if known.is_some() => return Err(Refused::Withdrawing),
			None => channel.allow(body, self.now, &self.config)?,
		}
		if body.side != own {
			self.actions.extend(channel.withdrawal(body.side));
		}
		self.put(channel);
		Ok(())
	}

	/// The partner wants to close together, or agrees to.
	fn on_together(&mut self, id: ChannelId, signed: &Signed<CloseTogether>) -> Result<(), Refused> {
		let mut channel = self.take(id)?;
		let partner = channel.sheet.side().partner();
		let close = signed.body;
		if !self.is_by(&channel.sheet, partner, signed) {
			return Err(Refused::BadSignature);
		}
		let agreed = match &channel.sheet.phase {
			Phase::Parting { close: ours, theirs } if *ours == close => {
				if theirs.is_some() {
					return Ok(());
				}
				true
			}
			// Both have proposed: the parts are the same, and one of the two is enough.
			Phase::Parting { close: ours, .. } => ours.pay == close.pay && ours.expiry < close.expiry,
			Phase::Open => {
				channel.may_sign()?;
				if channel.sheet.is_rekeying() {
					return Err(Refused::Rekeying);
				}
				channel.sheet.parts().ok_or(Refused::LocksLeft)? == close.pay
			}
			_ => return Err(Refused::Closing),
		};
		let latest = self.now.saturating_add(self.config.together.saturating_mul(2));
		if !agreed {
			return Err(Refused::OtherParts);
		}
		if close.expiry <= self.now || close.expiry > latest || channel.sheet.seen.is_some() {
			return Err(Refused::TooLate);
		}
		channel.sheet.phase = Phase::Parting {
			close,
			theirs: Some(signed.signature),
		};
		self.actions.extend(channel.together());
		self.put(channel);
		Ok(())
	}
}

/// The half of a side that has signed none.
fn none() -> Half {
	let locks = Locks::default();
	Half {
		nonce: 0,
		ack: 0,
		transferred: 0,
		locked: 0,
		locks: locks.root(),
		memo: [0; 32],
	}
}

/// The locks that we gave, after a loss of data: as far as an old store knows of them, or the partner says. Of a chain
/// of hashes all steps may have been given out.
fn again(before: &BTreeMap<LockId, Given>, locks: &Locks, told: &Word) -> BTreeMap<LockId, Given> {
	let given = |lock: &Lock| {
		let parcel = told
			.parcels
			.iter()
			.find(|parcel| parcel.id == lock.id && fits(parcel, lock));
		let known = before.get(&lock.id).filter(|given| given.lock == *lock);
		let condition = match (known, parcel) {
			(Some(known), _) => known.condition.clone(),
			(None, Some(parcel)) => parcel.condition.clone(),
			(None, None) => Condition::default(),
		};
		Given {
			lock: *lock,
			packet: known.map_or_else(Packet::default, |known| known.packet.clone()),
			from: known.and_then(|known| known.from),
			steps: steps_of(&condition).unwrap_or(0),
			condition,
			since: 0,
			stage: GivenStage::Open,
		}
	};
	locks.as_slice().iter().map(|lock| (lock.id, given(lock))).collect()
}

fn fits(parcel: &Parcel, lock: &Lock) -> bool {
	parcel.condition.hash() == lock.condition
}
