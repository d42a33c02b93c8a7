//! What is kept no longer: forgotten by whoever asks for it, or by the chain itself, a few in each block.
//!
//! In what a block has left the chain looks at the next of what is kept, and begins again at the end. So it needs no
//! list of when each is over, which every settlement would have to write. What is over waits until all have been looked
//! at once, at most, if blocks have time left: with a million settled channels for 17 hours.

use crate::{Aftermath, Aftermaths, Config, Error, Event, LookedAt, Pallet, Phase, Places, Reveals, WeightInfo};
use channel_primitives::{ChannelId, Hash, PerSide, Reveal};
use frame_support::{
	defensive_assert, ensure,
	traits::Get,
	weights::{Weight, WeightMeter},
};

/// How many are looked at in a block.
const MOST: u32 = crate::MAX_LOOKED_AT;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_clear(id: ChannelId) -> Result<(), Error<T>> {
		let channel = Self::known(id)?;
		ensure!(channel.phase == Phase::Settled, Error::NotSettled);
		let aftermath = Aftermaths::<T>::get(id).ok_or(Error::NotSettled)?;
		ensure!(!Self::has_locks(&aftermath), Error::StillPending);
		ensure!(Self::towers_are_free(&aftermath), Error::TooEarly);
		Aftermaths::<T>::remove(id);
		Self::end(id, &channel, &PerSide::default(), &PerSide::default(), aftermath.free);
		Self::deposit_event(Event::Cleared(id));
		Ok(())
	}

	pub(crate) fn do_purge_reveal(condition: Hash) -> Result<(), Error<T>> {
		let revealed = Reveals::<T>::get(condition).ok_or(Error::UnknownReveal)?;
		ensure!(Self::is_old(&revealed.reveal), Error::TooEarly);
		Reveals::<T>::remove(condition);
		Self::release_deposit(&revealed.by, revealed.deposit);
		Self::deposit_event(Event::RevealPurged(condition));
		Ok(())
	}

	/// Whether locks of a settled channel are not split yet.
	fn has_locks(aftermath: &Aftermath<T::AccountId>) -> bool {
		aftermath.pending.low.is_some() || aftermath.pending.high.is_some()
	}

	/// Whether no tower can be made to pay for a settled channel any more.
	fn towers_are_free(aftermath: &Aftermath<T::AccountId>) -> bool {
		Self::now() > aftermath.at.saturating_add(T::TowerTicks::get())
	}

	/// Whether a reveal has been kept for long enough.
	fn is_old(reveal: &Reveal) -> bool {
		Self::now() > reveal.tick.saturating_add(T::RevealTicks::get())
	}

	/// Looks at the next settled channels and the next reveals, and forgets what has been kept for long enough, as far
	/// as there is room for it. Returns what that has taken.
	pub(crate) fn clear_within(room: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(room);
		if meter.try_consume(T::WeightInfo::look(0, 0)).is_err() {
			return Weight::zero();
		}
		let before = LookedAt::<T>::get();
		let after = Places {
			channel: Self::clear_channels(before.channel, &mut meter),
			reveal: Self::purge_reveals(before.reveal, &mut meter),
		};
		if after != before {
			LookedAt::<T>::put(after);
		}
		meter.consumed()
	}

	/// Goes on after this settled channel, or from the start. Returns the last one; none if it was the last of all.
	fn clear_channels(from: Option<ChannelId>, meter: &mut WeightMeter) -> Option<ChannelId> {
		let mut ids = match from {
			Some(last) => Aftermaths::<T>::iter_keys_from(Aftermaths::<T>::hashed_key_for(last)),
			None => Aftermaths::<T>::iter_keys(),
		};
		let look = T::WeightInfo::look(1, 0).saturating_sub(T::WeightInfo::look(0, 0));
		let mut place = from;
		for _ in 0..MOST {
			if meter.try_consume(look).is_err() {
				return place;
			}
			let id = ids.next()?;
			let is_over =
				Aftermaths::<T>::get(id).is_some_and(|of| !Self::has_locks(&of) && Self::towers_are_free(&of));
			if is_over {
				if meter.try_consume(T::WeightInfo::clear()).is_err() {
					return place;
				}
				let cleared = Self::do_clear(id).is_ok();
				defensive_assert!(cleared, "what is over can be forgotten");
			}
			place = Some(id);
		}
		place
	}

	/// Goes on after this reveal, or from the start. Returns the last one; none if it was the last of all.
	fn purge_reveals(from: Option<Hash>, meter: &mut WeightMeter) -> Option<Hash> {
		let mut conditions = match from {
			Some(last) => Reveals::<T>::iter_keys_from(Reveals::<T>::hashed_key_for(last)),
			None => Reveals::<T>::iter_keys(),
		};
		let look = T::WeightInfo::look(0, 1).saturating_sub(T::WeightInfo::look(0, 0));
		let mut place = from;
		for _ in 0..MOST {
			if meter.try_consume(look).is_err() {
				return place;
			}
			let condition = conditions.next()?;
			if Self::revealed(&condition).is_some_and(|reveal| Self::is_old(&reveal)) {
				if meter.try_consume(T::WeightInfo::purge_reveal()).is_err() {
					return place;
				}
				let purged = Self::do_purge_reveal(condition).is_ok();
				defensive_assert!(purged, "what is old can be forgotten");
			}
			place = Some(condition);
		}
		place
	}
}
