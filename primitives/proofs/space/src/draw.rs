//! The draw: which groups are up in a round, and which of their finds win. Hashes are read as numbers in big endian.

use crate::Hash;
use sp_crypto_hashing::blake2_256;

const GROUP_DOMAIN: &[u8] = b"smart/pos2/group/1";
/// The tag of the challenges of space.
pub const SPACE_TAG: &[u8; 13] = b"smart/space/1";

const WIN_DOMAIN: &[u8] = b"smart/pos2/win/1";

/// `p * 2^256` in big endian, for a probability `p` below 1. All bytes 255 stand for `p` = 1: all but one of 2^256
/// qualities are below.
pub type Threshold = [u8; 32];

/// The scheme's second number of a group, always this one: others would be plots that no claim names.
pub const META_GROUP: u8 = 0;

/// A filter leaves one group in `2^bits`; it has so many bits at most.
pub const MAX_FILTER_BITS: u8 = 8;

/// Bytes of the encoded fragments.
pub(crate) const FRAGMENT_BYTES: usize = 128;

/// The id of a device's group: what its plots are made of. Nothing in it is to choose, if numbers are consecutive.
pub fn group_id(genesis: &Hash, device: &Hash, strength: u8, k: u8, number: u32) -> Hash {
	let parts = [GROUP_DOMAIN, genesis, device, &[strength, k], &number.to_le_bytes()];
	blake2_256(&joined::<{ GROUP_DOMAIN.len() + 70 }>(parts))
}

/// Whether a group has to be looked into in this round: the low bits of a hash are 0. With more bits than
/// [`MAX_FILTER_BITS`] none is.
pub fn is_up(challenge: &Hash, group: &Hash, filter_bits: u8) -> bool {
	let hash = blake2_256(&joined::<64>([challenge, group]));
	let [.., low] = hash;
	filter_bits <= MAX_FILTER_BITS && u32::from(low).trailing_zeros() >= u32::from(filter_bits)
}

/// The quality of a find.
pub(crate) fn quality(challenge: &Hash, group: &Hash, index: u16, fragments: &[u8; FRAGMENT_BYTES]) -> Hash {
	let parts = [WIN_DOMAIN, challenge, group, &index.to_le_bytes(), fragments];
	blake2_256(&joined::<{ WIN_DOMAIN.len() + 66 + FRAGMENT_BYTES }>(parts))
}

/// Whether a find of this quality wins.
pub fn wins(quality: &Hash, threshold: &Threshold) -> bool {
	quality < threshold
}

/// The parts one after the other. They have `N` bytes together: all callers know the lengths of theirs.
fn joined<const N: usize>(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> [u8; N] {
	let mut joined = [0; N];
	let mut places = joined.iter_mut();
	for part in parts {
		for (byte, place) in part.as_ref().iter().zip(&mut places) {
			*place = *byte;
		}
	}
	joined
}
