//! Who a node is on the network: its key and the peer id that follows from it.

use sp_core::{ed25519, Pair};
use sp_runtime::traits::{BlakeTwo256, Hash};

/// A node's secret network key, and what others call it.
#[derive(Clone, Debug)]
pub struct Identity {
	secret: [u8; 32],
	peer_id: String,
}

impl Identity {
	/// The same name always yields the same identity.
	pub fn of(name: &str) -> Self {
		let secret = BlakeTwo256::hash(format!("smartchain test node {name}").as_bytes()).0;
		let public = ed25519::Pair::from_seed(&secret).public();
		// A peer id is the identity multihash of the protobuf-encoded public key.
		let mut bytes = vec![0x00, 0x24, 0x08, 0x01, 0x12, 0x20];
		bytes.extend_from_slice(public.as_ref());
		Self {
			secret,
			peer_id: base58(&bytes),
		}
	}

	/// The argument of `--node-key`.
	pub fn node_key(&self) -> String {
		hex(&self.secret)
	}

	/// The secret key.
	pub fn secret(&self) -> [u8; 32] {
		self.secret
	}

	/// The peer id.
	pub fn peer_id(&self) -> &str {
		&self.peer_id
	}
}

/// Lower-case hex without a prefix.
pub fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base58(bytes: &[u8]) -> String {
	const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	// Digits of the number in base 58, the lowest first.
	let mut digits: Vec<u8> = Vec::new();
	for byte in bytes {
		let mut carry = u32::from(*byte);
		for digit in &mut digits {
			carry += u32::from(*digit) << 8;
			*digit = (carry % 58) as u8;
			carry /= 58;
		}
		while carry > 0 {
			digits.push((carry % 58) as u8);
			carry /= 58;
		}
	}
	let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
	std::iter::repeat_n(0, zeros)
		.chain(digits.into_iter().rev())
		.map(|digit| char::from(ALPHABET[usize::from(digit)]))
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn base58_is_that_of_bitcoin() {
		assert_eq!(base58(b""), "");
		assert_eq!(base58(&[0, 0, 40, 127, 180, 205]), "11233QC4");
		assert_eq!(base58(b"Hello World!"), "2NEpo7TZRRrLZSi2U");
	}

	#[test]
	fn peer_ids_look_like_those_of_ed25519_keys() {
		let alice = Identity::of("alice");
		assert!(alice.peer_id().starts_with("12D3KooW"), "{}", alice.peer_id());
		assert_eq!(alice.peer_id(), Identity::of("alice").peer_id());
		assert_ne!(alice.peer_id(), Identity::of("bob").peer_id());
	}
}
