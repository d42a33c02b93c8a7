//! What is done with volumes and slots, from one end to the other: each flow may be called again, and goes on.

mod get;
mod put;
mod read;
mod repair;
mod verify;

pub use get::{get, Get, Restored, Selection, SYNC_BYTES, SYNC_ENTRIES};
pub use put::{put, told, Put, SPAN};
pub use read::Reader;
pub use repair::{repair, Repair, Repaired};
pub use verify::{verify, verify_slot};

/// Bytes of a slot that checks and repairs hold at once.
pub const STEP: usize = 256 << 10;
