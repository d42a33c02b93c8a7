//! What calls and hooks cost.

use crate::*;
use alloc::{boxed::Box, vec, vec::Vec};
use bft_finality_primitives::{Cast, Phase, Target, Vote, VoteEquivocation, VoterId};
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{Authorize, TransactionSource},
	traits::Get,
};
use frame_system::{
	pallet_prelude::{BlockNumberFor, HeaderFor},
	RawOrigin,
};
use pallet_traits::VoterHistory;
use pallet_traits::{AuthorHistory, EraClock};
use poca_primitives::{
	pre_digest_item, seal_payload, AuthorityId, BlockEquivocation, FinalizedRef, PreDigest, POCA_ENGINE_ID,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{
	generic::{Digest, DigestItem},
	traits::{Header as _, TrailingZeroInput, Zero},
};

/// Whatever decodes from a number followed by zeros.
fn numbered<D: Decode>(number: u32) -> D {
	D::decode(&mut TrailingZeroInput::new(&number.to_le_bytes())).expect("zeros go on for ever")
}

fn offender<T: Config>() -> T::AccountId {
	account("offender", 0, 0)
}

/// A proof against the last of as many voters as there may be.
fn proof_of_votes<T: Config>() -> VoteEquivocation {
	let voter = VoterId::generate_pair(None);
	let mut voters: Vec<_> = (1..T::MaxVoters::get())
		.map(|i| (account("voter", i, 0), numbered(i)))
		.collect();
	voters.push((offender::<T>(), voter.clone()));
	Pallet::<T>::voters_named(0, &voters);
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let cast = |block| {
		let vote = Vote {
			set_id: 0,
			phase: Phase::Prevote,
			relaxed: false,
			target: Target {
				slot: 0,
				number: 1,
				hash: H256::repeat_byte(block),
			},
			end: None,
		};
		let signature = voter.sign(&vote.payload(&genesis)).expect("the keystore has the key");
		Cast { vote, signature }
	};
	let (first, second) = (cast(1), cast(2));
	VoteEquivocation { voter, first, second }
}

/// A proof of at least `bytes` bytes.
fn proof_of_blocks<T: Config>(bytes: u32) -> BlockEquivocation<HeaderFor<T>> {
	let author = AuthorityId::generate_pair(None);
	Pallet::<T>::may_author(T::EraClock::current_era(), &[(offender::<T>(), author.clone())]);
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let pre_digest = PreDigest::<H256> {
		slot: 0.into(),
		author: 0,
		vrf: None,
		finalized: FinalizedRef::default(),
	};
	let header = |block| {
		let filling = DigestItem::Other(vec![0; bytes as usize / 2]);
		let digest = Digest {
			logs: vec![pre_digest_item(&pre_digest), filling],
		};
		let root = H256::repeat_byte(block);
		let mut header = HeaderFor::<T>::new(numbered(1), Default::default(), root, Default::default(), digest);
		let payload = seal_payload(&genesis, &header.hash());
		let seal = author.sign(&payload).expect("the keystore has the key");
		let seal: &[u8] = seal.as_ref();
		header
			.digest_mut()
			.push(DigestItem::Seal(POCA_ENGINE_ID, seal.to_vec()));
		header
	};
	let (first, second) = (header(1), header(2));
	BlockEquivocation { author, first, second }
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn report_vote_equivocation() {
		let proof = Box::new(proof_of_votes::<T>());

		#[extrinsic_call]
		_(RawOrigin::Authorized, proof);

		assert!(LastOffence::<T>::contains_key(offender::<T>()));
	}

	#[benchmark]
	fn authorize_report_vote_equivocation() -> Result<(), BenchmarkError> {
		let proof = Box::new(proof_of_votes::<T>());
		let call = Call::<T>::report_vote_equivocation { proof };

		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("it is authorized by its proof")??;
		}

		Ok(())
	}

	#[benchmark]
	fn report_block_equivocation(b: Linear<0, 65_536>) {
		let proof = Box::new(proof_of_blocks::<T>(b));

		#[extrinsic_call]
		_(RawOrigin::Authorized, proof);

		assert!(LastOffence::<T>::contains_key(offender::<T>()));
	}

	#[benchmark]
	fn authorize_report_block_equivocation(b: Linear<0, 65_536>) -> Result<(), BenchmarkError> {
		let proof = Box::new(proof_of_blocks::<T>(b));
		let call = Call::<T>::report_block_equivocation { proof };

		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("it is authorized by its proof")??;
		}

		Ok(())
	}

	#[benchmark]
	fn may_author(d: Linear<1, { T::MaxVoters::get() }>) {
		let authors: Vec<_> = (0..d).map(|i| (account("author", i, 0), numbered(i))).collect();

		#[block]
		{
			Pallet::<T>::may_author(7, &authors);
		}

		assert_eq!(Authors::<T>::iter_prefix_values(7).count() as u32, d);
	}

	#[benchmark]
	fn voters_named(v: Linear<1, { T::MaxVoters::get() }>) {
		let voters: Vec<_> = (0..v).map(|i| (account("voter", i, 0), numbered(i))).collect();

		#[block]
		{
			Pallet::<T>::voters_named(7, &voters);
		}

		assert!(SetVoters::<T>::contains_key(7));
	}

	#[benchmark]
	fn set_began() {
		Pallet::<T>::voters_named(7, &[]);

		#[block]
		{
			Pallet::<T>::set_began(8);
		}

		assert!(SetEras::<T>::get(7).is_some_and(|eras| eras.ended.is_some()));
	}

	#[benchmark]
	fn prune_nothing() {
		#[block]
		{
			Pallet::<T>::prune();
		}
	}

	/// What an era change leaves to the blocks after it; the clock of a benchmark stands still, so that removing is all there is.
	#[benchmark]
	fn prune_authors(a: Linear<0, PRUNED_AUTHORS>) {
		let authors: Vec<_> = (0..a).map(|i| (account("author", i, 0), numbered(i))).collect();
		Pallet::<T>::may_author(7, &authors);

		#[block]
		{
			Authors::<T>::drain_prefix(7).take(PRUNED_AUTHORS as usize).count();
			OldestEra::<T>::put(8);
		}

		assert_eq!(Authors::<T>::iter_prefix_values(7).count(), 0);
	}

	#[benchmark]
	fn prune_set() {
		Pallet::<T>::voters_named(7, &[]);

		#[block]
		{
			SetEras::<T>::remove(7);
			SetVoters::<T>::remove(7);
			OldestSet::<T>::put(8);
		}

		assert!(!SetEras::<T>::contains_key(7));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
