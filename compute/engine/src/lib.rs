#![doc = include_str!("../README.md")]

#[cfg(not(target_pointer_width = "64"))]
compile_error!("engine 1 runs where addresses have 64 bits: elsewhere a memory of 4 GiB has no room");

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
