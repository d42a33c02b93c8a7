//! `init`: keys, a configuration that says which chain it is, and something to spend.

use super::Context;
use crate::{
	cli::InitArguments,
	config,
	failure::{Code, Failure},
};
use serde::Serialize;
use smart_agent_chain::{AccountId, Call, PairSigner};
use smart_agent_keys as keys;
use smart_agent_setup::{Choices, Made};
use smart_agent_terminal::{code, columns, Tone};
use smart_market::{max_ask, Asks, Known, Market, Net};
use std::time::Duration;
use storage_market_primitives::{Geometry, Order, Profile};

/// What the faucet sends, in STCI.
const FAUCET: u128 = 1_000;
/// How often an account is looked at that money is on its way to.
const LOOK: Duration = Duration::from_secs(1);
/// What an example costs that says how much is needed: a GiB for ninety days.
const EXAMPLE_BYTES: u64 = 1 << 30;
const EXAMPLE_DAYS: u32 = 90;

/// What there is in the end, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
	address: String,
	chain: String,
	genesis: String,
	folder: String,
	/// What can be spent, in planck.
	spendable: String,
	/// What a GiB for ninety days costs at most, in planck; none if nobody sells.
	#[serde(skip_serializing_if = "Option::is_none")]
	example: Option<String>,
	/// Only if it was made now and nobody could be shown it.
	#[serde(skip_serializing_if = "Option::is_none")]
	phrase: Option<String>,
}

/// Makes what is not there yet.
pub(super) async fn run(context: &Context, arguments: &InitArguments) -> Result<(), Failure> {
	context.folder.make()?;
	let choices = Choices {
		phrase_file: arguments.phrase_file.clone(),
		words: arguments.words,
		yes: context.common.yes,
		password_file: context.common.password_path(),
	};
	let made = smart_agent_setup::keystore(&context.terminal, &context.folder.keystore(), &choices)?;
	let net = connect(context).await?;
	let known = net.known();
	let genesis = sp_core::bytes::to_hex(&known.genesis, false);
	configure(context, &genesis)?;
	let account = made.keystore.account();
	let example = example(&net).await?;
	if arguments.faucet {
		ask_faucet(context, &net, &account).await?;
	}
	let spendable = funds(context, arguments, &net, &made, example).await?;
	let told = Told {
		address: made.keystore.address().into(),
		chain: known.chain,
		genesis,
		folder: context.folder.path().display().to_string(),
		spendable: spendable.to_string(),
		example: example.map(|planck| planck.to_string()),
		phrase: made.untold,
	};
	context.terminal.facts(&told, |terminal| {
		let mut lines = vec![
			("Account", told.address.clone()),
			("Can be spent", context.currency().exact(spendable)),
			("Chain", format!("{} ({})", told.chain, told.genesis)),
			("Folder", told.folder.clone()),
		];
		if let Some(example) = example {
			let cost = format!("{} at most for {EXAMPLE_DAYS} days", context.currency().show(example));
			lines.push(("A GiB", cost));
		}
		let next = terminal.toned(Tone::Strong, "smart put FOLDER --for 90d");
		let mut text = format!("{}\nNext: {next}", columns(&lines));
		if let Some(phrase) = &told.phrase {
			text = format!("{}\n\n{text}", smart_agent_setup::phrase_text(terminal, phrase));
		}
		text
	});
	Ok(())
}

async fn connect(context: &Context) -> Result<Net, Failure> {
	let chain = context.connect().await.map_err(|failure| {
		failure.with("keys are made; run `smart init --node URL` with a node that runs, it goes on from here")
	})?;
	Ok(Net::new(chain, None)?)
}

/// Writes the configuration if there is none, or names other nodes or no chain.
fn configure(context: &Context, genesis: &str) -> Result<(), Failure> {
	let there = context.config_file.exists();
	let same = context.config.chain.genesis == genesis && context.common.nodes.is_empty();
	if there && same {
		return Ok(());
	}
	if there && !context.config.chain.genesis.is_empty() && !context.common.nodes.is_empty() {
		context.terminal.warn(&format!(
			"{} stays as it is: --node counts for this run; write it there to keep it",
			context.config_file.display()
		));
		return Ok(());
	}
	let text = match there {
		true => {
			let before = keys::read_bounded(&context.config_file, 1 << 20)?;
			config::changed(&before, &context.config.chain.nodes, genesis)
		}
		false => config::changed(config::EXAMPLE, &context.config.chain.nodes, genesis),
	};
	// What is written has to be right, whatever was there.
	config::Config::parse(&text, &context.config_file)?;
	keys::replace(&context.config_file, text.as_bytes())?;
	context
		.terminal
		.done(&format!("The configuration is in {}.", context.config_file.display()));
	Ok(())
}

/// What storing a GiB costs at most; none if nobody has room for it.
async fn example(net: &Net) -> Result<Option<u128>, Failure> {
	let geometry = Geometry::of(Profile::Standard, EXAMPLE_BYTES);
	let asks = Asks::of(&net.offers().await?, geometry.slot_len());
	let Some(max_ask) = max_ask(&asks) else {
		return Ok(None);
	};
	let order = Order {
		geometry,
		max_ask,
		eras: EXAMPLE_DAYS * smart_agent_terminal::ERAS_A_DAY,
		factor: 1,
	};
	Ok(net.price(&order).await?.ok().map(|quote| quote.total()))
}

async fn spendable(net: &Net, account: &[u8; 32], known: &Known) -> Result<u128, Failure> {
	Ok(net.account(account).await?.spendable(known.existential_deposit))
}

/// Says what is needed, and waits until there is something to spend.
async fn funds(
	context: &Context,
	arguments: &InitArguments,
	net: &Net,
	made: &Made,
	example: Option<u128>,
) -> Result<u128, Failure> {
	let (terminal, currency, known) = (&context.terminal, context.currency(), net.known());
	let account = made.keystore.account();
	let there = spendable(net, &account, &known).await?;
	if there > 0 || arguments.no_wait {
		return Ok(there);
	}
	let address = terminal.toned_error(Tone::Strong, made.keystore.address());
	let code = if terminal.asks() {
		code(made.keystore.address()).unwrap_or_default()
	} else {
		String::new()
	};
	let example = match example {
		Some(cost) => format!(
			"a GiB over eight devices for {EXAMPLE_DAYS} days takes {} at most",
			currency.show(cost)
		),
		None => "no device sells space now, so what it will take is not known".into(),
	};
	terminal.say(&format!(
		"{code}Nothing is held for having an account, but {} have to stay in it; {example}.\nSend STCI to {address}. \
		 This goes on when they are there. Or end it with Ctrl-C: all is made, and `smart put` tells its own price.",
		currency.exact(known.existential_deposit),
	));
	let mut waits = context.show().waits();
	loop {
		let words = format!("for STCI at {}", made.keystore.address());
		waits.step(&words, tokio::time::sleep(LOOK)).await;
		match spendable(net, &account, &known).await {
			Ok(0) => (),
			Ok(there) => {
				waits.clear();
				terminal.done(&format!("{} have come.", currency.exact(there)));
				return Ok(there);
			}
			// It comes back by itself.
			Err(failure) if failure.code == Code::Unreachable => (),
			Err(failure) => return Err(failure),
		}
	}
}

async fn ask_faucet(context: &Context, net: &Net, account: &[u8; 32]) -> Result<(), Failure> {
	let known = net.known();
	if !known.test_chain {
		let why = format!(
			"{} is no test chain: nobody gives STCI away there; send some to {} instead",
			known.chain,
			keys::address(account)
		);
		return Err(Failure::new(Code::NotReady, why));
	}
	let unit = 10_u128.pow(u32::from(context.currency().decimals));
	let call = Call::Transfer {
		to: AccountId::new(*account),
		amount: unit.saturating_mul(FAUCET),
	};
	let sending = async {
		let mut progress = net.chain().send(&call, &PairSigner(keys::faucet()?)).await?;
		Ok::<_, Failure>(progress.finalized().await?)
	};
	let what = format!("//Faucet sends {FAUCET} STCI");
	let sent = context.show().waiting(&what, sending).await;
	let sent = sent.map_err(|failure| {
		failure.with(
			"the account //Faucet has something on chains with test values alone, such as that of `scripts/run \
			 --agents`; others may use it at once: try again",
		)
	})?;
	context.terminal.done(&format!("{what}: block {}", sent.number));
	Ok(())
}
