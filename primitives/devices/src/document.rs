//! DIDs, and the document of a device as the chain answers it: data, of which clients make W3C's JSON.

use crate::{DeviceId, DeviceKey, Endpoint, ModelId};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use core::{
	fmt::{self, Display, Formatter},
	str::FromStr,
};
use scale_info::TypeInfo;
use sp_core::sr25519;

/// A device's identifier: `did:smart:`, the first 16 bytes of the chain's genesis, a colon, the device's id; both in
/// lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Did {
	/// Which chain: the first 16 bytes of its genesis, as CAIP-2 names chains of this kind.
	pub chain: [u8; 16],
	/// Which device.
	pub device: DeviceId,
}

const METHOD: &str = "did:smart:";

/// Why a text is no DID of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DidError {
	/// It is of another method, or none.
	OtherMethod,
	/// The chain is not 32 digits.
	BadChain,
	/// The device is not 64 digits.
	BadDevice,
}

impl Display for DidError {
	fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::OtherMethod => "this is no DID of a device here: it has to begin with `did:smart:`",
			Self::BadChain => "the DID names no chain: 32 lower-case hexadecimal digits have to follow `did:smart:`",
			Self::BadDevice => "the DID names no device: 64 lower-case hexadecimal digits have to follow the chain",
		})
	}
}

impl core::error::Error for DidError {}

impl Did {
	/// The identifier of a device on the chain of this genesis.
	pub fn new(genesis: &[u8; 32], device: DeviceId) -> Self {
		let mut chain = [0; 16];
		chain.copy_from_slice(&genesis[..16]);
		Self { chain, device }
	}
}

impl Display for Did {
	fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
		let hex = |f: &mut Formatter<'_>, bytes: &[u8]| bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"));
		f.write_str(METHOD)?;
		hex(f, &self.chain)?;
		f.write_str(":")?;
		hex(f, &self.device.0)
	}
}

impl FromStr for Did {
	type Err = DidError;

	fn from_str(text: &str) -> Result<Self, DidError> {
		let rest = text.strip_prefix(METHOD).ok_or(DidError::OtherMethod)?;
		let (chain, device) = rest.split_once(':').ok_or(DidError::BadDevice)?;
		Ok(Self {
			chain: digits(chain).ok_or(DidError::BadChain)?,
			device: DeviceId(digits(device).ok_or(DidError::BadDevice)?),
		})
	}
}

/// One text for one DID: digits in lower case, and exactly as many.
fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
	let value = |digit: u8| match digit {
		b'0'..=b'9' => Some(digit - b'0'),
		b'a'..=b'f' => Some(digit - b'a' + 10),
		_ => None,
	};
	let text = text.as_bytes();
	if text.len() != 2 * N {
		return None;
	}
	let mut bytes = [0; N];
	for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
		let [high, low] = pair else {
			return None;
		};
		*byte = value(*high)? << 4 | value(*low)?;
	}
	Some(bytes)
}

/// What a vendor says of a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AttestationStanding<AccountId> {
	/// The vendor.
	pub vendor: AccountId,
	/// How the vendor calls itself.
	pub vendor_name: Vec<u8>,
	/// The model.
	pub model: ModelId,
	/// How the vendor calls the model.
	pub model_name: Vec<u8>,
	/// The era in which it was shown to the chain.
	pub since: u32,
	/// Whether it stands: not if the vendor's key had been stolen by then, or the vendor is revoked.
	pub stands: bool,
}

/// All that the chain knows of a device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DidDocument<AccountId> {
	/// Which device.
	pub device: DeviceId,
	/// Its key.
	pub key: DeviceKey,
	/// Its lottery key; if its own key is sr25519, that.
	pub lottery: sr25519::Public,
	/// Who owns it.
	pub owner: AccountId,
	/// Whether nobody has suspended it.
	pub active: bool,
	/// Its place in the status lists.
	pub number: u64,
	/// The era in which it was registered.
	pub registered: u32,
	/// What its vendor says of it.
	pub attestation: Option<AttestationStanding<AccountId>>,
	/// How its agent is reached.
	pub endpoints: Vec<Endpoint>,
}

/// What the chain answers for a device that it has ever known.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum DidResolution<AccountId> {
	/// It is registered.
	#[codec(index = 0)]
	Registered(DidDocument<AccountId>),
	/// It was, and never will be again.
	#[codec(index = 1)]
	Deactivated {
		/// Whether it was revoked; otherwise its owner retired it.
		revoked: bool,
	},
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{format, string::ToString};
	use proptest::prelude::*;

	const TEXT: &str = "did:smart:000102030405060708090a0b0c0d0e0f:\
		abababababababababababababababababababababababababababababababab";

	fn did() -> Did {
		let genesis = core::array::from_fn(|index| index as u8);
		Did::new(&genesis, DeviceId([0xab; 32]))
	}

	#[test]
	fn a_did_has_one_text() {
		assert_eq!(did().to_string(), TEXT);
		assert_eq!(TEXT.parse(), Ok(did()));
		let refused = |text: &str| text.parse::<Did>().expect_err(text);
		assert_eq!(refused("did:web:example.com"), DidError::OtherMethod);
		assert_eq!(refused("did:smart:00"), DidError::BadDevice);
		assert_eq!(refused(&TEXT.to_uppercase()), DidError::OtherMethod);
		assert_eq!(refused(&TEXT.replace("0a0b", "0A0B")), DidError::BadChain);
		assert_eq!(refused(&TEXT.replace("0a0b", "0a0")), DidError::BadChain);
		assert_eq!(refused(&TEXT.replace("abab", "ABAB")), DidError::BadDevice);
		assert_eq!(refused(&format!("{TEXT}0")), DidError::BadDevice);
		assert_eq!(refused(&format!("{TEXT}#device")), DidError::BadDevice);
		assert!(refused("did:web:example.com").to_string().contains("begin with"));
	}

	proptest! {
		#[test]
		fn each_did_is_read_as_it_was_written(chain: [u8; 16], device: [u8; 32]) {
			let did = Did { chain, device: DeviceId(device) };
			prop_assert_eq!(did.to_string().parse(), Ok(did));
		}

		#[test]
		fn no_text_panics(text in "(did:smart:)?\\PC{0,120}") {
			if let Ok(did) = text.parse::<Did>() {
				prop_assert_eq!(did.to_string(), text);
			}
		}
	}
}
