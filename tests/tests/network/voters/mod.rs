//! Voters: their keys, what they remember of what they signed, and those that sign twice.

pub mod changes;
mod own_keys;
mod safety;
mod twins;
pub mod votes;
