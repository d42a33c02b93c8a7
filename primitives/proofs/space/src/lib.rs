#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

mod draw;
mod error;
pub mod pos2;
#[cfg(feature = "vectors")]
pub mod vectors;

pub use draw::{group_id, is_up, wins, Threshold, MAX_FILTER_BITS, META_GROUP, SPACE_TAG};
pub use error::SpaceProofError;

/// 32 bytes: an id, a challenge, a quality.
pub type Hash = [u8; 32];

/// What tells one find from all others of its round: 16 bytes of its quality that a low threshold does not make alike.
pub type FindKey = [u8; 16];

/// The last half of a quality: of those that win the first bytes are alike.
pub fn find_key(quality: &Hash) -> FindKey {
	core::array::from_fn(|i| quality[i + 16])
}

/// Which plot a proof is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plot {
	/// The group that it belongs to: see [`group_id`].
	pub group: Hash,
	/// Its place in the group.
	pub index: u16,
	/// The scheme's second number of a group; [`META_GROUP`] on our chains.
	pub meta: u8,
	/// Its size: a plot of one more has twice the entries.
	pub k: u8,
	/// How much work an entry costs who plots anew. One more doubles both that and the validation's first table.
	pub strength: u8,
}

/// A scheme of proofs of space. An upgrade may bring another one.
pub trait SpaceProof: Sized {
	/// Reads a proof and what it claims to have found. Cheap: nothing is verified but parameters and length.
	fn read(plot: &Plot, challenge: &Hash, proof: &[u8]) -> Result<Self, SpaceProofError>;

	/// What the draw compares with the threshold, and what a proof is known by: all proofs of one find have the same.
	fn quality(&self) -> Hash;

	/// Whether the plot holds what the proof claims to have found. Call it last: it costs the most by far.
	fn verify(&self) -> Result<(), SpaceProofError>;

	/// All of it, in the order of what it costs: the quality of a proof that wins and is valid.
	fn judge(plot: &Plot, challenge: &Hash, proof: &[u8], threshold: &Threshold) -> Result<Hash, SpaceProofError> {
		let read = Self::read(plot, challenge, proof)?;
		let quality = read.quality();
		if !wins(&quality, threshold) {
			return Err(SpaceProofError::Loses);
		}
		read.verify()?;
		Ok(quality)
	}
}
