//! What is kept of a channel, durably: all that a side needs to go on after it was killed.

use crate::{Config, Packet, Parcel, Parcels, Reason, Update};
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use channel_primitives::{
	accept, Balance, ChannelId, ChannelKey, ChannelSignature, Claim, CloseTogether, Condition, Context, Dispute, Half,
	Hash, Lock, LockId, Locks, Node, Nonce, Obligations, Pending, PerSide, Resync, Reveal, RuleError, Side, Sight,
	Signed, Stake, Terms, Tick, Withdraw, Witness,
};
use codec::{Decode, Encode};

/// A channel of ours, as the chain has it. The side of the context is ours.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Opened {
	/// Chain, channel, asset, and **our** side.
	pub context: Context,
	/// The keys and the window.
	pub terms: Terms,
	/// The money in it.
	pub stake: Stake,
}

/// A lock in one of our channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Place {
	/// The channel.
	pub channel: ChannelId,
	/// The lock.
	pub id: LockId,
}

/// How far a lock is that we gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum GivenStage {
	/// It is in our newest half.
	#[codec(index = 0)]
	Open,
	/// Its payee gave it up. Until it has acknowledged the half without it, it can still claim it.
	#[codec(index = 1)]
	Leaving {
		/// The nonce of that half.
		at: Nonce,
		/// Why it was given up.
		reason: Reason,
	},
}

/// A lock that we gave.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Given {
	/// The lock.
	pub lock: Lock,
	/// Its condition; an empty one after a loss of data in which that was lost.
	pub condition: Condition,
	/// The way that it goes.
	pub packet: Packet,
	/// The lock that it carries on; none of a payment of our own.
	pub from: Option<Place>,
	/// Up to which step of a chain of hashes something may have been given out.
	pub steps: u16,
	/// The nonce of the first half that had it.
	pub since: Nonce,
	/// How far it is.
	pub stage: GivenStage,
}

/// How far a lock is that was given to us.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum TakenStage {
	/// Nothing was decided.
	#[codec(index = 0)]
	Held,
	/// It is carried on by that lock.
	#[codec(index = 1)]
	Onward(Place),
	/// This meets its condition: it is to be paid.
	#[codec(index = 2)]
	Met(Witness),
	/// We gave it up.
	#[codec(index = 3)]
	GaveUp(Reason),
}

/// A lock that was given to us.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Taken {
	/// The lock.
	pub lock: Lock,
	/// Its condition.
	pub condition: Condition,
	/// How far it is.
	pub stage: TakenStage,
	/// Whether it was carried on.
	pub relayed: bool,
	/// The highest step of a chain of hashes that came, and its value.
	pub best: Option<(u16, Hash)>,
}

/// The newest half of the partner that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Theirs {
	/// The half.
	pub half: Signed<Half>,
	/// Its locks.
	pub locks: Locks,
}

/// What we told a partner that had lost its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Said {
	/// Which loss it is about: the partner's tick.
	pub since: Tick,
	/// What we said.
	pub word: Resync,
	/// How often data was lost, with this.
	pub times: u8,
}

/// A withdrawal that we have signed: until it has expired in a final block the money may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Withdrawal {
	/// What was signed.
	pub body: Withdraw,
	/// The partner's signature, if we take out and it has agreed.
	pub theirs: Option<ChannelSignature>,
}

/// Another key that this side wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Renewal {
	/// The key.
	pub key: ChannelKey,
	/// The partner's signature, once it has agreed. Ours is made when it goes to the chain.
	pub theirs: Option<ChannelSignature>,
}

/// Another key of the partner, to which we have agreed: from then on it may be in force at any moment, and what comes
/// under the old one is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Agreed {
	/// The key.
	pub key: ChannelKey,
	/// Its signature under the partner's newest half that we hold.
	pub signature: ChannelSignature,
}

/// A close by one side, as it was seen last.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Seen {
	/// How it stands.
	pub dispute: Dispute,
	/// The locks of the claim, if they are known.
	pub claim_locks: Option<Locks>,
}

/// How far a channel is, as far as this side decides it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Phase {
	/// It is used.
	#[codec(index = 0)]
	Open,
	/// Our data is lost. Nothing is signed until the partner has said where to go on.
	#[codec(index = 1)]
	Lost {
		/// The first tick at which the partner can say so: what we have signed before lies below what it names then.
		since: Tick,
	},
	/// We have signed a closing together. Nothing else is signed until that has expired.
	#[codec(index = 2)]
	Parting {
		/// What was signed.
		close: CloseTogether,
		/// The partner's signature, if it has agreed.
		theirs: Option<ChannelSignature>,
	},
	/// We close alone. Nothing else is signed any more.
	#[codec(index = 3)]
	Closing {
		/// What we owe.
		claim: Claim,
		/// The locks of that.
		locks: Locks,
	},
	/// It was settled; locks may be left.
	#[codec(index = 4)]
	Settled {
		/// What is kept back for the locks of each side.
		pending: PerSide<Option<Pending>>,
	},
	/// We close alone after a loss of data, for the partner is silent. Nothing else is signed any more.
	#[codec(index = 5)]
	Recovering {
		/// What we know that we owe.
		claim: Claim,
		/// The locks of that.
		locks: Locks,
	},
}

/// What is kept of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sheet {
	/// The channel.
	pub opened: Opened,
	/// All that we have signed of our own payments.
	pub obligations: Obligations,
	/// Our newest half.
	pub signed: Option<Half>,
	/// Locks that we gave.
	pub given: BTreeMap<LockId, Given>,
	/// The partner's newest half.
	pub theirs: Option<Theirs>,
	/// Locks that were given to us.
	pub taken: BTreeMap<LockId, Taken>,
	/// The nonce of the partner's half without a lock that we gave up: our ack of it sets the partner's money free.
	pub ack_wanted: Nonce,
	/// What the partner has signed when we had lost our data.
	pub words: Vec<Signed<Resync>>,
	/// What we said last when the partner had lost its.
	pub said: Option<Said>,
	/// Up to which nonce of the partner's a tower has a receipt.
	pub receipt: Nonce,
	/// The highest ack of a half of the partner's that a tower has a receipt for.
	pub covered: Nonce,
	/// What the chain knows of the conditions of locks here.
	pub reveals: BTreeMap<Hash, Reveal>,
	/// How far it is.
	pub phase: Phase,
	/// A close by one side.
	pub seen: Option<Seen>,
	/// What each side may take out.
	pub withdrawals: PerSide<Option<Withdrawal>>,
	/// Another key that we want.
	pub renewal: Option<Box<Renewal>>,
	/// Another key that the partner wants, and to which we have agreed.
	pub agreed: Option<Box<Agreed>>,
}

/// A sheet as it is stored, in the version of its encoding.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Stored {
	/// The first.
	#[codec(index = 1)]
	V1(Sheet),
}

/// What will become of a lock that we gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
	/// It is open.
	Open,
	/// The chain knows that it is met: so much is owed, in planck.
	Owed(Balance),
	/// Nobody can claim it any more.
	Dead(Reason),
}

/// What came with a half of the partner that was accepted.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
	/// Locks that are gone, and what was due for each, or was paid for it.
	pub gone: Vec<(Taken, Balance)>,
	/// Locks that came and wait.
	pub arrived: Vec<(Lock, Packet)>,
	/// Locks that came and were given up at once.
	pub turned: Vec<(LockId, Reason)>,
	/// What was paid beyond what was due for locks, in planck.
	pub paid: Balance,
}

impl Accepted {
	/// Steps that came before a kill, and were not stored, are paid all the same: what a half pays that names nothing
	/// is for them, as far as its locks go.
	fn count_lost_steps(&mut self) {
		for (taken, due) in &mut self.gone {
			let is_stream = steps_of(&taken.condition).is_some() && !taken.relayed;
			if is_stream && !matches!(taken.stage, TakenStage::GaveUp(_)) {
				let more = taken.lock.amount.saturating_sub(*due).min(self.paid);
				*due = due.saturating_add(more);
				self.paid = self.paid.saturating_sub(more);
			}
		}
	}
}

impl Sheet {
	/// That of a new channel.
	pub fn new(opened: Opened) -> Self {
		Self {
			opened,
			obligations: Obligations::default(),
			signed: None,
			given: BTreeMap::new(),
			theirs: None,
			taken: BTreeMap::new(),
			ack_wanted: 0,
			words: Vec::new(),
			said: None,
			receipt: 0,
			covered: 0,
			reveals: BTreeMap::new(),
			phase: Phase::Open,
			seen: None,
			withdrawals: PerSide::default(),
			renewal: None,
			agreed: None,
		}
	}

	/// Our side.
	pub fn side(&self) -> Side {
		self.opened.context.side
	}

	/// The context of what a side signs.
	pub fn context(&self, side: Side) -> Context {
		Context {
			side,
			..self.opened.context
		}
	}

	/// The key of a side.
	pub fn key(&self, side: Side) -> &ChannelKey {
		self.opened.terms.keys.get(side)
	}

	/// The nonce of the partner's newest half; 0 if it has signed none.
	pub fn held(&self) -> Nonce {
		self.theirs.as_ref().map_or(0, |theirs| theirs.half.body.nonce)
	}

	/// Whether something can be signed, and accepted.
	pub fn is_open(&self) -> bool {
		self.phase == Phase::Open && self.seen.is_none()
	}

	/// Whether only locks are left of the channel.
	pub fn is_settled(&self) -> bool {
		matches!(self.phase, Phase::Settled { .. })
	}

	/// Whether the chain, and no half, decides what becomes of locks.
	pub fn is_closing(&self) -> bool {
		let closes = matches!(self.phase, Phase::Closing { .. } | Phase::Recovering { .. });
		self.seen.is_some() || self.is_settled() || closes
	}

	/// The money in the channel, less what may still be taken out.
	fn stake(&self) -> Stake {
		Side::ALL.into_iter().fold(self.opened.stake, |stake, side| {
			let total = self.withdrawals.get(side).map(|withdrawal| withdrawal.body.total);
			total
				.and_then(|total| stake.with_withdrawal(side, total))
				.unwrap_or(stake)
		})
	}

	/// Whether something may still be taken out.
	pub fn is_withdrawing(&self) -> bool {
		self.withdrawals.low.is_some() || self.withdrawals.high.is_some()
	}

	/// Whether another key of ours goes to the chain: what we sign for the partner to keep would soon be void.
	pub fn is_rekeying(&self) -> bool {
		self.renewal.as_ref().is_some_and(|renewal| renewal.theirs.is_some())
	}

	/// Whether a side has this key.
	pub(crate) fn has_key(&self, key: &ChannelKey) -> bool {
		Side::ALL.into_iter().any(|side| self.key(side) == key)
	}

	/// Forgets withdrawals that have come, or can come no more.
	pub(crate) fn forget_withdrawals(&mut self, now: Tick) {
		for side in Side::ALL {
			let taken_out = *self.opened.stake.withdrawn.get(side);
			let withdrawal = self.withdrawals.get_mut(side);
			*withdrawal = withdrawal.filter(|of| of.body.total > taken_out && now <= of.body.expiry);
		}
	}

	/// What this side sees at a tick. If `strict`, its acks wait for a tower's receipts, and so does what the partner's
	/// acks set free: a tower that answers alone can only show what it has.
	pub fn sight(&self, now: Tick, strict: bool) -> Sight {
		let acked_before = self.signed.map_or(0, |half| half.ack);
		let theirs = self.theirs.as_ref().map(|theirs| {
			let mut half = theirs.half.body;
			if strict {
				half.nonce = half.nonce.min(self.receipt).max(acked_before);
				half.ack = half.ack.min(self.covered.max(self.settled_by()));
			}
			half
		});
		Sight {
			side: self.side(),
			now,
			stake: self.stake(),
			theirs,
			resynced: self.words.iter().map(|word| word.body.held).max().unwrap_or(0),
			resumed: self.said.map_or(0, |said| said.word.resume),
		}
	}

	/// Up to which nonce of ours the partner has acknowledged; if `strict`, as far as a tower can show it.
	pub fn acked(&self, strict: bool) -> Nonce {
		self.sight(0, strict).acked()
	}

	/// Below which nonce of ours nothing counts any more by how the channel was settled, whoever has answered.
	fn settled_by(&self) -> Nonce {
		let Some(seen) = self.seen.as_ref().filter(|_| self.is_settled()) else {
			return 0;
		};
		let (own, halves) = (self.side(), &seen.dispute.halves);
		let acked = halves.get(own.partner()).map_or(0, |half| half.ack);
		acked.max(halves.get(own).map_or(0, |half| half.nonce))
	}

	/// The last tick at which meeting a lock's condition counts.
	pub fn last_tick(&self, lock: &Lock) -> Tick {
		match &self.seen {
			Some(seen) => lock.last_tick(seen.dispute.closed),
			None => lock.expiry,
		}
	}

	/// What the chain knows of a lock's condition, if it came in time.
	pub fn counted(&self, lock: &Lock) -> Option<Reveal> {
		let reveal = self.reveals.get(&lock.condition).copied()?;
		(reveal.tick <= self.last_tick(lock)).then_some(reveal)
	}

	/// Whether the condition is that of a lock here.
	pub fn knows(&self, condition: &Hash) -> bool {
		let claimed = self.seen.as_ref().and_then(|seen| seen.claim_locks.as_ref());
		let of_claim = claimed.is_some_and(|locks| locks.as_slice().iter().any(|lock| lock.condition == *condition));
		of_claim
			|| self.given.values().any(|given| given.lock.condition == *condition)
			|| self.taken.values().any(|taken| taken.lock.condition == *condition)
	}

	/// What will become of a lock that we gave. Only final blocks tell that it has expired, and an ack counts as soon
	/// as whoever answers for us can show it.
	pub(crate) fn fate(&self, given: &Given, now: Tick, strict: bool) -> Fate {
		let counted = self.counted(&given.lock);
		let expired = now > self.last_tick(&given.lock);
		match (given.stage, counted) {
			// Acknowledged: the lock is void, whatever is shown.
			(GivenStage::Leaving { at, reason }, _) if self.acked(strict) >= at => Fate::Dead(reason),
			(GivenStage::Leaving { .. }, Some(_)) if !self.is_settled() => Fate::Open,
			(_, Some(reveal)) => Fate::Owed(reveal.share_of(given.lock.amount)),
			(GivenStage::Leaving { reason, .. }, None) if expired => Fate::Dead(reason),
			(GivenStage::Open, None) if expired => Fate::Dead(Reason::Expired),
			_ => Fate::Open,
		}
	}

	/// How much is due for a lock that was given to us if it is gone, in planck.
	pub(crate) fn due(&self, lock: &Lock, now: Tick) -> Balance {
		// One that was forgotten in a loss of data: nobody knows.
		let Some(taken) = self.taken.get(&lock.id) else {
			return 0;
		};
		if let TakenStage::GaveUp(_) = taken.stage {
			return 0;
		}
		if let Some(reveal) = self.counted(lock) {
			return reveal.share_of(lock.amount);
		}
		if now > self.last_tick(lock) {
			return 0;
		}
		match steps_of(&taken.condition) {
			Some(steps) => part(lock.amount, taken.best.map_or(0, |(step, _)| step), steps),
			// Whether it is met or not: no other lock is taken out before it expires.
			None => lock.amount,
		}
	}

	/// Takes the partner's next half in, whose signature was checked.
	pub(crate) fn accept(&mut self, update: &Update, now: Tick, config: &Config) -> Result<Accepted, RuleError> {
		let sight = self.sight(now, false);
		let known = self
			.theirs
			.as_ref()
			.map(|theirs| theirs.locks.clone())
			.unwrap_or_default();
		let half = update.half.body;
		let due = |lock: &Lock| self.due(lock, now);
		accept(&self.obligations, &sight, &known, &half, &update.locks, &due)?;
		let mut accepted = Accepted::default();
		let mut for_locks: Balance = 0;
		for lock in known
			.as_slice()
			.iter()
			.filter(|lock| update.locks.get(lock.id).is_none())
		{
			let due = self.due(lock, now);
			for_locks = for_locks.saturating_add(due);
			if let Some(taken) = self.taken.remove(&lock.id) {
				if matches!(taken.stage, TakenStage::GaveUp(_)) {
					self.ack_wanted = half.nonce;
				}
				accepted.gone.push((taken, due));
			}
		}
		// After a loss of data it is not known what had become of the locks: they wait for the chain or their end.
		let forgotten = self.theirs.is_none() && !self.words.is_empty();
		for lock in update
			.locks
			.as_slice()
			.iter()
			.filter(|lock| known.get(lock.id).is_none())
		{
			let parcel = update.parcels.iter().find(|parcel| parcel.id == lock.id);
			let (taken, packet) = self.take(lock, parcel, now, config);
			match taken.stage {
				TakenStage::GaveUp(reason) => accepted.turned.push((lock.id, reason)),
				_ if forgotten => (),
				_ => accepted.arrived.push((*lock, packet)),
			}
			self.taken.insert(lock.id, taken);
		}
		// What a partner shows again after a loss of data was received before.
		if !forgotten {
			let more = half.transferred.saturating_sub(sight.received());
			accepted.paid = more.saturating_sub(for_locks);
			if half.memo == [0; 32] {
				accepted.count_lost_steps();
			}
		}
		self.theirs = Some(Theirs {
			half: update.half,
			locks: update.locks.clone(),
		});
		Ok(accepted)
	}

	/// A lock that comes: it is given up at once if its condition is missing or cannot be met by us, or if there is too
	/// little time.
	fn take(&self, lock: &Lock, parcel: Option<&Parcel>, now: Tick, config: &Config) -> (Taken, Packet) {
		let (condition, packet) = match parcel {
			Some(parcel) => (parcel.condition.clone(), parcel.packet.clone()),
			None => (Condition::default(), Packet::default()),
		};
		let ours = match condition.0.as_slice() {
			[Node::Chain { payee, .. }] => payee == self.key(self.side()),
			_ => true,
		};
		let stage = if !ours || condition.check().is_err() || condition.hash() != lock.condition {
			TakenStage::GaveUp(Reason::Unknown)
		} else if lock.expiry < now.saturating_add(config.last_hop) {
			TakenStage::GaveUp(Reason::TooLate)
		} else {
			TakenStage::Held
		};
		let taken = Taken {
			lock: *lock,
			condition,
			stage,
			relayed: false,
			best: None,
		};
		(taken, packet)
	}

	/// What the locks of our newest half came with, but for those that the partner holds, which has this half of ours.
	pub(crate) fn parcels(&self, confirmed: Nonce) -> Parcels {
		let open = |given: &&Given| given.stage == GivenStage::Open && given.since > confirmed;
		let parcel = |given: &Given| Parcel {
			id: given.lock.id,
			condition: given.condition.clone(),
			packet: given.packet.clone(),
		};
		Parcels::truncate_from(self.given.values().filter(open).map(parcel).collect())
	}

	/// Whether this half of ours, which the partner holds, is none that we remember: then our data is old.
	pub(crate) fn is_behind(&self, held: &Half) -> bool {
		let newest = self.signed.filter(|half| half.nonce == held.nonce);
		held.nonce >= self.obligations.next_nonce() || newest.is_some_and(|half| half != *held)
	}

	/// The parts of a closing together, if no lock is left and nothing may be taken out.
	pub(crate) fn parts(&self) -> Option<PerSide<Balance>> {
		let theirs = self.theirs.as_ref();
		let locked = theirs.is_some_and(|theirs| !theirs.locks.as_slice().is_empty());
		if locked || self.is_withdrawing() || !self.given.is_empty() || !self.obligations.locks().as_slice().is_empty()
		{
			return None;
		}
		let owed = PerSide::from_fn(|side| channel_primitives::Owed {
			transferred: if side == self.side() {
				self.obligations.transferred()
			} else {
				theirs.map_or(0, |theirs| theirs.half.body.transferred)
			},
			locked: 0,
			void: false,
		});
		Some(channel_primitives::settle(&self.opened.stake, &owed).paid)
	}
}

/// How many steps the chain of hashes has that a condition is; none if it is another.
pub(crate) fn steps_of(condition: &Condition) -> Option<u16> {
	match condition.0.as_slice() {
		[Node::Chain { steps, .. }] => Some(*steps),
		_ => None,
	}
}

/// So many steps' part of an amount, as the chain counts it, in planck.
pub(crate) fn part(amount: Balance, step: u16, steps: u16) -> Balance {
	let reveal = Reveal {
		tick: 0,
		value: u32::from(step),
		total: u32::from(steps),
	};
	reveal.share_of(amount)
}
