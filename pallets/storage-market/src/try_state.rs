//! What must hold between blocks.

use crate::{
	Active, ActiveAt, ActiveCount, Config, Deals, HoldReason, InUse, LastDeal, Offers, Pallet, Places, Pool, Queue, QueueHead,
	QueueTail, Strained, StrainedAt, StrainedCount, TicketCount, Tickets, TicketsAt, Unpaid,
};
use alloc::collections::BTreeMap;
use device_primitives::DeviceId;
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::TryRuntimeError;
use storage_market_primitives::{Balance, Stage};

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut money: Balance = Pool::<T>::get();
		let (mut used, mut places) = (BTreeMap::<DeviceId, u64>::new(), 0_usize);
		let mut kept = BTreeMap::<DeviceId, u64>::new();
		let (mut audited, mut strained) = (0_u32, 0_u32);
		for (id, deal) in Deals::<T>::iter() {
			ensure!(id > 0 && id <= LastDeal::<T>::get(), "numbers count from 1");
			let collateral = deal.collateral.saturating_mul(deal.holders().into());
			money = money.saturating_add(deal.holds()).saturating_add(collateral);
			for device in deal.devices() {
				let bytes = used.entry(*device).or_default();
				*bytes = bytes.saturating_add(deal.geometry().slot_len());
				let at = Places::<T>::get(device, id).ok_or("who has a slot is found by it")?;
				let slot = deal.slot(at).map_err(|_| "a place is a slot")?;
				let holds = slot.holding.as_ref().is_some_and(|holding| holding.device == *device);
				let drawn = slot.drawn.as_ref().is_some_and(|drawn| drawn.device == *device);
				ensure!(holds || drawn, "a place is where the device has its slot");
				places = places.saturating_add(1);
			}
			if deal.is_strained() {
				let at = StrainedAt::<T>::get(id).ok_or("what is strained is looked at")?;
				ensure!(
					Strained::<T>::get(at) == Some(id),
					"a strained deal is where it is said to be"
				);
				strained = strained.saturating_add(1);
			}
			if !matches!(deal.stage, Stage::Active) {
				continue;
			}
			for (slot, at) in deal.slots.iter().zip(0_u32..) {
				let Some(holding) = &slot.holding else { continue };
				let index = ActiveAt::<T>::get((id, at)).ok_or("what is held is audited")?;
				let place = Active::<T>::get(index).ok_or("what is audited is where it is said to be")?;
				let same = (place.deal, place.slot, place.device) == (id, at, holding.device);
				ensure!(same, "who holds a slot is audited for it");
				audited = audited.saturating_add(1);
				if holding.counts && holding.usable() {
					let bytes = kept.entry(holding.device).or_default();
					*bytes = bytes.saturating_add(deal.geometry().slot_len());
				}
			}
		}
		ensure!(audited == ActiveCount::<T>::get(), "nothing else is audited");
		ensure!(strained == StrainedCount::<T>::get(), "nothing else is strained");
		for amount in Unpaid::<T>::iter_values() {
			money = money.saturating_add(amount);
		}
		let held = T::Currency::balance_on_hold(&HoldReason::Deal.into(), &Self::pot());
		ensure!(held == money, "what the pot holds is the money of deals");
		Self::check_offers(&used, &kept)?;
		ensure!(Places::<T>::iter_keys().count() == places, "nobody else has a place");
		for number in QueueHead::<T>::get()..QueueTail::<T>::get() {
			ensure!(Queue::<T>::contains_key(number), "the queue has no gap");
		}
		Ok(())
	}

	fn check_offers(used: &BTreeMap<DeviceId, u64>, kept: &BTreeMap<DeviceId, u64>) -> Result<(), TryRuntimeError> {
		let all = kept.values().fold(0_u128, |sum, bytes| sum.saturating_add((*bytes).into()));
		ensure!(InUse::<T>::get() == all, "what is in use is what is kept and counts");
		let mut tickets = 0_u32;
		for (device, offer) in Offers::<T>::iter() {
			let bytes = used.get(&device).copied().unwrap_or(0);
			ensure!(offer.used == bytes, "what is used is what deals have there");
			let bytes = kept.get(&device).copied().unwrap_or(0);
			ensure!(offer.kept == bytes, "what counts is what is held, proven and drawn");
			for number in 0..offer.tickets {
				let at = TicketsAt::<T>::get((device, number)).ok_or("an offer has its tickets")?;
				ensure!(
					Tickets::<T>::get(at) == Some((device, number)),
					"a ticket is where it is said to be"
				);
			}
			tickets = tickets.saturating_add(offer.tickets);
		}
		for device in used.keys() {
			ensure!(Offers::<T>::contains_key(device), "who has a slot has an offer");
		}
		ensure!(tickets == TicketCount::<T>::get(), "nobody else has tickets");
		Ok(())
	}
}
