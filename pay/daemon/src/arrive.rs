//! Locks that came: for us, or to be carried on.

use super::Daemon;
use channel_primitives::{Balance, ChannelId, Lock, MAX_LOCKS};
use smart_pay_chain::Ledger;
use smart_pay_frames::{
	invoice::{hash_lock, shown, Due},
	wire::{deposit_of, Frame, InvoiceTerms, NodeKey, StreamTerms, MAX_HASHES},
};
use smart_pay_routes::{
	letter::{Fault, Found, Letter, On, Opened},
	Load, Share,
};
use smartchain_channel::{conditions_of, Event, GivenStage, Notice, Packet, Place, Reason, TakenStage};
use std::{
	collections::BTreeMap,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How long a payment waits for a partner that is not there: less than its margin, and long enough for a restart.
const PARKED_FOR: Duration = Duration::from_secs(30);
/// A tick is old after so long: within half of what a payee needs to claim.
const OLD: Duration = Duration::from_secs(30);
/// Locks that were carried on whose fee is remembered, before those that are gone are left out.
const MOST_CARRIED: usize = 8_192;
/// How many notes are read for those that were not dealt with before the last end.
const NOTES: usize = 10_000;

/// Why a lock does not go on.
enum Stays {
	/// It may in a moment.
	Waits,
	/// It does not.
	For(Fault),
}

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
		// By an old tick it would seem to have time left, and what meets it would be shown too late to be claimed.
		if self.is_behind() {
			self.parked.0.entry(place).or_insert((Instant::now(), lock, packet));
			return;
		}
		if let Some(terms) = StreamTerms::read(&packet) {
			self.parked.0.remove(&place);
			return self.take_stream(place, &lock, terms);
		}
		if let Some((order, drawn)) = deposit_of(&packet) {
			self.parked.0.remove(&place);
			return self.take_deposit(place, order, &drawn);
		}
		let Some(opened) = self.opened(place, &lock, &packet) else {
			// Nobody is known who could read why.
			self.give_up(place, Reason::Unknown);
			return;
		};
		let fault = match opened.found {
			Found::Last(said) => match Due::read(&said) {
				Some(due) => self.take_in(place, &lock, &due),
				None => Some(Fault::Unknown),
			},
			Found::On(on, rest) => match self.carry_on(place, &lock, on, &rest).await {
				Ok(()) => None,
				Err(Stays::Waits) => {
					let now = Instant::now();
					self.parked.0.entry(place).or_insert((now, lock, packet));
					None
				}
				Err(Stays::For(fault)) => Some(fault),
			},
		};
		match fault {
			Some(fault) => self.give_up(place, Reason::Sealed(opened.fault.seal(&fault))),
			None if !self.is_held(place) => drop(self.parked.0.remove(&place)),
			None => (),
		}
	}

	fn give_up(&mut self, place: Place, reason: Reason) {
		self.parked.0.remove(&place);
		let _ = self.step(Event::GiveUp { at: place, reason }, None);
	}

	/// What the letter of a lock says to us; none if it is not for us and this lock, or came with another one before.
	fn opened(&mut self, place: Place, lock: &Lock, packet: &Packet) -> Option<Opened> {
		let letter = Letter::read(packet).ok()?;
		let opened = letter.open(&self.genesis, &lock.condition, &self.opens).ok()?;
		let (now, with) = (self.now(), (place.channel, place.id));
		self.seen.may(opened.mark, with, lock.expiry, now).then_some(opened)
	}

	/// Whether the tick may be an old one: nothing was told since the start, or not for long.
	fn is_behind(&self) -> bool {
		let by_clock = unix_now().saturating_sub(self.told_unix);
		by_clock > OLD.as_secs() || self.told_at.is_none_or(|at| at.elapsed() > OLD)
	}

	fn is_held(&self, place: Place) -> bool {
		let sheet = self.party.sheet(place.channel);
		let taken = sheet.and_then(|sheet| sheet.taken.get(&place.id));
		taken.is_some_and(|taken| taken.stage == TakenStage::Held)
	}

	/// A payment of an invoice of ours. Why it is given up, if it is.
	fn take_in(&mut self, place: Place, lock: &Lock, due: &Due) -> Option<Fault> {
		let Due { terms, index } = due;
		let condition = hash_lock(self.invoices.hash(terms, *index));
		// Whoever changed anything in the invoice has locked by another hash.
		if condition.hash() != lock.condition {
			return Some(Fault::Unknown);
		}
		if lock.amount < terms.amount || unix_now() > terms.expires {
			return Some(Fault::Unwanted);
		}
		let witness = shown(self.invoices.preimage(terms, *index));
		match self.step(Event::Show { at: place, witness }, None) {
			Ok(()) => None,
			Err(_) => Some(Fault::TooLate),
		}
	}

	/// Carries a lock on, in the channel that the letter names or another one with the same partner.
	async fn carry_on(&mut self, place: Place, lock: &Lock, on: On, rest: &Letter) -> Result<(), Stays> {
		let to = self.contacts.get(&on.channel).map(|contact| contact.partner);
		let (Some(policy), Some(to)) = (self.policy(), to) else {
			return Err(Stays::For(Fault::NoWay));
		};
		// It might have to be shown to the chain, for more than it brings.
		if on.amount < Balance::from(self.config.relay.least) {
			return Err(Stays::For(Fault::NoWay));
		}
		let enough = policy
			.incoming(on.amount)
			.is_some_and(|incoming| lock.amount >= incoming);
		let later = on.expiry.checked_add(policy.margin);
		if !enough || later.is_none_or(|later| lock.expiry < later) {
			return Err(Stays::For(Fault::Dearer(policy)));
		}
		let Ok(packet) = Packet::try_from(rest.write()) else {
			return Err(Stays::For(Fault::NoWay));
		};
		let mut ways: Vec<ChannelId> = self
			.contacts
			.iter()
			.filter(|(id, contact)| contact.partner == to && **id != place.channel)
			.map(|(id, _)| *id)
			.collect();
		// The one that is named comes first.
		ways.sort_by_key(|id| (*id != on.channel, *id));
		let mut stays = Stays::For(Fault::Lacks);
		for channel in ways {
			// What is locked for a partner that is away stays locked, there and here, until it expires.
			if self.party.may_sign(channel).is_err() || !self.greeted.contains(&channel) {
				if self.party.sheet(channel).is_some_and(|sheet| sheet.is_open()) {
					stays = Stays::Waits;
				}
				continue;
			}
			if !self.has_share(place, channel, on.amount) {
				continue;
			}
			let forward = Event::Forward {
				from: place,
				channel,
				amount: on.amount,
				expiry: on.expiry,
				packet: packet.clone(),
			};
			// Without a node of the chain nothing is known of its condition; in a moment there may be one.
			if self.learn(conditions_of(&forward, &self.party)).await.is_err() {
				stays = Stays::Waits;
				continue;
			}
			if self.step(forward, None).is_ok() {
				self.will_earn(place, on.amount);
				return Ok(());
			}
		}
		Err(stays)
	}

	/// Whether the partner that a lock came from has left enough of a channel to others.
	fn has_share(&self, from: Place, channel: ChannelId, amount: Balance) -> bool {
		let partner = |id: &ChannelId| self.contacts.get(id).map(|contact| contact.partner);
		let by = partner(&from.channel);
		let Some(sheet) = self.party.sheet(channel) else {
			return false;
		};
		let (mut all, mut own) = (Load::default(), Load::default());
		for given in sheet.given.values().filter(|given| given.stage == GivenStage::Open) {
			all.amount = all.amount.saturating_add(given.lock.amount);
			if given.from.is_some_and(|place| partner(&place.channel) == by) {
				own.locks += 1;
				own.amount = own.amount.saturating_add(given.lock.amount);
			}
		}
		let locks = usize::try_from(MAX_LOCKS).unwrap_or(usize::MAX);
		Share::of(locks, self.room(channel).saturating_add(all.amount)).fits(&own, amount)
	}

	/// Counts what a lock brings that was carried on with this amount, once it is paid.
	fn will_earn(&mut self, place: Place, amount: Balance) {
		let party = &self.party;
		let taken = |place: &Place| party.sheet(place.channel)?.taken.get(&place.id);
		// Of those that came to nothing nobody tells: they are left out now and then.
		if self.carried.len() >= MOST_CARRIED {
			self.carried.retain(|place, _| taken(place).is_some());
		}
		if let Some(taken) = taken(&place) {
			self.carried.insert(place, taken.lock.amount.saturating_sub(amount));
		}
	}

	/// Tries again what waits, and gives up what has waited for too long.
	pub(super) async fn unpark(&mut self) {
		let waiting = std::mem::take(&mut self.parked.0);
		for (place, (since, lock, packet)) in waiting {
			if since.elapsed() > PARKED_FOR {
				if self.is_held(place) {
					let opened = self.opened(place, &lock, &packet);
					let away = |opened: Opened| Reason::Sealed(opened.fault.seal(&Fault::Away));
					self.give_up(place, opened.map_or(Reason::NoWay, away));
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
