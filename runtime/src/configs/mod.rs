//! The parameters of each pallet, by theme.

#![warn(missing_docs)]

mod accounts;
mod candidates;
mod consensus;
mod fees;
pub mod governance;
mod money;
pub mod parameters;
mod resources;
mod session;
mod system;
mod vesting;

pub use accounts::ProxyType;
pub use candidates::{DefaultParameters, MaxRead};
pub use consensus::{fullness, EraMemory, MaxDirectors, SlotMemory};
pub use fees::{ByFullness, FeeNow, Fees, LengthFee, SplitFees, WeightFee};
pub use governance::{
	AsRoot, Eliminations, MaxCallWeight, MaxMigrationWeight, RootOrDirectors, ToTreasury, TreasuryAccount, UpgradeDelay,
};
pub use money::{Checks, ChecksAccount, Facts, Rates, Served, Usage, VotePoints};
pub use parameters::{
	compute::{AdmittedEngines, ComputeRules, ComputeTerms},
	issuance::{ExpiryEras, IssuanceTerms},
	storage::StorageTerms,
	RuntimeParameters,
};
pub use resources::{
	ComputeDeposit, DeviceDeposit, KeyPrice, LinkDeposit, ModelDeposit, RefreshCandidate, SpaceDeposit, UptimeDeposit,
	VendorDeposit, VendorKeyDeposit,
};
pub use session::NeverEnds;
pub use vesting::{MinVestedTransfer, MAX_SCHEDULES};
