//! The treasury: what it gets, who spends it, and what keeps it from spending in the dark.

use crate::{
	configs::parameters,
	constants::{
		currency::{deposit, MILLI, UNITS},
		governance::{BOUNTY_DELAY, BOUNTY_UPDATE, PAYOUT_PERIOD, SPEND_PERIOD},
	},
	AccountId, Balance, Balances, BlockNumber, Bounties, Mandates, OriginCaller, Runtime, RuntimeEvent, RuntimeOrigin,
	System, Treasury,
};
use frame_support::{
	dispatch_context::with_context,
	parameter_types,
	traits::{
		fungible::Mutate,
		tokens::{imbalance::ResolveTo, Pay, PayFromAccount, PaymentStatus, Preservation, UnityAssetBalanceConversion},
		ConstU32, EitherOf, EnsureOrigin, OriginTrait,
	},
	PalletId,
};
use frame_system::{EnsureRoot, RawOrigin};
use pallet_mandates::Origin;
use sp_runtime::{traits::IdentityLookup, DispatchError, Permill};

parameter_types! {
	/// What the treasury's account derives from.
	pub const TreasuryId: PalletId = PalletId(*b"sc/trsry");
	/// How often it pays for bounties.
	pub const SpendPeriod: BlockNumber = SPEND_PERIOD;
	/// Nothing of what it does not spend ceases to exist.
	pub const NoBurn: Permill = Permill::zero();
	/// For how many blocks what it owes can be collected.
	pub const PayoutPeriod: BlockNumber = PAYOUT_PERIOD;
	/// What is reserved for proposing a bounty,
	pub const BountyBase: Balance = deposit(2, 300);
	/// and for each byte of its description.
	pub const BountyByte: Balance = MILLI;
	/// For how many blocks whoever gets a bounty waits for it.
	pub const BountyDelay: BlockNumber = BOUNTY_DELAY;
	/// Within how many blocks a curator says that work goes on.
	pub const BountyUpdate: BlockNumber = BOUNTY_UPDATE;
	/// What a curator leaves of its fee,
	pub const CuratorShare: Permill = Permill::from_percent(50);
	/// at most
	pub const CuratorMost: Option<Balance> = Some(1_000 * UNITS);
	/// and at least.
	pub const CuratorLeast: Option<Balance> = Some(UNITS);
	/// The least bounty.
	pub const LeastBounty: Balance = 10 * UNITS;
	/// The account of the treasury.
	pub TreasuryAccount: AccountId = Treasury::account_id();
}

/// What comes to the treasury. It ceases to exist if that cannot be.
pub type ToTreasury = ResolveTo<TreasuryAccount, Balances>;

/// That a referendum of the smaller kind has spent already.
#[derive(Default)]
struct HasSpent(bool);

/// Whether this is the first time that it spends. Bounties look at each call by itself: a batch of many small ones
/// would be a big spend on the track for small ones.
fn is_first() -> bool {
	let first = with_context::<HasSpent, _>(|spent| !core::mem::replace(&mut spent.or_default().0, true));
	// Out of all calls nothing can be one of several.
	first.unwrap_or(true)
}

/// Holders, and how much they may spend with the mandate that their referendum has; of the smaller kind by one call.
/// While a report is overdue, or there is no steward, nobody spends anything but root, which can do worse.
pub struct Spenders;

impl EnsureOrigin<RuntimeOrigin> for Spenders {
	type Success = Balance;

	fn try_origin(origin: RuntimeOrigin) -> Result<Balance, RuntimeOrigin> {
		match origin.caller() {
			OriginCaller::system(RawOrigin::Root) => Ok(Balance::MAX),
			OriginCaller::Mandates(Origin::SmallSpender) if Mandates::may_spend() && is_first() => {
				Ok(parameters::small_spend())
			}
			OriginCaller::Mandates(Origin::BigSpender) if Mandates::may_spend() => Ok(Balance::MAX),
			_ => Err(origin),
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		Ok(RuntimeOrigin::root())
	}
}

/// Holders that take back what they spent.
type Rejecters = EitherOf<EnsureRoot<AccountId>, pallet_mandates::Ensure<super::mandates::AsBigSpender>>;

/// Pays out of the treasury, but not while a report is overdue: what was approved before waits. Its account goes on
/// existing: shares of fees are too little each to bring one into existence, and would cease to exist.
pub struct Reported;

type Plain = PayFromAccount<Balances, TreasuryAccount>;

impl Pay for Reported {
	type Balance = <Plain as Pay>::Balance;
	type Beneficiary = <Plain as Pay>::Beneficiary;
	type AssetKind = <Plain as Pay>::AssetKind;
	type Id = <Plain as Pay>::Id;
	type Error = DispatchError;

	fn pay(who: &AccountId, _: (), amount: Balance) -> Result<(), DispatchError> {
		if !Mandates::may_spend() {
			return Err(DispatchError::Unavailable);
		}
		let from = TreasuryAccount::get();
		<Balances as Mutate<AccountId>>::transfer(&from, who, amount, Preservation::Preserve)?;
		Ok(())
	}

	fn check_payment(id: ()) -> PaymentStatus {
		Plain::check_payment(id)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(who: &AccountId, kind: (), amount: Balance) {
		use frame_support::assert_ok;
		let steward = Some(who.clone());
		assert_ok!(Mandates::appoint(RuntimeOrigin::root(), steward));
		Plain::ensure_successful(
			who,
			kind,
			amount.saturating_add(crate::constants::currency::EXISTENTIAL_DEPOSIT),
		)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_concluded(id: ()) {
		Plain::ensure_concluded(id)
	}
}

/// Funds bounties that were approved, but not while a report is overdue.
pub struct ReportedBounties;

impl pallet_treasury::SpendFunds<Runtime> for ReportedBounties {
	fn spend_funds(
		budget_remaining: &mut pallet_treasury::BalanceOf<Runtime>,
		imbalance: &mut pallet_treasury::PositiveImbalanceOf<Runtime>,
		total_weight: &mut frame_support::weights::Weight,
		missed_any: &mut bool,
	) {
		if Mandates::may_spend() {
			<Bounties as pallet_treasury::SpendFunds<Runtime>>::spend_funds(
				budget_remaining,
				imbalance,
				total_weight,
				missed_any,
			);
		}
	}
}

impl pallet_treasury::Config for Runtime {
	type Currency = Balances;
	type RejectOrigin = Rejecters;
	type RuntimeEvent = RuntimeEvent;
	type SpendPeriod = SpendPeriod;
	type Burn = NoBurn;
	type PalletId = TreasuryId;
	type BurnDestination = ();
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
	type SpendFunds = ReportedBounties;
	type MaxApprovals = ConstU32<64>;
	type SpendOrigin = Spenders;
	type AssetKind = ();
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type Paymaster = Reported;
	type BalanceConverter = UnityAssetBalanceConversion;
	type PayoutPeriod = PayoutPeriod;
	type BlockNumberProvider = System;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::configs::governance::treasury::Arguments;
}

/// What benchmarks of the treasury pay, and to whom.
#[cfg(feature = "runtime-benchmarks")]
pub struct Arguments;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_treasury::ArgumentsFactory<(), AccountId> for Arguments {
	fn create_asset_kind(_: u32) {}

	fn create_beneficiary(seed: [u8; 32]) -> AccountId {
		AccountId::new(seed)
	}
}

impl pallet_bounties::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type BountyDepositBase = BountyBase;
	type BountyDepositPayoutDelay = BountyDelay;
	type BountyUpdatePeriod = BountyUpdate;
	type CuratorDepositMultiplier = CuratorShare;
	type CuratorDepositMax = CuratorMost;
	type CuratorDepositMin = CuratorLeast;
	type BountyValueMinimum = LeastBounty;
	type DataDepositPerByte = BountyByte;
	type MaximumReasonLength = ConstU32<300>;
	type WeightInfo = pallet_bounties::weights::SubstrateWeight<Runtime>;
	type ChildBountyManager = ();
	type OnSlash = Treasury;
	type TransferAllAssets = pallet_bounties::TransferFungible<AccountId, Balances>;
}
