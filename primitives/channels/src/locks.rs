//! Locks: payments that wait for a condition, and what of them counts as claimed.

use crate::{Balance, Hash, Tick, DAY};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, Input, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// How many locks a side may have at once.
pub const MAX_LOCKS: u32 = 64;

/// For how many ticks after a close a lock counts at most. Who signs makes none that lasts longer.
pub const MAX_LOCK_TICKS: Tick = 7 * DAY;

/// The number of a lock, which its payer gives it. A side gives none twice in a channel.
pub type LockId = u64;

/// An amount that becomes the partner's if a condition is met in time, or a part of it if the condition is met in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Lock {
	/// Its number.
	pub id: LockId,
	/// The amount, in planck.
	pub amount: Balance,
	/// The last tick at which meeting the condition counts.
	pub expiry: Tick,
	/// The hash of the condition.
	pub condition: Hash,
}

/// What the chain knows of a condition that somebody has met: first wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Reveal {
	/// The tick at which it was shown.
	pub tick: Tick,
	/// How many parts of it are met.
	pub value: u32,
	/// Of how many.
	pub total: u32,
}

impl Reveal {
	/// The part of an amount that it stands for, rounded down: `amount * value / total`, exact, and at most `amount`.
	pub fn share_of(&self, amount: Balance) -> Balance {
		let total = u128::from(self.total);
		let value = u128::from(self.value).min(total);
		let (Some(whole), Some(rest)) = (amount.checked_div(total), amount.checked_rem(total)) else {
			return 0;
		};
		// The rest is below 2^32, and so is the value: neither product leaves 128 bits.
		let of_rest = rest.saturating_mul(value).checked_div(total).unwrap_or(0);
		whole.saturating_mul(value).saturating_add(of_rest)
	}
}

impl Lock {
	/// The last tick at which it can be claimed in a channel that was closed at `closed`: at its expiry, and a bounded
	/// time after the close at the latest.
	pub fn last_tick(&self, closed: Tick) -> Tick {
		self.expiry.min(closed.saturating_add(MAX_LOCK_TICKS))
	}

	/// What of it is claimed, in planck, if this is what the chain knows of its condition.
	pub fn claimed(&self, closed: Tick, reveal: Option<Reveal>) -> Balance {
		match reveal {
			Some(reveal) if reveal.tick <= self.last_tick(closed) => reveal.share_of(self.amount),
			_ => 0,
		}
	}

	/// From which tick on nothing changes any more what is claimed of it; none if nothing does already.
	pub fn open_until(&self, closed: Tick, now: Tick, reveal: Option<Reveal>) -> Option<Tick> {
		let last = self.last_tick(closed);
		(reveal.is_none() && now <= last).then(|| last.saturating_add(1))
	}
}

/// Why a list of locks is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum LocksError {
	/// There are more than [`MAX_LOCKS`].
	TooMany,
	/// They are not in the order of their numbers, or two have one number.
	OutOfOrder,
	/// A lock of nothing.
	Nothing,
	/// Together they are more than a balance holds.
	TooMuch,
}

impl fmt::Display for LocksError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::TooMany => "a side has at most 64 locks at once: wait until one is paid or expires",
			Self::OutOfOrder => "locks stand in the order of their numbers, each once",
			Self::Nothing => "a lock of nothing: leave it out",
			Self::TooMuch => "the locks are more than a balance holds: lower one",
		})
	}
}

impl core::error::Error for LocksError {}

/// All locks of a side, in the order of their numbers. No other list is one: it is checked when it is made or decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, MaxEncodedLen, TypeInfo)]
pub struct Locks(BoundedVec<Lock, ConstU32<MAX_LOCKS>>);

impl Locks {
	/// The locks in the order of their numbers.
	///
	/// # Errors
	/// If there are too many, if two have one number, or if one or all of them are of an amount that is none.
	pub fn new(locks: Vec<Lock>) -> Result<Self, LocksError> {
		let mut locks = BoundedVec::<Lock, ConstU32<MAX_LOCKS>>::try_from(locks).map_err(|_| LocksError::TooMany)?;
		locks.sort_by_key(|lock| lock.id);
		check(&locks)?;
		Ok(Self(locks))
	}

	/// The locks.
	pub fn as_slice(&self) -> &[Lock] {
		&self.0
	}

	/// The lock with this number.
	pub fn get(&self, id: LockId) -> Option<&Lock> {
		self.0.iter().find(|lock| lock.id == id)
	}

	/// How much is locked, in planck.
	pub fn total(&self) -> Balance {
		self.0
			.iter()
			.fold(0, |sum: Balance, lock| sum.saturating_add(lock.amount))
	}

	/// What a half names them by: the BLAKE2b hash of the encoded list.
	pub fn root(&self) -> Hash {
		blake2_256(&self.encode())
	}

	/// What of them is claimed, in planck, in a channel that was closed at `closed`. `reveal` says what the chain knows
	/// of a condition.
	pub fn claimed(&self, closed: Tick, reveal: &impl Fn(&Hash) -> Option<Reveal>) -> Balance {
		self.0.iter().fold(0, |sum: Balance, lock| {
			sum.saturating_add(lock.claimed(closed, reveal(&lock.condition)))
		})
	}

	/// The tick from which on all of them are decided; none if they are.
	pub fn open_until(&self, closed: Tick, now: Tick, reveal: &impl Fn(&Hash) -> Option<Reveal>) -> Option<Tick> {
		self.0
			.iter()
			.filter_map(|lock| lock.open_until(closed, now, reveal(&lock.condition)))
			.max()
	}
}

fn check(locks: &[Lock]) -> Result<(), LocksError> {
	let (mut before, mut sum) = (None, 0_u128);
	for lock in locks {
		if before.is_some_and(|before| before >= lock.id) {
			return Err(LocksError::OutOfOrder);
		}
		if lock.amount == 0 {
			return Err(LocksError::Nothing);
		}
		sum = sum.checked_add(lock.amount).ok_or(LocksError::TooMuch)?;
		before = Some(lock.id);
	}
	Ok(())
}

impl Decode for Locks {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		let locks = BoundedVec::<Lock, ConstU32<MAX_LOCKS>>::decode(input)?;
		check(&locks).map_err(|_| codec::Error::from("locks out of order, of nothing, or of too much"))?;
		Ok(Self(locks))
	}
}

impl DecodeWithMemTracking for Locks {}
