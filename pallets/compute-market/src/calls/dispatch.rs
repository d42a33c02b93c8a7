//! Units are given out: job by job, in rounds by weight, with jitter of the beacon.

use super::{pools::size_of, work::Work};
use crate::{
	queues::Queue, Boards, Config, Copied, Due, DueNext, Event, Jobs, Member, Pallet, Runnable, RunnableEnds, Stage,
	Unit, Units, WeightInfo, Workers,
};
use alloc::vec::Vec;
use compute_market_primitives::{jitter, Balance, JobId, Stream, Tick, UnitAt, MAX_PICKS};
use core::cmp::Reverse;
use frame_support::{traits::Get, weights::Weight};
use pallet_traits::MarketClock;
use quorum_primitives::{Rule, EXHAUSTED};
use rounds_primitives::{pick, Member as Rounds};
use sp_runtime::SaturatedConversion;

/// Jobs that are looked at in a block at most, so that their units are given out.
pub const MAX_VISITS: u32 = 8;

/// So many times what its units are worth that have not settled yet a member has at stake, at least: how fast it lies
/// is no way to have more than it loses.
pub const COVERED: Balance = 2;

/// Units of a job that are looked at in a block at most, whether somebody idle is to compute them too.
const COPIES: usize = 8;

/// How many ticks after a unit is due there may be room to look whether it is late.
const DUE_TRIES: Tick = 32;

/// Why a unit was given to nobody.
enum Refused {
	/// Nobody has room, or nobody is left.
	Nobody,
	/// The money does not suffice.
	Short,
	/// The chain has no room for its deadline.
	Full,
}

/// To whom a unit is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
	/// To those whose stakes cover it.
	Covered,
	/// To others as well. What has begun ends: units of which each waits until another one is settled would wait for
	/// ever.
	Beyond,
	/// To one whose stake covers it, because somebody else is slow. So much of the money is left.
	Copy(Balance),
}

/// What others come after.
#[derive(Default)]
struct Kept {
	/// What of the money is for steps that have begun and wait for room.
	money: Balance,
	/// Whether a unit waits for more money.
	is_poor: bool,
}

/// How many units a member may have, or answer for without their having settled: they are worth a part of its stake.
fn covers<AccountId>(member: &Member<AccountId>, pay: Balance) -> u32 {
	let most = member.locked.checked_div(pay.saturating_mul(COVERED));
	u32::try_from(most.unwrap_or(Balance::MAX)).unwrap_or(u32::MAX)
}

/// A job whose turn it is.
struct Turn<'a, T: Config> {
	work: Work<T>,
	rule: Rule,
	rounds: Vec<Rounds>,
	/// How many units each member has room for,
	room: Vec<u32>,
	/// and how many its stake covers.
	covered: Vec<u32>,
	/// What one more member is paid for a unit at most, in planck.
	most: Balance,
	jitter: &'a mut Stream,
	now: Tick,
	/// How many units may still be given out.
	picks: u32,
}

impl<'a, T: Config> Turn<'a, T> {
	fn of(mut work: Work<T>, jitter: &'a mut Stream, picks: u32) -> Self {
		// What is only to be fetched is no result that anybody could lie about for pay.
		let pay = if work.job.purpose.is_dispute() {
			0
		} else {
			work.job.unit_pay()
		};
		let mut room = Vec::with_capacity(work.pool.len());
		let mut covered = Vec::with_capacity(work.pool.len());
		for member in &mut work.pool {
			let worker = Workers::<T>::get(member.work.device).filter(|worker| worker.open);
			// Whoever takes nothing any more has left, and whose stake covers no unit.
			let covers = covers(member, pay);
			member.work.out |= worker.is_none() || covers == 0;
			let most = covers.saturating_sub(member.open.saturating_add(member.has));
			covered.push(most);
			room.push(worker.map_or(0, |worker| worker.room()));
		}
		Self {
			rounds: work.pool.iter().map(|member| member.work.rounds).collect(),
			rule: work.rule(),
			most: work.most_pay(),
			now: T::Clock::tick(),
			jitter,
			work,
			room,
			covered,
			picks,
		}
	}

	/// Members that have not left.
	fn there(&self) -> usize {
		self.work.pool.iter().filter(|member| !member.work.out).count()
	}

	/// Gives out what there is.
	fn take(&mut self) {
		let (_, least) = size_of(&self.work.job);
		if self.there() < usize::try_from(least).unwrap_or(0) && self.work.job.fresh() > 0 {
			self.work.job.given_up = true;
			if self.work.job.purpose.is_ordered() {
				Pallet::<T>::deposit_event(Event::JobStarved(self.work.id));
			}
		}
		let given = self.give_wanting().and_then(|kept| self.give_fresh(kept));
		let given = given.and_then(|kept| self.give_copies(&kept));
		if matches!(given, Err(Refused::Short)) {
			self.work.fall_short();
		}
	}

	/// Units that miss members: first those of which a step has begun; of these, and of the others, first those that
	/// have come furthest. What is promised for one comes back only once it is decided.
	fn wanting(&mut self) -> Vec<(UnitAt, Unit)> {
		let mut units = Vec::with_capacity(self.work.board.wanting.len());
		for at in self.work.board.wanting.clone() {
			match Units::<T>::get(self.work.id, at) {
				Some(unit) => units.push((at, unit)),
				None => self.work.board.wanting.retain(|wanting| *wanting != at),
			}
		}
		// Of those alike the first one is the first.
		units.sort_by_key(|(_, unit)| (!unit.has_begun(&self.rule), Reverse(unit.replicas.len())));
		units
	}

	/// Units that miss members, first. Each is given to all that it misses or to none: spread over many units that need
	/// more of them, the money would end none. For the same reason a step begins only if there is money for the next
	/// one too, which it may take; where nothing else goes on the first unit begins without.
	fn give_wanting(&mut self) -> Result<Kept, Refused> {
		let picks = self.picks;
		let (mut kept, mut poor): (Kept, Option<(UnitAt, Unit)>) = (Kept::default(), None);
		for (at, mut unit) in self.wanting() {
			if self.picks == 0 {
				break;
			}
			let (how, next) = if unit.has_begun(&self.rule) || self.is_stuck(&kept, picks) {
				(How::Beyond, 0)
			} else {
				(How::Covered, self.next(&unit))
			};
			let there = self.work.job.free().saturating_sub(kept.money);
			if self.lacks(&unit).saturating_add(next) > there {
				kept.is_poor = true;
				if poor.is_none() && self.may_be_given(&unit, how) {
					poor = Some((at, unit));
				}
				continue;
			}
			let before = self.picks;
			let given = self.give_all(at, &mut unit, 0, how);
			let (missing, left) = (unit.missing(), self.work.left_for(&unit));
			kept.money = kept.money.saturating_add(self.lacks(&unit));
			if self.picks < before {
				Units::<T>::insert(self.work.id, at, unit);
			}
			if missing == 0 || left == 0 {
				self.work.board.wanting.retain(|wanting| *wanting != at);
			}
			if missing > 0 && left == 0 {
				// With fewer than it wants it goes on with those that there are.
				Pallet::<T>::settle_soon(self.work.id, at);
			}
			match given {
				Err(Refused::Nobody) | Ok(()) => {}
				Err(refused) => return Err(refused),
			}
		}
		if let Some((at, unit)) = poor.filter(|_| self.is_stuck(&kept, picks)) {
			self.give_last(at, unit)?;
		}
		Ok(kept)
	}

	/// Whether nothing comes back by itself: all that is out waits, and nobody was given any of it, nor will be once
	/// there is room.
	fn is_stuck(&self, kept: &Kept, picks: u32) -> bool {
		!self.moves() && kept.money == 0 && self.picks == picks
	}

	/// All that is out waits for more money than there is: whoever may put that in is asked for it. If nobody may, the
	/// unit that has come furthest is given to as many as can be paid, if these may decide it, and else to nobody.
	fn give_last(&mut self, at: UnitAt, mut unit: Unit) -> Result<(), Refused> {
		if self.work.may_have_more() {
			return Err(Refused::Short);
		}
		let paid = self.work.job.free().checked_div(self.most).unwrap_or(0);
		let missing = unit.missing();
		let more = missing.min(self.work.left_for(&unit));
		let more = more.min(usize::try_from(paid).unwrap_or(usize::MAX));
		let counted = usize::from(unit.want).saturating_sub(missing);
		if more == 0 || counted.saturating_add(more) < EXHAUSTED {
			// Whoever hands it back, or is late, leaves its pay to another one.
			if unit.is_computed() {
				return Ok(());
			}
			return Err(Refused::Short);
		}
		let given = self.give_all(at, &mut unit, missing.saturating_sub(more), How::Beyond);
		Units::<T>::insert(self.work.id, at, unit);
		match given {
			Err(Refused::Nobody) => Ok(()),
			given => given,
		}
	}

	/// Then units that nobody has had, as far as the money suffices for a first dissent on each, and unless one that
	/// somebody has waits for it.
	fn give_fresh(&mut self, mut kept: Kept) -> Result<Kept, Refused> {
		let whole = self.whole();
		while self.picks > 0 && self.work.job.fresh() > 0 && !self.work.board.open.is_full() {
			let is_alone = self.work.board.open.is_empty();
			let there = self.work.job.free().saturating_sub(kept.money);
			if kept.is_poor || (!is_alone && there < whole) {
				break;
			}
			let at = self.work.job.next;
			let mut unit = Unit::new(self.rule.first(), 0, self.work.prior());
			let given = self.give_all(at, &mut unit, 0, How::Covered);
			if unit.replicas.is_empty() {
				return match given {
					Err(Refused::Nobody) => Ok(kept),
					given => given.map(|()| kept),
				};
			}
			kept.money = kept.money.saturating_add(self.lacks(&unit));
			self.open(at, unit);
			match given {
				Err(Refused::Nobody) => break,
				given => given?,
			}
		}
		Ok(kept)
	}

	/// A unit is out that nobody has had.
	fn open(&mut self, at: UnitAt, unit: Unit) {
		let missing = unit.missing() > 0;
		Units::<T>::insert(self.work.id, at, unit);
		self.work.job.next = at.saturating_add(1);
		self.work.job.open = self.work.job.open.saturating_add(1);
		// There is room for it.
		let _ = self.work.board.open.try_push(at);
		if missing {
			self.work.want(at);
		}
	}

	/// Whoever is idle computes what somebody else is slow with. What could be given out was.
	fn give_copies(&mut self, kept: &Kept) -> Result<(), Refused> {
		if self.work.is_forced() {
			return Ok(());
		}
		let times = T::Terms::get().times;
		let by = Copied {
			now: self.now,
			slowness: times.slowness,
			slack: times.slack,
			late: T::Rules::get().copy,
		};
		let how = How::Copy(self.kept_from_copies(kept));
		let open = self.work.board.open.clone();
		let from = usize::try_from(self.now)
			.unwrap_or(0)
			.checked_rem(open.len())
			.unwrap_or(0);
		for at in open.iter().cycle().skip(from).take(open.len().min(COPIES)) {
			let Some(mut unit) = Units::<T>::get(self.work.id, at) else {
				continue;
			};
			if self.picks == 0 {
				break;
			}
			if !unit.wants_copy(&by) {
				continue;
			}
			match self.give(*at, &mut unit, how) {
				Ok(()) => Units::<T>::insert(self.work.id, at, unit),
				// Copies are not worth waiting for money.
				Err(Refused::Nobody | Refused::Short) => {}
				Err(refused) => return Err(refused),
			}
		}
		Ok(())
	}

	/// What of the money copies leave to what waits, if anything does: units that nobody has had have their first
	/// members, and one of all a dissent.
	fn kept_from_copies(&self, kept: &Kept) -> Balance {
		let fresh = self.work.job.fresh();
		if fresh == 0 && self.work.board.wanting.is_empty() {
			return 0;
		}
		let firsts: Balance = self.rule.first().saturated_into();
		let firsts = self.most.saturating_mul(firsts).saturating_mul(fresh.into());
		kept.money.saturating_add(self.whole()).saturating_add(firsts)
	}

	/// What a unit takes at most up to the end of its first dissent, in planck.
	fn whole(&self) -> Balance {
		let first = self.rule.first();
		let second = self.rule.0.get(1).map_or(first, |step| step.asked);
		self.most.saturating_mul(second.min(self.there()).saturated_into())
	}

	/// What those that a unit misses are paid at most, in planck.
	fn lacks(&self, unit: &Unit) -> Balance {
		self.work.lacks(unit, self.most)
	}

	/// What those are paid at most who are asked besides if that decides nothing.
	fn next(&self, unit: &Unit) -> Balance {
		let left = self.work.left_for(unit).saturating_sub(unit.missing());
		let next = unit.further(&self.rule).min(left);
		self.most.saturating_mul(next.saturated_into())
	}

	/// Gives a unit to as many as it misses, but for so many.
	fn give_all(&mut self, at: UnitAt, unit: &mut Unit, but: usize, how: How) -> Result<(), Refused> {
		while unit.missing() > but && self.picks > 0 {
			self.give(at, unit, how)?;
		}
		Ok(())
	}

	/// Whether what is promised to others comes back: not all that is out waits for money as well.
	fn moves(&self) -> bool {
		self.work.board.open.len() > self.work.board.wanting.len()
	}

	/// Whether a member can be given a unit now.
	fn may(&self, place: usize, unit: &Unit, how: How) -> bool {
		let member = u8::try_from(place).unwrap_or(u8::MAX);
		let gone = self.work.pool.get(place).is_none_or(|member| member.work.out);
		let some = |numbers: &[u32]| numbers.get(place).is_some_and(|number| *number > 0);
		let covered = how == How::Beyond || some(&self.covered);
		!gone && covered && some(&self.room) && !unit.was_asked(member)
	}

	/// Whether somebody can.
	fn may_be_given(&self, unit: &Unit, how: How) -> bool {
		!self.work.is_forced() && (0..self.work.pool.len()).any(|place| self.may(place, unit, how))
	}

	/// Gives a unit to one member.
	fn give(&mut self, at: UnitAt, unit: &mut Unit, how: How) -> Result<(), Refused> {
		let (copy, kept) = match how {
			How::Copy(kept) => (true, kept),
			How::Covered | How::Beyond => (false, 0),
		};
		let free = self.work.job.free().saturating_sub(kept);
		if !self.may_be_given(unit, how) {
			return Err(Refused::Nobody);
		}
		let pays = |place: usize| self.work.hold(u8::try_from(place).unwrap_or(u8::MAX)) <= free;
		let can: Vec<bool> = (0..self.work.pool.len())
			.map(|place| self.may(place, unit, how) && pays(place))
			.collect();
		if !can.contains(&true) {
			return Err(if self.moves() { Refused::Nobody } else { Refused::Short });
		}
		let can = |place: usize| can.get(place).copied().unwrap_or(false);
		let picked = pick(&mut self.rounds, can, &mut *self.jitter);
		let place = picked.ok_or(Refused::Nobody)?;
		let member = u8::try_from(place).map_err(|_| Refused::Nobody)?;
		let rate = self.work.pool.get(place).map_or(1, |member| member.work.rate_of_slot());
		let due = T::Terms::get().times.due(self.now, self.work.fuel_limit(), rate);
		let due = Pallet::<T>::note_due(due, self.work.id, at).ok_or(Refused::Full)?;
		// It was not asked yet, and there is room.
		if unit.give(member, self.now, due, copy).is_err() {
			return Err(Refused::Nobody);
		}
		self.work.promise(member);
		for numbers in [&mut self.room, &mut self.covered] {
			if let Some(number) = numbers.get_mut(place) {
				*number = number.saturating_sub(1);
			}
		}
		self.picks = self.picks.saturating_sub(1);
		if let Some(member) = self.work.member_mut(member) {
			member.work.take();
			let device = member.work.device;
			Workers::<T>::mutate(device, |worker| {
				if let Some(worker) = worker {
					worker.busy = worker.busy.saturating_add(1);
				}
			});
			let (job, unit) = self.work.named(at);
			Pallet::<T>::deposit_event(Event::UnitDispatched(job, unit, device, due));
		}
		Ok(())
	}

	fn end(self) -> Work<T> {
		let Self { mut work, rounds, .. } = self;
		for (member, rounds) in work.pool.iter_mut().zip(rounds) {
			member.work.rounds = rounds;
		}
		work
	}
}

impl<T: Config> Pallet<T> {
	/// Gives out units, job by job, as long as there is weight.
	pub(crate) fn dispatch_within(left: Weight) -> Weight {
		let each = T::WeightInfo::visit(1).saturating_sub(T::WeightInfo::visit(0));
		let mut used = Weight::zero();
		let mut picks = MAX_PICKS;
		let mut jitter = jitter(&Self::beacon(), T::Clock::tick());
		let jobs = Queue::<Runnable<T>, RunnableEnds<T>, _>::len().min(MAX_VISITS.into());
		for _ in 0..jobs {
			let Some(id) = Queue::<Runnable<T>, RunnableEnds<T>, _>::first() else {
				break;
			};
			let base = Self::cost_of_visit(id);
			let room = left.saturating_sub(used.saturating_add(base));
			if picks == 0 || !used.saturating_add(base).saturating_add(each).all_lte(left) {
				break;
			}
			let most = picks.min(room.checked_div_per_component(&each).unwrap_or(0).saturated_into());
			Queue::<Runnable<T>, RunnableEnds<T>, _>::pop();
			let given = Self::visit(id, &mut jitter, most);
			picks = picks.saturating_sub(given);
			used = used
				.saturating_add(base)
				.saturating_add(each.saturating_mul(given.into()));
		}
		used
	}

	/// What it takes to look at a job, besides what it gives out: at each of its units that miss members too. One that
	/// runs another's unit again may be over.
	fn cost_of_visit(id: JobId) -> Weight {
		let wanting = Boards::<T>::get(id).wanting.len().saturated_into();
		let visit = T::WeightInfo::visit(0)
			.max(T::WeightInfo::visit_busy(wanting))
			.max(T::WeightInfo::visit_asked(wanting));
		match Jobs::<T>::get(id) {
			Some(job) if !job.purpose.is_ordered() => visit.saturating_add(T::WeightInfo::end_check()),
			_ => visit,
		}
	}

	/// A job has its turn: it gives out so many units at most. Returns how many it did.
	fn visit(id: JobId, jitter: &mut Stream, most: u32) -> u32 {
		let Some(mut work) = Work::<T>::load(id) else {
			return 0;
		};
		work.job.queued = false;
		if work.job.stage != Stage::Running || (work.job.short.is_some() && !work.job.given_up) {
			Jobs::<T>::insert(id, work.job);
			return 0;
		}
		let mut turn = Turn::of(work, jitter, most);
		turn.take();
		let given = most.saturating_sub(turn.picks);
		let mut work = turn.end();
		Self::end_if_over(&mut work);
		let waits = work.job.short.is_some();
		if work.job.stage == Stage::Running && !waits {
			Self::run_soon(id, &mut work.job);
		}
		Self::put_down(work);
		given
	}

	/// It is looked whether a unit is late after this tick, or after the first one from then on that has room for it.
	fn note_due(due: Tick, job: JobId, unit: UnitAt) -> Option<Tick> {
		// What was looked at is not looked at again.
		let from = due.max(DueNext::<T>::get());
		(from..from.saturating_add(DUE_TRIES)).find(|tick| {
			let noted = Due::<T>::try_mutate(tick, |units| units.try_push((job, unit)));
			noted.is_ok()
		})
	}
}
