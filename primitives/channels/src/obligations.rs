//! What an honest side signs, what it accepts, and what it may claim when it closes: kept to these rules it never
//! forfeits, whatever is lost, late or reordered.

use crate::{
	Balance, Claim, Half, Hash, Lock, LockId, Locks, LocksError, Nonce, Resync, Side, Stake, Tick, MAX_LOCKS,
	MAX_LOCK_TICKS,
};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// What a side sees when it signs or accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
	/// Which side it is.
	pub side: Side,
	/// The tick of the last final block.
	pub now: Tick,
	/// The money in the channel by the last **final** block, less withdrawals that were signed and may still come.
	pub stake: Stake,
	/// The newest half of the partner that it has accepted and stored.
	pub theirs: Option<Half>,
	/// The highest nonce that the partner said it holds when this side had lost its data; 0 if it never had.
	pub resynced: Nonce,
	/// The nonce at which the partner goes on, by the last word that this side signed when the partner had lost its
	/// data; 0 if it never had.
	pub resumed: Nonce,
}

impl Sight {
	/// Up to which nonce the partner has acknowledged.
	pub fn acked(&self) -> Nonce {
		self.theirs.map_or(0, |half| half.ack).max(self.resynced)
	}

	/// Whether a new lock counts until its expiry, even if the channel is closed at once.
	fn counts(&self, lock: &Lock) -> Result<(), RuleError> {
		if lock.expiry > self.now.saturating_add(MAX_LOCK_TICKS) {
			return Err(RuleError::LastsTooLong(lock.id));
		}
		Ok(())
	}

	/// What the partner has paid for good, in planck.
	pub fn received(&self) -> Balance {
		self.theirs.map_or(0, |half| half.transferred)
	}
}

/// What changes from one half to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
	/// Pays for good, in planck.
	Pay(Balance),
	/// Locks an amount. Its number is higher than that of any lock before.
	Lock(Lock),
	/// A lock's condition is met: so much of it, in planck, is paid for good, and the lock is gone.
	///
	/// If it is met in part, this is the part beyond which its payee can never meet it: of a chain of hashes, all steps
	/// that were given out or may have been. A chain that goes on under a new lock has a new root, or the payer gives
	/// out no further step until the half without the old lock is acknowledged.
	Met {
		/// Its number.
		id: LockId,
		/// How much is paid, in planck.
		amount: Balance,
	},
	/// A lock expired in a **final** block, and nobody had shown there that its condition is met.
	Expired(LockId),
	/// The partner gave a lock up. It may still meet the condition, so that the lock is claimed until the partner has
	/// acknowledged that it is gone.
	GivenUp(LockId),
}

/// A lock that was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Removed {
	/// The lock.
	pub lock: Lock,
	/// The nonce of the first half without it.
	pub at: Nonce,
}

/// All that a side has signed of its own payments, as far as it can still be held to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Obligations {
	/// The nonce of the next half.
	next: Nonce,
	/// The ack of the newest half.
	ack: Nonce,
	/// What is paid for good.
	transferred: Balance,
	/// The locks of the newest half.
	locks: Locks,
	/// Those that were given up and may not be acknowledged.
	given_up: BoundedVec<Removed, ConstU32<MAX_LOCKS>>,
	/// The lowest number that a new lock may have.
	next_lock: LockId,
}

impl Default for Obligations {
	fn default() -> Self {
		Self {
			next: 1,
			ack: 0,
			transferred: 0,
			locks: Locks::default(),
			given_up: BoundedVec::default(),
			next_lock: 0,
		}
	}
}

/// Why a half is neither signed nor accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleError {
	/// The locks are no list, or not the half's.
	Locks(LocksError),
	/// The list is not that of the half.
	OtherLocks,
	/// There is no lock with this number.
	NoSuchLock(LockId),
	/// A lock's number was used, or a lock is another than it was.
	LockReused(LockId),
	/// A lock lasts longer than it would count after a close.
	LastsTooLong(LockId),
	/// More would be paid of a lock than it is.
	MoreThanLocked(LockId),
	/// It would owe more than it has.
	NoRoom,
	/// There are no more nonces, or it would go on at one that it may have reached before.
	NoNonce,
	/// The nonce does not rise.
	Stale,
	/// A total or an ack falls.
	Falls,
	/// It acknowledges what was never signed.
	AckAhead,
	/// Locks are gone and not paid for.
	Unpaid {
		/// How much has to be paid for them, in planck.
		due: Balance,
	},
}

impl fmt::Display for RuleError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Locks(error) => fmt::Display::fmt(error, f),
			Self::OtherLocks => f.write_str("the list of locks is not that of the half: ask for it again"),
			Self::NoSuchLock(id) => write!(f, "there is no lock {id}"),
			Self::LockReused(id) => write!(f, "lock {id} is another than before: a number is used once"),
			Self::LastsTooLong(id) => write!(f, "lock {id} lasts longer than a week: let it expire earlier"),
			Self::MoreThanLocked(id) => write!(f, "lock {id} is of less than that"),
			Self::NoRoom => f.write_str("the side has not so much in the channel: deposit more, or lower the amount"),
			Self::NoNonce => f.write_str("no nonce is left to go on at: wait for the next tick, or close the channel"),
			Self::Stale => f.write_str("a half as new or newer is known"),
			Self::Falls => {
				f.write_str("a total or an ack is lower than before: the partner has lost its data, or lies")
			}
			Self::AckAhead => f.write_str("the partner acknowledges what was never signed: our data may be old"),
			Self::Unpaid { due } => write!(f, "locks are gone, and {due} planck for them are not paid"),
		}
	}
}

impl core::error::Error for RuleError {}

impl Obligations {
	/// Those of a side that has lost its data and was shown by its partner the newest half of its own that the partner
	/// holds, with what the partner has signed: it goes on where nothing that it has forgotten counts.
	///
	/// It goes on only if it accepts what it is shown of its partner's, and if what its partner has taken out is
	/// covered by what it now knows to have paid ([`Stake::covers`]); else it closes together or by a recovery.
	///
	/// What was signed is kept and backed up as long as the channel is there. Whoever has lost that too, and sees it by
	/// a half of a nonce that it can only have gone on at, closes together or by a recovery.
	///
	/// # Errors
	/// If the list is not the half's, or if the word is not about it.
	pub fn restored(half: &Half, locks: Locks, word: &Resync) -> Result<Self, RuleError> {
		if !half.has(&locks) {
			return Err(RuleError::OtherLocks);
		}
		if half.nonce != word.held || word.resume <= word.held {
			return Err(RuleError::NoNonce);
		}
		let highest = locks.as_slice().iter().map(|lock| lock.id).max();
		Ok(Self {
			next: word.resume,
			ack: half.ack,
			transferred: half.transferred,
			given_up: BoundedVec::default(),
			next_lock: highest.map_or(0, |id| id.saturating_add(1)),
			locks,
		})
	}

	/// What is paid for good, in planck.
	pub fn transferred(&self) -> Balance {
		self.transferred
	}

	/// The nonce that the next half will have.
	pub fn next_nonce(&self) -> Nonce {
		self.next
	}

	/// The lowest number that a new lock may have.
	pub fn next_lock(&self) -> LockId {
		self.next_lock
	}

	/// The locks of the newest half.
	pub fn locks(&self) -> &Locks {
		&self.locks
	}

	/// What this side may close with, and the list of its locks: the newest half, and what was given up and is not
	/// acknowledged. It brings the newest half of the partner with it, whose ack `acked` is.
	///
	/// # Errors
	/// None for obligations that were made by these rules.
	pub fn claim(&self, acked: Nonce) -> Result<(Claim, Locks), LocksError> {
		let put_back = self.given_up.iter().filter(|removed| removed.at > acked);
		let mut locks: Vec<Lock> = self.locks.as_slice().to_vec();
		locks.extend(put_back.map(|removed| removed.lock));
		let locks = Locks::new(locks)?;
		Ok((Claim::new(self.transferred, &locks), locks))
	}

	/// What can still be paid or locked, in planck.
	pub fn room(&self, sight: &Sight) -> Balance {
		match self.claim(sight.acked()) {
			Ok((claim, _)) => sight
				.stake
				.room(sight.side, claim.transferred, claim.locked, sight.received()),
			Err(_) => 0,
		}
	}

	/// The next half, and what this side is held to with it: to be stored before the half is signed.
	///
	/// # Errors
	/// If a change makes no sense, or if the side would owe more than it has.
	pub fn sign(&self, changes: &[Change], sight: &Sight, memo: Hash) -> Result<(Self, Half), RuleError> {
		let ack = sight.theirs.map_or(0, |half| half.nonce);
		if ack < self.ack {
			return Err(RuleError::Falls);
		}
		let mut next = self.clone();
		next.given_up.retain(|removed| removed.at > sight.acked());
		let mut locks: Vec<Lock> = self.locks.as_slice().to_vec();
		for change in changes {
			next.apply(*change, &mut locks, sight)?;
		}
		next.locks = Locks::new(locks).map_err(RuleError::Locks)?;
		let half = Half {
			nonce: self.next,
			ack,
			transferred: next.transferred,
			locked: next.locks.total(),
			locks: next.locks.root(),
			memo,
		};
		next.ack = ack;
		next.next = self.next.checked_add(1).ok_or(RuleError::NoNonce)?;
		// What is given up counts until it is acknowledged, so that a close is covered at any time.
		let (claim, _) = next.claim(sight.acked()).map_err(RuleError::Locks)?;
		let covered = sight
			.stake
			.covers(sight.side, claim.transferred, claim.locked, sight.received());
		if !covered {
			return Err(RuleError::NoRoom);
		}
		Ok((next, half))
	}

	fn apply(&mut self, change: Change, locks: &mut Vec<Lock>, sight: &Sight) -> Result<(), RuleError> {
		match change {
			Change::Pay(amount) => self.pay(amount),
			Change::Lock(lock) => {
				if lock.id < self.next_lock {
					return Err(RuleError::LockReused(lock.id));
				}
				sight.counts(&lock)?;
				if locks.len() >= MAX_LOCKS as usize {
					return Err(RuleError::Locks(LocksError::TooMany));
				}
				self.next_lock = lock.id.checked_add(1).ok_or(RuleError::LockReused(lock.id))?;
				locks.push(lock);
				Ok(())
			}
			Change::Met { id, amount } => {
				let lock = take(locks, id)?;
				if amount > lock.amount {
					return Err(RuleError::MoreThanLocked(id));
				}
				self.pay(amount)
			}
			Change::Expired(id) => take(locks, id).map(|_| ()),
			Change::GivenUp(id) => {
				let removed = Removed {
					lock: take(locks, id)?,
					at: self.next,
				};
				self.given_up
					.try_push(removed)
					.map_err(|_| RuleError::Locks(LocksError::TooMany))
			}
		}
	}

	fn pay(&mut self, amount: Balance) -> Result<(), RuleError> {
		self.transferred = self.transferred.checked_add(amount).ok_or(RuleError::NoRoom)?;
		Ok(())
	}
}

/// Whether a side that is held to `ours` signs that `side`, itself or its partner, has taken out `total` in all, in
/// planck. Returns the stake that it sees from then on, until the withdrawal can no longer come.
///
/// # Errors
/// If that is not more than before, or if what was signed and locked would not be covered any more.
pub fn withdraw(ours: &Obligations, sight: &Sight, side: Side, total: Balance) -> Result<Stake, RuleError> {
	let stake = sight.stake.with_withdrawal(side, total).ok_or(RuleError::NoRoom)?;
	let covered = if side == sight.side {
		let (claim, _) = ours.claim(sight.acked()).map_err(RuleError::Locks)?;
		stake.covers(side, claim.transferred, claim.locked, sight.received())
	} else {
		let (transferred, locked) = sight.theirs.map_or((0, 0), |half| (half.transferred, half.locked));
		stake.covers(side, transferred, locked, ours.transferred)
	};
	covered.then_some(stake).ok_or(RuleError::NoRoom)
}

fn take(locks: &mut Vec<Lock>, id: LockId) -> Result<Lock, RuleError> {
	let place = locks.iter().position(|lock| lock.id == id);
	place.map(|place| locks.remove(place)).ok_or(RuleError::NoSuchLock(id))
}

/// Whether a side that is held to `ours` accepts its partner's next half. `known` are the locks of the one before;
/// `due` says how much of a lock has to be paid if it is gone, in planck: what its condition is met for, and nothing if
/// it was given up or has expired in a final block. The signature is checked.
///
/// # Errors
/// Why not. A half that is not accepted is not acknowledged either.
pub fn accept(
	ours: &Obligations,
	sight: &Sight,
	known: &Locks,
	half: &Half,
	locks: &Locks,
	due: &impl Fn(&Lock) -> Balance,
) -> Result<(), RuleError> {
	if !half.has(locks) {
		return Err(RuleError::OtherLocks);
	}
	if half.ack >= ours.next {
		return Err(RuleError::AckAhead);
	}
	let (nonce, ack, transferred) = sight
		.theirs
		.map_or((0, 0, 0), |newest| (newest.nonce, newest.ack, newest.transferred));
	// What lies below the nonce at which the partner goes on is void, as this side has signed.
	if half.nonce <= nonce || half.nonce < sight.resumed {
		return Err(RuleError::Stale);
	}
	if half.ack < ack || half.transferred < transferred {
		return Err(RuleError::Falls);
	}
	let mut owed: Balance = 0;
	for lock in known.as_slice() {
		match locks.get(lock.id) {
			Some(now) if now == lock => {}
			Some(_) => return Err(RuleError::LockReused(lock.id)),
			None => owed = owed.saturating_add(due(lock)),
		}
	}
	if half.transferred.saturating_sub(transferred) < owed {
		return Err(RuleError::Unpaid { due: owed });
	}
	for new in locks.as_slice().iter().filter(|lock| known.get(lock.id).is_none()) {
		sight.counts(new)?;
	}
	let partner = sight.side.partner();
	if !sight
		.stake
		.covers(partner, half.transferred, half.locked, ours.transferred)
	{
		return Err(RuleError::NoRoom);
	}
	Ok(())
}
