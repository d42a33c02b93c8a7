//! The half of whoever holds slots.

mod desk;

pub use desk::{Balance, Device, Grant, Held, Owed, Reading, Receiving, Rights, Shelf, Till};
