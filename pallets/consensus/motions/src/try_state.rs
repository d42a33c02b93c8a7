//! What must hold after every block.

use crate::{Calls, Config, Motions, NextMotion, Open, OpenBy, Pallet};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Every motion has its call and its number below the next, nobody votes twice, and open motions are counted right.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut open = BTreeMap::<_, Open>::new();
		let mut number = 0u32;
		for (id, motion) in Motions::<T>::iter() {
			number = number.saturating_add(1);
			ensure!(
				id < NextMotion::<T>::get(),
				"the number of a motion is below the next one"
			);
			ensure!(Calls::<T>::contains_key(id), "every motion has its call");
			let votes = motion.ayes.iter().chain(motion.nays.iter());
			let different: BTreeSet<_> = votes.clone().collect();
			ensure!(votes.count() == different.len(), "nobody votes twice on a motion");
			let count = open.entry(motion.proposer).or_default().of_kind(motion.elimination);
			*count = count.saturating_add(1);
		}
		ensure!(number == Motions::<T>::count(), "motions are counted right");
		ensure!(number <= T::MaxMotions::get(), "no more motions are open than may be");
		ensure!(
			u32::try_from(Calls::<T>::iter_keys().count()) == Ok(number),
			"no call is without its motion"
		);
		for (who, own) in &open {
			ensure!(
				own.ordinary <= T::MaxOpen::get() && own.eliminations <= T::MaxOpenEliminations::get(),
				"no account has more motions open than it may"
			);
			ensure!(
				OpenBy::<T>::get(who) == *own,
				"the motions of an account are counted right"
			);
		}
		ensure!(
			OpenBy::<T>::iter_keys().count() == open.len(),
			"no account without a motion is kept"
		);
		Ok(())
	}
}
