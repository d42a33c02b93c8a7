//! Tests by topic. [`crate::mock::with_directors`] checks the invariants after each.

mod clock;
mod eras;
mod genesis;
mod headers;
mod lookups;
mod missed;
mod seats;
mod switch;
mod turns;
