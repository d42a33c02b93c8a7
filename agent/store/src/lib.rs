#![doc = include_str!("../README.md")]

mod bits;
pub mod capacity;
pub mod container;
mod error;
pub mod mounts;
pub mod plotter;
pub mod search;
pub mod source;
mod store;

pub use error::{At, Damage, Fits, StoreError};
pub use store::{Created, Find, Listed, Looked, Order, Owner, Progress, State, Store, Verdict};
