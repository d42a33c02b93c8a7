//! What a mark says of a slot's file: how much of it is durable, and its root once all is.

use storage_proof_primitives::Hash;

/// How a mark begins. The last byte is its version.
const MAGIC: &[u8; 8] = b"SCSLOTM\x01";
/// Bytes of its checksum.
const SUM: usize = 8;
/// Bytes of a mark.
pub(super) const BYTES: usize = 8 + 8 + 8 + 1 + 32 + SUM;

/// A mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
	/// Bytes that the slot will have.
	pub(super) length: u64,
	/// Bytes from its start that are durable.
	pub(super) durable: u64,
	/// Its root, if all of it is durable and so is its outboard.
	pub(super) root: Option<Hash>,
}

impl Mark {
	pub(super) fn encode(&self) -> Vec<u8> {
		let mut bytes = MAGIC.to_vec();
		bytes.extend(self.length.to_le_bytes());
		bytes.extend(self.durable.to_le_bytes());
		bytes.push(self.root.is_some().into());
		bytes.extend(self.root.unwrap_or_default());
		let sum = blake3::hash(&bytes);
		bytes.extend(sum.as_bytes().iter().take(SUM));
		bytes
	}

	/// What bytes say; `None` if they are damaged.
	pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
		let (body, sum) = bytes.split_at_checked(BYTES - SUM)?;
		if blake3::hash(body).as_bytes().get(..SUM) != Some(sum) {
			return None;
		}
		let (length, rest) = body.strip_prefix(&MAGIC[..])?.split_first_chunk::<8>()?;
		let (durable, rest) = rest.split_first_chunk::<8>()?;
		let (has_root, root) = rest.split_first()?;
		let root: Hash = root.try_into().ok()?;
		let found = Self {
			length: u64::from_le_bytes(*length),
			durable: u64::from_le_bytes(*durable),
			root: (*has_root == 1).then_some(root),
		};
		(found.durable <= found.length && *has_root <= 1).then_some(found)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_bytes_of_version_1_stay() {
		let mark = Mark {
			length: 1 << 20,
			durable: 3 << 14,
			root: None,
		};
		let bytes = mark.encode();
		assert_eq!(bytes.len(), BYTES);
		assert_eq!(&bytes[..8], b"SCSLOTM\x01");
		assert_eq!(&bytes[8..24], [0, 0, 16, 0, 0, 0, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0]);
		assert_eq!(bytes[24..57], [0; 33]);
		for root in [None, Some([7; 32])] {
			let mark = Mark { root, ..mark };
			assert_eq!(Mark::decode(&mark.encode()), Some(mark));
		}
	}

	#[test]
	fn damage_is_seen() {
		let bytes = Mark {
			length: 9,
			durable: 9,
			root: Some([1; 32]),
		}
		.encode();
		for at in 0..bytes.len() {
			let mut wrong = bytes.clone();
			wrong[at] ^= 1;
			assert_eq!(Mark::decode(&wrong), None, "byte {at}");
			assert_eq!(Mark::decode(&bytes[..at]), None, "{at} bytes");
		}
	}
}
