//! What must hold between blocks.

use crate::{
	uses::{are_sound, Uses},
	AuthorUses, Authors, Config, EndedAuthors, EndedVoters, NextSet, Offences, OldestEra, OldestSet, Pallet,
	SetOffenders, SetTimes, SetVoters, VoterUses,
};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use pallet_traits::{EraClock, MAX_SETS_IN_FORCE};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_authors()?;
		Self::check_sets()?;
		Self::check_voters()?;
		let eras = OldestEra::<T>::get()..=T::EraClock::current_era();
		ensure!(
			Offences::<T>::iter_keys().all(|(era, _)| eras.contains(&era)),
			"offences are known of eras since the oldest"
		);
		Ok(())
	}

	fn check_authors() -> Result<(), TryRuntimeError> {
		let authors = Authors::<T>::get();
		for (account, key) in &authors {
			let uses = AuthorUses::<T>::get(key);
			ensure!(
				open_by(&uses).is_some_and(|holder| holder == account),
				"each author's use of its key is open"
			);
		}
		let eras = OldestEra::<T>::get()..=T::EraClock::current_era();
		let mut ended = BTreeSet::new();
		for (era, key, _) in EndedAuthors::<T>::iter() {
			ensure!(
				eras.contains(&era),
				"uses are to be forgotten that ended since the oldest era"
			);
			ended.insert(key);
		}
		let mut open = 0usize;
		for (key, uses) in AuthorUses::<T>::iter() {
			ensure!(are_sound(&uses), "the uses of an authoring key are in order");
			open = open.saturating_add(usize::from(open_by(&uses).is_some()));
			ensure!(
				uses.iter().all(|one| one.until.is_none()) || ended.contains(&key),
				"each use of an authoring key that ended will be forgotten"
			);
		}
		ensure!(open == authors.len(), "nobody but the authors holds an authoring key");
		Ok(())
	}

	fn check_sets() -> Result<(), TryRuntimeError> {
		let era = T::EraClock::current_era();
		let (first, next) = (OldestSet::<T>::get(), NextSet::<T>::get());
		let mut in_force = false;
		for set_id in first..next {
			let times = SetTimes::<T>::get(set_id).ok_or("sets are known without a gap")?;
			let ended = times.ended.unwrap_or(era);
			ensure!(
				times.began <= ended && ended <= era,
				"a set begins before it ends, and not in the future"
			);
			ensure!(
				times.ended.is_none() == SetVoters::<T>::contains_key(set_id),
				"the voters of a set are kept until it has ended"
			);
			in_force |= times.ended.is_none();
			ensure!(
				in_force == times.ended.is_none() && (in_force || set_id.saturating_add(1) < next),
				"sets end in their order, and the newest has not ended"
			);
			ensure!(
				times.ended.is_some() || set_id.saturating_add(MAX_SETS_IN_FORCE.into()) >= next,
				"only so many sets may be in force"
			);
		}
		let known = usize::try_from(next.saturating_sub(first)).unwrap_or(usize::MAX);
		ensure!(SetTimes::<T>::iter_keys().count() == known, "no other sets are known");
		ensure!(
			SetVoters::<T>::iter_keys()
				.chain(SetOffenders::<T>::iter_keys())
				.all(|set_id| (first..next).contains(&set_id)),
			"neither voters nor offenders are known of other sets"
		);
		Ok(())
	}

	fn check_voters() -> Result<(), TryRuntimeError> {
		let next = NextSet::<T>::get();
		let voters = next.checked_sub(1).and_then(SetVoters::<T>::get).unwrap_or_default();
		for (account, key) in &voters {
			let uses = VoterUses::<T>::get(key);
			ensure!(
				open_by(&uses).is_some_and(|holder| holder == account),
				"each voter's use of its key is open"
			);
		}
		let mut ended = BTreeSet::new();
		for (set_id, key, ()) in EndedVoters::<T>::iter() {
			ensure!(
				(OldestSet::<T>::get()..next).contains(&set_id),
				"uses are to be forgotten that ended since the oldest set"
			);
			ended.insert(key);
		}
		let mut open = 0usize;
		for (key, uses) in VoterUses::<T>::iter() {
			ensure!(are_sound(&uses), "the uses of a voting key are in order");
			open = open.saturating_add(usize::from(open_by(&uses).is_some()));
			ensure!(
				uses.iter().all(|one| one.until.is_none()) || ended.contains(&key),
				"each use of a voting key that ended will be forgotten"
			);
		}
		ensure!(open == voters.len(), "nobody but the newest voters holds a voting key");
		Ok(())
	}
}

/// Who holds the key now.
fn open_by<AccountId>(uses: &Uses<AccountId>) -> Option<&AccountId> {
	uses.last().filter(|one| one.until.is_none()).map(|one| &one.account)
}
