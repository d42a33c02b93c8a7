//! Prices, times and ranges as people write them.
//!
//! A day is 144 eras. On a chain whose eras are ten minutes it is a day of the calendar; chains that are tried out have
//! shorter eras, and so shorter days.

pub use smart_agent_terminal::{date, minute};
use smart_agent_terminal::{money::Currency, DAYS_A_MONTH, DAYS_A_YEAR, ERAS_A_DAY, ERAS_A_MONTH};
use storage_market_primitives::Price;

/// GiB of a TiB.
const GIB_A_TIB: u128 = 1_024;
/// The longest time that is paid for at once, in days: five years.
pub const MOST_DAYS: u32 = 5 * DAYS_A_YEAR;

/// GiB-eras of a TiB-month.
fn units_a_month() -> u128 {
	GIB_A_TIB * u128::from(ERAS_A_MONTH)
}

/// A time such as `90d`, `2w`, `3m` (of 30 days) or `1y` (of 365), in eras.
///
/// # Errors
/// What is wrong with it, and how it should be.
pub fn eras(text: &str) -> Result<u32, String> {
	let wrong = || format!("`{text}` is no time: write 90d, 2w, 3m (of 30 days), 1y, or 12e for eras of the chain");
	let end = text
		.find(|character: char| !character.is_ascii_digit())
		.ok_or_else(wrong)?;
	let (number, unit) = text.split_at(end);
	let days = match unit {
		"e" => return number.parse::<u32>().ok().filter(|eras| *eras > 0).ok_or_else(wrong),
		"d" => 1,
		"w" => 7,
		"m" => DAYS_A_MONTH,
		"y" => DAYS_A_YEAR,
		_ => return Err(wrong()),
	};
	let number: u32 = number.parse().map_err(|_| wrong())?;
	match number.checked_mul(days) {
		Some(0) | None => Err(wrong()),
		Some(days) if days > MOST_DAYS => Err(format!(
			"`{text}` is more than the five years that are paid for at once; take 5y, and `smart extend` later"
		)),
		Some(days) => Ok(days * ERAS_A_DAY),
	}
}

/// A price of the command line, in STCI a TiB and month.
///
/// # Errors
/// What is wrong with it.
pub fn price(currency: &Currency, text: &str) -> Result<Price, String> {
	let a_month = currency.read(text)?;
	let planck = a_month / units_a_month();
	if planck == 0 {
		return Err(format!(
			"`{text}` is less than the least price, {}",
			shown_price(currency, Price(1))
		));
	}
	Ok(Price(planck))
}

/// A price as people read it.
pub fn shown_price(currency: &Currency, price: Price) -> String {
	format!("{} a TiB and month", currency.show(a_month(price)))
}

/// A price for a GiB that is given out, as people read it.
pub fn shown_egress(currency: &Currency, price: Price) -> String {
	format!("{} a TiB", currency.show(price.0.saturating_mul(GIB_A_TIB)))
}

/// What a TiB and month costs at a price, in planck.
pub fn a_month(price: Price) -> u128 {
	price.0.saturating_mul(units_a_month())
}

/// A range of bytes such as `0-99` (its ends count both), `100-` or `-50` (the last ones), of so many that there are:
/// from which on, and how many.
///
/// # Errors
/// What is wrong with it.
pub fn range(text: &str, length: u64) -> Result<(u64, u64), String> {
	let wrong = || format!("`{text}` is no range: write 0-99 (its ends count), 100- or -50 for the last 50");
	let (from, to) = text.split_once('-').ok_or_else(wrong)?;
	let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
	let (from, end) = match (from, to) {
		("", "") => return Err(wrong()),
		("", last) => (length.saturating_sub(number(last)?), length),
		(from, "") => (number(from)?, length),
		(from, to) => (number(from)?, number(to)?.saturating_add(1).min(length)),
	};
	if from >= end {
		return Err(format!(
			"`{text}` is behind the end or empty: there are {length} bytes, from 0 on"
		));
	}
	Ok((from, end - from))
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_chain::{DECIMALS, SYMBOL};

	fn stci() -> Currency {
		Currency::new(SYMBOL, DECIMALS)
	}

	#[test]
	fn times_are_read_as_days() {
		for (text, expected) in [
			("1d", 144),
			("90d", 12_960),
			("2w", 2_016),
			("3m", 12_960),
			("1y", 52_560),
			("5y", 262_800),
			("7e", 7),
		] {
			assert_eq!(eras(text), Ok(expected), "{text}");
		}
		assert_eq!(eras("5y"), Ok(storage_market_primitives::MAX_ERAS));
		for text in ["", "90", "d", "0d", "0e", "1.5d", "-1d", "90h", "6y", "4294967295w"] {
			assert!(eras(text).is_err(), "{text}");
		}
	}

	#[test]
	fn prices_are_of_a_tib_and_month() {
		let currency = stci();
		let read = price(&currency, "0.9").unwrap();
		// 0.9 * 10^12 planck / (1024 GiB * 4320 eras), rounded down.
		assert_eq!(read, Price(203_450));
		assert_eq!(shown_price(&currency, read), "0.899997 STCI a TiB and month");
		assert!(price(&currency, "0.0000001")
			.unwrap_err()
			.contains("less than the least"));
		assert!(price(&currency, "x").is_err());
	}

	#[test]
	fn what_is_given_out_is_priced_a_tib() {
		assert_eq!(shown_egress(&stci(), Price(976_562_500)), "1 STCI a TiB");
	}

	#[test]
	fn ranges_have_both_ends() {
		for (text, expected) in [
			("0-99", (0, 100)),
			("0-0", (0, 1)),
			("10-", (10, 990)),
			("-50", (950, 50)),
			("-5000", (0, 1_000)),
			("990-5000", (990, 10)),
		] {
			assert_eq!(range(text, 1_000), Ok(expected), "{text}");
		}
		for text in ["", "-", "5", "5-4", "1000-", "a-b", "1000-1001", "-0"] {
			assert!(range(text, 1_000).is_err(), "{text}");
		}
	}
}
