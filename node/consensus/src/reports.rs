//! Tells the runtime of equivocations that this node saw: a task that turns each into a transaction of the pool.
//!
//! Whoever signs twice once, for its key is on two machines, does so in every slot. The runtime punishes that once an era, so that
//! one report of a key a minute is enough. A report that fails is tried a few times more: the slot may lie in an era that no block
//! here has reached, or the best block may be behind the voter set.

use crate::{metrics::Metrics, Block, Header, LOG_TARGET};
use bft_finality_primitives::{Cast, SignedVote, VoteEquivocation, VoterId};
use codec::Encode;
use poca_primitives::{AuthorityId, BlockEquivocation};
use sc_transaction_pool_api::{
	error::{Error as PoolError, IntoPoolError},
	TransactionPool, TransactionSource,
};
use schnellru::{ByLength, LruMap};
use smartchain_runtime_apis::BlockEquivocationApi;
use smartchain_runtime_apis::VoteEquivocationApi;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::H256;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	OpaqueExtrinsic,
};
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;
use std::{
	collections::VecDeque,
	sync::Arc,
	time::{Duration, Instant},
};

/// Offences that wait for the task before further ones are dropped.
const QUEUE: usize = 64;
/// Keys whose last report is remembered: more than sign at a time.
const REMEMBERED: u32 = 2048;
/// One report of a key in so long.
const PAUSE: Duration = Duration::from_secs(60);
/// A report that failed is tried again after so long,
const RETRY_AFTER: Duration = Duration::from_secs(6);
/// so many times in all.
const ATTEMPTS: u32 = 5;
/// Reports that wait to be tried again.
const MAX_WAITING: usize = 64;

/// A proof that somebody signed two things where there is room for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offence {
	/// Two votes.
	Votes(VoteEquivocation),
	/// Two blocks.
	Blocks(BlockEquivocation<Header>),
}

impl Offence {
	/// The key that signed.
	fn signer(&self) -> Vec<u8> {
		match self {
			Self::Votes(proof) => proof.voter.encode(),
			Self::Blocks(proof) => proof.author.encode(),
		}
	}

	/// Whether it proves anything; the runtime asks the same.
	fn holds(&self, genesis: &H256) -> bool {
		match self {
			Self::Votes(proof) => proof.verify(genesis).is_ok(),
			Self::Blocks(proof) => proof.verify(genesis).is_ok(),
		}
	}
}

impl std::fmt::Display for Offence {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::Votes(proof) => write!(f, "two votes of {} in slot {}", proof.voter, proof.slot()),
			Self::Blocks(proof) => write!(
				f,
				"blocks {:?} and {:?} of {}",
				proof.first.hash(),
				proof.second.hash(),
				proof.author
			),
		}
	}
}

/// Where offences go that are to be reported; clones share it.
#[derive(Clone)]
pub(crate) struct Reporter(async_channel::Sender<Offence>);

impl Reporter {
	/// A reporter, and where what it is told comes out.
	pub fn channel() -> (Self, async_channel::Receiver<Offence>) {
		let (sender, receiver) = async_channel::bounded(QUEUE);
		(Self(sender), receiver)
	}

	/// Two votes of one voter, as the core found them.
	pub fn votes(&self, voter: &VoterId, first: SignedVote, second: SignedVote) {
		let cast = |signed: SignedVote| Cast {
			vote: signed.vote,
			signature: signed.signature,
		};
		self.report(Offence::Votes(VoteEquivocation {
			voter: voter.clone(),
			first: cast(first),
			second: cast(second),
		}));
	}

	/// Two sealed headers of one author in one slot.
	pub fn blocks(&self, author: &AuthorityId, first: Header, second: Header) {
		self.report(Offence::Blocks(BlockEquivocation {
			author: author.clone(),
			first,
			second,
		}));
	}

	fn report(&self, offence: Offence) {
		// Others saw it too, and whoever does it goes on doing it.
		if let Err(error) = self.0.try_send(offence) {
			log::debug!(target: LOG_TARGET, "not reported, there is too much to report: {}", error.into_inner());
		}
	}
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// It is in the pool, and goes to other nodes.
	Submitted(H256),
	/// It is known already: the pool has one of this offender, or the runtime has punished it.
	Known,
	/// It failed, and may succeed later.
	Failed(String),
}

/// Reports an offence to the runtime.
#[async_trait::async_trait]
pub trait SubmitReport: Send + Sync {
	/// Has a transaction made of it and puts that into the pool.
	async fn submit(&self, offence: &Offence) -> Outcome;
}

/// [`SubmitReport`] over a client and a transaction pool.
pub struct PoolReports<C, P> {
	client: Arc<C>,
	pool: Arc<P>,
}

impl<C, P> PoolReports<C, P> {
	/// Asks this client's runtime for the transactions, and puts them into this pool.
	pub fn new(client: Arc<C>, pool: Arc<P>) -> Self {
		Self { client, pool }
	}
}

#[async_trait::async_trait]
impl<C, P> SubmitReport for PoolReports<C, P>
where
	P: TransactionPool<Block = Block, Hash = H256>,
	C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync,
	C::Api: VoteEquivocationApi<Block> + BlockEquivocationApi<Block> + TaggedTransactionQueue<Block>,
{
	async fn submit(&self, offence: &Offence) -> Outcome {
		let best = self.client.info().best_hash;
		let made = match offence.clone() {
			Offence::Votes(proof) => self.client.runtime_api().report_vote_equivocation(best, proof),
			Offence::Blocks(proof) => self.client.runtime_api().report_block_equivocation(best, proof),
		};
		let transaction = match made {
			Ok(transaction) => transaction,
			Err(error) => return Outcome::Failed(error.to_string()),
		};
		// First, for the pool bans what is invalid, also where it will be valid with the next block.
		let api = self.client.runtime_api();
		let validity = api.validate_transaction(best, TransactionSource::Local, transaction.clone(), best);
		drop(api);
		match validity {
			Ok(Ok(_)) => (),
			Ok(Err(error)) => return invalid(error),
			Err(error) => return Outcome::Failed(error.to_string()),
		}
		submit(&*self.pool, best, transaction).await
	}
}

/// Puts a transaction of this node into its pool.
pub(crate) async fn submit<P>(pool: &P, at: H256, transaction: OpaqueExtrinsic) -> Outcome
where
	P: TransactionPool<Block = Block, Hash = H256>,
{
	match pool.submit_one(at, TransactionSource::Local, transaction).await {
		Ok(hash) => Outcome::Submitted(hash),
		Err(error) => match error.into_pool_error() {
			Ok(error) => refused(&error),
			Err(error) => Outcome::Failed(error.to_string()),
		},
	}
}

fn invalid(error: TransactionValidityError) -> Outcome {
	match error {
		TransactionValidityError::Invalid(InvalidTransaction::Stale) => Outcome::Known,
		error => Outcome::Failed(<&str>::from(error).into()),
	}
}

fn refused(error: &PoolError) -> Outcome {
	match error {
		PoolError::AlreadyImported(_) | PoolError::TooLowPriority { .. } => Outcome::Known,
		error => Outcome::Failed(error.to_string()),
	}
}

struct Waiting {
	offence: Offence,
	attempts: u32,
	due: Instant,
}

/// The task.
pub(crate) struct Reports {
	offences: async_channel::Receiver<Offence>,
	submit: Box<dyn SubmitReport>,
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
		submit: Box<dyn SubmitReport>,
		genesis: H256,
		metrics: Metrics,
	) -> Self {
		Self {
			offences,
			submit,
			genesis,
			metrics,
			reported: LruMap::new(ByLength::new(REMEMBERED)),
			waiting: VecDeque::new(),
		}
	}

	/// Runs for as long as the node does. Where everything that could report has stopped, so does the node: it waits for that.
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
			match self.submit.submit(offence).await {
				Outcome::Submitted(hash) => {
					log::info!(target: LOG_TARGET, "Equivocation: reported {offence} (transaction {hash:?})");
					self.metrics.equivocation_report("submitted");
				}
				Outcome::Known => {
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
	use bft_finality_primitives::{Phase, Target, Vote, VoterPair};
	use futures::executor::block_on;
	use parking_lot::Mutex;
	use poca_primitives::{pre_digest_item, seal_payload, AuthorityPair, FinalizedRef, PreDigest, POCA_ENGINE_ID};
	use sp_core::Pair;
	use sp_runtime::{
		generic::{Digest, DigestItem},
		traits::Header as _,
	};

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
	impl SubmitReport for Runtime {
		async fn submit(&self, offence: &Offence) -> Outcome {
			let mut inner = self.0.lock();
			inner.1.push(offence.clone());
			if inner.0.len() > 1 {
				inner.0.pop_front().expect("there are two")
			} else {
				inner.0.front().cloned().unwrap_or(Outcome::Submitted(H256::zero()))
			}
		}
	}

	fn task(answers: impl IntoIterator<Item = Outcome>) -> (Reporter, Reports, Runtime) {
		let runtime = Runtime::default();
		runtime.0.lock().0.extend(answers);
		let (reporter, offences) = Reporter::channel();
		let task = Reports::new(offences, Box::new(runtime.clone()), GENESIS, Metrics::default());
		(reporter, task, runtime)
	}

	fn signed(seed: u8, slot: u64, block: u8) -> SignedVote {
		let vote = Vote {
			set_id: 0,
			phase: Phase::Prevote,
			relaxed: false,
			target: Target {
				slot,
				number: 1,
				hash: H256::repeat_byte(block),
			},
			end: None,
		};
		SignedVote {
			vote,
			voter: 0,
			signature: VoterPair::from_seed(&[seed; 32]).sign(&vote.payload(&GENESIS)),
		}
	}

	fn key(seed: u8) -> VoterId {
		VoterPair::from_seed(&[seed; 32]).public()
	}

	/// A header that this author sealed on the chain of `genesis`.
	fn sealed(seed: u8, slot: u64, block: u8, genesis: H256) -> Header {
		let pre_digest = PreDigest {
			slot: slot.into(),
			author: 0,
			vrf: None,
			finalized: FinalizedRef {
				number: 0,
				hash: genesis,
			},
		};
		let digest = Digest {
			logs: vec![pre_digest_item(&pre_digest)],
		};
		let mut header = Header::new(1, H256::zero(), H256::repeat_byte(block), genesis, digest);
		let seal = AuthorityPair::from_seed(&[seed; 32]).sign(&seal_payload(&genesis, &header.hash()));
		let seal: &[u8] = seal.as_ref();
		header.digest.push(DigestItem::Seal(POCA_ENGINE_ID, seal.to_vec()));
		header
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
			reporter.votes(&key(1), signed(1, slot, 1), signed(1, slot, 2));
			turn(&mut task, start + Duration::from_secs(slot));
		}
		assert_eq!(runtime.asked(), 1);
		reporter.votes(&key(2), signed(2, 1, 1), signed(2, 1, 2));
		turn(&mut task, start);
		assert_eq!(runtime.asked(), 2, "another key's is another");
		for (after, asked) in [(PAUSE - Duration::from_millis(1), 2), (PAUSE, 3)] {
			reporter.votes(&key(1), signed(1, 70, 1), signed(1, 70, 2));
			turn(&mut task, start + after);
			assert_eq!(runtime.asked(), asked, "{after:?} after the first");
		}
	}

	#[test]
	fn what_proves_nothing_is_not_reported() {
		let (reporter, mut task, runtime) = task([]);
		let now = Instant::now();
		reporter.votes(&key(1), signed(1, 5, 1), signed(1, 5, 1));
		reporter.votes(&key(1), signed(1, 5, 1), signed(2, 5, 2));
		turn(&mut task, now);
		assert_eq!(runtime.asked(), 0);
		// And keeps nothing from being reported that does.
		reporter.votes(&key(1), signed(1, 5, 1), signed(1, 5, 2));
		turn(&mut task, now);
		assert_eq!(runtime.asked(), 1);
	}

	#[test]
	fn two_blocks_of_this_chain_are_reported_and_those_of_another_are_not() {
		let (reporter, mut task, runtime) = task([]);
		let now = Instant::now();
		let author = AuthorityPair::from_seed(&[1; 32]).public();
		for (genesis, asked) in [(H256::repeat_byte(8), 0), (GENESIS, 1)] {
			let (first, second) = (sealed(1, 5, 1, genesis), sealed(1, 5, 2, genesis));
			reporter.blocks(&author, first, second);
			turn(&mut task, now);
			assert_eq!(runtime.asked(), asked);
		}
	}

	#[test]
	fn what_fails_is_tried_again_later_until_it_succeeds() {
		let failed = Outcome::Failed("the slot lies ahead".into());
		let (reporter, mut task, runtime) = task([failed.clone(), failed, Outcome::Known]);
		let start = Instant::now();
		reporter.votes(&key(1), signed(1, 5, 1), signed(1, 5, 2));
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
		let (reporter, mut task, runtime) = task([Outcome::Failed("no".into())]);
		let start = Instant::now();
		reporter.votes(&key(1), signed(1, 5, 1), signed(1, 5, 2));
		for round in 0..20 {
			turn(&mut task, start + RETRY_AFTER * round);
		}
		assert_eq!(runtime.asked() as u32, ATTEMPTS);
		assert!(task.waiting.is_empty());
	}

	#[test]
	fn many_offences_take_no_more_room_than_there_is() {
		let (reporter, mut task, _) = task([Outcome::Failed("no".into())]);
		let now = Instant::now();
		for round in 0..3 {
			for seed in 0..200 {
				reporter.votes(&key(seed), signed(seed, round, 1), signed(seed, round, 2));
			}
			turn(&mut task, now);
		}
		assert!(task.waiting.len() <= MAX_WAITING);
	}

	#[test]
	fn what_the_pool_has_or_the_chain_has_punished_is_known() {
		for error in [
			PoolError::AlreadyImported(Box::new(())),
			PoolError::TooLowPriority { old: 1, new: 1 },
		] {
			assert_eq!(refused(&error), Outcome::Known);
		}
		assert_eq!(invalid(InvalidTransaction::Stale.into()), Outcome::Known);
		assert!(matches!(refused(&PoolError::ImmediatelyDropped), Outcome::Failed(_)));
		for reason in [InvalidTransaction::Future, InvalidTransaction::BadSigner] {
			assert!(matches!(invalid(reason.into()), Outcome::Failed(_)), "{reason:?}");
		}
	}
}
