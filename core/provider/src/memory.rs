//! What was answered: the one thing that has to outlive the program.

use crate::types::{Answer, Each, Key};
use codec::{Decode, Encode};
use proof_lottery_primitives::Resource;
use std::collections::BTreeMap;

/// Answers that are remembered at most. In rounds that are open there are never as many: 12 of 16 each.
pub const MAX_KEPT: usize = 512;

/// So many slots after its round an answer is forgotten: ten minutes, longer than branches of the chain live.
pub const FORGET_AFTER: u64 = 1_200;

/// An entry of the journal, in the order in which they were written.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Record {
	/// This is the answer.
	#[codec(index = 1)]
	Kept(
		/// It.
		Answer,
	),
	/// An answer was forgotten.
	#[codec(index = 2)]
	Forgotten(
		/// For what.
		Key,
		/// The last slot in which it counted.
		u64,
	),
	/// Rounds of a lottery that ended no later than in this slot are not answered.
	#[codec(index = 3)]
	Horizon(
		/// Which lottery.
		Resource,
		/// The slot.
		u64,
	),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
	answer: Answer,
	durable: bool,
}

/// What was answered in rounds that may be open still, on whatever branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
	entries: BTreeMap<Key, Entry>,
	horizon: Each<u64>,
}

impl Memory {
	/// As a journal tells it. Of two answers for one unit, which no program writes, the first counts.
	pub fn replay(records: impl IntoIterator<Item = Record>) -> Self {
		let mut memory = Self::default();
		for record in records {
			match record {
				Record::Kept(answer) => {
					let entry = Entry { answer, durable: true };
					memory.entries.entry(entry.answer.key).or_insert(entry);
				}
				Record::Forgotten(key, until) => {
					memory.entries.remove(&key);
					memory.raise(key.resource, until);
				}
				Record::Horizon(resource, until) => memory.raise(resource, until),
			}
			memory.evict();
		}
		memory
	}

	/// The shortest journal that tells the same.
	pub fn records(&self) -> Vec<Record> {
		let horizons = crate::types::RESOURCES.map(|resource| Record::Horizon(resource, *self.horizon.of(resource)));
		let kept = self.entries.values().map(|entry| Record::Kept(entry.answer.clone()));
		horizons.into_iter().chain(kept).collect()
	}

	/// How many answers are remembered.
	pub fn len(&self) -> usize {
		self.entries.len()
	}

	/// Whether there are none.
	pub fn is_empty(&self) -> bool {
		self.entries.is_empty()
	}

	/// The answer for a unit, if there is one, and whether it is durable.
	pub(crate) fn get(&self, key: &Key) -> Option<(&Answer, bool)> {
		self.entries.get(key).map(|entry| (&entry.answer, entry.durable))
	}

	/// The answers of a round with this challenge.
	pub(crate) fn of_round<'a>(
		&'a self,
		resource: Resource,
		round: u64,
		challenge: &'a [u8; 32],
	) -> impl Iterator<Item = (&'a Answer, bool)> + 'a {
		let of = move |key: &Key| key.resource == resource && key.round == round && key.challenge == *challenge;
		self.entries
			.values()
			.filter(move |entry| of(&entry.answer.key))
			.map(|entry| (&entry.answer, entry.durable))
	}

	/// Whether a round that counts until this slot may have been answered and forgotten.
	pub(crate) fn is_beyond(&self, resource: Resource, until: u64) -> bool {
		until <= *self.horizon.of(resource)
	}

	/// An answer, not durable yet. What leaves for it is returned. Nothing changes if there is one for the unit.
	pub(crate) fn insert(&mut self, answer: Answer) -> Option<Answer> {
		let entry = Entry { answer, durable: false };
		self.entries.entry(entry.answer.key).or_insert(entry);
		self.evict()
	}

	/// For the test of what would happen.
	pub(crate) fn replace(&mut self, answer: Answer) {
		let entry = Entry { answer, durable: false };
		self.entries.insert(entry.answer.key, entry);
	}

	/// It is durable; says whether there is such an answer.
	pub(crate) fn durable(&mut self, key: &Key) -> bool {
		let entry = self.entries.get_mut(key);
		let found = entry.is_some();
		if let Some(entry) = entry {
			entry.durable = true;
		}
		found
	}

	/// Forgets what ended long before this slot.
	pub(crate) fn forget(&mut self, slot: u64) -> Vec<Answer> {
		let old = |entry: &Entry| entry.answer.until.saturating_add(FORGET_AFTER) < slot;
		let keys: Vec<Key> = self
			.entries
			.iter()
			.filter(|(_, entry)| old(entry))
			.map(|(key, _)| *key)
			.collect();
		keys.iter().filter_map(|key| self.take(key)).collect()
	}

	/// The one that ended first leaves if there are too many.
	fn evict(&mut self) -> Option<Answer> {
		if self.entries.len() <= MAX_KEPT {
			return None;
		}
		let first = self.entries.values().min_by_key(|entry| entry.answer.until)?.answer.key;
		self.take(&first)
	}

	fn take(&mut self, key: &Key) -> Option<Answer> {
		let entry = self.entries.remove(key)?;
		self.raise(key.resource, entry.answer.until);
		Some(entry.answer)
	}

	fn raise(&mut self, resource: Resource, until: u64) {
		let horizon = self.horizon.of_mut(resource);
		*horizon = (*horizon).max(until);
	}
}
