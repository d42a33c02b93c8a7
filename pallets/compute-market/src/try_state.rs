//! What must hold between blocks.

use crate::{
	Agreed, Boards, Callbacks, CallbacksEnds, Config, DrawnNext, Faults, HoldReason, Job, Jobs, LastJob, Live, Member,
	Memberships, Pallet, Pool, Pooling, PoolingEnds, Pools, Recent, RecentEnds, Results, Revealing, RevealingEnds,
	Runnable, RunnableEnds, Settling, SettlingEnds, Shorts, ShortsEnds, Stage, State, TicketCount, TicketsAt, Units,
	Unpaid, WorkTickets, Workers, KEPT_RECENT,
};
use alloc::collections::BTreeMap;
use compute_market_primitives::{Balance, JobId};
use device_primitives::DeviceId;
use frame_support::{ensure, traits::fungible::hold::Inspect};
use sp_runtime::TryRuntimeError;

/// What jobs say of a worker: units that it computes, pools that it is in, what it has at stake.
type Used = BTreeMap<DeviceId, (u32, u32, Balance)>;

/// Whether a queue has all that lies between its ends, and nothing else.
macro_rules! queue {
	($items:ident, $ends:ident) => {{
		let (head, tail) = $ends::<T>::get();
		let inside = (head..tail).all(|number| $items::<T>::contains_key(number));
		let length = u64::try_from($items::<T>::iter_keys().count());
		inside && length == Ok(tail.saturating_sub(head))
	}};
}

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_money()?;
		let used = Self::check_jobs()?;
		Self::check_workers(&used)?;
		Self::check_queues()?;
		Ok(())
	}

	/// To the planck.
	fn check_money() -> Result<(), TryRuntimeError> {
		let mut money: Balance = Pool::<T>::get();
		let mut add = |amount: Balance| money = money.saturating_add(amount);
		Workers::<T>::iter_values().for_each(|worker| add(worker.stake));
		Unpaid::<T>::iter_values().for_each(&mut add);
		for (id, job) in Jobs::<T>::iter() {
			add(job.escrow.amount());
			add(job.deposit);
			for member in Pools::<T>::get(id) {
				add(member.earned);
				add(member.withheld);
			}
		}
		let held = T::Currency::balance_on_hold(&HoldReason::Work.into(), &Self::pot());
		ensure!(held == money, "what the pot holds is the money of the market");
		for worker in Workers::<T>::iter_values() {
			let held = T::Currency::balance_on_hold(&HoldReason::Worker.into(), &worker.owner);
			ensure!(held >= worker.deposit, "the deposit of a worker is held");
		}
		Ok(())
	}

	fn check_jobs() -> Result<Used, TryRuntimeError> {
		let (mut used, mut live, mut members) = (Used::new(), 0_u32, 0_usize);
		for (id, job) in Jobs::<T>::iter() {
			ensure!(id > 0 && id <= LastJob::<T>::get(), "numbers count from 1");
			live = live.saturating_add(u32::from(!matches!(job.stage, Stage::Done(_))));
			for (member, place) in Pools::<T>::get(id).iter().zip(0_u8..) {
				let device = member.work.device;
				ensure!(
					Memberships::<T>::get(device, id) == Some(place),
					"a member is where it is said to be"
				);
				members = members.saturating_add(1);
				let (_, pools, locked) = used.entry(device).or_default();
				*pools = pools.saturating_add(1);
				*locked = locked.saturating_add(member.locked);
			}
			Self::check_units(id, &job, &mut used)?;
			Self::check_results(id, &job)?;
		}
		ensure!(live == Live::<T>::get(), "so many jobs are pooled or run");
		ensure!(Memberships::<T>::iter().count() == members, "nobody else is a member");
		let kept = Pools::<T>::iter_keys().chain(Boards::<T>::iter_keys());
		for id in kept.chain(Faults::<T>::iter_keys()) {
			ensure!(Jobs::<T>::contains_key(id), "nothing is kept of a job that is no more");
		}
		for (id, _, _) in Units::<T>::iter() {
			ensure!(Jobs::<T>::contains_key(id), "units are of jobs that there are");
		}
		for (id, _, _) in Results::<T>::iter() {
			ensure!(Jobs::<T>::contains_key(id), "results are of jobs that there are");
		}
		Ok(used)
	}

	fn check_units(id: JobId, job: &Job<T::AccountId>, used: &mut Used) -> Result<(), TryRuntimeError> {
		let (board, pool) = (Boards::<T>::get(id), Pools::<T>::get(id));
		let limit = if job.purpose.is_dispute() {
			0
		} else {
			job.spec.fuel_limit
		};
		let (mut open, mut promised) = (0_u32, 0);
		let (mut flying, mut has): (BTreeMap<u8, u16>, BTreeMap<u8, u32>) = Default::default();
		for (at, unit) in Units::<T>::iter_prefix(id) {
			ensure!(board.open.contains(&at), "a unit that is out is known to be");
			open = open.saturating_add(1);
			for replica in &unit.replicas {
				let member = pool
					.get(usize::from(replica.member))
					.ok_or("who has a unit is in the pool")?;
				ensure!(unit.was_asked(replica.member), "who has a unit was asked");
				let hold = member
					.work
					.ask
					.hold_for_fuel(limit)
					.map_err(|_| "what is promised is a balance")?;
				promised = hold.saturating_add(promised);
				let has = has.entry(replica.member).or_default();
				*has = has.saturating_add(1);
				if replica.state == State::Working {
					let (busy, _, _) = used.entry(member.work.device).or_default();
					*busy = busy.saturating_add(1);
					let flying = flying.entry(replica.member).or_default();
					*flying = flying.saturating_add(1);
				}
			}
		}
		let in_flight = |(member, place): (&Member<T::AccountId>, u8)| {
			let flying = flying.get(&place).copied().unwrap_or(0);
			let has = has.get(&place).copied().unwrap_or(0);
			(flying, has) == (member.work.in_flight, member.has)
		};
		ensure!(pool.iter().zip(0_u8..).all(in_flight), "a member has so many units");
		ensure!(
			(open, board.open.len()) == (job.open, usize::try_from(job.open).unwrap_or(0)),
			"so many units are out"
		);
		ensure!(
			board.wanting.iter().all(|at| board.open.contains(at)),
			"what misses members is out"
		);
		ensure!(
			promised == job.promised,
			"what is promised is what those can earn who have units"
		);
		ensure!(promised <= job.escrow.amount(), "what is promised is there");
		Ok(())
	}

	fn check_results(id: JobId, job: &Job<T::AccountId>) -> Result<(), TryRuntimeError> {
		let results: alloc::vec::Vec<Agreed> = Results::<T>::iter_prefix_values(id).collect();
		let open = results.iter().filter(|agreed| agreed.is_open()).count();
		if !job.purpose.is_ordered() {
			let (parent, unit) = job.purpose.about().ok_or("it is about a unit")?;
			let agreed = Results::<T>::get(parent, unit).ok_or("what is run again has a result")?;
			ensure!(agreed.check == Some(id), "it is known what runs it again");
			return Ok(());
		}
		ensure!(u32::try_from(open) == Ok(job.checks), "so many results are open");
		for (member, place) in Pools::<T>::get(id).iter().zip(0_u32..) {
			let own = |agreed: &&Agreed| agreed.by.checked_shr(place).unwrap_or(0) & 1 == 1;
			let count = |is: fn(&Agreed) -> bool| results.iter().filter(own).filter(|agreed| is(agreed)).count();
			let noted = (usize::try_from(member.open), usize::try_from(member.checked));
			let counted = (count(Agreed::is_open), count(|agreed| agreed.check.is_some()));
			ensure!(
				noted == (Ok(counted.0), Ok(counted.1)),
				"a member knows what of its is open"
			);
		}
		let decided = [job.accepted, job.undecided, job.faulted, job.open].into_iter();
		ensure!(
			decided.fold(0_u32, u32::saturating_add) == job.next,
			"what was given out is decided, or out"
		);
		let faults = Faults::<T>::get(id).iter().map(|byte| byte.count_ones()).sum::<u32>();
		ensure!(faults == job.faulted, "a unit that cannot be run is known to be such");
		if job.cleared == 0 {
			ensure!(
				u32::try_from(results.len()) == Ok(job.accepted),
				"what is accepted has a result"
			);
		}
		Ok(())
	}

	fn check_workers(used: &Used) -> Result<(), TryRuntimeError> {
		let mut tickets = 0_u32;
		for (device, worker) in Workers::<T>::iter() {
			let (busy, pools, locked) = used.get(&device).copied().unwrap_or_default();
			ensure!(worker.busy == busy, "a worker computes what it was given");
			ensure!(worker.pools == pools, "a worker is in so many pools");
			ensure!(worker.locked == locked, "what answers for jobs is what these say");
			let leaving = worker.leaving.map_or(0, |(amount, _)| amount);
			ensure!(
				locked.saturating_add(leaving) <= worker.stake,
				"what answers or leaves is there"
			);
			for number in 0..worker.tickets {
				let at = TicketsAt::<T>::get((device, number)).ok_or("a worker has its tickets")?;
				ensure!(
					WorkTickets::<T>::get(at) == Some((device, number)),
					"a ticket is where it is said to be"
				);
			}
			tickets = tickets.saturating_add(worker.tickets);
		}
		ensure!(tickets == TicketCount::<T>::get(), "nobody else has tickets");
		ensure!(
			used.keys().all(|device| Workers::<T>::contains_key(device)),
			"who is in a pool is a worker"
		);
		Ok(())
	}

	fn check_queues() -> Result<(), TryRuntimeError> {
		ensure!(queue!(Pooling, PoolingEnds), "who waits for a pool is in the queue");
		ensure!(queue!(Runnable, RunnableEnds), "who has turns is in the queue");
		ensure!(queue!(Revealing, RevealingEnds), "what is revealed is in the queue");
		ensure!(queue!(Settling, SettlingEnds), "what goes on is in the queue");
		ensure!(queue!(Shorts, ShortsEnds), "who waits for money is in the queue");
		ensure!(queue!(Callbacks, CallbacksEnds), "who is called back is in the queue");
		ensure!(queue!(Recent, RecentEnds), "what was accepted last is in the queue");
		let (head, tail) = RecentEnds::<T>::get();
		let next = DrawnNext::<T>::get().max(head);
		ensure!(next <= tail, "what the beacon said something of was accepted");
		ensure!(next.saturating_sub(head) <= KEPT_RECENT, "so many are remembered");
		let mut runnable = BTreeMap::<JobId, u32>::new();
		for id in Runnable::<T>::iter_values() {
			let times = runnable.entry(id).or_default();
			*times = times.saturating_add(1);
		}
		for (id, job) in Jobs::<T>::iter() {
			let times = runnable.get(&id).copied().unwrap_or(0);
			ensure!(times == u32::from(job.queued), "a job has its turn once");
			let running = job.stage == Stage::Running;
			ensure!(
				!running || job.queued || job.short.is_some(),
				"who runs has turns, or waits for money"
			);
		}
		Ok(())
	}
}
