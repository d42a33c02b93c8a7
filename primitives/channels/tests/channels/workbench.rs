//! Two sides that play by the rules, or one of them not; what comes out of a close; and amounts of all sizes.

use channel_primitives::{
	accept, withdraw, Balance, Change, Claim, Closing, Dispute, Half, Hash, Lock, LockId, Locks, Nonce, Obligations,
	PerSide, Resync, Resyncs, Reveal, RuleError, Side, Sight, Stake, Tick, DAY,
};
use proptest::prelude::*;
use smartchain_rng::Rng;
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	mem,
};

/// The tick at which channels are closed here.
pub const CLOSED: Tick = 1_000;
/// The window of channels here.
pub const WINDOW: Tick = 20;
/// When all locks are decided.
pub const DECIDED: Tick = CLOSED + 8 * DAY;

/// Amounts of all sizes, many of them at an end of 128 bits.
pub fn any_amount() -> impl Strategy<Value = Balance> {
	prop_oneof![
		any::<Balance>(),
		0..8_u128,
		(0..4_u128).prop_map(|below| Balance::MAX - below),
		(0..128_u32, 0..3_u128).prop_map(|(bits, off)| (1_u128 << bits).wrapping_add(off).wrapping_sub(1)),
	]
}

/// A stake as a chain keeps it.
pub fn any_sound_stake() -> impl Strategy<Value = Stake> {
	(any_amount(), any_amount(), any_amount(), any_amount()).prop_map(|(low, high, out_low, out_high)| {
		let high = high.min(Balance::MAX - low);
		let total = low + high;
		let out_low = if total == Balance::MAX {
			out_low
		} else {
			out_low % (total + 1)
		};
		let rest = total - out_low;
		let out_high = if rest == Balance::MAX {
			out_high
		} else {
			out_high % (rest + 1)
		};
		Stake {
			deposited: PerSide { low, high },
			withdrawn: PerSide {
				low: out_low,
				high: out_high,
			},
		}
	})
}

pub fn stake(low: Balance, high: Balance) -> Stake {
	Stake {
		deposited: PerSide { low, high },
		withdrawn: PerSide::default(),
	}
}

/// The condition of a side's lock. Whether it is met is decided when the channel is closed.
pub fn condition(side: Side, id: LockId) -> Hash {
	let mut hash = [side as u8; 32];
	hash[..8].copy_from_slice(&id.to_le_bytes());
	hash
}

pub fn lock(side: Side, id: LockId, amount: Balance) -> Lock {
	Lock {
		id,
		amount,
		expiry: CLOSED + DAY,
		condition: condition(side, id),
	}
}

pub fn locks(of: &[Lock]) -> Locks {
	Locks::new(of.to_vec()).expect("a list")
}

/// A half with these locks.
pub fn half(nonce: Nonce, ack: Nonce, transferred: Balance, list: &Locks) -> Half {
	Half {
		nonce,
		ack,
		transferred,
		locked: list.total(),
		locks: list.root(),
		memo: [0; 32],
	}
}

/// What the chain knows of the conditions: those in the set were met in time.
pub fn met(conditions: &BTreeSet<Hash>) -> impl Fn(&Hash) -> Option<Reveal> + '_ {
	move |condition: &Hash| {
		conditions.contains(condition).then_some(Reveal {
			tick: CLOSED,
			value: 1,
			total: 1,
		})
	}
}

pub fn closing(closer: Side) -> Closing {
	Closing {
		closer,
		now: CLOSED,
		window: WINDOW,
		recovery: false,
	}
}

/// What a half with its locks is worth.
pub fn worth(half: &Half, list: &Locks, conditions: &BTreeSet<Hash>) -> i128 {
	half.transferred as i128 + list.claimed(CLOSED, &met(conditions)) as i128
}

/// What each side has in the end: paid at once and out of the locks. Every planck is somebody's.
pub fn paid(
	dispute: &Dispute,
	stake: &Stake,
	lists: &BTreeMap<Hash, Locks>,
	conditions: &BTreeSet<Hash>,
) -> PerSide<Balance> {
	let after = dispute.deadline + 1;
	let settlement = dispute
		.settle(stake, 0, after)
		.expect("it never fails after the deadline");
	assert_eq!(settlement.total(), stake.total(), "{dispute:?}");
	let mut paid = settlement.paid;
	for side in Side::ALL {
		let Some(pending) = dispute.pending(side, &settlement, after) else {
			continue;
		};
		let list = lists.get(&pending.locks).expect("some list");
		let unlocked = pending.unlock(list, DECIDED, &met(conditions)).expect("all is decided");
		assert_eq!(unlocked.payer + unlocked.payee, pending.reserved);
		*paid.get_mut(side) += unlocked.payer;
		*paid.get_mut(side.partner()) += unlocked.payee;
	}
	assert_eq!(paid.low + paid.high, stake.total());
	paid
}

/// What somebody does. `side` is the payer of what it is about, but for `Deliver`, where it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
	/// Pays for good.
	Pay(Side, Balance),
	/// Locks.
	Lock(Side, Balance),
	/// The payee has shown the payer that the first of its locks is met, and it pays.
	Met(Side),
	/// The payee of the first lock gives it up, and the payer takes it out.
	GiveUp(Side),
	/// Acknowledges and nothing else.
	Touch(Side),
	/// The oldest message on its way arrives.
	Deliver(Side),
	/// All that is on its way is lost.
	Lose(Side),
	/// Both sign that it takes out 1 more, and the chain pays it.
	Withdraw(Side),
	/// It loses all its data, and goes on with what its partner shows it: the newest halves, or such as are so much
	/// older.
	Forget(Side, usize),
}

impl Move {
	/// All moves of small amounts.
	pub fn all() -> Vec<Self> {
		let of = |side| {
			[
				Self::Pay(side, 1),
				Self::Lock(side, 1),
				Self::Lock(side, 2),
				Self::Met(side),
				Self::GiveUp(side),
				Self::Touch(side),
				Self::Deliver(side),
				Self::Withdraw(side),
				Self::Forget(side, 0),
			]
		};
		Side::ALL.into_iter().flat_map(of).collect()
	}

	pub fn any(rng: &mut Rng) -> Self {
		let side = if rng.percent(50) { Side::Low } else { Side::High };
		match rng.below(18) {
			0 | 1 => Self::Pay(side, u128::from(rng.range(1, 4))),
			2..=4 => Self::Lock(side, u128::from(rng.range(1, 3))),
			5 | 6 => Self::Met(side),
			7 | 8 => Self::GiveUp(side),
			9 => Self::Touch(side),
			10 => Self::Lose(side),
			11 => Self::Withdraw(side),
			12 if rng.percent(50) => Self::Forget(side, rng.below(3) as usize),
			_ => Self::Deliver(side),
		}
	}
}

/// One side with all that it ever signed.
#[derive(Clone, Debug, Default)]
pub struct Player {
	pub obligations: Obligations,
	/// All that it signed, oldest first.
	pub signed: Vec<(Half, Locks)>,
	/// The newest half of its partner that it accepted.
	pub theirs: Option<(Half, Locks)>,
	/// On its way to it.
	inbox: VecDeque<(Half, Locks)>,
	/// Locks of its partner that it gave up.
	gave_up: BTreeSet<LockId>,
	/// It acknowledges only if it does nothing else: no rule forces it to.
	pub acks_late: bool,
	/// What its partner signed when it had lost its data.
	pub resyncs: Resyncs,
	/// Where its partner goes on, by what it has signed itself.
	resumed: Nonce,
	/// Whether it has told its partner that it holds less than it does: then it is not one that plays by the rules.
	pub lied: bool,
}

/// A channel that is used.
#[derive(Clone, Debug)]
pub struct Game {
	pub stake: Stake,
	pub players: PerSide<Player>,
	/// All lists of locks, by their roots.
	pub lists: BTreeMap<Hash, Locks>,
	/// All conditions that there are.
	pub conditions: BTreeSet<Hash>,
	now: Tick,
}

impl Game {
	pub fn new(stake: Stake) -> Self {
		let empty = Locks::default();
		Self {
			stake,
			players: PerSide::default(),
			lists: BTreeMap::from([(empty.root(), empty)]),
			conditions: BTreeSet::new(),
			now: 1,
		}
	}

	/// Random moves in a small channel.
	pub fn any(rng: &mut Rng) -> Self {
		let mut game = Self::new(stake(u128::from(rng.below(7)), u128::from(rng.below(7))));
		for side in Side::ALL {
			game.players.get_mut(side).acks_late = rng.percent(40);
		}
		for _ in 0..rng.below(40) {
			let _ = game.play(Move::any(rng));
		}
		game
	}

	pub fn sight(&self, side: Side) -> Sight {
		Sight {
			side,
			now: CLOSED,
			stake: self.stake,
			theirs: self.players.get(side).theirs.as_ref().map(|(half, _)| *half),
			resynced: self.players.get(side).resyncs.ack(),
			resumed: self.players.get(side).resumed,
		}
	}

	/// Makes a move; says whether it changed anything.
	pub fn play(&mut self, played: Move) -> bool {
		match played {
			Move::Pay(side, amount) => self.sign(side, Change::Pay(amount)).is_ok(),
			Move::Lock(side, amount) => {
				let id = self.players.get(side).obligations.next_lock();
				let done = self.sign(side, Change::Lock(lock(side, id, amount))).is_ok();
				if done {
					self.conditions.insert(condition(side, id));
				}
				done
			}
			Move::Met(side) => match self.first_lock(side) {
				Some(Lock { id, amount, .. }) => self.sign(side, Change::Met { id, amount }).is_ok(),
				None => false,
			},
			Move::GiveUp(side) => match self.first_lock(side) {
				// Its payee has to know it.
				Some(first) if self.knows(side.partner(), &first) => {
					self.players.get_mut(side.partner()).gave_up.insert(first.id);
					self.sign(side, Change::GivenUp(first.id)).is_ok()
				}
				_ => false,
			},
			Move::Touch(side) => {
				// Whoever acknowledges late does it now.
				let late = mem::take(&mut self.players.get_mut(side).acks_late);
				let done = self.sign(side, Change::Pay(0)).is_ok();
				self.players.get_mut(side).acks_late = late;
				done
			}
			Move::Deliver(side) => self.deliver(side),
			Move::Lose(side) => {
				let inbox = &mut self.players.get_mut(side).inbox;
				let any = !inbox.is_empty();
				inbox.clear();
				any
			}
			Move::Withdraw(side) => {
				let total = *self.stake.withdrawn.get(side) + 1;
				let sign = |signer| {
					let ours = &self.players.get(signer).obligations;
					withdraw(ours, &self.sight(signer), side, total)
				};
				match (sign(Side::Low), sign(Side::High)) {
					(Ok(stake), Ok(_)) => {
						self.stake = stake;
						true
					}
					_ => false,
				}
			}
			Move::Forget(side, back) => self.forget(side, back).is_some(),
		}
	}

	/// Says nothing if the partner shows what does not fit: then the side does not go on.
	fn forget(&mut self, side: Side, back: usize) -> Option<()> {
		let (player, other) = (self.players.get(side), self.players.get(side.partner()));
		let newest = other.theirs.as_ref()?.0.nonce;
		let at = player.signed.iter().position(|(half, _)| half.nonce == newest)?;
		let (held, list) = player.signed.get(at.saturating_sub(back))?.clone();
		if player.resyncs.lost(held.nonce) {
			return None;
		}
		let word = Resync {
			held: held.nonce,
			resume: Resync::resume_at(self.now),
		};
		let mut resyncs = player.resyncs.clone();
		resyncs.add(word).ok()?;
		let obligations = Obligations::restored(&held, list.clone(), &word).ok()?;
		let mut sight = Sight {
			theirs: None,
			resynced: resyncs.ack(),
			resumed: 0,
			..self.sight(side)
		};
		// What the partner has not lost itself.
		let has = other.signed.iter().filter(|(half, _)| !other.resyncs.lost(half.nonce));
		let shown = has.rev().nth(back).cloned();
		if let Some((half, list)) = &shown {
			accept(&obligations, &sight, &Locks::default(), half, list, &|_: &Lock| 0).ok()?;
			sight.theirs = Some(*half);
		}
		// Nor does it go on if its partner has taken out what it now says that it was never paid.
		let (paid, locked) = sight.theirs.map_or((0, 0), |half| (half.transferred, half.locked));
		if !self
			.stake
			.covers(side.partner(), paid, locked, obligations.transferred())
		{
			return None;
		}
		// It can go on, and close: it knows of what it has acknowledged, and of what it has taken out.
		obligations.sign(&[Change::Pay(0)], &sight, [0; 32]).ok()?;
		self.now += 1;
		let lied = back > 0;
		let player = self.players.get_mut(side);
		player.obligations = obligations;
		player.resyncs = resyncs;
		player.resumed = 0;
		player.theirs = shown;
		player.inbox.clear();
		let other = self.players.get_mut(side.partner());
		other.inbox.clear();
		other.resumed = word.resume;
		if lied {
			other.lied = true;
			other.theirs = Some((held, list));
		}
		Some(())
	}

	fn first_lock(&self, side: Side) -> Option<Lock> {
		self.players.get(side).obligations.locks().as_slice().first().copied()
	}

	fn knows(&self, side: Side, lock: &Lock) -> bool {
		let theirs = &self.players.get(side).theirs;
		theirs.as_ref().is_some_and(|(_, known)| known.get(lock.id).is_some())
	}

	fn sign(&mut self, side: Side, change: Change) -> Result<(), RuleError> {
		let mut sight = self.sight(side);
		let player = self.players.get(side);
		if player.acks_late {
			// As if it had seen no newer half than it has acknowledged; its capacity is what it really is.
			let known = |(half, _): &&(Half, Locks)| !player.resyncs.lost(half.nonce);
			let before = player.signed.iter().rev().find(known).map_or(0, |(half, _)| half.ack);
			if let Some(theirs) = &mut sight.theirs {
				theirs.nonce = before;
			}
		}
		let (obligations, signed) = player.obligations.sign(&[change], &sight, [0; 32])?;
		let list = obligations.locks().clone();
		self.lists.insert(list.root(), list.clone());
		let (claim, claimed) = obligations.claim(0).expect("a list");
		self.lists.insert(claim.locks, claimed);
		let player = self.players.get_mut(side);
		player.obligations = obligations;
		player.signed.push((signed, list.clone()));
		self.players.get_mut(side.partner()).inbox.push_back((signed, list));
		Ok(())
	}

	fn deliver(&mut self, side: Side) -> bool {
		let sight = self.sight(side);
		let of_liar = self.players.get(side.partner()).lied;
		let player = self.players.get_mut(side);
		let Some((half, list)) = player.inbox.pop_front() else {
			return false;
		};
		let known = player
			.theirs
			.as_ref()
			.map(|(_, known)| known.clone())
			.unwrap_or_default();
		let due = |lock: &Lock| {
			if player.gave_up.contains(&lock.id) {
				0
			} else {
				lock.amount
			}
		};
		let accepted = accept(&player.obligations, &sight, &known, &half, &list, &due);
		// Who said that it holds less than it does may have built on what it denied.
		if accepted.is_err() && of_liar {
			return false;
		}
		assert_eq!(accepted, Ok(()), "{side:?} refuses {half:?}");
		player.theirs = Some((half, list));
		true
	}

	/// What a side may close with.
	pub fn claim(&mut self, side: Side) -> (Claim, Locks) {
		let acked = self.sight(side).acked();
		let (claim, list) = self.players.get(side).obligations.claim(acked).expect("a list");
		self.lists.insert(claim.locks, list.clone());
		(claim, list)
	}

	/// A side closes by the rules.
	pub fn close(&mut self, side: Side) -> (Dispute, Locks) {
		let (claim, list) = self.claim(side);
		let theirs = self.sight(side).theirs;
		let resyncs = self.players.get(side).resyncs.clone();
		let dispute = Dispute::begin(closing(side), &self.stake, claim, &list, theirs, resyncs);
		(dispute.expect("an honest close is covered"), list)
	}

	/// What a side that answers gets at least: `D - W + val(newest half of the partner) - val(own claim)`. Locks that
	/// its own word has made void are worth nothing, though it has lost that word with its data and is shown them
	/// again.
	pub fn bound(&mut self, side: Side, conditions: &BTreeSet<Hash>) -> i128 {
		let (claim, list) = self.claim(side);
		let own = claim.transferred as i128 + list.claimed(CLOSED, &met(conditions)) as i128;
		let theirs = self.players.get(side).theirs.as_ref();
		let said = self.players.get(side.partner()).resyncs.ack();
		let theirs = theirs.map_or(0, |(half, list)| {
			if half.is_void(said) {
				half.transferred as i128
			} else {
				worth(half, list, conditions)
			}
		});
		let put_in = *self.stake.deposited.get(side) as i128 - *self.stake.withdrawn.get(side) as i128;
		put_in + theirs - own
	}
}
