//! Encodings as another program wrote them once. A change that is meant gets a migration, and a file beside the old.

use codec::{DecodeAll, Encode, MaxEncodedLen};
use market_primitives::{Instalments, MarketError, Penalties, Price, Purse, Shares, Tab};
use sp_core::bytes::{from_hex, to_hex};

const PRICE: &str = include_str!("../golden/price.hex");
const PURSE: &str = include_str!("../golden/purse.hex");
const TAB: &str = include_str!("../golden/tab.hex");
const SHARES: &str = include_str!("../golden/shares.hex");
const PENALTIES: &str = include_str!("../golden/penalties.hex");
const ERRORS: &str = include_str!("../golden/errors.hex");

const STCI: u128 = 1_000_000_000_000;

/// It is encoded as ever, and read as ever.
#[track_caller]
fn same<T: Encode + DecodeAll + PartialEq + std::fmt::Debug>(value: &T, golden: &str) {
	assert_eq!(to_hex(&value.encode(), false), golden.trim());
	let bytes = from_hex(golden.trim()).expect("hexadecimal digits");
	assert_eq!(T::decode_all(&mut &bytes[..]).as_ref(), Ok(value));
}

#[test]
fn money_is_encoded_as_ever() {
	same(&Price(203_450), PRICE);
	same(&(Purse::holding(410 * STCI / 1_000), Purse::holding(u128::MAX)), PURSE);
	let mut tab = Tab::new(5 * STCI);
	tab.redeem(STCI / 3).expect("below the limit");
	same(&tab, TAB);
}

#[test]
fn terms_are_encoded_as_ever() {
	same(&(Shares::of_storage(), Shares::of_compute()), SHARES);
	same(&(Penalties::real(), Instalments::of_compute()), PENALTIES);
	let errors = [
		MarketError::TooLittle,
		MarketError::TooMuch,
		MarketError::NothingNew,
		MarketError::AboveLimit,
		MarketError::MoreThanAll,
		MarketError::NoEra,
	];
	same(&errors, ERRORS);
}

#[test]
fn money_takes_no_more_room_than_it_says() {
	assert_eq!(Purse::max_encoded_len(), Purse::holding(u128::MAX).encode().len());
	assert_eq!(Tab::max_encoded_len(), 2 * Purse::max_encoded_len());
	assert_eq!(Purse::holding(410 * STCI / 1_000).encode().len(), 6);
}
