//! What the rules find, and how it is shown.

use std::{cmp::Ordering, collections::BTreeMap, fmt::Write as _};

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
	/// The rule's name.
	pub rule: &'static str,
	/// The file, from the root of the repository.
	pub path: String,
	/// The line, counted from 1.
	pub line: usize,
	/// What is wrong, and what to do.
	pub message: String,
	/// What an exception has to name to allow it; `None` if nothing may.
	pub subject: Option<String>,
	/// The size that was found, if the rule limits one.
	pub measured: Option<usize>,
}

impl Violation {
	/// A violation that no exception can allow.
	pub fn new(rule: &'static str, path: &str, line: usize, message: impl Into<String>) -> Self {
		let message = message.into();
		Self {
			rule,
			path: path.to_owned(),
			line,
			message,
			subject: None,
			measured: None,
		}
	}

	/// One that an exception for `subject` allows.
	pub fn excusable(mut self, subject: impl Into<String>) -> Self {
		self.subject = Some(subject.into());
		self
	}

	/// One whose exception also has to grant this size.
	pub fn of_size(mut self, measured: usize) -> Self {
		self.measured = Some(measured);
		self
	}

	fn order(&self, other: &Self) -> Ordering {
		(&self.path, self.line, self.rule).cmp(&(&other.path, other.line, other.rule))
	}
}

/// The violations, a line each and sorted, and how many there are of each rule.
pub fn show(mut violations: Vec<Violation>) -> String {
	violations.sort_by(Violation::order);
	let mut counts = BTreeMap::<&str, usize>::new();
	let mut shown = String::new();
	for violation in &violations {
		let Violation {
			rule,
			path,
			line,
			message,
			..
		} = violation;
		*counts.entry(rule).or_default() += 1;
		// Writing to a `String` does not fail.
		let _ = writeln!(shown, "{path}:{line}: {message}");
	}
	for (rule, count) in counts {
		let _ = writeln!(shown, "{count:6}  {rule}");
	}
	shown
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sorted_and_counted() {
		let found = vec![
			Violation::new("words", "b", 1, "x; y"),
			Violation::new("columns", "a", 10, "z; w"),
			Violation::new("words", "a", 9, "v; u"),
		];
		assert_eq!(
			show(found),
			"a:9: v; u\na:10: z; w\nb:1: x; y\n     1  columns\n     2  words\n"
		);
	}
}
