//! The owner's account.

use super::{
	signed::{self, Sent},
	Context, Failure,
};
use crate::{
	cli::{Signing, WalletCommand, WalletSend},
	keys::{address, parse_address},
	ledger::{Ledger, Wait},
	terminal::{code, columns, Tone},
};
use serde::Serialize;
use smart_agent_chain::{Account, AccountId, Call, Prices};
use smart_agent_storage::offer_deposit;
use smart_agent_work::worker_deposit;

/// What an account has, for `--json`. Amounts are in planck.
#[derive(Debug, Serialize)]
struct Balance {
	address: String,
	symbol: String,
	decimals: u8,
	spendable: String,
	free: String,
	held: String,
	holds: Vec<Hold>,
}

#[derive(Debug, Serialize)]
struct Hold {
	by: String,
	why: String,
	amount: String,
}

#[derive(Debug, Serialize)]
struct Price {
	what: &'static str,
	/// Whether it comes back.
	returned: bool,
	amount: String,
}

/// Carries out a command.
pub async fn run(context: &Context, command: &WalletCommand) -> Result<(), Failure> {
	match command {
		WalletCommand::Address => {
			let keystore = context.keystore()?;
			context
				.terminal
				.facts(&serde_json::json!({ "address": keystore.address() }), |_| {
					keystore.address().into()
				});
			Ok(())
		}
		WalletCommand::Receive => receive(context),
		WalletCommand::Balance => balance(context, &context.connect().await?).await,
		WalletCommand::Quote => {
			let chain = context.connect().await?;
			// A chain without a market has no such price.
			let offers = [offer_deposit(&chain).ok(), worker_deposit(&chain).ok()];
			quote(context, &chain, offers)
		}
		WalletCommand::Send(arguments) => send(context, &context.connect().await?, arguments).await,
	}
}

fn receive(context: &Context) -> Result<(), Failure> {
	let keystore = context.keystore()?;
	let address = keystore.address();
	context
		.terminal
		.facts(&serde_json::json!({ "address": address }), |terminal| {
			let code = code(address).unwrap_or_default();
			format!("{code}\nSend STCI to {}", terminal.toned(Tone::Strong, address))
		});
	Ok(())
}

/// Why something is held, in words: the runtime's own, or else by name.
fn reason(held: &smart_agent_chain::Held) -> String {
	if held.words.is_empty() {
		format!("{} ({})", held.reason, held.pallet)
	} else {
		held.words.clone()
	}
}

async fn balance(context: &Context, ledger: &dyn Ledger) -> Result<(), Failure> {
	let keystore = context.keystore()?;
	let (facts, prices) = (ledger.facts(), ledger.prices()?);
	let currency = ledger.currency();
	let account: Account = ledger.account(&keystore.account()).await?;
	let told = Balance {
		address: keystore.address().into(),
		symbol: currency.symbol.clone(),
		decimals: currency.decimals,
		spendable: account.spendable(prices.existential_deposit).to_string(),
		free: account.free.to_string(),
		held: account.reserved.to_string(),
		holds: account
			.holds
			.iter()
			.map(|held| Hold {
				by: format!("{}.{}", held.pallet, held.reason),
				why: reason(held),
				amount: held.amount.to_string(),
			})
			.collect(),
	};
	context.terminal.facts(&told, |terminal| {
		let spendable = currency.exact(account.spendable(prices.existential_deposit));
		let mut lines = vec![
			("Address", told.address.clone()),
			("Chain", facts.chain.clone()),
			("Can be spent", terminal.toned(Tone::Strong, &spendable)),
			(
				"Free",
				format!(
					"{}  what is not held; {} of it stay",
					currency.exact(account.free),
					currency.show(prices.existential_deposit)
				),
			),
			(
				"Held",
				format!(
					"{}  deposits, which come back when what they are for ends",
					currency.exact(account.reserved)
				),
			),
		];
		for held in &account.holds {
			lines.push(("", format!("{}  {}", currency.exact(held.amount), reason(held))));
		}
		if account.frozen > 0 {
			lines.push(("Frozen of all", currency.exact(account.frozen)));
		}
		columns(&lines)
	});
	Ok(())
}

/// What becomes of what is paid or held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
	Held,
	Paid,
	Stays,
}

/// All prices; those of offers, of storage and of computing, where there are any.
fn list(prices: &Prices, [storage, work]: [Option<u128>; 2]) -> Vec<(&'static str, Goes, u128)> {
	let mut list = vec![
		(
			"a device, as long as it is registered",
			Goes::Held,
			prices.device_deposit,
		),
		("the key of a device, for good", Goes::Paid, prices.key_price),
		("a device in the lottery of space", Goes::Held, prices.space_deposit),
		("a device in the lottery of compute", Goes::Held, prices.compute_deposit),
		("a device in the lottery of uptime", Goes::Held, prices.uptime_deposit),
		("a link with a candidate, or its offer", Goes::Held, prices.link_deposit),
	];
	list.extend(storage.map(|amount| ("an offer of storage", Goes::Held, amount)));
	list.extend(work.map(|amount| ("an offer of computing, beside its stake", Goes::Held, amount)));
	list.push(("what an account has at least", Goes::Stays, prices.existential_deposit));
	list
}

fn quote(context: &Context, ledger: &dyn Ledger, offers: [Option<u128>; 2]) -> Result<(), Failure> {
	let list = list(&ledger.prices()?, offers);
	let currency = ledger.currency();
	let told: Vec<Price> = list
		.iter()
		.map(|&(what, goes, amount)| Price {
			what,
			returned: goes == Goes::Held,
			amount: amount.to_string(),
		})
		.collect();
	context.terminal.facts(&told, |_| {
		let lines: Vec<(&str, String)> = list
			.iter()
			.map(|(what, goes, amount)| {
				let goes = match goes {
					Goes::Held => "held, comes back",
					Goes::Paid => "paid",
					Goes::Stays => "stays there",
				};
				(*what, format!("{}  {goes}", currency.exact(*amount)))
			})
			.collect();
		format!(
			"{}\nFees come on top: each command that sends something tells its own before.",
			columns(&lines)
		)
	});
	Ok(())
}

async fn send(context: &Context, ledger: &dyn Ledger, arguments: &WalletSend) -> Result<(), Failure> {
	let WalletSend {
		to, amount, signing, ..
	} = arguments;
	let to = parse_address(to).map_err(Failure::other)?;
	let currency = ledger.currency();
	let (call, what) = match amount {
		Some(amount) => {
			let planck = currency.read(amount)?;
			let call = Call::Transfer {
				to: AccountId::new(to),
				amount: planck,
			};
			(call, format!("Sending {} to {}", currency.exact(planck), address(&to)))
		}
		None => {
			let call = Call::TransferAll {
				to: AccountId::new(to),
				keep_alive: true,
			};
			(call, format!("Sending all that may be spent to {}", address(&to)))
		}
	};
	sent(context, ledger, signing, &call, &what).await
}

async fn sent(
	context: &Context,
	ledger: &dyn Ledger,
	signing: &Signing,
	call: &Call,
	what: &str,
) -> Result<(), Failure> {
	let included = signed::carry_out(context, ledger, signing, call, what, Wait::Final).await?;
	context.terminal.facts(&Sent::from(&included), |_| {
		format!("{:?} is final in block {}", included.transaction, included.number)
	});
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn all_that_is_held_is_quoted_and_what_stays_is_not_said_to_come_back() {
		let prices = crate::ledger::fake::FakeLedger::new(true).prices().unwrap();
		let all = list(&prices, [Some(23), Some(24)]);
		assert!(all.contains(&("an offer of storage", Goes::Held, 23)), "{all:?}");
		let least = prices.existential_deposit;
		assert_eq!(all.last(), Some(&("what an account has at least", Goes::Stays, least)));
		assert_eq!(list(&prices, [None, None]).len(), all.len() - 2);
	}
}
