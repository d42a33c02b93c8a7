//! What this pallet costs: a runtime measures it (`scripts/weights`). What a [`DeviceHook`](pallet_traits::DeviceHook)
//! costs is part of it.

use frame_support::weights::Weight;

/// What this pallet's calls cost. `p` is how many of the signatures in a call are of P-256, which the runtime verifies
/// in Wasm.
pub trait WeightInfo {
	/// A vendor with its first key, of P-256.
	fn register_vendor() -> Weight;
	/// One more key, of P-256.
	fn add_vendor_key() -> Weight;
	/// A key attests no more.
	fn rotate_vendor_key() -> Weight;
	/// A key that was rotated is revoked.
	fn revoke_vendor_key() -> Weight;
	/// A vendor is revoked.
	fn revoke_vendor() -> Weight;
	/// A model with a name as long as may be.
	fn register_model() -> Weight;
	/// A device with an enrolled key, an attestation and as many endpoints as there may be.
	fn register(p: u32) -> Weight;
	/// An attestation in the place of one that is void.
	fn attest(p: u32) -> Weight;
	/// As many endpoints as there may be.
	fn set_endpoints() -> Weight;
	/// By the vendor, of a device that has all that it can have.
	fn suspend() -> Weight;
	/// By the vendor, of a device that has all that it can have.
	fn resume() -> Weight;
	/// Of a device that has all that it can have.
	fn retire() -> Weight;
	/// By the vendor, of a device that has all that it can have and whose status list has others.
	fn revoke() -> Weight;
	/// Of a device that is offered to somebody else.
	fn offer_transfer() -> Weight;
	/// Of a device that is offered.
	fn withdraw_offer() -> Weight;
	/// Of a device that has all that it can have.
	fn accept_transfer() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn register_vendor() -> Weight {
		Weight::zero()
	}

	fn add_vendor_key() -> Weight {
		Weight::zero()
	}

	fn rotate_vendor_key() -> Weight {
		Weight::zero()
	}

	fn revoke_vendor_key() -> Weight {
		Weight::zero()
	}

	fn revoke_vendor() -> Weight {
		Weight::zero()
	}

	fn register_model() -> Weight {
		Weight::zero()
	}

	/// A test sees by it what a call is charged for.
	fn register(p: u32) -> Weight {
		Weight::from_parts(u64::from(p), 0)
	}

	/// A test sees by it what a call is charged for.
	fn attest(p: u32) -> Weight {
		Weight::from_parts(u64::from(p), 0)
	}

	fn set_endpoints() -> Weight {
		Weight::zero()
	}

	fn suspend() -> Weight {
		Weight::zero()
	}

	fn resume() -> Weight {
		Weight::zero()
	}

	fn retire() -> Weight {
		Weight::zero()
	}

	fn revoke() -> Weight {
		Weight::zero()
	}

	fn offer_transfer() -> Weight {
		Weight::zero()
	}

	fn withdraw_offer() -> Weight {
		Weight::zero()
	}

	fn accept_transfer() -> Weight {
		Weight::zero()
	}
}
