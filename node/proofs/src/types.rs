//! What proofs of finality are about, as JSON.

use bft_finality_primitives::{self as primitives, SetId};
use serde::{Deserialize, Serialize};
use sp_core::{Bytes, H256};

/// A block in a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
	untagged,
	expecting = "expected a block number, or a block hash as 0x and 64 hexadecimal digits"
)]
pub enum NumberOrHash {
	/// By its height on the final chain.
	Number(u32),
	/// By its hash.
	Hash(H256),
}

/// A block in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockRef {
	/// The slot it was authored in; 0 for genesis.
	pub slot: u64,
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
}

impl From<primitives::BlockRef> for BlockRef {
	fn from(primitives::BlockRef { slot, number, hash }: primitives::BlockRef) -> Self {
		Self { slot, number, hash }
	}
}

/// The answer of `poca_proveFinality`.
///
/// To verify it: each header's `parentHash` is the hash of the one before; the last header hashes to `certified.hash`;
/// the certificate names that hash, and is signed by a quorum of the voter set `setId`, which the verifier has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FinalityProof {
	/// The block that was asked for.
	pub block: BlockRef,
	/// The block that the certificate makes final: that one or a descendant.
	pub certified: BlockRef,
	/// The voter set that signed.
	pub set_id: SetId,
	/// The certificate of Commits, SCALE-encoded.
	pub certificate: Bytes,
	/// The headers from `block` to `certified`, both included, each SCALE-encoded; at most 256.
	pub headers: Vec<Bytes>,
}
