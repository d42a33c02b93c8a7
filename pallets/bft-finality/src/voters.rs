//! Who votes: at genesis the session's validators, and then whoever is seated.

use crate::{
	ChangedAt, Config, CurrentSetId, Event, Pallet, RelaxedMargin, RelaxedQuorum, Voters, WantedVoters, WeightInfo,
	LOG_TARGET,
};
use alloc::{collections::BTreeSet, vec::Vec};
use bft_finality_primitives::{ConsensusLog, VoterId, VoterIndex, VoterSet};
use frame_support::{traits::OneSessionHandler, weights::Weight, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use poca_primitives::{KeyOf, SeatVoters};
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

	/// Changes to the wanted voters, where there are any and what block `now` holds final has reached the last change.
	pub(crate) fn change_voters(now: BlockNumberFor<T>, finalized: u32) -> Weight {
		if BlockNumberFor::<T>::from(finalized) < ChangedAt::<T>::get() {
			return Weight::zero();
		}
		let Some(voters) = WantedVoters::<T>::take() else {
			return Weight::zero();
		};
		let weight = T::WeightInfo::change_voters(u32::try_from(voters.len()).unwrap_or(u32::MAX));
		// The same voters in another order are no change: it is not worth a new set, and directors take turns in another order every
		// era.
		let current = Voters::<T>::get();
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
		let relaxed_quorum = Self::relaxed_quorum(voters.len());
		RelaxedQuorum::<T>::put(relaxed_quorum);
		let set = VoterSet {
			set_id,
			voters: voters.to_vec(),
			relaxed_quorum,
		};
		Voters::<T>::put(voters);
		frame_system::Pallet::<T>::deposit_log(ConsensusLog::ScheduledChange(set).item());
		weight
	}

	/// Has these keys vote as soon as the last change is final. Keys after their first mention, and those beyond
	/// [`Config::MaxVoters`], are left out. Without any the voters stay: nothing would ever be final again.
	pub(crate) fn want_voters(keys: impl IntoIterator<Item = VoterId>) {
		let mut seen = BTreeSet::new();
		let keys: Vec<VoterId> = keys.into_iter().filter(|key| seen.insert(key.clone())).collect();
		if keys.is_empty() {
			log::error!(target: LOG_TARGET, "nobody is to vote: the voters stay");
			return;
		}
		let count = keys.len();
		let keys = BoundedVec::<_, T::MaxVoters>::truncate_from(keys);
		if keys.len() < count {
			log::error!(target: LOG_TARGET, "{count} voters, of which {} find room", keys.len());
		}
		WantedVoters::<T>::put(keys);
	}
}

impl<T: Config> SeatVoters<T::AccountId> for Pallet<T> {
	fn seat_voters(accounts: &[T::AccountId]) -> Weight {
		Self::want_voters(accounts.iter().filter_map(T::Keys::key_of));
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
		let voters: Vec<VoterId> = validators.map(|(_, key)| key).collect();
		let Ok(voters) = BoundedVec::<_, T::MaxVoters>::try_from(voters) else {
			// Genesis is no block: a chain that could not run as it was configured must not start.
			panic!("genesis has more voters than MaxVoters");
		};
		CurrentSetId::<T>::put(0);
		Voters::<T>::put(voters);
		Self::relax_genesis();
	}

	fn on_new_session<'a, I: 'a>(_changed: bool, _validators: I, _queued: I)
	where
		I: Iterator<Item = (&'a T::AccountId, VoterId)>,
	{
	}

	fn on_disabled(_validator_index: u32) {}
}
