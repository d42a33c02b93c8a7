//! What an agent asks: open rounds, how a device does in its lotteries, and why it does not win.

use crate::{pallet::EntryOf, Config, Entries, Pallet, Parameters, Struck};
use alloc::{vec, vec::Vec};
use device_primitives::DeviceId;
use pallet_traits::{Devices, EraClock};
use proof_lottery_primitives::{DeviceProofs, Kept, LotteryState, OpenRound, Resource, WhyNot, ASSURED_FROM};

/// All lotteries.
pub(crate) const LOTTERIES: [Resource; 3] = [Resource::Space, Resource::Compute, Resource::Uptime];

impl<T: Config> Pallet<T> {
	/// The rounds that a transaction in the next block can still win.
	pub fn open_rounds_now() -> Vec<OpenRound> {
		let open = LOTTERIES.into_iter().filter_map(|resource| {
			let round = Self::latest_round(resource)?;
			(Self::slot() < round.until).then_some(OpenRound {
				resource,
				round: round.number,
				challenge: round.challenge,
				opened: round.opened,
				until: round.until,
				wins: round.terms.wins,
				rounds: round.terms.lottery.rounds,
				filter: round.terms.lottery.filter,
				devices: round.devices,
			})
		});
		open.collect()
	}

	/// What the chain knows of a device; none if it is not registered and in no lottery.
	pub fn device_proofs(device: &DeviceId) -> Option<DeviceProofs<T::AccountId>> {
		let entry = Entries::<T>::get(device);
		let info = T::Devices::device(device);
		if entry.is_none() && info.is_none() && !Struck::<T>::contains_key(device) {
			return None;
		}
		let mut why_not = Vec::new();
		match info {
			None => why_not.push(WhyNot::NotRegistered),
			Some(info) if !info.active => why_not.push(WhyNot::Suspended),
			Some(_) => (),
		}
		if Struck::<T>::contains_key(device) {
			why_not.push(WhyNot::Struck);
		}
		let Some(entry) = entry else {
			why_not.extend(LOTTERIES.map(WhyNot::NotDeclared));
			return Some(DeviceProofs {
				lotteries: Vec::new(),
				candidate: None,
				competence: 0,
				why_not,
			});
		};
		let mut lotteries = Vec::new();
		for resource in LOTTERIES {
			match entry.kept(resource) {
				Some(kept) => {
					lotteries.push(Self::lottery_state(&entry, resource, kept));
					why_not.extend(Self::why_not(resource, kept));
				}
				None => why_not.push(WhyNot::NotDeclared(resource)),
			}
		}
		match entry.link.as_ref().and_then(|link| link.from) {
			None => why_not.push(WhyNot::NotLinked),
			Some(from) if from > T::EraClock::current_era() => why_not.push(WhyNot::LinkedFromNextEra),
			Some(_) => (),
		}
		Some(DeviceProofs {
			lotteries,
			competence: Self::competence_of_entry(device, &entry),
			candidate: entry.link.map(|link| link.candidate),
			why_not,
		})
	}

	fn lottery_state(entry: &EntryOf<T>, resource: Resource, kept: &Kept) -> LotteryState {
		let (estimator, now) = (kept.estimator(), Self::slot());
		let lottery = Self::lottery_of(&Parameters::<T>::get(), resource);
		LotteryState {
			resource,
			units: estimator.units_at(now),
			claimed: estimator.units_claimed(),
			claimed_from: estimator.claimed_from(),
			estimate: estimator.estimate(&lottery, now),
			corrected: estimator.corrected(&lottery, now),
			assured: estimator.assured(&lottery, now),
			wins: estimator.wins(&lottery, now),
			expected: estimator.expected(&lottery, now),
			last_win: estimator.touched(),
			pending: if resource == Resource::Compute {
				entry.pending()
			} else {
				0
			},
		}
	}

	fn why_not(resource: Resource, kept: &Kept) -> Vec<WhyNot> {
		let (estimator, now) = (kept.estimator(), Self::slot());
		if estimator.units_at(now) == 0 {
			return vec![WhyNot::NotYet(resource)];
		}
		let lottery = Self::lottery_of(&Parameters::<T>::get(), resource);
		let mut reasons = Vec::new();
		if Self::latest_round(resource).is_none_or(|round| now >= round.until) {
			reasons.push(WhyNot::NoRound(resource));
		}
		let young = now.saturating_sub(estimator.since()) < lottery.assured_from.into();
		if young || estimator.wins(&lottery, now) < ASSURED_FROM {
			reasons.push(WhyNot::TooFewWins(resource));
		}
		if Self::is_silent(kept, now) {
			reasons.push(WhyNot::Silent(resource));
		}
		reasons
	}
}
