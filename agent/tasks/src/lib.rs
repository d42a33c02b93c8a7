#![doc = include_str!("../README.md")]

mod events;
mod machine;
mod memory;
mod rules;
mod stats;
mod types;
mod why;

pub use crate::{
	events::{Action, Batch, Deed, Done, Event, Failure, Fate, Refusal, Work, WorkId},
	machine::{Machine, Status, TaskState, TaskStatus, BATCH_UNITS, FORGET_AFTER, MAX_ANSWERS, MAX_TASKS, RESEND_MS},
	memory::{Answer, Memory, Record, Said},
	rules::Rules,
	stats::Stats,
	types::{Config, Hash, Now, TaskKey, Tick, Told, What},
	why::{Missed, Why, REASONS},
};
