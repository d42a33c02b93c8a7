//! The follower and the submitter over a chain in memory.

mod follows;
mod tips;
