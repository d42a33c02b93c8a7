//! Tells every final block in order, with all that it says of our channels.

use crate::{
	error::LedgerError,
	events::Event,
	ledger::{Ledger, News, Spot},
	LOG_TARGET,
};
use channel_primitives::{Account, ChannelId, ChannelState, Context, Dispute, Hash, Locks, Side, Stage, Terms, Tick};
use codec::{Decode, Encode};
use smartchain_channel::{Block, Fact, Opened};
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use tokio::{sync::mpsc, time::sleep};

/// How many blocks are told one after the other; whoever is farther behind is told a jump.
pub const MOST_BEHIND: u32 = 1_024;
/// So many blocks after a node did not know a channel it is asked once more. A channel that is told to be gone is
/// forgotten with all that was signed in it.
pub const DOUBT: u32 = 4;
/// How long is waited after a trouble.
const PAUSE: Duration = Duration::from_secs(1);

/// The last final block that was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Mark {
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: Hash,
	/// Its tick.
	pub tick: Tick,
	/// The number of the newest channel there.
	pub last_id: ChannelId,
}

/// A final block, as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
	/// What is stored with what comes of it.
	pub mark: Mark,
	/// The block.
	pub block: Block,
	/// Whether blocks were passed over: conditions that somebody waits for are to be asked about.
	pub jumped: bool,
	/// How many blocks were final already that are told after this one: its tick is as old as they are many.
	pub left: u32,
}

/// Why nothing is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
	/// The node is behind what was told.
	#[error(
		"the node's last final block is {node} and this program knows {known}: wait until it is in sync, or name \
		 another"
	)]
	Behind {
		/// The node's.
		node: u32,
		/// Ours.
		known: u32,
	},
	/// What was told is not what the node has.
	#[error(
		"the node has another final block {0} than was told before: it lies or is of another chain; name one \
		 that you trust"
	)]
	OtherChain(u32),
	/// The node does not answer as it should.
	#[error("{0}")]
	Ledger(#[from] LedgerError),
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tale {
	/// A final block.
	Final(Told),
	/// A close in a block that is not final.
	Best {
		/// The channel.
		channel: ChannelId,
		/// How it stands.
		dispute: Dispute,
		/// The locks of the claim, if they are known.
		claim_locks: Option<Locks>,
	},
	/// Nothing is told for now.
	Trouble(Trouble),
}

/// The channels that are told of. Cheap to clone; clones are one.
#[derive(Clone, Debug, Default)]
pub struct Interest(Arc<Mutex<BTreeSet<ChannelId>>>);

impl Interest {
	/// These channels.
	pub fn new(channels: impl IntoIterator<Item = ChannelId>) -> Self {
		Self(Arc::new(Mutex::new(channels.into_iter().collect())))
	}

	fn set(&self) -> MutexGuard<'_, BTreeSet<ChannelId>> {
		self.0.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// One more.
	pub fn add(&self, channel: ChannelId) {
		self.set().insert(channel);
	}

	/// Nobody wants to know of it any more.
	pub fn remove(&self, channel: ChannelId) {
		self.set().remove(&channel);
	}

	/// Whether it is told of.
	pub fn has(&self, channel: ChannelId) -> bool {
		self.set().contains(&channel)
	}

	fn highest(&self) -> ChannelId {
		self.set().last().copied().unwrap_or(0)
	}

	fn all(&self) -> BTreeSet<ChannelId> {
		self.set().clone()
	}
}

/// Follows a chain.
pub struct Follower<L> {
	ledger: Arc<L>,
	account: Account,
	interest: Interest,
	mark: Option<Mark>,
	/// The height of the last final block whose step was stored: it may be above the mark.
	told: u32,
	/// Whether something was told since the start.
	begun: bool,
	/// Whether the next block tells how all stands.
	whole: bool,
	/// Closes that were told of blocks which are not final, by the height of those.
	early: BTreeMap<ChannelId, u32>,
	/// Locks of claims that were seen.
	claims: BTreeMap<ChannelId, Locks>,
	/// Channels that the node did not know, by the height as of which it was asked first.
	doubted: BTreeMap<ChannelId, u32>,
}

impl<L: Ledger> Follower<L> {
	/// Goes on after what was told: up to the height `told`, with this mark if there is one. Without any it begins
	/// with the
	/// last final block.
	pub fn new(ledger: Arc<L>, account: Account, interest: Interest, mark: Option<Mark>, told: u32) -> Self {
		Self {
			ledger,
			account,
			interest,
			mark,
			told,
			begun: false,
			whole: true,
			early: BTreeMap::new(),
			claims: BTreeMap::new(),
			doubted: BTreeMap::new(),
		}
	}

	/// Tells until nobody listens, or the chain is gone for good.
	pub async fn run(mut self, tales: mpsc::Sender<Tale>) {
		let mut ears = self.ledger.ears();
		loop {
			match self.catch_up(&tales).await {
				Ok(true) => (),
				Ok(false) => return,
				Err(trouble) => {
					if tales.send(Tale::Trouble(trouble)).await.is_err() {
						return;
					}
					sleep(PAUSE).await;
				}
			}
			match ears.next().await {
				None => return,
				Some(News::Final(_)) => (),
				Some(News::Best(spot)) => {
					let early = self.early(spot).await.unwrap_or_else(|error| {
						log::debug!(target: LOG_TARGET, "A best block is not looked at: {error}");
						Vec::new()
					});
					for tale in early {
						if tales.send(tale).await.is_err() {
							return;
						}
					}
				}
			}
		}
	}

	/// Tells all final blocks that there are. Whether somebody listens.
	async fn catch_up(&mut self, tales: &mpsc::Sender<Tale>) -> Result<bool, Trouble> {
		let target = self.ledger.finalized().await?;
		while let Some((spot, jumped)) = self.following(target).await? {
			let mut told = match self.tell(spot, jumped).await {
				Ok(told) => told,
				// Its state is gone: all is told as of the newest block.
				Err(Trouble::Ledger(LedgerError::NoState)) if spot != target => {
					self.whole = true;
					self.tell(target, true).await?
				}
				Err(other) => return Err(other),
			};
			(self.whole, self.begun) = (false, true);
			self.mark = Some(told.mark);
			told.left = target.number.saturating_sub(told.mark.number);
			if tales.send(Tale::Final(told)).await.is_err() {
				return Ok(false);
			}
		}
		Ok(true)
	}

	/// The block that is told next, and whether others are passed over; none if all up to `target` were told.
	async fn following(&mut self, target: Spot) -> Result<Option<(Spot, bool)>, Trouble> {
		let known = self.mark.map_or(0, |mark| mark.number).max(self.told);
		if target.number < known {
			return Err(Trouble::Behind {
				node: target.number,
				known,
			});
		}
		let Some(mark) = self.mark.filter(|_| self.begun) else {
			// The first tale: how all stands.
			if let Some(mark) = self.mark {
				self.compare(mark).await?;
			}
			self.whole = true;
			return Ok(Some((target, known > 0 && target.number > known)));
		};
		if target.number == mark.number {
			if target.hash != mark.hash {
				return Err(Trouble::OtherChain(mark.number));
			}
			return Ok(None);
		}
		let behind = target.number.saturating_sub(mark.number);
		if behind > MOST_BEHIND {
			self.compare(mark).await?;
			self.whole = true;
			return Ok(Some((target, true)));
		}
		let next = mark.number.saturating_add(1);
		let spot = if next == target.number {
			target
		} else {
			let found = self.ledger.block(next).await?;
			found.ok_or(Trouble::Behind {
				node: target.number,
				known: next,
			})?
		};
		if spot.parent != mark.hash {
			return Err(Trouble::OtherChain(mark.number));
		}
		Ok(Some((spot, false)))
	}

	/// Whether the node has the block that was told.
	async fn compare(&self, mark: Mark) -> Result<(), Trouble> {
		let there = self.ledger.block(mark.number).await?;
		if there.is_some_and(|there| there.hash != mark.hash) {
			return Err(Trouble::OtherChain(mark.number));
		}
		Ok(())
	}

	/// What a block says.
	async fn tell(&mut self, spot: Spot, mut jumped: bool) -> Result<Told, Trouble> {
		let at = spot.hash;
		let tick = self.ledger.tick(at).await?;
		let events = match self.ledger.events(at).await {
			// What cannot be read is made up for by how all stands, and conditions are asked about.
			Err(LedgerError::Unreadable(why)) => {
				log::warn!(target: LOG_TARGET, "Block {}: {why}", spot.number);
				(self.whole, jumped) = (true, true);
				Vec::new()
			}
			other => other?,
		};
		let mut last_id = self.mark.map_or_else(|| self.interest.highest(), |mark| mark.last_id);
		let (mut opened, mut touched, mut facts) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
		for event in &events {
			match event {
				Event::Opened { channel, accounts } => {
					last_id = last_id.max(*channel);
					if Side::ALL.into_iter().any(|side| *accounts.get(side) == self.account) {
						opened.insert(*channel);
					}
				}
				Event::CloseStarted { channel, locks } => {
					if self.interest.has(*channel) || opened.contains(channel) {
						self.claims.insert(*channel, locks.clone());
						touched.insert(*channel);
					}
				}
				Event::Met { condition, reveal, .. } => facts.push(Fact::Revealed {
					condition: *condition,
					reveal: *reveal,
				}),
				Event::Touched(channel) => {
					if self.interest.has(*channel) || opened.contains(channel) {
						touched.insert(*channel);
					}
				}
			}
		}
		if self.whole {
			let newest = self.ledger.last_id(at).await?;
			// Who never told anything has no channels: those of a lost store are recovered by their numbers.
			if (self.mark.is_some() || self.told > 0) && newest > last_id {
				let first = last_id.saturating_add(1);
				opened.extend(self.ledger.channels_of(&self.account, first, newest, at).await?);
			}
			last_id = newest;
			touched.extend(self.interest.all());
		}
		touched.extend(self.asked_again(spot.number));
		self.standing(spot, opened, touched, &mut facts).await?;
		Ok(Told {
			mark: Mark {
				number: spot.number,
				hash: at,
				tick,
				last_id,
			},
			block: Block { tick, facts },
			jumped,
			left: 0,
		})
	}

	/// Channels that a block of this height has to tell of, whatever it says: a close of them was seen in a best block,
	/// or the node did not know them some blocks ago.
	fn asked_again(&mut self, number: u32) -> Vec<ChannelId> {
		let over = |at: u32| at <= number;
		let mut again: Vec<ChannelId> = Vec::new();
		again.extend(self.early.iter().filter(|(_, at)| over(**at)).map(|(id, _)| *id));
		self.early.retain(|_, at| !over(*at));
		let doubted = self.doubted.iter();
		again.extend(
			doubted
				.filter(|(_, at)| over(at.saturating_add(DOUBT)))
				.map(|(id, _)| *id),
		);
		again
	}

	/// How channels stand, and what is new of ours.
	async fn standing(
		&mut self,
		spot: Spot,
		opened: BTreeSet<ChannelId>,
		touched: BTreeSet<ChannelId>,
		facts: &mut Vec<Fact>,
	) -> Result<(), Trouble> {
		let genesis = self.ledger.genesis();
		let mut more = Vec::new();
		for id in opened.iter().chain(touched.difference(&opened)).copied() {
			let state = self.ledger.channel(id, spot.hash).await?;
			if state.is_none() && self.interest.has(id) && !self.is_gone(id, spot.number).await {
				continue;
			}
			self.doubted.remove(&id);
			if opened.contains(&id) {
				let ours = state
					.as_ref()
					.and_then(|state| opened_of(genesis, id, state, &self.account));
				if let Some(ours) = ours {
					self.interest.add(id);
					more.push(Fact::Opened(ours));
				}
			}
			more.extend(facts_of(id, state.as_ref(), self.claims.get(&id)));
			if state.is_none_or(|state| is_over(&state)) {
				self.claims.remove(&id);
				self.interest.remove(id);
			}
		}
		// Channels that are new are known before anything is said of conditions in them.
		more.append(facts);
		*facts = more;
		Ok(())
	}

	/// Whether a channel is gone that the node does not know as of this height: not if it says so for the first time,
	/// for it may have lost its state, or be another one than before.
	async fn is_gone(&mut self, id: ChannelId, number: u32) -> bool {
		if let Some(first) = self.doubted.get(&id) {
			return number >= first.saturating_add(DOUBT);
		}
		self.doubted.insert(id, number);
		// Otherwise an event of the block says what has ended it.
		if self.whole {
			self.ledger.doubt(&format!("it knows no channel {id}")).await;
		}
		false
	}

	/// Closes in a block that is not final.
	async fn early(&mut self, spot: Spot) -> Result<Vec<Tale>, LedgerError> {
		if self.mark.is_some_and(|mark| spot.number <= mark.number) {
			return Ok(Vec::new());
		}
		let mut touched = BTreeSet::new();
		for event in self.ledger.events(spot.hash).await? {
			if let Event::CloseStarted { channel, locks } = &event {
				if self.interest.has(*channel) {
					self.claims.insert(*channel, locks.clone());
				}
			}
			touched.extend(event.channel().filter(|channel| self.interest.has(*channel)));
		}
		let mut tales = Vec::new();
		for channel in touched {
			let state = self.ledger.channel(channel, spot.hash).await?;
			if let Some(Stage::Closing(dispute)) = state.map(|state| state.stage) {
				self.early.insert(channel, spot.number);
				tales.push(Tale::Best {
					channel,
					claim_locks: fitting(&dispute, self.claims.get(&channel)),
					dispute,
				});
			}
		}
		Ok(tales)
	}
}

/// The locks, if they are those of the claim.
fn fitting(dispute: &Dispute, locks: Option<&Locks>) -> Option<Locks> {
	locks.filter(|locks| dispute.claim.has(locks)).cloned()
}

/// Whether nothing of it can change any more.
fn is_over(state: &ChannelState) -> bool {
	matches!(&state.stage, Stage::Settled(pending) if pending.low.is_none() && pending.high.is_none())
}

/// What the chain's state of a channel says to the machine.
pub fn facts_of(channel: ChannelId, state: Option<&ChannelState>, claim_locks: Option<&Locks>) -> Vec<Fact> {
	let Some(state) = state else {
		return vec![Fact::Gone { channel }];
	};
	let stake = Fact::Stake {
		channel,
		stake: state.stake,
	};
	let keys = Fact::Keys {
		channel,
		keys: state.keys,
	};
	match &state.stage {
		Stage::Open => vec![keys, stake, Fact::Open { channel }],
		Stage::Closing(dispute) => vec![
			keys,
			stake,
			Fact::Closing {
				channel,
				claim_locks: fitting(dispute, claim_locks),
				dispute: dispute.clone(),
			},
		],
		Stage::Settled(pending) => vec![Fact::Settled {
			channel,
			pending: *pending,
		}],
	}
}

/// A channel as it is opened for this account; none if it is on neither side.
pub fn opened_of(genesis: Hash, channel: ChannelId, state: &ChannelState, account: &Account) -> Option<Opened> {
	let side = Side::ALL
		.into_iter()
		.find(|side| state.accounts.get(*side) == account)?;
	Some(Opened {
		context: Context {
			genesis,
			channel,
			asset: state.asset,
			side,
		},
		terms: Terms {
			keys: state.keys,
			window: state.window,
		},
		stake: state.stake,
	})
}
