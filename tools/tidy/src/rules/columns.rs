//! Lines are no wider than a window, comments included: rustfmt does not break these.

use super::Rule;
use crate::{
	report::Violation,
	tree::{File, Tree},
};

/// How wide a line may be.
const MAX_COLUMNS: usize = 120;

/// How wide a tab is, as for rustfmt.
const TAB: usize = 4;

pub const RULE: Rule = Rule {
	name: "columns",
	about:
		"lines of Rust and scripts have 120 columns at most; a tab has 4, and a URL or a row of a table may stick out",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	let sources = tree.files.iter().filter(|file| file.is_rust() || file.is_script());
	sources.filter(|file| !file.is_generated()).flat_map(of_file).collect()
}

fn of_file(file: &File) -> Vec<Violation> {
	let lines = file
		.text
		.lines()
		.enumerate()
		.map(|(index, line)| (index + 1, line, columns(line)));
	lines
		.filter(|(_, line, columns)| *columns > MAX_COLUMNS && !may_stick_out(line))
		.map(|(number, _, columns)| {
			let message = format!("{columns} columns; break the line before column {}", MAX_COLUMNS + 1);
			Violation::new(RULE.name, &file.path, number, message)
		})
		.collect()
}

fn columns(line: &str) -> usize {
	line.chars().map(|sign| if sign == '\t' { TAB } else { 1 }).sum()
}

/// A URL or a row of a table cannot be broken.
fn may_stick_out(line: &str) -> bool {
	let words = line.trim_start().trim_start_matches(['/', '!', '#', '*']).trim_start();
	line.contains("://") || words.starts_with('|')
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(path: &str, line: &str) -> usize {
		let first = if path.contains('.') { "" } else { "#!/bin/sh\n" };
		check(&of(&[(path, &format!("{first}{line}\n"))])).len()
	}

	#[test]
	fn wide_lines() {
		assert_eq!(found("a.rs", &"x".repeat(120)), 0);
		assert_eq!(found("a.rs", &"x".repeat(121)), 1);
		assert_eq!(found("a.rs", &format!("\t{}", "x".repeat(116))), 0);
		assert_eq!(found("a.rs", &format!("\t// {}", "x".repeat(114))), 1);
		assert_eq!(found("scripts/a", &"x".repeat(121)), 1);
		assert_eq!(found("a.rs", &"ä".repeat(120)), 0);
	}

	#[test]
	fn what_may_stick_out() {
		assert_eq!(found("a.rs", &format!("// https://example.org/{}", "x".repeat(121))), 0);
		assert_eq!(found("a.rs", &format!("//! | {} |", "x".repeat(121))), 0);
		assert_eq!(found("a.rs", &format!("\tif a || {} |", "x".repeat(121))), 1);
		assert_eq!(found("a.md", &"x".repeat(200)), 0);
		assert_eq!(found("runtime/src/weights/a.rs", &"x".repeat(200)), 0);
	}
}
