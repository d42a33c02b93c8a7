//! Units that go on: what members have said is judged, paid, fined, or asked of more.

use super::work::Work;
use crate::{
	queues::Queue, Agreed, Config, Event, Faults, Jobs, PaidFuel, Pallet, Purpose, Replica, Results, Revealing,
	RevealingEnds, Settling, SettlingEnds, State, Step, Unit, Units, WeightInfo, Workers, MAX_REPLICAS,
};
use alloc::vec::Vec;
use compute_market_primitives::{state::set_bit, Accepted, Balance, JobId, Outcome, Pay, Penalty, Price, UnitAt};
use frame_support::{traits::Get, weights::Weight};
use pallet_traits::{Earnings, MarketClock, WorkKind};
use quorum_primitives::Verdict;
use sp_runtime::SaturatedConversion;

/// Units that go on in a block at most.
pub const MAX_SETTLED: u32 = 128;

impl<T: Config> Pallet<T> {
	/// Has units go on, the first ones first, as long as there is weight.
	pub(crate) fn settle_within(left: Weight) -> Weight {
		let mut used = Weight::zero();
		for _ in 0..MAX_SETTLED {
			let Some((job, unit)) = Queue::<Settling<T>, SettlingEnds<T>, _>::first() else {
				break;
			};
			let cost = Self::cost_of(job, unit);
			if !used.saturating_add(cost).all_lte(left) {
				break;
			}
			used = used.saturating_add(cost);
			Queue::<Settling<T>, SettlingEnds<T>, _>::pop();
			Self::go_on(job, unit);
		}
		used
	}

	/// What it takes to have a unit go on: by how many have it, and whether it ends a job that runs another's unit
	/// again.
	fn cost_of(job: JobId, unit: UnitAt) -> Weight {
		let replicas = Units::<T>::get(job, unit).map_or(0, |unit| unit.replicas.len());
		let settle = T::WeightInfo::settle(u32::try_from(replicas).unwrap_or(u32::MAX));
		match Jobs::<T>::get(job) {
			// Of an output that is missing others come back, each of whom costs no more than one that is drawn.
			Some(job) if job.purpose.is_dispute() => settle
				.saturating_add(T::WeightInfo::end_check())
				.saturating_add(T::WeightInfo::look().saturating_mul(MAX_REPLICAS.into())),
			Some(job) if !job.purpose.is_ordered() => settle.saturating_add(T::WeightInfo::end_check()),
			_ => settle,
		}
	}

	/// A unit goes on as far as it can.
	pub(crate) fn go_on(id: JobId, at: UnitAt) {
		let (Some(mut unit), Some(mut work)) = (Units::<T>::get(id, at), Work::<T>::load(id)) else {
			return;
		};
		let had: Vec<Replica> = unit.replicas.iter().copied().collect();
		let (left, now, reveal) = (work.left_for(&unit), T::Clock::tick(), T::Terms::get().times.reveal);
		match unit.step(&work.rule(), left, now, reveal) {
			Step::Wait => Units::<T>::insert(id, at, unit),
			Step::Ask(_) => {
				Units::<T>::insert(id, at, unit);
				work.want(at);
				work.save();
			}
			Step::Reveal(until) => {
				Units::<T>::insert(id, at, unit);
				Self::revealing(id, at, work.named(at), until);
			}
			Step::More(more) => {
				for replica in had.iter().filter(|replica| unit.replica(replica.member).is_none()) {
					Self::overtaken(&mut work, replica);
				}
				Units::<T>::insert(id, at, unit);
				work.want(at);
				let (job, unit) = work.named(at);
				Self::deposit_event(Event::UnitEscalated(job, unit, more.saturated_into()));
				work.save();
			}
			Step::Decided(verdict) => Self::decided(work, at, &unit, verdict),
		}
	}

	/// A unit's commitments are to be revealed.
	pub(crate) fn revealing(job: JobId, unit: UnitAt, named: (JobId, UnitAt), until: u32) {
		Queue::<Revealing<T>, RevealingEnds<T>, _>::push(crate::Deadline { job, unit, until });
		Self::deposit_event(Event::UnitRevealing(named.0, named.1, until));
	}

	/// A member that others were faster than has a unit no more.
	fn overtaken(work: &mut Work<T>, replica: &Replica) {
		work.unpromise(replica.member);
		if replica.state != State::Working {
			return;
		}
		work.free_member(replica.member);
		if let Some(member) = work.member_mut(replica.member) {
			member.work.said();
			if !replica.copy {
				member.work.failed();
			}
		}
	}

	fn decided(mut work: Work<T>, at: UnitAt, unit: &Unit, verdict: Verdict<Outcome>) {
		for replica in &unit.replicas {
			Self::overtaken(&mut work, replica);
		}
		work.put_away(at);
		if work.job.purpose.is_dispute() {
			Self::looked(work, unit);
			return;
		}
		let agreed = match verdict {
			Verdict::Accepted(outcome) => Some(Self::accept(&mut work, at, unit, outcome)),
			verdict => {
				Self::refund(&mut work, at, unit, verdict == Verdict::Faulted);
				None
			}
		};
		if !work.job.purpose.is_ordered() {
			Self::checked(work, agreed.map(|agreed| agreed.accepted.outcome));
			return;
		}
		if let Some(agreed) = agreed {
			work.job.checks = work.job.checks.saturating_add(1);
			for place in Self::places(agreed.by) {
				if let Some(member) = work.member_mut(place) {
					member.open = member.open.saturating_add(1);
				}
			}
			Results::<T>::insert(work.id, at, agreed);
			Self::remember(work.id, at);
		}
		Self::end_if_over(&mut work);
		work.save();
	}

	/// Pays those who agree, and fines those who do not.
	fn accept(work: &mut Work<T>, at: UnitAt, unit: &Unit, outcome: Outcome) -> Agreed {
		let mut by = 0_u64;
		let counted = unit.replicas.iter().filter(|replica| !replica.spare).count();
		let compared = counted.saturating_add(usize::from(unit.prior.is_some())) > 1;
		let mut burned = 0;
		for replica in &unit.replicas {
			let bit = 1_u64.checked_shl(replica.member.into()).unwrap_or(0);
			let paid = match (replica.state, replica.spare) {
				(State::Revealed(shown), false) if shown == outcome => {
					by |= bit;
					Self::pay_right(work, replica.member, outcome.fuel, compared)
				}
				(State::Revealed(shown), true) if shown == outcome => Self::pay_member(work, replica.member, |ask| {
					Pay::second(outcome.fuel, ask, &T::Terms::get())
				}),
				(State::Revealed(_) | State::Nothing, false) => {
					Self::fine(work, replica.member, at);
					Pay::default()
				}
				(State::Fault, false) => {
					if let Some(member) = work.member_mut(replica.member) {
						member.work.failed();
					}
					Pay::default()
				}
				_ => Pay::default(),
			};
			burned = paid.burned.saturating_add(burned);
		}
		Self::burn(burned);
		work.job.accepted = work.job.accepted.saturating_add(1);
		if work.job.purpose.is_ordered() {
			Self::deposit_event(Event::UnitAccepted(work.id, at, outcome));
		}
		Agreed {
			accepted: Accepted {
				outcome,
				at: T::Clock::tick(),
			},
			by,
			asked: unit.asked,
			undrawn: true,
			check: None,
		}
	}

	/// What a member is paid for so much fuel of a unit that was accepted.
	pub(crate) fn pay_of(work: &Work<T>, place: u8, fuel: u64) -> Pay {
		let ask = work
			.pool
			.get(usize::from(place))
			.map_or(Price(0), |member| member.work.ask);
		Pay::agreed(fuel, ask, &T::Terms::get()).unwrap_or_default()
	}

	/// Pays a member out of the escrow, in which what was promised is there. What is to burn is told.
	fn pay_member(
		work: &mut Work<T>,
		place: u8,
		pay: impl FnOnce(Price) -> Result<Pay, compute_market_primitives::JobError>,
	) -> Pay {
		let ask = work
			.pool
			.get(usize::from(place))
			.map_or(Price(0), |member| member.work.ask);
		let pay = pay(ask).unwrap_or_default();
		let ordered = work.job.purpose.is_ordered();
		if work.job.escrow.take_out(pay.total()).is_err() {
			return Pay::default();
		}
		work.job.paid = work.job.paid.saturating_add(pay.total());
		Self::put_into_pool(pay.pool);
		if let Some(member) = work.member_mut(place) {
			// Who runs a unit again has no output to serve.
			let (now, later) = if ordered {
				(pay.now, pay.later)
			} else {
				(pay.now.saturating_add(pay.later), 0)
			};
			member.earned = member.earned.saturating_add(now);
			member.withheld = member.withheld.saturating_add(later);
		}
		pay
	}

	/// A member's result was accepted.
	fn pay_right(work: &mut Work<T>, place: u8, fuel: u64, compared: bool) -> Pay {
		let terms = T::Terms::get();
		let paid = Self::pay_member(work, place, |ask| Pay::agreed(fuel, ask, &terms));
		let counts = work.job.counts;
		let by_chain = matches!(work.job.purpose, Purpose::ByChain(..));
		let Some(member) = work.member_mut(place) else {
			return paid;
		};
		member.accepted = member.accepted.saturating_add(1);
		member.work.was_right();
		let (device, ask, owner) = (member.work.device, member.work.ask, member.owner.clone());
		Workers::<T>::mutate(device, |worker| {
			if let Some(worker) = worker {
				worker.reliability.was_right(compared);
			}
		});
		if !counts || ask < terms.least_ask {
			return paid;
		}
		let units = Self::units_of(fuel);
		Self::credit(&device, units);
		// What the chain orders is no usage, and is paid out of what it creates.
		if !by_chain {
			PaidFuel::<T>::mutate(|all| *all = all.saturating_add(fuel.into()));
			T::Earnings::work_done(&owner, WorkKind::Compute, units, paid.total());
		}
		paid
	}

	/// Units of work that so much fuel is, with 32 fractional bits.
	pub(crate) fn units_of(fuel: u64) -> u128 {
		// Below 2^128.
		let work = u128::from(fuel).saturating_mul(T::Rules::get().work.into());
		work.checked_div(market_primitives::GFUEL).unwrap_or(0)
	}

	/// Nothing comes of a unit: those who computed it are paid for having begun.
	fn refund(work: &mut Work<T>, at: UnitAt, unit: &Unit, faulted: bool) {
		let (limit, terms) = (work.fuel_limit(), T::Terms::get());
		let mut burned: Balance = 0;
		for replica in unit.replicas.iter().filter(|replica| !replica.spare) {
			match replica.state {
				State::Revealed(_) | State::Fault => {
					let paid = Self::pay_member(work, replica.member, |ask| Pay::started(limit, ask, &terms));
					burned = burned.saturating_add(paid.burned);
				}
				State::Nothing => Self::fine(work, replica.member, at),
				State::Working | State::Sealed(_) => {}
			}
		}
		Self::burn(burned);
		if !work.job.purpose.is_ordered() {
			return;
		}
		if faulted {
			work.job.faulted = work.job.faulted.saturating_add(1);
			Faults::<T>::mutate(work.id, |faults| set_bit(faults, at));
			Self::deposit_event(Event::UnitFaulted(work.id, at));
		} else {
			work.job.undecided = work.job.undecided.saturating_add(1);
			Self::deposit_event(Event::UnitUndecided(work.id, at));
		}
	}

	/// A member was wrong, or did not reveal what it committed itself to. What a first dissent costs pays those who had
	/// to compute besides, and so much for each unit that it has still: once its stake is gone nothing comes of these.
	/// What more is taken is the treasury's.
	pub(crate) fn fine(work: &mut Work<T>, place: u8, at: UnitAt) {
		let (small, (job, unit)) = (work.job.fine, work.named(at));
		let Some(member) = work.member_mut(place) else { return };
		member.work.failed();
		let (device, has) = (member.work.device, member.has);
		let amount = match Self::was_wrong(&device) {
			Some(Penalty::Stake) => Balance::MAX,
			Some(Penalty::Small) | None => small,
		};
		let taken = Self::take_stake(work, place, amount);
		let units = Balance::from(has).saturating_add(1);
		let into_job = taken.min(small.saturating_mul(units));
		// All that there is fits.
		let _ = work.job.escrow.put_in(into_job);
		Self::pay_out(&T::Treasury::get(), taken.saturating_sub(into_job));
		Self::deposit_event(Event::WorkerPenalized(device, job, unit, taken));
	}

	/// A worker was wrong: what that costs.
	pub(crate) fn was_wrong(device: &device_primitives::DeviceId) -> Option<Penalty> {
		Workers::<T>::mutate(device, |worker| {
			worker.as_mut().map(|worker| worker.reliability.was_wrong())
		})
	}

	/// Takes so much of what a member has at stake here, or what there is. Whoever has nothing left leaves the pool.
	pub(crate) fn take_stake(work: &mut Work<T>, place: u8, amount: Balance) -> Balance {
		let Some(member) = work.member_mut(place) else { return 0 };
		let taken = amount.min(member.locked);
		member.locked = member.locked.saturating_sub(taken);
		member.work.out |= member.locked == 0;
		Workers::<T>::mutate(member.work.device, |worker| {
			if let Some(worker) = worker {
				worker.locked = worker.locked.saturating_sub(taken);
				worker.stake = worker.stake.saturating_sub(taken);
			}
		});
		taken
	}
}
