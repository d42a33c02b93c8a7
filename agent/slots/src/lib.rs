#![doc = include_str!("../README.md")]

mod check;
mod entry;
mod error;
mod layout;
mod own;
mod shelf;
mod store;

pub use check::{Cancel, Pace};
pub use error::{ReadError, StoreError};
pub use own::{OwnSlot, SYNC_BYTES};
pub use store::{Found, Owner, SlotStore, Usage, RESERVE};
