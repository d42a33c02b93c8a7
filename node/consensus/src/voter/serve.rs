//! A task of its own that answers peers who lack certificates. It reads what the voter shows it, and the database; the
//! voter never waits for it.

use crate::{
	net::{
		gossip::{Request, Response, MAX_CERTIFICATES},
		limits::{Buckets, Rate},
		peers::reputation,
	},
	voter::{early::changes_from, Voter},
};
use bft_finality_primitives::{Certificate, SetId};
use codec::{DecodeAll, Encode};
use parking_lot::Mutex;
use sc_network::{
	config::{IncomingRequest, OutgoingResponse},
	PeerId, ReputationChange,
};
use smartchain_chain::{Chain, Metrics, LOG_TARGET};
use sp_core::H256;
use std::{sync::Arc, time::Instant};

/// How far back from the best chain a justified block is looked for when a peer asks: two look-ups a block.
const SEARCHED_BLOCKS: u32 = 64;
/// How many requests of a peer are answered: one a second is usual, and one for each answer of a node that is many sets
/// behind.
const ANSWERED: Rate = Rate { a_second: 4, burst: 4 };

/// What the voter shows to the task that answers; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Newest(Arc<Mutex<Shown>>);

#[derive(Clone, Default)]
struct Shown {
	set_id: SetId,
	/// What the certificates are of, so that they are put together only if that changes.
	of: Option<(H256, H256, bool)>,
	/// The proof of what is final, and the highest prevote certificate.
	certificates: Vec<Certificate>,
}

/// The task.
pub(crate) struct CertificateServer {
	chain: Arc<dyn Chain>,
	newest: Newest,
	answered: Buckets<PeerId>,
	metrics: Metrics,
}

impl CertificateServer {
	/// Answers by this chain and by what the voter shows.
	pub fn new(chain: Arc<dyn Chain>, newest: Newest, metrics: Metrics) -> Self {
		Self {
			chain,
			newest,
			answered: Buckets::new(ANSWERED),
			metrics,
		}
	}

	/// Runs for as long as the node does. If the network stops, so does the node: it waits for that.
	pub async fn run(mut self, requests: async_channel::Receiver<IncomingRequest>) {
		while let Ok(request) = requests.recv().await {
			let (result, reputation) = self.answer(request.peer, &request.payload, Instant::now());
			// The peer may have gone meanwhile.
			let _ = request.pending_response.send(OutgoingResponse {
				result,
				reputation_changes: reputation.into_iter().collect(),
				sent_feedback: None,
			});
		}
		futures::future::pending::<()>().await;
	}

	/// The answer to a peer that lacks certificates: the newest of both phases, and the first that finalizes what it
	/// asks for; or what ended the sets that it is behind.
	fn answer(
		&mut self,
		peer: PeerId,
		payload: &[u8],
		now: Instant,
	) -> (Result<Vec<u8>, ()>, Option<ReputationChange>) {
		if !self.answered.take(peer, now) {
			self.metrics.dropped("certificates", "flood");
			return (Err(()), None);
		}
		let Ok(Request::V1 { set_id, from }) = Request::decode_all(&mut &payload[..]) else {
			self.metrics.dropped("certificates", "undecodable");
			return (Err(()), Some(reputation::UNDECODABLE));
		};
		let shown = self.newest.0.lock().clone();
		let certificates = if set_id == shown.set_id {
			shown
				.certificates
				.into_iter()
				.chain(self.first_justified(from))
				.collect()
		} else if set_id < shown.set_id {
			// What this database cannot tell another peer can.
			changes_from(&*self.chain, set_id, MAX_CERTIFICATES).unwrap_or_else(|error| {
				log::warn!(target: LOG_TARGET, "The proofs of past changes cannot be read: {error}");
				Vec::new()
			})
		} else {
			Vec::new()
		};
		(Ok(Response::V1(certificates).encode()), None)
	}

	fn first_justified(&self, from: u32) -> Option<Certificate> {
		let finalized = self.chain.info().finalized_number;
		(from..=finalized.min(from.saturating_add(SEARCHED_BLOCKS))).find_map(|number| {
			let hash = self.chain.hash_at(number).ok()??;
			self.chain.certificate(hash).ok()?
		})
	}
}

impl Voter {
	/// Shows the newest certificates to the task that answers, if they are others.
	pub(super) fn show_newest(&self) {
		let set_id = self.core.set_id();
		let (certified, finalized) = (self.core.highest_certified().hash, self.core.finalized().hash);
		let of = Some((certified, finalized, self.core.finality_certificate().is_some()));
		{
			let shown = self.edge.newest.0.lock();
			if shown.of == of && shown.set_id == set_id {
				return;
			}
		}
		let highest = self.highest_certificate().map(|c| self.to_certificate(c));
		let certificates = self.proof_of_final().into_iter().chain(highest).collect();
		*self.edge.newest.0.lock() = Shown {
			set_id,
			of,
			certificates,
		};
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use bft_finality_primitives::Phase;
	use smartchain_node_testkit::Line;
	use smartchain_testkit as testkit;
	use std::time::Duration;

	fn certificate(set_id: SetId) -> Certificate {
		testkit::certificate(testkit::vote(set_id, Phase::Commit, 9, 3, 9), 0, 0, &H256::zero())
	}

	/// A server of a node in set 2, which has the proofs of both changes before.
	fn server() -> CertificateServer {
		let (mut chain, hashes) = Line::new(3);
		chain.changes = vec![(hashes[1], certificate(0)), (hashes[2], certificate(1))];
		let newest = Newest::default();
		*newest.0.lock() = Shown {
			set_id: 2,
			of: None,
			certificates: vec![certificate(2)],
		};
		CertificateServer::new(Arc::new(chain), newest, Metrics::default())
	}

	fn request(set_id: SetId) -> Vec<u8> {
		Request::V1 { set_id, from: 1 }.encode()
	}

	#[test]
	fn a_node_of_the_set_gets_the_newest_and_one_behind_what_ended_its_set() {
		let sets = |of| {
			let (result, reputation) = server().answer(PeerId::random(), &request(of), Instant::now());
			assert!(reputation.is_none());
			let Response::V1(certificates) = Response::decode_all(&mut &result.expect("answers")[..]).expect("decodes");
			certificates.iter().map(|c| c.vote.set_id).collect::<Vec<_>>()
		};
		assert_eq!(sets(2), [2]);
		assert_eq!(sets(0), [0, 1]);
		assert_eq!(sets(1), [1]);
		assert_eq!(sets(3), [0u64; 0]);
	}

	#[test]
	fn a_peer_is_answered_four_times_a_second_and_others_as_often() {
		let (mut server, start) = (server(), Instant::now());
		let peer = PeerId::random();
		let mut answered = |peer, at| {
			(0..20)
				.filter(|_| server.answer(peer, &request(2), at).0.is_ok())
				.count()
		};
		assert_eq!(answered(peer, start), 4);
		assert_eq!(answered(PeerId::random(), start), 4);
		assert_eq!(answered(peer, start + Duration::from_secs(1)), 4);
	}

	#[test]
	fn what_does_not_decode_is_reported() {
		let (result, reputation) = server().answer(PeerId::random(), b"nonsense", Instant::now());
		assert!(result.is_err());
		assert_eq!(reputation, Some(reputation::UNDECODABLE));
	}
}
