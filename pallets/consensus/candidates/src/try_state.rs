//! What must hold between blocks.

use crate::{election::rank, parameters::to_usize, *};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_election_provider_support::SortedListProvider;
use frame_support::{
	ensure,
	traits::{fungible::hold::Inspect, Get},
};
use pallet_traits::{EraClock, Seats};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks. Reads everything: not for a block.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(
			Parameters::<T>::get().check::<T>().is_ok(),
			"each parameter is in its range"
		);
		Self::check_candidates()?;
		Self::check_backing()?;
		Self::check_offices()?;
		Self::check_elected()?;
		Self::check_replacements()?;
		Self::check_absences()
	}

	fn check_candidates() -> Result<(), TryRuntimeError> {
		let mut standing = 0u32;
		let mut backing: Balance = 0;
		for (account, candidate) in Candidates::<T>::iter() {
			let held = T::Currency::balance_on_hold(&HoldReason::Bond.into(), &account);
			ensure!(held == candidate.bond, "what is held of a candidate is its bond");
			ensure!(
				T::List::contains(&account) == candidate.stands(),
				"those that stand are in the list, and nobody else"
			);
			ensure!(
				candidate.stands() || !candidate.admitted,
				"one that has left is not admitted"
			);
			if let Ok(score) = T::List::get_score(&account) {
				let admitted = score >= rank::list_score(0, true);
				ensure!(admitted == candidate.admitted, "the list knows who is admitted");
				backing = backing.saturating_add(BackingOn::<T>::get(&account));
				standing = standing.saturating_add(1);
			}
		}
		ensure!(T::List::count() == standing, "the list has nobody that is no candidate");
		ensure!(TotalBacking::<T>::get() == backing, "the total is of those that stand");
		Ok(())
	}

	fn check_backing() -> Result<(), TryRuntimeError> {
		let mut on = BTreeMap::<T::AccountId, Balance>::new();
		for (account, backer) in Backers::<T>::iter() {
			let mut locked: Balance = 0;
			let mut known = BTreeSet::new();
			for (candidate, amount) in backer.backing {
				ensure!(amount > 0, "nobody is backed with nothing");
				locked = locked.saturating_add(amount);
				let sum = on.entry(candidate.clone()).or_default();
				*sum = sum.saturating_add(amount);
				ensure!(known.insert(candidate), "nobody is backed twice by one holder");
			}
			let mut eras = BTreeSet::new();
			for (era, amount) in backer.unlocking {
				ensure!(amount > 0 && eras.insert(era), "each era has one chunk of something");
				locked = locked.saturating_add(amount);
			}
			ensure!(locked > 0, "a backer has something locked");
			let held = T::Currency::balance_on_hold(&HoldReason::Backing.into(), &account);
			ensure!(held == locked, "what is held of a backer is what it has locked");
		}
		let stored: BTreeMap<_, _> = BackingOn::<T>::iter().collect();
		ensure!(stored == on, "backing of each account is that of the holders");
		Ok(())
	}

	fn check_offices() -> Result<(), TryRuntimeError> {
		let directors = T::Seats::directors();
		let seated: BTreeSet<_> = directors.iter().cloned().collect();
		ensure!(seated.len() == directors.len(), "no director has two seats");
		ensure!(
			directors.len() <= to_usize(T::MaxDirectors::get()),
			"there are no more directors than there may be"
		);
		let standbys = T::Seats::standbys();
		ensure!(
			standbys.len() == directors.len(),
			"each seat has a place for its standby"
		);
		let mut in_office = seated.clone();
		for standby in standbys.into_iter().flatten() {
			ensure!(in_office.insert(standby), "nobody has two offices");
		}
		for node in StandbyComputeNodes::<T>::get() {
			ensure!(
				!seated.contains(&node) && in_office.insert(node),
				"no standby compute node has an office"
			);
		}
		let era = T::EraClock::current_era();
		for account in T::Seats::standbys().into_iter().flatten().chain(directors) {
			let withdrawable = Candidates::<T>::get(account).and_then(|candidate| candidate.withdrawable);
			ensure!(
				withdrawable.is_none_or(|withdrawable| withdrawable > era),
				"no bond of one in office is released"
			);
		}
		for reporter in Latencies::<T>::iter_keys() {
			ensure!(Self::in_office(&reporter), "latencies are of those in office");
		}
		Ok(())
	}

	fn check_elected() -> Result<(), TryRuntimeError> {
		let Some(elected) = Elected::<T>::get() else {
			return Ok(());
		};
		ensure!(!elected.directors.is_empty(), "an election names somebody");
		ensure!(
			elected.standbys.len() <= elected.directors.len(),
			"no more standbys are elected than directors"
		);
		let mut named = BTreeSet::new();
		let all = elected
			.directors
			.iter()
			.chain(&elected.standbys)
			.chain(&elected.compute_nodes);
		for account in all {
			ensure!(named.insert(account), "nobody is elected twice");
		}
		Ok(())
	}

	fn check_replacements() -> Result<(), TryRuntimeError> {
		let replacements = Replacements::<T>::get();
		let by: BTreeSet<_> = replacements.iter().map(|replacement| &replacement.by).collect();
		ensure!(by.len() == replacements.len(), "a standby takes one seat");
		Ok(())
	}

	fn check_absences() -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let mut known = BTreeSet::new();
		for absence in Absences::<T>::get() {
			ensure!(Self::standing(&absence.director).is_ok(), "the absent stand");
			ensure!(absence.since <= now, "nobody is absent since a block that is to come");
			ensure!(known.insert(absence.director), "nobody is absent twice");
		}
		Ok(())
	}
}
