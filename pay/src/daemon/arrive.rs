//! Locks that came: for us, or to be carried on.

use super::{known, Daemon};
use crate::{
	invoice::{hash_lock, shown, Letter},
	wire::{deposit_of, Frame, InvoiceTerms, NodeKey, StreamTerms, MAX_HASHES},
};
use channel_primitives::{Account, Balance, ChannelId, Lock, Tick};
use smart_pay_chain::Ledger;
use smartchain_channel::{Event, Notice, Packet, Place, Reason, TakenStage};
use std::{
	collections::BTreeMap,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How long a payment waits for a partner that is not there: less than its margin, and long enough for a restart.
const PARKED_FOR: Duration = Duration::from_secs(30);
/// How many notes are read for those that were not dealt with before the last end.
const NOTES: usize = 10_000;

/// Payments that wait for the next partner.
#[derive(Default)]
pub(super) struct Parked(BTreeMap<Place, (Instant, Lock, Packet)>);

/// Seconds of Unix time.
pub(super) fn unix_now() -> u64 {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.map_or(0, |since| since.as_secs())
}

impl<L: Ledger> Daemon<L> {
	/// A lock came, and waits.
	pub(super) async fn arrived(&mut self, place: Place, lock: Lock, packet: Packet) {
		if !self.is_held(place) {
			return;
		}
		if let Some(terms) = StreamTerms::read(&packet) {
			self.parked.0.remove(&place);
			return self.take_stream(place, &lock, terms);
		}
		if let Some(order) = deposit_of(&packet) {
			self.parked.0.remove(&place);
			return self.take_deposit(place, order);
		}
		let given_up = match Letter::read(&packet) {
			None => Some(Reason::Unknown),
			Some(Letter::Last { terms, index }) => self.take_in(place, &lock, &terms, index),
			Some(Letter::On {
				to,
				amount,
				expiry,
				rest,
			}) => match self.carry_on(place, to, amount, expiry, rest).await {
				Ok(()) => None,
				Err(true) => {
					let now = Instant::now();
					self.parked.0.entry(place).or_insert((now, lock, packet));
					None
				}
				Err(false) => Some(Reason::NoWay),
			},
		};
		match given_up {
			Some(reason) => {
				self.parked.0.remove(&place);
				let _ = self.step(Event::GiveUp { at: place, reason }, None);
			}
			None if !self.is_held(place) => drop(self.parked.0.remove(&place)),
			None => (),
		}
	}

	fn is_held(&self, place: Place) -> bool {
		let sheet = self.party.sheet(place.channel);
		let taken = sheet.and_then(|sheet| sheet.taken.get(&place.id));
		taken.is_some_and(|taken| taken.stage == TakenStage::Held)
	}

	/// A payment of an invoice of ours. Why it is given up, if it is.
	fn take_in(&mut self, place: Place, lock: &Lock, terms: &InvoiceTerms, index: u32) -> Option<Reason> {
		let condition = hash_lock(self.invoices.hash(terms, index));
		// Whoever changed anything in the invoice has locked by another hash.
		if condition.hash() != lock.condition {
			return Some(Reason::Unknown);
		}
		if lock.amount < terms.amount || unix_now() > terms.expires {
			return Some(Reason::Unwanted);
		}
		let witness = shown(self.invoices.preimage(terms, index));
		match self.step(Event::Show { at: place, witness }, None) {
			Ok(()) => None,
			Err(_) => Some(Reason::TooLate),
		}
	}

	/// Carries a lock on. If not, whether it may go in a moment.
	async fn carry_on(
		&mut self,
		place: Place,
		to: Account,
		amount: Balance,
		expiry: Tick,
		rest: Vec<u8>,
	) -> Result<(), bool> {
		if !self.config.relay.enabled {
			return Err(false);
		}
		let ways: Vec<ChannelId> = self
			.contacts
			.iter()
			.filter(|(id, contact)| contact.partner == to && **id != place.channel)
			.map(|(id, _)| *id)
			.collect();
		let Ok(packet) = Packet::try_from(rest) else {
			return Err(false);
		};
		let mut later = false;
		for channel in ways {
			if self.party.may_sign(channel).is_err() {
				later |= self.party.sheet(channel).is_some_and(|sheet| sheet.is_open());
				continue;
			}
			let forward = Event::Forward {
				from: place,
				channel,
				amount,
				expiry,
				packet: packet.clone(),
			};
			// Without a node of the chain nothing is known of its condition; in a moment there may be one.
			if self.learn(known::conditions_of(&forward, &self.party)).await.is_err() {
				later = true;
				continue;
			}
			if self.step(forward, None).is_ok() {
				return Ok(());
			}
		}
		Err(later)
	}

	/// Tries again what waits, and gives up what has waited for too long.
	pub(super) async fn unpark(&mut self) {
		let waiting = std::mem::take(&mut self.parked.0);
		for (place, (since, lock, packet)) in waiting {
			if since.elapsed() > PARKED_FOR {
				if self.is_held(place) {
					let reason = Reason::NoWay;
					let _ = self.step(Event::GiveUp { at: place, reason }, None);
				}
				continue;
			}
			self.parked.0.insert(place, (since, lock, packet.clone()));
			self.arrived(place, lock, packet).await;
		}
	}

	/// After a start: what came before the last end, and was not dealt with.
	pub(super) fn park_again(&mut self) {
		let notes = match self.records.notes(0, NOTES) {
			Ok(notes) => notes,
			Err(error) => {
				tracing::error!("{error}");
				return;
			}
		};
		for note in notes {
			if let Notice::Arrived { channel, lock, packet } = note.notice {
				let place = Place { channel, id: lock.id };
				if !self.is_held(place) {
					continue;
				}
				match StreamTerms::read(&packet) {
					// Before its next step comes.
					Some(terms) => self.take_stream(place, &lock, terms),
					None => drop(self.parked.0.insert(place, (Instant::now(), lock, packet))),
				}
			}
		}
	}

	/// Tells a payer what payments of an invoice of ours are locked by.
	pub(super) fn tell_hashes(&self, node: NodeKey, terms: InvoiceTerms, from: u32, count: u16) {
		let count = u32::from(count.min(MAX_HASHES));
		let end = from.saturating_add(count);
		let hashes = (from..end).map(|index| self.invoices.hash(&terms, index)).collect();
		self.wire.send(node, Frame::Hashes { terms, from, hashes });
	}
}
