//! What the node is asked, and what it is sent.

use super::{
	input::{Input, News, Sent},
	LOG_TARGET,
};
use device_primitives::DeviceId;
use proof_lottery_primitives::{LotterySignature, Pulse, Resource, SegmentWin};
use smart_agent_chain::{
	is_ahead, Head, HeadEvent, Heads, LinkState, Node, Outcome as Came, Receipt, Refusal as Said, Submitted, Win,
};
use smartchain_provider::{Answer, Body, Key, Outcome, Refusal, Unit};
use std::{
	collections::VecDeque,
	sync::Arc,
	time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
	sync::{mpsc, watch},
	time::timeout,
};

/// How long a question may take: what is known of a block later is of no use.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many slots after it was asked about last, the device is asked about again, even if no round was opened.
const ASK_AGAIN: u64 = 20;
/// And what is registered of it.
const REGISTERED_AGAIN: u64 = 240;
/// Rounds that are remembered, to see which are new.
const SEEN: usize = 16;
/// Heads that are skipped at a time if they come faster than they are asked about.
const MAX_SKIPPED: usize = 256;

/// Watches the chain until nobody listens any more.
pub(super) async fn watch(node: Arc<dyn Node>, device: DeviceId, told: mpsc::Sender<Input>) {
	let mut watcher = Watcher {
		heads: node.heads(),
		link: node.link(),
		node,
		device,
		told,
		seen: VecDeque::new(),
		known: None,
		asked: None,
		registered: None,
		linked: None,
	};
	let _ = watcher.run().await;
	let _ = watcher.tell(News::Ended).await;
}

struct Watcher {
	node: Arc<dyn Node>,
	device: DeviceId,
	heads: Heads,
	link: watch::Receiver<LinkState>,
	told: mpsc::Sender<Input>,
	seen: VecDeque<(Resource, [u8; 32])>,
	/// Whether the chain knew the device when it was asked about last.
	known: Option<bool>,
	/// The slots in which the device was asked about last.
	asked: Option<u64>,
	registered: Option<u64>,
	/// The link as it was told last.
	linked: Option<LinkState>,
}

/// What was between two states of a link, if that was not seen.
fn between(before: Option<&LinkState>, now: &LinkState) -> Option<LinkState> {
	match (before, now) {
		(Some(LinkState::Connected { since: before, .. }), LinkState::Connected { since, .. }) if before != since => {
			Some(LinkState::Lost {
				since: *since,
				why: "the connection was lost for a moment".into(),
			})
		}
		_ => None,
	}
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

	/// The link shows its last state alone: that a node was lost and is back has to be told as two, for what its pool
	/// had may be gone with it.
	async fn on_link(&mut self) -> Result<(), Gone> {
		let link = self.link.borrow_and_update().clone();
		if let Some(lost) = between(self.linked.as_ref(), &link) {
			self.tell(News::Link(lost)).await?;
		}
		self.linked = Some(link.clone());
		self.tell(News::Link(link)).await
	}

	/// Of heads that have come meanwhile the last one counts.
	async fn on_heads(&mut self, first: HeadEvent) -> Result<(), Gone> {
		let (mut best, mut gone, mut last_final) = (None, Vec::new(), None);
		let mut next = Some(first);
		for _ in 0..MAX_SKIPPED {
			match next {
				Some(HeadEvent::Best { head, abandoned, .. }) => {
					best = Some(head);
					gone.extend(abandoned.iter().map(|block| block.hash.0));
				}
				Some(HeadEvent::Final(head)) => last_final = Some(head.number),
				None => break,
			}
			next = timeout(Duration::ZERO, self.heads.next()).await.ok().flatten();
		}
		if let Some(number) = last_final {
			self.tell(News::Final(number)).await?;
		}
		match best {
			Some(head) => self.on_head(head, gone).await,
			None => Ok(()),
		}
	}

	async fn on_head(&mut self, head: Head, abandoned: Vec<[u8; 32]>) -> Result<(), Gone> {
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
		if is_ahead(head.slot, self.node.slot_ms(), now) {
			// Before anything is asked there: not even the time of an answer is believed.
			return self.tell(News::Future(abandoned)).await;
		}
		let rounds = match timeout(PATIENCE, self.node.open_rounds(head.hash)).await {
			Ok(Ok(rounds)) => rounds,
			Ok(Err(error)) => return self.tell(News::Silent(error.to_string())).await,
			Err(_) => return self.tell(News::Silent("it did not answer in 5 s".into())).await,
		};
		let keys = rounds.iter().map(|open| (open.resource, open.challenge));
		let new: Vec<_> = keys.filter(|key| !self.seen.contains(key)).take(SEEN).collect();
		let again = self.asked.is_none_or(|asked| head.slot.abs_diff(asked) >= ASK_AGAIN);
		if again || !new.is_empty() {
			// Before the head: a round is judged by the claim that it was opened under.
			self.ask(&head).await?;
		}
		self.seen.extend(new);
		while self.seen.len() > SEEN {
			self.seen.pop_front();
		}
		self.tell(News::Head {
			head,
			rounds,
			abandoned,
		})
		.await
	}

	async fn ask(&mut self, head: &Head) -> Result<(), Gone> {
		match timeout(PATIENCE, self.node.device_proofs(&self.device, head.hash)).await {
			Ok(Ok(proofs)) => {
				self.asked = Some(head.slot);
				let is_known = Some(proofs.is_some());
				if std::mem::replace(&mut self.known, is_known) != is_known {
					// It was registered or retired meanwhile: what became of it is asked at once.
					self.registered = None;
				}
				let proofs = proofs.map(Box::new);
				self.tell(News::Device { at: head.slot, proofs }).await?;
			}
			Ok(Err(error)) => return self.tell(News::Silent(error.to_string())).await,
			Err(_) => return self.tell(News::Silent("it did not answer in 5 s".into())).await,
		}
		if self
			.registered
			.is_some_and(|slot| head.slot.abs_diff(slot) < REGISTERED_AGAIN)
		{
			return Ok(());
		}
		if let Ok(Ok(device)) = timeout(PATIENCE, self.node.device(&self.device, head.hash)).await {
			self.registered = Some(head.slot);
			let used = match device {
				Some(_) => None,
				// That it is not known now makes no other answer wait.
				None => timeout(PATIENCE, self.node.key_use(&self.device, head.hash))
					.await
					.ok()
					.and_then(Result::ok)
					.flatten(),
			};
			self.tell(News::Registered(device.map(Box::new), used)).await?;
		}
		Ok(())
	}
}

/// An answer as the chain takes it; none if it is none, which does not happen.
pub(super) fn win_of(device: DeviceId, answer: &Answer) -> Option<Win> {
	let round = answer.key.round;
	match (&answer.key.unit, &answer.body) {
		(Unit::Find { group, .. }, Body::Space { proof }) => Some(Win::Space {
			device,
			round,
			group: *group,
			proof: proof.clone(),
		}),
		(Unit::Segment(segment), Body::Compute { signature }) => Some(Win::Compute {
			win: SegmentWin {
				device: device.0,
				window: round,
				segment: *segment,
			},
			signature: LotterySignature::from(sp_core::sr25519::Signature::from_raw(*signature)),
		}),
		(Unit::Presence, Body::Uptime { pre_output, proof }) => Some(Win::Uptime(Pulse {
			device: device.0,
			round,
			pre_output: *pre_output,
			proof: *proof,
		})),
		_ => None,
	}
}

/// Sends an answer, and tells what becomes of it.
pub(super) async fn submit(node: Arc<dyn Node>, win: Win, key: Key, until: u64, told: mpsc::Sender<Input>) {
	let tell = |outcome, why| {
		let sent = Sent {
			key,
			outcome,
			block: None,
			why,
		};
		told.send(Input::Sent(sent))
	};
	let submitted = timeout(PATIENCE, node.submit(&win)).await;
	let receipt = match submitted {
		Ok(Ok(Submitted::Accepted(receipt) | Submitted::Already(receipt))) => receipt,
		Ok(Ok(Submitted::Refused(said))) => {
			let _ = tell(Outcome::Refused(refusal(&said)), Some(said.to_string())).await;
			return;
		}
		Ok(Err(error)) => {
			let _ = tell(Outcome::Refused(Refusal::Unreachable), Some(error.to_string())).await;
			return;
		}
		Err(_) => {
			let why = "the node did not answer in 5 s".into();
			let _ = tell(Outcome::Refused(Refusal::Unreachable), Some(why)).await;
			return;
		}
	};
	if tell(Outcome::Pooled, None).await.is_ok() {
		follow(node, receipt, key, until, told).await;
	}
}

/// Waits until a block has an answer, and tells it.
pub(super) async fn follow(node: Arc<dyn Node>, receipt: Receipt, key: Key, until: u64, told: mpsc::Sender<Input>) {
	let (outcome, block, why) = match node.outcome(&receipt, until).await {
		Ok(Came::InBlock { number, hash, .. }) => (Outcome::Included, Some((number, hash.0, receipt)), None),
		Ok(Came::Failed { why, .. }) => (Outcome::Refused(Refusal::Failed), None, Some(why)),
		Ok(Came::NotUntil { .. }) => (Outcome::Dropped, None, None),
		// The node was lost: when it is back, the answer is sent again.
		Err(error) => {
			tracing::debug!(target: LOG_TARGET, "What became of an answer is not known: {error}");
			return;
		}
	};
	let sent = Sent {
		key,
		outcome,
		block,
		why,
	};
	let _ = told.send(Input::Sent(sent)).await;
}

fn refusal(said: &Said) -> Refusal {
	match said {
		Said::Exhausted | Said::PoolFull => Refusal::Full,
		Said::Ahead => Refusal::Ahead,
		Said::Stale => Refusal::Stale,
		Said::BadProof | Said::NotMade => Refusal::BadProof,
		Said::BadSigner => Refusal::NotEntitled,
		Said::Call => Refusal::Call,
		Said::Payment => Refusal::Payment,
		Said::Banned => Refusal::Banned,
		Said::Future | Said::LowPriority => Refusal::Order,
		Said::Custom(code) => Refusal::Custom(*code),
		// A win has no such time: what the node said is told in its own words.
		Said::Ancient | Said::Other(_) => Refusal::Other,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_node_that_was_lost_unseen_is_told_as_lost() {
		let of = |seconds| LinkState::Connected {
			url: "ws://127.0.0.1:1".parse().unwrap(),
			since: UNIX_EPOCH + Duration::from_secs(seconds),
		};
		assert!(between(None, &of(1)).is_none() && between(Some(&of(1)), &of(1)).is_none());
		let lost = between(Some(&of(1)), &of(2)).unwrap();
		assert!(!lost.is_connected());
		assert!(between(Some(&lost), &of(2)).is_none() && between(Some(&of(2)), &lost).is_none());
	}

	#[test]
	fn each_refusal_that_is_known_has_a_name_and_a_remedy() {
		for (said, told) in [
			(Said::Call, Refusal::Call),
			(Said::Payment, Refusal::Payment),
			(Said::Banned, Refusal::Banned),
			(Said::Future, Refusal::Order),
			(Said::LowPriority, Refusal::Order),
			(Said::Custom(7), Refusal::Custom(7)),
		] {
			assert_eq!(refusal(&said), told);
			let text = told.to_string();
			assert!(!told.to_string().starts_with("for a reason"), "{text}");
			assert!(text.contains(": look ") || text.contains(": use "), "{text}");
		}
		assert_eq!(refusal(&Said::Other("of its own".into())), Refusal::Other);
		assert!(Refusal::Other.has_words() && Refusal::Custom(7).has_words() && !Refusal::Banned.has_words());
	}
}
