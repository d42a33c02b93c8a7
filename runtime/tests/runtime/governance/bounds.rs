//! What no referendum leaves: each governed value at its bounds, and beyond.

use crate::chain::state_of;
use frame_support::traits::{Contains, Get};
use pallet_candidates::ParameterValues;
use smartchain_runtime::{
	configs::{
		governance::EmergencyCalls,
		parameters::{
			self,
			compute::{checks_share, AdmittedEngines, ComputeRules, ComputeTerms},
			dynamic_params::{channels, compute, fees, issuance, storage, treasury},
			is_within_bounds,
			issuance::{ExpiryEras, IssuanceTerms},
			storage::{DearBeyond, LeastScore, PriceShare, StorageAudits, StorageTerms, TermsMet},
			Filter, RuntimeParameters as All,
		},
	},
	constants::{
		currency::{BOND, MICRO, UNITS},
		fees::BASE_FEE,
		time::{DAYS, HOURS, MINUTES},
	},
	genesis, Runtime, RuntimeCall, RuntimeOrigin,
};
use sp_runtime::{traits::Dispatchable, Perbill};

fn set(key_value: All) -> RuntimeCall {
	pallet_parameters::Call::set_parameter { key_value }.into()
}

/// A value within bounds is admitted and read as it is; one beyond is filtered, and brought back if it is stored all
/// the same.
fn probe<V: Copy + PartialEq + core::fmt::Debug>(
	name: &str,
	(least, most): (V, V),
	beyond: &[V],
	with: impl Fn(V) -> All,
	read: impl Fn() -> V,
) {
	let store = |value| {
		let outcome = set(with(value)).dispatch(RuntimeOrigin::root());
		assert!(outcome.is_ok(), "{name}: root sets what it likes");
	};
	for bound in [least, most] {
		assert!(
			is_within_bounds(&with(bound)) && Filter::contains(&set(with(bound))),
			"{name}: {bound:?}"
		);
		store(bound);
		assert_eq!(read(), bound, "{name}");
	}
	for value in beyond {
		assert!(!Filter::contains(&set(with(*value))), "{name}: {value:?}");
		assert!(
			!EmergencyCalls::contains(&set(with(*value))),
			"{name}: {value:?} in haste"
		);
		store(*value);
		assert!([least, most].contains(&read()), "{name}: {value:?} became {:?}", read());
	}
}

/// One row of the table: the key, its bounds, what is beyond them, and who reads it.
macro_rules! probe {
	($group:ident :: $key:ident in $all:ident, $bounds:expr, $beyond:expr, $read:expr) => {
		probe(
			stringify!($key),
			$bounds,
			&$beyond,
			|value| All::$all($group::Parameters::$key($group::$key, Some(value))),
			$read,
		)
	};
}

fn percent(value: u32) -> Perbill {
	Perbill::from_percent(value)
}

#[test]
fn every_governed_value_stays_within_its_bounds() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let half = (percent(0), percent(50));
		probe!(fees::AuthorShare in Fees, half, [percent(51), percent(100)], parameters::author_share);
		probe!(fees::BurnedShare in Fees, half, [percent(51), percent(100)], parameters::burned_share);
		probe!(fees::BaseFee in Fees, (BASE_FEE / 100, BASE_FEE * 100), [0, u128::MAX], parameters::base_fee);
		probe!(fees::ByteFee in Fees, (MICRO / 100, MICRO * 100), [0, u128::MAX], parameters::byte_fee);
		probe!(treasury::SmallSpend in Treasury, (UNITS, 100_000 * UNITS), [0, u128::MAX], parameters::small_spend);
		probe!(treasury::ReportPeriod in Treasury, (7 * DAYS, 180 * DAYS), [0, u32::MAX], parameters::report_period);
		let fine = (Perbill::from_parts(1_000_000), percent(20));
		probe!(channels::RecoveryFine in Channels, fine, [percent(0), percent(21)], parameters::recovery_fine);
	});
}

#[test]
fn the_terms_of_issuance_stay_within_their_bounds() {
	let terms = <IssuanceTerms as Get<issuance_primitives::Terms>>::get;
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let one = [percent(100)];
		probe!(issuance::RateLow in Issuance, (UNITS / 10, UNITS * 2 / 5), [0, UNITS], || terms().curve.low);
		probe!(issuance::RateMiddle in Issuance, (UNITS / 20, UNITS / 10), [0, UNITS], || terms().curve.middle);
		probe!(issuance::RateHigh in Issuance, (UNITS / 100, UNITS / 20), [0, UNITS], || terms().curve.high);
		probe!(issuance::LowBelow in Issuance, (percent(10), percent(40)), one, || terms().curve.low_below);
		probe!(issuance::MiddleAt in Issuance, (percent(45), percent(90)), one, || terms().curve.middle_at);
		probe!(issuance::AutomineShare in Issuance, (percent(0), percent(75)), one, || terms().automine_share);
		probe!(issuance::SigningShare in Issuance, (percent(5), percent(40)), one, || terms().split.signing);
		probe!(issuance::BandwidthShare in Issuance, (percent(0), percent(10)), one, || terms().split.bandwidth);
		probe!(issuance::DiscoveryShare in Issuance, (percent(0), percent(10)), one, || terms().split.discovery);
		probe!(issuance::TreasuryShare in Issuance, (percent(0), percent(20)), one, || terms().split.treasury);
		probe!(issuance::ExpiryEras in Issuance, (144, 52_560), [0, 143, u32::MAX], ExpiryEras::get);
	});
}

#[test]
fn the_terms_of_storage_stay_within_their_bounds_and_go_together() {
	let terms = <StorageTerms as Get<storage_market_primitives::Terms>>::get;
	let audits = <StorageAudits as Get<storage_market_primitives::Audits>>::get;
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let mut real = storage_market_primitives::Terms::real();
		// Dearer than at first: docs/economics.md says who would gain by drawing again.
		real.penalties.given_up = percent(25);
		assert_eq!(terms(), real, "what holders have not changed");
		assert_eq!(audits(), storage_market_primitives::Audits::real());
		let (tib, whole) = (UNITS / 1_024, [percent(100)]);
		assert_eq!(DearBeyond::get(), percent(95));
		probe!(storage::EgressPrice in Storage, (tib / 100, tib * 100), [0, u128::MAX], || terms().egress.0);
		probe!(storage::RepairMargin in Storage, (percent(0), percent(100)), [], || terms().margin);
		probe!(storage::ReserveShare in Storage, (percent(10), percent(100)), [percent(0)], || terms().reserve);
		probe!(storage::WorkShare in Storage, (percent(70), percent(90)), whole, || terms().shares.work);
		probe!(storage::QualityShare in Storage, (percent(0), percent(5)), whole, || terms().shares.quality);
		probe!(storage::BurnedShare in Storage, (percent(2), percent(5)), [percent(0)], || terms().shares.burned);
		probe!(storage::GivenUp in Storage, (percent(3), percent(50)), [percent(2)], || terms().penalties.given_up);
		probe!(storage::EndedEarly in Storage, (percent(0), percent(20)), whole, || terms().penalties.ended_early);
		probe!(storage::LeastScore in Storage, (percent(0), percent(90)), whole, LeastScore::get);
		probe!(storage::GraceTicks in Storage, (DAYS, 30 * DAYS), [0, u32::MAX], || terms().times.grace);
		probe!(storage::AuditTicks in Storage, (2 * HOURS, 2 * DAYS), [0, u32::MAX], || audits().period);
		probe!(storage::PlacingTicks in Storage, (MINUTES, 10 * MINUTES), [0], || terms().times.placing);
		probe!(storage::UploadTicks in Storage, (2 * MINUTES, DAYS), [0], || terms().times.upload);
		probe!(storage::UploadPerMib in Storage, (1, 20), [0], || terms().times.upload_per_mib);
		probe!(storage::PatienceLast in Storage, (5 * MINUTES, 30 * MINUTES), [0], || terms().times.patience[0]);
		probe!(storage::PatienceAtOne in Storage, (30 * MINUTES, 2 * HOURS), [0], || terms().times.patience[1]);
		probe!(storage::PatienceAtTwo in Storage, (2 * HOURS, 8 * HOURS), [0], || terms().times.patience[2]);
		probe!(storage::PatienceBeyond in Storage, (8 * HOURS, DAYS), [u32::MAX], || terms().times.patience[3]);
		probe!(storage::PriceShare in Storage, (percent(1), percent(100)), [percent(0)], PriceShare::get);
		probe!(storage::TermsMet in Storage, (percent(50), percent(100)), [percent(49)], TermsMet::get);
		probe!(storage::DearBeyond in Storage, (percent(10), percent(100)), [percent(9)], DearBeyond::get);
		// With slots asked once in two days, a day of grace is too short for the last stretch to be asked for.
		let day = All::Storage(storage::Parameters::GraceTicks(storage::GraceTicks, Some(DAYS)));
		assert!(set(day).dispatch(RuntimeOrigin::root()).is_ok());
		assert_eq!(audits().period, 2 * DAYS);
		assert_eq!(terms().times.grace, audits().period + audits().window + 1);
		let terms = terms();
		assert_eq!(
			terms.shares.check(),
			Ok(()),
			"each at the last of its bounds: never more than there is"
		);
		assert_eq!((terms.times.check(), audits().check()), (Ok(()), Ok(())));
	});
}

#[test]
fn the_terms_of_jobs_stay_within_their_bounds_and_go_together() {
	let terms = <ComputeTerms as Get<compute_market_primitives::Terms>>::get;
	let rules = <ComputeRules as Get<pallet_compute_market::Rules>>::get;
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		assert_eq!(
			terms(),
			compute_market_primitives::Terms::real(),
			"what holders have not changed"
		);
		assert_eq!(rules(), pallet_compute_market::Rules::real());
		assert_eq!(AdmittedEngines::all().collect::<Vec<_>>(), [1]);
		let (none, whole) = ([percent(0)], [percent(100)]);
		// What is beyond comes last: each is left at a bound, stakes and shares that are run again at the least.
		probe!(compute::Stake in Compute, (100, 1_000), [u32::MAX, 0], || terms().stake);
		probe!(compute::Dissent in Compute, (1, 20), [0, 21], || terms().dissent);
		probe!(compute::AppealPays in Compute, (13, 39), [0, 40], || terms().appeal);
		probe!(compute::Recheck in Compute, (percent(1), percent(20)), none, || terms().recheck);
		probe!(compute::Audit in Compute, (percent(5), percent(50)), none, || terms().audit);
		probe!(compute::Margin in Compute, (percent(25), percent(100)), none, || terms().margin);
		probe!(compute::WorkShare in Compute, (percent(80), percent(95)), whole, || terms().shares.work);
		probe!(compute::BurnedShare in Compute, (percent(2), percent(5)), whole, || terms().shares.burned);
		probe!(compute::AtOnce in Compute, (percent(50), percent(90)), whole, || terms().instalments.at_once);
		probe!(compute::Second in Compute, (percent(0), percent(100)), [], || terms().second);
		probe!(compute::Start in Compute, (percent(0), percent(10)), whole, || terms().start);
		probe!(compute::LeastAsk in Compute, (1_000_000, UNITS), [0, u128::MAX], || terms().least_ask.0);
		probe!(compute::PoolingTicks in Compute, (2 * MINUTES, HOURS), [0, u32::MAX], || terms().times.pooling);
		probe!(compute::Slowness in Compute, (2, 10), [0, 11], || terms().times.slowness);
		probe!(compute::SlackTicks in Compute, (MINUTES / 2, 30 * MINUTES), [0], || terms().times.slack);
		probe!(compute::RevealTicks in Compute, (MINUTES / 2, 10 * MINUTES), [0], || terms().times.reveal);
		probe!(compute::AppealTicks in Compute, (5 * MINUTES, HOURS), [0, u32::MAX], || terms().times.appeal);
		probe!(compute::KeptTicks in Compute, (HOURS, 7 * DAYS), [0], || terms().times.kept);
		probe!(compute::NoticeEras in Compute, (28, 1_008), [0, 27], || terms().times.notice);
		probe!(compute::LeastStake in Compute, (UNITS, 1_000 * UNITS), [0], || rules().least_stake);
		probe!(compute::LeastJob in Compute, (UNITS / 100, 10 * UNITS), [0], || rules().least_job);
		probe!(compute::GivenUp in Compute, (percent(3), percent(50)), none, || rules().given_up);
		probe!(compute::TermsMet in Compute, (percent(50), percent(100)), none, || rules().met);
		probe!(compute::ChecksShare in Compute, (percent(0), percent(50)), whole, checks_share);
		assert_eq!(
			terms().check(),
			Ok(()),
			"the cheapest lies, the most of each pay, the longest appeal"
		);
		probe!(compute::Engines in Compute, (1, 0xff), [0, 0x100], || {
			AdmittedEngines::all().map(|engine| 1_u32 << (engine - 1)).sum()
		});
	});
}

#[test]
fn what_is_taken_back_is_what_the_runtime_comes_with() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let at_first = parameters::author_share();
		let with = |value| set(All::Fees(fees::Parameters::AuthorShare(fees::AuthorShare, value)));
		assert!(with(Some(percent(1))).dispatch(RuntimeOrigin::root()).is_ok());
		assert_ne!(parameters::author_share(), at_first);
		assert!(Filter::contains(&with(None)));
		assert!(with(None).dispatch(RuntimeOrigin::root()).is_ok());
		assert_eq!(parameters::author_share(), at_first);
	});
}

fn candidates(change: fn(&mut ParameterValues)) -> RuntimeCall {
	let mut parameters = pallet_candidates::Parameters::<Runtime>::get();
	change(&mut parameters);
	pallet_candidates::Call::set_parameters { parameters }.into()
}

fn least(parameters: &mut ParameterValues) {
	(parameters.seats, parameters.min_directors, parameters.standby_signers) = (4, 4, 4);
}

/// Mallory, who has the votes for a parameter, wants the only seat, or a bond that nobody else has.
#[test]
fn a_chain_keeps_as_many_directors_as_bear_one_that_fails() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let within = [
			candidates(|_| ()),
			candidates(least),
			candidates(|values| values.min_bond = 100 * BOND),
		];
		for call in within {
			assert!(Filter::contains(&call) && EmergencyCalls::contains(&call), "{call:?}");
		}
		let beyond = [
			candidates(|values| (values.seats, values.min_directors, values.standby_signers) = (3, 3, 3)),
			candidates(|values| values.min_directors = 3),
			candidates(|values| values.min_bond = 100 * BOND + 1),
		];
		for call in beyond {
			assert!(!Filter::contains(&call) && !EmergencyCalls::contains(&call), "{call:?}");
		}
		// A chain of one node can be governed as well.
		pallet_candidates::Parameters::<Runtime>::mutate(|values| (values.seats, values.min_directors) = (1, 1));
		assert!(Filter::contains(&candidates(|values| values.max_terms = 9)));
	});
}
