//! Streams that partners pay.

use super::{digits_of, forget_oldest, millis, orders::Order, Daemon, StreamId, Streams, MOST_STREAMS};
use channel_primitives::{Account, Balance, ChannelId, Lock, Node};
use smart_agent_keys::address;
use smart_pay_api::{Planck, StreamView};
use smart_pay_chain::Ledger;
use smart_pay_frames::wire::{Frame, StreamTerms};
use smartchain_channel::{Event, Place, Reason};
use std::time::{Duration, Instant};

/// Locks over streams that are remembered before those that are gone are left out: a payer may begin a leg over another
/// one that comes to nothing, as often as it likes.
const MOST_TAKEN: usize = 1_024;
/// How long is waited for the next leg, before a stream is said to have ended.
const NEXT_LEG: Duration = Duration::from_secs(10);

/// A stream that a partner pays.
pub(super) struct Taking {
	channel: ChannelId,
	partner: Account,
	/// With `from`, the steps in legs before this one: by its payer's word, on which nothing rests.
	terms: StreamTerms,
	/// Steps that were paid by halves since the start.
	before: u32,
	/// The lock of its leg.
	at: Option<Place>,
	/// Steps that have come in this leg.
	steps: u16,
	/// What was paid by halves, in planck.
	paid: Balance,
	began: Instant,
	/// When something of it came last.
	last: Instant,
	/// When it ended.
	pub ended: Option<Instant>,
	why: Option<String>,
}

impl Taking {
	/// One of which so much was paid by halves before, in planck: of an order, or nothing.
	fn new(channel: ChannelId, partner: Account, terms: StreamTerms, paid: Balance) -> Self {
		let now = Instant::now();
		let before = u32::try_from(paid / terms.unit.max(1)).unwrap_or(u32::MAX);
		Self {
			channel,
			partner,
			terms,
			before,
			at: None,
			steps: 0,
			paid,
			began: now,
			last: now,
			ended: None,
			why: None,
		}
	}

	/// Steps that came since the start: those that were paid, and those of this leg. Whoever gives something for them
	/// goes by this; how many its payer says to have given before is not counted.
	pub fn came(&self) -> u32 {
		self.before.saturating_add(self.steps.into())
	}

	/// A leg of it begins, of which so many steps have come.
	fn begins(&mut self, at: Place, from: u32, steps: u16) {
		self.terms.from = from;
		self.at = Some(at);
		self.steps = steps;
		self.last = Instant::now();
		self.ended = None;
	}

	/// A leg of it was paid by a half.
	fn leg_paid(&mut self, place: Place, amount: Balance) {
		let steps = u32::try_from(amount / self.terms.unit.max(1)).unwrap_or(u32::MAX);
		self.paid = self.paid.saturating_add(amount);
		self.before = self.before.saturating_add(steps);
		self.last = Instant::now();
		let reached = self.terms.from.saturating_add(self.steps.into());
		if self.at == Some(place) {
			self.at = None;
			self.steps = 0;
		}
		if self.why.is_some() || reached >= self.terms.steps {
			self.ended = Some(self.last);
		}
	}

	/// As it is shown.
	pub fn view(&self, id: &StreamId) -> StreamView {
		let until = self.ended.unwrap_or_else(Instant::now);
		StreamView {
			stream: digits_of(id),
			pays: false,
			channel: self.channel,
			partner: address(&self.partner),
			unit: Planck(self.terms.unit),
			steps: self.terms.steps,
			every: self.terms.every,
			text: self.terms.text.clone(),
			given: self.came(),
			came: self.came(),
			paid: Planck(self.paid),
			millis: millis(until.saturating_duration_since(self.began)),
			done: self.ended.is_some(),
			why: self.why.clone(),
		}
	}

	/// Whether this is its next leg.
	fn goes_on(&self, channel: ChannelId, terms: &StreamTerms) -> bool {
		let same = StreamTerms {
			from: self.terms.from,
			..terms.clone()
		};
		self.channel == channel && self.why.is_none() && same == self.terms && terms.from >= self.terms.from
	}
}

impl<L: Ledger> Daemon<L> {
	/// A lock over a stream came: it is kept, or given up.
	pub(crate) fn take_stream(&mut self, place: Place, lock: &Lock, terms: StreamTerms) {
		if self.streams.taken.contains_key(&place) {
			return;
		}
		match self.may_take(place, lock, &terms) {
			Ok(partner) => self.put_leg(place, partner, terms),
			Err(reason) => {
				// It fails if the lock is gone.
				let _ = self.step(Event::GiveUp { at: place, reason }, None);
			}
		}
	}

	/// Whether a lock over a stream is taken, by what was configured.
	fn may_take(&self, place: Place, lock: &Lock, terms: &StreamTerms) -> Result<Account, Reason> {
		let contact = self.contacts.get(&place.channel).ok_or(Reason::Unknown)?;
		let sheet = self.party.sheet(place.channel).ok_or(Reason::Gone)?;
		let taken = sheet.taken.get(&place.id).ok_or(Reason::Gone)?;
		let steps = match taken.condition.0.as_slice() {
			[Node::Chain { steps, .. }] => *steps,
			_ => return Err(Reason::Unknown),
		};
		if lock.amount != terms.unit.saturating_mul(steps.into()) {
			return Err(Reason::Unknown);
		}
		let policy = &self.config.streams;
		let whole = terms.unit.saturating_mul(terms.steps.into());
		let too_much = policy.most > 0 && whole > Balance::from(policy.most);
		let ends = terms.from.saturating_add(steps.into());
		if !policy.accept || terms.unit < Balance::from(policy.unit) || too_much || ends > terms.steps {
			return Err(Reason::Unwanted);
		}
		let order = self.streams.orders.get(&terms.id);
		if order.is_some_and(|order| !order.takes(place.channel, terms)) {
			return Err(Reason::Unwanted);
		}
		match self.streams.taking.get(&terms.id) {
			Some(stream) if stream.goes_on(place.channel, terms) => Ok(contact.partner),
			Some(_) => Err(Reason::Unwanted),
			None => {
				let running = self.streams.taking.values().filter(|stream| stream.ended.is_none());
				let of_partner = running.filter(|stream| stream.partner == contact.partner).count();
				if of_partner >= usize::from(policy.at_once) {
					return Err(Reason::Unwanted);
				}
				Ok(contact.partner)
			}
		}
	}

	fn put_leg(&mut self, place: Place, partner: Account, terms: StreamTerms) {
		let taken = self
			.party
			.sheet(place.channel)
			.and_then(|sheet| sheet.taken.get(&place.id));
		// After a start some may have come already.
		let steps = taken.and_then(|taken| taken.best).map_or(0, |(step, _)| step);
		let Streams { taking, orders, .. } = &mut self.streams;
		forget_oldest(taking, |id, stream| {
			stream.ended.filter(|_| orders.get(id).is_none_or(Order::has_ended))
		});
		if self.streams.taking.len() >= MOST_STREAMS && !self.streams.taking.contains_key(&terms.id) {
			let reason = Reason::Unwanted;
			let _ = self.step(Event::GiveUp { at: place, reason }, None);
			return;
		}
		self.streams.taken.insert(place, terms.id);
		let (id, from) = (terms.id, terms.from);
		let Streams { taking, orders, .. } = &mut self.streams;
		let paid = orders.get(&id).map_or(0, Order::paid);
		let stream = taking.entry(id);
		let stream = stream.or_insert_with(|| Taking::new(place.channel, partner, terms, paid));
		stream.begins(place, from, steps);
		self.order_leg(&id, place);
	}

	/// Steps have come over a lock.
	pub(crate) fn stream_came(&mut self, at: Place, steps: u16) {
		let id = self.streams.taken.get(&at);
		let stream = id.and_then(|id| self.streams.taking.get_mut(id));
		let Some(stream) = stream.filter(|stream| stream.at == Some(at)) else {
			return;
		};
		self.counts.steps_came += u64::from(steps.saturating_sub(stream.steps));
		stream.steps = stream.steps.max(steps);
		stream.last = Instant::now();
		self.say_steps(at, steps);
	}

	/// Tells the payer how many steps have come.
	fn say_steps(&self, at: Place, steps: u16) {
		let contact = self.contacts.get(&at.channel);
		if let Some(reach) = contact.and_then(|contact| contact.reach.as_ref()) {
			let frame = Frame::StepsCame {
				channel: at.channel,
				lock: at.id,
				steps,
			};
			self.wire.send(reach.node, frame);
		}
	}

	/// A lock was paid: what is for good now.
	pub(super) fn leg_received(&mut self, place: Place, amount: Balance) {
		// One that was gone before it was looked at is of no stream yet, and may be of an order.
		let taken = self.streams.taken.remove(&place);
		let Some(id) = taken.or_else(|| self.order_of_leg(place)) else {
			return;
		};
		self.order_leg_gone(&id, place.id, amount);
		if let Some(stream) = self.streams.taking.get_mut(&id) {
			stream.leg_paid(place, amount);
		}
	}

	/// Ends a stream of a partner's: it is asked to pay what it gave. Whether there is such a one.
	pub(super) fn stop_taking(&mut self, id: StreamId) -> bool {
		let Some(stream) = self.streams.taking.get_mut(&id) else {
			return false;
		};
		if stream.ended.is_none() {
			stream.why.get_or_insert_with(|| "it was ended here".into());
			match stream.at {
				Some(at) => {
					let reason = Reason::Unwanted;
					// Said again once a second until its lock is gone.
					let _ = self.step(Event::GiveUp { at, reason }, None);
				}
				None => stream.ended = Some(Instant::now()),
			}
		}
		true
	}

	/// Looks which streams have ended, says again what has come, and asks again to be paid.
	pub(super) fn age_taken(&mut self) {
		let mut again = Vec::new();
		let mut gone = Vec::new();
		for stream in self.streams.taking.values_mut().filter(|stream| stream.ended.is_none()) {
			let Some(at) = stream.at else {
				if stream.last.elapsed() > NEXT_LEG {
					stream.ended = Some(stream.last);
				}
				continue;
			};
			let sheet = self.party.sheet(at.channel);
			if sheet.is_some_and(|sheet| sheet.taken.contains_key(&at.id)) {
				again.push((at, stream.steps, stream.why.is_some()));
				continue;
			}
			gone.push((at, stream.terms.id));
		}
		for (at, steps, ends) in again {
			if self.greeted.contains(&at.channel) {
				self.say_steps(at, steps);
			}
			if ends {
				let reason = Reason::Unwanted;
				let _ = self.step(Event::GiveUp { at, reason }, None);
			}
		}
		for (at, id) in gone {
			self.lose_leg(at, id);
		}
		let (party, Streams { taking, taken, .. }) = (&self.party, &mut self.streams);
		if taken.len() > MOST_TAKEN {
			taken.retain(|place, id| {
				let runs = taking.get(&*id).is_some_and(|stream| stream.at == Some(*place));
				let sheet = party.sheet(place.channel);
				runs || sheet.is_some_and(|sheet| sheet.taken.contains_key(&place.id))
			});
		}
	}

	/// A lock is gone of which nothing was due, or what was due is told with the next steps that are stored.
	fn lose_leg(&mut self, at: Place, id: StreamId) {
		let Some(stream) = self.streams.taking.get_mut(&id) else {
			return;
		};
		if stream.steps > 0 && stream.last.elapsed() <= NEXT_LEG {
			return;
		}
		stream.at = None;
		self.streams.taken.remove(&at);
		if stream.why.is_some() {
			stream.ended = Some(Instant::now());
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Boaster begins a stream where nobody has given anything, and would have a gate give a million units for it.
	#[test]
	fn what_a_payer_says_to_have_given_before_did_not_come() {
		let terms = StreamTerms {
			id: [1; 16],
			unit: 10,
			steps: 1_000_010,
			from: 1_000_000,
			every: 1,
			text: String::new(),
		};
		let at = |id| Place { channel: 7, id };
		let mut stream = Taking::new(7, [2; 32], terms, 0);
		stream.begins(at(1), 1_000_000, 0);
		assert_eq!((stream.came(), stream.view(&[1; 16]).came), (0, 0));
		stream.steps = 3;
		assert_eq!(stream.came(), 3);
		stream.leg_paid(at(1), 30);
		assert_eq!((stream.came(), stream.paid, stream.ended), (3, 30, None));
		// Over two locks at once, of which the first is paid later.
		stream.begins(at(2), 1_000_003, 0);
		stream.begins(at(3), 1_000_007, 1);
		stream.leg_paid(at(2), 20);
		assert_eq!((stream.came(), stream.paid), (6, 50));
	}
}
