//! Blocks and their finality reach everybody, also those that come later.

mod finality;
pub mod warp;
