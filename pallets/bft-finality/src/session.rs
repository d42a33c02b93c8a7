//! Voters come from the session pallet: the validators of the genesis session, in their order.

use crate::{Config, CurrentSetId, Pallet, Voters, LOG_TARGET};
use alloc::vec::Vec;
use bft_finality_primitives::VoterId;
use frame_support::{traits::OneSessionHandler, BoundedVec};
use sp_runtime::BoundToRuntimeAppPublic;

impl<T: Config> BoundToRuntimeAppPublic for Pallet<T> {
	type Public = VoterId;
}

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
	}

	fn on_new_session<'a, I: 'a>(_changed: bool, validators: I, _queued: I)
	where
		I: Iterator<Item = (&'a T::AccountId, VoterId)>,
	{
		// A set that changed without the old one finalizing the change would split finality; see the crate's "Not covered".
		let voters = Voters::<T>::get();
		if !validators.map(|(_, key)| key).eq(voters) {
			log::warn!(
				target: LOG_TARGET,
				"the session's keys differ from voter set {}, which stays in force",
				CurrentSetId::<T>::get(),
			);
		}
	}

	// A voter who misbehaves is not removed yet, and the session pallet disables nobody.
	fn on_disabled(_validator_index: u32) {}
}
