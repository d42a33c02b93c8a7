//! Bytes and prices as people write them.

use smart_agent_terminal::{money::Currency, DAYS_A_YEAR, ERAS_A_DAY, ERAS_A_MONTH};
use storage_market_primitives::Price;

/// Names of sizes, each 1,024 times the one before.
const SIZES: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
/// Bytes of a GiB.
const GIB: u128 = 1 << 30;
/// Eras of what prices are for.
const TIMES: [(&str, u32); 5] = [
	("era", 1),
	("hour", ERAS_A_DAY / 24),
	("day", ERAS_A_DAY),
	("month", ERAS_A_MONTH),
	("year", DAYS_A_YEAR * ERAS_A_DAY),
];

/// Bytes of a text such as `500GiB` or `1.5 TiB`.
///
/// # Errors
/// What is wrong with it.
pub fn read_bytes(text: &str) -> Result<u64, String> {
	let wrong = || format!("`{text}` is no number of bytes: write it as 500GiB, with KiB, MiB, GiB, TiB or PiB");
	let bare = text.trim();
	let end = bare.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(bare.len());
	let (number, unit) = bare.split_at(end);
	let size = size_of(unit).ok_or_else(wrong)?;
	let (whole, rest) = number.trim().split_once('.').unwrap_or((number.trim(), "0"));
	let digits = |part: &str| !part.is_empty() && part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit());
	if !digits(whole) || !digits(rest) {
		return Err(wrong());
	}
	let whole: u128 = whole.parse().map_err(|_| wrong())?;
	let parts: u128 = rest.parse().map_err(|_| wrong())?;
	let scale = 10_u128.pow(u32::try_from(rest.len()).unwrap_or(0));
	let bytes = whole
		.saturating_mul(size)
		.saturating_add(parts.saturating_mul(size) / scale);
	u64::try_from(bytes).ok().filter(|bytes| *bytes > 0).ok_or_else(wrong)
}

/// Bytes of a unit; of no name none.
fn size_of(unit: &str) -> Option<u128> {
	let place = SIZES.iter().position(|name| name.eq_ignore_ascii_case(unit))?;
	1_u128.checked_shl(u32::try_from(place).ok()?.checked_mul(10)?)
}

/// Planck for a GiB and era of a text such as `0.9/TiB-month` or `0.001/GiB-era`, rounded to the nearest. Days
/// are those of the chain.
///
/// # Errors
/// What is wrong with it.
pub fn read_ask(text: &str, currency: &Currency) -> Result<Price, String> {
	let wrong = |why: &str| format!("`{text}` is no price of storage: {why}; write it as 0.9/TiB-month");
	let (amount, per) = text
		.split_once('/')
		.ok_or_else(|| wrong("it does not say for how much"))?;
	let (unit, time) = per
		.split_once('-')
		.ok_or_else(|| wrong("it does not say for how long"))?;
	let size = size_of(unit)
		.filter(|size| *size >= GIB)
		.ok_or_else(|| wrong("say GiB, TiB or PiB"))?;
	let (_, eras) = TIMES
		.iter()
		.find(|(name, _)| name.eq_ignore_ascii_case(time))
		.ok_or_else(|| wrong("say era, hour, day, month or year"))?;
	let (planck, down) = (currency.read(amount)?, (size / GIB).saturating_mul(u128::from(*eras)));
	let price = planck.saturating_add(down / 2).checked_div(down).unwrap_or(0);
	match price {
		0 => Err(wrong("it is less than a planck for a GiB and era")),
		price => Ok(Price(price)),
	}
}

/// Planck for a GiB of a text such as `1/TiB`, rounded to the nearest.
///
/// # Errors
/// What is wrong with it.
pub fn read_egress(text: &str, currency: &Currency) -> Result<Price, String> {
	let wrong = |why: &str| format!("`{text}` is no price of what is read: {why}; write it as 1/TiB");
	if text.trim() == "0" {
		return Ok(Price(0));
	}
	let (amount, unit) = text
		.split_once('/')
		.ok_or_else(|| wrong("it does not say for how much"))?;
	let size = size_of(unit)
		.filter(|size| *size >= GIB)
		.ok_or_else(|| wrong("say GiB, TiB or PiB"))?;
	let gibs = size / GIB;
	let planck = currency.read(amount)?;
	Ok(Price(planck.saturating_add(gibs / 2) / gibs))
}

/// A price for a GiB and era, as STCI for a TiB and month of the chain.
pub fn ask_words(price: Price, currency: &Currency) -> String {
	let planck = price.0.saturating_mul(1_024).saturating_mul(ERAS_A_MONTH.into());
	format!("{} for a TiB and month", currency.show(planck))
}

/// A price for a GiB, as STCI for a TiB.
pub fn egress_words(price: Price, currency: &Currency) -> String {
	format!(
		"{} for a TiB that is read",
		currency.show(price.0.saturating_mul(1_024))
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn bytes_are_read_as_people_write_them() {
		for (text, bytes) in [
			("500GiB", 500 << 30),
			("1.5 TiB", 3 << 39),
			("64gib", 64 << 30),
			("1B", 1),
			("0.5KiB", 512),
		] {
			assert_eq!(read_bytes(text), Ok(bytes), "{text}");
		}
		for wrong in [
			"",
			"GiB",
			"1",
			"1GB",
			"-1GiB",
			"1.GiB",
			"0GiB",
			"1.2.3GiB",
			"99999999PiB",
		] {
			assert!(read_bytes(wrong).is_err(), "{wrong}");
		}
	}

	#[test]
	fn a_price_for_a_month_is_one_for_an_era() {
		let currency = Currency::new("STCI", 12);
		// 0.9 STCI by 1,024 GiB and 4,320 eras.
		assert_eq!(read_ask("0.9/TiB-month", &currency), Ok(Price(203_451)));
		assert_eq!(read_ask("1/GiB-era", &currency), Ok(Price(1_000_000_000_000)));
		assert_eq!(read_ask("1/GiB-day", &currency), Ok(Price(6_944_444_444)));
		assert_eq!(read_ask("1/GiB-hour", &currency), Ok(Price(166_666_666_667)));
		assert_eq!(read_ask("1/GiB-year", &currency), Ok(Price(19_025_875)));
		assert_eq!(
			ask_words(Price(203_451), &currency),
			"0.900002 STCI for a TiB and month"
		);
		for wrong in [
			"0.9",
			"0.9/TiB",
			"0.9/TB-month",
			"0.9/MiB-month",
			"x/TiB-month",
			"0/TiB-month",
			"0.9/TiB-week",
		] {
			assert!(read_ask(wrong, &currency).is_err(), "{wrong}");
		}
	}

	#[test]
	fn what_is_read_has_a_price_or_none() {
		let currency = Currency::new("STCI", 12);
		assert_eq!(read_egress("1/TiB", &currency), Ok(Price(976_562_500)));
		assert_eq!(read_egress("0", &currency), Ok(Price(0)));
		assert_eq!(
			egress_words(Price(976_562_500), &currency),
			"1 STCI for a TiB that is read"
		);
		assert!(read_egress("1", &currency).is_err() && read_egress("1/KiB", &currency).is_err());
	}
}
