//! Blocks for the sync from peers that keep the bodies of the last blocks alone.
//!
//! The sync asks for headers and bodies together. A peer that has no body of the range answers with nothing, and is
//! punished for it: a node that joined a network of pruned nodes would lose all of them within seconds. Here it is
//! asked for the headers alone then. Behind the block that a node has warped to these are enough, for what is not
//! executed needs no body. Anywhere else the node cannot go on without, and says so.

use crate::{Client, Network};
use futures::channel::oneshot;
use futures_timer::Delay;
use parking_lot::Mutex;
use sc_network::{request_responses::RequestFailure, ProtocolName};
use sc_network_common::sync::message::{BlockAttributes, BlockData, BlockRequest};
use sc_network_sync::{
	block_relay_protocol::{BlockDownloader, BlockRelayParams, BlockResponseError},
	block_request_handler::BlockRequestHandler,
	service::network::NetworkServiceProvider,
};
use sc_network_types::PeerId;
use sc_service::Configuration;
use smartchain_consensus::Block;
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::Header as _;
use std::{
	fmt,
	ops::RangeInclusive,
	sync::Arc,
	time::{Duration, Instant},
};

/// How long the sync waits for an answer that does not help it: it would ask the next peer at once, and go round.
const PAUSE: Duration = Duration::from_secs(1);
/// How long nobody has had the bodies before it is told, and how often.
const PATIENCE: Duration = Duration::from_secs(2);
const REPEAT: Duration = Duration::from_secs(60);
/// How long after one such answer another one is of the same trouble, if no block came meanwhile.
const SAME: Duration = Duration::from_secs(60);

const LOG_TARGET: &str = "poca";

/// What headers without bodies are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
	/// The highest of them lies behind the block that the node has warped to: headers do.
	Enough(u32),
	/// This block has to be executed.
	TooLittle(u32),
	/// There are no headers.
	Nothing,
}

/// What headers up to a number are worth where this gap of old blocks, if any, is still to be filled.
#[must_use]
pub fn worth(top: Option<u32>, gap: Option<RangeInclusive<u32>>) -> Worth {
	match top {
		None => Worth::Nothing,
		Some(number) if gap.is_some_and(|gap| gap.contains(&number)) => Worth::Enough(number),
		Some(number) => Worth::TooLittle(number),
	}
}

/// What has been told.
#[derive(Debug, Default)]
pub struct Told {
	/// That old blocks are kept without bodies.
	gap: bool,
	/// Since when, and when last, a peer had no body that this node needs, and the best block then.
	missing: Option<(Instant, Instant, u32)>,
	/// When that was told last.
	told: Option<Instant>,
}

impl Told {
	/// Old blocks come without bodies: whether to say so.
	pub fn old_without(&mut self) -> bool {
		!std::mem::replace(&mut self.gap, true)
	}

	/// A peer has no body that this node needs above its best block: whether to say so.
	pub fn missing(&mut self, best: u32, now: Instant) -> bool {
		let since = match self.missing {
			Some((since, last, then)) if then == best && now.duration_since(last) < SAME => since,
			_ => now,
		};
		self.missing = Some((since, now, best));
		let is_repeated = self.told.is_some_and(|told| now.duration_since(told) < REPEAT);
		if now.duration_since(since) < PATIENCE || is_repeated {
			return false;
		}
		self.told = Some(now);
		true
	}
}

/// Asks for headers where a peer has no bodies.
struct Downloader {
	inner: Arc<dyn BlockDownloader<Block>>,
	client: Arc<Client>,
	told: Mutex<Told>,
}

impl fmt::Debug for Downloader {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_struct("Downloader").finish_non_exhaustive()
	}
}

/// The protocol for blocks, and what answers its requests to the network once that has started.
pub(crate) fn block_relay(
	config: &Configuration,
	client: &Arc<Client>,
) -> (BlockRelayParams<Block, Network>, NetworkServiceProvider) {
	let provider = NetworkServiceProvider::new();
	let peers = &config.network.default_peers_set;
	let mut params = BlockRequestHandler::new::<Network>(
		provider.handle(),
		&config.protocol_id(),
		config.chain_spec.fork_id(),
		client.clone(),
		peers.in_peers.saturating_add(peers.out_peers) as usize,
	);
	params.downloader = Arc::new(Downloader {
		inner: params.downloader,
		client: client.clone(),
		told: Mutex::default(),
	});
	(params, provider)
}

impl Downloader {
	/// The highest of some blocks.
	fn top(&self, request: &BlockRequest<Block>, response: &[u8]) -> Option<u32> {
		let blocks = self.inner.block_response_into_blocks(request, response.to_vec()).ok()?;
		let headers = blocks.iter().filter_map(|block| block.header.as_ref());
		headers.map(|header| *header.number()).max()
	}

	fn worth(&self, top: Option<u32>) -> Worth {
		let gap = self.client.info().block_gap;
		worth(top, gap.map(|gap| gap.start..=gap.end))
	}

	fn tell_old(&self, number: u32) {
		if self.told.lock().old_without() {
			log::info!(
				target: LOG_TARGET,
				"Block {number} and those before it come without transactions, for peers have thrown these away \
				 (--blocks-pruning): only the headers of old blocks are kept here. For all of them join through nodes \
				 that keep them",
			);
		}
	}

	fn tell_missing(&self, number: u32) {
		// Bodies of later blocks may come all the while: what counts is whether the node goes on.
		let best = self.client.info().best_number;
		if self.told.lock().missing(best, Instant::now()) {
			log::warn!(
				target: LOG_TARGET,
				"This node cannot go on from block {best}: it has to execute block {number} and those before it, and \
				 its peers have thrown their transactions away (--blocks-pruning). Remove the database (purge-chain) \
				 and join with --sync warp, or connect to a node that keeps all blocks",
			);
		}
	}
}

#[async_trait::async_trait]
impl BlockDownloader<Block> for Downloader {
	fn protocol_name(&self) -> &ProtocolName {
		self.inner.protocol_name()
	}

	async fn download_blocks(
		&self,
		who: PeerId,
		request: BlockRequest<Block>,
	) -> Result<Result<(Vec<u8>, ProtocolName), RequestFailure>, oneshot::Canceled> {
		let wants_bodies = request.fields.contains(BlockAttributes::BODY);
		let mut headers = request.clone();
		headers.fields = request.fields & !(BlockAttributes::BODY | BlockAttributes::INDEXED_BODY);
		let answer = self.inner.download_blocks(who, request).await?;
		// No blocks are encoded as no bytes.
		let is_empty = matches!(&answer, Ok((response, _)) if response.is_empty());
		if !wants_bodies || !is_empty {
			return Ok(answer);
		}
		let found = match self.inner.download_blocks(who, headers.clone()).await? {
			Ok(found) => found,
			Err(failure) => return Ok(Err(failure)),
		};
		match self.worth(self.top(&headers, &found.0)) {
			Worth::Enough(number) => {
				self.tell_old(number);
				Ok(Ok(found))
			}
			Worth::TooLittle(number) => {
				self.tell_missing(number);
				Delay::new(PAUSE).await;
				Ok(answer)
			}
			Worth::Nothing => Ok(answer),
		}
	}

	fn block_response_into_blocks(
		&self,
		request: &BlockRequest<Block>,
		response: Vec<u8>,
	) -> Result<Vec<BlockData<Block>>, BlockResponseError> {
		self.inner.block_response_into_blocks(request, response)
	}
}
