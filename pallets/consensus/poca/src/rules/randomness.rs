//! How the VRF outputs of an era become the randomness of the era after next, and, with the first
//! output of the next era, the order of its turns.

use codec::Encode;
use poca_primitives::Randomness;
use sp_io::hashing::blake2_256;

/// Keeps what is hashed here apart from everything else that is hashed.
const DOMAIN: &[u8; 29] = b"SmartChain POCA randomness v1";

/// Keeps what orders turns apart from what VRFs are evaluated over, which comes from the same outputs.
const ORDER_DOMAIN: &[u8; 24] = b"SmartChain POCA order v1";

/// Adds a VRF output to what an era has accumulated.
pub fn fold(accumulated: &Randomness, output: &Randomness) -> Randomness {
	(accumulated, output).using_encoded(blake2_256)
}

/// The randomness that the outputs accumulated in `era` amount to. The era is part of it, so that an era without any
/// output still differs from its predecessor.
pub fn of_era(era: u32, accumulated: &Randomness) -> Randomness {
	(DOMAIN, era, accumulated).using_encoded(blake2_256)
}

/// What the order of turns of `era` is drawn from, if all eras before it and its first block accumulated this.
pub fn of_order(era: u32, accumulated: &Randomness) -> Randomness {
	(ORDER_DOMAIN, era, accumulated).using_encoded(blake2_256)
}
