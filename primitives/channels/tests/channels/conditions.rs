//! Smart Conditions: what meets them, what does not, and that nothing that comes from outside breaks them.

use crate::messages::{key, sign, verify};
use channel_primitives::{
	root_of, ChainWitness, ChannelKey, ChannelSignature, Condition, ConditionError, Context, Facts, Hash, LeafWitness,
	Node, PredicateId, Reveal, Statement, Tick, Witness, MAX_STEPS,
};
use codec::{Decode, DecodeAll, Encode};
use proptest::prelude::*;
use sp_core::{ed25519, Pair};
use sp_crypto_hashing::sha2_256;

const GENESIS: Hash = [7; 32];
const NOW: Tick = 100;
/// A predicate that holds if its argument is one byte, a 1.
const IS_ONE: PredicateId = 5;

struct Here;

impl Facts for Here {
	fn genesis(&self) -> Hash {
		GENESIS
	}

	fn tick(&self) -> Tick {
		NOW
	}

	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		verify(key, payload, signature)
	}

	fn holds(&self, predicate: PredicateId, args: &[u8]) -> bool {
		predicate == IS_ONE && args == [1]
	}
}

fn oracle(seed: u8) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[seed; 32])
}

fn secret(byte: u8) -> Node {
	Node::Preimage {
		hash: sha2_256(&[byte; 32]),
	}
}

fn shown(byte: u8) -> LeafWitness {
	LeafWitness::Preimage([byte; 32])
}

fn condition(parts: &[Node]) -> Condition {
	Condition::new(parts.to_vec()).expect("a condition")
}

fn met(condition: &Condition, leaves: &[LeafWitness]) -> Result<Reveal, ConditionError> {
	let witness = Witness(leaves.to_vec().try_into().expect("few"));
	condition.met(&witness, &Here)
}

fn whole() -> Result<Reveal, ConditionError> {
	Ok(Reveal {
		tick: NOW,
		value: 1,
		total: 1,
	})
}

fn refused(parts: &[Node]) -> ConditionError {
	Condition::new(parts.to_vec()).expect_err("no condition")
}

#[test]
fn a_preimage_meets_its_hash_alone() {
	let one = condition(&[secret(1)]);
	assert_eq!(met(&one, &[shown(1)]), whole());
	assert_eq!(met(&one, &[shown(2)]), Err(ConditionError::WrongWitness));
	assert_eq!(met(&one, &[LeafWitness::Nothing]), Err(ConditionError::NotMet));
	assert_eq!(met(&one, &[]), Err(ConditionError::WrongWitness));
	assert_eq!(met(&one, &[shown(1), shown(1)]), Err(ConditionError::WrongWitness));
}

#[test]
fn an_oracle_signs_a_statement_on_one_chain() {
	let pair = oracle(3);
	let one = condition(&[Node::SignedBy {
		key: key(&pair),
		digest: [9; 32],
	}]);
	let on = |genesis, digest| {
		let signed = sign(&pair, &Context::of_chain(genesis), Statement { digest });
		met(&one, &[LeafWitness::Signature(signed.signature)])
	};
	assert_eq!(on(GENESIS, [9; 32]), whole());
	assert_eq!(on(GENESIS, [8; 32]), Err(ConditionError::WrongWitness));
	assert_eq!(on([8; 32], [9; 32]), Err(ConditionError::WrongWitness));
	assert_eq!(met(&one, &[shown(1)]), Err(ConditionError::WrongWitness));
}

#[test]
fn time_and_predicates_need_nothing_shown() {
	let after = |tick| condition(&[Node::After { tick }]);
	assert_eq!(met(&after(NOW), &[LeafWitness::Nothing]), whole());
	assert_eq!(
		met(&after(NOW + 1), &[LeafWitness::Nothing]),
		Err(ConditionError::NotMet)
	);
	let asks = |id, args: &[u8]| {
		condition(&[Node::Predicate {
			id,
			args: args.to_vec().try_into().expect("short"),
		}])
	};
	assert_eq!(met(&asks(IS_ONE, &[1]), &[LeafWitness::Nothing]), whole());
	for other in [asks(IS_ONE, &[2]), asks(IS_ONE + 1, &[1])] {
		assert_eq!(met(&other, &[LeafWitness::Nothing]), Err(ConditionError::NotMet));
	}
}

#[test]
fn conditions_join() {
	let (yes, no) = (shown, LeafWitness::Nothing);
	let two = [secret(1), secret(2)];
	let of = |first: Node| condition(&[&[first][..], &two[..]].concat());
	let (all, any) = (of(Node::All { of: 2 }), of(Node::Any { of: 2 }));
	assert_eq!(met(&all, &[yes(1), yes(2)]), whole());
	assert_eq!(met(&all, &[yes(1), no]), Err(ConditionError::NotMet));
	assert_eq!(met(&any, &[no, yes(2)]), whole());
	assert_eq!(met(&any, &[no, no]), Err(ConditionError::NotMet));
	assert_eq!(met(&any, &[yes(1), yes(1)]), Err(ConditionError::WrongWitness), "a lie");
	let three: Vec<Node> = [Node::Threshold { needed: 2, of: 3 }, secret(1), secret(2), secret(3)].to_vec();
	let three = condition(&three);
	for (leaves, enough) in [
		([no, yes(2), yes(3)], true),
		([yes(1), no, yes(3)], true),
		([yes(1), no, no], false),
	] {
		assert_eq!(met(&three, &leaves).is_ok(), enough);
	}
	// Both of the first two, or the third: in the order in which one reads it.
	let deep = condition(&[
		Node::Any { of: 2 },
		Node::All { of: 2 },
		secret(1),
		secret(2),
		secret(3),
	]);
	assert_eq!(met(&deep, &[yes(1), yes(2), no]), whole());
	assert_eq!(met(&deep, &[no, no, yes(3)]), whole());
	assert_eq!(met(&deep, &[no, yes(2), no]), Err(ConditionError::NotMet));
}

#[test]
fn a_chain_is_met_by_its_payee_step_by_step() {
	let payee = oracle(4);
	let (last, steps) = ([6; 32], 10_u16);
	let chain = condition(&[Node::Chain {
		root: root_of(&last, steps),
		steps,
		payee: key(&payee),
	}]);
	let shows = |by: &ed25519::Pair, said: u16, step: u16| {
		let word = ChainWitness {
			condition: chain.hash(),
			steps: said,
		};
		let signature = sign(by, &Context::of_chain(GENESIS), word).signature;
		let value = root_of(&last, steps.saturating_sub(step));
		let leaf = LeafWitness::Chain {
			steps: said,
			value,
			signature,
		};
		met(&chain, &[leaf])
	};
	for step in 1..=steps {
		assert_eq!(
			shows(&payee, step, step),
			Ok(Reveal {
				tick: NOW,
				value: u32::from(step),
				total: 10
			})
		);
	}
	// The payer knows all values: it would show the first and no more.
	assert_eq!(shows(&oracle(5), 1, 1), Err(ConditionError::WrongWitness));
	assert_eq!(shows(&payee, 3, 2), Err(ConditionError::WrongWitness));
	assert_eq!(shows(&payee, 0, 0), Err(ConditionError::WrongWitness));
	assert_eq!(shows(&payee, 11, 11), Err(ConditionError::WrongWitness));
	assert_eq!(met(&chain, &[shown(1)]), Err(ConditionError::WrongWitness));
	assert_eq!(met(&chain, &[LeafWitness::Nothing]), Err(ConditionError::WrongWitness));
	assert_eq!((chain.cost().hashes, chain.cost().signatures), (10, 1));
}

#[test]
fn what_is_no_condition_is_refused() {
	let chain = |steps| Node::Chain {
		root: [1; 32],
		steps,
		payee: ChannelKey([2; 32]),
	};
	assert_eq!(refused(&[]), ConditionError::Malformed);
	assert_eq!(refused(&[secret(1), secret(2)]), ConditionError::Malformed);
	assert_eq!(refused(&[Node::All { of: 2 }, secret(1)]), ConditionError::Malformed);
	assert_eq!(refused(&[Node::All { of: 1 }, secret(1)]), ConditionError::Malformed);
	for needed in [0, 3] {
		assert_eq!(
			refused(&[Node::Threshold { needed, of: 2 }, secret(1), secret(2)]),
			ConditionError::Malformed
		);
	}
	assert_eq!(refused(&[chain(0)]), ConditionError::Steps);
	assert_eq!(refused(&[chain(MAX_STEPS + 1)]), ConditionError::Steps);
	assert_eq!(
		refused(&[Node::Any { of: 2 }, chain(1), secret(1)]),
		ConditionError::ChainWithin
	);
	let long: Vec<Node> = [Node::All { of: 8 }].into_iter().chain((0..8).map(secret)).collect();
	assert_eq!(refused(&long), ConditionError::TooLong, "8 of 33 bytes");
	let after: Vec<Node> = [Node::All { of: 9 }]
		.into_iter()
		.chain((0..9).map(|tick| Node::After { tick }))
		.collect();
	assert_eq!(refused(&after), ConditionError::TooLong, "9 leaves");
	let any = Node::Any { of: 2 };
	let deep = [
		any.clone(),
		any.clone(),
		any,
		secret(1),
		secret(2),
		secret(3),
		secret(4),
	];
	assert_eq!(refused(&deep), ConditionError::TooDeep);
	let as_deep_as_may_be = [
		Node::Any { of: 2 },
		Node::All { of: 2 },
		secret(1),
		secret(2),
		secret(3),
	];
	assert!(Condition::new(as_deep_as_may_be.to_vec()).is_ok());
}

fn any_node() -> impl Strategy<Value = Node> {
	prop_oneof![
		4 => (0..4_u8).prop_map(secret),
		1 => (0..200_u32).prop_map(|tick| Node::After { tick }),
		1 => (2..4_u8).prop_map(|of| Node::All { of }),
		1 => (2..4_u8).prop_map(|of| Node::Any { of }),
		1 => (0..4_u8, 1..4_u8).prop_map(|(needed, of)| Node::Threshold { needed, of }),
	]
}

proptest! {
	#[test]
	fn any_bytes_are_refused_or_understood(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
		if let Ok(condition) = Condition::decode_all(&mut &bytes[..]) {
			prop_assert_eq!(condition.encode(), bytes.clone());
			let _ = condition.check();
			let _ = condition.cost();
		}
		if let Ok((condition, witness)) = <(Condition, Witness)>::decode(&mut &bytes[..]) {
			let _ = condition.met(&witness, &Here);
		}
	}

	/// More that is shown never makes less of it.
	#[test]
	fn conditions_are_monotone(
		parts in prop::collection::vec(any_node(), 1..9), less in prop::collection::vec(any::<bool>(), 8),
	) {
		let Ok(condition) = Condition::new(parts.clone()) else {
			return Ok(());
		};
		let all: Vec<LeafWitness> = parts
			.iter()
			.filter_map(|node| match node {
				Node::Preimage { .. } => {
					let byte = (0..4).find(|byte| secret(*byte) == *node).expect("one of four");
					Some(shown(byte))
				}
				Node::After { .. } => Some(LeafWitness::Nothing),
				_ => None,
			})
			.collect();
		let fewer: Vec<LeafWitness> = all
			.iter()
			.zip(&less)
			.map(|(leaf, drop)| if *drop { LeafWitness::Nothing } else { *leaf })
			.collect();
		if met(&condition, &fewer).is_ok() {
			prop_assert_eq!(met(&condition, &all), whole());
		}
	}
}
