//! A chain in memory, for the tests of those that build on [`Ledger`]: its calls do as the pallet's do, by the same
//! arithmetic, and its blocks come when a test says.

use crate::{
	calls::{Opening, Order, Submission},
	error::LedgerError,
	events::Event,
	ledger::{Bid, Ears, Going, Ledger, News, OpenChannel, Spot},
	Endpoint,
};
use async_trait::async_trait;
use channel_primitives::{
	Account, Balance, ChannelId, ChannelKey, ChannelSignature, ChannelState, Claim, Closing, Condition, Context,
	Dispute, Facts, Half, Hash, Locks, Outcome, Payload, PerSide, PredicateId, Resync, Resyncs, Reveal, Settlement,
	Side, Signed, Stage, Stake, Tick, Withdraw, Witness, STCI,
};
use smart_agent_chain::{Quote, Refusal};
use smartchain_channel::Call;
use sp_crypto_hashing::blake2_256;
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{broadcast, mpsc};

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
	pool: Vec<Waiting>,
	/// What was signed and is in a block that is not final, with its height.
	included: Vec<(u32, Waiting)>,
	/// The next nonce of each account.
	nonces: BTreeMap<Account, u32>,
	/// What is signed with a lower tip than this finds no place.
	least_tip: Balance,
	/// All tips that were ever offered, in their order.
	bids: Vec<Balance>,
	refuse: bool,
	/// A channel that it says not to know.
	hidden: Option<ChannelId>,
	/// How often it was doubted.
	doubted: u32,
	authored: u64,
	refused: Vec<String>,
}

/// Something that waits for a block.
#[derive(Clone)]
struct Waiting {
	who: Account,
	order: Order,
	/// Its nonce, its tip, and who is told how far it is; none if it was handed in by `carry`.
	signed: Option<(u32, Balance, mpsc::Sender<Going>)>,
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

/// What a recovery costs whose claim was too low: this part of all that is in the channel.
pub const FINE: Balance = 100;

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
			included: Vec::new(),
			nonces: BTreeMap::new(),
			least_tip: 0,
			bids: Vec::new(),
			refuse: false,
			hidden: None,
			doubted: 0,
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
		let height = best.spot.number.saturating_add(1);
		for waiting in std::mem::take(&mut inside.pool) {
			let least = inside.least_tip;
			if waiting.signed.as_ref().is_some_and(|(_, tip, _)| *tip < least) {
				inside.pool.push(waiting);
				continue;
			}
			let done = apply(&mut state, &mut events, waiting.who, &waiting.order, self.verify);
			if let Err(why) = &done {
				inside.refused.push(format!("{}: {why}", waiting.order.name()));
			}
			if let Some((_, _, steps)) = &waiting.signed {
				let going = match done {
					Ok(()) => Going::InBlock,
					Err(why) => Going::Refused(LedgerError::Unreadable(why)),
				};
				let _ = steps.try_send(going);
				inside.included.push((height, waiting));
			}
		}
		let spot = Spot {
			number: height,
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
		for (height, waiting) in std::mem::take(&mut inside.included) {
			if let Some((_, _, steps)) = waiting.signed {
				let _ = steps.try_send(Going::Final(height));
			}
		}
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
		// What was signed waits again, as in a node's pool.
		for (_, waiting) in std::mem::take(&mut inside.included) {
			if let Some((_, _, steps)) = &waiting.signed {
				let _ = steps.try_send(Going::Retracted);
			}
			inside.pool.push(waiting);
		}
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

	/// A channel that it says not to know from now on; none for no one.
	pub fn hide(&self, channel: Option<ChannelId>) {
		self.inside().hidden = channel;
	}

	/// How often what it says was doubted.
	pub fn doubted(&self) -> u32 {
		self.inside().doubted
	}

	/// Blocks are full from now on for what is signed with a lower tip than this, in planck.
	pub fn full_below(&self, tip: Balance) {
		self.inside().least_tip = tip;
	}

	/// All tips that were ever offered, in their order, in planck.
	pub fn bids(&self) -> Vec<Balance> {
		self.inside().bids.clone()
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
		Call::Close {
			claim,
			locks,
			brought,
			words,
		} => {
			by(state, submission.channel, submission.side, claim, verify)?;
			begin(state, events, submission, (&claim.body, locks, brought, words), verify)
		}
		Call::CloseRecovery {
			claim,
			locks,
			brought,
			words,
		} => begin(state, events, submission, (claim, locks, brought, words), verify),
		Call::Withdraw {
			withdraw, signatures, ..
		} => take_out(state, events, submission.channel, (withdraw, signatures), verify),
		Call::Rekey { rekey, signatures, .. } => {
			by_both(state, submission.channel, rekey, signatures, verify)?;
			let channel = state.channels.get_mut(&submission.channel).ok_or("no such channel")?;
			if channel.stage != Stage::Open {
				return Err("not open".into());
			}
			*channel.keys.get_mut(rekey.side) = rekey.key;
			events.push(Event::Touched(submission.channel));
			Ok(())
		}
		Call::Update { half, .. } | Call::Prove { half, .. } => {
			by(state, submission.channel, submission.side.partner(), half, verify)?;
			answer(state, events, submission)
		}
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

/// Whether a side's key signed something in a channel.
fn by<Body: Payload>(
	state: &State,
	id: ChannelId,
	side: Side,
	signed: &Signed<Body>,
	verify: Verify,
) -> Result<(), String> {
	let channel = state.channels.get(&id).ok_or("no such channel")?;
	let context = Context {
		genesis: GENESIS,
		channel: id,
		asset: channel.asset,
		side,
	};
	let by = signed.is_by(channel.keys.get(side), &context, verify);
	by.then_some(()).ok_or_else(|| "bad signature".into())
}

fn by_both<Body: Payload + Copy>(
	state: &State,
	id: ChannelId,
	body: &Body,
	signatures: &PerSide<ChannelSignature>,
	verify: Verify,
) -> Result<(), String> {
	for side in Side::ALL {
		let signed = Signed {
			body: *body,
			signature: *signatures.get(side),
		};
		by(state, id, side, &signed, verify)?;
	}
	Ok(())
}

fn take_out(
	state: &mut State,
	events: &mut Vec<Event>,
	id: ChannelId,
	(withdraw, signatures): (&Withdraw, &PerSide<ChannelSignature>),
	verify: Verify,
) -> Result<(), String> {
	by_both(state, id, withdraw, signatures, verify)?;
	let now = state.tick;
	let channel = state.channels.get_mut(&id).ok_or("no such channel")?;
	if channel.stage != Stage::Open || now > withdraw.expiry {
		return Err("not now".into());
	}
	let side = withdraw.side;
	let before = *channel.stake.withdrawn.get(side);
	let after = channel.stake.with_withdrawal(side, withdraw.total);
	channel.stake = after.ok_or("more than there is")?;
	let account = *channel.accounts.get(side);
	*state.paid.entry(account).or_default() += withdraw.total - before;
	events.push(Event::Touched(id));
	Ok(())
}

/// What a close says: the claim and its locks, the half that it brings, and words about lost data.
type Said<'a> = (&'a Claim, &'a Locks, &'a Option<Signed<Half>>, &'a Vec<Signed<Resync>>);

fn begin(
	state: &mut State,
	events: &mut Vec<Event>,
	submission: &Submission,
	(claim, locks, brought, words): Said<'_>,
	verify: Verify,
) -> Result<(), String> {
	let (id, now) = (submission.channel, state.tick);
	let recovery = matches!(submission.call, Call::CloseRecovery { .. });
	if let Some(half) = brought {
		by(state, id, submission.side.partner(), half, verify)?;
	}
	for word in words {
		by(state, id, submission.side.partner(), word, verify)?;
	}
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
		window: channel.window.saturating_mul(if recovery { 8 } else { 1 }),
		recovery,
	};
	let half = brought.map(|half| half.body);
	let dispute = Dispute::begin(closing, &channel.stake, *claim, locks, half, resyncs);
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
			let settlement = dispute.settle(&stake, stake.total() / FINE, now).map_err(said)?;
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

	async fn doubt(&self, _: &str) {
		self.inside().doubted += 1;
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
		let hidden = self.inside().hidden == Some(id);
		let found = self.at(at, |block| block.state.channels.get(&id).cloned())?;
		Ok(found.filter(|_| !hidden))
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

	async fn send(&self, order: &Order, bid: Bid, steps: mpsc::Sender<Going>) -> Result<u32, LedgerError> {
		let mut inside = self.inside();
		if inside.refuse {
			return Err(LedgerError::Refused(Refusal::PoolFull));
		}
		let who = self.account;
		let nonce = match bid.nonce {
			Some(nonce) => {
				let place = inside.pool.iter().position(|waiting| {
					let signed = waiting.signed.as_ref().map(|(nonce, tip, _)| (*nonce, *tip));
					waiting.who == who && signed.is_some_and(|(of, tip)| of == nonce && tip < bid.tip)
				});
				let place = place.ok_or(LedgerError::Refused(Refusal::Stale))?;
				inside.pool.remove(place);
				nonce
			}
			None => {
				let next = inside.nonces.entry(who).or_default();
				let nonce = *next;
				*next += 1;
				nonce
			}
		};
		inside.bids.push(bid.tip);
		inside.pool.push(Waiting {
			who,
			order: order.clone(),
			signed: Some((nonce, bid.tip, steps)),
		});
		Ok(nonce)
	}

	async fn carry(&self, order: &Order) -> Result<u32, LedgerError> {
		let mut inside = self.inside();
		if inside.refuse {
			return Err(LedgerError::Refused(Refusal::PoolFull));
		}
		inside.pool.push(Waiting {
			who: self.account,
			order: order.clone(),
			signed: None,
		});
		let best = inside.blocks.last().map_or(0, |block| block.spot.number);
		Ok(best.saturating_add(1))
	}
}
