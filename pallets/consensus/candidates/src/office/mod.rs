//! What happens to those in office: the first block of an era, in which they take their seats and the next are elected;
//! and, between two such blocks, absence and latencies.

mod failover;
mod latencies;

pub(crate) use failover::InOffice;
pub use failover::MAX_REMOVALS;

use crate::{
	election::{
		self,
		rank::{self, Score},
		seating::{self, Named, Seating, Since},
		tour, Fitness, Incumbent, Outsider,
	},
	pallet::{AbsenceOf, ElectedOf},
	parameters::{to_u32, to_usize},
	Absences, BackingOn, Candidate, Candidates, Config, Elected, ElectedNodes, Event, Latencies, Pallet,
	ParameterValues, Parameters, Presence, Replacements, Sanctions, StandbyComputeNodes, WeightInfo, LOG_TARGET,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_election_provider_support::SortedListProvider;
use frame_support::{traits::Get, BoundedVec};
use pallet_traits::{Competence, EraHook, KeyOf, Seats, VotersInForce, MAX_SETS_IN_FORCE};
use poca_primitives::Randomness;
use sp_runtime::Weight;

/// What the first block of an era knows of a node.
struct Known {
	candidate: Option<Candidate>,
	score: Score,
	has_keys: bool,
	/// It could be elected if it is not absent.
	able: bool,
	/// For how many eras it has been absent.
	absent: Option<u32>,
}

impl Known {
	fn eligible(&self) -> bool {
		self.able && self.absent.is_none()
	}

	fn admitted(&self) -> bool {
		self.candidate.as_ref().is_some_and(|candidate| candidate.admitted)
	}

	fn terms(&self) -> u32 {
		self.candidate.as_ref().map_or(0, |candidate| candidate.terms)
	}
}

/// All nodes that the first block of an era looks at.
type Nodes<T> = BTreeMap<<T as frame_system::Config>::AccountId, Known>;

/// Which era begins, and who is in office when it does.
struct Before<T: Config> {
	era: u32,
	directors: Vec<T::AccountId>,
	standbys: Vec<T::AccountId>,
}

impl<T: Config> Before<T> {
	fn read(era: u32) -> Self {
		Self {
			era,
			directors: T::Seats::directors(),
			standbys: T::Seats::standbys().into_iter().flatten().collect(),
		}
	}

	fn all(&self) -> impl Iterator<Item = &T::AccountId> {
		self.directors.iter().chain(&self.standbys)
	}
}

impl<T: Config> EraHook for Pallet<T> {
	/// Seats those that the era before elected, in an order that nobody could know then, and elects those of the next
	/// era.
	fn era_started(era: u32, order: &Randomness) -> Weight {
		let parameters = Parameters::<T>::get();
		Self::count_absences(parameters.removal_eras);
		let elected = Elected::<T>::take();
		let before = Before::<T>::read(era);
		let (mut nodes, listed) = Self::read_nodes(&before, elected.as_ref(), &parameters);
		Self::keep_bonds(&before, &mut nodes);
		if !Self::take_seats(order, &parameters, &before, elected, &mut nodes) {
			Self::forget_latencies_of_keyless(&nodes);
			Self::deposit_event(Event::SeatsKept { era });
		}
		Replacements::<T>::kill();
		Self::hold_election(era.saturating_add(1), &parameters, &nodes);
		T::WeightInfo::era_started(listed)
	}
}

impl<T: Config> Pallet<T> {
	/// Reads the top of the list, and those elected, in office or back wherever they are. Returns as well how many it
	/// looked at only because they are in the list: of the others there are never more than what is measured.
	fn read_nodes(before: &Before<T>, elected: Option<&ElectedOf<T>>, parameters: &ParameterValues) -> (Nodes<T>, u32) {
		let absences = Absences::<T>::get();
		let absent: BTreeMap<_, _> = absences
			.iter()
			.filter(|absence| absence.presence == Presence::Absent)
			.map(|absence| (&absence.director, absence.eras))
			.collect();
		let totals = Self::totals();
		let back = absences
			.iter()
			.filter(|absence| absence.presence == Presence::Back)
			.map(|absence| &absence.director);
		let named = elected
			.into_iter()
			.flat_map(|elected| elected.directors.iter().chain(&elected.standbys));
		let others: BTreeSet<_> = before.all().chain(named).chain(back).cloned().collect();
		let listed = T::List::iter().take(to_usize(T::MaxRead::get()));
		let mut nodes = BTreeMap::new();
		for account in others.iter().cloned().chain(listed) {
			if nodes.contains_key(&account) {
				continue;
			}
			let candidate = Candidates::<T>::get(&account);
			let score = rank::score(
				T::Competence::of(&account),
				BackingOn::<T>::get(&account),
				&totals,
				parameters.competence_weight,
			);
			let able = candidate
				.as_ref()
				.is_some_and(|candidate| Self::is_eligible(&account, candidate, parameters));
			let known = Known {
				score,
				has_keys: T::Keys::key_of(&account).is_some(),
				able,
				absent: absent.get(&account).copied(),
				candidate,
			};
			nodes.insert(account, known);
		}
		let listed = to_u32(nodes.len().saturating_sub(others.len()));
		(nodes, listed)
	}

	/// How many nodes the first block of an era looks at, at the most: the top of the list; those in office, those that
	/// were elected, and those that are back, wherever they are; and the voters of all sets in force.
	pub fn most_looked_at() -> u32 {
		T::MaxDirectors::get()
			.saturating_mul(2 + 2 + MAX_SETS_IN_FORCE)
			.saturating_add(T::MaxRead::get())
			.saturating_add(T::MaxAbsences::get())
	}

	/// Lets the bonds of those that do not stand, and are still in office or in force as voters, be held from now on as
	/// if they had just left: what they answer for happened up to now, and can be reported for a while.
	fn keep_bonds(before: &Before<T>, nodes: &mut Nodes<T>) {
		let due = before.era.saturating_add(T::UnbondingEras::get());
		let mut answering: BTreeSet<_> = before.all().cloned().collect();
		answering.extend(T::VotersInForce::in_force());
		for account in answering {
			let mut stored;
			let candidate = match nodes.get_mut(&account) {
				Some(known) => known.candidate.as_mut(),
				None => {
					stored = Candidates::<T>::get(&account);
					stored.as_mut()
				}
			};
			let Some(candidate) = candidate else {
				continue;
			};
			if candidate.withdrawable.is_some_and(|withdrawable| withdrawable < due) {
				candidate.withdrawable = Some(due);
				Candidates::<T>::insert(&account, &*candidate);
			}
		}
	}

	/// Puts those into office that were elected, with their standbys; if there was no election, or a void one, those
	/// that are in office. Whether they are.
	fn take_seats(
		order: &Randomness,
		parameters: &ParameterValues,
		before: &Before<T>,
		elected: Option<ElectedOf<T>>,
		nodes: &mut Nodes<T>,
	) -> bool {
		let absences = Absences::<T>::get();
		let elected = elected.unwrap_or_else(|| ElectedNodes {
			directors: BoundedVec::truncate_from(before.directors.clone()),
			standbys: BoundedVec::truncate_from(before.standbys.clone()),
			compute_nodes: StandbyComputeNodes::<T>::get(),
		});
		let Some(seating) = Self::seating(parameters, before, &elected, &absences, nodes) else {
			return false;
		};
		let reports = Self::reports_for_order(before.era, &seating.directors);
		let directors = tour::order(seating.directors, &reports, order);
		if let Err(error) = T::Seats::seat(directors.clone(), seating.standbys.clone()) {
			log::warn!(
				target: LOG_TARGET,
				"The directors elected cannot take office, and those before them stay: {error:?}. \
				 See which of them has no session keys, or which parameter was set",
			);
			return false;
		}

		let served = |director: &T::AccountId| {
			before.directors.contains(director)
				|| absences
					.iter()
					.any(|absence| absence.presence == Presence::Back && absence.director == *director)
		};
		for director in &directors {
			let Some(candidate) = nodes.get_mut(director).and_then(|known| known.candidate.as_mut()) else {
				continue;
			};
			candidate.terms = if served(director) {
				candidate.terms.saturating_add(1)
			} else {
				1
			};
			Candidates::<T>::insert(director, &*candidate);
		}
		let stays = |account: &&T::AccountId| directors.contains(account) || seating.standbys.contains(account);
		for account in before.all().filter(|account| !stays(account)) {
			Latencies::<T>::remove(account);
		}
		Self::settle_absences(absences, &directors, &seating.substitutes);
		let mut compute_nodes = elected.compute_nodes;
		compute_nodes.retain(|node| !stays(&node) && Self::standing(node).is_ok());
		StandbyComputeNodes::<T>::put(compute_nodes);
		let newcomers = directors
			.iter()
			.filter(|director| !before.directors.contains(director))
			.count();
		Self::deposit_event(Event::Seated {
			era: before.era,
			newcomers: to_u32(newcomers),
			standby_signers: to_u32(seating.standbys.len()),
			directors,
		});
		true
	}

	/// Who of those elected takes a seat, and who sits in for the others.
	fn seating(
		parameters: &ParameterValues,
		before: &Before<T>,
		elected: &ElectedOf<T>,
		absences: &[AbsenceOf<T>],
		nodes: &Nodes<T>,
	) -> Option<Seating<T::AccountId>> {
		let fitness = |account: &T::AccountId| {
			nodes
				.get(account)
				.map_or(Fitness::Lapsed, |known| Self::fitness(account, known))
		};
		let returns: Vec<_> = absences
			.iter()
			.filter(|absence| absence.presence == Presence::Back)
			.map(|absence| absence.director.clone())
			.filter(|node| fitness(node).works())
			.collect();
		let replaced_since: Vec<_> = Replacements::<T>::get()
			.into_iter()
			.map(|replacement| (replacement.director, replacement.by))
			.collect();
		let lost_since = |node: &T::AccountId| replaced_since.iter().any(|(lost, _)| lost == node);
		let replaced_before: Vec<_> = absences
			.iter()
			.filter(|absence| !lost_since(&absence.director))
			.filter_map(|absence| Some((absence.director.clone(), absence.replaced_by.clone()?)))
			.collect();
		let named = Named {
			directors: &elected.directors,
			standbys: &elected.standbys,
		};
		let since = Since {
			in_office: &before.directors,
			returns: &returns,
			replaced_before: &replaced_before,
			replaced_since: &replaced_since,
		};
		seating::seat(named, since, fitness, &parameters.limits())
	}

	/// Elects the directors of an era, which take their seats in its first block.
	fn hold_election(era: u32, parameters: &ParameterValues, nodes: &Nodes<T>) {
		let in_office = T::Seats::directors();
		let incumbents: Vec<_> = in_office
			.iter()
			.filter_map(|account| Some((account, nodes.get(account)?)))
			.map(|(account, known)| Incumbent {
				account: account.clone(),
				score: known.score,
				fitness: Self::fitness(account, known),
				terms: known.terms(),
			})
			.collect();
		let outsiders: Vec<_> = Self::ranked(nodes, &in_office.iter().collect())
			.filter(|(_, known)| known.admitted())
			.map(|(account, known)| Outsider {
				account: account.clone(),
				score: known.score,
			})
			.collect();
		let Some(mut directors) = election::elect(&incumbents, &outsiders, &parameters.limits()) else {
			Self::deposit_event(Event::ElectionVoid { era });
			return;
		};
		directors.sort();

		let most = directors.len().min(to_usize(parameters.standby_signers));
		let mut without: BTreeSet<_> = directors.iter().collect();
		let standbys: Vec<_> = Self::ranked(nodes, &without)
			.filter(|(_, known)| known.admitted())
			.take(most)
			.map(|(account, _)| account.clone())
			.collect();
		without.extend(standbys.iter());
		let compute_nodes: Vec<_> = Self::ranked(nodes, &without)
			.take(to_usize(parameters.standby_compute_nodes))
			.map(|(account, _)| account.clone())
			.collect();
		// As many of each as were taken, which the parameters keep within the bounds.
		Elected::<T>::put(ElectedNodes {
			directors: BoundedVec::truncate_from(directors.clone()),
			standbys: BoundedVec::truncate_from(standbys.clone()),
			compute_nodes: BoundedVec::truncate_from(compute_nodes),
		});
		Self::deposit_event(Event::Elected {
			era,
			directors,
			standby_signers: to_u32(standbys.len()),
		});
	}

	fn fitness(account: &T::AccountId, known: &Known) -> Fitness {
		let barred = || Sanctions::<T>::get(account).is_some_and(|sanction| Self::is_barred(&sanction));
		let stands = known.candidate.as_ref().is_some_and(Candidate::stands);
		if !known.has_keys {
			Fitness::Keyless
		} else if !stands || !known.admitted() {
			if barred() {
				Fitness::Barred
			} else {
				Fitness::Lapsed
			}
		} else if let Some(eras) = known.absent {
			Fitness::Absent { eras }
		} else if known.able {
			Fitness::Fit
		} else {
			// Nothing else is left that it could lack.
			Fitness::Underbonded
		}
	}

	/// The eligible nodes but some, the best first.
	fn ranked<'a>(
		nodes: &'a Nodes<T>,
		without: &BTreeSet<&T::AccountId>,
	) -> impl Iterator<Item = (&'a T::AccountId, &'a Known)> {
		let mut ranked: Vec<_> = nodes
			.iter()
			.filter(|(account, known)| known.eligible() && !without.contains(account))
			.collect();
		ranked.sort_by(|(a, known_a), (b, known_b)| rank::better(known_a.score, a, known_b.score, b));
		ranked.into_iter()
	}

	/// Settles what became of those that were absent: one that was back and has a seat is on probation, one that was
	/// back and has none is a node like others, and of one that stays away it is known who sits in its place now.
	fn settle_absences(
		mut absences: BoundedVec<AbsenceOf<T>, T::MaxAbsences>,
		directors: &[T::AccountId],
		substitutes: &[(T::AccountId, T::AccountId)],
	) {
		if absences.is_empty() {
			return;
		}
		absences.retain(|absence| absence.presence == Presence::Absent || directors.contains(&absence.director));
		for absence in absences.iter_mut() {
			if absence.presence == Presence::Back {
				absence.presence = Presence::OnProbation;
			}
			if directors.contains(&absence.director) {
				absence.replaced_by = None;
			} else if let Some((_, by)) = substitutes.iter().find(|(lost, _)| *lost == absence.director) {
				absence.replaced_by = Some(by.clone());
			}
		}
		Absences::<T>::put(absences);
	}

	/// If nothing was seated, those without keys go out of office without this pallet being told, and with a director
	/// its seat, so that whoever stood by it goes too.
	fn forget_latencies_of_keyless(nodes: &Nodes<T>) {
		let is_keyless = |account: &T::AccountId| nodes.get(account).is_some_and(|known| !known.has_keys);
		for (director, standby) in T::Seats::directors().into_iter().zip(T::Seats::standbys()) {
			let seat_goes = is_keyless(&director);
			if seat_goes {
				Latencies::<T>::remove(&director);
			}
			if let Some(standby) = standby.filter(|standby| seat_goes || is_keyless(standby)) {
				Latencies::<T>::remove(&standby);
			}
		}
	}
}
