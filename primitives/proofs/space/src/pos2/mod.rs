//! Chia's PoS2: the validator, and the parts that plotters and provers need besides.

mod aes;
mod blake3;
mod chain;
mod feistel;
mod proof;
mod tables;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod x86;

pub use chain::{Chains, LINKS, SETS};
pub use proof::{quality, Pos2Proof};
pub use tables::{Entry, NoPair, Table, Tables, MIN_STRENGTH};

use crate::{Hash, Plot, SpaceProofError};
use sp_crypto_hashing::sha2_256;

use tables::ROUND_PAIRS;

/// Numbers of a proof: eight for each link.
pub const VALUES: usize = 8 * LINKS;
/// The size of the smallest plots.
pub const MIN_K: u8 = 18;
/// The size of the largest plots.
pub const MAX_K: u8 = 28;
/// The highest strength of the scheme. Whoever verifies sets a lower one: see [`aes_rounds`].
pub const MAX_STRENGTH: u8 = 17;
/// Bits of k that the strength has to leave: two of the section, and one of the target.
const BITS_BESIDE_STRENGTH: u8 = 3;

/// Whether there are plots of this size and strength.
pub fn check(plot: &Plot) -> Result<(), SpaceProofError> {
	let Plot { k, strength, .. } = *plot;
	if !(MIN_K..=MAX_K).contains(&k) || k % 2 != 0 {
		return Err(SpaceProofError::Size(k));
	}
	if !(MIN_STRENGTH..=MAX_STRENGTH.min(k - BITS_BESIDE_STRENGTH)).contains(&strength) {
		return Err(SpaceProofError::Strength(strength));
	}
	Ok(())
}

/// Bytes of a proof of size `k`.
pub fn proof_length(k: u8) -> usize {
	usize::from(k) * VALUES / 8
}

/// How many pieces of 32 KiB a plot has: `2^k (k + 2)` bits, which is what plots take to within half a percent. One of
/// size 28 has 30,720, 0.94 GiB.
pub const fn pieces(k: u8) -> u32 {
	let k = if k < MIN_K {
		MIN_K
	} else if k > MAX_K {
		MAX_K
	} else {
		k
	};
	// At most 30 * 2^10.
	(k as u32 + 2) << (k - MIN_K)
}

/// A plot's tables, for who plots or solves.
pub fn tables(plot: &Plot) -> Result<Tables, SpaceProofError> {
	check(plot)?;
	Ok(Tables::of(plot))
}

/// The chains that a challenge asks of a plot, for who proves.
pub fn chains(plot: &Plot, challenge: &Hash) -> Result<Chains, SpaceProofError> {
	Ok(Chains::of(plot, &tables(plot)?, challenge))
}

/// AES rounds of a validation, which are nearly all of its cost: 11,776 at strength 2, 134 million at 17.
pub const fn aes_rounds(strength: u8) -> u64 {
	let a_hash = 2 * ROUND_PAIRS as u64;
	let links = LINKS as u64;
	let above = strength.saturating_sub(MIN_STRENGTH);
	let above = if above > MAX_STRENGTH { MAX_STRENGTH } else { above };
	// Of each sub-proof: 8 numbers, 4 pairs of the first table, 2 of the second, 1 of the third, a target and a hash
	// each; and a link.
	a_hash * links * (8 + (8 << above) + 4 + 2 + 1)
}

/// The id that a plot is made from.
pub fn plot_id(plot: &Plot) -> Hash {
	let [high, low] = plot.index.to_be_bytes();
	let input: [u8; 35] = core::array::from_fn(|i| match i {
		0..32 => plot.group[i],
		32 => high,
		33 => low,
		_ => plot.meta,
	});
	sha2_256(&input)
}

/// The bytes as numbers in little endian.
fn words(hash: &Hash) -> [u32; 8] {
	core::array::from_fn(|i| u32::from_le_bytes(core::array::from_fn(|j| hash[4 * i + j])))
}
