//! The client.

use crate::{
	heads::{Head, Heads},
	link::LinkState,
	send::{Call, Progress, Quote, Signer},
	types::{Account, AccountId, BlockNumber, Candidate, Facts, Hash, NodeUrl, Nonce, Prices, SyncState},
	Result,
};
use tokio::sync::watch;

/// A chain, through whichever of some nodes answers. Cheap to clone; the connection ends with the last clone.
#[derive(Clone)]
pub struct Chain {}

impl Chain {
	/// Connects with the first of these nodes that answers and is of the right chain. From then on the connection is
	/// kept: if it is lost, all nodes are tried in turn, with growing pauses up to half a minute.
	///
	/// - `urls`: from 1 to 8.
	/// - `genesis`: the chain that is wanted; if none is given, the chain of the first that answers.
	///
	/// # Errors
	/// `NoUrl`, `TooManyUrls`; `NoNode` if none answers (the caller may try again); `WrongGenesis` if those that answer
	/// follow another chain; `Undecodable` if the runtime's metadata cannot be read.
	pub async fn connect(urls: &[NodeUrl], genesis: Option<Hash>) -> Result<Self>;

	/// Whether a node is reached, as it changes.
	pub fn link(&self) -> watch::Receiver<LinkState>;

	/// The hash of the chain's first block.
	pub fn genesis(&self) -> Hash;

	/// What is known of chain and node.
	pub fn facts(&self) -> Facts;

	/// How far the node is.
	pub async fn sync_state(&self) -> Result<SyncState>;

	/// The best block.
	pub async fn best(&self) -> Result<Head>;

	/// The highest block that is final.
	pub async fn finalized(&self) -> Result<Head>;

	/// A block of the best chain by its height; none above the best.
	pub async fn block(&self, number: BlockNumber) -> Result<Option<Head>>;

	/// Best and final blocks from now on.
	pub fn heads(&self) -> Heads;

	/// The current era as of a block.
	pub async fn era(&self, at: Hash) -> Result<u32>;

	/// What an account has as of a block; all 0 if there is none.
	pub async fn account(&self, who: &AccountId, at: Hash) -> Result<Account>;

	/// The next nonce of an account, what waits at the node included.
	pub async fn next_nonce(&self, who: &AccountId) -> Result<Nonce>;

	/// What things cost.
	pub fn prices(&self) -> Result<Prices>;

	/// A candidate as of a block; none if the account is none.
	pub async fn candidate_of(&self, who: &AccountId, at: Hash) -> Result<Option<Candidate>>;

	/// What a call would cost this account now. Nothing is signed.
	pub async fn quote(&self, call: &Call, from: &AccountId) -> Result<Quote>;

	/// Signs a call and sends it. Several calls of one account may go out one after the other: nonces count on.
	///
	/// # Errors
	/// `Rejected` if the pool does not take it; `OtherRuntime` or `Missing` if the runtime's call is another one.
	pub async fn send(&self, call: &Call, signer: &dyn Signer) -> Result<Progress>;

	/// Whether this runtime has all that an agent needs, in the shape that this program knows: for `doctor`, and at the
	/// start. Each error names one thing.
	pub fn check_runtime(&self) -> Vec<crate::ChainError>;
}
