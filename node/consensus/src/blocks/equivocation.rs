//! Two blocks by one author in one slot.

use codec::{Decode, Encode};
use parking_lot::Mutex;
use poca_primitives::{AuthorityId, Slot};
use schnellru::{ByLength, LruMap, UnlimitedCompact};
use smartchain_chain::{Header, Metrics, LOG_TARGET};
use sp_core::H256;
use std::{collections::HashMap, sync::Arc};

/// How many (slot, author) pairs are remembered: half an hour of slots.
const REMEMBERED: u32 = 3600;

/// The most bytes of sealed headers that are remembered. Those of half an hour have some 4 MB, unless somebody makes
/// them long.
const REMEMBERED_BYTES: usize = 64 * 1024 * 1024;

/// How many blocks of an author and slot are executed unasked: one, and another that proves who equivocates.
pub const UNASKED: usize = 2;

/// What becomes of a sealed block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
	/// Whether it may be executed.
	pub admitted: bool,
	/// The first header that this author sealed in this slot, if this is the second, seen for the first time, and the
	/// author is not this node.
	pub contradicts: Option<Header>,
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
///
/// A seal is an offence whatever becomes of the block: the headers are kept here, since one that fails when it is
/// executed never reaches the database.
#[derive(Clone)]
pub struct AuthorWatch(Arc<Mutex<Inner>>);

struct Inner {
	sealed: Sealed,
	/// Blocks that a certificate asks for. Nobody but a quorum adds to these, so that no flood pushes them out.
	certified: LruMap<H256, ()>,
	/// Blocks that others build on, and the author of such a child.
	parents: LruMap<H256, AuthorityId>,
	/// Own keys, and up to which slot an earlier run of this node may have used them.
	own: HashMap<AuthorityId, Slot>,
	authored: LruMap<H256, ()>,
}

/// The first headers of each slot and author, with their seals: at most [`UNASKED`].
struct Sealed {
	/// Encoded, for in memory a header may be many times as large. Nothing goes but by [`Sealed::shrink`].
	headers: LruMap<(Slot, AuthorityId), Vec<Vec<u8>>, UnlimitedCompact>,
	bytes: usize,
}

/// What a header is among those of its slot and author.
enum Place {
	/// It is remembered from now on; before it, this one was.
	New(Option<Header>),
	/// It was remembered.
	Known,
	/// It is one too many.
	Further,
}

impl Default for AuthorWatch {
	fn default() -> Self {
		Self(Arc::new(Mutex::new(Inner {
			sealed: Sealed {
				headers: LruMap::new(UnlimitedCompact),
				bytes: 0,
			},
			certified: LruMap::new(ByLength::new(REMEMBERED)),
			parents: LruMap::new(ByLength::new(REMEMBERED)),
			own: HashMap::new(),
			authored: LruMap::new(ByLength::new(REMEMBERED)),
		})))
	}
}

impl AuthorWatch {
	/// This node authored the block of this sealed header.
	pub fn authored(&self, slot: Slot, author: &AuthorityId, sealed: &Header, metrics: &Metrics) {
		let mut inner = self.0.lock();
		inner.authored.insert(sealed.hash(), ());
		inner.note(slot, author, sealed, metrics);
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

	/// Whether a block whose seal is right may be executed, and what its seal contradicts. Those that may are counted.
	pub fn admit(&self, slot: Slot, author: &AuthorityId, sealed: &Header, metrics: &Metrics) -> Admission {
		let mut inner = self.0.lock();
		match inner.note(slot, author, sealed, metrics) {
			Place::New(first) => Admission {
				admitted: true,
				// Nobody reports himself.
				contradicts: first.filter(|_| !inner.own.contains_key(author)),
			},
			Place::Known => Admission {
				admitted: true,
				contradicts: None,
			},
			Place::Further => Admission {
				admitted: inner.is_needed(&sealed.hash(), author),
				contradicts: None,
			},
		}
	}

	/// Whether a key of this node sealed this block elsewhere.
	pub fn is_foreign(&self, slot: Slot, author: &AuthorityId, hash: &H256) -> bool {
		let inner = self.0.lock();
		let since = inner.own.get(author).copied();
		since.is_some_and(|since| slot > since) && inner.authored.peek(hash).is_none()
	}
}

impl Inner {
	/// Remembers a sealed header if it is one of the first of its slot and author, and says if it is the second.
	fn note(&mut self, slot: Slot, author: &AuthorityId, sealed: &Header, metrics: &Metrics) -> Place {
		let place = self.sealed.note((slot, author.clone()), sealed);
		if let Place::New(Some(first)) = &place {
			metrics.equivocation("block");
			log::warn!(
				target: LOG_TARGET,
				"Equivocation: {author} sealed two blocks in slot {slot}: {:?} and {:?}",
				first.hash(),
				sealed.hash(),
			);
		}
		place
	}

	fn is_needed(&mut self, hash: &H256, author: &AuthorityId) -> bool {
		self.certified.get(hash).is_some() || self.parents.get(hash).is_some_and(|child| &*child != author)
	}
}

impl Sealed {
	fn note(&mut self, key: (Slot, AuthorityId), header: &Header) -> Place {
		let bytes = header.encode();
		let Some(noted) = self.headers.get_or_insert(key, Vec::new) else {
			return Place::Further;
		};
		if noted.contains(&bytes) {
			return Place::Known;
		}
		if noted.len() >= UNASKED {
			return Place::Further;
		}
		let first = noted.first().and_then(|first| Header::decode(&mut &first[..]).ok());
		self.bytes = self.bytes.saturating_add(bytes.len());
		noted.push(bytes);
		self.shrink();
		Place::New(first)
	}

	/// Forgets what was looked at longest ago, until the rest is within the bounds.
	fn shrink(&mut self) {
		while self.headers.len() > REMEMBERED as usize || self.bytes > REMEMBERED_BYTES {
			let Some((_, gone)) = self.headers.pop_oldest() else {
				return;
			};
			let bytes: usize = gone.iter().map(Vec::len).sum();
			self.bytes = self.bytes.saturating_sub(bytes);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::blocks::testing::header;
	use sp_keyring::Sr25519Keyring::{Alice, Bob};
	use sp_runtime::{generic::DigestItem, traits::Header as _};

	fn keys() -> (AuthorityId, AuthorityId) {
		(Alice.public().into(), Bob.public().into())
	}

	fn admits(watch: &AuthorWatch, slot: u64, author: &AuthorityId, block: u64) -> bool {
		let admission = watch.admit(slot.into(), author, &header(block), &Metrics::default());
		admission.admitted
	}

	#[test]
	fn own_blocks_are_own_and_others_are_not() {
		let watch = AuthorWatch::default();
		let (alice, bob) = keys();
		watch.own(alice.clone(), Slot::from(10));
		watch.authored(Slot::from(11), &alice, &header(1), &Metrics::default());
		let foreign = |slot: u64, author, block| watch.is_foreign(slot.into(), author, &header(block).hash());
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
		let (alice, bob) = keys();
		watch.own(alice.clone(), Slot::from(10));
		let contradicts = |slot: u64, author, block| {
			let admission = watch.admit(slot.into(), author, &header(block), &Metrics::default());
			admission.contradicts
		};
		assert_eq!(contradicts(12, &bob, 1), None);
		assert_eq!(contradicts(12, &bob, 1), None, "the same again is no other");
		assert_eq!(contradicts(13, &bob, 2), None);
		assert_eq!(contradicts(12, &bob, 3), Some(header(1)));
		assert_eq!(contradicts(12, &bob, 3), None, "once");
		assert_eq!(contradicts(12, &bob, 6), None, "two are proof enough");
		watch.authored(Slot::from(12), &alice, &header(4), &Metrics::default());
		assert_eq!(contradicts(12, &alice, 5), None);
	}

	#[test]
	fn of_an_author_and_slot_two_blocks_are_executed_and_more_only_if_others_need_them() {
		let watch = AuthorWatch::default();
		let (alice, bob) = keys();
		let hash = |block| header(block).hash();
		for _ in 0..2 {
			assert!(admits(&watch, 12, &alice, 1) && admits(&watch, 12, &alice, 2));
		}
		for block in 3..40 {
			assert!(!admits(&watch, 12, &alice, block), "{block}");
		}
		assert!(admits(&watch, 12, &bob, 50), "another's are counted apart");
		assert!(admits(&watch, 13, &alice, 51), "another slot's are too");
		// Its own child does not speak for it.
		watch.want(hash(3), Wanted::ParentFor(alice.clone()));
		assert!(!admits(&watch, 12, &alice, 3));
		watch.want(hash(3), Wanted::ParentFor(bob.clone()));
		assert!(admits(&watch, 12, &alice, 3));
		watch.want(hash(4), Wanted::Certified);
		watch.want(hash(4), Wanted::ParentFor(alice.clone()));
		assert!(admits(&watch, 12, &alice, 4) && watch.is_certified(&hash(4)));
		assert!(!watch.is_certified(&hash(3)));
	}

	/// One director builds on as many invented blocks as it likes; what a quorum asks for stays wanted.
	#[test]
	fn what_a_certificate_asks_for_no_flood_of_other_wants_pushes_out() {
		let watch = AuthorWatch::default();
		let (alice, bob) = keys();
		watch.want(header(1).hash(), Wanted::Certified);
		for number in 0..2 * u64::from(REMEMBERED) {
			watch.want(H256::from_low_u64_be(number), Wanted::ParentFor(bob.clone()));
		}
		assert!(watch.is_certified(&header(1).hash()));
		assert!(admits(&watch, 12, &alice, 2) && admits(&watch, 12, &alice, 3));
		assert!(!admits(&watch, 12, &alice, 4));
		assert!(admits(&watch, 12, &alice, 1));
	}

	#[test]
	fn headers_are_remembered_within_bounds() {
		let watch = AuthorWatch::default();
		let (alice, _) = keys();
		for slot in 0..2 * u64::from(REMEMBERED) {
			assert!(admits(&watch, slot, &alice, slot));
		}
		{
			let inner = watch.0.lock();
			assert_eq!(inner.sealed.headers.len(), REMEMBERED as usize);
			let bytes: usize = inner
				.sealed
				.headers
				.iter()
				.flat_map(|(_, noted)| noted)
				.map(Vec::len)
				.sum();
			assert_eq!(inner.sealed.bytes, bytes);
		}
		// Long ones push out others earlier.
		let long = 1024 * 1024;
		for slot in 0..2 * (REMEMBERED_BYTES / long) as u64 {
			let mut header = header(slot);
			header.digest_mut().push(DigestItem::Other(vec![0; long]));
			let admission = watch.admit(slot.into(), &alice, &header, &Metrics::default());
			assert!(admission.admitted);
		}
		assert!(watch.0.lock().sealed.bytes <= REMEMBERED_BYTES);
	}
}
