//! Transactions without an account: what devices say of units. They pay no fee and have a part of each block for
//! themselves; so each counts only if the chain has asked for it, once, and is looked at before it is carried out.

use super::work::Work;
use crate::{
	Config, Error, Event, Free, Jobs, Memberships, Pallet, PoolOf, Pools, Results, State, Unit, UnitError, Units,
	Workers,
};
use alloc::collections::BTreeMap;
use codec::Encode;
use compute_market_primitives::{Assignment, Commit, Commitment, Decline, JobId, OutputReport, Reveal, Tick, UnitAt};
use device_primitives::DeviceId;
use frame_support::{dispatch::DispatchResult, ensure, pallet_prelude::TransactionValidityWithRefund, weights::Weight};
use pallet_traits::{Devices, MarketClock};
use sp_core::sr25519;
use sp_runtime::{
	traits::Verify,
	transaction_validity::{
		InvalidTransaction, TransactionLongevity, TransactionPriority, TransactionValidityError, UnknownTransaction,
		ValidTransaction,
	},
	SaturatedConversion,
};

/// Of the pool's word that a transaction may be valid later.
pub const AHEAD: u8 = 1;

/// Units that such transactions name in a block at most, each of these counted as [`MESSAGE`] besides: whoever keeps
/// them back fills no blocks.
pub const MAX_FREE: u32 = 512;

/// As how many units such a transaction counts besides those that it names: what it costs whatever it says.
pub const MESSAGE: u32 = 3;

/// They go before what is paid for, for they are worth nothing after a deadline, and after what devices answer to
/// audits and closes of channels, which is less. The one that is nearest to its own deadline goes first.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 32;

impl<T> From<Error<T>> for TransactionValidityError {
	fn from(error: Error<T>) -> Self {
		match error {
			// The pool bans what is invalid. This may be valid in a moment: with the next block, or on another fork.
			Error::UnknownJob | Error::NotAssigned | Error::TooEarly => UnknownTransaction::Custom(AHEAD).into(),
			Error::TooLate | Error::AlreadyRevealed => InvalidTransaction::Stale.into(),
			Error::BadSignature | Error::CommitmentMismatch | Error::BadOutcome => InvalidTransaction::BadProof.into(),
			_ => InvalidTransaction::Call.into(),
		}
	}
}

/// A unit that a device has: under which numbers, and at which place of the pool.
struct Located {
	id: JobId,
	at: UnitAt,
	place: u8,
	unit: Unit,
}

/// Each unit is named once, in ascending order.
fn in_order<T>(units: impl Iterator<Item = UnitAt>) -> Result<(), Error<T>> {
	let mut last = None;
	for unit in units {
		ensure!(last.is_none_or(|last| last < unit), Error::<T>::OutOfOrder);
		last = Some(unit);
	}
	ensure!(last.is_some(), Error::<T>::Nothing);
	Ok(())
}

impl<T: Config> Pallet<T> {
	/// The unit that a device has by this name: to compute it first, or to run it again.
	fn locate(device: &DeviceId, job: JobId, unit: UnitAt) -> Result<Located, Error<T>> {
		let found = |id: JobId, at: UnitAt| {
			let place = Memberships::<T>::get(device, id)?;
			let unit = Units::<T>::get(id, at).filter(|unit| unit.replica(place).is_some())?;
			Some(Located { id, at, place, unit })
		};
		let again = || {
			let id = Results::<T>::get(job, unit)?.check?;
			let is_dispute = Jobs::<T>::get(id)?.purpose.is_dispute();
			(!is_dispute).then(|| found(id, 0)).flatten()
		};
		found(job, unit).or_else(again).ok_or(Error::<T>::NotAssigned)
	}

	/// The unit that the member at a place of a pool has by this name. One that is out has no result, and what has one
	/// is run again by one pool at most: so it is one pool, and one device.
	fn locate_at(job: JobId, place: u8, unit: UnitAt) -> Result<Located, Error<T>> {
		let (id, at) = if Units::<T>::contains_key(job, unit) {
			(job, unit)
		} else {
			let check = Results::<T>::get(job, unit).and_then(|agreed| agreed.check);
			(check.ok_or(Error::<T>::NotAssigned)?, 0)
		};
		let unit = Units::<T>::get(id, at).filter(|unit| unit.replica(place).is_some());
		let unit = unit.ok_or(Error::<T>::NotAssigned)?;
		Ok(Located { id, at, place, unit })
	}

	/// What is revealed of a unit, if it is not yet, and what it has to open.
	fn sealed_at(reveal: &Reveal, at: Assignment, now: Tick) -> Result<Option<(Located, Commitment)>, Error<T>> {
		let located = Self::locate_at(reveal.job, reveal.place, at.unit)?;
		match located.unit.sealed(located.place, at.since, now) {
			Ok(sealed) => Ok(Some((located, sealed))),
			// Others may have shown a part of what a worker shows: the rest counts.
			Err(UnitError::AlreadyRevealed) => Ok(None),
			Err(error) => Err(error.into()),
		}
	}

	/// The output of which a device has to look whether it is served.
	fn locate_dispute(report: &OutputReport<DeviceId>) -> Result<Located, Error<T>> {
		let found = || {
			let id = Results::<T>::get(report.job, report.unit)?.check?;
			let job = Jobs::<T>::get(id)?;
			let place = Memberships::<T>::get(report.prober, id)?;
			let unit = Units::<T>::get(id, 0)?;
			let named = job.purpose.is_dispute() && job.since == report.disputed;
			named.then_some(Located { id, at: 0, place, unit })
		};
		found().ok_or(Error::<T>::NotAssigned)
	}

	fn verify(device: &DeviceId, payload: &[u8], signature: &sr25519::Signature) -> Result<(), Error<T>> {
		let known = T::Devices::device(device).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(signature.verify(payload, &known.lottery), Error::<T>::BadSignature);
		Ok(())
	}

	/// The first tick at which one of these counts no more, if all of them count now.
	///
	/// # Errors
	/// Those of the call.
	pub(crate) fn check_commit(commit: &Commit<DeviceId>, signature: &sr25519::Signature) -> Result<Tick, Error<T>> {
		let now = T::Clock::tick();
		in_order::<T>(commit.units.iter().map(|said| said.at.unit))?;
		let mut due = Tick::MAX;
		for said in &commit.units {
			let Located { place, mut unit, .. } = Self::locate(&commit.device, commit.job, said.at.unit)?;
			due = due.min(unit.replica(place).map_or(now, |replica| replica.due));
			unit.say(place, said.at.since, said.said, now)?;
		}
		Self::verify(&commit.device, &commit.payload(&Self::genesis()), signature)?;
		Ok(due)
	}

	/// The same of what is revealed: what opens a commitment shows by itself whose it is.
	///
	/// # Errors
	/// Those of the call.
	pub(crate) fn check_reveal(reveal: &Reveal) -> Result<Tick, Error<T>> {
		let now = T::Clock::tick();
		in_order::<T>(reveal.units.iter().map(|shown| shown.at.unit))?;
		let job = Jobs::<T>::get(reveal.job).ok_or(Error::<T>::UnknownJob)?;
		// Nearly all are of one pool.
		let mut devices = BTreeMap::<JobId, DeviceId>::new();
		let mut is_new = false;
		for shown in &reveal.units {
			let Some((located, sealed)) = Self::sealed_at(reveal, shown.at, now)? else {
				continue;
			};
			let device = match devices.get(&located.id) {
				Some(device) => *device,
				None => {
					let pool = Pools::<T>::get(located.id);
					let member = pool.get(usize::from(located.place)).ok_or(Error::<T>::NotAssigned)?;
					devices.insert(located.id, member.work.device);
					member.work.device
				}
			};
			sealed.open(&shown.outcome, &shown.salt, &device, job.spec.fuel_limit)?;
			is_new = true;
		}
		ensure!(is_new, Error::<T>::AlreadyRevealed);
		Ok(now.saturating_add(1))
	}

	/// The same of what is handed back.
	///
	/// # Errors
	/// Those of the call.
	pub(crate) fn check_decline(decline: &Decline<DeviceId>, signature: &sr25519::Signature) -> Result<Tick, Error<T>> {
		in_order::<T>(decline.units.iter().map(|at| at.unit))?;
		for at in &decline.units {
			let Located { place, mut unit, .. } = Self::locate(&decline.device, decline.job, at.unit)?;
			unit.hand_back(place, at.since)?;
		}
		Self::verify(&decline.device, &decline.payload(&Self::genesis()), signature)?;
		Ok(T::Clock::tick().saturating_add(1))
	}

	/// The same of a report.
	///
	/// # Errors
	/// Those of the call.
	pub(crate) fn check_report(
		report: &OutputReport<DeviceId>,
		signature: &sr25519::Signature,
	) -> Result<Tick, Error<T>> {
		let now = T::Clock::tick();
		let Located { place, mut unit, .. } = Self::locate_dispute(report)?;
		let due = unit.replica(place).map_or(now, |replica| replica.due);
		unit.tell(place, State::Fault, now)?;
		Self::verify(&report.prober, &report.payload(&Self::genesis()), signature)?;
		Ok(due)
	}

	/// A device computes so many units less.
	fn relieve(device: &DeviceId, units: u32) {
		Workers::<T>::mutate(device, |worker| {
			if let Some(worker) = worker {
				worker.busy = worker.busy.saturating_sub(units);
			}
		});
	}

	pub(crate) fn do_commit(commit: &Commit<DeviceId>) -> DispatchResult {
		let (now, device) = (T::Clock::tick(), commit.device);
		// Nearly all are of one pool.
		let mut pools = BTreeMap::<JobId, PoolOf<T::AccountId>>::new();
		for said in &commit.units {
			let located = Self::locate(&device, commit.job, said.at.unit)?;
			let Located {
				id,
				at,
				place,
				mut unit,
			} = located;
			unit.say(place, said.at.since, said.said, now)
				.map_err(Error::<T>::from)?;
			if unit.is_said() {
				Self::settle_soon(id, at);
			}
			Units::<T>::insert(id, at, unit);
			let pool = pools.entry(id).or_insert_with(|| Pools::<T>::get(id));
			if let Some(member) = pool.get_mut(usize::from(place)) {
				member.work.said();
			}
			Self::deposit_event(Event::UnitCommitted(commit.job, said.at.unit, device));
		}
		for (id, pool) in pools {
			Pools::<T>::insert(id, pool);
		}
		let units = commit.units.len().saturated_into();
		Self::relieve(&device, units);
		Self::count_free(units);
		Ok(())
	}

	pub(crate) fn do_reveal(reveal: &Reveal) -> DispatchResult {
		let now = T::Clock::tick();
		for shown in &reveal.units {
			let Some((located, _)) = Self::sealed_at(reveal, shown.at, now)? else {
				continue;
			};
			let Located {
				id,
				at,
				place,
				mut unit,
			} = located;
			let revealed = unit.reveal(place, shown.at.since, shown.outcome, now);
			revealed.map_err(Error::<T>::from)?;
			if unit.is_revealed() {
				Self::settle_soon(id, at);
			}
			Units::<T>::insert(id, at, unit);
		}
		Self::count_free(reveal.units.len().saturated_into());
		Ok(())
	}

	pub(crate) fn do_decline(decline: &Decline<DeviceId>) -> DispatchResult {
		let units = decline.units.len().saturated_into();
		for given in &decline.units {
			let located = Self::locate(&decline.device, decline.job, given.unit)?;
			let Located {
				id,
				at,
				place,
				mut unit,
			} = located;
			unit.hand_back(place, given.since).map_err(Error::<T>::from)?;
			let mut work = Work::<T>::load(id).ok_or(Error::<T>::UnknownJob)?;
			work.unpromise(place);
			if let Some(member) = work.member_mut(place) {
				member.work.decline();
			}
			Units::<T>::insert(id, at, unit);
			work.save();
			// Somebody else gets it, if anybody is left.
			Self::settle_soon(id, at);
			Self::deposit_event(Event::UnitDeclined(decline.job, given.unit, decline.device));
		}
		Self::relieve(&decline.device, units);
		Self::count_free(units);
		Ok(())
	}

	pub(crate) fn do_report(report: &OutputReport<DeviceId>) -> DispatchResult {
		let now = T::Clock::tick();
		let Located {
			id,
			at,
			place,
			mut unit,
		} = Self::locate_dispute(report)?;
		let agreed = Results::<T>::get(report.job, report.unit).ok_or(Error::<T>::NotAssigned)?;
		let told = match report.served {
			Some(_) => State::Revealed(agreed.accepted.outcome),
			None => State::Fault,
		};
		unit.tell(place, told, now).map_err(Error::<T>::from)?;
		if unit.is_said() {
			Self::settle_soon(id, at);
		}
		Units::<T>::insert(id, at, unit);
		Pools::<T>::mutate(id, |pool| {
			if let Some(member) = pool.get_mut(usize::from(place)) {
				member.work.said();
			}
		});
		Self::relieve(&report.prober, 1);
		Self::count_free(1);
		Self::deposit_event(Event::UnitCommitted(report.job, report.unit, report.prober));
		Ok(())
	}

	/// How many units such transactions have named in this block.
	fn named_free() -> u32 {
		let (block, units) = Free::<T>::get();
		if block == frame_system::Pallet::<T>::block_number() {
			units
		} else {
			0
		}
	}

	fn count_free(more: u32) {
		let units = Self::named_free().saturating_add(more).saturating_add(MESSAGE);
		Free::<T>::put((frame_system::Pallet::<T>::block_number(), units));
	}

	/// The pool keeps one with each tag at a time.
	fn valid(kind: &'static str, tag: impl Encode, until: Tick) -> TransactionValidityWithRefund {
		let ticks = until.saturating_sub(T::Clock::tick());
		ValidTransaction::with_tag_prefix(kind)
			.priority(PRIORITY.saturating_sub(TransactionPriority::from(ticks)))
			// One that counts in this block alone is kept for it.
			.longevity(TransactionLongevity::from(ticks).max(1))
			.and_provides(tag)
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	fn ensure_room(units: usize) -> Result<(), TransactionValidityError> {
		let units: u32 = units.saturated_into();
		let all = Self::named_free().saturating_add(units).saturating_add(MESSAGE);
		if all > MAX_FREE {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		Ok(())
	}

	pub(crate) fn authorize_commit(
		commit: &Commit<DeviceId>,
		signature: &sr25519::Signature,
	) -> TransactionValidityWithRefund {
		Self::ensure_room(commit.units.len())?;
		let until = Self::check_commit(commit, signature)?;
		let first = commit.units.first().map(|said| said.at);
		Self::valid("ComputeCommits", (commit.device, commit.job, first), until)
	}

	pub(crate) fn authorize_reveal(reveal: &Reveal) -> TransactionValidityWithRefund {
		Self::ensure_room(reveal.units.len())?;
		let until = Self::check_reveal(reveal)?;
		let first = reveal.units.first().map(|shown| shown.at);
		Self::valid("ComputeReveals", (reveal.job, reveal.place, first), until)
	}

	pub(crate) fn authorize_decline(
		decline: &Decline<DeviceId>,
		signature: &sr25519::Signature,
	) -> TransactionValidityWithRefund {
		Self::ensure_room(decline.units.len())?;
		let until = Self::check_decline(decline, signature)?;
		let first = decline.units.first().copied();
		Self::valid("ComputeDeclines", (decline.device, decline.job, first), until)
	}

	pub(crate) fn authorize_report(
		report: &OutputReport<DeviceId>,
		signature: &sr25519::Signature,
	) -> TransactionValidityWithRefund {
		Self::ensure_room(1)?;
		let until = Self::check_report(report, signature)?;
		Self::valid("ComputeReports", (report.prober, report.job, report.unit), until)
	}
}
