#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answers;
mod audit;
mod deal;
mod draw;
mod error;
mod geometry;
mod predicate;
mod quote;
mod slot;
mod terms;

pub use answers::{
	Claimable, DealState, DealsOf, OfferState, OpenChallenge, Reach, SlotOfDevice, Standing, MAX_ANSWERS, MAX_LOOKED_THROUGH,
};
pub use audit::{chunks, first_chunks, Openings, Quota, AUDIT_DOMAIN, CHUNKS};
pub use deal::{Closed, Confirmed, Deal, Departed, Kind, Lost, Proven, Slots, Stage, Turn, Why};
pub use draw::{draw, seed, Draws, Offer, Outcome, Verdict, Wants, PLACE_DOMAIN};
pub use error::DealError;
pub use geometry::{Geometry, Profile, CHUNK, LARGE_UNIT, MAX_SLOTS, MAX_SLOT_LEN, MIB, SMALL_UNIT};
pub use market_primitives::{Balance, Price, Tick};
pub use predicate::DealProven;
pub use quote::{Order, Quote, MAX_ERAS, MAX_FACTOR};
pub use slot::{DealSlot, Drawn, Holding, STALLED};
pub use terms::{Terms, Times};

/// The number of a deal. The chain counts from 1 on and gives none twice.
pub type DealId = u64;

/// A BLAKE3 root, or 32 bytes of randomness.
pub type Hash = [u8; 32];

/// The place of a slot in its deal, from 0 on.
pub type SlotAt = u32;
