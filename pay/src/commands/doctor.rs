//! `doctor`: what is wrong, and what to do.

use super::{context::asked, Code, Context, Failure};
use serde::Serialize;
use smart_agent_terminal::Tone;
use smart_pay_api::{Answer, Ask};
use smart_pay_chain::{Ledger, Net};
use smart_pay_config::Config;
use std::process::ExitCode;

/// A check.
#[derive(Serialize)]
struct Check {
	what: &'static str,
	ok: bool,
	said: String,
}

fn check(what: &'static str, found: Result<String, String>) -> Check {
	let ok = found.is_ok();
	let said = found.unwrap_or_else(|why| why);
	Check { what, ok, said }
}

/// Looks at everything, and says what is wrong.
///
/// # Errors
/// None but that of the terminal.
pub(super) async fn run(context: &Context) -> Result<ExitCode, Failure> {
	let mut checks = vec![keys(context), chain_named(&context.config)];
	checks.extend(chain(context).await);
	checks.extend(daemon(context));
	context.terminal.facts(&checks, |terminal| {
		let line = |check: &Check| {
			let mark = if check.ok {
				terminal.toned(Tone::Good, "✓")
			} else {
				terminal.toned(Tone::Bad, "✗")
			};
			format!("{mark} {}: {}\n", check.what, check.said)
		};
		checks.iter().map(line).collect()
	});
	let is_well = checks.iter().all(|check| check.ok);
	Ok(if is_well {
		ExitCode::SUCCESS
	} else {
		Code::Unhealthy.into()
	})
}

fn keys(context: &Context) -> Check {
	let found = context
		.keystore()
		.and_then(|keystore| context.keys().map(|_| keystore.address().to_owned()))
		.map_err(|failure| failure.message);
	let found = match smart_agent_keys::exposed(&context.key_file()) {
		Some(exposed) => Err(format!(
			"others than its owner may read {}: run `chmod 600` on it",
			exposed.path.display()
		)),
		None => found,
	};
	check("Keys", found)
}

fn chain_named(config: &Config) -> Check {
	let named = config.genesis().map(|_| config.chain.genesis.clone());
	check(
		"Configuration",
		named.ok_or_else(|| "chain.genesis is empty: run `smart-pay init` with a node that runs".into()),
	)
}

async fn chain(context: &Context) -> Vec<Check> {
	let chain = match context.connect().await {
		Ok(chain) => chain,
		Err(failure) => return vec![check("Chain", Err(failure.message))],
	};
	let facts = chain.facts();
	let mut checks = vec![check("Chain", Ok(format!("{} at {}", facts.chain, facts.url)))];
	if let Ok(state) = chain.sync_state().await {
		let said = format!("block {}, {} peer(s)", state.best, state.peers);
		let found = if state.syncing {
			Err(format!(
				"{said}; the node is not in sync: closes are seen late; wait, or name another"
			))
		} else {
			Ok(said)
		};
		checks.push(check("Node", found));
	}
	let account = context.keystore().ok().map(|keystore| keystore.account());
	let net = Net::asking(chain.clone(), account);
	let prices = net.prices();
	checks.push(check(
		"Runtime",
		prices
			.as_ref()
			.map(|prices| {
				format!(
					"channels are there; {} are held for each",
					context.currency().exact(prices.channel_deposit)
				)
			})
			.map_err(|error| error.to_string()),
	));
	let tick = async {
		let at = net.finalized().await?;
		net.tick(at.hash).await
	};
	let tick = tick
		.await
		.map(|tick| format!("tick {tick}"))
		.map_err(|error| error.to_string());
	checks.push(check("Clock", tick));
	if let Some(account) = account {
		let best = chain.best().await.map(|head| head.hash);
		if let (Ok(at), Ok(prices)) = (best, prices) {
			let found = chain.account(&smart_agent_chain::AccountId::new(account), at).await;
			let found = found.map_err(|error| error.to_string()).and_then(|found| {
				let spendable = found.spendable(prices.existential_deposit);
				let said = context.currency().exact(spendable);
				if spendable == 0 {
					return Err(
						"the account has nothing to spend: closes and reveals need fees; send some STCI there".into(),
					);
				}
				Ok(format!("{said} can be spent"))
			});
			checks.push(check("Account", found));
		}
		if let Ok(Some(found)) = net.endpoint(&account).await {
			checks.push(check(
				"Endpoint",
				Ok(String::from_utf8_lossy(&found.endpoint.url)
					.chars()
					.filter(|c| !c.is_control())
					.collect()),
			));
		}
	}
	checks
}

fn daemon(context: &Context) -> Vec<Check> {
	let status = match asked(context, &Ask::Status) {
		Ok(Answer::Status(status)) => status,
		Ok(_) => return vec![check("Daemon", Err("it answers something else: restart it".into()))],
		Err(failure) => return vec![check("Daemon", Err(failure.message))],
	};
	let mut checks = vec![check("Daemon", Ok(format!("version {}", status.version)))];
	if let Some(trouble) = status.trouble {
		checks.push(check("Following", Err(trouble)));
	}
	if let Ok(Answer::Channels(all)) = asked(context, &Ask::Channels) {
		let silent: Vec<String> = all
			.iter()
			.filter(|view| !view.connected)
			.map(|view| view.channel.to_string())
			.collect();
		if !silent.is_empty() {
			let why = format!(
				"the partners of channel(s) {} are not connected: they cannot be used",
				silent.join(", ")
			);
			checks.push(check("Partners", Err(why)));
		}
		for view in all.iter().filter(|view| view.lost) {
			let said = format!("channel {}: {}", view.channel, view.state);
			checks.push(check("Data", Err(said)));
		}
		for view in all.iter().filter(|view| view.deadline.is_some()) {
			checks.push(check(
				"Close",
				Err(format!(
					"channel {}: {}; leave the daemon running",
					view.channel, view.state
				)),
			));
		}
	}
	if context.config.tower().is_none() {
		checks.push(check(
			"Tower",
			Ok("none: be back within each channel's window, or name one in [tower]".into()),
		));
	}
	checks
}
