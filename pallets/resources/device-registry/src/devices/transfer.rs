//! How a device changes hands: its owner offers it, the new one accepts it, and the device signs.

use crate::{Config, Devices, EnrolmentProof, Error, Event, HoldReason, Pallet};
use device_primitives::{DeviceId, DeviceSignature, Endpoints, Transfer};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision},
};
use pallet_traits::DeviceHook;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_offer_transfer(who: &T::AccountId, id: &DeviceId, to: T::AccountId) -> DispatchResult {
		let mut device = Self::owned(who, id)?;
		ensure!(to != *who, Error::<T>::OwnDevice);
		ensure!(!device.suspended.vendor, Error::<T>::SuspendedByVendor);
		device.offered_to = Some(to.clone());
		Devices::<T>::insert(id, device);
		Self::deposit_event(Event::TransferOffered {
			device: *id,
			from: who.clone(),
			to,
		});
		Ok(())
	}

	pub(crate) fn do_withdraw_offer(who: &T::AccountId, id: &DeviceId) -> DispatchResult {
		let mut device = Self::owned(who, id)?;
		ensure!(device.offered_to.take().is_some(), Error::<T>::NotOffered);
		Devices::<T>::insert(id, device);
		Self::deposit_event(Event::OfferWithdrawn { device: *id });
		Ok(())
	}

	/// The new deposit is held before the old one is released: at no moment is the state not paid for.
	///
	/// A lottery key that is not the device's own lies in the memory of its agent, where the owner before may have
	/// copied it. It counts no more, and shows nothing: the device's own key consents.
	pub(crate) fn do_accept_transfer(
		who: &T::AccountId,
		id: &DeviceId,
		consent: &DeviceSignature,
		enrolment: Option<EnrolmentProof>,
	) -> DispatchResult {
		let mut device = Self::registered(id)?;
		ensure!(device.offered_to.as_ref() == Some(who), Error::<T>::NotOffered);
		ensure!(!device.suspended.vendor, Error::<T>::SuspendedByVendor);
		// Or a buyer would pay with the device for what the seller did.
		ensure!(T::DeviceHook::may_be_transferred(id), Error::<T>::JudgementWaits);
		ensure!(!Self::is_account(who, &device.key), Error::<T>::AccountKey);
		let (lottery, enrolled) = Self::lottery_key(who, &device.key, enrolment.as_ref())?;
		let reason = HoldReason::Device.into();
		T::Currency::hold(&reason, who, device.deposit)?;
		T::Currency::release(&reason, &device.owner, device.deposit, Precision::Exact)?;
		Self::pay_for_keys(who, u32::from(enrolled.is_some()))?;

		let transfer = Transfer {
			device: *id,
			from: device.owner.clone(),
			to: who.clone(),
			transfers: device.transfers,
			lottery,
		};
		ensure!(
			device.key.verify(&transfer.payload(&Self::genesis_hash()), consent),
			Error::<T>::BadConsent
		);
		if let Some(enrolment) = enrolment {
			Self::ensure_enrolled(who, *id, enrolment)?;
			device.enrolled = enrolled;
			device.lottery_since = Self::slot();
		}
		let from = core::mem::replace(&mut device.owner, who.clone());
		device.transfers = device.transfers.checked_add(1).ok_or(Error::<T>::Overflow)?;
		device.offered_to = None;
		device.endpoints = Endpoints::default();
		Devices::<T>::insert(id, device);
		T::DeviceHook::device_transferred(id, &from, who);
		Self::deposit_event(Event::Transferred {
			device: *id,
			from,
			to: who.clone(),
			lottery,
		});
		Ok(())
	}
}
