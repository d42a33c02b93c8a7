//! The transaction pool, and what becomes of a transaction for which it has no room.
//!
//! Of a pool that is over its limit the SDK's removes the *oldest* of the transactions with the lowest priority, and
//! with it all that need it: one too many of one account, and all that it has sent are gone. Here the limit is kept
//! from outside, before the SDK's own, which lies above it ([`Limits::headroom`]): what would come into a block last
//! has no room. So a newcomer is refused, unless it pays more than what is there; then it takes the places of the last.

use crate::Client;
use futures::lock::Mutex;
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::{
	error::Error as PoolError, ChainEvent, ImportNotificationStream, LocalTransactionFor, LocalTransactionPool,
	MaintainedTransactionPool, PoolStatus, ReadyTransactions, TransactionFor, TransactionPool, TransactionSource,
	TransactionStatusStreamFor, TxHash, TxInvalidityReportMap,
};
use schnellru::{ByLength, LruMap};
use smartchain_consensus::Block;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use sp_runtime::{
	transaction_validity::{TransactionPriority, ValidTransaction},
	OpaqueExtrinsic,
};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;
use std::{
	collections::{HashMap, HashSet},
	pin::Pin,
	sync::Arc,
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

	fn is_exceeded(self, status: &PoolStatus) -> bool {
		status.ready > self.count || status.ready_bytes > self.bytes()
	}

	/// How many of these transactions, in the order in which blocks take them, are within the limits.
	#[must_use]
	pub fn kept(self, sizes: &[usize]) -> usize {
		let mut bytes = 0_usize;
		let mut fits = |size: &usize| {
			bytes = bytes.saturating_add(*size);
			bytes <= self.bytes()
		};
		sizes
			.iter()
			.take(self.count)
			.map_while(|size| fits(size).then_some(()))
			.count()
	}
}

/// What is known of a full pool, and of those that wanted to come in.
pub struct Door {
	/// The lowest priority in the pool, as of a best block.
	floor: Option<(H256, TransactionPriority)>,
	/// What those had that were refused.
	refused: LruMap<H256, TransactionPriority, ByLength>,
}

/// Whether a transaction may come into a full pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
	/// It pays more than the least in the pool.
	Open,
	/// It does not.
	Closed,
	/// The runtime has to be asked what it pays.
	Unknown,
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

	/// Whether a transaction may come in, by what it had when it was refused.
	pub fn known(&self, transaction: &H256, floor: TransactionPriority) -> Entry {
		match self.refused.peek(transaction) {
			None => Entry::Unknown,
			Some(priority) if *priority <= floor => Entry::Closed,
			Some(_) => Entry::Open,
		}
	}

	/// Whether a transaction of this priority may come in. If not, that is remembered.
	pub fn judge(&mut self, transaction: H256, priority: TransactionPriority, floor: TransactionPriority) -> Entry {
		if priority > floor {
			return Entry::Open;
		}
		self.refused.insert(transaction, priority);
		Entry::Closed
	}
}

/// The pool of this node.
pub struct Pool {
	inner: Inner,
	client: Arc<Client>,
	/// `None` leaves all to the SDK's pool.
	limits: Option<Limits>,
	door: Mutex<Door>,
}

impl Pool {
	/// Keeps the SDK's pool within limits.
	pub(crate) fn new(inner: Inner, client: Arc<Client>, limits: Option<Limits>) -> Self {
		Self {
			inner,
			client,
			limits,
			door: Mutex::default(),
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
		let hash = self.inner.hash_of(transaction);
		// Of one that it has, the pool says so, and nobody is blamed.
		let is_known = self.inner.ready_transaction(&hash).is_some();
		if is_known || !limits.is_full(&self.inner.status(), transaction.inner().len()) {
			return Ok(());
		}
		// One at a time: it is work for a transaction that may be refused.
		let mut door = self.door.lock().await;
		let best = self.client.info().best_hash;
		let floor = door.floor(best, || {
			self.inner.ready().map(|waiting| waiting.priority).min().unwrap_or(0)
		});
		let entry = match door.known(&hash, floor) {
			Entry::Unknown => match self.valid(at, source, transaction) {
				Some(valid) => door.judge(hash, valid.priority, floor),
				// The pool says why, and bans it.
				None => Entry::Open,
			},
			known => known,
		};
		match entry {
			Entry::Closed => Err(no_room()),
			Entry::Open | Entry::Unknown => Ok(()),
		}
	}

	/// Takes out what would come into a block last, until the rest is within the limits.
	async fn make_room(&self) -> HashSet<H256> {
		let Some(limits) = self.limits.filter(|limits| limits.is_exceeded(&self.inner.status())) else {
			return HashSet::new();
		};
		let mut door = self.door.lock().await;
		let waiting: Vec<_> = self.inner.ready().collect();
		let sizes: Vec<_> = waiting.iter().map(|transaction| transaction.bytes).collect();
		// In the order of inclusion: what needs another comes after it, so that nothing goes which others need.
		let (stay, go) = waiting.split_at(limits.kept(&sizes));
		let lowest = stay.iter().map(|waiting| waiting.priority).min();
		door.floor = lowest.map(|priority| (self.client.info().best_hash, priority));
		for transaction in go {
			door.refused.insert(transaction.hash, transaction.priority);
		}
		let go: HashSet<H256> = go.iter().map(|transaction| transaction.hash).collect();
		if !go.is_empty() {
			let report = go.iter().map(|hash| (*hash, None)).collect();
			self.inner.report_invalid(None, report).await;
		}
		go
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
		self.inner.maintain(event).await;
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
