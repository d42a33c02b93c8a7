//! Which transactions of the pool get into a block.
//!
//! They are applied in batches, since every call into the runtime costs as much as a transfer itself. A batch takes
//! about [`BATCH_TIME`], so that the deadline is kept.

use codec::Encode;
use sc_transaction_pool_api::{InPoolTransaction, ReadyTransactions, TxInvalidityReportMap};
use smartchain_chain::kinds::WithoutRoom;
use sp_core::H256;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult, OpaqueExtrinsic,
};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};

/// How long a batch should take.
const BATCH_TIME: Duration = Duration::from_millis(10);
/// The first batch: nothing is known of the machine yet.
const FIRST_BATCH: usize = 8;
/// The most transactions of a batch.
const MAX_BATCH: usize = 64;
/// Bytes of a batch, but for a single transaction.
const MAX_BATCH_BYTES: usize = 256 * 1024;
/// How many transactions that do not fit are passed over before the block counts as full.
const MAX_SKIPPED: u32 = 8;

/// Why no more transactions were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
	/// The pool has no more.
	PoolEmpty,
	/// The time is over.
	Deadline,
	/// Its bytes are used up.
	Size,
	/// Its weight is used up.
	Weight,
	/// The runtime wants none in this block.
	Forbidden,
}

impl End {
	/// The word for it in metrics and logs.
	pub fn as_str(self) -> &'static str {
		match self {
			Self::PoolEmpty => "pool_empty",
			Self::Deadline => "deadline",
			Self::Size => "size",
			Self::Weight => "weight",
			Self::Forbidden => "forbidden",
		}
	}
}

/// Applies transactions one after the other to the block in progress. One that is refused leaves no trace.
pub(super) trait Apply {
	/// The results in the order of the batch; `None` where the runtime failed, and nothing of the batch was applied.
	fn apply(&mut self, batch: Vec<OpaqueExtrinsic>) -> Option<Vec<ApplyExtrinsicResult>>;
}

/// The limits of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
	/// When to stop.
	pub deadline: Instant,
	/// How many bytes of transactions there may be.
	pub bytes: usize,
}

/// What came of filling a block.
pub(super) struct Filled {
	/// The transactions in the block.
	pub body: Vec<OpaqueExtrinsic>,
	/// Those that the pool should forget, and why.
	pub invalid: TxInvalidityReportMap<H256>,
	pub end: End,
	/// Whether one was passed over that has more bytes than any block of this node.
	pub large_waits: bool,
}

impl Filled {
	/// Notes a transaction that was refused; whether because it did not fit.
	fn refused(&mut self, hash: H256, error: Option<TransactionValidityError>) -> bool {
		match error {
			Some(error) if error.exhausted_resources() => {
				self.end = End::Weight;
				return true;
			}
			// It depends on one of the same batch that did not fit or was invalid: in itself it may be good. Or the
			// parent holds it, and the pool has not heard of that: it would let go of what depends on it, too.
			Some(TransactionValidityError::Invalid(InvalidTransaction::Future | InvalidTransaction::Stale)) => (),
			// It may be valid with the next block.
			Some(TransactionValidityError::Unknown(_)) => (),
			error => {
				self.invalid.insert(hash, error);
			}
		}
		false
	}
}

/// Applies ready transactions until one of the limits is reached.
pub(super) fn fill<T>(
	apply: &mut impl Apply,
	ready: &mut (impl ReadyTransactions<Item = Arc<T>> + ?Sized),
	limits: Limits,
) -> Filled
where
	T: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>, Hash = H256>,
{
	let mut filled = Filled {
		body: Vec::new(),
		invalid: Default::default(),
		end: End::PoolEmpty,
		large_waits: false,
	};
	let (mut bytes, mut skipped, mut size) = (0usize, 0u32, FIRST_BATCH);
	let mut without_room = WithoutRoom::default();
	loop {
		let started = Instant::now();
		if started >= limits.deadline {
			filled.end = End::Deadline;
			return filled;
		}
		let mut batch = Batch::default();
		let mut drained = false;
		while batch.has_room(size) && skipped <= MAX_SKIPPED {
			let Some(transaction) = ready.next() else {
				drained = true;
				break;
			};
			if without_room.has(transaction.data().inner(), transaction.provides()) {
				ready.report_invalid(&transaction);
				continue;
			}
			let length = transaction.data().encoded_size();
			if bytes.saturating_add(batch.bytes).saturating_add(length) > limits.bytes {
				ready.report_invalid(&transaction);
				filled.large_waits |= length > limits.bytes;
				skipped = skipped.saturating_add(1);
				filled.end = End::Size;
				continue;
			}
			batch.push(transaction, length);
		}
		let count = batch.transactions.len();
		for (transaction, length, outcome) in batch.apply(apply) {
			match outcome {
				Outcome::Applied => {
					filled.body.push((**transaction.data()).clone());
					bytes = bytes.saturating_add(length);
				}
				Outcome::Refused(error) => {
					// The iterator then leaves out what depends on this one.
					ready.report_invalid(&transaction);
					let of_kind = without_room.note(transaction.data().inner(), transaction.provides(), error.as_ref());
					if !of_kind && filled.refused(*transaction.hash(), error) {
						skipped = skipped.saturating_add(1);
					}
				}
			}
		}
		if drained || skipped > MAX_SKIPPED {
			return filled;
		}
		let now = Instant::now();
		let left = limits.deadline.saturating_duration_since(now);
		size = next_size(count, now.saturating_duration_since(started), left);
	}
}

/// How many transactions the next batch should have, when `count` took `took`.
fn next_size(count: usize, took: Duration, left: Duration) -> usize {
	let wanted = BATCH_TIME.min(left).as_nanos();
	let each = (took.as_nanos() / count.max(1) as u128).max(1);
	usize::try_from(wanted / each).unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH)
}

enum Outcome {
	Applied,
	/// Why; `None` where the runtime failed on it.
	Refused(Option<TransactionValidityError>),
}

struct Batch<T> {
	transactions: Vec<(Arc<T>, usize)>,
	bytes: usize,
}

impl<T> Default for Batch<T> {
	fn default() -> Self {
		Self {
			transactions: Vec::new(),
			bytes: 0,
		}
	}
}

impl<T: InPoolTransaction<Transaction = Arc<OpaqueExtrinsic>>> Batch<T> {
	fn has_room(&self, size: usize) -> bool {
		self.transactions.len() < size && self.bytes < MAX_BATCH_BYTES
	}

	fn push(&mut self, transaction: Arc<T>, length: usize) {
		self.transactions.push((transaction, length));
		self.bytes = self.bytes.saturating_add(length);
	}

	/// Applies all; where the runtime fails on them together, each by itself, so that the others do not suffer from
	/// one.
	fn apply(self, apply: &mut impl Apply) -> Vec<(Arc<T>, usize, Outcome)> {
		let body = |transaction: &Arc<T>| OpaqueExtrinsic::clone(transaction.data());
		if self.transactions.is_empty() {
			return Vec::new();
		}
		let all = self
			.transactions
			.iter()
			.map(|(transaction, _)| body(transaction))
			.collect();
		let results: Vec<_> = match apply.apply(all) {
			Some(results) if results.len() == self.transactions.len() => results.into_iter().map(outcome).collect(),
			_ => self
				.transactions
				.iter()
				.map(|(transaction, _)| {
					let result = apply
						.apply(vec![body(transaction)])
						.and_then(|mut results| results.pop());
					result.map_or(Outcome::Refused(None), outcome)
				})
				.collect(),
		};
		self.transactions
			.into_iter()
			.zip(results)
			.map(|((transaction, length), outcome)| (transaction, length, outcome))
			.collect()
	}
}

fn outcome(result: ApplyExtrinsicResult) -> Outcome {
	match result {
		// Whether the call itself succeeded or not: it is paid for, and belongs in the block.
		Ok(_) => Outcome::Applied,
		Err(error) => Outcome::Refused(Some(error)),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_runtime::transaction_validity::{TransactionLongevity, TransactionPriority, TransactionTag};
	use std::collections::{BTreeMap, BTreeSet};

	/// A transaction of one sender after another: the number says which it is.
	struct Tx {
		data: Arc<OpaqueExtrinsic>,
		hash: H256,
		provides: Vec<TransactionTag>,
	}

	impl InPoolTransaction for Tx {
		type Transaction = Arc<OpaqueExtrinsic>;
		type Hash = H256;

		fn data(&self) -> &Self::Transaction {
			&self.data
		}
		fn hash(&self) -> &H256 {
			&self.hash
		}
		fn priority(&self) -> &TransactionPriority {
			&0
		}
		fn longevity(&self) -> &TransactionLongevity {
			&0
		}
		fn requires(&self) -> &[TransactionTag] {
			&[]
		}
		fn provides(&self) -> &[TransactionTag] {
			&self.provides
		}
		fn is_propagable(&self) -> bool {
			true
		}
	}

	fn bytes_of(id: u8, length: usize) -> OpaqueExtrinsic {
		OpaqueExtrinsic::try_from_encoded_extrinsic(&vec![id; length].encode()).expect("bytes are opaque")
	}

	fn id_of(extrinsic: &OpaqueExtrinsic) -> u8 {
		*extrinsic.encode().last().expect("not empty")
	}

	struct Ready {
		left: std::vec::IntoIter<Arc<Tx>>,
		reported: BTreeSet<H256>,
	}

	impl Iterator for Ready {
		type Item = Arc<Tx>;
		fn next(&mut self) -> Option<Arc<Tx>> {
			self.left.next()
		}
	}

	impl ReadyTransactions for Ready {
		fn report_invalid(&mut self, tx: &Arc<Tx>) {
			self.reported.insert(tx.hash);
		}
	}

	fn ready(lengths: impl IntoIterator<Item = usize>) -> Ready {
		let lengths = lengths.into_iter().enumerate();
		pool(lengths.map(|(i, length)| (bytes_of(i as u8, length), None)))
	}

	/// So many of each of these kinds, one after the other; those without name are paid for.
	fn ready_kinds(kinds: &[(Option<&str>, usize)]) -> Ready {
		let kinds = kinds.iter().flat_map(|(kind, count)| vec![*kind; *count]).enumerate();
		pool(kinds.map(|(i, kind)| {
			let first = kind.map_or(0, |_| smartchain_chain::kinds::GENERAL);
			let tag = kind.map(|kind| (kind, i as u8).encode());
			(OpaqueExtrinsic::from_blob(vec![first, i as u8]), tag)
		}))
	}

	fn pool(all: impl Iterator<Item = (OpaqueExtrinsic, Option<TransactionTag>)>) -> Ready {
		let all = all.map(|(data, tag)| {
			let hash = H256::repeat_byte(id_of(&data));
			let (data, provides) = (Arc::new(data), tag.into_iter().collect());
			Arc::new(Tx { data, hash, provides })
		});
		Ready {
			left: all.collect::<Vec<_>>().into_iter(),
			reported: BTreeSet::new(),
		}
	}

	/// A runtime that refuses what it is told to refuse, and fails on what it is told to fail on.
	#[derive(Default)]
	struct Runtime {
		refuses: BTreeMap<u8, TransactionValidityError>,
		fails: BTreeSet<u8>,
		takes: Duration,
		applied: Vec<u8>,
		asked: usize,
		largest: usize,
	}

	impl Apply for Runtime {
		fn apply(&mut self, batch: Vec<OpaqueExtrinsic>) -> Option<Vec<ApplyExtrinsicResult>> {
			let ids: Vec<u8> = batch.iter().map(id_of).collect();
			self.largest = self.largest.max(ids.len());
			self.asked += ids.len();
			if ids.iter().any(|id| self.fails.contains(id)) {
				return None;
			}
			std::thread::sleep(self.takes * ids.len() as u32);
			Some(
				ids.into_iter()
					.map(|id| match self.refuses.get(&id) {
						Some(error) => Err(*error),
						None => {
							self.applied.push(id);
							Ok(Ok(()))
						}
					})
					.collect(),
			)
		}
	}

	fn limits() -> Limits {
		Limits {
			deadline: Instant::now() + Duration::from_secs(60),
			bytes: usize::MAX,
		}
	}

	fn ids(filled: &Filled) -> Vec<u8> {
		filled.body.iter().map(id_of).collect()
	}

	const EXHAUSTED: TransactionValidityError =
		TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources);

	#[test]
	fn all_of_the_pool_gets_in_in_its_order() {
		let mut runtime = Runtime::default();
		let filled = fill(&mut runtime, &mut ready([10; 200]), limits());
		assert_eq!(ids(&filled), (0..200).collect::<Vec<u8>>());
		assert_eq!(ids(&filled), runtime.applied);
		assert_eq!(filled.end, End::PoolEmpty);
		assert!(runtime.largest <= MAX_BATCH);
	}

	#[test]
	fn an_empty_pool_calls_nothing() {
		let mut runtime = Runtime::default();
		let filled = fill(&mut runtime, &mut ready([]), limits());
		assert!(filled.body.is_empty());
		assert_eq!((filled.end, runtime.largest), (End::PoolEmpty, 0));
	}

	#[test]
	fn a_deadline_in_the_past_lets_nothing_in() {
		let past = Limits {
			deadline: Instant::now(),
			..limits()
		};
		let filled = fill(&mut Runtime::default(), &mut ready([10; 9]), past);
		assert!(filled.body.is_empty());
		assert_eq!(filled.end, End::Deadline);
	}

	#[test]
	fn batches_shrink_until_the_deadline_is_kept() {
		let mut runtime = Runtime {
			takes: Duration::from_millis(4),
			..Default::default()
		};
		let soon = Limits {
			deadline: Instant::now() + Duration::from_millis(80),
			..limits()
		};
		let filled = fill(&mut runtime, &mut ready([10; 200]), soon);
		assert_eq!(filled.end, End::Deadline);
		assert_eq!(runtime.largest, FIRST_BATCH, "none is larger than its time");
		assert_eq!(next_size(8, Duration::from_millis(32), Duration::from_millis(50)), 2);
		assert_eq!(next_size(8, Duration::from_millis(32), Duration::from_millis(5)), 1);
		assert_eq!(next_size(1, Duration::from_millis(500), Duration::from_millis(5)), 1);
		let second = Duration::from_secs(1);
		assert_eq!(next_size(64, Duration::from_millis(1), second), MAX_BATCH);
		assert_eq!(next_size(0, Duration::ZERO, second), MAX_BATCH);
	}

	#[test]
	fn what_is_too_long_is_passed_over_and_stays_in_the_pool() {
		let room = Limits {
			bytes: bytes_of(0, 10).encoded_size() * 3,
			..limits()
		};
		let mut pool = ready([10, 1000, 10, 10, 10]);
		let filled = fill(&mut Runtime::default(), &mut pool, room);
		assert_eq!(ids(&filled), [0, 2, 3]);
		assert_eq!(filled.end, End::Size);
		assert!(filled.invalid.is_empty());
		assert!(pool.reported.contains(&H256::repeat_byte(1)), "what needs it waits");
	}

	#[test]
	fn a_full_block_is_not_tried_with_the_whole_pool() {
		let mut runtime = Runtime {
			refuses: (3..250).map(|id| (id, EXHAUSTED)).collect(),
			..Default::default()
		};
		let mut pool = ready_kinds(&[(Some("Pulse"), 20), (Some("SegmentWin"), 20), (None, 210)]);
		let filled = fill(&mut runtime, &mut pool, limits());
		assert_eq!((ids(&filled), filled.end), (vec![0, 1, 2], End::Weight));
		assert!(filled.invalid.is_empty(), "they fit into a later block");
		assert!(pool.left.len() > 100);
	}

	#[test]
	fn wins_beyond_their_cap_keep_nobody_out() {
		let mut runtime = Runtime {
			refuses: (8..150).map(|id| (id, EXHAUSTED)).collect(),
			..Default::default()
		};
		let mut pool = ready_kinds(&[(Some("Pulse"), 150), (None, 50)]);
		let filled = fill(&mut runtime, &mut pool, limits());
		assert_eq!(ids(&filled), (0..8).chain(150..200).collect::<Vec<u8>>());
		assert_eq!((filled.end, filled.invalid.len()), (End::PoolEmpty, 0));
		assert!(runtime.asked <= 8 + MAX_BATCH + 50, "what is known is not asked");
	}

	#[test]
	fn the_invalid_are_reported_and_their_descendants_are_not() {
		let bad = TransactionValidityError::Invalid(InvalidTransaction::BadProof);
		let future = TransactionValidityError::Invalid(InvalidTransaction::Future);
		let mut runtime = Runtime {
			refuses: [(1, bad), (2, future), (3, InvalidTransaction::Stale.into())].into(),
			..Default::default()
		};
		let filled = fill(&mut runtime, &mut ready([10; 5]), limits());
		assert_eq!(ids(&filled), [0, 4]);
		assert_eq!(
			filled.invalid.into_iter().collect::<Vec<_>>(),
			[(H256::repeat_byte(1), Some(bad))]
		);
	}

	#[test]
	fn one_that_the_runtime_fails_on_does_not_take_others_with_it() {
		let mut runtime = Runtime {
			fails: [2].into(),
			..Default::default()
		};
		let filled = fill(&mut runtime, &mut ready([10; 6]), limits());
		assert_eq!(ids(&filled), [0, 1, 3, 4, 5]);
		assert_eq!(runtime.applied, [0, 1, 3, 4, 5]);
		assert_eq!(
			filled.invalid.into_iter().collect::<Vec<_>>(),
			[(H256::repeat_byte(2), None)]
		);
	}
}
