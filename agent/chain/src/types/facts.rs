//! The chain and the node.

use super::{BlockNumber, Hash};
use crate::ChainError;
use std::{fmt, str::FromStr};

/// The longest address of a node that is taken, in bytes.
const MAX_URL: usize = 2_048;

/// The currency's symbol.
pub const SYMBOL: &str = "STCI";
/// How many digits of planck make one of it. Both are the chain's for good: what a node says of them must not decide
/// how much is signed, for whoever runs the node may be who is paid. So a node that says otherwise is not asked.
pub const DECIMALS: u8 = 12;

/// The address of a node: `ws://HOST:PORT` or `wss://HOST:PORT`, with a path if a proxy asks for one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeUrl(String);

impl NodeUrl {
	/// Of a chain in memory.
	#[cfg(feature = "testing")]
	pub(crate) fn in_memory() -> Self {
		Self("ws://in-memory".into())
	}

	/// As it was given.
	pub fn as_str(&self) -> &str {
		&self.0
	}
}

impl fmt::Display for NodeUrl {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.0)
	}
}

impl FromStr for NodeUrl {
	type Err = ChainError;

	fn from_str(text: &str) -> Result<Self, ChainError> {
		let rest = text.strip_prefix("ws://").or_else(|| text.strip_prefix("wss://"));
		let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
		let seen = text.bytes().all(|byte| byte.is_ascii_graphic());
		match host {
			Some(host) if seen && text.len() <= MAX_URL && is_host(host) => Ok(Self(text.into())),
			_ => Err(ChainError::BadUrl(text.chars().take(80).collect())),
		}
	}
}

/// Whether it is a host, with a port perhaps, and names no user.
fn is_host(text: &str) -> bool {
	let (name, port) = match text.rsplit_once(':') {
		Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
		_ => (text, None),
	};
	!name.is_empty() && !text.contains('@') && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0))
}

/// What stays as long as a node is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
	/// The node that answers.
	pub url: NodeUrl,
	/// The hash of the chain's first block: which chain it is.
	pub genesis: Hash,
	/// How the chain's specification calls it. A name proves nothing.
	pub chain: String,
	/// Whether the specification says that it is a chain to try things on, where STCI is worth nothing and `//Faucet`
	/// has some. A claim of the node's.
	pub test_chain: bool,
	/// What accounts' texts begin with, by SS58.
	pub ss58_prefix: u16,
	/// The node's program.
	pub node_name: String,
	/// Its version.
	pub node_version: String,
	/// The runtime's name.
	pub spec_name: String,
	/// Its version, as of the best block when it was looked at last.
	pub spec_version: u32,
	/// The version of how transactions are encoded.
	pub transaction_version: u32,
	/// Milliseconds of a slot, from 100 to 60,000.
	pub slot_ms: u64,
	/// Slots of an era.
	pub era_slots: u32,
}

/// How far a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncState {
	/// How many nodes it is connected with.
	pub peers: u32,
	/// Whether it says that it fetches old blocks still: what it answers is old then.
	pub syncing: bool,
	/// Its best block.
	pub best: BlockNumber,
	/// The highest block that it has heard of, if it has heard of any.
	pub highest: Option<BlockNumber>,
}
