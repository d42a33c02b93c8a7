//! What the node is asked with each block.

use crate::{
	edge::Input,
	node::{MarketNode, OfferView},
};
use device_primitives::DeviceId;
use smart_agent_chain::{is_ahead, Head, HeadEvent, Heads, LinkState};
use std::{
	sync::Arc,
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use storage_market_primitives::{OpenChallenge, SlotOfDevice, Tick};
use tokio::{
	sync::{mpsc, watch},
	time::timeout,
};

/// How long a question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so many blocks it is asked again which slots the device has,
const SLOTS_EVERY: u32 = 4;
/// and what it offers.
const OFFER_EVERY: u32 = 60;
/// Heads that are skipped at a time if they come faster than they are asked about.
const MAX_SKIPPED: usize = 256;
/// A node whose best block is so much older catches up: what it says of slots was so once.
const BEHIND: Duration = Duration::from_secs(600);

/// What the chain tells.
pub(crate) enum News {
	/// The best block.
	Head {
		/// The markets' clock there.
		tick: Tick,
		/// All slots of the device, if that was asked.
		slots: Option<Vec<SlotOfDevice>>,
		/// Challenges that it can answer.
		asked: Vec<OpenChallenge>,
	},
	/// What the device offers.
	Offer(Option<Box<OfferView>>),
	/// The node is reached, or not any more.
	Link(bool),
	/// A question had no answer, or the node is behind.
	Silent(String),
	/// Nothing comes any more.
	Ended,
}

/// Watches the chain until nobody listens any more.
pub(crate) async fn watch(node: Arc<dyn MarketNode>, device: DeviceId, told: mpsc::Sender<Input>) {
	let mut watcher = Watcher {
		heads: node.heads(),
		link: node.link(),
		node,
		device,
		told,
		since_slots: SLOTS_EVERY,
		since_offer: OFFER_EVERY,
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
		if Duration::from_millis(head.slot.saturating_mul(slot_ms)).saturating_add(BEHIND) < now {
			return self
				.tell(News::Silent("it catches up, and tells of blocks that are old".into()))
				.await;
		}
		match timeout(PATIENCE, self.ask(head)).await {
			Ok(Ok((news, offer))) => {
				if let Some(offer) = offer {
					self.tell(News::Offer(offer.map(Box::new))).await?;
				}
				self.tell(news).await
			}
			Ok(Err(why)) => self.tell(News::Silent(why)).await,
			Err(_) => self.tell(News::Silent("it did not answer in 10 s".into())).await,
		}
	}

	async fn ask(&mut self, head: &Head) -> Result<(News, Option<Option<OfferView>>), String> {
		let (node, at) = (&self.node, head.hash);
		let said = |error: smart_agent_chain::ChainError| error.to_string();
		let tick = node.tick(at).await.map_err(said)?;
		let asked = node.challenges(&self.device, at).await.map_err(said)?;
		let offer = match self.since_offer >= OFFER_EVERY {
			true => Some(node.offer(&self.device, at).await.map_err(said)?),
			false => None,
		};
		let slots = match self.since_slots >= SLOTS_EVERY {
			true => Some(node.slots(&self.device, at).await.map_err(said)?),
			false => None,
		};
		self.since_offer = match &offer {
			Some(_) => 1,
			None => self.since_offer.saturating_add(1),
		};
		self.since_slots = match &slots {
			Some(_) => 1,
			None => self.since_slots.saturating_add(1),
		};
		Ok((News::Head { tick, slots, asked }, offer))
	}
}
