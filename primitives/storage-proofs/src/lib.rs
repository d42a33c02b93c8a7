#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answer;
mod audit;
mod deadlines;
mod draw;
mod error;
mod opening;
mod outboard;
#[cfg(feature = "testing")]
pub mod sample;
mod shape;
mod stream;
mod tree;

pub use answer::{answer_bytes, Answer, AnswerError, Challenge, Confirmation, ASKED, ENVELOPE_BYTES, MAX_CHALLENGES};
pub use audit::{AuditTerms, AuditTermsError, Due, Retention, RetentionError, MAX_PER_DAY};
pub use deadlines::{DealTimes, DealTimesError, PATIENCE_STEPS};
pub use draw::{place, DealSlot, Draw, Moment};
pub use error::OpeningError;
pub use opening::{Chunk, Opening, Path, MAX_COMPRESSIONS};
pub use outboard::{open, OpenError, ReadAt, TooShort};
pub use shape::{Contents, Shape, GROUP_BYTES, GROUP_CHUNKS, MAX_BYTES, MAX_PATH};
pub use stream::{StreamError, Streamed, MAX_PICKED};
pub use tree::{CHUNK_BYTES, PAIR_BYTES};

/// A hash of BLAKE3: a root, or the value of a subtree; 32 bytes.
pub type Hash = [u8; 32];

/// What the VRF outputs of authors have accumulated to.
pub type Randomness = [u8; 32];

/// The number of a deal. The chain gives none twice.
pub type DealId = u64;

/// A time of the markets' clock: it ticks once a block, slower while blocks are full, and not while finality lags.
pub type Tick = u32;

/// Ticks of an era, if none is left out.
pub const ERA: Tick = 1_200;

/// Ticks of a day, if none is left out.
pub const DAY: Tick = 144 * ERA;
