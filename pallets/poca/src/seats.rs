//! Who is a director: at genesis the session's validators, and then whoever is seated.

use crate::{Config, Director, Directors, Era, Pallet, Record, Records, TurnAttended, WeightInfo, LOG_TARGET};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	traits::{Get, OneSessionHandler},
	weights::Weight,
	BoundedVec,
};
use poca_primitives::{AuthorHistory, AuthorityId, KeyOf, SeatVoters};
use sp_runtime::BoundToRuntimeAppPublic;

/// The session pallet holds the keys. It says who is a director at genesis, and nothing after it.
impl<T: Config> OneSessionHandler<T::AccountId> for Pallet<T> {
	type Key = AuthorityId;

	fn on_genesis_session<'a, I: 'a>(validators: I)
	where
		I: Iterator<Item = (&'a T::AccountId, AuthorityId)>,
	{
		let directors: Vec<_> = validators
			.map(|(account, key)| Director {
				account: account.clone(),
				key,
			})
			.collect();
		// Genesis is no block: a chain that could not start as it was configured must not start.
		assert!(
			directors.len() <= usize::try_from(T::MaxDirectors::get()).unwrap_or(usize::MAX),
			"genesis has more directors than MaxDirectors"
		);
		Self::set_directors(directors);
	}

	fn on_new_session<'a, I: 'a>(_changed: bool, _validators: I, _queued: I)
	where
		I: Iterator<Item = (&'a T::AccountId, AuthorityId)>,
	{
	}

	fn on_disabled(_validator_index: u32) {}
}

impl<T: Config> BoundToRuntimeAppPublic for Pallet<T> {
	type Public = AuthorityId;
}

impl<T: Config> Pallet<T> {
	/// Seats those of these accounts that have keys, in this order, with the keys that they have set last: they author from the
	/// next block on, and vote as soon as may be. An account is seated once. Where nobody has keys everything stays: without a
	/// director no block could ever follow.
	///
	/// Returns what that costs.
	pub fn seat(accounts: &[T::AccountId]) -> Weight {
		let weight = T::WeightInfo::seat(u32::try_from(accounts.len()).unwrap_or(u32::MAX));
		let mut seen = BTreeSet::new();
		let directors: Vec<_> = accounts
			.iter()
			.filter(|account| seen.insert(*account))
			.filter_map(|account| {
				let key = T::Keys::key_of(account)?;
				Some(Director {
					account: account.clone(),
					key,
				})
			})
			.take(usize::try_from(T::MaxDirectors::get()).unwrap_or(usize::MAX))
			.collect();
		if directors.is_empty() {
			log::error!(target: LOG_TARGET, "nobody to seat has keys: the directors stay");
			return weight;
		}
		if directors.len() < accounts.len() {
			log::warn!(target: LOG_TARGET, "of {} accounts {} are seated", accounts.len(), directors.len());
		}
		let seated: Vec<_> = directors.iter().map(|director| director.account.clone()).collect();
		let remembered = if Directors::<T>::get() == directors {
			Weight::zero()
		} else {
			Self::set_directors(directors)
		};
		weight
			.saturating_add(remembered)
			.saturating_add(T::Voters::seat_voters(&seated))
	}

	/// Replaces the directors. Who was one before keeps its record; the records of those who leave are dropped. What is beyond
	/// [`Config::MaxDirectors`] is left out, and logged. Returns what it costs to remember them.
	pub(crate) fn set_directors(directors: Vec<Director<T::AccountId>>) -> Weight {
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
		let remembered = Self::remember(&directors);
		Directors::<T>::put(directors);
		// Whose the current turn was can no longer be told from the list.
		TurnAttended::<T>::put(true);
		remembered
	}

	/// Has it remembered that these may author in the current era.
	pub(crate) fn remember(directors: &[Director<T::AccountId>]) -> Weight {
		let authors: Vec<_> = directors
			.iter()
			.map(|director| (director.account.clone(), director.key.clone()))
			.collect();
		T::History::may_author(Era::<T>::get(), &authors)
	}
}
