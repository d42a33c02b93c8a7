//! What the beacon draws, and when.

mod audit;
mod moment;
mod tickets;

pub use audit::{Audits, AuditsError, Period, Quota, Room, MAX_CHALLENGES};
pub use moment::{place, Draw, Moment, Randomness, SlotId};
pub use tickets::{draw, Offer, Outcome, Verdict, Wants};
