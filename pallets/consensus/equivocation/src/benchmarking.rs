//! What calls and hooks cost.

use crate::*;
use alloc::{boxed::Box, vec, vec::Vec};
use bft_finality_primitives::{BlockRef, Cast, Phase, Vote, VoteEquivocation, VoterId};
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{Authorize, TransactionSource},
	traits::Get,
	BoundedVec,
};
use frame_system::{
	pallet_prelude::{BlockNumberFor, HeaderFor},
	RawOrigin,
};
use pallet_traits::{AuthorHistory, EraClock, VoterHistory, MAX_SETS_IN_FORCE};
use poca_primitives::{
	pre_digest_item, seal_item, seal_payload, AuthorityId, BlockEquivocation, FinalizedRef, PreDigest, Slot,
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

/// As many uses of a key as are kept, of two accounts by turns, before point 1,000. The last is this account's, and
/// open if `open` says so.
fn full_uses<T: Config>(last: &T::AccountId, open: bool) -> Uses<T::AccountId> {
	let uses = (0..MAX_USES).map(|i| KeyUse {
		account: if i % 2 == 1 {
			last.clone()
		} else {
			account("other", 0, 0)
		},
		from: u64::from(10 * i),
		until: (!open || i + 1 < MAX_USES).then(|| u64::from(10 * i + 5)),
	});
	BoundedVec::truncate_from(uses.collect())
}

/// Accounts with keys of their own.
fn pairs<T: Config, Key: Decode>(name: &'static str, first: u32, count: u32) -> Vec<(T::AccountId, Key)> {
	(first..first + count)
		.map(|i| (account(name, i, 0), numbered(i)))
		.collect()
}

/// A proof against the last of as many voters as there may be, all others of which have been reported.
fn proof_of_votes<T: Config>() -> VoteEquivocation {
	let slot = *T::BenchmarkHelper::begin_era();
	T::BenchmarkHelper::bond(&offender::<T>());
	let set_id = 1_000;
	let voter = VoterId::generate_pair(None);
	VoterUses::<T>::insert(&voter, full_uses::<T>(&offender::<T>(), true));
	let times = InForce {
		began: T::EraClock::current_era(),
		ended: None,
	};
	SetTimes::<T>::insert(set_id, times);
	NextSet::<T>::put(set_id + 1);
	let offenders = (1..T::MaxVoters::get())
		.map(|i| account::<T::AccountId>("voter", i, 0))
		.collect();
	SetOffenders::<T>::insert(set_id, BoundedVec::<_, T::MaxVoters>::truncate_from(offenders));
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let cast = |block| {
		let vote = Vote {
			set_id,
			phase: Phase::Prevote,
			relaxed: false,
			target: BlockRef {
				slot,
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

/// How many bytes may fill a proof: the rest of two headers has less than what is left for it.
const MOST_FILLING: u32 = MAX_PROOF_BYTES - 1_024;

/// A proof of at least `bytes` bytes.
fn proof_of_blocks<T: Config>(bytes: u32) -> BlockEquivocation<HeaderFor<T>> {
	let author = AuthorityId::generate_pair(None);
	let slot = T::BenchmarkHelper::begin_era();
	T::BenchmarkHelper::bond(&offender::<T>());
	let mut uses = full_uses::<T>(&offender::<T>(), true);
	if let Some(last) = uses.last_mut() {
		last.from = (*slot).min(last.from);
	}
	AuthorUses::<T>::insert(&author, uses);
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let pre_digest = PreDigest::<H256> {
		slot,
		author: 0,
		full: false,
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
		header.digest_mut().push(seal_item(&seal));
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

		assert!(SetOffenders::<T>::get(1_000).contains(&offender::<T>()));
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
	fn report_block_equivocation(b: Linear<0, MOST_FILLING>) {
		let proof = Box::new(proof_of_blocks::<T>(b));

		#[extrinsic_call]
		_(RawOrigin::Authorized, proof);

		let era = T::EraClock::current_era();
		assert!(Offences::<T>::contains_key(
			era,
			(offender::<T>(), Kind::Block.offence())
		));
	}

	#[benchmark]
	fn authorize_report_block_equivocation(b: Linear<0, MOST_FILLING>) -> Result<(), BenchmarkError> {
		let proof = Box::new(proof_of_blocks::<T>(b));
		let call = Call::<T>::report_block_equivocation { proof };

		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("it is authorized by its proof")??;
		}

		Ok(())
	}

	/// All authors are others than before, and each key has been held as often as is kept.
	#[benchmark]
	fn authors_changed(d: Linear<1, { T::MaxAuthors::get() }>) {
		let (before, after) = (
			pairs::<T, AuthorityId>("author", 0, d),
			pairs::<T, AuthorityId>("author", d, d),
		);
		for (account, key) in &before {
			AuthorUses::<T>::insert(key, full_uses::<T>(account, true));
		}
		for (_, key) in &after {
			AuthorUses::<T>::insert(key, full_uses::<T>(&account("another", 0, 0), false));
		}
		Authors::<T>::put(BoundedVec::<_, T::MaxAuthors>::truncate_from(before));

		#[block]
		{
			Pallet::<T>::authors_changed(Slot::from(1_000), &after);
		}

		assert_eq!(EndedAuthors::<T>::iter_keys().count() as u32, d);
		assert_eq!(Authors::<T>::decode_len(), Some(d as usize));
	}

	/// All voters are others than before, each key has been held as often as is kept, and the oldest set in force ends.
	#[benchmark]
	fn voters_named(v: Linear<1, { T::MaxVoters::get() }>) {
		let (before, after) = (pairs::<T, VoterId>("voter", 0, v), pairs::<T, VoterId>("voter", v, v));
		for (account, key) in &before {
			VoterUses::<T>::insert(key, full_uses::<T>(account, true));
		}
		for (_, key) in &after {
			VoterUses::<T>::insert(key, full_uses::<T>(&account("another", 0, 0), false));
		}
		let oldest = 1_001 - u64::from(MAX_SETS_IN_FORCE);
		for set_id in [oldest, 1_000] {
			SetVoters::<T>::insert(set_id, BoundedVec::<_, T::MaxVoters>::truncate_from(before.clone()));
			let times = InForce { began: 0, ended: None };
			SetTimes::<T>::insert(set_id, times);
		}

		#[block]
		{
			Pallet::<T>::voters_named(1_001, &after);
		}

		assert!(SetVoters::<T>::contains_key(1_001) && !SetVoters::<T>::contains_key(oldest));
		assert_eq!(EndedVoters::<T>::iter_keys().count() as u32, v);
	}

	#[benchmark]
	fn prune_nothing() {
		#[block]
		{
			Pallet::<T>::prune();
		}
	}

	/// What an era change leaves to the blocks after it; the clock of a benchmark stands still, so that removing is all
	/// there is.
	#[benchmark]
	fn prune_authors(a: Linear<0, PRUNED>) {
		for (account, key) in pairs::<T, AuthorityId>("author", 0, a) {
			AuthorUses::<T>::insert(&key, full_uses::<T>(&account, true));
			EndedAuthors::<T>::insert(7, key, 100);
		}

		#[block]
		{
			Pallet::<T>::forget_authors(7);
			OldestEra::<T>::put(8);
		}

		assert_eq!(EndedAuthors::<T>::iter_prefix(7).count(), 0);
	}

	#[benchmark]
	fn prune_offences(o: Linear<0, PRUNED>) {
		for i in 0..o {
			let offender: T::AccountId = account("offender", i, 0);
			Offences::<T>::insert(7, (offender, Kind::Block.offence()), ());
		}

		#[block]
		{
			Pallet::<T>::forget_offences(7);
		}

		assert_eq!(Offences::<T>::iter_prefix(7).count(), 0);
	}

	/// All voters of the set have been reported.
	#[benchmark]
	fn prune_voters(v: Linear<0, PRUNED>) {
		for (account, key) in pairs::<T, VoterId>("voter", 0, v) {
			VoterUses::<T>::insert(&key, full_uses::<T>(&account, true));
			EndedVoters::<T>::insert(100, key, ());
		}
		let offenders = (0..T::MaxVoters::get())
			.map(|i| account::<T::AccountId>("voter", i, 0))
			.collect();
		SetOffenders::<T>::insert(100, BoundedVec::<_, T::MaxVoters>::truncate_from(offenders));

		#[block]
		{
			Pallet::<T>::forget_voters(100);
			Pallet::<T>::forget_set(100);
		}

		assert_eq!(OldestSet::<T>::get(), 101);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
