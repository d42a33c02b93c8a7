//! A thread that joins steps: while one commit syncs, the next steps wait, and go together into the one after it.

use crate::{tables::BlockNumber, ChannelStore, StoreError};
use smartchain_channel::{Action, Step};
use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		mpsc::{sync_channel, Receiver, SyncSender},
		Arc,
	},
	thread::JoinHandle,
	time::{Duration, Instant},
};

/// Steps that wait at most; who has one more waits for the disk.
pub const QUEUE: usize = 4_096;
/// Steps in one commit, at most.
pub const MAX_JOINED: usize = 512;
/// Blocks of which nothing was stored are noted as told after so many.
const BLOCKS_WITHOUT_COMMIT: BlockNumber = 256;

/// What became durable at once.
#[derive(Debug)]
pub struct Committed {
	/// What is to be done now, in this order.
	pub actions: Vec<Action>,
	/// How many steps it was.
	pub steps: usize,
	/// How long it took.
	pub took: Duration,
}

/// A step, and the block that it is of.
struct Job {
	step: Step,
	told: Option<BlockNumber>,
}

/// The thread that commits. When this is dropped, the thread ends once what waits is stored.
pub struct Committer {
	jobs: Option<SyncSender<Job>>,
	thread: Option<JoinHandle<ChannelStore>>,
	stopped: Arc<AtomicBool>,
}

impl Committer {
	/// Begins. `done` is called on the thread: with what was stored, in order; or once with why nothing is stored any
	/// more.
	///
	/// # Errors
	/// If the system gives no thread.
	pub fn start(
		store: ChannelStore,
		done: impl FnMut(Result<Committed, StoreError>) + Send + 'static,
	) -> Result<Self, StoreError> {
		let (jobs, waiting) = sync_channel(QUEUE);
		let stopped = Arc::new(AtomicBool::new(false));
		let flag = Arc::clone(&stopped);
		let thread = std::thread::Builder::new()
			.name("pay-commit".into())
			.spawn(move || run(store, &waiting, &flag, done))
			.map_err(|source| StoreError::io("start a thread for", std::path::Path::new(crate::STORE_FILE), source))?;
		Ok(Self {
			jobs: Some(jobs),
			thread: Some(thread),
			stopped,
		})
	}

	/// Hands a step over, with the number of the block if it is of a final one. It returns at once unless [`QUEUE`]
	/// steps wait. Steps are stored in the order in which they come.
	///
	/// # Errors
	/// [`StoreError::Stopped`] after a write failed: the machine whose step this was must not go on.
	pub fn submit(&self, step: Step, told: Option<BlockNumber>) -> Result<(), StoreError> {
		let stopped = || StoreError::Stopped {
			cause: "the last commit failed".into(),
		};
		if self.stopped.load(Ordering::SeqCst) {
			return Err(stopped());
		}
		let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
		jobs.send(Job { step, told }).map_err(|_| stopped())
	}

	/// Whether a write failed.
	pub fn is_stopped(&self) -> bool {
		self.stopped.load(Ordering::SeqCst)
	}

	/// Waits until all is stored that was handed over, and gives the store back; none if the thread panicked.
	pub fn stop(mut self) -> Option<ChannelStore> {
		self.jobs = None;
		self.thread.take()?.join().ok()
	}
}

impl Drop for Committer {
	fn drop(&mut self) {
		self.jobs = None;
		if let Some(thread) = self.thread.take() {
			let _ = thread.join();
		}
	}
}

fn run(
	mut store: ChannelStore,
	waiting: &Receiver<Job>,
	stopped: &AtomicBool,
	mut done: impl FnMut(Result<Committed, StoreError>),
) -> ChannelStore {
	// The last block that is noted, and the last one that was told since.
	let mut noted = store.records().told().ok().flatten();
	let mut told = None;
	while let Ok(first) = waiting.recv() {
		let mut joined = first.step;
		told = first.told.or(told);
		let mut steps = 1;
		while steps < MAX_JOINED {
			let Ok(next) = waiting.try_recv() else {
				break;
			};
			joined = joined.and(next.step);
			told = next.told.or(told);
			steps += 1;
		}
		let began = Instant::now();
		match commit(&mut store, joined, &mut noted, &mut told) {
			Ok(actions) => done(Ok(Committed {
				actions,
				steps,
				took: began.elapsed(),
			})),
			Err(error) => {
				stopped.store(true, Ordering::SeqCst);
				done(Err(error));
				break;
			}
		}
	}
	store
}

/// A block without a write is not worth a sync: its number goes with the next commit, or after many such blocks.
fn commit(
	store: &mut ChannelStore,
	step: Step,
	noted: &mut Option<BlockNumber>,
	told: &mut Option<BlockNumber>,
) -> Result<Vec<Action>, StoreError> {
	let late = told.is_some_and(|told| noted.is_none_or(|noted| told.saturating_sub(noted) >= BLOCKS_WITHOUT_COMMIT));
	let writes = !step.writes().is_empty();
	if let Some(block) = told.filter(|_| writes || late) {
		store.tell(block);
		if !writes {
			store.commit_told()?;
		}
		*noted = told.take();
	}
	step.commit(store).map_err(|not_stored| not_stored.error)
}
