//! Challenges: issued tick by tick, answered in time, or missed.

use crate::{
	Active, ActiveAt, ActiveCount, AuditPeriod, Audited, AuditsWaiting, Batch, Beacons, Challenge, Challenged,
	Challenges, Config, Deals, Drawable, Error, Event, LastTick, ListedCount, Offers, Pallet, Place, Strained,
	StrainedCount, TicketCount, VisitedAt, VisitsOwed, Wanted, WeightInfo, MAX_VISITS,
};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get, weights::Weight};
use pallet_traits::{Beacon, Earnings, MarketClock, WorkKind};
use storage_market_primitives::{Audits, DealId, Moment, Proven, Room, SlotAt, SlotId, Tick, MAX_CHALLENGES};
use storage_proof_primitives::{check_answer, Answer, Contents, Shape};

/// What is asked at a tick, as far as it has come.
struct Asking {
	moment: Moment,
	audits: Audits,
	/// What is left for all.
	room: Room,
	list: Challenged,
}

impl<T: Config> Pallet<T> {
	/// Does what the markets' clock has come to: once a tick.
	pub(crate) fn turn_clock() -> Weight {
		let (now, beacon) = (T::Clock::tick(), T::Beacon::accumulator());
		let known = Beacons::<T>::get();
		if known.0 != beacon {
			Beacons::<T>::put((beacon, known.0));
			let there = (TicketCount::<T>::get(), ListedCount::<T>::get());
			Drawable::<T>::mutate(|known| *known = (there, known.0));
		}
		if now <= LastTick::<T>::get() {
			return T::WeightInfo::turn(0, 0);
		}
		LastTick::<T>::put(now);
		let missed = now.checked_sub(1).map_or(0, |late| Self::collect(late, now));
		let (issued, visits) = Self::issue(now);
		Self::turn_probes(now);
		T::WeightInfo::turn(missed, issued).saturating_add(T::WeightInfo::tend().saturating_mul(visits.into()))
	}

	/// What was to be answered by a tick that is over, and was not.
	fn collect(late: Tick, now: Tick) -> u32 {
		let Some(batch) = Challenges::<T>::take(late) else {
			return 0;
		};
		let mut missed = 0_u32;
		for challenge in batch.challenges.iter().filter(|challenge| !challenge.answered) {
			let Place { deal, slot, device } = challenge.place;
			missed = missed.saturating_add(1);
			// Whoever holds it no more has missed nothing.
			if Self::change(deal, |deal| deal.miss(slot, &device, batch.moment.tick, now)).is_ok() {
				Self::deposit_event(Event::ChallengeMissed(deal, slot, device));
			}
		}
		missed
	}

	/// Challenges all slots of strained deals whose turn it is, those that want to be asked, and those that the beacon
	/// draws, as long as there is room. Returns how many, and of how many strained deals.
	fn issue(now: Tick) -> (u32, u32) {
		let audits = T::Audits::get();
		let mut asking = Asking {
			moment: Moment {
				tick: now,
				randomness: T::Beacon::accumulator(),
			},
			audits,
			room: Room::part(&audits, 1),
			list: Challenged::new(),
		};
		let visits = Self::visit(&mut asking);
		Self::ask_those_who_want(&mut asking);
		Self::ask_those_drawn(&mut asking);
		let Asking { moment, list, .. } = asking;
		let issued = u32::try_from(list.len()).unwrap_or(MAX_CHALLENGES);
		if issued > 0 {
			let until = audits.deadline(now);
			let batch = Batch {
				moment,
				challenges: list,
			};
			Challenges::<T>::insert(until, batch);
			Self::deposit_event(Event::ChallengesIssued(until, issued));
		}
		(issued, visits)
	}

	/// Looks at strained deals, so many that each has its turn once an era, and challenges all slots of those that are
	/// hurt: suspects within a quarter of the room, and others in another, so that neither keeps suspects from clearing
	/// themselves, nor both of them anybody else from being asked.
	fn visit(asking: &mut Asking) -> u32 {
		let (count, era) = (StrainedCount::<T>::get(), T::Terms::get().era);
		let (visits, _) = VisitsOwed::<T>::mutate(|owed| owed.due(count, era, MAX_VISITS));
		let [mut for_suspects, mut for_others] = [Room::part(&asking.audits, 4); 2];
		for _ in 0..visits {
			let at = VisitedAt::<T>::get();
			let at = if at < StrainedCount::<T>::get() { at } else { 0 };
			let Some(id) = Strained::<T>::get(at) else { break };
			VisitedAt::<T>::put(at.saturating_add(1));
			let _ = Self::do_tend(id);
			let Some(deal) = Deals::<T>::get(id).filter(|deal| deal.is_strained()) else {
				continue;
			};
			Self::wait_again(id, &deal, asking.moment.tick);
			// One that is merely to change hands is as sound as any.
			if !deal.is_hurt() {
				continue;
			}
			for (slot, at) in deal.slots.iter().zip(0_u32..) {
				let suspect = slot.holding.as_ref().is_some_and(|holding| !holding.usable());
				let part = if suspect { &mut for_suspects } else { &mut for_others };
				// What finds no room is challenged in the next era.
				Self::ask(SlotId::new(id, at), part, asking);
			}
		}
		visits
	}

	/// Within a quarter of the room: wishes are paid for, and leave the rest to audits.
	fn ask_those_who_want(asking: &mut Asking) {
		let mut part = Room::part(&asking.audits, 4);
		for at in Wanted::<T>::take(asking.moment.tick) {
			Self::ask(at, &mut part, asking);
		}
	}

	/// Asks a slot, if it is audited, is not asked already, and there is room.
	fn ask(at: SlotId, part: &mut Room, asking: &mut Asking) {
		let now = asking.moment.tick;
		let Some(index) = ActiveAt::<T>::get((at.deal, at.slot)) else {
			return;
		};
		let Some(audited) = Active::<T>::get(index).filter(|audited| !Self::is_open(audited, &asking.audits, now))
		else {
			return;
		};
		let Some(shape) = Self::shape_of(at.deal) else { return };
		if part.take_of(&mut asking.room, shape) {
			let asked = Some(now);
			Active::<T>::insert(index, Audited { asked, ..audited });
			Self::put_down(audited.place, &mut asking.list);
		}
	}

	/// Each slot once in each period, at a time that nobody knows before: see [`storage_market_primitives::Period`].
	fn ask_those_drawn(asking: &mut Asking) {
		let (now, count) = (asking.moment.tick, ActiveCount::<T>::get());
		let mut period = AuditPeriod::<T>::get();
		let begun = period.ends > 0;
		match period.turn(now, count, &asking.audits) {
			Some(left) if begun && left > 0 => Self::deposit_event(Event::AuditsBehind(left)),
			_ => {}
		}
		let draw = asking.moment.slots();
		let due = period.due(now, count, &draw);
		let mut left = due;
		for number in 1..=due.min(MAX_CHALLENGES) {
			let waiting = count.saturating_sub(period.asked);
			let index = period.asked.saturating_add(draw.below_u32(number, waiting));
			let Some(audited) = Active::<T>::get(index).filter(|_| waiting > 0) else {
				break;
			};
			// It is asked for another reason: later in this period again.
			if Self::is_open(&audited, &asking.audits, now) {
				continue;
			}
			let Some(shape) = Self::shape_of(audited.place.deal) else {
				break;
			};
			if !asking.room.take(shape) {
				break;
			}
			Self::move_audited(period.asked, index);
			let asked = Some(now);
			Self::put_audited(period.asked, Audited { asked, ..audited });
			period.asked = period.asked.saturating_add(1);
			left = left.saturating_sub(1);
			Self::put_down(audited.place, &mut asking.list);
		}
		AuditPeriod::<T>::put(period);
		if AuditsWaiting::<T>::get() != left {
			AuditsWaiting::<T>::put(left);
		}
	}

	fn put_down(place: Place, list: &mut Challenged) {
		// There is room for no more challenges than the list takes.
		let _ = list.try_push(Challenge { place, answered: false });
	}

	fn is_open(audited: &Audited, audits: &Audits, now: Tick) -> bool {
		audited.asked.is_some_and(|asked| audits.is_open(asked, now))
	}

	fn shape_of(deal: DealId) -> Option<Shape> {
		Deals::<T>::get(deal).map(|deal| deal.geometry().shape())
	}

	/// A slot is audited from now on. It is asked in this period still.
	pub(crate) fn audit(place: Place) {
		let index = ActiveCount::<T>::get();
		Self::put_audited(index, Audited { place, asked: None });
		ActiveCount::<T>::put(index.saturating_add(1));
	}

	/// A slot is audited no more: the last one of those that were asked takes its place, if it is among those, and the
	/// last one of all what is empty then.
	pub(crate) fn audit_no_more(deal: DealId, slot: SlotAt) {
		let Some(mut empty) = ActiveAt::<T>::take((deal, slot)) else {
			return;
		};
		AuditPeriod::<T>::mutate(|period| {
			if empty < period.asked {
				period.asked = period.asked.saturating_sub(1);
				Self::move_audited(period.asked, empty);
				empty = period.asked;
			}
		});
		let last = ActiveCount::<T>::get().saturating_sub(1);
		Self::move_audited(last, empty);
		Active::<T>::remove(last);
		ActiveCount::<T>::put(last);
	}

	/// A slot is asked once more in this period: its deal has ended, and the last stretch is to be proven within the
	/// time of grace.
	pub(crate) fn audit_again(deal: DealId, slot: SlotAt) {
		let Some(index) = ActiveAt::<T>::get((deal, slot)) else {
			return;
		};
		AuditPeriod::<T>::mutate(|period| {
			let Some(audited) = Active::<T>::get(index).filter(|_| index < period.asked) else {
				return;
			};
			period.asked = period.asked.saturating_sub(1);
			Self::move_audited(period.asked, index);
			Self::put_audited(period.asked, audited);
		});
	}

	fn move_audited(from: u32, to: u32) {
		if from == to {
			return;
		}
		if let Some(audited) = Active::<T>::get(from) {
			Self::put_audited(to, audited);
		}
	}

	fn put_audited(index: u32, audited: Audited) {
		ActiveAt::<T>::insert((audited.place.deal, audited.place.slot), index);
		Active::<T>::insert(index, audited);
	}

	/// What an answer would bring, and to whom.
	///
	/// # Errors
	/// Those of the call.
	pub(crate) fn check_answer(until: Tick, index: u32, answer: &Answer) -> Result<(Batch, Place, Proven), Error<T>> {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		ensure!(now <= until, Error::<T>::TooLate);
		let batch = Challenges::<T>::get(until).ok_or(Error::<T>::NotChallenged)?;
		let challenge = usize::try_from(index)
			.ok()
			.and_then(|index| batch.challenges.get(index));
		let challenge = challenge.filter(|challenge| !challenge.answered);
		let place = challenge.ok_or(Error::<T>::NotChallenged)?.place;
		let mut deal = Deals::<T>::get(place.deal).ok_or(Error::<T>::UnknownDeal)?;
		let contents = Contents {
			root: deal.slot(place.slot)?.root,
			bytes: deal.geometry().slot_len(),
		};
		let asked = batch.moment.asked(place.at(), deal.geometry().shape());
		check_answer(&contents, asked, answer).map_err(|_| Error::<T>::BadPath)?;
		let proven = deal.prove(place.slot, &place.device, batch.moment.tick, now, &terms)?;
		Ok((batch, place, proven))
	}

	pub(crate) fn do_answer(until: Tick, index: u32, answer: &Answer) -> DispatchResult {
		let (mut batch, place, _) = Self::check_answer(until, index, answer)?;
		let Place { deal: id, slot, device } = place;
		let (now, asked, terms) = (T::Clock::tick(), batch.moment.tick, T::Terms::get());
		let (proven, ask) = Self::change(id, |deal| {
			let proven = deal.prove(slot, &device, asked, now, &terms)?;
			let ask = deal.slot(slot)?.holding.as_ref().map(|holding| holding.ask);
			Ok((proven, ask.unwrap_or_default()))
		})?;
		for challenge in batch.challenges.iter_mut().filter(|challenge| challenge.place == place) {
			challenge.answered = true;
		}
		Challenges::<T>::insert(until, batch);
		Self::count_answer();
		if proven.units > 0 {
			Self::note_paid(ask, proven.units);
			// Who has a slot has an offer.
			if let Some(offer) = Offers::<T>::get(device) {
				T::Earnings::work_done(&offer.owner, WorkKind::Storage, proven.units, proven.pay);
			}
		}
		Self::deposit_event(Event::ChallengeAnswered(id, slot, device, proven.pay));
		Ok(())
	}

	pub(crate) fn do_prove_now(who: &T::AccountId, deal: DealId, slot: SlotAt) -> DispatchResult {
		Self::holder_of(who, deal, slot)?;
		let index = ActiveAt::<T>::get((deal, slot)).ok_or(Error::<T>::NotActive)?;
		let audited = Active::<T>::get(index).ok_or(Error::<T>::NotActive)?;
		let now = T::Clock::tick();
		ensure!(
			!Self::is_open(&audited, &T::Audits::get(), now),
			Error::<T>::AlreadyAsked
		);
		let wait = T::Beacon::turn_length().saturating_mul(2).max(1);
		let (at, wish) = (now.saturating_add(wait), SlotId::new(deal, slot));
		Wanted::<T>::try_mutate(at, |wishes| -> Result<(), Error<T>> {
			ensure!(!wishes.contains(&wish), Error::<T>::AlreadyAsked);
			wishes.try_push(wish).map_err(|_| Error::<T>::QueueFull)
		})?;
		Self::deposit_event(Event::ProofWanted(deal, slot, at));
		Ok(())
	}

	/// The slots that are challenged until a tick: what an agent asks for.
	pub fn challenged(until: Tick) -> impl Iterator<Item = (DealId, SlotAt)> {
		let batch = Challenges::<T>::get(until);
		let all = batch.into_iter().flat_map(|batch| batch.challenges.into_inner());
		all.map(|challenge| (challenge.place.deal, challenge.place.slot))
	}
}
