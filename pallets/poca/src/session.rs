//! Directors come from the session pallet: the validators of a session, in their order.

use crate::{Config, Director, Directors, Pallet, Record, Records, TurnAttended, LOG_TARGET};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	traits::{Get, OneSessionHandler},
	BoundedVec,
};
use poca_primitives::AuthorityId;
use sp_runtime::BoundToRuntimeAppPublic;

impl<T: Config> BoundToRuntimeAppPublic for Pallet<T> {
	type Public = AuthorityId;
}

impl<T: Config> OneSessionHandler<T::AccountId> for Pallet<T> {
	type Key = AuthorityId;

	fn on_genesis_session<'a, I: 'a>(validators: I)
	where
		I: Iterator<Item = (&'a T::AccountId, AuthorityId)>,
	{
		let directors = collect(validators);
		// Genesis is no block: a chain that could not start as it was configured must not start.
		assert!(
			directors.len() <= usize::try_from(T::MaxDirectors::get()).unwrap_or(usize::MAX),
			"genesis has more directors than MaxDirectors"
		);
		Self::set_directors(directors);
	}

	fn on_new_session<'a, I: 'a>(changed: bool, validators: I, _queued: I)
	where
		I: Iterator<Item = (&'a T::AccountId, AuthorityId)>,
	{
		if !changed {
			return;
		}
		let directors = collect(validators);
		if directors.is_empty() {
			// Without a director no block could ever follow.
			log::error!(target: LOG_TARGET, "a session without validators: the directors stay");
			return;
		}
		Self::set_directors(directors);
	}

	// Isolation of absent directors is not covered yet, and the session pallet disables nobody.
	fn on_disabled(_validator_index: u32) {}
}

fn collect<'a, AccountId: Clone + 'a>(
	validators: impl Iterator<Item = (&'a AccountId, AuthorityId)>,
) -> Vec<Director<AccountId>> {
	validators
		.map(|(account, key)| Director {
			account: account.clone(),
			key,
		})
		.collect()
}

impl<T: Config> Pallet<T> {
	/// Replaces the directors. Who was one before keeps its record; the records of those who leave are dropped. What is beyond
	/// [`Config::MaxDirectors`] is left out, and logged.
	pub(crate) fn set_directors(directors: Vec<Director<T::AccountId>>) {
		let bound = usize::try_from(T::MaxDirectors::get()).unwrap_or(usize::MAX);
		if directors.len() > bound {
			log::error!(target: LOG_TARGET, "{} directors, of which {bound} find room", directors.len());
		}
		let directors = BoundedVec::<_, T::MaxDirectors>::truncate_from(directors);
		let mut kept: BTreeMap<T::AccountId, Record> = Directors::<T>::get()
			.into_iter()
			.map(|director| director.account)
			.zip(Records::<T>::get())
			.collect();
		let records: Vec<Record> = directors
			.iter()
			.map(|director| kept.remove(&director.account).unwrap_or_default())
			.collect();
		// As many as there are directors, so nothing is cut off.
		Records::<T>::put(BoundedVec::<_, T::MaxDirectors>::truncate_from(records));
		Directors::<T>::put(directors);
		// Whose the current turn was can no longer be told from the list.
		TurnAttended::<T>::put(true);
	}
}
