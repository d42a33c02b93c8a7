//! What the machine asks while it takes a step, and what has to be known before.

use alloc::{collections::BTreeMap, vec::Vec};
use channel_primitives::{ChannelKey, ChannelSignature, Hash, PredicateId, Reveal};
use ed25519_zebra::{Signature, VerificationKey};
use smartchain_channel::Checks;

/// How many conditions are remembered; beyond that all are asked for anew.
const MOST_KNOWN: usize = 1 << 14;

/// What the chain knows of conditions. What it does not know is remembered, too: every final block is told.
#[derive(Debug)]
pub(crate) struct Known(BTreeMap<Hash, Option<Reveal>>);

impl Checks for Known {
	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		verify(key, payload, signature)
	}

	/// Predicates are looked at by the chain alone: a lock on one waits until somebody has shown it there.
	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}

	fn revealed(&self, condition: &Hash) -> Option<Reveal> {
		self.0.get(condition).copied().flatten()
	}
}

impl Known {
	pub const fn new() -> Self {
		Self(BTreeMap::new())
	}

	/// Those of which nothing is known.
	pub fn missing(&self, conditions: Vec<Hash>) -> Vec<Hash> {
		let mut missing: Vec<Hash> = conditions
			.into_iter()
			.filter(|hash| !self.0.contains_key(hash))
			.collect();
		missing.sort_unstable();
		missing.dedup();
		missing
	}

	/// What the chain says.
	pub fn learn(&mut self, condition: Hash, reveal: Option<Reveal>) {
		if self.0.len() >= MOST_KNOWN {
			self.0.clear();
		}
		self.0.insert(condition, reveal);
	}

	/// Blocks were passed over: what was not revealed may be.
	pub fn forget(&mut self) {
		self.0.clear();
	}
}

/// Whether a key signed these 32 bytes, by ZIP 215, as the chain checks it.
pub(crate) fn verify(key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
	VerificationKey::try_from(key.0).is_ok_and(|key| key.verify(&Signature::from(signature.0), payload).is_ok())
}
