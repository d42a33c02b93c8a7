//! Headers of any bytes: reading their digests does not panic, and what can be read is what is written.
#![no_main]

use codec::{DecodeAll, Encode};
use poca_primitives::{find_pre_digest, pre_digest_item, seal_of, PreDigest, POCA_ENGINE_ID};
use sp_core::H256;
use sp_runtime::{
	generic::{Digest, Header},
	traits::BlakeTwo256,
	DigestItem,
};

type ChainHeader = Header<u32, BlakeTwo256>;

fn read(header: &ChainHeader) {
	let _ = seal_of(header);
	if let Ok(digest) = find_pre_digest(header) {
		let item = pre_digest_item(&digest);
		assert!(header.digest.logs.contains(&item), "read what is not there");
		let _ = digest.vrf_output();
	}
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	if let Ok(header) = ChainHeader::decode_all(&mut &bytes[..]) {
		read(&header);
	}
	// The bytes as a digest of ours, by itself and beside a seal.
	let mut header = ChainHeader {
		parent_hash: H256::zero(),
		number: 1,
		state_root: H256::zero(),
		extrinsics_root: H256::zero(),
		digest: Digest {
			logs: vec![DigestItem::PreRuntime(POCA_ENGINE_ID, bytes.to_vec())],
		},
	};
	read(&header);
	header
		.digest
		.logs
		.push(DigestItem::Seal(POCA_ENGINE_ID, bytes.to_vec()));
	read(&header);
	if let Ok(digest) = PreDigest::<H256>::decode_all(&mut &bytes[..]) {
		assert_eq!(digest.encode(), bytes, "one encoding for one digest");
	}
});
