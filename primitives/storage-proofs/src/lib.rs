#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod answer;
mod error;
mod opening;
mod outboard;
#[cfg(feature = "testing")]
pub mod sample;
mod shape;
mod stream;
mod tree;

pub use answer::{answer_bytes, check_answer, Answer, AnswerError, Confirmation, ASKED, ENVELOPE_BYTES};
pub use error::OpeningError;
pub use opening::{Chunk, Opening, Path, MAX_COMPRESSIONS};
pub use outboard::{open, OpenError, ReadAt, TooShort};
pub use shape::{Contents, Shape, GROUP_BYTES, GROUP_CHUNKS, MAX_BYTES, MAX_PATH};
pub use stream::{StreamError, Streamed, MAX_PICKED};
pub use tree::{CHUNK_BYTES, PAIR_BYTES};

/// A hash of BLAKE3: a root, or the value of a subtree; 32 bytes.
pub type Hash = [u8; 32];

/// The number of a deal. The chain counts from 1 on and gives none twice.
pub type DealId = u64;

/// A time of the markets' clock, for those who move slots and know nothing else of markets: the same as that of
/// `market-primitives`.
pub type Tick = u32;
