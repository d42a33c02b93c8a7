//! Chains of their own for single tests.

use crate::{node::run_to_end, Error, Result};
use serde_json::{json, Value};
use std::path::Path;

/// The chain `local` with eras of so many slots, as a file in this folder.
///
/// # Errors
/// When the node cannot export the chain, or the file cannot be written.
pub fn local_with_eras(slots: u32, folder: &Path) -> Result<String> {
	let output = run_to_end(&["export-chain-spec", "--chain", "local"])?;
	crate::ensure!(
		output.status.success(),
		"export-chain-spec: {}",
		String::from_utf8_lossy(&output.stderr)
	);
	let mut spec: Value = serde_json::from_slice(&output.stdout)?;
	let poca = spec
		.pointer_mut("/genesis/runtimeGenesis/patch/poca")
		.ok_or_else(|| Error::new("the exported chain has no parameters of POCA"))?;
	poca["eraLength"] = json!(slots);
	let path = folder.join(format!("local-eras-of-{slots}.json"));
	std::fs::write(&path, spec.to_string())?;
	Ok(path.display().to_string())
}
