//! What a person chooses: one file, each key with its default.

use serde::Deserialize;
use smart_agent_keys as keys;
use std::path::{Path, PathBuf};
use storage_market_primitives::{Profile, MAX_FACTOR};

/// The documented example, which has every key with its default.
pub const EXAMPLE: &str = include_str!("example.toml");
/// Bytes of a configuration, at most.
const MOST_BYTES: u64 = 1 << 20;
/// How many nodes may be named.
pub const MOST_NODES: usize = 8;
/// MiB in memory: the fewest and the most.
const MEMORY: (u32, u32) = (96, 1_024);
/// Seconds without an answer: the fewest and the most.
const PATIENCE: (u64, u64) = (2, 600);

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("cannot read {path}: {why}; see who may read there, or name another file with --config")]
	Read {
		/// The file.
		path: PathBuf,
		/// What the system said.
		why: String,
	},
	/// It is no TOML, or has a key that is not known, or a value of another type.
	#[error("{path} is wrong: {why}; `smart init --print-config` shows a right one")]
	Syntax {
		/// The file.
		path: PathBuf,
		/// What and where.
		why: String,
	},
	/// A value that cannot be.
	#[error("{key} is `{value}`: {why}")]
	Value {
		/// The key.
		key: &'static str,
		/// Its value.
		value: String,
		/// What is wrong with it, and what it may be.
		why: String,
	},
}

/// The chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chain {
	/// The nodes that are asked.
	pub nodes: Vec<String>,
	/// The hash of its first block, 64 hexadecimal digits after 0x; empty before `init`.
	pub genesis: String,
}

impl Default for Chain {
	fn default() -> Self {
		Self {
			nodes: vec!["ws://127.0.0.1:9944".into()],
			genesis: String::new(),
		}
	}
}

/// How much loss a deal bears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
	/// 4 of 8 slots bring all back: twice the space, any four may be lost
	#[default]
	Standard,
	/// 8 of 16: twice the space, any eight may be lost
	Durable,
	/// 4 of 12: three times the space, any eight may be lost
	Archive,
	/// 1 of 1: nothing may be lost
	Single,
}

impl Loss {
	/// As the chain names it.
	pub const fn profile(self) -> Profile {
		match self {
			Self::Standard => Profile::Standard,
			Self::Durable => Profile::Durable,
			Self::Archive => Profile::Archive,
			Self::Single => Profile::Single,
		}
	}
}

/// How folders are stored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
	/// How much loss a deal bears.
	pub profile: Loss,
	/// Collateral of a slot, in repairs of it.
	pub factor: u8,
}

impl Default for Store {
	fn default() -> Self {
		Self {
			profile: Loss::Standard,
			factor: 2,
		}
	}
}

/// How slots are carried.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transfer {
	/// MiB in memory of what is on its way.
	pub memory: u32,
	/// After how many seconds without an answer a device is taken for gone.
	pub patience: u64,
}

impl Default for Transfer {
	fn default() -> Self {
		Self {
			memory: 128,
			patience: 20,
		}
	}
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
	/// The chain.
	pub chain: Chain,
	/// How folders are stored.
	pub store: Store,
	/// How slots are carried.
	pub transfer: Transfer,
}

impl Config {
	/// Reads a file; all has its default if there is none.
	///
	/// # Errors
	/// If it cannot be read, or is wrong.
	pub fn load(path: &Path) -> Result<Self, ConfigError> {
		if !path.exists() {
			return Ok(Self::default());
		}
		let text = keys::read_bounded(path, MOST_BYTES).map_err(|error| ConfigError::Read {
			path: path.into(),
			why: error.to_string(),
		})?;
		Self::parse(&text, path)
	}

	/// Reads a text.
	///
	/// # Errors
	/// If it is wrong.
	pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
		let config: Self = toml::from_str(text).map_err(|error| ConfigError::Syntax {
			path: path.into(),
			why: error.to_string().trim_end().replace('\n', " "),
		})?;
		config.check()?;
		Ok(config)
	}

	fn check(&self) -> Result<(), ConfigError> {
		let wrong = |key, value: String, why: &str| {
			Err(ConfigError::Value {
				key,
				value,
				why: why.into(),
			})
		};
		let Self { chain, store, transfer } = self;
		if chain.nodes.is_empty() || chain.nodes.len() > MOST_NODES {
			return wrong("chain.nodes", chain.nodes.join(", "), "name 1 to 8 nodes");
		}
		if !chain.genesis.is_empty() && self.genesis().is_none() {
			let why = "it is the hash of a block, 64 hexadecimal digits after 0x; empty it, and run `smart init`";
			return wrong("chain.genesis", chain.genesis.clone(), why);
		}
		if !(1..=MAX_FACTOR).contains(&store.factor) {
			return wrong("store.factor", store.factor.to_string(), "it is from 1 to 10");
		}
		if !(MEMORY.0..=MEMORY.1).contains(&transfer.memory) {
			return wrong(
				"transfer.memory",
				transfer.memory.to_string(),
				"it is from 96 to 1024 MiB",
			);
		}
		if !(PATIENCE.0..=PATIENCE.1).contains(&transfer.patience) {
			let value = transfer.patience.to_string();
			return wrong("transfer.patience", value, "it is from 2 to 600 seconds");
		}
		Ok(())
	}

	/// The chain's genesis, if `init` has written it.
	pub fn genesis(&self) -> Option<[u8; 32]> {
		if self.chain.genesis.len() != 66 {
			return None;
		}
		sp_core::bytes::from_hex(&self.chain.genesis).ok()?.try_into().ok()
	}
}

/// A configuration with these nodes and this chain, and else as it is.
pub fn changed(text: &str, nodes: &[String], genesis: &str) -> String {
	let nodes: Vec<String> = nodes.iter().map(|node| format!("{node:?}")).collect();
	let nodes = format!("nodes = [{}]", nodes.join(", "));
	let genesis = format!("genesis = \"{genesis}\"");
	let (mut of_chain, mut lines, mut wrote) = (false, Vec::new(), [false; 2]);
	for line in text.lines() {
		if line.trim_start().starts_with('[') {
			of_chain = line.trim() == "[chain]";
		}
		let is = |key: &str| of_chain && line.split('=').next().is_some_and(|name| name.trim() == key);
		if is("nodes") {
			lines.push(nodes.clone());
			wrote[0] = true;
		} else if is("genesis") {
			lines.push(genesis.clone());
			wrote[1] = true;
		} else {
			lines.push(line.to_owned());
		}
	}
	let missing: Vec<&String> = [&nodes, &genesis]
		.into_iter()
		.zip(wrote)
		.filter_map(|(line, wrote)| (!wrote).then_some(line))
		.collect();
	if !missing.is_empty() {
		let at = lines.iter().position(|line| line.trim() == "[chain]");
		let at = at.unwrap_or_else(|| {
			lines.push("[chain]".into());
			lines.len() - 1
		});
		for line in missing.into_iter().rev() {
			lines.insert(at + 1, line.clone());
		}
	}
	lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
	use super::*;

	fn parse(text: &str) -> Result<Config, ConfigError> {
		Config::parse(text, Path::new("config.toml"))
	}

	#[test]
	fn the_example_has_every_default() {
		assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
		assert_eq!(parse("").unwrap(), Config::default());
		for key in ["nodes", "genesis", "profile", "factor", "memory", "patience"] {
			assert!(EXAMPLE.contains(&format!("\n{key} = ")), "{key}");
		}
	}

	#[test]
	fn what_is_written_is_read() {
		let genesis = format!("0x{}", "ab".repeat(32));
		let nodes = ["ws://10.0.0.7:9944".to_owned(), "wss://node.example".to_owned()];
		for text in [
			EXAMPLE,
			"",
			"[store]\nfactor = 3\n",
			"[chain]\ngenesis = \"\"\n[store]\nfactor = 3",
		] {
			let config = parse(&changed(text, &nodes, &genesis)).unwrap();
			assert_eq!(config.chain.nodes, nodes, "{text}");
			assert_eq!(config.genesis(), Some([0xab; 32]), "{text}");
			assert_eq!(config.store.factor, parse(text).unwrap().store.factor, "{text}");
		}
	}

	#[test]
	fn what_is_wrong_names_its_key() {
		for (text, key) in [
			("[chain]\nnodes = []", "chain.nodes"),
			("[chain]\ngenesis = \"0x12\"", "chain.genesis"),
			("[store]\nfactor = 0", "store.factor"),
			("[store]\nfactor = 11", "store.factor"),
			("[store]\nprofile = \"cheap\"", "profile"),
			("[transfer]\nmemory = 1", "transfer.memory"),
			("[transfer]\npatience = 1", "transfer.patience"),
			("[transfer]\nspeed = 1", "speed"),
		] {
			let said = parse(text).unwrap_err().to_string();
			assert!(said.contains(key), "{text}: {said}");
		}
	}
}
