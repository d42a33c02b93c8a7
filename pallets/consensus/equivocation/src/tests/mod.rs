//! Tests by topic. [`crate::mock::run`] checks the invariants after each.

mod history;
mod lies;
mod model;
mod reports;
