//! Streams that this program pays.

use super::{asking::Asking, digits_of, forget_oldest, millis, orders::Order, Daemon, StreamId, Streams, MOST_STREAMS};
use crate::{notices::reason, TICK};
use channel_primitives::{Account, Balance, ChannelId, Condition, Hash, LockId, Node, Steps, Tick, MAX_STEPS};
use rand_core::{OsRng, RngCore};
use smart_agent_keys::{address, parse_address};
use smart_pay_api::{Planck, StreamView};
use smart_pay_chain::Ledger;
use smart_pay_config::digits;
use smart_pay_frames::wire::{NodeKey, StreamTerms};
use smartchain_channel::{Event, Message, Place, Reason, Refused, StepShown, STEPS_AHEAD};
use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};

/// How long a leg lasts at most.
const LEG: Duration = Duration::from_secs(3_600);
/// Ticks that a lock has beyond those of its steps, the least that a payee takes, and those in which it is paid up.
const SLACK: Tick = 240;
/// When is looked again at what waits: for a partner, or for what the payee says.
const WAIT: Duration = Duration::from_secs(1);
/// How long is waited for a payee that does not say what has come.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is late by more is not made up for: while partner, disk or chain were slow, nothing was owed.
const LAG: Duration = Duration::from_millis(50);
/// A stream whose steps are at least so many milliseconds apart has each of them stored.
const STORED_EACH: u32 = 100;
/// Steps that are given at once at most.
const AT_ONCE: u32 = 64;

/// Steps under one lock.
struct Leg {
	at: Place,
	steps: Steps,
	/// How many it has.
	of: u16,
	expiry: Tick,
	/// The last step that was given.
	last: Option<(u16, Hash)>,
	/// How many the payee has said to have.
	came: u16,
	/// Whether it is being paid up by us.
	paying: bool,
}

/// A stream that this program pays.
pub(super) struct Paying {
	channel: ChannelId,
	partner: Account,
	/// With `from`, the steps in legs that have ended.
	terms: StreamTerms,
	/// What its chains of hashes are made of. Its number may be a partner's, and may have been another one's before.
	drawn: [u8; 16],
	ahead: u16,
	/// How many steps a meter has counted; none if they are given by time.
	meter: Option<u32>,
	leg: Option<Leg>,
	/// Locks from before the start, which are being paid up.
	left: BTreeSet<Place>,
	legs: u32,
	/// What was paid by halves, in planck.
	paid: Balance,
	/// When something is to be done.
	pub next: Instant,
	/// Since when it waits for the payee to say what has come.
	waits: Option<Instant>,
	began: Instant,
	/// When it ended.
	pub ended: Option<Instant>,
	why: Option<String>,
}

/// Whether nothing was given of a leg in its time, so that another one takes its place. A payee that says so of one
/// that has time left would be given one after the other, as fast as it gives them up.
fn has_run_out(why: Reason, expiry: Option<Tick>, now: Tick) -> bool {
	why == Reason::Expired && expiry.is_some_and(|expiry| expiry < now)
}

/// How many steps of a stream go out without a commit after one that has one: none, if a disk can be asked to store
/// each of them. So much is paid too much if this daemon is killed.
pub(super) fn stored_ahead(by_meter: bool, every: u32) -> u16 {
	if by_meter || every >= STORED_EACH {
		0
	} else {
		STEPS_AHEAD
	}
}

/// How many steps the next leg has, if so many are left.
pub(super) fn leg_steps(left: u32, every: u32) -> u16 {
	let lasting = u32::try_from(LEG.as_millis()).unwrap_or(u32::MAX) / every.max(1);
	let steps = left.min(lasting.max(1)).min(MAX_STEPS.into());
	u16::try_from(steps).unwrap_or(MAX_STEPS)
}

impl Paying {
	/// One by a meter that goes on after a start. Its chains of hashes are others than before.
	pub(super) fn again(
		channel: ChannelId,
		partner: Account,
		terms: StreamTerms,
		meter: u32,
		paid: Balance,
		left: &[Place],
		why: Option<String>,
	) -> Self {
		let (now, mut drawn) = (Instant::now(), [0; 16]);
		OsRng.fill_bytes(&mut drawn);
		Self {
			channel,
			partner,
			terms,
			drawn,
			ahead: 1,
			meter: Some(meter),
			leg: None,
			left: left.iter().copied().collect(),
			// It waits for its partner, other than one that begins.
			legs: 1,
			paid,
			next: now,
			waits: None,
			began: now,
			ended: None,
			why,
		}
	}

	/// Steps that were given.
	pub fn given(&self) -> u32 {
		let now = self.leg.as_ref().map_or(0, |leg| leg.steps.given());
		self.terms.from.saturating_add(now.into())
	}

	/// How many steps may go out after one without a commit of their own.
	fn on_a_commit(&self) -> u16 {
		stored_ahead(self.meter.is_some(), self.terms.every)
	}

	fn left(&self) -> u32 {
		self.terms.steps.saturating_sub(self.terms.from)
	}

	/// Its leg is gone, and so much was paid for it.
	fn leg_ended(&mut self, amount: Balance) {
		self.leg = None;
		let steps = u32::try_from(amount / self.terms.unit.max(1)).unwrap_or(u32::MAX);
		self.terms.from = self.terms.from.saturating_add(steps);
		self.paid = self.paid.saturating_add(amount);
	}

	/// As it is shown.
	pub fn view(&self, id: &StreamId) -> StreamView {
		let came = self.leg.as_ref().map_or(0, |leg| leg.came);
		let until = self.ended.unwrap_or_else(Instant::now);
		StreamView {
			stream: digits_of(id),
			pays: true,
			channel: self.channel,
			partner: address(&self.partner),
			unit: Planck(self.terms.unit),
			steps: self.terms.steps,
			every: self.terms.every,
			text: self.terms.text.clone(),
			given: self.given(),
			came: self.terms.from.saturating_add(came.into()),
			paid: Planck(self.paid),
			millis: millis(until.saturating_duration_since(self.began)),
			done: self.ended.is_some(),
			why: self.why.clone(),
		}
	}
}

/// What is to be done with a stream that is due.
enum Turn {
	Wait,
	End,
	Begin,
	PayUp,
	Give,
}

impl<L: Ledger> Daemon<L> {
	/// The channel in which a partner is paid: the one with the most room.
	///
	/// # Errors
	/// If there is none.
	pub(super) fn stream_channel(&self, to: &str, unit: Balance) -> Result<ChannelId, String> {
		let key = to.split_once('@').map_or(to, |(key, _)| key);
		let (node, number) = (digits(key), key.parse::<ChannelId>().ok());
		let account = parse_address(key).ok();
		let is_it = |id: ChannelId| {
			let contact = self.contacts.get(&id);
			let reach = contact.and_then(|contact| contact.reach.as_ref());
			number == Some(id)
				|| node.is_some() && reach.map(|reach| reach.node) == node
				|| account.is_some() && contact.map(|contact| contact.partner) == account
		};
		let all: Vec<ChannelId> = self.party.channels().filter(|id| is_it(*id)).collect();
		if all.is_empty() {
			return Err(format!(
				"there is no channel with `{to}`: name the key of a partner's node, its account, or a channel; \
				 `smart-pay channels` shows them, `smart-pay open` makes one"
			));
		}
		let open = all.iter().filter(|id| self.party.may_sign(**id).is_ok());
		let best = open.map(|id| (self.room(*id), *id)).max();
		match best {
			Some((room, id)) if room >= unit => Ok(id),
			Some(_) => Err("the channel has too little money for a step: `smart-pay deposit` puts more in".into()),
			None => Err("the channel is not ready: `smart-pay channels` says why".into()),
		}
	}

	/// Whether one more stream may be paid, with this number. What an order has paid is kept as long as that is open.
	///
	/// # Errors
	/// Why not.
	pub(super) fn may_pay_stream(&mut self, id: &StreamId) -> Result<(), String> {
		let Streams { paying, orders, .. } = &mut self.streams;
		forget_oldest(paying, |id, stream| {
			stream.ended.filter(|_| orders.get(id).is_none_or(Order::has_ended))
		});
		if paying.contains_key(id) {
			return Err("there is a stream with this number already".into());
		}
		if paying.len() >= MOST_STREAMS {
			return Err("too many streams run: end one".into());
		}
		Ok(())
	}

	/// Begins a stream. Its first step goes out after the time of one.
	///
	/// # Errors
	/// Why not.
	pub(super) fn begin_stream(
		&mut self,
		channel: ChannelId,
		asking: Asking,
		id: StreamId,
		meter: Option<u32>,
	) -> Result<(), String> {
		let partner = self.contacts.get(&channel).map(|contact| contact.partner);
		let partner = partner.ok_or("the partner of the channel is not known: connect once")?;
		self.may_pay_stream(&id)?;
		let (now, mut drawn) = (Instant::now(), [0; 16]);
		OsRng.fill_bytes(&mut drawn);
		let stream = Paying {
			channel,
			partner,
			terms: StreamTerms {
				id,
				unit: asking.unit,
				steps: asking.steps,
				from: 0,
				every: asking.every,
				text: asking.text,
			},
			drawn,
			ahead: asking.ahead,
			meter,
			leg: None,
			left: BTreeSet::new(),
			legs: 0,
			paid: 0,
			next: now,
			waits: None,
			began: now,
			ended: None,
			why: None,
		};
		self.streams.paying.insert(id, stream);
		Ok(())
	}

	/// Ends a stream of ours. Whether there is such a one that runs.
	pub(super) fn stop_paying(&mut self, id: StreamId, why: &str) -> bool {
		let Some(stream) = self.streams.paying.get_mut(&id) else {
			return false;
		};
		if stream.ended.is_none() {
			stream.why.get_or_insert_with(|| why.into());
			stream.next = Instant::now();
		}
		true
	}

	/// A meter has counted so many steps of a stream of ours in all. Whether there is such a one that runs.
	pub(super) fn count_steps(&mut self, id: StreamId, steps: u32) -> bool {
		let stream = self.streams.paying.get_mut(&id).filter(|stream| stream.ended.is_none());
		let Some(stream) = stream else {
			return false;
		};
		if let Some(meter) = stream.meter.as_mut() {
			*meter = steps.max(*meter);
			if stream.waits.is_none() {
				stream.next = Instant::now();
			}
		}
		true
	}

	/// What a stream of ours has paid by halves, in planck, if it has ended.
	pub(super) fn paid_by(&self, id: &StreamId) -> Option<Balance> {
		let stream = self.streams.paying.get(id)?;
		stream.ended.map(|_| stream.paid)
	}

	/// Does what is due.
	pub(crate) async fn pace_streams(&mut self) {
		let now = Instant::now();
		let running = self.streams.paying.iter();
		let due: Vec<StreamId> = running
			.filter(|(_, stream)| stream.ended.is_none() && stream.next <= now)
			.map(|(id, _)| *id)
			.collect();
		for id in due {
			let Some(stream) = self.streams.paying.get(&id) else {
				continue;
			};
			let turn = match &stream.leg {
				None if !stream.left.is_empty() => Turn::Wait,
				None if stream.why.is_some() || stream.left() == 0 => Turn::End,
				None => Turn::Begin,
				Some(leg) if leg.paying || stream.why.is_some() || leg.steps.given() >= leg.of => Turn::PayUp,
				Some(_) => Turn::Give,
			};
			match turn {
				Turn::Wait => self.look_later(id, now),
				Turn::End => {
					if let Some(stream) = self.streams.paying.get_mut(&id) {
						stream.ended = Some(now);
					}
				}
				Turn::Begin => self.begin_leg(id, now).await,
				Turn::PayUp => self.pay_leg(id, now),
				Turn::Give => self.give_steps(id, now),
			}
		}
	}

	/// Whether the partner can be given something now.
	pub(super) fn is_there(&self, channel: ChannelId) -> bool {
		self.greeted.contains(&channel) && self.party.may_sign(channel).is_ok()
	}

	async fn begin_leg(&mut self, id: StreamId, now: Instant) {
		let Some(stream) = self.streams.paying.get(&id) else {
			return;
		};
		let (channel, is_first) = (stream.channel, stream.legs == 0);
		if !self.is_there(channel) && !is_first {
			return self.look_later(id, now);
		}
		let made = self.make_leg(id);
		let begun = match made {
			Ok((leg, event, condition)) => self.ask_and_step(event).await.map(|()| (leg, condition)),
			Err(why) => Err(why),
		};
		let begun = begun.and_then(|(leg, condition)| {
			let lock = self.given_over(channel, &condition);
			let id = lock.ok_or("the lock was not made: see the daemon's log")?;
			Ok(Leg {
				at: Place { channel, id },
				..leg
			})
		});
		let Some(stream) = self.streams.paying.get_mut(&id) else {
			return;
		};
		match begun {
			Ok(leg) => {
				let at = leg.at;
				stream.leg = Some(leg);
				stream.legs = stream.legs.saturating_add(1);
				stream.waits = None;
				if is_first {
					stream.next = Instant::now() + Duration::from_millis(stream.terms.every.into());
				}
				self.streams.given.insert(at, id);
				self.order_leg(&id, at);
			}
			// The next turn ends it.
			Err(why) => {
				stream.why.get_or_insert(why);
			}
		}
	}

	/// The next leg of a stream, without its place; with what locks it.
	fn make_leg(&self, id: StreamId) -> Result<(Leg, Event, Condition), String> {
		let stream = self.streams.paying.get(&id).ok_or("it is gone")?;
		let (channel, terms) = (stream.channel, &stream.terms);
		let fits = u32::try_from(self.room(channel) / terms.unit.max(1)).unwrap_or(u32::MAX);
		let of = leg_steps(stream.left().min(fits), terms.every);
		if of == 0 {
			return Err("the channel has no money left: `smart-pay deposit` puts more in".into());
		}
		let seed = self.invoices.seed(&stream.drawn, stream.legs);
		let steps = Steps::new(seed, of).map_err(|error| error.to_string())?;
		let sheet = self.party.sheet(channel).ok_or("the channel is gone")?;
		let chain = Node::Chain {
			root: steps.root(),
			steps: of,
			payee: *sheet.key(sheet.side().partner()),
		};
		let condition = Condition::new(vec![chain]).map_err(|_| "the condition is none")?;
		let core = self.config.core();
		let lasts = u64::from(of).saturating_mul(terms.every.into()) / millis(TICK).max(1);
		let expiry = self
			.now()
			.saturating_add(u32::try_from(lasts).unwrap_or(u32::MAX))
			.saturating_add(core.last_hop)
			.saturating_add(core.pay_up_before)
			.saturating_add(SLACK);
		let event = Event::Lock {
			channel,
			amount: terms.unit.saturating_mul(of.into()),
			expiry,
			condition: condition.clone(),
			packet: terms.packet().ok_or("the text is too long")?,
		};
		let leg = Leg {
			at: Place { channel, id: 0 },
			steps,
			of,
			expiry,
			last: None,
			came: 0,
			paying: false,
		};
		Ok((leg, event, condition))
	}

	/// The lock of ours with this condition.
	pub(super) fn given_over(&self, channel: ChannelId, condition: &Condition) -> Option<LockId> {
		let sheet = self.party.sheet(channel)?;
		let found = sheet
			.given
			.iter()
			.rev()
			.find(|(_, given)| given.condition == *condition);
		found.map(|(id, _)| *id)
	}

	fn look_later(&mut self, id: StreamId, now: Instant) {
		if let Some(stream) = self.streams.paying.get_mut(&id) {
			stream.next = now + WAIT;
		}
	}

	/// Pays up what was given of a leg. What comes of it is told.
	fn pay_leg(&mut self, id: StreamId, now: Instant) {
		self.look_later(id, now);
		let leg = self.streams.paying.get(&id).and_then(|stream| stream.leg.as_ref());
		let Some((at, paying)) = leg.map(|leg| (leg.at, leg.paying)) else {
			return;
		};
		if paying {
			return;
		}
		// It is refused while the partner is not there, and tried again.
		if self.step(Event::PayUp(at), None).is_ok() {
			let stream = self.streams.paying.get_mut(&id);
			if let Some(leg) = stream.and_then(|stream| stream.leg.as_mut()) {
				leg.paying = true;
			}
		}
	}

	/// Gives the steps that are due, if the payee has what came before.
	fn give_steps(&mut self, id: StreamId, now: Instant) {
		let Some(channel) = self.streams.paying.get(&id).map(|stream| stream.channel) else {
			return;
		};
		if !self.is_there(channel) {
			if let Some(stream) = self.streams.paying.get_mut(&id) {
				stream.waits = None;
			}
			return self.look_later(id, now);
		}
		let Some(stream) = self.streams.paying.get_mut(&id) else {
			return;
		};
		let Some(leg) = stream.leg.as_mut() else {
			return;
		};
		let (at, every) = (leg.at, Duration::from_millis(stream.terms.every.into()));
		if now.saturating_duration_since(stream.next) > LAG {
			stream.next = now;
		}
		let counted = stream.meter.unwrap_or(u32::MAX).saturating_sub(stream.terms.from);
		if u32::from(leg.steps.given()) >= counted {
			stream.waits = None;
			return self.look_later(id, now);
		}
		let (before, mut given) = (leg.steps.given(), None);
		for _ in 0..AT_ONCE {
			let ahead = leg.steps.given().saturating_sub(leg.came);
			if stream.next > now || ahead >= stream.ahead {
				break;
			}
			if u32::from(leg.steps.given()) >= counted {
				break;
			}
			let Some(step) = leg.steps.give() else {
				break;
			};
			given = Some(step);
			stream.next += every;
		}
		let Some((step, value)) = given else {
			return self.remind(id, now);
		};
		leg.last = given;
		self.counts.steps_given += u64::from(step.saturating_sub(before));
		stream.waits = None;
		if stream.next <= now {
			stream.next = now + every;
		}
		let is_last = step >= leg.of;
		let ahead = stream.on_a_commit();
		let give = Event::Give { at, step, value, ahead };
		match self.step(give, None) {
			Ok(()) if is_last => self.pay_leg_later(id),
			// It was paid up in this moment, before it would expire: what was paid is told.
			Ok(()) | Err(Refused::NoLock(_)) => (),
			Err(refused) => {
				self.stop_paying(id, &refused.to_string());
			}
		}
	}

	/// All steps of a leg are given: it is paid up with the next turn, when its payee has had time to say so.
	fn pay_leg_later(&mut self, id: StreamId) {
		if let Some(stream) = self.streams.paying.get_mut(&id) {
			stream.next = stream.next.min(Instant::now() + WAIT);
		}
	}

	/// The payee has not said that it has what was given: it is told the last step again, for a message may be lost.
	fn remind(&mut self, id: StreamId, now: Instant) {
		self.look_later(id, now);
		let Some(stream) = self.streams.paying.get_mut(&id) else {
			return;
		};
		let Some(since) = stream.waits else {
			stream.waits = Some(now);
			return;
		};
		if now.saturating_duration_since(since) > PATIENCE {
			self.stop_paying(id, "the payee does not say that it has what was given");
			return;
		}
		let last = stream.leg.as_ref().and_then(|leg| Some((leg.at, leg.last?)));
		if let Some((at, (step, value))) = last {
			// It was given by a step that is stored: saying it again gives nothing more.
			let shown = StepShown { id: at.id, step, value };
			self.send(at.channel, Message::Step(shown));
		}
	}

	/// The payee says how many steps have come.
	pub(crate) fn steps_came(&mut self, node: NodeKey, channel: ChannelId, lock: LockId, steps: u16) {
		let reach = self.contacts.get(&channel).and_then(|contact| contact.reach.as_ref());
		let place = Place { channel, id: lock };
		let stream = match self.streams.given.get(&place) {
			Some(id) if reach.is_some_and(|reach| reach.node == node) => self.streams.paying.get_mut(id),
			_ => None,
		};
		let Some(stream) = stream else {
			return;
		};
		let Some(leg) = stream.leg.as_mut().filter(|leg| leg.at == place) else {
			return;
		};
		// It cannot have more than was given.
		let steps = steps.min(leg.steps.given());
		if steps > leg.came {
			leg.came = steps;
			if stream.waits.take().is_some() {
				stream.next = Instant::now();
			}
		}
	}

	/// A leg of ours is paid. Whether the lock was one.
	pub(super) fn leg_paid(&mut self, place: Place, amount: Balance) -> bool {
		let Some(id) = self.streams.given.remove(&place) else {
			return false;
		};
		let by_time = self.now().saturating_add(self.config.core().pay_up_before);
		self.order_leg_gone(&id, place.id, amount);
		self.counts.streamed_planck = self.counts.streamed_planck.saturating_add(amount);
		let Some(stream) = self.streams.paying.get_mut(&id) else {
			return true;
		};
		if stream.left.remove(&place) {
			stream.leg_ended(amount);
			stream.next = Instant::now();
			return true;
		}
		let Some(leg) = stream.leg.as_ref().filter(|leg| leg.at == place) else {
			return true;
		};
		let (paying, expiry) = (leg.paying, leg.expiry);
		stream.leg_ended(amount);
		// Neither we nor the machine has paid it up: its payee wants no more.
		if !paying && by_time < expiry {
			stream.why.get_or_insert_with(|| "the payee has ended it".into());
		}
		let now = Instant::now();
		if stream.why.is_some() || stream.left() == 0 {
			stream.next = now;
		} else {
			stream.next = stream.next.min(now + Duration::from_millis(stream.terms.every.into()));
		}
		true
	}

	/// A leg of ours came to nothing. Whether the lock was one.
	pub(super) fn leg_failed(&mut self, place: Place, why: Reason) -> bool {
		let Some(id) = self.streams.given.remove(&place) else {
			return false;
		};
		let now = self.now();
		self.order_leg_gone(&id, place.id, 0);
		if let Some(stream) = self.streams.paying.get_mut(&id) {
			if stream.left.remove(&place) {
				stream.next = Instant::now();
				return true;
			}
			let expiry = stream.leg.as_ref().map(|leg| leg.expiry);
			stream.leg_ended(0);
			stream.next = Instant::now();
			if has_run_out(why, expiry, now) {
				return true;
			}
			let words = match why {
				Reason::Unwanted | Reason::Expired => {
					"the payee does not want it: it takes other units or amounts, or has ended it"
				}
				other => reason(other).1,
			};
			stream.why.get_or_insert_with(|| words.into());
		}
		true
	}

	/// After a start: locks of streams from before it.
	pub(crate) fn find_left_streams(&mut self) {
		let mut left = Vec::new();
		for channel in self.party.channels() {
			let Some(sheet) = self.party.sheet(channel) else {
				continue;
			};
			let ours = sheet.given.iter().filter(|(_, given)| given.from.is_none());
			let streams = ours.filter(|(_, given)| StreamTerms::read(&given.packet).is_some());
			left.extend(streams.map(|(id, _)| Place { channel, id: *id }));
		}
		self.streams.left = left;
	}

	/// What was given of them is paid, once their partners are there.
	pub(super) fn pay_left_streams(&mut self) {
		for place in std::mem::take(&mut self.streams.left) {
			let sheet = self.party.sheet(place.channel);
			if !sheet.is_some_and(|sheet| sheet.given.contains_key(&place.id)) {
				continue;
			}
			if self.step(Event::PayUp(place), None).is_err() {
				self.streams.left.push(place);
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Refuser gives each leg up as if its time were over, and would have the payer lock another one without end.
	#[test]
	fn a_payee_that_gives_a_leg_up_before_its_time_is_given_no_other() {
		assert!(has_run_out(Reason::Expired, Some(100), 101));
		assert!(!has_run_out(Reason::Expired, Some(100), 100));
		assert!(!has_run_out(Reason::Expired, None, 100));
		assert!(!has_run_out(Reason::Unwanted, Some(100), 101));
	}
}
