//! A chain as it is asked here.

use crate::{calls::Order, error::LedgerError, events::Event, Endpoint};
use async_trait::async_trait;
use channel_primitives::{Account, Balance, ChannelId, ChannelState, Hash, PerSide, PredicateId, Reveal, Tick};
use smart_agent_chain::Quote;
use tokio::sync::mpsc;

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: Hash,
	/// The block before it.
	pub parent: Hash,
}

/// What a node tells by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
	/// A block of the best chain.
	Best(Spot),
	/// A final block: it and all before it stay.
	Final(Spot),
}

/// What is offered for a place in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bid {
	/// The nonce of what it takes the place of; none for something new.
	pub nonce: Option<u32>,
	/// What is paid besides the fee, in planck.
	pub tip: Balance,
}

/// How far something is that an account signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Going {
	/// It is in a block of the best chain.
	InBlock,
	/// It is in none any more.
	Retracted,
	/// It is in a final block of this height: the last word.
	Final(
		/// The height.
		u32,
	),
	/// It is in a block, and was refused there: the last word, also of what has the same nonce.
	Refused(
		/// Why.
		LedgerError,
	),
	/// It came into no block: the last word of this one.
	Lost(
		/// Why.
		LedgerError,
	),
}

/// An open channel, as everybody sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenChannel {
	/// Its number.
	pub id: ChannelId,
	/// Whose it is.
	pub accounts: PerSide<Account>,
	/// All that is in it, in planck.
	pub total: Balance,
}

/// Listens to blocks.
#[async_trait]
pub trait Ears: Send {
	/// The next of them; none only if the chain is gone for good. Some may be left out.
	async fn next(&mut self) -> Option<News>;
}

/// A chain: [`Net`](crate::Net) over a node, or `testing::FakeLedger`.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
	/// The hash of its first block.
	fn genesis(&self) -> Hash;

	/// Whether a node is reached.
	fn is_reached(&self) -> bool;

	/// What the node says is doubted: another one is asked from now on, if one is named. `why` is for the log.
	async fn doubt(&self, _why: &str) {}

	/// Blocks from now on.
	fn ears(&self) -> Box<dyn Ears>;

	/// The highest final block.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read. So it is with all that is asked.
	async fn finalized(&self) -> Result<Spot, LedgerError>;

	/// A block of the best chain by its height; none above the best.
	///
	/// # Errors
	/// As [`Self::finalized`].
	async fn block(&self, number: u32) -> Result<Option<Spot>, LedgerError>;

	/// The tick of the markets' clock as of a block.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`.
	async fn tick(&self, at: Hash) -> Result<Tick, LedgerError>;

	/// What a block says of channels and conditions.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`, `Unreadable`.
	async fn events(&self, at: Hash) -> Result<Vec<Event>, LedgerError>;

	/// A channel as of a block; none if it is gone, or not open yet.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`.
	async fn channel(&self, id: ChannelId, at: Hash) -> Result<Option<ChannelState>, LedgerError>;

	/// Those of the channels from `first` to `last` that there are as of a block and that are of this account.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`.
	async fn channels_of(
		&self,
		account: &Account,
		first: ChannelId,
		last: ChannelId,
		at: Hash,
	) -> Result<Vec<ChannelId>, LedgerError>;

	/// The number of the newest channel as of a block.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`.
	async fn last_id(&self, at: Hash) -> Result<ChannelId, LedgerError>;

	/// The channels from `first` to `last` that are open as of a block and hold STCI, whosever they are.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`.
	async fn open_channels(&self, first: ChannelId, last: ChannelId, at: Hash)
		-> Result<Vec<OpenChannel>, LedgerError>;

	/// Where the nodes of some accounts are reached, as they have announced it as of a block, in their order.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`.
	async fn endpoints(&self, accounts: &[Account], at: Hash) -> Result<Vec<Option<Endpoint>>, LedgerError>;

	/// What is known of some conditions as of a block, in their order.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoState`.
	async fn reveals(&self, conditions: &[Hash], at: Hash) -> Result<Vec<Option<Reveal>>, LedgerError>;

	/// Whether a predicate holds as of the last final block. Of one that is not known here, nothing does.
	///
	/// # Errors
	/// As [`Self::finalized`].
	async fn holds(&self, predicate: PredicateId, args: &[u8]) -> Result<bool, LedgerError>;

	/// What an order costs now. Nothing is signed.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoSigner` if it is not known whose account pays.
	async fn quote(&self, order: &Order) -> Result<Quote, LedgerError>;

	/// Hands in what an account signs, and tells `steps` how far it is. Returns its nonce.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoSigner`, `Refused`.
	async fn send(&self, order: &Order, bid: Bid, steps: mpsc::Sender<Going>) -> Result<u32, LedgerError>;

	/// Brings an order to the chain, without a tip: what is free is handed in; what an account signs is waited for
	/// until it is final. Returns the height of its block, 0 if it was handed in.
	///
	/// # Errors
	/// As [`Self::finalized`]; `NoSigner`, `Refused`; what the pallet said.
	async fn carry(&self, order: &Order) -> Result<u32, LedgerError>;
}
