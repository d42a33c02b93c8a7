//! A node's WebSocket RPC.

use crate::{Error, Result};
use jsonrpsee::{
	core::{
		client::{ClientT, Error as ClientError, Subscription, SubscriptionClientT},
		params::ArrayParams,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sp_core::{Bytes, H256};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// A header of the chain.
pub type Header = sp_runtime::generic::Header<u32, sp_runtime::traits::BlakeTwo256>;

/// Codes of `author_submitExtrinsic`'s refusals, as sc-rpc-api has them.
pub mod refusals {
	/// The pool could not validate: the block that it looked at lost against another, and its state is gone. The answer
	/// of any client is to submit again.
	pub const VERIFICATION_ERROR: i32 = 1002;
	/// The pool has had the transaction: it is in a block.
	pub const TEMPORARILY_BANNED: i32 = 1012;
	/// The pool has the transaction.
	pub const ALREADY_IMPORTED: i32 = 1013;
}

const MEGABYTE: u32 = 1024 * 1024;

/// A connection to one node. Clones share it.
#[derive(Clone)]
pub struct Rpc(Arc<WsClient>);

impl Rpc {
	/// Connects.
	///
	/// # Errors
	/// When nobody answers there.
	pub async fn connect(address: SocketAddr) -> Result<Self> {
		let client = WsClientBuilder::default()
			.max_request_size(16 * MEGABYTE)
			.max_response_size(64 * MEGABYTE)
			.request_timeout(Duration::from_secs(60))
			.max_concurrent_requests(4_096)
			.build(format!("ws://{address}"))
			.await?;
		Ok(Self(Arc::new(client)))
	}

	/// The client itself.
	pub fn client(&self) -> &WsClient {
		&self.0
	}

	/// Calls a method.
	///
	/// # Errors
	/// With the node's words, or the connection's.
	pub async fn call<T: DeserializeOwned>(&self, method: &str, params: ArrayParams) -> Result<T> {
		self.0
			.request(method, params)
			.await
			.map_err(|error| Error::from(error).while_doing(method))
	}

	/// Subscribes.
	///
	/// # Errors
	/// With the node's words, or the connection's.
	pub async fn subscribe<T: DeserializeOwned>(&self, subscribe: &str, unsubscribe: &str) -> Result<Subscription<T>> {
		self.0
			.subscribe(subscribe, rpc_params![], unsubscribe)
			.await
			.map_err(|error| Error::from(error).while_doing(subscribe))
	}

	/// The header of a block; of the best one without a hash.
	///
	/// # Errors
	/// When there is none, or the call fails.
	pub async fn header(&self, hash: Option<H256>) -> Result<Header> {
		let header: Option<Header> = self.call("chain_getHeader", rpc_params![hash]).await?;
		header.ok_or_else(|| Error::new(format!("the node knows no block {hash:?}")))
	}

	/// The header of the highest final block.
	///
	/// # Errors
	/// When the call fails.
	pub async fn finalized(&self) -> Result<Header> {
		let hash = self.call("chain_getFinalizedHead", rpc_params![]).await?;
		self.header(Some(hash)).await
	}

	/// The hash of the best chain's block at a height; `None` above it.
	///
	/// # Errors
	/// When the call fails.
	pub async fn hash_at(&self, number: u32) -> Result<Option<H256>> {
		self.call("chain_getBlockHash", rpc_params![number]).await
	}

	/// The encoded extrinsics of a block.
	///
	/// # Errors
	/// When there is no such block, or the call fails.
	pub async fn body(&self, hash: H256) -> Result<Vec<Bytes>> {
		let block: Value = self.call("chain_getBlock", rpc_params![hash]).await?;
		Ok(serde_json::from_value(block["block"]["extrinsics"].clone())?)
	}

	/// How many peers the node has.
	///
	/// # Errors
	/// When the call fails.
	pub async fn peers(&self) -> Result<u64> {
		let health: Value = self.call("system_health", rpc_params![]).await?;
		health["peers"]
			.as_u64()
			.ok_or_else(|| Error::new(format!("no count of peers in {health}")))
	}

	/// A value of the state at a block; the best one without a hash.
	///
	/// # Errors
	/// When the call fails.
	pub async fn storage(&self, key: &[u8], at: Option<H256>) -> Result<Option<Bytes>> {
		self.call("state_getStorage", rpc_params![Bytes(key.to_vec()), at])
			.await
	}

	/// Submits an encoded transaction.
	///
	/// # Errors
	/// When the node's pool refuses it.
	pub async fn submit(&self, transaction: &[u8]) -> Result<H256> {
		self.call("author_submitExtrinsic", rpc_params![Bytes(transaction.to_vec())])
			.await
	}

	/// Submits an encoded transaction that the node may have from another already.
	///
	/// # Errors
	/// When the node's pool refuses it for any other reason than that it has it, or had it until it got into a block.
	pub async fn offer(&self, transaction: &[u8]) -> Result<()> {
		let params = rpc_params![Bytes(transaction.to_vec())];
		let submitted: std::result::Result<H256, _> = self.0.request("author_submitExtrinsic", params).await;
		match submitted {
			Ok(_) => Ok(()),
			Err(ClientError::Call(refusal))
				if [refusals::TEMPORARILY_BANNED, refusals::ALREADY_IMPORTED].contains(&refusal.code()) =>
			{
				Ok(())
			}
			Err(error) => Err(Error::from(error).while_doing("author_submitExtrinsic")),
		}
	}

	/// Has the node make new session keys for an account: the keys, and the proof that it has them.
	///
	/// # Errors
	/// When the call fails.
	pub async fn rotate_keys(&self, owner: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
		let made: Value = self
			.call("author_rotateKeysWithOwner", rpc_params![Bytes(owner.to_vec())])
			.await?;
		let bytes = |name: &str| -> Result<Vec<u8>> { Ok(serde_json::from_value::<Bytes>(made[name].clone())?.0) };
		Ok((bytes("keys")?, bytes("proof")?))
	}

	/// `poca_finalityStatus`.
	///
	/// # Errors
	/// When the call fails.
	pub async fn finality_status(&self) -> Result<Value> {
		self.call("poca_finalityStatus", rpc_params![]).await
	}

	/// Why the node does not vote, in its own words, which are none before it has looked; `None` if it votes.
	///
	/// # Errors
	/// If the call fails.
	pub async fn not_voting(&self) -> Result<Option<String>> {
		let state = self.voter_state().await?;
		if state["voting"] == true {
			return Ok(None);
		}
		Ok(Some(state["notVoting"].as_str().unwrap_or_default().to_string()))
	}

	/// The slot of the node's last prevote; 0 if it is no voter.
	///
	/// # Errors
	/// If the call fails.
	pub async fn last_prevote(&self) -> Result<u64> {
		let state = self.voter_state().await?;
		Ok(state["voter"]["lastPrevote"]["slot"].as_u64().unwrap_or(0))
	}

	/// `poca_voterState`.
	///
	/// # Errors
	/// When the call fails.
	pub async fn voter_state(&self) -> Result<Value> {
		self.call("poca_voterState", rpc_params![]).await
	}
}
