//! The state of a running node, by its RPC: at a final block, in bounded pieces.

use jsonrpsee::{
	core::{
		client::{ClientT, Error as ClientError},
		params::ArrayParams,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use serde_json::Value;
use smartchain_chain::Header;
use sp_core::{storage::Storage, Bytes, H256};
use std::{collections::BTreeMap, time::Duration};

/// How many keys and values are asked for at once: what nodes allow.
const PIECE: u32 = 1_000;
/// How many bytes an answer may have: what nodes send.
const MAX_ANSWER_BYTES: u32 = 64 * 1024 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How the keys of child tries' roots begin.
const CHILDREN: &[u8] = b":child_storage:";

/// Why a node's state cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
	/// Nobody answers.
	#[error("no node answers at {0}: {1}; is it running, and is --uri its RPC, such as ws://127.0.0.1:9944?")]
	Connect(String, ClientError),
	/// A call failed.
	#[error("{0} failed: {1}; if the block's state is pruned, leave out --at or ask an archive node")]
	Call(&'static str, ClientError),
	/// The answer is another than expected.
	#[error("the node's answer to {0} is not understood: {1}")]
	Answer(&'static str, String),
	/// There is more than the machine is to hold.
	#[error("the state has more than {0} MiB; raise --max-mib if this machine has the memory, twice as much")]
	TooLarge(u64),
	/// Child tries are not fetched.
	#[error("the state has child tries, which this command does not fetch; no pallet of this chain makes any")]
	Children,
}

/// A node, at one block.
pub struct Live {
	client: WsClient,
	/// The block.
	pub at: H256,
	/// Its height.
	pub number: u32,
}

/// What the chain runs at that block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveVersion {
	/// The chain's runtime by name.
	pub spec_name: String,
	/// Its version.
	pub spec_version: u32,
}

impl Live {
	/// Connects to a node; the block is its last final one unless one is named.
	///
	/// # Errors
	/// Where nobody answers, or the block is unknown.
	pub async fn connect(uri: &str, at: Option<H256>) -> Result<Self, LiveError> {
		let client = WsClientBuilder::default()
			.max_response_size(MAX_ANSWER_BYTES)
			.request_timeout(PATIENCE)
			.build(uri)
			.await
			.map_err(|error| LiveError::Connect(uri.into(), error))?;
		let mut live = Self {
			client,
			at: H256::zero(),
			number: 0,
		};
		live.at = match at {
			Some(at) => at,
			None => live.call("chain_getFinalizedHead", rpc_params![]).await?,
		};
		let header: Option<Header> = live.call("chain_getHeader", rpc_params![live.at]).await?;
		let header = header.ok_or_else(|| LiveError::Answer("chain_getHeader", format!("no block {:?}", live.at)))?;
		live.number = header.number;
		Ok(live)
	}

	async fn call<T: serde::de::DeserializeOwned>(
		&self,
		method: &'static str,
		params: ArrayParams,
	) -> Result<T, LiveError> {
		let answer: Result<T, ClientError> = self.client.request(method, params).await;
		answer.map_err(|error| LiveError::Call(method, error))
	}

	/// What the chain runs.
	///
	/// # Errors
	/// Where the node does not say.
	pub async fn version(&self) -> Result<LiveVersion, LiveError> {
		const METHOD: &str = "state_getRuntimeVersion";
		let version: Value = self.call(METHOD, rpc_params![self.at]).await?;
		let name = version["specName"].as_str();
		let number = version["specVersion"]
			.as_u64()
			.and_then(|number| u32::try_from(number).ok());
		match (name, number) {
			(Some(name), Some(spec_version)) => Ok(LiveVersion {
				spec_name: name.into(),
				spec_version,
			}),
			_ => Err(LiveError::Answer(METHOD, version.to_string())),
		}
	}

	/// Has the chain's runtime answer a call.
	///
	/// # Errors
	/// Where it fails.
	pub async fn ask(&self, method: &str, data: &[u8]) -> Result<Vec<u8>, LiveError> {
		let answer: Bytes = self
			.call("state_call", rpc_params![method, Bytes(data.to_vec()), self.at])
			.await?;
		Ok(answer.0)
	}

	/// The whole state, in pieces of [`PIECE`] values, up to so many MiB of keys and values. `progress` is told how
	/// many values and bytes there are so far.
	///
	/// # Errors
	/// Where a call fails or there is too much.
	pub async fn state(&self, max_mib: u64, mut progress: impl FnMut(usize, u64)) -> Result<Storage, LiveError> {
		let (mut top, mut bytes) = (BTreeMap::new(), 0u64);
		let mut last: Option<Bytes> = None;
		loop {
			let params = rpc_params!["0x", PIECE, last.clone(), self.at];
			let keys: Vec<Bytes> = self.call("state_getKeysPaged", params).await?;
			let Some(newest) = keys.last().cloned() else { break };
			if keys.iter().any(|key| key.0.starts_with(CHILDREN)) {
				return Err(LiveError::Children);
			}
			// Keys rise, and each piece begins after the last: a node that sends others is not followed for ever.
			if last.is_some_and(|last| newest.0 <= last.0) {
				return Err(LiveError::Answer("state_getKeysPaged", "its keys do not rise".into()));
			}
			for (key, value) in self.values(&keys).await? {
				bytes = bytes
					.saturating_add(key.len() as u64)
					.saturating_add(value.len() as u64);
				top.insert(key, value);
			}
			if bytes > max_mib.saturating_mul(1024 * 1024) {
				return Err(LiveError::TooLarge(max_mib));
			}
			progress(top.len(), bytes);
			last = Some(newest);
		}
		Ok(Storage {
			top,
			children_default: Default::default(),
		})
	}

	/// The values of these keys.
	async fn values(&self, keys: &[Bytes]) -> Result<Vec<(Vec<u8>, Vec<u8>)>, LiveError> {
		const METHOD: &str = "state_queryStorageAt";
		let sets: Value = self.call(METHOD, rpc_params![keys, self.at]).await?;
		let changes = sets[0]["changes"].clone();
		let changes: Vec<(Bytes, Option<Bytes>)> =
			serde_json::from_value(changes).map_err(|error| LiveError::Answer(METHOD, error.to_string()))?;
		if changes.len() != keys.len() {
			let told = format!("{} values for {} keys", changes.len(), keys.len());
			return Err(LiveError::Answer(METHOD, told));
		}
		changes
			.into_iter()
			.map(|(key, value)| match value {
				Some(value) => Ok((key.0, value.0)),
				None => Err(LiveError::Answer(
					METHOD,
					format!("no value for 0x{}", sp_core::hexdisplay::HexDisplay::from(&key.0)),
				)),
			})
			.collect()
	}
}
