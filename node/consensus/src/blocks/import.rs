//! Which blocks enter the database: the verifier of headers and the block import around the client's.

use crate::{
	blocks::equivocation::{AuthorWatch, Wanted},
	own::offence::{Offence, Reporter},
};
use bft_finality_primitives::{scheduled_change, BlockRef, Certificate, ChangeError};
use codec::Encode;
use futures::{stream, Stream};
use poca_primitives::{
	find_pre_digest, seal_of, seal_payload, AuthorIndex, AuthorityId, DigestError, FinalizedRef, PreDigest, Role, Slot,
	SlotDuration, UnknownVrfVersion,
};
use sc_consensus::{
	BlockCheckParams, BlockImport, BlockImportParams, ForkChoiceStrategy, ImportResult, StateAction, Verifier,
};
use smartchain_chain::{
	certificate_in, clock, clock_guard::Clock, is_body_of, Block, Chain, ChainError, Header, Metrics, LOG_TARGET,
};
use smartchain_proofs::warp::{
	history::{History, Inner},
	WarpProvider,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_consensus::{BlockOrigin, Error as ConsensusError};
use sp_core::{crypto::VrfPublic, sr25519, H256};
use sp_runtime::{traits::Header as _, Justifications};
use std::{sync::Arc, time::Instant};

/// How many slots ahead of this machine's clock a block may be: clocks differ, and a block of the coming slot may be
/// early.
const MAX_SLOTS_AHEAD: u64 = 2;

/// Import events that wait for the voter before imports wait for it.
const IMPORT_EVENTS: usize = 4096;

/// The most bytes of a header, with its seal. One of this chain has a few KiB at most. Two of this length have to fit
/// into a report of equivocation (the equivocation pallet's `MAX_PROOF_BYTES`), also if neither block can be executed.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

const CHECKED: &[u8] = b"smartchain/checked";
/// On blocks that are not taken now though their sender is not to blame.
const PUT_OFF: &[u8] = b"smartchain/put-off";

/// Why a header is refused.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
	/// It is too long.
	#[error("it has {0} bytes, and none needs more than {MAX_HEADER_BYTES}")]
	TooLong(usize),
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
	/// It names another block as final than the one that its parent's chain has at that height.
	#[error("it holds block {number} ({hash:?}) final, which is no ancestor of it")]
	NoAncestor {
		/// The height that it names.
		number: u32,
		/// The hash that it names.
		hash: H256,
	},
	/// It came with another body.
	#[error("it came with a body that is not the header's")]
	OtherBody,
	/// Its author has sealed others in its slot, and nobody else needs this one.
	#[error("its author has sealed {n} others in slot {slot}, and nobody builds on this \
		 one", n = crate::blocks::equivocation::UNASKED)]
	Sibling {
		/// The slot.
		slot: Slot,
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
	#[error("its seal is not that of author {0}")]
	BadSeal(AuthorIndex),
	/// The chain follows a newer rule than this node.
	#[error(transparent)]
	UnknownVrf(#[from] UnknownVrfVersion),
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

impl HeaderError {
	/// Whether who sent the block is to blame. Neither this node's database nor its clock is the sender's fault, and of
	/// siblings others may have taken another than this node.
	pub fn is_the_senders_fault(&self) -> bool {
		!matches!(
			self,
			Self::Chain(_)
				| Self::Future { .. }
				| Self::UnknownParent(_)
				| Self::NoState
				| Self::Sibling { .. }
				| Self::UnknownVrf(_)
		)
	}
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
	/// Milliseconds of a slot.
	pub slot_duration: SlotDuration,
	/// When this node first saw it.
	pub seen: Instant,
}

/// What the voter is told by every import.
pub enum ImportEvent {
	/// A block is in the database.
	Block(Imported),
	/// This node has warped: this block is final, and its state is here.
	Warped(BlockRef),
	/// A certificate came with a block.
	Certificate(Certificate),
	/// One of this node's own authoring keys sealed a block that this node did not author.
	ForeignSeal(BlockRef),
}

/// A block that was imported.
pub struct Imported {
	/// The block.
	pub target: BlockRef,
	/// Its parent.
	pub parent: H256,
	/// Whether the slot's director sealed it.
	pub primary: bool,
	/// Whether it changes the voters.
	pub ends_set: bool,
	/// When this node first saw it.
	pub seen: Instant,
}

/// Checks a header in full, as far as that needs no execution: seal, slot, turn, VRF, and that what it holds final is
/// an ancestor. (That this never falls back is checked by the runtime while it executes the block.) `header` is without
/// its seal, `sealed` with it.
///
/// # Errors
/// See [`HeaderError`].
pub fn check_header(chain: &dyn Chain, header: &Header, sealed: &Header) -> Result<Checked, HeaderError> {
	check_length(sealed)?;
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
			let input = schedule.vrf_input(digest.slot)?;
			if !sr25519::Public::from(author.clone()).vrf_verify(&input, vrf) {
				return Err(HeaderError::BadVrf);
			}
		}
	}
	check_finalized(chain, &parent, &digest.finalized)?;
	Ok(Checked {
		digest,
		author,
		slot_duration: schedule.slot_duration,
		primary: role == Role::Director,
		ends_set: scheduled_change(header).map_err(HeaderError::Change)?.is_some(),
		seen: Instant::now(),
	})
}

fn check_length(sealed: &Header) -> Result<(), HeaderError> {
	match sealed.encoded_size() {
		bytes if bytes > MAX_HEADER_BYTES => Err(HeaderError::TooLong(bytes)),
		_ => Ok(()),
	}
}

/// That what a header holds final is an ancestor of it, or its parent. What the parent holds final was checked with the
/// parent; so only the headers between the two are walked, which are few but in a stall.
fn check_finalized(chain: &dyn Chain, parent: &Header, finalized: &FinalizedRef<H256>) -> Result<(), HeaderError> {
	let no_ancestor = HeaderError::NoAncestor {
		number: finalized.number,
		hash: finalized.hash,
	};
	if chain
		.pre_digest_of(parent)?
		.is_some_and(|digest| digest.finalized == *finalized)
	{
		return Ok(());
	}
	let info = chain.info();
	if finalized.number <= info.finalized_number {
		// Below what is final here there is one chain. A node that has warped lacks what lies further below.
		let known = chain.hash_at(finalized.number)?;
		return if known.is_none_or(|hash| hash == finalized.hash) {
			Ok(())
		} else {
			Err(no_ancestor)
		};
	}
	let (mut number, mut hash, mut header) = (*parent.number(), parent.hash(), parent.clone());
	while number > finalized.number {
		hash = *header.parent_hash();
		number = number.saturating_sub(1);
		let Some(next) = chain.header(hash)? else {
			return Err(HeaderError::UnknownParent(hash));
		};
		header = next;
	}
	if number == finalized.number && hash == finalized.hash {
		Ok(())
	} else {
		Err(no_ancestor)
	}
}

/// Verifies headers for the import queue and for pushed blocks.
#[derive(Clone)]
pub struct PocaVerifier {
	chain: Arc<dyn Chain>,
	history: History,
	watch: AuthorWatch,
	clock: Clock,
	reporter: Reporter,
	metrics: Metrics,
}

impl PocaVerifier {
	/// The author of a block that lacks its parent, as far as the schedule of another block knows it.
	///
	/// # Errors
	/// If that schedule does not know the author, or the seal is not the author's, or the slot lies ahead, or the
	/// header is too long.
	pub(crate) fn author_by(&self, at: H256, sealed: &Header) -> Result<AuthorityId, HeaderError> {
		check_length(sealed)?;
		let mut header = sealed.clone();
		header.digest_mut().pop();
		let digest = find_pre_digest(&header).map_err(HeaderError::Digest)?;
		let seal = seal_of(sealed).map_err(HeaderError::Digest)?;
		let schedule = self.chain.schedule(at)?;
		let now = clock::slot_now(schedule.slot_duration);
		if digest.slot > now.saturating_add(MAX_SLOTS_AHEAD) {
			return Err(HeaderError::Future { slot: digest.slot, now });
		}
		let author = schedule.key(digest.author).cloned();
		let author = author.ok_or(HeaderError::BadSeal(digest.author))?;
		let payload = seal_payload(&self.chain.info().genesis_hash, &header.hash());
		if author.verify(&payload, &seal) {
			Ok(author)
		} else {
			Err(HeaderError::BadSeal(digest.author))
		}
	}

	/// Who sealed a block, as far as the schedule of the best block knows.
	pub(crate) fn author_of(&self, sealed: &Header) -> Option<AuthorityId> {
		self.author_by(self.chain.info().best_hash, sealed).ok()
	}

	/// A block of another author names this one as its parent.
	pub(crate) fn want_parent(&self, parent: H256, author: AuthorityId) {
		self.watch.want(parent, Wanted::ParentFor(author));
	}

	/// Whether a certificate asks for this block.
	pub(crate) fn is_certified(&self, hash: &H256) -> bool {
		self.watch.is_certified(hash)
	}

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
		// Before anything that is dear: what came with the header is compared with it.
		if block.body.as_ref().is_some_and(|body| !is_body_of(&block.header, body)) {
			return Err(HeaderError::OtherBody);
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
		self.clock
			.authored(&checked.author, checked.digest.slot, checked.slot_duration);
		let admission = self
			.watch
			.admit(checked.digest.slot, &checked.author, &sealed, &self.metrics);
		// Before either is executed: the seals are the offence, whatever is under them.
		if let Some(first) = admission.contradicts {
			self.reporter.blocks(&checked.author, first, sealed.clone());
		}
		if !admission.admitted {
			return Err(HeaderError::Sibling {
				slot: checked.digest.slot,
			});
		}
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
			self.metrics.dropped("import", "bad_header");
			format!("block {number} ({hash:?}) refused: {error}")
		};
		if block.with_state() {
			self.history.verify_state(block).map_err(|error| refused(&error))
		} else if block.origin == BlockOrigin::GapSync {
			self.history.verify_old(block).map_err(|error| refused(&error))
		} else {
			// The queue parts with whoever sent a block that does not verify. So one that is not taken for no fault of
			// its sender passes here, and is put off by the import.
			let mut put_off = BlockImportParams::new(block.origin, block.header.clone());
			match self.check(block, Instant::now()) {
				Err(error) if !error.is_the_senders_fault() => {
					log::debug!(target: LOG_TARGET, "Block {number} ({hash:?}) is put off: {error}");
					self.metrics.dropped("import", "put_off");
					put_off.post_hash = Some(hash);
					put_off.insert_intermediate(PUT_OFF, ());
					Ok(put_off)
				}
				result => result.map_err(|error| refused(&error)),
			}
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
	clock: Clock,
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

impl ImportLink {
	/// The certificates that come with imported blocks, in their order, for where no voter runs. They end with the last
	/// import.
	pub fn certificates(self) -> impl Stream<Item = Certificate> {
		stream::unfold(self, |link| async move {
			loop {
				if let ImportEvent::Certificate(certificate) = link.events.recv().await.ok()? {
					return Some((certificate, link));
				}
			}
		})
	}
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
	let proven = smartchain_proofs::warp::ProvenBlocks::default();
	let import = PocaBlockImport {
		inner: Arc::new(client),
		history: History::new(chain.clone(), proven.clone()),
		warp: Arc::new(WarpProvider::new(chain.clone(), proven)),
		chain,
		events: sender,
		watch,
		clock: Clock::default(),
		reporter,
		metrics,
	};
	(import, ImportLink { events, offences })
}

impl PocaBlockImport {
	/// The verifier that belongs to this import.
	pub fn verifier(&self) -> PocaVerifier {
		PocaVerifier {
			chain: self.chain.clone(),
			history: self.history.clone(),
			watch: self.watch.clone(),
			clock: self.clock.clone(),
			reporter: self.reporter.clone(),
			metrics: self.metrics.clone(),
		}
	}

	/// The guard of this node's clock, to which the authors of checked blocks bear witness.
	pub(crate) fn clock(&self) -> Clock {
		self.clock.clone()
	}

	/// A certificate asks for this block, however many others its author has sealed in its slot.
	pub(crate) fn want_certified(&self, hash: H256) {
		self.watch.want(hash, Wanted::Certified);
	}

	/// What is remembered of who sealed what.
	pub(crate) fn watch(&self) -> AuthorWatch {
		self.watch.clone()
	}

	/// Serves and checks warp proofs; what it has checked this import takes.
	pub fn warp_provider(&self) -> Arc<WarpProvider> {
		self.warp.clone()
	}

	/// Notes a block of this node before it is imported, so that it is not taken for somebody else's.
	pub(crate) fn authored(&self, slot: Slot, author: &AuthorityId, sealed: &Header) {
		self.watch.authored(slot, author, sealed, &self.metrics);
	}

	/// From here on, seals of this key by others are reported.
	pub(crate) fn watch_own_key(&self, author: AuthorityId, since: Slot) {
		self.watch.own(author, since);
	}

	/// Marks a block of this node's own making as checked.
	pub(crate) fn mark_checked(block: &mut BlockImportParams<Block>, checked: Checked) {
		block.insert_intermediate(CHECKED, checked);
	}

	/// Where the certificates of blocks go that do not come to the import.
	pub(crate) fn known_certificates(&self) -> KnownCertificates {
		KnownCertificates {
			chain: self.chain.clone(),
			events: self.events.clone(),
		}
	}

	/// Where offences are reported.
	pub(crate) fn reporter(&self) -> Reporter {
		self.reporter.clone()
	}

	fn target_of(&self, block: &BlockImportParams<Block>) -> Result<BlockRef, ConsensusError> {
		let header = block.post_header();
		let slot = self.chain.slot_of(&header);
		let slot = slot.map_err(|error| ConsensusError::ClientImport(error.to_string()))?;
		Ok(BlockRef {
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

/// Hands on the certificates of blocks that the database has: the queue lets go of such blocks before they come to the
/// import. So a file that is read again makes final what it proves.
#[derive(Clone)]
pub(crate) struct KnownCertificates {
	chain: Arc<dyn Chain>,
	events: async_channel::Sender<ImportEvent>,
}

impl KnownCertificates {
	/// Takes what comes with a block, if the database has that, and if it is not final.
	pub fn take(&self, hash: H256, justifications: &Justifications) {
		let Some(certificate) = certificate_in(justifications) else {
			return;
		};
		let is_news = certificate.vote.decides().number > self.chain.info().finalized_number;
		if !is_news || !matches!(self.chain.header(hash), Ok(Some(_))) {
			return;
		}
		// Whoever reads a file makes final what it proves between any two blocks, so that there is room.
		if self.events.try_send(ImportEvent::Certificate(certificate)).is_err() {
			log::warn!(target: LOG_TARGET, "The proof that block {hash:?} is final is left out; import the file again");
		}
	}
}

#[async_trait::async_trait]
impl BlockImport<Block> for PocaBlockImport {
	type Error = ConsensusError;

	async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, Self::Error> {
		// A certificate asks for a block together with its ancestors.
		if self.watch.is_certified(&block.hash) {
			self.watch.want(block.parent_hash, Wanted::Certified);
		}
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
		if block.remove_intermediate::<()>(PUT_OFF).is_ok() {
			// For the sync the one answer without consequences: the sender stays, and the block comes again with a
			// child of it.
			return Ok(ImportResult::MissingState);
		}
		let parent = *block.header.parent_hash();
		let checked: Checked = block.remove_intermediate(CHECKED)?;
		let target = BlockRef {
			slot: *checked.digest.slot,
			number: *block.header.number(),
			hash,
		};
		// The voter verifies certificates and finalizes; an unchecked one must not reach the database.
		let certificate = block.justifications.take().as_ref().and_then(certificate_in);
		if matches!(block.state_action, StateAction::Skip) {
			log::debug!(target: LOG_TARGET, "block {} ({hash:?}) is imported without its state", target.number);
		}
		// A block on the best one is the best one; every other change of head is the voter's, who knows the
		// certificates.
		block.fork_choice = Some(ForkChoiceStrategy::Custom(self.chain.info().best_hash == parent));
		let result = self.inner.import_block(block).await?;
		if let ImportResult::Imported(_) = result {
			if self.watch.is_foreign(checked.digest.slot, &checked.author, &hash) {
				self.tell(ImportEvent::ForeignSeal(target)).await;
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

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
