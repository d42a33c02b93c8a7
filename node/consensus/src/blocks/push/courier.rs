//! The task that sends own blocks, and takes in what peers send.

use super::{limits::Limits, Order, Pushed, Received, Verdict};
use crate::net::peers::{reputation, PeerEvent, Peers};
use codec::Encode;
use smartchain_chain::Metrics;
use std::time::Instant;

/// Neither decodes nor checks, so that an own block never waits.
pub struct Courier {
	peers: Peers,
	orders: async_channel::Receiver<Order>,
	received: async_channel::Sender<Received>,
	verdicts: async_channel::Receiver<Verdict>,
	limits: Limits,
	metrics: Metrics,
}

impl Courier {
	pub fn new(
		peers: Peers,
		orders: async_channel::Receiver<Order>,
		received: async_channel::Sender<Received>,
		verdicts: async_channel::Receiver<Verdict>,
		metrics: Metrics,
	) -> Self {
		Self {
			peers,
			orders,
			received,
			verdicts,
			limits: Limits::new(Instant::now()),
			metrics,
		}
	}

	/// Runs for as long as the node does. Where the network stops, so does the node: it waits for that.
	pub async fn run(mut self) {
		loop {
			tokio::select! {
				biased;
				// A node that does not author has nobody at the other end.
				Ok(order) = self.orders.recv() => self.send(order),
				Ok(verdict) = self.verdicts.recv() => match verdict {
					Verdict::Undecodable(peer) => self.peers.report(peer, reputation::UNDECODABLE),
					Verdict::BadBlock(peer) => self.peers.report(peer, reputation::BAD_BLOCK),
				},
				event = self.peers.next() => match event {
					None => return futures::future::pending().await,
					Some(PeerEvent::Received(from, bytes)) => self.take(from, bytes),
					Some(_) => (),
				},
			}
		}
	}

	fn send(&mut self, order: Order) {
		match order {
			Order::Own(block) => {
				let sent = self.peers.offer_to_all(&Pushed::V1(block).encode());
				self.metrics.blocks_pushed(sent as u64);
			}
			Order::Again(block, peers) => {
				let bytes = Pushed::V1(block).encode();
				let sent = peers
					.iter()
					.filter(|peer| self.peers.offer(peer, bytes.clone()))
					.count();
				self.metrics.blocks_pushed(sent as u64);
			}
		}
	}

	fn take(&mut self, from: sc_network::PeerId, bytes: Vec<u8>) {
		let seen = Instant::now();
		if !self.limits.admit(from, bytes.len(), seen) {
			self.metrics.dropped("blocks", "flood");
			if self.limits.complains(from) {
				self.peers.report(from, reputation::FLOOD);
			}
			return;
		}
		if self.received.try_send(Received { from, bytes, seen }).is_err() {
			self.metrics.dropped("blocks", "busy");
		}
	}
}
