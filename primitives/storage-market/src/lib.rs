#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answers;
mod beacon;
mod deal;
mod error;
mod order;
mod plots;
mod score;
mod signed;

pub use answers::{
	Claimable, DealState, DealsOf, OfferState, OpenChallenge, Reach, SlotOfDevice, Standing, MAX_ANSWERS,
	MAX_LOOKED_THROUGH,
};
pub use beacon::{
	draw, place, Audits, AuditsError, Draw, Moment, Offer, Outcome, Period, Quota, Randomness, Room, SlotId, Verdict,
	Wants, MAX_CHALLENGES,
};
pub use deal::{
	Closed, Confirmed, Deal, DealProven, DealSlot, Departed, Drawn, Holding, Kind, Lost, Proven, Slots, Stage, Turn,
	Why, STALLED,
};
pub use error::DealError;
pub use market_primitives::{Balance, Price, Tick};
pub use order::{
	middle_ask, Geometry, Order, PaidAsks, Profile, Quote, Terms, Times, TimesError, LARGE_UNIT, MAX_ERAS, MAX_FACTOR,
	MAX_SLOTS, MIB, SMALL_UNIT,
};
pub use plots::PlotOrder;
pub use score::{ProbeError, ProbeReport, Report, Scores, Served, ERRANDS, PROBE_BYTES, REPORTS};
pub use signed::{Acceptance, Receipt, Voucher};
pub use storage_proof_primitives::DealId;

/// A BLAKE3 root, or what a draw comes from.
pub type Hash = [u8; 32];

/// The place of a slot in its deal, from 0 on.
pub type SlotAt = u32;

/// Ticks of an era, if none is left out.
pub const ERA: Tick = 1_200;

/// Ticks of a day, if none is left out.
pub const DAY: Tick = 144 * ERA;
