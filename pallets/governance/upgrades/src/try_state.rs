//! What must hold after every block.

use crate::{Code, Config, Pallet, Pending};
use frame_support::ensure;
use sp_runtime::{traits::Hash, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// Code waits with its bytes, or there are none, and they have the hash that is said.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		match (Pending::<T>::get(), Code::<T>::get()) {
			(None, None) => Ok(()),
			(Some(pending), Some(code)) => {
				ensure!(!code.is_empty(), "no empty code waits");
				ensure!(
					T::Hashing::hash(&code) == pending.hash,
					"the code that waits has the hash that is said"
				);
				Ok(())
			}
			_ => Err("code that waits and its bytes are there together, or not at all".into()),
		}
	}
}
