//! What headers hold final: each is its author's claim.

use crate::{Config, Finalized, Pallet};
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use poca_primitives::{find_pre_digest_in, DigestError, FinalizedRef};
use sp_runtime::traits::{Saturating, UniqueSaturatedInto};

/// Why what a header holds final makes its block invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalizedError {
	/// The digest is not POCA's.
	Digest(DigestError),
	/// It is not below the block.
	Ahead,
	/// It is lower than what the parent held final.
	GoesBack,
	/// It is no ancestor.
	NoAncestor,
}

impl core::fmt::Display for FinalizedError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::Digest(error) => error.fmt(f),
			Self::Ahead => f.write_str("it is not below the block"),
			Self::GoesBack => f.write_str("it is lower than what the parent held final"),
			Self::NoAncestor => f.write_str("it is no ancestor"),
		}
	}
}

impl From<DigestError> for FinalizedError {
	fn from(error: DigestError) -> Self {
		Self::Digest(error)
	}
}

impl<T: Config> Pallet<T> {
	/// How many blocks lie between this block and the one that its author says it holds final: 1 if that is the parent,
	/// 0 at genesis.
	///
	/// It is a claim. An author may name less than it knows to be final, or more than is; nobody checks but that it is
	/// an ancestor, and no lower one than the parent named. What is final, certificates tell.
	pub fn finality_lag() -> u32 {
		let number: u32 = frame_system::Pallet::<T>::block_number().unique_saturated_into();
		number.saturating_sub(Finalized::<T>::get().map_or(0, |finalized| finalized.number))
	}

	/// What the header of block `now` holds final.
	pub(crate) fn check_header(now: BlockNumberFor<T>) -> Result<FinalizedRef<T::Hash>, FinalizedError> {
		let header = find_pre_digest_in::<T::Hash>(&frame_system::Pallet::<T>::digest())?;
		Self::check(now, Finalized::<T>::get(), header.finalized)
	}

	fn check(
		now: BlockNumberFor<T>,
		previous: Option<FinalizedRef<T::Hash>>,
		finalized: FinalizedRef<T::Hash>,
	) -> Result<FinalizedRef<T::Hash>, FinalizedError> {
		let number = BlockNumberFor::<T>::from(finalized.number);
		if number >= now {
			return Err(FinalizedError::Ahead);
		}
		if let Some(previous) = previous {
			if finalized.number < previous.number {
				return Err(FinalizedError::GoesBack);
			}
			if finalized.number == previous.number && finalized.hash != previous.hash {
				return Err(FinalizedError::NoAncestor);
			}
		}
		// Hashes further back are forgotten, but for that of genesis. Nodes check ancestry at import, by headers,
		// however far back.
		let remembered = finalized.number == 0 || now.saturating_sub(number) <= T::BlockHashCount::get();
		if remembered && frame_system::Pallet::<T>::block_hash(number) != finalized.hash {
			return Err(FinalizedError::NoAncestor);
		}
		Ok(finalized)
	}
}

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		use crate::{ChangedAt, CurrentSetId, RecordedVotes, RelaxedQuorum, VoterAccounts, Voters, WantedVoters};
		use bft_finality_primitives::VoterId;
		use frame_support::ensure;

		let distinct =
			|voters: &[VoterId]| voters.iter().collect::<alloc::collections::BTreeSet<_>>().len() == voters.len();
		ensure!(distinct(&Voters::<T>::get()), "no key votes twice");
		ensure!(
			Voters::<T>::get().len() == VoterAccounts::<T>::get().len(),
			"behind each voter is an account"
		);
		let voters = Voters::<T>::get().len();
		let relaxed = usize::from(RelaxedQuorum::<T>::get());
		ensure!(
			relaxed == 0 || (relaxed > voters / 2 && relaxed <= bft_finality_primitives::quorum(voters)),
			"a relaxed quorum is more than half of the voters, and no more than a quorum"
		);
		if let Some(wanted) = WantedVoters::<T>::get() {
			let keys: alloc::vec::Vec<_> = wanted.iter().map(|(_, key)| key.clone()).collect();
			ensure!(distinct(&keys), "no key is to vote twice");
			ensure!(!wanted.is_empty(), "somebody is to vote");
		}
		ensure!(
			ChangedAt::<T>::get() <= frame_system::Pallet::<T>::block_number(),
			"the last change is not ahead"
		);
		ensure!(
			(CurrentSetId::<T>::get() == 0) == (ChangedAt::<T>::get() == Default::default()),
			"the set of genesis is the one that no block changed to"
		);
		if let Some(record) = RecordedVotes::<T>::get() {
			let newest = CurrentSetId::<T>::get();
			ensure!(record.set_id <= newest, "votes on record are of no set to come");
			ensure!(
				record.set_id < newest || record.voted.len() == voters,
				"each voter is on record or not"
			);
			ensure!(
				record.voted.contains(&true),
				"where there is a record, somebody is on it"
			);
		}
		let number: u32 = frame_system::Pallet::<T>::block_number().unique_saturated_into();
		match Finalized::<T>::get() {
			Some(finalized) => ensure!(finalized.number < number, "what is held final is below the block"),
			None => ensure!(number == 0, "every block holds something final"),
		}
		Ok(())
	}
}
