//! What peers say: votes and certificates come in here, are judged, and go on to the core and to other peers.

use crate::{
	net::{
		gossip::{self, trace_vote, Accepted, Filter, Message, Refused},
		limits::FloodLimit,
		peers::reputation,
	},
	voter::{
		ask::Answer,
		convert::{to_core_certificate, to_core_vote, to_vote},
		early::{changes_from, EarlyMessages, Pauses},
		judge::Judged,
		Event, Voter,
	},
};
use bft_finality_primitives::{SetId, VoterSet};
use sc_network::PeerId;
use smartchain_chain::LOG_TARGET;
use sp_core::H256;
use std::time::Instant;

/// What is known of peers and their messages.
pub(super) struct Inbox {
	/// Which messages are new, true and of use.
	pub filter: Filter,
	/// What nodes say that have entered the next voter set already.
	pub early: EarlyMessages,
	/// Which peers send too much that is of no use.
	pub flood: FloodLimit,
	/// Peers in earlier sets that were told of changes.
	pub tellings: Pauses,
	/// Peers in later sets that were asked for changes.
	pub questions: Pauses,
	/// Certificates that wait to be judged.
	pub answer: Option<Answer>,
}

impl Inbox {
	pub fn new(genesis: H256, set: VoterSet) -> Self {
		Self {
			flood: FloodLimit::new(set.voters.len()),
			filter: Filter::new(genesis, set),
			early: EarlyMessages::default(),
			tellings: Pauses::default(),
			questions: Pauses::default(),
			answer: None,
		}
	}

	/// From here on this set's votes count.
	pub fn enter(&mut self, genesis: H256, set: VoterSet) {
		self.flood = FloodLimit::new(set.voters.len());
		self.filter = Filter::new(genesis, set);
	}

	/// How many voters the set has.
	pub fn voters(&self) -> usize {
		self.filter.set().voters.len()
	}
}

impl Voter {
	/// A peer that connects hears at once what is final and certified, and what this node voted last.
	pub(super) fn greet(&mut self, peer: PeerId) {
		let highest = self.highest_certificate().map(|c| self.to_certificate(c));
		for certificate in self.proof_of_final().into_iter().chain(highest) {
			self.edge.peers.offer(&peer, Message::certificate(certificate));
		}
		for vote in self.core.last_own_votes() {
			self.edge.peers.send(&peer, Message::vote(to_vote(&vote)));
		}
	}

	/// Bytes of a peer.
	pub(super) fn received(&mut self, peer: PeerId, bytes: &[u8]) -> Vec<Event> {
		let now = Instant::now();
		if !self.inbox.flood.is_over(&peer, now) {
			return self.message(peer, bytes, now);
		}
		self.edge.metrics.dropped("votes", "flood");
		log::trace!(target: LOG_TARGET, "{} bytes of {peer} dropped", bytes.len());
		if self.inbox.flood.complains(peer, now) {
			self.edge.peers.report(peer, reputation::FLOOD);
		}
		Vec::new()
	}

	/// A message of a peer: judged, and passed on if others are to have it.
	pub(super) fn message(&mut self, peer: PeerId, bytes: &[u8], now: Instant) -> Vec<Event> {
		if log::log_enabled!(target: gossip::VOTES_TARGET, log::Level::Trace) {
			// Those who watch the wire want to see every true vote, stale ones too.
			if let Some(vote) = self.inbox.filter.true_vote(bytes) {
				trace_vote(&vote, &peer);
			}
		}
		let window = self.window();
		let accepted = self.inbox.filter.accept(bytes, peer, window, &Judged(&self.core), now);
		match accepted {
			Ok(Accepted::Vote { vote, pass_on }) => {
				self.edge.metrics.vote_received(vote.vote.phase);
				self.gauges.hear(&vote);
				if Some(vote.voter) != self.me() {
					let clock = self.edge.block_import.clock();
					clock.voted(vote.voter, vote.vote.target.slot.into(), self.edge.slot_duration);
				}
				if pass_on {
					self.edge.peers.broadcast(bytes, Some(peer));
				}
				vec![Event::Vote(to_core_vote(&vote))]
			}
			Ok(Accepted::Certificate(certificate)) => {
				self.edge.metrics.certificate_received(certificate.vote.phase);
				vec![Event::Certificate(to_core_certificate(&certificate))]
			}
			Ok(Accepted::Clock { reading, pass_on }) => {
				if Some(reading.voter) != self.me() {
					let clock = self.edge.block_import.clock();
					clock.read(reading.voter, reading.slot.into(), self.edge.slot_duration);
				}
				if pass_on {
					self.edge.peers.broadcast(bytes, Some(peer));
				}
				Vec::new()
			}
			Err(why) => {
				self.refused(peer, bytes, why, now);
				Vec::new()
			}
		}
	}

	fn refused(&mut self, peer: PeerId, bytes: &[u8], why: Refused, now: Instant) {
		if why.counts() {
			self.inbox.flood.count(peer, now);
		}
		if let Refused::OtherSet(set_id) = why {
			return self.of_other_set(peer, bytes, set_id);
		}
		self.edge.metrics.dropped("votes", why.label());
		match why {
			Refused::Undecodable => self.edge.peers.report(peer, reputation::UNDECODABLE),
			Refused::False => self.edge.peers.report(peer, reputation::FALSE_PROOF),
			_ => (),
		}
	}

	/// One of the two is behind. Those ahead tell those behind what ended their set; what the next set says waits until
	/// then.
	fn of_other_set(&mut self, peer: PeerId, bytes: &[u8], set_id: SetId) {
		let own = self.core.set_id();
		if set_id == own.saturating_add(1) {
			self.inbox.early.keep(peer, bytes);
		} else {
			self.edge.metrics.dropped("votes", Refused::OtherSet(set_id).label());
		}
		if set_id > own {
			// Perhaps the news is on its way; perhaps it was missed.
			if self.inbox.questions.over(peer) {
				self.ask_peer(peer);
			}
		} else if self.inbox.tellings.over(peer) {
			match changes_from(&*self.edge.chain, set_id, gossip::MAX_CERTIFICATES) {
				Ok(proofs) => proofs.into_iter().for_each(|proof| {
					self.edge.peers.offer(&peer, Message::certificate(proof));
				}),
				Err(error) => log::warn!(target: LOG_TARGET, "The proofs of past changes cannot be read: {error}"),
			}
		}
	}
}
