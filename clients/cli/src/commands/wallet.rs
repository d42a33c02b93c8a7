//! `wallet`: the account.

use super::{context::Told, Context};
use crate::{
	cli::{WalletCommand, WalletSend},
	failure::Failure,
	plain,
};
use serde_json::json;
use smart_agent_chain::{AccountId, Call, Held};
use smart_agent_keys::{address, parse_address};
use smart_agent_terminal::{code, columns, Tone};
use smart_market::{Market, Net};

/// Carries out a command.
pub(super) async fn run(context: &Context, command: &WalletCommand) -> Result<(), Failure> {
	match command {
		WalletCommand::Address => show_address(context),
		WalletCommand::Receive => receive(context),
		WalletCommand::Balance => balance(context, &context.asking().await?).await,
		WalletCommand::Send(arguments) => send(context, arguments).await,
	}
}

/// The code derives from the phrase, so that a password is asked for.
fn show_address(context: &Context) -> Result<(), Failure> {
	let access = context.access()?;
	let (address, code) = (access.owner.address(), access.code());
	let facts = json!({ "address": address, "code": code });
	context.terminal.facts(&facts, |terminal| {
		let lines = columns(&[
			("Address", terminal.toned(Tone::Strong, &address)),
			("Code", code.clone()),
		]);
		format!(
			"{lines}\nWho wants to share a deal with this account needs both: smart share DEAL {address} --code {code}"
		)
	});
	Ok(())
}

fn receive(context: &Context) -> Result<(), Failure> {
	let keystore = context.keystore()?;
	let address = keystore.address();
	context.terminal.facts(&json!({ "address": address }), |terminal| {
		let code = code(address).unwrap_or_default();
		format!("{code}\nSend STCI to {}", terminal.toned(Tone::Strong, address))
	});
	Ok(())
}

/// Why something is held, in words: the runtime's own, or else by name.
fn reason(held: &Held) -> String {
	if held.words.is_empty() {
		plain(&format!("{} ({})", held.reason, held.pallet))
	} else {
		plain(&held.words)
	}
}

async fn balance(context: &Context, net: &Net) -> Result<(), Failure> {
	let keystore = context.keystore()?;
	let (known, currency) = (net.known(), context.currency());
	let account = net.account(&keystore.account()).await?;
	let spendable = account.spendable(known.existential_deposit);
	let holds: Vec<_> = account
		.holds
		.iter()
		.map(|held| json!({ "why": reason(held), "amount": held.amount.to_string() }))
		.collect();
	let facts = json!({
		"address": keystore.address(), "symbol": currency.symbol, "decimals": currency.decimals,
		"spendable": spendable.to_string(), "free": account.free.to_string(),
		"held": account.reserved.to_string(), "holds": holds,
	});
	context.terminal.facts(&facts, |terminal| {
		let mut lines = vec![
			("Address", keystore.address().to_owned()),
			("Chain", known.chain.clone()),
			("Can be spent", terminal.toned(Tone::Strong, &currency.exact(spendable))),
			("Held", currency.exact(account.reserved)),
		];
		for held in &account.holds {
			lines.push(("", format!("{}  {}", currency.exact(held.amount), reason(held))));
		}
		format!(
			"{}\nWhat is in deals is not counted here: `smart ls --json` tells what is left in each.",
			columns(&lines)
		)
	});
	Ok(())
}

async fn send(context: &Context, arguments: &WalletSend) -> Result<(), Failure> {
	let to = parse_address(&arguments.to).map_err(Failure::usage)?;
	let currency = context.currency();
	let amount = currency.read(&arguments.amount).map_err(Failure::usage)?;
	let open = context.open().await?;
	let call = Call::Transfer {
		to: AccountId::new(to),
		amount,
	};
	let account = open.access.account();
	let costs = open.net.chain().quote(&call, &AccountId::new(account)).await?;
	context.afford(&costs, &open.access.owner.address())?;
	context.terminal.say(&format!(
		"Sending {} to {}: a fee of {} besides.",
		currency.exact(amount),
		address(&to),
		currency.show(costs.fee)
	));
	context.agree("Is that right?")?;
	let signer = smart_agent_chain::PairSigner(open.access.owner.pair().clone());
	let sending = async {
		let mut progress = open.net.chain().send(&call, &signer).await?;
		progress.finalized().await
	};
	let included = context.show().waiting("Sending", sending).await?;
	let told = Told {
		block: included.number,
		fee: included.fee.map(|fee| fee.to_string()),
	};
	context
		.terminal
		.facts(&told, |_| format!("it is final in block {}", told.block));
	Ok(())
}
