//! Words that a reader of the repository cannot follow up, and marks of unfinished work.

use super::Rule;
use crate::{
	report::Violation,
	tree::{File, Tree},
};

/// Where the list is.
const LIST: &str = "tools/tidy/banned.txt";

/// This crate names what it refuses.
const EXEMPT: &str = "tools/tidy/";

pub const RULE: Rule = Rule {
	name: "words",
	about: "no word of tools/tidy/banned.txt, also not broken over two lines",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	let list = tree.file(LIST).map_or("", |file| file.text.as_str());
	let banned: Vec<Banned<'_>> = list.lines().filter_map(Banned::read).collect();
	let pages = tree.files.iter().filter(|file| !file.path.starts_with(EXEMPT));
	let pages = pages.filter(|file| !["Cargo.lock", "package-lock.json"].contains(&file.name()));
	pages.flat_map(|file| of_file(file, &banned)).collect()
}

/// A line of the list: `words -> what to do`. With a capital it is looked for as it is written, else in any case.
struct Banned<'a> {
	words: &'a str,
	remedy: &'a str,
	exactly: bool,
}

impl<'a> Banned<'a> {
	fn read(line: &'a str) -> Option<Self> {
		let line = line.trim();
		if line.is_empty() || line.starts_with('#') {
			return None;
		}
		let (words, remedy) = line.split_once(" -> ").unwrap_or((line, "say it in other words"));
		Some(Self {
			words: words.trim(),
			remedy,
			exactly: words.chars().any(char::is_uppercase),
		})
	}
}

fn of_file(file: &File, banned: &[Banned<'_>]) -> Vec<Violation> {
	let running = Running::of(&file.text);
	let mut found = Vec::new();
	for Banned { words, remedy, exactly } in banned {
		let text = if *exactly { &running.text } else { &running.lower };
		for (at, _) in text.match_indices(words).filter(|(at, _)| is_whole(text, *at, words)) {
			let message = format!("`{words}` is refused here; {remedy}");
			found.push(Violation::new(RULE.name, &file.path, running.line(at), message));
		}
	}
	found
}

/// The words of a file with one blank between them, whether or not a line ends there and a comment goes on.
#[derive(Default)]
struct Running {
	text: String,
	/// The same without capitals; of the same length.
	lower: String,
	/// Where each line begins in the text, and its number.
	lines: Vec<(usize, usize)>,
}

impl Running {
	fn of(text: &str) -> Self {
		let mut running = Self::default();
		for (index, line) in text.lines().enumerate() {
			running.lines.push((running.text.len(), index + 1));
			for word in line.split_whitespace().filter(|word| !is_mark(word)) {
				running.text.push_str(word);
				running.text.push(' ');
			}
		}
		running.lower = running.text.to_ascii_lowercase();
		running
	}

	fn line(&self, at: usize) -> usize {
		let after = self.lines.partition_point(|(start, _)| *start <= at);
		self.lines.get(after.saturating_sub(1)).map_or(1, |(_, number)| *number)
	}
}

/// What begins a line of a comment or of a list.
fn is_mark(word: &str) -> bool {
	word.chars().all(|sign| "/!#*>".contains(sign))
}

/// Whether the words at `at` are not a part of longer ones.
fn is_whole(text: &str, at: usize, words: &str) -> bool {
	let of_word = |sign: char| sign.is_alphanumeric() || sign == '_';
	let before = text[..at].chars().next_back();
	let after = text[at + words.len()..].chars().next();
	let joins =
		|inside: Option<char>, outside: Option<char>| inside.is_some_and(of_word) && outside.is_some_and(of_word);
	let goes_on = words.starts_with('/') && before.is_some_and(|sign| of_word(sign) || "/.~}*".contains(sign));
	!goes_on && !joins(words.chars().next(), before) && !joins(words.chars().next_back(), after)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(path: &str, text: &str) -> Vec<(usize, String)> {
		let list = "# A comment\nthe plan says -> say it here\nFIXME\nhost.org/\n/house/\n";
		check(&of(&[(path, text), (LIST, list)]))
			.into_iter()
			.map(|v| (v.line, v.message))
			.collect()
	}

	#[test]
	fn banned_words() {
		let expected = "`the plan says` is refused here; say it here".to_owned();
		assert_eq!(found("a.rs", "a\n// The plan says so"), [(2, expected)]);
		assert_eq!(found("a.rs", "//! as the plan\n//! says so")[0].0, 1);
		assert_eq!(found("a.md", "- the\n  plan\n  says").len(), 1);
		assert_eq!(found("a.rs", "// FIXME: b\n// FIXME").len(), 2);
		assert_eq!(found("a.yml", "https://host.org/x").len(), 1);
		assert_eq!(found("a.md", "in /house/x, `/house/`").len(), 2);
	}

	#[test]
	fn other_words() {
		for text in [
			"the plan said",
			"loathe plan says",
			"the plan sayswho",
			"fixme",
			"FIXMENOT",
			"host.org",
			"core/house/x ./house/ ${A}/house/",
		] {
			assert_eq!(found("a.rs", text), [], "{text}");
		}
		assert_eq!(found("tools/tidy/src/a.rs", "FIXME"), []);
		assert_eq!(found("Cargo.lock", "FIXME"), []);
	}
}
