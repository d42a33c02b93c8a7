//! How much a peer may push.

use sc_network::PeerId;
use std::{
	collections::{HashMap, HashSet},
	time::{Duration, Instant},
};

/// Blocks that a peer may push in a second: it authors two, and sends again what others may have lost.
const BLOCKS: u32 = 8;
/// Bytes that a peer may push in a second: two of the largest blocks.
const BYTES: usize = 12 * 1024 * 1024;
const SECOND: Duration = Duration::from_secs(1);

/// What each peer has sent in the current second.
#[derive(Debug)]
pub struct Limits {
	since: Instant,
	sent: HashMap<PeerId, (u32, usize)>,
	/// Who has been complained of in the current second.
	told: HashSet<PeerId>,
}

impl Limits {
	/// Nobody has sent anything.
	pub fn new(now: Instant) -> Self {
		Self {
			since: now,
			sent: HashMap::new(),
			told: HashSet::new(),
		}
	}

	/// Whether a peer may push so many bytes more. What it may not it is not counted for.
	pub fn admit(&mut self, peer: PeerId, bytes: usize, now: Instant) -> bool {
		if now.saturating_duration_since(self.since) >= SECOND {
			self.sent.clear();
			self.told.clear();
			self.since = now;
		}
		let (blocks, total) = self.sent.entry(peer).or_default();
		let (more_blocks, more_bytes) = (blocks.saturating_add(1), total.saturating_add(bytes));
		let admitted = more_blocks <= BLOCKS && more_bytes <= BYTES;
		if admitted {
			(*blocks, *total) = (more_blocks, more_bytes);
		}
		admitted
	}

	/// Whether it is time to complain of a peer that pushed more than it may: once a second, so that a burst bans
	/// nobody.
	pub fn complains(&mut self, peer: PeerId) -> bool {
		self.told.insert(peer)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_peer_pushes_no_more_in_a_second_than_it_may() {
		let start = Instant::now();
		let mut limits = Limits::new(start);
		let (one, other) = (PeerId::random(), PeerId::random());
		let admitted = (0..400).filter(|_| limits.admit(one, 200, start)).count();
		assert_eq!(admitted, 8);
		assert!(limits.admit(other, 200, start), "another peer's are counted apart");
		assert_eq!((0..400).filter(|_| limits.complains(one)).count(), 1);
		assert!(limits.admit(one, 200, start + SECOND), "and each second anew");
		assert!(limits.complains(one));
	}

	#[test]
	fn few_large_blocks_are_as_many_bytes() {
		let now = Instant::now();
		let mut limits = Limits::new(now);
		let peer = PeerId::random();
		let six = 6 * 1024 * 1024;
		assert!(limits.admit(peer, six, now) && limits.admit(peer, six, now));
		assert!(!limits.admit(peer, six, now));
		assert!(!limits.admit(peer, 1, now));
	}
}
