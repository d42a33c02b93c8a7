//! Proofs of equivocation that are damaged in any way: the decoder does not panic, what decodes encodes back, and what
//! verifies was signed twice by the very key that it accuses. One that is true stands beside each, so that the fuzzer
//! has where to start.
#![no_main]

use bft_finality_primitives::{BlockRef, Cast, Phase, Vote, VoteEquivocation};
use codec::{DecodeAll, Encode};
use poca_primitives::BlockEquivocation;
use sp_core::{ed25519, Pair, H256};
use sp_runtime::{generic::Header, traits::BlakeTwo256};
use std::sync::OnceLock;

type ChainHeader = Header<u32, BlakeTwo256>;

const GENESIS: H256 = H256::repeat_byte(9);

fn truth() -> &'static [u8] {
	static TRUTH: OnceLock<Vec<u8>> = OnceLock::new();
	TRUTH.get_or_init(|| {
		let pair = ed25519::Pair::from_seed(&[1; 32]);
		let cast = |block| {
			let vote = Vote {
				set_id: 3,
				phase: Phase::Commit,
				relaxed: false,
				target: BlockRef {
					slot: 77,
					number: 70,
					hash: H256::repeat_byte(block),
				},
				end: None,
			};
			Cast {
				vote,
				signature: pair.sign(&vote.payload(&GENESIS)).into(),
			}
		};
		let proof = VoteEquivocation {
			voter: pair.public().into(),
			first: cast(1),
			second: cast(2),
		};
		proof.verify(&GENESIS).expect("it is true");
		proof.encode()
	})
}

fn check(bytes: &[u8]) {
	if let Ok(proof) = BlockEquivocation::<ChainHeader>::decode_all(&mut &bytes[..]) {
		// Nobody here has sealed anything.
		assert!(proof.verify(&GENESIS).is_err());
		let _ = proof.slot();
	}
	let Ok(proof) = VoteEquivocation::decode_all(&mut &bytes[..]) else {
		return;
	};
	assert_eq!(proof.encode(), bytes, "one encoding for one proof");
	if proof.verify(&GENESIS).is_err() {
		return;
	}
	assert_ne!(proof.first.vote.target.hash, proof.second.vote.target.hash);
	assert_eq!(proof.first.vote.target.slot, proof.second.vote.target.slot);
	let key: ed25519::Public = proof.voter.into();
	for cast in [proof.first, proof.second] {
		let payload = cast.vote.payload(&GENESIS);
		assert!(
			ed25519::Pair::verify(&cast.signature.into(), &payload, &key),
			"never signed"
		);
	}
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	check(bytes);
	// The true one with some bytes exchanged (position and value), and cut.
	let mut damaged = truth().to_vec();
	for change in bytes.chunks_exact(3) {
		let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % damaged.len();
		damaged[at] = change[2];
	}
	check(&damaged);
	damaged.truncate(bytes.len() * 7 % (damaged.len() + 1));
	check(&damaged);
});
