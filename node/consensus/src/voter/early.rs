//! What nodes do for one another over a change of voters: those ahead wait, those behind are told.

use bft_finality_primitives::{Certificate, SetId};
use sc_network::PeerId;
use schnellru::{ByLength, LruMap};
use smartchain_chain::{Chain, ChainError};
use std::{
	collections::{HashMap, VecDeque},
	time::{Duration, Instant},
};

/// The most bytes of messages that wait for the next voter set: two slots' votes of the largest set fit in.
const MAX_EARLY_BYTES: usize = 1024 * 1024;
/// The most that wait of one peer, so that nobody pushes out what others say.
const MAX_PEER_BYTES: usize = 64 * 1024;
/// A peer is told, or asked, of changes once in this time.
const PAUSE: Duration = Duration::from_secs(1);
/// Peers whose last time is remembered.
const REMEMBERED_PEERS: u32 = 512;

/// Messages of the next voter set, which some nodes enter a little earlier than others. Nobody can tell here whether
/// they are true, so they only wait; the oldest make place, of the same peer first.
#[derive(Default)]
pub(crate) struct EarlyMessages {
	messages: VecDeque<(PeerId, Vec<u8>)>,
	bytes: usize,
	peers: HashMap<PeerId, usize>,
}

impl EarlyMessages {
	/// Keeps one.
	pub fn keep(&mut self, peer: PeerId, message: &[u8]) {
		if message.len() > MAX_PEER_BYTES || self.messages.iter().any(|(_, kept)| kept == message) {
			return;
		}
		self.messages.push_back((peer, message.to_vec()));
		self.bytes = self.bytes.saturating_add(message.len());
		let of_peer = self.peers.entry(peer).or_default();
		*of_peer = of_peer.saturating_add(message.len());
		while self.peers.get(&peer).is_some_and(|bytes| *bytes > MAX_PEER_BYTES) {
			let oldest = self.messages.iter().position(|(from, _)| *from == peer);
			self.drop_at(oldest);
		}
		while self.bytes > MAX_EARLY_BYTES {
			self.drop_at(Some(0));
		}
	}

	fn drop_at(&mut self, place: Option<usize>) {
		let Some((peer, message)) = place.and_then(|place| self.messages.remove(place)) else {
			return;
		};
		self.bytes = self.bytes.saturating_sub(message.len());
		if let Some(of_peer) = self.peers.get_mut(&peer) {
			*of_peer = of_peer.saturating_sub(message.len());
			if *of_peer == 0 {
				self.peers.remove(&peer);
			}
		}
	}

	/// All of them, in the order of their arrival.
	pub fn take(&mut self) -> VecDeque<(PeerId, Vec<u8>)> {
		self.bytes = 0;
		self.peers.clear();
		std::mem::take(&mut self.messages)
	}
}

/// Keeps from doing the same for one peer too often.
pub(crate) struct Pauses(LruMap<PeerId, Instant>);

impl Default for Pauses {
	fn default() -> Self {
		Self(LruMap::new(ByLength::new(REMEMBERED_PEERS)))
	}
}

impl Pauses {
	/// Whether it is time again; notes that it was done.
	pub fn over(&mut self, peer: PeerId) -> bool {
		let now = Instant::now();
		if self.0.get(&peer).is_some_and(|last| now.duration_since(*last) < PAUSE) {
			return false;
		}
		self.0.insert(peer, now);
		true
	}
}

/// The proofs of the changes that ended the sets from this one on, at most `most` of them, as far as this node has
/// them.
pub(crate) fn changes_from(chain: &dyn Chain, set_id: SetId, most: usize) -> Result<Vec<Certificate>, ChainError> {
	let mut proofs = Vec::new();
	for id in (set_id..).take(most) {
		let Some((_, proof)) = chain.change_proof(id)? else {
			break;
		};
		proofs.push(proof);
	}
	Ok(proofs)
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::{BlockRef, Phase};
	use smartchain_node_testkit::Line;
	use smartchain_testkit as testkit;

	#[test]
	fn the_proofs_of_changes_come_in_order_and_no_more_than_asked_for() {
		let (mut chain, hashes) = Line::new(6);
		for (set_id, hash) in (0u64..).zip(&hashes[1..]) {
			let target = BlockRef {
				slot: set_id,
				number: 1,
				hash: *hash,
			};
			let vote = testkit::vote_for(set_id, Phase::Commit, target);
			let proof = testkit::certificate(vote, 0, 0, &sp_core::H256::zero());
			chain.changes.push((*hash, proof));
		}
		let sets = |from, most| -> Vec<SetId> {
			let proofs = changes_from(&chain, from, most).expect("they read");
			proofs.iter().map(|proof| proof.vote.set_id).collect()
		};
		assert_eq!(sets(0, 3), [0, 1, 2]);
		assert_eq!(sets(2, 8), [2, 3, 4]);
		assert_eq!(sets(5, 8), [0u64; 0], "the set in force has not ended");
	}

	#[test]
	fn early_messages_wait_in_order_and_once() {
		let mut early = EarlyMessages::default();
		let peer = PeerId::random();
		for message in [[1u8].as_slice(), &[2], &[1], &[3]] {
			early.keep(peer, message);
		}
		let taken: Vec<_> = early.take().into_iter().map(|(_, message)| message).collect();
		assert_eq!(taken, [vec![1], vec![2], vec![3]]);
		assert!(early.take().is_empty());
	}

	#[test]
	fn the_oldest_make_place_and_nothing_takes_more_than_there_is() {
		let mut early = EarlyMessages::default();
		early.keep(PeerId::random(), &vec![0; MAX_PEER_BYTES + 1]);
		assert!(early.take().is_empty());
		for message in 0..20u8 {
			early.keep(PeerId::random(), &vec![message; MAX_PEER_BYTES]);
		}
		let first: Vec<u8> = early.take().iter().map(|(_, message)| message[0]).collect();
		assert_eq!(first, (4..20).collect::<Vec<_>>());
	}

	#[test]
	fn a_peer_pushes_out_its_own_messages_and_nobody_else_s() {
		let mut early = EarlyMessages::default();
		let (honest, loud) = (PeerId::random(), PeerId::random());
		early.keep(honest, &[7]);
		for message in 0..200u8 {
			early.keep(loud, &vec![message; MAX_PEER_BYTES / 4]);
		}
		let kept: Vec<_> = early.take().iter().map(|(peer, message)| (*peer, message[0])).collect();
		let of_loud = (196..200).map(|message| (loud, message));
		assert_eq!(kept, std::iter::once((honest, 7)).chain(of_loud).collect::<Vec<_>>());
	}

	#[test]
	fn a_peer_is_served_once_in_a_while_and_each_by_itself() {
		let mut pauses = Pauses::default();
		let (a, b) = (PeerId::random(), PeerId::random());
		assert_eq!([pauses.over(a), pauses.over(b), pauses.over(a)], [true, true, false]);
	}
}
