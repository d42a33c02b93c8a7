//! Devices that compute: what they offer, the tickets by which they are drawn, their stakes, and what becomes of those
//! that are gone.

use crate::{
	AllCredits, Beacons, Config, Credits, Drawable, DueNext, Error, Event, HoldReason, Pallet, ProvenCompute,
	TicketCount, TicketsAt, WorkTickets, Worker, Workers,
};
use compute_market_primitives::{Balance, Reliability, WorkOffer, MAX_TICKETS};
use core::marker::PhantomData;
use device_primitives::DeviceId;
use frame_support::{
	defensive_assert,
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision, Contains, Get, OnRuntimeUpgrade, StorageVersion},
	weights::Weight,
};
use pallet_traits::{Beacon, DeviceHook, Devices, MarketClock};
use proof_lottery_primitives::Decay;

/// The version of the storage that [`Begin`] leaves.
const BEGUN: u16 = 1;

/// The market begins on a chain that has run without it: notes the tick from which on deadlines are looked at, and the
/// first turn of the beacon. From nothing to version 1, once.
pub struct Begin<T>(PhantomData<T>);

impl<T: Config> OnRuntimeUpgrade for Begin<T> {
	fn on_runtime_upgrade() -> Weight {
		// A pallet that is new has its version before any migration runs: what it has not is its first tick.
		if DueNext::<T>::exists() {
			return T::DbWeight::get().reads(1);
		}
		Pallet::<T>::follow_beacon();
		StorageVersion::new(BEGUN).put::<Pallet<T>>();
		// The tick, twice; the clock, the accumulator, the turns before, tickets and those that can be drawn.
		T::DbWeight::get().reads_writes(7, 4)
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(_: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
		ensure!(DueNext::<T>::exists(), "the market has its first tick");
		Pallet::<T>::do_try_state()
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_worker(who: T::AccountId, device: DeviceId, offer: Option<WorkOffer>) -> DispatchResult {
		let Some(offer) = offer else {
			Self::worker_of(&who, &device)?;
			Self::retreat(&device);
			return Ok(());
		};
		let known = T::Devices::device(&device).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(known.owner == who && known.active, Error::<T>::NotYours);
		offer.check().map_err(Error::<T>::from)?;
		ensure!(offer.engines.iter().all(T::Engines::contains), Error::<T>::NoSuchEngine);
		let mut before = Workers::<T>::get(device);
		if let Some(worker) = before.as_ref().filter(|worker| worker.owner != who) {
			// Stake and pay of its pools are of who offered it.
			ensure!(worker.pools == 0, Error::<T>::StillWorks);
			Self::forget_worker(&device);
			before = None;
		}
		let group = T::Devices::endpoints(&device)
			.first()
			.and_then(|endpoint| endpoint.network_group())
			.filter(|_| T::Groups::get());
		let (ask, slots) = (offer.ask, offer.slots);
		let worker = match before {
			Some(worker) => Worker {
				group,
				offer,
				open: true,
				..worker
			},
			None => {
				let deposit = T::Deposits::get().worker;
				T::Currency::hold(&HoldReason::Worker.into(), &who, deposit)?;
				Worker {
					owner: who,
					group,
					offer,
					open: true,
					busy: 0,
					pools: 0,
					stake: 0,
					locked: 0,
					leaving: None,
					tickets: 0,
					reliability: Reliability::default(),
					deposit,
				}
			}
		};
		Self::set_tickets(&device, worker, Self::tickets_of(&device));
		Self::deposit_event(Event::WorkerSet(device, ask, slots));
		Ok(())
	}

	/// By what it has proven: a device with less than what a ticket stands for has one, if it has proven anything.
	fn tickets_of(device: &DeviceId) -> u32 {
		let each = T::Rules::get().ticket.max(1);
		T::Compute::rate(device).div_ceil(each).min(MAX_TICKETS)
	}

	fn worker_of(who: &T::AccountId, device: &DeviceId) -> Result<Worker<T::AccountId>, Error<T>> {
		let worker = Workers::<T>::get(device).ok_or(Error::<T>::NoWorker)?;
		ensure!(worker.owner == *who, Error::<T>::NotYours);
		Ok(worker)
	}

	pub(crate) fn do_add_stake(who: &T::AccountId, device: DeviceId, amount: Balance) -> DispatchResult {
		let mut worker = Self::worker_of(who, &device)?;
		ensure!(amount > 0, Error::<T>::Nothing);
		worker.stake = worker.stake.checked_add(amount).ok_or(Error::<T>::TooMuch)?;
		Self::put_in(who, amount)?;
		Workers::<T>::insert(device, worker);
		Self::deposit_event(Event::StakeAdded(device, amount));
		Ok(())
	}

	/// Pays what has left by now, and has so much more leave.
	pub(crate) fn do_withdraw_stake(who: &T::AccountId, device: DeviceId, amount: Balance) -> DispatchResult {
		let mut worker = Self::worker_of(who, &device)?;
		let now = T::Clock::tick();
		let left = match worker.leaving {
			Some((left, at)) if now >= at => left,
			_ => 0,
		};
		ensure!(amount > 0 || left > 0, Error::<T>::TooEarly);
		if left > 0 {
			worker.leaving = None;
			worker.stake = worker.stake.saturating_sub(left);
		}
		if amount > 0 {
			ensure!(worker.free_stake() >= amount, Error::<T>::StakeTooSmall);
			let before = worker.leaving.map_or(0, |(before, _)| before);
			let notice = T::Terms::get().times.notice.saturating_mul(T::Rules::get().era);
			let at = now.saturating_add(notice);
			worker.leaving = Some((before.saturating_add(amount), at));
			Self::deposit_event(Event::StakeLeaves(device, amount, at));
		}
		Workers::<T>::insert(device, worker);
		if left > 0 {
			Self::pay_out(who, left);
			Self::deposit_event(Event::StakeLeft(device, left));
		}
		Self::forget_if_idle(&device);
		Ok(())
	}

	/// Nothing is kept of whoever offers nothing, has nothing at stake, and is in no pool.
	fn forget_if_idle(device: &DeviceId) {
		let idle = |worker: &Worker<T::AccountId>| !worker.open && worker.pools == 0 && worker.stake == 0;
		if Workers::<T>::get(device).is_some_and(|worker| idle(&worker)) {
			Self::forget_worker(device);
		}
	}

	/// Nothing is kept of a worker that is in no pool. Its stake is its owner's.
	fn forget_worker(device: &DeviceId) {
		let Some(worker) = Workers::<T>::get(device) else {
			return;
		};
		let (owner, stake, deposit) = (worker.owner.clone(), worker.stake, worker.deposit);
		Self::set_tickets(device, worker, 0);
		Workers::<T>::remove(device);
		Self::pay_out(&owner, stake);
		let released = T::Currency::release(&HoldReason::Worker.into(), &owner, deposit, Precision::BestEffort);
		defensive_assert!(released.is_ok(), "what is held is there");
	}

	/// Writes a worker with so many tickets: those of before go first.
	fn set_tickets(device: &DeviceId, mut worker: Worker<T::AccountId>, tickets: u32) {
		let before = Workers::<T>::get(device).map_or(0, |worker| worker.tickets);
		for number in 0..before {
			Self::remove_ticket(device, number);
		}
		for number in 0..tickets {
			let index = TicketCount::<T>::get();
			WorkTickets::<T>::insert(index, (device, number));
			TicketsAt::<T>::insert((device, number), index);
			TicketCount::<T>::put(index.saturating_add(1));
		}
		worker.tickets = tickets;
		Workers::<T>::insert(device, worker);
	}

	/// The last ticket takes the place of one that goes.
	fn remove_ticket(device: &DeviceId, number: u32) {
		let Some(index) = TicketsAt::<T>::take((device, number)) else {
			return;
		};
		let last = TicketCount::<T>::get().saturating_sub(1);
		if let Some(moved) = WorkTickets::<T>::take(last).filter(|_| last != index) {
			WorkTickets::<T>::insert(index, moved);
			TicketsAt::<T>::insert(moved, index);
		}
		TicketCount::<T>::put(last);
	}

	/// Follows the beacon: once a block.
	pub(crate) fn follow_beacon() {
		// In the first block there is.
		if !DueNext::<T>::exists() {
			DueNext::<T>::put(T::Clock::tick());
		}
		let accumulator = T::Beacon::accumulator();
		let mut turns = Beacons::<T>::get();
		if turns.last.last() == Some(&accumulator) {
			return;
		}
		if turns.last.is_full() {
			turns.last.remove(0);
		}
		// There is room for one.
		let _ = turns.last.try_push(accumulator);
		turns.turn = turns.turn.saturating_add(1);
		Beacons::<T>::put(turns);
		Drawable::<T>::mutate(|known| *known = (TicketCount::<T>::get(), known.0));
	}

	/// How many tickets can be drawn: those that there were when the turn before this one began. Nobody knew this one's
	/// beacon then; its author has since. What has come later lies behind them.
	pub(crate) fn drawable() -> u32 {
		let (_, before) = Drawable::<T>::get();
		before
	}

	/// A device takes no new units: it is given none by pools that it is in, either.
	fn retreat(device: &DeviceId) {
		let Some(mut worker) = Workers::<T>::get(device) else {
			return;
		};
		worker.open = false;
		Self::set_tickets(device, worker, 0);
		Self::deposit_event(Event::WorkerLeft(*device));
		Self::forget_if_idle(device);
	}

	/// A device has computed so much that counts.
	pub(crate) fn credit(device: &DeviceId, units: u128) {
		let (now, units) = (T::Clock::tick(), u64::try_from(units).unwrap_or(u64::MAX));
		Credits::<T>::mutate(device, |credit| {
			credit.units = Self::decay(credit.at).of(credit.units).saturating_add(units);
			credit.at = now;
		});
		AllCredits::<T>::mutate(|(all, at)| {
			*all = Self::decay(*at).of_total(*all).saturating_add(units.into());
			*at = now;
		});
	}

	fn decay(since: u32) -> Decay {
		Decay::over(T::Clock::tick().saturating_sub(since).into(), T::Tau::get())
	}
}

impl<T: Config> crate::Computed for Pallet<T> {
	fn of(device: &DeviceId) -> u64 {
		let credit = Credits::<T>::get(device);
		Self::decay(credit.at).of(credit.units)
	}

	fn total() -> u128 {
		let (all, at) = AllCredits::<T>::get();
		Self::decay(at).of_total(all)
	}
}

/// Whoever is in a pool has stake for it, and is paid for it: that is its owner's. One that is gone or suspended is
/// given nothing more; what it had it is late with.
impl<T: Config> DeviceHook<T::AccountId> for Pallet<T> {
	fn may_be_transferred(device: &DeviceId) -> bool {
		Workers::<T>::get(device).is_none_or(|worker| worker.pools == 0)
	}

	fn device_gone(device: &DeviceId, _: &T::AccountId) {
		Self::retreat(device);
	}

	fn device_transferred(device: &DeviceId, _: &T::AccountId, _: &T::AccountId) {
		Self::retreat(device);
	}

	fn device_active(device: &DeviceId, active: bool) {
		if !active {
			Self::retreat(device);
		}
	}
}
