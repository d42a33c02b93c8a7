//! Pushed blocks that lack their parent, or whose slot has not come.

use poca_primitives::AuthorIndex;
use sc_network::PeerId;
use smartchain_chain::SealedBlock;
use sp_core::H256;
use std::time::{Duration, Instant};

/// How many wait at a time.
const MAX_ORPHANS: usize = 16;
/// How many of them came from one peer.
const MAX_OF_A_PEER: usize = 4;
/// How many bytes they have in all: room for two of the largest.
const MAX_BYTES: usize = 12 * 1024 * 1024;
/// One that has waited longer is left to the sync.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// A block that waits.
pub struct Orphan {
	pub block: SealedBlock,
	pub hash: H256,
	/// Its slot and the place of its author.
	pub place: (u64, AuthorIndex),
	pub bytes: usize,
	pub from: PeerId,
	pub seen: Instant,
}

/// The blocks that wait, the oldest first. One of a peer, slot and author; what finds no room is not taken, so that
/// nobody's junk pushes out another's block.
#[derive(Default)]
pub struct Orphans(Vec<Orphan>);

impl Orphans {
	/// Keeps a block; whether there was room.
	pub fn keep(&mut self, orphan: Orphan) -> bool {
		let bytes: usize = self.0.iter().map(|kept| kept.bytes).sum();
		let of_peer = self.0.iter().filter(|kept| kept.from == orphan.from).count();
		let known = self
			.0
			.iter()
			.any(|kept| kept.hash == orphan.hash || (kept.from == orphan.from && kept.place == orphan.place));
		let room = self.0.len() < MAX_ORPHANS
			&& of_peer < MAX_OF_A_PEER
			&& bytes.saturating_add(orphan.bytes) <= MAX_BYTES
			&& !known;
		if room {
			self.0.push(orphan);
		}
		room
	}

	/// Whether none waits.
	pub fn is_empty(&self) -> bool {
		self.0.is_empty()
	}

	/// Takes out the first that is ready. What has waited too long goes.
	pub fn take(&mut self, now: Instant, is_ready: impl Fn(&Orphan) -> bool) -> Option<Orphan> {
		self.0
			.retain(|kept| now.saturating_duration_since(kept.seen) < MAX_WAIT);
		let ready = self.0.iter().position(is_ready)?;
		Some(self.0.remove(ready))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_chain::Header;
	use sp_runtime::traits::Header as _;

	fn orphan(from: PeerId, slot: u64, bytes: usize) -> Orphan {
		let header = Header::new(
			7,
			H256::zero(),
			H256::from_low_u64_be(slot),
			H256::zero(),
			Default::default(),
		);
		Orphan {
			hash: header.hash(),
			block: SealedBlock {
				header,
				body: Vec::new(),
			},
			place: (slot, 0),
			bytes,
			from,
			seen: Instant::now(),
		}
	}

	#[test]
	fn no_peer_takes_the_room_of_the_others() {
		let mut orphans = Orphans::default();
		let (junk, honest) = (PeerId::random(), PeerId::random());
		let kept = (0..100).filter(|slot| orphans.keep(orphan(junk, *slot, 100))).count();
		assert_eq!(kept, MAX_OF_A_PEER);
		assert!(orphans.keep(orphan(honest, 200, 100)));
		assert!(!orphans.keep(orphan(honest, 200, 100)), "once");
	}

	#[test]
	fn they_have_a_bound_in_number_and_bytes() {
		let mut orphans = Orphans::default();
		let kept = (0..100).filter(|slot| orphans.keep(orphan(PeerId::random(), *slot, 100)));
		assert_eq!(kept.count(), MAX_ORPHANS);
		let mut orphans = Orphans::default();
		let large = 5 * 1024 * 1024;
		let kept = (0..4).filter(|slot| orphans.keep(orphan(PeerId::random(), *slot, large)));
		assert_eq!(kept.count(), 2);
	}

	#[test]
	fn what_waits_too_long_goes() {
		let mut orphans = Orphans::default();
		orphans.keep(orphan(PeerId::random(), 1, 100));
		let now = Instant::now();
		assert!(orphans.take(now, |_| false).is_none() && !orphans.is_empty());
		assert!(orphans.take(now + MAX_WAIT, |_| true).is_none() && orphans.is_empty());
	}
}
