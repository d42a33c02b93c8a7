//! Challenges: issued tick by tick, answered in time, or missed.

use crate::{
	Active, ActiveCount, Batch, Beacons, Challenge, Challenges, Config, Deals, Error, Event, LastTick, Offers, Opening,
	Owed, Pallet, Place, Strained, StrainedCount, VisitedAt, VisitsOwed, WeightInfo, MAX_CHALLENGES, MAX_VISITS,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{ConstU32, Get},
	weights::Weight,
	BoundedVec,
};
use pallet_traits::{Beacon, Earnings, MarketClock, WorkKind};
use storage_market_primitives::{chunks, seed, DealId, Draws, SlotAt, Tick};

type List = BoundedVec<Challenge, ConstU32<MAX_CHALLENGES>>;

/// Ticks of a day.
const DAY: Tick = 172_800;

impl<T: Config> Pallet<T> {
	/// Does what the markets' clock has come to: once a tick.
	pub(crate) fn turn_clock() -> Weight {
		let (now, beacon) = (T::Clock::tick(), T::Beacon::accumulator());
		let known = Beacons::<T>::get();
		if known.0 != beacon {
			Beacons::<T>::put((beacon, known.0));
		}
		if now <= LastTick::<T>::get() {
			return T::WeightInfo::turn(0, 0);
		}
		LastTick::<T>::put(now);
		let missed = now.checked_sub(1).map_or(0, |late| Self::collect(late, now));
		let (issued, visits) = Self::issue(now);
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
			if Self::change(deal, |deal| deal.miss(slot, &device, now)).is_ok() {
				Self::deposit_event(Event::ChallengeMissed(deal, slot, device));
			}
		}
		missed
	}

	/// Challenges slots that the beacon draws, and all slots of deals whose turn it is. Returns how many, and of how
	/// many such deals.
	fn issue(now: Tick) -> (u32, u32) {
		let randomness = T::Beacon::accumulator();
		let mut list = List::new();
		let visits = Self::visit(now, &mut list);
		let active = ActiveCount::<T>::get();
		let cap = MAX_CHALLENGES.saturating_sub(list.len() as u32);
		let (due, behind) = Owed::<T>::mutate(|owed| owed.due(active, T::AuditsPerDay::get(), DAY, cap));
		if behind {
			Self::deposit_event(Event::AuditsBehind(active));
		}
		let mut draws = Draws::new(seed(&randomness, 0, now, 0));
		for _ in 0..due {
			let drawn = draws.below(active).and_then(|index| Active::<T>::get(index));
			let Some(place) = drawn else { break };
			let _ = list.try_push(Challenge { place, answered: false });
		}
		let issued = list.len() as u32;
		if issued > 0 {
			let until = now.saturating_add(T::AnswerTicks::get());
			let batch = Batch {
				issued: now,
				randomness,
				challenges: list,
			};
			Challenges::<T>::insert(until, batch);
			Self::deposit_event(Event::ChallengesIssued(until, issued));
		}
		(issued, visits)
	}

	/// Looks at strained deals, so many that each has its turn once an era, and challenges all of their slots.
	fn visit(now: Tick, list: &mut List) -> u32 {
		let count = StrainedCount::<T>::get();
		let era = T::Terms::get().era;
		let (visits, _) = VisitsOwed::<T>::mutate(|owed| owed.due(count, 1, era, MAX_VISITS));
		for _ in 0..visits {
			let at = VisitedAt::<T>::get();
			let at = if at < StrainedCount::<T>::get() { at } else { 0 };
			let Some(id) = Strained::<T>::get(at) else { break };
			VisitedAt::<T>::put(at.saturating_add(1));
			let _ = Self::do_tend(id);
			Self::challenge_all(id, now, list);
		}
		visits
	}

	fn challenge_all(id: DealId, now: Tick, list: &mut List) {
		let Some(deal) = Deals::<T>::get(id).filter(|deal| deal.is_strained()) else {
			return;
		};
		Self::wait_again(id, &deal, now);
		for (slot, at) in deal.slots.iter().zip(0_u32..) {
			if let Some(holding) = &slot.holding {
				let place = Place {
					deal: id,
					slot: at,
					device: holding.device,
				};
				// What finds no room is challenged in the next era.
				let _ = list.try_push(Challenge { place, answered: false });
			}
		}
	}

	pub(crate) fn do_answer(who: &T::AccountId, until: Tick, index: u32, openings: &[Opening; 2]) -> DispatchResult {
		let (now, terms) = (T::Clock::tick(), T::Terms::get());
		ensure!(now <= until, Error::<T>::TooLate);
		let mut batch = Challenges::<T>::get(until).ok_or(Error::<T>::NotChallenged)?;
		let (issued, randomness) = (batch.issued, batch.randomness);
		let challenge = batch
			.challenges
			.get_mut(index as usize)
			.ok_or(Error::<T>::NotChallenged)?;
		ensure!(!challenge.answered, Error::<T>::NotChallenged);
		let Place { deal: id, slot, device } = challenge.place;
		let offer = Offers::<T>::get(device).ok_or(Error::<T>::NoOffer)?;
		ensure!(offer.owner == *who, Error::<T>::NotYours);
		let deal = Deals::<T>::get(id).ok_or(Error::<T>::UnknownDeal)?;
		let root = deal.slot(slot).map_err(Error::<T>::from)?.root;
		let asked = chunks(&randomness, issued, id, slot, deal.geometry());
		Self::check_openings(&root, deal.geometry().slot_len(), asked, openings)?;
		let proven = Self::change(id, |deal| deal.prove(slot, &device, now, &terms))?;
		challenge.answered = true;
		Challenges::<T>::insert(until, batch);
		if proven.units > 0 {
			T::Earnings::work_done(who, WorkKind::Storage, proven.units, proven.pay);
		}
		Self::deposit_event(Event::ChallengeAnswered(id, slot, device, proven.pay));
		Ok(())
	}

	/// The slots that are challenged until a tick: what an agent asks for.
	pub fn challenged(until: Tick) -> impl Iterator<Item = (DealId, SlotAt)> {
		let batch = Challenges::<T>::get(until);
		let all = batch.into_iter().flat_map(|batch| batch.challenges.into_inner());
		all.map(|challenge| (challenge.place.deal, challenge.place.slot))
	}
}
