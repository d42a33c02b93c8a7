//! What other programs ask of the chain: storage, runtime APIs, constants, events and calls by their names, each
//! compared with the metadata before it is used first, as those of this crate are.

use super::{
	ask::{from_hex, hex, read},
	submit::Pooled,
	Chain, Inner,
};
use crate::{
	runtime::{decode, Args},
	send::{Call, ChainEvent, NamedCall, Signer},
	types::Hash,
	ChainError, Result,
};
use codec::Decode;
use scale_info::TypeInfo;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;

/// How many values are asked for at once.
const MOST_KEYS: usize = 256;

/// What `state_queryStorageAt` answers: keys with their values.
#[derive(Deserialize)]
struct Changes {
	changes: Vec<(String, Option<String>)>,
}

impl Inner {
	async fn events_of(&self, pallet: &str, at: Hash) -> Result<Vec<ChainEvent>> {
		let runtime = self.runtime();
		let key = runtime.events_key()?;
		let events = self.storage(&key, at).await?.unwrap_or_default();
		runtime.events_of(pallet, events)
	}

	async fn storages(&self, keys: &[Vec<u8>], at: Hash) -> Result<Vec<Option<Vec<u8>>>> {
		let method = "state_queryStorageAt";
		let mut found = HashMap::new();
		for some in keys.chunks(MOST_KEYS) {
			let names: Vec<_> = some.iter().map(|key| hex(key)).collect();
			let answer = self.rpc.request(method, vec![json!(names), json!(at)]).await;
			let answer = answer.map_err(|error| super::ask::with_state(at, error))?;
			for set in read::<Vec<Changes>>(method, answer)? {
				for (key, value) in set.changes.into_iter().take(MOST_KEYS) {
					if let Some(value) = value {
						found.insert(from_hex(method, &key)?, from_hex(method, &value)?);
					}
				}
			}
		}
		Ok(keys.iter().map(|key| found.remove(key)).collect())
	}
}

impl Chain {
	/// A value of a pallet's storage as of a block; none if there is none.
	///
	/// # Errors
	/// As [`Self::sync_state`]; `NoState` if the node does not have that block's; `OtherRuntime` or `Missing` if the
	/// runtime's is another one.
	pub async fn stored<T: Decode + TypeInfo + 'static>(
		&self,
		pallet: &str,
		entry: &str,
		keys: &Args,
		at: Hash,
	) -> Result<Option<T>> {
		self.inner.value(pallet, entry, keys, at).await
	}

	/// Many values of one map, in the order of their keys, 256 at a question.
	///
	/// # Errors
	/// As [`Self::stored`].
	pub async fn stored_many<T: Decode + TypeInfo + 'static>(
		&self,
		pallet: &str,
		entry: &str,
		keys: &[Args],
		at: Hash,
	) -> Result<Vec<Option<T>>> {
		let runtime = self.inner.runtime();
		let mut names = Vec::with_capacity(keys.len());
		for key in keys {
			names.push(runtime.storage::<T>(pallet, entry, key)?);
		}
		let what = format!("{pallet}.{entry}");
		let values = self.inner.storages(&names, at).await?;
		values
			.into_iter()
			.map(|value| value.map(|bytes| decode(&what, &bytes)).transpose())
			.collect()
	}

	/// What a runtime API answers as of a block.
	///
	/// # Errors
	/// As [`Self::stored`].
	pub async fn answered<Answer: Decode + TypeInfo + 'static>(
		&self,
		api: &str,
		method: &str,
		args: &Args,
		at: Hash,
	) -> Result<Answer> {
		self.inner.api(api, method, args, at).await
	}

	/// A constant of a pallet.
	///
	/// # Errors
	/// `OtherRuntime` or `Missing` if the runtime's is another one.
	pub fn constant<T: Decode + TypeInfo + 'static>(&self, pallet: &str, name: &str) -> Result<T> {
		self.inner.runtime().constant(pallet, name)
	}

	/// What a pallet did in a block: its events in their order, each with its bytes and without its fields as texts.
	///
	/// # Errors
	/// As [`Self::stored`].
	pub async fn events_of(&self, pallet: &str, at: Hash) -> Result<Vec<ChainEvent>> {
		self.inner.events_of(pallet, at).await
	}

	/// Whether the runtime has this call as it is known here: for `doctor`.
	///
	/// # Errors
	/// `OtherRuntime` or `Missing` if not.
	pub fn knows(&self, call: &NamedCall) -> Result<()> {
		self.inner.runtime().encode(&Call::Named(call.clone())).map(drop)
	}

	/// How this runtime encodes calls: its `transaction_version`.
	pub fn transaction_version(&self) -> u32 {
		self.inner.runtime().version.transaction_version
	}

	/// The bytes of a call, as they are in a transaction: what is signed if somebody else is to send it.
	///
	/// # Errors
	/// `OtherRuntime` or `Missing` if the runtime's call is another one.
	pub fn call_bytes(&self, call: &Call) -> Result<Vec<u8>> {
		let runtime = self.inner.runtime();
		runtime.call_data(runtime.encode(call)?)
	}

	/// What a call would do on the best block, if it were sent now: the inner error is what the runtime says. It is
	/// signed and not sent; but a node that has it could send it.
	///
	/// # Errors
	/// `Refused` if the node tries nothing out for this connection, as those do that are asked from elsewhere; as
	/// [`Self::quote`].
	pub async fn try_out(&self, call: &Call, signer: &dyn Signer) -> Result<Result<()>> {
		self.inner.try_out(call, signer).await
	}

	/// Hands in a call that authorizes itself: nobody signs it, and nobody pays for it. That the node has it already is
	/// no error.
	///
	/// # Errors
	/// `Rejected` if the pool does not take it; `OtherRuntime` or `Missing` if the runtime's call is another one; as
	/// [`Self::sync_state`].
	pub async fn submit_free(&self, call: &NamedCall) -> Result<()> {
		let live = self.inner.rpc.live().await?;
		let runtime = self.inner.runtime_in_force(&live).await?;
		let bytes = runtime.general(runtime.encode(&Call::Named(call.clone()))?)?;
		match self.inner.pool(&live, &bytes).await? {
			Pooled::Taken | Pooled::Already => Ok(()),
			Pooled::Refused(why) => Err(ChainError::Rejected(why)),
		}
	}
}
