//! `fork-state`: a chain of one's own that goes on from the state of another, with directors whose keys everybody has.

mod accounts;
mod keys;
mod state;
#[cfg(test)]
mod tests;

use crate::chain_spec::{self, ChainSpec};
use sc_chain_spec::{ChainType, GenesisConfigBuilderRuntimeCaller};
use sc_cli::{CliConfiguration, DatabaseParams, PruningParams, SharedParams};
use sc_service::ChainSpec as ChainSpecTrait;
use serde_json::Value;
use smartchain_runtime::constants::currency::UNITS;
use smartchain_service::{chain_ops, Client};
use sp_core::storage::{well_known_keys, Storage, StorageMap};
use state::Forked;
use std::{
	fs,
	io::{self, Write},
	path::{Path, PathBuf},
	sync::Arc,
	time::{Duration, Instant},
};

/// Whoever waits longer is told what is done next.
const PROGRESS: Duration = Duration::from_secs(2);
/// The preset of the runtime that the directors of a fork are of.
const PRESET: &str = "local";
/// Its directors, in their order.
const DIRECTORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// The options of `fork-state`.
#[derive(Clone, Debug, clap::Args)]
pub struct ForkStateCmd {
	/// What export-state wrote; otherwise the state after the last final block of the node in --base-path, which has to
	/// be ended.
	#[arg(value_name = "FILE", conflicts_with_all = ["chain", "dev", "base_path"])]
	pub state: Option<PathBuf>,

	/// Where to write the fork's specification; otherwise it goes to the standard output.
	#[arg(long, value_name = "FILE")]
	pub output: Option<PathBuf>,

	/// How many directors and voters the fork has: of alice, bob, charlie, dave the first so many. Each takes a node.
	#[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
	pub directors: u8,

	/// Make //Alice root by sudo; without this nobody is, as on the chain `local`.
	#[arg(long)]
	pub sudo: bool,

	/// Which chain, and where its data lie.
	#[command(flatten)]
	pub shared_params: SharedParams,

	/// How its data are pruned.
	#[command(flatten)]
	pub pruning_params: PruningParams,

	/// How its data are kept.
	#[command(flatten)]
	pub database_params: DatabaseParams,
}

/// Shown below the help of the subcommand.
pub const EXAMPLE: &str = "\
Examples:
  A fork of what a node has, which was ended before:
    smartchain fork-state --chain testnet.json --base-path /var/lib/smartchain --sudo --output fork.json

  The same by way of a file, of whatever block:
    smartchain export-state 81234 --chain testnet.json --base-path /var/lib/smartchain >state.json
    smartchain fork-state state.json --sudo --output fork.json

  Its only director:
    smartchain --chain fork.json --alice --base-path /tmp/fork --unsafe-force-node-key-generation";

impl CliConfiguration for ForkStateCmd {
	fn shared_params(&self) -> &SharedParams {
		&self.shared_params
	}

	fn pruning_params(&self) -> Option<&PruningParams> {
		Some(&self.pruning_params)
	}

	fn database_params(&self) -> Option<&DatabaseParams> {
		Some(&self.database_params)
	}
}

/// How long somebody has waited.
struct Waiting(Instant);

impl Waiting {
	/// Says what is done next, to whoever has waited a while.
	fn say(&self, what: &str) {
		if self.0.elapsed() >= PROGRESS {
			eprintln!("{what}");
		}
	}
}

impl ForkStateCmd {
	/// Forks the state in a file.
	///
	/// # Errors
	/// Names the file, what is wrong with it, and what to do.
	pub fn run_on_file(&self, file: &Path) -> Result<(), String> {
		if !file.is_file() {
			return Err(format!(
				"there is no file {}: write it with `smartchain export-state`, or leave it out and give --chain and \
				 --base-path of a node",
				file.display()
			));
		}
		let started = Waiting(Instant::now());
		let chain = chain_spec::from_file(file)?;
		started.say("The file is checked, and read now");
		let state = chain.as_storage_builder().build_storage().map_err(|cause| {
			format!(
				"the state in {} cannot be read: {cause}; export it again with `smartchain export-state`",
				file.display()
			)
		})?;
		self.fork(&chain, state, &started)
	}

	/// Forks the state after the last final block of a node.
	///
	/// # Errors
	/// Why it cannot be read or forked, and what to do.
	pub fn run_on_node(&self, chain: &dyn ChainSpecTrait, client: Arc<Client>) -> Result<(), String> {
		let started = Waiting(Instant::now());
		let state = chain_ops::final_state(client).map_err(|error| error.to_string())?;
		self.fork(chain, state, &started)
	}

	fn fork(&self, chain: &dyn ChainSpecTrait, mut state: Storage, started: &Waiting) -> Result<(), String> {
		let code = state
			.top
			.get(well_known_keys::CODE)
			.ok_or("the state has no runtime: export it again with `smartchain export-state`")?;
		// It always takes longer.
		eprintln!(
			"{} values are read. The chain's runtime is compiled now, to make the part of the directors",
			state.top.len()
		);
		let fresh = genesis_of_directors(code, self.directors.into(), self.sudo)?;
		started.say("The state is put together");
		let forked = state::fork(&mut state.top, &fresh).map_err(|error| error.to_string())?;
		started.say("The specification is written");
		let json = specification(chain, &forked, state).as_json(true)?;
		self.write(&json)?;
		eprintln!("{}", self.report(chain, &forked));
		Ok(())
	}

	fn write(&self, json: &str) -> Result<(), String> {
		match &self.output {
			Some(path) => fs::write(path, json).map_err(|error| {
				format!(
					"{} cannot be written: {error}; see that the path is right and the disk has room",
					path.display()
				)
			}),
			None => io::stdout()
				.write_all(json.as_bytes())
				.map_err(|error| format!("the specification cannot be written: {error}; give a file with --output")),
		}
	}

	/// What came of it, for whoever looks on. Not to the standard output: the specification may go there.
	fn report(&self, chain: &dyn ChainSpecTrait, forked: &Forked) -> String {
		let file = self.output.as_deref().unwrap_or(Path::new("FILE")).display();
		let names: Vec<_> = DIRECTORS.into_iter().take(self.directors.into()).collect();
		format!(
			"Forked:     {}, after block {}: {} values\nDirectors:  {} ({})\nCreated:    {} STCI, so that they can \
			 hold their offices\nStart it:   smartchain --chain {file} --alice --base-path FOLDER \
			 --unsafe-force-node-key-generation",
			chain.name(),
			forked.number,
			forked.values,
			forked.directors,
			names.join(", "),
			forked.created / UNITS,
		)
	}
}

/// The state that the first so many directors of the preset begin with, made by the chain's own runtime.
fn genesis_of_directors(code: &[u8], count: usize, sudo: bool) -> Result<StorageMap, String> {
	let failed = |cause: String| {
		format!("the chain's runtime makes no directors as in `{PRESET}`: {cause}; is the state one of a SmartChain?")
	};
	let runtime = GenesisConfigBuilderRuntimeCaller::<()>::new(code);
	let preset = runtime.get_named_preset(Some(&PRESET.to_string())).map_err(failed)?;
	let form = of_directors(preset, count, sudo).map_err(failed)?;
	Ok(runtime.get_storage_for_patch(form).map_err(failed)?.top)
}

/// The form of a genesis with no more than the first so many of its directors; the first of them is root, or nobody.
fn of_directors(mut form: Value, count: usize, sudo: bool) -> Result<Value, String> {
	for path in ["/session/keys", "/candidates/candidates"] {
		let all = form.pointer_mut(path).and_then(Value::as_array_mut);
		let all = all
			.filter(|all| all.len() >= count)
			.ok_or_else(|| format!("its form has no {count} entries in {path}"))?;
		all.truncate(count);
	}
	let first = form.pointer("/candidates/candidates/0/0").cloned();
	let root = first.filter(|_| sudo).unwrap_or(Value::Null);
	form["sudo"] = serde_json::json!({ "key": root });
	Ok(form)
}

/// A specification that no node of the chain takes for its own: with another id and name, and without its bootnodes.
fn specification(chain: &dyn ChainSpecTrait, forked: &Forked, state: Storage) -> ChainSpec {
	let number = forked.number;
	let mut spec = ChainSpec::builder(&[], None)
		.with_name(&format!("{}, forked after block {number}", chain.name()))
		.with_id(&format!("{}_fork_{number}", chain.id()))
		.with_chain_type(ChainType::Local)
		.with_protocol_id(&format!(
			"{}-fork-{number}",
			chain.protocol_id().unwrap_or_else(|| chain.id())
		))
		.with_properties(chain.properties())
		.build();
	spec.set_storage(state);
	spec
}
