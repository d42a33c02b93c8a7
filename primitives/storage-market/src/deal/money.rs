//! Claims, extensions, and ends: who gets what in the end.

use super::{held_by, Deal, Stage, Why};
use crate::{DealError, Holding, Kind, SlotAt, Terms, MAX_ERAS};
use alloc::vec::Vec;
use market_primitives::{part_up, Balance, Split, Tick};
use sp_arithmetic::Perbill;

/// A device that holds its slot no more, and has broken no promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departed<Device> {
	/// The device.
	pub device: Device,
	/// What it has earned and not claimed, in planck: to be split as a claim is.
	pub pay: Balance,
	/// What of its collateral is free again, in planck.
	pub collateral: Balance,
}

/// A deal that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed<Device> {
	/// Back to the owner, in planck.
	pub owner: Balance,
	/// To be burned, in planck: of one that has failed.
	pub burned: Balance,
	/// Those that held a slot to the end.
	pub devices: Vec<Departed<Device>>,
}

impl<Account, Device: Clone + PartialEq> Deal<Account, Device> {
	/// A device takes what it has earned, split by its score. All of it leaves the deal.
	///
	/// # Errors
	/// [`DealError::NotHeld`] or [`DealError::NoSuchSlot`].
	pub fn claim(&mut self, at: SlotAt, device: &Device, score: Perbill, terms: &Terms) -> Result<Split, DealError> {
		let earned = held_by(&mut self.slots, at, device)?.accrued.take_all();
		Ok(terms.shares.split(earned, score))
	}

	/// What an extension by so many eras costs, in planck. All in all it lasts for [`MAX_ERAS`]: whoever cannot leave,
	/// for nobody takes its slot at this deal's price, is free in the end.
	///
	/// # Errors
	/// [`DealError::NotActive`], [`DealError::BadOrder`] if it would last for too long, or if it costs more than a
	/// balance holds.
	pub fn extension(&self, eras: u32, now: Tick, terms: &Terms) -> Result<Balance, DealError> {
		if !matches!(self.stage, Stage::Active) || now >= self.ends {
			return Err(DealError::NotActive);
		}
		if eras == 0 || self.order.eras.saturating_add(eras) > MAX_ERAS {
			return Err(DealError::BadOrder);
		}
		self.order.pay_for(eras, terms.era)
	}

	/// Extends it by so many eras, for which [`Self::extension`] was taken from whoever wants it. Returns that again.
	///
	/// # Errors
	/// Those of [`Self::extension`].
	pub fn extend(&mut self, eras: u32, now: Tick, terms: &Terms) -> Result<Balance, DealError> {
		let cost = self.extension(eras, now, terms)?;
		self.escrow.put_in(cost)?;
		self.order.eras = self.order.eras.saturating_add(eras);
		self.ends = self.ends.saturating_add(eras.saturating_mul(terms.era));
		Ok(cost)
	}

	/// The owner gives it up before it has begun. Returns what of its escrow burns, in planck: that leaves the deal.
	///
	/// # Errors
	/// [`DealError::NotActive`] if it has begun, or has ended.
	pub fn give_up(&mut self, now: Tick, terms: &Terms) -> Result<Balance, DealError> {
		if !matches!(self.stage, Stage::Placing { .. } | Stage::Uploading { .. }) {
			return Err(DealError::NotActive);
		}
		let given_up = terms.penalties.give_up(&mut self.escrow);
		// It was in there before.
		self.escrow.put_in(given_up.back)?;
		let until = self.early_until(now, &terms.times);
		self.end(Why::GivenUp, until);
		Ok(given_up.burned)
	}

	/// The owner ends it early: devices that can be relied on are paid up to now, and get a part of what is left. With
	/// what burns it costs no less than to give it up before it begins: else whoever does not like what was drawn lets
	/// it begin, and ends it. Returns what burns, in planck: that leaves the deal.
	///
	/// # Errors
	/// [`DealError::NotActive`], or if the pay is more than a balance holds.
	pub fn terminate(&mut self, now: Tick, terms: &Terms) -> Result<Balance, DealError> {
		if !matches!(self.stage, Stage::Active) || now >= self.ends {
			return Err(DealError::NotActive);
		}
		let mut pays = Vec::with_capacity(self.slots.len());
		for slot in &self.slots {
			let usable = slot.holding.as_ref().filter(|holding| holding.usable());
			pays.push(match usable {
				Some(holding) => Some(self.rent(holding.ask, terms).between(holding.proven_to, now)?),
				None => None,
			});
		}
		for (slot, pay) in self.slots.iter_mut().zip(pays) {
			if let (Some(holding), Some(pay)) = (&mut slot.holding, pay) {
				self.escrow.pour_up_to(&mut holding.accrued, pay);
				holding.proven_to = now;
			}
		}
		let farewell = terms.penalties.farewell(&self.escrow, self.usable());
		let (each, fine) = (farewell.each, self.fine_of_ending(farewell.all, now, terms));
		let holdings = self.slots.iter_mut().filter_map(|slot| slot.holding.as_mut());
		for holding in holdings.filter(|holding| holding.usable()) {
			self.escrow.pour_up_to(&mut holding.accrued, each);
		}
		let burned = self.escrow.take_up_to(fine);
		self.ends = now;
		let until = self.early_until(now, &terms.times);
		self.end(Why::Terminated, until);
		Ok(burned)
	}

	/// What burns beside what devices get, in planck, if it is ended now: of what is left for the time that counts as
	/// much as of an escrow that is given up. What the owner's own choice has placed counts for nothing, and may end.
	fn fine_of_ending(&self, farewell: Balance, now: Tick, terms: &Terms) -> Balance {
		if matches!(self.kind, Kind::Chosen) {
			return 0;
		}
		let [counting, all] = [self.counts_to, self.ends].map(|end| end.saturating_sub(now));
		let left = part_up(self.escrow.amount(), Perbill::from_rational(counting, all));
		part_up(left, terms.penalties.given_up).saturating_sub(farewell)
	}

	/// What burns of a deal that has failed, in planck: for each slot that nobody has confirmed as much as if it had
	/// been given up. Whose fault it was nobody can tell: an owner may refuse its data to whom it does not like.
	fn fine_of_failing(&self, terms: &Terms) -> Balance {
		if !matches!(self.stage, Stage::Ended { why: Why::Failed, .. }) {
			return 0;
		}
		let slots = Balance::from(self.geometry().slots);
		let missing = slots.saturating_sub(self.holders().into());
		let all = part_up(self.escrow.amount(), terms.penalties.given_up);
		all.saturating_mul(missing).checked_div(slots).unwrap_or(0)
	}

	/// Closes a deal that has ended, after its grace. Nothing is left in it.
	///
	/// # Errors
	/// [`DealError::NotActive`] if it has not ended, [`DealError::TooEarly`].
	pub fn close(&mut self, now: Tick, terms: &Terms) -> Result<Closed<Device>, DealError> {
		match self.stage {
			Stage::Ended { until, .. } if now < until => return Err(DealError::TooEarly),
			Stage::Ended { .. } => {}
			_ => return Err(DealError::NotActive),
		}
		let unearned = self.escrow.amount().saturating_sub(self.fine_of_failing(terms));
		self.escrow.pour(&mut self.reserve, unearned)?;
		let burned = self.escrow.take_all();
		let owner = self.reserve.take_all();
		let collateral = self.collateral;
		let holdings = self.slots.iter_mut().filter_map(|slot| slot.holding.take());
		let devices = holdings.map(|holding| departed(holding, collateral)).collect();
		Ok(Closed { owner, burned, devices })
	}
}

fn departed<Device>(mut holding: Holding<Device>, collateral: Balance) -> Departed<Device> {
	Departed {
		device: holding.device,
		pay: holding.accrued.take_all(),
		collateral,
	}
}
