#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod beacon;
mod error;
mod outcome;
mod predicate;
mod record;
mod signed;
mod spec;
mod terms;
mod tickets;
mod unit;

pub use beacon::{jitter, pool, rechecked, Draw, Randomness};
pub use error::ComputeError;
pub use market_primitives::{Balance, Price, Purse, Shares, Tick, GFUEL};
pub use outcome::{commitment, Kind, Outcome, Salt, Shown};
pub use predicate::TaskAccepted;
pub use record::{Dissent, Record};
pub use signed::{Commits, Entry, Reveal, Reveals, MAX_ENTRIES};
pub use spec::{
	Assurance, EngineId, Input, Spec, AUDITED, MAX_FUEL, MAX_MEMORY_PAGES, MAX_OUTPUT_BYTES, MAX_PROGRAM_BYTES,
	MAX_UNITS, PROBE,
};
pub use terms::{Terms, TermsError, Times};
pub use tickets::{Offer, Verdict, Wants};
pub use unit::{Copied, Phase, Replica, State, Step, Unit, UnitError, MAX_COPIES, MAX_POOL, MAX_REPLICAS};

/// Which job, counted from 1.
pub type JobId = u64;

/// Which unit of a job, counted from 0.
pub type UnitAt = u32;

/// A hash of 32 bytes.
pub type Hash = [u8; 32];
