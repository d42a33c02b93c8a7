//! Slots that are held: proven, missed, lost, left.

use super::{held_by, slot_mut, Deal, Stage, Why};
use crate::{DealError, SlotAt, Terms, Times};
use market_primitives::{storage_units, Balance, Tick};

/// A device has proven that it holds its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
	/// What it has earned by that, in planck.
	pub pay: Balance,
	/// Units of work that count for issuance and competence, with 32 fractional bits; 0 if they do not.
	pub units: u128,
	/// Whether it was a suspect, and is one no more.
	pub cleared: bool,
}

/// A slot was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost<Device> {
	/// Who held it.
	pub device: Device,
	/// What it has earned before and not claimed, in planck: that is its own.
	pub pay: Balance,
	/// Its collateral, in planck, which is now in the deal's reserve: it is to be taken of the device's owner.
	pub collateral: Balance,
	/// Whether the deal is lost with it.
	pub with_deal: bool,
}

impl<Account, Device: Clone + PartialEq> Deal<Account, Device> {
	/// Whose slot is audited: of an active deal every holder's, and of one whose time is over that of whoever has not
	/// been asked since. So the last stretch is proven too, or missed, once.
	pub fn audited(&self, at: SlotAt) -> Option<&Device> {
		let holding = self.slot(at).ok()?.holding.as_ref()?;
		let asked = match self.stage {
			Stage::Active => true,
			Stage::Ended { why: Why::Expired, .. } => holding.proven_to < self.ends,
			_ => false,
		};
		asked.then_some(&holding.device)
	}

	/// A device has proven that it held its slot until it was asked, at `asked`: it is paid since its last proof, or
	/// its last miss. In the time of grace it still proves what was paid for before.
	///
	/// # Errors
	/// [`DealError::NotActive`], [`DealError::NotHeld`], [`DealError::NoSuchSlot`], or if the pay is more than a
	/// balance holds.
	pub fn prove(
		&mut self,
		at: SlotAt,
		device: &Device,
		asked: Tick,
		now: Tick,
		terms: &Terms,
	) -> Result<Proven, DealError> {
		match self.stage {
			Stage::Active => {}
			Stage::Ended {
				why: Why::Expired,
				until,
			} if now < until => {}
			_ => return Err(DealError::NotActive),
		}
		let to = asked.min(self.ends);
		let counts_to = self.counts_to;
		let holding = held_by(&mut self.slots, at, device)?;
		let (ask, from, counts) = (holding.ask, holding.proven_to, holding.counts);
		let rent = self.rent(ask, terms);
		let earned = rent.between(from, to)?;
		let counted = to.min(counts_to).saturating_sub(from);
		let units = storage_units(rent.bytes, counted, terms.era)?;
		let holding = held_by(&mut self.slots, at, device)?;
		let pay = self.escrow.pour_up_to(&mut holding.accrued, earned);
		holding.proven_to = from.max(to);
		holding.counts = counts && to < counts_to;
		Ok(Proven {
			pay,
			units: if counts { units } else { 0 },
			cleared: holding.suspect.take().is_some(),
		})
	}

	/// A device has not answered in time what it was asked at `asked`: it loses its pay since its last proof up to
	/// then, and is a suspect from now on. Returns whether it was none before.
	///
	/// # Errors
	/// [`DealError::NotActive`], [`DealError::NotHeld`] or [`DealError::NoSuchSlot`].
	pub fn miss(&mut self, at: SlotAt, device: &Device, asked: Tick, now: Tick) -> Result<bool, DealError> {
		if !matches!(self.stage, Stage::Active | Stage::Ended { why: Why::Expired, .. }) {
			return Err(DealError::NotActive);
		}
		let to = asked.min(self.ends);
		let holding = held_by(&mut self.slots, at, device)?;
		// It has left since, and come back: that was asked of it as the holder that it was.
		if asked < holding.since {
			return Err(DealError::NotHeld);
		}
		holding.proven_to = holding.proven_to.max(to);
		holding.misses = holding.misses.saturating_add(1);
		let fresh = holding.suspect.is_none();
		holding.suspect.get_or_insert(now);
		Ok(fresh)
	}

	/// Whether a slot's device has been silent for longer than it may.
	pub fn is_overdue(&self, at: SlotAt, now: Tick, times: &Times) -> bool {
		let holding = self.slot(at).ok().and_then(|slot| slot.holding.as_ref());
		let since = holding.and_then(|holding| holding.suspect);
		let active = matches!(self.stage, Stage::Active) && now < self.ends;
		active && since.is_some_and(|since| now >= since.saturating_add(self.patience(times)))
	}

	/// A slot is lost: its device was silent for too long. Its collateral is in the reserve from now on, out of which
	/// the repair is paid; with too few slots left the deal is lost.
	///
	/// # Errors
	/// [`DealError::NotOverdue`], [`DealError::NotHeld`] or [`DealError::NoSuchSlot`].
	pub fn lose(&mut self, at: SlotAt, now: Tick, times: &Times) -> Result<Lost<Device>, DealError> {
		if !self.is_overdue(at, now, times) {
			return Err(DealError::NotOverdue);
		}
		let slot = slot_mut(&mut self.slots, at)?;
		if slot.holding.is_some() {
			self.reserve.put_in(self.collateral)?;
		}
		let mut holding = slot.holding.take().ok_or(DealError::NotHeld)?;
		slot.attempt = slot.attempt.saturating_add(1);
		let with_deal = self.holders() < u32::from(self.geometry().enough);
		if with_deal {
			let until = self.early_until(now, times);
			self.end(Why::Lost, until);
		}
		Ok(Lost {
			device: holding.device,
			pay: holding.accrued.take_all(),
			collateral: self.collateral,
			with_deal,
		})
	}

	/// A device wants to leave its slot. It holds it, and is paid and challenged, until another one has it.
	///
	/// # Errors
	/// [`DealError::NotActive`], [`DealError::NotHeld`] or [`DealError::NoSuchSlot`].
	pub fn leave(&mut self, at: SlotAt, device: &Device) -> Result<(), DealError> {
		if !matches!(self.stage, Stage::Active) {
			return Err(DealError::NotActive);
		}
		held_by(&mut self.slots, at, device)?.leaving = true;
		Ok(())
	}
}
