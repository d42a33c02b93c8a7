//! What an upgrade from an earlier runtime changes in the state, in one block.
//!
//! Points of candidates are removed all at once: of 144 eras, up to three entries for each director, which are 9,000
//! with 21 directors. The block of the upgrade takes that much longer.

#![warn(missing_docs)]

use crate::{limits::DbWeight, Runtime};
use frame_support::{migrations::RemoveStorage, parameter_types};

parameter_types! {
	/// The pallet that kept points.
	pub const CandidatesName: &'static str = "Candidates";
	/// Points by era and account.
	pub const PointsName: &'static str = "Points";
	/// Points of all by era.
	pub const TotalPointsName: &'static str = "TotalPoints";
	/// The eras of which points were kept.
	pub const ErasWithPointsName: &'static str = "ErasWithPoints";
}

/// Sets a pallet's storage version, once the steps before have brought its storage there.
pub struct CandidatesAtTwo;

impl frame_support::traits::OnRuntimeUpgrade for CandidatesAtTwo {
	fn on_runtime_upgrade() -> frame_support::weights::Weight {
		use frame_support::traits::{Get, StorageVersion};
		StorageVersion::new(2).put::<crate::Candidates>();
		DbWeight::get().writes(1)
	}
}

/// All of them, in this order. Each does nothing where it has been done.
pub type Migrations = (
	RemoveStorage<CandidatesName, PointsName, DbWeight>,
	RemoveStorage<CandidatesName, TotalPointsName, DbWeight>,
	RemoveStorage<CandidatesName, ErasWithPointsName, DbWeight>,
	CandidatesAtTwo,
	pallet_stci_issuance::Begin<Runtime>,
);
