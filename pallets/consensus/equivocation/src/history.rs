//! Who held which key when: told by those that seat directors and name voters, forgotten bit by bit.

use crate::{
	Authors, Config, InForce, OldestEra, OldestSet, Pallet, SetEras, SetVoters, WeightInfo, LOG_TARGET, PRUNED_AUTHORS,
};
use bft_finality_primitives::{SetId, VoterId};
use frame_support::{traits::Get, weights::Weight, BoundedVec};
use pallet_traits::VoterHistory;
use pallet_traits::{AuthorHistory, EraClock};
use poca_primitives::AuthorityId;

impl<T: Config> AuthorHistory<T::AccountId> for Pallet<T> {
	fn may_author(era: u32, authors: &[(T::AccountId, AuthorityId)]) -> Weight {
		for (account, key) in authors {
			// The first stays: whoever takes a key over in the middle of an era cannot take its past with it.
			if !Authors::<T>::contains_key(era, key) {
				Authors::<T>::insert(era, key, account);
			}
		}
		T::WeightInfo::may_author(count(authors.len()))
	}
}

impl<T: Config> VoterHistory<T::AccountId> for Pallet<T> {
	fn voters_named(set_id: SetId, voters: &[(T::AccountId, VoterId)]) -> Weight {
		let weight = T::WeightInfo::voters_named(count(voters.len()));
		if voters.len() > usize::try_from(T::MaxVoters::get()).unwrap_or(usize::MAX) {
			log::error!(target: LOG_TARGET, "voter set {set_id} has {} voters; some are not remembered", voters.len());
		}
		SetVoters::<T>::insert(set_id, BoundedVec::<_, T::MaxVoters>::truncate_from(voters.to_vec()));
		SetEras::<T>::insert(
			set_id,
			InForce {
				began: T::EraClock::current_era(),
				ended: None,
			},
		);
		weight
	}

	fn set_began(set_id: SetId) -> Weight {
		if let Some(before) = set_id.checked_sub(1) {
			SetEras::<T>::mutate(before, |eras| {
				if let Some(eras) = eras {
					eras.ended.get_or_insert(T::EraClock::current_era());
				}
			});
		}
		T::WeightInfo::set_began()
	}
}

impl<T: Config> Pallet<T> {
	/// Whether what ended in `era` can no longer be reported.
	pub(crate) fn is_forgotten(era: u32) -> bool {
		era.saturating_add(T::HistoryEras::get()) < T::EraClock::current_era()
	}

	/// Forgets a bit of what is too long ago. What it does not get to is not held against anyone all the same.
	pub(crate) fn prune() -> Weight {
		let mut weight = T::WeightInfo::prune_nothing();
		let era = OldestEra::<T>::get();
		if Self::is_forgotten(era) {
			let removed = count(Authors::<T>::drain_prefix(era).take(PRUNED_AUTHORS as usize).count());
			if removed < PRUNED_AUTHORS {
				OldestEra::<T>::put(era.saturating_add(1));
			}
			weight = weight.saturating_add(T::WeightInfo::prune_authors(removed));
		}
		let set_id = OldestSet::<T>::get();
		let ended = SetEras::<T>::get(set_id).and_then(|eras| eras.ended);
		if ended.is_some_and(Self::is_forgotten) {
			SetEras::<T>::remove(set_id);
			SetVoters::<T>::remove(set_id);
			OldestSet::<T>::put(set_id.saturating_add(1));
			weight = weight.saturating_add(T::WeightInfo::prune_set());
		}
		weight
	}
}

fn count(len: usize) -> u32 {
	u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		use crate::LastOffence;
		use frame_support::ensure;

		let era = T::EraClock::current_era();
		let oldest = OldestEra::<T>::get();
		ensure!(
			Authors::<T>::iter_keys().all(|(of, _)| (oldest..=era).contains(&of)),
			"authors are known of eras since the oldest"
		);
		let first = OldestSet::<T>::get();
		let sets = SetEras::<T>::iter_keys().count();
		let newest = first.saturating_add(u64::try_from(sets).unwrap_or(u64::MAX));
		for set_id in first..newest {
			let eras = SetEras::<T>::get(set_id).ok_or("sets are known without a gap")?;
			ensure!(SetVoters::<T>::contains_key(set_id), "of each set the voters are known");
			ensure!(
				eras.began <= eras.ended.unwrap_or(era) && eras.ended.unwrap_or(era) <= era,
				"a set begins before it ends, and not in the future"
			);
			// One change at a time waits for finality.
			ensure!(
				eras.ended.is_some() || set_id.saturating_add(2) >= newest,
				"only the last two sets may be in force"
			);
		}
		ensure!(SetVoters::<T>::iter_keys().count() == sets, "no voters without a set");
		ensure!(
			LastOffence::<T>::iter_values().all(|of| of <= era),
			"no offence is of an era to come"
		);
		Ok(())
	}
}
