//! Orders: something is had by the unit, against a deposit. The payee offers it; the payer locks the deposit and pays
//! each unit that its meter counts, as a stream; the payee's meter makes the bill; the payer's half for the rest names
//! it, and the payee gives the deposit back. Whose payer drives away has an arbiter ask for the deposit.
//!
//! What is known of an order is kept after each change, beside what the machine stores and not with it. So one of the
//! two may be there without the other after a kill; `again.rs` says what follows then.

mod again;
mod order;
mod partner;

use super::{asking::Asking, id_of, no_stream, Daemon, StreamId};
use crate::answer::words::lasting;
use channel_primitives::{
	ChannelId, ChannelKey, ChannelSignature, Context, Hash, LeafWitness, Payload, Statement, Witness,
};
use order::{amount_of, check, hex, State};
use rand_core::{OsRng, RngCore};
use smart_pay_api::{metrics::Counts, Answer, Flow, OrderAsk, Plan, Planck};
use smart_pay_chain::Ledger;
use smart_pay_config::digits;
use smart_pay_frames::wire::{forfeit, Bill, OrderTerms, OrderWord};
use smartchain_channel::{Event, Place, Refused};

pub(super) use {again::load, order::Order};

/// Orders that are remembered at most.
const MOST_ORDERS: usize = 256;

fn done(said: String) -> Answer {
	Answer::Done(Flow {
		said,
		envelope: None,
		number: None,
	})
}

/// What is kept.
impl<L: Ledger> Daemon<L> {
	/// Changes an order, and keeps what it is then before anything else is done.
	fn change_order(&mut self, id: &StreamId, change: impl FnOnce(&mut Order, &mut Counts)) {
		let Some(order) = self.streams.orders.get_mut(id) else {
			return;
		};
		let before = order.clone();
		change(order, &mut self.counts);
		if *order != before {
			let bytes = order.to_bytes();
			self.keep_order(id, &bytes);
		}
	}

	fn keep_order(&self, id: &StreamId, bytes: &[u8]) {
		// A store that cannot be written takes nothing more: the daemon ends with its next step.
		if let Err(error) = self.records.put_order(id, bytes) {
			tracing::error!("An order is not kept: {error}");
		}
	}

	/// One more order.
	fn put_order(&mut self, order: Order) {
		let id = order.terms.id;
		self.keep_order(&id, &order.to_bytes());
		self.streams.orders.insert(id, order);
	}
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
		self.put_order(Order::new(terms, channel, false));
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
			if let Err(error) = self.records.forget_order(&goes) {
				tracing::error!("An order is not forgotten: {error}");
			}
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
		self.change_order(&id, |order, _| {
			order.deposit = deposit;
			order.accepted = Some(terms.accepted(own, &drawn));
			order.state = State::Running;
		});
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
			.get(&id)
			.filter(|order| order.pays && order.state == State::Running);
		let order = order.ok_or("the order does not run here as its payer's: `smart-pay order status`")?;
		if units < order.units || units > order.terms.most {
			return Err(format!(
				"{} units were counted before, and there are {} at most",
				order.units, order.terms.most
			));
		}
		// Kept before one of them is given: after a kill no more was.
		self.change_order(&id, |order, _| order.units = units);
		if !self.count_steps(id, units) {
			return Err("the payments of the order have ended: see `smart-pay streams`".into());
		}
		Ok(self.order_answer(&id))
	}

	fn bill_order(&mut self, id: StreamId, units: u32) -> Result<Answer, String> {
		let order = self.streams.orders.get(&id).filter(|order| order.may_bill());
		let order = order.ok_or(
			"the order does not run here as its payee's, or its bill is paid or agreed to: `smart-pay order status`",
		)?;
		let taking = self.streams.taking.get(&id);
		let came = taking.map_or(0, |stream| stream.came()).max(order.units_paid());
		if units < came || units > order.terms.most {
			return Err(format!(
				"{came} units are paid already, and there are {} at most",
				order.terms.most
			));
		}
		self.change_order(&id, |order, _| {
			order.bill = Some(Bill {
				order: order.terms.hash(),
				units,
				amount: amount_of(&order.terms, units),
			});
			order.state = State::Billed;
			order.why = None;
		});
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
		self.show_word(at, signature)
			.map_err(|refused| format!("{refused}: see whether it is the arbiter's word for this order"))?;
		self.change_order(&id, |order, counts| {
			order.deposit = None;
			order.word = Some(signature);
			order.ends(State::Forfeit, counts);
		});
		Ok(self.order_answer(&id))
	}

	/// Claims a deposit by the word of an arbiter.
	fn show_word(&mut self, at: Place, word: ChannelSignature) -> Result<(), Refused> {
		let shown = vec![LeafWitness::Nothing, LeafWitness::Signature(word)];
		let witness = Witness(shown.try_into().unwrap_or_default());
		self.step(Event::Show { at, witness }, None)
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
