//! Who votes: at genesis the session's validators, and then whoever is seated.

use crate::{
	ChangedAt, Config, CurrentSetId, Event, Pallet, RelaxedMargin, RelaxedQuorum, VoterAccounts, Voters, WantedVoters,
	WeightInfo, LOG_TARGET,
};
use alloc::{collections::BTreeSet, vec::Vec};
use bft_finality_primitives::{ConsensusLog, SetId, VoterId, VoterIndex, VoterSet};
use frame_support::{
	traits::{Get, OneSessionHandler},
	weights::Weight,
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::{KeyOf, SeatVoters, VoterHistory};
use sp_runtime::BoundToRuntimeAppPublic;

impl<T: Config> Pallet<T> {
	/// The voter set that votes on what follows this block once it is final.
	pub fn voter_set() -> VoterSet {
		VoterSet {
			set_id: CurrentSetId::<T>::get(),
			voters: Voters::<T>::get().into_inner(),
			relaxed_quorum: RelaxedQuorum::<T>::get(),
		}
	}

	/// How many relaxed votes end a set of so many voters.
	fn relaxed_quorum(voters: usize) -> VoterIndex {
		let relaxed = bft_finality_primitives::relaxed_quorum(voters, RelaxedMargin::<T>::get());
		// Sets are smaller; 0 switches the rule off.
		VoterIndex::try_from(relaxed).unwrap_or(0)
	}

	/// The relaxed quorum of genesis, from its voters and its margin, once both are there.
	pub(crate) fn relax_genesis() {
		let voters = Voters::<T>::decode_len().unwrap_or(0);
		RelaxedQuorum::<T>::put(Self::relaxed_quorum(voters));
	}

	/// Changes to the wanted voters, if there are any and what block `now` holds final has reached the last change.
	pub(crate) fn change_voters(now: BlockNumberFor<T>, finalized: u32) -> Weight {
		if BlockNumberFor::<T>::from(finalized) < ChangedAt::<T>::get() {
			return Weight::zero();
		}
		let Some(voters) = WantedVoters::<T>::take() else {
			return Weight::zero();
		};
		let weight = T::WeightInfo::change_voters(u32::try_from(voters.len()).unwrap_or(u32::MAX));
		// The same voters in another order are no change: it is not worth a new set, and directors take turns in
		// another order every era.
		let current: Vec<_> = VoterAccounts::<T>::get().into_iter().zip(Voters::<T>::get()).collect();
		if voters.len() == current.len() && voters.iter().all(|voter| current.contains(voter)) {
			return weight;
		}
		// 2^64 changes take longer than there will be seconds.
		let set_id = CurrentSetId::<T>::get().saturating_add(1);
		CurrentSetId::<T>::put(set_id);
		ChangedAt::<T>::put(now);
		Self::deposit_event(Event::VotersChanged {
			set_id,
			voters: u32::try_from(voters.len()).unwrap_or(u32::MAX),
		});
		let set = Self::set_voters(set_id, &voters);
		frame_system::Pallet::<T>::deposit_log(ConsensusLog::ScheduledChange(set).item());
		weight.saturating_add(T::History::voters_named(set_id, &voters))
	}

	/// Writes down the voters of the newest set.
	fn set_voters(set_id: SetId, voters: &[(T::AccountId, VoterId)]) -> VoterSet {
		let (accounts, keys): (Vec<_>, Vec<_>) = voters.iter().cloned().unzip();
		let relaxed_quorum = Self::relaxed_quorum(keys.len());
		let set = VoterSet {
			set_id,
			voters: keys.clone(),
			relaxed_quorum,
		};
		RelaxedQuorum::<T>::put(relaxed_quorum);
		// As many as have found room before.
		Voters::<T>::put(BoundedVec::<_, T::MaxVoters>::truncate_from(keys));
		VoterAccounts::<T>::put(BoundedVec::<_, T::MaxVoters>::truncate_from(accounts));
		set
	}

	/// Has these accounts vote with these keys as soon as the last change is final. Keys after their first mention, and
	/// those beyond [`Config::MaxVoters`], are left out. Without any the voters stay: nothing would ever be final
	/// again.
	pub(crate) fn want_voters(voters: impl IntoIterator<Item = (T::AccountId, VoterId)>) {
		let mut seen = BTreeSet::new();
		let voters: Vec<_> = voters.into_iter().filter(|(_, key)| seen.insert(key.clone())).collect();
		if voters.is_empty() {
			log::error!(target: LOG_TARGET, "No director has a voting key: the voters stay. Directors must set keys");
			return;
		}
		let count = voters.len();
		let voters = BoundedVec::<_, T::MaxVoters>::truncate_from(voters);
		if voters.len() < count {
			log::error!(target: LOG_TARGET, "{count} voters, of which {} find room: raise MaxVoters", voters.len());
		}
		WantedVoters::<T>::put(voters);
	}
}

impl<T: Config> SeatVoters<T::AccountId> for Pallet<T> {
	fn seat_voters(accounts: &[T::AccountId]) -> Weight {
		Self::want_voters(
			accounts
				.iter()
				.filter_map(|account| Some((account.clone(), T::Keys::key_of(account)?))),
		);
		T::WeightInfo::seat_voters(u32::try_from(accounts.len()).unwrap_or(u32::MAX))
	}
}

impl<T: Config> BoundToRuntimeAppPublic for Pallet<T> {
	type Public = VoterId;
}

/// The session pallet holds the keys. It says who votes at genesis, and nothing after it.
impl<T: Config> OneSessionHandler<T::AccountId> for Pallet<T> {
	type Key = VoterId;

	fn on_genesis_session<'a, I: 'a>(validators: I)
	where
		I: Iterator<Item = (&'a T::AccountId, VoterId)>,
	{
		let voters: Vec<_> = validators.map(|(account, key)| (account.clone(), key)).collect();
		// Genesis is no block: a chain that could not run as it was configured must not start.
		assert!(
			voters.len() <= usize::try_from(T::MaxVoters::get()).unwrap_or(usize::MAX),
			"genesis has more voters than MaxVoters"
		);
		CurrentSetId::<T>::put(0);
		Self::set_voters(0, &voters);
		Self::relax_genesis();
		T::History::voters_named(0, &voters);
	}

	fn on_new_session<'a, I: 'a>(_changed: bool, _validators: I, _queued: I)
	where
		I: Iterator<Item = (&'a T::AccountId, VoterId)>,
	{
	}

	fn on_disabled(_validator_index: u32) {}
}
