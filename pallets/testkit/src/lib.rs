#![doc = include_str!("../README.md")]

mod chain;
pub mod configs;
mod others;
mod recorder;
#[cfg(test)]
mod tests;

pub use chain::{apply, digest, genesis, run, validity};
pub use others::{Eras, KeysOfSession};
pub use recorder::{Recorder, Told, TELLING};

/// Accounts of mock chains: a number tells who it was.
pub type AccountId = u64;
