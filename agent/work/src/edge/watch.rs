//! What the node is asked with each block.

use crate::{
	chain::node::{JobView, WorkNode},
	input::{Input, News},
	units::fetch::needed,
};
use compute_market_primitives::{JobId, Task, Tick};
use device_primitives::DeviceId;
use smart_agent_chain::{is_ahead, ChainError, Hash, Head, HeadEvent, Heads, LinkState};
use smart_agent_tasks::Fate;
use std::{
	collections::{BTreeMap, BTreeSet},
	future::Future,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
	sync::{mpsc, watch},
	time::timeout,
};

/// How long a question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so many blocks it is asked again what the device offers and has earned,
const WORKER_EVERY: u32 = 60;
/// and how long jobs matter, of so many at a time.
const JOBS_EVERY: u32 = 20;
const JOBS_AT_ONCE: usize = 32;
/// Heads that are skipped at a time if they come faster than they are asked about.
const MAX_SKIPPED: usize = 256;
/// A node whose best block is so much older catches up: what it wants was so once.
const BEHIND: Duration = Duration::from_secs(600);

/// The jobs that matter. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Jobs(Arc<Mutex<BTreeSet<JobId>>>);

impl Jobs {
	pub fn set(&self, jobs: BTreeSet<JobId>) {
		*self.0.lock().unwrap_or_else(PoisonError::into_inner) = jobs;
	}

	/// Some of them, from the first one behind this on.
	fn after(&self, last: JobId) -> Vec<JobId> {
		let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		let behind = jobs.range(last.saturating_add(1)..);
		behind.take(JOBS_AT_ONCE).copied().collect()
	}
}

/// Watches the chain until nobody listens any more.
pub(super) async fn watch(node: Arc<dyn WorkNode>, device: DeviceId, jobs: Jobs, told: mpsc::Sender<Input>) {
	let mut watcher = Watcher {
		heads: node.heads(),
		link: node.link(),
		node,
		device,
		jobs,
		told,
		known: BTreeMap::new(),
		since_worker: WORKER_EVERY,
		since_jobs: JOBS_EVERY,
		last_job: 0,
		kept: 0,
	};
	let _ = watcher.run().await;
	let _ = watcher.tell(News::Ended).await;
}

struct Watcher {
	node: Arc<dyn WorkNode>,
	device: DeviceId,
	heads: Heads,
	link: watch::Receiver<LinkState>,
	jobs: Jobs,
	told: mpsc::Sender<Input>,
	/// Jobs of tasks, as this branch has them.
	known: BTreeMap<JobId, Arc<JobView>>,
	/// Blocks since these were asked about.
	since_worker: u32,
	since_jobs: u32,
	/// The last job of which it was asked how long it matters.
	last_job: JobId,
	/// Ticks for which outputs are kept.
	kept: Tick,
}

/// Nobody listens.
struct Gone;

impl Watcher {
	async fn tell(&self, news: News) -> Result<(), Gone> {
		self.told.send(Input::Chain(news)).await.map_err(|_| Gone)
	}

	async fn run(&mut self) -> Result<(), Gone> {
		self.on_link().await?;
		loop {
			tokio::select! {
				changed = self.link.changed() => {
					changed.map_err(|_| Gone)?;
					self.on_link().await?;
				}
				event = self.heads.next() => self.on_heads(event.ok_or(Gone)?).await?,
			}
		}
	}

	async fn on_link(&mut self) -> Result<(), Gone> {
		let connected = self.link.borrow_and_update().is_connected();
		// Another node may be on another branch.
		self.known.clear();
		self.tell(News::Link(connected)).await
	}

	/// Of heads that have come meanwhile the last one counts.
	async fn on_heads(&mut self, first: HeadEvent) -> Result<(), Gone> {
		let (mut best, mut next) = (None, Some(first));
		for _ in 0..MAX_SKIPPED {
			match next {
				Some(HeadEvent::Best { head, abandoned, .. }) => {
					best = Some(head);
					if !abandoned.is_empty() {
						self.known.clear();
					}
				}
				Some(HeadEvent::Final(_)) => (),
				None => break,
			}
			next = timeout(Duration::ZERO, self.heads.next()).await.ok().flatten();
		}
		match best {
			Some(head) => self.on_head(&head).await,
			None => Ok(()),
		}
	}

	async fn on_head(&mut self, head: &Head) -> Result<(), Gone> {
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
		let slot_ms = self.node.slot_ms();
		if is_ahead(head.slot, slot_ms, now) {
			return self
				.tell(News::Silent("it tells of a block from the future".into()))
				.await;
		}
		if Duration::from_millis(head.slot.saturating_mul(slot_ms)).saturating_add(BEHIND) < now {
			return self
				.tell(News::Silent("it catches up, and tells of blocks that are old".into()))
				.await;
		}
		let Some((tick, tasks)) = self.asking(tasks(&*self.node, &self.device, head.hash)).await? else {
			return Ok(());
		};
		let Some(tasks) = self.with_jobs(tasks, head.hash).await? else {
			return Ok(());
		};
		self.tell(News::Head { tick, tasks }).await?;
		self.since_worker = self.since_worker.saturating_add(1);
		self.since_jobs = self.since_jobs.saturating_add(1);
		if self.since_worker > WORKER_EVERY {
			self.worker(head.hash).await?;
		}
		if self.since_jobs > JOBS_EVERY {
			self.since_jobs = 1;
			self.fates(head.hash).await?;
		}
		Ok(())
	}

	/// Tasks with their jobs; none if the node does not tell these. A task of a job that is gone is left out.
	async fn with_jobs(&mut self, tasks: Vec<Task>, at: Hash) -> Result<Option<Vec<(Task, Arc<JobView>)>>, Gone> {
		let wanted: BTreeSet<JobId> = tasks.iter().map(|task| task.job).collect();
		self.known.retain(|job, _| wanted.contains(job));
		for job in wanted {
			if self.known.contains_key(&job) {
				continue;
			}
			let asked = self.asking(self.node.job(job, at)).await?;
			match asked {
				Some(Some(view)) => drop(self.known.insert(job, Arc::new(view))),
				Some(None) => (),
				None => return Ok(None),
			}
		}
		let known = |task: Task| Some((task, self.known.get(&task.job)?.clone()));
		Ok(Some(tasks.into_iter().filter_map(known).collect()))
	}

	async fn worker(&mut self, at: Hash) -> Result<(), Gone> {
		let Some(worker) = self.asking(self.node.worker(&self.device, at)).await? else {
			return Ok(());
		};
		if let Some(terms) = self.asking(self.node.terms(at)).await? {
			self.kept = terms.times.kept;
		}
		self.since_worker = 1;
		self.tell(News::Worker(worker.map(Box::new))).await?;
		if let Some(earned) = self.asking(self.node.earned(&self.device, at)).await? {
			self.tell(News::Earned(earned)).await?;
		}
		Ok(())
	}

	/// How long some of the jobs matter, others the next time.
	async fn fates(&mut self, at: Hash) -> Result<(), Gone> {
		let mut jobs = self.jobs.after(self.last_job);
		if jobs.is_empty() {
			self.last_job = 0;
			jobs = self.jobs.after(0);
		}
		for job in jobs {
			let Some(view) = self.asking(self.node.job(job, at)).await? else {
				return Ok(());
			};
			let roots = view.iter().flat_map(needed).collect();
			let fate = match view {
				None => Fate::Gone,
				// Until it is known for how long outputs are kept, none is given up.
				Some(view) => match view.stage.closes(self.kept).filter(|_| self.kept > 0) {
					Some(tick) => Fate::Closes(tick),
					None => Fate::Open,
				},
			};
			self.last_job = job;
			self.tell(News::Job(job, fate, roots)).await?;
		}
		Ok(())
	}

	/// What a question comes to; none if it came to nothing, which is told.
	async fn asking<T>(&self, question: impl Future<Output = Result<T, ChainError>> + Send) -> Result<Option<T>, Gone> {
		let why = match timeout(PATIENCE, question).await {
			Ok(Ok(found)) => return Ok(Some(found)),
			Ok(Err(error)) => error.to_string(),
			Err(_) => format!("it did not answer in {} s", PATIENCE.as_secs()),
		};
		self.tell(News::Silent(why)).await?;
		Ok(None)
	}
}

/// The markets' clock, and the device's tasks.
async fn tasks(node: &dyn WorkNode, device: &DeviceId, at: Hash) -> Result<(Tick, Vec<Task>), ChainError> {
	Ok((node.tick(at).await?, node.tasks(device, at).await?))
}
