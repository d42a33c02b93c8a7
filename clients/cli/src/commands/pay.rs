//! What devices are paid for what they give out: told and agreed to before, told afterwards; and `top-up`.

use super::{context::Open, Context};
use crate::{
	cli::{PayArguments, TopUpArguments},
	failure::{Code, Failure},
	holders::Wire,
	pay::{self, put_in, Costs, Reads, Terms},
	put::short,
	reading::{no_deal, Readable},
	units::shown_egress,
};
use serde_json::json;
use smart_agent_chain::{AccountId, Quote};
use smart_agent_terminal::money::Currency;
use smart_market::{Act, DealView, Market, Tab};
use smart_vouchers::{Complaint, Most, TopUp, Toppings, Why};
use smartchain_transfer::client::Holder;
use storage_market_primitives::{DealId, Price, Stage};

/// An amount of the command line, of which 0 is one.
fn amount(currency: &Currency, text: Option<&str>) -> Result<Option<u128>, Failure> {
	match text.map(str::trim) {
		None => Ok(None),
		Some("0") => Ok(Some(0)),
		Some(text) => currency.read(text).map(Some).map_err(Failure::usage),
	}
}

impl Context {
	/// How a deal is read by this account. Devices that are to be paid are known to be so afterwards, and paid once
	/// that is agreed to.
	pub(super) async fn terms(
		&self,
		open: &Open,
		deal: (DealId, &DealView),
		holders: &mut [Holder],
	) -> Result<Terms, Failure> {
		let terms = Terms::of(&open.net, deal, holders, &open.access.account()).await?;
		match &terms {
			Terms::Paid(costs) => costs.price(holders),
			Terms::Owners => self.terminal.warn(&format!(
				"Deal {} is read by vouchers of its owner: beyond what they have promised, devices give out 4 MiB of \
				 each slot, all readers together. If they give no more, ask the owner",
				deal.0
			)),
			Terms::Free => {}
		}
		Ok(terms)
	}

	/// Says what reading costs, asks whether that is right, and has the devices paid from then on.
	pub(super) fn agree_to_pay(
		&self,
		wire: &Wire,
		costs: &[Costs],
		reads: Reads,
		pay: &PayArguments,
	) -> Result<(), Failure> {
		let currency = self.currency();
		let given = amount(&currency, pay.egress_most.as_deref())?;
		let debts = amount(&currency, pay.debts_most.as_deref())?.unwrap_or(0);
		if costs.is_empty() {
			return Ok(());
		}
		let sum = |of: &dyn Fn(&Costs) -> u128| costs.iter().fold(0, |sum: u128, costs| sum.saturating_add(of(costs)));
		let by_default = sum(&|costs: &Costs| costs.most(reads)).saturating_add(debts);
		let promises = given.unwrap_or(by_default);
		let likely = sum(&|costs: &Costs| costs.likely(reads));
		self.terminal.say(&told(&currency, costs, likely, promises));
		for costs in costs.iter().filter(|costs| costs.left() < costs.likely(reads)) {
			self.terminal.warn(&format!(
				"{} are left for devices of deal {}, and reading all of it is likely to cost {}: `smart top-up {} \
				 AMOUNT` puts in more",
				currency.show(costs.left()),
				costs.deal,
				currency.show(costs.likely(reads)),
				costs.deal
			));
		}
		if given.is_none() {
			self.agree("Is that right?")?;
		}
		wire.purse().agree(Most { promises, debts });
		Ok(())
	}

	/// The same for one deal that can be read.
	pub(super) async fn pay(
		&self,
		(open, wire): (&Open, &Wire),
		deal: &mut Readable,
		pay: &PayArguments,
	) -> Result<(), Failure> {
		let of = (deal.deal, &deal.view);
		let terms = self.terms(open, of, &mut deal.holders).await?;
		self.pay_by((open, wire), terms, Reads::Volume, pay)
	}

	/// Has devices paid by these terms, once that is agreed to.
	pub(super) fn pay_by(
		&self,
		(open, wire): (&Open, &Wire),
		terms: Terms,
		reads: Reads,
		pay: &PayArguments,
	) -> Result<(), Failure> {
		if let Terms::Paid(costs) = terms {
			self.agree_to_pay(wire, std::slice::from_ref(&costs), reads, pay)?;
			self.open_purse((open, wire), (&costs, reads))?;
		}
		Ok(())
	}

	/// The devices of a deal are paid from now on, within what was agreed to.
	pub(super) fn open_purse(&self, (open, wire): (&Open, &Wire), costs: (&Costs, Reads)) -> Result<(), Failure> {
		let (genesis, account) = (self.genesis()?, open.access.account());
		pay::open(wire.purse(), &self.folder, (&genesis, &account), costs)
	}

	/// Says what was wrong with devices that are paid. Whether anything was.
	pub(super) fn complain(&self, wire: &Wire) -> bool {
		let (complaints, currency) = (wire.purse().complaints(), self.currency());
		for complaint in &complaints {
			self.terminal.warn(&format!(
				"Device {} of {}: {}",
				short(&complaint.device),
				complaint.slot,
				words(&currency, complaint)
			));
		}
		!complaints.is_empty()
	}

	/// A failure of reading, after what was wrong with devices that are paid.
	pub(super) fn unpaid(&self, wire: &Wire, failure: Failure) -> Failure {
		match self.complain(wire) {
			true => failure.with(
				"what is above was wrong with devices that are paid. Debts that another machine of this account made, \
				 or somebody with whom the deal is shared, are paid up to --debts-most",
			),
			false => failure,
		}
	}
}

/// What is told of a budget that is used up.
const SPENT: &str =
	"all that this command may promise is promised; run the same again, which goes on where it was, or \
	let it promise more (--egress-most)";

/// What is wrong with a device that is paid, and what to do.
fn words(currency: &Currency, complaint: &Complaint) -> String {
	match &complaint.why {
		Why::Debts(planck) => format!(
			"it claims {} that this machine does not owe it, and is read from no more",
			currency.exact(*planck)
		),
		Why::Overcharged(why) => format!("it asks more than it is owed ({why}), and is read from no more"),
		Why::Limit => format!(
			"all that was put in for it is promised; `smart top-up {}` puts in more",
			complaint.slot.deal
		),
		Why::Budget => SPENT.into(),
		other => other.to_string(),
	}
}

/// What reading costs, before anything is promised.
fn told(currency: &Currency, costs: &[Costs], likely: u128, most: u128) -> String {
	let deals: Vec<String> = costs.iter().map(|costs| costs.deal.to_string()).collect();
	let least = costs.iter().map(|costs| costs.prices().0).min().unwrap_or(Price(0));
	let dearest = costs.iter().map(|costs| costs.prices().1).max().unwrap_or(Price(0));
	let asked = match least == dearest {
		true => shown_egress(currency, least),
		false => format!(
			"{} to {}",
			shown_egress(currency, least),
			shown_egress(currency, dearest)
		),
	};
	let left = costs
		.iter()
		.fold(0, |sum: u128, costs| sum.saturating_add(costs.left()));
	format!(
		"Devices of deal {} are paid for what they give out: they ask {asked}. Likely {} for all of it, promised at \
		 most {}, out of {} that are left of what was put in.",
		deals.join(", "),
		currency.show(likely),
		currency.show(most),
		currency.show(left)
	)
}

/// Puts in more for what devices of a deal give out.
pub(super) async fn top_up(context: &Context, arguments: &TopUpArguments) -> Result<(), Failure> {
	let currency = context.currency();
	let wanted = currency.read(&arguments.amount).map_err(Failure::usage)?;
	let open = context.open().await?;
	let (deal, account) = (arguments.deal, open.access.account());
	let view = open.net.deal(deal).await?.ok_or_else(|| no_deal(deal))?;
	if view.deal.owner != AccountId::new(account) {
		return Err(Failure::usage(format!(
			"deal {deal} is another account's: its owner says whether devices are paid, for it alone can pay them"
		)));
	}
	if matches!(view.deal.stage, Stage::Ended { .. }) {
		let words = smart_market::stage_words(&view.deal.stage);
		return Err(Failure::new(
			Code::NotReady,
			format!("nothing is put in for deal {deal} any more ({words})"),
		));
	}
	let place = context.folder.top_up(&context.genesis()?, &account, deal);
	let (record, under_way) = TopUp::open(&place)?;
	let given = shared_out(deal, view.deal.order.geometry.slots, arguments.slot, wanted)?;
	let toppings = match under_way {
		Some(begun) => {
			is_same(&currency, &begun, &given)?;
			context.terminal.say(&format!(
				"Going on with what was begun: {} for each of {} slots of deal {deal}, of which {} have it.",
				currency.exact(begun.share),
				begun.count(),
				begun.next.saturating_sub(begun.first)
			));
			begun
		}
		None => given,
	};
	agree_to_put_in(context, &open, &toppings).await?;
	put_in(&open.net, &account, &record, toppings, &context.show()).await?;
	let left = open.net.tabs(deal).await?;
	let left = left.iter().fold(0, |sum: u128, tab| sum.saturating_add(tab.left()));
	let facts = json!({
		"deal": deal, "slots": toppings.count(), "share": toppings.share.to_string(),
		"left": left.to_string(),
	});
	context.terminal.facts(&facts, |_| {
		format!(
			"{} are left for what devices of deal {deal} give out; `smart status {deal}` says how much for which",
			currency.exact(left)
		)
	});
	Ok(())
}

/// What each slot gets of an amount.
fn shared_out(deal: DealId, slots: u8, only: Option<u8>, amount: u128) -> Result<Toppings, Failure> {
	let (first, beyond) = match only {
		Some(slot) if slot >= slots => {
			let last = slots.saturating_sub(1);
			return Err(Failure::usage(format!("slots are numbered from 0 to {last}")));
		}
		Some(slot) => (slot, slot + 1),
		None => (0, slots),
	};
	let share = amount / u128::from(beyond - first).max(1);
	if share == 0 {
		return Err(Failure::usage("that is less than a planck for each slot; put in more"));
	}
	Ok(Toppings {
		deal,
		share,
		first,
		beyond,
		next: first,
		known: 0,
		under: None,
	})
}

/// What is given has to be what was begun: or an amount would be put in that was not named, and the one that was would
/// not.
fn is_same(currency: &Currency, begun: &Toppings, given: &Toppings) -> Result<(), Failure> {
	let of = |toppings: &Toppings| (toppings.share, toppings.first, toppings.beyond);
	if of(begun) == of(given) {
		return Ok(());
	}
	let all = begun.share.saturating_mul(begun.count().into());
	let only = match begun.count() {
		1 => format!(" with --slot {}", begun.first),
		_ => String::new(),
	};
	Err(Failure::usage(format!(
		"another top-up of deal {} is under way, of {} for {} slots: finish it first, by the same command with \
		 {}{only}",
		begun.deal,
		currency.exact(begun.share),
		begun.count(),
		currency.exact(all)
	)))
}

/// Says what is put in from now on, and asks whether that is right.
async fn agree_to_put_in(context: &Context, open: &Open, toppings: &Toppings) -> Result<(), Failure> {
	let count = toppings.beyond.saturating_sub(toppings.next);
	let act = Act::TopUp {
		deal: toppings.deal,
		slot: toppings.first.into(),
		amount: toppings.share,
	};
	let one = open.net.costs(&act, &open.access.account()).await?;
	let costs = times(&one, count);
	context.afford(&costs, &open.access.owner.address())?;
	context.terminal.say(&format!(
		"Putting in for what devices of deal {} give out, in as many transactions as there are slots: {} for each of \
		 {count}; {}. What is left comes back when the deal is closed.",
		toppings.deal,
		context.currency().exact(toppings.share),
		context.words(&costs)
	));
	let tabs = open.net.tabs(toppings.deal).await?;
	let slots = tabs.iter().take(toppings.beyond.into()).skip(toppings.next.into());
	let least = slots.map(Tab::left).min().unwrap_or(0).saturating_add(toppings.share);
	if let Some(words) = pay::too_little(&context.currency(), least, toppings.count()) {
		context.terminal.warn(&words);
	}
	context.agree("Is that right?")
}

/// What so many transactions cost of which one costs this.
fn times(one: &Quote, count: u8) -> Quote {
	let all = |planck: u128| planck.saturating_mul(count.into());
	let mut costs = Quote {
		fee: all(one.fee),
		paid: all(one.paid),
		held: all(one.held),
		spendable: one.spendable,
		missing: 0,
	};
	costs.missing = costs.total().saturating_sub(costs.spendable);
	costs
}

#[cfg(test)]
mod tests {
	use super::*;
	use smart_agent_chain::{DECIMALS, SYMBOL};

	#[test]
	fn an_amount_is_shared_out_among_slots() {
		let all = shared_out(17, 8, None, 1_000).unwrap();
		assert_eq!((all.share, all.first, all.beyond, all.count()), (125, 0, 8, 8));
		let one = shared_out(17, 8, Some(3), 1_000).unwrap();
		assert_eq!((one.share, one.next, one.count()), (1_000, 3, 1));
		assert!(shared_out(17, 8, Some(8), 1_000).is_err());
		assert!(shared_out(17, 8, None, 7).is_err(), "not a planck for each");
	}

	/// Nothing is put in that was not named: a run that goes on is told the same again.
	#[test]
	fn another_top_up_is_not_gone_on_with() {
		let currency = Currency::new(SYMBOL, DECIMALS);
		let begun = Toppings {
			next: 5,
			known: 7,
			..shared_out(17, 8, None, 1_000).unwrap()
		};
		for (slot, amount, same) in [
			(None, 1_000, true),
			(None, 1_007, true),
			(None, 1_008, false),
			(None, 125, false),
			(Some(0), 125, false),
		] {
			let given = shared_out(17, 8, slot, amount).unwrap();
			assert_eq!(is_same(&currency, &begun, &given).is_ok(), same, "{slot:?} {amount}");
		}
		let one = shared_out(17, 8, Some(3), 1_000).unwrap();
		let refused = is_same(&currency, &one, &begun).unwrap_err();
		assert!(refused.message.contains("--slot 3"), "{}", refused.message);
	}

	#[test]
	fn so_many_transactions_cost_so_many_times_as_much() {
		let one = Quote {
			fee: 2,
			paid: 5,
			held: 0,
			spendable: 50,
			missing: 0,
		};
		let costs = times(&one, 8);
		assert_eq!((costs.fee, costs.paid, costs.missing), (16, 40, 6));
	}

	#[test]
	fn nothing_is_an_amount_of_what_is_promised() {
		let currency = Currency::new(SYMBOL, DECIMALS);
		assert_eq!(amount(&currency, None), Ok(None));
		assert_eq!(amount(&currency, Some("0")), Ok(Some(0)));
		assert_eq!(amount(&currency, Some("0.5")), Ok(Some(500_000_000_000)));
		assert!(amount(&currency, Some("-1")).is_err());
	}
}
