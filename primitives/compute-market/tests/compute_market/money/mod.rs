//! What jobs cost, and who is paid what: to the planck.

mod terms;

use crate::workbench::{quote, spec, LIMIT, PRICE};
use compute_market_primitives::{Assurance, Forfeit, JobError, Pay, Price, Quote, Spec, Terms, MAX_FUEL, MAX_UNITS};
use market_primitives::MarketError;
use proptest::prelude::*;

const ASSURANCES: [Assurance; 3] = [Assurance::Quorum, Assurance::Strict, Assurance::Audit];

proptest! {
	/// Whatever workers burn and ask below the limit and the highest price, the escrow has it for all first workers,
	/// and half as much again for others.
	#[test]
	fn an_escrow_suffices_for_its_first_workers(
		units in 1..=MAX_UNITS,
		fuel_limit in 1..=MAX_FUEL,
		price in 0..u128::from(u64::MAX),
		(fuel, ask) in (0.0..=1.0, 0.0..=1.0),
	) {
		let terms = Terms::real();
		let spec = Spec { units, fuel_limit, ..spec() };
		let (fuel, ask) = ((fuel_limit as f64 * fuel) as u64, (price as f64 * ask) as u128);
		let (fuel, ask) = (fuel.min(fuel_limit), ask.min(price));
		for assurance in ASSURANCES {
			let quote = Quote::of(&spec, Price(price), assurance, &terms).expect("within a balance");
			let one = Pay::agreed(fuel, Price(ask), &terms).expect("within a balance").total();
			prop_assert!(one <= quote.unit);
			let workers = quote.unit * u128::from(units) * u128::from(assurance.replicas());
			let further = quote.unit * u128::from(assurance.further());
			prop_assert_eq!(quote.escrow, workers + workers.div_ceil(2).max(further));
			prop_assert_eq!(quote.stake, quote.unit * 200);
			prop_assert_eq!(quote.dissent, quote.unit * 2);
			prop_assert_eq!(quote.appeal, quote.unit * 13);
			prop_assert_eq!(quote.dispute, 0);
		}
	}

	#[test]
	fn every_planck_of_a_pay_is_somewhere(amount: u128) {
		let pay = Pay::of(amount, &Terms::real());
		prop_assert_eq!(pay.total(), amount);
		prop_assert!(pay.burned >= amount / 100 * 3);
		prop_assert!(pay.now + 1 >= pay.later, "of a planck nothing is due at once");
	}

	#[test]
	fn every_planck_of_a_lost_stake_is_somewhere(lost: u128, reruns: u128, paid: u128) {
		let forfeit = Forfeit::of(lost, reruns, paid);
		let parts = [forfeit.reruns, forfeit.user, forfeit.treasury];
		let all = parts.into_iter().try_fold(0_u128, u128::checked_add);
		prop_assert_eq!(all, Some(lost));
		prop_assert!(forfeit.reruns <= reruns && forfeit.user <= paid);
		prop_assert!(forfeit.treasury == 0 || (forfeit.reruns == reruns && forfeit.user == paid));
		prop_assert!(forfeit.user == 0 || forfeit.reruns == reruns, "who ran it again comes first");
	}
}

/// 64 units of 2 Gfuel at 0.02 STCI: 0.04 each, for three 7.68, with the margin 11.52.
#[test]
fn a_quote_is_as_one_works_it_out_by_hand() {
	const STCI: u128 = 1_000_000_000_000;
	let quorum = quote(Assurance::Quorum);
	assert_eq!(quorum.unit, STCI / 25);
	assert_eq!(quorum.escrow, STCI * 1_152 / 100);
	assert_eq!(quorum.stake, STCI * 8);
	assert_eq!(quorum.dissent, STCI * 8 / 100);
	assert_eq!(quorum.appeal, STCI * 52 / 100);
	assert_eq!(quote(Assurance::Strict).escrow, STCI * 1_920 / 100);
	assert_eq!(quote(Assurance::Audit).escrow, STCI * 384 / 100);
}

/// What one unit may need: seven after a dissent in a quorum, thirteen in a strict one, and for what one worker had
/// alone six others.
#[test]
fn one_unit_has_what_a_dissent_or_a_recheck_takes() {
	for (assurance, further, pays) in [
		(Assurance::Quorum, 4, 7),
		(Assurance::Strict, 8, 13),
		(Assurance::Audit, 6, 7),
	] {
		assert_eq!(assurance.further(), further);
		let one = Spec { units: 1, ..spec() };
		let quote = Quote::of(&one, PRICE, assurance, &Terms::real()).expect("a sound job");
		assert_eq!(quote.escrow, quote.unit * pays);
	}
}

/// 76 % at once, 19 % when the output was handed over, 3 % burned, 2 % for re-checks.
#[test]
fn a_pay_is_split_as_it_should() {
	let terms = Terms::real();
	let pay = |now, later, burned, pool| Pay {
		now,
		later,
		burned,
		pool,
	};
	assert_eq!(Pay::of(10_000, &terms), pay(7_600, 1_900, 300, 200));
	assert_eq!(Pay::of(0, &terms), Pay::default());
	assert_eq!(Pay::of(1, &terms), pay(0, 0, 1, 0), "what is burned is rounded up");
	let gfuel = 1_000_000_000;
	let agreed = Pay::agreed(gfuel, Price(10_000), &terms);
	assert_eq!(agreed, Ok(pay(7_600, 1_900, 300, 200)));
	let second = Pay::second(gfuel, Price(10_000), &terms);
	assert_eq!(second, Ok(pay(3_800, 950, 150, 100)));
	let started = Pay::started(gfuel, Price(10_000), &terms);
	assert_eq!(started, Ok(pay(76, 19, 3, 2)));
	assert_eq!(Pay::agreed(gfuel / 3, Price(10), &terms).map(|pay| pay.total()), Ok(3));
}

#[test]
fn what_costs_more_than_a_balance_holds_is_refused() {
	let terms = Terms::real();
	let too_much = Err(JobError::Money(MarketError::TooMuch));
	for price in [u128::MAX, u128::MAX / 2 + 1, u128::MAX / 100] {
		assert_eq!(Quote::of(&spec(), Price(price), Assurance::Quorum, &terms), too_much);
	}
	let dear = Price(u128::MAX);
	assert_eq!(
		Pay::agreed(LIMIT, dear, &terms),
		Err(JobError::Money(MarketError::TooMuch))
	);
	assert_eq!(
		Pay::second(LIMIT, dear, &terms),
		Err(JobError::Money(MarketError::TooMuch))
	);
	assert_eq!(
		Pay::started(LIMIT, dear, &terms),
		Err(JobError::Money(MarketError::TooMuch))
	);
	// A job of one unit whose stake alone does not fit.
	let one = Spec { units: 1, ..spec() };
	assert_eq!(
		Quote::of(&one, Price(u128::MAX / 2 / 200 + 1), Assurance::Audit, &terms),
		too_much
	);
}

#[test]
fn there_is_no_quote_of_what_cannot_be() {
	let none = Spec { units: 0, ..spec() };
	let quote = Quote::of(&none, PRICE, Assurance::Quorum, &Terms::real());
	assert_eq!(quote, Err(JobError::TooManyUnits));
}
