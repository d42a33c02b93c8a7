//! Pools: the beacon draws tickets until there are enough workers that fit.

use super::work::JobOf;
use crate::{
	queues::Queue, Beacons, Config, Event, Jobs, Member, Memberships, Pallet, PoolOf, Pooling, PoolingEnds, Pools,
	ProvenCompute, Purpose, Results, Stage, Waiting, WeightInfo, WorkTickets, Worker, Workers,
};
use alloc::vec::Vec;
use compute_market_primitives::{pool, Assurance, Draw, JobId, Offer, Price, Tick, Verdict, Wants, MAX_POOL};
use device_primitives::DeviceId;
use frame_support::{traits::Get, weights::Weight};
use pallet_traits::{Beacon, Devices, MarketClock};
use quorum_primitives::EXHAUSTED;
use rounds_primitives::{cap_of, Member as Rounds};
use sp_runtime::SaturatedConversion;

/// Tickets that are looked at in a block at most.
pub const LOOKS: u32 = 128;

/// Tickets that are looked at for a pool at most, before it begins anew with another beacon.
pub const MAX_LOOKS: u32 = 256;

/// Members of a pool, however few units there are: as many as may be asked for one, and some.
pub const SMALL_POOL: u32 = 24;

/// Of a pool that runs a unit again,
pub const RECHECKERS: u32 = 24;

/// of a jury of thirteen, three of whom may be late,
const JURORS: u32 = 16;

/// and of one that tries to fetch an output: three, and as many who may be late.
pub const PROBERS: u32 = 6;

/// How many members a pool has at most, and without how many there is none.
pub(crate) fn size_of<AccountId>(job: &crate::Job<AccountId>) -> (u32, u32) {
	match job.purpose {
		Purpose::Ordered => {
			let first = u32::try_from(job.assurance.rule().first()).unwrap_or(1);
			let all = job.spec.units.saturating_mul(first);
			(all.clamp(SMALL_POOL, MAX_POOL), first.max(3))
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
	/// Who may not be in it.
	barred: Vec<T::AccountId>,
	wants: Wants,
	draw: Draw,
	count: u32,
}

impl<T: Config> Drawing<T> {
	fn of(id: JobId, job: JobOf<T>, attempt: u32, turn: u32) -> Option<Self> {
		let beacon = Beacons::<T>::get().of(turn)?;
		Some(Self {
			id,
			pool: Pools::<T>::get(id),
			barred: Pallet::<T>::barred(&job),
			wants: wants_of(&job),
			draw: pool(&beacon, id, attempt),
			count: Pallet::<T>::drawable(),
			job,
		})
	}

	/// Looks at a ticket. Whoever fits is a member. Returns whether it is anybody's, and whether that met the terms.
	fn look(&mut self, number: u32) -> (bool, bool) {
		let ticket = self.draw.at_u32(number, self.count);
		let Some((device, worker, takes)) = self.whose(ticket) else {
			return (false, false);
		};
		let owner = |other: &T::AccountId| *other == worker.owner;
		let owner_present = self.barred.iter().any(owner) || self.pool.iter().any(|member| owner(&member.owner));
		let near = |member: &Member<T::AccountId>| member.group.is_some() && member.group == worker.group;
		let network_present = self.pool.iter().any(near);
		let verdict = self.wants.judge(&self.offer(&worker), owner_present, network_present);
		if verdict == Verdict::Fits {
			self.take(device, worker, takes);
		}
		(true, verdict.met())
	}

	/// Who has a ticket, and how long a unit takes it. One for what is proven no more is nobody's.
	fn whose(&self, ticket: u32) -> Option<(DeviceId, Worker<T::AccountId>, Tick)> {
		let (device, number) = WorkTickets::<T>::get(ticket)?;
		let worker = Workers::<T>::get(device)?;
		let rate = <T::Compute as ProvenCompute>::rate(&device);
		if u64::from(number).saturating_mul(T::TicketRate::get()) >= rate {
			return None;
		}
		let active = T::Devices::device(&device).is_some_and(|known| known.active && known.owner == worker.owner);
		let takes = self.job.spec.fuel_limit.div_ceil(rate.max(1));
		active.then(|| (device, worker, takes.saturated_into()))
	}

	fn offer(&self, worker: &Worker<T::AccountId>) -> Offer<T::AccountId, crate::GroupOf> {
		Offer {
			owner: worker.owner.clone(),
			group: worker.group.clone(),
			ask: worker.offer.ask,
			memory_pages: worker.offer.memory_pages,
			free_stake: worker.free_stake(),
			engine: worker.offer.engines.contains(&self.job.spec.engine),
			alone: worker.record.may_work_alone(&T::Terms::get()),
			for_chain: worker.offer.for_chain,
		}
	}

	/// What of its stake answers for this job answers for no other.
	fn take(&mut self, device: DeviceId, mut worker: Worker<T::AccountId>, takes: Tick) {
		let rate = <T::Compute as ProvenCompute>::rate(&device);
		let locked = self.job.stake;
		let member = Member {
			device,
			owner: worker.owner.clone(),
			group: worker.group.clone(),
			ask: match self.job.purpose {
				Purpose::ByChain(..) => Price(0),
				Purpose::Dispute(..) => self.job.max_price,
				_ => worker.offer.ask,
			},
			takes,
			// Rates are of fuel a tick; in units of 2^10 they fit.
			rounds: Rounds::new((rate >> 10).saturated_into()),
			locked,
			given: 0,
			declined: 0,
			accepted: 0,
			late: 0,
			gone: false,
			earned: 0,
			withheld: 0,
		};
		let place = u8::try_from(self.pool.len()).unwrap_or(u8::MAX);
		if self.pool.try_push(member).is_err() {
			return;
		}
		worker.locked = worker.locked.saturating_add(locked);
		worker.pools = worker.pools.saturating_add(1);
		Workers::<T>::insert(device, worker);
		Memberships::<T>::insert(device, self.id, place);
	}

	fn len(&self) -> u32 {
		self.pool.len().saturated_into()
	}
}

fn wants_of<AccountId>(job: &crate::Job<AccountId>) -> Wants {
	let probes = matches!(job.purpose, Purpose::Dispute(..));
	let for_chain = matches!(job.purpose, Purpose::ByChain(..));
	Wants {
		engine: (!probes).then_some(job.spec.engine),
		max_price: (!probes && !for_chain).then_some(job.max_price),
		memory_pages: if probes { 0 } else { job.spec.memory_pages },
		stake: job.stake,
		alone: job.purpose == Purpose::Ordered && job.assurance == Assurance::Audit,
		for_chain,
	}
}

impl<AccountId> crate::Job<AccountId> {
	/// It is ordered, and nobody else's: what [`PartialEq`] of accounts would say.
	fn is_ordered(&self) -> bool {
		matches!(self.purpose, Purpose::Ordered)
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
		let (base, each) = (T::WeightInfo::draw_pool(), T::WeightInfo::look());
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
			mut looked,
			mut met,
			until,
		} = job.stage
		else {
			Queue::<Pooling<T>, PoolingEnds<T>, _>::pop();
			return 0;
		};
		let Some(mut drawing) = Drawing::<T>::of(waiting.job, job, attempt, waiting.turn) else {
			return 0;
		};
		let (size, least) = size_of(&drawing.job);
		let begun = looked;
		while looked < MAX_LOOKS && looked.saturating_sub(begun) < most && drawing.len() < size && drawing.count > 0 {
			let (whose, fits) = drawing.look(looked);
			looked = looked.saturating_add(1);
			// Of what is nobody's nothing is said about the terms: it counts as if it had met them.
			met = met.saturating_add(u32::from(fits || !whose));
		}
		let is_over = looked >= MAX_LOOKS || drawing.len() >= size || drawing.count == 0;
		drawing.job.stage = Stage::Pooling {
			attempt,
			looked,
			met,
			until,
		};
		let count = looked.saturating_sub(begun);
		if !is_over {
			Pools::<T>::insert(drawing.id, drawing.pool);
			Jobs::<T>::insert(drawing.id, drawing.job);
			return count;
		}
		Queue::<Pooling<T>, PoolingEnds<T>, _>::pop();
		if drawing.len() >= least {
			Self::begin(drawing, looked, met);
		} else {
			Self::draw_anew(drawing, attempt, until);
		}
		count
	}

	/// There are enough.
	fn begin(drawing: Drawing<T>, looked: u32, met: u32) {
		let Drawing {
			id,
			mut job,
			mut pool,
			draw,
			..
		} = drawing;
		let mut weights: Vec<u32> = pool.iter().map(|member| member.rounds.weight()).collect();
		let cap = cap_of(&mut weights);
		for member in &mut pool {
			member.rounds = Rounds::new(member.rounds.weight().min(cap));
		}
		let share = u64::from(T::Terms::get().met.deconstruct());
		// One with few workers that fit is not fair: whoever orders it has named terms that few others meet.
		let fair = u64::from(met).saturating_mul(1_000_000_000) >= u64::from(looked).saturating_mul(share);
		job.counts = fair && !matches!(job.purpose, Purpose::Dispute(..));
		// What is run again is run as it was.
		if job.is_ordered() {
			(job.seed, job.slot) = (*draw.seed(), T::Beacon::slot().into());
		}
		job.stage = Stage::Running;
		Self::run_soon(id, &mut job);
		Self::deposit_event(Event::PoolDrawn(id, pool.len().saturated_into()));
		Pools::<T>::insert(id, pool);
		Jobs::<T>::insert(id, job);
	}

	/// There are not: another beacon draws, until it is in vain.
	fn draw_anew(drawing: Drawing<T>, attempt: u32, until: Tick) {
		let Drawing {
			id, mut job, mut pool, ..
		} = drawing;
		for member in &mut pool {
			Self::leave_pool(id, member);
		}
		Pools::<T>::remove(id);
		if T::Clock::tick() > until {
			Self::starve(id, job);
			return;
		}
		job.stage = Stage::Pooling {
			attempt: attempt.saturating_add(1),
			looked: 0,
			met: 0,
			until,
		};
		Jobs::<T>::insert(id, job);
		Self::wait_for_pool(id);
	}
}
