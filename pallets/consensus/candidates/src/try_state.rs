//! What must hold between blocks.

use crate::{parameters::to_usize, *};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_election_provider_support::SortedListProvider;
use frame_support::{
	ensure,
	traits::{fungible::hold::Inspect, Get},
};
use pallet_traits::Seats;
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
		Self::check_votes()?;
		Self::check_ballots()?;
		Self::check_offices()?;
		Self::check_absences()?;
		Self::check_points()
	}

	fn check_candidates() -> Result<(), TryRuntimeError> {
		let mut standing = 0u32;
		let mut votes: Balance = 0;
		for (account, candidate) in Candidates::<T>::iter() {
			let held = T::Currency::balance_on_hold(&HoldReason::Bond.into(), &account);
			ensure!(held == candidate.bond, "what is held of a candidate is its bond");
			ensure!(
				T::List::contains(&account) == candidate.stands(),
				"who stands is in the list, and nobody else"
			);
			ensure!(
				candidate.stands() || !candidate.admitted,
				"who has left is not admitted"
			);
			if let Ok(score) = T::List::get_score(&account) {
				let admitted = score >= rank::list_score(0, true);
				ensure!(admitted == candidate.admitted, "the list knows who is admitted");
				votes = votes.saturating_add(VotesOn::<T>::get(&account));
				standing = standing.saturating_add(1);
			}
		}
		ensure!(T::List::count() == standing, "the list has nobody that is no candidate");
		ensure!(TotalVotes::<T>::get() == votes, "the total is of those that stand");
		Ok(())
	}

	fn check_votes() -> Result<(), TryRuntimeError> {
		let mut on = BTreeMap::<T::AccountId, Balance>::new();
		for (account, voter) in Voters::<T>::iter() {
			let mut locked: Balance = 0;
			let mut known = BTreeSet::new();
			for (candidate, amount) in voter.votes {
				ensure!(amount > 0, "no vote is nothing");
				locked = locked.saturating_add(amount);
				let sum = on.entry(candidate.clone()).or_default();
				*sum = sum.saturating_add(amount);
				ensure!(known.insert(candidate), "nobody is voted on twice by one holder");
			}
			let mut eras = BTreeSet::new();
			for (era, amount) in voter.unlocking {
				ensure!(amount > 0 && eras.insert(era), "each era has one chunk of something");
				locked = locked.saturating_add(amount);
			}
			ensure!(locked > 0, "a voter has something locked");
			let held = T::Currency::balance_on_hold(&HoldReason::Votes.into(), &account);
			ensure!(held == locked, "what is held of a voter is what it has locked");
		}
		let stored: BTreeMap<_, _> = VotesOn::<T>::iter().collect();
		ensure!(stored == on, "votes on each account are those of the holders");
		Ok(())
	}

	fn check_ballots() -> Result<(), TryRuntimeError> {
		let mut open = BTreeSet::new();
		for ballot in Ballots::<T>::get() {
			ensure!(
				Self::standing(&ballot.candidate).is_ok(),
				"directors vote on those that stand"
			);
			ensure!(
				open.insert((ballot.motion, ballot.candidate)),
				"there is one ballot of a kind on each"
			);
		}
		let mut voted = BTreeSet::new();
		for (motion, candidate, ayes) in BallotVotes::<T>::iter() {
			let directors: BTreeSet<_> = ayes.iter().collect();
			ensure!(directors.len() == ayes.len(), "each director votes once");
			voted.insert((motion, candidate));
		}
		ensure!(open == voted, "each ballot has votes, and none are without one");
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
		let standbys = StandbySigners::<T>::get();
		ensure!(standbys.len() <= directors.len(), "each standby has a seat to stand by");
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
		for reporter in Latencies::<T>::iter_keys() {
			ensure!(Self::in_office(&reporter), "latencies are of those in office");
		}
		Ok(())
	}

	fn check_absences() -> Result<(), TryRuntimeError> {
		let mut known = BTreeSet::new();
		for absence in Absences::<T>::get() {
			ensure!(Self::standing(&absence.director).is_ok(), "who is absent stands");
			ensure!(known.insert(absence.director), "nobody is absent twice");
		}
		Ok(())
	}

	fn check_points() -> Result<(), TryRuntimeError> {
		let eras = ErasWithPoints::<T>::get();
		ensure!(
			eras.windows(2).all(|pair| matches!(pair, [a, b] if a < b)),
			"eras of points ascend"
		);
		let mut sums = BTreeMap::<u32, (u32, u32)>::new();
		for (era, _, points) in Points::<T>::iter() {
			let (sum, count) = sums.entry(era).or_default();
			*sum = sum.saturating_add(points);
			*count = count.saturating_add(1);
		}
		for (era, (sum, count)) in sums {
			ensure!(eras.contains(&era), "points are of eras that are kept");
			ensure!(TotalPoints::<T>::get(era) == sum, "the total is that of all");
			ensure!(
				count <= Self::most_with_points(),
				"only those in office, and voters before them, have points"
			);
		}
		ensure!(
			TotalPoints::<T>::iter_keys().count() <= eras.len(),
			"totals are of eras that are kept"
		);
		Ok(())
	}
}
