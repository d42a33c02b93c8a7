//! Calls that the owner signs: quoted, confirmed, sent, waited for.

use super::{context::waiting, Context, Failure};
use crate::{
	cli::Signing,
	keys::{Keystore, Owner},
	ledger::{Ledger, Wait},
	terminal::money::Currency,
};
use serde::Serialize;
use smart_agent_chain::{Call, Included, PairSigner, Quote};

/// What became of a call, for `--json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
	/// The hash of the transaction.
	pub transaction: String,
	/// The height of its block.
	pub block: u32,
	/// The hash of its block.
	pub block_hash: String,
	/// What was paid for it, in planck.
	pub fee: Option<String>,
}

impl From<&Included> for Sent {
	fn from(included: &Included) -> Self {
		Self {
			transaction: format!("{:?}", included.transaction),
			block: included.number,
			block_hash: format!("{:?}", included.block),
			fee: included.fee.map(|fee| fee.to_string()),
		}
	}
}

/// What a call costs, in words.
pub fn words(quote: &Quote, currency: &Currency) -> String {
	let mut parts = vec![format!("a fee of {}", currency.show(quote.fee))];
	if quote.paid > 0 {
		parts.insert(0, format!("{} that are paid", currency.show(quote.paid)));
	}
	if quote.held > 0 {
		parts.insert(0, format!("{} that are held and come back", currency.show(quote.held)));
	}
	parts.join(", ")
}

/// Whether an account has enough, and how much is missing where.
///
/// # Errors
/// If it has not.
pub fn afford(quote: &Quote, currency: &Currency, address: &str) -> Result<(), Failure> {
	if quote.missing == 0 {
		return Ok(());
	}
	Err(Failure::other(format!(
		"{address} lacks {}: it may spend {}, and this takes {} ({}); send the difference there and try again",
		currency.up(quote.missing),
		currency.show(quote.spendable),
		currency.show(quote.total()),
		words(quote, currency),
	)))
}

/// Has a call signed by the owner of this folder, and waits until it is in a block, or final. `what` it does is said
/// before and after, and asked for unless told otherwise.
///
/// # Errors
/// If the account cannot pay it, nobody confirms it, the password is wrong, or the chain refuses it.
pub async fn carry_out(
	context: &Context,
	ledger: &dyn Ledger,
	signing: &Signing,
	call: &Call,
	what: &str,
	wait: Wait,
) -> Result<Included, Failure> {
	carry_out_as(context, ledger, signing, None, call, what, wait).await
}

/// The same by an owner that was unlocked before, if there is one.
///
/// # Errors
/// As [`carry_out`].
pub async fn carry_out_as(
	context: &Context,
	ledger: &dyn Ledger,
	signing: &Signing,
	owner: Option<&Owner>,
	call: &Call,
	what: &str,
	wait: Wait,
) -> Result<Included, Failure> {
	let keystore = context.keystore()?;
	agree(context, ledger, signing, call, what, &keystore).await?;
	match owner {
		Some(owner) => send(context, ledger, owner, call, what, wait).await,
		None => {
			let owner = context.owner(&keystore, signing)?;
			send(context, ledger, &owner, call, what, wait).await
		}
	}
}

async fn agree(
	context: &Context,
	ledger: &dyn Ledger,
	signing: &Signing,
	call: &Call,
	what: &str,
	keystore: &Keystore,
) -> Result<(), Failure> {
	let terminal = &context.terminal;
	let currency = ledger.currency();
	let quote = ledger.quote(call, &keystore.account()).await?;
	afford(&quote, &currency, keystore.address())?;
	terminal.say(&format!("{what}: {}.", words(&quote, &currency)));
	if signing.yes
		|| terminal
			.confirm("Is that right?")
			.map_err(|why| Failure::other(why).with("give --yes"))?
	{
		return Ok(());
	}
	Err(Failure::other("nothing was sent, as you said"))
}

/// Sends a call without a question.
///
/// # Errors
/// If the chain refuses it.
pub async fn send(
	context: &Context,
	ledger: &dyn Ledger,
	owner: &Owner,
	call: &Call,
	what: &str,
	wait: Wait,
) -> Result<Included, Failure> {
	let included = waiting(
		&context.terminal,
		what,
		ledger.send(call, &PairSigner(owner.pair().clone()), wait),
	)
	.await?;
	let fee = included.fee.map(|fee| format!(", for {}", ledger.currency().show(fee)));
	let fee = fee.unwrap_or_default();
	context
		.terminal
		.done(&format!("{what}: in block {}{fee}", included.number));
	Ok(included)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_quote_says_what_is_paid_held_and_missing() {
		let currency = Currency::new("STCI", 12);
		let quote = Quote {
			fee: 100_000_000_000,
			paid: 200_000_000_000,
			held: 1_000_000_000_000,
			spendable: 300_000_000_000,
			missing: 1_000_000_000_000,
		};
		let said = words(&quote, &currency);
		assert_eq!(
			said,
			"1 STCI that are held and come back, 0.2 STCI that are paid, a fee of 0.1 STCI"
		);
		let said = afford(&quote, &currency, "5Grwva").unwrap_err().message;
		assert!(said.starts_with("5Grwva lacks 1 STCI: it may spend 0.3 STCI"), "{said}");
		assert!(afford(&Quote { missing: 0, ..quote }, &currency, "5Grwva").is_ok());
	}
}
