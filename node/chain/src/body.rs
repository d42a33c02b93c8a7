//! Whether a body is the one that a header names.

use crate::types::Header;
use codec::Encode;
use sp_core::{storage::StateVersion, H256};
use sp_runtime::{
	traits::{BlakeTwo256, Hash, Header as _},
	OpaqueExtrinsic,
};

/// Whether the header names this body. Neither the client nor the sync asks before the block is executed, and a
/// header's hash says nothing of the body that came with it.
pub fn is_body_of(header: &Header, body: &[OpaqueExtrinsic]) -> bool {
	let expected = *header.extrinsics_root();
	// The runtime's version decides which of the two it is.
	[StateVersion::V0, StateVersion::V1]
		.into_iter()
		.any(|version| root_of(body, version) == expected)
}

fn root_of(body: &[OpaqueExtrinsic], version: StateVersion) -> H256 {
	BlakeTwo256::ordered_trie_root(body.iter().map(Encode::encode).collect(), version)
}
