//! The chain's first candidates, backing and standbys.

use crate::{election::rank, parameters::to_usize, Candidates, Config, GenesisConfig, Pallet, Parameters};
use alloc::vec::Vec;
use pallet_traits::Seats;

impl<T: Config> GenesisConfig<T> {
	/// Genesis is no block: a chain that could not run as it was configured must not start, so it panics.
	pub(crate) fn build_or_panic(&self) {
		if let Err(error) = self.parameters.check::<T>() {
			panic!("genesis has a parameter out of its range: {error:?}");
		}
		Parameters::<T>::put(&self.parameters);
		for (account, bond) in &self.candidates {
			assert!(
				*bond >= self.parameters.min_bond,
				"the bond of genesis candidate {account:?} is too low"
			);
			assert!(
				!Candidates::<T>::contains_key(account),
				"{account:?} is a genesis candidate twice"
			);
			if let Err(error) = Pallet::<T>::insert_candidate(account, *bond, true) {
				panic!("{account:?} cannot be a genesis candidate: {error:?}");
			}
		}
		for (backer, candidate, amount) in &self.backing {
			if let Err(error) = Pallet::<T>::do_back(backer, candidate, *amount) {
				panic!("the genesis backing of {candidate:?} by {backer:?} fails: {error:?}");
			}
		}
		// The first ones were scored when they had all backing there was.
		for (account, _) in &self.candidates {
			Pallet::<T>::refresh(account);
		}
		self.choose_standbys();
	}

	/// The best candidates that are no directors stand by those that are. Without candidates the directors stay who
	/// they are.
	fn choose_standbys(&self) {
		if self.candidates.is_empty() {
			return;
		}
		let directors = T::Seats::directors();
		for director in &directors {
			assert!(
				Candidates::<T>::contains_key(director),
				"genesis director {director:?} is no candidate"
			);
		}
		let mut others: Vec<_> = self
			.candidates
			.iter()
			.map(|(account, _)| account)
			.filter(|account| !directors.contains(account))
			.map(|account| (Pallet::<T>::score_of(account), account))
			.collect();
		others.sort_by(|(score_a, a), (score_b, b)| rank::better(*score_a, a, *score_b, b));
		let most = directors.len().min(to_usize(self.parameters.standby_signers));
		let standbys: Vec<_> = others
			.into_iter()
			.take(most)
			.map(|(_, account)| account.clone())
			.collect();
		if let Err(error) = T::Seats::seat(directors, standbys) {
			panic!("genesis cannot bind standbys to its directors: {error:?}");
		}
	}
}
