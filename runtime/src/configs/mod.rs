//! The parameters of each pallet, by theme.

#![warn(missing_docs)]

mod accounts;
mod candidates;
mod consensus;
mod fees;
mod session;
mod system;

pub use accounts::ProxyType;
pub use candidates::{CompetenceByVotes, MaxRead};
pub use consensus::MaxDirectors;
pub use fees::{FeesToAuthor, WeightFee};
pub use session::NeverEnds;
