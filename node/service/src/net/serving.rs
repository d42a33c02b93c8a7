//! Gates before the SDK's handlers of requests.

use super::{
	budget::Share,
	gate::{cost, patience, Gate, Next, Refusal},
};
use crate::Network;
use futures::{
	channel::oneshot,
	future,
	stream::{BoxStream, SelectAll},
	StreamExt,
};
use futures_timer::Delay;
use sc_network::{
	request_responses::{IncomingRequest, OutgoingResponse},
	NetworkBackend,
};
use sc_network_sync::SyncEvent;
use sc_network_types::PeerId;
use smartchain_chain::{Block, Metrics};
use sp_core::H256;
use std::{
	collections::HashSet,
	time::{Duration, Instant},
};

/// What the network is told of a protocol of requests.
pub(crate) type Requests = <Network as NetworkBackend<Block, H256>>::RequestResponseProtocolConfig;

/// Requests of one protocol that the network has received and nobody has looked at. The network refuses more.
const MAX_UNSEEN: usize = 64;

/// A protocol behind the gate.
struct Protocol {
	name: &'static str,
	/// How long its requests wait.
	patience: Duration,
	handler: async_channel::Sender<IncomingRequest>,
}

/// A request, and the place of its protocol among those behind the gate.
struct Asked {
	protocol: usize,
	request: IncomingRequest,
}

/// The request that is being answered.
struct Answering {
	peer: PeerId,
	protocol: usize,
	since: Instant,
	answer: oneshot::Receiver<OutgoingResponse>,
	asker: oneshot::Sender<OutgoingResponse>,
}

/// Answers the requests of some protocols, one at a time, within a share of a processor.
pub(crate) struct Server {
	gate: Gate<Asked>,
	protocols: Vec<Protocol>,
	incoming: SelectAll<BoxStream<'static, (usize, IncomingRequest)>>,
	metrics: Metrics,
}

impl Server {
	/// One that answers nothing yet. The sync has so many slots besides those of the reserved peers, and what these
	/// cost does not count.
	pub fn new(share: Share, slots: usize, reserved: HashSet<PeerId>, metrics: Metrics) -> Self {
		Self {
			gate: Gate::new(share, slots, reserved),
			protocols: Vec::new(),
			incoming: SelectAll::new(),
			metrics,
		}
	}

	/// Takes the place of a protocol's handler, which gets from here what it is to answer.
	pub fn guard(&mut self, name: &'static str, config: &mut Requests) {
		let Some(handler) = config.inbound_queue.take() else {
			// Nothing of it is answered.
			return;
		};
		let (sender, requests) = async_channel::bounded(MAX_UNSEEN);
		config.inbound_queue = Some(sender);
		let protocol = self.protocols.len();
		self.protocols.push(Protocol {
			name,
			patience: patience(config.request_timeout),
			handler,
		});
		self.incoming
			.push(requests.map(move |request| (protocol, request)).boxed());
	}

	/// Answers until the network ends. These tell who has a slot in the sync.
	pub async fn run(mut self, mut events: BoxStream<'static, SyncEvent>) {
		let mut answering = None;
		loop {
			let now = Instant::now();
			for asked in self.gate.late(now) {
				self.refuse(asked, Refusal::Late);
			}
			let pause = self.go_on(&mut answering, now);
			tokio::select! {
				asked = self.incoming.next() => match asked {
					Some((protocol, request)) => self.arrived(Asked { protocol, request }),
					None => return,
				},
				answer = answered(&mut answering) => {
					if let Some(answering) = answering.take() {
						self.pass_on(answering, answer);
					}
				},
				// None come any more if the sync has ended: then the node ends.
				Some(event) = events.next() => self.heard(&event),
				() = paused(pause) => (),
			}
		}
	}

	fn heard(&mut self, event: &SyncEvent) {
		match event {
			// Others have slots of their own, which are many and free, and sync nothing.
			SyncEvent::PeerConnected { peer_id, roles } if roles.is_full() => self.gate.connected(*peer_id),
			SyncEvent::PeerConnected { .. } => (),
			SyncEvent::PeerDisconnected(peer) => self.gate.gone(peer),
		}
	}

	fn arrived(&mut self, asked: Asked) {
		let (peer, bytes) = (asked.request.peer, asked.request.payload.len());
		let patience = self.protocols[asked.protocol].patience;
		if let Some((asked, why)) = self.gate.arrive(peer, bytes, patience, asked, Instant::now()) {
			self.refuse(asked, why);
		}
	}

	/// Hands the next request to its handler, if its time has come. Gives back when to look again at the latest.
	fn go_on(&mut self, answering: &mut Option<Answering>, now: Instant) -> Option<Duration> {
		let late = self.gate.until_late(now);
		match self.gate.next(now) {
			Next::Answer(peer, asked) => {
				let IncomingRequest {
					payload,
					pending_response: asker,
					..
				} = asked.request;
				let (pending_response, answer) = oneshot::channel();
				let request = IncomingRequest {
					peer,
					payload,
					pending_response,
				};
				// It has answered all before, so that there is room, unless it has ended: then there is no answer.
				let _ = self.protocols[asked.protocol].handler.try_send(request);
				*answering = Some(Answering {
					peer,
					protocol: asked.protocol,
					since: now,
					answer,
					asker,
				});
				late
			}
			Next::Wait(wait) => Some(late.map_or(wait, |late| late.min(wait))),
			Next::Nothing => late,
		}
	}

	/// Passes the answer on to whoever asked, and has what it took paid.
	fn pass_on(&mut self, answering: Answering, answer: Result<OutgoingResponse, oneshot::Canceled>) {
		let now = Instant::now();
		let bytes = match &answer {
			Ok(OutgoingResponse { result: Ok(bytes), .. }) => bytes.len(),
			_ => 0,
		};
		let cost = cost(now.saturating_duration_since(answering.since), bytes);
		self.gate.done(answering.peer, cost, now);
		self.metrics.served(self.protocols[answering.protocol].name, cost);
		// Without an answer, to drop the channel is to refuse. The peer may be gone.
		if let Ok(answer) = answer {
			let _ = answering.asker.send(answer);
		}
	}

	fn refuse(&self, asked: Asked, why: Refusal) {
		self.metrics.dropped(self.protocols[asked.protocol].name, why.label());
		let penalty = self.gate.penalty(&asked.request.peer, why);
		// The peer may be gone.
		let _ = asked.request.pending_response.send(OutgoingResponse {
			result: Err(()),
			reputation_changes: penalty.into_iter().collect(),
			sent_feedback: None,
		});
	}
}

/// The answer to the request that is being answered. While there is none, none comes.
async fn answered(answering: &mut Option<Answering>) -> Result<OutgoingResponse, oneshot::Canceled> {
	match answering {
		Some(answering) => (&mut answering.answer).await,
		None => future::pending().await,
	}
}

async fn paused(time: Option<Duration>) {
	match time {
		Some(time) => Delay::new(time).await,
		None => future::pending().await,
	}
}
