//! `init`: from nothing to a registered device in its lotteries.
//!
//! Nothing is kept of how far it came: each step asks disk or chain whether it is done. So whatever interrupts it, the
//! next run goes on there.

mod chain;
mod local;

#[cfg(test)]
mod tests;

use super::{context::KnownDevice, Code, Context, Failure};
use crate::{
	cli::InitArguments,
	config, keys,
	ledger::Ledger,
	run::measure,
	terminal::{duration, Tone},
};
use serde::Serialize;
use smart_agent_chain::Facts;
use std::fs::File;
use toml::Value;

/// The file that one `init` at a time holds locked.
const LOCK: &str = "init.lock";

/// What there is in the end, for `--json`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Made {
	address: String,
	device: String,
	name: String,
	/// Empty as long as no chain is known.
	did: String,
	registered: bool,
	lotteries: Vec<String>,
	/// Only if it was made now and nobody could be shown it.
	#[serde(skip_serializing_if = "Option::is_none")]
	phrase: Option<String>,
}

/// Carries out the command.
pub async fn run(context: &Context, arguments: &InitArguments) -> Result<(), Failure> {
	keys::create_folder(context.folder.path())?;
	let _one_at_a_time = lock(context)?;
	let mut context = context.clone();
	let secrets = local::keys(&context, arguments)?;
	local::configuration(&mut context, arguments)?;
	let device = context.device()?;
	let mut made = Made {
		address: secrets.keystore.address().into(),
		device: device.id_text(),
		name: device.name.to_string(),
		phrase: secrets.untold.clone(),
		..Made::default()
	};
	if arguments.offline {
		context.terminal.facts(&made, |terminal| {
			let next = terminal.toned(Tone::Strong, "smart-agent init");
			format!(
				"Keys and configuration are made. Next: {next} --node URL, with a node that runs, registers the device."
			)
		});
		return Ok(());
	}
	let chain = context
		.connect()
		.await
		.map_err(|failure| unreached(&context, failure))?;
	local::keep_nodes(&mut context, chain.facts().genesis.into()).await?;
	on_chain(&mut context, &chain, arguments, secrets, &device, &mut made).await?;
	tell(&context, &made, &chain.facts());
	Ok(())
}

/// That no node was reached, and what stays of it: nothing of a node that does not answer.
fn unreached(context: &Context, failure: Failure) -> Failure {
	let named = local::other_nodes(context).is_ok_and(|named| !named.is_empty());
	let failure = match named {
		true => failure.with("--node was not written into the configuration, for nobody answers there"),
		false => failure.with("`smart-agent init --node URL` asks another, and keeps it if it answers"),
	};
	failure.with("keys are made; run `smart-agent init` again when a node runs, it goes on from here")
}

/// All that needs the chain.
async fn on_chain(
	context: &mut Context,
	ledger: &dyn Ledger,
	arguments: &InitArguments,
	secrets: local::Secrets,
	device: &KnownDevice,
	made: &mut Made,
) -> Result<(), Failure> {
	if let Some(error) = ledger.check_runtime().into_iter().next() {
		return Err(error.into());
	}
	let genesis: [u8; 32] = ledger.facts().genesis.into();
	if context.config.chain.genesis().is_none() {
		let text = Value::String(sp_core::bytes::to_hex(&genesis, false));
		local::set(context, "chain.genesis", text)?;
	}
	made.did = device.did(&genesis);
	// Before anything is measured, asked for or paid.
	chain::may_register(ledger, device).await?;
	is_only_one(context, ledger, arguments, secrets.made_key, device).await?;
	let segments = chain::segments(context, ledger, arguments, device).await?;
	// Before the first step: what is interrupted goes on with the same.
	if arguments.segments.is_some() || context.config.compute.segments == 0 {
		local::set(context, "compute.segments", Value::Integer(segments.into()))?;
	}
	let mut steps = chain::Steps::new(context, ledger, arguments, secrets, device);
	steps.fund(segments).await?;
	steps.register().await?;
	made.registered = true;
	made.lotteries = steps.lotteries(segments).await?;
	Ok(())
}

/// A key that derives from the phrase anew may be in use on another machine, and two agents with one key spoil each
/// other's wins: whoever makes it, or begins where no agent ever ran, is asked if the device has won lately.
async fn is_only_one(
	context: &Context,
	ledger: &dyn Ledger,
	arguments: &InitArguments,
	made_key: bool,
	device: &KnownDevice,
) -> Result<(), Failure> {
	if arguments.take_over || !(made_key || context.folder_id().is_none()) {
		return Ok(());
	}
	let Some(ago) = chain::won_lately(ledger, device).await? else {
		return Ok(());
	};
	let what = format!(
		"The device `{}` has won a round some {} ago: an agent runs for it, or did. Two with one key spoil each \
		 other's wins, so end that one first, and remove its device.key",
		device.name,
		duration(ago)
	);
	context.terminal.warn(&what);
	let agreed = context
		.terminal
		.confirm("Is no other agent to run for this device any more?");
	if let Ok(true) = agreed {
		return Ok(());
	}
	let path = context.folder.device_key();
	let gone = made_key && std::fs::remove_file(&path).is_ok();
	let key = if gone {
		"its key was removed here again"
	} else {
		"its key is still here"
	};
	Err(Failure::other(format!(
		"nothing was sent, and {key} ({}): give --take-over once no other agent has it; or, for a second machine, \
		 another --device-name in a folder without device.key",
		path.display()
	)))
}

fn tell(context: &Context, made: &Made, facts: &Facts) {
	context.terminal.facts(made, |terminal| {
		let page = context.config.status.listen;
		let strong = |text: &str| terminal.toned(Tone::Strong, text);
		let mut text = format!(
			"This machine is the device {} of {}.\n{}\n\nNext:\n  {}\n      makes plots, by which the chain sees how \
			 much space this machine gives; leave it out to give none\n  {}\n      offers that space to customers: \
			 without an offer plots earn nothing\n  {}\n      answers the chain's lotteries, and wins; leave it \
			 running, as a service for one\n  {}\n      how it does; or look at http://{page} while it runs\n",
			strong(&made.name),
			made.address,
			made.did,
			strong(measure::plots_command(facts)),
			strong(measure::offer_command(facts)),
			strong("smart-agent run"),
			strong("smart-agent status"),
		);
		if let Some(phrase) = &made.phrase {
			text = format!("{}\n\n{text}", smart_agent_setup::phrase_text(terminal, phrase));
		}
		text
	});
}

fn lock(context: &Context) -> Result<File, Failure> {
	let path = context.folder.path().join(LOCK);
	let file = File::create(&path).map_err(|error| {
		Failure::other(format!(
			"cannot write {}: {error}; see to the disk and to who may write there",
			path.display()
		))
	})?;
	match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
		Ok(()) => Ok(file),
		Err(rustix::io::Errno::WOULDBLOCK) => Err(Failure::other(
			"another `smart-agent init` works in this folder; wait for it, or end it",
		)),
		Err(error) => Err(Failure::other(format!(
			"cannot lock {}: {error}; see to the disk and to who may write there",
			path.display()
		))),
	}
}

/// That the chain's answer is another one than this folder is for cannot come from here: `config` checks it.
fn set_in(text: &str, key: &str, value: Value) -> Result<String, Failure> {
	Ok(config::with(text, key, value)?)
}

/// A failure that `init` would not get over by being run again.
fn stuck(message: impl Into<String>) -> Failure {
	Failure::new(Code::Failed, message)
}
