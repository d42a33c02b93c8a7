//! The parameters of each pallet, by theme.

#![warn(missing_docs)]

mod accounts;
mod candidates;
mod consensus;
mod fees;
mod system;

pub use accounts::ProxyType;
pub use candidates::{CompetenceByVotes, MaxRead, OFFENCE_ERAS};
pub use consensus::{MaxDirectors, NeverEnds};
pub use fees::{FeesToAuthor, WeightFee};
