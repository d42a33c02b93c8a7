//! Offers, and the tickets by which devices are drawn.

use crate::{
	Config, Error, Event, HoldReason, InUse, Listed, ListedCount, Offering, Offers, Pallet, Plots, TicketCount,
	Tickets, TicketsAt, MAX_TICKETS, TICKET_BYTES,
};
use device_primitives::DeviceId;
use frame_support::{
	defensive_assert,
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use pallet_traits::{Devices, ProvenSpace};
use sp_runtime::Perbill;
use storage_market_primitives::Price;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_offer(
		who: T::AccountId,
		device: DeviceId,
		[ask, egress]: [Price; 2],
		capacity: u64,
		max_slot: u64,
	) -> DispatchResult {
		let known = T::Devices::device(&device).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(known.owner == who && known.active, Error::<T>::NotYours);
		let mut before = Offers::<T>::get(device);
		if let Some(offer) = before.as_ref().filter(|offer| offer.owner != who) {
			// Collateral and pay of slots that it holds are of who offered it.
			ensure!(offer.used == 0, Error::<T>::StillHolds);
			Self::forget_offer(&device);
			before = None;
		}
		let offered = before.as_ref().map_or(0, Offering::offered);
		let group = T::Devices::endpoints(&device)
			.first()
			.and_then(|endpoint| endpoint.network_group())
			.filter(|_| T::Groups::get());
		let offer = match before {
			Some(offer) => Offering {
				group,
				ask,
				egress,
				capacity,
				max_slot,
				..offer
			},
			None => {
				let deposit = T::Deposits::get().offer;
				T::Currency::hold(&HoldReason::Deposit.into(), &who, deposit)?;
				Offering {
					owner: who,
					group,
					ask,
					egress,
					capacity,
					used: 0,
					kept: 0,
					max_slot,
					score: Perbill::one(),
					tickets: 0,
					probes: false,
					evacuated: false,
					listed: Self::list(device),
					deposit,
				}
			}
		};
		Self::review_order(&device, offered, &offer);
		let free = capacity.saturating_sub(offer.used).min(T::Space::bytes(&device));
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
		Self::end_offer(&device, offer);
		Self::deposit_event(Event::OfferWithdrawn(device));
		Ok(())
	}

	pub(crate) fn do_offer_probes(who: &T::AccountId, device: DeviceId, on: bool) -> DispatchResult {
		Offers::<T>::try_mutate(device, |offer| -> Result<(), Error<T>> {
			let offer = offer.as_mut().ok_or(Error::<T>::NoOffer)?;
			ensure!(offer.owner == *who, Error::<T>::NotYours);
			offer.probes = on;
			Ok(())
		})?;
		Ok(())
	}

	/// A device takes no new slots. Its offer stays as long as it has one; its owner withdraws it again then.
	pub(crate) fn end_offer(device: &DeviceId, offer: Offering<T::AccountId>) {
		Plots::<T>::remove(device);
		let used = offer.used;
		let ended = Offering {
			capacity: 0,
			probes: false,
			..offer
		};
		Self::set_tickets(device, ended, 0);
		if used == 0 {
			Self::forget_offer(device);
		}
	}

	/// A device that was silent for so long that it has lost a slot is drawn for no other until its owner offers it
	/// anew: it is gone more often than not. Its tickets stay, for they are many, and are no looks: no room is behind
	/// them.
	pub(crate) fn take_no_more(device: &DeviceId) {
		Offers::<T>::mutate(device, |offer| {
			if let Some(offer) = offer {
				offer.capacity = 0;
			}
		});
	}

	/// Nothing is kept of an offer without tickets and slots.
	fn forget_offer(device: &DeviceId) {
		let Some(offer) = Offers::<T>::get(device) else { return };
		Self::set_tickets(device, offer.clone(), 0);
		Offers::<T>::remove(device);
		Plots::<T>::remove(device);
		Self::unlist(offer.listed);
		Self::forget_score(device);
		let reason = HoldReason::Deposit.into();
		let released = T::Currency::release(&reason, &offer.owner, offer.deposit, Precision::BestEffort);
		defensive_assert!(released.is_ok(), "what is held is there");
	}

	fn list(device: DeviceId) -> u32 {
		let index = ListedCount::<T>::get();
		Listed::<T>::insert(index, device);
		ListedCount::<T>::put(index.saturating_add(1));
		index
	}

	/// The last one takes the place of one that goes.
	fn unlist(index: u32) {
		let last = ListedCount::<T>::get().saturating_sub(1);
		if let Some(moved) = Listed::<T>::take(last).filter(|_| last != index) {
			Listed::<T>::insert(index, moved);
			Offers::<T>::mutate(moved, |offer| {
				if let Some(offer) = offer {
					offer.listed = index;
				}
			});
		}
		ListedCount::<T>::put(last);
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
