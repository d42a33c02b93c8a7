//! The hot keys of a payment program: all from one secret, each for its purpose.

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use channel_primitives::{Account, ChannelKey, ChannelSignature, Hash};
use ed25519_zebra::{Signature, SigningKey, VerificationKey};
use smart_agent_keys::DeviceSecret;
use zeroize::Zeroizing;

/// Bytes of a node's secret and of its public key, X25519.
pub const NODE_KEY_BYTES: usize = 32;

/// Which key of a channel it is: the partner, and the number among the keys with this partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyOf {
	/// The partner's account.
	pub partner: Account,
	/// Counts from 0 on. Two channels have two numbers.
	pub number: u32,
}

/// All hot keys of a program.
pub struct HotKeys(DeviceSecret);

impl HotKeys {
	/// Those that derive from the secret of this device of the owner's.
	pub fn new(device: DeviceSecret) -> Self {
		Self(device)
	}

	/// The key that signs in a channel.
	pub fn channel(&self, of: &KeyOf) -> ChannelSigner {
		let mut purpose = b"pay channel".to_vec();
		purpose.extend_from_slice(&of.partner);
		purpose.extend_from_slice(&of.number.to_le_bytes());
		let seed = self.0.derived(&purpose);
		ChannelSigner(SigningKey::from(*seed))
	}

	/// Which key with this partner it is, looked for among the first `up_to`: if only chain and phrase are left.
	pub fn find(&self, key: &ChannelKey, partner: &Account, up_to: u32) -> Option<KeyOf> {
		(0..up_to)
			.map(|number| KeyOf {
				partner: *partner,
				number,
			})
			.find(|of| self.channel(of).key() == *key)
	}

	/// The secret of the node, by which partners know it on the wire.
	pub fn node_secret(&self) -> Zeroizing<[u8; NODE_KEY_BYTES]> {
		self.0.derived(b"pay node")
	}

	/// The key of this program's box at a mailbox.
	pub fn mailbox(&self) -> ChannelSigner {
		ChannelSigner(SigningKey::from(*self.0.derived(b"pay mailbox")))
	}

	/// What backups are under.
	pub(crate) fn backup_cipher(&self) -> XChaCha20Poly1305 {
		let key = self.0.derived(b"pay backup");
		XChaCha20Poly1305::new(chacha20poly1305::Key::from_slice(&key[..]))
	}
}

/// The key of one side of a channel. It is wiped when it goes.
pub struct ChannelSigner(SigningKey);

impl ChannelSigner {
	/// The public key, as the channel's terms have it.
	pub fn key(&self) -> ChannelKey {
		ChannelKey(VerificationKey::from(&self.0).into())
	}

	/// Signs what [`Unsigned::payload`](smartchain_channel::Unsigned::payload) says.
	pub fn sign(&self, payload: &Hash) -> ChannelSignature {
		ChannelSignature(self.0.sign(payload).into())
	}
}

impl Drop for ChannelSigner {
	fn drop(&mut self) {
		zeroize::Zeroize::zeroize(&mut self.0);
	}
}

/// Whether a key signed these 32 bytes, by ZIP 215, as the chain checks it: for
/// [`Checks::signed`](smartchain_channel::Checks::signed).
pub fn verify(key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
	VerificationKey::try_from(key.0).is_ok_and(|key| key.verify(&Signature::from(signature.0), payload).is_ok())
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_keys::Phrase;

	const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

	fn keys(name: &str) -> HotKeys {
		let phrase = Phrase::parse(WORDS).unwrap();
		HotKeys::new(DeviceSecret::derive(&phrase, &name.parse().unwrap()).unwrap())
	}

	fn of(partner: u8, number: u32) -> KeyOf {
		KeyOf {
			partner: [partner; 32],
			number,
		}
	}

	#[test]
	fn each_channel_has_its_own_key_and_the_phrase_has_all() {
		let mut seen = std::collections::BTreeSet::new();
		for name in ["pay", "phone"] {
			for partner in 0..3 {
				for number in 0..3 {
					assert!(seen.insert(keys(name).channel(&of(partner, number)).key()));
				}
			}
		}
		let key = keys("pay").channel(&of(2, 5)).key();
		assert_eq!(keys("pay").find(&key, &[2; 32], 16), Some(of(2, 5)));
		assert_eq!(keys("pay").find(&key, &[2; 32], 5), None);
		assert_eq!(keys("pay").find(&key, &[1; 32], 16), None);
		assert_ne!(keys("pay").node_secret(), keys("phone").node_secret());
	}

	#[test]
	fn what_is_signed_is_checked() {
		let signer = keys("pay").channel(&of(1, 0));
		let signature = signer.sign(&[5; 32]);
		assert!(verify(&signer.key(), &[5; 32], &signature));
		assert!(!verify(&signer.key(), &[6; 32], &signature));
		let other = keys("pay").channel(&of(1, 1));
		assert!(!verify(&other.key(), &[5; 32], &signature));
		assert!(!verify(&ChannelKey([0xff; 32]), &[5; 32], &signature));
	}
}
