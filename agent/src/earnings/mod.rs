//! What the owner earns: looked at, kept in a file, shown, claimed.
//!
//! What may be claimed and when, `smart-agent-ledger` decides: a book that is told what a node says of a final block.
//! This module is its edge.
//!
//! ```text
//! file     the book on the disk: read, changed and written under a lock, by the agent and by commands
//! look     asks a node, and tells the book
//! claim    which claims are worth their fee, and sending one: written down before it is sent
//! shown    the book as status and commands show it
//! command  `earnings` and `claim`
//! daemon   in `run`: looks, warns, and claims if it is configured
//! ```

mod claim;
mod command;
mod daemon;
mod file;
mod look;
mod shown;
#[cfg(test)]
mod tests;

pub(crate) use command::{run_claim, run_earnings};
pub(crate) use daemon::{at_once, keep};
pub(crate) use shown::line;

/// The target of this module's logs.
const LOG_TARGET: &str = "earnings";
