//! Certificates that are damaged in any way: the decoder does not panic, what decodes encodes back, and what verifies
//! was signed by a quorum of different voters, each for this very vote.
#![no_main]

use bft_finality_primitives::{BlockRef, Certificate, Phase, Vote, VoterIndex, VoterSet, VoterSignature};
use codec::{DecodeAll, Encode};
use sp_core::{ed25519, Pair, H256};
use std::{collections::BTreeMap, sync::OnceLock};

const VOTERS: u8 = 7;
const GENESIS: H256 = H256::repeat_byte(9);

/// A set, and a true certificate of five of its seven voters, encoded.
fn truth() -> &'static (VoterSet, Vec<u8>) {
	static TRUTH: OnceLock<(VoterSet, Vec<u8>)> = OnceLock::new();
	TRUTH.get_or_init(|| {
		let pairs: Vec<_> = (0..VOTERS).map(|i| ed25519::Pair::from_seed(&[i; 32])).collect();
		let set = VoterSet {
			set_id: 3,
			voters: pairs.iter().map(|pair| pair.public().into()).collect(),
			relaxed_quorum: 4,
		};
		let vote = Vote {
			set_id: 3,
			phase: Phase::Commit,
			relaxed: false,
			target: BlockRef {
				slot: 77,
				number: 70,
				hash: H256::repeat_byte(7),
			},
			end: Some(BlockRef {
				slot: 70,
				number: 64,
				hash: H256::repeat_byte(6),
			}),
		};
		let payload = vote.payload(&GENESIS);
		let signatures: BTreeMap<VoterIndex, VoterSignature> = [0u16, 1, 3, 4, 6]
			.into_iter()
			.map(|i| (i, pairs[usize::from(i)].sign(&payload).into()))
			.collect();
		let certificate = Certificate::new(vote, usize::from(VOTERS), signatures);
		certificate.verify(&GENESIS, &set).expect("it is true");
		(set, certificate.encode())
	})
}

fn check(bytes: &[u8]) {
	let (set, _) = truth();
	let Ok(certificate) = Certificate::decode_all(&mut &bytes[..]) else {
		return;
	};
	assert_eq!(certificate.encode(), bytes, "one encoding for one certificate");
	if certificate.verify(&GENESIS, set).is_err() {
		return;
	}
	let payload = certificate.vote.payload(&GENESIS);
	let signed = certificate.signatures_by_voter();
	assert!(signed.len() >= set.quorum());
	assert!(!certificate.vote.relaxed && certificate.vote.is_sound());
	for (voter, signature) in signed {
		let key: ed25519::Public = set.voters[usize::from(voter)].clone().into();
		assert!(
			ed25519::Pair::verify(&signature.into(), &payload, &key),
			"voter {voter} never signed this"
		);
	}
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	check(bytes);
	// The true one with some bytes exchanged (position and value, two bytes each time), and cut.
	let mut damaged = truth().1.clone();
	for change in bytes.chunks_exact(3) {
		let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % damaged.len();
		damaged[at] = change[2];
	}
	check(&damaged);
	damaged.truncate(bytes.len() * 7 % (damaged.len() + 1));
	check(&damaged);
});
