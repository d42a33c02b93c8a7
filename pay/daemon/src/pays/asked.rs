//! What commands ask about payments.

use super::{Route, Way};
use crate::{Daemon, TICK};
use channel_primitives::Balance;
use smart_agent_keys::address;
use smart_pay_api::{Answer, HopView, Plan, Planck, RouteView};
use smart_pay_chain::Ledger;
use smart_pay_frames::invoice::Invoice;

/// How many ways are shown.
const MOST_SHOWN: usize = 3;

impl<L: Ledger> Daemon<L> {
	pub(crate) async fn ask_pay(&mut self, text: &str, times: u32, dry_run: bool) -> Answer {
		let invoice = match Invoice::read(text) {
			Ok(invoice) => invoice,
			Err(why) => return Answer::Failed(why),
		};
		if dry_run {
			return self.plan_pay(&invoice, times).await;
		}
		match self.pay(invoice, times).await {
			Ok(payment) => {
				self.drive().await;
				match self.pays.view(payment) {
					Some(view) => Answer::Pay(view),
					None => Answer::Failed("the payment is not known any more".into()),
				}
			}
			Err(why) => Answer::Failed(why),
		}
	}

	async fn plan_pay(&mut self, invoice: &Invoice, times: u32) -> Answer {
		let way = match self.way(invoice).await {
			Ok(way) => way,
			Err(why) => return Answer::Failed(why),
		};
		if let Err(why) = self.may_begin(invoice) {
			return Answer::Failed(why);
		}
		let all = Balance::from(times);
		let (fee, how, worst) = match way {
			Way::Direct(channel) => (
				0,
				format!("in channel {channel} with the payee"),
				"what is paid is paid for good at once: the payee need not give anything for it".to_owned(),
			),
			Way::Over(route) => (
				route.fee(),
				format!(
					"over {}; if that fails, over another way that may cost more",
					words(&route)
				),
				format!(
					"if a relay or the payee goes away on the way, at most 40 payments wait until they are back or \
					 expire ({} min); none of them is lost",
					minutes(&route)
				),
			),
			Way::Looking => return Answer::Failed(ASKED.into()),
		};
		Answer::Plan(Plan {
			what: format!("pays {} {times} time(s), {how}", address(&invoice.payee)),
			fee: Planck(0),
			route_fee: Planck(fee.saturating_mul(all)),
			held: Planck(0),
			paid: Planck(invoice.terms.amount.saturating_mul(all)),
			missing: Planck(0),
			worst: vec![worst],
		})
	}

	/// The ways to whoever made an invoice, the cheapest first.
	pub(crate) async fn routes(&mut self, text: &str) -> Answer {
		let invoice = match Invoice::read(text) {
			Ok(invoice) => invoice,
			Err(why) => return Answer::Failed(why),
		};
		let surveyed = self.survey(&invoice.payee).await;
		let ways = self.ways(&invoice, MOST_SHOWN);
		if ways.is_empty() {
			return Answer::Failed(match surveyed {
				Err(why) => why,
				Ok(()) if self.map.waits() => ASKED.into(),
				Ok(()) => self.no_way(&invoice),
			});
		}
		Answer::Routes(ways.iter().map(view).collect())
	}
}

const ASKED: &str = "no way is known yet: relays are being asked what they take; try again in a moment";

/// A way, as a person reads it.
fn words(route: &Route) -> String {
	let channels: Vec<String> = route.hops.iter().map(|hop| hop.channel.to_string()).collect();
	match channels.as_slice() {
		[one] => format!("channel {one}"),
		_ => format!("channels {}", channels.join(", ")),
	}
}

/// After how many minutes the first lock of a way expires.
fn minutes(route: &Route) -> u64 {
	route
		.hops
		.first()
		.map_or(0, |hop| TICK.saturating_mul(hop.ticks).as_secs() / 60)
}

fn view(route: &Route) -> RouteView {
	RouteView {
		paid: Planck(route.paid()),
		fee: Planck(route.fee()),
		minutes: minutes(route),
		hops: route
			.hops
			.iter()
			.map(|hop| HopView {
				channel: hop.channel,
				to: address(&hop.to),
				amount: Planck(hop.amount),
			})
			.collect(),
	}
}
