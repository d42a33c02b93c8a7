//! What is asked from outside of blocks. Nothing here is bounded by what a block can take; all of it by what it says.

use crate::{
	Boards, Config, Faults, Job, Jobs, LastJob, Memberships, Pallet, Phase, Pools, ProvenCompute, Replica, Results,
	Stage, State, Unit, Units, Worker, Workers,
};
use alloc::vec::Vec;
use compute_market_primitives::{
	state::has_bit, Assignment, Assurance, JobClaim, JobError, JobId, JobStage, JobState, JobsOf, Price, Quote, Reach,
	Spec, Task, TaskAccepted, Tick, UnitAt, UnitCounts, UnitStage, UnitState, What, WorkerState, MAX_ANSWERS,
	MAX_LOOKED_THROUGH,
};
use device_primitives::{DeviceId, Endpoint};
use frame_support::traits::Get;
use pallet_traits::{Devices, MarketClock};

type WorkerOf<T> = WorkerState<<T as frame_system::Config>::AccountId, DeviceId, Endpoint>;
type StateOf<T> = JobState<<T as frame_system::Config>::AccountId, DeviceId, Endpoint>;

fn most(wanted: u32) -> usize {
	usize::try_from(wanted.min(MAX_ANSWERS)).unwrap_or(0)
}

/// Where a job stands, as others are told.
fn stage_of<AccountId>(job: &Job<AccountId>) -> JobStage {
	match job.stage {
		Stage::Pooling { .. } => JobStage::Pooling { since: job.since },
		Stage::Running if job.fresh() > 0 => JobStage::Running,
		Stage::Running => JobStage::Draining,
		Stage::Done(at) if job.given_up => JobStage::Cancelled { at },
		Stage::Done(at) => JobStage::Done { at },
	}
}

impl<T: Config> Pallet<T> {
	fn reach(device: DeviceId) -> Reach<DeviceId, Endpoint> {
		Reach {
			device,
			endpoints: T::Devices::endpoints(&device),
		}
	}

	fn worker_state(device: DeviceId, worker: Worker<T::AccountId>) -> WorkerOf<T> {
		WorkerState {
			reach: Self::reach(device),
			owner: worker.owner,
			offer: worker.offer,
			stake: worker.stake,
			locked: worker.locked,
			leaving: worker.leaving,
			reliability: worker.reliability,
			rate: T::Compute::rate(&device),
			tickets: worker.tickets,
		}
	}

	/// What a worker offers, and how it does; none if it offers nothing and has no stake.
	pub fn worker(device: DeviceId) -> Option<WorkerOf<T>> {
		Workers::<T>::get(device).map(|worker| Self::worker_state(device, worker))
	}

	/// Workers in the order of devices' ids, from the first one after this device on: as many as are wanted, and
	/// [`MAX_ANSWERS`] at most.
	pub fn workers(after: Option<DeviceId>, wanted: u32) -> Vec<WorkerOf<T>> {
		let workers = match after {
			Some(device) => Workers::<T>::iter_from(Workers::<T>::hashed_key_for(device)),
			None => Workers::<T>::iter(),
		};
		workers
			.take(most(wanted))
			.map(|(device, worker)| Self::worker_state(device, worker))
			.collect()
	}

	/// What a job would cost now, or why there can be no such job.
	///
	/// # Errors
	/// Those of [`Quote::of`].
	pub fn quote_job(spec: &Spec, max_price: Price, assurance: Assurance) -> Result<Quote, JobError> {
		let quote = Quote::of(spec, max_price, assurance, &T::Terms::get())?;
		Ok(Self::at_least(quote))
	}

	/// A job, and where its workers are reached; none if there is none, or it was closed.
	pub fn job(id: JobId) -> Option<StateOf<T>> {
		let job = Jobs::<T>::get(id).filter(|job| job.purpose.is_ordered())?;
		let drawn = !matches!(job.stage, Stage::Pooling { .. });
		let decided = [job.accepted, job.undecided, job.faulted, job.open].into_iter();
		let decided = decided.fold(0_u32, u32::saturating_add);
		Some(JobState {
			stage: stage_of(&job),
			time: job.time,
			seed: drawn.then_some(job.seed),
			escrow: job.escrow.amount(),
			paid: job.paid,
			short: Self::short_of(id),
			received: job.received,
			checks: job.checks,
			units: UnitCounts {
				waiting: job.spec.units.saturating_sub(decided),
				in_flight: job.open,
				accepted: job.accepted,
				undecided: job.undecided,
				faulted: job.faulted,
			},
			pool: Pools::<T>::get(id)
				.iter()
				.map(|member| Self::reach(member.work.device))
				.collect(),
			owner: job.owner,
			spec: job.spec,
			max_price: job.max_price,
			assurance: job.assurance,
		})
	}

	/// Jobs that an account has ordered, with higher numbers than this: of [`MAX_LOOKED_THROUGH`] jobs at a time.
	pub fn jobs_of(owner: &T::AccountId, after: JobId) -> JobsOf {
		let newest = LastJob::<T>::get();
		let looked_to = after.saturating_add(MAX_LOOKED_THROUGH.into()).min(newest);
		let numbers = after.saturating_add(1)..=looked_to;
		let own = |id: &JobId| Jobs::<T>::get(id).is_some_and(|job| job.owner == *owner && job.purpose.is_ordered());
		JobsOf {
			jobs: numbers.filter(own).collect(),
			looked_to,
			newest,
		}
	}

	/// Units of a job, from this one on: as many as are wanted, and [`MAX_ANSWERS`] at most.
	pub fn units(id: JobId, from: UnitAt, wanted: u32) -> Vec<UnitState<DeviceId>> {
		let Some(job) = Jobs::<T>::get(id) else {
			return Vec::new();
		};
		let (pool, faults) = (Pools::<T>::get(id), Faults::<T>::get(id));
		let devices = |bits: u64| {
			let has = move |place: u8| bits.checked_shr(place.into()).unwrap_or(0) & 1 == 1;
			let members = pool.iter().zip(0_u8..).filter(move |(_, place)| has(*place));
			members.map(|(member, _)| member.work.device).collect()
		};
		let state = |at: UnitAt| {
			let (out, agreed) = (Units::<T>::get(id, at), Results::<T>::get(id, at));
			let asked = out.as_ref().map_or(0, |unit| unit.asked) | agreed.map_or(0, |agreed| agreed.asked);
			UnitState {
				unit: at,
				stage: match (&out, agreed) {
					(Some(unit), _) => Self::unit_stage(unit),
					(None, Some(_)) => UnitStage::Accepted,
					(None, None) if at >= job.next => UnitStage::Waiting,
					(None, None) if has_bit(&faults, at) => UnitStage::Faulted,
					(None, None) => UnitStage::Undecided,
				},
				asked: asked.count_ones(),
				accepted: agreed.map(|agreed| agreed.accepted),
				checked: agreed.is_some_and(|agreed| agreed.check.is_some()),
				by: devices(agreed.map_or(0, |agreed| agreed.by)),
			}
		};
		(from..job.spec.units).take(most(wanted)).map(state).collect()
	}

	fn unit_stage(unit: &Unit) -> UnitStage {
		match unit.phase {
			Phase::Working => UnitStage::Dispatched {
				due: unit.replicas.iter().map(|replica| replica.due).max().unwrap_or(0),
			},
			Phase::Revealing { until, .. } => UnitStage::Revealing { until },
		}
	}

	/// What a worker has to do: [`MAX_ANSWERS`] at most, the most urgent first.
	pub fn tasks_of(device: DeviceId) -> Vec<Task> {
		let mut tasks: Vec<(Tick, Task)> = Vec::new();
		for (id, place) in Memberships::<T>::iter_prefix(device) {
			let Some(job) = Jobs::<T>::get(id) else { continue };
			for at in Boards::<T>::get(id).open {
				let Some(unit) = Units::<T>::get(id, at) else { continue };
				let Some(replica) = unit.replica(place) else { continue };
				let Some((what, until)) = Self::what(&job, &unit, replica) else {
					continue;
				};
				let (job, unit) = job.purpose.about().unwrap_or((id, at));
				let since = replica.since;
				let at = Assignment { unit, since };
				tasks.push((until, Task { job, at, place, what }));
			}
		}
		tasks.sort_by_key(|(until, task)| (*until, task.job, task.at));
		tasks
			.into_iter()
			.map(|(_, task)| task)
			.take(most(MAX_ANSWERS))
			.collect()
	}

	/// What is to be done with a unit, and until when.
	fn what(job: &Job<T::AccountId>, unit: &Unit, replica: &Replica) -> Option<(What, Tick)> {
		let due = replica.due;
		let (what, until) = match (replica.state, unit.phase) {
			(State::Working, _) if job.purpose.is_dispute() => {
				let disputed = job.since;
				(What::Fetch { due, disputed }, due)
			}
			// Others were faster, and have shown what they have.
			(State::Working, Phase::Revealing { begun: true, .. }) => return None,
			(State::Working, _) => (What::Run { due }, due),
			(State::Sealed(_), Phase::Working) => (What::Wait, Tick::MAX),
			(State::Sealed(_), Phase::Revealing { until, .. }) => (What::Reveal { until }, until),
			(State::Revealed(_) | State::Nothing | State::Fault, _) => return None,
		};
		// What would be refused is no task.
		(T::Clock::tick() <= until).then_some((what, until))
	}

	/// What a worker has earned and not claimed, of jobs with higher numbers than this, [`MAX_ANSWERS`] at most.
	pub fn earned_of(device: DeviceId, after: Option<JobId>) -> Vec<JobClaim> {
		let mut places: Vec<(JobId, u8)> = Memberships::<T>::iter_prefix(device).collect();
		places.sort_unstable();
		let claims = places
			.into_iter()
			.filter(|(id, _)| after.is_none_or(|after| *id > after));
		let claims = claims.filter_map(|(job, place)| {
			let pool = Pools::<T>::get(job);
			let member = pool.get(usize::from(place))?;
			// Who is in doubt is paid nothing.
			let (now, later) = if member.checked == 0 {
				(member.earned, member.withheld)
			} else {
				(0, member.earned.saturating_add(member.withheld))
			};
			(now > 0 || later > 0).then_some(JobClaim { job, now, later })
		});
		claims.take(most(MAX_ANSWERS)).collect()
	}

	/// Whether a payment that waits for a task may be made. Reads one small value.
	pub fn is_accepted(asked: &TaskAccepted) -> bool {
		Results::<T>::get(asked.job, asked.unit).is_some_and(|agreed| {
			let appeal = T::Terms::get().times.appeal;
			asked.holds(&agreed.accepted, agreed.is_open(), T::Clock::tick(), appeal)
		})
	}

	/// Fuel of accepted units that customers have paid for since that was taken last.
	pub fn paid_fuel() -> u128 {
		crate::PaidFuel::<T>::get()
	}

	/// Takes that: for whoever reckons usage, once an era.
	pub fn take_paid_fuel() -> u128 {
		crate::PaidFuel::<T>::take()
	}
}
