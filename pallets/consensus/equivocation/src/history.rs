//! Who held which key when: told by those that seat directors and name voters, forgotten bit by bit.

use crate::{
	uses::{self, Uses},
	AuthorUses, Authors, Config, EndedAuthors, EndedVoters, InForce, NextSet, Offences, OldestEra, OldestSet, Pallet,
	SetOffenders, SetTimes, SetVoters, VoterUses, WeightInfo, LOG_TARGET, PRUNED,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use bft_finality_primitives::{SetId, VoterId};
use frame_support::{traits::Get, weights::Weight, BoundedVec};
use pallet_traits::{AuthorHistory, EraClock, VoterHistory, VotersInForce, MAX_SETS_IN_FORCE};
use poca_primitives::{AuthorityId, Slot};

impl<T: Config> AuthorHistory<T::AccountId> for Pallet<T> {
	fn authors_changed(slot: Slot, authors: &[(T::AccountId, AuthorityId)]) -> Weight {
		let before = Authors::<T>::get();
		let weight = T::WeightInfo::authors_changed(count(authors.len().max(before.len())));
		let Change { held, left, came } = Change::between(&before, bounded(authors, T::MaxAuthors::get()));
		let era = T::EraClock::current_era();
		for (_, key) in left {
			AuthorUses::<T>::mutate_exists(&key, |entry| change(entry, |uses| uses::close(uses, *slot)));
			EndedAuthors::<T>::insert(era, key, *slot);
		}
		for (account, key) in came {
			let from = slot.saturating_add(1u64).into();
			AuthorUses::<T>::mutate(key, |uses| uses::open(uses, &account, from));
		}
		// As many as have found room before.
		Authors::<T>::put(BoundedVec::<_, T::MaxAuthors>::truncate_from(held));
		weight
	}
}

impl<T: Config> VoterHistory<T::AccountId> for Pallet<T> {
	fn voters_named(set_id: SetId, voters: &[(T::AccountId, VoterId)]) -> Weight {
		let last = set_id.checked_sub(1);
		let before = last.and_then(SetVoters::<T>::get).unwrap_or_default();
		let weight = T::WeightInfo::voters_named(count(voters.len().max(before.len())));
		let Change { held, left, came } = Change::between(&before, bounded(voters, T::MaxVoters::get()));
		if let Some(last) = last {
			for (_, key) in left {
				VoterUses::<T>::mutate_exists(&key, |entry| change(entry, |uses| uses::close(uses, last)));
				EndedVoters::<T>::insert(last, key, ());
			}
		}
		for (account, key) in came {
			VoterUses::<T>::mutate(key, |uses| uses::open(uses, &account, set_id));
		}
		SetVoters::<T>::insert(set_id, BoundedVec::<_, T::MaxVoters>::truncate_from(held));
		let in_force = InForce {
			began: T::EraClock::current_era(),
			ended: None,
		};
		SetTimes::<T>::insert(set_id, in_force);
		NextSet::<T>::put(set_id.saturating_add(1));
		// There is no room for more: it ends although nobody is known to vote that came after it.
		if let Some(oldest) = set_id.checked_sub(MAX_SETS_IN_FORCE.into()) {
			Self::end(oldest);
		}
		weight
	}

	fn set_votes(set_id: SetId) {
		let before: Vec<_> = Self::sets_in_force().filter(|(before, _)| *before < set_id).collect();
		for (before, _) in before {
			Self::end(before);
		}
	}
}

impl<T: Config> VotersInForce<T::AccountId> for Pallet<T> {
	fn in_force() -> Vec<T::AccountId> {
		Self::sets_in_force()
			.flat_map(|(_, voters)| voters)
			.map(|(account, _)| account)
			.collect()
	}
}

impl<T: Config> Pallet<T> {
	/// The sets that have not ended, the newest first, with their voters, which are kept until then. They are the
	/// newest [`MAX_SETS_IN_FORCE`] at most.
	fn sets_in_force() -> impl Iterator<Item = (SetId, Vec<(T::AccountId, VoterId)>)> {
		(OldestSet::<T>::get()..NextSet::<T>::get())
			.rev()
			.map_while(|set_id| Some((set_id, SetVoters::<T>::get(set_id)?.into_inner())))
	}

	/// The set ends now, unless it has ended before.
	fn end(set_id: SetId) {
		SetTimes::<T>::mutate(set_id, |times| {
			if let Some(times) = times.as_mut().filter(|times| times.ended.is_none()) {
				times.ended = Some(T::EraClock::current_era());
				SetVoters::<T>::remove(set_id);
			}
		});
	}

	/// Whether what ended in `era` can no longer be reported.
	pub(crate) fn is_forgotten(era: u32) -> bool {
		era.saturating_add(T::HistoryEras::get()) < T::EraClock::current_era()
	}

	/// Forgets a bit of what is too long ago. What it does not get to is not held against anyone all the same.
	pub(crate) fn prune() -> Weight {
		let mut weight = T::WeightInfo::prune_nothing();
		let era = OldestEra::<T>::get();
		if Self::is_forgotten(era) {
			let (authors, offences) = (Self::forget_authors(era), Self::forget_offences(era));
			if authors < PRUNED && offences < PRUNED {
				OldestEra::<T>::put(era.saturating_add(1));
			}
			weight = weight
				.saturating_add(T::WeightInfo::prune_authors(authors))
				.saturating_add(T::WeightInfo::prune_offences(offences));
		}
		let set_id = OldestSet::<T>::get();
		let ended = SetTimes::<T>::get(set_id).and_then(|times| times.ended);
		if ended.is_some_and(Self::is_forgotten) {
			let voters = Self::forget_voters(set_id);
			if voters < PRUNED {
				Self::forget_set(set_id);
			}
			weight = weight.saturating_add(T::WeightInfo::prune_voters(voters));
		}
		weight
	}

	/// Forgets some of the uses of authoring keys that ended in `era`, at most [`PRUNED`]. How many those were.
	pub(crate) fn forget_authors(era: u32) -> u32 {
		let ended: Vec<_> = EndedAuthors::<T>::drain_prefix(era).take(PRUNED as usize).collect();
		for (key, until) in &ended {
			AuthorUses::<T>::mutate_exists(key, |entry| change(entry, |uses| uses::forget(uses, *until)));
		}
		count(ended.len())
	}

	/// Forgets some of the offences of `era`, at most [`PRUNED`]. How many those were.
	pub(crate) fn forget_offences(era: u32) -> u32 {
		count(Offences::<T>::drain_prefix(era).take(PRUNED as usize).count())
	}

	/// Forgets some of the uses of voting keys that ended with this set, at most [`PRUNED`]. How many those were.
	pub(crate) fn forget_voters(set_id: SetId) -> u32 {
		let ended: Vec<_> = EndedVoters::<T>::drain_prefix(set_id).take(PRUNED as usize).collect();
		for (key, ()) in &ended {
			VoterUses::<T>::mutate_exists(key, |entry| change(entry, |uses| uses::forget(uses, set_id)));
		}
		count(ended.len())
	}

	/// Forgets the oldest set, the keys of which are forgotten.
	pub(crate) fn forget_set(set_id: SetId) {
		SetTimes::<T>::remove(set_id);
		SetOffenders::<T>::remove(set_id);
		OldestSet::<T>::put(set_id.saturating_add(1));
	}
}

/// What is different in a list of who holds which key.
struct Change<AccountId, Key> {
	/// Who holds which key now, each key once.
	held: Vec<(AccountId, Key)>,
	/// Those that held a key before, and do not any more.
	left: Vec<(AccountId, Key)>,
	/// Those that hold a key now, and did not before.
	came: Vec<(AccountId, Key)>,
}

impl<AccountId: Clone + Ord, Key: Clone + Ord> Change<AccountId, Key> {
	/// A key that is listed for two accounts stays with the one that held it before, or else is the first one's: no
	/// account takes over a key's past with the key.
	fn between(before: &[(AccountId, Key)], now: &[(AccountId, Key)]) -> Self {
		let listed: BTreeSet<_> = now.iter().collect();
		let known: BTreeSet<_> = before.iter().collect();
		let mut holders = BTreeMap::new();
		for pair in before.iter().filter(|pair| listed.contains(pair)).chain(now) {
			holders.entry(&pair.1).or_insert(pair);
		}
		let is_held = |pair: &&(AccountId, Key)| holders.get(&pair.1) == Some(pair);
		Self {
			left: before.iter().filter(|pair| !is_held(pair)).cloned().collect(),
			came: holders
				.values()
				.filter(|pair| !known.contains(**pair))
				.map(|pair| (*pair).clone())
				.collect(),
			held: holders.values().map(|pair| (*pair).clone()).collect(),
		}
	}
}

/// Changes the uses of a key; a key that has none any more has no entry.
fn change<AccountId>(entry: &mut Option<Uses<AccountId>>, how: impl FnOnce(&mut Uses<AccountId>)) {
	if let Some(uses) = entry {
		how(uses);
		if uses.is_empty() {
			*entry = None;
		}
	}
}

/// As many as there is room for. Those beyond it would be a fault of whoever seats them.
fn bounded<Pair>(pairs: &[Pair], room: u32) -> &[Pair] {
	let room = usize::try_from(room).unwrap_or(usize::MAX);
	let Some(kept) = pairs.get(..room) else {
		return pairs;
	};
	if kept.len() < pairs.len() {
		let count = pairs.len();
		log::error!(target: LOG_TARGET, "{count} hold keys, {room} are remembered: raise MaxAuthors or MaxVoters");
	}
	kept
}

fn count(len: usize) -> u32 {
	u32::try_from(len).unwrap_or(u32::MAX)
}
