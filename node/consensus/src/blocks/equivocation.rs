//! Two blocks by one author in one slot.

use crate::{chain::types::LOG_TARGET, shown::metrics::Metrics};
use parking_lot::Mutex;
use poca_primitives::{AuthorityId, Slot};
use schnellru::{ByLength, LruMap};
use sp_core::H256;
use std::{collections::HashMap, sync::Arc};

/// How many (slot, author) pairs are remembered: half an hour of slots.
const REMEMBERED: u32 = 3600;

/// How many blocks of an author and slot are executed unasked: one, and another that proves who equivocates.
pub const UNASKED: usize = 2;

/// What a sealed block amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
	/// A key of this node sealed it elsewhere.
	pub foreign: bool,
	/// The first block of this author and slot, if this is another and the author is not this node.
	pub contradicts: Option<H256>,
}

/// Who says that a block is needed, however many its author has sealed in its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
	/// A certificate: a quorum has prevoted it or a descendant.
	Certified,
	/// A block of this author names it as its parent. It counts if the author is another.
	ParentFor(AuthorityId),
}

/// Remembers who sealed what.
///
/// A director can seal one header as often as it likes, each time with another hash, and the database takes 32 blocks
/// of a height. So of an author and slot [`UNASKED`] blocks are executed, and a further one only if somebody else
/// builds on it or a certificate asks for it.
#[derive(Clone)]
pub struct AuthorWatch(Arc<Mutex<Inner>>);

struct Inner {
	/// The first blocks of each slot and author, at most [`UNASKED`].
	sealed: LruMap<(Slot, AuthorityId), Vec<H256>>,
	/// Blocks that a certificate asks for. Nobody but a quorum adds to these, so that no flood pushes them out.
	certified: LruMap<H256, ()>,
	/// Blocks that others build on, and the author of such a child.
	parents: LruMap<H256, AuthorityId>,
	/// Own keys, and up to which slot an earlier run of this node may have used them.
	own: HashMap<AuthorityId, Slot>,
	authored: LruMap<H256, ()>,
}

impl Default for AuthorWatch {
	fn default() -> Self {
		Self(Arc::new(Mutex::new(Inner {
			sealed: LruMap::new(ByLength::new(REMEMBERED)),
			certified: LruMap::new(ByLength::new(REMEMBERED)),
			parents: LruMap::new(ByLength::new(REMEMBERED)),
			own: HashMap::new(),
			authored: LruMap::new(ByLength::new(REMEMBERED)),
		})))
	}
}

impl AuthorWatch {
	/// This node authored this block.
	pub fn authored(&self, slot: Slot, author: &AuthorityId, hash: H256) {
		let mut inner = self.0.lock();
		inner.authored.insert(hash, ());
		inner.note((slot, author.clone()), hash);
	}

	/// `author` is a key of this node; up to `since`, earlier runs of it may have sealed blocks.
	pub fn own(&self, author: AuthorityId, since: Slot) {
		self.0.lock().own.entry(author).or_insert(since);
	}

	/// Somebody needs this block.
	pub fn want(&self, hash: H256, by: Wanted) {
		let mut inner = self.0.lock();
		match by {
			Wanted::Certified => inner.certified.insert(hash, ()),
			Wanted::ParentFor(child) => inner.parents.insert(hash, child),
		};
	}

	/// Whether a certificate asks for this block; then it asks for its ancestors as well.
	pub fn is_certified(&self, hash: &H256) -> bool {
		self.0.lock().certified.get(hash).is_some()
	}

	/// Whether a block whose seal is right may be executed. Those that may are counted.
	pub fn admit(&self, slot: Slot, author: &AuthorityId, hash: H256) -> bool {
		let mut inner = self.0.lock();
		if inner.note((slot, author.clone()), hash) {
			return true;
		}
		inner.certified.get(&hash).is_some() || inner.parents.get(&hash).is_some_and(|child| &*child != author)
	}

	/// Notes a sealed block, and says what there is to it.
	pub fn sealed(&self, slot: Slot, author: &AuthorityId, hash: H256, metrics: &Metrics) -> Sealed {
		let mut inner = self.0.lock();
		let key = (slot, author.clone());
		inner.note(key.clone(), hash);
		let first = inner.sealed.get(&key).and_then(|hashes| hashes.first()).copied();
		let other = first.filter(|first| *first != hash);
		if let Some(first) = other {
			metrics.equivocation("block");
			log::warn!(
				target: LOG_TARGET,
				"Equivocation: {author} sealed two blocks in slot {slot}: {first:?} and {hash:?}",
			);
		}
		let since = inner.own.get(author).copied();
		Sealed {
			foreign: since.is_some_and(|since| slot > since) && inner.authored.get(&hash).is_none(),
			// Nobody reports himself.
			contradicts: other.filter(|_| since.is_none()),
		}
	}
}

impl Inner {
	/// Whether the block is one of the first of its slot and author, as which it is noted.
	fn note(&mut self, key: (Slot, AuthorityId), hash: H256) -> bool {
		let Some(hashes) = self.sealed.get_or_insert(key, Vec::new) else {
			return false;
		};
		if hashes.contains(&hash) {
			return true;
		}
		let room = hashes.len() < UNASKED;
		if room {
			hashes.push(hash);
		}
		room
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_keyring::Sr25519Keyring::{Alice, Bob};

	#[test]
	fn own_blocks_are_own_and_others_are_not() {
		let watch = AuthorWatch::default();
		let metrics = Metrics::default();
		let (alice, bob) = (Alice.public().into(), Bob.public().into());
		watch.own(AuthorityId::clone(&alice), Slot::from(10));
		watch.authored(Slot::from(11), &alice, H256::repeat_byte(1));
		let foreign = |slot: u64, author, block| {
			let sealed = watch.sealed(slot.into(), author, H256::repeat_byte(block), &metrics);
			sealed.foreign
		};
		assert!(!foreign(11, &alice, 1));
		// An earlier run of this node may have sealed up to slot 10.
		assert!(!foreign(10, &alice, 2));
		assert!(foreign(11, &alice, 3));
		assert!(foreign(12, &alice, 4));
		assert!(!foreign(12, &bob, 5));
	}

	#[test]
	fn a_second_block_in_a_slot_contradicts_the_first_unless_it_is_one_s_own() {
		let watch = AuthorWatch::default();
		let metrics = Metrics::default();
		let (alice, bob) = (Alice.public().into(), Bob.public().into());
		watch.own(AuthorityId::clone(&alice), Slot::from(10));
		let contradicts = |slot: u64, author, block| {
			let sealed = watch.sealed(slot.into(), author, H256::repeat_byte(block), &metrics);
			sealed.contradicts
		};
		assert_eq!(contradicts(12, &bob, 1), None);
		assert_eq!(contradicts(12, &bob, 1), None, "the same again is no other");
		assert_eq!(contradicts(13, &bob, 2), None);
		assert_eq!(contradicts(12, &bob, 3), Some(H256::repeat_byte(1)));
		assert_eq!(contradicts(12, &alice, 4), None);
		assert_eq!(contradicts(12, &alice, 5), None);
	}

	#[test]
	fn of_an_author_and_slot_two_blocks_are_executed_and_more_only_if_others_need_them() {
		let watch = AuthorWatch::default();
		let (alice, bob): (AuthorityId, AuthorityId) = (Alice.public().into(), Bob.public().into());
		let slot = Slot::from(12);
		let block = H256::repeat_byte;
		for _ in 0..2 {
			assert!(watch.admit(slot, &alice, block(1)) && watch.admit(slot, &alice, block(2)));
		}
		for number in 3..40 {
			assert!(!watch.admit(slot, &alice, block(number)), "{number}");
		}
		assert!(watch.admit(slot, &bob, block(50)), "another's are counted apart");
		assert!(watch.admit(13.into(), &alice, block(51)), "another slot's are too");
		// Its own child does not speak for it.
		watch.want(block(3), Wanted::ParentFor(alice.clone()));
		assert!(!watch.admit(slot, &alice, block(3)));
		watch.want(block(3), Wanted::ParentFor(bob.clone()));
		assert!(watch.admit(slot, &alice, block(3)));
		watch.want(block(4), Wanted::Certified);
		watch.want(block(4), Wanted::ParentFor(alice.clone()));
		assert!(watch.admit(slot, &alice, block(4)) && watch.is_certified(&block(4)));
		assert!(!watch.is_certified(&block(3)));
	}

	/// One director builds on as many invented blocks as it likes; what a quorum asks for stays wanted.
	#[test]
	fn what_a_certificate_asks_for_no_flood_of_other_wants_pushes_out() {
		let watch = AuthorWatch::default();
		let (alice, bob): (AuthorityId, AuthorityId) = (Alice.public().into(), Bob.public().into());
		let block = |number: u64| H256::from_low_u64_be(number);
		watch.want(block(1), Wanted::Certified);
		for number in 0..2 * u64::from(REMEMBERED) {
			watch.want(block(1_000 + number), Wanted::ParentFor(bob.clone()));
		}
		assert!(watch.is_certified(&block(1)));
		let slot = Slot::from(12);
		assert!(watch.admit(slot, &alice, block(2)) && watch.admit(slot, &alice, block(3)));
		assert!(!watch.admit(slot, &alice, block(4)));
		assert!(watch.admit(slot, &alice, block(1)));
	}
}
