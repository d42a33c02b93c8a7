//! Whom a device counts for: its owner offers it, and the candidate accepts.

use crate::{pallet::EntryOf, Candidates, Config, Entries, Error, Event, HoldReason, Link, Pallet, Parameters, Parts};
use device_primitives::DeviceId;
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, Get},
};
use pallet_traits::{CompetenceHook, Devices, EraClock};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_offer_link(who: &T::AccountId, device: &DeviceId, candidate: T::AccountId) -> DispatchResult {
		let mut entry = Self::own_entry(who, device)?;
		ensure!(entry.link.is_none(), Error::<T>::AlreadyLinked);
		let deposit = T::LinkDeposit::get();
		T::Currency::hold(&HoldReason::Lottery.into(), who, deposit)?;
		entry.link = Some(Link {
			candidate: candidate.clone(),
			deposit,
			from: None,
			counted: Parts::default(),
			counted_at: 0,
		});
		Entries::<T>::insert(device, entry);
		Self::deposit_event(Event::LinkOffered {
			device: *device,
			candidate,
		});
		Ok(())
	}

	pub(crate) fn do_accept_link(who: &T::AccountId, device: &DeviceId) -> DispatchResult {
		let mut entry = Self::entry(device)?;
		let link = entry.link.as_mut().ok_or(Error::<T>::NotOffered)?;
		ensure!(link.candidate == *who, Error::<T>::NotOffered);
		ensure!(link.from.is_none(), Error::<T>::AlreadyLinked);
		let from = T::EraClock::current_era().saturating_add(1);
		link.from = Some(from);
		link.counted_at = Self::slot();
		let mut sums = Candidates::<T>::get(who).unwrap_or_default();
		ensure!(sums.devices < T::MaxLinked::get(), Error::<T>::TooManyLinked);
		sums.devices = sums.devices.saturating_add(1);
		Candidates::<T>::insert(who, sums);
		Self::recount(device, &mut entry, Self::is_active(device));
		Entries::<T>::insert(device, entry);
		Self::deposit_event(Event::Linked {
			device: *device,
			candidate: who.clone(),
			from,
		});
		Ok(())
	}

	pub(crate) fn do_unlink(who: &T::AccountId, device: &DeviceId) -> DispatchResult {
		let mut entry = Self::entry(device)?;
		let link = entry.link.as_ref().ok_or(Error::<T>::NotLinked)?;
		ensure!(entry.owner == *who || link.candidate == *who, Error::<T>::NotLinked);
		Self::end_link(device, &mut entry)?;
		Entries::<T>::insert(device, entry);
		Ok(())
	}

	pub(crate) fn do_refresh(device: &DeviceId) -> DispatchResult {
		let mut entry = Self::entry(device)?;
		ensure!(entry.is_linked(), Error::<T>::NotLinked);
		Self::recount(device, &mut entry, Self::is_active(device));
		Entries::<T>::insert(device, entry);
		Ok(())
	}

	/// Whether the registry says that a device is active.
	pub(crate) fn is_active(device: &DeviceId) -> bool {
		T::Devices::device(device).is_some_and(|info| info.active)
	}

	/// Ends a link or an offer, if there is one: nothing of the device remains in its candidate's sums, and the deposit
	/// is released.
	pub(crate) fn end_link(device: &DeviceId, entry: &mut EntryOf<T>) -> Result<(), DispatchError> {
		let Some(mut link) = entry.link.take() else {
			return Ok(());
		};
		if link.from.is_some() {
			// It is told below, in any case and once all is done.
			Self::count_link(&mut link, Parts::default(), &Parameters::<T>::get());
			Candidates::<T>::mutate_exists(&link.candidate, |stored| {
				// With the last device go what sums have rounded away.
				*stored = stored.filter(|sums| sums.devices > 1).map(|mut sums| {
					sums.devices = sums.devices.saturating_sub(1);
					sums
				});
			});
			T::CompetenceHook::competence_changed(&link.candidate);
		}
		Self::deposit_event(Event::Unlinked {
			device: *device,
			candidate: link.candidate,
		});
		Self::release(&entry.owner, link.deposit)
	}
}
