//! Encodings as they were written down once, by another program. A change that is meant gets a new version, and a file
//! beside the old one.

use crate::{
	messages::{all, context},
	workbench::{closing, half, lock, locks, stake, CLOSED},
};
use channel_primitives::{
	root_of, Change, ChannelKey, ChannelSignature, Claim, Condition, Dispute, Half, LeafWitness, Lock, Locks, Node,
	Obligations, Pending, PerSide, Resync, Resyncs, Reveal, Side, Sight, Signed, Stake, Submit, Watch, WatchV1,
	Witness, MAX_STEPS,
};
use codec::{DecodeAll, Encode, MaxEncodedLen};
use core::fmt::Debug;
use sp_core::bytes::to_hex;
use sp_crypto_hashing::blake2_256;

/// What is signed: the bytes that are hashed, and their hash.
const MESSAGES: [(&str, &str); 12] = [
	("half", include_str!("../golden/half-v1.hex")),
	("submit", include_str!("../golden/submit-v1.hex")),
	("withdraw", include_str!("../golden/withdraw-v1.hex")),
	("close-together", include_str!("../golden/close-together-v1.hex")),
	("receipt", include_str!("../golden/receipt-v1.hex")),
	("claim", include_str!("../golden/claim-v1.hex")),
	("rekey", include_str!("../golden/rekey-v1.hex")),
	("accept", include_str!("../golden/accept-v1.hex")),
	("resync", include_str!("../golden/resync-v1.hex")),
	("recovery", include_str!("../golden/recovery-v1.hex")),
	("chain-witness", include_str!("../golden/chain-witness-v1.hex")),
	("statement", include_str!("../golden/statement-v1.hex")),
];

#[track_caller]
fn same(encoded: &[u8], golden: &str) {
	assert_eq!(to_hex(encoded, false), golden.trim());
}

#[track_caller]
fn both_ways<T: DecodeAll + Encode + PartialEq + Debug>(value: T, golden: &str) {
	let encoded = value.encode();
	same(&encoded, golden);
	assert_eq!(T::decode_all(&mut &encoded[..]).ok(), Some(value));
}

fn two_locks() -> Locks {
	locks(&[lock(Side::High, 3, 5), lock(Side::High, 4, 6)])
}

#[test]
fn what_is_signed() {
	let all = all(&context());
	assert_eq!(all.len(), MESSAGES.len());
	for ((name, preimage), (of, golden)) in all.into_iter().zip(MESSAGES) {
		assert_eq!(name, of);
		let hash = blake2_256(&preimage);
		same(&[&preimage[..], &hash[..]].concat(), golden);
	}
}

#[test]
fn locks_and_their_root() {
	let list = two_locks();
	same(
		&[&list.encode()[..], &list.root()[..]].concat(),
		include_str!("../golden/locks-v1.hex"),
	);
	assert_eq!(Lock::max_encoded_len(), 60);
	assert_eq!(Half::max_encoded_len(), 112);
}

#[test]
fn conditions_and_their_hashes() {
	let parts = [
		Node::Any { of: 3 },
		Node::All { of: 2 },
		Node::Preimage { hash: [1; 32] },
		Node::After { tick: 0x0102_0304 },
		Node::Threshold { needed: 1, of: 2 },
		Node::SignedBy {
			key: ChannelKey([4; 32]),
			digest: [5; 32],
		},
		Node::Predicate {
			id: 0x0506,
			args: vec![7, 7].try_into().expect("short"),
		},
		Node::After { tick: 9 },
	];
	let chain = Node::Chain {
		root: [2; 32],
		steps: MAX_STEPS,
		payee: ChannelKey([4; 32]),
	};
	for (parts, golden) in [
		(parts.to_vec(), include_str!("../golden/condition-v1.hex")),
		(vec![chain], include_str!("../golden/condition-chain-v1.hex")),
	] {
		let condition = Condition::new(parts).expect("a condition");
		same(&[&condition.encode()[..], &condition.hash()[..]].concat(), golden);
		assert_eq!(Condition::decode_all(&mut &condition.encode()[..]), Ok(condition));
	}
}

#[test]
fn what_is_shown() {
	let leaves = vec![
		LeafWitness::Nothing,
		LeafWitness::Preimage([1; 32]),
		LeafWitness::Chain {
			steps: 3,
			value: [4; 32],
			signature: ChannelSignature([5; 64]),
		},
		LeafWitness::Signature(ChannelSignature([6; 64])),
	];
	both_ways(
		Witness(leaves.try_into().expect("few")),
		include_str!("../golden/witness-v1.hex"),
	);
	both_ways(
		Reveal {
			tick: 1,
			value: 2,
			total: 3,
		},
		include_str!("../golden/reveal-v1.hex"),
	);
}

#[test]
fn what_a_tower_is_given() {
	let list = two_locks();
	let watch = WatchV1 {
		context: context(),
		half: Signed {
			body: half(4, 0, 9, &list),
			signature: ChannelSignature([1; 64]),
		},
		submit: Signed {
			body: Submit {
				half: [3; 32],
				tower: None,
				reward: 1,
			},
			signature: ChannelSignature([2; 64]),
		},
		locks: list,
	};
	both_ways(Watch::V1(watch), include_str!("../golden/watch-v1.hex"));
}

#[test]
fn what_the_chain_keeps() {
	let list = two_locks();
	let claim = Claim::new(3, &list);
	let brought = Half {
		memo: [8; 32],
		..half(1, 2, 3, &list)
	};
	let begun = Dispute::begin(
		closing(Side::Low),
		&stake(20, 0),
		claim,
		&list,
		Some(brought),
		Resyncs::default(),
	);
	let mut dispute = begun.expect("covered");
	dispute.corrected = true;
	let word = Resync {
		held: 5,
		resume: Resync::resume_at(6),
	};
	dispute.resync(Side::High, word, CLOSED).expect("the first");
	both_ways(dispute, include_str!("../golden/dispute-v1.hex"));
	let pending = Pending {
		reserved: 3,
		locked: 4,
		locks: [5; 32],
		closed: 6,
		due: 7,
	};
	both_ways(pending, include_str!("../golden/pending-v1.hex"));
	let stake = Stake {
		deposited: PerSide { low: 1, high: 2 },
		withdrawn: PerSide { low: 3, high: 4 },
	};
	both_ways(stake, include_str!("../golden/stake-v1.hex"));
}

#[test]
fn what_a_side_stores() {
	let sight = Sight {
		side: Side::Low,
		now: CLOSED,
		stake: stake(20, 0),
		theirs: Some(half(7, 0, 0, &Locks::default())),
		resynced: 0,
		resumed: 0,
	};
	let given = |id, amount| Change::Lock(lock(Side::Low, id, amount));
	let first = [Change::Pay(5), given(0, 2), given(1, 3)];
	let (ours, _) = Obligations::default()
		.sign(&first, &sight, [0; 32])
		.expect("by the rules");
	let (ours, _) = ours.sign(&[Change::GivenUp(0)], &sight, [0; 32]).expect("by the rules");
	both_ways(ours, include_str!("../golden/obligations-v1.hex"));
}

#[test]
fn the_root_of_a_chain() {
	same(
		&root_of(&[3; 32], MAX_STEPS),
		include_str!("../golden/chain-root-v1.hex"),
	);
}
