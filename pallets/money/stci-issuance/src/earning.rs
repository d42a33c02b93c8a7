//! What is told of work, and what it counts for: merits in the open era.

use crate::{Config, Demanded, Merits, OpenEra, Pallet, Totals, WeightInfo};
use device_primitives::DeviceId;
use frame_support::{traits::Get, weights::Weight};
use issuance_primitives::Work;
use pallet_traits::{AttendanceHook, Devices, Earnings, VoteHook, WorkKind};

impl<T: Config> Pallet<T> {
	/// Adds to one pot's merits of an account in the open era, and to those of all.
	fn earn(who: &T::AccountId, amount: u128, pot: fn(&mut issuance_primitives::Merits) -> &mut u128) {
		if amount == 0 {
			return;
		}
		let add = |merits: &mut issuance_primitives::Merits| {
			let merit = pot(merits);
			*merit = merit.saturating_add(amount);
		};
		Merits::<T>::mutate(OpenEra::<T>::get().era, who, add);
		Totals::<T>::mutate(add);
	}
}

/// The author of a block is in office: other headers are refused. In the first block of an era it is told before the
/// era before is closed, and the block counts for that one.
impl<T: Config> AttendanceHook<T::AccountId> for Pallet<T> {
	fn turns_missed(_: &[(T::AccountId, u32)]) -> Weight {
		Weight::zero()
	}

	fn authored(author: &T::AccountId) -> Weight {
		Self::earn(author, T::BlockPoints::get().into(), |merits| &mut merits.signing);
		T::WeightInfo::authored()
	}
}

/// Voters of the era before vote until the change to others is final, and earn points as these do.
impl<T: Config> VoteHook<T::AccountId> for Pallet<T> {
	fn vote_recorded(voter: &T::AccountId) {
		Self::earn(voter, T::VotePoints::get().into(), |merits| &mut merits.signing);
	}
}

impl<T: Config> Earnings<T::AccountId> for Pallet<T> {
	fn plots_proven(owner: &T::AccountId, units: u128) {
		Self::earn(owner, units, |merits| &mut merits.plots);
	}

	fn work_done(provider: &T::AccountId, kind: WorkKind, units: u128, paid: u128) {
		let work = Work::counted(units, paid, OpenEra::<T>::get().rate);
		Demanded::<T>::mutate(|demand| match kind {
			WorkKind::Storage => demand.storage = demand.storage.plus(work),
			WorkKind::Compute => demand.compute = demand.compute.plus(work),
		});
		match kind {
			WorkKind::Storage => Self::earn(provider, work.units, |merits| &mut merits.storage),
			WorkKind::Compute => Self::earn(provider, work.units, |merits| &mut merits.compute),
		}
	}

	fn bytes_carried(provider: &T::AccountId, units: u128) {
		Self::earn(provider, units, |merits| &mut merits.bandwidth);
	}

	fn probe_answered(device: &DeviceId) {
		if let Some(info) = T::Devices::device(device).filter(|info| info.active) {
			Self::earn(&info.owner, 1, |merits| &mut merits.discovery);
		}
	}
}
