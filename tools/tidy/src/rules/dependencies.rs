//! The workspace's table names every dependency once, and none that nobody uses.

use super::Rule;
use crate::{
	manifest::{crates, workspace_table, Dependency},
	report::Violation,
	tree::Tree,
};
use std::collections::BTreeSet;

/// Crates of the SDK begin so. Those of one release belong together, so that their versions are exact.
const SDK: [&str; 5] = ["frame-", "pallet-", "sc-", "sp-", "substrate-"];

pub const RULE: Rule = Rule {
	name: "dependencies",
	about: "all dependencies come from the workspace's table, which has none unused; the SDK's are exact (=)",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	let table = workspace_table(tree);
	// The crates with a workspace of their own cannot use the table.
	let members: Vec<_> = crates(tree).into_iter().filter(|member| !member.is_workspace).collect();
	let mut found = Vec::new();
	for member in &members {
		for dependency in member
			.dependencies
			.iter()
			.filter(|dependency| !dependency.is_inherited())
		{
			let message = format!(
				"`{}` is declared here; declare it in the workspace's table",
				dependency.key
			);
			found.push(Violation::new(RULE.name, &member.path(), dependency.line, message));
		}
	}
	let used: BTreeSet<&str> = members
		.iter()
		.flat_map(|member| &member.dependencies)
		.map(|dependency| dependency.key.as_str())
		.collect();
	for declared in &table {
		let key = &declared.key;
		if !used.contains(key.as_str()) {
			let message = format!("`{key}` is used by no member; take it out of the table");
			found.push(Violation::new(RULE.name, "Cargo.toml", declared.line, message));
		}
		if is_loose(declared) {
			let message = format!("`{key}` is the SDK's and its version not exact; write \"=\" before it");
			found.push(Violation::new(RULE.name, "Cargo.toml", declared.line, message));
		}
	}
	found
}

fn is_loose(declared: &Dependency) -> bool {
	let of_sdk = declared.field("path").is_none() && SDK.iter().any(|start| declared.package().starts_with(start));
	of_sdk
		&& !declared
			.field("version")
			.is_some_and(|version| version.starts_with('='))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	fn found(table: &str, member: &str) -> Vec<String> {
		let root = format!("[workspace]\n[workspace.dependencies]\n{table}");
		let member = format!("[package]\n[dependencies]\n{member}");
		let tree = of(&[("Cargo.toml", &root), ("core/a/Cargo.toml", &member)]);
		check(&tree).into_iter().map(|violation| violation.message).collect()
	}

	#[test]
	fn one_table_for_all() {
		let table = "a = \"1\"\nsp-core = { version = \"=2\" }\npallet-own = { path = \"pallets/own\" }\n";
		let member =
			"a = { workspace = true }\n[dev-dependencies]\nsp-core.workspace = true\npallet-own = { workspace = true }";
		assert_eq!(found(table, member), [""; 0]);
	}

	#[test]
	fn unused_loose_and_hidden() {
		assert!(found("a = \"1\"", "")[0].contains("used by no member"));
		assert!(found("sp-core = \"2\"", "sp-core.workspace = true")[0].contains("not exact"));
		let renamed = "core = { package = \"sp-core\", version = \"2\" }";
		assert!(found(renamed, "core.workspace = true")[0].contains("not exact"));
		assert!(found("", "a = \"1\"")[0].contains("is declared here"));
	}

	#[test]
	fn workspaces_of_their_own_are_left_alone() {
		let fuzz = "[package]\n[workspace]\n[dependencies]\na = \"1\"\n";
		assert!(check(&of(&[("core/a/fuzz/Cargo.toml", fuzz)])).is_empty());
	}
}
