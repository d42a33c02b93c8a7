#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod abi;
mod chain;
mod desk;
mod envelope;
mod known;
mod words;

pub use desk::Desk;
pub use envelope::{EnvelopeError, MAX_ENVELOPE, MAX_MESSAGES};
pub use words::{ChannelView, Deed, Fault, Kept, Options, PartView, Reply, Request, Told, TowerOption, Want};

/// The version of the exported functions and of [`Request`] and [`Reply`].
pub const VERSION: u32 = 1;

/// The most bytes of a request, and the most that room is made for: the sheets of some hundred channels at their worst.
pub const MAX_REQUEST: u32 = 16 << 20;
