//! What is put in for slots of a deal goes in once for each, however often the program ends in between.
//!
//! What was sent and not heard of is looked for: by how many transactions of the account are in blocks, by which device
//! has the slot, and by what that may be paid. All of these may change by themselves: a slot changes hands and its tab
//! begins anew; what a device left behind comes to the next one's; another program of the account sends something.

use crate::{
	failure::Failure,
	progress::{Show, Waits},
	reading::no_deal,
};
use device_primitives::DeviceId;
use smart_market::{is_over, is_refused, Act, Answer, Market, Tab, GOOD_FOR, MARGIN};
use smart_vouchers::{TopUp, Toppings, Under};

/// For how many looks a node is waited for that knows no deal which another one had: some ten minutes.
const LOOKS: u32 = 200;

/// How all stands with a slot, by what is final; the account as of the best block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stands {
	/// The lowest final block that any of it is as of.
	number: u32,
	/// The best one.
	best: u32,
	nonce: u32,
	holder: Option<DeviceId>,
	/// None if there is no such deal.
	tab: Option<Tab>,
}

/// Asks how all stands with the next slot.
async fn look(market: &dyn Market, account: &[u8; 32], toppings: &Toppings) -> Answer<Stands> {
	let slot = usize::from(toppings.next);
	// What was too late for the block that is final before all of it is too late for good. And the node may become
	// another one in between, which is further behind.
	let before = market.now().await?;
	let nonce = market.account(account).await?.nonce;
	let tab = market.tabs(toppings.deal).await?.get(slot).copied();
	let view = market.deal(toppings.deal).await?;
	let after = market.now().await?;
	let holding = view
		.as_ref()
		.and_then(|view| view.deal.slots.get(slot)?.holding.as_ref());
	Ok(Stands {
		number: before.number.min(after.number),
		best: before.best.max(after.best),
		nonce,
		holder: holding.map(|holding| holding.device),
		tab,
	})
}

/// What became of something that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
	/// It was carried out.
	Yes,
	/// It was not, and never will be.
	No,
	/// It may come still.
	Waits,
	/// Nobody can tell any more.
	Unknown,
}

/// What became of a share that was sent, by how all stands now; `over` is whether it could come no more.
fn came(under: &Under, share: u128, now: &Stands, tab: &Tab, over: bool) -> Came {
	let is_same = now.holder == under.holder && tab.paid >= under.paid && tab.limit >= under.before;
	let more = tab.limit.saturating_sub(under.before);
	if is_same && now.nonce > under.nonce && more == share {
		return Came::Yes;
	}
	if !over {
		return Came::Waits;
	}
	// Nothing of this account was in a block since, whatever else changed the tab.
	if now.nonce == under.nonce {
		return Came::No;
	}
	// Another transaction of the account took its place.
	if is_same && now.nonce > under.nonce && more < share {
		return Came::No;
	}
	Came::Unknown
}

/// Puts in what is missing from an account, slot after slot.
///
/// # Errors
/// What hinders it; the same call goes on later, unless the deal takes nothing any more.
pub async fn put_in(
	market: &dyn Market,
	account: &[u8; 32],
	top_up: &TopUp,
	mut toppings: Toppings,
	show: &Show,
) -> Result<(), Failure> {
	let (mut waits, mut began, mut missing) = (show.waits(), None, 0);
	while toppings.next < toppings.beyond {
		let now = ask(market, account, &toppings, &mut waits).await?;
		// Nothing was signed after this. But the node may be another one, and further behind.
		let began = began.get_or_insert(now.best).saturating_add(GOOD_FOR + MARGIN);
		let over = |under: &Under| now.number > under.until.max(began);
		let Some(tab) = now.tab else {
			// It is gone if the node is not behind where it was, and nothing is on its way.
			if now.number > toppings.known && toppings.under.as_ref().is_none_or(over) {
				top_up.end()?;
				return Err(no_deal(toppings.deal));
			}
			missing += 1;
			if missing > LOOKS {
				return Err(Failure::other(format!(
					"the node knows no deal {}, and is behind where it was; name another one with --node, and run the \
					 same again, it goes on where it was",
					toppings.deal
				)));
			}
			waits.step("for a node that knows the deal", market.pause()).await;
			continue;
		};
		toppings.known = toppings.known.max(now.number);
		let Some(under) = toppings.under else {
			waits.clear();
			toppings.under = Some(Under {
				before: tab.limit,
				paid: tab.paid,
				holder: now.holder,
				nonce: now.nonce,
				until: now.best.saturating_add(GOOD_FOR + MARGIN),
			});
			top_up.write(&toppings)?;
			send(market, top_up, &mut toppings, show).await?;
			continue;
		};
		let came = came(&under, toppings.share, &now, &tab, over(&under));
		if came == Came::Waits {
			let words = format!("to see whether slot {} got its share before this run", toppings.next);
			waits.step(&words, market.pause()).await;
			continue;
		}
		if came == Came::Unknown {
			waits.clear();
			show.warn(&format!(
				"Slot {} changed hands, or its money changed otherwise, while its share was on its way: it may have \
				 it, and it is not put in again. `smart status {}` says what each slot has",
				toppings.next, toppings.deal
			));
		}
		toppings.under = None;
		toppings.next += u8::from(came != Came::No);
		top_up.write(&toppings)?;
	}
	waits.clear();
	Ok(top_up.end()?)
}

/// The same, of a node that may be away for a while.
async fn ask(
	market: &dyn Market,
	account: &[u8; 32],
	toppings: &Toppings,
	waits: &mut Waits,
) -> Result<Stands, Failure> {
	let asked = waits.answered(market, || look(market, account, toppings)).await;
	asked.map_err(|error| Failure::from(error).with("run the same again, it goes on where it was"))
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
		Err(error) if is_over(&error) => {
			top_up.end()?;
			Err(error.into())
		}
		// Whatever else a block says, that the account has too little, is over when it is mended.
		Err(error) if is_refused(&error) => {
			toppings.under = None;
			top_up.write(toppings)?;
			Err(Failure::from(error).with("run the same again, it goes on where it was"))
		}
		Err(error) => Err(Failure::from(error)
			.with("what was sent may be on its way: run the same again, it is looked for and never put in twice")),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// All that can be seen of a share of 5 that was sent.
	#[test]
	fn what_became_of_a_share_is_seen_or_told_to_be_unknown() {
		let under = Under {
			before: 10,
			paid: 4,
			holder: Some(DeviceId([1; 32])),
			nonce: 7,
			until: 100,
		};
		let seen = |holder: u8, nonce, limit, paid, over| {
			let tab = Tab { limit, paid };
			let now = Stands {
				number: 0,
				best: 0,
				nonce,
				holder: Some(DeviceId([holder; 32])),
				tab: Some(tab),
			};
			came(&under, 5, &now, &tab, over)
		};
		for over in [false, true] {
			assert_eq!(seen(1, 8, 15, 4, over), Came::Yes);
			assert_eq!(seen(1, 9, 15, 14, over), Came::Yes, "redeemed meanwhile");
		}
		// As long as it may come, nothing is said of it.
		for (holder, nonce, limit, paid) in [(1, 7, 10, 4), (1, 7, 15, 4), (2, 8, 0, 0), (1, 8, 30, 4)] {
			assert_eq!(seen(holder, nonce, limit, paid, false), Came::Waits);
		}
		// The account sent nothing: what a device left behind, or a stranger, raised the limit.
		for (holder, limit, paid) in [(1, 10, 4), (1, 15, 4), (1, 99, 4), (2, 0, 0), (2, 11, 0)] {
			assert_eq!(seen(holder, 7, limit, paid, true), Came::No);
		}
		// Something else of the account was in its place, or it was refused.
		assert_eq!(seen(1, 8, 10, 4, true), Came::No);
		assert_eq!(seen(1, 8, 14, 4, true), Came::No);
		// It landed and was lost with the tab; its part of the new tab cannot be told; the tab began anew.
		for (holder, nonce, limit, paid) in [
			(2, 8, 0, 0),
			(2, 8, 11, 0),
			(2, 8, 15, 4),
			(1, 8, 9, 4),
			(1, 8, 15, 3),
			(1, 8, 16, 4),
			(1, 6, 10, 4),
		] {
			assert_eq!(seen(holder, nonce, limit, paid, true), Came::Unknown);
		}
	}
}
