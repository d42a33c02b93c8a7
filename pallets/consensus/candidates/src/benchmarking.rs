//! What calls and hooks cost.

use crate::pallet::HeartbeatOf;
use crate::{parameters::to_usize, rank::BAG_THRESHOLDS, *};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_election_provider_support::SortedListProvider;
use frame_support::{
	assert_ok,
	pallet_prelude::{Authorize, TransactionSource},
	traits::{fungible::Unbalanced, tokens::Precision, EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use pallet_traits::{AttendanceHook, EraClock, EraHook, Punish, Seats};
use poca_primitives::{AuthoritySignature, Heartbeat};
use sp_runtime::traits::{One, Saturating, TrailingZeroInput};

/// What benchmarks need of the runtime.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account all session keys.
	fn give_keys(who: &AccountId);
	/// Gives an account session keys that can sign, and signs with the authoring key among them.
	fn sign(who: &AccountId, payload: &[u8]) -> AuthoritySignature;
	/// Makes this the current era, without telling anyone that it began.
	fn set_era(era: u32);
}

/// So much that it suffices for everything, and many of it do not overflow.
fn plenty<T: Config>() -> Balance {
	let parameters = Parameters::<T>::get();
	parameters.min_bond.max(parameters.min_vote).saturating_mul(1_000)
}

fn bond<T: Config>() -> Balance {
	Parameters::<T>::get().min_bond
}

/// An account with keys and plenty of money.
fn node<T: Config>(index: u32) -> T::AccountId {
	let who = account("node", index, 0);
	T::BenchmarkHelper::give_keys(&who);
	assert_ok!(T::Currency::increase_balance(&who, plenty::<T>(), Precision::Exact));
	who
}

/// A candidate, with votes on it that make some share of all.
fn candidate<T: Config>(index: u32, admitted: bool) -> T::AccountId {
	let who = node::<T>(index);
	assert_ok!(Pallet::<T>::insert_candidate(&who, bond::<T>(), admitted));
	let votes = Parameters::<T>::get()
		.min_vote
		.saturating_mul(1 + u128::from(index % 7));
	assert_ok!(Pallet::<T>::do_vote(&who, &who, votes));
	who
}

/// As many directors as there may be, with a standby signer for each; the first indices are theirs.
fn fill_offices<T: Config>() -> (Vec<T::AccountId>, Vec<T::AccountId>) {
	let most = T::MaxDirectors::get();
	Parameters::<T>::put(ParameterValues {
		seats: most,
		standby_signers: most,
		standby_compute_nodes: T::MaxStandbyComputeNodes::get(),
		..Default::default()
	});
	let directors: Vec<_> = (0..most).map(|index| candidate::<T>(index, true)).collect();
	let standbys: Vec<_> = (most..2 * most).map(|index| candidate::<T>(index, true)).collect();
	assert!(T::Seats::seat(directors.clone(), standbys.clone()).is_ok());
	let signers = standbys.iter().cloned().map(Some).collect();
	StandbySigners::<T>::put(BoundedVec::truncate_from(signers));
	(directors, standbys)
}

/// Leaves the last standby alone able to take a seat.
fn keep_last_standby<T: Config>(standbys: &[T::AccountId]) {
	for standby in standbys.iter().skip(1).take(standbys.len().saturating_sub(2)) {
		Candidates::<T>::mutate(standby, |candidate| {
			if let Some(candidate) = candidate {
				candidate.admitted = false;
			}
		});
	}
}

/// Fills the list of ballots with `b` that lapsed, but for a place.
fn lapsed_ballots<T: Config>(b: u32) {
	let mut ballots = Ballots::<T>::get();
	for index in 0..b.min(T::MaxBallots::get().saturating_sub(1)) {
		let who: T::AccountId = account("ballot", index, 0);
		BallotVotes::<T>::insert(
			Motion::Admission,
			&who,
			BoundedVec::truncate_from(alloc::vec![who.clone()]),
		);
		let _ = ballots.try_push(Ballot {
			motion: Motion::Admission,
			candidate: who.clone(),
			opened_by: who,
			opened: 0,
		});
	}
	Ballots::<T>::put(ballots);
	T::BenchmarkHelper::set_era(MAX_ERAS);
}

/// All directors but the first have voted for a motion on `subject`.
fn nearly_carried<T: Config>(motion: Motion, subject: &T::AccountId, directors: &[T::AccountId]) {
	let mut ballots = Ballots::<T>::get();
	let _ = ballots.try_push(Ballot {
		motion,
		candidate: subject.clone(),
		opened_by: directors[directors.len() - 1].clone(),
		opened: T::EraClock::current_era(),
	});
	Ballots::<T>::put(ballots);
	let ayes = directors[1..two_thirds(directors.len())].to_vec();
	BallotVotes::<T>::insert(motion, subject, BoundedVec::truncate_from(ayes));
}

/// Fills the list of absences, those of `first` before the others.
fn fill_absences<T: Config>(first: &[T::AccountId], eras: u32) {
	let others = (0..T::MaxAbsences::get()).map(|index| candidate::<T>(100_000 + index, true));
	let absences = first
		.iter()
		.cloned()
		.chain(others)
		.take(to_usize(T::MaxAbsences::get()))
		.map(|director| Absence {
			director,
			eras,
			presence: Presence::Absent,
			replaced_by: None,
		})
		.collect();
	Absences::<T>::put(BoundedVec::truncate_from(absences));
}

/// Whatever decodes from a number followed by zeros.
fn numbered<D: codec::Decode>(number: u32) -> D {
	D::decode(&mut TrailingZeroInput::new(&number.to_le_bytes())).expect("zeros go on for ever")
}

/// A heartbeat of the last of as many absent as there may be.
fn last_heartbeat<T: Config>() -> HeartbeatOf<T> {
	fill_absences::<T>(&[], 0);
	let absences = Absences::<T>::get();
	let node = absences[absences.len() - 1].director.clone();
	T::BenchmarkHelper::give_keys(&node);
	let number: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
	let hash = T::Hash::default();
	frame_system::BlockHash::<T>::insert(number, hash);
	frame_system::Pallet::<T>::set_block_number(number.saturating_add(One::one()));
	Heartbeat { node, number, hash }
}

/// Candidates straight into storage: what they have locked is not held of anybody.
fn fill_list<T: Config>(count: u32) {
	for index in 0..count {
		let who: T::AccountId = account("listed", index, 0);
		let stored = Candidate {
			bond: bond::<T>(),
			admitted: index % 100 == 0,
			terms: 0,
			withdrawable: None,
		};
		// Spread over the bags of the list.
		let threshold = BAG_THRESHOLDS[to_usize(index) % (BAG_THRESHOLDS.len() / 2)];
		let score = rank::list_score(0, stored.admitted) | threshold;
		VotesOn::<T>::insert(&who, u128::from(index));
		Candidates::<T>::insert(&who, stored);
		T::BenchmarkHelper::give_keys(&who);
		assert!(T::List::on_insert(who, score).is_ok());
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		fill_list::<T>(100);
		let who = node::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), bond::<T>());

		assert!(Candidates::<T>::contains_key(who));
	}

	#[benchmark]
	fn bond_more() {
		let who = candidate::<T>(0, true);
		let before = bond::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 1);

		assert!(Candidates::<T>::get(who).is_some_and(|candidate| candidate.bond > before));
	}

	#[benchmark]
	fn leave(b: Linear<0, { T::MaxBallots::get() }>) {
		fill_list::<T>(100);
		fill_absences::<T>(&[], 0);
		let who = candidate::<T>(0, true);
		lapsed_ballots::<T>(b);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!T::List::contains(&who));
	}

	#[benchmark]
	fn withdraw_bond() {
		fill_offices::<T>();
		let who = candidate::<T>(90_000, true);
		assert_ok!(Pallet::<T>::do_leave(&who));
		T::BenchmarkHelper::set_era(MAX_ERAS);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!Candidates::<T>::contains_key(who));
	}

	#[benchmark]
	fn vote() {
		fill_list::<T>(100);
		let who = node::<T>(0);
		let least = Parameters::<T>::get().min_vote;
		let mut last = who.clone();
		for index in 1..=T::MaxVotes::get() {
			last = candidate::<T>(index, true);
			assert_ok!(Pallet::<T>::do_vote(&who, &last, least));
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), last.clone(), least.saturating_mul(100));

		assert!(VotesOn::<T>::get(last) > least.saturating_mul(100));
	}

	#[benchmark]
	fn unvote() {
		fill_list::<T>(100);
		let who = node::<T>(0);
		let least = Parameters::<T>::get().min_vote;
		let last = candidate::<T>(1, true);
		assert_ok!(Pallet::<T>::do_vote(&who, &last, least.saturating_mul(100)));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), last.clone(), least.saturating_mul(100));

		assert!(Voters::<T>::get(who).is_some_and(|voter| voter.votes.is_empty()));
	}

	#[benchmark]
	fn unlock() {
		let who = node::<T>(0);
		let on = candidate::<T>(1, true);
		let least = Parameters::<T>::get().min_vote;
		let chunks = T::MaxUnlocking::get();
		assert_ok!(Pallet::<T>::do_vote(
			&who,
			&on,
			least.saturating_mul(u128::from(chunks) + 1)
		));
		for era in 0..chunks {
			T::BenchmarkHelper::set_era(era);
			assert_ok!(Pallet::<T>::do_unvote(&who, &on, least));
		}
		T::BenchmarkHelper::set_era(MAX_ERAS);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(Voters::<T>::get(who).is_some_and(|voter| voter.unlocking.is_empty()));
	}

	#[benchmark]
	fn admit(b: Linear<0, { T::MaxBallots::get() }>) {
		let (directors, _) = fill_offices::<T>();
		let subject = candidate::<T>(90_000, false);
		lapsed_ballots::<T>(b);
		nearly_carried::<T>(Motion::Admission, &subject, &directors);

		#[extrinsic_call]
		_(RawOrigin::Signed(directors[0].clone()), subject.clone());

		assert!(Candidates::<T>::get(subject).is_some_and(|candidate| candidate.admitted));
	}

	#[benchmark]
	fn eliminate(b: Linear<0, { T::MaxBallots::get() }>) {
		let (directors, standbys) = fill_offices::<T>();
		keep_last_standby::<T>(&standbys);
		fill_absences::<T>(&[], 0);
		lapsed_ballots::<T>(b);
		let subject = directors[1].clone();
		nearly_carried::<T>(Motion::Elimination, &subject, &directors);

		#[extrinsic_call]
		_(RawOrigin::Signed(directors[0].clone()), subject.clone());

		assert!(!T::List::contains(&subject));
	}

	#[benchmark]
	fn report_latencies(l: Linear<0, { T::MaxDirectors::get() }>) {
		let (directors, standbys) = fill_offices::<T>();
		let others = directors[1..].iter().chain(standbys.iter());
		let latencies: Vec<_> = others.take(to_usize(l)).map(|other| (other.clone(), 100)).collect();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(directors[0].clone()),
			BoundedVec::truncate_from(latencies),
		);

		assert!(Latencies::<T>::contains_key(&directors[0]));
	}

	#[benchmark]
	fn heartbeat() -> Result<(), BenchmarkError> {
		let shown = last_heartbeat::<T>();
		let who = shown.node.clone();
		let signature: AuthoritySignature = numbered(0);

		#[extrinsic_call]
		_(RawOrigin::Authorized, shown, signature);

		assert!(!Pallet::<T>::is_absent(&who));
		Ok(())
	}

	#[benchmark]
	fn authorize_heartbeat() -> Result<(), BenchmarkError> {
		let shown = last_heartbeat::<T>();
		let signature = T::BenchmarkHelper::sign(&shown.node, &shown.payload());
		let call = Call::<T>::heartbeat {
			heartbeat: shown,
			signature,
		};

		#[block]
		{
			call.authorize(TransactionSource::External)
				.ok_or("it is authorized by its signature")??;
		}

		Ok(())
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let values = ParameterValues {
			max_terms: 7,
			..Default::default()
		};

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, values.clone());

		assert_eq!(Parameters::<T>::get(), values);
		Ok(())
	}

	/// The election with all seats taken and all latencies reported, `n` more candidates in the list, as many absent as there may
	/// be, of whom as many are removed as may be, and points to be dropped of as many as may have them.
	#[benchmark]
	fn era_started(n: Linear<0, { T::MaxRead::get() }>) {
		let (directors, standbys) = fill_offices::<T>();
		fill_list::<T>(n);
		fill_absences::<T>(&directors[..directors.len() / 4], MAX_ERAS);
		for reporter in &directors {
			let others = directors.iter().filter(|other| *other != reporter);
			let latencies: Vec<_> = others.map(|other| (other.clone(), 100)).collect();
			Latencies::<T>::insert(reporter, BoundedVec::truncate_from(latencies));
		}
		let eras: Vec<u32> = (1..=T::PointEras::get()).collect();
		ErasWithPoints::<T>::put(BoundedVec::truncate_from(eras));
		let before = (0..T::MaxDirectors::get()).map(|index| account("voter before", index, 0));
		for node in directors.iter().chain(&standbys).cloned().chain(before) {
			Points::<T>::insert(1, node, 1);
		}
		let era = T::PointEras::get() + 1;
		T::BenchmarkHelper::set_era(era);

		#[block]
		{
			Pallet::<T>::era_started(era, &[7; 32]);
		}

		assert_eq!(Points::<T>::iter_prefix(1).count(), 0);
		assert!(!Candidates::<T>::get(&directors[0]).is_some_and(|candidate| candidate.stands()));
	}

	/// The election with `n` registered: it must not depend on it.
	#[benchmark(extra)]
	fn era_started_with_registered(n: Linear<1_000, 100_000>) {
		let (directors, _) = fill_offices::<T>();
		fill_list::<T>(n);
		T::BenchmarkHelper::set_era(1);

		#[block]
		{
			Pallet::<T>::era_started(1, &[7; 32]);
		}

		assert_eq!(T::Seats::directors().len(), directors.len());
	}

	#[benchmark]
	fn turns_missed() {
		let (directors, standbys) = fill_offices::<T>();
		keep_last_standby::<T>(&standbys);
		fill_absences::<T>(&directors[1..2], 0);

		#[block]
		{
			Pallet::<T>::turns_missed(&directors[0], u32::MAX);
		}

		assert!(Pallet::<T>::is_absent(&directors[0]));
	}

	#[benchmark]
	fn authored() {
		let (directors, _) = fill_offices::<T>();
		fill_absences::<T>(&directors[..1], 0);
		ErasWithPoints::<T>::put(BoundedVec::truncate_from(alloc::vec![0]));

		#[block]
		{
			Pallet::<T>::authored(&directors[0]);
		}

		assert_eq!(Points::<T>::get(0, &directors[0]), 1);
	}

	#[benchmark]
	fn offended() {
		let (directors, standbys) = fill_offices::<T>();
		keep_last_standby::<T>(&standbys);
		fill_absences::<T>(&[], 0);

		#[block]
		{
			Pallet::<T>::offended(&directors[0], 0);
		}

		assert!(!T::Seats::directors().contains(&directors[0]));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test, extra = false);
}
