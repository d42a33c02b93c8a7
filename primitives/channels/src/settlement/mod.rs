//! Who gets what of a channel's money: one function for chain, daemon and browser.

mod wide;

use crate::{Balance, PerSide, Side};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use wide::Wide;

/// The money of a channel, as the chain knows it.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Stake {
	/// What each side has ever put in, in planck.
	pub deposited: PerSide<Balance>,
	/// What each side has ever taken out while the channel was open, in planck. It may be more than what that side put
	/// in: it takes out what it was paid.
	pub withdrawn: PerSide<Balance>,
}

impl Stake {
	/// What is in the channel, in planck. 0 if more was taken out than put in, the most there is if that were more;
	/// neither can be of a [sound](Self::is_sound) stake.
	pub fn total(&self) -> Balance {
		let put_in = Wide::sum([self.deposited.low, self.deposited.high]);
		let taken_out = Wide::sum([self.withdrawn.low, self.withdrawn.high]);
		put_in.beyond(taken_out)
	}

	/// Whether 128 bits hold all deposits, and no more was taken out than put in. Whoever keeps a stake keeps it so.
	pub fn is_sound(&self) -> bool {
		let put_in = Wide::sum([self.deposited.low, self.deposited.high]);
		put_in.fits() && Wide::sum([self.withdrawn.low, self.withdrawn.high]) <= put_in
	}

	/// Whether a side can owe so much (paid for good, and locked) if its partner owes it `partner_transferred`: the
	/// rule of capacity, `T + L <= D - W + T of the partner`.
	pub fn covers(&self, side: Side, transferred: Balance, locked: Balance, partner_transferred: Balance) -> bool {
		Wide::sum([transferred, locked, *self.withdrawn.get(side)])
			<= Wide::sum([*self.deposited.get(side), partner_transferred])
	}

	/// The same after a side has put in more; none if 128 bits do not hold all deposits.
	pub fn with_deposit(mut self, side: Side, amount: Balance) -> Option<Self> {
		let deposited = self.deposited.get_mut(side);
		*deposited = deposited.checked_add(amount)?;
		self.is_sound().then_some(self)
	}

	/// The same after a side has taken out `total` in all; none if that is not more than before, or more than there is.
	/// Whoever has signed a withdrawal counts it from then on until it can no longer be used.
	pub fn with_withdrawal(mut self, side: Side, total: Balance) -> Option<Self> {
		let withdrawn = self.withdrawn.get_mut(side);
		if total <= *withdrawn {
			return None;
		}
		*withdrawn = total;
		self.is_sound().then_some(self)
	}

	/// What a side can still pay or lock, in planck, if it owes so much already; see [`Stake::covers`].
	pub fn room(&self, side: Side, transferred: Balance, locked: Balance, partner_transferred: Balance) -> Balance {
		let has = Wide::sum([*self.deposited.get(side), partner_transferred]);
		has.beyond(Wide::sum([transferred, locked, *self.withdrawn.get(side)]))
	}
}

/// Whether two amounts are more than two others, each pair together.
pub(crate) fn more_than(these: [Balance; 2], those: [Balance; 2]) -> bool {
	Wide::sum(these) > Wide::sum(those)
}

/// What counts of what a side has signed, when a channel is settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
	/// What it has paid for good, in all, in planck.
	pub transferred: Balance,
	/// What it has locked, in planck.
	pub locked: Balance,
	/// Whether its locks are void: they count as expired.
	pub void: bool,
}

/// How a channel's money is split. All four parts together are [`Stake::total`].
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Settlement {
	/// What each side is paid at once, in planck.
	pub paid: PerSide<Balance>,
	/// What is kept back for the locks that each side has given, in planck, until [`unlock`] splits it.
	pub reserved: PerSide<Balance>,
}

impl Settlement {
	/// The same, but that a side pays its partner a fine, in planck, out of what it is paid at once: as much of it as
	/// there is.
	#[must_use]
	pub fn fined(mut self, side: Side, fine: Balance) -> Self {
		let fine = fine.min(*self.paid.get(side));
		let from = self.paid.get_mut(side);
		*from = from.saturating_sub(fine);
		let to = self.paid.get_mut(side.partner());
		*to = to.saturating_add(fine);
		self
	}

	/// All four parts together, in planck.
	pub fn total(&self) -> Balance {
		let PerSide { low, high } = self.paid;
		let PerSide {
			low: of_low,
			high: of_high,
		} = self.reserved;
		low.saturating_add(high).saturating_add(of_low).saturating_add(of_high)
	}

	/// All of the money to one side.
	pub fn all_to(side: Side, stake: &Stake) -> Self {
		let mut settlement = Self::default();
		*settlement.paid.get_mut(side) = stake.total();
		settlement
	}
}

/// Settles a channel. It never fails, and its parts are [`Stake::total`] together, whatever was signed.
///
/// A side can get at most `R = D - W + (T + L of its partner) - (T + L of its own)`, within 0 and the total. Out of
/// that its partner's locks are kept back first, so that they are worth what is left and no more.
pub fn settle(stake: &Stake, owed: &PerSide<Owed>) -> Settlement {
	let total = stake.total();
	let (low, high) = (&owed.low, &owed.high);
	let gains = Wide::sum([stake.deposited.low, high.transferred, high.locked]);
	let pains = Wide::sum([stake.withdrawn.low, low.transferred, low.locked]);
	let most_of_low = gains.beyond(pains).min(total);
	let most_of_high = total.saturating_sub(most_of_low);
	let mut settlement = Settlement::default();
	for (payer, most_of_payee, given) in [(Side::High, most_of_low, high), (Side::Low, most_of_high, low)] {
		let kept_back = most_of_payee.min(given.locked);
		let payee_gets = most_of_payee.saturating_sub(kept_back);
		let payee = settlement.paid.get_mut(payer.partner());
		*payee = payee.saturating_add(payee_gets);
		if given.void {
			let back = settlement.paid.get_mut(payer);
			*back = back.saturating_add(kept_back);
		} else {
			*settlement.reserved.get_mut(payer) = kept_back;
		}
	}
	settlement
}

/// What was kept back for a side's locks, split.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Unlocked {
	/// What goes back to who gave the locks, in planck.
	pub payer: Balance,
	/// What its partner gets, in planck.
	pub payee: Balance,
}

/// Splits what was kept back, once it is known how much of the locks was claimed. What expired goes back first: a
/// payer that can not cover all of its locks does not lose by it what nobody claimed.
pub fn unlock(reserved: Balance, locked: Balance, claimed: Balance) -> Unlocked {
	let expired = locked.saturating_sub(claimed);
	let payer = expired.min(reserved);
	Unlocked {
		payer,
		payee: reserved.saturating_sub(payer),
	}
}
