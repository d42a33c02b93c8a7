//! A job that runs, with what is kept beside it: loaded once, changed, written once.

use crate::{
	queues::Queue, Board, Boards, Config, Event, Jobs, Live, Member, Memberships, Pallet, PoolOf, Pools, Purpose,
	Results, Runnable, RunnableEnds, Settling, SettlingEnds, Stage, Unit, Units, Workers,
};
use compute_market_primitives::{Assurance, Balance, Hash, JobId, Outcome, Price, UnitAt};
use device_primitives::DeviceId;
use frame_support::traits::Get;
use pallet_traits::MarketClock;
use quorum_primitives::{Rule, Step, JURY};
use sp_runtime::SaturatedConversion;

/// How is found out whether an output is served: three look.
const PROBE: Rule = Rule(&[Step::new(3, 3)]);

pub(crate) type JobOf<T> = crate::Job<<T as frame_system::Config>::AccountId>;
type MemberOf<T> = Member<<T as frame_system::Config>::AccountId>;

/// A job with its pool, and which of its units are out.
pub(crate) struct Work<T: Config> {
	pub(crate) id: JobId,
	pub(crate) job: JobOf<T>,
	pub(crate) pool: PoolOf<T::AccountId>,
	pub(crate) board: Board,
}

impl<T: Config> Work<T> {
	pub(crate) fn load(id: JobId) -> Option<Self> {
		Some(Self {
			id,
			job: Jobs::<T>::get(id)?,
			pool: Pools::<T>::get(id),
			board: Boards::<T>::get(id),
		})
	}

	pub(crate) fn save(self) {
		let Self { id, job, pool, board } = self;
		Jobs::<T>::insert(id, job);
		Pools::<T>::insert(id, pool);
		if board.open.is_empty() {
			Boards::<T>::remove(id);
		} else {
			Boards::<T>::insert(id, board);
		}
	}

	/// The rule by which its results are compared.
	pub(crate) fn rule(&self) -> Rule {
		match self.job.purpose {
			Purpose::Ordered => self.job.assurance.rule(),
			Purpose::Recheck(..) | Purpose::ByChain(..) => self.job.assurance.recheck_rule(),
			Purpose::Appeal(..) => JURY,
			Purpose::Dispute(..) => PROBE,
		}
	}

	/// How others know one of its units: what runs another job's unit again has its name.
	pub(crate) fn named(&self, unit: UnitAt) -> (JobId, UnitAt) {
		self.job.purpose.about().unwrap_or((self.id, unit))
	}

	/// What counts as if one more had said it: what one worker alone has said before, if that is run again.
	pub(crate) fn prior(&self) -> Option<Outcome> {
		let (Purpose::Recheck(job, unit) | Purpose::ByChain(job, unit, _)) = self.job.purpose else {
			return None;
		};
		let alone = self.job.assurance == Assurance::Audit;
		let agreed = Results::<T>::get(job, unit).filter(|_| alone);
		agreed.map(|agreed| agreed.accepted.outcome)
	}

	/// Fuel that a unit may burn: what is only to be fetched burns none.
	pub(crate) fn fuel_limit(&self) -> u64 {
		if self.job.purpose.is_dispute() {
			0
		} else {
			self.job.spec.fuel_limit
		}
	}

	/// What a member is paid for a unit at most, in planck: so much is promised to it.
	pub(crate) fn hold(&self, member: u8) -> Balance {
		let ask = self
			.pool
			.get(usize::from(member))
			.map_or(Price(0), |member| member.work.ask);
		// Whoever asks for more than there can be was not drawn.
		ask.hold_for_fuel(self.fuel_limit()).unwrap_or(Balance::MAX)
	}

	/// What one more member is paid for a unit at most, in planck.
	pub(crate) fn most_pay(&self) -> Balance {
		let asks = self.pool.iter().zip(0_u8..).filter(|(member, _)| !member.work.out);
		asks.map(|(_, place)| self.hold(place)).max().unwrap_or(0)
	}

	/// What those that a unit misses are paid at most, in planck, if each of them is paid so much at most.
	pub(crate) fn lacks(&self, unit: &Unit, most: Balance) -> Balance {
		let missing = unit.missing().min(self.left_for(unit));
		most.saturating_mul(missing.saturated_into())
	}

	/// What has to be put in at least so that all that waits for money goes on, in planck: what is out, or the next
	/// unit if nothing is. Never nothing: only what is put in has it go on.
	pub(crate) fn missing_money(&self) -> Balance {
		let most = self.most_pay();
		let wanting = self.board.wanting.iter();
		let wanting = wanting.filter_map(|at| Units::<T>::get(self.id, *at));
		let mut needed = wanting.fold(0, |sum: Balance, unit| sum.saturating_add(self.lacks(&unit, most)));
		if self.board.open.is_empty() {
			needed = self.lacks(&Unit::new(self.rule().first(), 0, self.prior()), most);
		}
		needed.saturating_sub(self.job.free()).max(1)
	}

	/// Whether units end with what there is: nobody else is given any.
	pub(crate) fn is_forced(&self) -> bool {
		self.job.given_up && self.job.short.is_some()
	}

	/// How many members may still be given a unit.
	pub(crate) fn left_for(&self, unit: &Unit) -> usize {
		if self.is_forced() {
			return 0;
		}
		let may = |(member, at): &(&MemberOf<T>, u8)| !member.work.out && !unit.was_asked(*at);
		self.pool.iter().zip(0_u8..).filter(may).count()
	}

	pub(crate) fn member_mut(&mut self, member: u8) -> Option<&mut MemberOf<T>> {
		self.pool.get_mut(usize::from(member))
	}

	pub(crate) fn device(&self, member: u8) -> Option<DeviceId> {
		self.pool.get(usize::from(member)).map(|member| member.work.device)
	}

	/// A member does not compute a unit any more.
	pub(crate) fn free_member(&self, member: u8) {
		if let Some(device) = self.device(member) {
			Pallet::<T>::free_worker(&device);
		}
	}

	/// A member has a unit, and what it is paid for that at most is promised to it.
	pub(crate) fn promise(&mut self, member: u8) {
		let hold = self.hold(member);
		self.job.promised = self.job.promised.saturating_add(hold);
		if let Some(member) = self.member_mut(member) {
			member.has = member.has.saturating_add(1);
		}
	}

	/// It has it no more, and nothing is promised to it for that.
	pub(crate) fn unpromise(&mut self, member: u8) {
		let hold = self.hold(member);
		self.job.promised = self.job.promised.saturating_sub(hold);
		if let Some(member) = self.member_mut(member) {
			member.has = member.has.saturating_sub(1);
		}
	}

	/// A unit has to be given to somebody.
	pub(crate) fn want(&mut self, unit: UnitAt) {
		if !self.board.wanting.contains(&unit) {
			// No more want members than are out.
			let _ = self.board.wanting.try_push(unit);
		}
	}

	/// A unit is out no more.
	pub(crate) fn put_away(&mut self, unit: UnitAt) {
		self.board.open.retain(|open| *open != unit);
		self.board.wanting.retain(|wanting| *wanting != unit);
		self.job.open = self.job.open.saturating_sub(1);
		Units::<T>::remove(self.id, unit);
	}

	/// Whether somebody may put more into it.
	pub(crate) fn may_have_more(&self) -> bool {
		self.job.purpose.is_ordered() && !self.job.given_up
	}

	/// Its money does not suffice: it waits for more. What nobody puts more into ends with what there is.
	pub(crate) fn fall_short(&mut self) {
		let now = T::Clock::tick();
		if !self.may_have_more() {
			self.job.given_up = true;
			self.job.short = Some(now);
			self.force();
			return;
		}
		let until = now.saturating_add(T::Terms::get().times.pooling);
		self.job.short = Some(until);
		Pallet::<T>::wait_for_money(self.id, until);
		Pallet::<T>::deposit_event(Event::JobShort(self.id, until));
	}

	/// What is out ends with what there is.
	pub(crate) fn force(&mut self) {
		for unit in core::mem::take(&mut self.board.wanting) {
			Pallet::<T>::settle_soon(self.id, unit);
		}
	}

	/// Whether nothing of it is out or to come.
	pub(crate) fn is_over(&self) -> bool {
		self.job.stage == Stage::Running && self.job.open == 0 && self.job.fresh() == 0
	}
}

impl<T: Config> Pallet<T> {
	/// A unit goes on by itself, if it does.
	pub(crate) fn settle_soon(job: JobId, unit: UnitAt) {
		Queue::<Settling<T>, SettlingEnds<T>, _>::push((job, unit));
	}

	/// A job is given turns.
	pub(crate) fn run_soon(id: JobId, job: &mut JobOf<T>) {
		if !job.queued {
			job.queued = true;
			Queue::<Runnable<T>, RunnableEnds<T>, _>::push(id);
		}
	}

	/// A device has room for one unit more.
	pub(crate) fn free_worker(device: &DeviceId) {
		Workers::<T>::mutate(device, |worker| {
			if let Some(worker) = worker {
				worker.busy = worker.busy.saturating_sub(1);
			}
		});
	}

	/// What of a member's stake answers for a job does so no more.
	pub(crate) fn unlock(member: &mut MemberOf<T>) {
		let locked = core::mem::take(&mut member.locked);
		Workers::<T>::mutate(member.work.device, |worker| {
			if let Some(worker) = worker {
				worker.locked = worker.locked.saturating_sub(locked);
			}
		});
	}

	/// A member that rests comes back, if it has its stake free again. Returns whether it does.
	pub(crate) fn wake(member: &mut MemberOf<T>, stake: Balance) -> bool {
		let locked = Workers::<T>::mutate(member.work.device, |worker| {
			let worker = worker
				.as_mut()
				.filter(|worker| worker.open && worker.free_stake() >= stake);
			worker.map(|worker| worker.locked = worker.locked.saturating_add(stake))
		});
		if locked.is_some() {
			member.locked = stake;
			member.rests = false;
			member.work.out = false;
		}
		locked.is_some()
	}

	/// A member is in the pool no more.
	pub(crate) fn leave_pool(id: JobId, member: &mut MemberOf<T>) {
		Self::unlock(member);
		Memberships::<T>::remove(member.work.device, id);
		Workers::<T>::mutate(member.work.device, |worker| {
			if let Some(worker) = worker {
				worker.pools = worker.pools.saturating_sub(1);
			}
		});
	}

	pub(crate) fn lives(more: u32, less: u32) {
		Live::<T>::mutate(|live| *live = live.saturating_add(more).saturating_sub(less));
	}

	/// The beacon's accumulator of this turn.
	pub(crate) fn beacon() -> Hash {
		crate::Beacons::<T>::get().now()
	}
}
