//! Devices: how they come and go.

mod standing;
mod transfer;

use crate::{
	pallet::DeviceOf, AttestationProof, Balance, Config, Device, Devices, EnrolmentProof, Error, Event, HoldReason,
	KeyUse, NextNumber, Pallet, Revocations, Suspension, UsedKeys,
};
use device_primitives::{
	status_list::{self, CHUNK_BYTES},
	DeviceId, DeviceKey, DeviceSignature, Endpoints, Enrolment, Registration,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{hold::Mutate, Balanced},
		tokens::{Fortitude, Precision, Preservation},
		EnsureOrigin, Get, OnUnbalanced,
	},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use pallet_traits::{DeviceHook, EraClock};
use sp_core::sr25519;
use sp_runtime::{traits::Zero, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// What costs little is looked at before any signature.
	pub(crate) fn do_register(
		who: &T::AccountId,
		key: DeviceKey,
		possession: &DeviceSignature,
		enrolment: Option<EnrolmentProof>,
		attestation: Option<AttestationProof>,
		endpoints: Endpoints,
	) -> DispatchResult {
		Self::ensure_endpoints(&endpoints)?;
		let id = key.device_id();
		Self::claim_key(who, &key, KeyUse::Device)?;
		let (lottery, enrolled) = Self::lottery_key(who, &key, enrolment.as_ref())?;
		let number = NextNumber::<T>::get();
		NextNumber::<T>::put(number.checked_add(1).ok_or(Error::<T>::Overflow)?);
		let deposit = T::DeviceDeposit::get();
		T::Currency::hold(&HoldReason::Device.into(), who, deposit)?;
		Self::pay_for_keys(who, enrolled.is_some())?;

		let genesis = Self::genesis_hash();
		let registration = Registration {
			device: key,
			owner: who.clone(),
			lottery,
		};
		ensure!(
			key.verify(&registration.payload(&genesis), possession),
			Error::<T>::BadPossession
		);
		if let Some(enrolment) = enrolment {
			Self::ensure_enrolled(who, id, enrolment)?;
		}
		let attested = attestation
			.map(|shown| Self::verify_attestation(who, &key, shown))
			.transpose()?;
		let device = Device {
			number,
			key,
			enrolled,
			owner: who.clone(),
			deposit,
			registered: T::EraClock::current_era(),
			transfers: 0,
			suspended: Suspension::default(),
			attested,
			offered_to: None,
			endpoints,
		};
		Devices::<T>::insert(id, device);
		Self::deposit_event(Event::Registered {
			device: id,
			owner: who.clone(),
			number,
			deposit,
		});
		Self::tell_attested(id, attested);
		Ok(())
	}

	/// The key by which a device is to take part in lotteries, and the same if it is not its own.
	fn lottery_key(
		who: &T::AccountId,
		key: &DeviceKey,
		enrolment: Option<&EnrolmentProof>,
	) -> Result<(sr25519::Public, Option<sr25519::Public>), DispatchError> {
		match (key, enrolment) {
			(DeviceKey::Sr25519(own), None) => Ok((*own, None)),
			(DeviceKey::Sr25519(_), Some(_)) => Err(Error::<T>::LotteryKeyOfItsOwn.into()),
			(_, None) => Err(Error::<T>::NoLotteryKey.into()),
			(_, Some(enrolment)) => {
				let lottery = enrolment.lottery;
				Self::claim_key(who, &DeviceKey::Sr25519(lottery), KeyUse::Lottery)?;
				Ok((lottery, Some(lottery)))
			}
		}
	}

	fn ensure_enrolled(who: &T::AccountId, device: DeviceId, enrolment: EnrolmentProof) -> DispatchResult {
		let EnrolmentProof { lottery, signature } = enrolment;
		let enrolment = Enrolment {
			device,
			owner: who.clone(),
			lottery,
		};
		let payload = enrolment.payload(&Self::genesis_hash());
		let key = DeviceKey::Sr25519(lottery);
		ensure!(
			key.verify(&payload, &DeviceSignature::Sr25519(signature)),
			Error::<T>::BadEnrolment
		);
		Ok(())
	}

	/// Keys are remembered when the device is gone, so they are paid for and not deposited.
	fn pay_for_keys(who: &T::AccountId, enrolled: bool) -> DispatchResult {
		let own = T::KeyPrice::get();
		let other: Balance = if enrolled { own } else { 0 };
		let price = Self::sum(own, other)?;
		if price.is_zero() {
			return Ok(());
		}
		let paid = T::Currency::withdraw(who, price, Precision::Exact, Preservation::Preserve, Fortitude::Polite)?;
		T::OnKeyPrice::on_unbalanced(paid);
		Ok(())
	}

	/// How many of the signatures in a call are of P-256.
	pub(crate) fn p256_signatures(possession: Option<&DeviceSignature>, attestation: Option<&AttestationProof>) -> u32 {
		let possession = possession.is_some_and(DeviceSignature::is_p256);
		let attestation = attestation.is_some_and(|attestation| attestation.signature.is_p256());
		u32::from(possession).saturating_add(u32::from(attestation))
	}

	fn ensure_endpoints(endpoints: &Endpoints) -> DispatchResult {
		ensure!(
			endpoints.iter().all(|endpoint| endpoint.is_sound()),
			Error::<T>::BadEndpoint
		);
		Ok(())
	}

	pub(crate) fn do_set_endpoints(who: &T::AccountId, id: &DeviceId, endpoints: Endpoints) -> DispatchResult {
		let mut device = Self::owned(who, id)?;
		Self::ensure_endpoints(&endpoints)?;
		device.endpoints = endpoints;
		Devices::<T>::insert(id, device);
		Self::deposit_event(Event::EndpointsSet { device: *id });
		Ok(())
	}

	pub(crate) fn do_retire(who: &T::AccountId, id: &DeviceId) -> DispatchResult {
		let device = Self::owned(who, id)?;
		Self::remove(id, &device, KeyUse::Retired)?;
		Self::deposit_event(Event::Retired {
			device: *id,
			owner: device.owner,
		});
		Ok(())
	}

	pub(crate) fn do_revoke(who: Option<&T::AccountId>, id: &DeviceId) -> DispatchResult {
		let device = Self::registered(id)?;
		ensure!(
			who.is_none_or(|who| Self::is_vendor_of(who, &device)),
			Error::<T>::NotInCharge
		);
		let (chunk, place) = status_list::chunk_place(device.number);
		let mut bits = Revocations::<T>::get(chunk).unwrap_or([0; CHUNK_BYTES]);
		status_list::set(&mut bits, place);
		Revocations::<T>::insert(chunk, bits);
		Self::remove(id, &device, KeyUse::Revoked)?;
		Self::deposit_event(Event::Revoked {
			device: *id,
			owner: device.owner,
			number: device.number,
		});
		Ok(())
	}

	/// Forgets a device but for its keys, and releases its deposit.
	fn remove(id: &DeviceId, device: &DeviceOf<T>, key_was: KeyUse) -> DispatchResult {
		T::Currency::release(
			&HoldReason::Device.into(),
			&device.owner,
			device.deposit,
			Precision::Exact,
		)?;
		Devices::<T>::remove(id);
		UsedKeys::<T>::insert(id.key_hash(), key_was);
		T::DeviceHook::device_gone(id, &device.owner);
		Ok(())
	}

	/// A device that is registered.
	///
	/// # Errors
	/// `UnknownDevice`.
	pub(crate) fn registered(id: &DeviceId) -> Result<DeviceOf<T>, Error<T>> {
		Devices::<T>::get(id).ok_or(Error::<T>::UnknownDevice)
	}

	/// A device of this account.
	///
	/// # Errors
	/// `UnknownDevice`, `NotOwner`.
	pub(crate) fn owned(who: &T::AccountId, id: &DeviceId) -> Result<DeviceOf<T>, Error<T>> {
		let device = Self::registered(id)?;
		ensure!(device.owner == *who, Error::<T>::NotOwner);
		Ok(device)
	}

	/// The account that signed; none for [`Config::AdminOrigin`].
	pub(crate) fn admin_or_signed(origin: OriginFor<T>) -> Result<Option<T::AccountId>, DispatchError> {
		match T::AdminOrigin::try_origin(origin) {
			Ok(_) => Ok(None),
			Err(origin) => Ok(Some(ensure_signed(origin)?)),
		}
	}
}
