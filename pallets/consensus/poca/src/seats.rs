//! Who is a director or a standby signer: at genesis the session's validators, and then whoever is seated.

use crate::{
	Config, CurrentSlot, Director, Directors, Era, Pallet, Record, Records, StandbySigners, TurnAttended, WeightInfo,
	LOG_TARGET,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	dispatch::DispatchClass,
	traits::{Get, OneSessionHandler},
	weights::Weight,
	BoundedVec,
};
use pallet_traits::{AuthorHistory, KeyOf, SeatVoters, Seats, SeatsError};
use poca_primitives::AuthorityId;
use sp_runtime::BoundToRuntimeAppPublic;

type DirectorOf<T> = Director<<T as frame_system::Config>::AccountId>;

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
		Self::set_directors(directors, Vec::new());
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

impl<T: Config> Seats<T::AccountId> for Pallet<T> {
	fn directors() -> Vec<T::AccountId> {
		Directors::<T>::get()
			.into_iter()
			.map(|director| director.account)
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
		let directors = directors
			.iter()
			.map(Self::with_key)
			.collect::<Option<Vec<_>>>()
			.ok_or(SeatsError::NoKeys)?;
		let (_, remembered) = Self::install(directors, standbys.iter().map(Self::with_key).collect());
		Self::register(remembered);
		Ok(())
	}

	fn replace(director: &T::AccountId, by: &T::AccountId) -> Result<(), SeatsError> {
		let mut directors = Directors::<T>::get();
		if directors.iter().any(|seated| seated.account == *by) {
			return Err(SeatsError::AlreadySeated);
		}
		let seat = directors
			.iter()
			.position(|seated| seated.account == *director)
			.ok_or(SeatsError::NotSeated)?;
		let successor = Self::with_key(by).ok_or(SeatsError::NoKeys)?;
		Self::dismiss_standby(by);
		Records::<T>::mutate(|records| {
			if let Some(record) = records.get_mut(seat) {
				*record = Record::default();
			}
		});
		Self::register(Self::remember(core::slice::from_ref(&successor), &[]));
		if let Some(seated) = directors.get_mut(seat) {
			*seated = successor;
		}
		if Self::seat_of_turn(Self::turn_of(CurrentSlot::<T>::get()), directors.len()) == Some(seat) {
			// The turn was not wholly anybody's.
			TurnAttended::<T>::put(true);
		}
		let accounts: Vec<_> = directors.iter().map(|director| director.account.clone()).collect();
		Directors::<T>::put(directors);
		T::Voters::seat_voters(&accounts);
		Ok(())
	}

	fn dismiss_standby(standby: &T::AccountId) {
		StandbySigners::<T>::mutate(|signers| {
			for signer in signers.iter_mut() {
				signer.take_if(|signer| signer.account == *standby);
			}
		});
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

	/// Gives those in office the keys that they have set last. Who has none any more is out of office; where nobody has keys
	/// everything stays: without a director no block could ever follow.
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
			log::error!(target: LOG_TARGET, "nobody in office has keys: the directors stay");
			return T::WeightInfo::renew_keys(count);
		}
		if seated.len() < directors.len() {
			log::warn!(target: LOG_TARGET, "of {} directors {} have keys", directors.len(), seated.len());
		}
		let (voters, remembered) = Self::install(seated, standbys);
		T::WeightInfo::renew_keys(count)
			.saturating_add(voters)
			.saturating_add(remembered)
	}

	/// Puts these into office, and has the voters follow. Returns what those cost, and what it costs to remember the authors.
	fn install(directors: Vec<DirectorOf<T>>, mut standbys: Vec<Option<DirectorOf<T>>>) -> (Weight, Weight) {
		standbys.resize(directors.len(), None);
		let accounts: Vec<_> = directors.iter().map(|director| director.account.clone()).collect();
		let mut remembered = Weight::zero();
		if Directors::<T>::get() != directors || StandbySigners::<T>::get() != standbys {
			remembered = Self::set_directors(directors, standbys);
		}
		(T::Voters::seat_voters(&accounts), remembered)
	}

	/// Has it remembered that these may author in the current era.
	pub(crate) fn remember(directors: &[DirectorOf<T>], standbys: &[Option<DirectorOf<T>>]) -> Weight {
		let authors: Vec<_> = directors
			.iter()
			.chain(standbys.iter().flatten())
			.map(|author| (author.account.clone(), author.key.clone()))
			.collect();
		T::History::may_author(Era::<T>::get(), &authors)
	}

	/// Adds a weight to the block's that nobody could know before.
	fn register(weight: Weight) {
		frame_system::Pallet::<T>::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
	}

	/// Replaces the directors and their standby signers. Who was a director before keeps its record; the records of those who leave are
	/// dropped. What is beyond [`Config::MaxDirectors`] is left out, and logged. Returns what it costs to remember them.
	pub(crate) fn set_directors(directors: Vec<DirectorOf<T>>, mut standbys: Vec<Option<DirectorOf<T>>>) -> Weight {
		let bound = Self::most_directors();
		if directors.len() > bound {
			log::error!(target: LOG_TARGET, "{} directors, of which {bound} find room", directors.len());
		}
		standbys.resize(directors.len(), None);
		let directors = BoundedVec::<_, T::MaxDirectors>::truncate_from(directors);
		let remembered = Self::remember(&directors, &standbys);
		let before = Directors::<T>::get();
		if before != directors {
			let mut kept: BTreeMap<T::AccountId, Record> = before
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
		StandbySigners::<T>::put(BoundedVec::<_, T::MaxDirectors>::truncate_from(standbys));
		remembered
	}
}
