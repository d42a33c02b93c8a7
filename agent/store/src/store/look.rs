//! Looks into a store: which chains a challenge finds, and the proof of one that wins.

use super::Store;
use crate::{
	container::{Buffers, Container},
	error::{At, StoreError},
	plotter::{parent, run, stacks, Cancel, Job, Launcher, Limits, Task},
	search::Search,
};
use proof_of_space_primitives::{
	is_up,
	pos2::{self, Pos2Proof, LINKS},
	Hash, Plot, SpaceProof,
};
use std::{
	fs,
	sync::{
		atomic::{AtomicU64, AtomicUsize, Ordering},
		Arc, Mutex, PoisonError,
	},
	thread,
	time::Duration,
};

/// Threads that a look takes at most.
const MOST_THREADS: usize = 64;
/// Bytes of memory that a solver may take: five times what it was seen to take at size 28.
const SOLVING_MEMORY: u64 = 1 << 30;
/// Numbers the files of proofs.
static SOLVED: AtomicU64 = AtomicU64::new(0);

/// A chain that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
	/// In which plot.
	pub plot: Plot,
	/// The number of its group, as it is claimed.
	pub number: u32,
	/// The chain.
	pub fragments: [u64; LINKS],
	/// What the draw compares with the threshold.
	pub quality: Hash,
}

/// What a look found.
#[derive(Debug, Default)]
pub struct Looked {
	/// Plots that are up, and were looked into.
	pub plots: usize,
	/// All chains, the lowest quality first.
	pub finds: Vec<Find>,
	/// Containers that could not be looked into, by the names of their files, and why.
	pub failed: Vec<(String, StoreError)>,
}

impl Store {
	/// Looks into all plots whose group is up, with so many threads.
	pub fn look(&self, challenge: &Hash, filter_bits: u8, threads: usize) -> Looked {
		let mut up = self.sound();
		up.retain(|container| is_up(challenge, &container.header.group, filter_bits));
		let looked = Mutex::new(Looked::default());
		let next = AtomicUsize::new(0);
		let work = || {
			let mut buffers = Buffers::default();
			while let Some(container) = up.get(next.fetch_add(1, Ordering::Relaxed)) {
				let result = self.look_into(container, challenge, &mut buffers);
				let mut looked = looked.lock().unwrap_or_else(PoisonError::into_inner);
				match result {
					Ok(finds) => {
						looked.plots += usize::from(container.header.plots);
						looked.finds.extend(finds);
					}
					Err(error) => {
						let name = container.path.file_name().unwrap_or_default();
						looked.failed.push((name.to_string_lossy().into_owned(), error));
					}
				}
			}
		};
		match threads.min(up.len()).min(MOST_THREADS) {
			0 | 1 => work(),
			threads => thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work)))),
		}
		let mut looked = looked.into_inner().unwrap_or_else(PoisonError::into_inner);
		looked.finds.sort_unstable_by_key(|find| find.quality);
		looked
	}

	fn look_into(
		&self,
		container: &Arc<Container>,
		challenge: &Hash,
		buffers: &mut Buffers,
	) -> Result<Vec<Find>, StoreError> {
		let header = &container.header;
		let mut finds = Vec::new();
		let sets = *pos2::chains(&header.plot(0), challenge)?.sets();
		let too_large = || StoreError::TooLarge(container.path.clone());
		container.four_sets(&sets, &self.cache, buffers, |at, four| {
			let plot = header.plot(at);
			let chains = pos2::chains(&plot, challenge)?;
			let found = Search::new(&plot).and_then(|search| search.chains(&chains, four));
			finds.extend(found.ok_or_else(too_large)?.into_iter().map(|fragments| Find {
				plot,
				number: header.number,
				fragments,
				quality: pos2::quality(&plot, challenge, &fragments),
			}));
			Ok(())
		})?;
		Ok(finds)
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
		let path = self.layout.temporary.join(format!("proof-{number}"));
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
		let said = self.layout.temporary.join(format!("proof-{number}.said"));
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
