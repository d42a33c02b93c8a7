//! The rules alone: all runs over small trees, and random ones over larger ones, of voters that may prevote any leaf
//! that the rules permit. Each rule left out has to show.

pub mod agreement;
mod handover;
pub mod leaf_runs;
pub mod leaves;
mod relaxed;
