//! Tests by topic. [`crate::mock::with_voters`] checks the invariants after each.

mod finalized;
mod record;
mod voters;
