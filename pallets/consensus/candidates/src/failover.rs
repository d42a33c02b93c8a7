//! Absent directors: their seats, their way back, and their removal; the latencies that those in office report.
//!
//! # Isolation
//! A director that missed so many turns in a row is absent, and its standby takes its seat; where that cannot, the standby of
//! the last seat that has one does. It loses what it would have earned, not its bond.
//!
//! At most `floor((n - 1) / 2)` directors are replaced between two elections: the voters that are left could not make more
//! changes final, and a network that slept must not lose all its directors at once. Who is absent beyond that keeps its seat, and
//! has only to author in it to be forgiven.
//!
//! # Back
//! A heartbeat names a recent block by its hash, which only a node in sync knows, and is signed by the node's authoring key. At the next era the node has its seat again;
//! it is on probation until it authors.
//!
//! # Removal
//! An entry is forgotten once its node authored as director. Where so many eras have begun without that, the node is removed:
//! also where it sent heartbeats. Eras in which the chain stood still do not begin, so they do not count. An era removes at most
//! [`MAX_REMOVALS`], the earliest first; the others wait for the next.

use crate::{
	pallet::HeartbeatOf, parameters::to_usize, Absence, Absences, Candidate, Candidates, Config, Error, Event,
	Latencies, Pallet, Parameters, Presence, Replacements, StandbySigners, WeightInfo, LOG_TARGET,
};
use alloc::{collections::BTreeSet, vec::Vec};
use codec::Encode;
use frame_support::{ensure, pallet_prelude::TransactionValidityWithRefund, traits::Get, BoundedVec};
use pallet_traits::{AttendanceHook, KeyOf, Seats};
use poca_primitives::{AuthorityId, AuthoritySignature};
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	transaction_validity::{InvalidTransaction, TransactionPriority, TransactionValidityError, ValidTransaction},
	DispatchResult, Weight,
};

fn invalid<T>(error: Error<T>) -> TransactionValidityError {
	match error {
		Error::BadHeartbeat => InvalidTransaction::BadProof,
		// The block may be known in a moment, on another fork.
		Error::UnknownBlock => InvalidTransaction::AncientBirthBlock,
		_ => InvalidTransaction::Stale,
	}
	.into()
}

/// How many absent nodes the start of an era removes at most.
pub const MAX_REMOVALS: u32 = 8;

impl<T: Config> AttendanceHook<T::AccountId> for Pallet<T> {
	fn turns_missed(director: &T::AccountId, turns_in_a_row: u32) -> Weight {
		if turns_in_a_row >= Parameters::<T>::get().isolate_after {
			Self::isolate(director);
			T::WeightInfo::turns_missed()
		} else {
			T::DbWeight::get().reads(1)
		}
	}

	fn authored(author: &T::AccountId) -> Weight {
		if T::Seats::directors().contains(author) {
			Self::forgive(author);
			Self::add_points(author, T::BlockPoints::get());
		} else if Self::is_standby_signer(author) {
			Self::add_points(author, T::BlockPoints::get());
		}
		T::WeightInfo::authored()
	}
}

impl<T: Config> Pallet<T> {
	/// Notes that a director is absent, and has a standby take its seat.
	fn isolate(director: &T::AccountId) {
		let directors = T::Seats::directors();
		if !directors.contains(director) {
			return;
		}
		let known = Absences::<T>::get()
			.iter()
			.any(|absence| absence.director == *director && absence.presence == Presence::Absent);
		let most = directors.len().saturating_sub(1) / 2;
		let replaced = Replacements::<T>::get();
		let replaced_by = if to_usize(replaced) < most {
			Self::hand_over_seat(director)
		} else {
			None
		};
		if replaced_by.is_some() {
			Replacements::<T>::put(replaced.saturating_add(1));
		}
		// One that has left needs no way back.
		if Self::standing(director).is_ok() {
			Self::note_absence(director, replaced_by.clone());
		}
		// Told once, and again once the seat is another's.
		if !known || replaced_by.is_some() {
			Self::deposit_event(Event::Isolated {
				director: director.clone(),
				replaced_by,
			});
		}
	}

	fn note_absence(director: &T::AccountId, replaced_by: Option<T::AccountId>) {
		let mut absences = Absences::<T>::get();
		if let Some(absence) = absences.iter_mut().find(|absence| absence.director == *director) {
			absence.presence = Presence::Absent;
			absence.replaced_by = replaced_by;
			Absences::<T>::put(absences);
			return;
		}
		if absences.is_full() {
			// The earliest has had the longest time to come back: it is removed before its time.
			if let Some(earliest) = absences.first().map(|absence| absence.director.clone()) {
				Self::remove_absent(&earliest, Self::expel);
				absences = Absences::<T>::get();
			}
		}
		let absence = Absence {
			director: director.clone(),
			eras: 0,
			presence: Presence::Absent,
			replaced_by,
		};
		if absences.try_push(absence).is_err() {
			log::error!(target: LOG_TARGET, "no room for the absence of {director:?}");
		}
		Absences::<T>::put(absences);
	}

	/// Forgets that a director was absent.
	fn forgive(director: &T::AccountId) {
		let mut absences = Absences::<T>::get();
		let before = absences.len();
		absences.retain(|absence| absence.director != *director);
		if absences.len() < before {
			Absences::<T>::put(absences);
		}
	}

	/// Has a standby take the seat of a director; which one, if any could.
	pub(crate) fn hand_over_seat(director: &T::AccountId) -> Option<T::AccountId> {
		let seat = T::Seats::directors().iter().position(|seated| seated == director)?;
		let mut standbys = StandbySigners::<T>::get();
		let parameters = Parameters::<T>::get();
		let able = |standby: &T::AccountId| {
			Candidates::<T>::get(standby)
				.is_some_and(|candidate| candidate.admitted && Self::is_eligible(standby, &candidate, &parameters))
				&& !Self::is_absent(standby)
		};
		let others = (0..standbys.len()).rev().filter(|place| *place != seat);
		let place = core::iter::once(seat)
			.chain(others)
			.find(|place| standbys.get(*place).and_then(Option::as_ref).is_some_and(able))?;
		let standby = standbys.get_mut(place)?.take()?;
		if let Err(error) = T::Seats::replace(director, &standby) {
			log::info!(target: LOG_TARGET, "{standby:?} cannot take the seat of {director:?} now: {error:?}");
			return None;
		}
		StandbySigners::<T>::put(standbys);
		// Out of office.
		Latencies::<T>::remove(director);
		Some(standby)
	}

	/// The place among the absences of the node that a heartbeat brings back.
	///
	/// # Errors
	/// `NotIsolated`, `AlreadyBack`, `UnknownBlock`.
	fn absence_of(absences: &[Absence<T::AccountId>], heartbeat: &HeartbeatOf<T>) -> Result<usize, Error<T>> {
		let place = absences
			.iter()
			.position(|absence| absence.director == heartbeat.node)
			.ok_or(Error::<T>::NotIsolated)?;
		let absent = absences
			.get(place)
			.is_some_and(|absence| absence.presence == Presence::Absent);
		ensure!(absent, Error::<T>::AlreadyBack);
		let number = heartbeat.number;
		let now = frame_system::Pallet::<T>::block_number();
		let recent = number < now && now.saturating_sub(number) <= T::HeartbeatWindow::get();
		ensure!(
			recent && frame_system::Pallet::<T>::block_hash(number) == heartbeat.hash,
			Error::<T>::UnknownBlock
		);
		Ok(place)
	}

	/// Whether a heartbeat is one, for the pool and the block.
	pub(crate) fn authorize_heartbeat(
		heartbeat: &HeartbeatOf<T>,
		signature: &AuthoritySignature,
	) -> TransactionValidityWithRefund {
		// What costs little comes first.
		Self::absence_of(&Absences::<T>::get(), heartbeat).map_err(invalid)?;
		let key = T::Keys::key_of(&heartbeat.node).ok_or_else(|| invalid(Error::<T>::BadHeartbeat))?;
		if !heartbeat.verify(&key, signature) {
			return Err(invalid(Error::<T>::BadHeartbeat));
		}
		let validity = ValidTransaction {
			// There are as many as nodes are isolated, and each of them counts.
			priority: TransactionPriority::MAX / 2,
			requires: Vec::new(),
			// The pool keeps one of a node.
			provides: alloc::vec![("Heartbeat", &heartbeat.node).encode()],
			longevity: T::HeartbeatWindow::get().unique_saturated_into(),
			propagate: true,
		};
		Ok((validity, Weight::zero()))
	}

	/// The account of an authoring key, where it is isolated and has not shown itself since.
	pub fn isolated(key: &AuthorityId) -> Option<T::AccountId> {
		Absences::<T>::get()
			.into_iter()
			.filter(|absence| absence.presence == Presence::Absent)
			.find(|absence| T::Keys::key_of(&absence.director).as_ref() == Some(key))
			.map(|absence| absence.director)
	}

	pub(crate) fn do_heartbeat(heartbeat: &HeartbeatOf<T>) -> DispatchResult {
		let mut absences = Absences::<T>::get();
		let place = Self::absence_of(&absences, heartbeat)?;
		let Some(absence) = absences.get_mut(place) else {
			return Err(Error::<T>::NotIsolated.into());
		};
		absence.presence = Presence::Back;
		Absences::<T>::put(absences);
		Self::deposit_event(Event::CameBack {
			node: heartbeat.node.clone(),
		});
		Ok(())
	}

	/// Counts an era for all that are absent, and removes those absent for too long. Where one still has a seat, the election that
	/// follows fills it, within its limit.
	pub(crate) fn count_absences(removal_eras: u32) {
		let mut absences = Absences::<T>::get();
		if absences.is_empty() {
			return;
		}
		for absence in absences.iter_mut() {
			absence.eras = absence.eras.saturating_add(1);
		}
		let too_long: Vec<_> = absences
			.iter()
			.filter(|absence| absence.eras >= removal_eras)
			.take(to_usize(MAX_REMOVALS))
			.map(|absence| absence.director.clone())
			.collect();
		Absences::<T>::put(absences);
		for director in too_long {
			Self::remove_absent(&director, Self::expel_from_lists);
		}
	}

	/// Ends the candidacy of an absent director. It may register again once its bond is withdrawn.
	fn remove_absent(director: &T::AccountId, expel: impl FnOnce(&T::AccountId, &mut Candidate)) {
		let Some(mut candidate) = Candidates::<T>::get(director) else {
			return;
		};
		expel(director, &mut candidate);
		Self::deposit_event(Event::Removed {
			candidate: director.clone(),
		});
	}

	pub(crate) fn do_report_latencies(
		who: &T::AccountId,
		latencies: BoundedVec<(T::AccountId, u16), T::MaxDirectors>,
	) -> DispatchResult {
		let mut in_office: BTreeSet<_> = T::Seats::directors().into_iter().collect();
		in_office.extend(StandbySigners::<T>::get().into_iter().flatten());
		ensure!(in_office.remove(who), Error::<T>::NotInOffice);
		for (other, _) in latencies.iter() {
			// Each may be named once, and the reporter itself is out of the set already.
			ensure!(in_office.remove(other), Error::<T>::BadReport);
		}
		let count = crate::parameters::to_u32(latencies.len());
		Latencies::<T>::insert(who, latencies);
		Self::deposit_event(Event::LatenciesReported {
			reporter: who.clone(),
			count,
		});
		Ok(())
	}
}
