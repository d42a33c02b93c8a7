//! Chains of their own for single tests.

use crate::{node::run_to_end, Error, Result};
use serde_json::{json, Value};
use std::path::Path;

/// The chain `local` with eras of so many slots, as a file in this folder.
///
/// # Errors
/// When the node cannot export the chain, or the file cannot be written.
pub fn local_with_eras(slots: u32, folder: &Path) -> Result<String> {
	with_change("local", &json!({ "poca": { "eraLength": slots } }), folder)
}

/// A built-in chain with other genesis parameters, as a file in this folder: `change` is merged into the form that the
/// node exports, pallet by pallet.
///
/// # Errors
/// When the node cannot export the chain, the form has no parameter of such a name, or the file cannot be written.
pub fn with_change(chain: &str, change: &Value, folder: &Path) -> Result<String> {
	let mut spec = export(chain, &[])?;
	let genesis = spec
		.pointer_mut("/genesis/runtimeGenesis/patch")
		.ok_or_else(|| Error::new("the exported chain has no form of its genesis"))?;
	merge(genesis, change)?;
	let path = folder.join(format!("{chain}-changed.json"));
	std::fs::write(&path, spec.to_string())?;
	Ok(path.display().to_string())
}

/// The chain of a file that [`with_change`] wrote, with its genesis as storage, as a file in this folder. From the form
/// each node makes the storage by itself, which takes it seconds.
///
/// # Errors
/// When the node cannot make it, or the file cannot be written.
pub fn raw(chain: &str, folder: &Path) -> Result<String> {
	let path = folder.join("raw.json");
	std::fs::write(&path, export(chain, &["--raw"])?.to_string())?;
	Ok(path.display().to_string())
}

fn export(chain: &str, arguments: &[&str]) -> Result<Value> {
	let output = run_to_end(&[&["export-chain-spec", "--chain", chain], arguments].concat())?;
	crate::ensure!(
		output.status.success(),
		"export-chain-spec: {}",
		String::from_utf8_lossy(&output.stderr)
	);
	Ok(serde_json::from_slice(&output.stdout)?)
}

fn merge(into: &mut Value, change: &Value) -> Result<()> {
	let Value::Object(change) = change else {
		*into = change.clone();
		return Ok(());
	};
	for (key, value) in change {
		let place = into.get_mut(key);
		merge(
			place.ok_or_else(|| Error::new(format!("genesis has no `{key}`")))?,
			value,
		)?;
	}
	Ok(())
}
