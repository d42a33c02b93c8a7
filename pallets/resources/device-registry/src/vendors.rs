//! Vendors, their keys and models, and whether what they attested stands.

use crate::{
	Attested, Balance, Config, Error, Event, HoldReason, KeyIndex, KeyStatus, KeyUse, Model, Models, NextModel, Pallet,
	UsedKeys, Vendor, VendorKey, VendorKeys, Vendors,
};
use codec::DecodeAll;
use device_primitives::{is_name, DeviceKey, DeviceSignature, Name, VendorKeyClaim};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, Get},
};
use pallet_traits::EraClock;
use sp_runtime::{traits::Zero, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_vendor(
		who: &T::AccountId,
		name: Name,
		key: DeviceKey,
		possession: &DeviceSignature,
	) -> DispatchResult {
		Self::insert_vendor(who, name)?;
		Self::do_add_vendor_key(who, key, possession)
	}

	/// A vendor without a key.
	pub(crate) fn insert_vendor(who: &T::AccountId, name: Name) -> DispatchResult {
		ensure!(!Vendors::<T>::contains_key(who), Error::<T>::AlreadyVendor);
		ensure!(is_name(&name), Error::<T>::BadName);
		let mut vendor = Vendor {
			name: name.clone(),
			keys: 0,
			deposit: 0,
			void_from: None,
		};
		Self::hold_of_vendor(who, &mut vendor, T::VendorDeposit::get())?;
		Vendors::<T>::insert(who, vendor);
		Self::deposit_event(Event::VendorRegistered {
			vendor: who.clone(),
			name,
		});
		Ok(())
	}

	pub(crate) fn do_add_vendor_key(
		who: &T::AccountId,
		key: DeviceKey,
		possession: &DeviceSignature,
	) -> DispatchResult {
		Self::insert_vendor_key(who, key)?;
		let claim = VendorKeyClaim {
			vendor: who.clone(),
			key,
		};
		let payload = claim.payload(&Self::genesis_hash());
		ensure!(key.verify(&payload, possession), Error::<T>::BadPossession);
		Ok(())
	}

	/// Adds a key that the vendor has, as far as is known.
	pub(crate) fn insert_vendor_key(who: &T::AccountId, key: DeviceKey) -> DispatchResult {
		let mut vendor = Self::vendor_in_charge(who)?;
		ensure!(vendor.keys < T::MaxVendorKeys::get(), Error::<T>::TooManyKeys);
		Self::claim_key(who, &key, KeyUse::Vendor)?;
		let index = vendor.keys;
		vendor.keys = index.checked_add(1).ok_or(Error::<T>::TooManyKeys)?;
		Self::hold_of_vendor(who, &mut vendor, T::VendorKeyDeposit::get())?;
		Vendors::<T>::insert(who, vendor);
		let stored = VendorKey {
			key,
			status: KeyStatus::Valid,
		};
		VendorKeys::<T>::insert(who, index, stored);
		Self::deposit_event(Event::VendorKeyAdded {
			vendor: who.clone(),
			index,
			key,
		});
		Ok(())
	}

	pub(crate) fn do_rotate_vendor_key(who: &T::AccountId, index: KeyIndex) -> DispatchResult {
		ensure!(Vendors::<T>::contains_key(who), Error::<T>::NotVendor);
		let mut key = VendorKeys::<T>::get(who, index).ok_or(Error::<T>::UnknownKey)?;
		ensure!(key.status == KeyStatus::Valid, Error::<T>::KeyNotValid);
		key.status = KeyStatus::Rotated {
			from: T::EraClock::current_era(),
		};
		VendorKeys::<T>::insert(who, index, key);
		Self::deposit_event(Event::VendorKeyRotated {
			vendor: who.clone(),
			index,
		});
		Ok(())
	}

	/// A vendor that was revoked may still say that a key was stolen: that only makes more void.
	pub(crate) fn do_revoke_vendor_key(who: &T::AccountId, index: KeyIndex, void_from: u32) -> DispatchResult {
		ensure!(Vendors::<T>::contains_key(who), Error::<T>::NotVendor);
		let mut key = VendorKeys::<T>::get(who, index).ok_or(Error::<T>::UnknownKey)?;
		let before = match key.status {
			KeyStatus::Revoked { void_from } => Some(void_from),
			KeyStatus::Valid | KeyStatus::Rotated { .. } => None,
		};
		Self::ensure_earlier(void_from, before)?;
		key.status = KeyStatus::Revoked { void_from };
		VendorKeys::<T>::insert(who, index, key);
		Self::deposit_event(Event::VendorKeyRevoked {
			vendor: who.clone(),
			index,
			void_from,
		});
		Ok(())
	}

	pub(crate) fn do_revoke_vendor(who: &T::AccountId, void_from: u32) -> DispatchResult {
		let mut vendor = Vendors::<T>::get(who).ok_or(Error::<T>::NotVendor)?;
		Self::ensure_earlier(void_from, vendor.void_from)?;
		vendor.void_from = Some(void_from);
		Vendors::<T>::insert(who, vendor);
		Self::deposit_event(Event::VendorRevoked {
			vendor: who.clone(),
			void_from,
		});
		Ok(())
	}

	/// What is void stays void: whoever relied on that must not be wrong afterwards.
	fn ensure_earlier(void_from: u32, before: Option<u32>) -> DispatchResult {
		let latest = before.unwrap_or(u32::MAX).min(T::EraClock::current_era());
		ensure!(void_from <= latest, Error::<T>::BadVoidFrom);
		Ok(())
	}

	pub(crate) fn do_register_model(who: &T::AccountId, name: Name) -> DispatchResult {
		let mut vendor = Self::vendor_in_charge(who)?;
		ensure!(is_name(&name), Error::<T>::BadName);
		let model = NextModel::<T>::get();
		NextModel::<T>::put(model.checked_add(1).ok_or(Error::<T>::Overflow)?);
		Self::hold_of_vendor(who, &mut vendor, T::ModelDeposit::get())?;
		Vendors::<T>::insert(who, vendor);
		let stored = Model {
			vendor: who.clone(),
			name: name.clone(),
		};
		Models::<T>::insert(model, stored);
		Self::deposit_event(Event::ModelRegistered {
			model,
			vendor: who.clone(),
			name,
		});
		Ok(())
	}

	/// A vendor that is not revoked.
	fn vendor_in_charge(who: &T::AccountId) -> Result<Vendor, Error<T>> {
		let vendor = Vendors::<T>::get(who).ok_or(Error::<T>::NotVendor)?;
		ensure!(vendor.void_from.is_none(), Error::<T>::VendorIsRevoked);
		Ok(vendor)
	}

	fn hold_of_vendor(who: &T::AccountId, vendor: &mut Vendor, amount: Balance) -> DispatchResult {
		vendor.deposit = vendor.deposit.checked_add(amount).ok_or(Error::<T>::Overflow)?;
		T::Currency::hold(&HoldReason::Vendor.into(), who, amount)
	}

	/// The key of a vendor that may attest a device of this model now.
	///
	/// # Errors
	/// `UnknownModel`, `VendorIsRevoked`, `UnknownKey`, `KeyNotValid`.
	pub(crate) fn attesting_key(model: u32, index: KeyIndex) -> Result<DeviceKey, Error<T>> {
		let model = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
		Self::vendor_in_charge(&model.vendor)?;
		let key = VendorKeys::<T>::get(&model.vendor, index).ok_or(Error::<T>::UnknownKey)?;
		ensure!(key.status == KeyStatus::Valid, Error::<T>::KeyNotValid);
		Ok(key.key)
	}

	/// The vendor that has a say over a device with this attestation: also one whose key was stolen, for what a thief
	/// attested is for it to revoke; but none that was revoked itself.
	pub(crate) fn vendor_of(attested: &Attested) -> Option<T::AccountId> {
		let model = Models::<T>::get(attested.model)?;
		Self::vendor_in_charge(&model.vendor).ok()?;
		Some(model.vendor)
	}

	/// Whether an attestation stands: it was shown before the era from which those of its key, or of its vendor, are
	/// void.
	pub(crate) fn attestation_stands(attested: &Attested) -> bool {
		let Some(model) = Models::<T>::get(attested.model) else {
			return false;
		};
		let before = |void_from: u32| attested.since < void_from;
		let vendor_stands = Vendors::<T>::get(&model.vendor).is_some_and(|vendor| vendor.void_from.is_none_or(before));
		vendor_stands
			&& VendorKeys::<T>::get(&model.vendor, attested.key).is_some_and(|key| match key.status {
				KeyStatus::Valid | KeyStatus::Rotated { .. } => true,
				KeyStatus::Revoked { void_from } => before(void_from),
			})
	}

	/// Takes a key into use, for good.
	///
	/// # Errors
	/// `BadKey`, `AccountKey`, `KeyUsed`.
	pub(crate) fn claim_key(who: &T::AccountId, key: &DeviceKey, used_as: KeyUse) -> DispatchResult {
		ensure!(key.is_sound(), Error::<T>::BadKey);
		ensure!(!Self::is_account(who, key), Error::<T>::AccountKey);
		let hash = key.hash();
		ensure!(!UsedKeys::<T>::contains_key(hash), Error::<T>::KeyUsed);
		UsedKeys::<T>::insert(hash, used_as);
		Ok(())
	}

	/// Whether a key is that of this account, or of any that has sent a transaction. That an account merely exists says
	/// nothing: anyone could make it exist, to keep a device out.
	pub(crate) fn is_account(who: &T::AccountId, key: &DeviceKey) -> bool {
		let Some(bytes) = key.account_bytes() else {
			return false;
		};
		T::AccountId::decode_all(&mut &bytes[..])
			.is_ok_and(|account| account == *who || !frame_system::Pallet::<T>::account_nonce(&account).is_zero())
	}

	/// What everything that is signed for this chain names.
	pub(crate) fn genesis_hash() -> T::Hash {
		frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::zero())
	}

	/// A sum of prices.
	pub(crate) fn sum(a: Balance, b: Balance) -> Result<Balance, DispatchError> {
		Ok(a.checked_add(b).ok_or(Error::<T>::Overflow)?)
	}
}
