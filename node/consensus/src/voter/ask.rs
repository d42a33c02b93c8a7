//! Asking peers for the certificates that this node lacks, and what it wants of the network besides.

use crate::{
	blocks::push::PushHandle,
	net::{
		gossip::{Refused, Request, Response, MAX_CERTIFICATES},
		peers::reputation,
	},
	voter::{convert::to_core_certificate, Event, Voter},
};
use bft_finality_primitives::{Certificate, SetId};
use codec::{DecodeAll, Encode};
use futures::{future::BoxFuture, FutureExt};
use sc_network::{
	service::traits::{NetworkService, NetworkSyncForkRequest},
	types::ProtocolName,
	IfDisconnected, PeerId,
};
use sc_network_sync::SyncingService;
use smartchain_chain::{Block, SealedBlock};
use sp_core::H256;
use std::{collections::VecDeque, sync::Arc};

/// How many peers are asked for certificates at a time.
const ASKED_PEERS: usize = 3;

/// What the voter wants of network, sync and push.
pub(crate) trait Ports: Send + Sync {
	/// Asks a peer for certificates; none if it does not answer.
	fn request(&self, peer: PeerId, request: Vec<u8>) -> BoxFuture<'static, Option<Vec<u8>>>;
	/// Has the sync fetch a block.
	fn fetch(&self, block: H256, number: u32);
	/// Has a block pushed to these peers, whether they have it or not.
	fn push_again(&self, block: SealedBlock, peers: Vec<PeerId>);
}

/// [`Ports`] of a running node.
pub(crate) struct NetworkPorts {
	pub network: Arc<dyn NetworkService>,
	/// The protocol by which certificates are asked for.
	pub certificates: ProtocolName,
	pub sync: Arc<SyncingService<Block>>,
	pub push: PushHandle,
}

impl Ports for NetworkPorts {
	fn request(&self, peer: PeerId, request: Vec<u8>) -> BoxFuture<'static, Option<Vec<u8>>> {
		let (network, protocol) = (self.network.clone(), self.certificates.clone());
		async move {
			let answer = network
				.request(peer, protocol, request, None, IfDisconnected::ImmediateError)
				.await;
			answer.ok().map(|(bytes, _)| bytes)
		}
		.boxed()
	}

	fn fetch(&self, block: H256, number: u32) {
		self.sync.set_sync_fork_request(Vec::new(), block, number);
	}

	fn push_again(&self, block: SealedBlock, peers: Vec<PeerId>) {
		self.push.push_again(block, peers);
	}
}

/// A question on its way, and the answer in the end.
pub(super) type Question = BoxFuture<'static, (PeerId, Option<Vec<u8>>)>;

/// Certificates of one peer, or of this node's own files, that wait to be judged. Each may end the set by which the
/// next is judged.
pub(super) struct Answer {
	pub peer: Option<PeerId>,
	/// The set in which it came.
	pub set_id: SetId,
	pub certificates: VecDeque<Certificate>,
}

impl Voter {
	/// Asks a few peers for the certificates that this node lacks; others each time, so that no peer alone decides what
	/// it hears.
	pub(super) fn ask(&mut self) {
		for peer in self.edge.peers.in_random_order().into_iter().take(ASKED_PEERS) {
			self.ask_peer(peer);
		}
	}

	pub(super) fn ask_peer(&self, peer: PeerId) {
		let finalized = u32::try_from(self.core.finalized().number).unwrap_or(u32::MAX);
		let request = Request::V1 {
			set_id: self.core.set_id(),
			from: finalized.saturating_add(1),
		};
		let answer = self.edge.ports.request(peer, request.encode());
		self.questions.push(answer.map(move |answer| (peer, answer)).boxed());
	}

	/// Takes an answer in. Its certificates are judged one after the other, when the core has taken in the one before.
	pub(super) fn answered(&mut self, peer: PeerId, answer: Option<Vec<u8>>) -> Vec<Event> {
		let Some(bytes) = answer else { return Vec::new() };
		let Ok(Response::V1(certificates)) = Response::decode_all(&mut &bytes[..]) else {
			self.edge.metrics.dropped("certificates", "undecodable");
			self.edge.peers.report(peer, reputation::UNDECODABLE);
			return Vec::new();
		};
		self.inbox.answer = Some(Answer {
			peer: Some(peer),
			set_id: self.core.set_id(),
			certificates: certificates.into_iter().take(MAX_CERTIFICATES).collect(),
		});
		Vec::new()
	}

	/// The next certificate that waits and says something new.
	pub(super) fn next_of_answer(&mut self) -> Vec<Event> {
		let Some(mut answer) = self.inbox.answer.take() else {
			return Vec::new();
		};
		while let Some(certificate) = answer.certificates.pop_front() {
			match self.check_certificate(&certificate) {
				Ok(()) => {
					if answer.peer.is_some() {
						self.edge.metrics.certificate_received(certificate.vote.phase);
					}
					self.inbox.answer = Some(answer);
					return vec![Event::Certificate(to_core_certificate(&certificate))];
				}
				Err(Refused::False) => {
					self.edge.metrics.dropped("certificates", "false");
					if let Some(peer) = answer.peer {
						self.edge.peers.report(peer, reputation::FALSE_PROOF);
					}
					return Vec::new();
				}
				Err(why) => self.edge.metrics.dropped("certificates", why.label()),
			}
		}
		// There may be more changes than go into an answer.
		if let Some(peer) = answer.peer.filter(|_| answer.set_id != self.core.set_id()) {
			self.ask_peer(peer);
		}
		Vec::new()
	}
}
