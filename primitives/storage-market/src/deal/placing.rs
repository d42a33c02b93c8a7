//! Devices are drawn for slots, and confirm that they hold them: at first, and in a repair.

use super::{slot_mut, Deal, Departed, Kind, Stage};
use crate::{DealError, Drawn, Hash, Holding, Price, SlotAt, Terms};
use market_primitives::{Balance, Tick};

/// A device holds a slot from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed<Device> {
	/// What is to be held of it, in planck. The call is refused if it does not have that.
	pub collateral: Balance,
	/// What it gets at once for the repair, in planck.
	pub repaired: Balance,
	/// What the market's pool is to add to that, in planck, as far as it has it: if the draw was one that counts.
	pub short: Balance,
	/// Who has left for it.
	pub left: Option<Departed<Device>>,
	/// Whether the deal has begun with it.
	pub activated: bool,
}

impl<Account, Device: Clone + PartialEq> Deal<Account, Device> {
	/// A device was drawn for a slot. `fair`: of the tickets that were looked at, enough met the terms. With the last
	/// slot of a new deal, the owner can upload: for as long as that takes, and no longer than it pays for, if that is
	/// more than the least time, for whoever is drawn keeps the room free.
	///
	/// # Errors
	/// [`DealError::NotWanted`], [`DealError::PriceAboveMax`], [`DealError::AlreadyHere`], [`DealError::TooLate`] or
	/// [`DealError::NoSuchSlot`].
	pub fn place(
		&mut self,
		at: SlotAt,
		device: Device,
		ask: Price,
		fair: bool,
		now: Tick,
		terms: &Terms,
	) -> Result<(), DealError> {
		let until = match self.stage {
			Stage::Placing { until } | Stage::Uploading { until } if now > until => return Err(DealError::TooLate),
			Stage::Active if now >= self.ends => return Err(DealError::TooLate),
			Stage::Placing { .. } => {
				let paid = self.order.eras.saturating_mul(terms.era).max(terms.times.upload);
				now.saturating_add(terms.times.to_upload(self.geometry()).min(paid))
			}
			Stage::Uploading { until } => until,
			Stage::Active => now.saturating_add(terms.times.to_repair(self.geometry())),
			Stage::Ended { .. } => return Err(DealError::NotActive),
		};
		if !self.slot(at)?.wants_draw() {
			return Err(DealError::NotWanted);
		}
		if ask > self.order.max_ask {
			return Err(DealError::PriceAboveMax);
		}
		if self.devices().any(|present| *present == device) {
			return Err(DealError::AlreadyHere);
		}
		let counts = fair && self.may_count(at, ask, now, terms);
		slot_mut(&mut self.slots, at)?.drawn = Some(Drawn {
			device,
			ask,
			until,
			counts,
		});
		let complete = self.slots.iter().all(|slot| slot.drawn.is_some());
		if complete && matches!(self.stage, Stage::Placing { .. }) {
			self.stage = Stage::Uploading { until };
		}
		Ok(())
	}

	/// Whether what a device does for a slot counts, if it is drawn now and fairly: by the beacon, within the time that
	/// was ordered first, and for a price that is one. After a draw that came to nothing none counts, whoever undid it
	/// or did not confirm: whoever draws until it pleases gains nothing by it.
	fn may_count(&self, at: SlotAt, ask: Price, now: Tick, terms: &Terms) -> bool {
		let first = self.slot(at).is_ok_and(|slot| slot.failures == 0);
		let ordered = !matches!(self.stage, Stage::Active) || now < self.counts_to;
		matches!(self.kind, Kind::Beacon) && first && ordered && ask >= terms.least_ask()
	}

	/// The owner commits the roots, once. From here on a repair needs no owner. No two slots have the same root: one
	/// copy would answer for both.
	///
	/// # Errors
	/// [`DealError::NotActive`], [`DealError::HasRoots`], [`DealError::WrongLength`] or [`DealError::RootTwice`].
	pub fn commit_roots(&mut self, roots: &[Hash]) -> Result<(), DealError> {
		if !matches!(self.stage, Stage::Uploading { .. }) {
			return Err(DealError::NotActive);
		}
		if self.rooted {
			return Err(DealError::HasRoots);
		}
		if roots.len() != self.slots.len() {
			return Err(DealError::WrongLength);
		}
		let before = |at: usize| roots.get(..at).unwrap_or_default();
		if (0..).zip(roots).any(|(at, root)| before(at).contains(root)) {
			return Err(DealError::RootTwice);
		}
		for (slot, root) in self.slots.iter_mut().zip(roots) {
			slot.root = *root;
		}
		self.rooted = true;
		Ok(())
	}

	/// The owner does not reach a device that was drawn: the next beacon draws another one, whose work counts for
	/// nothing.
	///
	/// # Errors
	/// [`DealError::NotActive`], [`DealError::TooManyRedraws`], [`DealError::NotOffered`] or [`DealError::NoSuchSlot`].
	pub fn redraw(&mut self, at: SlotAt) -> Result<(), DealError> {
		if !matches!(self.stage, Stage::Uploading { .. }) {
			return Err(DealError::NotActive);
		}
		let slot = slot_mut(&mut self.slots, at)?;
		if slot.drawn.is_none() {
			return Err(DealError::NotOffered);
		}
		if self.redraws >= self.order.geometry.slots {
			return Err(DealError::TooManyRedraws);
		}
		slot.fail();
		self.redraws = self.redraws.saturating_add(1);
		Ok(())
	}

	/// A device has shown by openings that it holds the slot that it was drawn for.
	///
	/// # Errors
	/// [`DealError::NoRoots`], [`DealError::NotOffered`], [`DealError::TooLate`], [`DealError::NotActive`] or
	/// [`DealError::NoSuchSlot`].
	pub fn confirm(
		&mut self,
		at: SlotAt,
		device: &Device,
		now: Tick,
		terms: &Terms,
	) -> Result<Confirmed<Device>, DealError> {
		let active = match self.stage {
			Stage::Uploading { until } if now > until => return Err(DealError::TooLate),
			Stage::Active if now >= self.ends => return Err(DealError::TooLate),
			Stage::Uploading { .. } => false,
			Stage::Active => true,
			Stage::Placing { .. } | Stage::Ended { .. } => return Err(DealError::NotActive),
		};
		if !self.rooted {
			return Err(DealError::NoRoots);
		}
		let slot = slot_mut(&mut self.slots, at)?;
		let drawn = slot.drawn.as_ref().filter(|drawn| drawn.device == *device);
		let drawn = drawn.ok_or(DealError::NotOffered)?.clone();
		let counts = drawn.counts;
		if active && now > drawn.until {
			return Err(DealError::TooLate);
		}
		slot.drawn = None;
		slot.failures = 0;
		let before = slot.holding.replace(Holding::begin(drawn, now));
		let mut confirmed = Confirmed {
			collateral: self.collateral,
			repaired: 0,
			short: 0,
			left: None,
			activated: false,
		};
		match before {
			Some(leaver) => {
				let left = self.depart(leaver);
				confirmed.repaired = self.collateral.saturating_sub(left.collateral);
				confirmed.left = Some(left);
			}
			None if active => {
				confirmed.repaired = self.reserve.take_up_to(self.repair);
				// The pool is all customers': nobody has it pay for what it has left open, to a device of its own.
				if counts {
					confirmed.short = self.repair.saturating_sub(confirmed.repaired);
				}
			}
			None if self.holders() == u32::from(self.order.geometry.slots) => {
				self.activate(now, terms);
				confirmed.activated = true;
			}
			None => {}
		}
		Ok(confirmed)
	}

	/// A device that was drawn for a repair has not confirmed in time. Returns whether the slot waits for the next era
	/// now.
	///
	/// # Errors
	/// [`DealError::NotActive`], [`DealError::NotOffered`], [`DealError::TooEarly`] or [`DealError::NoSuchSlot`].
	pub fn expire_draw(&mut self, at: SlotAt, now: Tick) -> Result<bool, DealError> {
		if !matches!(self.stage, Stage::Active) {
			return Err(DealError::NotActive);
		}
		let slot = slot_mut(&mut self.slots, at)?;
		let until = slot.drawn.as_ref().ok_or(DealError::NotOffered)?.until;
		if now <= until {
			return Err(DealError::TooEarly);
		}
		slot.fail();
		Ok(slot.stalled())
	}

	/// Nobody could be drawn for a slot. Returns whether it waits for the next era now.
	///
	/// # Errors
	/// [`DealError::NotWanted`] or [`DealError::NoSuchSlot`].
	pub fn draw_failed(&mut self, at: SlotAt) -> Result<bool, DealError> {
		if !self.wants_draw(at) {
			return Err(DealError::NotWanted);
		}
		let slot = slot_mut(&mut self.slots, at)?;
		slot.fail();
		Ok(slot.stalled())
	}

	/// Whoever leaves pays for what its successor fetches of it: one slot of as many as suffice for a repair.
	fn depart(&self, leaver: Holding<Device>) -> Departed<Device> {
		let enough = Balance::from(self.order.geometry.enough);
		let handover = self.repair.checked_div(enough).unwrap_or(self.repair);
		Departed {
			device: leaver.device,
			pay: leaver.accrued.amount(),
			collateral: self.collateral.saturating_sub(handover),
		}
	}
}
