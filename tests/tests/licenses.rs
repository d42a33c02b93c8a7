//! Every dependency's licence is one that `deny.toml` allows: what `cargo deny check licenses` says, without that tool.

use serde_json::Value;
use std::{collections::BTreeSet, path::Path, process::Command};

/// The strings of `name = [ ... ]` in a TOML file, whatever table they are in.
fn strings(toml: &str, name: &str) -> BTreeSet<String> {
	let lines = toml.lines().map(|line| line.split('#').next().unwrap_or_default());
	let text = lines.collect::<Vec<_>>().join("\n");
	let Some(start) = text.find(&format!("\n{name} = [")) else {
		return BTreeSet::new();
	};
	let list = &text[start..];
	let list = &list[..list.find(']').unwrap_or(list.len())];
	list.split('"').skip(1).step_by(2).map(str::to_string).collect()
}

/// What `deny.toml` says of crates whose manifest has no expression: their names and expressions.
fn clarified(toml: &str) -> Vec<(&str, &str)> {
	toml.split("[[licenses.clarify]]")
		.skip(1)
		.filter_map(|table| Some((quoted(table, "crate")?, quoted(table, "expression")?)))
		.collect()
}

/// The string of `name = "..."` in a part of a TOML file.
fn quoted<'a>(table: &'a str, name: &str) -> Option<&'a str> {
	table
		.lines()
		.find(|line| line.starts_with(&format!("{name} = ")))?
		.split('"')
		.nth(1)
}

/// Whether an SPDX expression is fulfilled by allowed licences alone. `/` is an old way to write OR.
fn allowed(expression: &str, allow: &BTreeSet<String>) -> bool {
	let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
	let tokens: Vec<&str> = spaced.split_whitespace().collect();
	let mut at = 0;
	let holds = either(&tokens, &mut at, allow);
	holds && at == tokens.len()
}

fn either(tokens: &[&str], at: &mut usize, allow: &BTreeSet<String>) -> bool {
	let mut holds = both(tokens, at, allow);
	while tokens.get(*at) == Some(&"OR") {
		*at += 1;
		holds |= both(tokens, at, allow);
	}
	holds
}

fn both(tokens: &[&str], at: &mut usize, allow: &BTreeSet<String>) -> bool {
	let mut holds = one(tokens, at, allow);
	while tokens.get(*at) == Some(&"AND") {
		*at += 1;
		holds &= one(tokens, at, allow);
	}
	holds
}

fn one(tokens: &[&str], at: &mut usize, allow: &BTreeSet<String>) -> bool {
	let Some(token) = tokens.get(*at) else { return false };
	*at += 1;
	if *token == "(" {
		let holds = either(tokens, at, allow);
		*at += usize::from(tokens.get(*at) == Some(&")"));
		return holds;
	}
	let mut license = token.to_string();
	if tokens.get(*at) == Some(&"WITH") {
		license = format!("{license} WITH {}", tokens.get(*at + 1).unwrap_or(&""));
		*at += 2;
	}
	allow.contains(&license)
}

#[test]
fn expressions_are_judged_as_spdx_means_them() {
	let allow: BTreeSet<String> = ["MIT", "Apache-2.0", "GPL-3.0 WITH Classpath-exception-2.0"]
		.map(String::from)
		.into();
	for good in [
		"MIT",
		"MIT/Unlicense",
		"BSL-1.0 OR Apache-2.0",
		"MIT AND Apache-2.0",
		"(BSL-1.0 OR MIT) AND Apache-2.0",
		"GPL-3.0 WITH Classpath-exception-2.0",
		"BSL-1.0 AND X OR MIT",
	] {
		assert!(allowed(good, &allow), "{good}");
	}
	for bad in [
		"",
		"GPL-3.0",
		"MIT AND BSL-1.0",
		"(MIT OR X) AND BSL-1.0",
		"MIT MIT",
		"MIT AND",
	] {
		assert!(!allowed(bad, &allow), "{bad}");
	}
}

#[test]
fn every_dependency_has_a_licence_that_we_allow() {
	let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
	let deny = std::fs::read_to_string(root.join("deny.toml")).expect("deny.toml lies beside the workspace's manifest");
	let allow = strings(&deny, "allow");
	assert!(
		allow.contains("Apache-2.0"),
		"deny.toml's list was not found: {allow:?}"
	);
	let clarified = clarified(&deny);
	// Dependencies of other platforms need not be there.
	let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
	let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
	let output = Command::new(cargo)
		.args([
			"metadata",
			"--format-version",
			"1",
			"--locked",
			"--filter-platform",
			&target,
			"--manifest-path",
		])
		.arg(root.join("Cargo.toml"))
		.output()
		.expect("cargo runs");
	assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo's answer is JSON");
	let packages = metadata["packages"].as_array().expect("an array");
	assert!(packages.len() > 100, "only {} packages", packages.len());
	let license_of = |package: &Value| -> Option<String> {
		let name = package["name"].as_str()?;
		// What was looked into counts for more than what a manifest says, as it does for `cargo deny`.
		let looked_into = clarified.iter().find(|(known, _)| *known == name);
		looked_into
			.map(|(_, license)| *license)
			.or(package["license"].as_str())
			.map(str::to_string)
	};
	let refused: Vec<String> = packages
		.iter()
		.filter(|package| !license_of(package).is_some_and(|license| allowed(&license, &allow)))
		.map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
		.collect();
	assert!(refused.is_empty(), "deny.toml does not allow:\n{}", refused.join("\n"));
}
