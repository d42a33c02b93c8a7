//! Numbers with three decimals, as whole numbers and as text.

use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A number that is not negative, in thousandths. As text, and in JSON, it is decimal digits with at most three after
/// the point, and none that say nothing: `12.5`, `0`, `1344`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(u64);

/// Why a text is none of these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no decimal number with at most three digits after the point, such as 12.5; write it so")]
pub struct NoDecimal;

impl Decimal {
	/// So many thousandths.
	pub const fn from_thousandths(thousandths: u64) -> Self {
		Self(thousandths)
	}

	/// A whole number; the largest there is, if it is larger.
	pub const fn whole(number: u64) -> Self {
		Self(number.saturating_mul(1_000))
	}

	/// A fixed-point number with so many bits after the point (at most 64), rounded to the nearest thousandth: credits
	/// of lotteries have 32, wins 16. The largest there is, if it is larger.
	pub fn from_bits(value: u128, fraction_bits: u32) -> Self {
		let bits = fraction_bits.min(64);
		let half = (1u128 << bits) / 2;
		let rounded = value
			.checked_mul(1_000)
			.and_then(|scaled| scaled.checked_add(half))
			.map(|scaled| scaled >> bits);
		Self(
			rounded
				.and_then(|thousandths| thousandths.try_into().ok())
				.unwrap_or(u64::MAX),
		)
	}

	/// In thousandths.
	pub const fn thousandths(self) -> u64 {
		self.0
	}

	/// The standard deviation of an estimate that rests on so many decayed wins: the estimate by the root of twice the
	/// wins. Without wins all of the estimate is uncertain.
	pub fn deviation(self, wins: Decimal) -> Decimal {
		let twice = u128::from(wins.0).saturating_mul(2);
		let square = u128::from(self.0).saturating_mul(self.0.into());
		match square.saturating_mul(1_000).checked_div(twice) {
			None => self,
			Some(quotient) => Self(u64::try_from(quotient.isqrt()).unwrap_or(u64::MAX)),
		}
	}
}

impl fmt::Display for Decimal {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
		match rest {
			0 => write!(f, "{whole}"),
			_ if rest % 100 == 0 => write!(f, "{whole}.{}", rest / 100),
			_ if rest % 10 == 0 => write!(f, "{whole}.{:02}", rest / 10),
			_ => write!(f, "{whole}.{rest:03}"),
		}
	}
}

impl FromStr for Decimal {
	type Err = NoDecimal;

	fn from_str(text: &str) -> Result<Self, NoDecimal> {
		let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
		let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
		if !digits(whole) || !digits(rest) || rest.len() > 3 {
			return Err(NoDecimal);
		}
		let whole: u64 = whole.parse().map_err(|_| NoDecimal)?;
		let rest: u64 = format!("{rest:0<3}").parse().map_err(|_| NoDecimal)?;
		let thousandths = whole.checked_mul(1_000).and_then(|whole| whole.checked_add(rest));
		thousandths.map(Self).ok_or(NoDecimal)
	}
}

impl Serialize for Decimal {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for Decimal {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
	}
}

/// Money, in planck, as text of decimal digits.
pub(super) mod planck {
	use super::{de, Deserialize, Deserializer, Serializer};

	pub fn serialize<S: Serializer>(planck: &u128, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(planck)
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
		String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
	}
}

/// The same, or none.
pub(super) mod planck_or_none {
	use super::{de, Deserialize, Deserializer, Serialize, Serializer};

	pub fn serialize<S: Serializer>(planck: &Option<u128>, serializer: S) -> Result<S::Ok, S::Error> {
		planck.map(|planck| planck.to_string()).serialize(serializer)
	}

	pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u128>, D::Error> {
		let text = Option::<String>::deserialize(deserializer)?;
		text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn texts_are_short_and_read_back() {
		for (thousandths, text) in [
			(0, "0"),
			(1, "0.001"),
			(10, "0.01"),
			(12_500, "12.5"),
			(12_345, "12.345"),
			(7_000, "7"),
		] {
			let number = Decimal::from_thousandths(thousandths);
			assert_eq!(number.to_string(), text);
			assert_eq!(text.parse(), Ok(number));
		}
		let most = Decimal::from_thousandths(u64::MAX);
		assert_eq!(most.to_string().parse(), Ok(most));
	}

	#[test]
	fn other_texts_are_refused() {
		for text in [
			"",
			".",
			"1.",
			".5",
			"-1",
			"+1",
			"1e3",
			"1.2345",
			" 1",
			"1,5",
			"0x1",
			"18446744073709552",
			"१",
		] {
			assert_eq!(text.parse::<Decimal>(), Err(NoDecimal), "{text}");
		}
	}

	#[test]
	fn fixed_point_numbers_are_rounded_to_the_nearest_thousandth() {
		assert_eq!(Decimal::from_bits(3 << 32, 32), Decimal::whole(3));
		assert_eq!(Decimal::from_bits((1 << 16) / 3, 16).to_string(), "0.333");
		assert_eq!(Decimal::from_bits((2 << 16) / 3 + 1, 16).to_string(), "0.667");
		assert_eq!(Decimal::from_bits(u128::MAX, 32).thousandths(), u64::MAX);
		assert_eq!(Decimal::from_bits(5, 0), Decimal::whole(5));
	}

	#[test]
	fn the_deviation_is_one_by_the_root_of_twice_the_wins() {
		let hundred = Decimal::whole(100);
		assert_eq!(hundred.deviation(Decimal::whole(50)), Decimal::whole(10));
		assert_eq!(
			hundred.deviation(Decimal::whole(56)).to_string(),
			"9.449",
			"9.4 % at 56 wins"
		);
		assert_eq!(
			hundred.deviation(Decimal::default()),
			hundred,
			"nothing is known without wins"
		);
		let most = Decimal::from_thousandths(u64::MAX);
		assert!(most.deviation(Decimal::from_thousandths(1)) <= most);
	}
}
