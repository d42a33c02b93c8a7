//! `extend` and `rm`: more time for a deal, or none.

use super::{list::has_ended, put::lasting, Context};
use crate::{
	cli::{ExtendArguments, RmArguments},
	failure::{Code, Failure},
	market::{Act, DealView, Known, Market},
	reading::no_deal,
	store::Record,
};
use serde_json::json;
use storage_market_primitives::{DealId, Stage, Tick};

/// Pays for more time.
pub(super) async fn extend(context: &Context, arguments: &ExtendArguments) -> Result<(), Failure> {
	let open = context.open().await?;
	let (deal, eras) = (arguments.deal, arguments.eras);
	let view = open.net.deal(deal).await?.ok_or_else(|| no_deal(deal))?;
	if !matches!(view.deal.stage, Stage::Active) {
		let words = crate::market::stage_words(&view.deal.stage);
		return Err(Failure::new(
			Code::NotReady,
			format!("deal {deal} is not active ({words}), and only active deals are extended"),
		));
	}
	let known = open.net.known();
	let cost = view.deal.order.pay_for(eras, known.era);
	let cost = cost.map_err(|error| Failure::other(error.to_string()))?;
	let act = Act::Extend { deal, eras, cost };
	let what = format!("Extending deal {deal} by {}", lasting(&known, eras));
	let told = context.carry_out(&open, &act, &what).await?;
	let ends = view.deal.ends.saturating_add(eras.saturating_mul(known.era));
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
fn consequence(view: &DealView, known: &Known, now: Tick) -> String {
	let deal = &view.deal;
	match deal.stage {
		Stage::Placing { .. } | Stage::Uploading { .. } => {
			"it has not begun: a quarter of the pay that was put in is burned, the rest comes back".into()
		}
		Stage::Active => {
			let left = known.seconds(deal.ends.saturating_sub(now));
			format!(
				"it is active, and paid for {} more: devices are paid up to now and get 5 % of what is left, the rest \
				 comes back; what is stored is gone then",
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
					"deal {deal} has ended and can still be fetched; it is closed in {} at the earliest",
					smart_agent_terminal::duration(std::time::Duration::from_secs(seconds))
				),
			));
		}
	}
	let act = match ended {
		true => Act::Close { deal },
		false => Act::End { deal },
	};
	let what = format!("Deal {deal}: {}", consequence(&view, &known, now));
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
