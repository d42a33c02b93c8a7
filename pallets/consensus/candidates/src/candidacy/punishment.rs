//! What equivocation costs.

use crate::{Candidates, Config, Event, HoldReason, Pallet, Parameters, Sanctions, WeightInfo};
use frame_support::traits::{fungible::hold::Balanced, OnUnbalanced};
use pallet_traits::{OffenceKind, Punish};
use sp_runtime::{traits::Zero, Weight};

impl<T: Config> Punish<T::AccountId> for Pallet<T> {
	/// Each equivocation ends the candidacy and bars. Two blocks of one slot cost the governed part of the bond if it
	/// is the account's first offence: a node that was set up twice by mistake does that, and it makes nothing final.
	/// Two votes cost all of the bond, for a third of the voters can split finality by them; so does whatever comes
	/// after a first offence.
	fn offended(who: &T::AccountId, kind: OffenceKind, era: u32) -> Weight {
		let weight = T::WeightInfo::offended();
		let mut sanction = Sanctions::<T>::get(who).unwrap_or_default();
		let first = sanction.offences.is_zero();
		sanction.offences = sanction.offences.saturating_add(1);
		Sanctions::<T>::insert(who, sanction);
		let barred_until = Self::bar(who);
		let Some(mut candidate) = Candidates::<T>::get(who) else {
			return weight;
		};
		let due = match kind {
			OffenceKind::Block if first => Parameters::<T>::get().first_slash.mul_ceil(candidate.bond),
			OffenceKind::Block | OffenceKind::Vote => candidate.bond,
		};
		let (credit, missing) = T::Currency::slash(&HoldReason::Bond.into(), who, due);
		let slashed = due.saturating_sub(missing);
		T::OnSlash::on_unbalanced(credit);
		candidate.bond = candidate.bond.saturating_sub(slashed);
		Candidates::<T>::insert(who, &candidate);
		Self::expel(who, &mut candidate);
		Self::deposit_event(Event::Punished {
			candidate: who.clone(),
			kind,
			era,
			slashed,
			barred_until,
		});
		weight
	}

	/// One without a bond has lost it, or never had one: it is a candidate no more, and in office at most until others
	/// can take its seat.
	fn can_lose(who: &T::AccountId) -> bool {
		Candidates::<T>::get(who).is_some_and(|candidate| !candidate.bond.is_zero())
	}
}
