//! `order`: something is had by the unit, against a deposit.

use super::{
	asks::{agreed, carry, plain},
	context::{asked, unexpected},
	Code, Context, Failure,
};
use crate::cli::OrderCommand;
use serde::Deserialize;
use smart_agent_terminal::{columns, Tone};
use smart_pay_api::{Answer, Ask, OrderAsk, OrderView, Planck};
use std::path::Path;

/// Bytes of an order's file at most.
const MOST_FILE: u64 = 64 << 10;
/// An example of one.
const EXAMPLE: &str = "\
# What is offered, in 64 bytes at most.
what = \"charging, by the kWh\"
# What a unit costs, how many there are at most, and what is paid with the bill besides (not 0), in STCI.
unit = \"0.05\"
most = 60
base = \"0.1\"
# What is locked until the bill is paid, in STCI, and for how many ticks (half seconds, as a rule).
deposit = \"5\"
lasts = 14400
# Whose word gives the deposit to the payee: `smart-pay order key` at the arbiter's.
arbiter = \"\"
";

/// `order.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderFile {
	what: String,
	unit: String,
	most: u32,
	base: String,
	deposit: String,
	lasts: u32,
	arbiter: String,
}

/// Carries a command out.
///
/// # Errors
/// If the daemon is not there, or does not do it; with what to do.
pub(super) fn run(context: &Context, command: &OrderCommand) -> Result<(), Failure> {
	match command {
		OrderCommand::Example => {
			context.terminal.facts(&EXAMPLE, |_| EXAMPLE.into());
			Ok(())
		}
		OrderCommand::Offer { file, channel } => {
			let order = read(file)?;
			let (unit, base) = (
				Planck(context.amount(&order.unit)?),
				Planck(context.amount(&order.base)?),
			);
			let deposit = Planck(context.amount(&order.deposit)?);
			shown(context, |dry_run| OrderAsk::Offer {
				channel: *channel,
				unit,
				most: order.most,
				base,
				deposit,
				lasts: order.lasts,
				arbiter: order.arbiter.clone(),
				what: order.what.clone(),
				dry_run,
			})
		}
		OrderCommand::Accept { order } => shown(context, |dry_run| OrderAsk::Accept {
			order: order.clone(),
			dry_run,
		}),
		OrderCommand::Pay { order, units } => {
			let (order, units) = (order.clone(), *units);
			at_once(
				context,
				"pay the units that were not paid yet",
				OrderAsk::Pay { order, units },
			)
		}
		OrderCommand::Bill { order, units } => {
			let (order, units) = (order.clone(), *units);
			at_once(
				context,
				"sign the bill and send it to the payer",
				OrderAsk::Bill { order, units },
			)
		}
		OrderCommand::Claim { order, word } => {
			let (order, word) = (order.clone(), word.clone());
			at_once(
				context,
				"show the arbiter's word, and have the deposit",
				OrderAsk::Claim { order, word },
			)
		}
		OrderCommand::Status => at_once(context, "", OrderAsk::List),
		OrderCommand::Arbitrate { hash } => carry(context, |dry_run| {
			Ask::Orders(OrderAsk::Arbitrate {
				hash: hash.clone(),
				dry_run,
			})
		}),
		OrderCommand::Key => {
			let account = context.keystore()?.account();
			let key = smart_pay_daemon::receipt_key(&context.keys()?.hot, &account);
			let digits: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
			context.terminal.facts(&digits, |_| digits.clone());
			Ok(())
		}
	}
}

fn read(file: &Path) -> Result<OrderFile, Failure> {
	let wrong = |why: String| {
		Failure::new(
			Code::Usage,
			format!(
				"{} is wrong: {why}; `smart-pay order example` prints a right one",
				file.display()
			),
		)
	};
	let text = smart_agent_keys::read_bounded(file, MOST_FILE).map_err(|error| wrong(error.to_string()))?;
	toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().replace('\n', " ")))
}

/// What has a plan: it is told, asked about, done, and shown.
fn shown(context: &Context, of: impl Fn(bool) -> OrderAsk) -> Result<(), Failure> {
	if !agreed(context, &Ask::Orders(of(true)))? {
		return Ok(());
	}
	show(context, asked(context, &Ask::Orders(of(false)))?)
}

/// What was agreed to before: it is done, and shown.
fn at_once(context: &Context, what: &str, ask: OrderAsk) -> Result<(), Failure> {
	if context.common.dry_run && !what.is_empty() {
		context.terminal.say(&format!("It would {what}."));
		return Ok(());
	}
	show(context, asked(context, &Ask::Orders(ask))?)
}

fn show(context: &Context, answer: Answer) -> Result<(), Failure> {
	let Answer::Orders(views) = answer else {
		return Err(unexpected(&answer));
	};
	context.terminal.facts(&views, |terminal| {
		if views.is_empty() {
			return "There are no orders since the daemon's start: `smart-pay order offer` makes one.".into();
		}
		let text = |view: &OrderView| {
			let title = terminal.toned(Tone::Strong, &format!("Order {}", view.order));
			format!("{title}\n{}", text_of(context, view))
		};
		views.iter().map(text).collect()
	});
	Ok(())
}

fn text_of(context: &Context, view: &OrderView) -> String {
	let amount = |planck: Planck| context.currency().exact(planck.0);
	let side = if view.pays { "pays" } else { "is paid" };
	let mut lines = vec![
		("  What", plain(&view.what)),
		("  This side", format!("{side}, in channel {}", view.channel)),
		("  State", view.state.clone()),
		("  A unit", format!("{}, {} at most", amount(view.unit), view.most)),
		("  Deposit", amount(view.deposit)),
		("  Units", view.units.to_string()),
	];
	if view.amount.0 > 0 {
		lines.push(("  Bill", amount(view.amount)));
	}
	if let Some(why) = &view.why {
		lines.push(("  Why", why.clone()));
	}
	if !view.hash.is_empty() {
		lines.push(("  For an arbiter", view.hash.clone()));
	}
	columns(&lines)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_example_is_an_order() {
		let order: OrderFile = toml::from_str(EXAMPLE).expect("it is right");
		assert_eq!((order.unit.as_str(), order.most, order.lasts), ("0.05", 60, 14_400));
	}
}
