//! Prices over time: exact, and no more than was held, however the time is cut.

use crate::workbench::any_size;
use market_primitives::{storage_units, MarketError, Price, Rent, Tick, GFUEL, GIB};
use proptest::prelude::*;
use smartchain_rng::Rng;
use sp_core::U256;

const ERA: Tick = 1_200;

fn rent(price: u128, bytes: u64) -> Rent {
	Rent {
		price: Price(price),
		bytes,
		era: ERA,
	}
}

#[test]
fn a_gib_earns_its_price_each_era() {
	let one = rent(203_450, 1 << 30);
	for era in 0..10 {
		assert_eq!(one.between(era * ERA, (era + 1) * ERA), Ok(203_450));
	}
	assert_eq!(one.hold(ERA), Ok(203_450));
	assert_eq!(rent(203_450, 1 << 20).hold(ERA), Ok(199), "198.7 for a MiB");
	assert_eq!(rent(203_450, 1 << 20).at(ERA), Ok(198));
	assert_eq!(one.between(ERA, 0), Ok(0), "backwards");
}

#[test]
fn prices_at_the_ends() {
	let most = u128::MAX;
	assert_eq!(rent(most, 1 << 30).at(ERA), Ok(most));
	assert_eq!(rent(most, 1 << 30).at(ERA + 1), Err(MarketError::TooMuch));
	assert_eq!(rent(most, u64::MAX).at(0), Ok(0));
	assert_eq!(rent(most, u64::MAX).hold(Tick::MAX), Err(MarketError::TooMuch));
	let small = rent(1, u64::MAX).hold(Tick::MAX);
	assert_eq!(
		small,
		Ok((u128::from(u64::MAX) * u128::from(Tick::MAX)).div_ceil(GIB * 1_200))
	);
	let timeless = Rent { era: 0, ..rent(1, 1) };
	assert_eq!(timeless.at(1), Err(MarketError::NoEra));
	assert_eq!(timeless.hold(1), Err(MarketError::NoEra));
	assert_eq!(Price(most).of_bytes(1 << 30), Ok(most));
	assert_eq!(Price(most).of_bytes((1 << 30) + 1), Err(MarketError::TooMuch));
	assert_eq!((Price(1).of_bytes(1), Price(1).of_bytes(0)), (Ok(1), Ok(0)));
	assert_eq!(Price(most).of_fuel(GFUEL as u64), Ok(most));
	assert_eq!(Price(most).of_fuel(u64::MAX), Err(MarketError::TooMuch));
	assert_eq!((Price(1).of_fuel(1), Price(1).hold_for_fuel(1)), (Ok(0), Ok(1)));
}

#[test]
fn a_unit_is_a_gib_for_an_era() {
	assert_eq!(storage_units(1 << 30, ERA, ERA), Ok(1 << 32));
	assert_eq!(storage_units(1 << 28, 2 * ERA, ERA), Ok(1 << 31));
	assert_eq!(
		storage_units(u64::MAX, Tick::MAX, 1),
		Ok(4 * u128::from(u64::MAX) * u128::from(Tick::MAX))
	);
	assert_eq!(storage_units(1, 1, 0), Err(MarketError::NoEra));
}

proptest! {
	#[test]
	fn a_rent_is_exact(seed: u64, bytes: u64, at: u32, era in 1..=u32::MAX) {
		let mut rng = Rng::new(seed);
		let price = any_size(&mut rng);
		let rent = Rent { price: Price(price), bytes, era };
		let product = U256::from(price) * U256::from(u128::from(bytes) * u128::from(at));
		let by = U256::from(GIB * u128::from(era));
		let exact = product / by;
		let fits = exact <= U256::from(u128::MAX);
		prop_assert_eq!(rent.at(at).ok().map(U256::from), fits.then_some(exact));
		let held = (product + by - 1) / by;
		let fits = held <= U256::from(u128::MAX);
		prop_assert_eq!(rent.hold(at).ok().map(U256::from), fits.then_some(held));
	}

	#[test]
	fn who_is_paid_often_gets_as_much_as_who_is_paid_once(
		price in 0..1_u128 << 90, bytes in 0..1_u64 << 36, cuts in prop::collection::vec(any::<u32>(), 2..30),
	) {
		let rent = rent(price, bytes);
		let mut cuts = cuts;
		cuts.sort_unstable();
		let (first, last) = (cuts[0], cuts[cuts.len() - 1]);
		let parts: u128 = cuts.windows(2).map(|pair| rent.between(pair[0], pair[1]).expect("it fits")).sum();
		prop_assert_eq!(Ok(parts), rent.between(first, last));
	}

	#[test]
	fn what_is_held_covers_every_stretch_at_every_lower_price(
		price in 0..1_u128 << 90, discount: u128, bytes in 0..1_u64 << 36, from: u32, ticks: u32,
	) {
		let to = from.saturating_add(ticks);
		let held = rent(price, bytes).hold(to - from).expect("it fits");
		let lower = price - discount % (price + 1);
		for price in [price, lower] {
			prop_assert!(rent(price, bytes).between(from, to).expect("it fits") <= held);
		}
		// And it is a planck too much at most.
		prop_assert!(held - rent(price, bytes).between(from, to).expect("it fits") <= 1);
	}

	#[test]
	fn fuel_in_parts_costs_no_more_than_was_held(
		price in 0..1_u128 << 60, fuels in prop::collection::vec(0..1_u64 << 50, 0..20),
	) {
		let parts: u128 = fuels.iter().map(|fuel| Price(price).of_fuel(*fuel).expect("it fits")).sum();
		prop_assert!(parts <= Price(price).hold_for_fuel(fuels.iter().sum()).expect("it fits"));
	}
}
