//! Machines on the whole chain: how they come, what they prove, and what that brings their candidates.

mod charges;
mod earnings;
pub mod machines;
mod plots;
mod registry;
mod space;
mod wins;
