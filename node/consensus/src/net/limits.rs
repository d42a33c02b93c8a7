//! What a peer may cost this node, and what more than that costs the peer.
//!
//! The network keeps a reputation for each peer. It moves back towards zero by 1/200 a second, and parts with a peer
//! whose reputation falls below 71 % of the lowest number. So a penalty that comes at a steady pace ends in a ban only
//! if 200 seconds' worth of it exceed that: each one here says what it amounts to, and the tests do the sums.

use sc_network::PeerId;
use schnellru::{ByLength, LruMap};
use std::{
	hash::Hash,
	time::{Duration, Instant},
};

/// Reputation changes, and what they are for.
pub(crate) mod reputation {
	use sc_network::ReputationChange;

	/// A false signature, or a certificate that proves nothing. Every node checks before it passes on, so that nobody
	/// honest ever sends one: the first is the last.
	pub const FALSE_PROOF: ReputationChange = ReputationChange::new_fatal("SmartChain: false vote or certificate");
	/// Bytes that do not decode. The protocol's name carries its version, so that it takes a fault at least: banned if
	/// it goes on for a few minutes at one in two seconds.
	pub const UNDECODABLE: ReputationChange = ReputationChange::new(-(1 << 24), "SmartChain: undecodable message");
	/// A pushed block that does not verify: banned after some twenty in a row.
	pub const BAD_BLOCK: ReputationChange = ReputationChange::new(-(1 << 26), "SmartChain: bad block");
	/// More than anybody honest sends, told once a second: banned after half a minute of it, not for a burst now and
	/// then.
	pub const FLOOD: ReputationChange = ReputationChange::new(-(1 << 26), "SmartChain: too many messages");
	/// It does not read what it is sent. Its link may be slow: others are preferred, but it is not banned for that.
	pub const STUCK: ReputationChange = ReputationChange::new(-(1 << 20), "SmartChain: its queue stays full");
	/// It has read nothing for a minute. The network parts with it, and what waits for it goes; its link may have been
	/// broken, and a minute later it may come again.
	pub const READS_NOTHING: ReputationChange = ReputationChange::new_fatal("SmartChain: it reads nothing");
}

/// Peers, and other keys, whose last messages are remembered. More peers are never connected.
pub(crate) const REMEMBERED_KEYS: u32 = 1024;
/// Messages that a peer may send a second for each voter, of those that are of no use: late ones, those of another set,
/// and a third vote in a slot, which honest nodes that saw two others may pass on. Useful ones are limited for each
/// voter, whoever brings them.
const MESSAGES_PER_VOTER: u32 = 32;
/// Useless messages that a peer may send a second besides.
const MESSAGES_ALWAYS: u32 = 64;
/// A peer that sends too much is reported once in this time.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(1);

/// How often something may happen in the long run, and how often at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
	/// Times a second.
	pub a_second: u32,
	/// Times at once, after a rest.
	pub burst: u32,
}

/// One token bucket for each key, such as a peer. Of keys beyond [`REMEMBERED_KEYS`] those are forgotten that were
/// quiet the longest.
pub(crate) struct Buckets<K> {
	rate: Rate,
	/// When each bucket is full again; those that are not here are.
	full_at: LruMap<K, Instant>,
}

impl<K: Hash + Eq> Buckets<K> {
	/// Full buckets of this rate.
	pub fn new(rate: Rate) -> Self {
		Self {
			rate,
			full_at: LruMap::new(ByLength::new(REMEMBERED_KEYS)),
		}
	}

	/// Whether there is a token, without taking it.
	pub fn has(&mut self, key: &K, now: Instant) -> bool {
		self.after_one_more(key, now).is_some()
	}

	/// Takes a token, if there is one.
	pub fn take(&mut self, key: K, now: Instant) -> bool {
		match self.after_one_more(&key, now) {
			Some(full_at) => self.full_at.insert(key, full_at),
			None => false,
		}
	}

	/// When the bucket would be full again if one more token were taken; none if it is empty.
	fn after_one_more(&mut self, key: &K, now: Instant) -> Option<Instant> {
		let refill = Duration::from_secs(1).checked_div(self.rate.a_second)?;
		let full_at = self.full_at.get(key).copied().unwrap_or(now).max(now) + refill;
		(full_at <= now + refill.saturating_mul(self.rate.burst)).then_some(full_at)
	}
}

/// Which peers send more useless messages than anybody honest. What is new and true is never counted, nor is what is
/// known already: everybody passes on to everybody.
pub(crate) struct FloodLimit {
	useless: Buckets<PeerId>,
	complaints: LruMap<PeerId, Instant>,
}

impl FloodLimit {
	/// The limit in a set of this many voters.
	pub fn new(voters: usize) -> Self {
		let voters = u32::try_from(voters).unwrap_or(u32::MAX);
		let limit = MESSAGES_PER_VOTER
			.saturating_mul(voters)
			.saturating_add(MESSAGES_ALWAYS);
		Self {
			useless: Buckets::new(Rate {
				a_second: limit,
				burst: limit,
			}),
			complaints: LruMap::new(ByLength::new(REMEMBERED_KEYS)),
		}
	}

	/// Counts a message that was of no use.
	pub fn count(&mut self, peer: PeerId, now: Instant) {
		self.useless.take(peer, now);
	}

	/// Whether the peer has sent too many; then it is not listened to.
	pub fn is_over(&mut self, peer: &PeerId, now: Instant) -> bool {
		!self.useless.has(peer, now)
	}

	/// Whether it is time to report a peer that sends too much; notes that it was.
	pub fn complains(&mut self, peer: PeerId, now: Instant) -> bool {
		let recent = self
			.complaints
			.get(&peer)
			.is_some_and(|last| now.duration_since(*last) < COMPLAINT_PAUSE);
		!recent && self.complaints.insert(peer, now)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sc_network::ReputationChange;

	const SECOND: Duration = Duration::from_secs(1);
	/// Those of the network's peer store, which keeps them to itself.
	const BANNED_BELOW: i32 = 71 * (i32::MIN / 100);
	const DECAY: i32 = 200;

	/// After how many seconds a peer is banned that is reported `times` in each `every` seconds; none if not within an
	/// hour.
	fn banned_after(change: &ReputationChange, times: u32, every: u32) -> Option<u32> {
		let mut reputation = 0i32;
		for second in 0..3600 {
			if second % every == 0 {
				for _ in 0..times {
					reputation = reputation.saturating_add(change.value);
				}
			}
			if reputation < BANNED_BELOW {
				return Some(second);
			}
			reputation -= reputation / DECAY;
		}
		None
	}

	#[test]
	fn one_false_signature_is_one_too_many() {
		assert_eq!(banned_after(&reputation::FALSE_PROOF, 1, 3600), Some(0));
	}

	#[test]
	fn whoever_goes_on_sending_rubbish_is_banned_and_a_slip_is_forgiven() {
		assert!(banned_after(&reputation::UNDECODABLE, 1, 2).is_some_and(|after| after < 600));
		assert_eq!(banned_after(&reputation::UNDECODABLE, 1, 10), None);
		assert!(banned_after(&reputation::FLOOD, 1, 1).is_some_and(|after| after <= 30));
		assert_eq!(banned_after(&reputation::FLOOD, 1, 60), None);
		assert!(banned_after(&reputation::BAD_BLOCK, 2, 1).is_some_and(|after| after <= 15));
		assert_eq!(
			banned_after(&reputation::STUCK, 2, 1),
			None,
			"a slow link is no offence"
		);
	}

	#[test]
	fn a_bucket_gives_its_burst_and_then_its_rate() {
		let mut buckets = Buckets::new(Rate {
			a_second: 16,
			burst: 64,
		});
		let start = Instant::now();
		assert_eq!((0..200).filter(|_| buckets.take(1, start)).count(), 64);
		assert!(!buckets.has(&1, start));
		assert!(buckets.has(&2, start), "each has its own");
		assert_eq!((0..200).filter(|_| buckets.take(1, start + SECOND)).count(), 16);
		assert_eq!((0..200).filter(|_| buckets.take(1, start + 60 * SECOND)).count(), 64);
	}

	#[test]
	fn a_flood_is_what_exceeds_the_limit_in_a_second() {
		let (mut flood, start) = (FloodLimit::new(4), Instant::now());
		let (peer, other) = (PeerId::random(), PeerId::random());
		for _ in 0..192 {
			assert!(!flood.is_over(&peer, start));
			flood.count(peer, start);
		}
		assert!(flood.is_over(&peer, start));
		assert!(!flood.is_over(&other, start));
		assert!(!flood.is_over(&peer, start + SECOND));
	}

	#[test]
	fn a_flood_is_reported_once_a_second() {
		let (mut flood, start) = (FloodLimit::new(4), Instant::now());
		let peer = PeerId::random();
		let at = |tenths: u32| start + Duration::from_millis(100) * tenths;
		let reports = (0..30).filter(|tenths| flood.complains(peer, at(*tenths))).count();
		assert_eq!(reports, 3);
	}
}
