//! Deals, and what is kept beside them so that nothing has to be searched: slots to be audited, slots to be drawn for,
//! deals to be looked at each era, bytes in use.

use crate::{
	pallet::DealOf, Claims, Config, Deals, Error, Event, Kept, KeyBox, KeyBoxes, LastDeal, LookedAt, Offers, Pallet,
	Place, Places, Roots, Strained, StrainedAt, StrainedCount, Till, Tills, Waiting, WeightInfo, MAX_BOXES, MAX_LOOKS,
};
use alloc::vec::Vec;
use device_primitives::DeviceId;
use frame_support::{dispatch::DispatchResult, ensure, traits::Get, weights::Weight, BoundedVec};
use market_primitives::{part_down, Tab};
use pallet_traits::{Beacon, MarketClock};
use storage_market_primitives::{
	Balance, Deal, DealError, DealId, Kind, Lost, Order, SlotAt, Stage, Tick, Turn, MAX_SLOTS,
};

/// What is kept beside a deal, as it follows from the deal.
#[derive(Default)]
struct Beside {
	/// Devices that hold a slot or were drawn for one, and which.
	devices: Vec<(DeviceId, SlotAt)>,
	/// Those that hold one, are no suspects, and got it by the beacon.
	keepers: Vec<DeviceId>,
	/// Who is audited for each slot.
	audited: Vec<Option<DeviceId>>,
	/// Which slots want a draw.
	wanted: Vec<bool>,
	/// Whether it is looked at each era.
	strained: bool,
	/// Whether it is over.
	ended: bool,
}

impl Beside {
	fn of<AccountId>(deal: &Deal<AccountId, DeviceId>) -> Self {
		let active = matches!(deal.stage, Stage::Active);
		let ended = matches!(deal.stage, Stage::Ended { .. });
		let drawn_for = !ended && !deal.is_chosen_for();
		let audited = (0..SlotAt::from(deal.geometry().slots)).map(|at| deal.audited(at).copied());
		let slots = || deal.slots.iter().zip(0_u32..);
		let holders = slots().filter_map(|(slot, at)| slot.holding.as_ref().map(|holding| (holding.device, at)));
		let drawn = slots().filter_map(|(slot, at)| slot.drawn.as_ref().map(|drawn| (drawn.device, at)));
		let holdings = deal.slots.iter().filter_map(|slot| slot.holding.as_ref());
		let keepers = holdings.filter(|holding| active && holding.counts && holding.usable());
		Self {
			devices: holders.chain(drawn).collect(),
			keepers: keepers.map(|holding| holding.device).collect(),
			audited: audited.collect(),
			// What has stalled is looked for again when its deal has its turn.
			wanted: deal
				.slots
				.iter()
				.map(|slot| drawn_for && slot.wants_draw() && !(active && slot.stalled()))
				.collect(),
			strained: active && deal.is_strained(),
			ended,
		}
	}
}

/// What looking at a deal has led to.
struct Tended {
	turn: Option<Turn>,
	lost: Vec<(SlotAt, Lost<DeviceId>)>,
}

impl<T: Config> Pallet<T> {
	/// Changes a deal, and what is kept beside it. Refused, nothing has changed.
	pub(crate) fn change<R>(
		id: DealId,
		change: impl FnOnce(&mut DealOf<T>) -> Result<R, DealError>,
	) -> Result<R, Error<T>> {
		let mut deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		let before = Beside::of(&deal);
		let changed = change(&mut deal)?;
		Self::keep_beside(id, deal.geometry().slot_len(), &before, &Beside::of(&deal));
		Deals::<T>::insert(id, deal);
		Ok(changed)
	}

	fn keep_beside(id: DealId, slot_len: u64, before: &Beside, after: &Beside) {
		// No device has two slots of a deal, and none changes its slot.
		for (device, _) in before.devices.iter().filter(|place| !after.devices.contains(place)) {
			Self::use_bytes(device, 0, slot_len);
			Places::<T>::remove(device, id);
		}
		for (device, slot) in after.devices.iter().filter(|place| !before.devices.contains(place)) {
			Self::use_bytes(device, slot_len, 0);
			Places::<T>::insert(device, id, slot);
		}
		for device in before.keepers.iter().filter(|device| !after.keepers.contains(device)) {
			Self::keep_bytes(device, 0, slot_len);
		}
		for device in after.keepers.iter().filter(|device| !before.keepers.contains(device)) {
			Self::keep_bytes(device, slot_len, 0);
		}
		let slots = before.audited.len().max(after.audited.len());
		for (at, slot) in (0..slots).zip(0_u32..) {
			let audited = |of: &Beside| of.audited.get(at).copied().flatten();
			if audited(before) != audited(after) {
				Self::audit_no_more(id, slot);
				if let Some(device) = audited(after) {
					Self::audit(Place { deal: id, slot, device });
				}
			} else if after.ended && !before.ended {
				Self::audit_again(id, slot);
			}
			let wanted = |of: &Beside| of.wanted.get(at).copied().unwrap_or(false);
			if wanted(after) && !wanted(before) {
				let turns = T::Beacon::turn_length().saturating_mul(2);
				let from = T::Clock::tick().saturating_add(turns);
				Self::queue(Waiting { deal: id, slot, from });
			}
		}
		match (before.strained, after.strained) {
			(false, true) => Self::strain(id),
			(true, false) => Self::relax(id),
			_ => {}
		}
	}

	fn strain(deal: DealId) {
		let index = StrainedCount::<T>::get();
		Strained::<T>::insert(index, deal);
		StrainedAt::<T>::insert(deal, index);
		StrainedCount::<T>::put(index.saturating_add(1));
	}

	fn relax(deal: DealId) {
		let Some(index) = StrainedAt::<T>::take(deal) else {
			return;
		};
		let last = StrainedCount::<T>::get().saturating_sub(1);
		if let Some(moved) = Strained::<T>::take(last).filter(|_| last != index) {
			Strained::<T>::insert(index, moved);
			StrainedAt::<T>::insert(moved, index);
		}
		StrainedCount::<T>::put(last);
	}

	pub(crate) fn do_open_deal(
		who: T::AccountId,
		order: Order,
		chosen: bool,
		egress: Balance,
		key_box: Option<KeyBox>,
	) -> DispatchResult {
		let (now, terms, slots) = (T::Clock::tick(), T::Terms::get(), order.geometry.slots);
		let kind = if chosen { Kind::Chosen } else { Kind::Beacon };
		ensure!(chosen || Self::queue_has_room(slots.into()), Error::<T>::QueueFull);
		let opened = Deal::open(who.clone(), kind, order, now, &terms);
		let (deal, quote) = opened.map_err(Error::<T>::from)?;
		let deposits = T::Deposits::get();
		let mut till = Till {
			deposit: deposits.of_deal(slots),
			tabs: BoundedVec::truncate_from((0..slots).map(|_| Tab::new(egress)).collect()),
			..Till::default()
		};
		if key_box.is_some() {
			till.add_box::<T>(deposits.key_box)?;
		}
		// A sum that has reached the end of numbers nobody has.
		let all = quote.total().saturating_add(till.holds());
		Self::put_in(&who, all)?;
		let id = LastDeal::<T>::get().checked_add(1).ok_or(Error::<T>::TooMuch)?;
		LastDeal::<T>::put(id);
		if let Some(key_box) = key_box {
			let deposit = deposits.key_box;
			KeyBoxes::<T>::insert(id, &who, Kept { key_box, deposit });
		}
		Tills::<T>::insert(id, till);
		Self::keep_beside(id, deal.geometry().slot_len(), &Beside::default(), &Beside::of(&deal));
		Deals::<T>::insert(id, deal);
		Self::deposit_event(Event::DealOpened(id, who, order, all));
		Ok(())
	}

	fn ensure_owner(who: &T::AccountId, deal: &DealOf<T>) -> Result<(), DealError> {
		// Whoever is not the owner sees a deal in a stage in which nothing is to be done.
		if deal.owner == *who {
			Ok(())
		} else {
			Err(DealError::NotActive)
		}
	}

	pub(crate) fn do_commit_roots(who: &T::AccountId, id: DealId, roots: &Roots) -> DispatchResult {
		Self::change(id, |deal| {
			Self::ensure_owner(who, deal)?;
			deal.commit_roots(roots)
		})?;
		Self::deposit_event(Event::RootsCommitted(id));
		Ok(())
	}

	pub(crate) fn do_redraw(who: &T::AccountId, id: DealId, slot: SlotAt) -> DispatchResult {
		Self::change(id, |deal| {
			Self::ensure_owner(who, deal)?;
			deal.redraw(slot)
		})?;
		Ok(())
	}

	pub(crate) fn do_extend(who: &T::AccountId, id: DealId, eras: u32) -> DispatchResult {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let cost = Self::change(id, |deal| deal.extend(eras, now, &terms))?;
		Self::put_in(who, cost)?;
		Self::deposit_event(Event::DealExtended(id, eras, cost));
		Ok(())
	}

	/// The owner gives it up, or ends it early.
	pub(crate) fn do_end_deal(who: &T::AccountId, id: DealId) -> DispatchResult {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let burned = Self::change(id, |deal| {
			Self::ensure_owner(who, deal)?;
			if matches!(deal.stage, Stage::Active) {
				return deal.terminate(now, &terms);
			}
			deal.give_up(now, &terms)
		})?;
		Self::burn(burned);
		Self::deposit_event(Event::DealEnded(id));
		Ok(())
	}

	/// Looks at what time has done to a deal. Nothing is refused but what there is not.
	pub(crate) fn do_tend(id: DealId) -> DispatchResult {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let tended = Self::change(id, |deal| {
			let turn = deal.due(now, &terms);
			let slots = SlotAt::from(deal.geometry().slots);
			let mut lost = Vec::new();
			for at in 0..slots {
				if deal.is_overdue(at, now, &terms.times) {
					lost.push((at, deal.lose(at, now, &terms.times)?));
				}
				// Most have no draw that is over.
				let _ = deal.expire_draw(at, now);
			}
			Ok(Tended { turn, lost })
		})?;
		Self::tell(id, &tended);
		Ok(())
	}

	fn tell(id: DealId, tended: &Tended) {
		for (slot, lost) in &tended.lost {
			Self::pay_device(&lost.device, lost.pay, 0);
			Self::take_no_more(&lost.device);
			Self::deposit_event(Event::SlotLost(id, *slot, lost.device));
			if lost.with_deal {
				Self::deposit_event(Event::DealLost(id));
			}
		}
		match tended.turn {
			Some(Turn::Activated) => Self::deposit_event(Event::DealActivated(id)),
			Some(Turn::Ended(_)) => Self::deposit_event(Event::DealEnded(id)),
			None => {}
		}
	}

	/// Whether time has brought something to a deal that nobody was told of.
	pub(crate) fn is_due(deal: &DealOf<T>, now: Tick) -> bool {
		match deal.stage {
			Stage::Placing { until } | Stage::Uploading { until } => now > until,
			Stage::Active => now >= deal.ends,
			Stage::Ended { .. } => false,
		}
	}

	/// Looks at some deals, one after the other, as long as there is weight, and tends those that are due.
	pub(crate) fn look_within(left: Weight) -> Weight {
		let each = T::WeightInfo::tend();
		let (now, last) = (T::Clock::tick(), LastDeal::<T>::get());
		let mut used = Weight::zero();
		for _ in 0..u64::from(MAX_LOOKS).min(last) {
			if !used.saturating_add(each).all_lte(left) {
				break;
			}
			used = used.saturating_add(each);
			let at = LookedAt::<T>::get();
			let id = if at < last { at.saturating_add(1) } else { 1 };
			LookedAt::<T>::put(id);
			if Deals::<T>::get(id).is_some_and(|deal| Self::is_due(&deal, now)) {
				// It is there.
				let _ = Self::do_tend(id);
			}
		}
		used
	}

	/// Slots of a deal whose turn it is, that have stalled, wait for one more draw: in a queue of their own, as far as
	/// that has room. So what nobody takes keeps nobody else from being drawn for, nor others it.
	pub(crate) fn wait_again(id: DealId, deal: &DealOf<T>, now: Tick) {
		for (slot, at) in deal.slots.iter().zip(0_u32..) {
			if slot.stalled() && slot.wants_draw() {
				Self::queue_again(Waiting {
					deal: id,
					slot: at,
					from: now,
				});
			}
		}
	}

	pub(crate) fn do_close(who: &T::AccountId, id: DealId) -> DispatchResult {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		let (owner, closed) = Self::change(id, |deal| Ok((deal.owner.clone(), deal.close(now, &terms)?)))?;
		Self::burn(closed.burned);
		Deals::<T>::remove(id);
		let till = Tills::<T>::take(id).unwrap_or_default();
		// There are no more of them than this.
		let _ = KeyBoxes::<T>::clear_prefix(id, MAX_BOXES, None);
		for device in &closed.devices {
			Self::pay_device(&device.device, device.pay, device.collateral);
		}
		let slots = u32::try_from(till.tabs.len()).unwrap_or(MAX_SLOTS);
		let tabs = till.holds().saturating_add(Self::end_former_tabs(id, slots));
		let back = closed.owner.saturating_add(tabs);
		let tip = part_down(back, T::Tip::get());
		Self::pay_out(who, tip);
		Self::pay_out(&owner, back.saturating_sub(tip));
		Self::deposit_event(Event::DealClosed(id, tip));
		Ok(())
	}

	pub(crate) fn do_claim(who: &T::AccountId, claims: &Claims) -> DispatchResult {
		let terms = T::Terms::get();
		for (id, slot) in claims {
			let device = Self::holder_of(who, *id, *slot)?;
			let (_, score) = Self::payee(&device).ok_or(Error::<T>::NoOffer)?;
			let split = Self::change(*id, |deal| deal.claim(*slot, &device, score, &terms))?;
			Self::pay_split(who, split);
			Self::deposit_event(Event::Claimed(*id, *slot, split.provider));
		}
		Ok(())
	}

	pub(crate) fn do_leave(who: &T::AccountId, id: DealId, slot: SlotAt) -> DispatchResult {
		let device = Self::holder_of(who, id, slot)?;
		Self::change(id, |deal| deal.leave(slot, &device))?;
		Ok(())
	}

	/// The device of this account that holds a slot.
	pub(crate) fn holder_of(who: &T::AccountId, id: DealId, slot: SlotAt) -> Result<DeviceId, Error<T>> {
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		let slot = deal.slot(slot)?;
		let device = slot.holding.as_ref().ok_or(Error::<T>::NotHeld)?.device;
		let offer = Offers::<T>::get(device).ok_or(Error::<T>::NoOffer)?;
		ensure!(offer.owner == *who, Error::<T>::NotYours);
		Ok(device)
	}
}
