#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answers;
mod draws;
mod error;
mod job;
mod outcome;
mod pay;
mod pool;
mod reliability;
mod signed;
pub mod state;
mod terms;

pub use answers::{
	JobClaim, JobStage, JobState, JobsOf, Short, Task, UnitCounts, UnitStage, UnitState, What, WorkerState,
	MAX_ANSWERS, MAX_LOOKED_THROUGH,
};
pub use draws::{jitter, job_seed, jury, pool, probers, recent, recheck, Draw, Stream};
pub use error::JobError;
pub use job::{
	Assurance, ClientEndpoints, Input, Program, Source, Spec, MAX_CLIENT_ENDPOINTS, MAX_FUEL, MAX_INPUT_BYTES,
	MAX_MEMORY_PAGES, MAX_OUTPUT_BYTES, MAX_PROGRAM_BYTES, MAX_UNITS,
};
pub use market_primitives::{Balance, Price, Tick};
pub use outcome::{Accepted, Commitment, Digest, Kind, Outcome, Salt, TaskAccepted, NO_OUTPUT};
pub use pay::{Forfeit, Pay, Quote};
pub use pool::{
	draw, Candidate, Drawn, Fit, PoolMember, Wants, WorkOffer, FREE_DECLINES, MAX_ENGINES, MAX_LATE, MAX_POOL,
	MAX_SLOTS, MFUEL,
};
pub use quorum_primitives::{Return, Rule, Verdict};
pub use reliability::{Penalty, Reliability, CLEAN_UNITS, MEMORY};
pub use signed::{Assignment, Commit, Decline, OutputReport, Reveal, Said, UnitCommitment, UnitReveal, MAX_BATCH};
pub use storage_market_primitives::{DealId, Randomness, Reach};
pub use terms::{Terms, TermsError, Times};

/// A hash: a root of BLAKE3, or what a draw comes from.
pub type Hash = [u8; 32];

/// The number of a job. The chain counts from 1 on and gives none twice.
pub type JobId = u64;

/// The number of an engine: outcomes compare within one alone.
pub type EngineId = u32;

/// The number of a unit in its job, from 0 on.
pub type UnitAt = u32;

/// Jobs that may wait for turns at once.
pub const MAX_RUNNABLE: u32 = 1_024;

/// Units of which the chain remembers that they were accepted last: AutoMine has them run again.
pub const MAX_RECENT: u32 = 1_024;

/// Deadlines of one tick.
pub const MAX_DUE: u32 = 64;

/// Members that are picked in a block at most.
pub const MAX_PICKS: u32 = 64;

/// Jobs that one claim names at most.
pub const MAX_CLAIMS: u32 = 32;

/// Work tickets of a device at most.
pub const MAX_TICKETS: u32 = 32;
