//! Prices, stakes and memory as people write them.

use compute_market_primitives::Price;
use smart_agent_terminal::money::Currency;

/// Names of amounts of fuel, each with the Gfuel that it has.
const FUELS: [(&str, u128); 2] = [("Gfuel", 1), ("Tfuel", 1_000)];
/// Bytes of a page of a unit's memory.
const PAGE: u64 = 64 << 10;

/// Planck for a Gfuel of a text such as `0.02/Gfuel`, rounded to the nearest.
///
/// # Errors
/// What is wrong with it.
pub fn read_ask(text: &str, currency: &Currency) -> Result<Price, String> {
	let wrong = |why: &str| format!("`{text}` is no price of computing: {why}; write it as 0.02/Gfuel");
	let (amount, unit) = text
		.split_once('/')
		.ok_or_else(|| wrong("it does not say for how much"))?;
	let known = FUELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()));
	let (_, gfuel) = known.ok_or_else(|| wrong("say Gfuel or Tfuel"))?;
	let planck = currency.read(amount)?;
	match planck.saturating_add(gfuel / 2) / gfuel {
		0 => Err(wrong("it is less than a planck for a Gfuel")),
		price => Ok(Price(price)),
	}
}

/// A price for a Gfuel.
pub fn ask_words(price: Price, currency: &Currency) -> String {
	format!("{} for a Gfuel", currency.show(price.0))
}

/// Fuel, in units that people use.
pub fn fuel_words(fuel: u64) -> String {
	const UNITS: [(&str, u64); 3] = [
		("Tfuel", 1_000_000_000_000),
		("Gfuel", 1_000_000_000),
		("Mfuel", 1_000_000),
	];
	match UNITS.iter().find(|(_, one)| fuel >= *one) {
		Some((name, one)) => format!("{}.{} {name}", fuel / one, fuel % one * 10 / one),
		None => format!("{fuel} fuel"),
	}
}

/// Pages of so many bytes of memory.
///
/// # Errors
/// If it is less than a page, or more than a unit can have.
pub fn pages(bytes: u64) -> Result<u32, String> {
	let pages = u32::try_from(bytes / PAGE).unwrap_or(u32::MAX);
	match (1..=compute_market_primitives::MAX_MEMORY_PAGES).contains(&pages) {
		true => Ok(pages),
		false => Err("a unit's memory has 64KiB to 4GiB".into()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn prices_are_read_as_people_write_them() {
		let currency = Currency::new("STCI", 12);
		assert_eq!(read_ask("0.02/Gfuel", &currency), Ok(Price(20_000_000_000)));
		assert_eq!(read_ask("20/tfuel", &currency), Ok(Price(20_000_000_000)));
		assert_eq!(ask_words(Price(20_000_000_000), &currency), "0.02 STCI for a Gfuel");
		for wrong in [
			"",
			"0.02",
			"0.02/",
			"0/Gfuel",
			"0.02/GiB",
			"x/Gfuel",
			"0.000000000001/Tfuel",
		] {
			assert!(read_ask(wrong, &currency).is_err(), "{wrong}");
		}
	}

	#[test]
	fn fuel_is_short() {
		for (fuel, text) in [
			(0, "0 fuel"),
			(999_999, "999999 fuel"),
			(1_900_000_000, "1.9 Gfuel"),
			(2_000_000, "2.0 Mfuel"),
			(u64::MAX, "18446744.0 Tfuel"),
		] {
			assert_eq!(fuel_words(fuel), text);
		}
		assert_eq!(pages(1 << 30), Ok(16_384));
		assert!(pages(100).is_err() && pages(u64::MAX).is_err());
	}
}
