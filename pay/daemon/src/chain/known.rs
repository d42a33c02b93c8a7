//! What the machine asks while it takes a step, and what has to be known before.

use channel_primitives::{ChannelKey, ChannelSignature, Hash, PredicateId, Reveal};
use smart_pay_store::verify;
use smartchain_channel::{Checks, Party};
use std::collections::{BTreeSet, HashMap};

/// How many conditions are remembered; beyond that all are asked for anew.
const MOST_KNOWN: usize = 1 << 18;

/// What the chain knows of conditions, as of the last final block that was told. What it does not know is remembered,
/// too: it follows every block.
#[derive(Debug, Default)]
pub struct Known(HashMap<Hash, Option<Reveal>>);

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
	/// Those of which nothing is known.
	pub fn missing(&self, conditions: impl IntoIterator<Item = Hash>) -> Vec<Hash> {
		let all: BTreeSet<Hash> = conditions.into_iter().collect();
		all.into_iter().filter(|hash| !self.0.contains_key(hash)).collect()
	}

	/// Room for so many more, before they are asked about: what is learned for one step is not forgotten within it.
	pub fn make_room(&mut self, more: usize) {
		if self.0.len().saturating_add(more) > MOST_KNOWN {
			self.0.clear();
		}
	}

	/// What the chain said.
	pub fn learn(&mut self, condition: Hash, reveal: Option<Reveal>) {
		self.0.insert(condition, reveal);
	}

	/// Blocks were passed over: what was not revealed may be.
	pub fn forget(&mut self) {
		self.0.clear();
	}
}

/// All conditions that somebody here waits for.
pub fn waited_for(party: &Party) -> Vec<Hash> {
	let mut all = Vec::new();
	for id in party.channels() {
		let Some(sheet) = party.sheet(id) else {
			continue;
		};
		all.extend(sheet.given.values().map(|given| given.lock.condition));
		all.extend(sheet.taken.values().map(|taken| taken.lock.condition));
		let claimed = sheet.seen.as_ref().and_then(|seen| seen.claim_locks.as_ref());
		all.extend(
			claimed
				.into_iter()
				.flat_map(|locks| locks.as_slice())
				.map(|lock| lock.condition),
		);
	}
	all
}
