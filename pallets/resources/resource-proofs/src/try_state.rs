//! What always holds.

use crate::{
	pallet::EntryOf, Announcements, Balance, Candidates, ComputeEntry, Config, Counts, DeviceCounts, Entries,
	HoldReason, Link, NextWindow, Pallet, Parameters, Parts, PlotKind, Rounds, Struck, Sums, WaitingFor, Windows,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use device_primitives::DeviceId;
use frame_support::{ensure, traits::fungible::hold::Inspect};
use pallet_traits::{Beacon, Devices, EraClock};
use proof_lottery_primitives::{Credit, Decay, Lottery, Resource};
use sp_runtime::TryRuntimeError;

/// What sums may be off by rounding, for each device: 2^-32 of a unit for each of its wins, and a share of what it has.
const ROUNDED: u128 = 1 << 20;

/// What is left of a credit by a slot.
fn left(credit: Credit, since: u64, now: u64, lottery: &Lottery) -> u128 {
	let left = Decay::over(now.saturating_sub(since), lottery.tau);
	left.of_credit(credit).0.into()
}

impl<T: Config> Pallet<T> {
	/// Sums are those of what they sum up, within rounding; holds are deposits; counts and queues agree.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let parameters = Parameters::<T>::get();
		ensure!(parameters.check_ranges::<T>().is_ok(), "parameters are in their ranges");
		let entries: Vec<_> = Entries::<T>::iter().collect();
		Self::check_entries(&entries)?;
		Self::check_sums(&entries)?;
		Self::check_candidates(&entries)?;
		Self::check_queue(&entries)
	}

	fn check_entries(entries: &[(DeviceId, EntryOf<T>)]) -> Result<(), TryRuntimeError> {
		let (mut held, mut counts) = (BTreeMap::<T::AccountId, Balance>::new(), Counts::default());
		for (device, entry) in entries {
			ensure!(!entry.is_empty(), "an entry is of a device that is in a lottery");
			ensure!(!Struck::<T>::contains_key(device), "who is struck is in no lottery");
			ensure!(
				!entry.leaving || entry.pending() > 0,
				"only announcements keep a device"
			);
			let owner = T::Devices::device(device).map(|info| info.owner);
			ensure!(
				entry.leaving || owner.as_ref() == Some(&entry.owner),
				"entries are of devices and their owners"
			);
			let to_come =
				|compute: &ComputeEntry| !compute.announced.is_empty() && compute.window >= NextWindow::<T>::get();
			ensure!(
				!entry.compute.as_ref().is_some_and(to_come),
				"nobody has announced in a window to come"
			);
			let offered = |link: &Link<T::AccountId>| link.from.is_none() && link.counted != Parts::default();
			ensure!(
				!entry.link.as_ref().is_some_and(offered),
				"what is only offered counts for nobody"
			);
			let sum = held.entry(entry.owner.clone()).or_default();
			*sum = sum.saturating_add(entry.deposits());
			for resource in [Resource::Space, Resource::Compute, Resource::Uptime] {
				let count = counts.of_mut(resource);
				*count = count.saturating_add(entry.kept(resource).is_some().into());
			}
		}
		ensure!(counts == DeviceCounts::<T>::get(), "devices are counted");
		for account in frame_system::Account::<T>::iter_keys() {
			let hold = T::Currency::balance_on_hold(&HoldReason::Lottery.into(), &account);
			let sum = held.remove(&account).unwrap_or(0);
			ensure!(hold == sum, "what is held are the deposits");
		}
		ensure!(
			held.values().all(|sum| *sum == 0),
			"who has left deposits has an account"
		);
		Ok(())
	}

	fn check_sums(entries: &[(DeviceId, EntryOf<T>)]) -> Result<(), TryRuntimeError> {
		let (parameters, now) = (Parameters::<T>::get(), Self::slot());
		let mut expected = BTreeMap::<(Resource, Option<PlotKind>), u128>::new();
		for (_, entry) in entries {
			for resource in [Resource::Space, Resource::Compute, Resource::Uptime] {
				let kind = entry.space.as_ref().map(|space| space.kind);
				let kind = kind.filter(|_| resource == Resource::Space);
				let lottery = parameters.lottery(resource, T::Beacon::turn_length());
				let Some(kept) = entry.kept(resource) else {
					continue;
				};
				let sum = expected.entry((resource, kind)).or_default();
				*sum = sum.saturating_add(kept.estimator().estimate(&lottery, now).0.into());
			}
		}
		let mut sums = Sums::<T>::get();
		let kinds: Vec<_> = sums.space.iter().map(|total| Some(total.kind)).collect();
		ensure!(
			kinds.iter().collect::<BTreeSet<_>>().len() == kinds.len(),
			"each kind of plots is summed up once"
		);
		let all = kinds.into_iter().map(|kind| (Resource::Space, kind));
		let slack = ROUNDED.saturating_mul(u128::try_from(entries.len()).unwrap_or(u128::MAX).saturating_add(1));
		for (resource, kind) in all.chain([(Resource::Compute, None), (Resource::Uptime, None)]) {
			let lottery = parameters.lottery(resource, T::Beacon::turn_length());
			let expected = expected.remove(&(resource, kind)).unwrap_or(0);
			let total = sums.of(resource, kind).map_or(0, |total| total.at(&lottery, now));
			let slack = slack.saturating_add(expected >> 24);
			ensure!(total.abs_diff(expected) <= slack, "the sum is that of all devices");
		}
		ensure!(expected.is_empty(), "each kind of plots has its sum");
		Ok(())
	}

	fn check_candidates(entries: &[(DeviceId, EntryOf<T>)]) -> Result<(), TryRuntimeError> {
		let (parameters, now) = (Parameters::<T>::get(), Self::slot());
		let lottery = parameters.lottery(Resource::Space, T::Beacon::turn_length());
		let era = T::EraClock::current_era();
		// How many devices; and the parts of what counts, and of what will.
		let mut expected = BTreeMap::<T::AccountId, (u32, [[u128; 3]; 2])>::new();
		for link in entries.iter().filter_map(|(_, entry)| entry.link.as_ref()) {
			let Some(from) = link.from else {
				continue;
			};
			ensure!(link.counted_at <= now, "no link is counted in a slot to come");
			let (devices, [counting, coming]) = expected.entry(link.candidate.clone()).or_default();
			*devices = devices.saturating_add(1);
			let sums = if from > era { coming } else { counting };
			let parts = [link.counted.space, link.counted.compute, link.counted.bandwidth];
			for (sum, part) in sums.iter_mut().zip(parts) {
				*sum = sum.saturating_add(left(part, link.counted_at, now, &lottery));
			}
		}
		for (candidate, mut sums) in Candidates::<T>::iter() {
			let (devices, expected) = expected.remove(&candidate).unwrap_or_default();
			ensure!(devices == sums.devices && devices > 0, "linked devices are counted");
			sums.enter_era(era, &lottery, now);
			let parts = [&sums.counting, &sums.coming].map(|sums| {
				let sums = sums.at(&lottery, now);
				[sums.space, sums.compute, sums.bandwidth]
			});
			for (part, expected) in parts.iter().flatten().zip(expected.iter().flatten()) {
				let slack = ROUNDED
					.saturating_mul(u128::from(devices).saturating_add(1))
					.saturating_add(expected >> 24);
				ensure!(
					u128::from(part.0).abs_diff(*expected) <= slack,
					"each part of a candidate's sum is that of its devices"
				);
			}
		}
		ensure!(expected.is_empty(), "each candidate with devices has its sums");
		Ok(())
	}

	fn check_queue(entries: &[(DeviceId, EntryOf<T>)]) -> Result<(), TryRuntimeError> {
		let waiting = WaitingFor::<T>::get();
		let mut windows = BTreeMap::<u64, u32>::new();
		let mut devices = BTreeMap::<DeviceId, u32>::new();
		for (number, win) in Announcements::<T>::iter() {
			ensure!(
				(waiting.next..waiting.end).contains(&number),
				"announcements that wait are between the ends"
			);
			let of_window = windows.entry(win.window).or_default();
			*of_window = of_window.saturating_add(1);
			let of_device = devices.entry(DeviceId(win.device)).or_default();
			*of_device = of_device.saturating_add(1);
		}
		let all: u64 = windows.values().map(|count| u64::from(*count)).sum();
		ensure!(all == waiting.len(), "none that waits is missing");
		let latest = NextWindow::<T>::get().checked_sub(1);
		for (number, window) in Windows::<T>::iter() {
			ensure!(number == window.round.number, "windows lie under their numbers");
			ensure!(
				windows.remove(&number).unwrap_or(0) == window.pending,
				"windows count what waits"
			);
			ensure!(
				window.pending > 0 || latest == Some(number),
				"no window is kept without need"
			);
			ensure!(
				window.round.opened <= Self::slot(),
				"no window was opened in a slot to come"
			);
		}
		for round in Rounds::<T>::iter_values() {
			ensure!(round.opened <= Self::slot(), "no round was opened in a slot to come");
		}
		ensure!(windows.is_empty(), "windows are kept as long as anything waits");
		for (device, entry) in entries {
			ensure!(
				devices.remove(device).unwrap_or(0) == entry.pending(),
				"devices count what waits"
			);
		}
		ensure!(
			devices.keys().all(Struck::<T>::contains_key),
			"only who is struck has places in the queue and no entry"
		);
		Ok(())
	}
}
