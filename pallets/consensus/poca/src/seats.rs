//! Who is a director or a standby signer: at genesis the session's validators, and then whoever is seated.

use crate::{
	Config, CurrentSlot, Director, DirectorOf, Directors, Era, Pallet, SeatedIn, StandbySigners, Tallies, Tally,
	TurnAttended, TurnHolder, WeightInfo, LOG_TARGET,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	traits::{Get, OneSessionHandler},
	weights::Weight,
	BoundedVec,
};
use pallet_traits::{AuthorHistory, KeyOf, SeatVoters, Seats, SeatsError};
use poca_primitives::AuthorityId;
use sp_runtime::BoundToRuntimeAppPublic;

/// Accounts, each with the key that it may author with.
type Authors<T> = Vec<(<T as frame_system::Config>::AccountId, AuthorityId)>;

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
			directors.len() <= Self::most_directors(),
			"genesis has more directors than MaxDirectors"
		);
		let changed = Self::put_offices(directors, Vec::new());
		Self::tell_history(changed);
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

/// What a change costs is part of what its caller is measured to cost, and so is what voters and history cost that are
/// told of it: callers are measured in the runtime, with those that it tells. So what these return is not counted here,
/// or it would be twice. `renew_keys`, which nobody calls but this pallet, counts it.
impl<T: Config> Seats<T::AccountId> for Pallet<T> {
	fn directors() -> Vec<T::AccountId> {
		Directors::<T>::get()
			.into_iter()
			.map(|director| director.account)
			.collect()
	}

	fn standbys() -> Vec<Option<T::AccountId>> {
		StandbySigners::<T>::get()
			.into_iter()
			.map(|signer| signer.map(|signer| signer.account))
			.collect()
	}

	fn seat(directors: Vec<T::AccountId>, standbys: Vec<T::AccountId>) -> Result<(), SeatsError> {
		let count = directors.len();
		if count == 0 || count > Self::most_directors() || standbys.len() > count {
			return Err(SeatsError::BadCount);
		}
		let accounts: BTreeSet<_> = directors.iter().chain(&standbys).collect();
		if accounts.len() < count.saturating_add(standbys.len()) {
			return Err(SeatsError::AlreadySeated);
		}
		let seated = directors
			.iter()
			.map(Self::with_key)
			.collect::<Option<Vec<_>>>()
			.ok_or(SeatsError::NoKeys)?;
		let changed = Self::put_offices(seated, standbys.iter().map(Self::with_key).collect());
		Self::tell_history(changed);
		SeatedIn::<T>::put(Era::<T>::get());
		T::Voters::seat_voters(&directors);
		Ok(())
	}

	fn replace(director: &T::AccountId, by: &T::AccountId) -> Result<(), SeatsError> {
		let mut directors = Directors::<T>::get().into_inner();
		if directors.iter().any(|seated| seated.account == *by) {
			return Err(SeatsError::AlreadySeated);
		}
		let seat = directors
			.iter()
			.position(|seated| seated.account == *director)
			.ok_or(SeatsError::NotSeated)?;
		let successor = Self::with_key(by).ok_or(SeatsError::NoKeys)?;
		if let Some(seated) = directors.get_mut(seat) {
			*seated = successor;
		}
		let accounts: Vec<_> = directors.iter().map(|director| director.account.clone()).collect();
		let changed = Self::put_offices(directors, Self::standbys_without(by));
		Self::tell_history(changed);
		T::Voters::seat_voters(&accounts);
		Ok(())
	}

	fn dismiss_standby(standby: &T::AccountId) {
		let directors = Directors::<T>::get().into_inner();
		let changed = Self::put_offices(directors, Self::standbys_without(standby));
		Self::tell_history(changed);
	}
}

impl<T: Config> Pallet<T> {
	fn most_directors() -> usize {
		usize::try_from(T::MaxDirectors::get()).unwrap_or(usize::MAX)
	}

	/// An account with the key that it has set last.
	fn with_key(account: &T::AccountId) -> Option<DirectorOf<T>> {
		let key = T::Keys::key_of(account)?;
		Some(Director {
			account: account.clone(),
			key,
		})
	}

	/// The standby signer of each seat; none where it was this account.
	fn standbys_without(account: &T::AccountId) -> Vec<Option<DirectorOf<T>>> {
		StandbySigners::<T>::get()
			.into_iter()
			.map(|signer| signer.filter(|signer| signer.account != *account))
			.collect()
	}

	/// Gives those in office the keys that they have set last. Whoever has none any more is out of office; if nobody
	/// has keys everything stays: without a director no block could ever follow.
	///
	/// Returns what that costs.
	pub(crate) fn renew_keys() -> Weight {
		let directors = Directors::<T>::get();
		let signers = StandbySigners::<T>::get();
		let signer_of = |seat: usize| signers.get(seat).and_then(Option::as_ref);
		let (seated, standbys): (Vec<_>, Vec<_>) = directors
			.iter()
			.enumerate()
			.filter_map(|(seat, director)| {
				let standby = signer_of(seat).and_then(|signer| Self::with_key(&signer.account));
				Some((Self::with_key(&director.account)?, standby))
			})
			.unzip();
		let count = u32::try_from(directors.len()).unwrap_or(u32::MAX);
		if seated.is_empty() {
			log::error!(
				target: LOG_TARGET,
				"Nobody in office has session keys, so the directors stay: have them set their keys",
			);
			return T::WeightInfo::renew_keys(count);
		}
		if seated.len() < directors.len() {
			log::warn!(
				target: LOG_TARGET,
				"Only {} of {} directors have session keys: the others lose their seats",
				seated.len(),
				directors.len(),
			);
		}
		let accounts: Vec<_> = seated.iter().map(|director| director.account.clone()).collect();
		let changed = Self::put_offices(seated, standbys);
		T::WeightInfo::renew_keys(count)
			.saturating_add(Self::tell_history(changed))
			.saturating_add(T::Voters::seat_voters(&accounts))
	}

	/// Has it remembered who may author from here on, if that changed. Returns what that costs.
	fn tell_history(changed: Option<Authors<T>>) -> Weight {
		changed.map_or(Weight::zero(), |authors| {
			T::History::authors_changed(CurrentSlot::<T>::get(), &authors)
		})
	}

	/// Puts these into office: the one place in which directors and standby signers change. The caller has seen to it
	/// that there are at most [`Config::MaxDirectors`]. Whoever was a director before keeps its tally; the tallies of
	/// those who leave are dropped.
	///
	/// Returns all that may author from here on, if these are others than before or have other keys.
	pub(crate) fn put_offices(
		directors: Vec<DirectorOf<T>>,
		mut standbys: Vec<Option<DirectorOf<T>>>,
	) -> Option<Authors<T>> {
		standbys.resize(directors.len(), None);
		let directors = BoundedVec::<_, T::MaxDirectors>::truncate_from(directors);
		let standbys = BoundedVec::<_, T::MaxDirectors>::truncate_from(standbys);
		let (old_directors, old_standbys) = (Directors::<T>::get(), StandbySigners::<T>::get());
		if old_directors == directors && old_standbys == standbys {
			return None;
		}
		// An index in the list may be another's now, and so may the line that the holder stood in.
		TurnHolder::<T>::kill();
		let authors = Self::authors_of(&directors, &standbys);
		let old_authors = Self::authors_of(&old_directors, &old_standbys);
		if old_directors != directors {
			Self::move_tallies(&old_directors, &directors);
			Directors::<T>::put(directors);
		}
		StandbySigners::<T>::put(standbys);
		let sorted = |authors: &Authors<T>| authors.iter().cloned().collect::<BTreeSet<_>>();
		(sorted(&authors) != sorted(&old_authors)).then_some(authors)
	}

	/// Gives each director the tally that it had before, or a new one.
	fn move_tallies(before: &[DirectorOf<T>], after: &[DirectorOf<T>]) {
		let turn = Self::turn_of(CurrentSlot::<T>::get());
		let has_turn = |directors: &[DirectorOf<T>]| {
			let seat = Self::seat_of_turn(turn, directors.len())?;
			directors.get(seat).map(|director| director.account.clone())
		};
		if has_turn(before) != has_turn(after) {
			// The turn that is on was not wholly anybody's.
			TurnAttended::<T>::put(true);
		}
		let mut kept: BTreeMap<_, _> = before
			.iter()
			.map(|director| &director.account)
			.zip(Tallies::<T>::get())
			.collect();
		let tallies: Vec<Tally> = after
			.iter()
			.map(|director| kept.remove(&director.account).unwrap_or_default())
			.collect();
		// As many as there are directors, so nothing is cut off.
		Tallies::<T>::put(BoundedVec::<_, T::MaxDirectors>::truncate_from(tallies));
	}

	fn authors_of(directors: &[DirectorOf<T>], standbys: &[Option<DirectorOf<T>>]) -> Authors<T> {
		directors
			.iter()
			.chain(standbys.iter().flatten())
			.map(|author| (author.account.clone(), author.key.clone()))
			.collect()
	}
}
