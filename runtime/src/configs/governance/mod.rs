//! Who decides what: holders by referenda, directors by motions; and what the treasury does.

mod admins;
mod directors;
mod mandates;
mod referenda;
mod tracks;
mod treasury;
mod upgrades;

pub use admins::Admins;
pub use directors::{AsRoot, DirectorsForHolders, Eliminations, MaxCallWeight, RootOrDirectors};
pub use mandates::{AsEmergency, AsParametersAdmin, ByHolders, EmergencyCalls, Scaled};
pub use referenda::{AgendaWeight, Enactments};
pub use tracks::{Tracks, BIG_SPEND, EMERGENCY, PARAMETERS, SMALL_SPEND, UPGRADE};
pub use treasury::{ToTreasury, TreasuryAccount};
pub use upgrades::{MaxMigrationWeight, UpgradeDelay};
