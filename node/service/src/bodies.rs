//! Blocks for the sync from peers that keep the bodies of the last blocks alone.
//!
//! The sync asks for headers and bodies together. A peer that has no body of the range answers with nothing, and is
//! punished for it: a node that joined a network of pruned nodes would lose all of them within seconds. Here it is
//! asked for the headers alone then, and others for the bodies that belong to them. Behind the block that a node has
//! warped to the headers are enough if none of these has any, for what is not executed needs no body. Anywhere else the
//! node cannot go on without, and says so if it lasts.

use crate::{Client, Network};
use codec::{Decode, Encode};
use futures::{channel::oneshot, lock::Mutex as Turn};
use futures_timer::Delay;
use parking_lot::Mutex;
use sc_network::{request_responses::RequestFailure, OutboundFailure, ProtocolName};
use sc_network_common::sync::message::{BlockAttributes, BlockData, BlockRequest, FromBlock};
use sc_network_sync::{
	block_relay_protocol::{BlockDownloader, BlockRelayParams, BlockResponseError},
	block_request_handler::BlockRequestHandler,
	service::network::NetworkServiceProvider,
};
use sc_network_types::PeerId;
use sc_service::Configuration;
use schnellru::{ByLength, LruMap};
use smartchain_chain::{is_body_of, Block, LOG_TARGET};
use sp_blockchain::HeaderBackend;
use sp_runtime::traits::Header as _;
use std::{
	collections::{BTreeSet, VecDeque},
	fmt, mem,
	ops::RangeInclusive,
	sync::Arc,
	time::{Duration, Instant},
};

/// How long the sync waits for an answer that does not help it: it would ask the next peer at once, and go round.
const PAUSE: Duration = Duration::from_secs(1);
/// How many others have to say that they have not the bodies either, if there are as many.
const ASKED: usize = 2;
/// How many questions to others stay without an answer before one does without the bodies, for the sync waits.
const MAX_FAILURES: usize = 8;
/// How many peers are remembered that may have them.
const MAX_OTHERS: usize = 64;
/// How long nobody has had the bodies before it is told, and how often.
const PATIENCE: Duration = Duration::from_secs(2);
const REPEAT: Duration = Duration::from_secs(60);
/// How many peers have to say so: one may err, or lie. If there is only one, it is told after a longer time.
const WITNESSES: usize = 2;
const LONE_PATIENCE: Duration = Duration::from_secs(20);
/// How long after one such answer another one is of the same trouble, if no block came meanwhile.
const SAME: Duration = Duration::from_secs(60);
/// Begins an answer that is put together from two peers': no answer of a peer begins so, for it is no tag of protobuf.
const JOINED: u8 = 0;

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

/// Whether these are blocks that were asked for: the first one is.
#[must_use]
pub fn is_asked_for(request: &BlockRequest<Block>, blocks: &[BlockData<Block>]) -> bool {
	let header = blocks.first().and_then(|block| block.header.as_ref());
	header.is_some_and(|header| match request.from {
		FromBlock::Hash(hash) => header.hash() == hash,
		FromBlock::Number(number) => *header.number() == number,
	})
}

/// One peer's headers with another's bodies, as far as these belong to them: so whatever is wrong with these blocks is
/// wrong with the headers, and the fault of their sender.
#[must_use]
pub fn joined(headers: Vec<BlockData<Block>>, bodies: Vec<BlockData<Block>>) -> Vec<BlockData<Block>> {
	headers
		.into_iter()
		.zip(bodies)
		.map_while(|(mut block, other)| {
			let header = block.header.as_ref()?;
			block.body = Some(other.body.filter(|body| is_body_of(header, body))?);
			Some(block)
		})
		.collect()
}

/// Peers that may have what another has not; those that had are first.
#[derive(Debug, Default)]
pub struct Others(VecDeque<PeerId>);

impl Others {
	/// The sync asks this peer.
	pub fn seen(&mut self, who: PeerId) {
		if !self.0.contains(&who) {
			self.0.truncate(MAX_OTHERS.saturating_sub(1));
			self.0.push_back(who);
		}
	}

	/// This peer had bodies, or it is better to ask others first: it had none, or let us wait for nothing.
	pub fn answered(&mut self, who: PeerId, had: bool) {
		self.0.retain(|other| *other != who);
		if had {
			self.0.push_front(who);
		} else {
			self.0.push_back(who);
		}
	}

	/// This peer is not connected any more.
	pub fn gone(&mut self, who: &PeerId) {
		self.0.retain(|other| other != who);
	}

	/// Whom to ask instead of this one, in this order.
	#[must_use]
	pub fn instead_of(&self, who: &PeerId) -> VecDeque<PeerId> {
		self.0.iter().filter(|other| *other != who).copied().collect()
	}
}

/// A search for the bodies of a range with one peer after the other, until one has them. That a peer does not answer
/// does not say that it has none: it may be busy, and is asked again.
#[derive(Debug)]
pub struct Search {
	left: VecDeque<PeerId>,
	/// Those that did not answer, to be asked after all others.
	silent: VecDeque<PeerId>,
	without: usize,
	failures: usize,
}

impl Search {
	/// With these peers, in this order.
	#[must_use]
	pub fn new(others: VecDeque<PeerId>) -> Self {
		Self {
			left: others,
			silent: VecDeque::new(),
			without: 0,
			failures: 0,
		}
	}

	/// Whom to ask next. Nobody if one has to do without.
	pub fn next_peer(&mut self) -> Option<PeerId> {
		if self.is_over() {
			return None;
		}
		if self.left.is_empty() {
			mem::swap(&mut self.left, &mut self.silent);
		}
		self.left.pop_front()
	}

	/// Whether the next one is asked for the second time, so that a pause is due.
	#[must_use]
	pub fn is_round_over(&self) -> bool {
		self.left.is_empty() && !self.silent.is_empty() && !self.is_over()
	}

	/// A peer has none.
	pub fn has_none(&mut self) {
		self.without = self.without.saturating_add(1);
	}

	/// This peer did not answer.
	pub fn failed(&mut self, who: PeerId) {
		self.failures = self.failures.saturating_add(1);
		self.silent.push_back(who);
	}

	fn is_over(&self) -> bool {
		self.without >= ASKED || self.failures >= MAX_FAILURES
	}
}

/// What peers say of bodies that this node needs above its best block.
#[derive(Debug)]
struct Missing {
	since: Instant,
	last: Instant,
	/// The best block then.
	best: u32,
	/// The highest block of the lowest range.
	top: u32,
	/// The peers that say so, up to [`WITNESSES`].
	peers: BTreeSet<PeerId>,
}

/// What has been told.
#[derive(Debug, Default)]
pub struct Told {
	/// That old blocks are kept without bodies.
	gap: bool,
	missing: Option<Missing>,
	/// When that was told last.
	told: Option<Instant>,
}

impl Told {
	/// Old blocks come without bodies: whether to say so.
	pub fn old_without(&mut self) -> bool {
		!mem::replace(&mut self.gap, true)
	}

	/// Whether a peer had no bodies that this node needs.
	#[must_use]
	pub fn is_missing(&self) -> bool {
		self.missing.is_some()
	}

	/// A peer has the bodies of blocks up to this one.
	pub fn given(&mut self, top: u32) {
		self.missing = self.missing.take().filter(|missing| top > missing.top);
	}

	/// A peer has no body of blocks up to `top`, that this node needs above its best block: whether to say so.
	pub fn missing(&mut self, who: PeerId, top: u32, best: u32, now: Instant) -> bool {
		let before = self.missing.take();
		let before = before.filter(|before| before.best == best && now.duration_since(before.last) < SAME);
		let missing = self.missing.insert(before.unwrap_or(Missing {
			since: now,
			last: now,
			best,
			top,
			peers: BTreeSet::new(),
		}));
		missing.last = now;
		missing.top = missing.top.min(top);
		if missing.peers.len() < WITNESSES {
			missing.peers.insert(who);
		}
		self.lasts(best, now)
	}

	/// Whether bodies have been missing above this best block for so long that it is to be told now.
	pub fn lasts(&mut self, best: u32, now: Instant) -> bool {
		let Some(missing) = self.missing.as_ref().filter(|missing| missing.best == best) else {
			return false;
		};
		let patience = if missing.peers.len() < WITNESSES {
			LONE_PATIENCE
		} else {
			PATIENCE
		};
		let is_repeated = self.told.is_some_and(|told| now.duration_since(told) < REPEAT);
		if now.duration_since(missing.since) < patience || is_repeated {
			return false;
		}
		self.told = Some(now);
		true
	}
}

/// Asks for headers, and others for the bodies, if a peer has no bodies.
struct Downloader {
	inner: Arc<dyn BlockDownloader<Block>>,
	client: Arc<Client>,
	told: Mutex<Told>,
	others: Mutex<Others>,
	/// Held while a peer is asked besides, once for each: with what the sync itself asks of it, it has two requests of
	/// this node at most, and refuses more ([`WAITING_OF_EACH`](crate::net::gate::WAITING_OF_EACH)).
	turns: Mutex<LruMap<PeerId, Arc<Turn<()>>>>,
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
		others: Mutex::default(),
		turns: Mutex::new(LruMap::new(ByLength::new(MAX_OTHERS as u32))),
	});
	(params, provider)
}

/// Headers that a peer has sent.
struct Found {
	response: Vec<u8>,
	protocol: ProtocolName,
	blocks: Vec<BlockData<Block>>,
}

/// The highest of some blocks.
fn top(blocks: &[BlockData<Block>]) -> Option<u32> {
	let headers = blocks.iter().filter_map(|block| block.header.as_ref());
	headers.map(|header| *header.number()).max()
}

/// The same request without the bodies.
fn without_bodies(request: &BlockRequest<Block>) -> BlockRequest<Block> {
	let mut headers = request.clone();
	headers.fields = request.fields & !(BlockAttributes::BODY | BlockAttributes::INDEXED_BODY);
	headers
}

impl Downloader {
	fn blocks(&self, request: &BlockRequest<Block>, response: &[u8]) -> Vec<BlockData<Block>> {
		let blocks = self.inner.block_response_into_blocks(request, response.to_vec());
		blocks.unwrap_or_default()
	}

	/// A peer has bodies. Whether it has those that others had not is looked at while there is trouble.
	fn given(&self, who: PeerId, request: &BlockRequest<Block>, response: &[u8]) {
		// The last blocks all have.
		let is_old = |number| self.client.info().block_gap.is_some_and(|gap| number <= gap.end);
		if matches!(request.from, FromBlock::Number(number) if is_old(number)) {
			self.others.lock().answered(who, true);
		}
		let is_missing = self.told.lock().is_missing();
		if let Some(top) = is_missing.then(|| top(&self.blocks(request, response))).flatten() {
			self.told.lock().given(top);
		}
	}

	/// Bodies for these headers of `who`, from others: their answer together with its.
	async fn elsewhere(&self, who: PeerId, request: &BlockRequest<Block>, headers: &Found) -> Option<Vec<u8>> {
		let mut search = Search::new(self.others.lock().instead_of(&who));
		loop {
			if search.is_round_over() {
				Delay::new(PAUSE).await;
			}
			let other = search.next_peer()?;
			let failure = match self.bodies_of(other, request.clone()).await {
				Ok(bodies) if joined(headers.blocks.clone(), self.blocks(request, &bodies)).is_empty() => {
					self.others.lock().answered(other, false);
					search.has_none();
					continue;
				}
				Ok(bodies) => {
					self.others.lock().answered(other, true);
					return Some((JOINED, &headers.response, bodies).encode());
				}
				Err(failure) => failure,
			};
			match failure {
				RequestFailure::NotConnected => {
					self.others.lock().gone(&other);
					continue;
				}
				// The next range shall not wait as long.
				RequestFailure::Network(OutboundFailure::Timeout) => self.others.lock().answered(other, false),
				_ => (),
			}
			search.failed(other);
		}
	}

	/// What a peer answers that is asked besides. The network waits no longer for it than for what the sync asks.
	async fn bodies_of(&self, who: PeerId, request: BlockRequest<Block>) -> Result<Vec<u8>, RequestFailure> {
		let turn = self.turn_of(who);
		let _turn = turn.lock().await;
		match self.inner.download_blocks(who, request).await {
			Ok(answer) => answer.map(|(response, _)| response),
			Err(oneshot::Canceled) => Err(RequestFailure::NotConnected),
		}
	}

	fn turn_of(&self, who: PeerId) -> Arc<Turn<()>> {
		let mut turns = self.turns.lock();
		if let Some(turn) = turns.get(&who) {
			return turn.clone();
		}
		let turn = Arc::<Turn<()>>::default();
		turns.insert(who, turn.clone());
		turn
	}

	fn worth(&self, top: Option<u32>) -> Worth {
		let gap = self.client.info().block_gap;
		worth(top, gap.map(|gap| gap.start..=gap.end))
	}

	fn tell_old(&self, number: u32) {
		if self.told.lock().old_without() {
			log::info!(
				target: LOG_TARGET,
				"Block {number} and those before it come without transactions, for the peers that were asked have \
				 thrown these away (--blocks-pruning): only the headers of old blocks are kept here. For all of them \
				 join through nodes that keep them",
			);
		}
	}

	/// A peer has no bodies that this node needs: that is told at once or after the pause, if it lasts. The sync lets
	/// go of such a peer, and may ask none for a minute then, so that one cannot wait for the next answer.
	async fn pause_without(&self, who: PeerId, number: u32) {
		// Bodies of later blocks may come all the while: what counts is whether the node goes on.
		let best = || self.client.info().best_number;
		let now = best();
		if self.told.lock().missing(who, number, now, Instant::now()) {
			tell_missing(now, number);
		}
		Delay::new(PAUSE).await;
		let now = best();
		if self.told.lock().lasts(now, Instant::now()) {
			tell_missing(now, number);
		}
	}
}

fn tell_missing(best: u32, number: u32) {
	log::warn!(
		target: LOG_TARGET,
		"This node cannot go on from block {best}: it has to execute block {number} and those before it, and its peers \
		 say that they have thrown their transactions away (--blocks-pruning). If this lasts, remove the database \
		 (purge-chain) and join with --sync warp, or connect to a node that keeps all blocks",
	);
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
		self.others.lock().seen(who);
		let answer = self.inner.download_blocks(who, request.clone()).await?;
		if !request.fields.contains(BlockAttributes::BODY) {
			return Ok(answer);
		}
		match &answer {
			// No blocks are encoded as no bytes.
			Ok((response, _)) if response.is_empty() => self.others.lock().answered(who, false),
			Ok((response, _)) => {
				self.given(who, &request, response);
				return Ok(answer);
			}
			Err(_) => return Ok(answer),
		}
		let headers = without_bodies(&request);
		// If it does not answer, the sync is told so. That there are no blocks would be held against the peer.
		let found = match self.inner.download_blocks(who, headers.clone()).await? {
			Ok((response, protocol)) => Found {
				blocks: self.blocks(&headers, &response),
				response,
				protocol,
			},
			Err(failure) => return Ok(Err(failure)),
		};
		if !is_asked_for(&request, &found.blocks) {
			return Ok(answer);
		}
		match self.worth(top(&found.blocks)) {
			Worth::Enough(number) => match self.elsewhere(who, &request, &found).await {
				Some(response) => Ok(Ok((response, found.protocol))),
				None => {
					self.tell_old(number);
					Ok(Ok((found.response, found.protocol)))
				}
			},
			Worth::TooLittle(number) => {
				self.pause_without(who, number).await;
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
		if response.first() != Some(&JOINED) {
			return self.inner.block_response_into_blocks(request, response);
		}
		let (_, headers, bodies) = <(u8, Vec<u8>, Vec<u8>)>::decode(&mut &response[..])
			.map_err(|error| BlockResponseError::DecodeFailed(error.to_string()))?;
		let headers = self
			.inner
			.block_response_into_blocks(&without_bodies(request), headers)?;
		let bodies = self.inner.block_response_into_blocks(request, bodies)?;
		Ok(joined(headers, bodies))
	}
}
