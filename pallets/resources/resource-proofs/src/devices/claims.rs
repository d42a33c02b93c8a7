//! Which devices are in which lottery, what they claim there, and how they leave.

use crate::{
	pallet::EntryOf, Balance, Claimed, ComputeEntry, Config, Counts, DeviceCounts, Entries, Entry, Error, Event,
	HoldReason, KindTotal, Pallet, ParameterValues, Parameters, PlotKind, SpaceEntry, Struck, Sums, Totals,
	UptimeEntry, LOG_TARGET,
};
use device_primitives::DeviceId;
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
	BoundedVec,
};
use pallet_traits::{Beacon, DeviceHook, Devices};
use proof_lottery_primitives::{Claim, ClaimRefused, Kept, Resource, Total, MAX_CLAIM};
use sp_runtime::{DispatchError, DispatchResult};

/// A device is silent if it has not won for so many tau: of those that expect 16 wins in one, and have what they claim,
/// one in 10^13 is.
pub const SILENT_TAU: u64 = 2;
/// All lotteries.
const RESOURCES: [Resource; 3] = [Resource::Space, Resource::Compute, Resource::Uptime];

impl<T> From<ClaimRefused> for Error<T> {
	fn from(refused: ClaimRefused) -> Self {
		match refused {
			ClaimRefused::RoundOpen => Self::RoundOpen,
			ClaimRefused::SmallerWaits => Self::SmallerClaimWaits,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The entry of a device that is in a lottery and not about to leave.
	pub(crate) fn entry(device: &DeviceId) -> Result<EntryOf<T>, Error<T>> {
		Entries::<T>::get(device)
			.filter(|entry| !entry.leaving)
			.ok_or(Error::NotDeclared)
	}

	/// The same of a device of this account.
	pub(crate) fn own_entry(who: &T::AccountId, device: &DeviceId) -> Result<EntryOf<T>, Error<T>> {
		let entry = Self::entry(device)?;
		ensure!(entry.owner == *who, Error::NotOwner);
		Ok(entry)
	}

	pub(crate) fn do_declare(who: &T::AccountId, device: &DeviceId, claim: Claimed) -> DispatchResult {
		let info = T::Devices::device(device).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(info.owner == *who, Error::<T>::NotOwner);
		ensure!(info.active, Error::<T>::NotActive);
		ensure!(!Struck::<T>::contains_key(device), Error::<T>::DeviceIsStruck);
		let mut entry = Entries::<T>::get(device).unwrap_or_else(|| Entry::new(who.clone()));
		ensure!(!entry.leaving, Error::<T>::WinsPending);
		ensure!(claim.units() > 0, Error::<T>::NothingClaimed);
		ensure!(claim.units() <= MAX_CLAIM, Error::<T>::TooMuchClaimed);
		let parameters = Parameters::<T>::get();
		Self::check_plots(&entry, &claim, &parameters)?;
		let (slot, resource) = (Self::slot(), claim.resource());
		let from = parameters.claim_from(resource, slot, T::Beacon::turn_length());
		let counted = Claim {
			units: claim.units(),
			from,
		};
		let open = Self::oldest_open(&entry, resource);
		match entry.kept_mut(resource) {
			Some(kept) => kept
				.estimator_mut()
				.claim(counted, slot, open)
				.map_err(Error::<T>::from)?,
			None => Self::enter(&mut entry, &claim, counted.into())?,
		}
		Entries::<T>::insert(device, entry);
		Self::deposit_event(Event::Declared {
			device: *device,
			claim,
			from,
		});
		Ok(())
	}

	/// Whether plots may be claimed: new ones have to be as governance asks; those that there are stay as they are, and
	/// become no more if they would not be taken any more.
	fn check_plots(entry: &EntryOf<T>, claim: &Claimed, parameters: &ParameterValues) -> Result<(), Error<T>> {
		let Claimed::Space {
			scheme,
			k,
			strength,
			groups,
		} = *claim
		else {
			return Ok(());
		};
		let before = entry.space.as_ref();
		let same = before.is_none_or(|space| space.kind == PlotKind { scheme, k } && space.strength == strength);
		ensure!(same, Error::OtherPlots);
		if before.is_some_and(|space| groups <= space.kept.estimator().units_claimed()) {
			return Ok(());
		}
		let space = &parameters.space;
		ensure!((space.min_k..=space.max_k).contains(&k) && k % 2 == 0, Error::BadSize);
		let strengths = space.min_strength..=T::MaxStrength::get();
		ensure!(strengths.contains(&strength), Error::BadStrength);
		Ok(())
	}

	/// Puts a device into a lottery that it is not in, for a deposit.
	pub(crate) fn enter(entry: &mut EntryOf<T>, claim: &Claimed, kept: Kept) -> DispatchResult {
		let deposit = match claim.resource() {
			Resource::Space => T::SpaceDeposit::get(),
			Resource::Compute => T::ComputeDeposit::get(),
			Resource::Uptime => T::UptimeDeposit::get(),
		};
		T::Currency::hold(&HoldReason::Lottery.into(), &entry.owner, deposit)?;
		match *claim {
			Claimed::Space {
				scheme, k, strength, ..
			} => {
				let kind = PlotKind { scheme, k };
				Self::know_kind(kind)?;
				entry.space = Some(SpaceEntry {
					kind,
					strength,
					deposit,
					kept,
					round: 0,
					found: BoundedVec::new(),
				});
			}
			Claimed::Compute { .. } => {
				entry.compute = Some(ComputeEntry {
					deposit,
					kept,
					window: 0,
					announced: BoundedVec::new(),
					pending: 0,
				});
			}
			Claimed::Uptime => {
				entry.uptime = Some(UptimeEntry {
					deposit,
					kept,
					won: None,
				});
			}
		}
		DeviceCounts::<T>::try_mutate(|counts| {
			let count = counts.of_mut(claim.resource());
			*count = count.checked_add(1).ok_or(Error::<T>::Overflow)?;
			Ok(())
		})
	}

	/// From now on plots of this kind add up.
	fn know_kind(kind: PlotKind) -> DispatchResult {
		Sums::<T>::try_mutate(|sums| {
			if sums.space.iter().any(|total| total.kind == kind) {
				return Ok(());
			}
			let total = KindTotal {
				kind,
				plots: Total::default(),
			};
			sums.space.try_push(total).map_err(|_| Error::<T>::Overflow.into())
		})
	}

	pub(crate) fn do_withdraw(who: &T::AccountId, device: &DeviceId, resource: Resource) -> DispatchResult {
		let entry = Self::own_entry(who, device)?;
		Self::ensure_uptime_is_last(&entry, resource)?;
		Self::leave(device, entry, resource)
	}

	pub(crate) fn do_remove_silent(device: &DeviceId, resource: Resource) -> DispatchResult {
		let entry = Self::entry(device)?;
		Self::ensure_uptime_is_last(&entry, resource)?;
		let kept = entry.kept(resource).ok_or(Error::<T>::NotDeclared)?;
		ensure!(Self::is_silent(kept, Self::slot()), Error::<T>::NotSilent);
		Self::leave(device, entry, resource)
	}

	/// A device leaves the lottery of uptime last. Its estimate there is corrected for how long it has been in it: one
	/// that has been away could enter anew, and be as good after a day as if it had never been away.
	fn ensure_uptime_is_last(entry: &EntryOf<T>, resource: Resource) -> DispatchResult {
		let alone = entry.space.is_none() && entry.compute.is_none();
		let is_last = resource != Resource::Uptime || entry.uptime.is_none() || alone;
		ensure!(is_last, Error::<T>::UptimeIsLast);
		Ok(())
	}

	pub(crate) fn is_silent(kept: &Kept, slot: u64) -> bool {
		let patience = u64::from(Parameters::<T>::get().tau).saturating_mul(SILENT_TAU);
		slot.saturating_sub(kept.estimator().touched()) > patience
	}

	/// Takes a device out of one lottery by a call. As long as what it announced waits, all that it left answers for
	/// that: a liar would take the deposits of other lotteries away before its lie shows.
	fn leave(device: &DeviceId, mut entry: EntryOf<T>, resource: Resource) -> DispatchResult {
		ensure!(entry.pending() == 0, Error::<T>::WinsPending);
		let deposit = Self::strike_out(&mut entry, resource).ok_or(Error::<T>::NotDeclared)?;
		Self::release(&entry.owner, deposit)?;
		Self::deposit_event(Event::Left {
			device: *device,
			resource,
		});
		if entry.is_empty() {
			Self::end_link(device, &mut entry)?;
			Entries::<T>::remove(device);
		} else {
			Self::recount(device, &mut entry, Self::is_active(device));
			Entries::<T>::insert(device, entry);
		}
		Ok(())
	}

	/// Takes a device out of one lottery, and what it has won out of the sum; returns its deposit, which is still held.
	/// Whether that is released is for the caller to do, and to tell.
	fn strike_out(entry: &mut EntryOf<T>, resource: Resource) -> Option<Balance> {
		let kind = entry.space.as_ref().map(|space| space.kind);
		let (deposit, kept) = match resource {
			Resource::Space => entry.space.take().map(|space| (space.deposit, space.kept))?,
			Resource::Compute => entry.compute.take().map(|compute| (compute.deposit, compute.kept))?,
			Resource::Uptime => entry.uptime.take().map(|uptime| (uptime.deposit, uptime.kept))?,
		};
		let lottery = Self::lottery_of(&Parameters::<T>::get(), resource);
		let slot = Self::slot();
		Sums::<T>::mutate(|sums: &mut Totals| {
			if let Some(total) = sums.of(resource, kind) {
				kept.estimator().clone().leave(&lottery, slot, total);
			}
		});
		DeviceCounts::<T>::mutate(|counts: &mut Counts| {
			let count = counts.of_mut(resource);
			*count = count.saturating_sub(1);
		});
		Some(deposit)
	}

	pub(crate) fn release(owner: &T::AccountId, deposit: Balance) -> Result<(), DispatchError> {
		T::Currency::release(&HoldReason::Lottery.into(), owner, deposit, Precision::Exact)?;
		Ok(())
	}

	/// For hooks, which cannot fail: as much is held as is released, and `try_state` looks at it.
	pub(crate) fn note(released: Result<(), DispatchError>) {
		if let Err(error) = released {
			log::error!(target: LOG_TARGET, "A deposit is held on, its device is gone: {error:?}");
		}
	}

	/// A device is gone, or another's: whatever its owner agreed to is over. If announcements of it wait, what is held
	/// stays until they are verified.
	pub(crate) fn device_leaves(device: &DeviceId) {
		let Some(mut entry) = Entries::<T>::get(device) else {
			return;
		};
		Self::note(Self::end_link(device, &mut entry));
		if entry.pending() > 0 {
			entry.leaving = true;
			Entries::<T>::insert(device, entry);
			return;
		}
		let resources = RESOURCES.map(|resource| (resource, entry.kept(resource).is_some()));
		let deposit = Self::strike_out_of_all(&mut entry);
		for (resource, _) in resources.into_iter().filter(|(_, is_in)| *is_in) {
			Self::deposit_event(Event::Left {
				device: *device,
				resource,
			});
		}
		Self::note(Self::release(&entry.owner, deposit));
		Entries::<T>::remove(device);
	}

	/// Takes a device out of all lotteries; returns its deposits, which are still held.
	pub(crate) fn strike_out_of_all(entry: &mut EntryOf<T>) -> Balance {
		RESOURCES
			.into_iter()
			.filter_map(|resource| Self::strike_out(entry, resource))
			.fold(0, Balance::saturating_add)
	}
}

impl<T: Config> DeviceHook<T::AccountId> for Pallet<T> {
	/// A lie strikes the device, whoever owns it by then.
	fn may_be_transferred(device: &DeviceId) -> bool {
		Entries::<T>::get(device).is_none_or(|entry| entry.pending() == 0)
	}

	fn device_gone(device: &DeviceId, _: &T::AccountId) {
		Self::device_leaves(device);
	}

	fn device_transferred(device: &DeviceId, _: &T::AccountId, _: &T::AccountId) {
		Self::device_leaves(device);
	}

	/// While it is suspended it wins nothing and counts for nobody; its link and its claims stay.
	fn device_active(device: &DeviceId, active: bool) {
		let Some(mut entry) = Entries::<T>::get(device) else {
			return;
		};
		Self::recount(device, &mut entry, active);
		Entries::<T>::insert(device, entry);
	}
}
