//! Units that are run again, by lot, by the chain's order or on appeal; and outputs that somebody misses.

use super::work::{JobOf, Work};
use crate::{Agreed, Config, Error, Event, Jobs, Live, Pallet, Purpose, Results, Stage, MAX_LIVE};
use compute_market_primitives::{
	Assurance, Balance, JobId, Outcome, Price, Purse, Shown, Spec, State, Unit, UnitAt, GFUEL,
};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use pallet_traits::MarketClock;

/// Pays that lie ready for a unit that is run again: with seven it is decided whoever lies.
const PAYS: Balance = 7;

/// Pays of a jury.
const JURY_PAYS: Balance = 13;

/// What is left of the room for jobs once it is full: for those that run a unit again.
fn has_room<T: Config>() -> bool {
	Live::<T>::get() < MAX_LIVE.saturating_mul(2)
}

impl<T: Config> Pallet<T> {
	/// A job about one unit of another one.
	fn check_of(parent: &JobOf<T>, purpose: Purpose<T::AccountId>, escrow: Balance) -> JobOf<T> {
		let spec = Spec {
			units: 1,
			..parent.spec
		};
		let mut job = Self::new_job(parent.owner.clone(), purpose, spec, parent.max_price, parent.assurance);
		(job.seed, job.slot, job.stake) = (parent.seed, parent.slot, parent.stake);
		job.escrow = Purse::holding(escrow);
		job
	}

	/// Opens it, and notes that at the unit.
	fn open_check(parent: JobId, unit: UnitAt, job: JobOf<T>) -> Result<(), Error<T>> {
		let id = Self::open_job(job)?;
		Results::<T>::mutate(parent, unit, |agreed| {
			if let Some(agreed) = agreed {
				agreed.check = Some(id);
			}
		});
		Self::deposit_event(Event::UnitChecked(parent, unit, id));
		Ok(())
	}

	/// Runs a unit again that the beacon has drawn, or that the chain orders. Returns whether it does: there may be no
	/// money for it, or no room.
	pub(crate) fn recheck(parent_id: JobId, unit: UnitAt, by_chain: bool) -> bool {
		let Some(mut parent) = Jobs::<T>::get(parent_id).filter(|_| has_room::<T>()) else {
			return false;
		};
		if by_chain {
			let job = Self::check_of(&parent, Purpose::ByChain(parent_id, unit), 0);
			return Self::open_check(parent_id, unit, job).is_ok();
		}
		let pay = parent.spec.unit_pay(parent.max_price).unwrap_or(Balance::MAX);
		let cost = pay.saturating_mul(PAYS);
		// Whoever has one worker compute each unit pays for what is run again.
		let paid = if parent.assurance == Assurance::Audit {
			let free = parent.free() >= cost;
			free && parent.escrow.take_out(cost).is_ok()
		} else {
			Self::take_of_pool(cost)
		};
		if !paid {
			return false;
		}
		let job = Self::check_of(&parent, Purpose::Recheck(parent_id, unit), cost);
		Jobs::<T>::insert(parent_id, parent);
		Self::open_check(parent_id, unit, job).is_ok()
	}

	/// A result that somebody may have run again, and its job.
	fn disputable(id: JobId, unit: UnitAt) -> Result<(JobOf<T>, Agreed), Error<T>> {
		let job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let agreed = Results::<T>::get(id, unit).ok_or(Error::<T>::NotDisputable)?;
		ensure!(
			job.purpose == Purpose::Ordered && agreed.check.is_none() && job.cleared == 0,
			Error::<T>::NotDisputable
		);
		ensure!(has_room::<T>(), Error::<T>::QueueFull);
		Ok((job, agreed))
	}

	/// A unit waits for one thing more before its job can be closed.
	fn begin_check(id: JobId, unit: UnitAt, job: &mut JobOf<T>, agreed: &Agreed) {
		// What the beacon has not drawn yet it draws no more.
		if !agreed.undrawn {
			job.checks = job.checks.saturating_add(1);
		}
		Results::<T>::insert(
			id,
			unit,
			Agreed {
				undrawn: false,
				..*agreed
			},
		);
	}

	pub(crate) fn do_appeal(who: &T::AccountId, id: JobId, unit: UnitAt) -> DispatchResult {
		let (mut job, agreed) = Self::disputable(id, unit)?;
		let until = agreed.at.saturating_add(T::Terms::get().times.appeal);
		ensure!(T::Clock::tick() <= until, Error::<T>::NotDisputable);
		let pay = job.spec.unit_pay(job.max_price).map_err(Error::<T>::from)?;
		let cost = pay.checked_mul(JURY_PAYS).ok_or(Error::<T>::TooMuch)?;
		Self::put_in(who, cost)?;
		Self::begin_check(id, unit, &mut job, &agreed);
		let check = Self::check_of(&job, Purpose::Appeal(id, unit, who.clone()), cost);
		Jobs::<T>::insert(id, job);
		Self::open_check(id, unit, check)?;
		Ok(())
	}

	pub(crate) fn do_dispute(who: &T::AccountId, id: JobId, unit: UnitAt) -> DispatchResult {
		let (mut job, agreed) = Self::disputable(id, unit)?;
		ensure!(job.owner == *who, Error::<T>::NotActive);
		ensure!(!job.received, Error::<T>::NotDisputable);
		let terms = T::Terms::get();
		let cost = terms.probe.saturating_mul(3);
		Self::put_in(who, cost)?;
		Self::begin_check(id, unit, &mut job, &agreed);
		let mut check = Self::check_of(&job, Purpose::Dispute(id, unit, who.clone()), cost);
		check.max_price = terms.probe_price();
		check.stake = terms.least_stake;
		check.spec.fuel_limit = u64::try_from(GFUEL).unwrap_or(u64::MAX);
		Jobs::<T>::insert(id, job);
		Self::open_check(id, unit, check)?;
		Ok(())
	}

	/// Nothing is said of a unit any more by others.
	pub(crate) fn end_check(parent: JobId, unit: UnitAt) {
		Results::<T>::mutate(parent, unit, |agreed| {
			if let Some(agreed) = agreed {
				agreed.check = None;
			}
		});
		Jobs::<T>::mutate(parent, |job| {
			if let Some(job) = job {
				job.checks = job.checks.saturating_sub(1);
			}
		});
	}

	/// Who ran a unit again is paid, and nothing is kept of that.
	fn close_check(work: Work<T>) -> JobOf<T> {
		let Work { id, job, mut pool, .. } = work;
		for member in &mut pool {
			let earned = core::mem::take(&mut member.earned);
			Self::pay_earned(&member.owner, earned);
			Self::leave_pool(id, member);
		}
		crate::Pools::<T>::remove(id);
		crate::Boards::<T>::remove(id);
		Jobs::<T>::remove(id);
		Self::lives(0, 1);
		job
	}

	/// A unit was run again: what came of it, if something did.
	pub(crate) fn checked(work: Work<T>, outcome: Option<Outcome>) {
		let spent: Balance = work.pool.iter().fold(0, |sum, member| sum.saturating_add(member.earned));
		let mut job = Self::close_check(work);
		let Some((parent, unit)) = job.purpose.about() else { return };
		let stands = Results::<T>::get(parent, unit);
		match (outcome, stands) {
			(Some(outcome), Some(agreed)) if agreed.outcome != outcome => {
				let refunded = Self::refute(parent, unit, agreed, outcome, spent);
				// Those who were wrong pay for it.
				let _ = job.escrow.put_in(refunded);
			}
			_ => Self::deposit_event(Event::UnitUpheld(parent, unit)),
		}
		Self::give_back(&mut job);
		Self::end_check(parent, unit);
	}

	/// Those who were wrong lose what they have at stake: it pays for what it cost to find out, then the user's money
	/// back, and the rest is the treasury's. Returns what is for the first of these.
	fn refute(id: JobId, unit: UnitAt, agreed: Agreed, outcome: Outcome, spent: Balance) -> Balance {
		let Some(mut work) = Work::<T>::load(id) else { return 0 };
		let (mut taken, mut paid): (Balance, Balance) = (0, 0);
		for place in (0..64_u8).filter(|place| (agreed.by >> place) & 1 == 1) {
			let pay = Self::pay_of(&work, place, agreed.outcome.fuel);
			paid = paid.saturating_add(pay);
			taken = taken.saturating_add(Self::forfeit(&mut work, place, pay));
			let stake = Self::take_stake(&mut work, place, Balance::MAX);
			taken = taken.saturating_add(stake);
			Self::was_wrong(&mut work, place);
			if let Some(device) = work.device(place) {
				Self::deposit_event(Event::WorkerPenalized(device, id, unit, stake));
			}
		}
		let for_check = spent.min(taken);
		let taken = taken.saturating_sub(for_check);
		let for_user = paid.min(taken);
		// All that there is fits.
		let _ = work.job.escrow.put_in(for_user);
		Self::pay_out(&T::Treasury::get(), taken.saturating_sub(for_user));
		work.save();
		let agreed = Agreed {
			outcome,
			at: T::Clock::tick(),
			by: 0,
			..agreed
		};
		Results::<T>::insert(id, unit, agreed);
		Self::deposit_event(Event::UnitRefuted(id, unit, outcome));
		for_check
	}

	/// What of a member's pay for a unit waits still is taken from it.
	fn forfeit(work: &mut Work<T>, place: u8, pay: Balance) -> Balance {
		let (_, later) = T::Terms::get().instalments.split(pay);
		let Some(member) = work.member_mut(place) else { return 0 };
		let taken = later.min(member.withheld);
		member.withheld = member.withheld.saturating_sub(taken);
		taken
	}

	fn was_wrong(work: &mut Work<T>, place: u8) {
		let terms = T::Terms::get();
		let Some(member) = work.member_mut(place) else { return };
		member.gone = true;
		crate::Workers::<T>::mutate(member.device, |worker| {
			if let Some(worker) = worker {
				worker.record.dissented(&terms);
			}
		});
	}

	/// Three have tried to fetch an output.
	pub(crate) fn tried(mut work: Work<T>, unit: &Unit) {
		let Some((parent, at)) = work.job.purpose.about() else { return };
		let root = Results::<T>::get(parent, at).map(|agreed| agreed.outcome.root);
		let (mut served, mut faults) = (false, 0_u32);
		for replica in unit.replicas.iter().filter(|replica| !replica.spare) {
			match replica.state {
				State::Shown(shown) => {
					match shown {
						Shown::Outcome(outcome) => served |= Some(outcome.root) == root,
						Shown::Fault => faults = faults.saturating_add(1),
					}
					let fee = work.hold(replica.member);
					let fee = work.job.escrow.take_up_to(fee);
					if let Some(member) = work.member_mut(replica.member) {
						member.earned = member.earned.saturating_add(fee);
					}
				}
				State::Nothing => Self::fine(&mut work, replica.member, at),
				State::Working | State::Sealed(_) => {}
			}
		}
		let mut job = Self::close_check(work);
		Self::give_back(&mut job);
		Self::end_check(parent, at);
		// One who has it is enough; and of two who say nothing nothing follows.
		if served || faults < 2 {
			Self::deposit_event(Event::OutputServed(parent, at));
		} else {
			Self::missing(parent, at);
		}
	}

	/// Nobody serves an output: it is computed again by others, at the cost of those who had it.
	fn missing(id: JobId, at: UnitAt) {
		let (Some(mut work), Some(agreed)) = (Work::<T>::load(id), Results::<T>::take(id, at)) else {
			return;
		};
		for place in (0..64_u8).filter(|place| (agreed.by >> place) & 1 == 1) {
			let pay = Self::pay_of(&work, place, agreed.outcome.fuel);
			let taken = Self::forfeit(&mut work, place, pay).saturating_add(Self::take_stake(&mut work, place, pay));
			// All that there is fits.
			let _ = work.job.escrow.put_in(taken);
		}
		if matches!(work.job.stage, Stage::Done(_)) {
			work.job.stage = Stage::Running;
			Self::lives(1, 0);
		}
		work.job.accepted = work.job.accepted.saturating_sub(1);
		work.job.open = work.job.open.saturating_add(1);
		let unit = Unit::new(work.rule().first(), agreed.asked);
		crate::Units::<T>::insert(id, at, unit);
		// A job has so many units out or done, of which this one was.
		let _ = work.board.open.try_push(at);
		work.want(at);
		Self::run_soon(id, &mut work.job);
		work.save();
		Self::deposit_event(Event::OutputMissing(id, at));
	}

	/// What one worker is paid for a unit of a job at most: what is asked for appeals is a multiple of it.
	pub fn appeal_costs(id: JobId) -> Option<Balance> {
		let job = Jobs::<T>::get(id)?;
		job.spec.unit_pay(job.max_price).ok()?.checked_mul(JURY_PAYS)
	}

	/// The price of a Gfuel for those who try to fetch outputs.
	pub fn probe_price() -> Price {
		T::Terms::get().probe_price()
	}
}
