//! Computing for others: `work`, and what `run` needs of it.

use crate::{
	cli::{Signing, WorkCommand, WorkSet},
	commands::{
		signed::{self, Sent},
		Context, Failure,
	},
	config::{self, WorkWhen},
	keys,
	ledger::{Ledger, Wait},
	run::{Part, Words},
	status::StatusHandle,
	storage::{hand, key_id},
	terminal::counted,
};
use device_primitives::DeviceId;
use serde::Serialize;
use smart_agent_chain::{Call, Chain, NamedCall, Quote};
use smart_agent_storage::words::read_bytes;
use smart_agent_work::{
	add_stake_call, check_runtime, claim_call, earned, offer_call, offered, run_until, runner, shown, stop_call, tasks,
	withdraw_call, words, worker, worker_deposit, Setup, When, CLAIMS,
};
use sp_core::sr25519;
use std::{sync::Arc, time::Duration};

/// After so long computing begins again, if it has ended by itself: who has committed itself and reveals nothing pays.
const AGAIN: Duration = Duration::from_secs(15);

/// What is said if it has.
const WORDS: Words = Words {
	code: "work",
	what: "No units are computed",
	remedy: "what was committed and is not revealed costs a part of the stake: see to it. It is tried again",
};

/// Starts to compute, if that is configured. That it cannot is a problem of its own: wins are not concerned.
pub(crate) fn start(context: &Context, chain: &Chain, key: &sr25519::Pair, handle: &StatusHandle) -> Option<Part> {
	if !context.config.work.enabled {
		return None;
	}
	let (context, chain, key, handle) = (context.clone(), chain.clone(), key.clone(), handle.clone());
	Some(Part::start(WORDS, handle.clone(), AGAIN, move |stop| {
		let work = context.config.work.clone();
		let runner = runner(&work.program, work.nice).map_err(|error| error.to_string());
		let setup = runner.map(|runner| Setup {
			node: Arc::new(chain.clone()),
			folder: work.folder,
			state: context.folder.tasks(),
			device: DeviceId(key_id(&key)),
			key: key.clone(),
			listen: work.listen,
			runner,
			slots: work.slots,
			when: When {
				idle: work.when == WorkWhen::Idle,
				mains: !work.battery,
			},
			hand: hand(&context, &chain),
			status: handle.clone(),
		});
		let fault = check_runtime(&chain).into_iter().next();
		tokio::spawn(async move {
			match fault {
				Some(error) => Err(format!("{error}; update whichever of node and smart-agent is older")),
				None => run_until(setup?, stop).await.map_err(|error| error.to_string()),
			}
		})
	}))
}

/// What was sent, for `--json`.
#[derive(Debug, Default, Serialize)]
struct Done {
	sent: Vec<Sent>,
}

/// Carries out a command.
///
/// # Errors
/// If this folder is not set up, no node is reached, or the chain refuses it.
pub(crate) async fn run_work(context: &Context, command: &WorkCommand) -> Result<(), Failure> {
	let device = DeviceId(context.device()?.id);
	let chain = context.connect().await?;
	let currency = chain.currency();
	let amount = |text: &str| match text.trim() {
		"0" => Ok(0),
		text => currency.read(text).map_err(usage),
	};
	match command {
		WorkCommand::Set(set) => offer(context, &chain, &device, set).await,
		WorkCommand::Show => show(context, &chain, &device).await,
		WorkCommand::Stop(signing) => {
			let what = "Taking no units any more".to_owned();
			several(context, &chain, signing, vec![(stop_call(&device), what)]).await?;
			context.terminal.say(
				"Units that it has are brought to their end: let the agent run until `smart-agent work show` has none.",
			);
			Ok(())
		}
		WorkCommand::Stake { amount: text, signing } => {
			let planck = amount(text)?;
			let what = format!("Putting in {}", currency.show(planck));
			several(context, &chain, signing, vec![(add_stake_call(&device, planck), what)]).await
		}
		WorkCommand::Unstake { amount: text, signing } => {
			let planck = amount(text)?;
			let what = format!("Having {} leave, and paying what has left", currency.show(planck));
			several(context, &chain, signing, vec![(withdraw_call(&device, planck), what)]).await
		}
		WorkCommand::Claim(signing) => claim(context, &chain, &device, signing).await,
	}
}

fn usage(why: String) -> Failure {
	Failure::new(crate::commands::Code::Usage, why)
}

/// Sends several calls, after one question each; the key is unlocked once.
async fn several(
	context: &Context,
	chain: &Chain,
	signing: &Signing,
	calls: Vec<(NamedCall, String)>,
) -> Result<(), Failure> {
	let mut done = Done::default();
	if !calls.is_empty() {
		let owner = context.owner(&context.keystore()?, signing)?;
		for (call, what) in calls {
			let call = Call::Named(call);
			let sending = signed::carry_out_as(context, chain, signing, Some(&owner), &call, &what, Wait::Block);
			done.sent.push(Sent::from(&sending.await?));
		}
	}
	context.terminal.facts(&done, |_| match done.sent.is_empty() {
		true => String::from("There is nothing to be claimed."),
		false => String::from("Done."),
	});
	Ok(())
}

async fn offer(context: &Context, chain: &Chain, device: &DeviceId, set: &WorkSet) -> Result<(), Failure> {
	let currency = chain.currency();
	let ask = words::read_ask(&set.ask, &currency).map_err(usage)?;
	let pages = words::pages(read_bytes(&set.memory).map_err(usage)?).map_err(usage)?;
	let stake = set
		.stake
		.as_deref()
		.map(|text| currency.read(text).map_err(usage))
		.transpose()?;
	// A machine that cannot run units offers none.
	runner(&context.config.work.program, 0).map_err(|error| Failure::other(error.to_string()))?;
	let what = format!(
		"Computing {} at a time at {}",
		counted(set.slots.into(), "unit"),
		words::ask_words(ask, &currency)
	);
	let held = match worker(chain, device, chain.best().await?.hash).await? {
		Some(_) => 0,
		None => worker_deposit(chain)?,
	};
	let offer = NamedCall {
		held,
		..offer_call(device, &offered(ask, set.slots, pages))
	};
	let mut calls = vec![(offer, what)];
	if let Some(stake) = stake {
		let what = format!("Putting in {} as stake", currency.show(stake));
		calls.push((add_stake_call(device, stake), what));
	}
	// An offer is of no use without its stake: nothing is paid for the one if the other cannot be put in.
	let (keystore, mut all) = (context.keystore()?, None::<Quote>);
	for (call, _) in &calls {
		let call = Call::Named(call.clone());
		let quote = Ledger::quote(chain, &call, &keystore.account()).await?;
		all = Some(all.map_or(quote.clone(), |before| before.with(&quote)));
	}
	if let Some(all) = &all {
		signed::afford(all, &currency, keystore.address())?;
	}
	several(context, chain, &set.signing, calls).await?;
	configure(context, set)?;
	let best = chain.best().await?;
	let told = worker(chain, device, best.hash).await?;
	for hint in shown::hints(told.as_ref(), context.config.work.listen.port()) {
		context.terminal.warn(&hint);
	}
	Ok(())
}

/// Has the agent compute from its next start on.
fn configure(context: &Context, set: &WorkSet) -> Result<(), Failure> {
	let path = &context.config_file;
	let mut text = match path.exists() {
		true => keys::read_bounded(path, 1 << 20)?.as_str().to_owned(),
		false => String::new(),
	};
	for (key, value) in [
		("work.enabled", toml::Value::Boolean(true)),
		("work.slots", toml::Value::Integer(set.slots.into())),
		("work.when", toml::Value::String(set.when.name().into())),
	] {
		text = config::with(&text, key, value)?;
	}
	keys::replace(path, text.as_bytes())?;
	context.terminal.say(&format!(
		"{} says work.enabled = true now: restart the agent that runs.",
		path.display()
	));
	Ok(())
}

async fn show(context: &Context, chain: &Chain, device: &DeviceId) -> Result<(), Failure> {
	let at = chain.best().await?.hash;
	let told = worker(chain, device, at).await?;
	let (has, pay) = (tasks(chain, device, at).await?, earned(chain, device, at).await?);
	let (facts, currency) = (shown::Shown::of(told.as_ref(), &has, &pay), chain.currency());
	context.terminal.facts(&facts, |_| facts.text(&currency));
	for hint in shown::hints(told.as_ref(), context.config.work.listen.port()) {
		context.terminal.warn(&hint);
	}
	Ok(())
}

async fn claim(context: &Context, chain: &Chain, device: &DeviceId, signing: &Signing) -> Result<(), Failure> {
	let (at, currency) = (chain.best().await?.hash, chain.currency());
	let mut pay = earned(chain, device, at).await?;
	pay.retain(|claim| claim.now > 0);
	let calls = pay.chunks(CLAIMS).map(|some| {
		let sum = some.iter().fold(0_u128, |sum, claim| sum.saturating_add(claim.now));
		let jobs: Vec<u64> = some.iter().map(|claim| claim.job).collect();
		let what = format!(
			"Claiming {} of {}",
			currency.show(sum),
			counted(jobs.len() as u64, "job")
		);
		(claim_call(&jobs), what)
	});
	several(context, chain, signing, calls.collect()).await
}
