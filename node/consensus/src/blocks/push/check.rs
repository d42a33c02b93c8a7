//! The task that checks pushed blocks before they are executed.

use super::{
	checked,
	orphans::{Orphan, Orphans},
	CheckedBlock, Pushed, Received, Refusal, Verdict,
};
use crate::blocks::import::{HeaderError, PocaVerifier};
use codec::DecodeAll;
use poca_primitives::{find_pre_digest, PreDigest, Slot, SlotDuration};
use sc_network::{service::traits::NetworkSyncForkRequest, PeerId};
use sc_network_sync::SyncingService;
use schnellru::{ByLength, LruMap};
use smartchain_chain::{clock, Block, Chain, Metrics, SealedBlock, LOG_TARGET};
use sp_core::H256;
use std::{
	sync::Arc,
	time::{Duration, Instant},
};

/// How often waiting blocks are looked at.
const RETRY: Duration = Duration::from_millis(20);
/// A pushed block older than this many slots is left to the sync.
const MAX_AGE_SLOTS: u64 = 240;
/// How many slots ahead of this machine's clock a block may be and still wait for its slot.
const MAX_SLOTS_AHEAD: u64 = 20;
/// How many block hashes are remembered as handled.
const REMEMBERED: u32 = 4096;

/// What a [`Checker`] is made of.
pub struct Params {
	pub chain: Arc<dyn Chain>,
	pub verifier: PocaVerifier,
	pub sync: Arc<SyncingService<Block>>,
	pub slot_duration: SlotDuration,
	pub metrics: Metrics,
	pub received: async_channel::Receiver<Received>,
	pub verdicts: async_channel::Sender<Verdict>,
	pub checked: async_channel::Sender<CheckedBlock>,
}

/// Decodes, compares, verifies; executes nothing.
pub struct Checker {
	params: Params,
	/// Blocks that passed, or whose header is wrong whatever comes with it.
	handled: LruMap<H256, ()>,
	orphans: Orphans,
}

/// What is known of a block whose bytes are at hand.
struct Arrived {
	block: SealedBlock,
	hash: H256,
	digest: PreDigest<H256>,
	bytes: usize,
	from: PeerId,
	seen: Instant,
}

impl Checker {
	pub fn new(params: Params) -> Self {
		Self {
			params,
			handled: LruMap::new(ByLength::new(REMEMBERED)),
			orphans: Orphans::default(),
		}
	}

	/// Runs for as long as the node does.
	pub async fn run(mut self) {
		let mut retry = tokio::time::interval(RETRY);
		retry.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
		loop {
			tokio::select! {
				received = self.params.received.recv() => match received {
					Ok(received) => self.received(received).await,
					// The courier has stopped, and so does the node: it waits for that.
					Err(_) => return futures::future::pending().await,
				},
				_ = retry.tick(), if !self.orphans.is_empty() => self.retry().await,
			}
		}
	}

	async fn received(&mut self, Received { from, bytes, seen }: Received) {
		let Ok(Pushed::V1(block)) = Pushed::decode_all(&mut &bytes[..]) else {
			self.params.metrics.dropped("blocks", "undecodable");
			return self.blame(Verdict::Undecodable(from));
		};
		let hash = block.header.hash();
		if self.handled.get(&hash).is_some() {
			return self.params.metrics.dropped("blocks", "known");
		}
		let Ok(digest) = find_pre_digest(&block.header) else {
			return self.refuse(
				from,
				hash,
				&HeaderError::Digest(poca_primitives::DigestError::Undecodable),
			);
		};
		let now = clock::slot_now(self.params.slot_duration);
		let finalized = self.params.chain.info().finalized_number;
		// Nothing beside what is final is ever needed again.
		if block.header.number <= finalized || is_stale(&self.params.verifier, &hash, digest.slot, now) {
			return self.params.metrics.dropped("blocks", "stale");
		}
		let arrived = Arrived {
			block,
			hash,
			digest,
			bytes: bytes.len(),
			from,
			seen,
		};
		match self.params.chain.header(arrived.block.header.parent_hash) {
			Ok(Some(_)) => self.check(arrived).await,
			Ok(None) => self.orphan(arrived),
			Err(error) => log::warn!(target: LOG_TARGET, "A pushed block is dropped: {error}"),
		}
	}

	/// A block whose parent may be on its way; the sync fetches what else is missing. Only one that its author may well
	/// have sealed: its seal is checked with the schedule of the best block.
	fn orphan(&mut self, arrived: Arrived) {
		let info = self.params.chain.info();
		// Of a chain that is so far ahead the sync brings what is missing; and a height can be made up.
		let ahead = arrived.block.header.number.saturating_sub(info.best_number);
		if u64::from(ahead) > MAX_AGE_SLOTS {
			return self.params.metrics.dropped("blocks", "bad_orphan");
		}
		let best = info.best_hash;
		let author = match self.params.verifier.author_by(best, &arrived.block.header) {
			Ok(author) => author,
			Err(error) => {
				self.params.metrics.dropped("blocks", "bad_orphan");
				return log::debug!(
					target: LOG_TARGET,
					"Block {} ({:?}) pushed by {} lacks its parent and is not kept: {error}",
					arrived.block.header.number,
					arrived.hash,
					arrived.from,
				);
			}
		};
		let (from, hash, number) = (arrived.from, arrived.hash, arrived.block.header.number);
		let parent = arrived.block.header.parent_hash;
		if self.keep(arrived) {
			self.params.verifier.want_parent(parent, author);
			self.params.sync.set_sync_fork_request(vec![from], hash, number);
		}
	}

	fn keep(&mut self, arrived: Arrived) -> bool {
		let kept = self.orphans.keep(Orphan {
			place: (*arrived.digest.slot, arrived.digest.author),
			block: arrived.block,
			hash: arrived.hash,
			bytes: arrived.bytes,
			from: arrived.from,
			seen: arrived.seen,
		});
		if !kept {
			self.params.metrics.dropped("blocks", "too_many_orphans");
		}
		kept
	}

	async fn check(&mut self, arrived: Arrived) {
		let now = clock::slot_now(self.params.slot_duration);
		let ahead = arrived.digest.slot.saturating_sub(*now);
		let Arrived {
			block,
			hash,
			from,
			seen,
			..
		} = &arrived;
		match checked(&self.params.verifier, block.clone(), *seen) {
			Ok(params) => {
				self.handled.insert(*hash, ());
				self.params.metrics.block_received();
				let late = clock::since_slot(*arrived.digest.slot, self.params.slot_duration);
				self.params.metrics.block_seen(late);
				let block = CheckedBlock {
					from: *from,
					hash: *hash,
					params,
				};
				// While the importer is busy there is nothing to check for.
				let _ = self.params.checked.send(block).await;
			}
			// Early by a little: its slot comes.
			Err(Refusal::Header(HeaderError::Future { .. })) if ahead <= MAX_SLOTS_AHEAD => {
				self.keep(arrived);
			}
			Err(Refusal::Header(error)) => {
				let (from, hash) = (*from, *hash);
				// Of a wrong body the header knows nothing: the right one may come.
				if error.is_the_senders_fault() && !matches!(error, HeaderError::OtherBody) {
					self.handled.insert(hash, ());
				}
				self.refuse(from, hash, &error);
			}
			Err(refusal) => log::debug!(target: LOG_TARGET, "Block {hash:?} is refused: {refusal}"),
		}
	}

	async fn retry(&mut self) {
		let slot_duration = self.params.slot_duration;
		loop {
			let chain = self.params.chain.clone();
			let now = clock::slot_now(slot_duration);
			// Two slots are what the check allows clocks to differ.
			let is_ready = |orphan: &Orphan| {
				orphan.place.0 <= *now.saturating_add(2u64)
					&& matches!(chain.header(orphan.block.header.parent_hash), Ok(Some(_)))
			};
			let Some(orphan) = self.orphans.take(Instant::now(), is_ready) else {
				return;
			};
			let known = matches!(chain.header(orphan.hash), Ok(Some(_)));
			if let (false, Ok(digest)) = (known, find_pre_digest(&orphan.block.header)) {
				self.check(Arrived {
					block: orphan.block,
					hash: orphan.hash,
					digest,
					bytes: orphan.bytes,
					from: orphan.from,
					seen: orphan.seen,
				})
				.await;
			}
		}
	}

	fn refuse(&self, from: PeerId, hash: H256, error: &HeaderError) {
		self.params.metrics.dropped("blocks", label(error));
		log::debug!(target: LOG_TARGET, "Block {hash:?} pushed by {from} is refused: {error}");
		if error.is_the_senders_fault() {
			self.blame(Verdict::BadBlock(from));
		}
	}

	fn blame(&self, verdict: Verdict) {
		// A queue that is full of verdicts has enough of them.
		let _ = self.params.verdicts.try_send(verdict);
	}
}

/// What the metrics call a refusal.
pub fn label(error: &HeaderError) -> &'static str {
	match error {
		HeaderError::Sibling { .. } => "sibling",
		HeaderError::OtherBody => "other_body",
		HeaderError::Future { .. } => "future",
		_ => "bad_header",
	}
}

/// Whether a block is so old that the sync may bring it if need be. One that a certificate asks for is not, however old
/// it is: in a stall the highest certified block ages, and what others push again is what ends the stall.
fn is_stale(verifier: &PocaVerifier, hash: &H256, slot: Slot, now: Slot) -> bool {
	slot.saturating_add(MAX_AGE_SLOTS) < now && !verifier.is_certified(hash)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::blocks::testing::idle_import;
	use smartchain_node_testkit::Line;

	#[test]
	fn an_old_block_is_left_to_the_sync_unless_a_certificate_asks_for_it() {
		let (import, _link) = idle_import(Arc::new(Line::new(1).0));
		let verifier = import.verifier();
		let (certified, other) = (H256::repeat_byte(1), H256::repeat_byte(2));
		import.want_certified(certified);
		let stale = |block, slot: u64| is_stale(&verifier, block, slot.into(), 1_000.into());
		let oldest = 1_000 - MAX_AGE_SLOTS;
		assert!(!stale(&other, oldest) && !stale(&certified, oldest));
		for slot in [oldest - 1, 1, 0] {
			assert!(stale(&other, slot) && !stale(&certified, slot), "{slot}");
		}
	}
}
