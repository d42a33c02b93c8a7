//! What a vendor says of a device, and who has suspended it.

use crate::{pallet::DeviceOf, AttestationProof, Attested, Config, Devices, Error, Event, Pallet};
use device_primitives::{Attestation, DeviceId, DeviceKey};
use frame_support::ensure;
use pallet_traits::{DeviceHook, EraClock};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_attest(who: &T::AccountId, id: &DeviceId, shown: AttestationProof) -> DispatchResult {
		let mut device = Self::owned(who, id)?;
		// One that stands is not replaced, or an owner would choose which vendor has a say.
		let stands = device
			.attested
			.is_some_and(|attested| Self::attestation_stands(&attested));
		ensure!(!stands, Error::<T>::AlreadyAttested);
		ensure!(!device.suspended.vendor, Error::<T>::SuspendedByVendor);
		device.attested = Some(Self::verify_attestation(who, &device.key, shown)?);
		Self::tell_attested(*id, device.attested);
		Devices::<T>::insert(id, device);
		Ok(())
	}

	/// What a vendor says of a device of this owner, verified.
	pub(crate) fn verify_attestation(
		owner: &T::AccountId,
		device: &DeviceKey,
		shown: AttestationProof,
	) -> Result<Attested, DispatchError> {
		let key = Self::attesting_key(shown.model, shown.key)?;
		let attestation = Attestation {
			device: *device,
			model: shown.model,
			owner: owner.clone(),
		};
		ensure!(
			key.verify(&attestation.payload(&Self::genesis_hash()), &shown.signature),
			Error::<T>::BadAttestation
		);
		Ok(Attested {
			model: shown.model,
			key: shown.key,
			since: T::EraClock::current_era(),
		})
	}

	pub(crate) fn tell_attested(device: DeviceId, attested: Option<Attested>) {
		if let Some(Attested { model, key, .. }) = attested {
			Self::deposit_event(Event::Attested { device, model, key });
		}
	}

	/// Whether this account is the vendor that has a say over a device.
	pub(crate) fn is_vendor_of(who: &T::AccountId, device: &DeviceOf<T>) -> bool {
		device
			.attested
			.and_then(|attested| Self::vendor_of(&attested))
			.is_some_and(|vendor| vendor == *who)
	}

	pub(crate) fn do_suspend(who: &T::AccountId, id: &DeviceId) -> DispatchResult {
		let mut device = Self::registered(id)?;
		let by_vendor = device.owner != *who;
		ensure!(!by_vendor || Self::is_vendor_of(who, &device), Error::<T>::NotInCharge);
		let was_active = device.suspended.is_none();
		let mark = if by_vendor {
			&mut device.suspended.vendor
		} else {
			&mut device.suspended.owner
		};
		ensure!(!*mark, Error::<T>::AlreadySuspended);
		*mark = true;
		Devices::<T>::insert(id, device);
		if was_active {
			T::DeviceHook::device_active(id, false);
		}
		Self::deposit_event(Event::Suspended { device: *id, by_vendor });
		Ok(())
	}

	/// One that is owner and vendor lifts both.
	pub(crate) fn do_resume(who: Option<&T::AccountId>, id: &DeviceId) -> DispatchResult {
		let mut device = Self::registered(id)?;
		let as_owner = who.is_some_and(|who| device.owner == *who);
		let as_vendor = who.is_none_or(|who| Self::is_vendor_of(who, &device));
		ensure!(as_owner || as_vendor, Error::<T>::NotInCharge);
		let before = device.suspended;
		device.suspended.owner &= !as_owner;
		device.suspended.vendor &= !as_vendor;
		ensure!(device.suspended != before, Error::<T>::NotSuspended);
		let active = device.suspended.is_none();
		Devices::<T>::insert(id, device);
		if active {
			T::DeviceHook::device_active(id, true);
		}
		Self::deposit_event(Event::Resumed { device: *id, active });
		Ok(())
	}
}
