#![doc = include_str!("../README.md")]

pub mod core;
pub mod events;
mod own;
pub mod rules;
pub mod status;
mod tally;
mod tree;
pub mod types;

pub use crate::{
	core::{Config, Core},
	events::{Action, Event, Now, Resend, Want},
	rules::{PrevoteFacts, Protocol, Rules},
	status::{Reason, Refusals, Refused},
	tree::Rank,
	types::*,
};
