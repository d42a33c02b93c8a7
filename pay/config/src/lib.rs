//! What a person or operator chooses.

use channel_primitives::{Account, Balance, ChannelKey, Tick};
use serde::Deserialize;
use smart_pay_chain::Tips;
use smartchain_channel::{Config as CoreConfig, Tower};
use std::{
	net::SocketAddr,
	path::{Path, PathBuf},
	time::Duration,
};

/// The documented example, which has every key with its default.
pub const EXAMPLE: &str = include_str!("example.toml");
/// Bytes of a configuration, at most.
const MOST_BYTES: u64 = 1 << 20;
/// How many nodes may be named.
const MOST_NODES: usize = 8;
/// The least margin of a relay, in ticks: ten minutes.
const LEAST_MARGIN: Tick = 1_200;
/// The first tip of what is in no block in time, in planck: a twentieth of what a close costs.
const FIRST_TIP: Balance = 100_000_000;
/// Bytes of an address for partners, at most: as many as the chain keeps.
const MOST_URL: usize = 128;

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
	#[error("{path} is wrong: {why}; `smart-pay init --print-config` shows a right one")]
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
	/// The highest tip, in planck.
	pub most_tip: u64,
	/// After how many seconds without a block a tip rises.
	pub tip_after: u64,
}

impl Default for Chain {
	fn default() -> Self {
		Self {
			nodes: vec!["ws://127.0.0.1:9944".into()],
			genesis: String::new(),
			most_tip: 100_000_000_000,
			tip_after: 6,
		}
	}
}

/// How partners reach this program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Node {
	/// Where it listens; empty for nowhere.
	pub listen: String,
	/// What partners are told.
	pub url: String,
}

/// Where commands ask.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
	/// An address of loopback.
	pub listen: SocketAddr,
}

impl Default for Api {
	fn default() -> Self {
		Self {
			listen: SocketAddr::from(([127, 0, 0, 1], 9957)),
		}
	}
}

/// When partners may take other keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgreeKeys {
	/// Never.
	Never,
	/// If no tower is relied on: its bond covers nothing then, and if it is not reached in the moment of the agreement,
	/// it cannot answer under the new key until it is.
	Unwatched,
	/// Always.
	Always,
}

/// Channels.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channels {
	/// The least window of channels that others open, in ticks.
	pub least_window: Tick,
	/// Whether others may open some.
	pub accept: bool,
	/// Whether partners may take out what is theirs.
	pub agree_withdrawals: bool,
	/// Whether partners may take other keys.
	pub agree_keys: AgreeKeys,
}

impl Default for Channels {
	fn default() -> Self {
		Self {
			least_window: 7_200,
			accept: true,
			agree_withdrawals: true,
			agree_keys: AgreeKeys::Unwatched,
		}
	}
}

/// Carrying payments on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relay {
	/// Whether it is done.
	pub enabled: bool,
	/// For each, in planck.
	pub fee_base: u64,
	/// Of each million planck.
	pub fee_ppm: u32,
	/// What is worth less is not carried on, in planck.
	pub least: u64,
	/// In how many ticks this program has to be back.
	pub margin: Tick,
}

impl Default for Relay {
	fn default() -> Self {
		Self {
			enabled: false,
			fee_base: 0,
			fee_ppm: 1,
			least: 500_000_000,
			margin: 7_200,
		}
	}
}

/// Streams that partners pay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Streams {
	/// Whether they are taken.
	pub accept: bool,
	/// What a step is worth at least, in planck.
	pub unit: u64,
	/// What a whole stream may be worth, in planck; 0 for any amount.
	pub most: u64,
	/// How many of a partner's are taken at a time.
	pub at_once: u8,
}

impl Default for Streams {
	fn default() -> Self {
		Self {
			accept: true,
			unit: 1,
			most: 0,
			at_once: 4,
		}
	}
}

/// Sending calls of others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relayer {
	/// Where `smart-pay relayer serve` answers.
	pub listen: SocketAddr,
	/// What is earned by each, in planck.
	pub margin: u64,
	/// What may be lost in an hour by what the chain refuses, in planck.
	pub most_lost: u64,
	/// Whether something is sent that could not be tried out.
	pub blind: bool,
}

impl Default for Relayer {
	fn default() -> Self {
		Self {
			listen: SocketAddr::from(([127, 0, 0, 1], 9958)),
			margin: 100_000_000,
			most_lost: 100_000_000_000,
			blind: false,
		}
	}
}

/// Watching, and being watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Watching {
	/// Whether channels of others are watched here.
	pub serve: bool,
	/// What a receipt covers, in planck.
	pub cover: u64,
	/// The tower's account; empty for none.
	pub account: String,
	/// The key of its receipts.
	pub key: String,
	/// The key of its node.
	pub node: String,
	/// Where it listens.
	pub url: String,
	/// What it gets if it answers, in planck.
	pub reward: u64,
	/// Whether nothing is acknowledged before it has it, and no failed payment set free.
	pub strict: bool,
}

/// A configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
	/// The chain.
	pub chain: Chain,
	/// How partners reach this program.
	pub node: Node,
	/// Where commands ask.
	pub api: Api,
	/// Channels.
	pub channels: Channels,
	/// Streams that partners pay.
	pub streams: Streams,
	/// Carrying payments on.
	pub relay: Relay,
	/// Sending calls of others.
	pub relayer: Relayer,
	/// Watching, and being watched.
	pub tower: Watching,
}

/// How the tower is reached that watches this program's channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TowerReach {
	/// What the machine knows of it.
	pub tower: Tower,
	/// The key of its node.
	pub node: [u8; 32],
	/// Where it listens.
	pub url: String,
}

impl Config {
	/// From a file; if there is none, all as it is by default.
	///
	/// # Errors
	/// [`ConfigError`].
	pub fn load(path: &Path) -> Result<Self, ConfigError> {
		if !path.exists() {
			return Ok(Self::default());
		}
		let text = smart_agent_keys::read_bounded(path, MOST_BYTES).map_err(|error| ConfigError::Read {
			path: path.into(),
			why: error.to_string(),
		})?;
		Self::parse(&text, path)
	}

	/// From a text.
	///
	/// # Errors
	/// [`ConfigError`].
	pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
		let config: Self = toml::from_str(text).map_err(|error| ConfigError::Syntax {
			path: path.into(),
			why: error.to_string().trim().replace('\n', " "),
		})?;
		config.check()?;
		Ok(config)
	}

	fn check(&self) -> Result<(), ConfigError> {
		let wrong = |key: &'static str, value: &str, why: &str| {
			Err(ConfigError::Value {
				key,
				value: value.into(),
				why: why.into(),
			})
		};
		if self.chain.nodes.is_empty() || self.chain.nodes.len() > MOST_NODES {
			return wrong("chain.nodes", &self.chain.nodes.join(", "), "name 1 to 8 nodes");
		}
		if self.genesis().is_none() && !self.chain.genesis.is_empty() {
			return wrong(
				"chain.genesis",
				&self.chain.genesis,
				"it has 64 hexadecimal digits after 0x",
			);
		}
		if self.chain.tip_after == 0 {
			let why = "it is a second at least: blocks take half of one";
			return wrong("chain.tip_after", "0", why);
		}
		if !self.node.listen.is_empty() && self.node.listen.parse::<SocketAddr>().is_err() {
			return wrong(
				"node.listen",
				&self.node.listen,
				"write it as 0.0.0.0:9956, or leave it empty",
			);
		}
		if self.node.url.len() > MOST_URL {
			return wrong("node.url", &self.node.url, "it has at most 128 bytes");
		}
		if !self.api.listen.ip().is_loopback() {
			return wrong(
				"api.listen",
				&self.api.listen.to_string(),
				"it is of loopback, such as 127.0.0.1:9957",
			);
		}
		if self.relay.enabled && self.relay.margin < LEAST_MARGIN {
			let why = "it is at least 1200 ticks: in less nobody is back in time, and loses what is on its way";
			return wrong("relay.margin", &self.relay.margin.to_string(), why);
		}
		if !self.tower.account.is_empty() && self.tower().is_none() {
			let why = "an address; tower.key and tower.node have 64 hexadecimal digits, and tower.url says where it is";
			return wrong("tower.account", &self.tower.account, why);
		}
		Ok(())
	}

	/// The genesis, if it is known.
	pub fn genesis(&self) -> Option<[u8; 32]> {
		digits(self.chain.genesis.strip_prefix("0x")?)
	}

	/// The tower that watches this program's channels.
	pub fn tower(&self) -> Option<TowerReach> {
		let tower = &self.tower;
		let account: Account = smart_agent_keys::parse_address(&tower.account).ok()?;
		Some(TowerReach {
			tower: Tower {
				account,
				key: ChannelKey(digits(&tower.key)?),
				reward: Balance::from(tower.reward),
				strict: tower.strict,
			},
			node: digits(&tower.node)?,
			url: tower.url.clone(),
		})
	}

	/// How tips rise.
	pub fn tips(&self) -> Tips {
		Tips {
			first: FIRST_TIP,
			most: self.chain.most_tip.into(),
			patience: Duration::from_secs(self.chain.tip_after),
		}
	}

	/// What the machine is told of it.
	pub fn core(&self) -> CoreConfig {
		CoreConfig {
			fee_base: self.relay.fee_base.into(),
			fee_ppm: self.relay.fee_ppm,
			margin: self.relay.margin,
			tower: self.tower().map(|reach| reach.tower),
			..CoreConfig::default()
		}
	}
}

/// 32 bytes of 64 hexadecimal digits.
pub fn digits(text: &str) -> Option<[u8; 32]> {
	if text.len() != 64 {
		return None;
	}
	sp_core::bytes::from_hex(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn parse(text: &str) -> Result<Config, ConfigError> {
		Config::parse(text, Path::new("config.toml"))
	}

	#[test]
	fn the_example_has_every_default() {
		assert_eq!(parse(EXAMPLE).expect("it is right"), Config::default());
	}

	#[test]
	fn what_cannot_be_is_refused_with_a_remedy() {
		for (text, word) in [
			("[chain]\nnodes = []", "1 to 8"),
			("[chain]\ngenesis = \"0x12\"", "64 hexadecimal"),
			("[api]\nlisten = \"0.0.0.0:1\"", "loopback"),
			("[relay]\nenabled = true\nmargin = 10", "1200 ticks"),
			("[chain]\ntip_after = 0", "a second"),
			("[channels]\nagree_keys = true", "agree_keys"),
			("[node]\nlisten = \"nowhere\"", "0.0.0.0:9956"),
			("[tower]\naccount = \"x\"", "an address"),
			("[relais]\n", "unknown"),
			("[relay]\nfee = 1", "unknown"),
		] {
			let said = parse(text).expect_err(text).to_string();
			assert!(said.contains(word), "{said}");
		}
	}

	#[test]
	fn a_tower_is_read() {
		let key = "11".repeat(32);
		let text = format!(
			"[tower]\naccount = \"5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe\"\nkey = \"{key}\"\nnode = \
			 \"{key}\"\nurl = \"ws://127.0.0.1:1\"\nreward = 7\nstrict = true"
		);
		let reach = parse(&text).expect("it is right").tower().expect("there is one");
		assert_eq!((reach.tower.key, reach.tower.reward), (ChannelKey([0x11; 32]), 7));
		assert!(reach.tower.strict);
	}
}
