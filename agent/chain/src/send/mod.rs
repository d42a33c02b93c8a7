//! Signed transactions: what they cost, and what becomes of them.

mod call;

pub use call::{Call, NamedCall, NamedPallet};

use crate::{
	types::{AccountId, Balance, BlockNumber, Hash, Nonce},
	ChainError, Result,
};
use async_trait::async_trait;
use codec::Decode;
use device_primitives::DeviceId;
use sp_core::Pair;
use sp_runtime::{traits::IdentifyAccount, MultiSignature, MultiSigner};
use tokio::sync::mpsc;

/// For how many blocks a transaction is good after the one that it is signed on: some half a minute.
pub const MORTAL_BLOCKS: u64 = 64;

/// Has an account do what that has to sign, for parts of a program that have no key of it.
#[async_trait]
pub trait Hand: Send + Sync {
	/// Sends a call, and waits until a block has it.
	///
	/// # Errors
	/// What became of it.
	async fn send(&self, call: &NamedCall) -> Result<()>;
}

/// An account's key.
pub trait Signer: Send + Sync {
	/// Whose it is.
	fn account(&self) -> AccountId;

	/// Signs the bytes of a transaction as they are given; they are hashed already if they are long.
	///
	/// # Errors
	/// `ChainError::Signer` if the key is not to be had.
	fn sign(&self, payload: &[u8]) -> Result<MultiSignature>;
}

/// A key in memory.
pub struct PairSigner<P>(
	/// The key.
	pub P,
);

impl<P> Signer for PairSigner<P>
where
	P: Pair + Send + Sync,
	MultiSigner: From<P::Public>,
	MultiSignature: From<P::Signature>,
{
	fn account(&self) -> AccountId {
		MultiSigner::from(self.0.public()).into_account()
	}

	fn sign(&self, payload: &[u8]) -> Result<MultiSignature> {
		Ok(self.0.sign(payload).into())
	}
}

/// What a call costs, if it is sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
	/// The fee, in planck. It may change a little from block to block.
	pub fee: Balance,
	/// What is paid besides and never comes back, in planck: prices of keys, or what is sent.
	pub paid: Balance,
	/// What is held as long as it lasts, in planck.
	pub held: Balance,
	/// What the account may spend now, in planck.
	pub spendable: Balance,
	/// What it lacks for all of that, in planck; 0 if it has enough.
	pub missing: Balance,
}

impl Quote {
	/// All that leaves what is free, in planck.
	pub fn total(&self) -> Balance {
		self.fee.saturating_add(self.paid).saturating_add(self.held)
	}

	/// What it and another call of the same account cost together.
	pub fn with(&self, other: &Self) -> Self {
		let mut all = Self {
			fee: self.fee.saturating_add(other.fee),
			paid: self.paid.saturating_add(other.paid),
			held: self.held.saturating_add(other.held),
			spendable: self.spendable.min(other.spendable),
			missing: 0,
		};
		all.missing = all.total().saturating_sub(all.spendable);
		all
	}
}

/// What a transaction did, or another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEvent {
	/// The pallet, such as `DeviceRegistry`.
	pub pallet: String,
	/// The event, such as `Registered`.
	pub name: String,
	/// Its fields, each by its name and as a text.
	pub fields: Vec<(String, String)>,
	/// Its fields as they are encoded.
	pub bytes: Vec<u8>,
}

impl ChainEvent {
	/// Whether it is this one.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}
}

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
	/// The hash of the transaction.
	pub transaction: Hash,
	/// The block's height.
	pub number: BlockNumber,
	/// The block.
	pub block: Hash,
	/// Its place there.
	pub index: u32,
	/// What was paid for it, in planck, as far as an event says it.
	pub fee: Option<Balance>,
	/// What it did.
	pub events: Vec<ChainEvent>,
}

impl Included {
	/// The device that was registered, if one was.
	pub fn registered(&self) -> Option<DeviceId> {
		let event = self
			.events
			.iter()
			.find(|event| event.is("DeviceRegistry", "Registered"))?;
		// The id is the event's first field.
		DeviceId::decode(&mut &event.bytes[..]).ok()
	}
}

/// How far a transaction is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
	/// The node has it, or may have it for it was lost before it answered; and it waits for a block.
	InPool {
		/// The hash of the transaction.
		transaction: Hash,
		/// Its nonce.
		nonce: Nonce,
	},
	/// It is in a block, and did what it should.
	InBlock(
		/// Where, and what it did.
		Included,
	),
	/// The block is of the best chain no more; it may come into another.
	Retracted {
		/// The block that it was in.
		block: Hash,
	},
	/// Its block is final: the last step.
	Finalized(
		/// Where, and what it did.
		Included,
	),
}

/// A transaction on its way. To drop it does not take the transaction back.
#[derive(Debug)]
pub struct Progress {
	steps: mpsc::Receiver<Result<Step>>,
}

impl Progress {
	pub(crate) fn new(steps: mpsc::Receiver<Result<Step>>) -> Self {
		Self { steps }
	}

	/// The next step; none after the last one, which is `Finalized` or an error. That the call was refused by a pallet
	/// shows as `ChainError::Dispatch` once it is in a block, and again, as the last step, once that block is final: in
	/// between that may be undone, as what was carried out may be.
	pub async fn next(&mut self) -> Option<Result<Step>> {
		self.steps.recv().await
	}

	/// Waits until it is in a block.
	///
	/// # Errors
	/// What made it fail, or that the client is gone. A refusal by a pallet may be undone with its block.
	pub async fn in_block(&mut self) -> Result<Included> {
		while let Some(step) = self.next().await {
			if let Step::InBlock(included) | Step::Finalized(included) = step? {
				return Ok(included);
			}
		}
		Err(ended())
	}

	/// Waits until it is final, also that a pallet refused it.
	///
	/// # Errors
	/// What made it fail for good, or that the client is gone.
	pub async fn finalized(&mut self) -> Result<Included> {
		let mut is_refused = false;
		while let Some(step) = self.next().await {
			match step {
				Ok(Step::Finalized(included)) => return Ok(included),
				Err(ChainError::Dispatch { .. }) if !is_refused => is_refused = true,
				Ok(_) => is_refused = false,
				Err(error) => return Err(error),
			}
		}
		Err(ended())
	}
}

fn ended() -> ChainError {
	ChainError::Unclear {
		why: "its watcher ended".into(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Each of two calls may be affordable, and both together not.
	#[test]
	fn what_calls_cost_together_is_more_than_each_costs() {
		let quote = |fee, held| Quote {
			fee,
			paid: 1,
			held,
			spendable: 50,
			missing: 0,
		};
		let both = quote(2, 30).with(&quote(3, 20));
		assert_eq!((both.fee, both.paid, both.held, both.total()), (5, 2, 50, 57));
		assert_eq!((both.spendable, both.missing), (50, 7));
	}

	fn refused() -> Result<Step> {
		Err(ChainError::Dispatch {
			pallet: "StorageMarket".into(),
			error: "NotActive".into(),
			words: String::new(),
		})
	}

	fn retracted() -> Result<Step> {
		Ok(Step::Retracted { block: Hash::default() })
	}

	fn included() -> Included {
		Included {
			transaction: Hash::default(),
			number: 7,
			block: Hash::default(),
			index: 0,
			fee: None,
			events: Vec::new(),
		}
	}

	async fn ends(steps: Vec<Result<Step>>) -> Result<Included> {
		let (tell, told) = mpsc::channel(8);
		for step in steps {
			tell.send(step).await.expect("there is room");
		}
		drop(tell);
		Progress::new(told).finalized().await
	}

	/// What a block says that is not final is nothing that anybody may forget a transaction for.
	#[tokio::test]
	async fn what_a_pallet_refuses_is_refused_once_it_is_final() {
		let unclear = Err(ended());
		assert_eq!(ends(vec![refused()]).await, unclear);
		assert_eq!(ends(vec![refused(), retracted()]).await, unclear);
		let done = Ok(Step::Finalized(included()));
		assert_eq!(ends(vec![refused(), retracted(), done]).await, Ok(included()));
		let again = vec![refused(), retracted(), refused(), refused()];
		for steps in [vec![refused(), refused()], again] {
			assert!(matches!(ends(steps).await, Err(ChainError::Dispatch { .. })));
		}
		let expired = || ChainError::Expired { blocks: 64 };
		assert_eq!(ends(vec![refused(), retracted(), Err(expired())]).await, Err(expired()));
	}
}
