//! Two blocks by one author in one slot.

use crate::shown::metrics::Metrics;
use parking_lot::Mutex;
use poca_primitives::{AuthorityId, Slot};
use schnellru::{ByLength, LruMap};
use sp_core::H256;
use std::{collections::HashMap, sync::Arc};

/// How many (slot, author) pairs are remembered: half an hour of slots.
const REMEMBERED: u32 = 3600;

/// What a sealed block amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
	/// A key of this node sealed it elsewhere.
	pub foreign: bool,
	/// The first block of this author and slot, where this is another and the author is not this node.
	pub contradicts: Option<H256>,
}

/// Remembers who sealed what.
#[derive(Clone)]
pub struct AuthorWatch(Arc<Mutex<Inner>>);

struct Inner {
	sealed: LruMap<(Slot, AuthorityId), H256>,
	/// Own keys, and up to which slot an earlier run of this node may have used them.
	own: HashMap<AuthorityId, Slot>,
	authored: LruMap<H256, ()>,
}

impl Default for AuthorWatch {
	fn default() -> Self {
		Self(Arc::new(Mutex::new(Inner {
			sealed: LruMap::new(ByLength::new(REMEMBERED)),
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
		inner.sealed.insert((slot, author.clone()), hash);
	}

	/// `author` is a key of this node; up to `since`, earlier runs of it may have sealed blocks.
	pub fn own(&self, author: AuthorityId, since: Slot) {
		self.0.lock().own.entry(author).or_insert(since);
	}

	/// Notes a sealed block, and says what there is to it.
	pub fn sealed(&self, slot: Slot, author: &AuthorityId, hash: H256, metrics: &Metrics) -> Sealed {
		let mut inner = self.0.lock();
		let key = (slot, author.clone());
		let first = inner.sealed.get(&key).copied();
		match first {
			Some(first) if first != hash => {
				metrics.equivocation("block");
				log::warn!(
					target: crate::chain::types::LOG_TARGET,
					"Equivocation: {author} sealed two blocks in slot {slot}: {first:?} and {hash:?}",
				);
			}
			Some(_) => (),
			None => {
				inner.sealed.insert(key, hash);
			}
		}
		let since = inner.own.get(author).copied();
		Sealed {
			foreign: since.is_some_and(|since| slot > since) && inner.authored.get(&hash).is_none(),
			// Nobody reports himself.
			contradicts: first.filter(|first| *first != hash && since.is_none()),
		}
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
}
