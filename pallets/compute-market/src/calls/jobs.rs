//! Jobs: submitted, paid for, given up, and done.

use super::work::{JobOf, Work};
use crate::{
	queues::Queue, Beacons, Callbacks, CallbacksEnds, Config, Deadline, Error, Event, Job, JobDone, Jobs, LastJob,
	Live, OnJobDone, Pallet, Pooling, PoolingEnds, Pools, Purpose, Results, Shorts, ShortsEnds, Stage, SubmitsJobs,
	Unit, Waiting,
};
use compute_market_primitives::{Assurance, Balance, JobId, Price, Quote, Short, Spec, Tick, UnitAt, MAX_RUNNABLE};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	traits::{Contains, Get},
};
use market_primitives::{part_up, Purse};
use pallet_traits::MarketClock;
use sp_runtime::{DispatchError, Perbill};

/// Jobs that are pooled or run at most, when one is submitted. What runs units again comes on top, as many at most.
pub const MAX_LIVE: u32 = MAX_RUNNABLE;

/// Turns between what somebody asks for and the beacon that draws for it.
const TURNS: u32 = 2;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_submit(
		who: &T::AccountId,
		spec: Spec,
		max_price: Price,
		assurance: Assurance,
		calls_back: bool,
	) -> Result<JobId, DispatchError> {
		let quote = Self::quote_job(&spec, max_price, assurance).map_err(Error::<T>::from)?;
		// Nobody fetches from deals yet: all would hand such a job back, and its owner would pay for that.
		ensure!(spec.source.is_client(), Error::<T>::BadSource);
		ensure!(T::Engines::contains(&spec.engine), Error::<T>::NoSuchEngine);
		ensure!(Live::<T>::get() < MAX_LIVE, Error::<T>::QueueFull);
		ensure!(quote.unit > 0, Error::<T>::EscrowTooSmall);
		let deposit = T::Deposits::get().of_job(spec.units);
		let all = quote.escrow.checked_add(deposit).ok_or(Error::<T>::TooMuch)?;
		Self::put_in(who, all)?;
		let mut job = Self::new_job(who.clone(), Purpose::Ordered, spec, max_price, assurance);
		job.escrow = Purse::holding(quote.escrow);
		job.deposit = deposit;
		(job.stake, job.fine) = (quote.stake, quote.dissent);
		job.calls_back = calls_back;
		let id = Self::open_job(job)?;
		Self::deposit_event(Event::JobSubmitted(id, who.clone(), all));
		Ok(id)
	}

	/// A quote of the terms alone, with what a job costs and has at stake however little its units pay, and with what
	/// a dispute costs.
	pub(crate) fn at_least(quote: Quote) -> Quote {
		let (terms, rules) = (T::Terms::get(), T::Rules::get());
		let part = Perbill::from_rational(terms.dissent, terms.stake.max(1));
		Quote {
			escrow: quote.escrow.max(rules.least_job),
			stake: quote.stake.max(rules.least_stake),
			dissent: quote.dissent.max(part_up(rules.least_stake, part)),
			appeal: quote.appeal.max(rules.least_job),
			dispute: Self::dispute_cost(),
			..quote
		}
	}

	/// What a job costs at least is for those who had something at stake for it, all alike, if units have cost less. So
	/// nobody has stakes of others locked by jobs that pay next to nothing.
	pub(crate) fn pay_for_standing_by(work: &mut Work<T>) {
		let missing = T::Rules::get().least_job.saturating_sub(work.job.paid);
		let there = work.pool.iter().filter(|member| !member.work.out).count();
		let there = Balance::try_from(there).unwrap_or(Balance::MAX);
		let all = missing.min(work.job.escrow.amount());
		let each = all.checked_div(there).unwrap_or(0);
		for member in work.pool.iter_mut().filter(|member| !member.work.out) {
			let taken = work.job.escrow.take_up_to(each);
			work.job.paid = work.job.paid.saturating_add(taken);
			member.earned = member.earned.saturating_add(taken);
		}
	}

	/// A job without money.
	pub(crate) fn new_job(
		owner: T::AccountId,
		purpose: Purpose<T::AccountId>,
		spec: Spec,
		max_price: Price,
		assurance: Assurance,
	) -> JobOf<T> {
		Job {
			owner,
			purpose,
			spec,
			max_price,
			assurance,
			stage: Stage::pooling(0),
			since: T::Clock::tick(),
			seed: [0; 32],
			time: 0,
			escrow: Purse::empty(),
			promised: 0,
			paid: 0,
			deposit: 0,
			stake: 0,
			fine: 0,
			counts: false,
			calls_back: false,
			queued: false,
			short: None,
			given_up: false,
			received: false,
			next: 0,
			open: 0,
			accepted: 0,
			undecided: 0,
			faulted: 0,
			checks: 0,
			cleared: 0,
			suspects: 0,
		}
	}

	/// A job waits for its workers.
	pub(crate) fn open_job(job: JobOf<T>) -> Result<JobId, Error<T>> {
		let id = LastJob::<T>::get().checked_add(1).ok_or(Error::<T>::TooMuch)?;
		LastJob::<T>::put(id);
		Jobs::<T>::insert(id, job);
		Self::lives(1, 0);
		Self::wait_for_pool(id);
		Ok(id)
	}

	/// A job's pool is drawn by a beacon that nobody knows yet.
	pub(crate) fn wait_for_pool(job: JobId) {
		let turn = Beacons::<T>::get().turn.saturating_add(TURNS);
		Queue::<Pooling<T>, PoolingEnds<T>, _>::push(Waiting { job, turn });
	}

	pub(crate) fn wait_for_money(job: JobId, until: Tick) {
		Queue::<Shorts<T>, ShortsEnds<T>, _>::push(Deadline { job, unit: 0, until });
	}

	/// What a job waits for whose money does not suffice; none if it does, or if it was given up for that.
	pub(crate) fn short_of(id: JobId) -> Option<Short> {
		let work = Work::<T>::load(id)?;
		let until = work.job.short.filter(|_| !work.job.given_up)?;
		let missing = work.missing_money();
		Some(Short { until, missing })
	}

	/// Whoever submitted a job is called back once nobody can appeal any more.
	pub(crate) fn wait_to_call_back(job: JobId) {
		let until = T::Clock::tick().saturating_add(T::Terms::get().times.appeal);
		Queue::<Callbacks<T>, CallbacksEnds<T>, _>::push(Deadline { job, unit: 0, until });
	}

	/// The job of this account that it has simply ordered.
	pub(crate) fn ordered_by(who: &T::AccountId, id: JobId) -> Result<JobOf<T>, Error<T>> {
		let job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		ensure!(job.owner == *who && job.purpose.is_ordered(), Error::<T>::NotActive);
		Ok(job)
	}

	/// So much of the market's money is a job's from now on. If it waits for more it goes on; one that was given up
	/// waits for nothing.
	pub(crate) fn fund(id: JobId, job: &mut JobOf<T>, amount: Balance) -> Result<(), Error<T>> {
		job.escrow.put_in(amount).map_err(Error::<T>::from)?;
		if amount > 0 && !job.given_up && job.short.take().is_some() {
			Self::run_soon(id, job);
		}
		Ok(())
	}

	pub(crate) fn do_top_up(who: &T::AccountId, id: JobId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::Nothing);
		let mut job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let open = !matches!(job.stage, Stage::Done(_)) && !job.given_up;
		ensure!(open && job.purpose.is_ordered(), Error::<T>::NotActive);
		Self::put_in(who, amount)?;
		Self::fund(id, &mut job, amount)?;
		Jobs::<T>::insert(id, job);
		Self::deposit_event(Event::ToppedUp(id, amount));
		Ok(())
	}

	/// Who has units computes them to the end, and is paid. Of what nobody has got a part burns: else pools are drawn
	/// until they please.
	pub(crate) fn do_cancel(who: &T::AccountId, id: JobId) -> DispatchResult {
		let job = Self::ordered_by(who, id)?;
		let given_up = T::Rules::get().given_up;
		match job.stage {
			Stage::Pooling { .. } => {
				let mut job = job;
				let burned = part_up(job.escrow.amount(), given_up);
				let burned = job.escrow.take_up_to(burned);
				Self::burn(burned);
				Self::deposit_event(Event::JobCancelled(id, burned));
				Self::drop_pool(id);
				Self::forget_unborn(id, job);
				Ok(())
			}
			Stage::Running => {
				ensure!(
					!job.given_up && (job.fresh() > 0 || job.short.is_some()),
					Error::<T>::NotActive
				);
				let mut work = Work::<T>::load(id).ok_or(Error::<T>::UnknownJob)?;
				work.job.given_up = true;
				let burned = part_up(work.job.free(), given_up);
				let burned = work.job.escrow.take_up_to(burned);
				Self::burn(burned);
				Self::deposit_event(Event::JobCancelled(id, burned));
				if work.job.short.is_some() {
					work.force();
				}
				Self::end_if_over(&mut work);
				work.save();
				Ok(())
			}
			Stage::Done(_) => Err(Error::<T>::NotActive.into()),
		}
	}

	/// Gives back what lies in a job to whoever put it in.
	pub(crate) fn give_back(job: &mut JobOf<T>) {
		let all = job.escrow.take_all().saturating_add(core::mem::take(&mut job.deposit));
		match &job.purpose {
			Purpose::Ordered => Self::pay_out(&job.owner, all),
			Purpose::Recheck(parent, _) => {
				let audited = job.assurance == Assurance::Audit;
				let back = Jobs::<T>::mutate(parent, |found| match found {
					Some(found) if audited => Self::fund(*parent, found, all).is_ok(),
					_ => false,
				});
				if !back {
					Self::put_into_pool(all);
				}
			}
			Purpose::ByChain(_, _, by) | Purpose::Appeal(_, _, by) | Purpose::Dispute(_, _, by) => {
				Self::pay_out(by, all);
			}
		}
	}

	/// A job that has never run is no more.
	pub(crate) fn forget_unborn(id: JobId, mut job: JobOf<T>) {
		Self::give_back(&mut job);
		Jobs::<T>::remove(id);
		Self::lives(0, 1);
		if job.calls_back {
			let done = JobDone {
				job: id,
				accepted: 0,
				without: job.spec.units,
				root: None,
			};
			T::OnJobDone::job_done(&job.owner, &done);
		}
		if let Some((parent, unit)) = job.purpose.about() {
			Self::end_check(parent, unit);
		}
	}

	/// There are no workers for a job.
	pub(crate) fn starve(id: JobId, job: JobOf<T>) {
		if job.purpose.is_ordered() {
			Self::deposit_event(Event::JobStarved(id));
		}
		Self::forget_unborn(id, job);
	}

	/// A job is done if nothing of it is out or to come.
	pub(crate) fn end_if_over(work: &mut Work<T>) {
		if !work.is_over() || !work.job.purpose.is_ordered() {
			return;
		}
		let (id, job) = (work.id, &mut work.job);
		job.stage = Stage::Done(T::Clock::tick());
		// What nobody needs any more is not looked at.
		job.short = None;
		Self::lives(0, 1);
		if job.calls_back {
			Self::wait_to_call_back(id);
		}
		Self::deposit_event(Event::JobDone(id, job.accepted, job.without()));
		Self::pay_for_standing_by(work);
		// Whoever has no result to answer for has its stake free, and is given nothing without it.
		for member in work.pool.iter_mut().filter(|member| member.accepted == 0) {
			Self::unlock(member);
			member.rests |= !member.work.out;
			member.work.leave();
		}
	}

	/// Writes a job. One that was to run another's unit again, and that nobody is left for, is in vain.
	pub(crate) fn put_down(work: Work<T>) {
		if !work.is_over() || work.job.purpose.is_ordered() {
			work.save();
		} else if work.job.purpose.is_dispute() {
			Self::looked(work, &Unit::new(0, 0, None));
		} else {
			Self::checked(work, None);
		}
	}

	/// What a job has come to.
	pub(crate) fn done(id: JobId, job: &JobOf<T>) -> JobDone {
		JobDone {
			job: id,
			accepted: job.accepted,
			without: job.without(),
			root: Results::<T>::get(id, 0).map(|agreed| agreed.accepted.outcome.root),
		}
	}

	/// Nobody is in the pool of a job any more.
	pub(crate) fn drop_pool(id: JobId) {
		for member in Pools::<T>::take(id).iter_mut() {
			Self::leave_pool(id, member);
		}
	}
}

impl<T: Config> SubmitsJobs<T::AccountId> for Pallet<T> {
	fn submit(
		owner: &T::AccountId,
		spec: Spec,
		max_price: Price,
		assurance: Assurance,
	) -> Result<JobId, DispatchError> {
		with_storage_layer(|| Self::do_submit(owner, spec, max_price, assurance, true))
	}

	fn agreed(job: JobId, unit: UnitAt) -> Option<crate::Agreed> {
		Results::<T>::get(job, unit)
	}
}
