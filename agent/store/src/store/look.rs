//! Looks into a store: which chains a challenge finds, and the proof of one that wins.

use super::{
	round::{Find, Round, PATIENCE},
	State, Store,
};
use crate::{
	container::Container,
	error::{At, StoreError},
	plotter::{parent, run, stacks, Cancel, Job, Launcher, Limits, Task},
};
use proof_of_space_primitives::{is_up, pos2::Pos2Proof, Hash, SpaceProof};
use std::{
	fs,
	io::ErrorKind,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};

/// How long a look takes at most if nobody says: less than the 24 slots of 6 s in which a win is to be sent.
const LONGEST: Duration = Duration::from_secs(100);
/// How often a look sees whether it is still wanted.
const SEE: Duration = Duration::from_millis(20);
/// Bytes of memory that a solver may take: five times what it was seen to take at size 28.
const SOLVING_MEMORY: u64 = 1 << 30;
/// Numbers the files of proofs.
static SOLVED: AtomicU64 = AtomicU64::new(0);

/// What a look found.
#[derive(Debug, Default)]
pub struct Looked {
	/// Plots that are up, and were looked into.
	pub plots: usize,
	/// Plots that are up, and were not: their time was over, it was cancelled, or reading failed.
	pub left: usize,
	/// All chains, the lowest quality first.
	pub finds: Vec<Find>,
	/// Containers that could not be looked into, by the names of their files, and why.
	pub failed: Vec<(String, StoreError)>,
}

impl Store {
	/// Looks into all plots whose group is up, with so many threads, for 100 s at most.
	pub fn look(&self, challenge: &Hash, filter_bits: u8, threads: usize) -> Looked {
		let until = Instant::now().checked_add(LONGEST);
		self.look_until(challenge, filter_bits, threads, until, &Cancel::default())
	}

	/// The same until a moment, if one is given, or until it is cancelled, whatever the disk does: what has been found
	/// by then is returned within some 20 ms. A disk that hangs keeps its thread, at most 64 over all looks, and
	/// its container is left out of other looks until it answers.
	pub fn look_until(
		&self,
		challenge: &Hash,
		filter_bits: u8,
		threads: usize,
		until: Option<Instant>,
		cancel: &Cancel,
	) -> Looked {
		let mut looked = Looked::default();
		let held_up = self.lookers.held_up(PATIENCE);
		let mut up = self.sound();
		up.retain(|container| is_up(challenge, &container.header.group, filter_bits));
		let (slow, up): (Vec<_>, Vec<_>) = up
			.into_iter()
			.partition(|container| held_up.contains(&container.number()));
		for container in &slow {
			looked.fail(container, StoreError::Slow(container.path.clone()));
		}
		if !up.is_empty() {
			self.look_into(challenge, up, threads, until, cancel, &mut looked);
		}
		looked.finds.sort_unstable_by_key(|find| find.quality);
		looked
	}

	fn look_into(
		&self,
		challenge: &Hash,
		up: Vec<Arc<Container>>,
		threads: usize,
		until: Option<Instant>,
		cancel: &Cancel,
		looked: &mut Looked,
	) {
		let all = up
			.iter()
			.map(|container| usize::from(container.header.plots))
			.sum::<usize>();
		if cancel.check().is_err() || until.is_some_and(|until| until <= Instant::now()) {
			looked.left += all;
			return;
		}
		let round = Round::new(*challenge, up, self.cache.clone());
		let running = match round.start(threads, &self.lookers) {
			Ok(running) => running,
			Err(source) => {
				let (what, path) = ("start a thread to read", self.layout.folder.clone());
				let error = StoreError::Io { what, path, source };
				looked.failed.push((self.layout.folder.display().to_string(), error));
				looked.left += all;
				return;
			}
		};
		let up = running.up();
		let mut answered = vec![false; up.len()];
		let mut take = |wait| {
			let (answers, ended) = running.wait(wait);
			for (at, result) in answers {
				answered[at] = true;
				self.learn(&up[at], &result);
				looked.take(&up[at], result);
			}
			ended
		};
		let late = loop {
			let left = until.map_or(SEE, |until| until.saturating_duration_since(Instant::now()).min(SEE));
			let cancelled = cancel.check().is_err();
			let is_over = cancelled || left.is_zero();
			// None is lost that came at the last moment.
			if take(if is_over { Duration::ZERO } else { left }) || is_over {
				break !cancelled;
			}
		};
		let begun = running.begun();
		for (container, _) in up.iter().zip(&answered).take(begun).filter(|(_, answered)| !**answered) {
			match late {
				true => looked.fail(container, StoreError::Slow(container.path.clone())),
				false => looked.left += usize::from(container.header.plots),
			}
		}
		let not_begun = up.iter().skip(begun);
		looked.left += not_begun
			.map(|container| usize::from(container.header.plots))
			.sum::<usize>();
	}

	/// What reading a container showed of it.
	fn learn(&self, container: &Container, result: &Result<Vec<Find>, StoreError>) {
		if !self.has(container) {
			// Another file has its name by now.
			return;
		}
		match result {
			Err(StoreError::Damaged { damage, .. }) => self.set_state(&container.path, State::Damaged(*damage)),
			// Another process deleted it; or its disk is gone, and comes back: then nothing in the folder has changed.
			Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
				self.forget(&container.path);
				self.stale.store(true, Ordering::Relaxed);
			}
			_ => (),
		}
	}

	/// The proof of a find, as the chain verifies it. It takes no look into the plot, but some core-seconds.
	pub fn solve(
		&self,
		find: &Find,
		challenge: &Hash,
		launcher: &Launcher,
		cancel: &Cancel,
	) -> Result<Vec<u8>, StoreError> {
		let number = SOLVED.fetch_add(1, Ordering::Relaxed);
		let path = self.layout.proofs.join(format!("proof-{number}"));
		let job = Job {
			parent: parent(),
			plot: find.plot,
			limits: Limits {
				memory: SOLVING_MEMORY + stacks(),
				cores: u16::MAX,
				nice: 0,
			},
			task: Task::Solve {
				fragments: find.fragments,
				proof: path.clone(),
			},
		};
		let said = self.layout.proofs.join(format!("proof-{number}.said"));
		let ran = run(launcher, &job, &said, Duration::from_secs(1), cancel, &mut |_| ());
		let proof = ran.and_then(|_| fs::read(&path).at("read", &path));
		let _ = fs::remove_file(&path);
		let proof = proof?;
		let read = Pos2Proof::read(&find.plot, challenge, &proof).map_err(StoreError::Unproven)?;
		if *read.fragments() != find.fragments {
			return Err(StoreError::OtherChain);
		}
		read.verify().map_err(StoreError::Unproven)?;
		Ok(proof)
	}
}

impl Looked {
	fn take(&mut self, container: &Container, result: Result<Vec<Find>, StoreError>) {
		match result {
			Ok(finds) => {
				self.plots += usize::from(container.header.plots);
				self.finds.extend(finds);
			}
			Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
				self.left += usize::from(container.header.plots);
			}
			Err(error) => self.fail(container, error),
		}
	}

	fn fail(&mut self, container: &Container, error: StoreError) {
		let name = container.path.file_name().unwrap_or_default();
		self.failed.push((name.to_string_lossy().into_owned(), error));
		self.left += usize::from(container.header.plots);
	}
}
