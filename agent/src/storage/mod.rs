//! Selling storage: commands, and what `run` needs of it.
//!
//! ```text
//! offer    `offer set`, `show`, `withdraw`
//! slots    `slots` and what is done with them, `scrub`
//! keep     in `run`: starts the market's part, and has the owner's account sign if that is configured
//! ```

mod keep;
mod offer;
mod slots;

pub(crate) use keep::{hand, key_id, start};
pub(crate) use offer::run_offer;
pub(crate) use slots::{run_scrub, run_slots};
