//! Purses and tabs: what leaves one is elsewhere, to the ends of 128 bits.

use market_primitives::{Balance, MarketError, Purse, Tab};
use proptest::prelude::*;

const MOST: Balance = Balance::MAX;

#[test]
fn what_does_not_fit_or_is_not_there_stays_where_it_is() {
	let (mut full, mut rich) = (Purse::holding(MOST), Purse::holding(7));
	assert_eq!(full.put_in(1), Err(MarketError::TooMuch));
	assert_eq!(rich.pour(&mut full, 1), Err(MarketError::TooMuch));
	assert_eq!(rich.pour(&mut full, 8), Err(MarketError::TooLittle));
	assert_eq!(rich.take_out(8), Err(MarketError::TooLittle));
	assert_eq!(rich.pour_up_to(&mut full, 7), 0);
	assert_eq!((full.amount(), rich.amount()), (MOST, 7));
	assert_eq!(rich.take_up_to(9), 7);
	assert!(rich.is_empty());
	assert_eq!(full.take_all(), MOST);
	assert_eq!(full, Purse::empty());
}

#[test]
fn a_voucher_pays_what_it_says_beyond_the_last() {
	let mut tab = Tab::new(10);
	assert_eq!(tab.redeem(0), Err(MarketError::NothingNew));
	assert_eq!(tab.redeem(4), Ok(4));
	assert_eq!(tab.redeem(4), Err(MarketError::NothingNew));
	assert_eq!(tab.redeem(3), Err(MarketError::NothingNew));
	assert_eq!(tab.redeem(11), Err(MarketError::AboveLimit));
	assert_eq!((tab.paid(), tab.left()), (4, 6));
	assert_eq!(tab.top_up(1), Ok(()));
	assert_eq!(tab.redeem(11), Ok(7));
	assert_eq!(tab.top_up(MOST), Err(MarketError::TooMuch));
	assert_eq!(tab.top_up(5), Ok(()));
	assert_eq!(tab.end(), 5);
	assert_eq!(tab.redeem(12), Err(MarketError::AboveLimit));
	assert_eq!((tab.paid(), tab.left()), (11, 0));
}

proptest! {
	#[test]
	fn two_purses_hold_the_same_together(one: u128, other: u128, amount: u128) {
		// So that the sum can be looked at; the ends are above.
		let (one, other) = (one / 2, other / 2);
		let (mut from, mut into) = (Purse::holding(one), Purse::holding(other));
		let whole = from.pour(&mut into, amount);
		prop_assert_eq!(whole.is_ok(), amount <= one);
		prop_assert_eq!(into.amount() - other, if whole.is_ok() { amount } else { 0 });
		prop_assert_eq!(from.amount() + into.amount(), one + other);
		let moved = into.pour_up_to(&mut from, amount);
		prop_assert!(moved <= amount);
		prop_assert_eq!(from.amount() + into.amount(), one + other);
		let (before, taken) = (from.amount(), from.take_up_to(amount));
		prop_assert_eq!(taken, amount.min(before));
		prop_assert_eq!(from.amount() + taken, before);
	}

	#[test]
	fn vouchers_in_any_order_pay_the_highest_sum(limit: u128, totals in prop::collection::vec(any::<u128>(), 0..20)) {
		let mut tab = Tab::new(limit);
		let mut paid = 0;
		for total in &totals {
			paid += tab.redeem(*total).unwrap_or(0);
			prop_assert_eq!(paid + tab.left(), limit);
		}
		let best = totals.iter().copied().filter(|total| *total <= limit).max().unwrap_or(0);
		prop_assert_eq!(paid, best);
	}
}
