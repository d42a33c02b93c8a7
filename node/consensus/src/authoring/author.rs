//! The slot worker: authors a block where the schedule says that it is this node's slot.

use crate::{
	authoring::building::{BlockPlan, BuildBlock, BuildError, BuiltBlock},
	blocks::{
		import::{Checked, PocaBlockImport},
		push::PushHandle,
	},
	shown::status::ConsensusHandle,
};
use futures_timer::Delay;
use poca_primitives::{
	pre_digest_item, seal_item, seal_payload, AuthorIndex, AuthorityId, FinalizedRef, PreDigest, Role, Schedule, Slot,
	UnknownVrfVersion, KEY_TYPE,
};
use sc_consensus::{BlockImport, BlockImportParams, ImportResult, StateAction, StorageChanges};
use sc_network_sync::{SyncState, SyncStatus, SyncingService};
use smartchain_chain::{
	clock,
	clock_guard::Clock,
	slot_share::{build_percent, hands_over},
	slot_timer::SlotTimer,
	Block, Chain, ChainError, Header, SealedBlock, LOG_TARGET,
};
use smartchain_signing::{holds, Signer, Silence};
use sp_consensus::{BlockOrigin, SyncOracle};
use sp_core::{sr25519, H256};
use sp_inherents::InherentDataProvider;
use sp_keystore::KeystorePtr;
use sp_runtime::{generic::Digest, traits::Header as _, DigestItem};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};

/// The most bytes of transactions in a block, unless the operator says otherwise: what an uplink of 100 Mbit/s sends to
/// a few peers within a slot. The chain itself admits more.
pub const BLOCK_BYTES: usize = 512 * 1024;
/// The most bytes of the last block of a turn, which the next director has to execute before it builds its first.
const LAST_BLOCK_BYTES: usize = 512 * 1024;
/// The share of a slot, in percent, that the first block of a turn waits for the last one of the turn before.
const WAIT_FOR_PARENT_PERCENT: u32 = 25;
/// How many blocks behind its peers a node may be and still author: 20 seconds' worth. (The stock sync calls five a
/// major sync, which are 2.5 seconds here.)
pub(crate) const MAX_BLOCKS_BEHIND: u32 = 40;
/// How often a waiting author looks for its parent.
const LOOK: Duration = Duration::from_millis(5);

/// Whether this node knows the chain well enough to author.
#[async_trait::async_trait]
pub trait NetworkView: Send + Sync {
	/// Whether there is nobody to hear of the block.
	fn is_offline(&self) -> bool;
	/// The height that peers are at, as the sync makes out.
	async fn best_seen(&self) -> Option<u32>;
}

#[async_trait::async_trait]
impl NetworkView for SyncingService<Block> {
	fn is_offline(&self) -> bool {
		SyncOracle::is_offline(self)
	}

	async fn best_seen(&self) -> Option<u32> {
		self.status().await.ok().and_then(|status| height_of_peers(&status))
	}
}

/// `best_seen_block` is what is still to be downloaded, and none once all of it waits for import: by it alone a node
/// that comes back would author on its old head.
fn height_of_peers(status: &SyncStatus<Block>) -> Option<u32> {
	match status.state {
		SyncState::Downloading { target } | SyncState::Importing { target } => Some(target),
		SyncState::Idle => status.best_seen_block,
	}
}

/// What the slot worker works with.
pub(crate) struct Author {
	pub chain: Arc<dyn Chain>,
	pub keystore: KeystorePtr,
	pub signer: Arc<Signer>,
	pub builder: Box<dyn BuildBlock>,
	pub import: PocaBlockImport,
	pub network: Arc<dyn NetworkView>,
	pub push: PushHandle,
	pub handle: ConsensusHandle,
	pub clock: Clock,
	/// The most bytes of transactions in a block.
	pub block_bytes: usize,
	/// What became of the last block of this node.
	pub last: LastBlock,
	/// Author without peers, too.
	pub force_authoring: bool,
}

/// What the last block of a node tells about the next one.
#[derive(Debug, Default)]
pub(crate) struct LastBlock {
	/// It was cut short by its limits.
	full: bool,
	/// A transaction with more bytes than a block waits.
	large_waits: bool,
	/// The turn in which this node took such a transaction last.
	large_turn: Option<u64>,
}

impl LastBlock {
	/// Whether a block may be given to one large transaction: once a turn, and in its first half, so that the next
	/// director has the turn's last blocks in time. A turn of one slot has that half, too: a new runtime is as large as
	/// that, and no rule of slots may shut out the next one.
	fn takes_large(&self, schedule: &Schedule, slot: Slot) -> bool {
		let turn = schedule.turn(slot);
		let length = u64::from(schedule.turn_length);
		let into_turn = slot.saturating_sub(turn.saturating_mul(length));
		self.large_waits && self.large_turn != Some(turn) && into_turn.saturating_mul(2) < length
	}
}

/// Why a slot of this node stays empty.
#[derive(Debug, thiserror::Error)]
enum Skipped {
	#[error(transparent)]
	Chain(#[from] ChainError),
	#[error(transparent)]
	Silence(#[from] Silence),
	#[error("the block could not be built: {0}")]
	Build(#[from] BuildError),
	#[error(transparent)]
	Vrf(#[from] UnknownVrfVersion),
	#[error("the timestamp could not be made: {0}")]
	Timestamp(String),
	#[error("building the block took too long")]
	TooSlow,
	#[error("the keystore does not sign with {0}")]
	Keystore(AuthorityId),
	#[error("the own block was not imported: {0}")]
	Import(String),
	#[error(
		"this node's safety file is new, and its key may be at work elsewhere: it authors nothing until it \
		 votes, or is no voter and what is final lies above all that the key may have signed"
	)]
	PastUnknown,
}

struct Claim {
	slot: Slot,
	author: AuthorIndex,
	key: AuthorityId,
	role: Role,
	parent: Header,
	parent_slot: Slot,
	schedule: Schedule,
}

impl Author {
	/// Runs for as long as the node does.
	pub async fn run(mut self) {
		let mut timer = SlotTimer::default();
		let mut said = None;
		loop {
			let duration = match self.chain.schedule(self.chain.info().best_hash) {
				Ok(schedule) => schedule.slot_duration,
				Err(error) => {
					log::error!(target: LOG_TARGET, "The schedule cannot be read: {error}");
					Delay::new(Duration::from_millis(500)).await;
					continue;
				}
			};
			let (slot, wait) = timer.next(clock::unix_ms(), duration);
			Delay::new(wait).await;
			if !timer.is_due(slot, clock::unix_ms(), duration) {
				continue;
			}
			match self.slot(slot).await {
				Ok(()) => said = None,
				Err(skipped) => {
					// The same reason every half second would hide everything else.
					let text = skipped.to_string();
					if said.as_ref() != Some(&text) {
						log::warn!(target: LOG_TARGET, "Slot {slot} stays empty: {text}");
						said = Some(text);
					}
				}
			}
		}
	}

	async fn slot(&mut self, slot: Slot) -> Result<(), Skipped> {
		let started = Instant::now();
		// While a node warps, its head is genesis, and it cannot tell that it is behind.
		if !self.chain.has_state() {
			return Ok(());
		}
		// A block of a slot ahead would mute this node's keys until that slot comes. The voter tells the log of it.
		if self.clock.doubts() {
			return Ok(());
		}
		let Some(claim) = self.claim(slot).await? else {
			return Ok(());
		};
		if self.past_is_unknown(&claim)? {
			return Err(Skipped::PastUnknown);
		}
		if !self.may_author(&claim).await {
			return Ok(());
		}
		let duration = claim.schedule.slot_duration.as_duration();
		let percent = build_percent(&claim.schedule, claim.parent_slot, slot);
		let end = started + duration * percent / 100;
		self.author(claim, end).await
	}

	/// Finds out whether the slot is this node's, and waits a little for the block before, where that is another's.
	async fn claim(&mut self, slot: Slot) -> Result<Option<Claim>, Skipped> {
		let mut waited_until = None;
		loop {
			let best = self.chain.info().best_hash;
			let parent = self.chain.header(best)?.ok_or(ChainError::Missing(best))?;
			let parent_slot = self.chain.slot_of(&parent)?;
			let schedule = self.chain.schedule(best)?;
			let ours = schedule.authors(slot).into_iter().find_map(|author| {
				let key = schedule.key(author)?;
				let role = schedule.role(parent_slot, slot, author)?;
				holds(&self.keystore, key).then(|| (author, key.clone(), role))
			});
			let Some((author, key, role)) = ours else {
				return Ok(None);
			};
			let follows = parent_slot.saturating_add(1u64) == slot || *parent.number() == 0;
			let wait = schedule.slot_duration.as_duration() * WAIT_FOR_PARENT_PERCENT / 100;
			let until = *waited_until.get_or_insert_with(|| Instant::now() + wait);
			// Within a turn the parent is this node's own; only where turns meet, or as a standby, another's may be on
			// its way.
			let on_its_way = !follows && (schedule.starts_turn(parent_slot, slot) || role == Role::Standby);
			if on_its_way && Instant::now() < until {
				Delay::new(LOOK).await;
				continue;
			}
			return Ok(Some(Claim {
				slot,
				author,
				key,
				role,
				parent,
				parent_slot,
				schedule,
			}));
		}
	}

	/// Whether this node cannot know what its key signs elsewhere. A new safety file rules out the slots before it was
	/// made and none after: it waits until what is final lies above them. A voter waits until it votes, for by then it
	/// has listened for another machine with this key; a standby signer that is no voter has no votes to wait for.
	/// Before anything is final somebody has to author, for votes need blocks; and a sole director has nobody to hear
	/// of.
	fn past_is_unknown(&self, claim: &Claim) -> Result<bool, ChainError> {
		let Some(horizon) = self.signer.forgotten_until() else {
			return Ok(false);
		};
		let info = self.chain.info();
		if claim.schedule.directors.len() < 2 || info.finalized_number == 0 {
			return Ok(false);
		}
		let at = info.finalized_hash;
		let last = self.chain.header(at)?.ok_or(ChainError::Missing(at))?;
		if self.chain.slot_of(&last)? <= horizon {
			return Ok(true);
		}
		let set = self.chain.voter_set(at)?;
		Ok(self.signer.key().is_some_and(|key| set.index_of(&key).is_some()))
	}

	/// A node alone among several, or far behind its peers, would author what nobody builds on.
	async fn may_author(&mut self, claim: &Claim) -> bool {
		if self.force_authoring || claim.schedule.directors.len() < 2 {
			return true;
		}
		if self.network.is_offline() {
			log::debug!(target: LOG_TARGET, "slot {}: no peers, no block", claim.slot);
			return false;
		}
		// What peers claim matters only where this node's own head is old.
		let recent = claim.parent_slot.saturating_add(u64::from(MAX_BLOCKS_BEHIND)) >= claim.slot;
		if recent {
			return true;
		}
		let seen = self.network.best_seen().await.unwrap_or(0);
		let behind = seen.saturating_sub(*claim.parent.number());
		if behind > MAX_BLOCKS_BEHIND {
			log::debug!(target: LOG_TARGET, "slot {}: {behind} blocks behind, no block", claim.slot);
			return false;
		}
		true
	}

	async fn author(&mut self, claim: Claim, end: Instant) -> Result<(), Skipped> {
		let (slot, duration) = (claim.slot, claim.schedule.slot_duration);
		let digest = PreDigest {
			slot,
			author: claim.author,
			// Known before a block is built is only what became of the last one.
			full: self.last.full,
			vrf: self.vrf(&claim)?,
			finalized: self.finalized_below(&claim.parent)?,
		};
		let plan = self.plan(&claim, &digest, end).await?;
		let built = self.builder.build(&claim.parent, plan).await?;
		self.last.full = built.full;
		self.last.large_waits = built.large_waits;
		if built.took_large {
			self.last.large_turn = Some(claim.schedule.turn(slot));
		}
		// The builder keeps to its time but for what it has begun; a whole slot more means that something is wrong.
		if Instant::now() > end + duration.as_duration() {
			return Err(Skipped::TooSlow);
		}
		let seal = self.seal(&claim.key, built.header.hash())?;
		let mut sealed = built.header.clone();
		sealed.digest_mut().push(seal.clone());
		let (number, hash, transactions) = (*sealed.number(), sealed.hash(), built.body.len());

		self.signer.authorize_block(slot)?;
		// A key may have come since the start.
		let since = self.signer.record().last_authored_slot.into();
		self.import.watch_own_key(claim.key.clone(), since);
		self.import.authored(slot, &claim.key, &sealed);
		self.push.push(SealedBlock {
			header: sealed,
			body: built.body.clone(),
		});
		let role = claim.role;
		self.import_own(claim, digest, built, seal, hash).await?;
		self.handle
			.update(|status| status.authored = status.authored.saturating_add(1));
		log::debug!(
			target: LOG_TARGET,
			"Authored block {number} ({hash:?}) in slot {slot} as {role:?} with {transactions} extrinsics, {} ms \
				 into the slot",
			clock::unix_ms().saturating_sub(clock::slot_start(slot, duration)),
		);
		Ok(())
	}

	/// What the block is to be.
	async fn plan(&mut self, claim: &Claim, digest: &PreDigest<H256>, end: Instant) -> Result<BlockPlan, Skipped> {
		let duration = claim.schedule.slot_duration;
		let start = clock::slot_start(claim.slot, duration);
		// The timestamp has to lie in the slot, however late this thread was woken.
		let last_ms = start.saturating_add(duration.as_millis().saturating_sub(1));
		let timestamp = clock::unix_ms().clamp(start, last_ms);
		let inherents = sp_timestamp::InherentDataProvider::new(timestamp.into())
			.create_inherent_data()
			.await
			.map_err(|error| Skipped::Timestamp(error.to_string()))?;
		let max_bytes = if hands_over(&claim.schedule, claim.slot) {
			self.block_bytes.min(LAST_BLOCK_BYTES)
		} else {
			self.block_bytes
		};
		Ok(BlockPlan {
			digest: Digest {
				logs: vec![pre_digest_item(digest)],
			},
			inherents,
			end,
			max_bytes,
			seek_large: self.last.takes_large(&claim.schedule, claim.slot),
		})
	}

	/// Imports a block of this node's own making: it need not be executed again.
	async fn import_own(
		&mut self,
		claim: Claim,
		digest: PreDigest<H256>,
		built: BuiltBlock,
		seal: DigestItem,
		hash: H256,
	) -> Result<(), Skipped> {
		let checked = Checked {
			digest,
			author: claim.key,
			primary: claim.role == Role::Director,
			slot_duration: claim.schedule.slot_duration,
			ends_set: self.chain.change_in(&built.header)?.is_some(),
			seen: Instant::now(),
		};
		let mut params = BlockImportParams::new(BlockOrigin::Own, built.header);
		params.post_digests.push(seal);
		params.post_hash = Some(hash);
		params.body = Some(built.body);
		params.state_action = StateAction::ApplyChanges(StorageChanges::Changes(built.changes));
		PocaBlockImport::mark_checked(&mut params, checked);
		match self.import.import_block(params).await {
			Ok(ImportResult::Imported(_) | ImportResult::AlreadyInChain) => Ok(()),
			Ok(other) => Err(Skipped::Import(format!("{other:?}"))),
			Err(error) => Err(Skipped::Import(error.to_string())),
		}
	}

	/// The VRF output that the first block of a turn carries.
	fn vrf(&self, claim: &Claim) -> Result<Option<sr25519::vrf::VrfSignature>, Skipped> {
		let Claim {
			slot, key, schedule, ..
		} = claim;
		if !schedule.starts_turn(claim.parent_slot, *slot) {
			return Ok(None);
		}
		let input = schedule.vrf_input(*slot)?;
		match self
			.keystore
			.sr25519_vrf_sign(KEY_TYPE, &sr25519::Public::from(key.clone()), &input)
		{
			Ok(Some(vrf)) => Ok(Some(vrf)),
			_ => Err(Skipped::Keystore(key.clone())),
		}
	}

	fn seal(&self, key: &AuthorityId, pre_hash: H256) -> Result<DigestItem, Skipped> {
		let payload = seal_payload(&self.chain.info().genesis_hash, &pre_hash);
		match self
			.keystore
			.sr25519_sign(KEY_TYPE, &sr25519::Public::from(key.clone()), &payload)
		{
			Ok(Some(signature)) => Ok(seal_item(&signature.into())),
			_ => Err(Skipped::Keystore(key.clone())),
		}
	}

	/// What this node holds final, as a child of `parent` may say it: an ancestor, never lower than what `parent` says.
	fn finalized_below(&self, parent: &Header) -> Result<FinalizedRef<H256>, Skipped> {
		let info = self.chain.info();
		let ours = FinalizedRef {
			number: info.finalized_number,
			hash: info.finalized_hash,
		};
		let parents = match self.chain.pre_digest_of(parent)? {
			Some(digest) => digest.finalized,
			None => FinalizedRef {
				number: 0,
				hash: parent.hash(),
			},
		};
		// The head always extends what is final here; a parent's author may have known of more.
		Ok(if parents.number > ours.number { parents } else { ours })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_testkit as testkit;

	fn status(state: SyncState<u32>, best_seen_block: Option<u32>) -> SyncStatus<Block> {
		SyncStatus {
			state,
			best_seen_block,
			num_peers: 3,
			queued_blocks: 0,
			state_sync: None,
			warp_sync: None,
		}
	}

	#[test]
	fn a_large_transaction_has_the_first_half_of_each_turn_however_long() {
		for (turn_length, first_half) in [(1, 1), (2, 1), (3, 2), (8, 4), (12, 6)] {
			let schedule = Schedule {
				turn_length,
				..testkit::schedule(Vec::new())
			};
			let mut last = LastBlock {
				large_waits: true,
				..LastBlock::default()
			};
			let turn = u64::from(turn_length) * 100;
			let slots = |last: &LastBlock| {
				(turn..turn + u64::from(turn_length))
					.filter(|slot| last.takes_large(&schedule, (*slot).into()))
					.count()
			};
			assert_eq!(slots(&last), first_half, "turns of {turn_length}");
			last.large_turn = Some(100);
			assert_eq!(slots(&last), 0, "once a turn");
			last.large_turn = Some(99);
			assert_eq!(slots(&last), first_half, "and again in the next");
		}
	}

	#[test]
	fn peers_stay_ahead_until_their_blocks_are_imported() {
		let target = 2_640;
		let states = [
			status(SyncState::Idle, Some(target)),
			status(SyncState::Downloading { target }, Some(target)),
			status(SyncState::Importing { target }, None),
		];
		for state in states {
			assert_eq!(height_of_peers(&state), Some(target));
		}
		assert_eq!(height_of_peers(&status(SyncState::Idle, None)), None);
	}
}
