//! Prices, fuel and shares as people write and read them. Pure.

use crate::market::JobView;
use compute_market_primitives::{Assurance, JobId, JobStage, Price, Short, UnitStage};
use smart_agent_terminal::{counted, duration, money::Currency};
use std::time::Duration;

/// Names of amounts of fuel, each with the Gfuel that it has.
const FUELS: [(&str, u128); 2] = [("Gfuel", 1), ("Tfuel", 1_000)];

/// Planck for a Gfuel of a text such as `0.02/Gfuel`, rounded to the nearest.
///
/// # Errors
/// What is wrong with it.
pub fn price(currency: &Currency, text: &str) -> Result<Price, String> {
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

/// A price as people read it.
pub fn shown_price(currency: &Currency, price: Price) -> String {
	format!("{} for a Gfuel", currency.show(price.0))
}

/// Fuel of a text such as `2.5Gfuel`, `500Mfuel` or a number.
///
/// # Errors
/// What is wrong with it.
pub fn fuel(text: &str) -> Result<u64, String> {
	let wrong = || format!("`{text}` is no amount of fuel: write it as 2.5Gfuel, with Mfuel, Gfuel or Tfuel");
	let bare = text.trim();
	let end = bare.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(bare.len());
	let (number, unit) = bare.split_at(end);
	let size: u128 = match unit.to_ascii_lowercase().as_str() {
		"" => 1,
		"mfuel" => 1_000_000,
		"gfuel" => 1_000_000_000,
		"tfuel" => 1_000_000_000_000,
		_ => return Err(wrong()),
	};
	let (whole, rest) = number.trim().split_once('.').unwrap_or((number.trim(), "0"));
	let digits = |part: &str| !part.is_empty() && part.len() <= 15 && part.bytes().all(|byte| byte.is_ascii_digit());
	if !digits(whole) || !digits(rest) {
		return Err(wrong());
	}
	let (whole, parts): (u128, u128) = (whole.parse().map_err(|_| wrong())?, rest.parse().map_err(|_| wrong())?);
	let scale = 10_u128.pow(u32::try_from(rest.len()).unwrap_or(0));
	let fuel = whole
		.saturating_mul(size)
		.saturating_add(parts.saturating_mul(size) / scale);
	u64::try_from(fuel).ok().filter(|fuel| *fuel > 0).ok_or_else(wrong)
}

/// Fuel, in units that people use.
pub fn shown_fuel(fuel: u64) -> String {
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

/// A share such as `2%`, in thousandths.
///
/// # Errors
/// What is wrong with it.
pub fn share(text: &str) -> Result<u32, String> {
	let wrong = || format!("`{text}` is no share: write it as 2% or 0.5%");
	let number = text.trim().strip_suffix('%').ok_or_else(wrong)?;
	let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
	let tenth: u32 = rest.parse().ok().filter(|_| rest.len() == 1).ok_or_else(wrong)?;
	let whole: u32 = whole.parse().map_err(|_| wrong())?;
	let thousandths = whole.checked_mul(10).and_then(|whole| whole.checked_add(tenth));
	thousandths.filter(|share| *share <= 1_000).ok_or_else(wrong)
}

/// How sure results are, in a word.
pub fn assurance(assurance: Assurance) -> &'static str {
	match assurance {
		Assurance::Quorum => "quorum",
		Assurance::Strict => "strict",
		Assurance::Audit => "audit",
	}
}

/// A stage in words.
pub fn stage(stage: &JobStage) -> &'static str {
	match stage {
		JobStage::Pooling { .. } => "workers are drawn",
		JobStage::Running => "running",
		JobStage::Draining => "the last units are out",
		JobStage::Done { .. } => "done",
		JobStage::Starved { .. } => "starved: too few owners compute at this price; all was given back",
		JobStage::Cancelled { .. } => "cancelled",
	}
}

/// Where a job stands in words: also that it waits for money.
pub fn job(view: &JobView) -> &'static str {
	match view.short {
		Some(_) => "waits for money",
		None => stage(&view.stage),
	}
}

/// What a job waits for that is short of money, for about so many seconds more, and what helps.
pub fn short(currency: &Currency, job: JobId, view: &JobView, short: &Short, seconds: u64) -> String {
	let amount = currency.up(short.missing);
	let number = amount.split_once(' ').map_or(amount.as_str(), |(number, _)| number);
	let pay = view.max_price.hold_for_fuel(view.spec.fuel_limit).unwrap_or(0).max(1);
	let pays = u64::try_from(short.missing.div_ceil(pay)).unwrap_or(u64::MAX);
	format!(
		"more workers were asked than there is money for: {amount} more at least ({} of a unit), within {}: \
		 `smart job top-up {job} {number}`. Otherwise units that wait end with what there is",
		counted(pays, "pay"),
		duration(Duration::from_secs(seconds))
	)
}

/// Where a unit stands, in a word, and about how far that is, in thousandths.
pub fn unit(stage: &UnitStage) -> (&'static str, u16) {
	match stage {
		UnitStage::Waiting => ("waits", 0),
		UnitStage::Dispatched { .. } => ("is run", 300),
		UnitStage::Revealing { .. } => ("is compared", 800),
		UnitStage::Accepted => ("agreed", 1_000),
		UnitStage::Faulted => ("cannot be run", 1_000),
		UnitStage::Undecided => ("undecided", 1_000),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The command that is said puts in no less than what is missing.
	#[test]
	fn who_has_to_put_in_more_is_told_how() {
		let currency = Currency::new("STCI", 12);
		let mut view = crate::fake::job(&crate::fake::spec(), Price(20_000_000_000), Assurance::Quorum);
		assert_eq!(job(&view), "running");
		// A unit of 10 Gfuel pays 0.2 STCI at most.
		let missing = 450_000_000_001;
		let waits = Short { until: 100, missing };
		view.short = Some(waits);
		assert_eq!(job(&view), "waits for money");
		let text = short(&currency, 17, &view, &waits, 600);
		assert!(text.contains("(3 pays of a unit)"), "{text}");
		let (_, rest) = text.split_once("`smart job top-up 17 ").expect("the command is said");
		let (amount, _) = rest.split_once('`').expect("to its end");
		assert!(currency.read(amount).expect("an amount") >= missing, "{amount}");
	}

	#[test]
	fn what_people_write_is_read() {
		let currency = Currency::new("STCI", 12);
		assert_eq!(price(&currency, "0.02/Gfuel"), Ok(Price(20_000_000_000)));
		assert_eq!(price(&currency, "20/Tfuel"), Ok(Price(20_000_000_000)));
		for (text, wanted) in [("7", 7), ("2.5Gfuel", 2_500_000_000), ("500 mfuel", 500_000_000)] {
			assert_eq!(fuel(text), Ok(wanted), "{text}");
		}
		for (text, wanted) in [("2%", 20), ("0.5%", 5), ("100%", 1_000), ("0%", 0)] {
			assert_eq!(share(text), Ok(wanted), "{text}");
		}
		for wrong in ["", "x", "-1", "0", "1.2.3Gfuel", "1GiB", "99999999Tfuel", "1e3"] {
			assert!(fuel(wrong).is_err(), "{wrong}");
		}
		for wrong in ["", "2", "%", "101%", "0.25%", "-1%"] {
			assert!(share(wrong).is_err(), "{wrong}");
		}
		assert!(price(&currency, "0.02").is_err());
		assert_eq!(shown_fuel(1_900_000_000), "1.9 Gfuel");
	}
}
