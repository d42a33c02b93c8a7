//! Pools: the beacon draws tickets until there are enough workers that fit.

use super::work::JobOf;
use crate::{
	queues::Queue, Beacons, Config, Event, GroupOf, Jobs, Member, Memberships, OnJobDone, Pallet, PoolOf, Pooling,
	PoolingEnds, Pools, ProvenCompute, Purpose, Results, Stage, Waiting, WeightInfo, WorkTickets, Worker, Workers,
};
use alloc::vec::Vec;
use compute_market_primitives::{
	job_seed, jury, pool, probers, recheck, Assurance, Candidate, Draw, Fit, Hash, JobId, PoolMember, Price, Wants,
	MAX_POOL,
};
use device_primitives::DeviceId;
use frame_support::{traits::Get, weights::Weight};
use pallet_traits::{Beacon, Devices, MarketClock};
use quorum_primitives::EXHAUSTED;
use rounds_primitives::cap_of;
use sp_runtime::SaturatedConversion;

/// Tickets that are looked at in a block at most.
pub const LOOKS: u32 = 128;

/// Tickets that are looked at for a pool at most, before it begins anew with another beacon.
pub const MAX_LOOKS: u32 = 256;

/// Members of a pool, however few units there are: as many as may be asked for one, and some.
pub const SMALL_POOL: u32 = 24;

/// Members of a pool that runs a unit again.
const RECHECKERS: u32 = SMALL_POOL;

/// Those of a jury of thirteen, three of whom may be late.
const JURORS: u32 = 16;

/// Those of a pool that looks whether an output is served: three, and as many who may be late.
const PROBERS: u32 = 6;

/// How many members a pool has at most, and without how many there is none.
pub(crate) fn size_of<AccountId>(job: &crate::Job<AccountId>) -> (u32, u32) {
	match job.purpose {
		Purpose::Ordered => {
			let first = job.assurance.replicas();
			let all = job.spec.units.saturating_mul(first);
			(all.clamp(SMALL_POOL, MAX_POOL), job.assurance.least_pool())
		}
		Purpose::Recheck(..) | Purpose::ByChain(..) if job.assurance == Assurance::Audit => (RECHECKERS, 2),
		Purpose::Recheck(..) | Purpose::ByChain(..) => (RECHECKERS, 3),
		Purpose::Appeal(..) => (JURORS, u32::try_from(EXHAUSTED).unwrap_or(JURORS)),
		Purpose::Dispute(..) => (PROBERS, 3),
	}
}

/// A pool that is drawn.
struct Drawing<T: Config> {
	id: JobId,
	job: JobOf<T>,
	pool: PoolOf<T::AccountId>,
	/// Who may not be in it, or is.
	present: Vec<(T::AccountId, GroupOf)>,
	wants: Wants,
	beacon: Hash,
	draw: Draw,
	count: u32,
}

impl<T: Config> Drawing<T> {
	fn of(id: JobId, job: JobOf<T>, attempt: u32, turn: u32) -> Option<Self> {
		let (beacon, pool) = (Beacons::<T>::get().of(turn)?, Pools::<T>::get(id));
		let members = pool.iter().map(|member| (member.owner.clone(), member.group));
		let barred = Pallet::<T>::barred(&job).into_iter().map(|owner| (owner, None));
		Some(Self {
			id,
			present: barred.chain(members).collect(),
			wants: wants_of(&job),
			draw: draw_for(&beacon, id, &job, attempt),
			beacon,
			count: Pallet::<T>::drawable(),
			pool,
			job,
		})
	}

	/// Looks at a ticket. Whoever fits is a member. Returns whether it met the terms; none if it is nobody's.
	fn look(&mut self, number: u32) -> Option<bool> {
		let (device, worker, rate) = Self::whose(self.draw.below_u32(number, self.count))?;
		let candidate = Candidate {
			owner: worker.owner.clone(),
			group: worker.group,
			offer: &worker.offer,
			stake: worker.free_stake(),
			reliability: &worker.reliability,
		};
		let fit = self.wants.judge(&candidate, &self.present);
		let worker_stake = worker.stake;
		if fit == Fit::Fits {
			self.take(device, worker, rate);
		}
		// One whose stake answers for others now would meet the terms at another time.
		let stake = worker_stake >= self.job.stake;
		Some(fit.met() || (fit == Fit::LowStake && stake))
	}

	/// Who has a ticket, and how fast it is. One for what is proven no more is nobody's, and one of whoever is gone.
	fn whose(ticket: u32) -> Option<(DeviceId, Worker<T::AccountId>, u32)> {
		let (device, number) = WorkTickets::<T>::get(ticket)?;
		let worker = Workers::<T>::get(device).filter(|worker| worker.open)?;
		let rate = T::Compute::rate(&device);
		if number.saturating_mul(T::Rules::get().ticket) >= rate {
			return None;
		}
		let known = T::Devices::device(&device)?;
		(known.active && known.owner == worker.owner).then_some((device, worker, rate))
	}

	/// What of its stake answers for this job answers for no other.
	fn take(&mut self, device: DeviceId, mut worker: Worker<T::AccountId>, rate: u32) {
		// Whoever looks whether an output is served has a fee.
		let ask = if self.job.purpose.is_dispute() {
			Price(0)
		} else {
			worker.offer.ask
		};
		let member = Member {
			work: PoolMember::new(device, ask, rate, worker.offer.slots),
			owner: worker.owner.clone(),
			group: worker.group,
			locked: self.job.stake,
			accepted: 0,
			has: 0,
			open: 0,
			checked: 0,
			earned: 0,
			withheld: 0,
			rests: false,
		};
		let place = u8::try_from(self.pool.len()).unwrap_or(u8::MAX);
		self.present.push((worker.owner.clone(), worker.group));
		if self.pool.try_push(member).is_err() {
			return;
		}
		worker.locked = worker.locked.saturating_add(self.job.stake);
		worker.pools = worker.pools.saturating_add(1);
		Workers::<T>::insert(device, worker);
		Memberships::<T>::insert(device, self.id, place);
	}

	fn len(&self) -> u32 {
		self.pool.len().saturated_into()
	}
}

/// What tickets are drawn by: each attempt goes on where the one before was over.
fn draw_for<AccountId>(beacon: &Hash, id: JobId, job: &crate::Job<AccountId>, attempt: u32) -> Draw {
	match job.purpose {
		Purpose::Ordered => pool(beacon, id, attempt),
		Purpose::Recheck(job, unit) | Purpose::ByChain(job, unit, _) => recheck(beacon, job, unit),
		Purpose::Appeal(job, unit, _) => jury(beacon, job, unit),
		Purpose::Dispute(job, unit, _) => probers(beacon, job, unit),
	}
}

fn wants_of<AccountId>(job: &crate::Job<AccountId>) -> Wants {
	let wants = Wants::of(&job.spec, job.max_price, job.assurance, job.stake);
	Wants {
		max_price: if job.purpose.is_dispute() {
			Price(u128::MAX)
		} else {
			wants.max_price
		},
		alone: wants.alone && job.purpose.is_ordered(),
		..wants
	}
}

impl<T: Config> Pallet<T> {
	/// Whoever pays for a job, and whoever has computed the unit that it runs again.
	fn barred(job: &JobOf<T>) -> Vec<T::AccountId> {
		let mut barred = match &job.purpose {
			Purpose::Appeal(_, _, by) | Purpose::Dispute(_, _, by) => [job.owner.clone(), by.clone()].to_vec(),
			_ => [job.owner.clone()].to_vec(),
		};
		let Some((parent, unit)) = job.purpose.about() else {
			return barred;
		};
		let asked = Results::<T>::get(parent, unit).map_or(0, |agreed| agreed.asked);
		let pool = Pools::<T>::get(parent);
		let had = pool.iter().zip(0_u32..).filter(|(_, at)| (asked >> at) & 1 == 1);
		barred.extend(had.map(|(member, _)| member.owner.clone()));
		barred
	}

	/// Draws pools, the first ones first, as long as there is weight.
	pub(crate) fn pools_within(left: Weight) -> Weight {
		// Whoever submitted a job that starves is told.
		let base = T::WeightInfo::draw_pool().saturating_add(T::OnJobDone::weight());
		let each = T::WeightInfo::look();
		let mut used = Weight::zero();
		let mut looks = LOOKS;
		let turn = Beacons::<T>::get().turn;
		while looks > 0 {
			let Some(waiting) = Queue::<Pooling<T>, PoolingEnds<T>, _>::first() else {
				break;
			};
			// A pool that has to begin anew, at least one look, and the end.
			let least = base.saturating_add(each);
			if waiting.turn > turn || !used.saturating_add(least).all_lte(left) {
				break;
			}
			used = used.saturating_add(base);
			let room = left.saturating_sub(used).checked_div_per_component(&each).unwrap_or(0);
			let most = looks.min(room.saturated_into());
			let looked = Self::draw_some(waiting, most);
			used = used.saturating_add(each.saturating_mul(looked.into()));
			// What is looked at no more costs as much as a look.
			looks = looks.saturating_sub(looked.max(1));
		}
		used
	}

	/// Looks at so many tickets for the job that is first in the queue, and takes it out once that is over. Returns how
	/// many were looked at.
	fn draw_some(waiting: Waiting, most: u32) -> u32 {
		let Some(job) = Jobs::<T>::get(waiting.job) else {
			Queue::<Pooling<T>, PoolingEnds<T>, _>::pop();
			return 0;
		};
		let Stage::Pooling {
			attempt,
			mut drawn,
			mut looked,
			mut met,
		} = job.stage
		else {
			Queue::<Pooling<T>, PoolingEnds<T>, _>::pop();
			return 0;
		};
		let Some(mut drawing) = Drawing::<T>::of(waiting.job, job, attempt, waiting.turn) else {
			return 0;
		};
		let (size, least) = size_of(&drawing.job);
		let begun = drawn;
		while drawn < MAX_LOOKS && drawn.saturating_sub(begun) < most && drawing.len() < size && drawing.count > 0 {
			// Number 0 of some draws is taken.
			let number = attempt
				.saturating_mul(MAX_LOOKS)
				.saturating_add(drawn)
				.saturating_add(1);
			let fits = drawing.look(number);
			drawn = drawn.saturating_add(1);
			looked = looked.saturating_add(u32::from(fits.is_some()));
			met = met.saturating_add(u32::from(fits == Some(true)));
		}
		let is_over = drawn >= MAX_LOOKS || drawing.len() >= size || drawing.count == 0;
		let count = drawn.saturating_sub(begun);
		if !is_over {
			drawing.job.stage = Stage::Pooling {
				attempt,
				drawn,
				looked,
				met,
			};
			Pools::<T>::insert(drawing.id, drawing.pool);
			Jobs::<T>::insert(drawing.id, drawing.job);
			return count;
		}
		Queue::<Pooling<T>, PoolingEnds<T>, _>::pop();
		if drawing.len() >= least {
			Self::begin(drawing, looked, met);
		} else {
			Self::draw_anew(drawing, attempt);
		}
		count
	}

	/// There are enough.
	fn begin(drawing: Drawing<T>, looked: u32, met: u32) {
		let Drawing {
			id,
			mut job,
			mut pool,
			beacon,
			..
		} = drawing;
		let mut weights: Vec<u32> = pool.iter().map(|member| member.work.rounds.weight()).collect();
		let cap = cap_of(&mut weights);
		for Member { work, .. } in &mut pool {
			*work = PoolMember::new(work.device, work.ask, work.rounds.weight().min(cap), work.slots);
		}
		let share = u64::from(T::Rules::get().met.deconstruct());
		// Where few tickets met the terms, whoever ordered it has named such as few others meet.
		let fair = u64::from(met).saturating_mul(1_000_000_000) >= u64::from(looked).saturating_mul(share);
		job.counts = fair && !job.purpose.is_dispute();
		// What is run again is run as it was.
		if job.purpose.is_ordered() {
			job.seed = job_seed(&beacon, id);
			job.time = u64::from(T::Beacon::slot()).saturating_mul(T::SlotMillis::get());
		}
		job.stage = Stage::Running;
		Self::run_soon(id, &mut job);
		Self::deposit_event(Event::PoolDrawn(id, pool.len().saturated_into()));
		Pools::<T>::insert(id, pool);
		Jobs::<T>::insert(id, job);
	}

	/// There are not: another beacon draws, until it is in vain.
	fn draw_anew(drawing: Drawing<T>, attempt: u32) {
		let Drawing {
			id, mut job, mut pool, ..
		} = drawing;
		for member in &mut pool {
			Self::leave_pool(id, member);
		}
		Pools::<T>::remove(id);
		let until = job.since.saturating_add(T::Terms::get().times.pooling);
		if T::Clock::tick() > until {
			Self::starve(id, job);
			return;
		}
		job.stage = Stage::pooling(attempt.saturating_add(1));
		Jobs::<T>::insert(id, job);
		Self::wait_for_pool(id);
	}
}
