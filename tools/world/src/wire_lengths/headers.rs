//! Headers.

use crate::wire;
use codec::{Decode, Encode};
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest, POCA_ENGINE_ID};
use sp_core::{sr25519::vrf::VrfSignature, H256};
use sp_runtime::{
	generic::{Digest, DigestItem, Header},
	traits::BlakeTwo256,
};

/// A sealed header of the chain's second week.
fn header(vrf: Option<VrfSignature>) -> Header<u32, BlakeTwo256> {
	let hash = H256::repeat_byte(3);
	let pre_digest = PreDigest {
		slot: 3_527_000_000.into(),
		author: 4,
		full: false,
		vrf,
		finalized: FinalizedRef {
			number: 1_000_000,
			hash,
		},
	};
	Header {
		parent_hash: hash,
		number: 1_000_001,
		state_root: hash,
		extrinsics_root: hash,
		digest: Digest {
			logs: vec![
				pre_digest_item(&pre_digest),
				DigestItem::Seal(POCA_ENGINE_ID, vec![5; 64]),
			],
		},
	}
}

#[test]
fn the_simulation_counts_a_header_as_long_as_it_is() {
	assert_eq!(header(None).encode().len(), wire::HEADER);
}

#[test]
fn the_simulation_counts_the_first_header_of_a_turn_as_long_as_it_is() {
	let vrf = VrfSignature::decode(&mut &[0; 96][..]).expect("zero is a point and a scalar");
	assert_eq!(header(Some(vrf)).encode().len(), wire::HEADER + wire::VRF);
}
