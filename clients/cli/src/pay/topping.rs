//! What is put in for slots of a deal goes in once for each, however often the program ends in between.

use crate::{failure::Failure, progress::Show, reading::no_deal};
use smart_agent_chain::ChainError;
use smart_market::{is_refused, Act, Market, GOOD_FOR, MARGIN};
use smart_vouchers::{TopUp, Toppings, Under};

/// Puts in what is missing, slot after slot.
///
/// # Errors
/// What hinders it; the same call goes on later, unless the chain refuses it.
pub async fn put_in(market: &dyn Market, top_up: &TopUp, mut toppings: Toppings, show: &Show) -> Result<(), Failure> {
	let (mut waits, mut began) = (show.waits(), None);
	while toppings.next < toppings.beyond {
		// What is final now is looked at after the clock: what was too late for that block is too late for good.
		let now = market.now().await?;
		let tabs = market.tabs(toppings.deal).await?;
		let Some(tab) = tabs.get(usize::from(toppings.next)) else {
			top_up.end()?;
			return Err(no_deal(toppings.deal));
		};
		if let Some(under) = toppings.under {
			// Nothing was signed after this. But the node may be another one, and further behind.
			let began = began.get_or_insert(now.best).saturating_add(GOOD_FOR + MARGIN);
			let is_there = tab.limit >= under.before.saturating_add(toppings.share);
			// Another device has the slot now, and its tab began anew: nobody can tell any more.
			let is_unknown = tab.limit < under.before;
			if !is_there && now.number <= under.until.max(began) {
				let words = format!("to see whether slot {} got its share before this run", toppings.next);
				waits.step(&words, market.pause()).await;
				continue;
			}
			if is_unknown {
				waits.clear();
				show.warn(&format!(
					"Slot {} changed hands while its share was on its way: it may have it. `smart status {}` says what \
					 each slot has",
					toppings.next, toppings.deal
				));
			}
			toppings.under = None;
			toppings.next += u8::from(is_there || is_unknown);
			top_up.write(&toppings)?;
			continue;
		}
		waits.clear();
		toppings.under = Some(Under {
			before: tab.limit,
			until: now.best.saturating_add(GOOD_FOR + MARGIN),
		});
		top_up.write(&toppings)?;
		send(market, top_up, &mut toppings, show).await?;
	}
	waits.clear();
	Ok(top_up.end()?)
}

/// Puts in the share of the next slot, and notes that it did.
async fn send(market: &dyn Market, top_up: &TopUp, toppings: &mut Toppings, show: &Show) -> Result<(), Failure> {
	let act = Act::TopUp {
		deal: toppings.deal,
		slot: toppings.next.into(),
		amount: toppings.share,
	};
	match show.waiting(&act.words(), market.send(&act)).await {
		Ok(sent) => {
			show.done(&format!("{}: block {}", act.words(), sent.block));
			toppings.under = None;
			toppings.next += 1;
			Ok(top_up.write(toppings)?)
		}
		// The deal has ended: that stays.
		Err(error @ ChainError::Dispatch { .. }) => {
			top_up.end()?;
			Err(error.into())
		}
		Err(error) if is_refused(&error) => {
			toppings.under = None;
			top_up.write(toppings)?;
			Err(Failure::from(error).with("run the same again, it goes on where it was"))
		}
		Err(error) => Err(Failure::from(error)
			.with("what was sent may be on its way: run the same again, it is looked for and never put in twice")),
	}
}
