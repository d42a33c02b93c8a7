//! When a node saw and finalized which block.

use super::rpc::{Header, Rpc};
use crate::{Error, Result};
use jsonrpsee::core::client::Subscription;
use sp_core::H256;
use std::{
	sync::{Arc, Mutex, MutexGuard},
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::watch, task::JoinSet};

/// A block, and when a node told of it.
#[derive(Clone, Debug)]
pub struct Seen {
	/// When, on a clock that only goes forward.
	pub at: Instant,
	/// When, in milliseconds of Unix time.
	pub unix_ms: f64,
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: H256,
	/// The slot that it was authored in; 0 for genesis.
	pub slot: u64,
	/// The author's place among the directors; `None` for genesis.
	pub author: Option<u32>,
}

impl Seen {
	/// The block of this header, now.
	pub fn now(header: &Header) -> Self {
		let pre_digest = poca_primitives::find_pre_digest(header).ok();
		Self {
			at: Instant::now(),
			unix_ms: SystemTime::now()
				.duration_since(UNIX_EPOCH)
				.map_or(0.0, |now| now.as_secs_f64() * 1e3),
			number: header.number,
			hash: header.hash(),
			slot: pre_digest.as_ref().map_or(0, |digest| u64::from(digest.slot)),
			author: pre_digest.map(|digest| digest.author.into()),
		}
	}
}

#[derive(Default)]
struct Record {
	blocks: Vec<Seen>,
	finalized: Vec<Seen>,
	ended: bool,
}

impl Record {
	fn heights(&self) -> Heights {
		let highest = |seen: &[Seen]| seen.iter().map(|block| block.number).max().unwrap_or(0);
		Heights {
			best: highest(&self.blocks),
			finalized: highest(&self.finalized),
			ended: self.ended,
		}
	}
}

/// How far a watched node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heights {
	/// The highest block that it imported.
	pub best: u32,
	/// The highest block that it finalized.
	pub finalized: u32,
	/// Whether the node, or the connection to it, is gone.
	pub ended: bool,
}

/// Watches one node from when it is started to when it is dropped, or to the end of the node.
pub struct Watcher {
	record: Arc<Mutex<Record>>,
	heights: watch::Receiver<Heights>,
	_tasks: JoinSet<()>,
}

impl Watcher {
	/// Subscribes to every block that the node imports, and to every one that it finalizes, and waits until it has told
	/// of its best and its last final one: who then waits for "more" blocks counts from these, and not from 0.
	///
	/// # Errors
	/// When the node does not answer.
	pub async fn start(rpc: &Rpc) -> Result<Self> {
		let mut blocks = rpc
			.subscribe::<Header>("chain_subscribeAllHeads", "chain_unsubscribeAllHeads")
			.await?;
		let mut finalized = rpc
			.subscribe::<Header>("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads")
			.await?;
		let first = Record {
			blocks: vec![Seen::now(&first_of(&mut blocks).await?)],
			finalized: vec![Seen::now(&first_of(&mut finalized).await?)],
			ended: false,
		};
		let (sender, heights) = watch::channel(first.heights());
		let record = Arc::new(Mutex::new(first));
		let mut tasks = JoinSet::new();
		let recorded = record.clone();
		tasks.spawn(async move {
			loop {
				let (next, is_final) = tokio::select! {
					next = blocks.next() => (next, false),
					next = finalized.next() => (next, true),
				};
				let mut record = lock(&recorded);
				match next {
					Some(Ok(header)) if is_final => record.finalized.push(Seen::now(&header)),
					Some(Ok(header)) => record.blocks.push(Seen::now(&header)),
					Some(Err(_)) | None => record.ended = true,
				}
				let _ = sender.send(record.heights());
				if record.ended {
					return;
				}
			}
		});
		Ok(Self {
			record,
			heights,
			_tasks: tasks,
		})
	}

	/// How far the node is.
	pub fn heights(&self) -> Heights {
		*self.heights.borrow()
	}

	/// Every block that it imported since it is watched, in that order; the first one is its best block at the start.
	pub fn blocks(&self) -> Vec<Seen> {
		lock(&self.record).blocks.clone()
	}

	/// Every block that it told to be final. Heights may be left out: a final block's ancestors are final with it.
	pub fn finalized(&self) -> Vec<Seen> {
		lock(&self.record).finalized.clone()
	}

	/// Waits until the node's heights fulfil a condition.
	///
	/// # Errors
	/// When they have not after `limit`, or the node is gone.
	pub async fn until(&self, what: &str, limit: Duration, mut holds: impl FnMut(Heights) -> bool) -> Result<Heights> {
		let mut heights = self.heights.clone();
		let reached = tokio::time::timeout(limit, heights.wait_for(|now| now.ended || holds(*now))).await;
		let now = match reached {
			Ok(Ok(now)) => *now,
			_ => {
				return Err(Error::new(format!(
					"waited {limit:?} in vain for {what}; {:?}",
					self.heights()
				)))
			}
		};
		crate::ensure!(!now.ended || holds(now), "the node was gone while waiting for {what}");
		Ok(now)
	}

	/// Waits until `more` blocks above those of now are final.
	///
	/// # Errors
	/// As [`Watcher::until`].
	pub async fn until_more_final(&self, more: u32, limit: Duration) -> Result<Heights> {
		let from = self.heights().finalized;
		self.until(&format!("{more} more final blocks above {from}"), limit, |now| {
			now.finalized >= from + more
		})
		.await
	}

	/// Waits until the best block is `more` above that of now.
	///
	/// # Errors
	/// As [`Watcher::until`].
	pub async fn until_more_blocks(&self, more: u32, limit: Duration) -> Result<Heights> {
		let from = self.heights().best;
		self.until(&format!("{more} more blocks above {from}"), limit, |now| {
			now.best >= from + more
		})
		.await
	}

	/// The longest time from `since` to now in which the chain did not grow.
	pub fn production_gap(&self, since: Instant) -> Duration {
		longest_gap(&lock(&self.record).blocks, since)
	}

	/// The longest time from `since` to now in which no block became final.
	pub fn finality_gap(&self, since: Instant) -> Duration {
		longest_gap(&lock(&self.record).finalized, since)
	}
}

/// The header that a subscription begins with: that of now.
async fn first_of(subscription: &mut Subscription<Header>) -> Result<Header> {
	match subscription.next().await {
		Some(header) => Ok(header?),
		None => Err(Error::new("the node was gone before it told of its blocks")),
	}
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
	record.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The longest time without a new highest block, the time before the first and after the last included.
fn longest_gap(seen: &[Seen], since: Instant) -> Duration {
	let mut longest = Duration::ZERO;
	let before = seen
		.iter()
		.filter(|block| block.at < since)
		.map(|block| block.number)
		.max()
		.unwrap_or(0);
	let (mut last, mut highest) = (since, before);
	for block in seen.iter().filter(|block| block.at >= since) {
		if block.number > highest {
			longest = longest.max(block.at.saturating_duration_since(last));
			(last, highest) = (block.at, block.number);
		}
	}
	longest.max(last.elapsed())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_gap_lasts_until_the_chain_grows() {
		let start = Instant::now() - Duration::from_secs(100);
		let seen = |second: u64, number| Seen {
			at: start + Duration::from_secs(second),
			unix_ms: 0.0,
			number,
			hash: H256::zero(),
			slot: 0,
			author: None,
		};
		let blocks = [seen(1, 5), seen(2, 6), seen(3, 6), seen(12, 7), seen(99, 8)];
		assert_eq!(
			longest_gap(&blocks[..4], start + Duration::from_secs(13)).as_secs(),
			87,
			"the open end counts"
		);
		assert_eq!(longest_gap(&blocks, start).as_secs(), 87);
		let until_twelve: Vec<_> = blocks[..4]
			.iter()
			.cloned()
			.chain((13..100).map(|s| seen(s, s as u32)))
			.collect();
		assert_eq!(
			longest_gap(&until_twelve, start).as_secs(),
			10,
			"another block of the same height is no growth"
		);
	}
}
