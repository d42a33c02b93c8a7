//! The node's own protocols: their names and sizes.

use crate::{
	blocks::push,
	net::{gossip, peers::Protocol},
};
use sc_network::{
	config::{FullNetworkConfiguration, IncomingRequest, NonReservedPeerMode, SetConfig},
	service::traits::NotificationService,
	types::ProtocolName,
	NetworkBackend, NotificationMetrics,
};
use smartchain_chain::Block;
use sp_core::H256;
use std::time::Duration;

/// Pushed blocks that wait for the importer, and votes that wait for the voter, before the network has to.
const BLOCK_QUEUE: usize = 32;
const VOTE_QUEUE: usize = 4096;

/// Requests for certificates that wait to be answered before more are refused.
const INBOUND_REQUESTS: usize = 64;

/// A request for certificates that is not answered by then has failed.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// What [`protocols`] registered, to be handed to [`crate::start`].
pub struct Protocols {
	pub(crate) votes: Box<dyn NotificationService>,
	pub(crate) blocks: Box<dyn NotificationService>,
	pub(crate) requests: async_channel::Receiver<IncomingRequest>,
	pub(crate) names: Names,
}

/// The names of the protocols, which carry the genesis, so that chains do not mix.
#[derive(Clone)]
pub(crate) struct Names {
	pub votes: ProtocolName,
	pub blocks: ProtocolName,
	pub certificates: ProtocolName,
}

impl Names {
	fn new(genesis: H256, fork_id: Option<&str>) -> Self {
		let chain = array_hex(genesis.as_bytes());
		let prefix = match fork_id {
			Some(fork_id) => format!("/{chain}/{fork_id}/poca"),
			None => format!("/{chain}/poca"),
		};
		Self {
			votes: format!("{prefix}/votes/2").into(),
			blocks: format!("{prefix}/blocks/2").into(),
			certificates: format!("{prefix}/certificates/1").into(),
		}
	}

	/// The protocol on which blocks are pushed.
	pub fn block_protocol(&self) -> Protocol {
		Protocol {
			name: self.blocks.clone(),
			task: "poca-blocks",
			label: "blocks",
			queue: BLOCK_QUEUE,
		}
	}

	/// The protocol of votes and certificates.
	pub fn vote_protocol(&self) -> Protocol {
		Protocol {
			name: self.votes.clone(),
			task: "poca-votes",
			label: "votes",
			queue: VOTE_QUEUE,
		}
	}
}

fn array_hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Registers the node's own protocols with the network before it is built.
pub fn protocols<N: NetworkBackend<Block, H256>>(
	genesis: H256,
	fork_id: Option<&str>,
	metrics: NotificationMetrics,
	config: &mut FullNetworkConfiguration<Block, H256, N>,
) -> Protocols {
	let names = Names::new(genesis, fork_id);
	let mut notifications = |name: &ProtocolName, size: u64| {
		// Peers come from the sync service (see `Peers`), which knows who is on this chain.
		let set = SetConfig {
			in_peers: 0,
			out_peers: 0,
			reserved_nodes: Vec::new(),
			non_reserved_mode: NonReservedPeerMode::Deny,
		};
		let (protocol, service) = N::notification_config(
			name.clone(),
			Vec::new(),
			size,
			None,
			set,
			metrics.clone(),
			config.peer_store_handle(),
		);
		config.add_notification_protocol(protocol);
		service
	};
	let votes = notifications(&names.votes, gossip::MAX_MESSAGE_BYTES);
	let blocks = notifications(&names.blocks, push::MAX_MESSAGE_BYTES);
	let (sender, requests) = async_channel::bounded(INBOUND_REQUESTS);
	config.add_request_response_protocol(N::request_response_config(
		names.certificates.clone(),
		Vec::new(),
		gossip::MAX_REQUEST_BYTES,
		gossip::MAX_MESSAGE_BYTES,
		REQUEST_TIMEOUT,
		Some(sender),
	));
	Protocols {
		votes,
		blocks,
		requests,
		names,
	}
}
