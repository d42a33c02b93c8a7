//! A channel that one side closes alone: what each side may bring, what forfeits, and what comes out.

use crate::{
	settle, settlement::more_than, unlock, Balance, Claim, Half, Hash, Locks, Nonce, Owed, PerSide, Resync, Reveal,
	Settlement, Side, Stake, Tick, Unlocked, DAY,
};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// How often a side can lose its data and go on in one channel.
pub const MAX_RESYNCS: u32 = 4;

/// For how many ticks after the settlement a list of locks can be brought; then what is kept back for them goes to who
/// gave them.
const LIST_LOST_AFTER: Tick = 30 * DAY;

/// What the partner of a side has signed each time that the side had lost its data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Resyncs(BoundedVec<Resync, ConstU32<MAX_RESYNCS>>);

impl Resyncs {
	/// Adds what the partner has signed.
	///
	/// # Errors
	/// If there are as many as there may be.
	pub fn add(&mut self, resync: Resync) -> Result<(), DisputeError> {
		if self.0.contains(&resync) {
			return Ok(());
		}
		self.0.try_push(resync).map_err(|_| DisputeError::TooManyResyncs)
	}

	/// All of them.
	pub fn as_slice(&self) -> &[Resync] {
		&self.0
	}

	/// Whether a half of this nonce was lost: it counts neither for nor against anyone.
	pub fn lost(&self, nonce: Nonce) -> bool {
		self.0.iter().any(|resync| resync.lost(nonce))
	}

	/// Up to which nonce the partner has acknowledged by it.
	pub fn ack(&self) -> Nonce {
		self.0.iter().map(|resync| resync.held).max().unwrap_or(0)
	}
}

/// Who closes a channel, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
	/// The side that closes.
	pub closer: Side,
	/// The tick at which it does.
	pub now: Tick,
	/// For how many ticks answers count.
	pub window: Tick,
	/// Whether it says that it has lost its data: a claim that is too low then costs a fine and no more.
	pub recovery: bool,
}

/// A channel that is being closed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Dispute {
	/// The side that closes.
	pub closer: Side,
	/// The tick at which it did.
	pub closed: Tick,
	/// The last tick at which answers count.
	pub deadline: Tick,
	/// What it claims of its own payments, or the half that its claim was corrected to.
	pub claim: Claim,
	/// Whether it says that it has lost its data.
	pub recovery: bool,
	/// Whether it was shown that its claim was too low, though it may be.
	pub corrected: bool,
	/// The newest half of each side that its **partner** has let in.
	pub halves: PerSide<Option<Half>>,
	/// What the partner of each side has said of its lost data.
	pub resyncs: PerSide<Resyncs>,
}

/// Why something does not count in a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DisputeError {
	/// The list is not that of the claim or half.
	BadLocks,
	/// The closer claims to owe more than it has.
	OverCapacity,
	/// The deadline has passed.
	TooLate,
	/// The deadline has not passed.
	TooEarly,
	/// A half as new is there already.
	Stale,
	/// The half is one of those that its side had lost.
	Superseded,
	/// The half is worth no more than the claim.
	NotAFraud,
	/// Data was lost too often.
	TooManyResyncs,
}

impl fmt::Display for DisputeError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::BadLocks => "this is not the list of locks that was signed: bring the one with its hash and total",
			Self::OverCapacity => "the claim is more than the side has: bring the partner's newest half with it",
			Self::TooLate => "the time for answers is over: settle",
			Self::TooEarly => "the time for answers is not over: wait for the deadline",
			Self::Stale => "a half as new or newer is there already",
			Self::Superseded => "this half was lost, as the partner has signed: bring an older or newer one",
			Self::NotAFraud => "the half is worth no more than the claim: it shows no fraud; bring the lists of locks",
			Self::TooManyResyncs => "data was lost too often in this channel: close it together",
		})
	}
}

impl core::error::Error for DisputeError {}

/// What a proof of a claim that was too low has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Outcome {
	/// The closer forfeits all that is in the channel: [`Settlement::all_to`] its partner.
	Forfeits,
	/// The closer had said that it lost its data: it claims the half from then on, with the locks that were shown, and
	/// pays a fine.
	Corrected,
}

impl Dispute {
	/// A side closes. `claim` is of its own payments, with the list of its locks; `brought` the newest half of its
	/// partner, none if it has none; `resyncs` what its partner has said of its lost data. Signatures are checked.
	///
	/// The half that covers the claim may turn out to be one that the partner had lost: see [`Dispute::settle`].
	///
	/// # Errors
	/// If the list is not the claim's, or if it claims to owe more than it has.
	pub fn begin(
		closing: Closing,
		stake: &Stake,
		claim: Claim,
		locks: &Locks,
		brought: Option<Half>,
		resyncs: Resyncs,
	) -> Result<Self, DisputeError> {
		let Closing {
			closer,
			now,
			window,
			recovery,
		} = closing;
		if !claim.has(locks) {
			return Err(DisputeError::BadLocks);
		}
		let partner_transferred = brought.map_or(0, |half| half.transferred);
		if !stake.covers(closer, claim.transferred, claim.locked, partner_transferred) {
			return Err(DisputeError::OverCapacity);
		}
		let mut dispute = Self {
			closer,
			closed: now,
			deadline: now.saturating_add(window),
			claim,
			recovery,
			corrected: false,
			halves: PerSide::default(),
			resyncs: PerSide::default(),
		};
		*dispute.halves.get_mut(closer.partner()) = brought;
		*dispute.resyncs.get_mut(closer) = resyncs;
		Ok(dispute)
	}

	/// The partner of `side` lets in a half of `side`.
	///
	/// # Errors
	/// If it is too late, if a half as new is there, or if the half was lost.
	pub fn update(&mut self, side: Side, half: Half, now: Tick) -> Result<(), DisputeError> {
		self.in_time(now)?;
		if self.resyncs.get(side).lost(half.nonce) {
			return Err(DisputeError::Superseded);
		}
		let newest = self.halves.get_mut(side);
		if newest.is_some_and(|newest| half.nonce <= newest.nonce) {
			return Err(DisputeError::Stale);
		}
		*newest = Some(half);
		Ok(())
	}

	/// `side` brings what its partner has signed when it had lost its data. If a half is there that was lost, it goes.
	/// Nobody else brings it, unless for that side: its partner could fill the places with words that nobody asked for.
	///
	/// # Errors
	/// If it is too late, or if there are as many as there may be.
	pub fn resync(&mut self, side: Side, resync: Resync, now: Tick) -> Result<(), DisputeError> {
		self.in_time(now)?;
		self.resyncs.get_mut(side).add(resync)?;
		let resyncs = self.resyncs.get(side);
		if self.halves.get(side).is_some_and(|half| resyncs.lost(half.nonce)) {
			*self.halves.get_mut(side) = None;
		}
		Ok(())
	}

	/// Up to which nonce of `side` its partner has acknowledged, as far as it was shown.
	pub fn ack_over(&self, side: Side) -> Nonce {
		let by_half = self.halves.get(side.partner()).map_or(0, |half| half.ack);
		by_half.max(self.resyncs.get(side).ack())
	}

	/// Somebody brings a half of the closer that is worth more than its claim. `half_locks` and `claim_locks` are the
	/// lists of their locks: without the first its locks count for nothing, without the second all of the claim's
	/// count. Nothing but this forfeits.
	///
	/// If the closer had said that it lost its data, the half takes the place of the claim, with all locks of that, and
	/// at any time until the settlement: whoever calls it then has the word of the closer's partner for the half
	/// ([`Submit`](crate::Submit)). Else the closer could leave out the locks of its claim after the deadline, by a
	/// half that it has signed for this, and its partner, whom the claim had satisfied, could answer no more.
	///
	/// # Errors
	/// If a list is false, if the half was lost, or if it is not worth more.
	pub fn prove(
		&mut self,
		half: &Half,
		half_locks: Option<&Locks>,
		claim_locks: Option<&Locks>,
		reveal: &impl Fn(&Hash) -> Option<Reveal>,
	) -> Result<Outcome, DisputeError> {
		let lists_fit =
			half_locks.is_none_or(|locks| half.has(locks)) && claim_locks.is_none_or(|locks| self.claim.has(locks));
		if !lists_fit {
			return Err(DisputeError::BadLocks);
		}
		if self.resyncs.get(self.closer).lost(half.nonce) {
			return Err(DisputeError::Superseded);
		}
		let void = half.is_void(self.ack_over(self.closer));
		let counted = half_locks.filter(|_| !void);
		let of_half = counted.map_or(0, |locks| locks.claimed(self.closed, reveal));
		let of_claim = claim_locks.map_or(self.claim.locked, |locks| locks.claimed(self.closed, reveal));
		if !more_than([half.transferred, of_half], [self.claim.transferred, of_claim]) {
			return Err(DisputeError::NotAFraud);
		}
		if !self.recovery {
			return Ok(Outcome::Forfeits);
		}
		self.corrected = true;
		// It is claimed, and not let in: the closer could else bring a half that it has signed for this, of a nonce
		// above all that its partner holds.
		self.claim = Claim::new(half.transferred, counted.unwrap_or(&Locks::default()));
		Ok(Outcome::Corrected)
	}

	/// What counts of what a side has signed: the half that its partner let in, else what it claims if it is the
	/// closer, else nothing.
	pub fn owed(&self, side: Side) -> Owed {
		match self.halves.get(side) {
			Some(half) => Owed {
				transferred: half.transferred,
				locked: half.locked,
				void: half.is_void(self.ack_over(side)),
			},
			None if side == self.closer => Owed {
				transferred: self.claim.transferred,
				locked: self.claim.locked,
				void: false,
			},
			None => Owed::default(),
		}
	}

	/// Settles after the deadline. A closer whose claim was corrected pays `fine`, in planck. Of the locks of a claim
	/// as much counts as the half that counts for the partner in the end covers: the one that covered the claim at
	/// first may have been lost, so that it is gone or has given way to one with a lower total.
	///
	/// # Errors
	/// If the deadline has not passed; never else.
	pub fn settle(&self, stake: &Stake, fine: Balance, now: Tick) -> Result<Settlement, DisputeError> {
		if now <= self.deadline {
			return Err(DisputeError::TooEarly);
		}
		let mut owed = PerSide::from_fn(|side| self.owed(side));
		if self.halves.get(self.closer).is_none() {
			let received = owed.get(self.closer.partner()).transferred;
			let claimed = owed.get_mut(self.closer);
			let room = stake.room(self.closer, claimed.transferred, 0, received);
			claimed.locked = claimed.locked.min(room);
		}
		let settlement = settle(stake, &owed);
		Ok(if self.corrected {
			settlement.fined(self.closer, fine)
		} else {
			settlement
		})
	}

	/// What is left of the locks of a side after a settlement at `now`; none if nothing is kept back for them.
	pub fn pending(&self, side: Side, settlement: &Settlement, now: Tick) -> Option<Pending> {
		let reserved = *settlement.reserved.get(side);
		let locks = match self.halves.get(side) {
			Some(half) => half.locks,
			None => self.claim.locks,
		};
		(reserved > 0).then(|| Pending {
			reserved,
			locked: self.owed(side).locked,
			locks,
			closed: self.closed,
			due: now.saturating_add(LIST_LOST_AFTER),
		})
	}

	fn in_time(&self, now: Tick) -> Result<(), DisputeError> {
		if now > self.deadline {
			return Err(DisputeError::TooLate);
		}
		Ok(())
	}
}

/// Locks of a side that outlive their channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Pending {
	/// What is kept back for them, in planck.
	pub reserved: Balance,
	/// How much they are, in planck: it may be more.
	pub locked: Balance,
	/// [`Locks::root`] of their list.
	pub locks: Hash,
	/// The tick at which the channel was closed.
	pub closed: Tick,
	/// The last tick at which their list can be brought.
	pub due: Tick,
}

/// Why locks can not be unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum PendingError {
	/// The list is another.
	WrongList,
	/// Some are not decided before this tick.
	Undecided {
		/// The tick.
		at: Tick,
	},
}

impl fmt::Display for PendingError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::WrongList => f.write_str("this is not the list of these locks: bring the one with its hash"),
			Self::Undecided { at } => write!(f, "some locks may still be claimed: wait until tick {at}"),
		}
	}
}

impl core::error::Error for PendingError {}

impl Pending {
	/// Splits what is kept back, once all locks of the list are decided.
	///
	/// # Errors
	/// If the list is another, or if something can still be claimed.
	pub fn unlock(
		&self,
		list: &Locks,
		now: Tick,
		reveal: &impl Fn(&Hash) -> Option<Reveal>,
	) -> Result<Unlocked, PendingError> {
		if list.root() != self.locks {
			return Err(PendingError::WrongList);
		}
		if let Some(at) = list.open_until(self.closed, now, reveal) {
			return Err(PendingError::Undecided { at });
		}
		Ok(unlock(self.reserved, self.locked, list.claimed(self.closed, reveal)))
	}

	/// Gives all that is kept back to who gave the locks, if nobody has brought their list in time.
	///
	/// # Errors
	/// If it can still be brought.
	pub fn give_back(&self, now: Tick) -> Result<Unlocked, PendingError> {
		if now <= self.due {
			return Err(PendingError::Undecided {
				at: self.due.saturating_add(1),
			});
		}
		Ok(unlock(self.reserved, self.locked, 0))
	}
}
