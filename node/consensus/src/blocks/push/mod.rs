//! Block push: the author of a block sends the sealed block itself to its peers, which import it on arrival. A header
//! announcement, a request and an answer would take three trips; this takes one. The stock announcement stays for
//! everyone else.
//!
//! Three tasks, so that none waits for what takes long: the courier sends own blocks and takes in what peers send,
//! within limits for each ([`limits`]); the checker decodes it and compares body and seal with the header, and keeps
//! what lacks its parent ([`orphans`]); the importer executes what is left.

mod check;
mod courier;
mod limits;
mod orphans;

use crate::{
	blocks::import::{HeaderError, PocaBlockImport, PocaVerifier},
	net::peers::Peers,
};
use check::Checker;
use codec::{Decode, Encode};
use courier::Courier;
use poca_primitives::SlotDuration;
use sc_consensus::{BlockImport, BlockImportParams, ImportResult};
use sc_network::PeerId;
use sc_network_sync::SyncingService;
use smartchain_chain::{Block, Chain, Metrics, SealedBlock, LOG_TARGET};
use sp_consensus::BlockOrigin;
use sp_core::{traits::SpawnEssentialNamed, H256};
use std::{sync::Arc, time::Instant};

/// The largest pushed block: the runtime's block length limit, and room for the header.
pub(crate) const MAX_MESSAGE_BYTES: u64 = 6 * 1024 * 1024;
/// Own blocks that wait to be sent.
const OWN_QUEUE: usize = 8;
/// Blocks of peers that wait to be checked, and checked ones that wait to be executed. What finds no room is left to
/// the sync.
const CHECK_QUEUE: usize = 32;
const IMPORT_QUEUE: usize = 16;

/// A pushed block, by version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Pushed {
	/// Version 1.
	#[codec(index = 1)]
	V1(SealedBlock),
}

/// What the courier is asked to send.
enum Order {
	/// A block of this node, to everybody.
	Own(SealedBlock),
	/// A block of anybody, to these peers, which may have lost it.
	Again(SealedBlock, Vec<PeerId>),
}

/// Where blocks are handed over that are to be pushed; clones share it.
#[derive(Clone)]
pub(crate) struct PushHandle(async_channel::Sender<Order>);

impl PushHandle {
	/// Hands over a block of this node; if the network cannot keep up, peers fetch it after the announcement.
	pub fn push(&self, block: SealedBlock) {
		self.order(Order::Own(block));
	}

	/// Has a block sent again to these peers.
	pub fn push_again(&self, block: SealedBlock, peers: Vec<PeerId>) {
		self.order(Order::Again(block, peers));
	}

	fn order(&self, order: Order) {
		if self.0.try_send(order).is_err() {
			log::debug!(target: LOG_TARGET, "The network does not keep up; a block is announced, not pushed");
		}
	}
}

/// What block push works with.
pub(crate) struct BlockPush {
	pub peers: Peers,
	pub chain: Arc<dyn Chain>,
	pub verifier: PocaVerifier,
	pub import: PocaBlockImport,
	pub sync: Arc<SyncingService<Block>>,
	pub slot_duration: SlotDuration,
	pub metrics: Metrics,
}

impl BlockPush {
	/// Starts its three tasks. Each runs for as long as the node does.
	pub fn spawn(self, spawner: &impl SpawnEssentialNamed) -> PushHandle {
		let (orders_in, orders) = async_channel::bounded(OWN_QUEUE);
		let (received_in, received) = async_channel::bounded(CHECK_QUEUE);
		let (checked_in, checked) = async_channel::bounded(IMPORT_QUEUE);
		let (verdicts_in, verdicts) = async_channel::bounded(CHECK_QUEUE);
		let courier = Courier::new(self.peers, orders, received_in, verdicts, self.metrics.clone());
		spawner.spawn_essential_blocking("poca-block-courier", Some("poca"), Box::pin(courier.run()));
		let checker = Checker::new(check::Params {
			chain: self.chain,
			verifier: self.verifier,
			sync: self.sync,
			slot_duration: self.slot_duration,
			metrics: self.metrics.clone(),
			received,
			verdicts: verdicts_in.clone(),
			checked: checked_in,
		});
		spawner.spawn_essential_blocking("poca-block-checker", Some("poca"), Box::pin(checker.run()));
		let importer = Importer {
			import: self.import,
			metrics: self.metrics,
			checked,
			verdicts: verdicts_in,
		};
		spawner.spawn_essential_blocking("poca-block-importer", Some("poca"), Box::pin(importer.run()));
		PushHandle(orders_in)
	}
}

/// Bytes of a peer, and when the first of them was at hand.
struct Received {
	from: PeerId,
	bytes: Vec<u8>,
	seen: Instant,
}

/// What a peer has done.
enum Verdict {
	/// Sent what does not decode.
	Undecodable(PeerId),
	/// Sent a block that is no block: nobody honest passes that on.
	BadBlock(PeerId),
}

/// A block whose header is right.
struct CheckedBlock {
	from: PeerId,
	hash: H256,
	params: BlockImportParams<Block>,
}

/// The task that executes checked blocks.
struct Importer {
	import: PocaBlockImport,
	metrics: Metrics,
	checked: async_channel::Receiver<CheckedBlock>,
	verdicts: async_channel::Sender<Verdict>,
}

impl Importer {
	async fn run(self) {
		while let Ok(CheckedBlock { from, hash, params }) = self.checked.recv().await {
			let (number, started) = (params.header.number, Instant::now());
			let Err(refusal) = execute(&self.import, params).await else {
				log::debug!(target: LOG_TARGET, "executed block {number} in {:?}", started.elapsed());
				continue;
			};
			self.metrics.dropped("blocks", refusal.label());
			log::debug!(target: LOG_TARGET, "Block {number} ({hash:?}) pushed by {from} is refused: {refusal}");
			if refusal.is_the_senders_fault() {
				// A queue that is full of verdicts has enough of them.
				let _ = self.verdicts.try_send(Verdict::BadBlock(from));
			}
		}
		// The checker has stopped, and so does the node: it waits for that.
		futures::future::pending().await
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
			Refusal::Header(error) => check::label(error),
			Refusal::NotImported(_) | Refusal::Fails(_) => "not_imported",
		}
	}

	fn is_the_senders_fault(&self) -> bool {
		match self {
			Refusal::Header(error) => error.is_the_senders_fault(),
			// Whether this node's database failed or the block is false does not show here; the seal is its author's,
			// not the sender's.
			Refusal::NotImported(_) | Refusal::Fails(_) => false,
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
	let params = checked(verifier, block, seen)?;
	execute(import, params).await
}

fn checked(verifier: &PocaVerifier, block: SealedBlock, seen: Instant) -> Result<BlockImportParams<Block>, Refusal> {
	let mut params = BlockImportParams::new(BlockOrigin::NetworkBroadcast, block.header);
	params.body = Some(block.body);
	verifier.check(params, seen).map_err(Refusal::Header)
}

async fn execute(import: &PocaBlockImport, params: BlockImportParams<Block>) -> Result<(), Refusal> {
	match import.import_block(params).await {
		Ok(ImportResult::Imported(_) | ImportResult::AlreadyInChain) => Ok(()),
		Ok(other) => Err(Refusal::NotImported(other)),
		Err(error) => Err(Refusal::Fails(error)),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::DecodeAll;
	use proptest::prelude::*;

	proptest! {
		#[test]
		fn random_bytes_are_no_block(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
			// Decoding must neither panic nor allocate by what the bytes claim.
			let _ = Pushed::decode_all(&mut &bytes[..]);
		}
	}
}
