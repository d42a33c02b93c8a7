//! What directors vote on: whom to admit, whom to remove.
//!
//! Only votes of directors that are in office when votes are counted count, and counting drops the others: who loses its seat and
//! gets it back votes again. They are counted whenever a director votes; a change of directors alone decides nothing.

use crate::{
	parameters::{to_u32, to_usize},
	two_thirds, Ballot, BallotVotes, Ballots, Candidate, Candidates, Config, Error, Event, Motion, Pallet, Parameters,
};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get, BoundedVec};
use pallet_traits::{EraClock, Seats};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_motion(director: &T::AccountId, motion: Motion, subject: &T::AccountId) -> DispatchResult {
		let directors = T::Seats::directors();
		ensure!(directors.contains(director), Error::<T>::NotDirector);
		let candidate = Self::standing(subject)?;
		ensure!(
			motion == Motion::Elimination || !candidate.admitted,
			Error::<T>::AlreadyAdmitted
		);
		Self::open_ballot(director, motion, subject)?;

		let in_office: BTreeSet<_> = directors.iter().collect();
		let mut ayes = BallotVotes::<T>::get(motion, subject);
		ayes.retain(|aye| in_office.contains(aye));
		let needed = two_thirds(directors.len());
		let repeated = ayes.contains(director);
		// A repeated vote may still decide, where there are fewer directors now.
		ensure!(!repeated || ayes.len() >= needed, Error::<T>::AlreadyVoted);
		if !repeated {
			// There is room: all others in it are other directors.
			ayes.try_push(director.clone()).map_err(|_| Error::<T>::Overflow)?;
		}
		Self::deposit_event(Event::MotionVoted {
			motion,
			candidate: subject.clone(),
			director: director.clone(),
			ayes: to_u32(ayes.len()),
			needed: to_u32(needed),
		});
		if ayes.len() < needed {
			BallotVotes::<T>::insert(motion, subject, ayes);
			return Ok(());
		}
		Ballots::<T>::mutate(|ballots| {
			ballots.retain(|ballot| ballot.motion != motion || ballot.candidate != *subject);
		});
		BallotVotes::<T>::remove(motion, subject);
		match motion {
			Motion::Admission => Self::accept(subject, candidate),
			Motion::Elimination => Self::reject(subject, candidate),
		}
		Ok(())
	}

	/// Makes sure that there is an open ballot, and drops those that lapsed.
	fn open_ballot(director: &T::AccountId, motion: Motion, subject: &T::AccountId) -> DispatchResult {
		let era = T::EraClock::current_era();
		let open_for = Parameters::<T>::get().ballot_eras;
		let mut ballots: BoundedVec<Ballot<T::AccountId>, T::MaxBallots> = Ballots::<T>::get();
		ballots.retain(|ballot| {
			let open = era < ballot.opened.saturating_add(open_for);
			if !open {
				BallotVotes::<T>::remove(ballot.motion, &ballot.candidate);
			}
			open
		});
		let known = ballots
			.iter()
			.any(|ballot| ballot.motion == motion && ballot.candidate == *subject);
		if !known {
			let own = ballots.iter().filter(|ballot| ballot.opened_by == *director).count();
			ensure!(
				own < to_usize(T::MaxBallotsPerDirector::get()),
				Error::<T>::TooManyBallots
			);
			let ballot = Ballot {
				motion,
				candidate: subject.clone(),
				opened_by: director.clone(),
				opened: era,
			};
			ballots.try_push(ballot).map_err(|_| Error::<T>::TooManyBallots)?;
		}
		Ballots::<T>::put(ballots);
		Ok(())
	}

	fn accept(who: &T::AccountId, mut candidate: Candidate) {
		candidate.admitted = true;
		Candidates::<T>::insert(who, candidate);
		Self::refresh(who);
		Self::deposit_event(Event::Admitted { candidate: who.clone() });
	}

	fn reject(who: &T::AccountId, mut candidate: Candidate) {
		Self::expel(who, &mut candidate);
		let barred_until = Self::bar(who);
		Self::deposit_event(Event::Eliminated {
			candidate: who.clone(),
			barred_until,
		});
	}
}
