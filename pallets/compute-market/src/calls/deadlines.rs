//! What time brings: units that are late, commitments that nobody reveals, jobs without money, and calls back.

use super::work::Work;
use crate::{
	queues::Queue, Callbacks, CallbacksEnds, Config, Due, DueNext, Event, Jobs, OnJobDone, Pallet, Phase, Revealing,
	RevealingEnds, Shorts, ShortsEnds, Stage, Units, WeightInfo, Workers,
};
use compute_market_primitives::{JobId, UnitAt, MAX_DUE};
use frame_support::{traits::Get, weights::Weight};
use pallet_traits::MarketClock;

/// Deadlines of one kind that are looked at in a block at most.
pub const MAX_LATE: u32 = 2 * MAX_DUE;

/// Those who are called back in a block at most.
pub const MAX_CALLBACKS: u32 = 4;

impl<T: Config> Pallet<T> {
	/// Looks at what time has brought, as long as there is weight.
	pub(crate) fn deadlines_within(left: Weight) -> Weight {
		let late = Self::late_within(left);
		let hidden = late.saturating_add(Self::hidden_within(left.saturating_sub(late)));
		let poor = hidden.saturating_add(Self::short_within(left.saturating_sub(hidden)));
		poor.saturating_add(Self::call_back_within(left.saturating_sub(poor)))
	}

	/// Units that somebody may be late with: tick by tick.
	fn late_within(left: Weight) -> Weight {
		let (each, now) = (T::WeightInfo::late(), T::Clock::tick());
		let mut used = Weight::zero();
		// A tick without anything costs as much.
		for _ in 0..MAX_LATE {
			let next = DueNext::<T>::get();
			if next >= now || !used.saturating_add(each).all_lte(left) {
				break;
			}
			used = used.saturating_add(each);
			let mut units = Due::<T>::get(next);
			if let Some((job, unit)) = units.pop() {
				Self::look_whether_late(job, unit);
			}
			if units.is_empty() {
				Due::<T>::remove(next);
				DueNext::<T>::put(next.saturating_add(1));
			} else {
				Due::<T>::insert(next, units);
			}
		}
		used
	}

	fn look_whether_late(id: JobId, at: UnitAt) {
		let now = T::Clock::tick();
		let Some(mut unit) = Units::<T>::get(id, at) else {
			return;
		};
		let late = unit.take_late(now);
		if late.is_empty() {
			return;
		}
		let Some(mut work) = Work::<T>::load(id) else { return };
		let (job, named) = work.named(at);
		for (place, counted) in late {
			work.unpromise(place);
			work.free_member(place);
			let Some(member) = work.member_mut(place) else { continue };
			// Whoever was only not fast enough is not late.
			if !counted {
				member.work.said();
				member.work.failed();
				continue;
			}
			member.work.was_late();
			let device = member.work.device;
			Workers::<T>::mutate(device, |worker| {
				if let Some(worker) = worker {
					worker.reliability.was_late();
				}
			});
			Self::deposit_event(Event::WorkerLate(device, job, named));
		}
		Units::<T>::insert(id, at, unit);
		Self::settle_soon(id, at);
		work.save();
	}

	/// Units whose commitments were to be revealed.
	fn hidden_within(left: Weight) -> Weight {
		let (each, now) = (T::WeightInfo::hidden(), T::Clock::tick());
		let mut used = Weight::zero();
		for _ in 0..MAX_LATE {
			let first = Queue::<Revealing<T>, RevealingEnds<T>, _>::first();
			let Some(deadline) = first.filter(|first| now > first.until) else {
				break;
			};
			if !used.saturating_add(each).all_lte(left) {
				break;
			}
			used = used.saturating_add(each);
			Queue::<Revealing<T>, RevealingEnds<T>, _>::pop();
			let still = Units::<T>::get(deadline.job, deadline.unit)
				.is_some_and(|unit| matches!(unit.phase, Phase::Revealing { until, .. } if now > until));
			if still {
				Self::settle_soon(deadline.job, deadline.unit);
			}
		}
		used
	}

	/// Jobs for which nobody has put in more.
	fn short_within(left: Weight) -> Weight {
		let (each, now) = (T::WeightInfo::give_up(), T::Clock::tick());
		let mut used = Weight::zero();
		for _ in 0..MAX_CALLBACKS {
			let first = Queue::<Shorts<T>, ShortsEnds<T>, _>::first();
			let Some(deadline) = first.filter(|first| now > first.until) else {
				break;
			};
			if !used.saturating_add(each).all_lte(left) {
				break;
			}
			used = used.saturating_add(each);
			Queue::<Shorts<T>, ShortsEnds<T>, _>::pop();
			let short = |work: &Work<T>| work.job.short == Some(deadline.until) && !work.job.given_up;
			let Some(mut work) = Work::<T>::load(deadline.job).filter(short) else {
				continue;
			};
			work.job.given_up = true;
			work.force();
			Self::end_if_over(&mut work);
			Self::put_down(work);
			Self::deposit_event(Event::JobStarved(deadline.job));
		}
		used
	}

	/// Those who submitted jobs by other pallets.
	fn call_back_within(left: Weight) -> Weight {
		let each = T::WeightInfo::call_back().saturating_add(T::OnJobDone::weight());
		let now = T::Clock::tick();
		let mut used = Weight::zero();
		for _ in 0..MAX_CALLBACKS {
			let first = Queue::<Callbacks<T>, CallbacksEnds<T>, _>::first();
			let Some(deadline) = first.filter(|first| now > first.until) else {
				break;
			};
			if !used.saturating_add(each).all_lte(left) {
				break;
			}
			used = used.saturating_add(each);
			Queue::<Callbacks<T>, CallbacksEnds<T>, _>::pop();
			let called = |job: &crate::Job<T::AccountId>| job.calls_back && matches!(job.stage, Stage::Done(_));
			let Some(mut job) = Jobs::<T>::get(deadline.job).filter(called) else {
				continue;
			};
			let over = matches!(job.stage, Stage::Done(at) if now > at.saturating_add(T::Terms::get().times.appeal));
			if job.checks > 0 || !over {
				// Something is run again, or was computed anew and can be appealed: it can end otherwise.
				Self::wait_to_call_back(deadline.job);
				continue;
			}
			job.calls_back = false;
			let done = Self::done(deadline.job, &job);
			let owner = job.owner.clone();
			Jobs::<T>::insert(deadline.job, job);
			T::OnJobDone::job_done(&owner, &done);
		}
		used
	}
}
