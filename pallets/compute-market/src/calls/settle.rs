//! Units that go on: what members have said is judged, paid, fined, or asked of more.

use super::work::Work;
use crate::{
	queues::Queue, Agreed, Beacons, Config, Event, Jobs, OrdersRechecks, PaidFuel, Pallet, Purpose, Recent,
	RecentEnds, RecentUnit, Results, Revealing, RevealingEnds, Settling, SettlingEnds, Units, WeightInfo, Workers,
};
use alloc::vec::Vec;
use compute_market_primitives::{
	Balance, Dissent, JobId, Outcome, Replica, Shown, State, Step, Unit, UnitAt, MAX_REPLICAS,
};
use frame_support::{traits::Get, weights::Weight};
use pallet_traits::{Earnings, MarketClock, WorkKind};
use quorum_primitives::Verdict;
use sp_runtime::SaturatedConversion;

/// Units that go on in a block at most.
pub const MAX_SETTLED: u32 = 64;

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

	/// What it takes to have a unit go on: by how many have it, and whether it ends a job that runs another's unit again.
	fn cost_of(job: JobId, unit: UnitAt) -> Weight {
		let replicas = Units::<T>::get(job, unit).map_or(0, |unit| unit.replicas.len());
		let settle = T::WeightInfo::settle(u32::try_from(replicas).unwrap_or(MAX_REPLICAS));
		match Jobs::<T>::get(job) {
			Some(job) if job.purpose != Purpose::Ordered => settle.saturating_add(T::WeightInfo::end_check()),
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
				Self::revealing(id, at, until);
			}
			Step::More(more) => {
				for replica in had.iter().filter(|replica| unit.replica(replica.member).is_none()) {
					Self::overtaken(&mut work, replica);
				}
				Units::<T>::insert(id, at, unit);
				work.want(at);
				Self::deposit_event(Event::UnitEscalated(id, at, more.saturated_into()));
				work.save();
			}
			Step::Decided(verdict) => Self::decided(work, at, &unit, verdict),
		}
	}

	/// A unit's commitments are to be revealed.
	pub(crate) fn revealing(job: JobId, unit: UnitAt, until: u32) {
		Queue::<Revealing<T>, RevealingEnds<T>, _>::push(crate::Deadline { job, unit, until });
		Self::deposit_event(Event::UnitRevealing(job, unit, until));
	}

	/// A member that others were faster than has a unit no more.
	fn overtaken(work: &mut Work<T>, replica: &Replica) {
		work.unpromise(replica.member);
		if replica.state == State::Working {
			work.free_member(replica.member);
			if let Some(member) = work.member_mut(replica.member) {
				member.rounds.failed();
			}
		}
	}

	fn decided(mut work: Work<T>, at: UnitAt, unit: &Unit, verdict: Verdict<Outcome>) {
		for replica in &unit.replicas {
			work.unpromise(replica.member);
			if replica.state == State::Working {
				work.free_member(replica.member);
			}
		}
		work.put_away(at);
		if matches!(work.job.purpose, Purpose::Dispute(..)) {
			work.job.refunded = work.job.refunded.saturating_add(1);
			Self::tried(work, unit);
			return;
		}
		let agreed = match verdict {
			Verdict::Accepted(outcome) => Some(Self::accept(&mut work, at, unit, outcome)),
			Verdict::Faulted | Verdict::Undecided | Verdict::Ask(_) => {
				Self::refund(&mut work, at, unit);
				let event = match verdict {
					Verdict::Faulted => Event::UnitFaulted(work.id, at),
					_ => Event::UnitUndecided(work.id, at),
				};
				Self::deposit_event(event);
				None
			}
		};
		if work.job.purpose != Purpose::Ordered {
			Self::checked(work, agreed.map(|agreed| agreed.outcome));
			return;
		}
		if let Some(agreed) = agreed {
			work.job.checks = work.job.checks.saturating_add(1);
			Results::<T>::insert(work.id, at, agreed);
			let turn = Beacons::<T>::get().turn;
			let recent = RecentUnit {
				job: work.id,
				unit: at,
				turn,
			};
			Queue::<Recent<T>, RecentEnds<T>, _>::push(recent);
		}
		Self::end_if_over(&mut work);
		work.save();
	}

	/// Pays those who agree, and fines those who do not.
	fn accept(work: &mut Work<T>, at: UnitAt, unit: &Unit, outcome: Outcome) -> Agreed {
		let mut by = 0_u64;
		let others = unit.replicas.iter().filter(|replica| !replica.spare).count() > 1;
		for replica in &unit.replicas {
			let bit = 1_u64.checked_shl(replica.member.into()).unwrap_or(0);
			match (replica.state, replica.spare) {
				(State::Shown(Shown::Outcome(shown)), false) if shown == outcome => {
					by |= bit;
					Self::pay_for(work, replica.member, outcome.fuel, others);
				}
				(State::Shown(Shown::Outcome(shown)), true) if shown == outcome => {
					Self::pay_half(work, replica.member, outcome.fuel);
				}
				(State::Shown(Shown::Outcome(_)) | State::Nothing, false) => Self::fine(work, replica.member, at),
				(State::Shown(Shown::Fault), false) | (State::Working, true) => {
					if let Some(member) = work.member_mut(replica.member) {
						member.rounds.failed();
					}
				}
				_ => {}
			}
		}
		work.job.accepted = work.job.accepted.saturating_add(1);
		Self::deposit_event(Event::UnitAccepted(work.id, at, outcome));
		Agreed {
			outcome,
			at: T::Clock::tick(),
			by,
			asked: unit.asked,
			undrawn: true,
			check: None,
		}
	}

	/// What a member is paid for so much fuel, in planck.
	pub(crate) fn pay_of(work: &Work<T>, member: u8, fuel: u64) -> Balance {
		let ask = work.pool.get(usize::from(member)).map(|member| member.ask);
		let pay = ask.map_or(0, |ask| ask.of_fuel(fuel).unwrap_or(0));
		pay.min(work.hold(member))
	}

	/// A member's result was accepted.
	fn pay_for(work: &mut Work<T>, place: u8, fuel: u64, others: bool) {
		let terms = T::Terms::get();
		let pay = Self::pay_of(work, place, fuel);
		// It was promised: it is there.
		let pay = work.job.escrow.take_up_to(pay);
		let ordered = work.job.purpose == Purpose::Ordered;
		let (at_once, later) = if ordered { terms.instalments.split(pay) } else { (pay, 0) };
		let (counts, by_chain) = (work.job.counts, matches!(work.job.purpose, Purpose::ByChain(..)));
		let Some(member) = work.member_mut(place) else { return };
		member.earned = member.earned.saturating_add(at_once);
		member.withheld = member.withheld.saturating_add(later);
		member.accepted = member.accepted.saturating_add(1);
		member.rounds.succeeded();
		let (device, owner) = (member.device, member.owner.clone());
		Workers::<T>::mutate(device, |worker| {
			if let Some(worker) = worker {
				worker.record.agreed(others);
			}
		});
		if !counts {
			return;
		}
		let units = terms.units_of(fuel);
		Self::credit(&device, units);
		if by_chain {
			T::AutoMine::rechecked(&owner, units);
		} else {
			PaidFuel::<T>::mutate(|all| *all = all.saturating_add(fuel.into()));
			T::Earnings::work_done(&owner, WorkKind::Compute, units, pay);
		}
	}

	/// A member had the same, and others were faster.
	fn pay_half(work: &mut Work<T>, place: u8, fuel: u64) {
		let half = Self::pay_of(work, place, fuel).div_euclid(2);
		let half = work.job.escrow.take_up_to(half);
		if let Some(member) = work.member_mut(place) {
			member.earned = member.earned.saturating_add(half);
		}
	}

	/// Nothing comes of a unit: those who computed it are paid for having begun.
	fn refund(work: &mut Work<T>, at: UnitAt, unit: &Unit) {
		work.job.refunded = work.job.refunded.saturating_add(1);
		for replica in unit.replicas.iter().filter(|replica| !replica.spare) {
			match replica.state {
				State::Shown(_) => {
					let fee = T::Terms::get().start_fee_of(work.hold(replica.member));
					let fee = work.job.escrow.take_up_to(fee);
					if let Some(member) = work.member_mut(replica.member) {
						member.earned = member.earned.saturating_add(fee);
					}
				}
				State::Nothing => Self::fine(work, replica.member, at),
				State::Working | State::Sealed(_) => {}
			}
		}
	}

	/// A member was wrong, or did not show what it committed itself to. What a first dissent costs pays those who had to
	/// compute besides; what more is taken is nobody's here.
	pub(crate) fn fine(work: &mut Work<T>, place: u8, at: UnitAt) {
		let terms = T::Terms::get();
		let small = terms.fine_of(work.job.stake);
		let Some(member) = work.member_mut(place) else { return };
		member.rounds.failed();
		let device = member.device;
		let again = Workers::<T>::mutate(device, |worker| {
			let record = worker.as_mut().map(|worker| worker.record.dissented(&terms));
			record == Some(Dissent::Again)
		});
		let fine = if again { Balance::MAX } else { small };
		let taken = Self::take_stake(work, place, fine);
		let into_job = taken.min(small);
		let rest = taken.saturating_sub(into_job);
		// All that there is fits.
		let _ = work.job.escrow.put_in(into_job);
		Self::pay_out(&T::Treasury::get(), rest);
		Self::deposit_event(Event::WorkerPenalized(device, work.id, at, taken));
	}

	/// Takes so much of what a member has at stake here, or what there is. Whoever has nothing left leaves the pool.
	pub(crate) fn take_stake(work: &mut Work<T>, place: u8, amount: Balance) -> Balance {
		let Some(member) = work.member_mut(place) else { return 0 };
		let taken = amount.min(member.locked);
		member.locked = member.locked.saturating_sub(taken);
		member.gone |= member.locked == 0;
		Workers::<T>::mutate(member.device, |worker| {
			if let Some(worker) = worker {
				worker.locked = worker.locked.saturating_sub(taken);
				worker.stake = worker.stake.saturating_sub(taken);
			}
		});
		taken
	}
}
