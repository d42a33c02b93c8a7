//! The parameters of each pallet, by theme.

#![warn(missing_docs)]

mod accounts;
mod candidates;
mod consensus;
mod fees;
mod system;

pub use accounts::ProxyType;
pub use consensus::{MaxDirectors, NeverEnds};
pub use fees::{FeesToAuthor, WeightFee};
