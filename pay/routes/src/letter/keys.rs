//! What a hop shares with the payer, and what it makes of it.

use crate::NodeKey;
use chacha20poly1305::{aead::AeadInPlace, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use channel_primitives::Hash;
use sp_crypto_hashing::blake2_256;
use x25519_dalek::{x25519, X25519_BASEPOINT_BYTES};
use zeroize::Zeroizing;

/// Bytes of a seal.
pub(super) const MAC: usize = 16;
/// What every key here is made under.
const DOMAIN: &[u8] = b"SmartChain/pay/letter/v1\0";

/// What a key is for.
#[derive(Clone, Copy)]
pub(super) enum Label {
	/// The layer itself.
	Body = 0,
	/// What takes the place of a layer that was taken off.
	Pad = 1,
	/// What the point is changed by for the next hop.
	Blind = 2,
	/// Why it came to nothing.
	Fault = 3,
	/// The room that is left in the innermost layer.
	Room = 4,
	/// What a hop remembers a letter by.
	Mark = 5,
}

/// A key of 32 bytes, for one use.
pub(super) type Derived = Zeroizing<[u8; 32]>;

/// Of what is shared under a point.
pub(super) fn derive(genesis: &Hash, label: Label, point: &[u8; 32], shared: &[u8; 32]) -> Derived {
	let bytes = Zeroizing::new([DOMAIN, genesis, &[label as u8], point, shared].concat());
	Zeroizing::new(blake2_256(&bytes))
}

/// The public key of a secret.
pub fn node_key(secret: &[u8; 32]) -> NodeKey {
	x25519(*secret, X25519_BASEPOINT_BYTES)
}

/// What a secret and a point share; none if the point is one of the few that share the same with every secret.
pub(super) fn agree(secret: &[u8; 32], point: &[u8; 32]) -> Option<Derived> {
	let shared = Zeroizing::new(x25519(*secret, *point));
	shared.iter().any(|byte| *byte != 0).then_some(shared)
}

/// The same under one factor after the other.
pub(super) fn agree_all(factors: &[Derived], point: &NodeKey) -> Option<Derived> {
	let mut shared = Zeroizing::new(*point);
	for factor in factors {
		shared = agree(factor, &shared)?;
	}
	Some(shared)
}

/// Each key seals one thing: so its number may be the same each time.
fn cipher(key: &[u8; 32]) -> (ChaCha20Poly1305, Nonce) {
	(ChaCha20Poly1305::new(Key::from_slice(key)), Nonce::default())
}

/// Seals in place. None only if it is longer than the cipher takes, which nothing here is.
pub(super) fn seal(key: &[u8; 32], bound: &[u8], bytes: &mut [u8]) -> Option<[u8; MAC]> {
	let (cipher, nonce) = cipher(key);
	let tag = cipher.encrypt_in_place_detached(&nonce, bound, bytes).ok()?;
	Some(tag.into())
}

/// Opens in place; none, and nothing has changed, if it was sealed otherwise.
pub(super) fn open(key: &[u8; 32], bound: &[u8], bytes: &mut [u8], mac: &[u8; MAC]) -> Option<()> {
	let (cipher, nonce) = cipher(key);
	cipher
		.decrypt_in_place_detached(&nonce, bound, bytes, Tag::from_slice(mac))
		.ok()
}

/// What is laid over what this key seals.
pub(super) fn stream(key: &[u8; 32], length: usize) -> Option<Vec<u8>> {
	let mut bytes = vec![0; length];
	seal(key, &[], &mut bytes)?;
	Some(bytes)
}
