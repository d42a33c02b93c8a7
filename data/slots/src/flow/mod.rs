//! What is done with volumes and slots, from one end to the other: each flow may be called again, and goes on.

mod get;
mod put;
mod read;
mod repair;
mod verify;

pub use get::{get, Get, Restored, Selection, SYNC_BYTES, SYNC_ENTRIES};
pub use put::{put, Put, SPAN};
pub use read::Reader;
pub use repair::{repair, Repair, Repaired, STEP};
pub use verify::{verify, verify_slot};
