//! Commands that ask the daemon: what it would cost is told first, and asked about.

use super::{
	context::{asked, unexpected},
	Code, Context, Failure,
};
use crate::cli::{CloseArguments, Command, OpenArguments, PayArguments, RelayCommand, TowerCommand};
use serde::Serialize;
use smart_agent_terminal::{columns, duration, Tone};
use smart_pay_api::{Answer, Ask, ChannelView, PayView, Plan, Planck, StatusView};
use std::{path::Path, thread::sleep, time::Duration};

/// A tick of the chain, if none is left out.
const TICK: Duration = Duration::from_millis(500);
/// How often a payment is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Carries a command out.
///
/// # Errors
/// If the daemon is not there, or does not do it; with what to do.
pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
	match command {
		Command::Status => status(context),
		Command::Channels => channels(context),
		Command::Open(arguments) => open(context, arguments),
		Command::Invoice(arguments) => {
			let ask = Ask::Invoice {
				amount: Planck(context.amount(&arguments.amount)?),
				seconds: arguments.lasts,
				text: arguments.text.clone(),
			};
			match asked(context, &ask)? {
				Answer::Invoice(text) => {
					context.terminal.facts(&text, |_| text.clone());
					Ok(())
				}
				other => Err(unexpected(&other)),
			}
		}
		Command::Pay(arguments) => pay(context, arguments),
		Command::Routes { invoice } => super::routes::run(context, invoice),
		Command::Deposit { channel, amount } => {
			let (channel, amount) = (*channel, Planck(context.amount(amount)?));
			carry(context, |dry_run| Ask::Deposit {
				channel,
				amount,
				dry_run,
			})
		}
		Command::Withdraw { channel, amount } => {
			let (channel, amount) = (*channel, Planck(context.amount(amount)?));
			carry(context, |dry_run| Ask::Withdraw {
				channel,
				amount,
				dry_run,
			})
		}
		Command::Rekey { channel } => {
			let channel = *channel;
			carry(context, |dry_run| Ask::Rekey { channel, dry_run })
		}
		Command::Close(arguments) => close(context, arguments),
		Command::Reach { channel, at } => reach(context, *channel, at),
		Command::Tower(command) => tower(context, command),
		Command::Relay(command) => relay(context, command),
		Command::Backup { file } => backup(context, file),
		// They have files of their own: see `commands::carry_out`.
		Command::Init(_) | Command::Run | Command::Doctor | Command::Recover { .. } | Command::Relayer(_) => Ok(()),
		Command::Order(_) | Command::Stream(_) | Command::Streams { .. } => Ok(()),
		Command::Export(_) | Command::Import(_) => Ok(()),
	}
}

/// Says whose node the partner of a channel has.
fn reach(context: &Context, channel: u64, at: &str) -> Result<(), Failure> {
	let (node, url) = at.split_once('@').unwrap_or((at, ""));
	if context.common.dry_run {
		let what = format!("It would take {node} for the node of channel {channel}'s partner, and send nothing.");
		context.terminal.say(&what);
		return Ok(());
	}
	let ask = Ask::Reach {
		channel,
		node: node.into(),
		url: url.into(),
	};
	done(context, asked(context, &ask)?)
}

fn backup(context: &Context, file: &Path) -> Result<(), Failure> {
	let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
	let path = path.display().to_string();
	if context.common.dry_run {
		context
			.terminal
			.say(&format!("It would write a sealed backup to {path}, and send nothing."));
		return Ok(());
	}
	done(context, asked(context, &Ask::Backup { path })?)
}

fn close(context: &Context, arguments: &CloseArguments) -> Result<(), Failure> {
	let (channel, alone) = (arguments.channel, arguments.alone);
	if arguments.recovery {
		return carry(context, |dry_run| Ask::CloseRecovery { channel, dry_run });
	}
	let sure = arguments.i_know_this_store_is_the_newest;
	carry(context, |dry_run| Ask::Close {
		channel,
		alone,
		sure,
		dry_run,
	})
}

/// Has something planned, tells what it costs and what can go wrong, asks, and has it done.
pub(super) fn carry(context: &Context, of: impl Fn(bool) -> Ask) -> Result<(), Failure> {
	if !agreed(context, &of(true))? {
		return Ok(());
	}
	done(context, asked(context, &of(false))?)
}

/// Whether it is to be done, after it was told what it costs.
pub(super) fn agreed(context: &Context, dry: &Ask) -> Result<bool, Failure> {
	match asked(context, dry)? {
		Answer::Plan(plan) => confirmed(context, &plan),
		other => Err(unexpected(&other)),
	}
}

/// Tells a plan, and whether it is to be done.
pub(super) fn confirmed(context: &Context, plan: &Plan) -> Result<bool, Failure> {
	let text = words(context, plan);
	if context.common.dry_run {
		context.terminal.facts(plan, |_| text.clone());
		return Ok(false);
	}
	context.terminal.say(&text);
	if plan.missing.0 > 0 {
		let missing = context.currency().exact(plan.missing.0);
		return Err(Failure::other(format!(
			"the account lacks {missing}: send them there and try again"
		)));
	}
	if context.common.yes {
		return Ok(true);
	}
	let agreed = context
		.terminal
		.confirm("Is that right?")
		.map_err(|why| Failure::other(format!("{why}; give --yes")))?;
	if !agreed {
		context.terminal.say("Nothing was done.");
	}
	Ok(agreed)
}

/// A plan, as people read it.
fn words(context: &Context, plan: &Plan) -> String {
	let currency = context.currency();
	let mut lines = vec![("This", plain(&plan.what))];
	for (name, amount, after) in [
		("Pays", plan.paid, ""),
		("Holds", plan.held, ", which come back"),
		("Fee on chain", plan.fee, ""),
		("Fee of partners", plan.route_fee, " at most"),
	] {
		if amount.0 > 0 {
			lines.push((name, format!("{}{after}", currency.exact(amount.0))));
		}
	}
	for worst in &plan.worst {
		lines.push(("At worst", plain(worst)));
	}
	columns(&lines)
}

/// What may be somebody else's words, as it may be shown: nothing in it moves the cursor, or turns around or hides what
/// stands beside it.
pub(super) fn plain(text: &str) -> String {
	let shown = |character: &char| {
		!character.is_control()
			&& !matches!(*character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
	};
	text.chars().filter(shown).collect()
}

pub(super) fn done(context: &Context, answer: Answer) -> Result<(), Failure> {
	match answer {
		Answer::Done(flow) => {
			context.terminal.facts(&flow, |_| {
				let number = flow
					.number
					.map(|number| format!(" (channel {number})"))
					.unwrap_or_default();
				format!("{}{number}", flow.said)
			});
			Ok(())
		}
		other => Err(unexpected(&other)),
	}
}

fn status(context: &Context) -> Result<(), Failure> {
	let Answer::Status(status) = asked(context, &Ask::Status)? else {
		return Err(Failure::other("the daemon answers something else: restart it"));
	};
	context.terminal.facts(&status, |_| status_text(&status));
	Ok(())
}

fn status_text(status: &StatusView) -> String {
	let chain = match (&status.trouble, status.chain) {
		(Some(why), _) => why.clone(),
		(None, true) => format!(
			"block {}, tick {}, {} s ago",
			status.block, status.tick, status.block_age
		),
		(None, false) => "no node is reached".into(),
	};
	let reach = if status.url.is_empty() {
		format!("{} (calls, and is not called)", status.node)
	} else {
		format!("{}@{}", status.node, status.url)
	};
	columns(&[
		("Account", status.address.clone()),
		("Node", reach),
		("Chain", chain),
		("Channels", status.channels.to_string()),
		("Partners connected", status.peers.to_string()),
		("Carries on", if status.relays { "yes" } else { "no" }.into()),
		("Watches", status.watched.to_string()),
	])
}

fn channels(context: &Context) -> Result<(), Failure> {
	let Answer::Channels(all) = asked(context, &Ask::Channels)? else {
		return Err(Failure::other("the daemon answers something else: restart it"));
	};
	context.terminal.facts(&all, |terminal| {
		if all.is_empty() {
			return "There are no channels: `smart-pay open` makes one.".into();
		}
		let text = |view: &ChannelView| {
			let title = terminal.toned(Tone::Strong, &format!("Channel {}", view.channel));
			format!("{title}\n{}", channel_text(context, view))
		};
		all.iter().map(text).collect()
	});
	Ok(())
}

fn channel_text(context: &Context, view: &ChannelView) -> String {
	let amount = |planck: Planck| context.currency().exact(planck.0);
	let there = if view.connected { "" } else { " (not connected)" };
	columns(&[
		("  Partner", format!("{}{there}", view.partner)),
		("  State", view.state.clone()),
		("  Holds", amount(view.total)),
		("  Can pay", amount(view.spendable)),
		("  Can be paid", amount(view.receivable)),
		("  Paid in all", amount(view.sent)),
		("  Was paid", amount(view.received)),
		("  On the way", format!("{} lock(s)", view.locks)),
		("  Window", lasting(view.window)),
	])
}

/// A number of ticks, and how long they last if none is left out.
fn lasting(ticks: u32) -> String {
	format!("{ticks} ticks, about {}", duration(TICK.saturating_mul(ticks)))
}

fn open(context: &Context, arguments: &OpenArguments) -> Result<(), Failure> {
	let wrong = || {
		Failure::new(
			Code::Usage,
			"name the partner as KEY@ws://HOST:PORT: `smart-pay status` shows it there",
		)
	};
	let (node, url) = arguments.with.split_once('@').ok_or_else(wrong)?;
	if url.is_empty() {
		return Err(wrong());
	}
	let deposit = Planck(context.amount(&arguments.deposit)?);
	carry(context, |dry_run| Ask::Open {
		node: node.into(),
		url: url.into(),
		deposit,
		window: arguments.window,
		dry_run,
	})
}

/// What a payment came to, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Paid {
	#[serde(flatten)]
	view: PayView,
	per_second: u64,
}

fn pay(context: &Context, arguments: &PayArguments) -> Result<(), Failure> {
	let of = |dry_run| Ask::Pay {
		invoice: arguments.invoice.clone(),
		times: arguments.times,
		dry_run,
	};
	if !agreed(context, &of(true))? {
		return Ok(());
	}
	let mut view = match asked(context, &of(false))? {
		Answer::Pay(view) => view,
		other => return Err(unexpected(&other)),
	};
	let mut bar = context.terminal.bar("Paying");
	while !view.done {
		let ended = view.paid.saturating_add(view.failed);
		let thousandths = u64::from(ended).saturating_mul(1_000) / u64::from(view.times.max(1));
		bar.tell(
			u16::try_from(thousandths).ok(),
			&format!(
				"{} paid, {} failed, {} on the way, {}/s",
				view.paid,
				view.failed,
				view.in_flight,
				rate(&view)
			),
		);
		sleep(LOOK);
		let seen = asked(context, &Ask::Paid { payment: view.payment });
		view = match seen.map_err(|failure| unseen(&view, failure))? {
			Answer::Pay(view) => view,
			other => return Err(unexpected(&other)),
		};
	}
	drop(bar);
	let paid = Paid {
		per_second: rate(&view),
		view,
	};
	context.terminal.facts(&paid, |_| pay_text(context, &paid.view));
	match (paid.view.failed, &paid.view.why) {
		(0, _) => Ok(()),
		(failed, why) => Err(Failure::other(format!(
			"{failed} of {} came to nothing and cost nothing: {}",
			paid.view.times,
			why.as_deref().unwrap_or("no reason was given")
		))),
	}
}

/// A payment that was begun, and is not seen any more.
fn unseen(last: &PayView, failure: Failure) -> Failure {
	Failure::new(
		failure.code,
		format!(
			"{}. When it was seen last, {} of {} were paid and {} on the way, which may still be paid: look at \
			 `smart-pay channels` before you pay again",
			failure.message, last.paid, last.times, last.in_flight
		),
	)
}

/// Payments a second.
fn rate(view: &PayView) -> u64 {
	u64::from(view.paid).saturating_mul(1_000) / view.millis.max(1)
}

fn pay_text(context: &Context, view: &PayView) -> String {
	let currency = context.currency();
	format!(
		"{} paid, {} failed: {} in all, of which partners took {}; {} ({}/s)",
		view.paid,
		view.failed,
		currency.exact(view.amount.0),
		currency.exact(view.fees.0),
		duration(Duration::from_millis(view.millis)),
		rate(view)
	)
}

fn tower(context: &Context, command: &TowerCommand) -> Result<(), Failure> {
	match command {
		TowerCommand::Register { bond } => {
			let bond = Planck(context.amount(bond)?);
			carry(context, |dry_run| Ask::RegisterTower { bond, dry_run })
		}
		TowerCommand::Show => {
			let Answer::Status(status) = asked(context, &Ask::Status)? else {
				return Err(Failure::other("the daemon answers something else: restart it"));
			};
			let keys = context.keys()?;
			let account = context.keystore()?.account();
			let key = smart_pay_daemon::receipt_key(&keys.hot, &account);
			let digits: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
			let lines = format!(
				"[tower]\naccount = \"{}\"\nkey = \"{digits}\"\nnode = \"{}\"\nurl = \"{}\"",
				status.address, status.node, status.url
			);
			if !context.config.tower.serve {
				context
					.terminal
					.warn("tower.serve is false here: nobody is watched before it is true, and the daemon restarted");
			}
			context.terminal.facts(&lines, |_| lines.clone());
			Ok(())
		}
	}
}

fn relay(context: &Context, command: &RelayCommand) -> Result<(), Failure> {
	let url = match command {
		RelayCommand::Show => {
			let relay = &context.config.relay;
			let text = columns(&[
				(
					"Carries on",
					if relay.enabled {
						"yes"
					} else {
						"no: relay.enabled is false"
					}
					.into(),
				),
				(
					"Takes",
					format!(
						"{}, and {} of each million",
						context.currency().exact(relay.fee_base.into()),
						relay.fee_ppm
					),
				),
				("Has to be back", format!("within {}", lasting(relay.margin))),
			]);
			context.terminal.facts(&text, |_| text.clone());
			return Ok(());
		}
		RelayCommand::Announce => {
			if context.config.node.url.is_empty() {
				return Err(Failure::new(
					Code::Usage,
					"node.url is empty: say there how partners reach this node",
				));
			}
			context.config.node.url.clone()
		}
		RelayCommand::Withdraw => String::new(),
	};
	carry(context, |dry_run| Ask::Announce {
		url: url.clone(),
		dry_run,
	})
}
