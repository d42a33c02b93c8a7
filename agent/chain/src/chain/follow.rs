//! The task that follows the chain: best and final blocks, and the runtime.

use super::{ask::read, Inner};
use crate::{
	heads::{Head, HeadEvent, Header, Tracker},
	rpc::Live,
	types::{said, Slot},
	ChainError, Result,
};
use serde_json::Value;
use std::{
	sync::Arc,
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::{sleep, sleep_until, Instant};

/// How long is waited after a subscription failed while the connection stands.
const PAUSE: Duration = Duration::from_millis(500);

/// How far the slot of a block may be ahead of this machine's clock: an hour, as much as clocks of homes may err. A
/// clock that is wrong by more answers nothing in time anyway; and what is remembered of rounds in a made-up future
/// would make all real ones look old, for good.
const MOST_AHEAD: Duration = Duration::from_secs(3_600);
/// After so many slots without a new block a node is left for another: it has no peers, or hangs.
const STILL_FOR: u64 = 120;

/// Follows the chain as long as there is a connection, or may be one again.
pub(super) async fn follow(inner: Arc<Inner>) {
	let mut tracker = Tracker::default();
	while let Some(live) = inner.rpc.wait().await {
		let ended = session(&inner, &live, &mut tracker).await;
		if let Err(error) = ended {
			log::debug!(target: crate::LOG_TARGET, "What is told of blocks ended: {error}");
			let is_another = matches!(error, ChainError::OtherRuntime { .. } | ChainError::Missing { .. });
			if is_another && live.others {
				live.leave(error.to_string());
			}
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
	let patience = Duration::from_millis(inner.facts().slot_ms.saturating_mul(STILL_FOR));
	let mut still = Instant::now();
	loop {
		tokio::select! {
			// An upgrade is known before its block is told.
			biased;
			version = versions.next() => {
				of(version)?;
				inner.runtime_in_force(live).await?;
			}
			header = best.next() => {
				let head = real(inner, live, head_of(of(header)?)?)?;
				still = Instant::now();
				let event = tracker.adopt(head, |hash| inner.head(hash)).await;
				event.into_iter().for_each(|event| tell(inner, event));
			}
			header = finals.next() => {
				let head = real(inner, live, head_of(of(header)?)?)?;
				tell(inner, HeadEvent::Final(head));
			}
			() = sleep_until(deadline(still, patience)), if live.others => {
				live.leave(format!("it has told of no new block for {} s", patience.as_secs()));
				return Err(ChainError::Lost { why: "its chain stands still".into() });
			}
		}
	}
}

/// When a node is left that tells of nothing new.
fn deadline(since: Instant, patience: Duration) -> Instant {
	since.checked_add(patience).unwrap_or(since)
}

/// A block whose slot may have begun. One of the future is a lie, or this machine's clock is wrong: all work would be
/// for a slot that nobody is in, and what was won there be remembered as over. Nobody is told of it, and the node is
/// left.
fn real(inner: &Inner, live: &Live, head: Head) -> Result<Head> {
	let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	if !is_ahead(head.slot, inner.facts().slot_ms, now) {
		return Ok(head);
	}
	let why = "it tells of a block from the future: see to the clock of this machine, or name another node";
	live.leave(why.into());
	Err(ChainError::Lost { why: why.into() })
}

/// Whether a slot of so many milliseconds begins so long after a time, since 1970, that nobody is in it: by more than
/// an hour.
pub fn is_ahead(slot: Slot, slot_ms: u64, now: Duration) -> bool {
	u128::from(slot).saturating_mul(slot_ms.into()) > now.saturating_add(MOST_AHEAD).as_millis()
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

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_has_not_begun_by_an_hour_is_of_the_future() {
		let now = Duration::from_secs(1_790_000_000);
		let slot = 2 * 1_790_000_000;
		assert!(!is_ahead(0, 500, now) && !is_ahead(slot, 500, now));
		assert!(!is_ahead(slot + 7_200, 500, now));
		assert!(is_ahead(slot + 7_201, 500, now));
		assert!(is_ahead(u64::MAX, u64::MAX, now));
	}
}
