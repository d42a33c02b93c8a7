//! The client.

mod ask;
mod earnings;
mod facts;
mod find;
mod follow;
mod others;
mod sign;
mod state;
mod submit;

pub use follow::is_ahead;

use crate::{
	heads::{Head, HeadEvent, Heads, HEAD_BUFFER},
	link::LinkState,
	node::Node,
	rpc::{Keeper, Rpc},
	runtime::Runtime,
	send::{Call, Progress, Quote, Signer},
	types::{
		Account, AccountId, Balance, BlockNumber, Candidate, Device, Facts, Hash, KeyUse, NodeUrl, Nonce, Prices, Slot,
		SyncState,
	},
	wins::{Outcome, Receipt, Submitted, Win},
	ChainError, Result,
};
use async_trait::async_trait;
use device_primitives::DeviceId;
use find::Bodies;
use proof_lottery_primitives::{DeviceProofs, OpenRound};
use sign::Nonces;
use std::sync::{Arc, Mutex};
use tokio::{
	sync::{broadcast, watch},
	task::AbortHandle,
};

/// A chain, through whichever of some nodes answers. Cheap to clone; the connection ends with the last clone.
#[derive(Clone)]
pub struct Chain {
	inner: Arc<Inner>,
	/// Ends with the last clone.
	_tasks: Arc<Tasks>,
}

impl std::fmt::Debug for Chain {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Chain").field("genesis", &self.inner.genesis).finish()
	}
}

struct Tasks {
	_keeper: Keeper,
	follower: AbortHandle,
}

impl Drop for Tasks {
	fn drop(&mut self) {
		self.follower.abort();
	}
}

/// What all clones and tasks share.
struct Inner {
	rpc: Rpc,
	genesis: Hash,
	/// What is known of the node that is connected, and the best block's runtime.
	now: watch::Sender<Now>,
	heads: broadcast::Sender<HeadEvent>,
	nonces: Nonces,
	bodies: Mutex<Bodies>,
}

#[derive(Clone)]
struct Now {
	facts: Arc<Facts>,
	runtime: Arc<Runtime>,
}

impl Inner {
	fn runtime(&self) -> Arc<Runtime> {
		self.now.borrow().runtime.clone()
	}

	fn facts(&self) -> Arc<Facts> {
		self.now.borrow().facts.clone()
	}

	fn listen(&self) -> Heads {
		Heads::new(self.heads.subscribe())
	}
}

impl Chain {
	/// Connects with the first of these nodes that answers and is of the right chain. From then on the connection is
	/// kept: if it is lost, all nodes are tried in turn, with growing pauses up to half a minute.
	///
	/// - `urls`: from 1 to 8.
	/// - `genesis`: the chain that is wanted; if none is given, the chain of the first that answers.
	///
	/// # Errors
	/// `NoUrl`, `TooManyUrls`; `NoNode` if none answers (the caller may try again); `WrongGenesis` if all answer and
	/// follow another chain; `Undecodable` if the runtime's metadata cannot be read.
	pub async fn connect(urls: &[NodeUrl], genesis: Option<Hash>) -> Result<Self> {
		let (keeper, rpc, genesis) = Keeper::start(urls, genesis).await?;
		let live = rpc.live().await?;
		let now = facts::learn(&live, genesis, None).await?;
		let inner = Arc::new(Inner {
			rpc,
			genesis,
			now: watch::Sender::new(now),
			heads: broadcast::Sender::new(HEAD_BUFFER),
			nonces: Nonces::default(),
			bodies: Mutex::new(Bodies::default()),
		});
		let follower = tokio::spawn(follow::follow(inner.clone())).abort_handle();
		let tasks = Tasks {
			_keeper: keeper,
			follower,
		};
		Ok(Self {
			inner,
			_tasks: Arc::new(tasks),
		})
	}

	/// Goes on with the next node if several are named: what this one says is doubted.
	///
	/// - `why`: what is told of it in the log.
	pub async fn leave(&self, why: &str) {
		if let Ok(live) = self.inner.rpc.live().await {
			if live.others {
				live.leave(why.to_owned());
			}
		}
	}

	/// Whether a node is reached, as it changes.
	pub fn link(&self) -> watch::Receiver<LinkState> {
		self.inner.rpc.link()
	}

	/// The hash of the chain's first block.
	pub fn genesis(&self) -> Hash {
		self.inner.genesis
	}

	/// What is known of chain and node.
	pub fn facts(&self) -> Facts {
		Facts::clone(&self.inner.facts())
	}

	/// How far the node is.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read. So it is with all that is asked of it.
	pub async fn sync_state(&self) -> Result<SyncState> {
		self.inner.sync_state().await
	}

	/// The best block.
	///
	/// # Errors
	/// As [`Self::sync_state`].
	pub async fn best(&self) -> Result<Head> {
		self.inner.best().await
	}

	/// The highest block that is final.
	///
	/// # Errors
	/// As [`Self::sync_state`].
	pub async fn finalized(&self) -> Result<Head> {
		self.inner.finalized().await
	}

	/// A block of the best chain by its height; none above the best.
	///
	/// # Errors
	/// As [`Self::sync_state`].
	pub async fn block(&self, number: BlockNumber) -> Result<Option<Head>> {
		self.inner.block(number).await
	}

	/// Best and final blocks from now on.
	pub fn heads(&self) -> Heads {
		self.inner.listen()
	}

	/// The current era as of a block.
	///
	/// # Errors
	/// As [`Self::sync_state`].
	pub async fn era(&self, at: Hash) -> Result<u32> {
		self.inner.era(at).await
	}

	/// What an account has as of a block; all 0 if there is none.
	///
	/// # Errors
	/// As [`Self::sync_state`].
	pub async fn account(&self, who: &AccountId, at: Hash) -> Result<Account> {
		self.inner.account(who, at).await
	}

	/// An account as candidate as of a block; none if it is none.
	///
	/// # Errors
	/// As [`Self::sync_state`].
	pub async fn candidate(&self, who: &AccountId, at: Hash) -> Result<Option<Candidate>> {
		self.inner.candidate(who, at).await
	}

	/// The next nonce of an account, what waits at the node included.
	///
	/// # Errors
	/// As [`Self::sync_state`].
	pub async fn next_nonce(&self, who: &AccountId) -> Result<Nonce> {
		self.inner.next_nonce(who).await
	}

	/// What things cost.
	///
	/// # Errors
	/// `Missing` or `OtherRuntime`, if the runtime does not say it.
	pub fn prices(&self) -> Result<Prices> {
		self.inner.prices()
	}

	/// What a call would cost this account now. Nothing is signed.
	///
	/// # Errors
	/// As [`Self::sync_state`]; `OtherRuntime` or `Missing` if the runtime's call is another one.
	pub async fn quote(&self, call: &Call, from: &AccountId) -> Result<Quote> {
		self.inner.quote(call, from).await
	}

	/// Signs a call and sends it. Several calls of one account may go out one after the other: nonces count on. A pool
	/// may refuse it for want of money that the best block has brought: then it is tried again with the next four
	/// blocks, each of which is waited for twelve slots at most. It is signed anew each time, and always with the same
	/// nonce, so that it is done once whatever the node does with what it refuses.
	///
	/// # Errors
	/// `Rejected` if the pool does not take it; `Dropped` if it goes on to say that an account cannot pay which can;
	/// `OtherRuntime` or `Missing` if the runtime's call is another one; `Signer` if the key does not sign. If the node
	/// is lost before it says whether it has the transaction, that is no error: it is looked for in blocks, as others
	/// are. `Unclear` if it may be on its way and nobody can say, as if money is sent and the pool says that the nonce
	/// is another one now: look at the account before it is sent again.
	pub async fn send(&self, call: &Call, signer: &dyn Signer) -> Result<Progress> {
		sign::send(&self.inner, call, signer, 0).await
	}

	/// The same with a tip, in planck, which is paid besides the fee: where blocks are full, more goes first.
	///
	/// # Errors
	/// As [`Self::send`].
	pub async fn send_with_tip(&self, call: &Call, signer: &dyn Signer, tip: Balance) -> Result<Progress> {
		sign::send(&self.inner, call, signer, tip).await
	}

	/// Signs a call that was sent once more, with its nonce, which [`Step::InPool`](crate::Step::InPool) tells, and a
	/// higher tip: it takes the place of the one before, and one of the two is done at most. Both have a `Progress`;
	/// that of the one that is not done ends as `Expired`.
	///
	/// # Errors
	/// `Rejected` if the pool does not take it: as `Stale` if the one before is in a block, as `LowPriority` if the tip
	/// is not higher by enough. What was sent before stays then. Else as [`Self::send`].
	pub async fn replace(&self, call: &Call, signer: &dyn Signer, nonce: Nonce, tip: Balance) -> Result<Progress> {
		sign::replace(&self.inner, call, signer, (nonce, tip)).await
	}

	/// Whether this runtime has all that an agent needs, in the shape that this program knows: for `doctor`, and at the
	/// start. Each error names one thing.
	pub fn check_runtime(&self) -> Vec<ChainError> {
		self.inner.check_runtime()
	}
}

#[async_trait]
impl Node for Chain {
	fn genesis(&self) -> Hash {
		self.inner.genesis
	}

	fn slot_ms(&self) -> u64 {
		self.inner.facts().slot_ms
	}

	fn link(&self) -> watch::Receiver<LinkState> {
		self.inner.rpc.link()
	}

	fn heads(&self) -> Heads {
		self.inner.listen()
	}

	async fn open_rounds(&self, at: Hash) -> Result<Vec<OpenRound>> {
		self.inner.open_rounds(at).await
	}

	async fn device_proofs(&self, device: &DeviceId, at: Hash) -> Result<Option<DeviceProofs<AccountId>>> {
		self.inner.device_proofs(device, at).await
	}

	async fn device(&self, device: &DeviceId, at: Hash) -> Result<Option<Device>> {
		self.inner.device(device, at).await
	}

	async fn key_use(&self, device: &DeviceId, at: Hash) -> Result<Option<KeyUse>> {
		self.inner.key_use(device, at).await
	}

	async fn submit(&self, win: &Win) -> Result<Submitted> {
		self.inner.submit(win).await
	}

	async fn outcome(&self, receipt: &Receipt, until: Slot) -> Result<Outcome> {
		submit::outcome(&self.inner, receipt, until).await
	}
}
