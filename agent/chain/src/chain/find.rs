//! Finds a transaction in the blocks of the best chain.
//!
//! Nodes can be asked to watch a transaction, but such a watch ends with the connection, and says nothing of what came
//! into a block by then. Looking into blocks goes on with another node.

use super::{
	ask::{from_hex, read},
	Inner,
};
use crate::{
	heads::{Head, HeadEvent, Heads},
	send::MORTAL_BLOCKS,
	types::{BlockNumber, Hash},
	ChainError, Result,
};
use serde::Deserialize;
use serde_json::{json, Value};
use sp_crypto_hashing::blake2_256;
use std::{
	collections::VecDeque,
	sync::{Arc, PoisonError},
};

/// Of how many blocks the hashes of transactions are kept, since several may be looked for.
const KEPT_BODIES: usize = 64;
/// How many transactions of a block are looked at.
const MOST_TRANSACTIONS: usize = 65_536;

/// The hashes of the transactions of some blocks.
#[derive(Default)]
pub(super) struct Bodies(VecDeque<(Hash, Arc<Vec<Hash>>)>);

#[derive(Deserialize)]
struct SignedBlock {
	block: Body,
}

#[derive(Deserialize)]
struct Body {
	extrinsics: Vec<String>,
}

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
	/// The block's height.
	pub number: BlockNumber,
	/// The block.
	pub block: Hash,
	/// Its place there.
	pub index: u32,
}

/// What is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
	/// The transaction is in a block of the best chain.
	Found(Place),
	/// That block is of the best chain no more.
	Gone(Place),
	/// It is in no block up to this one.
	NotUpTo(Head),
	/// Its block is final.
	Final(Place),
}

/// Looks for one transaction.
pub(super) struct Finder {
	inner: Arc<Inner>,
	heads: Heads,
	transaction: Hash,
	/// All blocks up to this one were looked at.
	checked: BlockNumber,
	found: Option<Place>,
	started: bool,
	seen: VecDeque<Sighting>,
}

impl Finder {
	/// Looks for a transaction in all blocks above one. It listens from now on.
	pub fn new(inner: &Arc<Inner>, transaction: Hash, above: BlockNumber) -> Self {
		Self {
			inner: inner.clone(),
			heads: inner.listen(),
			transaction,
			checked: above,
			found: None,
			started: false,
			seen: VecDeque::new(),
		}
	}

	/// What is seen next. While the connection is lost nothing is.
	///
	/// # Errors
	/// If blocks cannot be read, or the client ends.
	pub async fn next(&mut self) -> Result<Sighting> {
		loop {
			if let Some(seen) = self.seen.pop_front() {
				return Ok(seen);
			}
			let taken = if self.started {
				let event = self.heads.next().await.ok_or_else(|| ChainError::Lost {
					why: "the client has ended".into(),
				})?;
				self.take(event).await
			} else {
				self.started = true;
				self.catch_up().await
			};
			match taken {
				// With the next block it is tried again.
				Err(ChainError::Lost { .. } | ChainError::Timeout { .. }) | Ok(()) => (),
				Err(other) => return Err(other),
			}
		}
	}

	async fn catch_up(&mut self) -> Result<()> {
		let best = self.inner.best().await?;
		self.look_up_to(best, &[]).await
	}

	async fn take(&mut self, event: HeadEvent) -> Result<()> {
		match event {
			HeadEvent::Best {
				head,
				adopted,
				abandoned,
				gap,
			} => {
				self.leave(&abandoned);
				if gap {
					self.verify().await?;
				}
				self.look_up_to(head, if gap { &[] } else { &adopted }).await
			}
			HeadEvent::Final(head) => {
				let place = self.found.filter(|found| found.number <= head.number);
				if let Some(place) = place {
					self.verify().await?;
					if self.found == Some(place) {
						self.seen.push_back(Sighting::Final(place));
					}
				}
				Ok(())
			}
		}
	}

	/// Blocks are of the best chain no more.
	fn leave(&mut self, abandoned: &[Head]) {
		let Some(lowest) = abandoned.iter().map(|head| head.number).min() else {
			return;
		};
		self.checked = self.checked.min(lowest.saturating_sub(1));
		self.lose_above(lowest);
	}

	fn lose_above(&mut self, lowest: BlockNumber) {
		if let Some(place) = self.found.take_if(|found| found.number >= lowest) {
			self.checked = self.checked.min(place.number.saturating_sub(1));
			self.seen.push_back(Sighting::Gone(place));
		}
	}

	/// Whether the block is of the best chain still.
	async fn verify(&mut self) -> Result<()> {
		let Some(place) = self.found else {
			return Ok(());
		};
		if self.inner.hash_at(place.number).await? != Some(place.block) {
			self.lose_above(place.number);
		}
		Ok(())
	}

	/// Looks into all blocks that it has not looked into. Some are known; others are asked for by their heights.
	async fn look_up_to(&mut self, head: Head, known: &[Head]) -> Result<()> {
		if self.found.is_some() {
			return Ok(());
		}
		// None is good for longer.
		let oldest = head
			.number
			.saturating_sub(u32::try_from(MORTAL_BLOCKS).unwrap_or(u32::MAX).saturating_mul(4));
		self.checked = self.checked.max(oldest);
		while self.checked < head.number {
			let number = self.checked.saturating_add(1);
			let block = match known.iter().find(|known| known.number == number) {
				Some(known) => Some(known.hash),
				None => self.inner.hash_at(number).await?,
			};
			let Some(block) = block else {
				return Ok(());
			};
			let hashes = self.inner.transactions(block).await?;
			if let Some(index) = hashes.iter().position(|hash| *hash == self.transaction) {
				let place = Place {
					number,
					block,
					index: u32::try_from(index).unwrap_or(u32::MAX),
				};
				self.found = Some(place);
				self.seen.push_back(Sighting::Found(place));
				return Ok(());
			}
			self.checked = number;
		}
		self.seen.push_back(Sighting::NotUpTo(head));
		Ok(())
	}
}

impl Inner {
	/// The hashes of a block's transactions.
	async fn transactions(&self, block: Hash) -> Result<Arc<Vec<Hash>>> {
		{
			let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
			if let Some((_, hashes)) = bodies.0.iter().find(|(known, _)| *known == block) {
				return Ok(hashes.clone());
			}
		}
		let answer: Value = self.rpc.request("chain_getBlock", vec![json!(block)]).await?;
		let found: Option<SignedBlock> = read("chain_getBlock", answer)?;
		let found = found.ok_or(ChainError::NoState(block))?;
		let mut hashes = Vec::new();
		for text in found.block.extrinsics.iter().take(MOST_TRANSACTIONS) {
			hashes.push(Hash::from(blake2_256(&from_hex("chain_getBlock", text)?)));
		}
		let hashes = Arc::new(hashes);
		let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
		if bodies.0.len() >= KEPT_BODIES {
			bodies.0.pop_front();
		}
		bodies.0.push_back((block, hashes.clone()));
		Ok(hashes)
	}

	/// What a transaction did.
	pub(super) async fn applied(&self, place: Place) -> Result<crate::runtime::Applied> {
		let runtime = self.runtime();
		let key = runtime.events_key()?;
		let events = self.storage(&key, place.block).await?.unwrap_or_default();
		runtime.applied(events, place.index)
	}
}
