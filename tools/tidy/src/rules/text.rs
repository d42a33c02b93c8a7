//! What an editor does not show: blanks at the ends of lines, missing ends, control and invisible characters.

use super::Rule;
use crate::{
	lexer::{tokens, Kind, Token},
	report::Violation,
	tree::{File, Tree},
};

pub const RULE: Rule = Rule {
	name: "text",
	about: "no blanks at the end of a line, a newline at the end of a file, no tab or invisible character in a literal",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	let mut found = Vec::new();
	for file in tree.files.iter().filter(|file| !file.is_written_by_programs()) {
		found.append(&mut lines(file));
		if file.is_rust() {
			found.append(&mut literals(file));
		}
	}
	found
}

fn lines(file: &File) -> Vec<Violation> {
	let mut found = Vec::new();
	let mut wrong = |line: usize, message: &str| found.push(Violation::new(RULE.name, &file.path, line, message));
	for (index, line) in file.text.split('\n').enumerate() {
		if line.chars().any(is_unseen) {
			wrong(
				index + 1,
				"a character that cannot be seen; take it out, or write its escape",
			);
		} else if line.ends_with([' ', '\t']) {
			wrong(index + 1, "blanks at the end of the line; take them out");
		}
	}
	let last = file.text.lines().count();
	if file.text.ends_with("\n\n") {
		wrong(last, "an empty line at the end of the file; take it out");
	} else if !file.text.is_empty() && !file.text.ends_with('\n') {
		wrong(last, "no newline at the end of the file; add one");
	}
	found
}

/// Controls but tabs, and marks that change or hide what a reader sees.
fn is_unseen(sign: char) -> bool {
	let hides = matches!(
		sign,
		'\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
	);
	hides || (sign.is_control() && sign != '\t')
}

fn literals(file: &File) -> Vec<Violation> {
	let literals = tokens(&file.text)
		.into_iter()
		.filter(|token| token.is_text() || token.kind == Kind::Character);
	literals
		.filter_map(|literal| {
			let before = tab(&literal)?;
			let line = literal.line + before.matches('\n').count();
			let message = "a tab within a literal; write \\t, or end the line before it with \\";
			Some(Violation::new(RULE.name, &file.path, line, message))
		})
		.collect()
}

/// What stands before the first tab that is part of the literal's value.
fn tab<'a>(literal: &Token<'a>) -> Option<&'a str> {
	let mut skipping = false;
	let mut previous = ' ';
	for (index, sign) in literal.text.char_indices() {
		if sign == '\n' && previous == '\\' && literal.kind == Kind::Text {
			skipping = true;
		}
		skipping &= sign.is_whitespace();
		if sign == '\t' && !skipping {
			return literal.text.get(..index);
		}
		// The second of two backslashes escapes nothing.
		previous = if sign == '\\' && previous == '\\' { ' ' } else { sign };
	}
	None
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(path: &str, text: &str) -> Vec<(usize, String)> {
		check(&of(&[(path, text)]))
			.into_iter()
			.map(|v| (v.line, v.message))
			.collect()
	}

	#[test]
	fn clean_text() {
		for text in [
			"",
			"a\n",
			"\tlet a = \"b\";\n",
			"let a = \"b \\\n\t\tc\";\n",
			"let a = \"\\t\";\n",
		] {
			assert_eq!(found("a.rs", text), [], "{text}");
		}
		assert_eq!(found("Cargo.lock", "a "), []);
	}

	#[test]
	fn blanks_and_ends() {
		assert_eq!(found("a.md", "a\nb  \n")[0].0, 2);
		assert_eq!(found("a.toml", "a\t\n").len(), 1);
		assert!(found("a.md", "a\nb")[0].1.contains("no newline"));
		assert!(found("a.md", "a\n\n")[0].1.contains("an empty line"));
	}

	#[test]
	fn unseen_characters() {
		for unseen in ["\r", "\u{1b}", "\u{202e}", "\u{200b}", "\u{feff}", "\0"] {
			assert_eq!(found("a.md", &format!("a{unseen}b\n")).len(), 1, "{unseen:?}");
		}
	}

	#[test]
	fn tabs_in_literals() {
		assert_eq!(found("a.rs", "\n\"a\tb\";\n")[0].0, 2);
		assert_eq!(found("a.rs", "\"a\n\tb\";\n")[0].0, 2);
		assert_eq!(found("a.rs", "\"a\\\\\n\tb\";\n").len(), 1);
		assert_eq!(found("a.rs", "\"a \\\n\tb\tc\";\n").len(), 1);
		assert_eq!(found("a.rs", "r\"a\\\n\tb\";\n").len(), 1);
		assert_eq!(found("a.rs", "'\t';\n").len(), 1);
		assert_eq!(found("a.rs", "// \"a\tb\"\n").len(), 0);
	}
}
