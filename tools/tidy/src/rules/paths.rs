//! A source belongs to one crate: no `#[path]` or `include!` takes a file out of another one's folder.

use super::Rule;
use crate::{
	lexer::{code, Token},
	report::Violation,
	tree::{join, parent, File, Tree},
};

pub const RULE: Rule = Rule {
	name: "paths",
	about: "no #[path] or include! into another crate's folder",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	tree.rust().flat_map(|file| of_file(tree, file)).collect()
}

fn of_file(tree: &Tree, file: &File) -> Vec<Violation> {
	let own = crate_of(tree, file.folder());
	taken(&code(&file.text))
		.into_iter()
		.filter_map(|(path, line)| {
			let other = join(file.folder(), path).map(|target| crate_of(tree, parent(&target)));
			// A fuzz target may use the tests of the crate that it lies in.
			let of_fuzz = own
				.strip_suffix("/fuzz")
				.is_some_and(|outer| other == Some(outer.to_owned()));
			if other.as_deref() == Some(own.as_str()) || of_fuzz {
				return None;
			}
			let other = other.unwrap_or_else(|| "outside the repository".to_owned());
			let message = format!("takes `{path}` from {other}; make it a crate that both depend on");
			Some(Violation::new(RULE.name, &file.path, line, message).excusable(format!("{}->{other}", file.path)))
		})
		.collect()
}

/// The nearest folder with a manifest.
fn crate_of(tree: &Tree, folder: &str) -> String {
	let mut folder = folder;
	while !folder.is_empty() && !tree.paths.contains(&format!("{folder}/Cargo.toml")) {
		folder = parent(folder);
	}
	folder.to_owned()
}

/// The paths in `#[path = "..."]` and `include!("...")`, and their lines.
fn taken<'a>(tokens: &[Token<'a>]) -> Vec<(&'a str, usize)> {
	let by_path = tokens
		.windows(3)
		.filter(|three| three[0].is_word("path") && three[1].is_sign('='));
	let by_include = tokens
		.windows(4)
		.filter(|four| four[0].is_word("include") && four[1].is_sign('!'));
	let by_path = by_path.map(|three| three[2]);
	let by_include = by_include.map(|four| four[3]);
	let literals = by_path.chain(by_include).filter(Token::is_text);
	literals.map(|literal| (literal.text, literal.line)).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(path: &str, text: &str) -> Vec<Violation> {
		let manifests = ["core/a", "core/b", "core/b/fuzz"].map(|folder| format!("{folder}/Cargo.toml"));
		let [a, b, fuzz] = manifests.each_ref().map(|manifest| (manifest.as_str(), ""));
		check(&of(&[a, b, fuzz, (path, text)]))
	}

	#[test]
	fn within_a_crate() {
		assert!(found("core/a/src/x.rs", "#[path = \"x_tests.rs\"]\nmod tests;").is_empty());
		assert!(found("core/a/src/x.rs", "#[path = \"../tests/rng.rs\"]\nmod rng;").is_empty());
		assert!(found("core/b/fuzz/t.rs", "#[path = \"../tests/driver.rs\"]\nmod driver;").is_empty());
		assert!(found("core/a/src/x.rs", "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));").is_empty());
		assert!(found("core/a/src/x.rs", "// #[path = \"../../b/src/y.rs\"]").is_empty());
	}

	#[test]
	fn out_of_a_crate() {
		let reached = found("core/a/src/x.rs", "\n#[path = \"../../b/src/y.rs\"]\nmod y;");
		assert_eq!(reached[0].line, 2);
		assert_eq!(reached[0].subject.as_deref(), Some("core/a/src/x.rs->core/b"));
		assert_eq!(found("core/a/src/x.rs", "include!(\"../../b/src/y.rs\");").len(), 1);
		assert_eq!(
			found("core/a/src/x.rs", "#[path = \"../../../../y.rs\"]\nmod y;").len(),
			1
		);
		assert_eq!(found("core/b/src/x.rs", "#[path = \"../fuzz/t.rs\"]\nmod t;").len(), 1);
	}
}
