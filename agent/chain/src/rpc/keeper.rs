//! Keeps the connection: makes it, watches it, and makes it anew.

use super::{Live, Rpc, MOST_URLS};
use crate::{
	link::LinkState,
	types::{said, Hash, NodeUrl},
	ChainError, Result,
};
use serde_json::{json, Value};
use std::{
	sync::Arc,
	time::{Duration, SystemTime},
};
use tokio::{sync::watch, task::AbortHandle};

/// How long is waited after all nodes were tried once in vain,
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// and at most, after it has doubled time and again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long is waited before a node is tried again that was left for what it said, and is the only one.
const LEFT_PAUSE: Duration = Duration::from_secs(10);

/// The task that keeps the connection; it ends when this is dropped.
pub(crate) struct Keeper(AbortHandle);

impl Drop for Keeper {
	fn drop(&mut self) {
		self.0.abort();
	}
}

/// What the task has.
struct Kept {
	urls: Vec<NodeUrl>,
	genesis: Hash,
	live: watch::Sender<Option<Arc<Live>>>,
	link: watch::Sender<LinkState>,
}

impl Keeper {
	/// Connects with the first node that answers and is of the right chain, and keeps the connection from then on. Says
	/// which chain that is.
	pub async fn start(urls: &[NodeUrl], genesis: Option<Hash>) -> Result<(Self, Rpc, Hash)> {
		if urls.is_empty() {
			return Err(ChainError::NoUrl);
		}
		if urls.len() > MOST_URLS {
			return Err(ChainError::TooManyUrls {
				given: urls.len(),
				most: MOST_URLS,
			});
		}
		let (first, genesis) = first_that_answers(urls, genesis).await?;
		let first = Arc::new(first);
		let (link, link_seen) = watch::channel(LinkState::Connected {
			url: first.url.clone(),
			since: SystemTime::now(),
		});
		let (live, live_seen) = watch::channel(Some(first));
		let rpc = Rpc {
			live: live_seen,
			link: link_seen,
		};
		let kept = Kept {
			urls: urls.to_vec(),
			genesis,
			live,
			link,
		};
		Ok((Self(tokio::spawn(kept.keep()).abort_handle()), rpc, genesis))
	}
}

impl Kept {
	async fn keep(self) {
		loop {
			let current = self.live.borrow().clone();
			let (why, left) = match &current {
				Some(live) => live.lost().await,
				None => ("no connection was made".into(), false),
			};
			let left = current.filter(|_| left).map(|live| live.url.clone());
			self.live.send_replace(None);
			self.say_lost(&why);
			if left.is_some() && self.urls.len() == 1 {
				tokio::time::sleep(LEFT_PAUSE).await;
			}
			let live = self.anew(left.as_ref()).await;
			log::info!(target: crate::LOG_TARGET, "Connected with {} again", live.url);
			self.link.send_replace(LinkState::Connected {
				url: live.url.clone(),
				since: SystemTime::now(),
			});
			self.live.send_replace(Some(Arc::new(live)));
		}
	}

	/// Tries all nodes in turn until one answers; one that was left comes last.
	async fn anew(&self, left: Option<&NodeUrl>) -> Live {
		let mut urls = self.urls.clone();
		if let Some(at) = urls.iter().position(|url| Some(url) == left) {
			let after = at.saturating_add(1);
			urls.rotate_left(after);
		}
		let mut pause = FIRST_PAUSE;
		loop {
			match first_that_answers(&urls, Some(self.genesis)).await {
				Ok((live, _)) => return live,
				Err(error) => self.say_lost(&error.to_string()),
			}
			tokio::time::sleep(pause).await;
			pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
		}
	}

	/// Says why, and keeps since when.
	fn say_lost(&self, reason: &str) {
		self.link.send_modify(|state| {
			let since = match state {
				LinkState::Lost { since, .. } => *since,
				LinkState::Connected { url, .. } => {
					log::warn!(
						target: crate::LOG_TARGET,
						"The connection with {url} is lost ({reason}). It is made anew as soon as a node answers"
					);
					SystemTime::now()
				}
			};
			let why = said(reason);
			*state = LinkState::Lost { since, why };
		});
	}
}

/// The first node that answers and is of the right chain, and that chain.
async fn first_that_answers(urls: &[NodeUrl], genesis: Option<Hash>) -> Result<(Live, Hash)> {
	let (mut tried, mut wrong) = (Vec::new(), None);
	for url in urls {
		match of_the_chain(url, genesis).await {
			Ok((mut live, genesis)) => {
				live.others = urls.len() > 1;
				return Ok((live, genesis));
			}
			Err(error @ ChainError::WrongGenesis { .. }) => wrong = wrong.or(Some(error)),
			Err(ChainError::Lost { why }) => tried.push(format!("{url}: {why}")),
			Err(error) => tried.push(format!("{url}: {error}")),
		}
	}
	// The right one may only be down: then it is worth to wait.
	match wrong {
		Some(wrong) if tried.is_empty() => Err(wrong),
		wrong => {
			tried.extend(wrong.map(|wrong| wrong.to_string()));
			Err(ChainError::NoNode {
				tried: said(&tried.join("; ")),
			})
		}
	}
}

async fn of_the_chain(url: &NodeUrl, expected: Option<Hash>) -> Result<(Live, Hash)> {
	let live = Live::open(url).await?;
	let found = genesis_of(&live).await?;
	match expected {
		Some(expected) if expected != found => Err(ChainError::WrongGenesis {
			url: url.to_string(),
			expected,
			found,
		}),
		_ => Ok((live, found)),
	}
}

async fn genesis_of(live: &Live) -> Result<Hash> {
	let answer: Value = live.request("chain_getBlockHash", vec![json!(0)]).await?;
	serde_json::from_value(answer).map_err(|error| ChainError::Undecodable {
		what: "chain_getBlockHash".into(),
		why: said(&error.to_string()),
	})
}
