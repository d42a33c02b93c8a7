//! `extend` and `rm`: more time for a deal, or none.

pub(super) mod share;

use super::{list::has_ended, put::lasting, Context};
use crate::{
	cli::{ExtendArguments, RmArguments},
	failure::{Code, Failure},
	reading::no_deal,
	store::Record,
};
use serde_json::json;
use smart_agent_terminal::money::Currency;
use smart_market::{Act, DealView, Known, Market};
use storage_market_primitives::{DealId, Stage, Tick};

/// Pays for more time.
pub(super) async fn extend(context: &Context, arguments: &ExtendArguments) -> Result<(), Failure> {
	let open = context.open().await?;
	let (deal, eras) = (arguments.deal, arguments.eras);
	let view = open.net.deal(deal).await?.ok_or_else(|| no_deal(deal))?;
	if !matches!(view.deal.stage, Stage::Active) {
		let words = smart_market::stage_words(&view.deal.stage);
		return Err(Failure::new(
			Code::NotReady,
			format!("deal {deal} is not active ({words}), and only active deals are extended"),
		));
	}
	let known = open.net.known();
	let cost = view.deal.order.pay_for(eras, known.era);
	let cost = cost.map_err(|error| Failure::other(error.to_string()))?;
	let act = Act::Extend { deal, eras, cost };
	let ends = view.deal.ends.saturating_add(eras.saturating_mul(known.era));
	let now = open.net.now().await?.tick;
	// Whoever was interrupted sees by the first of these whether it was done.
	let what = format!(
		"Extending deal {deal} by {}, from {} to {}",
		lasting(&known, eras),
		crate::units::minute(super::list::when(&known, now, view.deal.ends)),
		crate::units::minute(super::list::when(&known, now, ends))
	);
	let told = context.carry_out(&open, &act, &what).await?;
	let until = super::list::when(&known, open.net.now().await?.tick, ends);
	let facts = json!({
		"deal": deal, "eras": eras, "ends": ends, "until": until, "putIn": cost.to_string(),
		"block": told.block, "fee": told.fee,
	});
	context.terminal.facts(&facts, |_| {
		format!("deal {deal} lasts until about {}", crate::units::minute(until))
	});
	Ok(())
}

/// What ending a deal does, in words.
fn consequence(view: &DealView, known: &Known, now: Tick, currency: &Currency) -> String {
	let deal = &view.deal;
	match deal.stage {
		Stage::Placing { .. } | Stage::Uploading { .. } => {
			let escrow = deal.escrow.amount();
			format!(
				"it has not begun, and to give it up has a price: 25 % of the {} that were put in for devices are \
				 burned if holders have not changed that, and never more than {}; the rest comes back. If its time for \
				 uploading runs out, the same part is burned of the pay of each slot that no device has",
				currency.show(escrow),
				currency.show(escrow.div_ceil(2))
			)
		}
		Stage::Active => {
			let left = known.seconds(deal.ends.saturating_sub(now));
			format!(
				"it is active, and paid for {} more: devices are paid up to now, and a quarter of what is left for the \
				 time that was ordered first is gone, a part of it to them; the rest comes back; what is stored is \
				 gone then",
				smart_agent_terminal::duration(std::time::Duration::from_secs(left))
			)
		}
		Stage::Ended { .. } => "it has ended, and is closed: what is left of its money comes back".into(),
	}
}

/// Ends a deal, or closes one that has ended.
pub(super) async fn rm(context: &Context, arguments: &RmArguments) -> Result<(), Failure> {
	let open = context.open().await?;
	let deal = arguments.deal;
	let view = open.net.deal(deal).await?.ok_or_else(|| no_deal(deal))?;
	let owner: [u8; 32] = view.deal.owner.clone().into();
	let (known, now) = (open.net.known(), open.net.now().await?.tick);
	let ended = has_ended(&view.deal.stage);
	if owner != open.access.account() && !ended {
		return Err(Failure::other(format!(
			"deal {deal} is {}'s, who alone ends it",
			smart_agent_keys::address(&owner)
		)));
	}
	if let Stage::Ended { until, .. } = view.deal.stage {
		if now < until {
			let seconds = known.seconds(until - now);
			return Err(Failure::new(
				Code::NotReady,
				format!(
					"deal {deal} has ended; it is closed in {} at the earliest",
					smart_agent_terminal::duration(std::time::Duration::from_secs(seconds))
				),
			));
		}
	}
	let act = match ended {
		true => Act::Close { deal },
		false => Act::End { deal },
	};
	let what = format!("Deal {deal}: {}", consequence(&view, &known, now, &context.currency()));
	let told = context.carry_out(&open, &act, &what).await?;
	forget(context, deal)?;
	// Its money comes back when it is closed, which anybody may do at once if it has no grace.
	let closed = ended || close(context, &open, deal).await;
	let facts = json!({ "deal": deal, "closed": closed, "block": told.block, "fee": told.fee });
	context.terminal.facts(&facts, |_| match closed {
		true => format!("deal {deal} is closed; its money is back"),
		false => format!("deal {deal} has ended; `smart rm {deal}` again closes it, and its money is back then"),
	});
	Ok(())
}

async fn close(context: &Context, open: &super::context::Open, deal: DealId) -> bool {
	let act = Act::Close { deal };
	let closing = context.show().waiting(&act.words(), open.net.send(&act)).await;
	closing.is_ok()
}

/// A put of a deal that is given up does not go on.
fn forget(context: &Context, deal: DealId) -> Result<(), Failure> {
	for folder in context.folder.puts() {
		if let Ok(Some(record)) = Record::open(&folder) {
			if record.kept().deal() == Some(deal) {
				record.end()?;
			}
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_chain::{AccountId, DECIMALS, SYMBOL};
	use smart_market::Deposits;
	use storage_market_primitives::{Deal, Geometry, Kind, Order, Price, Profile, Terms};

	/// It is governed, and holders began with more than what the market's own terms have.
	#[test]
	fn what_giving_up_costs_is_told_and_that_waiting_costs_it_too() {
		let order = Order {
			geometry: Geometry::of(Profile::Standard, 1 << 30),
			max_ask: Price(200_000),
			eras: 12_960,
			factor: 2,
		};
		let opened = Deal::open(AccountId::new([1; 32]), Kind::Beacon, order, 0, &Terms::real());
		let (deal, _) = opened.unwrap();
		let (most, currency) = (deal.escrow.amount().div_ceil(2), Currency::new(SYMBOL, DECIMALS));
		let view = DealView {
			deal,
			devices: Vec::new(),
		};
		let known = Known {
			genesis: [0; 32],
			chain: "memory".into(),
			test_chain: true,
			slot_ms: 500,
			era: 1_200,
			existential_deposit: 1,
			deposits: Deposits::default(),
		};
		let told = consequence(&view, &known, 0, &currency);
		for words in ["25 %", &currency.show(most), "runs out"] {
			assert!(told.contains(words), "{words}: {told}");
		}
	}
}
