#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod document;
mod endpoint;
#[cfg(feature = "std")]
mod gzip;
mod keys;
mod payloads;
mod records;
#[cfg(feature = "std")]
mod render;
#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
mod signing;
pub mod status_list;

pub use document::{AttestationStanding, Did, DidDocument, DidError, DidResolution};
pub use endpoint::{
	is_name, Endpoint, Endpoints, Host, HostName, Name, NetworkGroup, Transport, MAX_ENDPOINTS, MAX_HOST_NAME, MAX_NAME,
};
pub use keys::{DeviceId, DeviceKey, DeviceSignature, KeyHash, P256Key, P256Signature};
pub use payloads::{Attestation, Enrolment, ModelId, Registration, Transfer, VendorKeyClaim};
pub use records::{AttestationProof, Attested, Device, EnrolmentProof, KeyIndex, Suspension};
#[cfg(feature = "std")]
pub use render::{encoded_list, multikey, resolution, status_entry, status_list_credential, OtherDevice};
#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
pub use signing::P256Pair;
