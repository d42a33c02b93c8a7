//! What must not change by accident.

mod interface;
pub mod metadata;
mod stable;
