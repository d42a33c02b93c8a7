//! What the call and the hooks cost.

use crate::*;
use alloc::vec::Vec;
use bft_finality_primitives::{quorum, BlockRef, Phase, SetId, SignedVote, Vote, VoterId, VoterIndex};
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{Authorize, TransactionSource},
	traits::{Get, Hooks},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use pallet_traits::{SeatVoters, VoterHistory, MAX_SETS_IN_FORCE};
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest};
use sp_application_crypto::RuntimeAppPublic;
use sp_runtime::{
	generic::Digest,
	traits::{One, TrailingZeroInput, UniqueSaturatedInto, Zero},
};

/// Whatever decodes from a number followed by zeros.
fn numbered<D: Decode>(number: u32) -> D {
	D::decode(&mut TrailingZeroInput::new(&number.to_le_bytes())).expect("zeros go on for ever")
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The digest of a block that holds its parent final.
	fn initialize<T: Config>() -> BlockNumberFor<T> {
		let number = frame_system::Pallet::<T>::block_number();
		let parent = T::Hash::default();
		let header = PreDigest {
			slot: 2.into(),
			author: 0,
			full: false,
			vrf: None,
			finalized: FinalizedRef {
				number: number.unique_saturated_into(),
				hash: parent,
			},
		};
		let now = number + One::one();
		Finalized::<T>::put(FinalizedRef {
			number: 0,
			hash: parent,
		});
		let digest = Digest {
			logs: alloc::vec![pre_digest_item(&header)],
		};
		frame_system::Pallet::<T>::initialize(&now, &parent, &digest);
		now
	}

	/// A block that holds its parent final.
	#[benchmark]
	fn on_initialize() {
		let now = initialize::<T>();

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_eq!(Pallet::<T>::finality_lag(), 1);
	}

	/// All voters change.
	#[benchmark]
	fn change_voters(v: Linear<1, { T::MaxVoters::get() }>) {
		let accounts = |first: u32| (first..first + v).map(|i| account::<T::AccountId>("voter", i, 0));
		let keys = |first: u32| (first..first + v).map(numbered::<VoterId>);
		Voters::<T>::put(BoundedVec::truncate_from(keys(0).collect()));
		VoterAccounts::<T>::put(BoundedVec::truncate_from(accounts(0).collect()));
		Pallet::<T>::want_voters(accounts(v).zip(keys(v)));
		let now = initialize::<T>();

		#[block]
		{
			Pallet::<T>::change_voters(now, 0);
		}

		assert_eq!(CurrentSetId::<T>::get(), 1);
	}

	/// Accounts without keys: a key is found or not at the same cost, but for decoding it, which
	/// [`Pallet::want_voters`] is about here.
	#[benchmark]
	fn seat_voters(v: Linear<1, { T::MaxVoters::get() }>) {
		let accounts: Vec<T::AccountId> = (0..v).map(|i| account("voter", i, 0)).collect();

		#[block]
		{
			Pallet::<T>::seat_voters(&accounts);
			Pallet::<T>::want_voters(accounts.into_iter().zip((0..v).map(numbered::<VoterId>)));
		}

		assert!(WantedVoters::<T>::exists());
	}

	/// A vote of the last of as many voters as there may be, of which with it more than a third are on record, while
	/// as many sets before are still in force as may be.
	fn last_vote<T: Config>() -> SignedVote {
		let key = VoterId::generate_pair(None);
		let most = T::MaxVoters::get();
		let keys = (1..most).map(numbered::<VoterId>).chain([key.clone()]);
		let accounts = (1..=most).map(|i| account::<T::AccountId>("voter", i, 0));
		let (keys, accounts): (Vec<_>, Vec<_>) = (keys.collect(), accounts.collect());
		let newest = MAX_SETS_IN_FORCE - 1;
		for set in 0..newest {
			let before: Vec<(T::AccountId, VoterId)> = (0..most)
				.map(|i| (account("voter before", i, set), numbered(1_000 * (set + 1) + i)))
				.collect();
			T::History::voters_named(set.into(), &before);
		}
		let now: Vec<_> = accounts.iter().cloned().zip(keys.iter().cloned()).collect();
		T::History::voters_named(newest.into(), &now);
		CurrentSetId::<T>::put(SetId::from(newest));
		Voters::<T>::put(BoundedVec::truncate_from(keys));
		VoterAccounts::<T>::put(BoundedVec::truncate_from(accounts));
		let (number, hash) = (T::VotePeriod::get(), T::Hash::repeat_byte(7));
		frame_system::BlockHash::<T>::insert(BlockNumberFor::<T>::from(number), hash);
		frame_system::Pallet::<T>::set_block_number((number + 1).into());
		let slot = u64::from(number);
		T::BenchmarkHelper::note_slot(number, slot.into());
		let voter = VoterIndex::try_from(most - 1).expect("as many as votes can count");
		let last_third = quorum(most as usize);
		let voted = (0..most as usize).map(|place| place >= last_third && place != usize::from(voter));
		let mut voted: Vec<bool> = voted.collect();
		// The first takes the place of the last, which has still to vote.
		voted[0] = most > 1 && last_third < most as usize;
		RecordedVotes::<T>::put(RecordOfPeriod {
			set_id: CurrentSetId::<T>::get(),
			period: 1,
			voted: BoundedVec::truncate_from(voted),
		});
		let vote = Vote {
			set_id: CurrentSetId::<T>::get(),
			phase: Phase::Commit,
			relaxed: false,
			target: BlockRef { slot, number, hash },
			end: None,
		};
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		let signature = key.sign(&vote.payload(&genesis)).expect("the keystore has the key");
		SignedVote { vote, voter, signature }
	}

	#[benchmark]
	fn record_vote() {
		let vote = last_vote::<T>();

		#[extrinsic_call]
		_(RawOrigin::Authorized, vote);

		let count = |record: RecordOfPeriod<T::MaxVoters>| record.voted.iter().filter(|voted| **voted).count();
		let most = T::MaxVoters::get() as usize;
		assert_eq!(RecordedVotes::<T>::get().map(count), Some(most - quorum(most) + 1));
	}

	#[benchmark]
	fn authorize_record_vote() -> Result<(), BenchmarkError> {
		let call = Call::<T>::record_vote { vote: last_vote::<T>() };

		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("it is authorized by its signature")??;
		}

		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(1), crate::mock::Test);
}
