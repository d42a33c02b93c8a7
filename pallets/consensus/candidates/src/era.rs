//! The election, once an era: what is read from storage for it, and what is written.

use crate::{
	election::{self, Fitness, Incumbent, Outsider},
	parameters::to_u32,
	parameters::to_usize,
	rank::{self, Score},
	tour, Absence, Absences, Candidate, Candidates, Config, Event, Latencies, Pallet, ParameterValues, Parameters,
	Presence, Replacements, Sanctions, StandbyComputeNodes, StandbySigners, VotesOn, WeightInfo, LOG_TARGET,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_election_provider_support::SortedListProvider;
use frame_support::{traits::Get, BoundedVec};
use pallet_traits::{Competence, EraHook, KeyOf, Seats};
use poca_primitives::Randomness;
use sp_runtime::Weight;

/// What an election knows of a node.
struct Known {
	candidate: Option<Candidate>,
	score: Score,
	has_keys: bool,
	/// It could be in office if it is not absent.
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

/// All nodes that an election looks at.
type Nodes<T> = BTreeMap<<T as frame_system::Config>::AccountId, Known>;

impl<T: Config> EraHook for Pallet<T> {
	fn era_started(era: u32, randomness: &Randomness) -> Weight {
		let parameters = Parameters::<T>::get();
		Self::start_points(era);
		Self::count_absences(parameters.removal_eras);
		let read = Self::hold_election(era, randomness, &parameters);
		T::WeightInfo::era_started(read)
	}
}

impl<T: Config> Pallet<T> {
	/// Elects and seats the directors of an era. Returns how many nodes it looked at.
	fn hold_election(era: u32, randomness: &Randomness, parameters: &ParameterValues) -> u32 {
		let directors = T::Seats::directors();
		let absences = Absences::<T>::get();
		let nodes = Self::read_nodes(&directors, &absences, parameters);
		let read = to_u32(nodes.len());

		let base = Self::restored(&directors, &absences, &nodes);
		let incumbents: Vec<_> = base
			.iter()
			.filter_map(|account| Some(Self::incumbent(account, nodes.get(account)?)))
			.collect();
		let outsiders: Vec<_> = Self::ranked(&nodes, &base.iter().collect())
			.filter(|(_, known)| known.admitted())
			.map(|(account, known)| Outsider {
				account: account.clone(),
				score: known.score,
			})
			.collect();
		let Some(elected) = election::elect(&incumbents, &outsiders, &parameters.limits()) else {
			Self::deposit_event(Event::ElectionVoid { era });
			return read;
		};
		let elected: BTreeMap<_, _> = elected.into_iter().collect();
		if !Self::install(era, randomness, parameters, &directors, &nodes, elected) {
			Self::deposit_event(Event::ElectionRefused { era });
		}
		read
	}

	/// Reads the top of the list, and those in office or absent wherever they are.
	fn read_nodes(
		directors: &[T::AccountId],
		absences: &[Absence<T::AccountId>],
		parameters: &ParameterValues,
	) -> Nodes<T> {
		let absent: BTreeMap<_, _> = absences
			.iter()
			.filter(|absence| absence.presence == Presence::Absent)
			.map(|absence| (&absence.director, absence.eras))
			.collect();
		let totals = Self::totals();
		let standbys = StandbySigners::<T>::get();
		let back = absences
			.iter()
			.filter(|absence| absence.presence == Presence::Back)
			.map(|absence| absence.director.clone());
		let mut nodes = BTreeMap::new();
		for account in directors
			.iter()
			.cloned()
			.chain(standbys.into_iter().flatten())
			.chain(back)
			.chain(T::List::iter().take(to_usize(T::MaxRead::get())))
		{
			if nodes.contains_key(&account) {
				continue;
			}
			let candidate = Candidates::<T>::get(&account);
			let score = rank::score(
				T::Competence::of(&account),
				VotesOn::<T>::get(&account),
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
		nodes
	}

	/// The seats, with those that are back in place of their replacements.
	fn restored(directors: &[T::AccountId], absences: &[Absence<T::AccountId>], nodes: &Nodes<T>) -> Vec<T::AccountId> {
		let returns: Vec<_> = absences
			.iter()
			.filter(|absence| absence.presence == Presence::Back)
			.map(|absence| absence.director.clone())
			.filter(|node| {
				nodes
					.get(node)
					.is_some_and(|known| known.eligible() && known.admitted())
			})
			.collect();
		let replaced: Vec<_> = absences
			.iter()
			.filter_map(|absence| Some((absence.director.clone(), absence.replaced_by.clone()?)))
			.collect();
		let mut seats = directors.to_vec();
		election::restore(&mut seats, &returns, &replaced);
		seats
	}

	fn incumbent(account: &T::AccountId, known: &Known) -> Incumbent<T::AccountId> {
		let barred = || Sanctions::<T>::get(account).is_some_and(|sanction| Self::is_barred(&sanction));
		let fitness = if !known.has_keys {
			Fitness::Keyless
		} else if known.able && known.admitted() {
			known.absent.map_or(Fitness::Fit, |eras| Fitness::Absent { eras })
		} else if barred() {
			Fitness::Barred
		} else {
			Fitness::Lapsed
		};
		Incumbent {
			account: account.clone(),
			score: known.score,
			fitness,
			terms: known.terms(),
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

	/// Puts those elected into office, with standbys; whether they could be.
	fn install(
		era: u32,
		randomness: &Randomness,
		parameters: &ParameterValues,
		before: &[T::AccountId],
		nodes: &Nodes<T>,
		elected: BTreeMap<T::AccountId, u32>,
	) -> bool {
		let reports: tour::Reports<T::AccountId> = elected
			.keys()
			.filter_map(|director| Some((director.clone(), Latencies::<T>::get(director)?.into_inner())))
			.collect();
		let directors = tour::order(elected.keys().cloned().collect(), &reports, randomness);

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

		if let Err(error) = T::Seats::seat(directors.clone(), standbys.clone()) {
			log::warn!(target: LOG_TARGET, "the directors of era {era} cannot take office: {error:?}");
			return false;
		}
		for (director, terms) in &elected {
			if let Some(candidate) = nodes.get(director).and_then(|known| known.candidate.clone()) {
				Candidates::<T>::insert(
					director,
					Candidate {
						terms: *terms,
						..candidate
					},
				);
			}
		}
		let out_of_office: Vec<_> = before
			.iter()
			.cloned()
			.chain(StandbySigners::<T>::get().into_iter().flatten())
			.filter(|account| !directors.contains(account) && !standbys.contains(account))
			.collect();
		for account in out_of_office {
			Latencies::<T>::remove(account);
		}
		Self::settle_absences(&directors);
		Replacements::<T>::kill();
		let newcomers = directors.iter().filter(|director| !before.contains(director)).count();
		Self::deposit_event(Event::Elected {
			era,
			newcomers: to_u32(newcomers),
			standby_signers: to_u32(standbys.len()),
			directors,
		});
		// As many as were taken, which the parameters keep within the bounds.
		StandbySigners::<T>::put(BoundedVec::truncate_from(standbys.into_iter().map(Some).collect()));
		StandbyComputeNodes::<T>::put(BoundedVec::truncate_from(compute_nodes));
		true
	}

	/// What became of those that were back or on probation: who has a seat is on probation, who has none is a node like others.
	fn settle_absences(directors: &[T::AccountId]) {
		let mut absences = Absences::<T>::get();
		if absences.is_empty() {
			return;
		}
		absences.retain(|absence| absence.presence == Presence::Absent || directors.contains(&absence.director));
		for absence in absences.iter_mut() {
			if absence.presence == Presence::Back {
				absence.presence = Presence::OnProbation;
				absence.replaced_by = None;
			}
		}
		Absences::<T>::put(absences);
	}
}
