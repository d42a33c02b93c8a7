//! What devices count for, and for whom.
//!
//! A candidate's competence has to be had at once: an election asks for that of up to a thousand. So what its devices
//! have is summed up as it changes. Everything that is summed up decays by one factor, whoever it belongs to, and so
//! the sum is right without anything being swept: a device is taken out as it was put in, decayed by as much, and put
//! in anew when it wins. What a device adds is its assured part times its uptime: between two changes that falls by tau
//! here, and faster in truth if it has stopped winning, so that anyone may count it anew (`refresh`).

use crate::{
	pallet::EntryOf, CandidateSums, Candidates, Config, Entries, Link, Pallet, ParameterValues, Parameters, Parts,
	PlotKind, Sums, Totals,
};
use device_primitives::DeviceId;
use pallet_traits::{
	Bandwidth, Beacon, Competence, CompetenceHook, Computed, EraClock, ProvenSpace, Qualification, Stored,
};
use proof_lottery_primitives::{
	competence, uptime_factor, Credit, Kept, Lottery, Resource, Share, Total, COMPETENCE_BITS, CREDIT_BITS,
};

/// A part of a credit, rounded down.
fn times(credit: Credit, factor: Credit) -> Credit {
	let product = u128::from(credit.0).saturating_mul(factor.0.into()) >> CREDIT_BITS;
	Credit(u64::try_from(product).unwrap_or(u64::MAX))
}

/// As much of a sum as a credit can say.
fn credit(sum: u128) -> Credit {
	Credit(u64::try_from(sum).unwrap_or(u64::MAX))
}

impl Parts<Total> {
	/// One device counts differently.
	fn exchange(&mut self, lottery: &Lottery, now: u64, before: &Parts<Credit>, since: u64, after: &Parts<Credit>) {
		self.space.exchange(lottery, now, before.space, since, after.space);
		self.compute
			.exchange(lottery, now, before.compute, since, after.compute);
		self.bandwidth
			.exchange(lottery, now, before.bandwidth, since, after.bandwidth);
	}

	fn join(&mut self, other: &Self, lottery: &Lottery, now: u64) {
		self.space.join(&other.space, lottery, now);
		self.compute.join(&other.compute, lottery, now);
		self.bandwidth.join(&other.bandwidth, lottery, now);
	}

	/// As it is in a slot.
	pub fn at(&self, lottery: &Lottery, now: u64) -> Parts<Credit> {
		Parts {
			space: credit(self.space.at(lottery, now)),
			compute: credit(self.compute.at(lottery, now)),
			bandwidth: credit(self.bandwidth.at(lottery, now)),
		}
	}
}

impl CandidateSums {
	/// Brings those that will count to those that do, if their era has come.
	pub(crate) fn enter_era(&mut self, era: u32, lottery: &Lottery, now: u64) {
		if self.coming_from <= era {
			let coming = core::mem::take(&mut self.coming);
			self.counting.join(&coming, lottery, now);
		}
	}
}

impl Totals {
	/// All space, in GiB with 32 fractional bits.
	pub fn gib(&self, lottery: &Lottery, now: u64) -> u128 {
		self.space.iter().fold(0u128, |sum, total| {
			let plots = total.plots.at(lottery, now);
			sum.saturating_add(total.kind.gib_of_sum(plots))
		})
	}
}

impl<T: Config> Pallet<T> {
	/// The lottery whose tau and first day are those of all.
	pub(crate) fn lottery_of(parameters: &ParameterValues, resource: Resource) -> Lottery {
		parameters.lottery(resource, T::Beacon::turn_length())
	}

	/// The factor by which a device's uptime makes what it has count, at most one.
	pub(crate) fn presence(entry: &EntryOf<T>, parameters: &ParameterValues) -> Credit {
		entry.uptime.as_ref().map_or(Credit::ZERO, |uptime| {
			let lottery = Self::lottery_of(parameters, Resource::Uptime);
			uptime_factor(uptime.kept.estimator().corrected(&lottery, Self::slot()))
		})
	}

	/// What a device has that counts, now: what is assured of it, times its uptime.
	pub(crate) fn parts_of(device: &DeviceId, entry: &EntryOf<T>, parameters: &ParameterValues) -> Parts<Credit> {
		let now = Self::slot();
		let present = Self::presence(entry, parameters);
		let assured = |kept: &Kept, resource| {
			let lottery = Self::lottery_of(parameters, resource);
			kept.estimator().assured(&lottery, now)
		};
		let plots = |kind: PlotKind, kept| kind.gib(assured(kept, Resource::Space));
		let in_plots = entry
			.space
			.as_ref()
			.map_or(Credit::ZERO, |space| plots(space.kind, &space.kept));
		// What is kept for customers lies where plots did.
		let space = in_plots.plus(Credit(T::Stored::of(device)));
		let in_windows = entry
			.compute
			.as_ref()
			.map_or(Credit::ZERO, |compute| assured(&compute.kept, Resource::Compute));
		// What is run for customers was compared with what others had, and needs no window.
		let compute = in_windows.plus(Credit(T::Computed::of(device)));
		Parts {
			space: times(space, present),
			compute: times(compute, present),
			bandwidth: times(Credit(T::Bandwidth::of(device)), present),
		}
	}

	/// What parts are of all there is, weighted, of 2^48.
	pub(crate) fn share_of_all(parts: &Parts<Credit>, parameters: &ParameterValues) -> u64 {
		let (sums, now) = (Sums::<T>::get(), Self::slot());
		let lottery = Self::lottery_of(parameters, Resource::Space);
		let weights = &parameters.weights;
		let shares = [
			Share {
				weight: weights.space,
				own: parts.space,
				all: sums.gib(&lottery, now).saturating_add(T::Stored::total()),
			},
			Share {
				weight: weights.compute,
				own: parts.compute,
				all: sums.compute.at(&lottery, now).saturating_add(T::Computed::total()),
			},
			Share {
				weight: weights.bandwidth,
				own: parts.bandwidth,
				all: T::Bandwidth::total(),
			},
		];
		// Uptime is in the parts already: each device has its own.
		competence(Credit::ONE, shares)
	}

	/// A device's competence, of 2^48, for whomever it counts.
	pub fn competence_of_device(device: &DeviceId) -> u64 {
		Entries::<T>::get(device).map_or(0, |entry| Self::competence_of_entry(device, &entry))
	}

	pub(crate) fn competence_of_entry(device: &DeviceId, entry: &EntryOf<T>) -> u64 {
		let parameters = Parameters::<T>::get();
		Self::share_of_all(&Self::parts_of(device, entry, &parameters), &parameters)
	}

	/// Counts a device anew for the candidate that it is linked with; as nothing if it is not active. Returns whether
	/// somebody was told.
	pub(crate) fn recount(device: &DeviceId, entry: &mut EntryOf<T>, active: bool) -> bool {
		if !entry.is_linked() {
			return false;
		}
		let parameters = Parameters::<T>::get();
		let after = if active && !entry.leaving {
			Self::parts_of(device, entry, &parameters)
		} else {
			Parts::default()
		};
		let Some(link) = entry.link.as_mut() else {
			return false;
		};
		let tell = Self::count_link(link, after, &parameters);
		if tell {
			T::CompetenceHook::competence_changed(&link.candidate);
		}
		tell
	}

	/// A linked device counts for so much from now on; one that is only offered counts for nobody. Returns whether it
	/// is time to tell whoever sorts candidates: once an era is enough, and costs less.
	pub(crate) fn count_link(
		link: &mut Link<T::AccountId>,
		after: Parts<Credit>,
		parameters: &ParameterValues,
	) -> bool {
		let Some(from) = link.from else {
			return false;
		};
		let (now, era) = (Self::slot(), T::EraClock::current_era());
		let lottery = Self::lottery_of(parameters, Resource::Space);
		let mut sums = Candidates::<T>::get(&link.candidate).unwrap_or_default();
		sums.enter_era(era, &lottery, now);
		let target = if from > era {
			sums.coming_from = from;
			&mut sums.coming
		} else {
			&mut sums.counting
		};
		target.exchange(&lottery, now, &link.counted, link.counted_at, &after);
		(link.counted, link.counted_at) = (after, now);
		let tell = sums.told < era;
		sums.told = era;
		Candidates::<T>::insert(&link.candidate, sums);
		tell
	}

	/// A device's competence changes: tells what it was before.
	pub(crate) fn before_change(device: &DeviceId, entry: &EntryOf<T>) {
		T::Qualification::credit_changes(device, || Self::competence_of_entry(device, entry));
	}
}

impl<T: Config> Pallet<T> {
	/// Bytes of the plots that all have proven, by the sum of estimates.
	pub fn proven_in_plots() -> u128 {
		let lottery = Self::lottery_of(&Parameters::<T>::get(), Resource::Space);
		bytes(Sums::<T>::get().gib(&lottery, Self::slot()))
	}
}

impl<T: Config> Pallet<T> {
	/// Segments that a device has shown to run in a window, by its estimate, with 32 fractional bits; none if it is not
	/// in the lottery of compute. Reads the device's entry and the parameters.
	pub fn segments_of(device: &DeviceId) -> Option<u64> {
		let compute = Entries::<T>::get(device)
			.filter(|entry| !entry.leaving)
			.and_then(|entry| entry.compute)?;
		let lottery = Self::lottery_of(&Parameters::<T>::get(), Resource::Compute);
		Some(compute.kept.estimator().estimate(&lottery, Self::slot()).0)
	}

	/// Those that all have, by the sum of estimates.
	pub fn proven_segments() -> u128 {
		let lottery = Self::lottery_of(&Parameters::<T>::get(), Resource::Compute);
		Sums::<T>::get().compute.at(&lottery, Self::slot())
	}
}

/// Of GiB with 32 fractional bits.
fn bytes(gib: u128) -> u128 {
	gib >> (CREDIT_BITS - 30)
}

/// Reads the device's entry and the parameters.
impl<T: Config> ProvenSpace for Pallet<T> {
	fn bytes(device: &DeviceId) -> u64 {
		let Some(space) = Entries::<T>::get(device)
			.filter(|entry| !entry.leaving)
			.and_then(|entry| entry.space)
		else {
			return 0;
		};
		let lottery = Self::lottery_of(&Parameters::<T>::get(), Resource::Space);
		let plots = space.kept.estimator().estimate(&lottery, Self::slot());
		u64::try_from(bytes(space.kind.gib_of_sum(plots.0.into()))).unwrap_or(u64::MAX)
	}
}

impl<T: Config> Competence<T::AccountId> for Pallet<T> {
	/// Reads four small values, however many devices there are.
	fn of(who: &T::AccountId) -> u128 {
		let tier = T::Qualification::tier(who);
		let linked = Candidates::<T>::get(who).map_or(0, |mut sums| {
			let parameters = Parameters::<T>::get();
			let (now, era) = (Self::slot(), T::EraClock::current_era());
			let lottery = Self::lottery_of(&parameters, Resource::Space);
			sums.enter_era(era, &lottery, now);
			Self::share_of_all(&sums.counting.at(&lottery, now), &parameters)
		});
		u128::from(linked.max(tier)).min(Self::total())
	}

	/// Of 2^48 each counts what it has of all, whether or not that is linked.
	fn total() -> u128 {
		1 << COMPETENCE_BITS
	}
}
