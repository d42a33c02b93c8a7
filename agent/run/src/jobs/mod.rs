//! The work itself: looks, proofs, segments.

pub mod measure;

use super::plots::PlotStore;
use proof_lottery_primitives::{Challenge, DeviceId, Threshold};
use proof_of_compute_primitives::{scratchpad, Kernel};
use smart_agent_store::{plotter::Cancel, Find, StoreError};
use smartchain_provider::{Failure, JobId, Winner};
use std::{
	ops::Range,
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc, Mutex, PoisonError,
	},
	thread,
	time::{Duration, Instant},
};

/// Threads that run segments at most.
const MAX_THREADS: usize = 256;

/// What is to be done.
pub(super) enum Work {
	/// Look into plots.
	Look {
		challenge: Challenge,
		filter_bits: u8,
		groups: Vec<u32>,
		kind: (u8, u8),
		threads: usize,
		until: Instant,
	},
	/// Make a proof.
	Solve { challenge: Challenge, find: Box<Find> },
	/// Run segments.
	Run {
		kernel: Kernel,
		device: DeviceId,
		challenge: Challenge,
		segments: Range<u32>,
		threshold: Threshold,
		threads: usize,
	},
}

/// What came of it.
pub(super) enum Came {
	/// Finds, those of the groups that were asked for; and what could not be looked into.
	Looked {
		challenge: Challenge,
		finds: Vec<Find>,
		plots: usize,
		failed: Vec<String>,
	},
	/// A proof.
	Solved(Vec<u8>),
	/// Those that win, and how many were run.
	Ran { winners: Vec<Winner>, count: u32 },
	/// Nothing.
	Failed { failure: Failure, why: String },
}

/// What came of which job, and how long it took.
pub(super) struct Done {
	pub job: JobId,
	pub came: Came,
	pub took: Duration,
}

/// Does it. It blocks.
pub(super) fn work(job: JobId, work: Work, plots: Option<&dyn PlotStore>, cancel: &Cancel) -> Done {
	let begun = Instant::now();
	let came = match (work, plots) {
		(
			Work::Look {
				challenge,
				filter_bits,
				groups,
				kind,
				threads,
				until,
			},
			Some(plots),
		) => look(plots, challenge, filter_bits, &groups, kind, threads, until, cancel),
		(Work::Solve { challenge, find }, Some(plots)) => match plots.solve(&find, &challenge, cancel) {
			Ok(proof) => Came::Solved(proof),
			Err(StoreError::Cancelled) => cancelled(),
			Err(error) => broken(error.to_string()),
		},
		(
			Work::Run {
				kernel,
				device,
				challenge,
				segments,
				threshold,
				threads,
			},
			_,
		) => {
			let count = segments.end.saturating_sub(segments.start);
			let run = |segment, pad: &mut _| kernel.run(&challenge, &device, segment, pad);
			match run_segments(segments, threads, cancel, threshold, run) {
				Some(winners) => Came::Ran { winners, count },
				None => cancelled(),
			}
		}
		(_, None) => broken("there are no plots; name their folder in the configuration".into()),
	};
	Done {
		job,
		came,
		took: begun.elapsed(),
	}
}

fn cancelled() -> Came {
	Came::Failed {
		failure: Failure::Cancelled,
		why: "it was cancelled".into(),
	}
}

fn broken(why: String) -> Came {
	Came::Failed {
		failure: Failure::Broken,
		why,
	}
}

#[allow(clippy::too_many_arguments)]
fn look(
	plots: &dyn PlotStore,
	challenge: Challenge,
	filter_bits: u8,
	groups: &[u32],
	kind: (u8, u8),
	threads: usize,
	until: Instant,
	cancel: &Cancel,
) -> Came {
	let looked = plots.look(&challenge, filter_bits, threads, until, cancel);
	if cancel.check().is_err() {
		return cancelled();
	}
	let mut finds = looked.finds;
	// The store knows plots that are not claimed, too.
	finds.retain(|find| {
		(find.plot.k, find.plot.strength, find.plot.index) == (kind.0, kind.1, 0)
			&& groups.binary_search(&find.number).is_ok()
	});
	let failed = looked
		.failed
		.into_iter()
		.map(|(name, error)| format!("{name}: {error}"));
	Came::Looked {
		challenge,
		finds,
		plots: looked.plots,
		failed: failed.take(4).collect(),
	}
}

/// Runs segments on so many threads; none if it was cancelled.
fn run_segments(
	segments: Range<u32>,
	threads: usize,
	cancel: &Cancel,
	threshold: Threshold,
	run: impl Fn(u32, &mut proof_of_compute_primitives::Scratchpad) -> [u8; 32] + Sync,
) -> Option<Vec<Winner>> {
	let next = AtomicU32::new(segments.start);
	let winners = Mutex::new(Vec::new());
	let each = || {
		let mut pad = scratchpad();
		while cancel.check().is_ok() {
			let segment = next.fetch_add(1, Ordering::Relaxed);
			if segment >= segments.end {
				break;
			}
			let result = run(segment, &mut pad);
			if threshold.wins(&result) {
				let winner = Winner { segment, result };
				winners.lock().unwrap_or_else(PoisonError::into_inner).push(winner);
			}
		}
	};
	let count = segments.end.saturating_sub(segments.start);
	let threads = threads
		.clamp(1, MAX_THREADS)
		.min(usize::try_from(count).unwrap_or(1).max(1));
	match threads {
		1 => each(),
		_ => thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(each)))),
	}
	cancel.check().ok()?;
	let mut winners = winners.into_inner().unwrap_or_else(PoisonError::into_inner);
	winners.sort_unstable_by_key(|winner| winner.segment);
	Some(winners)
}

/// The job that is going on.
pub(super) struct Current {
	pub job: JobId,
	pub cancel: Arc<Cancel>,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn threads_run_each_segment_once_and_find_the_same() {
		let threshold = Threshold::one_in(4).unwrap();
		let ran = |threads| {
			let work_of = Work::Run {
				kernel: Kernel::V1,
				device: [2; 32],
				challenge: [1; 32],
				segments: 3..43,
				threshold,
				threads,
			};
			match work(7, work_of, None, &Cancel::default()).came {
				Came::Ran { winners, count } => (winners, count),
				_ => panic!("segments were to be run"),
			}
		};
		let alone = ran(1);
		assert_eq!(alone.1, 40);
		assert!(!alone.0.is_empty());
		assert_eq!(ran(3), alone);
		let mut pad = scratchpad();
		for winner in alone.0 {
			assert!((3..43).contains(&winner.segment));
			assert_eq!(
				winner.result,
				Kernel::V1.run(&[1; 32], &[2; 32], winner.segment, &mut pad)
			);
		}
	}

	#[test]
	fn what_is_cancelled_tells_nothing() {
		let cancel = Cancel::default();
		cancel.cancel();
		let all = Threshold::ALWAYS;
		assert!(run_segments(0..1_000_000, 2, &cancel, all, |_, _| [0; 32]).is_none());
	}
}
