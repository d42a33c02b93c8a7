//! The transaction pool, and what becomes of a transaction for which it has no room.
//!
//! Of a pool that is over its limit the SDK's removes the *oldest* of the transactions with the lowest priority, and
//! with it all that need it: one too many of one account, and all that it has sent are gone. Here the limit is kept
//! from outside, before the SDK's own, which lies above it ([`Limits::headroom`]): what would come into a block last
//! has no room. So a newcomer is refused, unless it pays more than what is there; then it takes the places of the last.
//! It counts for no more than what it needs: however much the next transaction of an account pays, it comes into a
//! block after the one before.
//!
//! When another runtime comes into force, all that was signed for the one before is worthless at once. The SDK's pool
//! finds out by validating a quarter of what waits five times a second, in any order, while the accounts that sign
//! again are refused: their transactions are worth no more than those whose places they want. Here the first of each
//! account is looked at ([`heads`]), and what needs one that is worthless goes with it.

use crate::Client;
use codec::Encode;
use futures::lock::Mutex;
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::{
	error::Error as PoolError, ChainEvent, ImportNotificationStream, LocalTransactionFor, LocalTransactionPool,
	MaintainedTransactionPool, PoolStatus, ReadyTransactions, TransactionFor, TransactionPool, TransactionSource,
	TransactionStatusStreamFor, TxHash, TxInvalidityReportMap,
};
use schnellru::{ByLength, LruMap};
use smartchain_chain::{Block, LOG_TARGET};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::{traits::CallContext, H256};
use sp_runtime::{
	transaction_validity::{TransactionPriority, TransactionTag, TransactionValidityError, ValidTransaction},
	OpaqueExtrinsic,
};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;
use std::{
	collections::{HashMap, HashSet},
	pin::Pin,
	sync::Arc,
	time::Instant,
};

/// The SDK's pool.
pub(crate) type Inner = TransactionPoolHandle<Block, Client>;
type Error = <Inner as TransactionPool>::Error;
type InPool = <Inner as TransactionPool>::InPoolTransaction;
type Ready = Box<dyn ReadyTransactions<Item = Arc<InPool>> + Send>;

/// How much higher the SDK's own limits lie: more than what can come in before this pool makes room again, such as the
/// transactions of some full blocks that are taken back at once.
const HEADROOM_COUNT: usize = 16 * 1024;
const HEADROOM_KBYTES: usize = 16 * 1024;
/// Transactions for which there was no room, and whose worth is remembered: some clients try again with every block.
const MAX_REFUSED: u32 = 16 * 1024;
/// Which part of a pool that is over its limits is emptied: to find out what comes last takes a look at all of it, and
/// it shall not take one for each newcomer that pays more.
const CLEARED: usize = 64;
/// How many transactions are looked at when another runtime comes into force: a third of a second of one processor. If
/// there are more accounts, the SDK's pool finds the rest.
const MOST_HEADS: usize = 1024;

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// Transactions.
	pub count: usize,
	/// Kilobytes of them.
	pub kbytes: usize,
}

impl Limits {
	/// The limits for the SDK's pool.
	#[must_use]
	pub fn headroom(self) -> Self {
		Self {
			count: self.count.saturating_add(HEADROOM_COUNT),
			kbytes: self.kbytes.saturating_add(HEADROOM_KBYTES),
		}
	}

	fn bytes(self) -> usize {
		self.kbytes.saturating_mul(1024)
	}

	/// Whether one more transaction, of this size, exceeds them.
	#[must_use]
	pub fn is_full(self, status: &PoolStatus, more: usize) -> bool {
		status.ready >= self.count || status.ready_bytes.saturating_add(more) > self.bytes()
	}

	fn is_exceeded(self, count: usize, bytes: usize) -> bool {
		count > self.count || bytes > self.bytes()
	}

	/// The limits within which a pool that has exceeded these is brought.
	fn cleared(self) -> Self {
		Self {
			count: self.count.saturating_sub(self.count / CLEARED),
			kbytes: self.kbytes.saturating_sub(self.kbytes / CLEARED),
		}
	}

	/// Which of these, in the order in which blocks take them, stay: all if they are within the limits, or else so many
	/// that some more have room. One that exceeds this goes, and what needs it; others after it stay.
	#[must_use]
	pub fn kept<'a>(self, waiting: &[Claim<'a>]) -> Vec<bool> {
		let all = waiting.iter().map(|claim| claim.bytes).fold(0, usize::saturating_add);
		let limits = if self.is_exceeded(waiting.len(), all) {
			self.cleared()
		} else {
			self
		};
		let (mut count, mut bytes) = (0_usize, 0_usize);
		let mut gone: HashSet<&'a TransactionTag> = HashSet::new();
		let stays = |claim: &Claim<'a>| {
			let with_it = bytes.saturating_add(claim.bytes);
			let fits = !limits.is_exceeded(count.saturating_add(1), with_it);
			if !fits || claim.requires.iter().any(|tag| gone.contains(tag)) {
				gone.extend(claim.provides);
				return false;
			}
			(count, bytes) = (count.saturating_add(1), with_it);
			true
		};
		waiting.iter().map(stays).collect()
	}

	/// Whether a newcomer [stays](Self::kept) with all that comes into a block before it: what is worth as much, or
	/// more. Nothing is worth more than what it needs. `waiting` is in the order in which blocks take it.
	#[must_use]
	pub fn has_room(self, waiting: &[Claim], newcomer: &Claim) -> bool {
		let mut worths: HashMap<&TransactionTag, TransactionPriority> = HashMap::new();
		let mut all = Vec::with_capacity(waiting.len());
		for claim in waiting {
			let worth = claim.worth(&worths);
			worths.extend(claim.provides.iter().map(|tag| (tag, worth)));
			all.push((claim, worth));
		}
		let least = newcomer.worth(&worths);
		all.retain(|(claim, _)| !claim.provides.iter().any(|tag| newcomer.provides.contains(tag)));
		let is_too_much = |limits: Self, least: TransactionPriority| {
			let with = all.iter().filter(|(_, worth)| *worth >= least);
			let (count, bytes) = with.fold((1_usize, newcomer.bytes), |(count, bytes), (claim, _)| {
				(count.saturating_add(1), bytes.saturating_add(claim.bytes))
			});
			limits.is_exceeded(count, bytes)
		};
		// If it takes the place of another one, nobody has to go.
		!is_too_much(self, TransactionPriority::MIN) || !is_too_much(self.cleared(), least)
	}
}

/// A transaction, as far as its place in the pool goes.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
	/// Its size.
	pub bytes: usize,
	/// What it pays, as the pool reckons.
	pub priority: TransactionPriority,
	/// What has to come into a block before it.
	pub requires: &'a [TransactionTag],
	/// What others may require.
	pub provides: &'a [TransactionTag],
}

impl Claim<'_> {
	/// The lowest priority of it and of all that it needs, if what each tag is worth is known.
	fn worth(&self, worths: &HashMap<&TransactionTag, TransactionPriority>) -> TransactionPriority {
		let needed = self.requires.iter().filter_map(|tag| worths.get(tag).copied());
		needed.fold(self.priority, TransactionPriority::min)
	}
}

/// Which of these need none of the others: the first of each account. `waiting` is in the order in which blocks take
/// it.
#[must_use]
pub fn heads(waiting: &[Claim]) -> Vec<bool> {
	let mut provided: HashSet<&TransactionTag> = HashSet::new();
	let mut heads = Vec::with_capacity(waiting.len());
	for claim in waiting {
		heads.push(!claim.requires.iter().any(|tag| provided.contains(tag)));
		provided.extend(claim.provides);
	}
	heads
}

fn claims(waiting: &[Arc<InPool>]) -> Vec<Claim<'_>> {
	waiting
		.iter()
		.map(|transaction| Claim {
			bytes: transaction.bytes,
			priority: transaction.priority,
			requires: &transaction.requires,
			provides: &transaction.provides,
		})
		.collect()
}

/// What is known of a full pool, and of those that wanted to come in.
pub struct Door {
	/// The lowest priority in the pool, as of a best block.
	floor: Option<(H256, TransactionPriority)>,
	/// Why these were refused.
	refused: LruMap<H256, NoRoom, ByLength>,
}

/// Why there was no room for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
	/// It has this priority, and the least in the pool had no less.
	Pays(TransactionPriority),
	/// With what comes into a block before it, it was too much, as of this best block: the next may take that.
	Behind(H256),
}

impl Default for Door {
	fn default() -> Self {
		Self {
			floor: None,
			refused: LruMap::new(ByLength::new(MAX_REFUSED)),
		}
	}
}

impl Door {
	/// The lowest priority in the pool; `look` finds it where it is not known for this block.
	pub fn floor(&mut self, best: H256, look: impl FnOnce() -> TransactionPriority) -> TransactionPriority {
		match self.floor {
			Some((at, priority)) if at == best => priority,
			_ => {
				let priority = look();
				self.floor = Some((best, priority));
				priority
			}
		}
	}

	/// Whether there is still no room for a transaction that was refused, known without a look at it.
	#[must_use]
	pub fn is_closed(&self, transaction: &H256, best: H256, floor: TransactionPriority) -> bool {
		match self.refused.peek(transaction) {
			None => false,
			Some(NoRoom::Pays(priority)) => *priority <= floor,
			Some(NoRoom::Behind(at)) => *at == best,
		}
	}

	/// There is no room for a transaction.
	pub fn refuse(&mut self, transaction: H256, why: NoRoom) {
		self.refused.insert(transaction, why);
	}
}

/// What is to be known of the door before a transaction comes in.
struct Look {
	best: H256,
	floor: TransactionPriority,
	is_closed: bool,
}

/// The pool of this node.
pub struct Pool {
	inner: Inner,
	client: Arc<Client>,
	/// `None` leaves all to the SDK's pool.
	limits: Option<Limits>,
	door: Mutex<Door>,
	/// Held while the runtime is asked of a newcomer to a full pool: one at a time, for it is work for a transaction
	/// that may be refused.
	asking: Mutex<()>,
	/// The version of the runtime as of the best block that the pool heard of last.
	version: parking_lot::Mutex<Option<u32>>,
}

impl Pool {
	/// Keeps the SDK's pool within limits.
	pub(crate) fn new(inner: Inner, client: Arc<Client>, limits: Option<Limits>) -> Self {
		Self {
			inner,
			client,
			limits,
			door: Mutex::default(),
			asking: Mutex::default(),
			version: parking_lot::Mutex::default(),
		}
	}

	/// What the runtime says of a transaction, where it is valid.
	fn valid(&self, at: H256, source: TransactionSource, transaction: &OpaqueExtrinsic) -> Option<ValidTransaction> {
		let api = self.client.runtime_api();
		api.validate_transaction(at, source, transaction.clone(), at).ok()?.ok()
	}

	/// Refuses a transaction for which there is no room, before the pool has it: what it removes it bans.
	async fn admit(&self, at: H256, source: TransactionSource, transaction: &OpaqueExtrinsic) -> Result<(), Error> {
		let Some(limits) = self.limits else { return Ok(()) };
		// This node's own are few, and valid: heartbeats, reports, votes on record. They must not wait in a siege.
		if source == TransactionSource::Local {
			return Ok(());
		}
		let (hash, bytes) = (self.inner.hash_of(transaction), transaction.encoded_size());
		// Of one that it has, the pool says so, and nobody is blamed.
		let is_known = self.inner.ready_transaction(&hash).is_some();
		if is_known || !limits.is_full(&self.inner.status(), bytes) {
			return Ok(());
		}
		if self.look(&hash).await.is_closed {
			return Err(no_room());
		}
		let _asking = self.asking.lock().await;
		// It was long, perhaps.
		let Look { best, floor, is_closed } = self.look(&hash).await;
		if is_closed {
			return Err(no_room());
		}
		// If it is not valid, the pool says why, and bans it.
		let Some(valid) = self.valid(at, source, transaction) else {
			return Ok(());
		};
		let why = if valid.priority <= floor {
			NoRoom::Pays(valid.priority)
		} else if self.has_room(limits, bytes, &valid) {
			return Ok(());
		} else {
			NoRoom::Behind(best)
		};
		self.door.lock().await.refuse(hash, why);
		Err(no_room())
	}

	async fn look(&self, hash: &H256) -> Look {
		let mut door = self.door.lock().await;
		let best = self.client.info().best_hash;
		let floor = door.floor(best, || {
			self.inner.ready().map(|waiting| waiting.priority).min().unwrap_or(0)
		});
		let is_closed = door.is_closed(hash, best, floor);
		Look { best, floor, is_closed }
	}

	fn has_room(&self, limits: Limits, bytes: usize, valid: &ValidTransaction) -> bool {
		let waiting: Vec<_> = self.inner.ready().collect();
		let newcomer = Claim {
			bytes,
			priority: valid.priority,
			requires: &valid.requires,
			provides: &valid.provides,
		};
		limits.has_room(&claims(&waiting), &newcomer)
	}

	/// Takes out what would come into a block last, until the rest is within the limits and some more have room.
	async fn make_room(&self) -> HashSet<H256> {
		let Some(limits) = self.limits else {
			return HashSet::new();
		};
		let status = self.inner.status();
		if !limits.is_exceeded(status.ready, status.ready_bytes) {
			return HashSet::new();
		}
		let mut door = self.door.lock().await;
		let waiting: Vec<_> = self.inner.ready().collect();
		let kept = limits.kept(&claims(&waiting));
		let (stay, go): (Vec<_>, Vec<_>) = waiting.iter().zip(kept).partition(|(_, stays)| *stays);
		let lowest = stay.iter().map(|(waiting, _)| waiting.priority).min();
		let best = self.client.info().best_hash;
		// Whoever comes next is let in until the pool is full again.
		door.floor = None;
		for (transaction, _) in &go {
			let why = match lowest {
				Some(lowest) if transaction.priority <= lowest => NoRoom::Pays(transaction.priority),
				_ => NoRoom::Behind(best),
			};
			door.refuse(transaction.hash, why);
		}
		let go: HashSet<H256> = go.iter().map(|(transaction, _)| transaction.hash).collect();
		if !go.is_empty() {
			let report = go.iter().map(|hash| (*hash, None)).collect();
			self.inner.report_invalid(None, report).await;
		}
		go
	}

	/// The version of the runtime that is in force after this block, if it is another than before.
	fn new_version(&self, at: H256) -> Option<u32> {
		// As validating does.
		let now = self
			.client
			.runtime_version_at(at, CallContext::Offchain)
			.ok()?
			.spec_version;
		let before = self.version.lock().replace(now)?;
		(before != now).then_some(now)
	}

	/// Lets go of what another runtime has made worthless. The pool has been told of the block before, so that what the
	/// block holds is gone already.
	async fn leave_behind(&self, at: H256) {
		// The other kind of pool validates all anew after each block.
		if self.limits.is_none() {
			return;
		}
		let Some(version) = self.new_version(at) else { return };
		let started = Instant::now();
		let waiting: Vec<_> = self.inner.ready().collect();
		let is_head = heads(&claims(&waiting));
		let heads = waiting.iter().zip(is_head).filter(|(_, is_head)| *is_head);
		let mut suspects: Vec<_> = heads.map(|(transaction, _)| transaction.clone()).collect();
		// Those that come too early would keep out what is signed again once their turn comes.
		suspects.extend(self.inner.futures().into_iter().map(Arc::new));
		suspects.truncate(MOST_HEADS);
		if suspects.is_empty() {
			return;
		}
		let mut invalid = TxInvalidityReportMap::default();
		for transaction in &suspects {
			if let Some(error) = self.invalid(at, transaction) {
				invalid.insert(transaction.hash, Some(error));
			}
			// A third of a millisecond each: others on this thread go on in between.
			tokio::task::yield_now().await;
		}
		let removed = if invalid.is_empty() {
			0
		} else {
			self.inner.report_invalid(Some(at), invalid).await.len()
		};
		log::info!(
			target: LOG_TARGET,
			"Version {version} of the runtime is in force: {removed} of {} transactions that waited were signed for \
			 another, or are worth nothing any more ({} were looked at, in {:.1?})",
			waiting.len(),
			suspects.len(),
			started.elapsed(),
		);
	}

	/// Why the runtime finds a transaction of the pool invalid; none if it does not, or does not know.
	fn invalid(&self, at: H256, transaction: &InPool) -> Option<TransactionValidityError> {
		let source = TransactionSource::from(transaction.source.clone());
		let data = OpaqueExtrinsic::clone(&transaction.data);
		let api = self.client.runtime_api();
		match api.validate_transaction(at, source, data, at) {
			Ok(Err(error @ TransactionValidityError::Invalid(_))) => Some(error),
			_ => None,
		}
	}
}

fn no_room() -> Error {
	PoolError::ImmediatelyDropped.into()
}

#[async_trait::async_trait]
impl TransactionPool for Pool {
	type Block = Block;
	type Hash = H256;
	type InPoolTransaction = InPool;
	type Error = Error;

	async fn submit_at(
		&self,
		at: H256,
		source: TransactionSource,
		transactions: Vec<TransactionFor<Self>>,
	) -> Result<Vec<Result<TxHash<Self>, Error>>, Error> {
		let mut results = Vec::with_capacity(transactions.len());
		for transaction in transactions {
			results.push(self.submit_one(at, source, transaction).await);
		}
		Ok(results)
	}

	async fn submit_one(
		&self,
		at: H256,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<TxHash<Self>, Error> {
		self.admit(at, source, &transaction).await?;
		let hash = self.inner.submit_one(at, source, transaction).await?;
		if self.make_room().await.contains(&hash) {
			return Err(no_room());
		}
		Ok(hash)
	}

	async fn submit_and_watch(
		&self,
		at: H256,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Error> {
		self.admit(at, source, &transaction).await?;
		let hash = self.inner.hash_of(&transaction);
		let events = self.inner.submit_and_watch(at, source, transaction).await?;
		if self.make_room().await.contains(&hash) {
			return Err(no_room());
		}
		Ok(events)
	}

	async fn ready_at(&self, at: H256) -> Ready {
		self.inner.ready_at(at).await
	}

	fn ready(&self) -> Ready {
		self.inner.ready()
	}

	async fn report_invalid(&self, at: Option<H256>, invalid: TxInvalidityReportMap<TxHash<Self>>) -> Vec<Arc<InPool>> {
		self.inner.report_invalid(at, invalid).await
	}

	fn futures(&self) -> Vec<InPool> {
		self.inner.futures()
	}

	fn status(&self) -> PoolStatus {
		self.inner.status()
	}

	fn import_notification_stream(&self) -> ImportNotificationStream<TxHash<Self>> {
		self.inner.import_notification_stream()
	}

	fn on_broadcasted(&self, propagations: HashMap<TxHash<Self>, Vec<String>>) {
		self.inner.on_broadcasted(propagations);
	}

	fn hash_of(&self, transaction: &TransactionFor<Self>) -> TxHash<Self> {
		self.inner.hash_of(transaction)
	}

	fn ready_transaction(&self, hash: &TxHash<Self>) -> Option<Arc<InPool>> {
		self.inner.ready_transaction(hash)
	}

	async fn ready_at_with_timeout(&self, at: H256, timeout: std::time::Duration) -> Ready {
		self.inner.ready_at_with_timeout(at, timeout).await
	}
}

#[async_trait::async_trait]
impl MaintainedTransactionPool for Pool {
	async fn maintain(&self, event: ChainEvent<Block>) {
		let best = match &event {
			ChainEvent::NewBestBlock { hash, .. } => Some(*hash),
			ChainEvent::NewBlock { .. } | ChainEvent::Finalized { .. } => None,
		};
		self.inner.maintain(event).await;
		if let Some(best) = best {
			self.leave_behind(best).await;
		}
		// Blocks that are taken back bring their transactions.
		self.make_room().await;
	}
}

impl LocalTransactionPool for Pool {
	type Block = Block;
	type Hash = H256;
	type Error = Error;

	fn submit_local(&self, at: H256, transaction: LocalTransactionFor<Self>) -> Result<H256, Error> {
		// An offchain worker's own, and few.
		self.inner.submit_local(at, transaction)
	}
}
