//! Opening channels: two programs agree, one account pays.

use super::{answer::words::lasting, peers::number, Daemon};
use channel_primitives::{
	Accept, Account, Balance, ChannelKey, Context, Payload, PerSide, Side, Terms, Tick, NO_CHANNEL, STCI,
};
use codec::{Decode, DecodeAll, Encode};
use smart_agent_chain::AccountId;
use smart_pay_api::{Answer, Flow, Plan, Planck};
use smart_pay_chain::{Ledger, LedgerError, Opening, Order};
use smart_pay_config::digits;
use smart_pay_frames::wire::{Frame, NodeKey};
use smart_pay_store::{Reach, MAX_URL};
use sp_runtime::{traits::Verify, MultiSignature};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

/// Numbers of keys with one partner that are looked through for one that the store does not know: no others are given
/// out, else a channel could not be recovered by the phrase.
pub(super) const MOST_KEYS: u32 = 16_384;
/// For how many ticks what a partner signed may be used: ten minutes.
const AGREED_FOR: Tick = 1_200;
/// How long is waited for a partner.
const PATIENCE: Duration = Duration::from_secs(60);
/// For how long a reach is kept whose channel is not opened, in ticks: as long as it may be, and as long again.
const KEPT_FOR: Tick = 2 * AGREED_FOR;
/// Openings that are on their way at most, and reaches that are kept for channels that are not final yet.
const MOST: usize = 256;
/// Of those, channels that others have asked for and not opened: of all, and in the name of one account. Nobody has to
/// show that the account is its own.
const MOST_AGREED: usize = 128;
const MOST_OF_ONE: usize = 16;
/// The file with those reaches, in the data folder.
const FILE: &str = "openings";

/// An opening that a command has asked for.
struct Pending {
	node: NodeKey,
	url: String,
	window: Tick,
	deposit: Balance,
	/// Our key in it, once the partner was asked.
	key: Option<ChannelKey>,
	/// Whether it is on its way to the chain.
	carried: bool,
	began: Instant,
	reply: Option<oneshot::Sender<Answer>>,
}

/// What came of something that was brought to the chain for a command.
pub(super) struct Carried {
	/// What it was, as a sentence.
	pub what: String,
	/// The opening, if it was one.
	pub opening: Option<u64>,
	/// Who waits for it.
	pub reply: Option<oneshot::Sender<Answer>>,
	/// What came of it.
	pub result: Result<u32, LedgerError>,
}

#[derive(Encode, Decode)]
struct Kept(Vec<(ChannelKey, Reach)>);

/// Openings on their way.
pub(super) struct Openings {
	pending: BTreeMap<u64, Pending>,
	/// How partners are reached, by our keys in channels that are not final yet.
	reaches: BTreeMap<ChannelKey, Reach>,
	/// Which of them were agreed to, with whom, and until when they are kept; since the start.
	agreed: BTreeMap<ChannelKey, (Account, Tick)>,
	file: PathBuf,
	carried: (mpsc::Sender<Carried>, mpsc::Receiver<Carried>),
}

impl Openings {
	/// Whether a channel with this node is on its way.
	pub fn wants(&self, node: &NodeKey) -> bool {
		let pending = self.pending.values().any(|pending| pending.node == *node);
		pending || self.reaches.values().any(|reach| reach.node == *node)
	}

	/// With what was kept.
	pub fn load(folder: &Path) -> Self {
		let file = folder.join(FILE);
		let kept = std::fs::read(&file)
			.ok()
			.and_then(|bytes| Kept::decode_all(&mut &bytes[..]).ok());
		Self {
			pending: BTreeMap::new(),
			reaches: kept.map(|Kept(all)| all.into_iter().collect()).unwrap_or_default(),
			agreed: BTreeMap::new(),
			file,
			carried: mpsc::channel(MOST),
		}
	}

	/// The next thing that the chain has taken or refused.
	pub async fn done(&mut self) -> Option<Carried> {
		self.carried.1.recv().await
	}

	/// Where such things are told.
	pub fn teller(&self) -> mpsc::Sender<Carried> {
		self.carried.0.clone()
	}

	/// How the partner in the channel with this key is reached: it is asked for once.
	pub fn take(&mut self, own: &ChannelKey) -> Option<Reach> {
		let reach = self.reaches.remove(own);
		self.agreed.remove(own);
		if reach.is_some() {
			self.save();
		}
		reach
	}

	/// Whether one more channel may be agreed to that this account opens. What was agreed to and never opened is
	/// forgotten first.
	fn may_agree(&mut self, opener: &Account, now: Tick) -> bool {
		let old: Vec<ChannelKey> = self
			.agreed
			.iter()
			.filter(|(_, (_, until))| *until < now)
			.map(|(own, _)| *own)
			.collect();
		for own in old {
			self.agreed.remove(&own);
			self.reaches.remove(&own);
		}
		let of_one = self.agreed.values().filter(|(account, _)| account == opener).count();
		self.agreed.len() < MOST_AGREED && of_one < MOST_OF_ONE
	}

	fn keep(&mut self, own: ChannelKey, reach: Reach) {
		if self.reaches.len() >= MOST {
			self.reaches.pop_first();
		}
		self.reaches.insert(own, reach);
		self.save();
	}

	fn save(&self) {
		let kept = Kept(self.reaches.iter().map(|(key, reach)| (*key, reach.clone())).collect());
		if let Err(error) = smart_agent_keys::replace(&self.file, &kept.encode()) {
			tracing::warn!("How the partners of new channels are reached is not kept: {error}");
		}
	}

	/// The partner does not want it.
	pub fn refused(&mut self, node: &NodeKey, id: u64, why: &str) {
		if self
			.pending
			.get(&id)
			.is_some_and(|pending| pending.node == *node && !pending.carried)
		{
			let why: String = why
				.chars()
				.filter(|character| !character.is_control())
				.take(200)
				.collect();
			self.fail(id, format!("the partner does not want the channel: {why}"));
		}
	}

	fn fail(&mut self, id: u64, why: String) {
		if let Some(reply) = self.pending.remove(&id).and_then(|pending| pending.reply) {
			let _ = reply.send(Answer::Failed(why));
		}
	}

	/// Gives up what nobody answers.
	pub fn age(&mut self) {
		let old = |pending: &Pending| pending.began.elapsed() > PATIENCE && !pending.carried;
		let late: Vec<u64> = self
			.pending
			.iter()
			.filter(|(_, pending)| old(pending))
			.map(|(id, _)| *id)
			.collect();
		for id in late {
			let why =
				"the partner was not reached, or did not answer, for a minute: see whether it runs, and whether key \
			           and address of its node are right";
			self.fail(id, why.into());
		}
	}
}

/// What a program should know before it opens a channel.
fn worst_of_opening(window: Tick) -> Vec<String> {
	vec![
		format!(
			"if the partner is gone for good, you close alone and have your money after {}",
			lasting(window)
		),
		"if you put an old copy of the store back and close on it, all that is in the channel is the partner's".into(),
		format!(
			"if you are away for more than {} without a tower, the partner can close on an old state",
			lasting(window)
		),
	]
}

/// Whether what was sent may be done all the same.
fn is_unclear(error: &LedgerError) -> bool {
	use smart_agent_chain::ChainError;
	matches!(
		error,
		LedgerError::Chain(ChainError::Unclear { .. } | ChainError::Lost { .. } | ChainError::Timeout { .. })
	)
}

impl<L: Ledger> Daemon<L> {
	/// A command wants a channel.
	pub(super) async fn ask_open(
		&mut self,
		(node, url): (&str, &str),
		deposit: Balance,
		window: Tick,
		dry_run: bool,
		reply: oneshot::Sender<Answer>,
	) {
		let Some(key) = digits(node) else {
			let why = "the node's key has 64 hexadecimal digits: `smart-pay status` shows it at the partner's";
			let _ = reply.send(Answer::Failed(why.into()));
			return;
		};
		if url.len() > MAX_URL {
			let why = format!("the address of the partner's node has at most {MAX_URL} bytes");
			let _ = reply.send(Answer::Failed(why));
			return;
		}
		if dry_run {
			let answer = self.plan_open(deposit, window).await;
			let _ = reply.send(answer);
			return;
		}
		if self.openings.pending.len() >= MOST {
			let _ = reply.send(Answer::Failed(
				"too many openings are on their way: try again in a minute".into(),
			));
			return;
		}
		self.want(key, url);
		let pending = Pending {
			node: key,
			url: url.into(),
			window,
			deposit,
			key: None,
			carried: false,
			began: Instant::now(),
			reply: Some(reply),
		};
		self.openings.pending.insert(number(), pending);
		self.ask_openings(key);
	}

	async fn plan_open(&self, deposit: Balance, window: Tick) -> Answer {
		let keys = PerSide {
			low: ChannelKey([0; 32]),
			high: ChannelKey([0; 32]),
		};
		let opening = Opening {
			partner: [0; 32],
			terms: Terms { keys, window },
			amount: deposit,
			expiry: Tick::MAX,
			signature: MultiSignature::Sr25519(Default::default()),
		};
		let what = "opens a channel";
		self.plan(&Order::Open(Box::new(opening)), what, worst_of_opening(window))
			.await
	}

	/// What an order would cost.
	pub(super) async fn plan(&self, order: &Order, what: &str, worst: Vec<String>) -> Answer {
		let Some(chain) = &self.chain else {
			return Answer::Failed("no node of the chain is reached: see `smart-pay doctor`".into());
		};
		let ledger = chain.ledger.clone();
		match ledger.quote(order).await {
			Ok(quote) => Answer::Plan(Plan {
				what: what.into(),
				fee: Planck(quote.fee),
				route_fee: Planck(0),
				held: Planck(quote.held),
				paid: Planck(quote.paid),
				missing: Planck(quote.missing),
				worst,
			}),
			Err(error) => Answer::Failed(error.to_string()),
		}
	}

	/// Asks a partner that is connected for the channels that are wanted with it.
	pub(super) fn ask_openings(&mut self, node: NodeKey) {
		let Some(account) = self.peers.get(&node).and_then(|peer| peer.account) else {
			return;
		};
		let open: Vec<u64> = self
			.openings
			.pending
			.iter()
			.filter(|(_, pending)| pending.node == node && pending.key.is_none())
			.map(|(id, _)| *id)
			.collect();
		for id in open {
			let key = match self.new_key(&account) {
				Ok(key) => key,
				Err(why) => {
					self.openings.fail(id, why);
					continue;
				}
			};
			let Some(pending) = self.openings.pending.get_mut(&id) else {
				continue;
			};
			pending.key = Some(key);
			let ask = Frame::AskOpen {
				id,
				opener: self.account,
				key,
				window: pending.window,
			};
			self.wire.send(node, ask);
		}
	}

	/// A key for a channel with this partner, which was never used.
	fn new_key(&self, partner: &Account) -> Result<ChannelKey, String> {
		let taken = self.records.take_key(&self.keys, partner);
		let (of, key) = taken.map_err(|error| error.to_string())?;
		if of.number >= MOST_KEYS {
			return Err("no key is left for channels of these two accounts: use another account".into());
		}
		Ok(key)
	}

	/// Somebody wants a channel with us: what our account signs.
	pub(super) fn agree(
		&mut self,
		node: NodeKey,
		opener: Account,
		key: ChannelKey,
		window: Tick,
	) -> Result<(Account, ChannelKey, Tick, MultiSignature), String> {
		let channels = &self.config.channels;
		if !channels.accept {
			return Err("this program takes no channels that others open".into());
		}
		if window < channels.least_window {
			return Err(format!(
				"the window has to be at least {}",
				lasting(channels.least_window)
			));
		}
		let signer = self
			.signer
			.clone()
			.ok_or("this program has no key of its account to agree with")?;
		let side = Side::of(&self.account, &opener).ok_or("a channel is of two accounts")?;
		if self.told_at.is_none() {
			return Err("this program does not know the time of the chain yet: ask again".into());
		}
		let now = self.now();
		if !self.openings.may_agree(&opener, now) {
			return Err("too many channels were asked for and not opened yet: ask again in twenty minutes".into());
		}
		let own = self.new_key(&opener)?;
		self.openings.agreed.insert(own, (opener, now.saturating_add(KEPT_FOR)));
		let accept = Accept {
			terms: Terms {
				keys: PerSide::from_fn(|of| if of == side { own } else { key }),
				window,
			},
			opener,
			expiry: self.now().saturating_add(AGREED_FOR),
		};
		let payload = accept.payload(&self.context_of_opening(side));
		let signature = signer.sign(&payload).map_err(|error| error.to_string())?;
		self.openings.keep(
			own,
			Reach {
				node,
				url: String::new(),
			},
		);
		Ok((self.account, own, accept.expiry, signature))
	}

	fn context_of_opening(&self, side: Side) -> Context {
		Context {
			genesis: self.genesis,
			channel: NO_CHANNEL,
			asset: STCI,
			side,
		}
	}

	/// The partner agrees: the channel is opened.
	pub(super) fn agreed(
		&mut self,
		node: NodeKey,
		id: u64,
		account: Account,
		key: ChannelKey,
		expiry: Tick,
		signature: MultiSignature,
	) {
		let Some(pending) = self
			.openings
			.pending
			.get_mut(&id)
			.filter(|pending| pending.node == node && !pending.carried)
		else {
			self.counts.refused += 1;
			return;
		};
		let (Some(own), Some(side)) = (pending.key, Side::of(&self.account, &account)) else {
			return;
		};
		let terms = Terms {
			keys: PerSide::from_fn(|of| if of == side { own } else { key }),
			window: pending.window,
		};
		let reach = Reach {
			node,
			url: pending.url.clone(),
		};
		let amount = pending.deposit;
		let accept = Accept {
			terms,
			opener: self.account,
			expiry,
		};
		let context = self.context_of_opening(side.partner());
		let signed = signature.verify(&accept.payload(&context)[..], &AccountId::new(account));
		if !signed || self.peers.get(&node).and_then(|peer| peer.account) != Some(account) {
			self.openings.fail(
				id,
				"the partner's account did not sign the channel: nothing was sent".into(),
			);
			return;
		}
		let opening = Opening {
			partner: account,
			terms,
			amount,
			expiry,
			signature,
		};
		self.carry_opening(id, own, reach, opening);
	}

	/// Opens a channel, and tells when it is final.
	fn carry_opening(&mut self, id: u64, own: ChannelKey, reach: Reach, opening: Opening) {
		let Some(chain) = &self.chain else {
			self.openings
				.fail(id, "no node of the chain is reached: nothing was sent".into());
			return;
		};
		let order = Order::Open(Box::new(opening));
		let (ledger, teller) = (chain.ledger.clone(), self.openings.teller());
		self.openings.keep(own, reach);
		if let Some(pending) = self.openings.pending.get_mut(&id) {
			pending.carried = true;
		}
		tokio::spawn(async move {
			let result = ledger.carry(&order).await;
			let carried = Carried {
				what: "the channel is open".into(),
				opening: Some(id),
				reply: None,
				result,
			};
			let _ = teller.send(carried).await;
		});
	}

	/// Brings something to the chain for a command, which waits for it.
	pub(super) fn carry(&mut self, order: Order, what: String, reply: oneshot::Sender<Answer>) {
		let Some(chain) = &self.chain else {
			let _ = reply.send(Answer::Failed(
				"no node of the chain is reached: nothing was sent".into(),
			));
			return;
		};
		let (ledger, teller) = (chain.ledger.clone(), self.openings.teller());
		tokio::spawn(async move {
			let result = ledger.carry(&order).await;
			let carried = Carried {
				what,
				opening: None,
				reply: Some(reply),
				result,
			};
			let _ = teller.send(carried).await;
		});
	}

	pub(super) fn on_carried(&mut self, carried: Carried) {
		let pending = carried.opening.and_then(|id| self.openings.pending.remove(&id));
		let key = pending.as_ref().and_then(|pending| pending.key);
		let Some(reply) = carried.reply.or_else(|| pending.and_then(|pending| pending.reply)) else {
			return;
		};
		let answer = match carried.result {
			Ok(block) => Answer::Done(Flow {
				said: format!("{}: final in block {block}", carried.what),
				envelope: None,
				number: key.and_then(|key| self.channel_of(&key)),
			}),
			Err(error) if is_unclear(&error) => Answer::Failed(format!(
				"{error}. It may still come: look at `smart-pay channels` and at the account before you try again"
			)),
			Err(error) => Answer::Failed(format!("{error}; nothing was done")),
		};
		let _ = reply.send(answer);
	}

	/// The channel in which this is our key, if its opening was told already.
	fn channel_of(&self, key: &ChannelKey) -> Option<u64> {
		let mut all = self.party.channels();
		all.find(|id| {
			self.party
				.sheet(*id)
				.is_some_and(|sheet| sheet.key(sheet.side()) == key)
		})
	}
}
