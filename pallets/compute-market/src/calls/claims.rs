//! Pay that is claimed, outputs that are received, and jobs that are closed.

use super::work::Work;
use crate::{Claims, Config, Error, Event, Faults, Jobs, Pallet, Pools, Results, Stage};
use compute_market_primitives::{Balance, JobId};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use market_primitives::part_down;
use pallet_traits::MarketClock;

/// Results that one call clears at most: a job with more takes several.
pub const MAX_CLEARED: u32 = 256;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_claim(who: &T::AccountId, claims: &Claims) -> DispatchResult {
		ensure!(!claims.is_empty(), Error::<T>::Nothing);
		for id in claims {
			let paid = Pools::<T>::try_mutate(id, |pool| -> Result<Balance, Error<T>> {
				let member = pool.iter_mut().find(|member| member.owner == *who);
				let member = member.ok_or(Error::<T>::NotAssigned)?;
				// If what it answers for is wrong it has all that is unpaid to lose.
				ensure!(member.checked == 0, Error::<T>::TooEarly);
				Ok(core::mem::take(&mut member.earned))
			})?;
			Self::pay_out(who, paid);
			Self::deposit_event(Event::Claimed(*id, who.clone(), paid));
		}
		Ok(())
	}

	/// The owner has the outputs: what waits of the pay waits no more.
	pub(crate) fn do_accept(who: &T::AccountId, id: JobId) -> DispatchResult {
		let mut job = Self::ordered_by(who, id)?;
		ensure!(
			matches!(job.stage, Stage::Done(_)) && !job.received,
			Error::<T>::NotActive
		);
		job.received = true;
		Jobs::<T>::insert(id, job);
		Pools::<T>::mutate(id, |pool| {
			for member in pool {
				let withheld = core::mem::take(&mut member.withheld);
				member.earned = member.earned.saturating_add(withheld);
			}
		});
		Self::deposit_event(Event::JobReceived(id));
		Ok(())
	}

	/// Closes a job whose outputs nobody has to keep any more.
	pub(crate) fn do_close(who: &T::AccountId, id: JobId) -> DispatchResult {
		let mut work = Work::<T>::load(id).ok_or(Error::<T>::UnknownJob)?;
		let Stage::Done(at) = work.job.stage else {
			return Err(Error::<T>::NotActive.into());
		};
		ensure!(work.job.purpose.is_ordered(), Error::<T>::NotActive);
		let times = T::Terms::get().times;
		let kept = if work.job.received { times.appeal } else { times.kept };
		let over = T::Clock::tick() > at.saturating_add(kept);
		ensure!(
			over && work.job.checks == 0 && !work.job.calls_back,
			Error::<T>::TooEarly
		);
		let from = work.job.cleared;
		let to = from.saturating_add(MAX_CLEARED).min(work.job.spec.units);
		for unit in from..to {
			Results::<T>::remove(id, unit);
		}
		work.job.cleared = to;
		if to < work.job.spec.units {
			work.save();
			return Ok(());
		}
		let Work { mut job, mut pool, .. } = work;
		for member in &mut pool {
			let all = member.earned.saturating_add(member.withheld);
			Self::pay_out(&member.owner, all);
			Self::leave_pool(id, member);
		}
		Pools::<T>::remove(id);
		Faults::<T>::remove(id);
		Jobs::<T>::remove(id);
		let back = job.escrow.take_all().saturating_add(job.deposit);
		let tip = part_down(back, T::Tip::get());
		Self::pay_out(who, tip);
		Self::pay_out(&job.owner, back.saturating_sub(tip));
		Self::deposit_event(Event::JobClosed(id, tip));
		Ok(())
	}
}
