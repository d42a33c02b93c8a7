//! What must hold between blocks.

use crate::{Config, Nonces, Pallet};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for next in Nonces::<T>::iter_values() {
			ensure!(
				next > 0,
				"an entry is kept of those alone for whom something was relayed"
			);
		}
		Ok(())
	}
}
