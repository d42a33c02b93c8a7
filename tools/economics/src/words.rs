//! Numbers as people read them, without floats.

use issuance_primitives::{Balance, STCI};

/// Whole STCI, rounded, with commas.
pub fn stci(planck: Balance) -> String {
	grouped((planck + STCI / 2) / STCI)
}

/// STCI with three decimals and its sign, rounded.
pub fn signed_stci(planck: i128) -> String {
	let thousandths = (planck.unsigned_abs() + STCI / 2_000) / (STCI / 1_000);
	let sign = if planck < 0 && thousandths > 0 { "-" } else { "" };
	format!("{sign}{}.{:03}", grouped(thousandths / 1_000), thousandths % 1_000)
}

/// A number with commas.
pub fn grouped(number: u128) -> String {
	let digits = number.to_string();
	let mut text = String::new();
	for (at, digit) in digits.chars().enumerate() {
		if at > 0 && (digits.len() - at) % 3 == 0 {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

/// Thousandths of a whole, rounded to the nearest; 0 of nothing.
pub fn permille(part: i128, whole: i128) -> i128 {
	if whole == 0 {
		return 0;
	}
	let doubled = part * 2_000 + whole * part.signum();
	doubled / (2 * whole)
}

/// Thousandths as a number of hundredths with one decimal: 125 is `12.5`.
pub fn tenths(permille: i128) -> String {
	let sign = if permille < 0 { "-" } else { "" };
	let size = permille.unsigned_abs();
	format!("{sign}{}.{}", size / 10, size % 10)
}

/// A table in Markdown.
pub fn table(headings: &[String], rows: &[Vec<String>]) -> String {
	let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
	let mut text = line(headings);
	text.push_str(&format!("|{}\n", "---|".repeat(headings.len())));
	for row in rows {
		text.push_str(&line(row));
	}
	text
}

#[cfg(test)]
mod tests {
	use super::{grouped, permille, signed_stci, stci, tenths};
	use issuance_primitives::STCI;

	#[test]
	fn numbers_are_rounded_and_grouped() {
		assert_eq!(grouped(1_234_567), "1,234,567");
		assert_eq!(grouped(123), "123");
		assert_eq!(stci(999 * STCI + STCI / 2), "1,000");
		assert_eq!(signed_stci(-1_500_000_000), "-0.002");
		assert_eq!(signed_stci(1), "0.000");
		assert_eq!((permille(2, 3), permille(-2, 3), permille(1, 0)), (667, -667, 0));
		assert_eq!((tenths(-5), tenths(1_234)), ("-0.5".to_string(), "123.4".to_string()));
	}
}
