//! What is asked from outside of blocks. Nothing here is bounded by what a block can take; all of it by what it says.

use crate::{Beacons, Challenges, Config, Deals, LastDeal, Offering, Offers, Pallet, Places};
use alloc::vec::Vec;
use device_primitives::{DeviceId, Endpoint};
use frame_support::traits::Get;
use pallet_traits::{Devices, MarketClock};
use storage_market_primitives::{
	Claimable, Deal, DealError, DealId, DealState, DealsOf, Moment, OfferState, OpenChallenge, Order, Quote, Reach,
	SlotAt, SlotId, SlotOfDevice, Stage, Standing, MAX_ANSWERS, MAX_LOOKED_THROUGH,
};

type OfferOf<T> = OfferState<<T as frame_system::Config>::AccountId, DeviceId, Endpoint>;
type StateOf<T> = DealState<<T as frame_system::Config>::AccountId, DeviceId, Endpoint>;

impl<T: Config> Pallet<T> {
	fn reach(device: DeviceId) -> Reach<DeviceId, Endpoint> {
		Reach {
			device,
			endpoints: T::Devices::endpoints(&device),
		}
	}

	fn offer_state(device: DeviceId, offer: Offering<T::AccountId>) -> OfferOf<T> {
		OfferState {
			reach: Self::reach(device),
			owner: offer.owner,
			ask: offer.ask,
			egress: offer.egress,
			capacity: offer.capacity,
			used: offer.used,
			max_slot: offer.max_slot,
			score: offer.score,
			tickets: offer.tickets,
		}
	}

	/// What a device offers; none if it offers nothing and has no slot.
	pub fn offer(device: DeviceId) -> Option<OfferOf<T>> {
		Offers::<T>::get(device).map(|offer| Self::offer_state(device, offer))
	}

	/// Offers in the order of devices' ids, from the first one after this device on: as many as are wanted, and
	/// [`MAX_ANSWERS`] at most.
	pub fn offers(after: Option<DeviceId>, most: u32) -> Vec<OfferOf<T>> {
		let offers = match after {
			Some(device) => Offers::<T>::iter_from(Offers::<T>::hashed_key_for(device)),
			None => Offers::<T>::iter(),
		};
		let most = usize::try_from(most.min(MAX_ANSWERS)).unwrap_or(0);
		offers
			.take(most)
			.map(|(device, offer)| Self::offer_state(device, offer))
			.collect()
	}

	/// A deal with its slots, and where its devices are reached; none if there is none, or it was closed.
	pub fn deal(id: DealId) -> Option<StateOf<T>> {
		let deal = Deals::<T>::get(id)?;
		let devices = deal.devices().copied().map(Self::reach).collect();
		Some(DealState { deal, devices })
	}

	/// Deals of an account with higher numbers than this: of [`MAX_LOOKED_THROUGH`] deals at a time.
	pub fn deals_of(owner: &T::AccountId, after: DealId) -> DealsOf {
		let newest = LastDeal::<T>::get();
		let looked_to = after.saturating_add(MAX_LOOKED_THROUGH.into()).min(newest);
		let numbers = after.saturating_add(1)..=looked_to;
		let own = |id: &DealId| Deals::<T>::get(id).is_some_and(|deal| deal.owner == *owner);
		DealsOf {
			deals: numbers.filter(own).collect(),
			looked_to,
			newest,
		}
	}

	/// What an order would cost now, or why there can be no such order.
	///
	/// # Errors
	/// Those of [`Quote::of`].
	pub fn quote(order: &Order) -> Result<Quote, DealError> {
		Quote::of(order, &T::Terms::get())
	}

	/// The slots that a device holds or was drawn for, [`MAX_ANSWERS`] at most, from the first deal after this one on
	/// in the order in which storage has them.
	pub fn slots_of(device: DeviceId, after: Option<DealId>) -> Vec<SlotOfDevice> {
		let places = Self::places(device, after);
		places
			.filter_map(|(id, slot)| Self::slot_of(device, id, slot))
			.collect()
	}

	/// What a device has earned and not claimed, as of [`Pallet::slots_of`]: slots for which it is nothing are left
	/// out.
	pub fn claimable(device: DeviceId, after: Option<DealId>) -> Vec<Claimable> {
		let score = Self::payee(&device).map(|(_, score)| score).unwrap_or_default();
		let shares = T::Terms::get().shares;
		let earned = Self::slots_of(device, after).into_iter().filter_map(|held| {
			let Standing::Held { accrued, .. } = held.standing else {
				return None;
			};
			(accrued > 0).then(|| Claimable {
				deal: held.deal,
				slot: held.slot,
				earned: accrued,
				pays: shares.split(accrued, score).provider,
			})
		});
		earned.collect()
	}

	/// The challenges that a device can still answer, the most urgent ones first.
	pub fn challenges_of(device: DeviceId) -> Vec<OpenChallenge> {
		let now = T::Clock::tick();
		let mut open = Vec::new();
		for until in now..=T::Audits::get().deadline(now) {
			let Some(batch) = Challenges::<T>::get(until) else {
				continue;
			};
			for (challenge, index) in batch.challenges.iter().zip(0_u32..) {
				let (deal, slot) = (challenge.place.deal, challenge.place.slot);
				let asked = challenge.place.device == device && !challenge.answered;
				let Some(of) = Deals::<T>::get(deal).filter(|_| asked) else {
					continue;
				};
				let Ok(held) = of.slot(slot) else { continue };
				open.push(OpenChallenge {
					until,
					index,
					issued: batch.moment.tick,
					deal,
					slot,
					bytes: of.geometry().slot_len(),
					root: held.root,
					chunks: batch.moment.asked(SlotId::new(deal, slot), of.geometry().shape()),
				});
			}
		}
		open
	}

	fn places(device: DeviceId, after: Option<DealId>) -> impl Iterator<Item = (DealId, SlotAt)> {
		let places = match after {
			Some(deal) => Places::<T>::iter_prefix_from(device, Places::<T>::hashed_key_for(device, deal)),
			None => Places::<T>::iter_prefix(device),
		};
		places.take(usize::try_from(MAX_ANSWERS).unwrap_or(0))
	}

	fn slot_of(device: DeviceId, id: DealId, at: SlotAt) -> Option<SlotOfDevice> {
		let deal = Deals::<T>::get(id)?;
		let slot = deal.slot(at).ok()?;
		let held = slot.holding.as_ref().filter(|holding| holding.device == device);
		let standing = match held {
			Some(holding) => Standing::Held {
				proven_to: holding.proven_to,
				suspect: holding.suspect,
				leaving: holding.leaving,
				accrued: holding.accrued.amount(),
			},
			None => {
				let randomness = Beacons::<T>::get().0;
				let moment = Moment { tick: 0, randomness };
				Standing::Drawn {
					until: Self::until(&deal, slot.drawn.as_ref()?.until),
					attempt: slot.attempt,
					chunk: moment.first(SlotId::new(id, at), slot.attempt.into(), deal.geometry().shape()),
				}
			}
		};
		Some(SlotOfDevice {
			deal: id,
			slot: at,
			bytes: deal.geometry().slot_len(),
			root: deal.rooted.then_some(slot.root),
			ends: deal.ends,
			standing,
		})
	}

	/// The last tick at which a device that was drawn can confirm: while a deal is uploaded, the deal's own.
	fn until(deal: &Deal<T::AccountId, DeviceId>, drawn: u32) -> u32 {
		match deal.stage {
			Stage::Uploading { until } => until,
			_ => drawn,
		}
	}
}
