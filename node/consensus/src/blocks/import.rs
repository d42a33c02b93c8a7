//! Which blocks enter the database: the verifier of headers and the block import around the client's.

use crate::{
	blocks::equivocation::AuthorWatch,
	chain::{
		certificate_in, clock,
		types::{Block, Header},
		Chain, ChainError,
	},
	own::offence::{Offence, Reporter},
	proofs::warp::{
		history::{History, Inner},
		WarpProvider,
	},
	shown::metrics::Metrics,
};
use bft_finality_primitives::{scheduled_change, Certificate, ChangeError, Target};
use poca_primitives::{
	find_pre_digest, seal_of, seal_payload, AuthorIndex, AuthorityId, DigestError, PreDigest, Role, Slot,
};
use prometheus_endpoint::Registry;
use sc_consensus::{
	BasicQueue, BlockCheckParams, BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, StateAction,
	Verifier,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_consensus::{BlockOrigin, Error as ConsensusError};
use sp_core::{crypto::VrfPublic, sr25519, H256};
use sp_runtime::traits::Header as _;
use std::{sync::Arc, time::Instant};

/// How many slots ahead of this machine's clock a block may be: clocks differ, and a block of the coming slot may be early.
const MAX_SLOTS_AHEAD: u64 = 2;

/// Import events that wait for the voter before imports wait for it.
const IMPORT_EVENTS: usize = 4096;

const CHECKED: &[u8] = b"smartchain/checked";

/// Why a header is refused.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
	/// Its digest is not POCA's.
	#[error("{0}")]
	Digest(DigestError),
	/// It changes the voters illegibly.
	#[error("{0}")]
	Change(ChangeError),
	/// The database or the runtime could not be asked.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// This node warps, and cannot tell yet who may author.
	#[error("this node has no state yet; it takes blocks when it has warped")]
	NoState,
	/// Its parent is not known.
	#[error("its parent {0:?} is not known")]
	UnknownParent(H256),
	/// Its slot lies too far ahead.
	#[error("its slot {slot} lies ahead of this machine's clock (slot {now}); if this goes on, check the clock")]
	Future {
		/// The header's.
		slot: Slot,
		/// The clock's.
		now: Slot,
	},
	/// Its author may not sign that slot.
	#[error("director {author} may not author slot {slot} on a parent in slot {parent}")]
	NotItsTurn {
		/// The place that it claims.
		author: AuthorIndex,
		/// The slot.
		slot: Slot,
		/// The parent's slot.
		parent: Slot,
	},
	/// Its seal is false.
	#[error("its seal is not that of director {0}")]
	BadSeal(AuthorIndex),
	/// Its VRF output is false.
	#[error("its VRF output does not verify")]
	BadVrf,
	/// It starts a turn and has no VRF output.
	#[error("it starts a turn and carries no VRF output")]
	NoVrf,
	/// It does not start a turn and has a VRF output.
	#[error("it carries a VRF output without starting a turn")]
	StrayVrf,
}

/// What the checks found out about a header.
pub struct Checked {
	/// Its pre-digest.
	pub digest: PreDigest<H256>,
	/// Who sealed it.
	pub author: AuthorityId,
	/// Whether the slot's director did, and not its standby.
	pub primary: bool,
	/// Whether it changes the voters.
	pub ends_set: bool,
	/// When this node first saw it.
	pub seen: Instant,
}

/// What the voter is told by every import.
pub enum ImportEvent {
	/// A block is in the database.
	Block(Imported),
	/// This node has warped: this block is final, and its state is here.
	Warped(Target),
	/// A certificate came with a block.
	Certificate(Certificate),
	/// One of this node's own authoring keys sealed a block that this node did not author.
	ForeignSeal(Target),
}

/// A block that was imported.
pub struct Imported {
	/// The block.
	pub target: Target,
	/// Its parent.
	pub parent: H256,
	/// Whether the slot's director sealed it.
	pub primary: bool,
	/// Whether it changes the voters.
	pub ends_set: bool,
	/// When this node first saw it.
	pub seen: Instant,
}

/// Checks a header in full, as far as that needs no execution: seal, slot, turn, VRF. (That `finalized` names an ancestor and never
/// falls back is checked by the runtime while it executes the block.) `header` is without its seal, `sealed` with it.
///
/// # Errors
/// See [`HeaderError`].
pub fn check_header(chain: &dyn Chain, header: &Header, sealed: &Header) -> Result<Checked, HeaderError> {
	let digest = find_pre_digest(header).map_err(HeaderError::Digest)?;
	let seal = seal_of(sealed).map_err(HeaderError::Digest)?;
	let parent_hash = *header.parent_hash();
	let parent = chain
		.header(parent_hash)?
		.ok_or(HeaderError::UnknownParent(parent_hash))?;
	let parent_slot = chain.slot_of(&parent)?;
	let schedule = chain.schedule(parent_hash)?;

	let now = clock::slot_now(schedule.slot_duration);
	if digest.slot > now.saturating_add(MAX_SLOTS_AHEAD) {
		return Err(HeaderError::Future { slot: digest.slot, now });
	}
	let not_its_turn = HeaderError::NotItsTurn {
		author: digest.author,
		slot: digest.slot,
		parent: parent_slot,
	};
	let Some(role) = schedule.role(parent_slot, digest.slot, digest.author) else {
		return Err(not_its_turn);
	};
	let Some(author) = schedule.key(digest.author).cloned() else {
		return Err(not_its_turn);
	};
	let payload = seal_payload(&chain.info().genesis_hash, &header.hash());
	if !author.verify(&payload, &seal) {
		return Err(HeaderError::BadSeal(digest.author));
	}
	match (&digest.vrf, schedule.starts_turn(parent_slot, digest.slot)) {
		(None, true) => return Err(HeaderError::NoVrf),
		(Some(_), false) => return Err(HeaderError::StrayVrf),
		(None, false) => (),
		(Some(vrf), true) => {
			let input = PreDigest::<H256>::vrf_input(&schedule.randomness, digest.slot);
			if !sr25519::Public::from(author.clone()).vrf_verify(&input, vrf) {
				return Err(HeaderError::BadVrf);
			}
		}
	}
	Ok(Checked {
		digest,
		author,
		primary: role == Role::Director,
		ends_set: scheduled_change(header).map_err(HeaderError::Change)?.is_some(),
		seen: Instant::now(),
	})
}

/// Verifies headers for the import queue and for pushed blocks.
#[derive(Clone)]
pub struct PocaVerifier {
	chain: Arc<dyn Chain>,
	history: History,
	metrics: Metrics,
}

impl PocaVerifier {
	/// As [`Verifier::verify`], for a block first seen at `seen`.
	///
	/// # Errors
	/// The reason why the block is refused.
	pub fn check(
		&self,
		mut block: BlockImportParams<Block>,
		seen: Instant,
	) -> Result<BlockImportParams<Block>, HeaderError> {
		if !self.chain.has_state() {
			return Err(HeaderError::NoState);
		}
		let sealed = block.header.clone();
		let mut checked = {
			seal_of(&sealed).map_err(HeaderError::Digest)?;
			let seal = block
				.header
				.digest_mut()
				.pop()
				.ok_or(HeaderError::Digest(DigestError::Unsealed))?;
			block.post_digests.push(seal);
			check_header(&*self.chain, &block.header, &sealed)?
		};
		checked.seen = seen;
		block.post_hash = Some(sealed.hash());
		block.insert_intermediate(CHECKED, checked);
		Ok(block)
	}
}

#[async_trait::async_trait]
impl Verifier<Block> for PocaVerifier {
	async fn verify(&self, block: BlockImportParams<Block>) -> Result<BlockImportParams<Block>, String> {
		let (number, hash) = (*block.header.number(), block.header.hash());
		let refused = |error: &dyn std::fmt::Display| {
			self.metrics.dropped("import", "bad header");
			format!("block {number} ({hash:?}) refused: {error}")
		};
		if block.with_state() {
			self.history.verify_state(block).map_err(|error| refused(&error))
		} else if block.origin == BlockOrigin::GapSync {
			self.history.verify_old(block).map_err(|error| refused(&error))
		} else {
			self.check(block, Instant::now()).map_err(|error| refused(&error))
		}
	}
}

/// The client's block import with POCA's fork choice before it and the voter told after it.
#[derive(Clone)]
pub struct PocaBlockImport {
	inner: Arc<Inner>,
	chain: Arc<dyn Chain>,
	history: History,
	warp: Arc<WarpProvider>,
	events: async_channel::Sender<ImportEvent>,
	watch: AuthorWatch,
	reporter: Reporter,
	metrics: Metrics,
}

/// What else needs to know of imports.
pub struct ImportLink {
	/// Every import, in order.
	pub(crate) events: async_channel::Receiver<ImportEvent>,
	/// Who signed two things where there is room for one.
	pub(crate) offences: async_channel::Receiver<Offence>,
}

/// The block import of a client, and what links it with the voter.
pub fn block_import(
	client: impl BlockImport<Block, Error = ConsensusError> + Send + Sync + 'static,
	chain: Arc<dyn Chain>,
	metrics: Metrics,
) -> (PocaBlockImport, ImportLink) {
	let (sender, events) = async_channel::bounded(IMPORT_EVENTS);
	let watch = AuthorWatch::default();
	let (reporter, offences) = Reporter::channel();
	let proven = crate::proofs::warp::ProvenBlocks::default();
	let import = PocaBlockImport {
		inner: Arc::new(client),
		history: History::new(chain.clone(), proven.clone()),
		warp: Arc::new(WarpProvider::new(chain.clone(), proven)),
		chain,
		events: sender,
		watch,
		reporter,
		metrics,
	};
	(import, ImportLink { events, offences })
}

/// The import queue over [`PocaVerifier`] and [`PocaBlockImport`].
pub fn import_queue(
	block_import: &PocaBlockImport,
	spawner: &impl sp_core::traits::SpawnEssentialNamed,
	registry: Option<&Registry>,
) -> BasicQueue<Block> {
	BasicQueue::new(
		block_import.verifier(),
		Box::new(block_import.clone()),
		None,
		spawner,
		registry,
	)
}

impl PocaBlockImport {
	/// The verifier that belongs to this import.
	pub fn verifier(&self) -> PocaVerifier {
		PocaVerifier {
			chain: self.chain.clone(),
			history: self.history.clone(),
			metrics: self.metrics.clone(),
		}
	}

	/// Serves and checks warp proofs; what it has checked this import takes.
	pub fn warp_provider(&self) -> Arc<WarpProvider> {
		self.warp.clone()
	}

	/// Notes a block of this node before it is imported, so that it is not taken for somebody else's.
	pub(crate) fn authored(&self, slot: Slot, author: &AuthorityId, hash: H256) {
		self.watch.authored(slot, author, hash);
	}

	/// From here on, seals of this key by others are reported.
	pub(crate) fn watch_own_key(&self, author: AuthorityId, since: Slot) {
		self.watch.own(author, since);
	}

	/// Marks a block of this node's own making as checked.
	pub(crate) fn mark_checked(block: &mut BlockImportParams<Block>, checked: Checked) {
		block.insert_intermediate(CHECKED, checked);
	}

	/// Where offences are reported.
	pub(crate) fn reporter(&self) -> Reporter {
		self.reporter.clone()
	}

	/// Reports the author of two blocks. Both were imported, so that the database has their headers, with their seals.
	fn report(&self, author: &AuthorityId, first: H256, second: H256) {
		match (self.chain.header(first), self.chain.header(second)) {
			(Ok(Some(first)), Ok(Some(second))) => self.reporter.blocks(author, first, second),
			_ => {
				log::debug!(target: crate::chain::types::LOG_TARGET, "not reported, as {first:?} or {second:?} is gone")
			}
		}
	}

	fn target_of(&self, block: &BlockImportParams<Block>) -> Result<Target, ConsensusError> {
		let header = block.post_header();
		let slot = self.chain.slot_of(&header);
		let slot = slot.map_err(|error| ConsensusError::ClientImport(error.to_string()))?;
		Ok(Target {
			slot: *slot,
			number: *header.number(),
			hash: header.hash(),
		})
	}

	async fn tell(&self, event: ImportEvent) {
		// The channel closes only when the node stops.
		let _ = self.events.send(event).await;
	}
}

#[async_trait::async_trait]
impl BlockImport<Block> for PocaBlockImport {
	type Error = ConsensusError;

	async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, Self::Error> {
		self.inner.check_block(self.history.check(block)).await
	}

	async fn import_block(&self, mut block: BlockImportParams<Block>) -> Result<ImportResult, Self::Error> {
		let hash = block.post_hash();
		match block.origin {
			BlockOrigin::WarpSync => return self.history.import_change(&*self.inner, block).await,
			_ if block.with_state() => {
				let target = self.target_of(&block)?;
				let result = self.history.import_state(&*self.inner, block).await?;
				if let ImportResult::Imported(_) = result {
					self.tell(ImportEvent::Warped(target)).await;
				}
				return Ok(result);
			}
			BlockOrigin::GapSync => return self.history.import_old(&*self.inner, block).await,
			_ => (),
		}
		let parent = *block.header.parent_hash();
		let checked: Checked = block.remove_intermediate(CHECKED)?;
		let target = Target {
			slot: *checked.digest.slot,
			number: *block.header.number(),
			hash,
		};
		// The voter verifies certificates and finalizes; an unchecked one must not reach the database.
		let certificate = block.justifications.take().as_ref().and_then(certificate_in);
		if matches!(block.state_action, StateAction::Skip) {
			log::debug!(target: crate::chain::types::LOG_TARGET, "block {} ({hash:?}) is imported without its state", target.number);
		}
		// A block on the best one is the best one; every other change of head is the voter's, who knows the certificates.
		block.fork_choice = Some(ForkChoiceStrategy::Custom(self.chain.info().best_hash == parent));
		let result = self.inner.import_block(block).await?;
		if let ImportResult::Imported(_) = result {
			let sealed = self
				.watch
				.sealed(checked.digest.slot, &checked.author, hash, &self.metrics);
			if sealed.foreign {
				self.tell(ImportEvent::ForeignSeal(target)).await;
			}
			if let Some(first) = sealed.contradicts {
				self.report(&checked.author, first, hash);
			}
			self.tell(ImportEvent::Block(Imported {
				target,
				parent,
				primary: checked.primary,
				ends_set: checked.ends_set,
				seen: checked.seen,
			}))
			.await;
		}
		if let Some(certificate) = certificate {
			self.tell(ImportEvent::Certificate(certificate)).await;
		}
		Ok(result)
	}
}
