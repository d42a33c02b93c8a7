//! What directors vouch for, so that holders may do it in haste.

use crate::{CallOf, Config, Error, Event, Pallet, Sponsored, Sponsorship, WeightInfo};
use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo, RawOrigin},
	ensure,
	traits::{Contains, Get},
};
use sp_runtime::traits::{Dispatchable, Hash};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_sponsor(call_hash: T::Hash) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		let until = Self::in_blocks(T::SponsorTerm::get());
		Sponsored::<T>::try_mutate(|sponsored| {
			sponsored.retain(|known| known.until >= now && known.call_hash != call_hash);
			sponsored.try_push(Sponsorship { call_hash, until })
		})
		.map_err(|_| Error::<T>::TooManySponsored)?;
		Self::deposit_event(Event::Sponsored { call_hash, until });
		Ok(())
	}

	/// Whether directors vouch for a call, by its hash.
	pub fn is_sponsored(call_hash: &T::Hash) -> bool {
		let now = frame_system::Pallet::<T>::block_number();
		Sponsored::<T>::get()
			.iter()
			.any(|known| known.call_hash == *call_hash && known.until >= now)
	}

	pub(crate) fn do_act(call: CallOf<T>) -> DispatchResultWithPostInfo {
		ensure!(T::EmergencyCalls::contains(&call), Error::<T>::NotForEmergencies);
		let call_hash = T::Hashing::hash_of(&call);
		ensure!(Self::is_sponsored(&call_hash), Error::<T>::NotSponsored);
		Sponsored::<T>::mutate(|sponsored| sponsored.retain(|known| known.call_hash != call_hash));
		let own = T::WeightInfo::act();
		match call.dispatch(RawOrigin::Root.into()) {
			Ok(mut done) => {
				Self::deposit_event(Event::Acted { call_hash });
				done.actual_weight = done.actual_weight.map(|took| took.saturating_add(own));
				Ok(done)
			}
			Err(mut failed) => {
				let took = &mut failed.post_info.actual_weight;
				*took = took.map(|took| took.saturating_add(own));
				Err(failed)
			}
		}
	}
}
