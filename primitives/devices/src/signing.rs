//! A key of P-256 in memory, for agents without a chip, tests and benchmarks.

use crate::{P256Key, P256Signature};
use p256::ecdsa::{signature::Signer, Signature, SigningKey};

/// A pair of keys of P-256. Signatures follow RFC 6979: the same payload has the same signature.
pub struct P256Pair(SigningKey);

impl P256Pair {
	/// The pair of this secret, which is a number from 1 to below the order of the curve; `None` for any other.
	pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
		SigningKey::from_slice(seed).ok().map(Self)
	}

	/// Its public key.
	pub fn public(&self) -> P256Key {
		let point = self.0.verifying_key().to_encoded_point(true);
		let mut key = [0; 33];
		// A compressed point is as long.
		for (to, from) in key.iter_mut().zip(point.as_bytes()) {
			*to = *from;
		}
		P256Key(key)
	}

	/// Signs, with the lower `s`.
	pub fn sign(&self, payload: &[u8]) -> P256Signature {
		let signature: Signature = self.0.sign(payload);
		let signature = signature.normalize_s().unwrap_or(signature);
		P256Signature(signature.to_bytes().into())
	}
}
