//! Rounds and windows: when they are opened, and whether a win counts in them.

use crate::{
	pallet::{EntryOf, RoundOf, WindowOf},
	Announcements, Config, DeviceCounts, Error, Event, NextWindow, Pallet, Parameters, Rounds, WaitingFor, Window,
	Windows,
};
use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::Beacon;
use proof_lottery_primitives::{challenge, Resource, UPTIME_TAG};
use proof_of_compute_primitives::{Kernel, COMPUTE_TAG};
use proof_of_space_primitives::SPACE_TAG;

impl<T: Config> Pallet<T> {
	/// The slot of the current block.
	pub(crate) fn slot() -> u64 {
		*T::Beacon::slot()
	}

	/// Opens the rounds that the current block opens; returns how many. Only the first block of a turn opens any, for
	/// the accumulator changes in no other: at any other block everybody would know what a round is about before it is
	/// opened.
	pub(crate) fn open_rounds(now: BlockNumberFor<T>) -> u64 {
		let (parent, slot, turn) = (*T::Beacon::parent_slot(), Self::slot(), T::Beacon::turn_length());
		let parameters = Parameters::<T>::get();
		let rounds = [
			(Resource::Space, parameters.space_rounds(turn)),
			(Resource::Uptime, parameters.uptime_rounds(turn)),
		];
		let mut opened = 0u64;
		for (resource, rounds) in rounds {
			let Some(number) = rounds.opened_by(parent, slot) else {
				continue;
			};
			let round = Self::new_round(now, resource, number, rounds.answer);
			Rounds::<T>::insert(resource, round);
			opened = opened.saturating_add(1);
		}
		let next = NextWindow::<T>::get();
		let last = next.checked_sub(1).and_then(Windows::<T>::get);
		let last_opened = last.as_ref().map(|window| window.round.opened);
		let windows = parameters.windows(turn);
		if windows.opened_by(last_opened, parent, slot, &T::Beacon::accumulator()) {
			if let Some(last) = last.filter(|window| window.pending == 0) {
				Windows::<T>::remove(last.round.number);
			}
			let open = windows.length.saturating_add(windows.answer);
			let window = Window {
				round: Self::new_round(now, Resource::Compute, next, open),
				kernel: Kernel::V1,
				pending: 0,
			};
			Windows::<T>::insert(next, window);
			NextWindow::<T>::put(next.saturating_add(1));
			opened = opened.saturating_add(1);
		}
		opened
	}

	fn new_round(now: BlockNumberFor<T>, resource: Resource, number: u64, answer: u32) -> RoundOf<T> {
		let tag: &[u8] = match resource {
			Resource::Space => SPACE_TAG,
			Resource::Compute => COMPUTE_TAG,
			Resource::Uptime => UPTIME_TAG,
		};
		let (slot, devices) = (Self::slot(), DeviceCounts::<T>::get().of(resource));
		let lottery = Self::lottery_of(&Parameters::<T>::get(), resource);
		let round = RoundOf::<T> {
			number,
			opened: slot,
			block: now,
			until: slot.saturating_add(answer.into()),
			challenge: challenge(tag, &T::Beacon::accumulator(), number),
			terms: lottery.with(devices),
			devices,
		};
		Self::deposit_event(Event::RoundOpened {
			resource,
			round: number,
			challenge: round.challenge,
			until: round.until,
		});
		round
	}

	/// The latest compute window.
	pub(crate) fn latest_window() -> Option<WindowOf<T>> {
		Windows::<T>::get(NextWindow::<T>::get().checked_sub(1)?)
	}

	/// The latest round of a lottery, or the round of the latest window.
	pub(crate) fn latest_round(resource: Resource) -> Option<RoundOf<T>> {
		match resource {
			Resource::Compute => Self::latest_window().map(|window| window.round),
			Resource::Space | Resource::Uptime => Rounds::<T>::get(resource),
		}
	}

	/// The round of this number, if a win of it counts in the current block.
	pub(crate) fn open_round(resource: Resource, number: u64) -> Result<RoundOf<T>, Error<T>> {
		let latest = Self::latest_round(resource).ok_or(Error::RoundAhead)?;
		Self::check_open(&latest, number)?;
		Ok(latest)
	}

	/// The compute window of this number, if a win of it may be announced in the current block.
	pub(crate) fn open_window(number: u64) -> Result<WindowOf<T>, Error<T>> {
		let latest = Self::latest_window().ok_or(Error::RoundAhead)?;
		Self::check_open(&latest.round, number)?;
		Ok(latest)
	}

	/// Whether a win of the latest round or window counts in the current block.
	pub(crate) fn is_open(latest: &RoundOf<T>) -> bool {
		Self::check_open(latest, latest.number).is_ok()
	}

	/// Whether a win of the round of this number counts in the block with this height. The latest alone counts, and not
	/// in the block that opened it: its author alone knew what it is about. The pool asks for the block after the
	/// current one, of which it knows the height and not the slot.
	fn check_open(latest: &RoundOf<T>, number: u64) -> Result<(), Error<T>> {
		ensure!(number <= latest.number, Error::RoundAhead);
		ensure!(number == latest.number, Error::RoundOver);
		ensure!(
			frame_system::Pallet::<T>::block_number() > latest.block,
			Error::RoundAhead
		);
		ensure!(Self::slot() <= latest.until, Error::RoundOver);
		Ok(())
	}

	/// The slot in which the oldest round was opened of which wins of this device may still come, or wait to be
	/// verified: as long as that is so, nothing may change what it claimed then. Announcements are verified in the
	/// order in which they came, so that none of the device is of an older window than the next of all.
	pub(crate) fn oldest_open(entry: &EntryOf<T>, resource: Resource) -> Option<u64> {
		let waits = resource == Resource::Compute && entry.pending() > 0;
		let waiting = waits
			.then(|| Announcements::<T>::get(WaitingFor::<T>::get().next))
			.flatten()
			.and_then(|win| Windows::<T>::get(win.window))
			.map(|window| window.round);
		let open = Self::latest_round(resource).filter(|round| Self::slot() <= round.until);
		[waiting, open].into_iter().flatten().map(|round| round.opened).min()
	}
}
