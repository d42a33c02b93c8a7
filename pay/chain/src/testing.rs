//! A chain in memory, for the tests of those that build on [`Ledger`]: its calls do as the pallet's do, by the same
//! arithmetic, and its blocks come when a test says.

use crate::{
	calls::{Opening, Order, Submission},
	error::LedgerError,
	events::Event,
	ledger::{Ears, Ledger, News, OpenChannel, Spot},
	Endpoint,
};
use async_trait::async_trait;
use channel_primitives::{
	Account, Balance, ChannelId, ChannelKey, ChannelSignature, ChannelState, Closing, Condition, Dispute, Facts, Hash,
	Locks, Outcome, PerSide, PredicateId, Resyncs, Reveal, Settlement, Side, Stage, Stake, Tick, Witness, STCI,
};
use smart_agent_chain::{Quote, Refusal};
use smartchain_channel::Call;
use sp_crypto_hashing::blake2_256;
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast;

/// How many blocks wait for a listener.
const MOST_NEWS: usize = 1_024;

/// Who checks signatures: of this fake whoever uses it.
pub type Verify = fn(&ChannelKey, &Hash, &ChannelSignature) -> bool;

/// The chain as of a block.
#[derive(Clone, Debug, Default)]
struct State {
	tick: Tick,
	last: ChannelId,
	channels: BTreeMap<ChannelId, ChannelState>,
	reveals: BTreeMap<Hash, Reveal>,
	endpoints: BTreeMap<Account, Endpoint>,
	/// What each account was paid, in planck.
	paid: BTreeMap<Account, Balance>,
}

#[derive(Clone, Debug)]
struct BlockAt {
	spot: Spot,
	state: State,
	events: Vec<Event>,
	/// Whether its state is gone.
	pruned: bool,
}

struct Inside {
	blocks: Vec<BlockAt>,
	/// The height of the highest final block.
	finalized: u32,
	pool: Vec<(Account, Order)>,
	refuse: bool,
	authored: u64,
	refused: Vec<String>,
}

/// A chain in memory, as one account sees it. Cheap to clone; clones are one chain.
#[derive(Clone)]
pub struct FakeLedger {
	inside: Arc<Mutex<Inside>>,
	news: broadcast::Sender<News>,
	account: Account,
	verify: Verify,
}

/// What conditions ask.
struct Now(Tick, Verify);

impl Facts for Now {
	fn genesis(&self) -> Hash {
		GENESIS
	}

	fn tick(&self) -> Tick {
		self.0
	}

	fn signed(&self, key: &ChannelKey, payload: &Hash, signature: &ChannelSignature) -> bool {
		(self.1)(key, payload, signature)
	}

	fn holds(&self, _: PredicateId, _: &[u8]) -> bool {
		false
	}
}

/// The genesis of this chain.
pub const GENESIS: Hash = [7; 32];

/// A fee, in planck.
const FEE: Balance = 1_000;

impl FakeLedger {
	/// A chain with its first block, final, as this account sees it.
	pub fn new(account: Account, verify: Verify) -> Self {
		let first = BlockAt {
			spot: Spot {
				number: 0,
				hash: GENESIS,
				parent: [0; 32],
			},
			state: State {
				tick: 1_000,
				..State::default()
			},
			events: Vec::new(),
			pruned: false,
		};
		let inside = Inside {
			blocks: vec![first],
			finalized: 0,
			pool: Vec::new(),
			refuse: false,
			authored: 0,
			refused: Vec::new(),
		};
		Self {
			inside: Arc::new(Mutex::new(inside)),
			news: broadcast::Sender::new(MOST_NEWS),
			account,
			verify,
		}
	}

	/// The same chain, as another account sees it.
	pub fn seen_by(&self, account: Account) -> Self {
		Self {
			account,
			..self.clone()
		}
	}

	fn inside(&self) -> MutexGuard<'_, Inside> {
		self.inside.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Authors a block with all that waits, so many ticks later.
	pub fn author(&self, ticks: Tick) -> Spot {
		let mut inside = self.inside();
		let Some(best) = inside.blocks.last().cloned() else {
			return NOWHERE;
		};
		inside.authored += 1;
		let mut state = best.state;
		state.tick = state.tick.saturating_add(ticks);
		let mut events = Vec::new();
		for (who, order) in std::mem::take(&mut inside.pool) {
			if let Err(why) = apply(&mut state, &mut events, who, &order, self.verify) {
				inside.refused.push(format!("{}: {why}", order.name()));
			}
		}
		let spot = Spot {
			number: best.spot.number.saturating_add(1),
			hash: blake2_256(&inside.authored.to_le_bytes()),
			parent: best.spot.hash,
		};
		inside.blocks.push(BlockAt {
			spot,
			state,
			events,
			pruned: false,
		});
		drop(inside);
		let _ = self.news.send(News::Best(spot));
		spot
	}

	/// The best block is final.
	pub fn finalize(&self) -> Spot {
		let mut inside = self.inside();
		let spot = inside.blocks.last().map_or(NOWHERE, |block| block.spot);
		inside.finalized = spot.number;
		drop(inside);
		let _ = self.news.send(News::Final(spot));
		spot
	}

	/// A final block, so many ticks later.
	pub fn next(&self, ticks: Tick) -> Spot {
		self.author(ticks);
		self.finalize()
	}

	/// The blocks that are not final are gone, with all that was in them.
	pub fn abandon(&self) {
		let mut inside = self.inside();
		let keep = inside.finalized;
		inside.blocks.retain(|block| block.spot.number <= keep);
	}

	/// The states of all blocks but the last are gone.
	pub fn prune(&self) {
		let mut inside = self.inside();
		let keep = inside.blocks.len().saturating_sub(1);
		inside
			.blocks
			.iter_mut()
			.take(keep)
			.for_each(|block| block.pruned = true);
	}

	/// Whether nothing is taken from now on.
	pub fn refuse(&self, refuse: bool) {
		self.inside().refuse = refuse;
	}

	/// What an account was paid by channels, in planck.
	pub fn paid(&self, who: &Account) -> Balance {
		let inside = self.inside();
		let state = inside.blocks.last().map(|block| &block.state);
		state.and_then(|state| state.paid.get(who).copied()).unwrap_or(0)
	}

	/// The tick of the best block.
	pub fn now(&self) -> Tick {
		self.inside().blocks.last().map_or(0, |block| block.state.tick)
	}

	/// What was refused in blocks.
	pub fn refused(&self) -> Vec<String> {
		self.inside().refused.clone()
	}

	/// A channel as the best block has it.
	pub fn state(&self, id: ChannelId) -> Option<ChannelState> {
		let inside = self.inside();
		inside
			.blocks
			.last()
			.and_then(|block| block.state.channels.get(&id).cloned())
	}

	fn at<T>(&self, at: Hash, of: impl FnOnce(&BlockAt) -> T) -> Result<T, LedgerError> {
		let inside = self.inside();
		let mut blocks = inside.blocks.iter();
		let found = blocks.find(|block| block.spot.hash == at && !block.pruned);
		found.map(of).ok_or(LedgerError::NoState)
	}
}

const NOWHERE: Spot = Spot {
	number: 0,
	hash: [0; 32],
	parent: [0; 32],
};

/// What the pallet does.
fn apply(
	state: &mut State,
	events: &mut Vec<Event>,
	who: Account,
	order: &Order,
	verify: Verify,
) -> Result<(), String> {
	match order {
		Order::Open(opening) => open(state, events, who, opening),
		Order::Deposit { channel, amount } => {
			let found = state.channels.get_mut(channel).ok_or("no such channel")?;
			let side = Side::ALL.into_iter().find(|side| *found.accounts.get(*side) == who);
			let side = side.ok_or("not a side")?;
			found.stake = found.stake.with_deposit(side, *amount).ok_or("overflow")?;
			events.push(Event::Touched(*channel));
			Ok(())
		}
		Order::Core(submission) => core(state, events, submission, verify),
		Order::Announce(endpoint) => {
			match endpoint {
				Some(endpoint) => state.endpoints.insert(who, endpoint.clone()),
				None => state.endpoints.remove(&who),
			};
			Ok(())
		}
		Order::RegisterTower { .. } => Ok(()),
	}
}

fn open(state: &mut State, events: &mut Vec<Event>, who: Account, opening: &Opening) -> Result<(), String> {
	let side = Side::of(&who, &opening.partner).ok_or("one account")?;
	if state.tick > opening.expiry {
		return Err("expired".into());
	}
	state.last += 1;
	let accounts = PerSide::from_fn(|of| if of == side { who } else { opening.partner });
	let stake = Stake::default().with_deposit(side, opening.amount).ok_or("overflow")?;
	let channel = ChannelState {
		accounts,
		keys: opening.terms.keys,
		asset: STCI,
		stake,
		window: opening.terms.window,
		stage: Stage::Open,
	};
	state.channels.insert(state.last, channel);
	events.push(Event::Opened {
		channel: state.last,
		accounts,
	});
	Ok(())
}

fn core(state: &mut State, events: &mut Vec<Event>, submission: &Submission, verify: Verify) -> Result<(), String> {
	match &submission.call {
		Call::Resolve { condition, witness } => resolve(state, events, (condition, witness), verify),
		Call::Close { .. } => begin(state, events, submission),
		_ => answer(state, events, submission),
	}
}

fn resolve(
	state: &mut State,
	events: &mut Vec<Event>,
	(condition, witness): (&Condition, &Witness),
	verify: Verify,
) -> Result<(), String> {
	let hash = condition.hash();
	if state.reveals.contains_key(&hash) {
		return Err("met before".into());
	}
	let met = condition.met(witness, &Now(state.tick, verify));
	let reveal = met.map_err(|error| error.to_string())?;
	state.reveals.insert(hash, reveal);
	events.push(Event::Met {
		condition: hash,
		reveal,
		witness: witness.clone(),
	});
	Ok(())
}

fn begin(state: &mut State, events: &mut Vec<Event>, submission: &Submission) -> Result<(), String> {
	let (id, now) = (submission.channel, state.tick);
	let Call::Close {
		claim,
		locks,
		brought,
		words,
	} = &submission.call
	else {
		return Err("no close".into());
	};
	let channel = state.channels.get_mut(&id).ok_or("no such channel")?;
	if channel.stage != Stage::Open {
		return Err("not open".into());
	}
	let mut resyncs = Resyncs::default();
	for word in words {
		resyncs.add(word.body).map_err(|error| error.to_string())?;
	}
	let closing = Closing {
		closer: submission.side,
		now,
		window: channel.window,
		recovery: false,
	};
	let half = brought.map(|half| half.body);
	let dispute = Dispute::begin(closing, &channel.stake, claim.body, locks, half, resyncs);
	channel.stage = Stage::Closing(dispute.map_err(|error| error.to_string())?);
	events.push(Event::CloseStarted {
		channel: id,
		locks: Locks::clone(locks),
	});
	Ok(())
}

fn answer(state: &mut State, events: &mut Vec<Event>, submission: &Submission) -> Result<(), String> {
	let (id, by, now) = (submission.channel, submission.side, state.tick);
	let reveals = &state.reveals;
	let known = |condition: &Hash| reveals.get(condition).copied();
	let said = |error: channel_primitives::DisputeError| error.to_string();
	let channel = state.channels.get_mut(&id).ok_or("no such channel")?;
	let (accounts, stake) = (channel.accounts, channel.stake);
	let (mut paid, mut ends, mut next) = (PerSide::<Balance>::default(), false, None);
	match (&submission.call, &mut channel.stage) {
		(Call::Update { half, .. }, Stage::Closing(dispute)) => {
			dispute.update(by.partner(), half.body, now).map_err(said)?;
		}
		(Call::Resync { word, .. }, Stage::Closing(dispute)) => dispute.resync(by, word.body, now).map_err(said)?,
		(
			Call::Prove {
				half,
				half_locks,
				claim_locks,
				..
			},
			Stage::Closing(dispute),
		) => {
			let closer = dispute.closer;
			let proven = dispute.prove(&half.body, Some(half_locks), claim_locks.as_ref(), &known);
			if proven.map_err(said)? == Outcome::Forfeits {
				(paid, ends) = (Settlement::all_to(closer.partner(), &stake).paid, true);
			}
		}
		(Call::CloseTogether { close, .. }, Stage::Open | Stage::Closing(_)) => (paid, ends) = (close.pay, true),
		(Call::Settle, Stage::Closing(dispute)) => {
			let settlement = dispute.settle(&stake, 0, now).map_err(said)?;
			let pending = PerSide::from_fn(|side| dispute.pending(side, &settlement, now));
			paid = settlement.paid;
			next = Some(Stage::Settled(pending));
		}
		(Call::Unlock { side, locks }, Stage::Settled(pending)) => {
			let left = pending.get(*side).ok_or("nothing is kept back")?;
			let locks = locks.as_ref().ok_or("the list is missing")?;
			let unlocked = left.unlock(locks, now, &known).map_err(|error| error.to_string())?;
			*pending.get_mut(*side) = None;
			*paid.get_mut(*side) = unlocked.payer;
			*paid.get_mut(side.partner()) = unlocked.payee;
		}
		_ => return Err("not now".into()),
	}
	if let Some(next) = next {
		channel.stage = next;
	}
	if ends {
		state.channels.remove(&id);
	}
	pay(&mut state.paid, &accounts, &paid);
	events.push(Event::Touched(id));
	Ok(())
}

fn pay(all: &mut BTreeMap<Account, Balance>, accounts: &PerSide<Account>, paid: &PerSide<Balance>) {
	for side in Side::ALL {
		*all.entry(*accounts.get(side)).or_default() += *paid.get(side);
	}
}

struct FakeEars(broadcast::Receiver<News>);

#[async_trait]
impl Ears for FakeEars {
	async fn next(&mut self) -> Option<News> {
		loop {
			match self.0.recv().await {
				Ok(news) => return Some(news),
				Err(broadcast::error::RecvError::Lagged(_)) => (),
				Err(broadcast::error::RecvError::Closed) => return None,
			}
		}
	}
}

#[async_trait]
impl Ledger for FakeLedger {
	fn genesis(&self) -> Hash {
		GENESIS
	}

	fn is_reached(&self) -> bool {
		true
	}

	fn ears(&self) -> Box<dyn Ears> {
		Box::new(FakeEars(self.news.subscribe()))
	}

	async fn finalized(&self) -> Result<Spot, LedgerError> {
		let inside = self.inside();
		let finalized = inside.finalized;
		let found = inside.blocks.iter().find(|block| block.spot.number == finalized);
		Ok(found.map_or(NOWHERE, |block| block.spot))
	}

	async fn block(&self, number: u32) -> Result<Option<Spot>, LedgerError> {
		let inside = self.inside();
		Ok(inside
			.blocks
			.iter()
			.find(|block| block.spot.number == number)
			.map(|block| block.spot))
	}

	async fn tick(&self, at: Hash) -> Result<Tick, LedgerError> {
		self.at(at, |block| block.state.tick)
	}

	async fn events(&self, at: Hash) -> Result<Vec<Event>, LedgerError> {
		self.at(at, |block| block.events.clone())
	}

	async fn channel(&self, id: ChannelId, at: Hash) -> Result<Option<ChannelState>, LedgerError> {
		self.at(at, |block| block.state.channels.get(&id).cloned())
	}

	async fn channels_of(
		&self,
		account: &Account,
		first: ChannelId,
		last: ChannelId,
		at: Hash,
	) -> Result<Vec<ChannelId>, LedgerError> {
		self.at(at, |block| {
			let range = block.state.channels.range(first..=last);
			let of = |state: &ChannelState| Side::ALL.into_iter().any(|side| state.accounts.get(side) == account);
			range.filter(|(_, state)| of(state)).map(|(id, _)| *id).collect()
		})
	}

	async fn last_id(&self, at: Hash) -> Result<ChannelId, LedgerError> {
		self.at(at, |block| block.state.last)
	}

	async fn open_channels(
		&self,
		first: ChannelId,
		last: ChannelId,
		at: Hash,
	) -> Result<Vec<OpenChannel>, LedgerError> {
		self.at(at, |block| {
			let range = block.state.channels.range(first..=last);
			let open = range.filter(|(_, state)| state.stage == Stage::Open && state.asset == STCI);
			open.map(|(id, state)| OpenChannel {
				id: *id,
				accounts: state.accounts,
				total: state.stake.total(),
			})
			.collect()
		})
	}

	async fn endpoints(&self, accounts: &[Account], at: Hash) -> Result<Vec<Option<Endpoint>>, LedgerError> {
		self.at(at, |block| {
			let found = accounts
				.iter()
				.map(|account| block.state.endpoints.get(account).cloned());
			found.collect()
		})
	}

	async fn reveals(&self, conditions: &[Hash], at: Hash) -> Result<Vec<Option<Reveal>>, LedgerError> {
		self.at(at, |block| {
			let found = conditions.iter().map(|hash| block.state.reveals.get(hash).copied());
			found.collect()
		})
	}

	async fn holds(&self, _: PredicateId, _: &[u8]) -> Result<bool, LedgerError> {
		Ok(false)
	}

	async fn quote(&self, order: &Order) -> Result<Quote, LedgerError> {
		let paid = match order {
			Order::Open(opening) => opening.amount,
			Order::Deposit { amount, .. } => *amount,
			_ => 0,
		};
		Ok(Quote {
			fee: FEE,
			paid,
			held: 0,
			spendable: Balance::MAX,
			missing: 0,
		})
	}

	async fn carry(&self, order: &Order) -> Result<u32, LedgerError> {
		let mut inside = self.inside();
		if inside.refuse {
			return Err(LedgerError::Refused(Refusal::PoolFull));
		}
		inside.pool.push((self.account, order.clone()));
		let best = inside.blocks.last().map_or(0, |block| block.spot.number);
		Ok(best.saturating_add(1))
	}
}
