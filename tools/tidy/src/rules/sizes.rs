//! What a reader has to keep in the head at once: a file, a function, a folder, a crate.

use super::Rule;
use crate::{
	lexer::{closing, code, Kind, Token},
	manifest::crates,
	report::Violation,
	tree::{parent, File, Tree},
};
use std::collections::{BTreeMap, BTreeSet};

/// Lines of a file; 200 to 600 are the habit.
const MAX_FILE: usize = 800;

/// Lines of a function, from `fn` to its last bracket.
const MAX_FUNCTION: usize = 70;

/// Files and folders directly in a folder of sources.
const MAX_ENTRIES: usize = 12;

/// Lines of a crate's sources, its tests included. A crate that lies within it counts for itself.
const MAX_CRATE: usize = 10_000;

pub const FILES: Rule = Rule {
	name: "file-length",
	about: "a source has 800 lines at most",
	check: long_files,
};

pub const FUNCTIONS: Rule = Rule {
	name: "function-length",
	about: "a function has 70 lines at most",
	check: long_functions,
};

pub const FOLDERS: Rule = Rule {
	name: "folder-size",
	about: "a folder with Rust sources has 12 entries at most",
	check: full_folders,
};

pub const CRATES: Rule = Rule {
	name: "crate-length",
	about: "a crate has 10,000 lines of Rust at most, with its tests",
	check: long_crates,
};

fn long_files(tree: &Tree) -> Vec<Violation> {
	let sources = tree.files.iter().filter(|file| file.is_rust() || file.is_script());
	sources
		.filter(|file| !file.is_generated())
		.map(|file| (file, file.text.lines().count()))
		.filter(|(_, lines)| *lines > MAX_FILE)
		.map(|(file, lines)| {
			let message = format!("a file of {lines} lines; cut it into rooms of 600, {MAX_FILE} is the limit");
			Violation::new(FILES.name, &file.path, 1, message)
				.excusable(&file.path)
				.of_size(lines)
		})
		.collect()
}

fn long_functions(tree: &Tree) -> Vec<Violation> {
	let sources = tree.rust().filter(|file| !file.is_generated());
	sources.flat_map(long_functions_of).collect()
}

fn long_functions_of(file: &File) -> Vec<Violation> {
	functions(&code(&file.text))
		.into_iter()
		.filter(|function| function.lines > MAX_FUNCTION)
		.map(|Function { name, line, lines }| {
			let message = format!("function `{name}` has {lines} lines; cut it into parts of {MAX_FUNCTION} at most");
			Violation::new(FUNCTIONS.name, &file.path, line, message)
				.excusable(format!("{}::{name}", file.path))
				.of_size(lines)
		})
		.collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Function<'a> {
	name: &'a str,
	line: usize,
	lines: usize,
}

/// The functions that have a body, those within others, too.
fn functions<'a>(tokens: &[Token<'a>]) -> Vec<Function<'a>> {
	let mut found = Vec::new();
	for (index, pair) in tokens.windows(2).enumerate() {
		// A pointer to a function has no name.
		let [start, name] = pair else { continue };
		if !start.is_word("fn") || name.kind != Kind::Word {
			continue;
		}
		let Some(open) = body(tokens, index + 2) else {
			continue;
		};
		if let Some(end) = tokens.get(closing(tokens, open)) {
			found.push(Function {
				name: name.text,
				line: start.line,
				lines: end.line - start.line + 1,
			});
		}
	}
	found
}

/// Where the body of a function begins, whose signature goes on at `index`; `None` if it has none.
fn body(tokens: &[Token<'_>], mut index: usize) -> Option<usize> {
	// Within `<>` a bracket belongs to a constant.
	let mut angles = 0_i32;
	loop {
		let token = tokens.get(index)?;
		let after = |sign| index > 0 && tokens[index - 1].is_sign(sign);
		if token.kind == Kind::Sign {
			match token.text {
				"(" | "[" => index = closing(tokens, index),
				"<" => angles += 1,
				">" if !after('-') && !after('=') => angles -= 1,
				"{" if angles <= 0 => return Some(index),
				"{" => index = closing(tokens, index),
				";" | ")" | "]" | "}" => return None,
				_ => {}
			}
		}
		index += 1;
	}
}

fn full_folders(tree: &Tree) -> Vec<Violation> {
	let mut entries = BTreeMap::<&str, BTreeSet<&str>>::new();
	for path in &tree.paths {
		let mut inner = path.as_str();
		while !parent(inner).is_empty() {
			entries.entry(parent(inner)).or_default().insert(inner);
			inner = parent(inner);
		}
	}
	let with_sources: BTreeSet<&str> = tree
		.rust()
		.filter(|file| !file.is_generated())
		.map(File::folder)
		.collect();
	entries
		.into_iter()
		.filter(|(folder, entries)| entries.len() > MAX_ENTRIES && with_sources.contains(folder))
		.map(|(folder, entries)| {
			let count = entries.len();
			let message =
				format!("a folder of {count} entries; group what belongs together, {MAX_ENTRIES} is the limit");
			Violation::new(FOLDERS.name, folder, 1, message)
				.excusable(folder)
				.of_size(count)
		})
		.collect()
}

fn long_crates(tree: &Tree) -> Vec<Violation> {
	let folders: BTreeSet<String> = crates(tree).into_iter().map(|member| member.folder).collect();
	let mut lengths = BTreeMap::<&str, usize>::new();
	for file in tree.rust().filter(|file| !file.is_generated()) {
		if let Some(folder) = crate_of(&folders, file.folder()) {
			*lengths.entry(folder).or_default() += file.text.lines().count();
		}
	}
	lengths
		.into_iter()
		.filter(|(_, lines)| *lines > MAX_CRATE)
		.map(|(folder, lines)| {
			let manifest = format!("{folder}/Cargo.toml");
			let message = format!(
				"a crate of {lines} lines, tests included; move what others could stand on into a crate below it, \
				 {MAX_CRATE} is the limit"
			);
			Violation::new(CRATES.name, &manifest, 1, message)
				.excusable(&manifest)
				.of_size(lines)
		})
		.collect()
}

/// The folder of the crate that a file in `folder` belongs to.
fn crate_of<'a>(crates: &'a BTreeSet<String>, folder: &str) -> Option<&'a str> {
	let mut outer = folder;
	while !outer.is_empty() {
		if let Some(found) = crates.get(outer) {
			return Some(found);
		}
		outer = parent(outer);
	}
	None
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn names(source: &str) -> Vec<(&str, usize)> {
		functions(&code(source))
			.iter()
			.map(|function| (function.name, function.lines))
			.collect()
	}

	#[test]
	fn long_and_short_files() {
		assert!(long_files(&of(&[("a.rs", &"x\n".repeat(800))])).is_empty());
		let found = long_files(&of(&[("a.rs", &"x\n".repeat(801)), ("a.md", &"x\n".repeat(900))]));
		assert_eq!(found.len(), 1);
		assert_eq!(
			(found[0].subject.as_deref(), found[0].measured),
			(Some("a.rs"), Some(801))
		);
		assert!(long_files(&of(&[("runtime/src/weights/a.rs", &"x\n".repeat(900))])).is_empty());
	}

	#[test]
	fn long_and_short_functions() {
		let function = |lines: usize| format!("fn a() {{\n{}}}\n", "\tb();\n".repeat(lines - 2));
		assert!(long_functions(&of(&[("a.rs", &function(70))])).is_empty());
		let found = long_functions(&of(&[("a.rs", &function(71))]));
		assert_eq!(
			(found[0].subject.as_deref(), found[0].measured),
			(Some("a.rs::a"), Some(71))
		);
	}

	#[test]
	fn brackets_in_text_and_signatures() {
		assert_eq!(names("fn a() {\n\"}\";\n'}';\n// }\n}"), [("a", 5)]);
		assert_eq!(
			names("fn a(b: [u8; { 1 }]) -> C<{ 2 }>\nwhere\n\tD: E<F>,\n{\n}"),
			[("a", 5)]
		);
		assert_eq!(names("fn a<F: Fn() -> bool>(f: F) {\n}"), [("a", 2)]);
		assert_eq!(names("trait A { fn a(&self); fn b() {\n} }"), [("b", 2)]);
		assert_eq!(names("let f: fn(u8) = g; macro { fn $name() {} }"), []);
		assert_eq!(names("fn a() {\nfn b() {\n}\n}"), [("a", 4), ("b", 2)]);
		assert_eq!(names("fn a() {"), []);
	}

	#[test]
	fn full_and_other_folders() {
		let files = |count: usize, kind: &str| -> Vec<(String, Vec<u8>)> {
			(0..count)
				.map(|index| (format!("a/b/{index}/c.{kind}"), Vec::new()))
				.collect()
		};
		let source = ("a/b/x.rs".to_owned(), Vec::new());
		let with = |count| Tree::new(files(count, "rs").into_iter().chain([source.clone()]));
		assert!(full_folders(&with(11)).is_empty());
		let found = full_folders(&with(12));
		assert_eq!(
			(found[0].subject.as_deref(), found[0].measured),
			(Some("a/b"), Some(13))
		);
		assert!(
			full_folders(&Tree::new(files(20, "rs"))).is_empty(),
			"a folder of folders"
		);
		let root = Tree::new((0..20).map(|index| (format!("{index}.rs"), Vec::new())));
		assert!(full_folders(&root).is_empty());
	}

	#[test]
	fn long_and_short_crates() {
		let found = |sources: usize, tests: usize| {
			let lines = |count| "x\n".repeat(count);
			long_crates(&of(&[
				("node/Cargo.toml", "[package]\n"),
				("node/src/main.rs", &lines(4_000)),
				("node/a/Cargo.toml", "[package]\n"),
				("node/a/README.md", &lines(9_000)),
				("node/a/src/b/c.rs", &lines(sources)),
				("node/a/tests/d.rs", &lines(tests)),
				("node/a/fuzz/Cargo.toml", "[package]\n[workspace]\n"),
				("node/a/fuzz/e.rs", &lines(4_000)),
				("scripts/f.rs", &lines(11_000)),
			]))
		};
		assert!(found(8_000, 2_000).is_empty());
		let found = found(8_000, 2_001);
		assert_eq!(found.len(), 1);
		assert_eq!(
			(found[0].subject.as_deref(), found[0].measured),
			(Some("node/a/Cargo.toml"), Some(10_001))
		);
		let weights = "x\n".repeat(10_001);
		assert!(long_crates(&of(&[
			("runtime/Cargo.toml", "[package]\n"),
			("runtime/src/weights/a.rs", &weights),
		]))
		.is_empty());
	}
}
