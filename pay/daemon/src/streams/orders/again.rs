//! Orders after a start.
//!
//! What is kept of an order and what the machine stores are two commits, either of which a kill may have come before.
//! So what is kept is compared with what is stored, before anything is done:
//!
//! | kept, not stored | then |
//! |---|---|
//! | a deposit that was given | the order is an offer again |
//! | a lock over units | it never was |
//! | that the rest is paid | it is paid |
//! | that the deposit is claimed, or given back | it is claimed, or given back, when its lock is looked at again |
//!
//! | stored, not kept | then |
//! |---|---|
//! | a deposit that was given | it is found by what travels with it |
//! | a lock over units | the same; of a partner's the notices tell |
//! | what such a lock came to, that the rest came, that the deposit is gone | the notices tell |

use super::order::{Order, State};
use crate::{
	notices::reason,
	streams::{paying::Paying, StreamId},
	Daemon,
};
use channel_primitives::{Balance, ChannelId, Hash};
use smart_pay_api::metrics::Counts;
use smart_pay_chain::Ledger;
use smart_pay_frames::wire::{deposit_of, StreamTerms};
use smart_pay_store::{OrderId, StoreError};
use smartchain_channel::{Notice, Place, Sheet, TakenStage};
use std::collections::BTreeMap;

/// Notes that are looked through: as many as are kept.
const NOTES: usize = 10_000;

/// What became of locks and payments, by the notices that are kept.
#[derive(Default)]
struct Seen {
	/// Of ours: what was paid for it, and why nothing was.
	given: BTreeMap<Place, Result<Balance, &'static str>>,
	/// Of partners': what came for it.
	taken: BTreeMap<Place, Balance>,
	/// Locks that partners gave, by the stream that each is of: in their order.
	arrived: BTreeMap<StreamId, Vec<(Place, StreamTerms)>>,
	/// Payments of partners by what they are for.
	came: BTreeMap<(ChannelId, Hash), Balance>,
}

impl Seen {
	fn add(&mut self, notice: Notice) {
		match notice {
			Notice::Arrived { channel, lock, packet } => {
				if let Some(terms) = StreamTerms::read(&packet) {
					let place = Place { channel, id: lock.id };
					self.arrived.entry(terms.id).or_default().push((place, terms));
				}
			}
			Notice::Paid {
				channel,
				lock: Some(id),
				amount,
				..
			} => drop(self.given.insert(Place { channel, id }, Ok(amount))),
			Notice::Failed {
				channel,
				lock: id,
				reason: why,
			} => drop(self.given.insert(Place { channel, id }, Err(reason(why).1))),
			Notice::Received {
				channel,
				amount,
				lock: Some(id),
				..
			} => drop(self.taken.insert(Place { channel, id }, amount)),
			Notice::Received {
				channel,
				amount,
				memo,
				lock: None,
				..
			} => drop(self.came.insert((channel, memo), amount)),
			_ => (),
		}
	}
}

/// All orders that are kept.
///
/// # Errors
/// Those of reading.
pub(in crate::streams) fn load(kept: Vec<(OrderId, Vec<u8>)>) -> BTreeMap<StreamId, Order> {
	let read = |(id, bytes): (OrderId, Vec<u8>)| {
		let order = Order::from_bytes(&bytes);
		if order.is_none() {
			tracing::warn!("An order was kept by another version of this program, and is left alone");
		}
		Some((id, order?))
	};
	kept.into_iter().filter_map(read).collect()
}

/// What an order is, by what is stored.
fn compared(order: &Order, id: &StreamId, sheet: Option<&Sheet>, seen: &Seen, counts: &mut Counts) -> Order {
	let mut new = order.clone();
	let arrived = seen.arrived.get(id).into_iter().flatten();
	for (place, _) in arrived.filter(|(place, terms)| order.takes(place.channel, terms)) {
		new.leg_begins(place.id);
	}
	for lock in new.legs.clone() {
		let at = Place {
			channel: order.channel,
			id: lock,
		};
		let is_there = sheet.is_some_and(|sheet| match order.pays {
			true => sheet.given.contains_key(&lock),
			false => sheet.taken.contains_key(&lock),
		});
		if !is_there {
			let amount = match order.pays {
				true => seen.given.get(&at).and_then(|given| given.ok()),
				false => seen.taken.get(&at).copied(),
			};
			// Of one that never was, or came to nothing, there is none.
			new.leg_gone(lock, amount.unwrap_or(0));
		}
	}
	if order.pays {
		if let Some(sheet) = sheet {
			find_given(&mut new, id, sheet);
			look_at_rest(&mut new, sheet, counts);
		}
		look_at_given_deposit(&mut new, sheet, seen, counts);
		return new;
	}
	look_at_taken_deposit(&mut new, sheet, seen, counts);
	if let Some(bill) = new.bill {
		let came = seen.came.get(&(new.channel, bill.hash()));
		new.came |= came.is_some_and(|came| new.paid.saturating_add(*came) >= bill.amount);
	}
	new
}

/// Locks of its payer that were stored, and not kept.
fn find_given(order: &mut Order, id: &StreamId, sheet: &Sheet) {
	let ours = sheet.given.iter().filter(|(_, given)| given.from.is_none());
	for (lock, given) in ours {
		if StreamTerms::read(&given.packet).is_some_and(|terms| terms.id == *id) {
			order.leg_begins(*lock);
		}
		let drawn = deposit_of(&given.packet)
			.filter(|(of, _)| of == id)
			.map(|(_, drawn)| drawn);
		let Some(drawn) = drawn.filter(|_| order.state == State::Offered) else {
			continue;
		};
		let own = *sheet.key(sheet.side());
		if order.terms.condition(own, &drawn).as_ref() == Some(&given.condition) {
			order.deposit = Some(Place {
				channel: order.channel,
				id: *lock,
			});
			order.accepted = Some(order.terms.accepted(own, &drawn));
			order.state = State::Running;
		}
	}
}

/// Whether its payer has paid the rest.
fn look_at_rest(order: &mut Order, sheet: &Sheet, counts: &mut Counts) {
	let Some(owes) = order.owes else {
		return;
	};
	let is_paid = sheet.obligations.transferred() >= owes;
	match order.state {
		State::Billed if is_paid => order.ends(State::Done, counts),
		State::Billed | State::Done if !is_paid => {
			order.state = State::Billed;
			order.owes = None;
		}
		_ => (),
	}
}

/// Whether its payer's deposit is there.
fn look_at_given_deposit(order: &mut Order, sheet: Option<&Sheet>, seen: &Seen, counts: &mut Counts) {
	let is_there = |place: &Place| sheet.is_some_and(|sheet| sheet.given.contains_key(&place.id));
	let Some(place) = order.deposit.take_if(|place| !is_there(place)) else {
		return;
	};
	match seen.given.get(&place) {
		Some(Ok(_)) => order.ends(State::Forfeit, counts),
		_ if order.state == State::Done => (),
		Some(Err(why)) => {
			order.ends(State::Failed, counts);
			order.why = Some((*why).into());
		}
		None if sheet.is_some() && order.legs.is_empty() && order.paid() == 0 => {
			(order.state, order.accepted, order.units) = (State::Offered, None, 0);
		}
		None => {
			order.ends(State::Failed, counts);
			order.why = Some("the deposit is gone, and it is not known any more what it came to".into());
		}
	}
}

/// Whether its payee's deposit is claimed. One that is gone otherwise is found later.
fn look_at_taken_deposit(order: &mut Order, sheet: Option<&Sheet>, seen: &Seen, counts: &mut Counts) {
	let Some(place) = order.deposit else {
		return;
	};
	let is_claimed = match sheet.and_then(|sheet| sheet.taken.get(&place.id)) {
		Some(taken) => matches!(taken.stage, TakenStage::Met(_)),
		None => seen.taken.contains_key(&place),
	};
	if is_claimed {
		order.deposit = None;
		order.ends(State::Forfeit, counts);
	}
}

impl<L: Ledger> Daemon<L> {
	/// Compares what is kept of orders with what is stored, and goes on with those that run. It has to come before the
	/// machine is told anything: what that does is told later.
	///
	/// # Errors
	/// Those of reading.
	pub(crate) fn take_up_orders(&mut self) -> Result<(), StoreError> {
		let open = self.streams.orders.iter().filter(|(_, order)| !order.is_settled());
		let ids: Vec<StreamId> = open.map(|(id, _)| *id).collect();
		if ids.is_empty() {
			return Ok(());
		}
		let mut seen = Seen::default();
		for note in self.records.notes(0, NOTES)? {
			seen.add(note.notice);
		}
		for id in ids {
			let Some(order) = self.streams.orders.get(&id) else {
				continue;
			};
			let sheet = self.party.sheet(order.channel);
			let new = compared(order, &id, sheet, &seen, &mut self.counts);
			self.change_order(&id, |order, _| *order = new);
			self.go_on_paying(&id);
		}
		Ok(())
	}

	/// The units of an order of ours are paid on, once what was given of them before the start is paid.
	fn go_on_paying(&mut self, id: &StreamId) {
		let Some(order) = self.streams.orders.get(id).filter(|order| order.pays) else {
			return;
		};
		let (channel, terms) = (order.channel, &order.terms);
		let left: Vec<Place> = order.legs.iter().map(|id| Place { channel, id: *id }).collect();
		let partner = self.contacts.get(&channel).map(|contact| contact.partner);
		let stream = partner.filter(|_| order.streams()).map(|partner| {
			let terms = StreamTerms {
				id: *id,
				unit: terms.unit,
				steps: terms.most,
				from: order.units_paid(),
				every: 1,
				text: terms.what.clone(),
			};
			let ended = (order.state == State::Billed).then(|| "it is billed".into());
			Paying::again(channel, partner, terms, order.units, order.paid(), &left, ended)
		});
		self.streams.given.extend(left.iter().map(|place| (*place, *id)));
		if let Some(stream) = stream {
			self.streams.paying.insert(*id, stream);
		}
	}
}
