#![doc = include_str!("../README.md")]

mod ask;
mod bar;
mod bars;
mod dates;
pub mod money;
mod qr;
mod spans;

pub use bar::{duration, Bar};
pub use bars::{Bars, Row};
pub use dates::{date, minute};
pub use qr::code;
pub use spans::{DAYS_A_MONTH, DAYS_A_YEAR, ERAS_A_DAY, ERAS_A_MONTH};

use serde::Serialize;
use std::{
	env,
	io::{self, IsTerminal, Write},
};

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Colors {
	/// On a terminal, unless `NO_COLOR` is set.
	#[default]
	Auto,
	/// Always.
	Always,
	/// Never.
	Never,
}

/// How something is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
	/// It is well.
	Good,
	/// Somebody should look.
	Warning,
	/// It is wrong.
	Bad,
	/// It is what matters.
	Strong,
	/// It is beside the point.
	Dim,
}

/// Where a command writes, and whom it asks.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
	json: bool,
	out_colors: bool,
	error_colors: bool,
	/// Whether somebody sits there who can answer.
	asks: bool,
	/// Whether the standard error is a terminal, so that a line may be written over.
	draws: bool,
}

impl Terminal {
	/// The one that the process has.
	pub fn new(json: bool, colors: Colors) -> Self {
		let (out, error) = (io::stdout().is_terminal(), io::stderr().is_terminal());
		let dumb = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
			|| env::var_os("TERM").is_some_and(|name| name == "dumb");
		let colors = |terminal: bool| match colors {
			Colors::Auto => terminal && !dumb,
			Colors::Always => true,
			Colors::Never => false,
		};
		Self {
			json,
			out_colors: colors(out) && !json,
			error_colors: colors(error),
			asks: io::stdin().is_terminal() && error,
			draws: error && !dumb,
		}
	}

	/// Whether facts are JSON.
	pub fn is_json(&self) -> bool {
		self.json
	}

	/// Whether somebody can be asked.
	pub fn asks(&self) -> bool {
		self.asks
	}

	/// Whether lines of the standard error may have colours and be written over.
	pub fn draws(&self) -> bool {
		self.draws && self.error_colors
	}

	/// Tells facts: as JSON, or as a text that is only made if it is wanted.
	pub fn facts<Facts: Serialize>(&self, facts: &Facts, text: impl FnOnce(&Self) -> String) {
		let text = if self.json {
			serde_json::to_string_pretty(facts).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
		} else {
			text(self)
		};
		// A reader that has gone away wants nothing more.
		let _ = writeln!(io::stdout(), "{}", text.trim_end());
	}

	/// Says something beside the facts.
	pub fn say(&self, text: &str) {
		let _ = writeln!(io::stderr(), "{text}");
	}

	/// Says what a command has done or found, as a line with a mark.
	pub fn done(&self, text: &str) {
		self.say(&format!("{} {text}", self.toned_error(Tone::Good, "✓")));
	}

	/// Says that somebody should look.
	pub fn warn(&self, text: &str) {
		self.say(&format!("{} {text}", self.toned_error(Tone::Warning, "!")));
	}

	/// Says why a command has failed.
	pub fn fail(&self, text: &str) {
		self.say(&format!("{} {text}", self.toned_error(Tone::Bad, "error:")));
	}

	/// A part of a text for the standard output.
	pub fn toned(&self, tone: Tone, text: &str) -> String {
		color(self.out_colors, tone, text)
	}

	/// A part of a text for the standard error.
	pub fn toned_error(&self, tone: Tone, text: &str) -> String {
		color(self.error_colors, tone, text)
	}

	/// Bars for several things at once.
	pub fn bars(&self) -> Bars {
		Bars::new(self.draws)
	}

	/// A bar for something that takes its time.
	pub fn bar(&self, what: &str) -> Bar {
		Bar::new(what, self.draws)
	}
}

fn color(colors: bool, tone: Tone, text: &str) -> String {
	if !colors {
		return text.into();
	}
	let code = match tone {
		Tone::Good => "32",
		Tone::Warning => "33",
		Tone::Bad => "1;31",
		Tone::Strong => "1",
		Tone::Dim => "2",
	};
	format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Lines of names and values, the values below each other.
pub fn columns(lines: &[(&str, String)]) -> String {
	let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
	let of_line = |(name, value): &(&str, String)| {
		let blanks = " ".repeat(width.saturating_sub(name.chars().count()));
		let value = value.replace('\n', &format!("\n{}", " ".repeat(width + 2)));
		format!("{name}{blanks}  {value}\n")
	};
	lines.iter().map(of_line).collect()
}

/// So many of something: `1 plot`, `2 plots`, `0 plots`.
///
/// - `one`: its name, of which there are several with an s at its end.
pub fn counted(number: u64, one: &str) -> String {
	match number {
		1 => format!("1 {one}"),
		_ => format!("{number} {one}s"),
	}
}

/// Bytes, in units that people use.
pub fn bytes(count: u64) -> String {
	const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
	let mut unit = 0;
	let mut tenths = u128::from(count) * 10;
	while tenths >= 10 * 1024 && unit + 1 < UNITS.len() {
		tenths /= 1024;
		unit += 1;
	}
	let name = UNITS.get(unit).unwrap_or(&"B");
	match unit {
		0 => format!("{count} {name}"),
		_ => format!("{}.{} {name}", tenths / 10, tenths % 10),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn colors_are_for_terminals() {
		// Tests have no terminal.
		let plain = Terminal::new(false, Colors::Auto);
		assert_eq!(plain.toned(Tone::Bad, "x"), "x");
		assert!(!plain.asks());
		let colored = Terminal::new(false, Colors::Always);
		assert_eq!(colored.toned(Tone::Good, "x"), "\u{1b}[32mx\u{1b}[0m");
		assert_eq!(Terminal::new(true, Colors::Always).toned(Tone::Good, "x"), "x");
	}

	#[test]
	fn values_stand_below_each_other() {
		let text = columns(&[("a", "1".into()), ("long", "2\n3".into())]);
		assert_eq!(text, "a     1\nlong  2\n      3\n");
	}

	#[test]
	fn one_is_not_several() {
		let told = [0, 1, 2].map(|number| counted(number, "plot"));
		assert_eq!(told, ["0 plots", "1 plot", "2 plots"]);
	}

	#[test]
	fn bytes_are_short() {
		for (count, text) in [
			(0, "0 B"),
			(1_023, "1023 B"),
			(1_024, "1.0 KiB"),
			(1_003_000_000, "956.5 MiB"),
			(u64::MAX, "16777215.9 TiB"),
		] {
			assert_eq!(bytes(count), text);
		}
	}
}
