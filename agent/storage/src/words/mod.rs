//! Bytes, prices and what was earned, as people read and write them.

mod earned;
mod prices;

pub use earned::{earned, line, EarnedByStorage};
pub use prices::{ask_words, egress_words, read_ask, read_bytes, read_egress};
