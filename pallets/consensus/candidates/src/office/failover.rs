//! Absent directors: their seats, their way back, and their removal.
//!
//! # Isolation
//! A director that missed so many turns in a row is absent, and its standby takes its seat; if that cannot, the standby
//! of the last seat that has one does. It loses what it would have earned, not its bond.
//!
//! At most `floor((n - 1) / 2)` directors are replaced for absence in an era: the voters that are left could not make
//! more changes final, and a network that slept must not lose all its directors at once. One that is absent beyond that
//! keeps its seat, and has only to author in it to be forgiven.
//!
//! # Back
//! A heartbeat names a recent block by its hash, which only a node in sync knows, and is signed by the node's authoring
//! key. The block is not older than the isolation: otherwise a heartbeat of before would bring a dead node back, and
//! anybody could send it. At the next era the node has its seat again; it is on probation until it authors.
//!
//! # Removal
//! An entry is forgotten once its node authored as director. After so many eras without that, the node is removed, also
//! if it sent heartbeats. Eras in which the chain stood still do not begin, so they do not count. An era removes at
//! most [`MAX_REMOVALS`], the earliest first; the others wait for the next.

use crate::{
	pallet::{AbsenceOf, HeartbeatOf},
	parameters::{to_u32, to_usize},
	Absence, Absences, Candidate, Candidates, Config, Error, Event, Latencies, Pallet, Parameters, Presence,
	Replacement, Replacements, WeightInfo, LOG_TARGET,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{ensure, pallet_prelude::TransactionValidityWithRefund, traits::Get, BoundedVec};
use pallet_traits::{AttendanceHook, KeyOf, Seats};
use poca_primitives::{AuthorityId, AuthoritySignature};
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionValidityError, UnknownTransaction, ValidTransaction,
	},
	DispatchResult, Weight,
};

fn invalid<T>(error: Error<T>) -> TransactionValidityError {
	match error {
		Error::BadHeartbeat => InvalidTransaction::BadProof.into(),
		// The block may be known in a moment, or on another fork. What is called invalid, pools refuse for half an
		// hour.
		Error::UnknownBlock => UnknownTransaction::CannotLookup.into(),
		_ => InvalidTransaction::Stale.into(),
	}
}

/// How many absent nodes the start of an era removes at most.
pub const MAX_REMOVALS: u32 = 8;

impl<T: Config> AttendanceHook<T::AccountId> for Pallet<T> {
	fn turns_missed(missed: &[(T::AccountId, u32)]) -> Weight {
		let isolate_after = Parameters::<T>::get().isolate_after;
		let absent: Vec<_> = missed
			.iter()
			.filter(|(_, turns_in_a_row)| *turns_in_a_row >= isolate_after)
			.map(|(director, _)| director)
			.collect();
		if absent.is_empty() {
			return T::DbWeight::get().reads(1);
		}
		let mut in_office = InOffice::<T>::read();
		for director in &absent {
			in_office.isolate(director);
		}
		in_office.write();
		T::WeightInfo::turns_missed(to_u32(absent.len()))
	}

	fn authored(author: &T::AccountId) -> Weight {
		if T::Seats::directors().contains(author) {
			Self::forgive(author);
		}
		T::WeightInfo::authored()
	}
}

/// Who is in office and who is absent: read once, however many seats change hands, and written once.
pub(crate) struct InOffice<T: Config> {
	directors: Vec<T::AccountId>,
	/// The standby of each seat, and whether it could take one, as far as that was asked for.
	standbys: Vec<Option<(T::AccountId, Option<bool>)>>,
	absences: BoundedVec<AbsenceOf<T>, T::MaxAbsences>,
	replacements: BoundedVec<Replacement<T::AccountId>, T::MaxDirectors>,
}

impl<T: Config> InOffice<T> {
	pub(crate) fn read() -> Self {
		Self {
			directors: T::Seats::directors(),
			standbys: T::Seats::standbys()
				.into_iter()
				.map(|standby| Some((standby?, None)))
				.collect(),
			absences: Absences::<T>::get(),
			replacements: Replacements::<T>::get(),
		}
	}

	pub(crate) fn write(self) {
		Absences::<T>::put(self.absences);
		Replacements::<T>::put(self.replacements);
	}

	/// Notes that a director is absent, and has a standby take its seat. Does nothing if it has none.
	fn isolate(&mut self, director: &T::AccountId) {
		if !self.directors.contains(director) {
			return;
		}
		let known = self.is_absent(director);
		let most = self.directors.len().saturating_sub(1) / 2;
		let replaced = self.replacements.iter().filter(|replacement| replacement.absent);
		let replaced_by = if replaced.count() < most {
			self.hand_over_seat(director, true)
		} else {
			None
		};
		// One that has left needs no way back.
		if Pallet::<T>::standing(director).is_ok() {
			self.note_absence(director, replaced_by.clone());
		}
		// Told once, and again once the seat is another's.
		if !known || replaced_by.is_some() {
			Pallet::<T>::deposit_event(Event::Isolated {
				director: director.clone(),
				replaced_by,
			});
		}
	}

	fn is_absent(&self, who: &T::AccountId) -> bool {
		self.absences
			.iter()
			.any(|absence| absence.director == *who && absence.presence == Presence::Absent)
	}

	fn note_absence(&mut self, director: &T::AccountId, replaced_by: Option<T::AccountId>) {
		let now = frame_system::Pallet::<T>::block_number();
		if let Some(absence) = self.absences.iter_mut().find(|absence| absence.director == *director) {
			if absence.presence != Presence::Absent {
				absence.since = now;
			}
			absence.presence = Presence::Absent;
			absence.replaced_by = replaced_by;
			return;
		}
		if self.absences.is_full() {
			// The earliest has had the longest time to come back: it is removed before its time.
			self.remove_earliest();
		}
		let absence = Absence {
			director: director.clone(),
			since: now,
			eras: 0,
			presence: Presence::Absent,
			replaced_by,
		};
		if self.absences.try_push(absence).is_err() {
			log::error!(target: LOG_TARGET, "no room for the absence of {director:?}");
		}
	}

	fn remove_earliest(&mut self) {
		let Some(earliest) = self.absences.first().map(|absence| absence.director.clone()) else {
			return;
		};
		Absences::<T>::put(&self.absences);
		Replacements::<T>::put(&self.replacements);
		Pallet::<T>::remove_absent(&earliest, Pallet::<T>::expel);
		*self = Self::read();
	}

	/// Has a standby take the seat of a director, for absence or because its candidacy ended; which one, if any could.
	pub(crate) fn hand_over_seat(&mut self, director: &T::AccountId, absent: bool) -> Option<T::AccountId> {
		let seat = self.directors.iter().position(|seated| seated == director)?;
		let others = (0..self.standbys.len()).rev().filter(|place| *place != seat);
		let place = core::iter::once(seat)
			.chain(others)
			.find(|place| self.is_able(*place))?;
		let (standby, _) = self.standbys.get(place)?.clone()?;
		if let Err(error) = T::Seats::replace(director, &standby) {
			log::info!(target: LOG_TARGET, "{standby:?} cannot take the seat of {director:?} now: {error:?}");
			return None;
		}
		if let Some(place) = self.standbys.get_mut(place) {
			*place = None;
		}
		if let Some(seated) = self.directors.get_mut(seat) {
			*seated = standby.clone();
		}
		Candidates::<T>::mutate(&standby, |candidate| {
			if let Some(candidate) = candidate {
				// Whatever it served before, it did not serve in a row with this.
				candidate.terms = 1;
			}
		});
		// Out of office.
		Latencies::<T>::remove(director);
		let replacement = Replacement {
			director: director.clone(),
			by: standby.clone(),
			absent,
		};
		// Each takes a standby, of which no more come within an era.
		if self.replacements.try_push(replacement).is_err() {
			log::error!(target: LOG_TARGET, "no room for the replacement of {director:?}");
		}
		Some(standby)
	}

	/// Whether the standby of a seat could take one.
	fn is_able(&mut self, place: usize) -> bool {
		let Some((standby, known)) = self.standbys.get(place).cloned().flatten() else {
			return false;
		};
		let able = known.unwrap_or_else(|| {
			!self.is_absent(&standby)
				&& Candidates::<T>::get(&standby)
					.is_some_and(|candidate| candidate.admitted && Pallet::<T>::can_work(&standby, &candidate))
		});
		if let Some(place) = self.standbys.get_mut(place) {
			*place = Some((standby, Some(able)));
		}
		able
	}
}

impl<T: Config> Pallet<T> {
	/// Forgets that a director was absent.
	fn forgive(director: &T::AccountId) {
		let mut absences = Absences::<T>::get();
		let before = absences.len();
		absences.retain(|absence| absence.director != *director);
		if absences.len() < before {
			Absences::<T>::put(absences);
		}
	}

	/// The place among the absences of the node that a heartbeat brings back.
	///
	/// # Errors
	/// `NotIsolated`, `AlreadyBack`, `OldHeartbeat`, `UnknownBlock`.
	fn absence_of(absences: &[AbsenceOf<T>], heartbeat: &HeartbeatOf<T>) -> Result<usize, Error<T>> {
		let place = absences
			.iter()
			.position(|absence| absence.director == heartbeat.node)
			.ok_or(Error::<T>::NotIsolated)?;
		let absence = absences.get(place).ok_or(Error::<T>::NotIsolated)?;
		ensure!(absence.presence == Presence::Absent, Error::<T>::AlreadyBack);
		let number = heartbeat.number;
		let now = frame_system::Pallet::<T>::block_number();
		let recent = number >= absence.since && now.saturating_sub(number) <= T::HeartbeatWindow::get();
		ensure!(recent, Error::<T>::OldHeartbeat);
		ensure!(
			number < now && frame_system::Pallet::<T>::block_hash(number) == heartbeat.hash,
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

	/// The account of an authoring key, if it is isolated and has not shown itself since.
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

	/// Counts an era for all that are absent, and removes those absent for too long. If one still has a seat, the
	/// seating that follows gives it to another.
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
}
