//! A chain over a node.

use crate::{
	calls::{Order, Way},
	error::LedgerError,
	events::Event,
	ledger::{Bid, Ears, Going, Ledger, News, OpenChannel, Spot},
	types::{Aftermath, AnnouncedEndpoint, Case, Channel, ChannelPrices, Phase, Revealed, Ticks, TowerOnChain},
	Endpoint, PALLET,
};
use async_trait::async_trait;
use channel_primitives::{
	Account, Balance, ChannelId, ChannelState, Hash, PerSide, PredicateId, Reveal, Side, Stage, Tick, STCI,
};
use smart_agent_chain::{AccountId, Args, Call, Chain, ChainError, Head, HeadEvent, Heads, Quote, Signer, Step};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::mpsc;

/// How many channels are looked at for one question.
const MOST_AT_ONCE: u64 = 1_024;

/// A chain through whichever of some nodes answers, and the key of the account that signs. Cheap to clone.
#[derive(Clone)]
pub struct Net {
	chain: Chain,
	account: Option<Account>,
	signer: Option<Arc<dyn Signer>>,
}

impl Net {
	/// Of a connection, for the account of this signer.
	pub fn new(chain: Chain, signer: Arc<dyn Signer>) -> Self {
		Self {
			chain,
			account: Some(signer.account().into()),
			signer: Some(signer),
		}
	}

	/// The same without a key: it asks, says what the account would pay, and hands in what nobody signs.
	pub fn asking(chain: Chain, account: Option<Account>) -> Self {
		Self {
			chain,
			account,
			signer: None,
		}
	}

	/// The connection.
	pub fn chain(&self) -> &Chain {
		&self.chain
	}

	/// What channels cost besides fees.
	///
	/// # Errors
	/// If the runtime does not say it.
	pub fn prices(&self) -> Result<ChannelPrices, LedgerError> {
		let price = |name: &str| self.chain.constant::<Balance>(PALLET, name);
		Ok(ChannelPrices {
			channel_deposit: price("ChannelDeposit")?,
			reveal_deposit: price("RevealDeposit")?,
			endpoint_deposit: price("EndpointDeposit")?,
			least_bond: price("MinBond")?,
			existential_deposit: self.chain.constant::<Balance>("Balances", "ExistentialDeposit")?,
		})
	}

	/// Where an account's node is reached, as it has announced it; none if it has not.
	///
	/// # Errors
	/// As of [`Ledger::finalized`].
	pub async fn endpoint(&self, who: &Account) -> Result<Option<AnnouncedEndpoint>, LedgerError> {
		let at = self.chain.finalized().await?.hash;
		let keys = Args::none().and("who", &AccountId::new(*who));
		Ok(self.chain.stored(PALLET, "Endpoints", &keys, at).await?)
	}

	/// An account as a tower; none if it is none.
	///
	/// # Errors
	/// As of [`Ledger::finalized`].
	pub async fn tower(&self, who: &Account) -> Result<Option<TowerOnChain>, LedgerError> {
		let at = self.chain.finalized().await?.hash;
		let keys = Args::none().and("who", &AccountId::new(*who));
		Ok(self.chain.stored(PALLET, "Towers", &keys, at).await?)
	}

	async fn case(&self, id: ChannelId, at: Hash) -> Result<Option<Case>, LedgerError> {
		Ok(self.chain.stored(PALLET, "Cases", &of_channel(id), at.into()).await?)
	}

	async fn aftermath(&self, id: ChannelId, at: Hash) -> Result<Option<Aftermath>, LedgerError> {
		let keys = of_channel(id);
		Ok(self.chain.stored(PALLET, "Aftermaths", &keys, at.into()).await?)
	}
}

fn of_channel(id: ChannelId) -> Args {
	Args::none().and("channel", &id)
}

fn spot(head: Head) -> Spot {
	Spot {
		number: head.number,
		hash: head.hash.into(),
		parent: head.parent.into(),
	}
}

fn ended() -> ChainError {
	ChainError::Unclear {
		why: "its watcher ended".into(),
	}
}

/// A phase without its entry is none that a sound chain has.
fn torn(id: ChannelId) -> LedgerError {
	LedgerError::Unreadable(format!(
		"channel {id}, of which a part is missing: the node's data is damaged, ask another one"
	))
}

/// Blocks of a connection: of a best chain that changed all that are new in it.
struct OfNode {
	heads: Heads,
	adopted: VecDeque<Head>,
}

#[async_trait]
impl Ears for OfNode {
	async fn next(&mut self) -> Option<News> {
		loop {
			if let Some(head) = self.adopted.pop_front() {
				return Some(News::Best(spot(head)));
			}
			match self.heads.next().await? {
				HeadEvent::Final(head) => return Some(News::Final(spot(head))),
				HeadEvent::Best { adopted, .. } => self.adopted.extend(adopted),
			}
		}
	}
}

#[async_trait]
impl Ledger for Net {
	fn genesis(&self) -> Hash {
		self.chain.genesis().into()
	}

	fn is_reached(&self) -> bool {
		self.chain.link().borrow().is_connected()
	}

	async fn doubt(&self, why: &str) {
		self.chain.leave(why).await;
	}

	fn ears(&self) -> Box<dyn Ears> {
		Box::new(OfNode {
			heads: self.chain.heads(),
			adopted: VecDeque::new(),
		})
	}

	async fn finalized(&self) -> Result<Spot, LedgerError> {
		Ok(spot(self.chain.finalized().await?))
	}

	async fn block(&self, number: u32) -> Result<Option<Spot>, LedgerError> {
		Ok(self.chain.block(number).await?.map(spot))
	}

	async fn tick(&self, at: Hash) -> Result<Tick, LedgerError> {
		let ticks: Option<Ticks> = self.chain.stored("Poca", "Clock", &Args::none(), at.into()).await?;
		Ok(ticks.unwrap_or_default().tick)
	}

	async fn events(&self, at: Hash) -> Result<Vec<Event>, LedgerError> {
		let events = self.chain.events_of(PALLET, at.into()).await?;
		let mut found = Vec::new();
		for event in &events {
			found.extend(Event::of(event)?);
		}
		Ok(found)
	}

	async fn channel(&self, id: ChannelId, at: Hash) -> Result<Option<ChannelState>, LedgerError> {
		let keys = of_channel(id);
		let found: Option<Channel> = self.chain.stored(PALLET, "Channels", &keys, at.into()).await?;
		let Some(channel) = found else {
			return Ok(None);
		};
		let stage = match channel.phase {
			Phase::Open => Stage::Open,
			Phase::Closing => Stage::Closing(self.case(id, at).await?.ok_or_else(|| torn(id))?.dispute),
			Phase::Settled => Stage::Settled(self.aftermath(id, at).await?.ok_or_else(|| torn(id))?.pending),
		};
		Ok(Some(channel.state(stage)))
	}

	async fn channels_of(
		&self,
		account: &Account,
		first: ChannelId,
		last: ChannelId,
		at: Hash,
	) -> Result<Vec<ChannelId>, LedgerError> {
		let mut found = Vec::new();
		let mut next = first;
		while next <= last {
			let end = last.min(next.saturating_add(MOST_AT_ONCE - 1));
			let ids: Vec<ChannelId> = (next..=end).collect();
			let keys: Vec<Args> = ids.iter().map(|id| of_channel(*id)).collect();
			let channels: Vec<Option<Channel>> = self.chain.stored_many(PALLET, "Channels", &keys, at.into()).await?;
			for (id, channel) in ids.into_iter().zip(channels) {
				let is_ours = |side: Side| {
					let of = channel.as_ref().map(|channel| channel.accounts.get(side));
					of.is_some_and(|of| <AccountId as AsRef<[u8; 32]>>::as_ref(of) == account)
				};
				if Side::ALL.into_iter().any(is_ours) {
					found.push(id);
				}
			}
			next = end.saturating_add(1);
		}
		Ok(found)
	}

	async fn last_id(&self, at: Hash) -> Result<ChannelId, LedgerError> {
		let last: Option<ChannelId> = self.chain.stored(PALLET, "LastId", &Args::none(), at.into()).await?;
		Ok(last.unwrap_or_default())
	}

	async fn open_channels(
		&self,
		first: ChannelId,
		last: ChannelId,
		at: Hash,
	) -> Result<Vec<OpenChannel>, LedgerError> {
		let mut found = Vec::new();
		let mut next = first;
		while next <= last {
			let end = last.min(next.saturating_add(MOST_AT_ONCE - 1));
			let ids: Vec<ChannelId> = (next..=end).collect();
			let keys: Vec<Args> = ids.iter().map(|id| of_channel(*id)).collect();
			let channels: Vec<Option<Channel>> = self.chain.stored_many(PALLET, "Channels", &keys, at.into()).await?;
			for (id, channel) in ids.into_iter().zip(channels) {
				let open = channel.filter(|channel| matches!(channel.phase, Phase::Open) && channel.asset == STCI);
				found.extend(open.map(|channel| OpenChannel {
					id,
					total: channel.stake.total(),
					accounts: PerSide {
						low: channel.accounts.low.into(),
						high: channel.accounts.high.into(),
					},
				}));
			}
			next = end.saturating_add(1);
		}
		Ok(found)
	}

	async fn endpoints(&self, accounts: &[Account], at: Hash) -> Result<Vec<Option<Endpoint>>, LedgerError> {
		let keys: Vec<Args> = accounts
			.iter()
			.map(|account| Args::none().and("who", &AccountId::new(*account)))
			.collect();
		let found: Vec<Option<AnnouncedEndpoint>> =
			self.chain.stored_many(PALLET, "Endpoints", &keys, at.into()).await?;
		Ok(found
			.into_iter()
			.map(|found| found.map(|found| found.endpoint))
			.collect())
	}

	async fn reveals(&self, conditions: &[Hash], at: Hash) -> Result<Vec<Option<Reveal>>, LedgerError> {
		let keys: Vec<Args> = conditions
			.iter()
			.map(|hash| Args::none().and("condition", hash))
			.collect();
		let found: Vec<Option<Revealed>> = self.chain.stored_many(PALLET, "Reveals", &keys, at.into()).await?;
		Ok(found.into_iter().map(|found| found.map(|found| found.reveal)).collect())
	}

	/// Predicates are looked at by the chain alone: who locks on one waits until somebody has shown it there.
	async fn holds(&self, _: PredicateId, _: &[u8]) -> Result<bool, LedgerError> {
		Ok(false)
	}

	async fn quote(&self, order: &Order) -> Result<Quote, LedgerError> {
		let (way, call) = order.call(&self.prices()?);
		if way == Way::Free {
			return Ok(Quote {
				fee: 0,
				paid: 0,
				held: 0,
				spendable: 0,
				missing: 0,
			});
		}
		let account = AccountId::new(self.account.ok_or(LedgerError::NoSigner)?);
		Ok(self.chain.quote(&Call::Named(call), &account).await?)
	}

	async fn send(&self, order: &Order, bid: Bid, steps: mpsc::Sender<Going>) -> Result<u32, LedgerError> {
		let call = Call::Named(order.call(&self.prices()?).1);
		let signer = self.signer.as_ref().ok_or(LedgerError::NoSigner)?;
		let mut progress = match bid.nonce {
			None => self.chain.send_with_tip(&call, signer.as_ref(), bid.tip).await?,
			Some(nonce) => self.chain.replace(&call, signer.as_ref(), nonce, bid.tip).await?,
		};
		let nonce = match progress.next().await {
			Some(Ok(Step::InPool { nonce, .. })) => nonce,
			Some(Err(error)) => return Err(error.into()),
			_ => return Err(ended().into()),
		};
		tokio::spawn(async move {
			// A refusal is said again once its block is final: before that a reorganization may undo it.
			let mut is_refused = false;
			while let Some(step) = progress.next().await {
				let was_refused = std::mem::take(&mut is_refused);
				let going = match step {
					Ok(Step::InPool { .. }) => continue,
					Ok(Step::InBlock(_)) => Going::InBlock,
					Ok(Step::Retracted { .. }) => Going::Retracted,
					Ok(Step::Finalized(included)) => Going::Final(included.number),
					Err(ChainError::Dispatch { .. }) if !was_refused => {
						is_refused = true;
						Going::InBlock
					}
					Err(error @ ChainError::Dispatch { .. }) => Going::Refused(error.into()),
					Err(error) => Going::Lost(error.into()),
				};
				if steps.send(going).await.is_err() {
					return;
				}
			}
		});
		Ok(nonce)
	}

	async fn carry(&self, order: &Order) -> Result<u32, LedgerError> {
		let (way, call) = order.call(&self.prices()?);
		if way == Way::Free {
			self.chain.submit_free(&call).await?;
			return Ok(0);
		}
		let signer = self.signer.as_ref().ok_or(LedgerError::NoSigner)?;
		let mut progress = self.chain.send(&Call::Named(call), signer.as_ref()).await?;
		Ok(progress.finalized().await?.number)
	}
}
