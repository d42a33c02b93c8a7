//! What the node is asked with each block.

use crate::{
	input::{Input, News},
	node::MarketNode,
};
use device_primitives::DeviceId;
use smart_agent_chain::{is_ahead, ChainError, Hash, Head, HeadEvent, Heads, LinkState};
use std::{
	future::Future,
	sync::Arc,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use storage_market_primitives::{OpenChallenge, Tick};
use tokio::{
	sync::{mpsc, watch},
	time::timeout,
};

/// How long a question may take,
const PATIENCE: Duration = Duration::from_secs(10);
/// and that about all slots: they may be tens of thousands.
const LONG_PATIENCE: Duration = Duration::from_secs(30);
/// For so long it is looked how fast blocks come that seem to be old.
const MEASURED: Duration = Duration::from_secs(60);
/// After so many blocks it is asked again which slots the device has,
const SLOTS_EVERY: u32 = 4;
/// and what it offers.
const OFFER_EVERY: u32 = 60;
/// Heads that are skipped at a time if they come faster than they are asked about.
const MAX_SKIPPED: usize = 256;
/// A node whose best block is so much older catches up: what it says of slots was so once.
const BEHIND: Duration = Duration::from_secs(600);

/// Watches the chain until nobody listens any more.
pub(super) async fn watch(node: Arc<dyn MarketNode>, device: DeviceId, told: mpsc::Sender<Input>) {
	let mut watcher = Watcher {
		heads: node.heads(),
		link: node.link(),
		node,
		device,
		told,
		since_slots: SLOTS_EVERY,
		since_offer: OFFER_EVERY,
		pace: Pace::default(),
		clock_ahead: false,
	};
	let _ = watcher.run().await;
	let _ = watcher.tell(News::Ended).await;
}

struct Watcher {
	node: Arc<dyn MarketNode>,
	device: DeviceId,
	heads: Heads,
	link: watch::Receiver<LinkState>,
	told: mpsc::Sender<Input>,
	/// Blocks since these were asked about.
	since_slots: u32,
	since_offer: u32,
	pace: Pace,
	/// Whether this machine's clock was told to be ahead.
	clock_ahead: bool,
}

/// Nobody listens.
struct Gone;

impl Watcher {
	async fn tell(&self, news: News) -> Result<(), Gone> {
		self.told.send(Input::Chain(news)).await.map_err(|_| Gone)
	}

	async fn run(&mut self) -> Result<(), Gone> {
		self.on_link().await?;
		loop {
			tokio::select! {
				changed = self.link.changed() => {
					changed.map_err(|_| Gone)?;
					self.on_link().await?;
				}
				event = self.heads.next() => self.on_heads(event.ok_or(Gone)?).await?,
			}
		}
	}

	async fn on_link(&mut self) -> Result<(), Gone> {
		let connected = self.link.borrow_and_update().is_connected();
		self.since_slots = SLOTS_EVERY;
		self.tell(News::Link(connected)).await
	}

	/// Of heads that have come meanwhile the last one counts.
	async fn on_heads(&mut self, first: HeadEvent) -> Result<(), Gone> {
		let (mut best, mut next) = (None, Some(first));
		for _ in 0..MAX_SKIPPED {
			match next {
				Some(HeadEvent::Best { head, abandoned, .. }) => {
					best = Some(head);
					if !abandoned.is_empty() {
						self.since_slots = SLOTS_EVERY;
					}
				}
				Some(HeadEvent::Final(_)) => (),
				None => break,
			}
			next = timeout(Duration::ZERO, self.heads.next()).await.ok().flatten();
		}
		match best {
			Some(head) => self.on_head(&head).await,
			None => Ok(()),
		}
	}

	async fn on_head(&mut self, head: &Head) -> Result<(), Gone> {
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
		let slot_ms = self.node.slot_ms();
		if is_ahead(head.slot, slot_ms, now) {
			return self
				.tell(News::Silent("it tells of a block from the future".into()))
				.await;
		}
		let is_old = Duration::from_millis(head.slot.saturating_mul(slot_ms)).saturating_add(BEHIND) < now;
		let is_live = is_old && self.pace.is_live(Instant::now(), head.slot, slot_ms);
		if !is_old {
			self.pace = Pace::default();
		}
		if is_live != self.clock_ahead {
			self.clock_ahead = is_live;
			self.tell(News::Clock(is_live)).await?;
		}
		if is_old && !is_live {
			return self
				.tell(News::Silent("it catches up, and tells of blocks that are old".into()))
				.await;
		}
		let Some((tick, asked)) = self
			.asking(PATIENCE, challenges(&*self.node, &self.device, head.hash))
			.await?
		else {
			return Ok(());
		};
		// Challenges wait for nothing else: all slots may be many, and an offer may be of a runtime of another time.
		let news = |slots| News::Head {
			tick,
			slots,
			asked: asked.clone(),
		};
		self.tell(news(None)).await?;
		self.since_offer = self.since_offer.saturating_add(1);
		self.since_slots = self.since_slots.saturating_add(1);
		if self.since_offer > OFFER_EVERY {
			let asking = self.asking(PATIENCE, self.node.offer(&self.device, head.hash)).await?;
			if let Some(offer) = asking {
				self.since_offer = 1;
				self.tell(News::Offer(offer.map(Box::new))).await?;
			}
		}
		if self.since_slots > SLOTS_EVERY {
			let asking = self
				.asking(LONG_PATIENCE, self.node.slots(&self.device, head.hash))
				.await?;
			if let Some(slots) = asking {
				self.since_slots = 1;
				self.tell(news(Some(slots))).await?;
			}
		}
		Ok(())
	}

	/// What a question comes to; none if it came to nothing, which is told.
	async fn asking<T>(
		&self,
		patience: Duration,
		question: impl Future<Output = Result<T, ChainError>> + Send,
	) -> Result<Option<T>, Gone> {
		let why = match timeout(patience, question).await {
			Ok(Ok(found)) => return Ok(Some(found)),
			Ok(Err(error)) => error.to_string(),
			Err(_) => format!("it did not answer in {} s", patience.as_secs()),
		};
		self.tell(News::Silent(why)).await?;
		Ok(None)
	}
}

/// The markets' clock, and challenges that are open.
async fn challenges(
	node: &dyn MarketNode,
	device: &DeviceId,
	at: Hash,
) -> Result<(Tick, Vec<OpenChallenge>), ChainError> {
	Ok((node.tick(at).await?, node.challenges(device, at).await?))
}

/// How fast blocks come that seem to be old. A node that catches up tells of many at once; if they come as time passes,
/// this machine's clock is ahead, and not the node behind.
#[derive(Default)]
struct Pace {
	since: Option<(Instant, u64)>,
	is_live: bool,
}

impl Pace {
	/// Whether blocks of the last whole [`MEASURED`] came as time passed.
	fn is_live(&mut self, now: Instant, slot: u64, slot_ms: u64) -> bool {
		let (since, first) = *self.since.get_or_insert((now, slot));
		let passed = now.saturating_duration_since(since);
		if passed >= MEASURED {
			let came = Duration::from_millis(slot.saturating_sub(first).saturating_mul(slot_ms));
			self.is_live = came.saturating_mul(2) >= passed && came <= passed.saturating_mul(2);
			self.since = Some((now, slot));
		}
		self.is_live
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The pace of a node whose blocks come so fast, in thousandths of time, over so many seconds.
	fn pace(per_mille: u64, seconds: u64) -> bool {
		let (mut pace, begun) = (Pace::default(), Instant::now());
		let mut live = false;
		for second in 0..=seconds {
			let slot = 1_000 + second * 2 * per_mille / 1_000;
			live = pace.is_live(begun + Duration::from_secs(second), slot, 500);
		}
		live
	}

	#[test]
	fn a_clock_that_is_ahead_is_told_from_a_node_that_is_behind() {
		assert!(pace(1_000, 120), "blocks come as time passes");
		assert!(pace(700, 120), "and some slots are empty");
		assert!(!pace(1_000, 20), "nobody knows yet");
		assert!(!pace(50_000, 600), "it catches up");
		assert!(!pace(0, 600), "it stands");
		// One that was live, stood for an hour, and catches up.
		let (mut pace, begun) = (Pace::default(), Instant::now());
		let at = |second: u64| begun + Duration::from_secs(second);
		assert!(!pace.is_live(at(0), 1_000, 500));
		assert!(pace.is_live(at(60), 1_120, 500));
		assert!(!pace.is_live(at(3_660), 1_200, 500));
	}
}
