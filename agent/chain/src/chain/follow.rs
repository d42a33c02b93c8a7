//! The task that follows the chain: best and final blocks, and the runtime.

use super::{ask::read, Inner};
use crate::{
	heads::{Head, HeadEvent, Header, Tracker},
	rpc::Live,
	types::said,
	ChainError, Result,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// How long is waited after a subscription failed while the connection stands.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows the chain as long as there is a connection, or may be one again.
pub(super) async fn follow(inner: Arc<Inner>) {
	let mut tracker = Tracker::default();
	while let Some(live) = inner.rpc.wait().await {
		let ended = session(&inner, &live, &mut tracker).await;
		if let Err(error) = ended {
			log::debug!(target: crate::LOG_TARGET, "What is told of blocks ended: {error}");
		}
		tracker.interrupted();
		sleep(PAUSE).await;
	}
}

/// One connection, from learning to its end.
async fn session(inner: &Inner, live: &Live, tracker: &mut Tracker) -> Result<()> {
	let mut versions = live
		.subscribe("state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion")
		.await?;
	let mut finals = live
		.subscribe("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads")
		.await?;
	let mut best = live
		.subscribe("chain_subscribeNewHeads", "chain_unsubscribeNewHeads")
		.await?;
	// After the subscriptions, so that no upgrade falls between.
	inner.refresh(live).await?;
	loop {
		tokio::select! {
			// An upgrade is known before its block is told.
			biased;
			version = versions.next() => {
				of(version)?;
				inner.runtime_in_force(live).await?;
			}
			header = best.next() => {
				let head = head_of(of(header)?)?;
				let event = tracker.adopt(head, |hash| inner.head(hash)).await;
				event.into_iter().for_each(|event| tell(inner, event));
			}
			header = finals.next() => tell(inner, HeadEvent::Final(head_of(of(header)?)?)),
		}
	}
}

fn tell(inner: &Inner, event: HeadEvent) {
	// It fails if nobody listens.
	let _ = inner.heads.send(event);
}

fn of<E: std::fmt::Display>(item: Option<Result<Value, E>>) -> Result<Value> {
	match item {
		Some(Ok(item)) => Ok(item),
		Some(Err(error)) => Err(ChainError::Undecodable {
			what: "a subscription".into(),
			why: said(&error.to_string()),
		}),
		None => Err(ChainError::Lost {
			why: "the subscription ended".into(),
		}),
	}
}

fn head_of(item: Value) -> Result<Head> {
	Head::of(&read::<Header>("a subscription", item)?)
}
