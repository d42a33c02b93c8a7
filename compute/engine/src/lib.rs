#![doc = include_str!("../README.md")]

mod abi;
mod host;
pub mod limits;
mod outcome;
mod pass;
mod program;
mod refusal;
mod sandbox;

pub use outcome::{Fault, Kind, Outcome, Trap, Unit};
pub use program::Program;
pub use refusal::Refusal;
pub use sandbox::{Backend, Engine, Loaded};

/// The number of this engine: one version of wasmtime with one set of settings, and this crate's pass and interface.
/// Outcomes compare within one engine alone.
pub const ENGINE_ID: u32 = 1;
