//! A tower: it watches channels of others, without a key of theirs, and answers when a partner closes on an old state.

use super::{Daemon, TICK};
use channel_primitives::{
	Account, Balance, ChannelId, ChannelKey, ChannelSignature, Dispute, Hash, LockId, Locks, Payload, PerSide,
	PredicateId, Receipt, Reveal, Side, Signed, Tick, WatchV1, DAY,
};
use codec::{Decode, DecodeAll, Encode};
use smart_pay_chain::{Ledger, Submission};
use smart_pay_frames::wire::{Frame, NodeKey};
use smart_pay_store::{verify, KeyOf};
use smartchain_channel::{watch, Answer, Block, Call, Checks, Fact, Guard, Seen};
use std::{
	collections::{BTreeMap, BTreeSet},
	path::{Path, PathBuf},
};

/// The folder of what is watched, in the data folder.
const FOLDER: &str = "watched";
/// Channels that are watched at most.
const MOST: usize = 100_000;
/// Guards of one of them.
const MOST_GUARDS: usize = 64;
/// What may count under later keys, of one of them: each side may take one.
const MOST_NEXT: usize = 4;
/// For how long a receipt stands, in ticks: it is renewed with each half.
const RECEIPT_TICKS: Tick = 30 * DAY;
/// So long before its expiry a lock is shown to the chain, in ticks.
const GUARD_BEFORE: Tick = 60;
/// The number of the key of receipts among those with our own account.
const RECEIPT_KEY: u32 = u32::MAX;

/// What conditions ask. Predicates are looked at by the chain alone.
struct Facts {
	genesis: Hash,
	now: Tick,
}

impl channel_primitives::Facts for Facts {
	fn genesis(&self) -> Hash {
		self.genesis
	}

	fn tick(&self) -> Tick {
		self.now
	}

	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		verify(key, payload, signature)
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}
}

/// What is kept of a side that is watched.
#[derive(Clone, Debug, Encode, Decode)]
struct Watched {
	/// Whose node gave it.
	node: NodeKey,
	watch: WatchV1,
	guards: BTreeMap<LockId, Guard>,
	/// What counts under keys that are not in force, and may be: it cannot be looked at before they are.
	next: Vec<WatchV1>,
}

/// All that is watched.
pub(super) struct Watcher {
	folder: PathBuf,
	all: BTreeMap<(ChannelId, Side), Watched>,
	/// Closes that were seen, until they are settled.
	seen: BTreeMap<(ChannelId, Side), Seen>,
	/// What was shown to the chain since the start.
	shown: BTreeMap<(ChannelId, Side), Shown>,
}

/// What was shown to the chain for one side, at the tower's cost: as many conditions in the time of a receipt as a half
/// has locks. Who is not paid for more than that closes the channel; and who has a channel with itself could have its
/// own locks shown without end.
#[derive(Default)]
struct Shown {
	since: Tick,
	conditions: BTreeSet<Hash>,
}

impl Shown {
	/// Whether this one may be shown as well.
	fn may(&mut self, condition: Hash, now: Tick) -> bool {
		if now > self.since.saturating_add(RECEIPT_TICKS) {
			*self = Self {
				since: now,
				conditions: BTreeSet::new(),
			};
		}
		self.conditions.contains(&condition)
			|| (self.conditions.len() < MOST_GUARDS && self.conditions.insert(condition))
	}
}

impl Watcher {
	/// With what was kept.
	pub fn load(data: &Path) -> Self {
		let folder = data.join(FOLDER);
		let mut all = BTreeMap::new();
		for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten().take(MOST) {
			let read = std::fs::read(entry.path()).ok();
			let watched = read.and_then(|bytes| Watched::decode_all(&mut &bytes[..]).ok());
			if let Some(watched) = watched {
				let context = watched.watch.context;
				all.insert((context.channel, context.side), watched);
			}
		}
		Self {
			folder,
			all,
			seen: BTreeMap::new(),
			shown: BTreeMap::new(),
		}
	}

	/// The channels that are watched.
	pub fn channels(&self) -> Vec<ChannelId> {
		self.all.keys().map(|(id, _)| *id).collect()
	}

	/// Whether one is.
	pub fn watches(&self, channel: ChannelId) -> bool {
		Side::ALL
			.into_iter()
			.any(|side| self.all.contains_key(&(channel, side)))
	}

	/// How many are.
	pub fn len(&self) -> usize {
		self.all.len()
	}

	fn file(&self, (channel, side): (ChannelId, Side)) -> PathBuf {
		let side = if side == Side::Low { "low" } else { "high" };
		self.folder.join(format!("{channel}-{side}"))
	}

	/// Keeps one, durably.
	fn keep(&mut self, watched: Watched) -> Result<(), String> {
		let context = watched.watch.context;
		let key = (context.channel, context.side);
		smart_agent_keys::create_folder(&self.folder).map_err(|error| error.to_string())?;
		smart_agent_keys::replace(&self.file(key), &watched.encode()).map_err(|error| error.to_string())?;
		self.all.insert(key, watched);
		Ok(())
	}

	fn forget(&mut self, channel: ChannelId) {
		for side in Side::ALL {
			if self.all.remove(&(channel, side)).is_some() {
				let _ = std::fs::remove_file(self.file((channel, side)));
			}
			self.seen.remove(&(channel, side));
			self.shown.remove(&(channel, side));
		}
	}

	/// What a node has given of a channel.
	fn of(&mut self, node: NodeKey, channel: ChannelId) -> Option<&mut Watched> {
		let sides = (channel, Side::Low)..=(channel, Side::High);
		let mut kept = self.all.range_mut(sides).map(|(_, watched)| watched);
		kept.find(|watched| watched.node == node)
	}

	/// Whether a node has given something of this side.
	fn has(&self, node: &NodeKey, key: (ChannelId, Side)) -> bool {
		self.all.get(&key).is_some_and(|kept| kept.node == *node)
	}

	/// The keys of a channel, as they are now: what counts under them takes the place of what did.
	fn rekeyed(&mut self, channel: ChannelId, keys: &PerSide<ChannelKey>) {
		for side in Side::ALL {
			let Some(watched) = self.all.get(&(channel, side)) else {
				continue;
			};
			if watched.watch.check(keys, &verify).is_ok() {
				continue;
			}
			let fits = watched.next.iter().rev().find(|next| next.check(keys, &verify).is_ok());
			let Some(watch) = fits.cloned() else {
				tracing::warn!("Channel {channel}: a side has another key, and nothing that counts under it was given");
				continue;
			};
			let watched = Watched {
				watch,
				next: Vec::new(),
				..watched.clone()
			};
			if let Err(why) = self.keep(watched) {
				tracing::error!("A channel is not watched under its new key: {why}");
			}
		}
	}

	/// Keeps what may count under a later key, of a side that is watched. Whether there is one.
	fn keep_for_later(&mut self, given: WatchV1) -> bool {
		let Some(watched) = self.all.get(&(given.context.channel, given.context.side)) else {
			return false;
		};
		if watched.next.contains(&given) {
			return true;
		}
		let mut watched = watched.clone();
		if watched.next.len() >= MOST_NEXT {
			watched.next.remove(0);
		}
		watched.next.push(given);
		self.keep(watched).is_ok()
	}

	/// What is newer than what is kept, from whose node it is.
	fn is_newer(&self, node: NodeKey, watch: &WatchV1) -> bool {
		let kept = self.all.get(&(watch.context.channel, watch.context.side));
		match kept {
			None => self.all.len() < MOST,
			Some(kept) => kept.node == node && kept.watch.half.body.nonce <= watch.half.body.nonce,
		}
	}
}

/// Which key an account's receipts are signed by.
pub(super) fn receipt_key_of(account: &Account) -> KeyOf {
	KeyOf {
		partner: *account,
		number: RECEIPT_KEY,
	}
}

impl<L: Ledger> Daemon<L> {
	/// The key of this program's receipts.
	pub(super) fn receipt_key(&self) -> KeyOf {
		receipt_key_of(&self.account)
	}

	/// Somebody wants a side watched. It gets a receipt once that is durable.
	pub(super) async fn on_watch(&mut self, node: NodeKey, given: WatchV1) {
		if !self.config.tower.serve || !self.tower.is_newer(node, &given) {
			self.counts.refused += 1;
			return;
		}
		let id = given.context.channel;
		// The chain is asked about it, whatever it is.
		let known = self.tower.has(&node, (id, given.context.side));
		if !known && !self.may_ask(&node) {
			return;
		}
		let (Some(chain), Some(mark)) = (&self.chain, self.mark.filter(|_| self.told_at.is_some())) else {
			return;
		};
		let ledger = chain.ledger.clone();
		let Ok(Some(state)) = ledger.channel(id, mark.hash).await else {
			self.counts.refused += 1;
			return;
		};
		let is_ours = given.context.genesis == self.genesis && given.context.asset == state.asset;
		if !is_ours {
			self.counts.refused += 1;
			return;
		}
		if given.check(&state.keys, &verify).is_err() {
			if !self.tower.keep_for_later(given) {
				self.counts.refused += 1;
			}
			return;
		}
		let side = given.context.side;
		let kept = self.tower.all.get(&(id, side));
		let (guards, next) = kept
			.map(|kept| (kept.guards.clone(), kept.next.clone()))
			.unwrap_or_default();
		let is_kept = kept.is_some_and(|kept| kept.watch == given);
		let (context, nonce) = (given.context, given.half.body.nonce);
		let watched = Watched {
			node,
			watch: given,
			guards,
			next,
		};
		if !is_kept {
			if let Err(why) = self.tower.keep(watched) {
				tracing::error!("A channel is not watched: {why}");
				return;
			}
		}
		self.interest.add(id);
		let body = Receipt {
			side,
			nonce,
			until: self.now().saturating_add(RECEIPT_TICKS),
			cover: Balance::from(self.config.tower.cover),
		};
		let signature = self.keys.channel(&self.receipt_key()).sign(&body.payload(&context));
		self.wire.send(node, Frame::Receipt(id, Signed { body, signature }));
	}

	/// What shows a lock to be met is kept if it does, and if the lock is one of the half that is watched: what is
	/// false, or of nothing, would be brought to the chain at our cost.
	pub(super) fn on_guard(&mut self, node: NodeKey, channel: ChannelId, guard: Guard) {
		let now = self.now();
		let facts = Facts {
			genesis: self.genesis,
			now,
		};
		let is_true = guard.lock.condition == guard.condition.hash()
			&& guard.lock.expiry >= now
			&& guard.condition.met(&guard.witness, &facts).is_ok();
		let found = self.tower.of(node, channel);
		let found = found.filter(|kept| is_true && kept.watch.locks.as_slice().contains(&guard.lock));
		let Some(watched) = found else {
			self.counts.refused += 1;
			return;
		};
		// It is said again and again until it is paid.
		if watched.guards.get(&guard.lock.id) == Some(&guard) {
			return;
		}
		// Whoever does not say that one is paid, or is not heard, has no less room for others.
		watched.guards.retain(|_, kept| kept.lock.expiry >= now);
		if watched.guards.len() >= MOST_GUARDS {
			self.counts.refused += 1;
			return;
		}
		watched.guards.insert(guard.lock.id, guard);
		let watched = watched.clone();
		if let Err(why) = self.tower.keep(watched) {
			tracing::error!("Channel {channel}: what shows a lock to be met is not kept: {why}");
		}
	}

	/// It is written with the next half, and until then at worst shown once more after a restart.
	pub(super) fn on_unguard(&mut self, node: NodeKey, channel: ChannelId, lock: LockId) {
		if let Some(watched) = self.tower.of(node, channel) {
			watched.guards.remove(&lock);
		}
	}

	/// A close of a channel that is watched, in whatever block.
	pub(super) async fn watched(&mut self, channel: ChannelId, dispute: &Dispute, claim_locks: Option<&Locks>) {
		if !self.tower.watches(channel) {
			return;
		}
		for side in Side::ALL {
			let key = (channel, side);
			if !self.tower.all.contains_key(&key) {
				continue;
			}
			let before = self.tower.seen.get(&key).and_then(|seen| seen.claim_locks.clone());
			let seen = Seen {
				dispute: dispute.clone(),
				claim_locks: claim_locks.cloned().or(before),
			};
			self.tower.seen.insert(key, seen);
			self.answer_close(key).await;
		}
	}

	/// Brings what answers a close.
	async fn answer_close(&mut self, key: (ChannelId, Side)) {
		let (Some(watched), Some(seen)) = (self.tower.all.get(&key).cloned(), self.tower.seen.get(&key).cloned())
		else {
			return;
		};
		let claimed = seen.claim_locks.iter().flat_map(Locks::as_slice);
		let locks = watched.watch.locks.as_slice().iter().chain(claimed);
		let conditions: Vec<Hash> = locks.map(|lock| lock.condition).collect();
		// What is not known counts as not met: the proof is made again when it is.
		let _ = self.learn(conditions).await;
		let reveal = |condition: &Hash| -> Option<Reveal> { self.known.revealed(condition) };
		let answers = watch(&watched.watch, &seen, &reveal, self.now());
		let Some(chain) = &self.chain else {
			return;
		};
		for answer in answers {
			let (half, submit) = (watched.watch.half, watched.watch.submit);
			let call = match answer {
				Answer::Update => Call::Update { half, submit },
				Answer::Prove => Call::Prove {
					half,
					half_locks: watched.watch.locks.clone(),
					claim_locks: seen.claim_locks.clone(),
					submit,
				},
				Answer::Settle => Call::Settle,
				// That is the side's own to bring.
				Answer::Resync(_) => continue,
			};
			tracing::info!("Channel {}: the tower brings {answer:?} to the chain", key.0);
			chain.submitter.submit(Submission {
				channel: key.0,
				side: key.1,
				call,
			});
		}
	}

	/// What a final block says of channels that are watched.
	pub(super) async fn watch_facts(&mut self, block: &Block) {
		for fact in &block.facts {
			match fact {
				Fact::Closing {
					channel,
					dispute,
					claim_locks,
				} => self.watched(*channel, dispute, claim_locks.as_ref()).await,
				Fact::Open { channel } => {
					for side in Side::ALL {
						self.tower.seen.remove(&(*channel, side));
					}
				}
				Fact::Settled { channel, .. } | Fact::Gone { channel } => self.tower.forget(*channel),
				Fact::Keys { channel, keys } => self.tower.rekeyed(*channel, keys),
				Fact::Opened(_) | Fact::Stake { .. } | Fact::Revealed { .. } => (),
			}
		}
	}

	/// Once a second: closes are answered again, and locks are shown that expire soon and are not paid.
	pub(super) async fn guard(&mut self) {
		let open: Vec<(ChannelId, Side)> = self.tower.seen.keys().copied().collect();
		for key in open {
			self.answer_close(key).await;
		}
		let now = self.now();
		let mut due = Vec::new();
		for ((channel, side), watched) in &self.tower.all {
			for guard in watched.guards.values() {
				let soon = now.saturating_add(GUARD_BEFORE) >= guard.lock.expiry && now <= guard.lock.expiry;
				// It may be paid since.
				if soon && watched.watch.locks.as_slice().contains(&guard.lock) {
					due.push((*channel, *side, guard.clone()));
				}
			}
		}
		for (channel, side, guard) in due {
			let hash = guard.condition.hash();
			if self.learn(vec![hash]).await.is_err() || self.known.revealed(&hash).is_some() {
				continue;
			}
			if !self.tower.shown.entry((channel, side)).or_default().may(hash, now) {
				tracing::debug!("Channel {channel}: no more is shown for this side, whose locks are many");
				continue;
			}
			if let Some(chain) = &self.chain {
				tracing::info!(
					"Channel {channel}: the tower shows lock {}, which expires soon",
					guard.lock.id
				);
				let call = Call::Resolve {
					condition: guard.condition,
					witness: guard.witness,
				};
				let submission = Submission { channel, side, call };
				chain.submitter.submit_for(submission, guard.lock.amount);
			}
		}
	}

	/// For how long a number of ticks lasts, if none is left out, in seconds.
	pub(super) fn seconds(ticks: Tick) -> u64 {
		TICK.saturating_mul(ticks).as_secs()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_thief_with_a_channel_of_its_own_drains_no_tower() {
		let condition = |number: u16| -> Hash {
			let mut hash = [0; 32];
			hash[..2].copy_from_slice(&number.to_le_bytes());
			hash
		};
		let (mut shown, now) = (Shown::default(), 10 * RECEIPT_TICKS);
		let first = (0..1_000).filter(|number| shown.may(condition(*number), now)).count();
		assert_eq!(first, MOST_GUARDS);
		let again = shown.may(condition(0), now + 1);
		assert!(again, "what is not in a block yet is brought again");
		assert!(!shown.may(condition(1_000), now + RECEIPT_TICKS));
		assert!(shown.may(condition(1_000), now + RECEIPT_TICKS + 1));
	}
}
