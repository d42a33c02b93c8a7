//! Amounts of money as people write and read them.

/// Digits of planck that are read and shown at most.
const MOST_DECIMALS: u8 = 18;
/// Decimals that are shown of large amounts; the rest is never worth a fee.
const SHOWN: usize = 6;
/// Parts of one that these tell apart.
const MILLIONTHS: u128 = 1_000_000;

/// How the chain's currency is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency {
	/// Its symbol.
	pub symbol: String,
	/// Digits of planck in one of it, at most 18.
	pub decimals: u8,
}

impl Currency {
	/// One of this symbol, with so many digits; more than 18 are taken as 18.
	pub fn new(symbol: impl Into<String>, decimals: u8) -> Self {
		Self {
			symbol: symbol.into(),
			decimals: decimals.min(MOST_DECIMALS),
		}
	}

	fn unit(&self) -> u128 {
		10u128.pow(u32::from(self.decimals.min(MOST_DECIMALS)))
	}

	/// So many planck with the symbol, exactly: `1.25 STCI`.
	pub fn exact(&self, planck: u128) -> String {
		format!("{} {}", self.number(planck, usize::from(self.decimals)), self.symbol)
	}

	/// The same, rounded up to six decimals: who is asked for so much does not send too little.
	pub fn up(&self, planck: u128) -> String {
		let step = (self.unit() / MILLIONTHS).max(1);
		self.exact(planck.div_ceil(step).saturating_mul(step))
	}

	/// The same, cut to six decimals; what is less than that, and not 0, is said to be so.
	pub fn show(&self, planck: u128) -> String {
		let text = self.number(planck, SHOWN);
		if text == "0" && planck > 0 {
			return format!(
				"less than {} {}",
				self.number(self.unit() / MILLIONTHS, SHOWN),
				self.symbol
			);
		}
		format!("{text} {}", self.symbol)
	}

	fn number(&self, planck: u128, decimals: usize) -> String {
		let (whole, rest) = (planck / self.unit(), planck % self.unit());
		let digits = format!("{rest:0>width$}", width = usize::from(self.decimals));
		let kept = digits
			.get(..decimals.min(digits.len()))
			.unwrap_or_default()
			.trim_end_matches('0');
		if rest == 0 || kept.is_empty() {
			whole.to_string()
		} else {
			format!("{whole}.{kept}")
		}
	}

	/// Planck of a text such as `1.25` or `1.25 STCI`.
	///
	/// # Errors
	/// What is wrong with it, and how it should be.
	pub fn read(&self, text: &str) -> Result<u128, String> {
		let wrong = |why: &str| Err(format!("`{text}` is no amount: {why}; write it as 1.25"));
		let bare = text.trim();
		let bare = bare.strip_suffix(&self.symbol).unwrap_or(bare).trim_end();
		let (whole, rest) = bare.split_once('.').unwrap_or((bare, ""));
		let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
		if !digits(whole) || (bare.contains('.') && !digits(rest)) {
			return wrong("it has other characters than digits and one point");
		}
		let decimals = usize::from(self.decimals);
		if rest.len() > decimals {
			return wrong(&format!("it has more than {decimals} decimals"));
		}
		let parse = |part: &str| part.parse::<u128>().ok();
		let sum = || {
			let whole = parse(whole)?.checked_mul(self.unit())?;
			whole.checked_add(
				parse(&format!("{rest:0<decimals$}"))
					.filter(|_| decimals > 0)
					.unwrap_or(0),
			)
		};
		match sum() {
			Some(0) => wrong("it is nothing"),
			Some(planck) => Ok(planck),
			None => wrong("it is more than there can be"),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn stci() -> Currency {
		Currency {
			symbol: "STCI".into(),
			decimals: 12,
		}
	}

	#[test]
	fn amounts_are_read_as_they_are_shown() {
		for (planck, text) in [
			(1_250_000_000_000, "1.25 STCI"),
			(1_000_000_000_000, "1 STCI"),
			(100_000_000, "0.0001 STCI"),
			(1, "0.000000000001 STCI"),
			(210_000_000_000_000_000_000, "210000000 STCI"),
		] {
			assert_eq!(stci().exact(planck), text);
			assert_eq!(stci().read(text), Ok(planck));
			assert_eq!(stci().read(text.trim_end_matches(" STCI")), Ok(planck));
		}
		assert_eq!(stci().exact(0), "0 STCI");
	}

	#[test]
	fn what_is_shown_is_short_and_never_nothing() {
		assert_eq!(stci().show(1_234_567_890_123), "1.234567 STCI");
		assert_eq!(stci().show(1), "less than 0.000001 STCI");
		assert_eq!(stci().show(0), "0 STCI");
		assert_eq!(stci().show(5_000_000_000_001), "5 STCI");
	}

	/// Who sends what is asked for has enough, and no more than a millionth too much.
	#[test]
	fn what_is_asked_for_is_rounded_up() {
		assert_eq!(stci().up(3_891_662_599_546), "3.891663 STCI");
		assert_eq!(stci().up(3_891_662_000_000), "3.891662 STCI");
		assert_eq!(stci().up(3_999_999_000_001), "4 STCI");
		assert_eq!((stci().up(0), stci().up(1)), ("0 STCI".into(), "0.000001 STCI".into()));
		assert!(stci().read(&stci().up(u128::MAX / 2)).unwrap() >= u128::MAX / 2);
		let whole = Currency::new("X", 0);
		assert_eq!(whole.up(7), "7 X");
	}

	#[test]
	fn other_texts_are_refused() {
		for text in [
			"",
			"0",
			"0.0",
			"-1",
			"1,5",
			"1.",
			".5",
			"1 000",
			"1e3",
			"0.0000000000001",
			"1 DOT",
		] {
			let said = stci().read(text).unwrap_err();
			assert!(said.contains("write it as 1.25"), "{said}");
		}
		assert!(stci().read(&"9".repeat(40)).is_err());
		let whole = Currency {
			symbol: "X".into(),
			decimals: 0,
		};
		assert_eq!(whole.read("7"), Ok(7));
		assert_eq!(whole.exact(7), "7 X");
	}
}
