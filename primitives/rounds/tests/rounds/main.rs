//! The rounds: what always holds of them, and what jitter is good for.
#![allow(missing_docs)]

mod caps;
mod failures;
mod golden;
mod sums;
mod triples;
mod workbench;
