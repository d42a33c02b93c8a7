//! Crates import along the floors of the house, and never back up.

mod table;

use super::Rule;
use crate::{
	manifest::{crates, local_folder, workspace_table, Dependency, Manifest, Need},
	report::Violation,
	tree::Tree,
};
use table::{Layer, LAYERS};

pub const RULE: Rule = Rule {
	name: "layers",
	about: "crates import along the table of layers: primitives, core, pallets, runtime, node; and none an edge",
	check,
};

fn check(tree: &Tree) -> Vec<Violation> {
	let table = workspace_table(tree);
	let mut found = Vec::new();
	for member in crates(tree) {
		let Some(layer) = layer_of(&member.folder) else {
			let message =
				"no layer has this folder; move the crate, or add the folder to tools/tidy/src/rules/layers/table.rs";
			found.push(Violation::new(RULE.name, &member.path(), 1, message));
			continue;
		};
		for dependency in &member.dependencies {
			found.extend(fault(&member, layer, dependency, &table));
		}
	}
	found
}

fn fault(member: &Manifest, layer: &Layer, dependency: &Dependency, table: &[Dependency]) -> Option<Violation> {
	let in_tests = dependency.need == Need::Test;
	let wrong = |target: &str, message: String| {
		let subject = format!("{}->{target}", member.folder);
		Some(Violation::new(RULE.name, &member.path(), dependency.line, message).excusable(subject))
	};
	let Some(folder) = local_folder(member, dependency, table) else {
		let declared = table
			.iter()
			.find(|declared| dependency.is_inherited() && declared.key == dependency.key);
		let package = declared.unwrap_or(dependency).package();
		let never = layer.never.split_whitespace().any(|start| package.starts_with(start)) && !in_tests;
		let message = format!("{} never links `{package}`; {}", layer.name, advice_on_others(layer));
		return if never || stands_alone(layer) {
			wrong(package, message)
		} else {
			None
		};
	};
	// A crate that has no layer is reported at its own manifest.
	let target = layer_of(&folder)?;
	let by_tests = holds(layer.tests_use, target.name);
	if holds(layer.uses, target.name) || (in_tests && by_tests) || folder == member.folder {
		return None;
	}
	let only = if by_tests { ", but as a dev-dependency" } else { "" };
	wrong(
		&folder,
		format!(
			"{} never imports {folder} ({}){only}; {}",
			layer.name,
			target.name,
			advice(layer)
		),
	)
}

fn holds(list: &str, name: &str) -> bool {
	list.split_whitespace().any(|listed| listed == name)
}

/// Whether its crates depend on nothing, not even in tests.
fn stands_alone(layer: &Layer) -> bool {
	layer.uses.is_empty()
}

const ALONE: &str = "it stands on std alone, for it is built before all else";

fn advice_on_others(layer: &Layer) -> &'static str {
	if stands_alone(layer) {
		return ALONE;
	}
	"do this in a crate above it, and pass in what it needs"
}

fn advice(layer: &Layer) -> String {
	if stands_alone(layer) {
		return ALONE.to_owned();
	}
	let uses: Vec<&str> = layer.uses.split_whitespace().collect();
	format!(
		"of ours it may import {}: move what is needed there, or pass it in through a trait",
		uses.join(", ")
	)
}

fn layer_of(folder: &str) -> Option<&'static Layer> {
	let fits = |pattern: &str| {
		let (pattern, folder) = (pattern.split('/'), folder.split('/'));
		pattern.clone().count() == folder.clone().count()
			&& pattern
				.zip(folder)
				.all(|(expected, name)| expected == "*" || expected == name)
	};
	LAYERS.iter().find(|layer| layer.folders.split_whitespace().any(fits))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tree::of;

	/// What is wrong if the crate in `folder` depends on the one in `on` by a table of this name.
	fn found(folder: &str, table: &str, on: &str) -> Vec<Violation> {
		let root = format!("[workspace]\n[workspace.dependencies]\nit = {{ path = \"{on}\" }}\n");
		let member = format!("[package]\n[{table}]\nit = {{ workspace = true }}\n");
		check(&of(&[
			("Cargo.toml", &root),
			(&format!("{folder}/Cargo.toml"), &member),
		]))
	}

	fn may(folder: &str, on: &str) -> bool {
		found(folder, "dependencies", on).is_empty()
	}

	#[test]
	fn edges_of_the_house() {
		for (folder, on) in [
			("primitives/poca", "primitives/bft-finality"),
			("primitives/proofs/space", "primitives/devices"),
			("pallets/money/stci-issuance", "primitives/issuance"),
			("pallets/storage-market", "primitives/storage-market"),
			("primitives/proofs/space/generator", "primitives/proofs/space"),
			("primitives/runtime-apis", "primitives/poca"),
			("core/bft", "primitives/poca"),
			("core/channel", "primitives/channels"),
			("core/channel/tests", "core/channel"),
			("pallets/markets/payment-channels", "primitives/channels"),
			("pallets/consensus/poca", "pallets/traits"),
			("pallets/money/stci-issuance", "primitives/poca"),
			("runtime", "pallets/consensus/poca"),
			("node/consensus", "core/bft"),
			("node/consensus", "node/chain"),
			("node/consensus", "primitives/runtime-apis"),
			("node/testkit", "node/chain"),
			("node/testkit", "testkit"),
			("node/signing", "node/chain"),
			("node/consensus", "node/signing"),
			("node/consensus", "node/proofs"),
			("node/rpc", "node/consensus"),
			("node/rpc", "node/proofs"),
			("node/service", "runtime"),
			("node", "node/service"),
			("data/slots", "primitives/storage-proofs"),
			("data/transfer", "data/slots"),
			("compute/bundle", "data/transfer"),
			("compute/unit", "compute/engine"),
			("pallets/markets/storage-market", "primitives/storage-proofs"),
			("tests", "pallets/consensus/candidates"),
			("tests", "tests/next-runtime"),
			("tests/tests", "tests"),
			("runtime/tests", "runtime"),
			("tests/next-runtime", "runtime"),
			("tools/bench", "tests"),
			("tools/bench", "pay/api"),
			("tools/bench", "pay/store"),
			("tools/world", "core/bft"),
			("core/bft/fuzz", "core/bft"),
		] {
			assert!(may(folder, on), "{folder} -> {on}");
		}
	}

	#[test]
	fn edges_of_programs() {
		for (folder, on) in [
			("agent", "agent/store"),
			("agent", "agent/config"),
			("agent/cli", "agent/config"),
			("agent/config", "agent/keys"),
			("agent/storage", "agent/market"),
			("agent/run", "agent/store"),
			("agent", "agent/run"),
			("agent", "clients/chain-api"),
			("pay/store", "core/channel"),
			("pay/store", "agent/keys"),
			("pay/wire", "core/channel"),
			("pay/routes", "primitives/channels"),
			("pay/api", "agent/page"),
			("pay/config", "pay/chain"),
			("pay/daemon", "pay/routes"),
			("pay/daemon", "pay/api"),
			("pay/daemon", "pay/config"),
			("pay/daemon/tests", "pay/daemon"),
			("pay/relayer", "pay/api"),
			("pay/relayer", "agent/chain"),
			("pay", "pay/daemon"),
			("pay", "pay/relayer"),
			("pay", "pay/frames"),
			("pay/frames", "pay/routes"),
			("pay/frames", "core/channel"),
			("clients/cli", "data/slots"),
			("clients/cli", "agent/chain"),
			("clients/cli", "agent/setup"),
			("clients/cli/fuzz", "clients/cli"),
			("data/slots/fuzz", "data/slots"),
			("compute/sandbox/fuzz", "compute/sandbox"),
			("agent", "agent/work"),
			("agent/work", "agent/tasks"),
			("agent/work", "compute/unit"),
			("agent/accounts", "agent/chain"),
			("clients/jobs", "compute/unit"),
			("clients/cli", "clients/jobs"),
			("clients/cli", "clients/market"),
			("clients/cli", "clients/vouchers"),
			("clients/market", "agent/chain"),
			("clients/vouchers", "data/transfer"),
			("agent", "agent/setup"),
			("agent/setup", "agent/keys"),
		] {
			assert!(may(folder, on), "{folder} -> {on}");
		}
	}

	#[test]
	fn no_edge_leads_up() {
		for (folder, on) in [
			("primitives/poca", "core/bft"),
			("primitives/poca", "primitives/runtime-apis"),
			("primitives/proofs/space", "primitives/proofs/space/generator"),
			("primitives/proofs/space/generator", "core/bft"),
			("core/bft", "core/channel"),
			("core/bft", "pallets/traits"),
			("data/slots", "core/bft"),
			("data/transfer", "agent/keys"),
			("data/transfer", "compute/bundle"),
			("pallets/traits", "pallets/consensus/poca"),
			("pallets/consensus/poca", "pallets/consensus/candidates"),
			("pallets/consensus/poca", "runtime"),
			("pallets/consensus/poca", "core/bft"),
			("runtime", "core/bft"),
			("runtime", "node/consensus"),
			("node/chain", "node/consensus"),
			("node/chain", "core/bft"),
			("node/signing", "node/consensus"),
			("node/signing", "node/proofs"),
			("node/proofs", "node/consensus"),
			("node/proofs", "node/signing"),
			("node/consensus", "node/rpc"),
			("node/consensus", "runtime"),
			("node/rpc", "node/signing"),
			("node/testkit", "node/consensus"),
			("node/consensus", "pallets/consensus/poca"),
			("node/service", "pallets/consensus/poca"),
			("node/service", "node"),
			("agent", "pallets/traits"),
			("agent", "node/consensus"),
			("agent/store", "clients/chain-api"),
			("agent/keys", "agent/config"),
			("agent/config", "agent/plotter"),
			("agent/cli", "agent/storage"),
			("agent/market", "agent/slots"),
			("agent/run", "agent/config"),
			("agent/ledger", "agent/chain"),
			("clients/cli", "runtime"),
			("clients/cli", "agent/run"),
			("clients/market", "clients/cli"),
			("clients/market", "clients/vouchers"),
			("clients/vouchers", "clients/cli"),
			("agent/keys", "agent/setup"),
			("pay/wire", "pay/store"),
			("pay/routes", "core/channel"),
			("pay/chain", "pay/routes"),
			("pay/routes", "pay/frames"),
			("pay/frames", "pay/wire"),
			("pay/api", "pay/chain"),
			("pay/config", "pay/daemon"),
			("pay/daemon", "pay"),
			("pay/daemon", "pay/relayer"),
			("pay/relayer", "pay/daemon"),
			("tools/bench", "pay/daemon"),
			("core/channel", "pay/wire"),
			("tests", "tools/bench"),
			("tools/bench/peers/ldk", "core/channel"),
			("tests/next-runtime", "node/service"),
			("node/service", "tests/next-runtime"),
			("tools/tidy", "primitives/poca"),
			("core/bft", "tests"),
			("core/bft/fuzz", "node/consensus"),
		] {
			let found = found(folder, "dependencies", on);
			assert_eq!(found.len(), 1, "{folder} -> {on}");
			assert_eq!(found[0].subject.as_deref(), Some(format!("{folder}->{on}").as_str()));
		}
	}

	#[test]
	fn what_computes_knows_nobody_above() {
		for (folder, on) in [
			("agent/tasks", "agent/work"),
			("compute/unit", "agent/tasks"),
			("clients/jobs", "clients/market"),
			("tools/report", "tools/bench"),
		] {
			assert!(!may(folder, on), "{folder} -> {on}");
		}
	}

	#[test]
	fn some_edges_are_for_tests_only() {
		for (folder, on) in [
			("pallets/consensus/equivocation", "pallets/testkit"),
			("pallets/consensus/equivocation", "pallets/consensus/poca"),
			("node/consensus", "testkit"),
			("node/consensus", "node/testkit"),
			("core/bft", "testkit/rng"),
			("data/slots", "testkit/rng"),
		] {
			assert!(found(folder, "dev-dependencies", on).is_empty(), "{folder} -> {on}");
			assert!(found(folder, "dependencies", on)[0]
				.message
				.contains("but as a dev-dependency"));
			assert!(!found(folder, "build-dependencies", on).is_empty());
		}
		assert!(!found("node/consensus", "dev-dependencies", "runtime").is_empty());
		assert!(!found("core/bft", "dev-dependencies", "node/consensus").is_empty());
	}

	#[test]
	fn crates_from_elsewhere() {
		let with = |folder: &str, table: &str, line: &str| {
			let member = format!("[package]\n[{table}]\n{line}\n");
			check(&of(&[(&format!("{folder}/Cargo.toml"), &member)])).len()
		};
		assert_eq!(
			with(
				"core/bft",
				"dependencies",
				"codec = { package = \"parity-scale-codec\", version = \"3\" }"
			),
			0
		);
		assert_eq!(with("core/bft", "dependencies", "tokio = \"1\""), 1);
		assert_eq!(
			with(
				"core/bft",
				"dependencies",
				"core = { package = \"sp-core\", version = \"1\" }"
			),
			1
		);
		assert_eq!(with("core/bft", "dev-dependencies", "tokio = \"1\""), 0);
		assert_eq!(with("primitives/poca", "dependencies", "sp-api = \"1\""), 1);
		assert_eq!(with("primitives/runtime-apis", "dependencies", "sp-api = \"1\""), 0);
		assert_eq!(
			with("pallets/consensus/poca", "dependencies", "pallet-balances = \"1\""),
			1
		);
		assert_eq!(
			with("pallets/consensus/poca", "dev-dependencies", "pallet-balances = \"1\""),
			0
		);
		for folder in ["node/signing", "node/rpc"] {
			assert_eq!(with(folder, "dependencies", "sc-network = \"1\""), 1, "{folder}");
			assert_eq!(with(folder, "dependencies", "sp-keystore = \"1\""), 0, "{folder}");
		}
		assert_eq!(with("tools/tidy", "dev-dependencies", "tempfile = \"1\""), 1);
	}

	#[test]
	fn unknown_folders_have_no_layer() {
		for folder in [
			"misc",
			"core/bft/extra",
			"pallets/poca",
			"node/consensus/inner",
			"primitives",
		] {
			let manifest = format!("{folder}/Cargo.toml");
			assert_eq!(check(&of(&[(&manifest, "[package]\n")])).len(), 1, "{folder}");
		}
	}

	#[test]
	fn the_table_names_only_layers_that_exist() {
		let known: Vec<&str> = LAYERS.iter().map(|layer| layer.name).collect();
		for layer in LAYERS {
			for used in layer.uses.split_whitespace().chain(layer.tests_use.split_whitespace()) {
				assert!(known.contains(&used), "{} uses {used}", layer.name);
			}
		}
	}
}
