//! The chain itself as a customer of the compute market: what it has run again, and out of which money.

use crate::{
	configs::parameters::{compute::checks_share, issuance::IssuanceTerms},
	constants::compute::{CHECK_PART, MOST_FOR_CHECKS},
	limits::DbWeight,
	AccountId, Balance, Balances, ComputeMarket, Runtime, Treasury,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
	weights::Weight,
	PalletId,
};
use issuance_primitives::EraLedger;
use pallet_compute_market::{AutoMine, RecentEnds};
use pallet_stci_issuance::{Ledgers, OpenEra};
use pallet_traits::EraHook;
use poca_primitives::Randomness;
use sp_runtime::{traits::AccountIdConversion, Perbill};

parameter_types! {
	/// What the account derives from out of which the chain has units run again.
	pub const ChecksPot: PalletId = PalletId(*b"sc/check");
	/// That account. Nobody has a key of it.
	pub ChecksAccount: AccountId = ChecksPot::get().into_account_truncating();
	/// Whose the stakes are that are lost and pay for nothing: the treasury's account.
	pub LostTo: AccountId = Treasury::account_id();
}

/// The era that was closed last.
fn last_closed() -> Option<EraLedger> {
	let last = OpenEra::<Runtime>::get().era.checked_sub(1)?;
	Ledgers::<Runtime>::get(last)
}

/// Whether so little was used in the era that was closed last that the chain itself is a customer; before there was one
/// nothing was used.
fn little_is_used() -> bool {
	let usage = last_closed().map_or(Perbill::zero(), |ledger| ledger.closing.usage);
	usage
		< <IssuanceTerms as Get<issuance_primitives::Terms>>::get()
			.curve
			.low_below
}

/// The chain itself as a customer: while little is used it has accepted units run again, so that an idle network makes
/// everybody's results surer. What that costs is out of an account of its own, to which a part of what eras create for
/// the treasury goes while there is something to run again.
pub struct Checks;

impl AutoMine<AccountId> for Checks {
	/// No unit takes more than a part of what there is: whoever orders dear ones to be paid for them by the chain
	/// empties nothing.
	fn payer(cost: Balance) -> Option<AccountId> {
		let payer = ChecksAccount::get();
		let most = <Balances as Inspect<AccountId>>::balance(&payer).div_euclid(CHECK_PART);
		(cost <= most && little_is_used()).then_some(payer)
	}
}

/// Told of eras after issuance, which has closed the one before by then.
impl EraHook for Checks {
	fn era_started(_: u32, _: &Randomness) -> Weight {
		ComputeMarket::take_paid_fuel();
		let (head, tail) = RecentEnds::<Runtime>::get();
		if head < tail && little_is_used() {
			let pot = last_closed().map_or(0, |ledger| ledger.closing.pots.treasury);
			let to = ChecksAccount::get();
			let room = MOST_FOR_CHECKS.saturating_sub(<Balances as Inspect<AccountId>>::balance(&to));
			let amount = (checks_share() * pot).min(room);
			// Where it cannot be it stays with the treasury.
			let keep = Preservation::Preserve;
			let _ = <Balances as Mutate<AccountId>>::transfer(&LostTo::get(), &to, amount, keep);
		}
		Weight::from_parts(80_000_000, 0).saturating_add(DbWeight::get().reads_writes(12, 3))
	}
}
