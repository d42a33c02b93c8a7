//! Prometheus' text format.

use std::fmt::{Display, Write};

/// Metrics, one behind the other.
pub(super) struct Text(String);

/// Names and values of labels.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

impl Text {
	pub fn new() -> Self {
		Self(String::with_capacity(8_192))
	}

	/// All of it.
	pub fn done(self) -> String {
		self.0
	}

	/// A metric with its rows. To write into a text does not fail.
	pub fn one(
		&mut self,
		name: &str,
		kind: &str,
		help: &str,
		rows: impl FnOnce(&mut dyn FnMut(Labels<'_>, &dyn Display)),
	) {
		let text = &mut self.0;
		let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
		rows(&mut |labels, value| {
			let labels: Vec<String> = labels
				.iter()
				.map(|(label, value)| format!("{label}=\"{}\"", escape(value)))
				.collect();
			let _ = match labels.is_empty() {
				true => writeln!(text, "{name} {value}"),
				false => writeln!(text, "{name}{{{}}} {value}", labels.join(",")),
			};
		});
	}

	pub fn value(&mut self, name: &str, kind: &str, help: &str, value: &dyn Display) {
		self.one(name, kind, help, |row| row(&[], value));
	}
}

fn escape(value: &str) -> String {
	value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn values_are_escaped() {
		assert_eq!(escape("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
	}
}
