//! The follower over a chain in memory.

mod follows;
