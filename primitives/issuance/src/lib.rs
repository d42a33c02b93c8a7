#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

mod closing;
mod curve;
mod error;
mod exact;
mod ledger;
mod pots;
mod schedule;
mod terms;
mod work;

pub use closing::{close, payout, share, Closing};
pub use curve::Curve;
pub use error::TermsError;
pub use exact::worth;
pub use ledger::EraLedger;
pub use pots::{Merits, PerPot, Pot, Pots};
pub use schedule::Schedule;
pub use terms::{Split, Terms};
pub use work::{usage, Demand, Use, Work};

/// An amount, in planck.
pub type Balance = u128;

/// Planck of one STCI.
pub const STCI: Balance = 1_000_000_000_000;

/// Fractional bits of units of work and of merits that are counted in units: one GiB held for an era is `1 << 32`.
pub const UNIT_BITS: u32 = 32;

/// One unit.
pub const UNIT: u128 = 1 << UNIT_BITS;
