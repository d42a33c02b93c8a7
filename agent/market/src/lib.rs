#![doc = include_str!("../README.md")]

mod deeds;
mod events;
mod machine;
mod memory;
mod rules;
mod stats;
mod types;
mod why;

pub use crate::{
	deeds::{Body, Deed, DeedKey, Shown, MAX_DEED},
	events::{Action, Done, Event, Failure, JobId, Order, Outcome, Work},
	machine::{
		Machine, SlotState, SlotStatus, Status, CLAIM_SLOTS, GONE_AFTER, MAX_ASKED, MAX_DEEDS, MAX_SLOTS, RESEND_MS,
		SCRUB_SECONDS,
	},
	memory::{Memory, Record, Report, FORGET_AFTER, MAX_REPORT, MAX_VOUCHERS},
	rules::Rules,
	stats::Stats,
	types::{
		Asked, Balance, Config, Contents, Hash, Now, OnDisk, Role, SlotKey, Tick, Told, Voucher, GROUP, SCRUB_NIGHT,
	},
	why::{Missed, Refusal, Why, REASONS},
};
