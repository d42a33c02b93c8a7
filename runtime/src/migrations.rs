//! What an upgrade to this version changes in state.
//!
//! A pallet whose storage changes has its migration beside it or here, and is listed here until no chain is left that
//! has the old form.
//!
//! Two ways: what is little and bounded runs in the first block of the new runtime ([`Migrations`]); what walks a map
//! runs over several blocks ([`OfSeveralBlocks`]), during which no transaction gets into a block. Both leave alone what
//! schedule and voter set are made of: nodes ask for these before any migration runs.

#![warn(missing_docs)]

use crate::{
	constants::currency::{EXISTENTIAL_DEPOSIT, MAX_SUPPLY},
	limits::DbWeight,
	AccountId, Balances, Candidates, Runtime, System, Treasury,
};
use frame_support::{
	migrations::{SteppedMigration, SteppedMigrationError},
	storage::{storage_prefix, unhashed},
	traits::{fungible::Mutate, OnRuntimeUpgrade, StorageVersion},
	weights::{Weight, WeightMeter},
};

/// What runs in the first block, in this order. Each does nothing where it has been done.
pub type Migrations = (
	PointsLeft,
	OpenTreasury,
	pallet_stci_issuance::Begin<Runtime>,
	pallet_storage_market::migration::LearnWhatIsPaid<Runtime>,
	pallet_compute_market::Begin<Runtime>,
);

/// What runs over several blocks, one after the other. What has run under a name never runs under it again.
#[cfg(not(feature = "other-slot-rule"))]
pub type OfSeveralBlocks = (RemovePoints,);

/// What the test of an upgrade runs besides.
#[cfg(feature = "other-slot-rule")]
pub type OfSeveralBlocks = (RemovePoints, of_tests::CountAccounts);

/// Candidates' storage is that of version 2: points are issuance's. What is left of them is out of sight already, and
/// goes by [`RemovePoints`].
pub struct PointsLeft;

impl OnRuntimeUpgrade for PointsLeft {
	fn on_runtime_upgrade() -> Weight {
		if StorageVersion::get::<Candidates>() >= 2 {
			return DbWeight::get().reads(1);
		}
		StorageVersion::new(2).put::<Candidates>();
		DbWeight::get().reads_writes(1, 1)
	}
}

/// Gives the treasury what an account takes to exist, as genesis does: each fee's share is less, and would cease to
/// exist instead. It runs before issuance begins, and so what it gives counts as genesis.
pub struct OpenTreasury;

impl OnRuntimeUpgrade for OpenTreasury {
	fn on_runtime_upgrade() -> Weight {
		let account = Treasury::account_id();
		if pallet_stci_issuance::SupplyOf::<Runtime>::exists() || System::account_exists(&account) {
			return DbWeight::get().reads(2);
		}
		let has_room = Balances::total_issuance().saturating_add(EXISTENTIAL_DEPOSIT) <= MAX_SUPPLY;
		// If it cannot be, what comes to the treasury ceases to exist until an era or a transfer brings enough.
		if has_room && <Balances as Mutate<AccountId>>::mint_into(&account, EXISTENTIAL_DEPOSIT).is_ok() {
			return DbWeight::get().reads_writes(3, 2);
		}
		DbWeight::get().reads(3)
	}
}

/// Removes the points that candidates had: of 144 eras, up to three entries for each director there can be.
pub struct RemovePoints;

/// How many entries of an item a step removes.
const ENTRIES: u32 = 500;

impl SteppedMigration for RemovePoints {
	type Cursor = ();
	type Identifier = [u8; 15];

	fn id() -> Self::Identifier {
		*b"remove-points/1"
	}

	fn max_steps() -> Option<u32> {
		Some(10_000)
	}

	fn step(_: Option<()>, meter: &mut WeightMeter) -> Result<Option<()>, SteppedMigrationError> {
		// So many of each of the three.
		let removed = u64::from(ENTRIES).saturating_mul(3);
		let required = DbWeight::get().reads_writes(removed.saturating_add(3), removed);
		if meter.try_consume(required).is_err() {
			return Err(SteppedMigrationError::InsufficientWeight { required });
		}
		for item in ["Points", "TotalPoints", "ErasWithPoints"] {
			let prefix = storage_prefix(b"Candidates", item.as_bytes());
			if unhashed::clear_prefix(&prefix, Some(ENTRIES), None)
				.maybe_cursor
				.is_some()
			{
				return Ok(Some(()));
			}
		}
		Ok(None)
	}
}

/// A migration that takes several blocks and can be seen. The feature `other-slot-rule` alone has it.
#[cfg(feature = "other-slot-rule")]
pub mod of_tests {
	use super::*;

	/// Where the number of accounts is, as four bytes, the lowest first.
	pub const COUNTED: &[u8] = b":test:accounts-counted";
	/// How many accounts a step counts: few, so that the accounts of a test network take several blocks.
	const ACCOUNTS: u32 = 50;

	/// Counts accounts, some in each block.
	pub struct CountAccounts;

	impl SteppedMigration for CountAccounts {
		type Cursor = AccountId;
		type Identifier = [u8; 16];

		fn id() -> Self::Identifier {
			*b"count-accounts/1"
		}

		fn max_steps() -> Option<u32> {
			Some(10_000)
		}

		fn step(
			cursor: Option<Self::Cursor>,
			meter: &mut WeightMeter,
		) -> Result<Option<Self::Cursor>, SteppedMigrationError> {
			let required = DbWeight::get().reads_writes(u64::from(ACCOUNTS).saturating_add(1), 1);
			if meter.try_consume(required).is_err() {
				return Err(SteppedMigrationError::InsufficientWeight { required });
			}
			let accounts = match cursor {
				Some(last) => {
					let last = frame_system::Account::<Runtime>::hashed_key_for(last);
					frame_system::Account::<Runtime>::iter_keys_from(last)
				}
				None => frame_system::Account::<Runtime>::iter_keys(),
			};
			let (mut last, mut counted) = (None, unhashed::get_or_default::<u32>(COUNTED));
			for account in accounts.take(ACCOUNTS as usize) {
				counted = counted.saturating_add(1);
				last = Some(account);
			}
			unhashed::put(COUNTED, &counted);
			Ok(last)
		}
	}
}
