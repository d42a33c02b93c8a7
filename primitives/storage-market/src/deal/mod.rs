//! A deal from its opening to its end: what there is, and what time does to it.

mod holding;
mod money;
mod placing;
mod predicate;
mod slot;

pub use holding::{Lost, Proven};
pub use money::{Closed, Departed};
pub use placing::Confirmed;
pub use predicate::DealProven;
pub use slot::{DealSlot, Drawn, Holding, STALLED};

use crate::{DealError, Geometry, Order, Quote, SlotAt, Terms, Times, MAX_SLOTS};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use market_primitives::{Balance, Price, Purse, Rent, Tick};
use scale_info::TypeInfo;

/// Who chose the devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Kind {
	/// The beacon did: its work counts for issuance and competence.
	#[codec(index = 0)]
	Beacon,
	/// The owner did: it counts for nothing. What is lost the beacon draws anew.
	#[codec(index = 1)]
	Chosen,
}

/// Why a deal has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Why {
	/// Not every slot found a device.
	#[codec(index = 0)]
	Unplaced,
	/// Too few slots were confirmed.
	#[codec(index = 1)]
	Failed,
	/// The owner gave it up before it began.
	#[codec(index = 2)]
	GivenUp,
	/// Fewer slots were left than suffice.
	#[codec(index = 3)]
	Lost,
	/// The owner ended it early.
	#[codec(index = 4)]
	Terminated,
	/// Its time was over.
	#[codec(index = 5)]
	Expired,
}

/// Where a deal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Stage {
	/// Devices are drawn.
	#[codec(index = 0)]
	Placing {
		/// The last tick for it.
		until: Tick,
	},
	/// The owner uploads, and devices confirm.
	#[codec(index = 1)]
	Uploading {
		/// The last tick for it.
		until: Tick,
	},
	/// It is held, audited, paid and repaired.
	#[codec(index = 2)]
	Active,
	/// It is over.
	#[codec(index = 3)]
	Ended {
		/// Why.
		why: Why,
		/// From this tick on it can be closed. Until then vouchers are redeemed; what has run to its end can be fetched
		/// and proven.
		until: Tick,
	},
}

/// What time alone has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
	/// It has begun, with some slots to be repaired.
	Activated,
	/// It has ended.
	Ended(Why),
}

/// The slots of a deal.
pub type Slots<Device> = BoundedVec<DealSlot<Device>, ConstU32<MAX_SLOTS>>;

/// A deal. Its money is in its purses; collateral is held where its devices' owners have it, one for each slot held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Deal<Account, Device> {
	/// Whose data it is.
	pub owner: Account,
	/// Who chose the devices.
	pub kind: Kind,
	/// What was ordered. An extension adds eras to it.
	pub order: Order,
	/// Where it stands.
	pub stage: Stage,
	/// The tick at which what is paid for ends; 0 before it is active.
	pub ends: Tick,
	/// The tick up to which its work counts for issuance and competence: that of the time that was ordered before its
	/// devices were drawn. What was added later had no draw. 0 before it is active.
	pub counts_to: Tick,
	/// What a repair of one slot is worth, in planck.
	#[codec(compact)]
	pub repair: Balance,
	/// What each device has left for its slot, in planck.
	#[codec(compact)]
	pub collateral: Balance,
	/// Pay that nobody has earned yet.
	pub escrow: Purse,
	/// What repairs are paid out of.
	pub reserve: Purse,
	/// Whether the owner has committed the roots.
	pub rooted: bool,
	/// How many draws the owner has undone.
	pub redraws: u8,
	/// The slots.
	pub slots: Slots<Device>,
}

// Not derived: what is derived leaves out that a compact number may take a byte more than the number.
impl<Account: MaxEncodedLen, Device: MaxEncodedLen> MaxEncodedLen for Deal<Account, Device> {
	fn max_encoded_len() -> usize {
		[
			Account::max_encoded_len(),
			Kind::max_encoded_len(),
			Order::max_encoded_len(),
			Stage::max_encoded_len(),
			Tick::max_encoded_len().saturating_mul(2),
			Compact::<Balance>::max_encoded_len().saturating_mul(2),
			Purse::max_encoded_len().saturating_mul(2),
			bool::max_encoded_len(),
			u8::max_encoded_len(),
			Slots::<Device>::max_encoded_len(),
		]
		.into_iter()
		.fold(0, usize::saturating_add)
	}
}

impl<Account, Device: Clone + PartialEq> Deal<Account, Device> {
	/// Opens a deal, for which [`Quote::total`] was taken from the owner. Returns what it was quoted, too.
	///
	/// # Errors
	/// Those of [`Quote::of`].
	pub fn open(
		owner: Account,
		kind: Kind,
		order: Order,
		now: Tick,
		terms: &Terms,
	) -> Result<(Self, Quote), DealError> {
		let quote = Quote::of(&order, terms)?;
		let slots: Vec<DealSlot<Device>> = (0..order.geometry.slots).map(|_| DealSlot::waiting()).collect();
		let deal = Self {
			owner,
			kind,
			order,
			stage: Stage::Placing {
				until: now.saturating_add(terms.times.placing),
			},
			ends: 0,
			counts_to: 0,
			repair: quote.repair,
			collateral: quote.collateral,
			escrow: Purse::holding(quote.pay),
			reserve: Purse::holding(quote.reserve),
			rooted: false,
			redraws: 0,
			slots: slots.try_into().map_err(|_| DealError::BadGeometry)?,
		};
		Ok((deal, quote))
	}

	/// What time alone does at a tick: nothing before a time is over. Called again it does nothing more.
	pub fn due(&mut self, now: Tick, terms: &Terms) -> Option<Turn> {
		match self.stage {
			Stage::Placing { until } if now > until => Some(self.end(Why::Unplaced, now)),
			Stage::Uploading { until } if now > until => {
				if self.holders() < self.geometry().to_begin() {
					let until = self.early_until(now, &terms.times);
					return Some(self.end(Why::Failed, until));
				}
				self.activate(now, terms);
				Some(Turn::Activated)
			}
			Stage::Active if now >= self.ends => {
				let until = self.ends.saturating_add(terms.times.grace);
				Some(self.end(Why::Expired, until))
			}
			_ => None,
		}
	}

	/// How it lies on slots.
	pub const fn geometry(&self) -> &Geometry {
		&self.order.geometry
	}

	/// How many slots are held, suspects among them.
	pub fn holders(&self) -> u32 {
		self.count(|_| true)
	}

	/// How many slots can be relied on.
	pub fn usable(&self) -> u32 {
		self.count(Holding::usable)
	}

	/// How long a suspect of this deal may be silent now.
	pub fn patience(&self, times: &Times) -> Tick {
		times.patience(self.usable(), u32::from(self.geometry().enough))
	}

	/// Whether it is looked at each era: one of its slots is held by a suspect, or waits for another device.
	pub fn is_strained(&self) -> bool {
		let at_rest = |holding: &Holding<Device>| holding.usable() && !holding.leaving;
		matches!(self.stage, Stage::Active) && self.count(at_rest) < u32::from(self.geometry().slots)
	}

	/// Whether a suspect is in it, or a slot has nobody: then it is not known how much of it there still is.
	pub fn is_hurt(&self) -> bool {
		matches!(self.stage, Stage::Active) && self.usable() < u32::from(self.geometry().slots)
	}

	/// Whether a slot wants a device now.
	pub fn wants_draw(&self, at: SlotAt) -> bool {
		let open = !matches!(self.stage, Stage::Ended { .. });
		open && self.slot(at).is_ok_and(DealSlot::wants_draw)
	}

	/// Whether it is the owner who chooses a device for a slot that wants one: until the deal has begun, if it is of
	/// that kind.
	pub fn is_chosen_for(&self) -> bool {
		let begins = matches!(self.stage, Stage::Placing { .. } | Stage::Uploading { .. });
		begins && matches!(self.kind, Kind::Chosen)
	}

	/// The devices that hold a slot or were drawn for one.
	pub fn devices(&self) -> impl Iterator<Item = &Device> {
		self.slots.iter().flat_map(|slot| {
			let holder = slot.holding.as_ref().map(|holding| &holding.device);
			let drawn = slot.drawn.as_ref().map(|drawn| &drawn.device);
			holder.into_iter().chain(drawn)
		})
	}

	/// What lies in its purses, in planck; collateral does not.
	pub fn holds(&self) -> Balance {
		let own = self.escrow.amount().saturating_add(self.reserve.amount());
		let holdings = self.slots.iter().filter_map(|slot| slot.holding.as_ref());
		holdings.fold(own, |sum, holding| sum.saturating_add(holding.accrued.amount()))
	}

	/// A slot.
	///
	/// # Errors
	/// [`DealError::NoSuchSlot`].
	pub fn slot(&self, at: SlotAt) -> Result<&DealSlot<Device>, DealError> {
		let index = usize::try_from(at).map_err(|_| DealError::NoSuchSlot)?;
		self.slots.get(index).ok_or(DealError::NoSuchSlot)
	}

	fn count(&self, which: impl Fn(&Holding<Device>) -> bool) -> u32 {
		let held = self.slots.iter().filter_map(|slot| slot.holding.as_ref());
		// At most as many as there are slots.
		u32::try_from(held.filter(|holding| which(holding)).count()).unwrap_or(MAX_SLOTS)
	}

	/// Counts what a slot of this deal earns at an ask.
	fn rent(&self, ask: Price, terms: &Terms) -> Rent {
		Rent {
			price: ask,
			bytes: self.geometry().slot_len(),
			era: terms.era,
		}
	}

	/// It begins: whoever holds a slot is paid from now on, and what nobody has confirmed is to be repaired.
	fn activate(&mut self, now: Tick, terms: &Terms) {
		self.stage = Stage::Active;
		self.ends = now.saturating_add(self.order.eras.saturating_mul(terms.era));
		self.counts_to = self.ends;
		for slot in &mut self.slots {
			match &mut slot.holding {
				Some(holding) => {
					holding.since = now;
					holding.proven_to = now;
				}
				None => slot.fail(),
			}
		}
	}

	/// From which tick on it can be closed if it ends early now: whoever has a slot redeems what it was promised for
	/// giving it out before that.
	fn early_until(&self, now: Tick, times: &Times) -> Tick {
		if self.holders() == 0 {
			return now;
		}
		now.saturating_add(times.to_redeem())
	}

	/// It ends: nobody is drawn any more.
	fn end(&mut self, why: Why, until: Tick) -> Turn {
		self.stage = Stage::Ended { why, until };
		for slot in &mut self.slots {
			slot.drawn = None;
		}
		Turn::Ended(why)
	}
}

/// A slot, to be changed.
fn slot_mut<Device>(slots: &mut Slots<Device>, at: SlotAt) -> Result<&mut DealSlot<Device>, DealError> {
	let index = usize::try_from(at).map_err(|_| DealError::NoSuchSlot)?;
	slots.get_mut(index).ok_or(DealError::NoSuchSlot)
}

/// What a device holds of a slot, to be changed.
fn held_by<'a, Device: PartialEq>(
	slots: &'a mut Slots<Device>,
	at: SlotAt,
	device: &Device,
) -> Result<&'a mut Holding<Device>, DealError> {
	let holding = slot_mut(slots, at)?.holding.as_mut();
	holding
		.filter(|holding| holding.device == *device)
		.ok_or(DealError::NotHeld)
}
