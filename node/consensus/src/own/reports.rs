//! Tells the runtime of equivocations that this node saw: a task that turns each into a transaction of the pool.
//!
//! Whoever signs twice once, for its key is on two machines, does so in every slot. The runtime punishes that once an
//! era, so that one report of a key a minute is enough. A report that fails is tried a few times more: the slot may lie
//! in an era that no block here has reached, or the best block may be behind the voter set.

use crate::own::{
	offence::Offence,
	pool::{Outcome, OwnTransactions},
};
use schnellru::{ByLength, LruMap};
use smartchain_chain::{Metrics, LOG_TARGET};
use sp_core::H256;
use std::{
	collections::VecDeque,
	sync::Arc,
	time::{Duration, Instant},
};

/// Keys whose last report is remembered: more than sign at a time.
const REMEMBERED: u32 = 2048;
/// One report of a key in so long.
const PAUSE: Duration = Duration::from_secs(60);
/// How long after a failure a report is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(6);
/// How often a report is tried in all.
const ATTEMPTS: u32 = 5;
/// Reports that wait to be tried again.
const MAX_WAITING: usize = 64;

struct Waiting {
	offence: Offence,
	attempts: u32,
	due: Instant,
}

/// The task.
pub(crate) struct Reports {
	offences: async_channel::Receiver<Offence>,
	transactions: Arc<dyn OwnTransactions>,
	genesis: H256,
	metrics: Metrics,
	/// When a key was reported last.
	reported: LruMap<Vec<u8>, Instant>,
	/// What is to be tried, in the order in which it is due.
	waiting: VecDeque<Waiting>,
}

impl Reports {
	pub fn new(
		offences: async_channel::Receiver<Offence>,
		transactions: Arc<dyn OwnTransactions>,
		genesis: H256,
		metrics: Metrics,
	) -> Self {
		Self {
			offences,
			transactions,
			genesis,
			metrics,
			reported: LruMap::new(ByLength::new(REMEMBERED)),
			waiting: VecDeque::new(),
		}
	}

	/// Runs for as long as the node does. Where everything that could report has stopped, so does the node: it waits
	/// for that.
	pub async fn run(mut self) {
		loop {
			let next = self.waiting.front().map(|waiting| waiting.due);
			tokio::select! {
				offence = self.offences.recv() => match offence {
					Ok(offence) => self.take(offence, Instant::now()),
					Err(_) => return futures::future::pending().await,
				},
				() = until(next) => self.try_due(Instant::now()).await,
			}
		}
	}

	/// Takes in an offence, where it is one and its key was not reported a moment ago.
	fn take(&mut self, offence: Offence, now: Instant) {
		let signer = offence.signer();
		let recent = |last: &mut Instant| now.saturating_duration_since(*last) < PAUSE;
		if self.reported.get(&signer).is_some_and(recent) {
			return;
		}
		if !offence.holds(&self.genesis) {
			return log::debug!(target: LOG_TARGET, "no offence, and not reported: {offence}");
		}
		if self.waiting.len() >= MAX_WAITING {
			return log::debug!(target: LOG_TARGET, "not reported, there is too much to report: {offence}");
		}
		self.reported.insert(signer, now);
		self.waiting.push_front(Waiting {
			offence,
			attempts: 0,
			due: now,
		});
	}

	/// Tries what is due.
	async fn try_due(&mut self, now: Instant) {
		while let Some(mut waiting) = self.waiting.pop_front() {
			if waiting.due > now {
				self.waiting.push_front(waiting);
				return;
			}
			waiting.attempts = waiting.attempts.saturating_add(1);
			let offence = &waiting.offence;
			match self.transactions.report(offence).await {
				Outcome::Submitted(hash) => {
					log::info!(target: LOG_TARGET, "Equivocation: reported {offence} (transaction {hash:?})");
					self.metrics.equivocation_report("submitted");
				}
				Outcome::Known | Outcome::NotNeeded => {
					log::debug!(target: LOG_TARGET, "reported by others already: {offence}");
					self.metrics.equivocation_report("known");
				}
				Outcome::Failed(why) if waiting.attempts < ATTEMPTS => {
					log::debug!(target: LOG_TARGET, "the report of {offence} is tried again: {why}");
					waiting.due = now + RETRY_AFTER;
					// What is due later than all others.
					self.waiting.push_back(waiting);
				}
				Outcome::Failed(why) => {
					log::warn!(target: LOG_TARGET, "Equivocation: {offence} could not be reported: {why}");
					self.metrics.equivocation_report("failed");
				}
			}
		}
	}
}

async fn until(due: Option<Instant>) {
	match due {
		Some(due) => tokio::time::sleep_until(due.into()).await,
		None => futures::future::pending().await,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::own::{offence::Reporter, pool::OwnTransactionError};
	use bft_finality_primitives::{Phase, SignedVote};
	use futures::executor::block_on;
	use parking_lot::Mutex;
	use poca_primitives::{AuthorityId, AuthoritySignature};
	use smartchain_chain::Heartbeat;
	use smartchain_testkit::{self as testkit, author, sealed, voter_id};
	use sp_core::Pair;
	use sp_runtime::AccountId32;

	const GENESIS: H256 = H256::repeat_byte(9);

	/// Answers what it was told to, the last answer for ever, and remembers what it was asked.
	#[derive(Clone, Default)]
	struct Runtime(Arc<Mutex<(VecDeque<Outcome>, Vec<Offence>)>>);

	impl Runtime {
		fn asked(&self) -> usize {
			self.0.lock().1.len()
		}
	}

	#[async_trait::async_trait]
	impl OwnTransactions for Runtime {
		fn isolated(&self, _: H256, _: &AuthorityId) -> Result<Option<AccountId32>, OwnTransactionError> {
			Ok(None)
		}

		async fn heartbeat(&self, _: H256, _: Heartbeat, _: AuthoritySignature) -> Outcome {
			Outcome::NotNeeded
		}

		async fn record_vote(&self, _: H256, _: SignedVote) -> Outcome {
			Outcome::NotNeeded
		}

		async fn report(&self, offence: &Offence) -> Outcome {
			let mut inner = self.0.lock();
			inner.1.push(offence.clone());
			if inner.0.len() > 1 {
				inner.0.pop_front().expect("there are two")
			} else {
				inner.0.front().cloned().unwrap_or(Outcome::Submitted(H256::zero()))
			}
		}
	}

	fn failed() -> Outcome {
		Outcome::Failed(OwnTransactionError::Pool("it is full".into()))
	}

	fn task(answers: impl IntoIterator<Item = Outcome>) -> (Reporter, Reports, Runtime) {
		let runtime = Runtime::default();
		runtime.0.lock().0.extend(answers);
		let (reporter, offences) = Reporter::channel();
		let task = Reports::new(offences, Arc::new(runtime.clone()), GENESIS, Metrics::default());
		(reporter, task, runtime)
	}

	fn signed(seed: u8, slot: u64, block: u8) -> SignedVote {
		testkit::signed(testkit::vote(0, Phase::Prevote, slot, 1, block), 0, seed, &GENESIS)
	}

	/// Feeds the task what it was told.
	fn turn(task: &mut Reports, now: Instant) {
		while let Ok(offence) = task.offences.try_recv() {
			task.take(offence, now);
		}
		block_on(task.try_due(now));
	}

	#[test]
	fn an_offence_is_reported_once_a_minute_however_often_it_is_seen() {
		let (reporter, mut task, runtime) = task([]);
		let start = Instant::now();
		for slot in 0..5 {
			reporter.votes(&voter_id(1), signed(1, slot, 1), signed(1, slot, 2));
			turn(&mut task, start + Duration::from_secs(slot));
		}
		assert_eq!(runtime.asked(), 1);
		reporter.votes(&voter_id(2), signed(2, 1, 1), signed(2, 1, 2));
		turn(&mut task, start);
		assert_eq!(runtime.asked(), 2, "another key's is another");
		for (after, asked) in [(PAUSE - Duration::from_millis(1), 2), (PAUSE, 3)] {
			reporter.votes(&voter_id(1), signed(1, 70, 1), signed(1, 70, 2));
			turn(&mut task, start + after);
			assert_eq!(runtime.asked(), asked, "{after:?} after the first");
		}
	}

	#[test]
	fn what_proves_nothing_is_not_reported() {
		let (reporter, mut task, runtime) = task([]);
		let now = Instant::now();
		reporter.votes(&voter_id(1), signed(1, 5, 1), signed(1, 5, 1));
		reporter.votes(&voter_id(1), signed(1, 5, 1), signed(2, 5, 2));
		turn(&mut task, now);
		assert_eq!(runtime.asked(), 0);
		// And keeps nothing from being reported that does.
		reporter.votes(&voter_id(1), signed(1, 5, 1), signed(1, 5, 2));
		turn(&mut task, now);
		assert_eq!(runtime.asked(), 1);
	}

	#[test]
	fn two_blocks_of_this_chain_are_reported_and_those_of_another_are_not() {
		let (reporter, mut task, runtime) = task([]);
		let now = Instant::now();
		let author = author(1).public();
		for (genesis, asked) in [(H256::repeat_byte(8), 0), (GENESIS, 1)] {
			let (first, second) = (sealed(1, 5, 1, genesis), sealed(1, 5, 2, genesis));
			reporter.blocks(&author, first, second);
			turn(&mut task, now);
			assert_eq!(runtime.asked(), asked);
		}
	}

	#[test]
	fn what_fails_is_tried_again_later_until_it_succeeds() {
		let (reporter, mut task, runtime) = task([failed(), failed(), Outcome::Known]);
		let start = Instant::now();
		reporter.votes(&voter_id(1), signed(1, 5, 1), signed(1, 5, 2));
		turn(&mut task, start);
		turn(&mut task, start + RETRY_AFTER / 2);
		assert_eq!(runtime.asked(), 1, "not at once");
		for round in 1..10 {
			turn(&mut task, start + RETRY_AFTER * round);
		}
		assert_eq!(runtime.asked(), 3);
		assert!(task.waiting.is_empty());
	}

	#[test]
	fn what_never_succeeds_is_given_up() {
		let (reporter, mut task, runtime) = task([failed()]);
		let start = Instant::now();
		reporter.votes(&voter_id(1), signed(1, 5, 1), signed(1, 5, 2));
		for round in 0..20 {
			turn(&mut task, start + RETRY_AFTER * round);
		}
		assert_eq!(runtime.asked() as u32, ATTEMPTS);
		assert!(task.waiting.is_empty());
	}

	#[test]
	fn many_offences_take_no_more_room_than_there_is() {
		let (reporter, mut task, _) = task([failed()]);
		let now = Instant::now();
		for round in 0..3 {
			for seed in 0..200 {
				reporter.votes(&voter_id(seed), signed(seed, round, 1), signed(seed, round, 2));
			}
			turn(&mut task, now);
		}
		assert!(task.waiting.len() <= MAX_WAITING);
	}
}
