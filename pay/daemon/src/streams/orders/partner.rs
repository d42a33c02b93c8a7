//! Orders: what partners and the machine say, and what follows.

use super::{
	order::{amount_of, check, State, APART},
	Order,
};
use crate::{
	notices::reason,
	streams::{StreamId, Streams},
	Daemon,
};
use channel_primitives::{Balance, ChannelId, ChannelSignature, Hash, LockId};
use smart_pay_chain::Ledger;
use smart_pay_frames::wire::{Bill, Frame, NodeKey, OrderWord, StreamTerms};
use smart_pay_store::verify;
use smartchain_channel::{Event, Notice, Packet, Place, Reason};

/// Offers in a channel that wait for our word at most: a partner that offers without end keeps no order out.
const MOST_OFFERS: usize = 16;
/// Why a payee gives a deposit back.
const GIVEN_BACK: Reason = Reason::Other(1);

/// What the lock over a deposit is to the payee of an order.
enum Deposit {
	/// That of an offer, which is accepted so.
	New(Hash),
	/// The one that it has.
	Known,
	/// One that it takes by the arbiter's word.
	Claimed(ChannelSignature),
	/// One that it gives back.
	Back,
	/// None that it knows.
	Unknown,
}

/// What partners say.
impl<L: Ledger> Daemon<L> {
	pub(super) fn tell_order(&self, channel: ChannelId, word: OrderWord) -> bool {
		let contact = self.contacts.get(&channel);
		let reach = contact.and_then(|contact| contact.reach.as_ref());
		reach.is_some_and(|reach| self.wire.send(reach.node, Frame::Order(channel, Box::new(word))))
	}

	/// A partner is there again: what was offered to it may have been lost on the way.
	pub(crate) fn offer_again(&self, channel: ChannelId) {
		let orders = self.streams.orders.values();
		let offered = orders.filter(|order| !order.pays && order.channel == channel && order.state == State::Offered);
		for order in offered {
			self.tell_order(channel, OrderWord::Offer(order.terms.clone()));
		}
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
					self.put_order(Order::new(terms, channel, true));
				}
			}
			OrderWord::Bill(bill, signature) => self.bill_came(channel, bill, &signature),
			OrderWord::Agreed(hash, signature) => {
				if self.partner_signed(channel, hash, &signature) {
					if let Some(id) = self.billed(channel, &hash) {
						self.change_order(&id, |order, _| order.agreed = true);
						self.settle_order(id);
					}
				}
			}
			OrderWord::Counts(hash, units) => {
				if let Some(id) = self.billed(channel, &hash) {
					self.change_order(&id, |order, _| {
						order.why = Some(format!(
							"the payer's meter counts {units} units: agree on that, and bill again"
						));
					});
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
	fn billed(&self, channel: ChannelId, hash: &Hash) -> Option<StreamId> {
		let mut all = self.streams.orders.iter();
		let found = all.find(|(_, order)| {
			!order.pays && order.channel == channel && order.bill.is_some_and(|bill| bill.hash() == *hash)
		});
		found.map(|(id, _)| *id)
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
		let Some((id, order)) = found
			.filter(|(_, order)| order.state == State::Running)
			.map(|(id, order)| (*id, order))
		else {
			return;
		};
		let given = self.streams.paying.get(&id).map_or(0, |stream| stream.given());
		let (right, units) = (bill.amount == amount_of(&order.terms, bill.units), order.units);
		if !right || bill.units > units || bill.units < given {
			self.change_order(&id, |order, _| {
				order.why = Some(format!(
					"the payee has billed {} units, and {units} were counted here",
					bill.units
				));
			});
			self.tell_order(channel, OrderWord::Counts(bill.hash(), units));
			return;
		}
		self.change_order(&id, |order, _| {
			order.bill = Some(bill);
			order.state = State::Billed;
			order.why = None;
		});
		self.stop_paying(id, "it is billed");
	}

	/// The lock over a deposit came: it is kept if it is that of an offer of ours.
	pub(crate) fn take_deposit(&mut self, place: Place, id: StreamId, drawn: &[u8; 16]) {
		match self.deposit_of_order(place, &id, drawn) {
			Deposit::New(accepted) => self.change_order(&id, |order, _| {
				order.deposit = Some(place);
				order.accepted = Some(accepted);
				order.state = State::Running;
			}),
			Deposit::Known => (),
			// It was kept that it is claimed, and not yet stored.
			Deposit::Claimed(word) => {
				if let Err(refused) = self.show_word(place, word) {
					tracing::warn!("The deposit of an order is not claimed: {refused}");
				}
			}
			// The same of one that is given back.
			Deposit::Back => self.give_up_deposit(place, GIVEN_BACK),
			Deposit::Unknown => self.give_up_deposit(place, Reason::Unknown),
		}
	}

	fn give_up_deposit(&mut self, at: Place, reason: Reason) {
		// It fails if the lock is gone.
		let _ = self.step(Event::GiveUp { at, reason }, None);
	}

	fn deposit_of_order(&self, place: Place, id: &StreamId, drawn: &[u8; 16]) -> Deposit {
		let Some(order) = self.streams.orders.get(id) else {
			return Deposit::Unknown;
		};
		let sheet = self.party.sheet(place.channel);
		let taken = sheet.and_then(|sheet| Some((sheet.taken.get(&place.id)?, *sheet.key(sheet.side().partner()))));
		let Some((taken, payer)) = taken.filter(|_| !order.pays && order.channel == place.channel) else {
			return Deposit::Unknown;
		};
		let terms = &order.terms;
		match (order.state, order.word) {
			(State::Running | State::Billed, _) if order.deposit == Some(place) => return Deposit::Known,
			(State::Forfeit, Some(word)) if order.accepted == Some(terms.accepted(payer, drawn)) => {
				return Deposit::Claimed(word);
			}
			(State::Done, _) => return Deposit::Back,
			(State::Offered, _) => (),
			_ => return Deposit::Unknown,
		}
		let right = taken.lock.amount == terms.deposit
			&& terms.condition(payer, drawn).as_ref() == Some(&taken.condition)
			&& taken.lock.expiry.saturating_add(APART) >= self.now().saturating_add(terms.lasts);
		if right {
			Deposit::New(terms.accepted(payer, drawn))
		} else {
			Deposit::Unknown
		}
	}
}

/// What the machine says.
impl<L: Ledger> Daemon<L> {
	/// What a notice says of orders; whether it is about nothing else.
	pub(in super::super) fn order_notice(&mut self, notice: &Notice) -> bool {
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
			Notice::Arrived { channel, lock, packet } => {
				let place = Place {
					channel: *channel,
					id: lock.id,
				};
				self.leg_came(place, packet);
				false
			}
			Notice::Received {
				channel,
				amount,
				memo,
				lock: None,
				..
			} => {
				if let Some(id) = self.billed(*channel, memo) {
					self.rest_came(&id, *amount);
					self.settle_order(id);
				}
				false
			}
			Notice::DataLost(channel) => {
				self.lose_orders(*channel);
				false
			}
			_ => false,
		}
	}

	/// What is kept of orders is as old as the store: nothing may be paid a second time by it.
	fn lose_orders(&mut self, channel: ChannelId) {
		let orders = self.streams.orders.iter();
		let lost = orders.filter(|(_, order)| order.channel == channel && (order.streams() || order.waits()));
		let lost: Vec<StreamId> = lost.map(|(id, _)| *id).collect();
		for id in lost {
			self.change_order(&id, |order, counts| {
				order.ends(State::Failed, counts);
				order.why = Some("the channel's data was lost: settle what is open with the partner".into());
			});
			self.stop_paying(id, "its order has ended");
		}
	}

	/// A half that names the bill has paid so much.
	pub(super) fn rest_came(&mut self, id: &StreamId, amount: Balance) {
		self.change_order(id, |order, _| {
			let due = order.bill.map_or(Balance::MAX, |bill| bill.amount);
			order.came |= order.paid.saturating_add(amount) >= due;
		});
	}

	/// A lock over units of an order begins to be one.
	pub(in super::super) fn order_leg(&mut self, id: &StreamId, place: Place) {
		self.change_order(id, |order, _| {
			if order.channel == place.channel {
				order.leg_begins(place.id);
			}
		});
	}

	/// A lock came. If it is over units of an order it is one from now on, whenever it is looked at: it may be paid
	/// before, and gone.
	fn leg_came(&mut self, place: Place, packet: &Packet) {
		let Some(terms) = StreamTerms::read(packet) else {
			return;
		};
		let order = self.streams.orders.get(&terms.id);
		if order.is_some_and(|order| order.takes(place.channel, &terms)) {
			self.order_leg(&terms.id, place);
		}
	}

	/// The order of ours as its payee that this is a lock over units of.
	pub(in super::super) fn order_of_leg(&self, place: Place) -> Option<StreamId> {
		let mut orders = self.streams.orders.iter().filter(|(_, order)| !order.pays);
		let found = orders.find(|(_, order)| order.channel == place.channel && order.legs.contains(&place.id));
		found.map(|(id, _)| *id)
	}

	/// A lock over units of an order is gone, and came to so much.
	pub(in super::super) fn order_leg_gone(&mut self, id: &StreamId, lock: LockId, amount: Balance) {
		self.change_order(id, |order, _| order.leg_gone(lock, amount));
	}

	/// The lock over a deposit of ours is gone. Whether it was one.
	fn deposit_gone(&mut self, channel: ChannelId, lock: LockId, state: State, why: Option<&str>) -> bool {
		let place = Place { channel, id: lock };
		let mut all = self.streams.orders.iter();
		let found = all.find(|(_, order)| order.pays && order.deposit == Some(place));
		let Some(id) = found.map(|(id, _)| *id) else {
			return false;
		};
		self.change_order(&id, |order, counts| {
			order.deposit = None;
			// It is back, as it should be; or it was said already why it failed.
			if state != State::Failed || !matches!(order.state, State::Done | State::Failed) {
				order.ends(state, counts);
				order.why = why.map(Into::into);
			}
		});
		self.stop_paying(id, "its order has ended");
		true
	}

	/// What follows for all orders; said again once a second.
	pub(in super::super) fn settle_orders(&mut self) {
		self.lose_deposits();
		let ids: Vec<StreamId> = self.streams.orders.keys().copied().collect();
		for id in ids {
			self.settle_order(id);
		}
	}

	/// Orders of ours as their payee whose deposit has expired have ended: whoever drives away, and pays nothing, would
	/// else keep a place for ever.
	fn lose_deposits(&mut self) {
		let (now, party) = (self.now(), &self.party);
		let is_lost = |place: &Place| {
			let taken = party.sheet(place.channel).and_then(|sheet| sheet.taken.get(&place.id));
			// A payer that is gone leaves a lock in its half that nobody can claim any more.
			taken.is_none_or(|taken| now > taken.lock.expiry)
		};
		let orders = self.streams.orders.iter().filter(|(_, order)| !order.pays);
		let lost: Vec<StreamId> = orders
			.filter(|(_, order)| order.deposit.as_ref().is_some_and(is_lost))
			.map(|(id, _)| *id)
			.collect();
		for id in lost {
			self.change_order(&id, |order, counts| {
				order.deposit = None;
				if order.streams() {
					order.ends(State::Failed, counts);
					order.why = Some("the deposit has expired, and is back with the payer: give nothing more".into());
				}
			});
		}
	}

	pub(super) fn settle_order(&mut self, id: StreamId) {
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
		// If it would be refused, as while the partner is away, it is tried again.
		let sheet = self.party.sheet(channel).filter(|_| self.is_there(channel));
		let Some(before) = sheet.map(|sheet| sheet.obligations.transferred()) else {
			return;
		};
		// One planck at least, which names the bill.
		let amount = bill.amount.saturating_sub(paid).max(1);
		// Kept before it is paid: a start tells by that whether it was.
		let owes = before.saturating_add(amount);
		self.change_order(&id, |order, _| order.owes = Some(owes));
		let pay = Event::Pay {
			channel,
			amount,
			memo: bill.hash(),
		};
		if self.step(pay, None).is_err() {
			self.change_order(&id, |order, _| order.owes = None);
			return;
		}
		self.pays.given(channel);
		self.change_order(&id, |order, counts| order.ends(State::Done, counts));
		self.sign_bill(channel, bill, true);
	}

	/// The payee has all: it gives the deposit back.
	fn give_back(&mut self, id: StreamId) {
		let mut back = None;
		self.change_order(&id, |order, counts| {
			order.ends(State::Done, counts);
			back = order.deposit.take();
		});
		if let Some(at) = back {
			self.give_up_deposit(at, GIVEN_BACK);
		}
	}
}
