//! Offers, and the tickets by which devices are drawn.

use crate::{
	Config, Error, Event, InUse, Offering, Offers, Pallet, TicketCount, Tickets, TicketsAt, MAX_TICKETS, TICKET_BYTES,
};
use device_primitives::DeviceId;
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use pallet_traits::{Devices, ProvenSpace};
use sp_runtime::Perbill;
use storage_market_primitives::Price;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_offer(
		who: T::AccountId,
		device: DeviceId,
		ask: Price,
		capacity: u64,
		max_slot: u64,
	) -> DispatchResult {
		let known = T::Devices::device(&device).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(known.owner == who && known.active, Error::<T>::NotYours);
		let before = Offers::<T>::get(device);
		let used = before.as_ref().map_or(0, |offer| offer.used);
		// Collateral and pay of slots that it holds are of who offered it.
		let same = before.as_ref().is_none_or(|offer| offer.owner == who);
		ensure!(same || used == 0, Error::<T>::StillHolds);
		let group = T::Devices::endpoints(&device)
			.first()
			.and_then(|endpoint| endpoint.network_group());
		let offer = Offering {
			owner: who,
			group: group.filter(|_| T::Groups::get()),
			ask,
			capacity,
			used,
			kept: before.as_ref().map_or(0, |offer| offer.kept),
			max_slot,
			score: before.as_ref().map_or(Perbill::one(), |offer| offer.score),
			tickets: 0,
		};
		let free = capacity.saturating_sub(used).min(T::Space::bytes(&device));
		// A device with less than a ticket's bytes has one, if it has any.
		let tickets = free.div_ceil(TICKET_BYTES).min(MAX_TICKETS.into());
		Self::set_tickets(&device, offer, u32::try_from(tickets).unwrap_or(MAX_TICKETS));
		Self::deposit_event(Event::OfferSet(device, ask, capacity));
		Ok(())
	}

	/// It takes no new slots. An offer without a slot is forgotten.
	pub(crate) fn do_withdraw_offer(who: &T::AccountId, device: DeviceId) -> DispatchResult {
		let offer = Offers::<T>::get(device).ok_or(Error::<T>::NoOffer)?;
		ensure!(offer.owner == *who, Error::<T>::NotYours);
		let used = offer.used;
		Self::set_tickets(&device, offer, 0);
		if used == 0 {
			Offers::<T>::remove(device);
		}
		Self::deposit_event(Event::OfferWithdrawn(device));
		Ok(())
	}

	/// Writes an offer with so many tickets: those of before go first.
	fn set_tickets(device: &DeviceId, mut offer: Offering<T::AccountId>, tickets: u32) {
		let before = Offers::<T>::get(device).map_or(0, |offer| offer.tickets);
		for number in 0..before {
			Self::remove_ticket(device, number);
		}
		for number in 0..tickets {
			let index = TicketCount::<T>::get();
			Tickets::<T>::insert(index, (device, number));
			TicketsAt::<T>::insert((device, number), index);
			TicketCount::<T>::put(index.saturating_add(1));
		}
		offer.tickets = tickets;
		Offers::<T>::insert(device, offer);
	}

	/// The last ticket takes the place of one that goes.
	fn remove_ticket(device: &DeviceId, number: u32) {
		let Some(index) = TicketsAt::<T>::take((device, number)) else {
			return;
		};
		let last = TicketCount::<T>::get().saturating_sub(1);
		if let Some(moved) = Tickets::<T>::take(last).filter(|_| last != index) {
			Tickets::<T>::insert(index, moved);
			TicketsAt::<T>::insert(moved, index);
		}
		TicketCount::<T>::put(last);
	}

	/// A device has more or fewer bytes in slots that count.
	pub(crate) fn keep_bytes(device: &DeviceId, more: u64, less: u64) {
		Offers::<T>::mutate(device, |offer| {
			if let Some(offer) = offer {
				offer.kept = offer.kept.saturating_add(more).saturating_sub(less);
			}
		});
		InUse::<T>::mutate(|bytes| *bytes = bytes.saturating_add(more.into()).saturating_sub(less.into()));
	}

	/// A device has more or fewer bytes in slots.
	pub(crate) fn use_bytes(device: &DeviceId, more: u64, less: u64) {
		Offers::<T>::mutate(device, |offer| {
			if let Some(offer) = offer {
				offer.used = offer.used.saturating_add(more).saturating_sub(less);
			}
		});
	}
}
