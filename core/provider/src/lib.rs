#![doc = include_str!("../README.md")]

mod events;
mod leave;
mod machine;
mod memory;
mod odds;
mod round;
mod rules;
mod stats;
mod types;
mod why;

pub use crate::{
	events::{Action, Event, Failure, JobId, Outcome},
	leave::may_delete,
	machine::{Provider, RoundStatus, Status, MAX_LISTED, MAX_PLOTS, MAX_ROUNDS, MAX_SUBMITS},
	memory::{Memory, Record, FORGET_AFTER, MAX_KEPT},
	odds::{announceable, expected},
	round::{RoundKey, Stage, LINGER},
	rules::Rules,
	stats::Stats,
	types::*,
	why::{Ending, Explanation, Refusal, Why},
};

pub use proof_lottery_primitives::{Claimed, SpaceScheme, MAX_WINS};
pub use proof_of_space_primitives::FindKey;
