//! What is shown to meet a condition.

use super::{Condition, ConditionError, Node, PredicateId, MAX_LEAVES};
use crate::{root_of, ChainWitness, ChannelKey, ChannelSignature, Context, Hash, Payload, Reveal, Statement, Tick};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_crypto_hashing::sha2_256;

/// What is shown for one leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum LeafWitness {
	/// Nothing: the leaf needs nothing, or is not met.
	#[codec(index = 0)]
	Nothing,
	/// Of [`Node::Preimage`].
	#[codec(index = 1)]
	Preimage(Hash),
	/// Of [`Node::Chain`].
	#[codec(index = 2)]
	Chain {
		/// How many steps are met.
		steps: u16,
		/// The value of the last of them.
		value: Hash,
		/// The payee's, under [`ChainWitness`].
		signature: ChannelSignature,
	},
	/// Of [`Node::SignedBy`], under [`Statement`].
	#[codec(index = 3)]
	Signature(ChannelSignature),
}

/// What is shown for each leaf, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Witness(pub BoundedVec<LeafWitness, ConstU32<MAX_LEAVES>>);

/// What a condition may ask of whoever looks at it.
pub trait Facts {
	/// The genesis of the chain.
	fn genesis(&self) -> Hash;

	/// The tick.
	fn tick(&self) -> Tick;

	/// Whether the key signed these 32 bytes.
	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool;

	/// Whether a predicate holds of this. Of one that it does not know, nothing does. What held once has to hold for
	/// good.
	fn holds(&self, predicate: PredicateId, args: &[u8]) -> bool;
}

impl Condition {
	/// What is known of the condition from now on, if this meets it.
	///
	/// # Errors
	/// If it is no condition, if something is shown that is false, or if it is not enough.
	pub fn met(&self, witness: &Witness, facts: &impl Facts) -> Result<Reveal, ConditionError> {
		self.check()?;
		let leaves = self.0.iter().filter(|node| node.joins().is_none());
		if leaves.clone().count() != witness.0.len() {
			return Err(ConditionError::WrongWitness);
		}
		if let [Node::Chain { root, steps, payee }] = self.0.as_slice() {
			let chain = Chain {
				root,
				steps: *steps,
				payee,
			};
			return self.chain_met(&chain, witness, facts);
		}
		for (leaf, shown) in leaves.zip(&witness.0) {
			if !fits(leaf, shown) {
				return Err(ConditionError::WrongWitness);
			}
		}
		// The fold goes from the last leaf to the first.
		let (mut shown, mut lie) = (witness.0.iter().rev(), false);
		let met = self.fold(
			|leaf| match shown.next() {
				Some(LeafWitness::Nothing) | None => holds_by_itself(leaf, facts),
				Some(shown) => {
					let proven = is_true(leaf, shown, facts);
					lie |= !proven;
					proven
				}
			},
			|needed, below| below.iter().filter(|met| **met).count() >= usize::from(needed),
		);
		match met {
			_ if lie => Err(ConditionError::WrongWitness),
			Some(true) => Ok(Reveal {
				tick: facts.tick(),
				value: 1,
				total: 1,
			}),
			_ => Err(ConditionError::NotMet),
		}
	}

	fn chain_met(&self, chain: &Chain, witness: &Witness, facts: &impl Facts) -> Result<Reveal, ConditionError> {
		let [LeafWitness::Chain {
			steps,
			value,
			signature,
		}] = witness.0.as_slice()
		else {
			return Err(ConditionError::WrongWitness);
		};
		let word = ChainWitness {
			condition: self.hash(),
			steps: *steps,
		};
		let payload = word.payload(&Context::of_chain(facts.genesis()));
		let right = (1..=chain.steps).contains(steps)
			&& root_of(value, *steps) == *chain.root
			&& facts.signed(chain.payee, &payload, signature);
		if !right {
			return Err(ConditionError::WrongWitness);
		}
		Ok(Reveal {
			tick: facts.tick(),
			value: u32::from(*steps),
			total: u32::from(chain.steps),
		})
	}
}

/// The parts of [`Node::Chain`].
struct Chain<'a> {
	root: &'a Hash,
	steps: u16,
	payee: &'a ChannelKey,
}

/// Whether what is shown is of the leaf's kind.
fn fits(leaf: &Node, shown: &LeafWitness) -> bool {
	matches!(
		(leaf, shown),
		(_, LeafWitness::Nothing)
			| (Node::Preimage { .. }, LeafWitness::Preimage(_))
			| (Node::SignedBy { .. }, LeafWitness::Signature(_))
	)
}

fn is_true(leaf: &Node, shown: &LeafWitness, facts: &impl Facts) -> bool {
	match (leaf, shown) {
		(Node::Preimage { hash }, LeafWitness::Preimage(preimage)) => sha2_256(preimage) == *hash,
		(Node::SignedBy { key, digest }, LeafWitness::Signature(signature)) => {
			let payload = Statement { digest: *digest }.payload(&Context::of_chain(facts.genesis()));
			facts.signed(key, &payload, signature)
		}
		_ => false,
	}
}

fn holds_by_itself(leaf: &Node, facts: &impl Facts) -> bool {
	match leaf {
		Node::After { tick } => facts.tick() >= *tick,
		Node::Predicate { id, args } => facts.holds(*id, args),
		_ => false,
	}
}
