//! The validator against what Chia's crate made and judged, against garbage, and the draw against golden bytes.

mod cheats;
mod draw;
mod garbage;
mod vectors;
