//! A range of a slot as a stream that proves itself: pairs of hashes from the root down, and groups of 16 KiB, in the
//! order of bao (`bao-tree`, groups of 16 chunks). Pure: what is read and sent is others' work.

mod decode;
mod encode;
mod outboard;
mod piece;
mod walk;

pub use decode::{Decoder, Lie};
pub use encode::{fill, frames, Frame};
pub use outboard::Builder;
pub use piece::Piece;
pub use walk::{encoded_len, Item, Walk};
