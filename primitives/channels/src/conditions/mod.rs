//! Smart Conditions: when a lock is the payee's. They are monotone: what is met once stays met, and more that is shown
//! never makes less of it.

mod witness;

pub use witness::{Facts, LeafWitness, Witness};

use crate::{ChannelKey, Hash, Tick, MAX_STEPS};
use alloc::vec::Vec;
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;
use sp_crypto_hashing::blake2_256;

/// How many leaves a condition has at most.
pub const MAX_LEAVES: u32 = 8;

/// How many nodes: each that joins has two below it at least.
pub const MAX_NODES: u32 = 2 * MAX_LEAVES - 1;

/// How many nodes lie from the first to a leaf at most, both counted.
pub const MAX_DEPTH: u32 = 3;

/// How many bytes a condition has at most.
pub const MAX_CONDITION_BYTES: usize = 256;

/// How many bytes the arguments of a predicate have at most.
pub const MAX_PREDICATE_ARGS: u32 = 64;

/// Keeps hashes of conditions apart from any other.
const DOMAIN: &[u8; 24] = b"SmartChain/condition/v1\0";

/// The number of a predicate: what a market or pallet lets conditions ask.
pub type PredicateId = u16;

/// The predicate that holds of the 32 bytes of a device's id while the attestation of its vendor stands.
pub const DEVICE_ATTESTED: PredicateId = 0;

/// The predicate that holds of a deal of the storage market that is kept as its arguments say: those are
/// `storage-market-primitives`' `DealProven`.
pub const DEAL_PROVEN: PredicateId = 1;

/// The predicate that holds of a unit of the compute market whose result is accepted and can be appealed no more: its
/// arguments are `compute-market-primitives`' `TaskAccepted`.
pub const TASK_ACCEPTED: PredicateId = 2;

/// What a predicate is asked about, in an encoding of its own.
pub type PredicateArgs = BoundedVec<u8, ConstU32<MAX_PREDICATE_ARGS>>;

/// A part of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Node {
	/// Somebody shows the 32 bytes of which this is the SHA-256. One showing counts for every lock with this condition.
	#[codec(index = 0)]
	Preimage {
		/// The SHA-256.
		hash: Hash,
	},
	/// A chain of hashes, met step by step: see [`earlier`](crate::earlier). It is a condition by itself, and never a
	/// part of one.
	#[codec(index = 1)]
	Chain {
		/// The value of step 0.
		root: Hash,
		/// How many steps it has.
		steps: u16,
		/// Who alone may show how many of them are met.
		payee: ChannelKey,
	},
	/// An oracle, a meter or an arbiter says so, in a [`Statement`](crate::Statement).
	#[codec(index = 2)]
	SignedBy {
		/// Its key.
		key: ChannelKey,
		/// The hash of what it says.
		digest: Hash,
	},
	/// It is this tick or later.
	#[codec(index = 3)]
	After {
		/// The tick.
		tick: Tick,
	},
	/// Something holds on this chain, and will hold from then on.
	#[codec(index = 4)]
	Predicate {
		/// What.
		id: PredicateId,
		/// Of what.
		args: PredicateArgs,
	},
	/// All of so many that follow are met.
	#[codec(index = 5)]
	All {
		/// How many.
		of: u8,
	},
	/// One of so many that follow is met.
	#[codec(index = 6)]
	Any {
		/// How many.
		of: u8,
	},
	/// Some of so many that follow are met.
	#[codec(index = 7)]
	Threshold {
		/// How many have to be.
		needed: u8,
		/// Of how many.
		of: u8,
	},
}

impl Node {
	/// How many parts that follow it joins, and how many of them have to be met; none of a leaf.
	fn joins(&self) -> Option<(u8, u8)> {
		match self {
			Self::All { of } => Some((*of, *of)),
			Self::Any { of } => Some((*of, 1)),
			Self::Threshold { needed, of } => Some((*of, *needed)),
			_ => None,
		}
	}
}

/// A condition: its parts in the order in which one reads them, each that joins before those that it joins. Flat, so
/// that nothing that comes from outside is decoded in depth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Condition(pub BoundedVec<Node, ConstU32<MAX_NODES>>);

/// Why a condition is none, or is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum ConditionError {
	/// It has too many parts, or too many bytes.
	TooLong,
	/// It is too deep.
	TooDeep,
	/// Its parts do not fit together.
	Malformed,
	/// A chain of hashes is a part of it.
	ChainWithin,
	/// A chain of hashes has no step, or too many.
	Steps,
	/// What is shown does not fit, or is false.
	WrongWitness,
	/// What is shown is true and not enough.
	NotMet,
}

impl fmt::Display for ConditionError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::TooLong => "a condition has at most 8 leaves and 256 bytes",
			Self::TooDeep => "a condition is at most 3 deep",
			Self::Malformed => {
				"the parts of the condition do not fit: each that joins has 2 or more, and as many as it says"
			}
			Self::ChainWithin => "a chain of hashes is a condition alone, and no part of one",
			Self::Steps => "a chain of hashes has 1 to 4096 steps",
			Self::WrongWitness => "what is shown is false, or of another kind: show one thing for each leaf, in order",
			Self::NotMet => "what is shown is true and not enough: show more, or wait",
		})
	}
}

impl core::error::Error for ConditionError {}

/// The most that it takes to look at a condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
	/// Hashes of a short text.
	pub hashes: u32,
	/// Signatures.
	pub signatures: u32,
	/// Predicates.
	pub predicates: u32,
}

impl Condition {
	/// A condition of these parts.
	///
	/// # Errors
	/// If they are none; see [`Condition::check`].
	pub fn new(parts: Vec<Node>) -> Result<Self, ConditionError> {
		let parts = BoundedVec::<Node, ConstU32<MAX_NODES>>::try_from(parts).map_err(|_| ConditionError::TooLong)?;
		let condition = Self(parts);
		condition.check()?;
		Ok(condition)
	}

	/// What a lock names it by.
	pub fn hash(&self) -> Hash {
		let mut bytes = DOMAIN.to_vec();
		self.encode_to(&mut bytes);
		blake2_256(&bytes)
	}

	/// Whether it is one. Nothing meets a lock whose condition is none: its payee looks before it accepts.
	///
	/// # Errors
	/// Why it is none.
	pub fn check(&self) -> Result<(), ConditionError> {
		let leaves = self.0.iter().filter(|node| node.joins().is_none()).count();
		if leaves > MAX_LEAVES as usize || self.encoded_size() > MAX_CONDITION_BYTES {
			return Err(ConditionError::TooLong);
		}
		for node in &self.0 {
			match node {
				Node::Chain { .. } if self.0.len() > 1 => return Err(ConditionError::ChainWithin),
				Node::Chain { steps, .. } if *steps == 0 || *steps > MAX_STEPS => return Err(ConditionError::Steps),
				_ => {}
			}
			if let Some((of, needed)) = node.joins() {
				if of < 2 || needed == 0 || needed > of {
					return Err(ConditionError::Malformed);
				}
			}
		}
		let depth = self.fold(
			|_| 1_u32,
			|_, below| below.iter().max().map_or(1, |depth| depth.saturating_add(1)),
		);
		match depth {
			None => Err(ConditionError::Malformed),
			Some(depth) if depth > MAX_DEPTH => Err(ConditionError::TooDeep),
			Some(_) => Ok(()),
		}
	}

	/// The most that it takes to look at it.
	pub fn cost(&self) -> Cost {
		let mut cost = Cost::default();
		for node in &self.0 {
			let (hashes, signatures, predicates) = match node {
				Node::Preimage { .. } => (1, 0, 0),
				Node::Chain { steps, .. } => (u32::from(*steps), 1, 0),
				Node::SignedBy { .. } => (1, 1, 0),
				Node::Predicate { .. } => (0, 0, 1),
				_ => (0, 0, 0),
			};
			cost.hashes = cost.hashes.saturating_add(hashes);
			cost.signatures = cost.signatures.saturating_add(signatures);
			cost.predicates = cost.predicates.saturating_add(predicates);
		}
		cost
	}

	/// A value for the whole: of each leaf, from the last to the first, and of each that joins out of those below it.
	/// None if the parts do not fit together.
	fn fold<V: Copy>(&self, mut leaf: impl FnMut(&Node) -> V, join: impl Fn(u8, &[V]) -> V) -> Option<V> {
		let mut done: Vec<V> = Vec::with_capacity(self.0.len());
		for node in self.0.iter().rev() {
			let value = match node.joins() {
				None => leaf(node),
				Some((of, needed)) => {
					let from = done.len().checked_sub(usize::from(of))?;
					let value = join(needed, done.get(from..)?);
					done.truncate(from);
					value
				}
			};
			done.push(value);
		}
		match done.as_slice() {
			[whole] => Some(*whole),
			_ => None,
		}
	}
}
