//! The deal is ordered once, however often the program ends in between.

use super::Job;
use crate::{failure::Failure, progress::Waits, store::Step};
use smart_agent_chain::{BlockNumber, ChainError, DECIMALS, SYMBOL};
use smart_agent_terminal::money::Currency;
use smart_market::{self as market, is_refused, is_unclear, Act, GOOD_FOR, MARGIN};
use storage_market_primitives::DealId;

/// How often a run sends the order at most, each time after the one before could come no more.
const ORDERS: u32 = 3;
/// What is told of whatever ends a run while the order may be on its way.
const AGAIN: &str = "the deal may be on its way: run the same again, it is looked for and never ordered twice";

/// The put's deal: the one that is open, or was sent, or a new one. A node that is not reached is waited for.
pub(super) async fn open(job: &mut Job<'_>, waits: &mut Waits) -> Result<DealId, Failure> {
	let market = job.market;
	let (mut began, mut orders) = (None, 0);
	loop {
		let step = job.record.kept().step;
		match step {
			Step::Opened { deal } => return Ok(deal),
			Step::Planned => {
				if orders >= ORDERS {
					return Err(Failure::other(format!(
						"{ORDERS} times the order was sent and came into no block; nothing of it is on its way. See \
						 whether another program sends from this account, or name another node with --node, and run \
						 the same again"
					)));
				}
				orders += 1;
				order(job, waits).await?;
			}
			Step::Sent { after, until } => {
				// Nothing was signed after this, for nobody else works on this put. But the node may be another one,
				// and further behind.
				let now = waits.answered(market, || market.now()).await;
				let now = now.map_err(|error| Failure::from(error).with(AGAIN))?.best;
				let began = began.get_or_insert(now).saturating_add(GOOD_FOR + MARGIN);
				look(job, waits, after, until.max(began)).await?;
			}
		}
	}
}

/// Sends the order. That it may be on its way is durable before it is.
async fn order(job: &mut Job<'_>, waits: &mut Waits) -> Result<(), Failure> {
	let (market, kept) = (job.market, job.record.kept());
	let (account, order) = (kept.account, kept.order);
	let (most, egress, key_box) = (kept.most, kept.egress, kept.on_chain());
	let quote = waits.answered(market, || market.price(&order)).await?;
	let quote = quote.map_err(Failure::other)?;
	let (total, deposit) = (quote.total(), market.known().deposits.of_deal(order.geometry.slots));
	let now = total.saturating_add(deposit);
	let now = now.saturating_add(market::for_slots(egress, order.geometry.slots));
	if now > most {
		job.record.end()?;
		return Err(dearer(now, most));
	}
	let act = Act::Open {
		order,
		key_box,
		total,
		deposit,
		egress,
	};
	let after = waits.answered(market, || market::newest(market, &account)).await?;
	// By the best block: while finality lags, that is what a transaction is signed by.
	let now = waits.answered(market, || market.now()).await?;
	let until = now.best.saturating_add(GOOD_FOR + MARGIN);
	waits.clear();
	job.record.advance(Step::Sent { after, until })?;
	match job.show.waiting(&act.words(), market.send(&act)).await {
		Ok(sent) => match sent.opened {
			Some(deal) => {
				job.record.advance(Step::Opened { deal })?;
				job.show.done(&format!("Deal {deal} is open: block {}", sent.block));
				Ok(())
			}
			// It is looked for as if the program had ended.
			None => Ok(()),
		},
		Err(error) if is_refused(&error) => {
			job.record.advance(Step::Planned)?;
			Err(error.into())
		}
		// The node is lost while the order may be on its way: likewise, as soon as one answers.
		Err(error) if is_unclear(&error) => {
			job.show
				.warn(&format!("{error}; the deal is looked for, and never ordered twice"));
			Ok(())
		}
		Err(error) => Err(Failure::from(error).with(AGAIN)),
	}
}

/// The price has risen since it was agreed to.
fn dearer(now: u128, most: u128) -> Failure {
	let currency = Currency::new(SYMBOL, DECIMALS);
	Failure::other(format!(
		"{} would be put in now, and {} were agreed to; nothing was ordered: run `smart put FOLDER --for TIME` again, \
		 it tells the new price",
		currency.exact(now),
		currency.exact(most)
	))
}

/// Looks for a deal that may be on its way: it has this key box, as no other deal has.
async fn look(job: &mut Job<'_>, waits: &mut Waits, after: DealId, until: BlockNumber) -> Result<(), Failure> {
	let (market, kept) = (job.market, job.record.kept());
	let (account, key_box) = (kept.account, kept.key_box);
	let asked = || async move {
		// What is final now is looked at after the clock: what was too late for that block is too late for good.
		let now = market.now().await?.number;
		for deal in market::all_deals(market, &account, after).await? {
			let found = market.key_box(deal, &account).await?;
			if found.is_some_and(|found| found == key_box) {
				return Ok::<_, ChainError>((now, Some(deal)));
			}
		}
		Ok((now, None))
	};
	let found = waits.answered(market, asked).await;
	let (now, found) = found.map_err(|error| Failure::from(error).with(AGAIN))?;
	if let Some(deal) = found {
		job.record.advance(Step::Opened { deal })?;
		waits.clear();
		job.show
			.done(&format!("Deal {deal} is open: its order came through after all"));
		return Ok(());
	}
	if now > until {
		return job.record.advance(Step::Planned);
	}
	let words = "to see whether the deal was opened before this run";
	waits.step(words, job.market.pause()).await;
	Ok(())
}

/// Has the chain do something that asks for itself whether it is done.
pub(super) async fn sent(job: &Job<'_>, act: &Act) -> Result<(), Failure> {
	let sent = job.show.waiting(&act.words(), job.market.send(act)).await;
	match sent {
		Ok(sent) => {
			job.show.done(&format!("{}: block {}", act.words(), sent.block));
			Ok(())
		}
		// It was done meanwhile: the next look shows how all stands.
		Err(ChainError::Dispatch { error, .. })
			if matches!(error.as_str(), "HasRoots" | "NotOffered" | "NotActive") =>
		{
			Ok(())
		}
		// The next look shows whether it was done: then it is not sent again.
		Err(error) if is_unclear(&error) => {
			job.show.warn(&format!("{error}; it is looked whether it was done"));
			Ok(())
		}
		Err(error) => Err(Failure::from(error).with("run the same again, it goes on where it was")),
	}
}
