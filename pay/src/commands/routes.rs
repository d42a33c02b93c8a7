//! Which ways an invoice could be paid over.

use super::{
	context::{asked, unexpected},
	Context, Failure,
};
use smart_pay_api::{Answer, Ask, RouteView};

/// Shows them, the cheapest first. Nothing is paid.
///
/// # Errors
/// If there is none, or the daemon is not there.
pub(super) fn run(context: &Context, invoice: &str) -> Result<(), Failure> {
	let ask = Ask::Routes {
		invoice: invoice.into(),
	};
	match asked(context, &ask)? {
		Answer::Routes(ways) => {
			context.terminal.facts(&ways, |_| text(context, &ways));
			Ok(())
		}
		other => Err(unexpected(&other)),
	}
}

fn text(context: &Context, ways: &[RouteView]) -> String {
	let currency = context.currency();
	let mut lines = Vec::new();
	for (number, way) in (1..).zip(ways) {
		let fee = currency.exact(way.fee.0);
		let paid = currency.exact(way.paid.0);
		lines.push(format!(
			"Way {number}: {paid}, of which relays take {fee}; if nobody takes it, it is back after {} min",
			way.minutes
		));
		for hop in &way.hops {
			let amount = currency.exact(hop.amount.0);
			lines.push(format!("  channel {} to {}: {amount}", hop.channel, hop.to));
		}
	}
	lines.join("\n")
}
