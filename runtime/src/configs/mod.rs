//! The parameters of each pallet, by theme.

#![warn(missing_docs)]

mod accounts;
mod candidates;
mod consensus;
mod fees;
mod governance;
mod resources;
mod session;
mod system;
mod upgrades;

pub use accounts::ProxyType;
pub use candidates::{DefaultParameters, MaxRead};
pub use consensus::{EraMemory, MaxDirectors, SlotMemory};
pub use fees::{fullness, ByFullness, Fees, LengthFee, SplitFees, WeightFee};
pub use governance::{AsRoot, Eliminations, MaxCallWeight, RootOrDirectors};
pub use resources::{
	ComputeDeposit, DeviceDeposit, KeyPrice, LinkDeposit, ModelDeposit, RefreshCandidate, SpaceDeposit, UptimeDeposit,
	VendorDeposit, VendorKeyDeposit,
};
pub use session::NeverEnds;
pub use upgrades::{MaxMigrationWeight, UpgradeDelay};
