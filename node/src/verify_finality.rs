//! `verify-finality`: checks an exported proof of finality, offline.

use crate::chain_spec;
use bft_finality_primitives::LightClient;
use serde_json::Value;
use smartchain_proofs::export::{verify, FinalityExport, Proven, Trust};
use sp_core::H256;
use std::{
	fs,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

/// Whoever waits longer is told how far it has come, and again after as long.
const PROGRESS: Duration = Duration::from_secs(2);
/// No export is larger: RPC answers have 15 MB at most.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// The options of `verify-finality`.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyFinalityCmd {
	/// The files: what poca_exportFinality answered, as it stands or its `result` alone. Several continue one another,
	/// in this order.
	#[arg(required = true, value_name = "FILE")]
	pub files: Vec<PathBuf>,

	/// The chain: dev, local, testnet, or the path of a chain specification in JSON. Genesis and its voters are taken
	/// from there, never from the file.
	#[arg(long, value_name = "CHAIN_SPEC", default_value = "local")]
	pub chain: String,

	/// Start from a change of voters that you trust instead of from genesis: the hash of its block, from someone who
	/// has followed the chain. The first file must then be an export from the voter set that this block began.
	#[arg(long, value_name = "HASH")]
	pub trusted_hash: Option<H256>,
}

/// Shown below the help of the subcommand.
pub const EXAMPLE: &str = "\
Example: have a node export the proof of block 1000, check it elsewhere.
    curl -s -H 'content-type: application/json' http://127.0.0.1:9944 \\
      -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"poca_exportFinality\",\"params\":[1000]}' >proof.json
    smartchain verify-finality proof.json --chain chain.json";

impl VerifyFinalityCmd {
	/// Checks the files and prints what they prove.
	///
	/// # Errors
	/// Names the file, the first link that does not hold, why, and what to do.
	pub fn run(&self) -> Result<(), String> {
		let exports = self
			.files
			.iter()
			.map(|file| read(file))
			.collect::<Result<Vec<_>, _>>()?;
		let spec = chain_spec::load(&self.chain)?;
		let (genesis, voters) = smartchain_service::genesis(&*spec)
			.map_err(|error| format!("cannot build the genesis of {}: {error}; check --chain", self.chain))?;
		let trust = match self.trusted_hash {
			Some(hash) => Trust::Block(hash),
			None => Trust::Genesis(LightClient::new(genesis, voters, 0)),
		};
		let mut said = Instant::now();
		let mut progress = |done: usize, total: usize| {
			if said.elapsed() >= PROGRESS {
				said = Instant::now();
				eprintln!("{done} of {total} changes of voters checked");
			}
		};
		let proven = verify(&exports, genesis, trust, &mut progress).map_err(|(place, error)| {
			let file = self.files.get(place).map(|file| file.display().to_string());
			format!("{}: {error}", file.unwrap_or_default())
		})?;
		println!("{}", self.report(genesis, &proven));
		Ok(())
	}

	fn report(&self, genesis: H256, proven: &Proven) -> String {
		let from = match self.trusted_hash {
			Some(hash) => format!("the trusted block {hash:?}"),
			None => "genesis".into(),
		};
		format!(
			"Block {} ({:?}) is final.\nChain:           {:?}\nMade final by:   voter set {}\nChanges checked: {} \
				 from {from}",
			proven.number, proven.hash, genesis, proven.set_id, proven.changes,
		)
	}
}

/// An export in a file; in an answer as RPC gives it, the result.
fn read(file: &Path) -> Result<FinalityExport, String> {
	let told = |cause: String| format!("{}: {cause}", file.display());
	let size = fs::metadata(file)
		.map_err(|error| told(format!("cannot be read: {error}; check the path")))?
		.len();
	if size > MAX_FILE_BYTES {
		return Err(told(format!(
			"has {size} bytes, no export has more than {MAX_FILE_BYTES}; it is another file"
		)));
	}
	let bytes = fs::read(file).map_err(|error| told(format!("cannot be read: {error}; check the path")))?;
	parse(&bytes).map_err(told)
}

fn parse(bytes: &[u8]) -> Result<FinalityExport, String> {
	let damaged = |cause: &dyn std::fmt::Display| {
		format!(
			"is not what poca_exportFinality answers ({cause}); the file is damaged or another one: \
				 export it again"
		)
	};
	let mut json: Value = serde_json::from_slice(bytes).map_err(|error| damaged(&error))?;
	if let Some(error) = json.get("error") {
		return Err(format!(
			"is an error that a node answered: {error}; do what it says and export again"
		));
	}
	if let Some(result) = json.get_mut("result") {
		json = result.take();
	}
	let export: FinalityExport = serde_json::from_value(json.clone()).map_err(|error| damaged(&error))?;
	// One proof, one form: what reads the same and is written otherwise has been through other hands.
	if serde_json::to_value(&export).map_err(|error| damaged(&error))? != json {
		return Err(damaged(&"it is not written as a node writes it"));
	}
	Ok(export)
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn sample() -> Value {
		json!({
			"version": 1,
			"genesis": format!("0x{}", "ab".repeat(32)),
			"fromSet": 0,
			"start": null,
			"changes": [{ "header": "0xabcd", "certificate": "0xef" }],
			"block": { "headers": ["0xab"], "certificate": "0x" },
			"nextSet": null,
		})
	}

	#[test]
	fn an_answer_reads_as_its_result_does() {
		let bare = parse(sample().to_string().as_bytes()).expect("reads");
		let answer = json!({ "jsonrpc": "2.0", "id": 1, "result": sample() });
		assert_eq!(parse(answer.to_string().as_bytes()), Ok(bare));
	}

	#[test]
	fn whatever_bit_is_flipped_the_file_is_refused_or_says_something_else() {
		let text = sample().to_string();
		let good = parse(text.as_bytes()).expect("reads");
		for at in 0..text.len() * 8 {
			let mut bytes = text.clone().into_bytes();
			bytes[at / 8] ^= 1 << (at % 8);
			assert!(parse(&bytes) != Ok(good.clone()), "bit {at} is not missed");
		}
	}

	#[test]
	fn errors_name_file_cause_and_remedy() {
		let error = read(Path::new("/nonexistent/proof.json")).expect_err("is not there");
		assert!(
			error.contains("/nonexistent/proof.json") && error.contains("check the path"),
			"{error}"
		);
		let error = parse(b"{").expect_err("no JSON");
		assert!(error.contains("export it again"), "{error}");
		let answer = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": 14003, "message": "ask again" } });
		let error = parse(answer.to_string().as_bytes()).expect_err("an error");
		assert!(error.contains("ask again"), "{error}");
	}
}
