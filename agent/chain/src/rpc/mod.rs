//! The connection: one WebSocket to one of the nodes, kept by a task of its own.

mod keeper;

pub(crate) use keeper::Keeper;

use crate::{
	link::LinkState,
	types::{said, NodeUrl},
	ChainError, Result,
};
use jsonrpsee::{
	core::{
		client::{Client, ClientT, Subscription, SubscriptionClientT},
		params::ArrayParams,
		ClientError,
	},
	ws_client::{PingConfig, WsClientBuilder},
};
use serde_json::Value;
use std::{
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
	time::Duration,
};
use tokio::{sync::watch, time::timeout};

/// How many nodes are tried at most.
pub(crate) const MOST_URLS: usize = 8;
/// The largest request, in bytes: a transaction in hexadecimal digits, and room.
const MAX_REQUEST: u32 = 4 << 20;
/// The largest answer, in bytes: metadata and bodies of blocks in hexadecimal digits, and room.
const MAX_RESPONSE: u32 = 32 << 20;
/// How many requests wait for their answers at most.
const MOST_REQUESTS: usize = 64;
/// How many items of a subscription wait at most; it is made anew if there are more.
const MOST_ITEMS: usize = 64;
/// How long a connection may take.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long an answer may take.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// How often a node that is silent is asked whether it is there,
const PING_EVERY: Duration = Duration::from_secs(10);
/// and after how long without an answer the connection counts as lost.
const SILENT_FOR: Duration = Duration::from_secs(25);
/// How long something that is asked waits for a connection that is lost.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many questions in a row without an answer, and a node hangs: it is left for another, if there is one.
const MOST_TIMEOUTS: u32 = 3;

/// A connection with one node.
pub(crate) struct Live {
	client: Client,
	/// Which node.
	pub url: NodeUrl,
	/// Whether there are others to go to.
	pub others: bool,
	/// Questions without an answer since the last one that had one.
	timeouts: AtomicU32,
	/// Why it is to be left.
	left: watch::Sender<Option<String>>,
}

impl Live {
	/// Connects with a node.
	pub async fn open(url: &NodeUrl) -> Result<Self> {
		let ping = PingConfig::new()
			.ping_interval(PING_EVERY)
			.inactive_limit(SILENT_FOR)
			.max_failures(1);
		let opened = WsClientBuilder::default()
			.max_request_size(MAX_REQUEST)
			.max_response_size(MAX_RESPONSE)
			.max_concurrent_requests(MOST_REQUESTS)
			.max_buffer_capacity_per_subscription(MOST_ITEMS)
			.request_timeout(REQUEST_TIME)
			.connection_timeout(CONNECT_TIME)
			.enable_ws_ping(ping)
			.build(url.as_str());
		// A proxy that accepts and says nothing is not what the builder's limit is for.
		match timeout(CONNECT_TIME.saturating_mul(2), opened).await {
			Ok(Ok(client)) => Ok(Self {
				client,
				url: url.clone(),
				others: false,
				timeouts: AtomicU32::new(0),
				left: watch::Sender::new(None),
			}),
			Ok(Err(error)) => Err(ChainError::Lost {
				why: said(&error.to_string()),
			}),
			Err(_) => Err(ChainError::Lost {
				why: "it does not answer".into(),
			}),
		}
	}

	/// Asks the node.
	pub async fn request(&self, method: &str, params: Vec<Value>) -> Result<Value> {
		let asked = self.client.request::<Value, _>(method, array(method, params)?);
		let answer = match timeout(REQUEST_TIME.saturating_add(PATIENCE), asked).await {
			Ok(answer) => answer.map_err(|error| failure(method, error)),
			Err(_) => Err(too_late(method)),
		};
		self.count(&answer);
		answer
	}

	/// Leaves a node that answers pings and nothing else.
	fn count(&self, answer: &Result<Value>) {
		match answer {
			Err(ChainError::Timeout { .. }) => {
				let timeouts = self.timeouts.fetch_add(1, Ordering::Relaxed).saturating_add(1);
				if timeouts >= MOST_TIMEOUTS && self.others {
					self.leave(format!("it did not answer {timeouts} questions in a row"));
				}
			}
			// It ended before it could answer.
			Err(ChainError::Lost { .. }) => (),
			_ => self.timeouts.store(0, Ordering::Relaxed),
		}
	}

	/// This node is of no use: the connection ends, and the next one is tried first.
	pub fn leave(&self, why: String) {
		self.left.send_if_modified(|left| {
			let first = left.is_none();
			left.get_or_insert(why);
			first
		});
	}

	/// Subscribes at the node. The stream ends when the connection does.
	pub async fn subscribe(&self, method: &str, end: &str) -> Result<Subscription<Value>> {
		let asked = self.client.subscribe::<Value, _>(method, ArrayParams::new(), end);
		match timeout(REQUEST_TIME.saturating_add(PATIENCE), asked).await {
			Ok(answer) => answer.map_err(|error| failure(method, error)),
			Err(_) => Err(too_late(method)),
		}
	}

	/// Waits until the connection is lost or to be left, and says why, and whether it is to be left.
	pub async fn lost(&self) -> (String, bool) {
		tokio::select! {
			why = self.ended() => (why, false),
			why = self.told_to_leave() => (why, true),
		}
	}

	async fn told_to_leave(&self) -> String {
		let mut left = self.left.subscribe();
		let why = left.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
		why.unwrap_or_default()
	}

	async fn ended(&self) -> String {
		self.client.on_disconnect().await;
		// `disconnect_reason` waits for what has happened already.
		match timeout(PATIENCE, self.client.disconnect_reason()).await {
			Ok(why) => said(&why.to_string()),
			Err(_) => "the connection ended".into(),
		}
	}
}

fn too_late(method: &str) -> ChainError {
	ChainError::Timeout {
		method: method.into(),
		seconds: REQUEST_TIME.as_secs(),
	}
}

fn array(method: &str, params: Vec<Value>) -> Result<ArrayParams> {
	let mut array = ArrayParams::new();
	for param in params {
		array.insert(param).map_err(|error| ChainError::Undecodable {
			what: method.into(),
			why: said(&error.to_string()),
		})?;
	}
	Ok(array)
}

fn failure(method: &str, error: ClientError) -> ChainError {
	match error {
		ClientError::Call(object) => {
			let data = object
				.data()
				.map(|data| data.get().trim_matches('"'))
				.unwrap_or_default();
			let between = if data.is_empty() { "" } else { ": " };
			ChainError::Refused {
				method: method.into(),
				code: object.code(),
				message: said(&format!("{}{between}{data}", object.message())),
			}
		}
		ClientError::RequestTimeout => too_late(method),
		ClientError::ParseError(error) => ChainError::Undecodable {
			what: method.into(),
			why: said(&error.to_string()),
		},
		ClientError::InvalidSubscriptionId => ChainError::Undecodable {
			what: method.into(),
			why: "it names no subscription".into(),
		},
		lost => ChainError::Lost {
			why: said(&lost.to_string()),
		},
	}
}

/// Whichever connection there is.
#[derive(Clone)]
pub(crate) struct Rpc {
	live: watch::Receiver<Option<Arc<Live>>>,
	link: watch::Receiver<LinkState>,
}

impl Rpc {
	/// Whether a node is reached, as it changes.
	pub fn link(&self) -> watch::Receiver<LinkState> {
		self.link.clone()
	}

	/// The connection; waits a moment for one that is lost.
	pub async fn live(&self) -> Result<Arc<Live>> {
		match timeout(PATIENCE, self.wait()).await {
			Ok(Some(live)) => Ok(live),
			Ok(None) => Err(ChainError::Lost {
				why: "the client has ended".into(),
			}),
			Err(_) => Err(self.why_lost()),
		}
	}

	/// The connection, once there is one; none if there will be none any more.
	pub async fn wait(&self) -> Option<Arc<Live>> {
		let mut live = self.live.clone();
		let found = live.wait_for(Option::is_some).await.ok()?;
		found.clone()
	}

	/// Asks whichever node is connected.
	pub async fn request(&self, method: &str, params: Vec<Value>) -> Result<Value> {
		self.live().await?.request(method, params).await
	}

	fn why_lost(&self) -> ChainError {
		let why = match &*self.link.borrow() {
			LinkState::Lost { why, .. } => why.clone(),
			LinkState::Connected { .. } => "it is being connected".into(),
		};
		ChainError::Lost { why }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::types::MOST_SAID;
	use jsonrpsee::types::ErrorObject;

	#[test]
	fn what_a_node_says_is_cut() {
		let error = ClientError::Call(ErrorObject::owned(1010, "x".repeat(10_000), Some("data")));
		let ChainError::Refused { code, message, .. } = failure("m", error) else {
			panic!("another error");
		};
		assert_eq!((code, message.len()), (1010, MOST_SAID));
		let error = ClientError::Call(ErrorObject::owned(1010, "Invalid", Some("Custom error: 3")));
		assert_eq!(
			failure("m", error),
			ChainError::Refused {
				method: "m".into(),
				code: 1010,
				message: "Invalid: Custom error: 3".into()
			}
		);
	}
}
