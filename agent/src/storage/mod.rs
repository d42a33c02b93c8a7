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
pub(crate) use offer::{run_offer, unsold};
pub(crate) use slots::{run_scrub, run_slots};

use crate::status::{Problem, Severity};

/// Which problem it is that plots earn nothing.
pub(crate) const UNSOLD: &str = "unsold";

/// The same as a status shows it.
pub(crate) fn unsold_problem(told: Option<[&'static str; 2]>) -> Option<Problem> {
	told.map(|[what, remedy]| Problem::new(Severity::Info, UNSOLD, what, remedy))
}
