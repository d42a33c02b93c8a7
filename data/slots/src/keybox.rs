//! A volume's key, wrapped for whoever may open it: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! A box lies on chain, in the open. Whoever has the seed phrase has the secret that opens it, and so every volume
//! again.

use crate::{Error, VolumeKey};
use hpke::{
	aead::ChaCha20Poly1305,
	kdf::HkdfSha256,
	kem::X25519HkdfSha256,
	rand_core::{CryptoRng, RngCore},
	single_shot_open, single_shot_seal, Deserializable, Kem, OpModeR, OpModeS, Serializable,
};
use zeroize::Zeroizing;

/// Bytes of a box: `1 | ephemeral key 32 | sealed key 32 | tag 16`.
pub const BOX: usize = 81;
/// The version, a box's first byte.
const VERSION: u8 = 1;
/// Bytes of an X25519 key.
const KEY: usize = 32;
/// What HPKE is told of the purpose.
const INFO: &[u8] = b"SmartChain volume key box v1";

type Scheme = X25519HkdfSha256;

/// What opens the boxes of one account.
pub struct BoxSecret {
	secret: <Scheme as Kem>::PrivateKey,
	public: [u8; KEY],
}

impl BoxSecret {
	/// From 32 bytes that are made of the seed phrase for this purpose alone.
	pub fn derive(seed: &[u8; 32]) -> Self {
		let (secret, public) = Scheme::derive_keypair(seed);
		Self {
			secret,
			public: public.to_bytes().into(),
		}
	}

	/// What others wrap keys for it with.
	pub fn public(&self) -> [u8; KEY] {
		self.public
	}

	/// Opens a box that was wrapped for it in this context.
	///
	/// Errors: [`Error::KeyBox`].
	pub fn open(&self, wrapped: &[u8; BOX], context: &[u8]) -> Result<VolumeKey, Error> {
		let (version, rest) = wrapped.split_at(1);
		let (ephemeral, sealed) = rest.split_at(KEY);
		if version != [VERSION] {
			return Err(Error::KeyBox);
		}
		let ephemeral = <Scheme as Kem>::EncappedKey::from_bytes(ephemeral).map_err(|_| Error::KeyBox)?;
		let mode = OpModeR::Base;
		let opened = single_shot_open::<ChaCha20Poly1305, HkdfSha256, Scheme>(
			&mode,
			&self.secret,
			&ephemeral,
			INFO,
			sealed,
			context,
		);
		let opened = Zeroizing::new(opened.map_err(|_| Error::KeyBox)?);
		let key = <[u8; 32]>::try_from(&opened[..]).map_err(|_| Error::KeyBox)?;
		Ok(VolumeKey::new(key))
	}
}

impl std::fmt::Debug for BoxSecret {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str("BoxSecret")
	}
}

/// Wraps a volume's key for whoever has the secret of a public key. `context` is bound to it: what both sides know,
/// such as the chain and the owner. `chance` is 32 bytes of a good source, never used before.
///
/// Errors: [`Error::KeyBox`] if the public key is none.
pub fn wrap_key(key: &VolumeKey, public: &[u8; KEY], context: &[u8], chance: [u8; 32]) -> Result<[u8; BOX], Error> {
	let public = <Scheme as Kem>::PublicKey::from_bytes(public).map_err(|_| Error::KeyBox)?;
	let mut chance = Chance(Zeroizing::new(chance));
	let mode = OpModeS::Base;
	let (ephemeral, sealed) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Scheme, Chance>(
		&mode,
		&public,
		INFO,
		key.secret(),
		context,
		&mut chance,
	)
	.map_err(|_| Error::KeyBox)?;
	let whole = [&[VERSION][..], &ephemeral.to_bytes(), &sealed].concat();
	whole.try_into().map_err(|_| Error::KeyBox)
}

/// Hands HPKE the chance that came in, once: it draws one key.
struct Chance(Zeroizing<[u8; 32]>);

impl RngCore for Chance {
	fn next_u32(&mut self) -> u32 {
		let mut bytes = [0; 4];
		self.fill_bytes(&mut bytes);
		u32::from_le_bytes(bytes)
	}

	fn next_u64(&mut self) -> u64 {
		let mut bytes = [0; 8];
		self.fill_bytes(&mut bytes);
		u64::from_le_bytes(bytes)
	}

	fn fill_bytes(&mut self, bytes: &mut [u8]) {
		let mut hasher = blake3::Hasher::new_derive_key("SmartChain key box chance v1");
		hasher.update(&self.0[..]);
		let mut stream = hasher.finalize_xof();
		stream.fill(bytes);
		// Whatever is drawn next is something else.
		stream.fill(&mut self.0[..]);
	}
}

impl CryptoRng for Chance {}

#[cfg(test)]
mod tests {
	use super::*;

	/// What `tests/golden/keybox.py` prints.
	const GOLDEN: &str = include_str!("../tests/golden/keybox-v1.txt");

	fn hex(bytes: &[u8]) -> String {
		bytes.iter().map(|byte| format!("{byte:02x}")).collect()
	}

	fn wrapped() -> [u8; BOX] {
		let public = BoxSecret::derive(&[1; 32]).public();
		wrap_key(&VolumeKey::new([2; 32]), &public, b"context", [3; 32]).unwrap()
	}

	#[test]
	fn the_bytes_of_version_1_stay() {
		let public = BoxSecret::derive(&[1; 32]).public();
		assert_eq!(format!("{}\n{}\n", hex(&public), hex(&wrapped())), GOLDEN);
	}

	#[test]
	fn a_box_opens_for_its_account_and_context_alone() {
		let secret = BoxSecret::derive(&[1; 32]);
		assert_eq!(secret.open(&wrapped(), b"context").unwrap().secret(), &[2; 32]);
		assert!(secret.open(&wrapped(), b"another").is_err());
		assert!(BoxSecret::derive(&[4; 32]).open(&wrapped(), b"context").is_err());
		for i in 0..BOX {
			let mut wrong = wrapped();
			wrong[i] ^= 1;
			assert!(
				matches!(secret.open(&wrong, b"context"), Err(Error::KeyBox)),
				"byte {i}"
			);
		}
	}

	#[test]
	fn boxes_of_one_key_have_nothing_in_common() {
		let public = BoxSecret::derive(&[1; 32]).public();
		let other = wrap_key(&VolumeKey::new([2; 32]), &public, b"context", [5; 32]).unwrap();
		assert_ne!(wrapped()[1..33], other[1..33]);
		assert_ne!(wrapped()[33..], other[33..]);
		assert!(
			wrap_key(&VolumeKey::new([2; 32]), &[0; 32], b"", [3; 32]).is_err(),
			"a key that is none"
		);
		assert_eq!(format!("{:?}", BoxSecret::derive(&[1; 32])), "BoxSecret");
	}
}
