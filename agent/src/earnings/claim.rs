//! Which claims are worth their fee, and sending one.

use super::file::BookFile;
use crate::{
	commands::Failure,
	keys::Owner,
	ledger::{Ledger, Wait},
	status::unix_now,
};
use smart_agent_chain::{AccountId, Call, ChainError, Included, PairSigner, Quote};
use smart_agent_ledger::{Batch, Book};

/// Who sends a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hand {
	/// A person, who has seen the price.
	Person,
	/// The agent: so many a day.
	Alone,
}

/// Claims that are worth their fee.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
	/// The claims, the oldest eras first.
	pub batches: Vec<Batch>,
	/// What the largest of them costs; none if there is nothing to claim.
	pub quote: Option<Quote>,
	/// What of all that can be claimed is in none, for it is not worth the fee, in planck.
	pub left: u128,
}

impl Plan {
	/// What they bring together, in planck.
	pub fn amount(&self) -> u128 {
		self.batches
			.iter()
			.fold(0, |sum, batch| sum.saturating_add(batch.amount))
	}

	/// How many eras they have together.
	pub fn eras(&self) -> usize {
		self.batches.iter().map(|batch| batch.eras.len()).sum()
	}

	/// What they cost together at most, in planck.
	pub fn fees(&self) -> u128 {
		let each = self.quote.as_ref().map_or(0, |quote| quote.fee);
		each.saturating_mul(u128::try_from(self.batches.len()).unwrap_or(u128::MAX))
	}
}

/// The call that claims some eras.
pub(super) fn call(account: &[u8; 32], eras: &[u32]) -> Call {
	Call::ClaimEarnings {
		account: AccountId::new(*account),
		eras: eras.to_vec(),
	}
}

/// What should be claimed, if `payer` sends it: each era of a batch brings more than its part of the fee, and all of
/// them twenty times the fee. Of what is lost otherwise it is enough that it brings more than its own claim costs.
///
/// # Errors
/// If the node does not say what a claim costs.
pub(super) async fn plan(
	ledger: &dyn Ledger,
	book: &Book,
	account: &[u8; 32],
	payer: &[u8; 32],
) -> Result<Plan, Failure> {
	let all = book.batches(0);
	let Some(largest) = all.iter().max_by_key(|batch| batch.eras.len()) else {
		return Ok(Plan::default());
	};
	let quote = ledger.quote(&call(account, &largest.eras), payer).await?;
	let mut batches = Vec::new();
	for batch in book.batches(largest.part(quote.fee)) {
		let fee = match batch.last {
			true => ledger.quote(&call(account, &batch.eras), payer).await?.fee,
			false => quote.fee,
		};
		if batch.is_worth(fee) {
			batches.push(batch);
		}
	}
	let mut plan = Plan {
		batches,
		quote: Some(quote),
		left: 0,
	};
	plan.left = book.totals().claimable.saturating_sub(plan.amount());
	Ok(plan)
}

/// Whether a transaction was never sent, for certain: what a node says of one that it was given does not count.
fn stayed(error: &ChainError) -> bool {
	matches!(
		error,
		ChainError::Poor { .. }
			| ChainError::Signer(_)
			| ChainError::Missing { .. }
			| ChainError::OtherRuntime { .. }
			| ChainError::NoUrl
	)
}

/// Sends a claim, and waits until it is final. That it goes out is on the disk before: whoever is killed meanwhile does
/// not send it once more.
///
/// # Errors
/// If one of its eras is in another claim, or the chain refuses it.
pub(super) async fn send(
	ledger: &dyn Ledger,
	file: &BookFile,
	owner: &Owner,
	batch: &Batch,
	hand: Hand,
) -> Result<Included, Failure> {
	let eras = batch.eras.clone();
	let departed = file.change(move |book| match hand {
		Hand::Person => book.depart(&eras, unix_now()),
		Hand::Alone => book.depart_alone(&eras, unix_now()),
	});
	departed.await?.map_err(|refused| Failure::other(refused.to_string()))?;
	let call = call(file.account(), &batch.eras);
	let sent = ledger.send(&call, &PairSigner(owner.pair().clone()), Wait::Final).await;
	if sent.as_ref().is_err_and(stayed) {
		let eras = batch.eras.clone();
		file.change(move |book| book.stayed(&eras)).await?;
	}
	Ok(sent?)
}
