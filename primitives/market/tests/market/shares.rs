//! Payments that are split, and escrows that end early.

use crate::workbench::{any_ratio, any_shares, any_size};
use market_primitives::{part_down, part_up, Balance, Instalments, MarketError, Penalties, Purse, Shares, Split};
use proptest::prelude::*;
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;
use sp_core::U256;

const MOST: Balance = Balance::MAX;

#[test]
fn storage_and_compute_are_split_as_governed() {
	let of = |shares: Shares, score| shares.split(10_000, Perbill::from_percent(score));
	let split = |provider, burned, pool| Split { provider, burned, pool };
	assert_eq!(of(Shares::of_storage(), 0), split(9_000, 300, 700));
	assert_eq!(of(Shares::of_storage(), 50), split(9_250, 300, 450));
	assert_eq!(of(Shares::of_storage(), 100), split(9_500, 300, 200));
	assert_eq!(of(Shares::of_compute(), 100), split(9_500, 300, 200));
	assert_eq!(Shares::of_storage().split(1, Perbill::one()), split(0, 1, 0));
	assert_eq!(Shares::of_storage().split(0, Perbill::one()), split(0, 0, 0));
}

#[test]
fn shares_of_more_than_all_are_refused() {
	assert_eq!(Shares::of_storage().check(), Ok(()));
	assert_eq!(Shares::of_compute().check(), Ok(()));
	let more = Shares {
		burned: Perbill::from_parts(50_000_001),
		..Shares::of_storage()
	};
	assert_eq!(more.check(), Err(MarketError::MoreThanAll));
	let all = Shares {
		burned: Perbill::from_percent(5),
		..Shares::of_storage()
	};
	assert_eq!(all.check(), Ok(()));
}

#[test]
fn parts_at_the_ends() {
	assert_eq!(
		(part_down(MOST, Perbill::one()), part_up(MOST, Perbill::one())),
		(MOST, MOST)
	);
	assert_eq!(
		(part_down(MOST, Perbill::zero()), part_up(MOST, Perbill::zero())),
		(0, 0)
	);
	let half = Perbill::from_percent(50);
	assert_eq!((part_down(MOST, half), part_up(MOST, half)), (MOST / 2, MOST / 2 + 1));
	assert_eq!((part_down(1, half), part_up(1, half)), (0, 1));
}

#[test]
fn who_gives_up_before_any_work_pays_for_the_draw() {
	let mut escrow = Purse::holding(1_001);
	let given_up = Penalties::real().give_up(&mut escrow);
	assert_eq!((given_up.burned, given_up.back, escrow.amount()), (31, 970, 0));
}

#[test]
fn who_ends_early_pays_those_who_work() {
	let escrow = Purse::holding(1_000);
	let real = Penalties::real();
	let farewell = real.farewell(&escrow, 8);
	assert_eq!((farewell.each, farewell.all), (6, 48));
	let nobody = real.farewell(&escrow, 0);
	assert_eq!((nobody.each, nobody.all), (0, 0));
	assert_eq!(
		real.farewell(&Purse::holding(MOST), 1).each,
		part_down(MOST, real.ended_early)
	);
}

#[test]
fn a_collateral_is_a_multiple_of_a_loss() {
	assert_eq!(Penalties::collateral(7, 10), Ok(70));
	assert_eq!(Penalties::collateral(MOST, 1), Ok(MOST));
	assert_eq!(Penalties::collateral(MOST / 2 + 1, 2), Err(MarketError::TooMuch));
}

proptest! {
	#[test]
	fn a_split_is_all_of_it(seed: u64, amount: u128) {
		let mut rng = Rng::new(seed);
		let (shares, score) = (any_shares(&mut rng), any_ratio(&mut rng));
		for amount in [amount, any_size(&mut rng), MOST, MOST - 1, 1, 0] {
			let split = shares.split(amount, score);
			let sum = split.provider.checked_add(split.burned).and_then(|sum| sum.checked_add(split.pool));
			prop_assert_eq!(sum, Some(amount));
			prop_assert_eq!(split.burned, part_up(amount, shares.burned));
		}
	}

	#[test]
	fn pay_in_small_parts_burns_no_less_and_pays_no_more(
		seed: u64, parts in prop::collection::vec(0..1_u128 << 100, 0..20),
	) {
		let mut rng = Rng::new(seed);
		let (shares, score) = (any_shares(&mut rng), any_ratio(&mut rng));
		let whole = shares.split(parts.iter().sum(), score);
		let split: Vec<Split> = parts.iter().map(|part| shares.split(*part, score)).collect();
		prop_assert!(split.iter().map(|one| one.burned).sum::<u128>() >= whole.burned);
		prop_assert!(split.iter().map(|one| one.provider).sum::<u128>() <= whole.provider);
	}

	#[test]
	fn a_higher_score_never_pays_less(seed: u64, amount: u128, a in 0..=1_000_000_000_u32, b in 0..=1_000_000_000_u32) {
		let shares = any_shares(&mut Rng::new(seed));
		let pays = |parts| shares.split(amount, Perbill::from_parts(parts)).provider;
		prop_assert!(pays(a.min(b)) <= pays(a.max(b)));
	}

	#[test]
	fn parts_are_exact(amount: u128, parts in 0..=1_000_000_000_u32) {
		let ratio = Perbill::from_parts(parts);
		let (product, whole) = (U256::from(amount) * U256::from(parts), U256::from(1_000_000_000_u32));
		prop_assert_eq!(U256::from(part_down(amount, ratio)), product / whole);
		prop_assert_eq!(U256::from(part_up(amount, ratio)), (product + whole - 1) / whole);
	}

	#[test]
	fn instalments_and_early_ends_are_all_of_it(seed: u64, amount: u128, workers in 0..=32_u32) {
		let mut rng = Rng::new(seed);
		let (now, later) = Instalments { at_once: any_ratio(&mut rng) }.split(amount);
		prop_assert_eq!(now.checked_add(later), Some(amount));
		let penalties = Penalties { given_up: any_ratio(&mut rng), ended_early: any_ratio(&mut rng) };
		let farewell = penalties.farewell(&Purse::holding(amount), workers);
		prop_assert_eq!(farewell.each.checked_mul(workers.into()), Some(farewell.all));
		prop_assert!(farewell.all <= part_down(amount, penalties.ended_early));
		let mut escrow = Purse::holding(amount);
		let given_up = penalties.give_up(&mut escrow);
		prop_assert_eq!(given_up.burned.checked_add(given_up.back), Some(amount));
		prop_assert!(escrow.is_empty());
	}
}
