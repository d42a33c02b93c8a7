//! What the beacon draws, and when.

mod audit;
mod draw;
mod moment;

pub use audit::{Audits, AuditsError, Period, Quota, Room, MAX_CHALLENGES};
pub use draw::{draw, Offer, Outcome, Verdict, Wants};
pub use moment::{place, Draw, Moment, Randomness, SlotId};
