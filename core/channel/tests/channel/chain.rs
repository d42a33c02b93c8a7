//! A chain as the pallet of channels is: calls come in, signatures are checked, disputes are decided by the primitives.

use channel_primitives::{
	Balance, ChannelId, ChannelKey, ChannelSignature, Claim, Closing, Context, Dispute, Facts, Half, Hash, Locks,
	Outcome, Payload, Pending, PerSide, PredicateId, Rekey, Resync, Resyncs, Reveal, Settlement, Side, Signed, Stake,
	Submit, Terms, Tick, Withdraw, STCI,
};
use smartchain_channel::{Call, Checks, Fact, Opened, Signable, Unsigned};
use std::collections::BTreeMap;

/// For how many ticks answers count here.
pub const WINDOW: Tick = 20;
/// The genesis of this chain.
pub const GENESIS: Hash = [7; 32];

/// The key of a party in a channel.
pub fn key(who: usize, channel: ChannelId) -> ChannelKey {
	let mut key = [who as u8 + 1; 32];
	key[..8].copy_from_slice(&channel.to_le_bytes());
	ChannelKey(key)
}

/// Another key of a party in a channel: each number is another one.
pub fn other_key(who: usize, channel: ChannelId, number: u8) -> ChannelKey {
	let mut other = key(who, channel);
	other.0[8] = number.wrapping_add(100);
	other
}

/// Whether it is a key of this party.
pub fn is_of(key: &ChannelKey, who: usize) -> bool {
	key.0[31] == who as u8 + 1
}

/// A signature that only says what it is: nobody here makes one with the key of another.
pub fn sign(key: &ChannelKey, payload: &Hash) -> ChannelSignature {
	let mut signature = [0; 64];
	signature[..32].copy_from_slice(payload);
	signature[32..].copy_from_slice(&key.0);
	ChannelSignature(signature)
}

/// Signed by the key that is asked for, which is one of this party's.
pub fn by_own_key<What: Signable>(who: usize, unsigned: Unsigned<What>) -> What {
	let key = unsigned.key().copied();
	assert!(key.is_none_or(|key| is_of(&key, who)), "a key of another: {key:?}");
	unsigned.signed(|payload| sign(&key.expect("a key where there is a payload"), payload))
}

/// Signs a body by a party.
pub fn signed<Body: Payload>(who: usize, context: &Context, body: Body) -> Signed<Body> {
	let signature = sign(&key(who, context.channel), &body.payload(context));
	Signed { body, signature }
}

fn is_signed(key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
	*signature == sign(key, payload)
}

/// How far a channel is.
#[derive(Clone, Debug)]
pub enum State {
	Open,
	Closing(Box<(Dispute, Locks)>),
	Settled(PerSide<Option<Pending>>),
	Gone,
}

/// A channel on the chain.
#[derive(Clone, Debug)]
pub struct OnChain {
	pub context: Context,
	pub terms: Terms,
	pub stake: Stake,
	pub state: State,
	pub members: PerSide<usize>,
}

impl OnChain {
	/// As one side sees it.
	pub fn opened(&self, side: Side) -> Opened {
		Opened {
			context: self.of(side),
			terms: self.terms,
			stake: self.stake,
		}
	}

	pub fn of(&self, side: Side) -> Context {
		Context { side, ..self.context }
	}

	fn is_by<Body: Payload>(&self, side: Side, body: &Signed<Body>) -> Result<(), String> {
		let by = body.is_by(self.terms.keys.get(side), &self.of(side), is_signed);
		by.then_some(()).ok_or_else(|| "bad signature".to_owned())
	}
}

/// The chain.
#[derive(Clone, Debug, Default)]
pub struct Chain {
	pub tick: Tick,
	pub channels: BTreeMap<ChannelId, OnChain>,
	pub reveals: BTreeMap<Hash, Reveal>,
	/// What each side was paid.
	pub paid: BTreeMap<(ChannelId, Side), Balance>,
	/// Blocks with what they say.
	pub blocks: Vec<(Tick, Vec<Fact>)>,
	/// Who has forfeited.
	pub forfeited: Vec<(ChannelId, Side)>,
	pool: Vec<(ChannelId, Side, Call)>,
	facts: Vec<Fact>,
	pub refused: BTreeMap<String, u64>,
	/// What is taken into no block.
	pub ignores: Option<fn(&Call) -> bool>,
}

/// What the chain asks of itself.
struct Now(Tick);

impl Facts for Now {
	fn genesis(&self) -> Hash {
		GENESIS
	}

	fn tick(&self) -> Tick {
		self.0
	}

	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		is_signed(key, payload, signature)
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}
}

impl Checks for Chain {
	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		is_signed(key, payload, signature)
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}

	fn revealed(&self, condition: &Hash) -> Option<Reveal> {
		self.reveals.get(condition).copied()
	}
}

impl Chain {
	pub fn open(&mut self, id: ChannelId, members: PerSide<usize>, deposited: PerSide<Balance>) {
		let context = Context {
			genesis: GENESIS,
			channel: id,
			asset: STCI,
			side: Side::Low,
		};
		let channel = OnChain {
			context,
			terms: Terms {
				keys: PerSide::from_fn(|side| key(*members.get(side), id)),
				window: WINDOW,
			},
			stake: Stake {
				deposited,
				withdrawn: PerSide::default(),
			},
			state: State::Open,
			members,
		};
		self.channels.insert(id, channel);
	}

	pub fn submit(&mut self, id: ChannelId, by: Side, call: Call) {
		self.pool.push((id, by, call));
	}

	/// The next block, so many ticks later.
	pub fn next(&mut self, ticks: Tick) {
		self.tick += ticks;
		for (id, by, call) in std::mem::take(&mut self.pool) {
			if self.ignores.is_some_and(|ignores| ignores(&call)) {
				continue;
			}
			if let Err(why) = self.apply(id, by, call) {
				*self.refused.entry(why).or_default() += 1;
			}
		}
		self.blocks.push((self.tick, std::mem::take(&mut self.facts)));
	}

	fn apply(&mut self, id: ChannelId, by: Side, call: Call) -> Result<(), String> {
		match call {
			Call::Resolve { condition, witness } => {
				let condition_hash = condition.hash();
				if self.reveals.contains_key(&condition_hash) {
					return Err("revealed".to_owned());
				}
				let reveal = condition
					.met(&witness, &Now(self.tick))
					.map_err(|error| error.to_string())?;
				self.reveals.insert(condition_hash, reveal);
				self.facts.push(Fact::Revealed {
					condition: condition_hash,
					reveal,
				});
				Ok(())
			}
			Call::Settle => self.settle(id),
			Call::Unlock { side, locks } => self.unlock(id, side, locks.as_ref()),
			Call::CloseTogether { close, signatures, .. } => {
				let channel = self.channels.get(&id).ok_or("no channel")?;
				for side in Side::ALL {
					channel.is_by(
						side,
						&Signed {
							body: close,
							signature: *signatures.get(side),
						},
					)?;
				}
				let total = close.pay.low.checked_add(close.pay.high);
				let fits = total == Some(channel.stake.total()) && self.tick <= close.expiry;
				if !fits || !matches!(channel.state, State::Open | State::Closing(_)) {
					return Err("not together".to_owned());
				}
				self.pay(id, close.pay);
				self.gone(id);
				Ok(())
			}
			Call::Withdraw {
				withdraw, signatures, ..
			} => self.withdraw(id, withdraw, &signatures),
			Call::Rekey { rekey, signatures, .. } => self.rekey(id, rekey, &signatures),
			Call::Close {
				claim,
				locks,
				brought,
				words,
			} => {
				let channel = self.channels.get(&id).ok_or("no channel")?;
				channel.is_by(by, &claim)?;
				self.close(id, by, claim.body, locks, (brought, &words), false)
			}
			// The account of the side sends it, as all that `by` says.
			Call::CloseRecovery {
				claim,
				locks,
				brought,
				words,
			} => self.close(id, by, claim, locks, (brought, &words), true),
			other => self.dispute(id, by, other),
		}
	}

	fn close(
		&mut self,
		id: ChannelId,
		by: Side,
		claim: Claim,
		locks: Locks,
		(brought, words): (Option<Signed<Half>>, &[Signed<Resync>]),
		recovery: bool,
	) -> Result<(), String> {
		let channel = self.channels.get_mut(&id).ok_or("no channel")?;
		if !matches!(channel.state, State::Open) {
			return Err("not open".to_owned());
		}
		if let Some(half) = &brought {
			channel.is_by(by.partner(), half)?;
		}
		let mut resyncs = Resyncs::default();
		for word in words {
			channel.is_by(by.partner(), word)?;
			resyncs.add(word.body).map_err(|error| error.to_string())?;
		}
		let closing = Closing {
			closer: by,
			now: self.tick,
			window: channel.terms.window * if recovery { 8 } else { 1 },
			recovery,
		};
		let half = brought.map(|half| half.body);
		let dispute =
			Dispute::begin(closing, &channel.stake, claim, &locks, half, resyncs).map_err(|error| error.to_string())?;
		channel.state = State::Closing(Box::new((dispute, locks)));
		self.say(id);
		Ok(())
	}

	fn dispute(&mut self, id: ChannelId, by: Side, call: Call) -> Result<(), String> {
		let now = self.tick;
		let reveals = &self.reveals;
		let known = |condition: &Hash| reveals.get(condition).copied();
		let channel = self.channels.get_mut(&id).ok_or("no channel")?;
		let (low, high) = (channel.of(Side::Low), channel.of(Side::High));
		let keys = channel.terms.keys;
		let context = PerSide { low, high };
		let State::Closing(closing) = &mut channel.state else {
			return Err("not closing".to_owned());
		};
		let dispute = &mut closing.0;
		let other = by.partner();
		let checked = |ok: bool| ok.then_some(()).ok_or_else(|| "bad signature".to_owned());
		// The word of who brings it: of what its partner has signed.
		let consents = |payload: &Hash, submit: &Signed<Submit>| {
			checked(submit.body.half == *payload && submit.is_by(keys.get(by), context.get(by), is_signed))
		};
		match call {
			Call::Update { half, submit } => {
				checked(half.is_by(keys.get(other), context.get(other), is_signed))?;
				consents(&half.body.payload(context.get(other)), &submit)?;
				dispute
					.update(other, half.body, now)
					.map_err(|error| error.to_string())?;
			}
			Call::Resync { word, submit } => {
				consents(&word.body.payload(context.get(other)), &submit)?;
				checked(word.is_by(keys.get(other), context.get(other), is_signed))?;
				dispute.resync(by, word.body, now).map_err(|error| error.to_string())?;
			}
			Call::Prove {
				half,
				half_locks,
				claim_locks,
				submit,
			} => {
				let closer = dispute.closer;
				// Needed after a recovery, and looked at if it is there.
				checked(by != closer || !dispute.recovery)?;
				if by != closer {
					consents(&half.body.payload(context.get(closer)), &submit)?;
				}
				checked(half.is_by(keys.get(closer), context.get(closer), is_signed))?;
				let outcome = dispute
					.prove(&half.body, Some(&half_locks), claim_locks.as_ref(), &known)
					.map_err(|error| error.to_string())?;
				if outcome == Outcome::Forfeits {
					let all = Settlement::all_to(closer.partner(), &channel.stake);
					self.forfeited.push((id, closer));
					self.pay(id, all.paid);
					self.gone(id);
					return Ok(());
				}
			}
			_ => return Err("no such call".to_owned()),
		}
		self.say(id);
		Ok(())
	}

	fn withdraw(
		&mut self,
		id: ChannelId,
		body: Withdraw,
		signatures: &PerSide<ChannelSignature>,
	) -> Result<(), String> {
		let channel = self.channels.get_mut(&id).ok_or("no channel")?;
		for side in Side::ALL {
			let signature = *signatures.get(side);
			channel.is_by(side, &Signed { body, signature })?;
		}
		if !matches!(channel.state, State::Open) || self.tick > body.expiry {
			return Err("no withdrawal now".to_owned());
		}
		let before = *channel.stake.withdrawn.get(body.side);
		let stake = channel.stake.with_withdrawal(body.side, body.total).ok_or("too much")?;
		channel.stake = stake;
		self.facts.push(Fact::Stake { channel: id, stake });
		*self.paid.entry((id, body.side)).or_default() += body.total - before;
		Ok(())
	}

	fn rekey(&mut self, id: ChannelId, body: Rekey, signatures: &PerSide<ChannelSignature>) -> Result<(), String> {
		let channel = self.channels.get_mut(&id).ok_or("no channel")?;
		if !matches!(channel.state, State::Open) {
			return Err("not open".to_owned());
		}
		if Side::ALL
			.into_iter()
			.any(|side| *channel.terms.keys.get(side) == body.key)
		{
			return Err("same key".to_owned());
		}
		for side in Side::ALL {
			let signature = *signatures.get(side);
			channel.is_by(side, &Signed { body, signature })?;
		}
		*channel.terms.keys.get_mut(body.side) = body.key;
		let keys = channel.terms.keys;
		self.facts.push(Fact::Keys { channel: id, keys });
		Ok(())
	}

	/// Tells how a close stands.
	fn say(&mut self, id: ChannelId) {
		if let Some(State::Closing(closing)) = self.channels.get(&id).map(|channel| &channel.state) {
			let (dispute, locks) = closing.as_ref().clone();
			self.facts.push(Fact::Closing {
				channel: id,
				dispute,
				claim_locks: Some(locks),
			});
		}
	}

	fn settle(&mut self, id: ChannelId) -> Result<(), String> {
		let channel = self.channels.get_mut(&id).ok_or("no channel")?;
		let State::Closing(closing) = &channel.state else {
			return Err("not closing".to_owned());
		};
		let settlement = closing
			.0
			.settle(&channel.stake, channel.stake.total() / 100, self.tick)
			.map_err(|error| error.to_string())?;
		let pending = PerSide::from_fn(|side| closing.0.pending(side, &settlement, self.tick));
		channel.state = State::Settled(pending);
		self.facts.push(Fact::Settled { channel: id, pending });
		self.pay(id, settlement.paid);
		Ok(())
	}

	fn unlock(&mut self, id: ChannelId, side: Side, locks: Option<&Locks>) -> Result<(), String> {
		let reveals = &self.reveals;
		let known = |condition: &Hash| reveals.get(condition).copied();
		let channel = self.channels.get_mut(&id).ok_or("no channel")?;
		let State::Settled(pending) = &mut channel.state else {
			return Err("not settled".to_owned());
		};
		let left = pending.get(side).ok_or("nothing kept back")?;
		let unlocked = match locks {
			Some(locks) => left.unlock(locks, self.tick, &known),
			None => left.give_back(self.tick),
		};
		let unlocked = unlocked.map_err(|error| error.to_string())?;
		*pending.get_mut(side) = None;
		let pending = *pending;
		let mut paid = PerSide::<Balance>::default();
		*paid.get_mut(side) = unlocked.payer;
		*paid.get_mut(side.partner()) = unlocked.payee;
		self.facts.push(Fact::Settled { channel: id, pending });
		self.pay(id, paid);
		Ok(())
	}

	/// Gives back what nobody has brought a list for in time.
	pub fn give_back(&mut self) {
		let mut all = Vec::new();
		for (id, channel) in &mut self.channels {
			if let State::Settled(pending) = &mut channel.state {
				for side in Side::ALL {
					let back = pending.get(side).and_then(|left| left.give_back(self.tick).ok());
					if let Some(back) = back {
						*pending.get_mut(side) = None;
						all.push((*id, side, back.payer));
					}
				}
			}
		}
		for (id, side, amount) in all {
			*self.paid.entry((id, side)).or_default() += amount;
		}
	}

	fn pay(&mut self, id: ChannelId, paid: PerSide<Balance>) {
		for side in Side::ALL {
			*self.paid.entry((id, side)).or_default() += *paid.get(side);
		}
	}

	fn gone(&mut self, id: ChannelId) {
		if let Some(channel) = self.channels.get_mut(&id) {
			channel.state = State::Gone;
		}
		self.facts.push(Fact::Gone { channel: id });
	}

	/// Whether nothing of a channel is left to be paid.
	pub fn is_over(&self, id: ChannelId) -> bool {
		match self.channels.get(&id).map(|channel| &channel.state) {
			Some(State::Settled(pending)) => pending.low.is_none() && pending.high.is_none(),
			Some(State::Gone) => true,
			_ => false,
		}
	}
}
