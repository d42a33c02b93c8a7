//! Each crate begins with what it is for: a head in its source, and for what others build on a README, which can be
//! the head.

use super::Rule;
use crate::{
	manifest::{crates, Manifest},
	report::Violation,
	tree::{File, Tree},
};

/// The crates that others build on.
const WITH_README: [&str; 5] = ["primitives", "core", "pallets", "runtime", "node"];

pub const RULE: Rule = Rule {
	name: "heads",
	about: "a crate's source begins with //! or with its README, which others than tests and tools need to have",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	crates(tree)
		.iter()
		.filter(|member| !member.is_workspace)
		.flat_map(|member| of_crate(tree, member))
		.collect()
}

fn of_crate(tree: &Tree, member: &Manifest) -> Vec<Violation> {
	let folder = &member.folder;
	let wing = folder.split('/').next().unwrap_or("");
	let mut found = Vec::new();
	if WITH_README.contains(&wing) && tree.file(&format!("{folder}/README.md")).is_none() {
		let message = "the crate has no README.md; write what it is for, its terms, and what always holds";
		found.push(Violation::new(RULE.name, &member.path(), 1, message).excusable(format!("{folder}/README.md")));
	}
	let roots = ["lib", "main"]
		.iter()
		.filter_map(|name| tree.file(&format!("{folder}/src/{name}.rs")));
	for root in roots.filter(|root| !has_head(root)) {
		let message = "the crate has no head; begin with //! or #![doc = include_str!(\"../README.md\")]";
		found.push(Violation::new(RULE.name, &root.path, 1, message));
	}
	found
}

/// Whether documentation of the crate stands before its first item. Other inner attributes may come first.
fn has_head(root: &File) -> bool {
	let head = root
		.text
		.lines()
		.map(str::trim)
		.take_while(|line| line.is_empty() || line.starts_with("//") || line.starts_with("#!["));
	head.into_iter()
		.any(|line| line.starts_with("//!") || line.contains("include_str!(\"../README.md\")"))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(folder: &str, readme: bool, source: &str) -> usize {
		let manifest = format!("{folder}/Cargo.toml");
		let root = format!("{folder}/src/lib.rs");
		let page = format!("{folder}/README.md");
		let mut files = vec![(manifest.as_str(), "[package]\n"), (root.as_str(), source)];
		files.extend(readme.then_some((page.as_str(), "# A\n")));
		check(&of(&files)).len()
	}

	#[test]
	fn heads() {
		assert_eq!(found("core/a", true, "//! A.\n"), 0);
		assert_eq!(found("core/a", true, "#![doc = include_str!(\"../README.md\")]\n"), 0);
		assert_eq!(found("core/a", true, "// Licence.\n\n#![no_std]\n//! A.\n"), 0);
		assert_eq!(found("core/a", true, "use std::fmt;\n//! A.\n"), 1);
		assert_eq!(found("core/a", true, "/// A.\nstruct A;\n"), 1);
	}

	#[test]
	fn readmes() {
		assert_eq!(found("core/a", false, "//! A.\n"), 1);
		assert_eq!(found("pallets/money/a", false, "//! A.\n"), 1);
		assert_eq!(found("node", false, "//! A.\n"), 1);
		assert_eq!(found("tools/a", false, "//! A.\n"), 0);
	}
}
