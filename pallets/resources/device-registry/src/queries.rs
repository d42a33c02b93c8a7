//! What others ask: pallets through `pallet_traits::Devices`, clients through the runtime's API.

use crate::{Attested, Config, Devices, KeyUse, Models, NextNumber, Pallet, Revocations, UsedKeys, Vendors};
use alloc::vec::Vec;
use device_primitives::{
	status_list::{CHUNKS, CHUNK_BYTES, PAGE_BITS, PAGE_BYTES},
	AttestationStanding, DeviceId, DidDocument, DidResolution, Endpoint,
};
use pallet_traits::{DeviceInfo, Devices as DevicesTrait};

impl<T: Config> Pallet<T> {
	/// What resolves a device's DID; none if the device was never registered.
	pub fn did_document(id: &DeviceId) -> Option<DidResolution<T::AccountId>> {
		let Some(device) = Devices::<T>::get(id) else {
			let revoked = match UsedKeys::<T>::get(id.key_hash())? {
				KeyUse::Retired => false,
				KeyUse::Revoked => true,
				KeyUse::Device | KeyUse::Lottery | KeyUse::Vendor => return None,
			};
			return Some(DidResolution::Deactivated { revoked });
		};
		Some(DidResolution::Registered(DidDocument {
			device: *id,
			lottery: device.lottery()?,
			key: device.key,
			active: device.suspended.is_none(),
			number: device.number,
			registered: device.registered,
			attestation: device.attested.and_then(Self::attestation_standing),
			endpoints: device.endpoints.into_inner(),
			owner: device.owner,
		}))
	}

	fn attestation_standing(attested: Attested) -> Option<AttestationStanding<T::AccountId>> {
		let model = Models::<T>::get(attested.model)?;
		let vendor = Vendors::<T>::get(&model.vendor)?;
		Some(AttestationStanding {
			vendor: model.vendor,
			vendor_name: vendor.name.into_inner(),
			model: attested.model,
			model_name: model.name.into_inner(),
			since: attested.since,
			stands: Self::attestation_stands(&attested),
		})
	}

	/// The bits of a status list; none if no device has a place in it yet.
	pub fn status_list(page: u32) -> Option<Vec<u8>> {
		// Below 2^32 * 2^17.
		let first = u64::from(page).saturating_mul(PAGE_BITS);
		if first >= NextNumber::<T>::get() {
			return None;
		}
		let start = u64::from(page).saturating_mul(CHUNKS);
		let mut bits = Vec::with_capacity(PAGE_BYTES);
		for chunk in (start..).take(CHUNKS as usize) {
			bits.extend(Revocations::<T>::get(chunk).unwrap_or([0; CHUNK_BYTES]));
		}
		Some(bits)
	}
}

impl<T: Config> DevicesTrait<T::AccountId> for Pallet<T> {
	fn device(id: &DeviceId) -> Option<DeviceInfo<T::AccountId>> {
		let device = Devices::<T>::get(id)?;
		Some(DeviceInfo {
			lottery: device.lottery()?,
			owner: device.owner,
			active: device.suspended.is_none(),
			registered: device.registered,
			number: device.number,
		})
	}

	fn endpoints(id: &DeviceId) -> Vec<Endpoint> {
		Devices::<T>::get(id).map_or_else(Vec::new, |device| device.endpoints.into_inner())
	}

	fn is_attested(id: &DeviceId) -> bool {
		let attested = Devices::<T>::get(id).and_then(|device| device.attested);
		attested.is_some_and(|attested| Self::attestation_stands(&attested))
	}
}
