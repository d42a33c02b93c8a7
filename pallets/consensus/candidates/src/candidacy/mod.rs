//! Candidacy: who stands for election, what it is bonded with, how it scores.

mod admission;
mod backing;
mod punishment;

use crate::{
	election::rank::{self, Score, Totals},
	office::InOffice,
	Absences, BackingOn, Balance, Candidate, Candidates, Cluster, Config, Error, Event, HoldReason, Latencies, Pallet,
	ParameterValues, Parameters, Presence, Sanction, Sanctions, StandbyComputeNodes, TotalBacking, LOG_TARGET,
};
use frame_election_provider_support::{ScoreProvider, SortedListProvider};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate, tokens::Precision, Get},
};
use pallet_traits::{Competence, EraClock, KeyOf, Seats, VotersInForce};
use sp_runtime::{traits::Zero, DispatchResult};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(who: &T::AccountId, bond: Balance) -> DispatchResult {
		ensure!(!Candidates::<T>::contains_key(who), Error::<T>::AlreadyRegistered);
		Self::clear_bar(who)?;
		ensure!(bond >= Parameters::<T>::get().min_bond, Error::<T>::BondTooLow);
		ensure!(T::Keys::key_of(who).is_some(), Error::<T>::NoKeys);
		Self::insert_candidate(who, bond, false)?;
		Self::deposit_event(Event::Registered {
			candidate: who.clone(),
			bond,
		});
		Ok(())
	}

	/// Forgets a bar that is over. What was slashed stays known.
	fn clear_bar(who: &T::AccountId) -> DispatchResult {
		let Some(sanction) = Sanctions::<T>::get(who) else {
			return Ok(());
		};
		ensure!(!Self::is_barred(&sanction), Error::<T>::Barred);
		if sanction.offences.is_zero() {
			Sanctions::<T>::remove(who);
		}
		Ok(())
	}

	pub(crate) fn is_barred(sanction: &Sanction) -> bool {
		sanction.barred_until > T::EraClock::current_era()
	}

	/// Holds the bond and lets the account stand.
	pub(crate) fn insert_candidate(who: &T::AccountId, bond: Balance, admitted: bool) -> DispatchResult {
		T::Currency::hold(&HoldReason::Bond.into(), who, bond)?;
		let candidate = Candidate {
			bond,
			admitted,
			terms: 0,
			withdrawable: None,
		};
		Self::start_standing(who, &candidate)
	}

	/// Puts a candidate where those are that stand.
	fn start_standing(who: &T::AccountId, candidate: &Candidate) -> DispatchResult {
		let total = TotalBacking::<T>::get()
			.checked_add(BackingOn::<T>::get(who))
			.ok_or(Error::<T>::Overflow)?;
		TotalBacking::<T>::put(total);
		Candidates::<T>::insert(who, candidate);
		let score = Self::list_score(who, candidate);
		T::List::on_insert(who.clone(), score).map_err(|_| Error::<T>::ListRefused)?;
		Ok(())
	}

	/// One that does not stand may add as well: if it was slashed and is kept in office because there are too few
	/// others, it could neither resume with what is left nor withdraw that and register anew. But not while it is
	/// barred and can do nothing with it: whoever still holds a proof of another offence could have it slashed.
	pub(crate) fn do_bond_more(who: &T::AccountId, amount: Balance) -> DispatchResult {
		let mut candidate = Candidates::<T>::get(who).ok_or(Error::<T>::NotCandidate)?;
		let sanction = Sanctions::<T>::get(who).unwrap_or_default();
		ensure!(!Self::is_barred(&sanction), Error::<T>::Barred);
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		T::Currency::hold(&HoldReason::Bond.into(), who, amount)?;
		candidate.bond = candidate.bond.checked_add(amount).ok_or(Error::<T>::Overflow)?;
		Candidates::<T>::insert(who, &candidate);
		Self::deposit_event(Event::BondIncreased {
			candidate: who.clone(),
			amount,
			bond: candidate.bond,
		});
		Ok(())
	}

	pub(crate) fn do_leave(who: &T::AccountId) -> DispatchResult {
		let mut candidate = Self::standing(who)?;
		let withdrawable = Self::stop_standing(who, &mut candidate);
		Self::deposit_event(Event::Left {
			candidate: who.clone(),
			withdrawable,
		});
		Ok(())
	}

	/// One that is kept in office because there are too few others never gets its bond out, for it is at stake; so it
	/// could not register anew either, and those that are left would never be more.
	pub(crate) fn do_resume(who: &T::AccountId) -> DispatchResult {
		let mut candidate = Candidates::<T>::get(who).ok_or(Error::<T>::NotCandidate)?;
		ensure!(!candidate.stands(), Error::<T>::StillStanding);
		Self::clear_bar(who)?;
		ensure!(
			candidate.bond >= Parameters::<T>::get().min_bond,
			Error::<T>::BondTooLow
		);
		ensure!(T::Keys::key_of(who).is_some(), Error::<T>::NoKeys);
		candidate.withdrawable = None;
		Self::start_standing(who, &candidate)?;
		Self::deposit_event(Event::Resumed { candidate: who.clone() });
		Ok(())
	}

	pub(crate) fn do_withdraw_bond(who: &T::AccountId) -> DispatchResult {
		let candidate = Candidates::<T>::get(who).ok_or(Error::<T>::NotCandidate)?;
		let withdrawable = candidate.withdrawable.ok_or(Error::<T>::StillStanding)?;
		ensure!(T::EraClock::current_era() >= withdrawable, Error::<T>::StillBonded);
		// Each era that finds one that left in office or in force moves its term on; it may have come into force since.
		ensure!(!T::VotersInForce::is_in_force(who), Error::<T>::StillVoting);
		if !candidate.bond.is_zero() {
			T::Currency::release(&HoldReason::Bond.into(), who, candidate.bond, Precision::Exact)?;
		}
		Candidates::<T>::remove(who);
		Self::deposit_event(Event::BondWithdrawn {
			candidate: who.clone(),
			amount: candidate.bond,
		});
		Ok(())
	}

	/// The candidate of an account.
	///
	/// # Errors
	/// `NotCandidate`; `NotStanding` if it left or was removed.
	pub(crate) fn standing(who: &T::AccountId) -> Result<Candidate, Error<T>> {
		let candidate = Candidates::<T>::get(who).ok_or(Error::<T>::NotCandidate)?;
		ensure!(candidate.stands(), Error::<T>::NotStanding);
		Ok(candidate)
	}

	/// Whether an account is a director or a standby signer.
	pub fn in_office(who: &T::AccountId) -> bool {
		T::Seats::directors().contains(who) || Self::is_standby_signer(who)
	}

	pub(crate) fn is_standby_signer(who: &T::AccountId) -> bool {
		T::Seats::standbys().iter().flatten().any(|standby| standby == who)
	}

	/// Which cluster a node is in.
	pub fn cluster_of(who: &T::AccountId) -> Cluster {
		if T::Seats::directors().contains(who) {
			Cluster::Director
		} else if Self::is_standby_signer(who) {
			Cluster::StandbySigner
		} else if StandbyComputeNodes::<T>::get().contains(who) {
			Cluster::StandbyComputeNode
		} else {
			Cluster::Ordinary
		}
	}

	/// Ends a candidacy: it is in no list any more and its backing does not count. Returns from when its bond may be
	/// withdrawn, unless it is in office beyond this era.
	pub(crate) fn stop_standing(who: &T::AccountId, candidate: &mut Candidate) -> u32 {
		let withdrawable = T::EraClock::current_era().saturating_add(T::UnbondingEras::get());
		candidate.admitted = false;
		candidate.withdrawable = Some(withdrawable);
		Candidates::<T>::insert(who, &*candidate);
		// What stands is part of the total.
		TotalBacking::<T>::mutate(|total| *total = total.saturating_sub(BackingOn::<T>::get(who)));
		if let Err(error) = T::List::on_remove(who) {
			// A list that is locked: anyone may have it drop the entry later, for it has no score any more.
			log::error!(target: LOG_TARGET, "the list did not remove {who:?}: {error:?}");
		}
		Absences::<T>::mutate(|absences| absences.retain(|absence| absence.director != *who));
		withdrawable
	}

	/// Ends the candidacy of a node against its will. A director loses its seat at once if a standby can take it, else
	/// in the first block of the next era.
	pub(crate) fn expel(who: &T::AccountId, candidate: &mut Candidate) {
		Self::expel_from_lists(who, candidate);
		if T::Seats::directors().contains(who) {
			let mut in_office = InOffice::<T>::read();
			in_office.hand_over_seat(who, false);
			in_office.write();
		}
	}

	/// Ends the candidacy of a node against its will. A director keeps its seat until seats
	/// are taken the next time.
	pub(crate) fn expel_from_lists(who: &T::AccountId, candidate: &mut Candidate) {
		if candidate.stands() {
			Self::stop_standing(who, candidate);
		}
		if Self::is_standby_signer(who) {
			T::Seats::dismiss_standby(who);
			Latencies::<T>::remove(who);
		}
	}

	/// Bars an account from registering for the eras that the parameters say; returns until when.
	pub(crate) fn bar(who: &T::AccountId) -> u32 {
		let eras = Parameters::<T>::get().bar_eras;
		let until = T::EraClock::current_era().saturating_add(eras);
		Sanctions::<T>::mutate(who, |sanction| {
			let sanction = sanction.get_or_insert_with(Default::default);
			sanction.barred_until = sanction.barred_until.max(until);
			sanction.barred_until
		})
	}

	/// Whether a node may be elected, as far as its candidacy goes; a director or standby signer must be admitted
	/// besides.
	pub(crate) fn is_eligible(who: &T::AccountId, candidate: &Candidate, parameters: &ParameterValues) -> bool {
		candidate.bond >= parameters.min_bond && Self::can_work(who, candidate)
	}

	/// Whether a node that was elected can be in office. That its bond was enough was looked at then: a least bond that
	/// is raised since puts nobody out of office at once.
	pub(crate) fn can_work(who: &T::AccountId, candidate: &Candidate) -> bool {
		candidate.stands() && T::Keys::key_of(who).is_some()
	}

	/// Whether a node missed its turns as director and has not been seen since.
	pub fn is_absent(who: &T::AccountId) -> bool {
		Absences::<T>::get()
			.iter()
			.any(|absence| absence.director == *who && absence.presence == Presence::Absent)
	}

	/// What scores are shares of.
	pub fn totals() -> Totals {
		Totals {
			competence: T::Competence::total(),
			backing: Self::counted_total_backing(),
		}
	}

	/// How much backing of all candidates that stand counts in scores, in planck: none of it while it is less than the
	/// parameters say. An implementer of [`Competence`] that goes by backing has this as its total.
	pub fn counted_total_backing() -> Balance {
		let total = TotalBacking::<T>::get();
		if total < Parameters::<T>::get().min_total_backing {
			0
		} else {
			total
		}
	}

	/// How much of what is locked on an account counts in scores, in planck. Never more than
	/// [`Pallet::counted_total_backing`].
	pub fn counted_backing(who: &T::AccountId) -> Balance {
		// What is locked on one that does not stand is not in the total.
		BackingOn::<T>::get(who).min(Self::counted_total_backing())
	}

	/// The exact score of an account under the present totals.
	pub fn score_of(who: &T::AccountId) -> Score {
		let weight = Parameters::<T>::get().competence_weight;
		rank::score(
			T::Competence::of(who),
			BackingOn::<T>::get(who),
			&Self::totals(),
			weight,
		)
	}

	pub(crate) fn list_score(who: &T::AccountId, candidate: &Candidate) -> u64 {
		rank::list_score(Self::score_of(who), candidate.admitted)
	}

	/// Brings the place of a candidate in the sorted list up to date, to be called when its competence has changed.
	/// Does nothing if it does not stand.
	pub fn refresh(who: &T::AccountId) {
		let Some(score) = <Self as ScoreProvider<T::AccountId>>::score(who) else {
			return;
		};
		if let Err(error) = T::List::on_update(who, score) {
			// A list that is locked: anyone may have it updated later.
			log::warn!(target: LOG_TARGET, "the list did not update {who:?}: {error:?}");
		}
	}
}

impl<T: Config> ScoreProvider<T::AccountId> for Pallet<T> {
	type Score = u64;

	/// What the sorted list keeps of a candidate that stands.
	fn score(who: &T::AccountId) -> Option<u64> {
		let candidate = Candidates::<T>::get(who).filter(Candidate::stands)?;
		Some(Self::list_score(who, &candidate))
	}
}
