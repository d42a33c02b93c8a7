//! Names and labels of metrics are snake_case, so that a query can be guessed.
//!
//! What is looked at: in the programs that have metrics, the words that a call of `metrics.something(...)` is given,
//! those of a function whose name ends with `label`, and those of `let label = ...;`; in a file `metrics.rs` also each
//! text that begins like a name, and each list of labels.

use super::Rule;
use crate::{
	lexer::{closing, code, Token},
	report::Violation,
	tree::{File, Tree},
};

/// The programs that have metrics.
const WINGS: [&str; 2] = ["node/", "agent/"];

/// How the name of a metric begins.
const PREFIX: &str = "smartchain_";

/// What is said to `metrics` that is no label: why it cannot be missing.
const NO_LABEL: [&str; 2] = ["expect", "unwrap_or"];

pub const RULE: Rule = Rule {
	name: "metrics",
	about: "names and labels of metrics are snake_case",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	let sources = tree
		.rust()
		.filter(|file| WINGS.iter().any(|wing| file.path.starts_with(wing)));
	sources.flat_map(of_file).collect()
}

fn of_file(file: &File) -> Vec<Violation> {
	let tokens = code(&file.text);
	let in_metrics = file.name() == "metrics.rs";
	let mut words: Vec<&Token<'_>> = Vec::new();
	for index in 0..tokens.len() {
		let rest = &tokens[index..];
		if in_metrics {
			words.extend(rest.first().filter(|token| is_name(token)));
			words.extend(if is_list(rest) {
				direct(&tokens, index + 1)
			} else {
				vec![]
			});
		}
		if is_call(rest) {
			words.extend(direct(&tokens, index + 3));
		} else if let Some(end) = end_of_labels(&tokens, index) {
			words.extend(tokens[index..end].iter().filter(|token| token.is_text()));
		}
	}
	words.sort_by_key(|word| word.line);
	words
		.into_iter()
		.filter(|word| !is_snake_case(word.text))
		.map(|word| {
			let message = format!("\"{}\" names or labels a metric; write it in snake_case", word.text);
			Violation::new(RULE.name, &file.path, word.line, message)
		})
		.collect()
}

/// The prefix alone is what names are tried against.
fn is_name(token: &Token<'_>) -> bool {
	token.is_text() && token.text.starts_with(PREFIX) && token.text != PREFIX
}

/// `metrics.method(`, but not that of a `Result`.
fn is_call(tokens: &[Token<'_>]) -> bool {
	match tokens {
		[object, dot, method, open, ..] => {
			object.is_word("metrics") && dot.is_sign('.') && open.is_sign('(') && !NO_LABEL.contains(&method.text)
		}
		_ => false,
	}
}

/// `&["`.
fn is_list(tokens: &[Token<'_>]) -> bool {
	matches!(tokens, [and, open, first, ..] if and.is_sign('&') && open.is_sign('[') && first.is_text())
}

/// The string literals directly within the brackets at `open`.
fn direct<'a>(tokens: &'a [Token<'a>], open: usize) -> Vec<&'a Token<'a>> {
	let end = closing(tokens, open);
	let mut found = Vec::new();
	let mut index = open + 1;
	while index < end {
		if tokens[index].opens() {
			index = closing(tokens, index);
		} else if tokens[index].is_text() {
			found.push(&tokens[index]);
		}
		index += 1;
	}
	found
}

/// Where the function or the variable that holds labels ends, if one begins at `index`.
fn end_of_labels(tokens: &[Token<'_>], index: usize) -> Option<usize> {
	let (start, name) = (tokens.get(index)?, tokens.get(index + 1)?);
	if start.is_word("let") && name.is_word("label") {
		let mut end = index;
		while end < tokens.len() && !tokens[end].is_sign(';') {
			end = if tokens[end].opens() { closing(tokens, end) } else { end } + 1;
		}
		return Some(end.min(tokens.len()));
	}
	if start.is_word("fn") && name.text.ends_with("label") {
		let open = tokens[index..]
			.iter()
			.position(|token| token.is_sign('{') || token.is_sign(';'))?
			+ index;
		return tokens[open].is_sign('{').then(|| closing(tokens, open));
	}
	None
}

fn is_snake_case(word: &str) -> bool {
	let allowed = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
	word.starts_with(|first: char| first.is_ascii_lowercase())
		&& word.chars().all(allowed)
		&& !word.contains("__")
		&& !word.ends_with('_')
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(path: &str, text: &str) -> Vec<usize> {
		check(&of(&[(path, text)]))
			.into_iter()
			.map(|violation| violation.line)
			.collect()
	}

	#[test]
	fn snake_case() {
		for good in ["a", "other_set", "block2", "smartchain_votes_cast_total"] {
			assert!(is_snake_case(good), "{good}");
		}
		for bad in ["", "other set", "Other", "other-set", "_a", "a_", "a__b", "2a"] {
			assert!(!is_snake_case(bad), "{bad}");
		}
	}

	#[test]
	fn labels_at_calls() {
		let path = "node/consensus/src/push.rs";
		assert!(found(
			path,
			"self.metrics.dropped(\"blocks\", why.label());\nlog(\"Bad header\");"
		)
		.is_empty());
		assert_eq!(found(path, "\nself.metrics.dropped(\"blocks\", \"bad header\");"), [2]);
		assert!(found(path, "metrics.expect(\"is registered\");").is_empty());
		assert!(found(path, "metrics.dropped(\"blocks\", name(&format!(\"a b\")));").is_empty());
		assert!(found("tests/src/a.rs", "metrics.dropped(\"bad header\");").is_empty());
	}

	#[test]
	fn labels_in_functions_and_variables() {
		let path = "node/consensus/src/gossip.rs";
		let label = |word: &str| format!("fn label(&self) -> &'static str {{\nmatch self {{\nA => \"{word}\",\n}} }}");
		assert!(found(path, &label("other_set")).is_empty());
		assert_eq!(found(path, &label("other set")), [3]);
		assert_eq!(
			found(
				path,
				"let label = match a { A => \"b c\", _ => { f(); \"d\" } };\n\"e f\";"
			),
			[1]
		);
		assert!(found(path, "trait A { fn label(&self) -> &str; }\nconst B: &str = \"b c\";").is_empty());
	}

	#[test]
	fn brackets_within_texts_close_nothing() {
		let text = "let label = if a(\"(\", \"\") { \"ok\" } else { \"b c\" };\n\"e f\";";
		assert_eq!(found("node/src/a.rs", text), [1, 1, 1]);
	}

	#[test]
	fn names_and_lists() {
		let path = "node/consensus/src/metrics.rs";
		assert!(found(
			path,
			"counters(\"smartchain_votes_total\", \"Votes, by phase\", &[\"phase\"])"
		)
		.is_empty());
		assert_eq!(
			found(
				path,
				"counters(\"smartchain_Votes\", \"Votes, by phase\", &[\"Phase\"])"
			),
			[1, 1]
		);
		assert_eq!(found(path, "m.votes.with_label_values(&[\"bad header\"])"), [1]);
		assert!(found("node/src/main.rs", "say(&[\"Some words\"]);").is_empty());
	}
}
