//! One channel while the program runs: its sheet, and what may be forgotten.

use crate::{
	calls::BLANK, Action, Call, Config, Given, GivenStage, Got, Guard, Hello, Lost, Message, Phase, Reason, Refused,
	Renewed, Sheet, Show, Signable, Taken, TakenStage, Tower, Turned, Unsigned, Update, Withdrawal, Word,
};
use alloc::{collections::BTreeMap, vec::Vec};
use channel_primitives::{
	withdraw, ChainWitness, Change, ChannelId, Context, Half, Hash, LeafWitness, LockId, Node, Nonce, Payload, PerSide,
	Rekey, Side, Signed, Submit, Tick, WatchV1, Withdraw, Witness,
};

/// A channel. All but the sheet is forgotten when the program ends.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
	pub sheet: Sheet,
	/// Whether the partner can be reached.
	pub connected: bool,
	/// Whether the partner has said since the start which half of ours it holds.
	pub sure: bool,
	/// Whether a final block has told since the start of the close that is seen: no other branch takes it back.
	pub closed: bool,
	/// The number of our greetings on this connection; 0 if there was none since the start.
	pub greeting: u64,
	/// The newest half of ours that it holds, as far as it has said.
	pub confirmed: Nonce,
	/// Whether our newest half is to be sent.
	pub update: bool,
	/// Whether it is to be told what we hold.
	pub got: bool,
	/// Whether the tower is to be given the partner's newest half.
	pub watch: bool,
	/// Whether our newest half is to be sent under the key that we want.
	pub renew: bool,
	/// Steps of chains of hashes that were given out, as far as this program did it.
	pub out: BTreeMap<LockId, u16>,
	/// Steps that came and are not in the sheet yet.
	pub steps: BTreeMap<LockId, (u16, Hash)>,
	/// Acks of the partner's that wait for a receipt of the tower, by the first half that says so.
	acks: BTreeMap<Nonce, Nonce>,
	/// When which call was made last.
	made: BTreeMap<(u8, Hash), Tick>,
}

/// Calls that are remembered at most: two for each lock that was given to us, and some.
const MAX_MADE: usize = 256;
/// Acks that wait for a receipt at most. Those beyond are known once the tower has the newest half.
const MAX_ACKS: usize = 64;

impl Channel {
	pub fn new(sheet: Sheet) -> Self {
		Self {
			sheet,
			connected: false,
			sure: false,
			closed: false,
			greeting: 0,
			confirmed: 0,
			update: false,
			got: false,
			watch: false,
			renew: false,
			out: BTreeMap::new(),
			steps: BTreeMap::new(),
			acks: BTreeMap::new(),
			made: BTreeMap::new(),
		}
	}

	pub fn id(&self) -> ChannelId {
		self.sheet.opened.context.channel
	}

	fn own(&self) -> Context {
		self.sheet.opened.context
	}

	/// Something that our key of the channel signs.
	fn to_sign<What: Signable>(&self, what: What, payload: Hash) -> Unsigned<What> {
		Unsigned::new(what, payload, *self.sheet.key(self.sheet.side()))
	}

	/// Whether the chain, and no half that is still to come, decides of locks for good. A close of a block that is not
	/// final may be gone again, and the newest half has all of its locks then.
	pub fn is_closed(&self) -> bool {
		let by_us = matches!(self.sheet.phase, Phase::Closing { .. } | Phase::Recovering { .. });
		self.sheet.is_settled() || by_us || (self.closed && self.sheet.seen.is_some())
	}

	/// Whether a half may be signed now.
	pub fn may_sign(&self) -> Result<(), Refused> {
		match &self.sheet.phase {
			Phase::Lost { .. } => Err(Refused::DataLost),
			_ if !self.sheet.is_open() => Err(Refused::Closing),
			_ if !self.sure => Err(Refused::Unsure),
			_ => Ok(()),
		}
	}

	/// The next half. It is in the sheet, and goes out once that is stored.
	pub fn sign(&mut self, changes: &[Change], memo: Hash, now: Tick, config: &Config) -> Result<(), Refused> {
		self.may_sign()?;
		let sight = self.sheet.sight(now, config.is_strict());
		let (obligations, half) = self
			.sheet
			.obligations
			.sign(changes, &sight, memo)
			.map_err(Refused::Rule)?;
		self.sheet.obligations = obligations;
		self.sheet.signed = Some(half);
		self.update = true;
		Ok(())
	}

	/// Takes a lock out that its payee gave up.
	pub fn leave(&mut self, id: LockId, reason: Reason, now: Tick, config: &Config) -> Result<(), Refused> {
		let at = self.sheet.obligations.next_nonce();
		self.sign(&[Change::GivenUp(id)], [0; 32], now, config)?;
		if let Some(given) = self.sheet.given.get_mut(&id) {
			given.stage = GivenStage::Leaving { at, reason };
		}
		Ok(())
	}

	/// Signs that a side takes out, if it has so much: from then on it is none of the channel's, until it has expired.
	pub fn allow(&mut self, body: Withdraw, now: Tick, config: &Config) -> Result<(), Refused> {
		self.may_sign()?;
		if self.sheet.is_rekeying() {
			return Err(Refused::Rekeying);
		}
		let latest = now.saturating_add(config.together.saturating_mul(2));
		if body.expiry <= now || body.expiry > latest {
			return Err(Refused::TooLate);
		}
		let sight = self.sheet.sight(now, config.is_strict());
		withdraw(&self.sheet.obligations, &sight, body.side, body.total).map_err(Refused::Rule)?;
		*self.sheet.withdrawals.get_mut(body.side) = Some(Withdrawal { body, theirs: None });
		Ok(())
	}

	/// A half was accepted that the tower does not have yet: what its ack sets free waits for the receipt.
	pub fn await_receipt(&mut self, half: &Half) {
		let highest = self.acks.last_key_value().map_or(self.sheet.covered, |(_, ack)| *ack);
		if half.ack > highest && self.acks.len() < MAX_ACKS {
			self.acks.insert(half.nonce, half.ack);
		}
	}

	/// The tower has the partner's half of this nonce.
	pub fn has_receipt(&mut self, nonce: Nonce) {
		let newest = self.sheet.theirs.as_ref().map(|theirs| theirs.half.body);
		let ack = match newest.filter(|half| half.nonce <= nonce) {
			Some(half) => half.ack,
			None => self.acks.range(..=nonce).next_back().map_or(0, |(_, ack)| *ack),
		};
		self.sheet.receipt = nonce;
		self.sheet.covered = self.sheet.covered.max(ack);
		self.acks.retain(|of, _| *of > nonce);
	}

	/// Our data was lost: no receipt counts any more.
	pub fn forget_receipts(&mut self) {
		self.sheet.receipt = 0;
		self.sheet.covered = 0;
		self.acks.clear();
	}

	/// Up to which step of a chain of hashes was given out, or may have been.
	pub fn given_steps(&self, given: &Given) -> u16 {
		self.out.get(&given.lock.id).copied().unwrap_or(given.steps)
	}

	/// Steps that came go into the sheet.
	pub fn keep_steps(&mut self) {
		for (id, best) in core::mem::take(&mut self.steps) {
			if let Some(taken) = self.sheet.taken.get_mut(&id) {
				taken.best = Some(best);
			}
		}
	}

	/// The highest step that came of a chain of hashes.
	pub fn best(&self, taken: &Taken) -> Option<(u16, Hash)> {
		self.steps.get(&taken.lock.id).copied().or(taken.best)
	}
}

/// What goes out.
impl Channel {
	fn send(&self, message: Message) -> Action {
		Action::Send(self.id(), Unsigned::plain(message))
	}

	/// A greeting; `answers` is the number of the partner's, or 0 if it is to be answered.
	pub fn hello(&self, answers: u64) -> Action {
		let hello = Hello {
			held: self.sheet.theirs.as_ref().map(|theirs| theirs.half),
			number: self.greeting,
			answers,
		};
		self.send(Message::Hello(hello))
	}

	pub fn lost(&self) -> Option<Action> {
		match self.sheet.phase {
			Phase::Lost { since } => Some(self.send(Message::Lost(Lost { since }))),
			_ => None,
		}
	}

	pub fn show(&self, id: LockId, witness: Witness) -> Action {
		self.send(Message::Show(Show { id, witness }))
	}

	pub fn give_up(&self, id: LockId, reason: Reason) -> Action {
		self.send(Message::GiveUp(Turned { id, reason }))
	}

	pub fn step(&self, step: crate::StepShown) -> Action {
		self.send(Message::Step(step))
	}

	/// Our newest half with all that it says.
	fn newest(&self) -> Option<Action> {
		let body = self.sheet.signed?;
		let payload = body.payload(&self.own());
		let update = Update {
			half: Signed { body, signature: BLANK },
			locks: self.sheet.obligations.locks().clone(),
			parcels: self.sheet.parcels(self.confirmed),
		};
		Some(Action::Send(self.id(), self.to_sign(Message::Update(update), payload)))
	}

	/// What we said last when the partner had lost its data.
	pub fn word(&self) -> Option<Action> {
		let body = self.sheet.said?.word;
		let held = self
			.sheet
			.theirs
			.as_ref()
			.map(|theirs| (theirs.half, theirs.locks.clone()));
		let parcels = self.sheet.taken.values().map(|taken| crate::Parcel {
			id: taken.lock.id,
			condition: taken.condition.clone(),
			packet: crate::Packet::default(),
		});
		let word = Word {
			word: Signed { body, signature: BLANK },
			held,
			parcels: crate::Parcels::truncate_from(parcels.collect()),
		};
		let payload = body.payload(&self.own());
		Some(Action::Send(self.id(), self.to_sign(Message::Word(word), payload)))
	}

	pub fn together(&self) -> Option<Action> {
		let Phase::Parting { close: body, .. } = self.sheet.phase else {
			return None;
		};
		let close = Signed { body, signature: BLANK };
		let payload = body.payload(&self.own());
		Some(Action::Send(self.id(), self.to_sign(Message::Together(close), payload)))
	}

	/// A withdrawal that we have signed.
	pub fn withdrawal(&self, side: Side) -> Option<Action> {
		let body = self.sheet.withdrawals.get(side).as_ref()?.body;
		let payload = body.payload(&self.own());
		let withdrawal = Signed { body, signature: BLANK };
		Some(Action::Send(
			self.id(),
			self.to_sign(Message::Withdraw(withdrawal), payload),
		))
	}

	/// Our newest half under the key that we want.
	fn renewed(&self) -> Option<Action> {
		let key = self.sheet.renewal.as_ref()?.key;
		let body = self.sheet.signed?;
		let payload = body.payload(&self.own());
		let half = Signed { body, signature: BLANK };
		let message = Message::Renewed(Renewed { key, half });
		Some(Action::Send(self.id(), Unsigned::new(message, payload, key)))
	}

	/// That the partner may have another key, if we have agreed to one.
	pub fn agreement(&self) -> Option<Action> {
		let body = Rekey {
			side: self.sheet.side().partner(),
			key: self.sheet.agreed.as_ref()?.key,
		};
		let payload = body.payload(&self.own());
		let rekey = Signed { body, signature: BLANK };
		Some(Action::Send(self.id(), self.to_sign(Message::Rekey(rekey), payload)))
	}

	/// The word that a half or word of the partner may be brought to the chain: by the tower for its reward, or by us,
	/// which costs us none.
	fn submit<Body: Payload>(&self, what: &Body, tower: Option<Tower>) -> Signed<Submit> {
		let body = Submit {
			half: what.payload(&self.own().of_partner()),
			tower: tower.map(|tower| tower.account),
			reward: tower.map_or(0, |tower| tower.reward),
		};
		Signed { body, signature: BLANK }
	}

	/// What the tower is given: what counts under the keys of now, and under those that may be in force at any moment.
	fn watched(&self, config: &Config) -> Vec<Action> {
		let (Some(tower), Some(theirs)) = (config.tower, &self.sheet.theirs) else {
			return Vec::new();
		};
		let own = *self.sheet.key(self.sheet.side());
		let wanted = self.sheet.renewal.as_ref().map(|renewal| renewal.key);
		let agreed = self.sheet.agreed.as_ref().map(|agreed| agreed.signature);
		let submit = self.submit(&theirs.half.body, Some(tower));
		let payload = submit.body.payload(&self.own());
		let mut out = Vec::new();
		for key in [Some(own), wanted].into_iter().flatten() {
			for signature in [Some(theirs.half.signature), agreed].into_iter().flatten() {
				let half = Signed {
					signature,
					..theirs.half
				};
				let bundle = WatchV1 {
					context: self.own(),
					half,
					submit,
					locks: theirs.locks.clone(),
				};
				out.push(Action::Watch(self.id(), Unsigned::new(bundle, payload, key)));
			}
		}
		out
	}

	/// What a tower shows if we do not.
	pub fn guard(&self, id: LockId, config: &Config) -> Option<Action> {
		config.tower?;
		let taken = self.sheet.taken.get(&id)?;
		let TakenStage::Met(witness) = &taken.stage else {
			return None;
		};
		let guard = Guard {
			lock: taken.lock,
			condition: taken.condition.clone(),
			witness: witness.clone(),
		};
		Some(Action::Guard(self.id(), guard))
	}

	/// What came up in a step: our newest half, what we hold, and what the tower is given.
	pub fn out(&mut self, config: &Config) -> Vec<Action> {
		let mut out = Vec::new();
		if core::mem::take(&mut self.watch) {
			out.extend(self.watched(config));
		}
		if core::mem::take(&mut self.update) && self.connected {
			out.extend(self.newest());
		}
		// After the half itself: the partner compares the two.
		if core::mem::take(&mut self.renew) && self.connected {
			out.extend(self.renewed());
		}
		if core::mem::take(&mut self.got) && self.connected {
			let held = if config.is_strict() {
				self.sheet.held().min(self.sheet.receipt)
			} else {
				self.sheet.held()
			};
			out.push(self.send(Message::Got(Got { held })));
		}
		out
	}

	/// All that waits for an answer, again, now and then.
	pub fn again(&mut self, now: Tick, config: &Config) -> Vec<Action> {
		let changes = self.sheet.renewal.is_some() || self.sheet.agreed.is_some();
		self.watch |= config.tower.is_some() && (changes || self.sheet.receipt < self.sheet.held());
		let mut out: Vec<Action> = self
			.sheet
			.taken
			.keys()
			.filter_map(|id| self.guard(*id, config))
			.collect();
		if self.connected {
			// Not in answer to a greeting: two that are not sure would greet each other for ever.
			if !self.sure {
				out.push(self.hello(0));
			}
			out.extend(self.lost());
			out.extend(self.unanswered(now));
		}
		out
	}

	/// What the partner may not have heard. What meets a lock is not shown after its last tick: it would bring us
	/// nothing then, and whoever carried it on could still claim by it.
	pub fn unanswered(&mut self, now: Tick) -> Vec<Action> {
		let mut out: Vec<Action> = self.together().into_iter().collect();
		let own = self.sheet.side();
		if self.sheet.withdrawals.get(own).is_some_and(|of| of.theirs.is_none()) {
			out.extend(self.withdrawal(own));
		}
		self.update |= self.sheet.signed.is_some_and(|half| half.nonce > self.confirmed);
		self.renew |= self.sheet.renewal.is_some() && !self.sheet.is_rekeying();
		if self.sheet.is_open() {
			for (id, taken) in &self.sheet.taken {
				match &taken.stage {
					TakenStage::Met(witness)
						if now <= self.sheet.last_tick(&taken.lock) || self.sheet.counted(&taken.lock).is_some() =>
					{
						out.push(self.show(*id, witness.clone()));
					}
					TakenStage::GaveUp(reason) => out.push(self.give_up(*id, *reason)),
					TakenStage::Met(_) | TakenStage::Held | TakenStage::Onward(_) => (),
				}
			}
		}
		out
	}
}

/// What goes to the chain.
impl Channel {
	/// Whether a call is to be made now: it was not yet, or long enough ago.
	fn is_due(&mut self, kind: u8, what: Hash, now: Tick, config: &Config) -> bool {
		let last = self.made.get(&(kind, what));
		if last.is_some_and(|last| now < last.saturating_add(config.resubmit)) {
			return false;
		}
		if self.made.len() >= MAX_MADE {
			self.made.clear();
		}
		self.made.insert((kind, what), now);
		true
	}

	pub fn call(&mut self, kind: u8, what: Hash, call: Unsigned<Call>, now: Tick, config: &Config) -> Option<Action> {
		self.is_due(kind, what, now, config)
			.then(|| Action::Submit(self.id(), call))
	}

	/// That a lock's condition is met, if we can show it: a chain of hashes by our signature, all else by its witness.
	pub fn resolve(&mut self, taken: &Taken, now: Tick, config: &Config) -> Option<Action> {
		let condition = taken.condition.clone();
		let call = match &taken.stage {
			TakenStage::Met(witness) => Unsigned::plain(Call::Resolve {
				condition,
				witness: witness.clone(),
			}),
			TakenStage::Held | TakenStage::Onward(_) => {
				// The key that the lock names: it may be one from before.
				let [Node::Chain { payee, .. }] = condition.0.as_slice() else {
					return None;
				};
				let payee = *payee;
				let (steps, value) = self.best(taken)?;
				let leaf = LeafWitness::Chain {
					steps,
					value,
					signature: BLANK,
				};
				let witness = Witness(alloc::vec![leaf].try_into().ok()?);
				let word = ChainWitness {
					condition: condition.hash(),
					steps,
				};
				let payload = word.payload(&Context::of_chain(self.own().genesis));
				Unsigned::new(Call::Resolve { condition, witness }, payload, payee)
			}
			TakenStage::GaveUp(_) => return None,
		};
		self.call(0, taken.lock.condition, call, now, config)
	}

	/// Our close, if one was decided and is not on chain.
	pub fn close(&mut self, now: Tick, config: &Config) -> Option<Action> {
		let brought = self.sheet.theirs.as_ref().map(|theirs| theirs.half);
		let words = self.sheet.words.clone();
		let call = match &self.sheet.phase {
			Phase::Closing { claim, locks } => {
				let payload = claim.payload(&self.own());
				let call = Call::Close {
					claim: Signed {
						body: *claim,
						signature: BLANK,
					},
					locks: locks.clone(),
					brought,
					words,
				};
				self.to_sign(call, payload)
			}
			Phase::Recovering { claim, locks } => Unsigned::plain(Call::CloseRecovery {
				claim: *claim,
				locks: locks.clone(),
				brought,
				words,
			}),
			_ => return None,
		};
		self.call(1, [0; 32], call, now, config)
	}

	/// The closing together, if both have signed it.
	pub fn part(&mut self, now: Tick, config: &Config) -> Option<Action> {
		let Phase::Parting {
			close,
			theirs: Some(theirs),
		} = self.sheet.phase
		else {
			return None;
		};
		let own = self.sheet.side();
		let mut signatures = PerSide::from_fn(|_| BLANK);
		*signatures.get_mut(own.partner()) = theirs;
		let payload = close.payload(&self.own());
		let call = Call::CloseTogether { close, signatures, own };
		self.call(2, [0; 32], self.to_sign(call, payload), now, config)
	}

	/// That we have another key, if both have signed it.
	pub fn rekey(&mut self, now: Tick, config: &Config) -> Option<Action> {
		let own = self.sheet.side();
		let renewal = self.sheet.renewal.as_ref()?;
		let mut signatures = PerSide::from_fn(|_| BLANK);
		*signatures.get_mut(own.partner()) = renewal.theirs?;
		let rekey = Rekey {
			side: own,
			key: renewal.key,
		};
		let payload = rekey.payload(&self.own());
		let call = Call::Rekey { rekey, signatures, own };
		self.call(9, [0; 32], self.to_sign(call, payload), now, config)
	}

	/// A side has another key. What was made under the old one counts no more, and is made again: calls, and what the
	/// tower holds. What was set free by an old receipt stays free.
	pub fn rekeyed(&mut self, config: &Config) {
		self.made.clear();
		self.sheet.receipt = 0;
		self.watch |= config.tower.is_some();
		self.update |= self.sheet.signed.is_some_and(|half| half.nonce > self.confirmed);
	}

	/// Our withdrawal, if both have signed it.
	pub fn take_out(&mut self, now: Tick, config: &Config) -> Option<Action> {
		let own = self.sheet.side();
		let withdrawal = (*self.sheet.withdrawals.get(own))?;
		let mut signatures = PerSide::from_fn(|_| BLANK);
		*signatures.get_mut(own.partner()) = withdrawal.theirs?;
		let payload = withdrawal.body.payload(&self.own());
		let call = Call::Withdraw {
			withdraw: withdrawal.body,
			signatures,
			own,
		};
		self.call(8, [0; 32], self.to_sign(call, payload), now, config)
	}

	/// What is to be brought to a close.
	pub fn answers(&mut self, now: Tick, config: &Config) -> Vec<Action> {
		let mut out = Vec::new();
		for answer in crate::answers(&self.sheet, now) {
			out.extend(self.answer(&answer, now, config));
		}
		out
	}

	fn answer(&mut self, answer: &crate::Answer, now: Tick, config: &Config) -> Option<Action> {
		match answer {
			crate::Answer::Resync(number) => {
				let word = *self.sheet.words.get(*number)?;
				let submit = self.submit(&word.body, None);
				let payload = submit.body.payload(&self.own());
				let call = self.to_sign(Call::Resync { word, submit }, payload);
				self.call(3, submit.body.half, call, now, config)
			}
			crate::Answer::Update => {
				let half = self.sheet.theirs.as_ref()?.half;
				let submit = self.submit(&half.body, None);
				let payload = submit.body.payload(&self.own());
				let call = self.to_sign(Call::Update { half, submit }, payload);
				self.call(4, submit.body.half, call, now, config)
			}
			crate::Answer::Prove => {
				let theirs = self.sheet.theirs.as_ref()?;
				let submit = self.submit(&theirs.half.body, None);
				let payload = submit.body.payload(&self.own());
				let call = Call::Prove {
					half: theirs.half,
					half_locks: theirs.locks.clone(),
					claim_locks: self.sheet.seen.as_ref()?.claim_locks.clone(),
					submit,
				};
				self.call(5, [0; 32], self.to_sign(call, payload), now, config)
			}
			crate::Answer::Settle => self.call(6, [0; 32], Unsigned::plain(Call::Settle), now, config),
		}
	}

	/// What was kept back and can be split: by those lists that we know; and, if nobody has brought another one for so
	/// long that it all goes back to who gave the locks, without.
	pub fn unlocks(&mut self, now: Tick, config: &Config) -> Vec<Action> {
		let Phase::Settled { pending } = &self.sheet.phase else {
			return Vec::new();
		};
		let pending = *pending;
		let mut out = Vec::new();
		for side in Side::ALL {
			let Some(left) = pending.get(side) else {
				continue;
			};
			let locks = self.list(&left.locks);
			let reveal = |condition: &Hash| self.sheet.reveals.get(condition).copied();
			let is_time = match &locks {
				Some(locks) => locks.open_until(left.closed, now, &reveal).is_none(),
				None => now > left.due,
			};
			if is_time {
				let call = Unsigned::plain(Call::Unlock { side, locks });
				out.extend(self.call(7, left.locks, call, now, config));
			}
		}
		out
	}

	/// The list with this root, if it is one of those that we have.
	fn list(&self, root: &Hash) -> Option<channel_primitives::Locks> {
		let sheet = &self.sheet;
		let theirs = sheet.theirs.as_ref().map(|theirs| &theirs.locks);
		let claimed = sheet.seen.as_ref().and_then(|seen| seen.claim_locks.as_ref());
		let all = [Some(sheet.obligations.locks()), theirs, claimed];
		all.into_iter().flatten().find(|locks| locks.root() == *root).cloned()
	}
}
