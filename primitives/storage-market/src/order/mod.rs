//! What is ordered, what that costs, and what governance decides of it.

mod asks;
mod geometry;
mod quote;
mod terms;

pub use asks::{middle_ask, PaidAsks};
pub use geometry::{Geometry, Profile, LARGE_UNIT, MAX_SLOTS, MIB, SMALL_UNIT};
pub use quote::{Order, Quote, MAX_ERAS, MAX_FACTOR};
pub use terms::{Terms, Times, TimesError};
