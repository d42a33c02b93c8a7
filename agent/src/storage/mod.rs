//! Selling storage: commands, and what `run` needs of it.
//!
//! ```text
//! units    bytes and prices as people write them
//! offer    `offer set`, `show`, `withdraw`
//! slots    `slots` and what is done with them, `scrub`
//! keep     in `run`: starts the market's part, and has the owner's account sign if that is configured
//! earned   what `earnings` says of slots
//! ```

mod earned;
mod keep;
mod offer;
mod slots;
mod units;

pub(crate) use earned::{earned, line, EarnedByStorage};
pub(crate) use keep::start;
pub(crate) use offer::run_offer;
pub(crate) use slots::{run_scrub, run_slots};
