//! Orders: something is had by the unit, against a deposit. The payee offers it; the payer locks the deposit and pays
//! each unit that its meter counts, as a stream; the payee's meter makes the bill; the payer's half for the rest names
//! it, and the payee gives the deposit back. Whose payer drives away has an arbiter ask for the deposit.

use super::{asking::Asking, digits_of, id_of, no_stream, Daemon, StreamId, Streams};
use crate::{answer::words::lasting, notices::reason};
use channel_primitives::{
	Balance, ChannelId, ChannelKey, ChannelSignature, Context, Hash, LeafWitness, Payload, Statement, Tick, Witness,
};
use rand_core::{OsRng, RngCore};
use smart_pay_api::{metrics::Counts, Answer, Flow, OrderAsk, OrderView, Plan, Planck};
use smart_pay_chain::Ledger;
use smart_pay_config::digits;
use smart_pay_frames::wire::{forfeit, Bill, Frame, NodeKey, OrderTerms, OrderWord, StreamTerms, MAX_STREAM_TEXT};
use smart_pay_store::verify;
use smartchain_channel::{Event, Notice, Place, Reason};
use std::time::{Duration, Instant};

/// Orders that are remembered at most.
const MOST_ORDERS: usize = 256;
/// Offers in a channel that wait for our word at most: a partner that offers without end keeps no order out.
const MOST_OFFERS: usize = 16;
/// For so long at least a partner's offer is here that waits for our word, though there is no room for others: what a
/// person was told of it is what it accepts, and not what came under the same number since.
const KEPT: Duration = Duration::from_secs(600);
/// For how many ticks a deposit may be locked: less than the week that a lock may last.
const LONGEST: Tick = 1_000_000;
/// How far the ticks of two programs may be apart.
const APART: Tick = 240;
/// Why a payee gives a deposit back.
const GIVEN_BACK: Reason = Reason::Other(1);

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
	Offered,
	Running,
	Billed,
	Done,
	Forfeit,
	Failed,
}

/// An order, at either end.
pub(super) struct Order {
	terms: OrderTerms,
	channel: ChannelId,
	pays: bool,
	state: State,
	/// Units of the payer's meter.
	units: u32,
	bill: Option<Bill>,
	/// What names it since it is accepted: see [`OrderTerms::accepted`].
	accepted: Option<Hash>,
	/// The lock over the deposit, while it is there.
	deposit: Option<Place>,
	/// Of the payee: whether the payer has signed the bill, and whether the rest came.
	agreed: bool,
	came: bool,
	why: Option<String>,
	/// When it was offered.
	since: Instant,
}

impl Order {
	fn new(terms: OrderTerms, channel: ChannelId, pays: bool) -> Self {
		Self {
			terms,
			channel,
			pays,
			state: State::Offered,
			units: 0,
			bill: None,
			accepted: None,
			deposit: None,
			agreed: false,
			came: false,
			why: None,
			since: Instant::now(),
		}
	}

	/// Whether a stream with its number is that of its units.
	pub fn takes(&self, channel: ChannelId, stream: &StreamTerms) -> bool {
		let terms = &self.terms;
		!self.pays && self.channel == channel && (terms.unit, terms.most) == (stream.unit, stream.steps)
	}

	/// Whether it is a partner's offer that waits for our word.
	fn waits(&self) -> bool {
		self.pays && self.state == State::Offered
	}

	/// Whether another one may take its place, of those that nobody has accepted. An order of ours takes that of any; a
	/// partner's that of other partners' alone, and not at once.
	fn gives_way(&self, to_ours: bool) -> bool {
		self.state == State::Offered && (to_ours || (self.pays && self.since.elapsed() > KEPT))
	}

	/// Whether its payee may bill it, once more if the payer's meter counts otherwise. What is paid already is: whoever
	/// has paid one bill could agree to a higher one, and have the deposit back for that.
	fn may_bill(&self) -> bool {
		!self.pays && matches!(self.state, State::Running | State::Billed) && !self.agreed && !self.came
	}

	/// Whether nothing is due of it any more.
	pub fn has_ended(&self) -> bool {
		matches!(self.state, State::Done | State::Forfeit | State::Failed) && self.deposit.is_none()
	}

	/// It is done, forfeit or has failed; each is counted once.
	fn ends(&mut self, state: State, counts: &mut Counts) {
		if self.state == state {
			return;
		}
		self.state = state;
		let result = match state {
			State::Done => "done",
			State::Forfeit => "forfeit",
			_ => "failed",
		};
		*counts.orders.entry(result).or_default() += 1;
	}

	fn view(&self, id: &StreamId) -> OrderView {
		let state = match self.state {
			State::Offered => "offered",
			State::Running => "running",
			State::Billed => "billed",
			State::Done if self.deposit.is_some() => "paid; the deposit is on its way back",
			State::Done => "done; the deposit is back",
			State::Forfeit => "forfeit: the deposit is the payee's",
			State::Failed => "failed",
		};
		OrderView {
			order: digits_of(id),
			hash: self.accepted.map(|hash| hex(&hash)).unwrap_or_default(),
			pays: self.pays,
			channel: self.channel,
			what: self.terms.what.clone(),
			unit: Planck(self.terms.unit),
			most: self.terms.most,
			deposit: Planck(self.terms.deposit),
			state: state.into(),
			units: self.bill.map_or(self.units, |bill| bill.units),
			amount: Planck(self.bill.map_or(0, |bill| bill.amount)),
			why: self.why.clone(),
		}
	}
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn done(said: String) -> Answer {
	Answer::Done(Flow {
		said,
		envelope: None,
		number: None,
	})
}

/// What a bill comes to.
fn amount_of(terms: &OrderTerms, units: u32) -> Balance {
	terms.base.saturating_add(terms.unit.saturating_mul(units.into()))
}

/// Whether an order makes sense.
fn check(terms: &OrderTerms) -> Result<(), String> {
	if terms.unit == 0 || terms.most == 0 || terms.base == 0 || terms.deposit == 0 {
		return Err(
			"unit, most, base and deposit of an order are not 0: the payment of the base names the bill".into(),
		);
	}
	if terms.lasts <= APART || terms.lasts > LONGEST {
		return Err(format!(
			"the deposit of an order is locked for more than {}, and at most {}",
			lasting(APART),
			lasting(LONGEST)
		));
	}
	if terms.what.len() > MAX_STREAM_TEXT || terms.what.contains(char::is_control) {
		return Err(format!(
			"what an order is has at most {MAX_STREAM_TEXT} bytes, all on one line"
		));
	}
	Ok(())
}

/// What commands ask.
impl<L: Ledger> Daemon<L> {
	/// What a command asks about orders.
	pub(crate) async fn ask_orders(&mut self, ask: OrderAsk) -> Answer {
		let result = match ask {
			OrderAsk::List => Ok(Answer::Orders(
				self.streams.orders.iter().map(|(id, order)| order.view(id)).collect(),
			)),
			OrderAsk::Offer {
				channel,
				unit,
				most,
				base,
				deposit,
				lasts,
				arbiter,
				what,
				dry_run,
			} => match digits(&arbiter) {
				None => Err("the arbiter's key has 64 hexadecimal digits: its `smart-pay order key` shows it".into()),
				Some(key) => {
					let mut id = [0; 16];
					OsRng.fill_bytes(&mut id);
					let terms = OrderTerms {
						id,
						payee: self.account,
						unit: unit.0,
						most,
						base: base.0,
						deposit: deposit.0,
						lasts,
						arbiter: ChannelKey(key),
						what,
					};
					self.offer(channel, terms, dry_run)
				}
			},
			OrderAsk::Accept { order, dry_run } => match id_of(&order) {
				Some(id) => self.accept_order(id, dry_run).await,
				None => return no_stream(&order),
			},
			OrderAsk::Pay { order, units } => self.with_order(&order, |this, id| this.meter_order(id, units)),
			OrderAsk::Bill { order, units } => self.with_order(&order, |this, id| this.bill_order(id, units)),
			OrderAsk::Claim { order, word } => self.with_order(&order, |this, id| this.claim_deposit(id, &word)),
			OrderAsk::Arbitrate { hash, dry_run } => self.arbitrate(&hash, dry_run),
		};
		result.unwrap_or_else(Answer::Failed)
	}

	fn with_order(
		&mut self,
		name: &str,
		act: impl FnOnce(&mut Self, StreamId) -> Result<Answer, String>,
	) -> Result<Answer, String> {
		let id = id_of(name).filter(|id| self.streams.orders.contains_key(id));
		let id = id.ok_or_else(|| format!("there is no order `{name}` here: `smart-pay order status` shows those"))?;
		act(self, id)
	}

	fn offer(&mut self, channel: ChannelId, terms: OrderTerms, dry_run: bool) -> Result<Answer, String> {
		check(&terms)?;
		self.party.may_sign(channel).map_err(|refused| refused.to_string())?;
		if dry_run {
			return Ok(Answer::Plan(Plan {
				what: format!("offers `{}` to the partner of channel {channel}", terms.what),
				worst: vec![
					"units that the partner's meter does not count are not paid: watch `smart-pay order status`, and \
					 give nothing more if what came lags behind"
						.into(),
					"if the arbiter gives no word before the deposit expires, it goes back".into(),
				],
				..Plan::default()
			}));
		}
		let (id, word) = (terms.id, OrderWord::Offer(terms.clone()));
		self.make_room_for_order(true)?;
		if !self.tell_order(channel, word) {
			return Err("the partner is not connected: an order is offered to whom one meets".into());
		}
		self.streams.orders.insert(id, Order::new(terms, channel, false));
		Ok(self.order_answer(&id))
	}

	fn order_answer(&self, id: &StreamId) -> Answer {
		Answer::Orders(
			self.streams
				.orders
				.get(id)
				.map(|order| order.view(id))
				.into_iter()
				.collect(),
		)
	}

	/// Makes room for one more: that of one that has ended, or else of the oldest that nobody has accepted.
	fn make_room_for_order(&mut self, ours: bool) -> Result<(), String> {
		let orders = &mut self.streams.orders;
		if orders.len() >= MOST_ORDERS {
			let ended = orders.iter().find(|(_, order)| order.has_ended());
			let offered = || {
				let all = orders.iter().filter(|(_, order)| order.gives_way(ours));
				all.min_by_key(|(_, order)| order.since)
			};
			let goes = ended.or_else(offered);
			let goes = goes.map(|(id, _)| *id).ok_or("too many orders are open")?;
			orders.remove(&goes);
		}
		Ok(())
	}

	async fn accept_order(&mut self, id: StreamId, dry_run: bool) -> Result<Answer, String> {
		let order = self
			.streams
			.orders
			.get(&id)
			.filter(|order| order.pays && order.state == State::Offered);
		let order = order.ok_or("there is no such offer: `smart-pay order status` shows those that came")?;
		let (terms, channel) = (order.terms.clone(), order.channel);
		let all = amount_of(&terms, terms.most);
		if dry_run {
			return Ok(Answer::Plan(Plan {
				what: format!(
					"accepts `{}` in channel {channel}: {} units at most",
					terms.what, terms.most
				),
				paid: Planck(all),
				held: Planck(terms.deposit),
				worst: vec![
					format!(
						"if the arbiter {} says so, the deposit is the payee's: trust it",
						hex(&terms.arbiter.0)
					),
					format!(
						"if the payee is silent, the deposit is back after {}",
						lasting(terms.lasts)
					),
					"each unit that this side's meter counts is paid at once; one is at risk".into(),
				],
				..Plan::default()
			}));
		}
		if self.room(channel) < all.saturating_add(terms.deposit) {
			return Err("the channel has too little money for deposit and units: `smart-pay deposit`".into());
		}
		// Before anything is locked that nobody could be paid beside.
		self.may_pay_stream(&id)?;
		let mut drawn = [0; 16];
		OsRng.fill_bytes(&mut drawn);
		let sheet = self.party.sheet(channel).ok_or("the channel is gone")?;
		let own = *sheet.key(sheet.side());
		let condition = terms.condition(own, &drawn).ok_or("the condition is none")?;
		let lock = Event::Lock {
			channel,
			amount: terms.deposit,
			expiry: self.now().saturating_add(terms.lasts),
			condition: condition.clone(),
			packet: terms.packet(&drawn),
		};
		self.ask_and_step(lock).await?;
		let deposit = self
			.given_over(channel, &condition)
			.map(|lock| Place { channel, id: lock });
		if let Some(order) = self.streams.orders.get_mut(&id) {
			order.deposit = deposit;
			order.accepted = Some(terms.accepted(own, &drawn));
			order.state = State::Running;
		}
		let asking = Asking {
			to: String::new(),
			unit: terms.unit,
			steps: terms.most,
			every: 1,
			ahead: 1,
			text: terms.what,
		};
		self.begin_stream(channel, asking, id, Some(0))?;
		Ok(self.order_answer(&id))
	}

	fn meter_order(&mut self, id: StreamId, units: u32) -> Result<Answer, String> {
		let order = self
			.streams
			.orders
			.get_mut(&id)
			.filter(|order| order.pays && order.state == State::Running);
		let order = order.ok_or("the order does not run here as its payer's: `smart-pay order status`")?;
		if units < order.units || units > order.terms.most {
			return Err(format!(
				"{} units were counted before, and there are {} at most",
				order.units, order.terms.most
			));
		}
		order.units = units;
		if !self.count_steps(id, units) {
			return Err("the payments of the order have ended: see `smart-pay streams`".into());
		}
		Ok(self.order_answer(&id))
	}

	fn bill_order(&mut self, id: StreamId, units: u32) -> Result<Answer, String> {
		let came = self.streams.taking.get(&id).map_or(0, |stream| stream.came());
		let order = self.streams.orders.get_mut(&id).filter(|order| order.may_bill());
		let order = order.ok_or(
			"the order does not run here as its payee's, or its bill is paid or agreed to: `smart-pay order status`",
		)?;
		if units < came || units > order.terms.most {
			return Err(format!(
				"{came} units are paid already, and there are {} at most",
				order.terms.most
			));
		}
		order.bill = Some(Bill {
			order: order.terms.hash(),
			units,
			amount: amount_of(&order.terms, units),
		});
		order.state = State::Billed;
		order.why = None;
		self.settle_order(id);
		Ok(self.order_answer(&id))
	}

	fn claim_deposit(&mut self, id: StreamId, word: &str) -> Result<Answer, String> {
		let order = self.streams.orders.get(&id).filter(|order| !order.pays);
		let at = order
			.and_then(|order| order.deposit)
			.ok_or("there is no deposit of this order here")?;
		let signature: Option<[u8; 64]> = sp_core::bytes::from_hex(word)
			.ok()
			.and_then(|bytes| bytes.try_into().ok());
		let signature = ChannelSignature(signature.ok_or("the arbiter's word has 128 hexadecimal digits")?);
		let shown = vec![LeafWitness::Nothing, LeafWitness::Signature(signature)];
		let witness = Witness(shown.try_into().unwrap_or_default());
		self.step(Event::Show { at, witness }, None)
			.map_err(|refused| format!("{refused}: see whether it is the arbiter's word for this order"))?;
		if let Some(order) = self.streams.orders.get_mut(&id) {
			order.deposit = None;
			order.ends(State::Forfeit, &mut self.counts);
		}
		Ok(self.order_answer(&id))
	}

	/// As an arbiter: what gives the deposit of an order to its payee.
	fn arbitrate(&self, hash: &str, dry_run: bool) -> Result<Answer, String> {
		let order: Hash = digits(hash).ok_or("the hash of an order has 64 hexadecimal digits")?;
		if dry_run {
			return Ok(Answer::Plan(Plan {
				what: "signs that the deposit of this order is its payee's".into(),
				worst: vec!["it cannot be taken back: hear both sides before".into()],
				..Plan::default()
			}));
		}
		let payload = self.statement(forfeit(&order));
		let signature = self.keys.channel(&self.receipt_key()).sign(&payload);
		Ok(done(hex(&signature.0)))
	}

	/// What is signed of no channel.
	fn statement(&self, digest: Hash) -> Hash {
		Statement { digest }.payload(&Context::of_chain(self.genesis))
	}
}

/// What partners and the machine say.
impl<L: Ledger> Daemon<L> {
	fn tell_order(&self, channel: ChannelId, word: OrderWord) -> bool {
		let contact = self.contacts.get(&channel);
		let reach = contact.and_then(|contact| contact.reach.as_ref());
		reach.is_some_and(|reach| self.wire.send(reach.node, Frame::Order(channel, Box::new(word))))
	}

	/// Whether the partner's key of a channel has signed this statement.
	fn partner_signed(&self, channel: ChannelId, digest: Hash, signature: &ChannelSignature) -> bool {
		let key = self
			.party
			.sheet(channel)
			.map(|sheet| *sheet.key(sheet.side().partner()));
		key.is_some_and(|key| verify(&key, &self.statement(digest), signature))
	}

	/// A partner says something about an order.
	pub(crate) fn on_order_word(&mut self, node: NodeKey, channel: ChannelId, word: OrderWord) {
		let contact = self.contacts.get(&channel);
		let reach = contact.and_then(|contact| contact.reach.as_ref());
		let partner = contact.map(|contact| contact.partner);
		if reach.is_none_or(|reach| reach.node != node) {
			self.counts.refused += 1;
			return;
		}
		match word {
			OrderWord::Offer(terms) => {
				let right = check(&terms).is_ok() && Some(terms.payee) == partner;
				if right && self.may_offer(channel, &terms.id) && self.make_room_for_order(false).is_ok() {
					self.streams.orders.insert(terms.id, Order::new(terms, channel, true));
				}
			}
			OrderWord::Bill(bill, signature) => self.bill_came(channel, bill, &signature),
			OrderWord::Agreed(hash, signature) => {
				if self.partner_signed(channel, hash, &signature) {
					if let Some((id, order)) = self.billed(channel, &hash) {
						order.agreed = true;
						self.settle_order(id);
					}
				}
			}
			OrderWord::Counts(hash, units) => {
				if let Some((_, order)) = self.billed(channel, &hash) {
					order.why = Some(format!(
						"the payer's meter counts {units} units: agree on that, and bill again"
					));
				}
			}
		}
	}

	/// Whether a partner's offer with this number is kept: it is another one than all that is here, and not one of too
	/// many.
	fn may_offer(&self, channel: ChannelId, id: &StreamId) -> bool {
		let Streams { orders, paying, .. } = &self.streams;
		let waiting = orders
			.values()
			.filter(|order| order.channel == channel && order.waits());
		!orders.contains_key(id) && !paying.contains_key(id) && waiting.count() < MOST_OFFERS
	}

	/// The order of ours as its payee with this bill.
	fn billed(&mut self, channel: ChannelId, hash: &Hash) -> Option<(StreamId, &mut Order)> {
		let mut all = self.streams.orders.iter_mut();
		let found = all.find(|(_, order)| {
			!order.pays && order.channel == channel && order.bill.is_some_and(|bill| bill.hash() == *hash)
		});
		found.map(|(id, order)| (*id, order))
	}

	/// A bill came: it is right if this side's meter has counted as many units, and no more than that are paid.
	fn bill_came(&mut self, channel: ChannelId, bill: Bill, signature: &ChannelSignature) {
		if !self.partner_signed(channel, bill.hash(), signature) {
			self.counts.refused += 1;
			return;
		}
		let orders = self.streams.orders.iter();
		let mut ours = orders.filter(|(_, order)| order.pays && order.channel == channel);
		let found = ours.find(|(_, order)| order.terms.hash() == bill.order);
		let Some(id) = found
			.filter(|(_, order)| order.state == State::Running)
			.map(|(id, _)| *id)
		else {
			return;
		};
		let given = self.streams.paying.get(&id).map_or(0, |stream| stream.given());
		let Some(order) = self.streams.orders.get_mut(&id) else {
			return;
		};
		let right = bill.amount == amount_of(&order.terms, bill.units);
		if !right || bill.units > order.units || bill.units < given {
			let units = order.units;
			order.why = Some(format!(
				"the payee has billed {} units, and {units} were counted here",
				bill.units
			));
			self.tell_order(channel, OrderWord::Counts(bill.hash(), units));
			return;
		}
		order.bill = Some(bill);
		order.state = State::Billed;
		order.why = None;
		self.stop_paying(id, "it is billed");
	}

	/// The lock over a deposit came: it is kept if it is that of an offer of ours.
	pub(crate) fn take_deposit(&mut self, place: Place, id: StreamId, drawn: &[u8; 16]) {
		let now = self.now();
		let sheet = self.party.sheet(place.channel);
		let taken = sheet.and_then(|sheet| Some((sheet.taken.get(&place.id)?, *sheet.key(sheet.side().partner()))));
		let accepted = match (self.streams.orders.get(&id), taken) {
			(Some(order), Some((taken, payer))) => {
				let terms = &order.terms;
				let right = !order.pays
					&& order.channel == place.channel
					&& order.deposit.is_none_or(|other| other == place)
					&& matches!(order.state, State::Offered | State::Running)
					&& taken.lock.amount == terms.deposit
					&& terms.condition(payer, drawn).as_ref() == Some(&taken.condition)
					&& taken.lock.expiry.saturating_add(APART) >= now.saturating_add(terms.lasts);
				right.then(|| terms.accepted(payer, drawn))
			}
			_ => None,
		};
		if accepted.is_none() {
			let reason = Reason::Unknown;
			let _ = self.step(Event::GiveUp { at: place, reason }, None);
			return;
		}
		if let Some(order) = self.streams.orders.get_mut(&id) {
			order.deposit = Some(place);
			order.accepted = accepted;
			order.state = State::Running;
		}
	}

	/// What a notice says of orders; whether it is about nothing else.
	pub(super) fn order_notice(&mut self, notice: &Notice) -> bool {
		match notice {
			Notice::Paid {
				channel,
				lock: Some(id),
				..
			} => self.deposit_gone(*channel, *id, State::Forfeit, None),
			Notice::Failed {
				channel,
				lock,
				reason: why,
			} => self.deposit_gone(*channel, *lock, State::Failed, Some(reason(*why).1)),
			Notice::Received {
				channel, amount, memo, ..
			} => {
				let found = self.billed(*channel, memo).map(|(id, order)| (id, order.bill));
				if let Some((id, Some(bill))) = found {
					let before = self.streams.taking.get(&id).map_or(0, |stream| stream.paid());
					let came = before.saturating_add(*amount) >= bill.amount;
					if let Some(order) = self.streams.orders.get_mut(&id) {
						order.came |= came;
					}
					self.settle_order(id);
				}
				false
			}
			_ => false,
		}
	}

	/// The lock over a deposit of ours is gone. Whether it was one.
	fn deposit_gone(&mut self, channel: ChannelId, lock: u64, state: State, why: Option<&str>) -> bool {
		let place = Place { channel, id: lock };
		let mut all = self.streams.orders.iter_mut();
		let found = all.find(|(_, order)| order.pays && order.deposit == Some(place));
		let Some((id, order)) = found.map(|(id, order)| (*id, order)) else {
			return false;
		};
		order.deposit = None;
		// It is back, as it should be.
		if state == State::Failed && order.state == State::Done {
			return true;
		}
		order.ends(state, &mut self.counts);
		order.why = why.map(Into::into);
		self.stop_paying(id, "its order has ended");
		true
	}

	/// What follows for all orders; said again once a second.
	pub(super) fn settle_orders(&mut self) {
		self.lose_deposits();
		let ids: Vec<StreamId> = self.streams.orders.keys().copied().collect();
		for id in ids {
			self.settle_order(id);
		}
	}

	/// Orders of ours as their payee whose deposit has expired have ended: whoever drives away, and pays nothing, would
	/// else keep a place for ever.
	fn lose_deposits(&mut self) {
		let now = self.now();
		let (party, orders) = (&self.party, &mut self.streams.orders);
		for order in orders.values_mut().filter(|order| !order.pays) {
			let Some(place) = order.deposit else {
				continue;
			};
			// A payer that is gone leaves a lock in its half that nobody can claim any more.
			let taken = party.sheet(place.channel).and_then(|sheet| sheet.taken.get(&place.id));
			if taken.is_some_and(|taken| now <= taken.lock.expiry) {
				continue;
			}
			order.deposit = None;
			if matches!(order.state, State::Running | State::Billed) {
				order.ends(State::Failed, &mut self.counts);
				order.why = Some("the deposit has expired, and is back with the payer: give nothing more".into());
			}
		}
	}

	fn settle_order(&mut self, id: StreamId) {
		let Some(order) = self.streams.orders.get(&id) else {
			return;
		};
		let (channel, deposit, Some(bill)) = (order.channel, order.deposit, order.bill) else {
			return;
		};
		match (order.pays, order.state) {
			(true, State::Billed) => self.pay_rest(id, channel, &bill),
			(true, State::Done) if deposit.is_some() => self.sign_bill(channel, &bill, true),
			(false, State::Billed) if order.agreed && order.came => self.give_back(id),
			(false, State::Billed) if !order.agreed => self.sign_bill(channel, &bill, false),
			_ => (),
		}
	}

	/// Signs a bill, and sends that.
	fn sign_bill(&mut self, channel: ChannelId, bill: &Bill, pays: bool) {
		let hash = bill.hash();
		let payload = self.statement(hash);
		let Some(signature) = self.sign(channel, &payload) else {
			return;
		};
		let word = if pays {
			OrderWord::Agreed(hash, signature)
		} else {
			OrderWord::Bill(*bill, signature)
		};
		self.tell_order(channel, word);
	}

	/// Pays the rest of a bill, once its units are paid, by a half that names it.
	fn pay_rest(&mut self, id: StreamId, channel: ChannelId, bill: &Bill) {
		let Some(paid) = self.paid_by(&id) else {
			return;
		};
		let pay = Event::Pay {
			channel,
			amount: bill.amount.saturating_sub(paid),
			memo: bill.hash(),
		};
		// If it is refused, as while the partner is away, it is tried again.
		if self.step(pay, None).is_err() {
			return;
		}
		self.pays.given(channel);
		if let Some(order) = self.streams.orders.get_mut(&id) {
			order.ends(State::Done, &mut self.counts);
		}
		self.sign_bill(channel, bill, true);
	}

	/// The payee has all: it gives the deposit back.
	fn give_back(&mut self, id: StreamId) {
		let Some(order) = self.streams.orders.get_mut(&id) else {
			return;
		};
		order.ends(State::Done, &mut self.counts);
		if let Some(at) = order.deposit.take() {
			let reason = GIVEN_BACK;
			// It fails if the lock is gone.
			let _ = self.step(Event::GiveUp { at, reason }, None);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn order(pays: bool) -> Order {
		let terms = OrderTerms {
			id: [1; 16],
			payee: [2; 32],
			unit: 50,
			most: 60,
			base: 100,
			deposit: 5_000,
			lasts: 6_000,
			arbiter: ChannelKey([3; 32]),
			what: "charging".into(),
		};
		Order::new(terms, 7, pays)
	}

	/// Painter offers something whose name wipes the deposit from the screen of whoever is asked.
	#[test]
	fn what_is_offered_paints_over_nothing() {
		let mut terms = order(true).terms;
		assert_eq!(check(&terms), Ok(()));
		terms.what = "tea\u{1b}[2A\r".into();
		assert!(check(&terms).is_err());
	}

	/// Haggler pays the first bill without a word, waits for the second, and agrees to that.
	#[test]
	fn a_bill_that_is_paid_is_not_billed_anew() {
		let mut order = order(false);
		assert!(!order.may_bill(), "nobody has accepted it");
		order.state = State::Running;
		assert!(order.may_bill());
		order.state = State::Billed;
		assert!(order.may_bill(), "its payer counts otherwise");
		order.came = true;
		assert!(!order.may_bill());
		(order.came, order.agreed) = (false, true);
		assert!(!order.may_bill());
	}

	/// Switcher has its own offer pushed out by others, and offers something else under the same number.
	#[test]
	fn an_offer_that_somebody_may_be_looking_at_stays() {
		let (mut theirs, ours) = (order(true), order(false));
		assert!(!theirs.gives_way(false) && theirs.gives_way(true));
		assert!(!ours.gives_way(false) && ours.gives_way(true));
		theirs.state = State::Running;
		assert!(!theirs.gives_way(true));
	}
}
