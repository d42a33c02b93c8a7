//! Units that are run again, by lot, by the chain's order or on appeal; and outputs that somebody misses.

use super::work::{JobOf, Work};
use crate::{
	Agreed, Boards, Config, Error, Event, Jobs, Live, Member, Pallet, Pools, Purpose, Results, Stage, State, Unit,
	Units, MAX_LIVE, MAX_REPLICAS,
};
use compute_market_primitives::{Accepted, Assurance, Balance, Forfeit, JobId, Outcome, UnitAt, MAX_POOL};
use frame_support::{dispatch::DispatchResult, ensure, storage::with_storage_layer, traits::Get};
use market_primitives::{part_up, Purse};
use pallet_traits::MarketClock;
use sp_runtime::Perbill;

/// Pays of a unit that lie ready where it is run again: with seven returns it is decided whoever lies.
pub const RECHECK_PAYS: Balance = 7;

/// Pays that have to lie there where what one worker said is compared with what two others say.
const AUDIT_PAYS: Balance = 2;

/// Those who look whether an output is served.
const PROBERS: Balance = 3;

/// One result less is open of those that a member answers for.
fn settled<AccountId>(member: &mut Member<AccountId>, checked: bool) {
	member.open = member.open.saturating_sub(1);
	member.checked = member.checked.saturating_sub(checked.into());
}

/// What is left of the room for jobs once it is full: for those that run a unit again.
fn has_room<T: Config>() -> bool {
	Live::<T>::get() < MAX_LIVE.saturating_mul(2)
}

impl<T: Config> Pallet<T> {
	/// A job about one unit of another one.
	fn check_of(parent: &JobOf<T>, purpose: Purpose<T::AccountId>, escrow: Balance) -> JobOf<T> {
		let mut spec = parent.spec.clone();
		spec.units = 1;
		let mut job = Self::new_job(parent.owner.clone(), purpose, spec, parent.max_price, parent.assurance);
		(job.seed, job.time) = (parent.seed, parent.time);
		(job.stake, job.fine) = (parent.stake, parent.fine);
		job.escrow = Purse::holding(escrow);
		job
	}

	/// Opens it, and notes that at the unit, and at those who answer for it.
	fn open_check(parent: JobId, unit: UnitAt, job: JobOf<T>) -> Result<(), Error<T>> {
		let id = Self::open_job(job)?;
		let by = Results::<T>::mutate(parent, unit, |agreed| {
			agreed.as_mut().map_or(0, |agreed| {
				agreed.check = Some(id);
				agreed.by
			})
		});
		Self::note_at_members(parent, by, |member| member.checked = member.checked.saturating_add(1));
		Self::deposit_event(Event::UnitChecked(parent, unit));
		Ok(())
	}

	/// What lies ready where a unit is run again, in planck.
	pub(crate) fn recheck_cost(job: &JobOf<T>) -> Balance {
		job.unit_pay().saturating_mul(RECHECK_PAYS)
	}

	/// What whoever says that an output is missing puts in for those who look, in planck.
	pub(crate) fn dispute_cost() -> Balance {
		T::Rules::get().probe.saturating_mul(PROBERS)
	}

	/// Members who answer for a result: how many of theirs are open, or are being run again, changes.
	fn note_at_members(id: JobId, by: u64, note: impl Fn(&mut Member<T::AccountId>)) {
		if by == 0 {
			return;
		}
		Pools::<T>::mutate(id, |pool| {
			for place in Self::places(by) {
				if let Some(member) = pool.get_mut(usize::from(place)) {
					note(member);
				}
			}
		});
	}

	/// Runs a unit again that the beacon has drawn. Returns whether it does: there may be no money for it, or no room.
	pub(crate) fn recheck(id: JobId, unit: UnitAt) -> bool {
		let Some(mut parent) = Jobs::<T>::get(id).filter(|_| has_room::<T>()) else {
			return false;
		};
		let (pay, mut cost) = (parent.unit_pay(), Self::recheck_cost(&parent));
		// Whoever has one worker compute each unit pays for what is run again, with what there is.
		let paid = if parent.assurance == Assurance::Audit {
			cost = cost.min(parent.free());
			cost >= pay.saturating_mul(AUDIT_PAYS) && parent.escrow.take_out(cost).is_ok()
		} else {
			Self::take_of_pool(cost)
		};
		if !paid {
			return false;
		}
		let job = Self::check_of(&parent, Purpose::Recheck(id, unit), cost);
		Jobs::<T>::insert(id, parent);
		Self::open_check(id, unit, job).is_ok()
	}

	/// Runs a unit again for the money of this account. Returns whether it does.
	pub(crate) fn recheck_for(payer: T::AccountId, id: JobId, unit: UnitAt) -> bool {
		let found = Self::disputable(id, unit);
		let Ok((mut job, agreed)) = found.map_err(|_: Error<T>| ()) else {
			return false;
		};
		let cost = Self::recheck_cost(&job);
		if agreed.undrawn || with_storage_layer(|| Self::put_in(&payer, cost)).is_err() {
			return false;
		}
		Self::begin_check(id, unit, &mut job, &agreed);
		let check = Self::check_of(&job, Purpose::ByChain(id, unit, payer), cost);
		Jobs::<T>::insert(id, job);
		Self::open_check(id, unit, check).is_ok()
	}

	/// A result that somebody may have run again, and its job.
	fn disputable(id: JobId, unit: UnitAt) -> Result<(JobOf<T>, Agreed), Error<T>> {
		let job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let agreed = Results::<T>::get(id, unit).ok_or(Error::<T>::NotDisputable)?;
		ensure!(
			job.purpose.is_ordered() && agreed.check.is_none() && job.cleared == 0,
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
			Self::note_at_members(id, agreed.by, |member| member.open = member.open.saturating_add(1));
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
		Self::ensure_in_time(&agreed)?;
		let quote = Self::quote_job(&job.spec, job.max_price, job.assurance);
		let cost = quote.map_err(Error::<T>::from)?.appeal;
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
		// Whoever has received its outputs misses none, but for one that others have found out since: nobody serves it.
		ensure!(!job.received || agreed.by == 0, Error::<T>::NotDisputable);
		Self::ensure_kept(&job)?;
		let rules = T::Rules::get();
		let cost = Self::dispute_cost();
		Self::put_in(who, cost)?;
		Self::begin_check(id, unit, &mut job, &agreed);
		let mut check = Self::check_of(&job, Purpose::Dispute(id, unit, who.clone()), cost);
		// It is not the result that those answer for who look.
		let terms = T::Terms::get();
		let part = Perbill::from_rational(terms.dissent, terms.stake.max(1));
		(check.stake, check.fine) = (rules.least_stake, part_up(rules.least_stake, part));
		Jobs::<T>::insert(id, job);
		Self::open_check(id, unit, check)?;
		Ok(())
	}

	/// For as long as outputs have to be kept: until then those who have them wait for a part of their pay, and have
	/// their stakes in the job.
	fn ensure_kept(job: &JobOf<T>) -> Result<(), Error<T>> {
		let kept = T::Terms::get().times.kept;
		let over = matches!(job.stage, Stage::Done(at) if T::Clock::tick() > at.saturating_add(kept));
		ensure!(!over, Error::<T>::NotDisputable);
		Ok(())
	}

	/// For as long as a result may be appealed.
	fn ensure_in_time(agreed: &Agreed) -> Result<(), Error<T>> {
		let until = agreed.accepted.at.saturating_add(T::Terms::get().times.appeal);
		ensure!(T::Clock::tick() <= until, Error::<T>::NotDisputable);
		Ok(())
	}

	/// Nothing is said of a unit any more by others.
	pub(crate) fn end_check(parent: JobId, unit: UnitAt) {
		let (by, checked) = Results::<T>::mutate(parent, unit, |agreed| {
			agreed
				.as_mut()
				.map_or((0, false), |agreed| (agreed.by, agreed.check.take().is_some()))
		});
		Self::note_at_members(parent, by, |member| settled(member, checked));
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
			Self::pay_out(&member.owner, earned);
			Self::leave_pool(id, member);
		}
		Pools::<T>::remove(id);
		Boards::<T>::remove(id);
		Jobs::<T>::remove(id);
		Self::lives(0, 1);
		job
	}

	/// A unit was run again: what came of it, if something did.
	pub(crate) fn checked(mut work: Work<T>, outcome: Option<Outcome>) {
		let Some((parent, unit)) = work.job.purpose.about() else {
			return;
		};
		let agreed = Results::<T>::get(parent, unit);
		let refuted = outcome
			.zip(agreed)
			.filter(|(outcome, agreed)| agreed.accepted.outcome != *outcome);
		if refuted.is_none() && matches!(work.job.purpose, Purpose::Appeal(..)) {
			Self::pay_for_standing_by(&mut work);
		}
		let mut job = Self::close_check(work);
		match refuted {
			Some((outcome, agreed)) => {
				let reruns = Self::refute(parent, unit, agreed, outcome, job.paid);
				// Those who were wrong pay for it. All that there is fits.
				let _ = job.escrow.put_in(reruns);
			}
			None => Self::deposit_event(Event::UnitUpheld(parent, unit)),
		}
		Self::give_back(&mut job);
		Self::end_check(parent, unit);
	}

	/// Places of the members that are named by bits.
	pub(crate) fn places(bits: u64) -> impl Iterator<Item = u8> {
		let all = 0..u8::try_from(MAX_POOL).unwrap_or(0);
		all.filter(move |place| bits.checked_shr((*place).into()).unwrap_or(0) & 1 == 1)
	}

	/// Those who were wrong lose what they have at stake, and all that is unpaid of what they have earned in the job:
	/// whoever has lied once may have done so before. Returns what of that is for those who found it out.
	fn refute(id: JobId, unit: UnitAt, agreed: Agreed, outcome: Outcome, spent: Balance) -> Balance {
		let Some(mut work) = Work::<T>::load(id) else { return 0 };
		let (mut lost, mut paid): (Balance, Balance) = (0, 0);
		for place in Self::places(agreed.by) {
			let pay = Self::pay_of(&work, place, agreed.accepted.outcome.fuel);
			paid = paid.saturating_add(pay.total());
			let stake = Self::take_stake(&mut work, place, Balance::MAX);
			let Some(member) = work.member_mut(place) else { continue };
			let (earned, withheld) = (
				core::mem::take(&mut member.earned),
				core::mem::take(&mut member.withheld),
			);
			lost = lost
				.saturating_add(stake)
				.saturating_add(earned)
				.saturating_add(withheld);
			settled(member, true);
			member.work.leave();
			let device = member.work.device;
			let _ = Self::was_wrong(&device);
			Self::deposit_event(Event::WorkerPenalized(device, id, unit, stake));
		}
		let Forfeit { reruns, user, treasury } = Forfeit::of(lost, spent, paid);
		// All that there is fits.
		let _ = Self::fund(id, &mut work.job, user);
		work.job.suspects |= agreed.by;
		let ready = Self::for_others_of(&work, agreed.by).min(treasury);
		Self::put_into_pool(ready);
		Self::pay_out(&T::Treasury::get(), treasury.saturating_sub(ready));
		let now = T::Clock::tick();
		// What stands from now on can be appealed as well.
		if let Stage::Done(at) = &mut work.job.stage {
			*at = now;
		}
		work.save();
		let accepted = Accepted { outcome, at: now };
		// Nobody answers for it here: those who found it out have been paid.
		let agreed = Agreed {
			accepted,
			by: 0,
			..agreed
		};
		Results::<T>::insert(id, unit, agreed);
		Self::deposit_event(Event::UnitRefuted(id, unit, outcome));
		reruns
	}

	/// What it takes to run again all that those who were wrong answer for, or will, and that is not settled: that is
	/// done for certain, and out of the pool, unless the job pays for it.
	fn for_others_of(work: &Work<T>, by: u64) -> Balance {
		if work.job.assurance == Assurance::Audit {
			return 0;
		}
		let open = |place: u8| {
			let member = work.pool.get(usize::from(place));
			member.map(|member| member.open.saturating_add(member.has))
		};
		let most = Self::places(by).filter_map(open).max().unwrap_or(0);
		Self::recheck_cost(&work.job).saturating_mul(most.into())
	}

	/// What of a member's pay for a unit waits still is taken from it.
	fn forfeit(work: &mut Work<T>, place: u8, later: Balance) -> Balance {
		let Some(member) = work.member_mut(place) else { return 0 };
		let taken = later.min(member.withheld);
		member.withheld = member.withheld.saturating_sub(taken);
		taken
	}

	/// Three have looked whether an output is served.
	pub(crate) fn looked(mut work: Work<T>, unit: &Unit) {
		let Some((parent, at)) = work.job.purpose.about() else {
			return;
		};
		let fee = T::Rules::get().probe;
		let (mut served, mut missed) = (false, 0_u32);
		for replica in unit.replicas.iter().filter(|replica| !replica.spare) {
			match replica.state {
				State::Revealed(_) => served = true,
				State::Fault => missed = missed.saturating_add(1),
				State::Working | State::Sealed(_) | State::Nothing => continue,
			}
			let fee = work.job.escrow.take_up_to(fee);
			if let Some(member) = work.member_mut(replica.member) {
				member.earned = member.earned.saturating_add(fee);
			}
		}
		let mut job = Self::close_check(work);
		Self::give_back(&mut job);
		Self::end_check(parent, at);
		// One who got it is enough; and where fewer than two say something nothing follows.
		if served || missed < 2 {
			Self::deposit_event(Event::OutputServed(parent, at));
		} else {
			Self::missing(parent, at);
		}
	}

	/// Of those who rest, as many come back as may be asked for a unit.
	fn wake_some(work: &mut Work<T>) {
		let (stake, mut most) = (work.job.stake, MAX_REPLICAS);
		for member in work.pool.iter_mut().filter(|member| member.rests) {
			if most == 0 {
				break;
			}
			most = most.saturating_sub(u32::from(Self::wake(member, stake)));
		}
	}

	/// Nobody serves an output: it is computed again by others, at the cost of those who had it.
	fn missing(id: JobId, at: UnitAt) {
		let (Some(mut work), Some(agreed)) = (Work::<T>::load(id), Results::<T>::take(id, at)) else {
			return;
		};
		for place in Self::places(agreed.by) {
			let pay = Self::pay_of(&work, place, agreed.accepted.outcome.fuel);
			let withheld = Self::forfeit(&mut work, place, pay.later);
			let stake = Self::take_stake(&mut work, place, pay.total());
			// All that there is fits.
			let _ = Self::fund(id, &mut work.job, withheld.saturating_add(stake));
			if let Some(device) = work.device(place) {
				Self::deposit_event(Event::WorkerPenalized(device, id, at, stake));
			}
		}
		work.job.accepted = work.job.accepted.saturating_sub(1);
		Self::wake_some(&mut work);
		let unit = Unit::new(work.rule().first(), agreed.asked, None);
		if work.board.open.try_push(at).is_ok() {
			Units::<T>::insert(id, at, unit);
			work.job.open = work.job.open.saturating_add(1);
			work.want(at);
			if matches!(work.job.stage, Stage::Done(_)) {
				work.job.stage = Stage::Running;
				Self::lives(1, 0);
			}
			Self::run_soon(id, &mut work.job);
		} else {
			// As many as can be are out: it is refunded.
			work.job.undecided = work.job.undecided.saturating_add(1);
		}
		work.save();
		Self::deposit_event(Event::OutputMissing(id, at));
	}
}
