//! What must hold after every block.

use crate::{Config, NextReport, Pallet, Reports, Scale, Sponsored, Steward};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Times are divided by something, reports are the last ones and no more than are kept, and directors vouch for
	/// nothing twice.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(Scale::<T>::get() >= 1, "times are divided by 1 at least");
		let next = NextReport::<T>::get();
		let oldest = next.saturating_sub(T::MaxReports::get());
		let numbers: BTreeSet<_> = Reports::<T>::iter_keys().collect();
		ensure!(
			numbers == (oldest..next).collect(),
			"the last reports are kept, and no others"
		);
		if let Some(steward) = Steward::<T>::get() {
			ensure!(steward.since <= steward.due, "a report is due after what it is on");
		}
		let sponsored = Sponsored::<T>::get();
		let different: BTreeSet<_> = sponsored.iter().map(|known| known.call_hash).collect();
		ensure!(different.len() == sponsored.len(), "directors vouch for nothing twice");
		Ok(())
	}
}
