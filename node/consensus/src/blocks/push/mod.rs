//! Block push: the author of a block sends the sealed block itself to its peers, which import it on arrival. A header
//! announcement, a request and an answer would take three trips; this takes one. The stock announcement stays for everyone else.

use crate::{
	blocks::import::{HeaderError, PocaBlockImport, PocaVerifier},
	chain::{
		clock,
		types::{Block, Header, LOG_TARGET},
		Chain,
	},
	net::peers::{reputation, PeerEvent, Peers},
	shown::metrics::Metrics,
};
use codec::{Decode, DecodeAll, Encode};
use poca_primitives::{find_pre_digest, SlotDuration};
use sc_consensus::{BlockImport, BlockImportParams, ImportResult};
use sc_network::{service::traits::NetworkSyncForkRequest, PeerId};
use sc_network_sync::SyncingService;
use schnellru::{ByLength, LruMap};
use sp_consensus::BlockOrigin;
use sp_core::H256;
use sp_runtime::{traits::Header as _, OpaqueExtrinsic};
use std::{
	collections::VecDeque,
	sync::Arc,
	time::{Duration, Instant},
};

/// The largest pushed block: the runtime's block length limit, and room for the header.
pub(crate) const MAX_MESSAGE_BYTES: u64 = 6 * 1024 * 1024;
/// Blocks that wait for their parent.
const MAX_WAITING: usize = 16;
/// A block that has waited longer is left to the sync.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// How often waiting blocks are looked at.
const RETRY: Duration = Duration::from_millis(20);
/// A pushed block older than this many slots is left to the sync.
const MAX_AGE_SLOTS: u64 = 240;
/// How many block hashes are remembered as handled.
const REMEMBERED: u32 = 4096;

/// A pushed block, by version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Pushed {
	/// Version 1.
	#[codec(index = 1)]
	V1(SealedBlock),
}

/// A block with its seal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SealedBlock {
	/// The sealed header.
	pub header: Header,
	/// The body.
	pub body: Vec<OpaqueExtrinsic>,
}

/// Where the author hands its blocks over.
#[derive(Clone)]
pub(crate) struct PushHandle(async_channel::Sender<SealedBlock>);

impl PushHandle {
	/// The handle, and what the task reads.
	pub fn channel() -> (Self, async_channel::Receiver<SealedBlock>) {
		let (sender, receiver) = async_channel::bounded(8);
		(Self(sender), receiver)
	}

	/// Hands a block over; where the network cannot keep up, peers fetch it after the announcement.
	pub fn push(&self, block: SealedBlock) {
		if self.0.try_send(block).is_err() {
			log::debug!(target: LOG_TARGET, "the network does not keep up; a block is announced, not pushed");
		}
	}
}

struct Waiting {
	block: SealedBlock,
	from: PeerId,
	seen: Instant,
}

/// The task that pushes own blocks and imports pushed ones.
pub(crate) struct BlockPush {
	pub peers: Peers,
	pub own: async_channel::Receiver<SealedBlock>,
	pub chain: Arc<dyn Chain>,
	pub verifier: PocaVerifier,
	pub import: PocaBlockImport,
	pub sync: Arc<SyncingService<Block>>,
	pub slot_duration: SlotDuration,
	pub metrics: Metrics,
}

impl BlockPush {
	/// Runs for as long as the node does. Where the network stops, so does the node: it waits for that.
	pub async fn run(mut self) {
		let mut waiting: VecDeque<Waiting> = VecDeque::new();
		let mut handled: LruMap<H256, ()> = LruMap::new(ByLength::new(REMEMBERED));
		let mut retry = tokio::time::interval(RETRY);
		retry.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
		loop {
			tokio::select! {
				// A node that does not author has nobody at the other end.
				Ok(block) = self.own.recv() => {
					handled.insert(block.header.hash(), ());
					self.peers.broadcast(&Pushed::V1(block).encode(), None);
					self.metrics.blocks_pushed(self.peers.connected().count() as u64);
				},
				event = self.peers.next() => match event {
					None => return futures::future::pending().await,
					Some(PeerEvent::Received(from, bytes)) => self.received(from, &bytes, &mut handled, &mut waiting).await,
					Some(_) => (),
				},
				_ = retry.tick(), if !waiting.is_empty() => self.retry(&mut waiting).await,
			}
		}
	}

	async fn received(
		&mut self,
		from: PeerId,
		bytes: &[u8],
		handled: &mut LruMap<H256, ()>,
		waiting: &mut VecDeque<Waiting>,
	) {
		let seen = Instant::now();
		let Ok(Pushed::V1(block)) = Pushed::decode_all(&mut &bytes[..]) else {
			self.metrics.dropped("blocks", "undecodable");
			return self.peers.report(from, reputation::UNDECODABLE);
		};
		let hash = block.header.hash();
		if handled.get(&hash).is_some() {
			return self.metrics.dropped("blocks", "known");
		}
		let Ok(digest) = find_pre_digest(&block.header) else {
			self.metrics.dropped("blocks", "bad header");
			return self.peers.report(from, reputation::BAD_BLOCK);
		};
		let now = clock::slot_now(self.slot_duration);
		if *block.header.number() <= self.chain.info().finalized_number
			|| digest.slot.saturating_add(MAX_AGE_SLOTS) < now
		{
			return self.metrics.dropped("blocks", "stale");
		}
		match self.chain.header(*block.header.parent_hash()) {
			Ok(Some(_)) => {
				handled.insert(hash, ());
				self.metrics.block_received();
				self.metrics
					.block_seen(clock::since_slot(*digest.slot, self.slot_duration));
				self.import(block, from, seen).await;
				self.retry(waiting).await;
			}
			Ok(None) => {
				// Its parent may be on its way; the sync fetches what else is missing.
				self.sync
					.set_sync_fork_request(vec![from], hash, *block.header.number());
				if waiting.len() >= MAX_WAITING {
					waiting.pop_front();
					self.metrics.dropped("blocks", "too many orphans");
				}
				if !waiting.iter().any(|w| w.block == block) {
					waiting.push_back(Waiting { block, from, seen });
				}
			}
			Err(error) => log::warn!(target: LOG_TARGET, "a pushed block is dropped: {error}"),
		}
	}

	async fn retry(&mut self, waiting: &mut VecDeque<Waiting>) {
		// One round for each block at most: every import may release another.
		for _ in 0..MAX_WAITING {
			waiting.retain(|w| w.seen.elapsed() < MAX_WAIT);
			let ready = waiting
				.iter()
				.position(|w| matches!(self.chain.header(*w.block.header.parent_hash()), Ok(Some(_))));
			let Some(w) = ready.and_then(|i| waiting.remove(i)) else {
				return;
			};
			self.import(w.block, w.from, w.seen).await;
		}
	}

	async fn import(&mut self, block: SealedBlock, from: PeerId, seen: Instant) {
		let number = *block.header.number();
		let hash = block.header.hash();
		if matches!(self.chain.header(hash), Ok(Some(_))) {
			return;
		}
		match import_sealed(&self.verifier, &self.import, block, seen).await {
			Ok(()) => (),
			Err(refusal) => {
				self.metrics.dropped("blocks", refusal.label());
				log::debug!(target: LOG_TARGET, "block {number} ({hash:?}) pushed by {from} is refused: {refusal}");
				if refusal.is_the_senders_fault() {
					self.peers.report(from, reputation::BAD_BLOCK);
				}
			}
		}
	}
}

/// Why a block is not imported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
	#[error(transparent)]
	Header(HeaderError),
	#[error("not imported: {0:?}")]
	NotImported(ImportResult),
	#[error("it fails: {0}")]
	Fails(sp_consensus::Error),
}

impl Refusal {
	fn label(&self) -> &'static str {
		match self {
			Refusal::Header(_) => "bad header",
			Refusal::NotImported(_) | Refusal::Fails(_) => "not imported",
		}
	}

	/// Neither this node's database nor its clock is the sender's fault.
	fn is_the_senders_fault(&self) -> bool {
		match self {
			Refusal::Header(error) => !matches!(
				error,
				HeaderError::Chain(_)
					| HeaderError::Future { .. }
					| HeaderError::UnknownParent(_)
					| HeaderError::NoState
			),
			Refusal::NotImported(_) => false,
			Refusal::Fails(_) => true,
		}
	}
}

/// Verifies and imports a block beside the import queue. One that is known already is no error.
pub(crate) async fn import_sealed(
	verifier: &PocaVerifier,
	import: &PocaBlockImport,
	block: SealedBlock,
	seen: Instant,
) -> Result<(), Refusal> {
	let mut params = BlockImportParams::new(BlockOrigin::NetworkBroadcast, block.header);
	params.body = Some(block.body);
	let params = verifier.check(params, seen).map_err(Refusal::Header)?;
	match import.import_block(params).await {
		Ok(ImportResult::Imported(_) | ImportResult::AlreadyInChain) => Ok(()),
		Ok(other) => Err(Refusal::NotImported(other)),
		Err(error) => Err(Refusal::Fails(error)),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#[test]
		fn random_bytes_are_no_block(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
			// Decoding must neither panic nor allocate by what the bytes claim.
			let _ = Pushed::decode_all(&mut &bytes[..]);
		}
	}
}
