//! Devices that come and go: what the registry is told of those with slots, what happens to the slots of one that is
//! gone or suspended, and what others are told of what devices keep.

use crate::{
	Config, Evacuation, EvacuationHead, EvacuationTail, Evacuations, Event, InUse, Offers, Pallet, Places, Plots,
	WeightInfo, MAX_MOVES,
};
use device_primitives::DeviceId;
use frame_support::weights::Weight;
use pallet_traits::{DeviceHook, Devices, Stored};

/// Whoever has a slot has left collateral for it, and is paid for it: that is its owner's. One that is gone or
/// suspended is not drawn any more, and its slots are moved to others: it leaves each, holds it until another one has
/// it, and pays for what is fetched of it, as if its owner had said so. If its machine is silent, audits take its slots
/// before.
impl<T: Config> DeviceHook<T::AccountId> for Pallet<T> {
	fn may_be_transferred(device: &DeviceId) -> bool {
		Offers::<T>::get(device).is_none_or(|offer| offer.used == 0)
	}

	fn device_gone(device: &DeviceId, _: &T::AccountId) {
		Self::retreat(device);
	}

	fn device_transferred(device: &DeviceId, _: &T::AccountId, _: &T::AccountId) {
		Self::retreat(device);
	}

	fn device_active(device: &DeviceId, active: bool) {
		if !active {
			Self::retreat(device);
		}
	}
}

impl<T: Config> Pallet<T> {
	/// A device takes no new slots, and those that it has are moved. Offers it anew whoever wants to.
	fn retreat(device: &DeviceId) {
		Plots::<T>::remove(device);
		Self::forget_prober(device);
		let Some(mut offer) = Offers::<T>::get(device) else {
			return;
		};
		// It is in the queue once, however often it is suspended.
		let moves = offer.used > 0 && !offer.evacuated;
		offer.evacuated |= moves;
		Self::end_offer(device, offer);
		if moves {
			let tail = EvacuationTail::<T>::get();
			let evacuation = Evacuation {
				device: *device,
				looked_at: None,
			};
			Evacuations::<T>::insert(tail, evacuation);
			EvacuationTail::<T>::put(tail.saturating_add(1));
			Self::deposit_event(Event::Evacuated(*device));
		}
	}

	/// Has devices leave their slots, one slot after the other, as long as there is weight.
	pub(crate) fn evacuate_within(left: Weight) -> Weight {
		let each = T::WeightInfo::move_slot();
		let mut used = Weight::zero();
		for _ in 0..MAX_MOVES {
			let head = EvacuationHead::<T>::get();
			let room = used.saturating_add(each).all_lte(left);
			if !room || head >= EvacuationTail::<T>::get() {
				break;
			}
			used = used.saturating_add(each);
			let Some(evacuation) = Evacuations::<T>::get(head) else {
				break;
			};
			match Self::move_next(evacuation) {
				Some(evacuation) => Evacuations::<T>::insert(head, evacuation),
				None => {
					Evacuations::<T>::remove(head);
					EvacuationHead::<T>::put(head.saturating_add(1));
					Self::evacuated(&evacuation.device);
				}
			}
		}
		used
	}

	/// A device is in the queue no more.
	fn evacuated(device: &DeviceId) {
		Offers::<T>::mutate(device, |offer| {
			if let Some(offer) = offer {
				offer.evacuated = false;
			}
		});
	}

	/// Has a device leave its next slot. None if it has no other, or is active again.
	fn move_next(evacuation: Evacuation) -> Option<Evacuation> {
		let device = evacuation.device;
		if T::Devices::device(&device).is_some_and(|info| info.active) {
			return None;
		}
		let mut places = match evacuation.looked_at {
			Some(deal) => Places::<T>::iter_prefix_from(device, Places::<T>::hashed_key_for(device, deal)),
			None => Places::<T>::iter_prefix(device),
		};
		let (id, slot) = places.next()?;
		// Where it was drawn and holds nothing it does not confirm in time.
		let _ = Self::change(id, |deal| deal.leave(slot, &device));
		Some(Evacuation {
			device,
			looked_at: Some(id),
		})
	}
}

/// A GiB has 2^30 bytes, and 2^32 of what counts.
impl<T: Config> Stored for Pallet<T> {
	fn of(device: &DeviceId) -> u64 {
		Offers::<T>::get(device).map_or(0, |offer| offer.kept.saturating_mul(4))
	}

	fn total() -> u128 {
		InUse::<T>::get().saturating_mul(4)
	}
}
