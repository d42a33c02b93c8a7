//! Wins: the runtime makes their transactions, which nobody signs.

use super::{
	ask::{call, hex, read},
	find::{Finder, Sighting},
	Inner,
};
use crate::{
	rpc::Live,
	runtime::{decode, Args},
	types::{Hash, Slot},
	wins::{Outcome, Receipt, Refusal, Submitted, Win},
	ChainError, Result,
};
use codec::Encode;
use sp_crypto_hashing::blake2_256;
use std::sync::Arc;

/// The code by which a pool says that it has a transaction already.
const ALREADY: i32 = 1013;

/// Blocks that are looked into for a win that the node judged before it was sent now: more than a round or window has
/// slots.
const JUDGED_WITHIN: u32 = 96;

/// What a pool says to a transaction.
pub(super) enum Pooled {
	/// It takes it.
	Taken,
	/// It has it.
	Already,
	/// It does not take it.
	Refused(Refusal),
}

impl Inner {
	/// Hands a transaction to the node.
	///
	/// # Errors
	/// `Lost`, `Timeout` or `Undecodable`, of which none says that the node does not have it.
	pub(super) async fn pool(&self, live: &Live, transaction: &[u8]) -> Result<Pooled> {
		let method = "author_submitExtrinsic";
		match live.request(method, vec![hex(transaction)]).await {
			Ok(answer) => {
				let _: Hash = read(method, answer)?;
				Ok(Pooled::Taken)
			}
			Err(ChainError::Refused { code: ALREADY, .. }) => Ok(Pooled::Already),
			Err(ChainError::Refused { code, message, method }) => match Refusal::of(code, &message) {
				Some(refusal) => Ok(Pooled::Refused(refusal)),
				None => Err(ChainError::Refused { method, code, message }),
			},
			Err(error) => Err(error),
		}
	}

	/// The transaction of a win, as the runtime makes it; none if it makes none.
	async fn made(&self, live: &Live, win: &Win) -> Result<Option<Vec<u8>>> {
		let runtime = self.runtime();
		let api = "ResourceProofsApi";
		let (method, input) = match win {
			Win::Space {
				device,
				round,
				group,
				proof,
			} => {
				let args = Args::none()
					.and("device", device)
					.and("round", round)
					.and("group", group)
					.and("proof", proof);
				let (method, input) = runtime.api::<Option<Vec<u8>>>(api, "win_space", &args)?;
				let answer = call(live, &method, &input, None).await?;
				return decode::<Option<Vec<u8>>>(&method, &answer);
			}
			Win::Compute { win, signature } => {
				let args = Args::none().and("win", win).and("signature", signature);
				runtime.api::<Vec<u8>>(api, "win_compute", &args)?
			}
			Win::Uptime(pulse) => runtime.api::<Vec<u8>>(api, "pulse", &Args::none().and("pulse", pulse))?,
		};
		let answer = call(live, &method, &input, None).await?;
		decode::<Vec<u8>>(&method, &answer).map(Some)
	}

	pub(super) async fn submit(&self, win: &Win) -> Result<Submitted> {
		let live = self.rpc.live().await?;
		// Before it is sent: it may be in the very next block.
		let sent_at = self.best().await?.number;
		let Some(inner) = self.made(&live, win).await? else {
			return Ok(Submitted::Refused(Refusal::NotMade));
		};
		// A transaction is the list of its bytes, with their number before them.
		let transaction = inner.encode();
		let receipt = Receipt {
			transaction: Hash::from(blake2_256(&transaction)),
			sent_at,
		};
		Ok(match self.pool(&live, &transaction).await? {
			Pooled::Taken => Submitted::Accepted(receipt),
			Pooled::Already => Submitted::Already(receipt),
			// It was in a block a while ago, or was refused a while ago, if only since a queue was full: blocks tell.
			Pooled::Refused(Refusal::Banned) => Submitted::Already(Receipt {
				sent_at: sent_at.saturating_sub(JUDGED_WITHIN),
				..receipt
			}),
			Pooled::Refused(refusal) => Submitted::Refused(refusal),
		})
	}
}

/// What becomes of a win.
pub(super) async fn outcome(inner: &Arc<Inner>, receipt: &Receipt, until: Slot) -> Result<Outcome> {
	let mut finder = Finder::new(inner, receipt.transaction, receipt.sent_at);
	loop {
		match finder.next().await? {
			Sighting::Found(place) | Sighting::Final(place) => {
				return match inner.applied(place).await?.outcome {
					Ok(_) => {
						let head = inner.head(place.block).await?;
						let head = head.ok_or(ChainError::NoState(place.block))?;
						Ok(Outcome::InBlock {
							number: head.number,
							hash: head.hash,
							slot: head.slot,
						})
					}
					Err(why) => Ok(Outcome::Failed {
						number: place.number,
						why: why.to_string(),
					}),
				}
			}
			Sighting::NotUpTo(head) if head.slot >= until => return Ok(Outcome::NotUntil { slot: head.slot }),
			Sighting::NotUpTo(_) | Sighting::Gone(_) => (),
		}
	}
}
