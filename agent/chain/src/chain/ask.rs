//! What is asked of a node, in general.

use super::Inner;
use crate::{
	heads::{Head, Header},
	rpc::Live,
	runtime::{decode, Args},
	types::{said, BlockNumber, Hash, SyncState},
	ChainError, Result,
};
use codec::Decode;
use scale_info::TypeInfo;
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Value};

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> Value {
	Value::String(sp_core::bytes::to_hex(bytes, false))
}

/// Bytes from hexadecimal digits.
pub(super) fn from_hex(what: &str, text: &str) -> Result<Vec<u8>> {
	sp_core::bytes::from_hex(text).map_err(|error| ChainError::Undecodable {
		what: what.into(),
		why: said(&error.to_string()),
	})
}

/// An answer as some type.
pub(super) fn read<T: DeserializeOwned>(what: &str, answer: Value) -> Result<T> {
	serde_json::from_value(answer).map_err(|error| ChainError::Undecodable {
		what: what.into(),
		why: said(&error.to_string()),
	})
}

/// A block without its state is said in several ways.
pub(super) fn with_state(at: Hash, error: ChainError) -> ChainError {
	const SIGNS: [&str; 4] = ["UnknownBlock", "State already discarded", "not found", "not been found"];
	match error {
		ChainError::Refused { message, .. } if SIGNS.iter().any(|sign| message.contains(sign)) => {
			ChainError::NoState(at)
		}
		other => other,
	}
}

/// Calls a runtime API at a block, or at the best one.
pub(super) async fn call(live: &Live, method: &str, input: &[u8], at: Option<Hash>) -> Result<Vec<u8>> {
	let mut params = vec![json!(method), hex(input)];
	params.extend(at.map(|at| json!(at)));
	let answer = live.request("state_call", params).await;
	let answer = answer.map_err(|error| match at {
		Some(at) => with_state(at, error),
		None => error,
	})?;
	from_hex(method, &read::<String>(method, answer)?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Health {
	peers: u32,
	is_syncing: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
	current_block: BlockNumber,
	highest_block: Option<BlockNumber>,
}

impl Inner {
	/// Calls a runtime API whose interface was compared.
	pub(super) async fn api<Answer: Decode + TypeInfo + 'static>(
		&self,
		api: &str,
		method: &str,
		args: &Args,
		at: Hash,
	) -> Result<Answer> {
		let (method, input) = self.runtime().api::<Answer>(api, method, args)?;
		let live = self.rpc.live().await?;
		decode(&method, &call(&live, &method, &input, Some(at)).await?)
	}

	/// The bytes at a key of the storage.
	pub(super) async fn storage(&self, key: &[u8], at: Hash) -> Result<Option<Vec<u8>>> {
		let answer = self.rpc.request("state_getStorage", vec![hex(key), json!(at)]).await;
		let answer = answer.map_err(|error| with_state(at, error))?;
		let text: Option<String> = read("state_getStorage", answer)?;
		text.map(|text| from_hex("state_getStorage", &text)).transpose()
	}

	/// A value of the storage whose type was compared.
	pub(super) async fn value<T: Decode + TypeInfo + 'static>(
		&self,
		pallet: &str,
		entry: &str,
		keys: &Args,
		at: Hash,
	) -> Result<Option<T>> {
		let key = self.runtime().storage::<T>(pallet, entry, keys)?;
		let bytes = self.storage(&key, at).await?;
		bytes
			.map(|bytes| decode(&format!("{pallet}.{entry}"), &bytes))
			.transpose()
	}

	/// A header by its hash; none if the node does not know it.
	pub(super) async fn head(&self, hash: Hash) -> Result<Option<Head>> {
		let answer = self.rpc.request("chain_getHeader", vec![json!(hash)]).await?;
		let header: Option<Header> = read("chain_getHeader", answer)?;
		header.map(|header| Head::of(&header)).transpose()
	}

	pub(super) async fn best(&self) -> Result<Head> {
		let answer = self.rpc.request("chain_getHeader", Vec::new()).await?;
		Head::of(&read("chain_getHeader", answer)?)
	}

	pub(super) async fn finalized(&self) -> Result<Head> {
		let answer = self.rpc.request("chain_getFinalizedHead", Vec::new()).await?;
		let hash: Hash = read("chain_getFinalizedHead", answer)?;
		self.head(hash).await?.ok_or(ChainError::NoState(hash))
	}

	/// The hash of the block of the best chain at a height; none above the best.
	pub(super) async fn hash_at(&self, number: BlockNumber) -> Result<Option<Hash>> {
		let answer = self.rpc.request("chain_getBlockHash", vec![json!(number)]).await?;
		read("chain_getBlockHash", answer)
	}

	pub(super) async fn block(&self, number: BlockNumber) -> Result<Option<Head>> {
		match self.hash_at(number).await? {
			Some(hash) => self.head(hash).await,
			None => Ok(None),
		}
	}

	pub(super) async fn sync_state(&self) -> Result<SyncState> {
		let live = self.rpc.live().await?;
		let health: Health = read("system_health", live.request("system_health", Vec::new()).await?)?;
		let progress = live.request("system_syncState", Vec::new()).await?;
		let progress: Progress = read("system_syncState", progress)?;
		Ok(SyncState {
			peers: health.peers,
			syncing: health.is_syncing,
			best: progress.current_block,
			highest: progress.highest_block,
		})
	}
}
