//! The keys of devices and vendors, their signatures, and the ids that follow from keys.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use p256::ecdsa::{signature::Verifier, Signature, VerifyingKey};
use scale_info::TypeInfo;
use sp_core::{bytes, ed25519, sr25519};

/// Keeps ids of devices apart from any other hash.
const ID_DOMAIN: &[u8; 23] = b"SmartChain device id v1";

/// A key of P-256 (secp256r1), as secure chips hold it: a compressed point of SEC 1, whose first byte is 2 or 3.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct P256Key(pub [u8; 33]);

impl P256Key {
	/// The point. SEC 1 knows other forms of the same length (first byte 5): they would be a second name of one key.
	fn point(&self) -> Option<VerifyingKey> {
		let [tag, ..] = self.0;
		if matches!(tag, 2 | 3) {
			VerifyingKey::from_sec1_bytes(&self.0).ok()
		} else {
			None
		}
	}

	/// Whether the key signed it: ECDSA over the SHA-256 of the payload, with the lower of the two possible `s`. Chips
	/// give either of them; who sends the signature makes it the lower one.
	fn verify(&self, payload: &[u8], signature: &P256Signature) -> bool {
		let (Some(key), Ok(signature)) = (self.point(), Signature::from_slice(&signature.0)) else {
			return false;
		};
		signature.normalize_s().is_none() && key.verify(payload, &signature).is_ok()
	}
}

impl serde::Serialize for P256Key {
	fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		bytes::serialize(&self.0, serializer)
	}
}

impl<'de> serde::Deserialize<'de> for P256Key {
	fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let mut key = [0; 33];
		bytes::deserialize_check_len(deserializer, bytes::ExpectedLen::Exact(&mut key))?;
		Ok(Self(key))
	}
}

/// A signature of P-256: `r` and `s`, 32 bytes each, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct P256Signature(pub [u8; 64]);

/// The key of a device, or of a vendor. One key is encoded in one way only.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum DeviceKey {
	/// sr25519. It is its own lottery key.
	#[codec(index = 0)]
	Sr25519(sr25519::Public),
	/// ed25519.
	#[codec(index = 1)]
	Ed25519(ed25519::Public),
	/// P-256.
	#[codec(index = 2)]
	P256(P256Key),
}

/// A signature of a [`DeviceKey`] of the same kind.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum DeviceSignature {
	/// Of an sr25519 key.
	#[codec(index = 0)]
	Sr25519(sr25519::Signature),
	/// Of an ed25519 key.
	#[codec(index = 1)]
	Ed25519(ed25519::Signature),
	/// Of a P-256 key.
	#[codec(index = 2)]
	P256(P256Signature),
}

impl DeviceSignature {
	/// Whether a P-256 key made it: verifying it costs several times as much as the others.
	pub fn is_p256(&self) -> bool {
		matches!(self, Self::P256(_))
	}
}

/// The least significant bytes of the coordinate `y` of each point of small order of ed25519, without the bit of the
/// sign; with those forms that are not canonical.
const SMALL_ORDER: [[u8; 32]; 7] = {
	let (mut one, mut low, mut prime, mut high) = ([0; 32], [0xff; 32], [0xff; 32], [0xff; 32]);
	one[0] = 1;
	(low[0], prime[0], high[0]) = (0xec, 0xed, 0xee);
	(low[31], prime[31], high[31]) = (0x7f, 0x7f, 0x7f);
	[
		[0; 32],
		one,
		[
			0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
			0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
		],
		[
			0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
			0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
		],
		low,
		prime,
		high,
	]
};

fn is_small_order(key: &ed25519::Public) -> bool {
	let mut y = key.0;
	y[31] &= 0x7f;
	SMALL_ORDER.contains(&y)
}

/// The neutral element of Ristretto.
const NEUTRAL: [u8; 32] = [0; 32];

impl DeviceKey {
	/// Whether it is a key that somebody can hold: of P-256 a point in its one form, and else none of those under which
	/// anyone could sign.
	pub fn is_sound(&self) -> bool {
		match self {
			Self::Sr25519(key) => key.0 != NEUTRAL,
			Self::Ed25519(key) => !is_small_order(key),
			Self::P256(key) => key.point().is_some(),
		}
	}

	/// Whether it signed the payload. Nobody without the key can make a second signature from one that is accepted.
	pub fn verify(&self, payload: &[u8], signature: &DeviceSignature) -> bool {
		match (self, signature) {
			(Self::Sr25519(key), DeviceSignature::Sr25519(signature)) => {
				self.is_sound() && sp_io::crypto::sr25519_verify(signature, payload, key)
			}
			(Self::Ed25519(key), DeviceSignature::Ed25519(signature)) => {
				self.is_sound() && sp_io::crypto::ed25519_verify(signature, payload, key)
			}
			// It looks at the point itself.
			(Self::P256(key), DeviceSignature::P256(signature)) => key.verify(payload, signature),
			_ => false,
		}
	}

	/// The id of the device that has this key.
	pub fn device_id(&self) -> DeviceId {
		DeviceId(sp_io::hashing::blake2_256(&(ID_DOMAIN, self).encode()))
	}

	/// What is kept of a key for good.
	pub fn hash(&self) -> KeyHash {
		self.device_id().key_hash()
	}

	/// The bytes of the account that the same key would have, if it can have one.
	pub fn account_bytes(&self) -> Option<[u8; 32]> {
		match self {
			Self::Sr25519(key) => Some(key.0),
			Self::Ed25519(key) => Some(key.0),
			Self::P256(_) => None,
		}
	}
}

/// Which device: a hash of its key, so that it is the same everywhere and nobody chooses it.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct DeviceId(pub [u8; 32]);

impl DeviceId {
	/// The hash of the device's key: the first half of the id.
	pub fn key_hash(&self) -> KeyHash {
		let mut hash = [0; 16];
		hash.copy_from_slice(&self.0[..16]);
		KeyHash(hash)
	}
}

/// What is kept of a key for good, so that it is not registered again. 16 bytes are enough: to find a second key for a
/// given hash takes 2^128 tries, and two keys of one's own that share one are of no use to anybody.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct KeyHash(pub [u8; 16]);

#[cfg(test)]
mod tests {
	use super::*;
	use crate::P256Pair;
	use alloc::vec::Vec;
	use proptest::prelude::*;
	use sp_core::Pair as _;

	const PAYLOAD: &[u8] = b"what was signed";

	fn chip(seed: u8) -> P256Pair {
		P256Pair::from_seed(&[seed; 32]).expect("in range")
	}

	/// A key of each kind, with a signature by it.
	fn signed() -> Vec<(DeviceKey, DeviceSignature)> {
		let sr = sr25519::Pair::from_seed(&[1; 32]);
		let ed = ed25519::Pair::from_seed(&[2; 32]);
		let p256 = chip(3);
		alloc::vec![
			(
				DeviceKey::Sr25519(sr.public()),
				DeviceSignature::Sr25519(sr.sign(PAYLOAD))
			),
			(
				DeviceKey::Ed25519(ed.public()),
				DeviceSignature::Ed25519(ed.sign(PAYLOAD))
			),
			(
				DeviceKey::P256(p256.public()),
				DeviceSignature::P256(p256.sign(PAYLOAD))
			),
		]
	}

	#[test]
	fn each_kind_verifies_its_own_signatures_and_no_others() {
		for (a, (key, _)) in signed().iter().enumerate() {
			assert!(key.is_sound());
			for (b, (_, signature)) in signed().iter().enumerate() {
				assert_eq!(key.verify(PAYLOAD, signature), a == b, "{a} {b}");
				assert!(!key.verify(b"something else", signature));
			}
		}
	}

	/// A vector of RFC 6979, A.2.5: not our own arithmetic on both sides.
	#[test]
	fn a_published_signature_of_p256() {
		let hex = |text: &str| bytes::from_hex(text).expect("hexadecimal digits");
		let x = hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6");
		let key = P256Key([&[3u8][..], &x].concat().try_into().expect("33 bytes"));
		let r = hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716");
		let s = hex("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
		let high = Signature::from_slice(&[&r[..], &s].concat()).expect("in range");
		let low = high.normalize_s().expect("this s is the higher one");
		let as_bytes = |signature: Signature| P256Signature(signature.to_bytes().into());
		assert!(key.verify(b"sample", &as_bytes(low)));
		assert!(!key.verify(b"sample", &as_bytes(high)), "the higher s is refused");
		assert!(!key.verify(b"test", &as_bytes(low)));
	}

	#[test]
	fn a_malleated_signature_of_p256_is_none() {
		let signature = chip(3).sign(PAYLOAD);
		let parsed = Signature::from_slice(&signature.0).expect("in range");
		let (r, s) = parsed.split_scalars();
		let other = Signature::from_scalars(r, -s).expect("in range");
		let other = P256Signature(other.to_bytes().into());
		assert_ne!(other, signature);
		assert!(chip(3).public().verify(PAYLOAD, &signature));
		assert!(!chip(3).public().verify(PAYLOAD, &other));
	}

	/// One point has one form: else one chip were two devices.
	#[test]
	fn no_key_of_p256_has_a_second_form() {
		for seed in 1..40 {
			let key = chip(seed).public();
			let signature = chip(seed).sign(PAYLOAD);
			assert!(matches!(key.0[0], 2 | 3));
			for tag in (0..=255).filter(|tag| *tag != key.0[0]) {
				let mut other = key;
				other.0[0] = tag;
				assert!(!other.verify(PAYLOAD, &signature), "{tag}");
				assert!(matches!(tag, 2 | 3) || !DeviceKey::P256(other).is_sound());
			}
		}
		assert!(!DeviceKey::P256(P256Key([0; 33])).is_sound());
		let beyond_the_field = P256Key([&[2u8][..], &[0xff; 32]].concat().try_into().expect("33 bytes"));
		assert!(!DeviceKey::P256(beyond_the_field).is_sound());
	}

	/// Under a key of small order anyone can sign anything: it is nobody's.
	#[test]
	fn keys_under_which_anyone_signs_are_refused() {
		// `R` is the neutral element and `s` is 0.
		let mut forged = [0; 64];
		forged[0] = 1;
		let forged = ed25519::Signature::from_raw(forged);
		let mut accepted = 0;
		for mut y in SMALL_ORDER {
			for sign in [0, 0x80] {
				y[31] = y[31] & 0x7f | sign;
				let key = ed25519::Public::from_raw(y);
				accepted += u32::from(sp_io::crypto::ed25519_verify(&forged, PAYLOAD, &key));
				let key = DeviceKey::Ed25519(key);
				assert!(!key.is_sound());
				assert!(!key.verify(PAYLOAD, &DeviceSignature::Ed25519(forged)));
			}
		}
		assert!(accepted > 8, "the SDK's verification accepts them: {accepted}");
		// `R` is the base point of Ristretto, `s` is 1; the highest bit marks a signature of schnorrkel.
		let base = bytes::from_hex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76");
		let mut forged = base.expect("hexadecimal digits");
		forged.resize(64, 0);
		(forged[32], forged[63]) = (1, 0x80);
		let forged = sr25519::Signature::from_raw(forged.try_into().expect("64 bytes"));
		let key = sr25519::Public::from_raw(NEUTRAL);
		assert!(
			sp_io::crypto::sr25519_verify(&forged, PAYLOAD, &key),
			"and those of Ristretto"
		);
		assert!(!DeviceKey::Sr25519(key).verify(PAYLOAD, &DeviceSignature::Sr25519(forged)));
	}

	#[test]
	fn ids_depend_on_the_kind_and_on_each_byte() {
		let mut ids: Vec<_> = signed().iter().map(|(key, _)| key.device_id()).collect();
		ids.push(DeviceKey::Sr25519(sr25519::Public::from_raw([7; 32])).device_id());
		ids.push(DeviceKey::Ed25519(ed25519::Public::from_raw([7; 32])).device_id());
		ids.sort();
		ids.dedup();
		assert_eq!(ids.len(), 5);
	}

	#[test]
	fn keys_have_a_json_form() {
		for (key, _) in signed() {
			let text = serde_json::to_string(&key).expect("serializes");
			assert_eq!(serde_json::from_str::<DeviceKey>(&text).ok(), Some(key), "{text}");
		}
	}

	proptest! {
		#[test]
		fn no_damaged_signature_verifies(which in 0usize..3, at in 0usize..64, flip in 1u8..) {
			let (key, signature) = signed().remove(which);
			let mut bytes = signature.encode();
			bytes[1 + at] ^= flip;
			let damaged = DeviceSignature::decode(&mut &bytes[..]).expect("any bytes are");
			prop_assert!(!key.verify(PAYLOAD, &damaged));
		}

		#[test]
		fn random_bytes_verify_nothing_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
			if let Ok((key, signature)) = <(DeviceKey, DeviceSignature)>::decode(&mut &bytes[..]) {
				prop_assert!(!key.verify(PAYLOAD, &signature));
			}
		}
	}
}
