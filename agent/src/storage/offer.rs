//! `offer`: what is offered, told to the chain, and written into the configuration.

use crate::{
	cli::{OfferCommand, OfferSet, Signing, Switch},
	commands::{
		existing,
		signed::{self, Sent},
		Code, Context, Failure,
	},
	config, keys,
	ledger::{Ledger, Wait},
	terminal::{bytes, columns},
};
use device_primitives::DeviceId;
use proof_lottery_primitives::Resource;
use serde::Serialize;
use smart_agent_chain::{AccountId, Call, Chain, ChainError, NamedCall};
use smart_agent_storage::{
	address, held_for_offer, may_withdraw, offer as asked, offer_call, offer_deposit, probes_call,
	unsold as words_unsold, withdraw_call,
	words::{ask_words, egress_words, read_ask, read_bytes, read_egress},
	OfferView,
};
use smart_agent_store::capacity::{Measure, ThisMachine};
use std::path::Path;
use storage_market_primitives::Price;

/// Bytes of the largest slot that there is.
const LARGEST: u64 = 64 << 30;

/// For `--json`. Prices are in planck for a GiB: and era, or that is read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
	offered: bool,
	ask: String,
	egress: String,
	capacity: u64,
	used: u64,
	max_slot: u64,
	tickets: u32,
	/// In thousandths.
	score: u32,
	addresses: Vec<String>,
}

/// Carries out a command.
///
/// # Errors
/// If this folder is not set up, no node is reached, or the chain refuses it.
pub(crate) async fn run_offer(context: &Context, command: &OfferCommand) -> Result<(), Failure> {
	let device = DeviceId(context.device()?.id);
	let chain = context.connect().await?;
	match command {
		OfferCommand::Set(set) => offer(context, &chain, &device, set).await,
		OfferCommand::Show => show(context, &chain, &device).await,
		OfferCommand::Withdraw(signing) => withdraw(context, &chain, &device, signing).await,
		OfferCommand::Probes { switch, signing } => probes(context, &chain, &device, *switch, signing).await,
	}
}

fn usage(why: String) -> Failure {
	Failure::new(Code::Usage, why)
}

async fn offer(context: &Context, chain: &Chain, device: &DeviceId, set: &OfferSet) -> Result<(), Failure> {
	let ledger: &dyn Ledger = chain;
	let currency = ledger.currency();
	let (space, largest) = (
		read_bytes(&set.space).map_err(usage)?,
		read_bytes(&set.max_slot).map_err(usage)?,
	);
	let ask = read_ask(&set.ask, &currency).map_err(usage)?;
	let egress = read_egress(&set.egress, &currency).map_err(usage)?;
	check_space(&context.config.storage.folder, space).map_err(usage)?;
	let there = asked(chain, device, ledger.best().await?.hash).await?;
	let owner = AccountId::new(context.keystore()?.account());
	let call = NamedCall {
		held: held_for_offer(offer_deposit(chain)?, there.as_ref(), &owner),
		..offer_call(device, ask, egress, space, largest.min(LARGEST).min(space))
	};
	let what = format!("Offering {} at {}", bytes(space), ask_words(ask, &currency));
	let included = signed::carry_out(context, ledger, &set.signing, &Call::Named(call), &what, Wait::Block).await?;
	enable(context)?;
	let best = ledger.best().await?;
	let told = asked(chain, device, best.hash).await?;
	hint(context, told.as_ref());
	context
		.terminal
		.facts(&Sent::from(&included), |_| String::from("Done."));
	Ok(())
}

/// Whether the disk has what is offered: what slots take there already counts as free.
fn check_space(folder: &Path, space: u64) -> Result<(), String> {
	let there = existing(folder);
	let free = ThisMachine.measure(there).map_err(|error| error.to_string())?.disk;
	let taken = taken(&folder.join("slots"));
	match free.saturating_add(taken) {
		enough if enough >= space => Ok(()),
		enough => Err(format!(
			"{} has {} for slots, and {} are offered: free some, offer less, or name another folder by storage.folder",
			there.display(),
			bytes(enough),
			bytes(space)
		)),
	}
}

/// Bytes of slots that lie in a store.
fn taken(slots: &Path) -> u64 {
	let places = std::fs::read_dir(slots).into_iter().flatten().flatten();
	let lengths = places.filter_map(|place| std::fs::metadata(place.path().join("data")).ok());
	lengths.fold(0, |sum: u64, data| sum.saturating_add(data.len()))
}

/// Has the agent take slots from its next start on.
fn enable(context: &Context) -> Result<(), Failure> {
	if context.config.storage.enabled {
		return Ok(());
	}
	let path = &context.config_file;
	let text = match path.exists() {
		true => keys::read_bounded(path, 1 << 20)?.as_str().to_owned(),
		false => String::new(),
	};
	let text = config::with(&text, "storage.enabled", toml::Value::Boolean(true))?;
	keys::replace(path, text.as_bytes())?;
	context.terminal.say(&format!(
		"{} says storage.enabled = true now: restart the agent that runs.",
		path.display()
	));
	Ok(())
}

/// Why the plots of a device earn nothing, and what to do; none if it has none, or offers storage, or the chain has no
/// market.
///
/// # Errors
/// If the node is not reached.
pub(crate) async fn unsold(chain: &Chain, device: &DeviceId) -> Result<Option<[&'static str; 2]>, ChainError> {
	let ledger: &dyn Ledger = chain;
	let proofs = ledger.proofs(&device.0).await?;
	let lotteries = proofs.map_or_else(Vec::new, |proofs| proofs.lotteries);
	let space = lotteries.iter().find(|lottery| lottery.resource == Resource::Space);
	let plots = space.map_or(0, |space| space.claimed);
	match asked(chain, device, ledger.best().await?.hash).await {
		Ok(offer) => Ok(words_unsold(plots, offer.as_ref())),
		Err(ChainError::Missing { .. }) => Ok(None),
		Err(error) => Err(error),
	}
}

/// What is missing for the offer to bring something.
fn hint(context: &Context, told: Option<&OfferView>) {
	let Some(told) = told else {
		return;
	};
	if told.tickets == 0 {
		context.terminal.warn(
			"The device has no ticket, and is drawn for no slot: space counts as far as plots prove it. \
			 `smart-agent plot create` makes some, `smart-agent plot claim` claims those that are there",
		);
	}
	if !told.reach.endpoints.iter().any(|endpoint| address(endpoint).is_some()) {
		context.terminal.warn(&format!(
			"Nobody knows where to bring slots: tell the chain by `smart-agent device endpoints set tcp://HOST:{}`",
			context.config.storage.listen.port()
		));
	}
}

async fn show(context: &Context, chain: &Chain, device: &DeviceId) -> Result<(), Failure> {
	let ledger: &dyn Ledger = chain;
	let currency = ledger.currency();
	let best = ledger.best().await?;
	let Some(found) = asked(chain, device, best.hash).await? else {
		let none = Shown {
			offered: false,
			ask: "0".into(),
			egress: "0".into(),
			capacity: 0,
			used: 0,
			max_slot: 0,
			tickets: 0,
			score: 0,
			addresses: Vec::new(),
		};
		context.terminal.facts(&none, |_| {
			"This device offers no storage; `smart-agent offer set --space 500GiB --ask 0.9/TiB-month` does.".into()
		});
		return Ok(());
	};
	let shown = Shown {
		offered: true,
		ask: found.ask.0.to_string(),
		egress: found.egress.0.to_string(),
		capacity: found.capacity,
		used: found.used,
		max_slot: found.max_slot,
		tickets: found.tickets,
		score: found.score.deconstruct() / 1_000_000,
		addresses: found.reach.endpoints.iter().filter_map(address).collect(),
	};
	context.terminal.facts(&shown, |_| {
		let reached = match shown.addresses.is_empty() {
			true => "nowhere: see `smart-agent device endpoints set`".into(),
			false => shown.addresses.join(", "),
		};
		columns(&[
			("asks", ask_words(found.ask, &currency)),
			("", egress_words(Price(found.egress.0), &currency)),
			("offers", bytes(found.capacity)),
			("taken", bytes(found.used)),
			("largest slot", bytes(found.max_slot)),
			("tickets", tickets(found.tickets)),
			("score", format!("{}.{} %", shown.score / 10, shown.score % 10)),
			("reached at", reached),
		])
	});
	hint(context, Some(&found));
	Ok(())
}

fn tickets(count: u32) -> String {
	match count {
		0 => "none: it gets no new slots".into(),
		count => format!("{count}, by which it is drawn"),
	}
}

async fn withdraw(context: &Context, chain: &Chain, device: &DeviceId, signing: &Signing) -> Result<(), Failure> {
	let there = asked(chain, device, chain.best().await?.hash).await?;
	may_withdraw(there.as_ref()).map_err(Failure::other)?;
	let what = "Taking no new slots";
	let call = Call::Named(withdraw_call(device));
	let included = signed::carry_out(context, chain, signing, &call, what, Wait::Block).await?;
	context.terminal.say(
		"What is held stays, and has to be proven, until its deals end; `smart-agent slots leave` gives single slots \
		 away earlier. So let the agent run on.",
	);
	context
		.terminal
		.facts(&Sent::from(&included), |_| String::from("Done."));
	Ok(())
}

async fn probes(
	context: &Context,
	chain: &Chain,
	device: &DeviceId,
	switch: Switch,
	signing: &Signing,
) -> Result<(), Failure> {
	let (on, what) = match switch {
		Switch::On => (true, "Probing others, if this device is drawn for it"),
		Switch::Off => (false, "Probing nobody"),
	};
	if asked(chain, device, chain.best().await?.hash).await?.is_none() {
		return Err(Failure::other(
			"this device offers no storage, and only one that does probes others: `smart-agent offer set` first; \
			 nothing was sent",
		));
	}
	let call = Call::Named(probes_call(device, on));
	let included = signed::carry_out(context, chain, signing, &call, what, Wait::Block).await?;
	context
		.terminal
		.facts(&Sent::from(&included), |_| String::from("Done."));
	Ok(())
}
