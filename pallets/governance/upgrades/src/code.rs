//! Code that is set, waits, and comes into force.

use crate::{Code, Config, Error, Event, Pallet, Pending, WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, migrations::MultiStepMigrator, traits::Get, weights::Weight, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::{
	generic::DigestItem,
	traits::{Hash, One, Saturating},
	DispatchResult,
};

/// Code that waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingCode<Hash, BlockNumber> {
	/// The hash of its bytes, as they were set.
	pub hash: Hash,
	/// The block at whose start it comes into force; the next one is the first that it runs.
	pub due: BlockNumber,
}

impl<T: Config> frame_system::SetCode<T> for Pallet<T> {
	/// Has this code wait. System has checked its name and version, unless it was told not to.
	fn set_code(code: Vec<u8>) -> DispatchResult {
		ensure!(!Self::changes_now(), Error::<T>::ChangesNow);
		ensure!(!code.is_empty(), Error::<T>::NoCode);
		let hash = T::Hashing::hash(&code);
		let code = BoundedVec::<u8, T::MaxCodeBytes>::try_from(code).map_err(|_| Error::<T>::CodeTooLong)?;
		let now = frame_system::Pallet::<T>::block_number();
		// Never the block itself, whose start is over.
		let due = now.saturating_add(T::Delay::get().max(One::one()));
		let replaces = Pending::<T>::get().map(|pending| pending.hash);
		Code::<T>::put(code);
		Pending::<T>::put(PendingCode { hash, due });
		Self::deposit_event(Event::Waits { hash, due, replaces });
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// Puts what waits in force if its time has come and no migrations run: they belong to the code that began them.
	pub(crate) fn put_in_force_if_due(now: BlockNumberFor<T>) -> Weight {
		let waits = T::WeightInfo::wait();
		let Some(pending) = Pending::<T>::get() else {
			return waits;
		};
		if now < pending.due || <T as frame_system::Config>::MultiBlockMigrator::ongoing() {
			return waits;
		}
		Pending::<T>::kill();
		// Both values are written and removed together.
		let Some(code) = Code::<T>::take() else {
			return waits;
		};
		let bytes = u32::try_from(code.len()).unwrap_or(u32::MAX);
		frame_system::Pallet::<T>::update_code_in_storage(&code);
		waits.saturating_add(T::WeightInfo::put_in_force(bytes))
	}

	/// Whether the runtime changes in this block. What is set in it is compared by the old runtime with itself: what is
	/// no successor of the new one would wait, and come into force in place of it.
	fn changes_now() -> bool {
		let digest = frame_system::Pallet::<T>::digest();
		let changes = |item: &DigestItem| matches!(item, DigestItem::RuntimeEnvironmentUpdated);
		digest.logs().iter().any(changes)
	}

	pub(crate) fn do_cancel() -> DispatchResult {
		let pending = Pending::<T>::take().ok_or(Error::<T>::NothingWaits)?;
		Code::<T>::kill();
		Self::deposit_event(Event::Cancelled { hash: pending.hash });
		Ok(())
	}

	/// The bytes of the code that waits, if its hash is this one.
	pub fn code_of(hash: &T::Hash) -> Option<Vec<u8>> {
		let waits = Pending::<T>::get().is_some_and(|pending| pending.hash == *hash);
		waits.then(|| Code::<T>::get().map(BoundedVec::into_inner)).flatten()
	}
}
