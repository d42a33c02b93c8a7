//! Encodings as they were written down once, by another program than this one. A change that is meant gets a new
//! version, and a file beside the old one.

use bft_finality_primitives::{
	scheduled_change, BlockRef, Cast, Certificate, ConsensusLog, Phase, SignedVote, Vote, VoteEquivocation, VoterPair,
	VoterSet, BFT_ENGINE_ID,
};
use codec::{Decode, DecodeAll, Encode};
use sp_core::{
	bytes::{from_hex, to_hex},
	Pair, H256,
};
use sp_runtime::{
	generic::{Digest, DigestItem, Header},
	traits::BlakeTwo256,
};

const PREVOTE: &str = include_str!("golden/prevote-payload-v1.hex");
const COMMIT: &str = include_str!("golden/commit-payload-v1.hex");
const RELAXED: &str = include_str!("golden/relaxed-payload-v1.hex");
const BEYOND: &str = include_str!("golden/beyond-payload-v1.hex");
const SIGNED_VOTE: &str = include_str!("golden/signed-vote-v1.hex");
const CERTIFICATE: &str = include_str!("golden/certificate-v1.hex");
const RELAXED_CERTIFICATE: &str = include_str!("golden/relaxed-certificate-v1.hex");
const SCHEDULED_CHANGE: &str = include_str!("golden/scheduled-change-v1.hex");
const VOTE_EQUIVOCATION: &str = include_str!("golden/vote-equivocation-v1.hex");

const GENESIS: H256 = H256::repeat_byte(1);
const SET_ID: u64 = 0x1112_1314_1516_1718;

/// The value has this encoding, and the encoding this value.
#[track_caller]
fn same<Value: Encode + Decode + PartialEq + core::fmt::Debug>(value: &Value, golden: &str) {
	assert_eq!(to_hex(&value.encode(), false), golden.trim());
	let bytes = from_hex(golden.trim()).expect("hexadecimal digits");
	assert_eq!(&Value::decode_all(&mut &bytes[..]).expect("decodes"), value);
}

fn pair(seed: u8) -> VoterPair {
	VoterPair::from_seed(&[seed; 32])
}

fn block(hash: u8) -> BlockRef {
	BlockRef {
		slot: 0x0102_0304_0506_0708,
		number: 0x090a_0b0c,
		hash: H256::repeat_byte(hash),
	}
}

fn commit() -> Vote {
	Vote {
		set_id: SET_ID,
		phase: Phase::Commit,
		relaxed: false,
		target: block(0x0d),
		end: None,
	}
}

fn end() -> Option<BlockRef> {
	Some(BlockRef {
		slot: 0x0102_0304_0506_0700,
		number: 0x090a_0b00,
		hash: H256::repeat_byte(0x0e),
	})
}

/// The set of seeds 1 to 4, of which three may end it by relaxed votes.
fn set(set_id: u64) -> VoterSet {
	VoterSet {
		set_id,
		voters: (1..=4).map(|seed| pair(seed).public()).collect(),
		relaxed_quorum: 3,
	}
}

/// Signed by the voters 0, 1 and 3.
fn certificate(vote: Vote) -> Certificate {
	let signed = |voter: u16| (voter, pair(voter as u8 + 1).sign(&vote.payload(&GENESIS)));
	Certificate::new(vote, 4, [0, 1, 3].map(signed).into())
}

#[test]
fn payloads() {
	let prevote = Vote {
		phase: Phase::Prevote,
		..commit()
	};
	let relaxed = Vote {
		relaxed: true,
		..commit()
	};
	let beyond = Vote { end: end(), ..commit() };
	for (vote, golden) in [
		(prevote, PREVOTE),
		(commit(), COMMIT),
		(relaxed, RELAXED),
		(beyond, BEYOND),
	] {
		assert_eq!(to_hex(&vote.payload(&GENESIS), false), golden.trim(), "{vote:?}");
	}
}

#[test]
fn signed_votes() {
	let vote = SignedVote {
		vote: commit(),
		voter: 0x0203,
		signature: pair(1).sign(&commit().payload(&GENESIS)),
	};
	same(&vote, SIGNED_VOTE);
	assert!(vote.verify(&GENESIS, &pair(1).public()));
}

#[test]
fn certificates() {
	same(&certificate(commit()), CERTIFICATE);
	assert_eq!(certificate(commit()).verify(&GENESIS, &set(SET_ID)), Ok(()));
	let relaxed = Vote {
		relaxed: true,
		end: end(),
		..commit()
	};
	same(&certificate(relaxed), RELAXED_CERTIFICATE);
}

#[test]
fn scheduled_changes() {
	let change = ConsensusLog::ScheduledChange(set(SET_ID + 1));
	same(&change, SCHEDULED_CHANGE);
	let item = DigestItem::Consensus(
		BFT_ENGINE_ID,
		from_hex(SCHEDULED_CHANGE.trim()).expect("hexadecimal digits"),
	);
	assert_eq!(BFT_ENGINE_ID, *b"PBFT");
	assert_eq!(item, change.item());
	let header = Header::<u32, BlakeTwo256> {
		parent_hash: H256::zero(),
		number: 1,
		state_root: H256::zero(),
		extrinsics_root: H256::zero(),
		digest: Digest { logs: vec![item] },
	};
	assert_eq!(scheduled_change(&header), Ok(Some(set(SET_ID + 1))));
}

#[test]
fn proofs_of_equivocation() {
	let cast = |hash| {
		let vote = Vote {
			phase: Phase::Prevote,
			target: block(hash),
			..commit()
		};
		Cast {
			vote,
			signature: pair(1).sign(&vote.payload(&GENESIS)),
		}
	};
	let proof = VoteEquivocation {
		voter: pair(1).public(),
		first: cast(0x0d),
		second: cast(0x0f),
	};
	same(&proof, VOTE_EQUIVOCATION);
	assert_eq!(proof.verify(&GENESIS), Ok(()));
}
