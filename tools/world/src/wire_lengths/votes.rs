//! Votes and certificates.

use crate::wire;
use bft_finality_primitives::{BlockRef, Certificate, Phase, SignedVote, Vote, VoterPair};
use codec::Encode;
use sp_core::{Pair, H256};
use std::time::Instant;

const GENESIS: H256 = H256::repeat_byte(1);

fn vote() -> Vote {
	Vote {
		set_id: 7,
		phase: Phase::Commit,
		relaxed: false,
		target: BlockRef {
			slot: 10,
			number: 3,
			hash: H256::repeat_byte(9),
		},
		end: None,
	}
}

fn signed(pair: &VoterPair, voter: u16) -> SignedVote {
	SignedVote {
		vote: vote(),
		voter,
		signature: pair.sign(&vote().payload(&GENESIS)),
	}
}

#[test]
fn the_simulation_counts_a_vote_as_long_as_it_is() {
	let pair = VoterPair::from_seed(&[1; 32]);
	assert_eq!(signed(&pair, 5).encode().len(), wire::SIGNED_VOTE);
}

#[test]
fn the_simulation_counts_a_certificate_as_long_as_it_is() {
	let signature = VoterPair::from_seed(&[1; 32]).sign(b"of any length");
	for (voters, signers) in [(4, 3), (21, 14), (99, 66), (99, 99)] {
		let signatures = (0..signers).map(|voter| (voter, signature.clone())).collect();
		let certificate = Certificate::new(vote(), voters, signatures);
		let counted = wire::certificate_alone(voters, usize::from(signers));
		assert_eq!(certificate.encode().len(), counted, "{signers} of {voters}");
	}
}

#[test]
#[ignore = "a measurement, of the machine it runs on: -- --ignored --nocapture"]
fn what_the_check_of_a_vote_takes() {
	let pair = VoterPair::from_seed(&[1; 32]);
	let votes: Vec<SignedVote> = (0..2_000).map(|voter| signed(&pair, voter)).collect();
	let began = Instant::now();
	assert!(votes.iter().all(|vote| vote.verify(&GENESIS, &pair.public())));
	println!(
		"a vote: {:.1} us",
		began.elapsed().as_secs_f64() * 1e6 / votes.len() as f64
	);
}
