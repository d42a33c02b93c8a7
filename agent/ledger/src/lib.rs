#![doc = include_str!("../README.md")]

mod book;
mod era;
mod error;
mod file;
mod plan;
#[cfg(test)]
mod tests;
mod why;

pub use book::{Book, Observed, Totals, View};
pub use era::{sum, Amounts, Closed, EraRecord, Flight, Seen, State, POTS};
pub use error::BookError;
pub use plan::{worth, Batch, Refused};

/// How many eras are remembered: a week of eras of ten minutes. Older ones go.
pub const MAX_ERAS: usize = 1_008;
/// How many eras one claim names at most: so many the chain takes.
pub const BATCH_ERAS: usize = 16;
/// How many claims may be on their way at a time.
pub const MAX_FLIGHTS: usize = 16;
/// How many claims go out in a day without a person, at most.
pub const CLAIMS_A_DAY: usize = 16;
/// A claim that was sent counts as on its way for so many blocks: far more than a transaction is good for, so that it
/// can be in none after it, however long its signature took.
pub const FLIGHT_BLOCKS: u32 = 1_024;
/// And for so many seconds, by this machine's clock: what a node says of heights alone does not release it.
pub const FLIGHT_SECONDS: u64 = 900;
/// A block whose slot is so many seconds from this machine's clock at most is new. In that time a chain makes far fewer
/// blocks than [`FLIGHT_BLOCKS`], one in each half of a second at most.
pub const NEW_SECONDS: u64 = 300;
/// The fee may be so many hundredths of what a claim brings.
pub const FEE_PERCENT: u128 = 5;
/// Seconds of a day: claims without a person are so far apart.
pub const DAY: u64 = 86_400;
/// A node names so many eras at a time at most, the oldest first: of later ones it says nothing then.
pub const MOST_TOLD: usize = 1_024;
/// For so many eras something can be claimed, if the chain does not say it.
pub const USUAL_EXPIRY: u32 = 4_320;
