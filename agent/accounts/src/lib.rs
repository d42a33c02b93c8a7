#![doc = include_str!("../README.md")]

#[cfg(feature = "testing")]
#[allow(missing_docs)]
pub mod fake;

use async_trait::async_trait;
use device_primitives::DeviceId;
use proof_lottery_primitives::{DeviceProofs, OpenRound};
use smart_agent_chain::{
	Account, AccountId, Call, Candidate, Chain, ChainError, Claimable, ClosedEra, Device, Facts, Head, Included,
	KeyUse, Node, NodeUrl, Prices, Quote, Result, Signer, SyncState, DECIMALS, SYMBOL,
};
use smart_agent_terminal::money::Currency;

/// Until when a transaction is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
	/// It is in a block.
	Block,
	/// That block is final.
	Final,
}

/// What commands need of the chain: a [`Chain`], or one in memory.
#[async_trait]
pub trait Ledger: Send + Sync {
	/// What is known of chain and node.
	fn facts(&self) -> Facts;
	/// How its currency is written, whatever a node says.
	fn currency(&self) -> Currency {
		Currency::new(SYMBOL, DECIMALS)
	}
	/// What things cost.
	///
	/// # Errors
	/// If the runtime does not say.
	fn prices(&self) -> Result<Prices>;
	/// What this program needs of the runtime and does not find, or finds otherwise.
	fn check_runtime(&self) -> Vec<ChainError>;
	/// The best block.
	///
	/// # Errors
	/// If the node is not reached, or answers what cannot be read; so for all that follow.
	async fn best(&self) -> Result<Head>;
	/// The highest block that is final.
	async fn finalized(&self) -> Result<Head>;
	/// How far the node is.
	async fn sync_state(&self) -> Result<SyncState>;
	/// What an account has.
	async fn account(&self, who: &[u8; 32]) -> Result<Account>;
	/// A device as it is registered.
	async fn device(&self, device: &[u8; 32]) -> Result<Option<Device>>;
	/// What a device's key was used for; none if it never was.
	async fn key_use(&self, device: &[u8; 32]) -> Result<Option<KeyUse>>;
	/// An account as candidate.
	async fn candidate(&self, who: &[u8; 32]) -> Result<Option<Candidate>>;
	/// How it does in its lotteries.
	async fn proofs(&self, device: &[u8; 32]) -> Result<Option<DeviceProofs<AccountId>>>;
	/// Rounds that can still be won.
	async fn open_rounds(&self) -> Result<Vec<OpenRound>>;
	/// What an account can claim, as of the highest final block.
	async fn claimable(&self, who: &[u8; 32]) -> Result<Claimable>;
	/// How an era was closed, as of a block; none if the chain does not know it any more.
	async fn closed_era(&self, era: u32, at: &Head) -> Result<Option<ClosedEra>>;
	/// What a call costs an account.
	async fn quote(&self, call: &Call, from: &[u8; 32]) -> Result<Quote>;
	/// Signs a call, sends it, and waits for it.
	///
	/// # Errors
	/// Also `Rejected`, `Dispatch`, `Dropped`, `Expired`: what became of it.
	async fn send(&self, call: &Call, signer: &dyn Signer, wait: Wait) -> Result<Included>;
}

/// Connects with a chain.
///
/// # Errors
/// `BadUrl`, `NoNode`, `WrongGenesis`; see `Chain::connect`.
pub async fn connect(nodes: &[String], genesis: Option<[u8; 32]>) -> Result<Chain> {
	let urls: Vec<NodeUrl> = nodes.iter().map(|url| url.parse()).collect::<Result<_>>()?;
	Chain::connect(&urls, genesis.map(Into::into)).await
}

#[async_trait]
impl Ledger for Chain {
	fn facts(&self) -> Facts {
		Chain::facts(self)
	}

	fn prices(&self) -> Result<Prices> {
		Chain::prices(self)
	}

	fn check_runtime(&self) -> Vec<ChainError> {
		Chain::check_runtime(self)
	}

	async fn best(&self) -> Result<Head> {
		Chain::best(self).await
	}

	async fn finalized(&self) -> Result<Head> {
		Chain::finalized(self).await
	}

	async fn sync_state(&self) -> Result<SyncState> {
		Chain::sync_state(self).await
	}

	async fn account(&self, who: &[u8; 32]) -> Result<Account> {
		let at = Chain::best(self).await?.hash;
		Chain::account(self, &AccountId::new(*who), at).await
	}

	async fn device(&self, device: &[u8; 32]) -> Result<Option<Device>> {
		let at = Chain::best(self).await?.hash;
		Node::device(self, &DeviceId(*device), at).await
	}

	async fn key_use(&self, device: &[u8; 32]) -> Result<Option<KeyUse>> {
		let at = Chain::best(self).await?.hash;
		Node::key_use(self, &DeviceId(*device), at).await
	}

	async fn candidate(&self, who: &[u8; 32]) -> Result<Option<Candidate>> {
		let at = Chain::best(self).await?.hash;
		Chain::candidate(self, &AccountId::new(*who), at).await
	}

	async fn proofs(&self, device: &[u8; 32]) -> Result<Option<DeviceProofs<AccountId>>> {
		let at = Chain::best(self).await?.hash;
		Node::device_proofs(self, &DeviceId(*device), at).await
	}

	async fn open_rounds(&self) -> Result<Vec<OpenRound>> {
		let at = Chain::best(self).await?.hash;
		Node::open_rounds(self, at).await
	}

	async fn claimable(&self, who: &[u8; 32]) -> Result<Claimable> {
		Chain::claimable(self, &AccountId::new(*who)).await
	}

	async fn closed_era(&self, era: u32, at: &Head) -> Result<Option<ClosedEra>> {
		Chain::closed_era(self, era, at.hash).await
	}

	async fn quote(&self, call: &Call, from: &[u8; 32]) -> Result<Quote> {
		Chain::quote(self, call, &AccountId::new(*from)).await
	}

	async fn send(&self, call: &Call, signer: &dyn Signer, wait: Wait) -> Result<Included> {
		let mut progress = Chain::send(self, call, signer).await?;
		match wait {
			Wait::Block => progress.in_block().await,
			Wait::Final => progress.finalized().await,
		}
	}
}
