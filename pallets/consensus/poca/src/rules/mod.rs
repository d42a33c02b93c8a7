//! The rules as pure functions: whose slot it is, who missed which turns, what randomness comes to.

pub mod clock;
pub mod header;
pub(crate) mod randomness;
pub mod turns;
