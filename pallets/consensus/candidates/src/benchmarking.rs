//! What calls and hooks cost.

use crate::{election::rank::BAG_THRESHOLDS, pallet::HeartbeatOf, parameters::to_usize, *};
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
use pallet_traits::{AttendanceHook, EraHook, OffenceKind, Punish, Seats, MAX_SETS_IN_FORCE};
use poca_primitives::{AuthoritySignature, Heartbeat};
use sp_runtime::traits::{One, Saturating, TrailingZeroInput};

/// What benchmarks need of the runtime.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account all session keys.
	fn give_keys(who: &AccountId);
	/// Takes an account's session keys.
	fn take_keys(who: &AccountId);
	/// Gives an account session keys that can sign, and signs with the authoring key among them.
	fn sign(who: &AccountId, payload: &[u8]) -> AuthoritySignature;
	/// Makes this the current era, without telling anyone that it began.
	fn set_era(era: u32);
	/// Makes these, at most as many as all sets in force may have voters, and nobody else, voters in force.
	fn put_in_force(accounts: Vec<AccountId>);
}

/// So much that it suffices for everything, and many of it do not overflow.
fn plenty<T: Config>() -> Balance {
	let parameters = Parameters::<T>::get();
	parameters.min_bond.max(parameters.min_backing).saturating_mul(1_000)
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

/// A candidate, with backing that makes some share of all.
fn candidate<T: Config>(index: u32, admitted: bool) -> T::AccountId {
	let who = node::<T>(index);
	assert_ok!(Pallet::<T>::insert_candidate(&who, bond::<T>(), admitted));
	let backing = Parameters::<T>::get()
		.min_backing
		.saturating_mul(1 + u128::from(index % 7));
	assert_ok!(Pallet::<T>::do_back(&who, &who, backing));
	who
}

/// Three with the same backing, in one bag of the list and the first of them between the others.
fn alike<T: Config>(index: u32, admitted: bool) -> [T::AccountId; 3] {
	let three = [0, 7, 14].map(|more: u32| candidate::<T>(index.saturating_add(more), admitted));
	// All under the totals that there are now. The last is where it belongs already.
	three.iter().for_each(Pallet::<T>::refresh);
	three
}

/// As many directors as there may be, with a standby signer for each; the first indices are theirs.
fn fill_offices<T: Config>() -> (Vec<T::AccountId>, Vec<T::AccountId>) {
	let most = T::MaxDirectors::get();
	Parameters::<T>::put(ParameterValues {
		seats: most,
		standby_signers: most,
		standby_compute_nodes: T::MaxStandbyComputeNodes::get(),
		// Scores of nothing would cost less.
		min_total_backing: 0,
		..T::DefaultParameters::get()
	});
	let directors: Vec<_> = (0..most).map(|index| candidate::<T>(index, true)).collect();
	let standbys: Vec<_> = (most..2 * most).map(|index| candidate::<T>(index, true)).collect();
	assert!(T::Seats::seat(directors.clone(), standbys.clone()).is_ok());
	(directors, standbys)
}

/// Leaves the first so many standbys alone able to take a seat: whoever looks for one for a later seat finds them last,
/// and has read of all others that they are sound candidates but have no keys.
fn keep_standbys<T: Config>(count: usize, standbys: &[T::AccountId]) {
	for standby in standbys.iter().skip(count) {
		T::BenchmarkHelper::take_keys(standby);
	}
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
			since: frame_system::Pallet::<T>::block_number(),
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

/// All in office have reported the latencies of as many others as there may be in a report, twice.
fn fill_latencies<T: Config>(directors: &[T::AccountId], standbys: &[T::AccountId]) {
	for reporter in directors.iter().chain(standbys) {
		let others = directors.iter().filter(|other| *other != reporter);
		let latencies: Vec<_> = others.map(|other| (other.clone(), 100)).collect();
		let latest = BoundedVec::truncate_from(latencies);
		let report = LatencyReport {
			told: 0,
			before: latest.clone(),
			latest,
		};
		Latencies::<T>::insert(reporter, report);
	}
}

/// As many directors, standby signers and compute nodes as there may be are elected, all of them others than those in
/// office. Returns the directors and standby signers; the compute nodes are in the list no more.
fn elect_others<T: Config>() -> Vec<T::AccountId> {
	let most = T::MaxDirectors::get();
	let elected: Vec<_> = (0..2 * most)
		.map(|index| candidate::<T>(10_000 + index, true))
		.collect();
	let (directors, standbys) = elected.split_at(to_usize(most));
	let compute_nodes: Vec<_> = (0..T::MaxStandbyComputeNodes::get())
		.map(|index| candidate::<T>(20_000 + index, true))
		.collect();
	unlist::<T>(&compute_nodes);
	Elected::<T>::put(ElectedNodes {
		directors: BoundedVec::truncate_from(directors.to_vec()),
		standbys: BoundedVec::truncate_from(standbys.to_vec()),
		compute_nodes: BoundedVec::truncate_from(compute_nodes),
	});
	elected
}

/// As many voters as all sets in force may have, all of them candidates that left and are in no office.
fn fill_voters<T: Config>() -> Vec<T::AccountId> {
	let voters: Vec<T::AccountId> = (0..MAX_SETS_IN_FORCE * T::MaxDirectors::get())
		.map(|index| account("in force", index, 0))
		.collect();
	for voter in &voters {
		let left = Candidate {
			bond: bond::<T>(),
			admitted: false,
			terms: 0,
			withdrawable: Some(0),
		};
		Candidates::<T>::insert(voter, left);
	}
	T::BenchmarkHelper::put_in_force(voters.clone());
	voters
}

/// Takes these out of the list, so that only others are read of it.
fn unlist<T: Config>(accounts: &[T::AccountId]) {
	for account in accounts {
		assert!(T::List::on_remove(account).is_ok());
	}
}

/// Candidates straight into storage: what they have locked is not held of anybody.
fn fill_list<T: Config>(count: u32) {
	// Under a score of nothing nobody would ever change its place in the list.
	Parameters::<T>::mutate(|parameters| parameters.min_total_backing = 0);
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
		BackingOn::<T>::insert(&who, u128::from(index));
		Candidates::<T>::insert(&who, stored);
		T::BenchmarkHelper::give_keys(&who);
		assert!(T::List::on_insert(who, score).is_ok());
	}
}

/// A backer that backs as many as it may, and has all but one of the chunks that may unlock at a time; and one whom it
/// backs, with neighbours in its bag.
fn busy_backer<T: Config>() -> (T::AccountId, T::AccountId) {
	fill_list::<T>(100);
	let who = node::<T>(0);
	let least = Parameters::<T>::get().min_backing;
	let chunks = T::MaxUnlocking::get().saturating_sub(1);
	let mut last = who.clone();
	for index in 1..=T::MaxBacked::get() {
		last = candidate::<T>(index, true);
		assert_ok!(Pallet::<T>::do_back(&who, &last, least));
	}
	assert_ok!(Pallet::<T>::do_back(&who, &last, least.saturating_mul(chunks.into())));
	for era in 0..chunks {
		T::BenchmarkHelper::set_era(era);
		assert_ok!(Pallet::<T>::do_unback(&who, &last, least));
	}
	// As much behind each as behind the last, and later in the list.
	let own = BackingOn::<T>::get(&last);
	for index in 1..=2 {
		let like = T::MaxBacked::get().saturating_add(index);
		let neighbour = candidate::<T>(like, true);
		let missing = own.saturating_sub(BackingOn::<T>::get(&neighbour));
		if missing >= least {
			assert_ok!(Pallet::<T>::do_back(&neighbour, &neighbour, missing));
		}
	}
	(who, last)
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
		// A bar that is over.
		Sanctions::<T>::insert(&who, Sanction::default());
		let before = bond::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 1);

		assert!(Candidates::<T>::get(who).is_some_and(|candidate| candidate.bond > before));
	}

	#[benchmark]
	fn leave() {
		fill_list::<T>(100);
		fill_absences::<T>(&[], 0);
		let [who, ..] = alike::<T>(0, true);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!T::List::contains(&who));
	}

	#[benchmark]
	fn resume() {
		fill_list::<T>(100);
		let who = candidate::<T>(0, true);
		assert_ok!(Pallet::<T>::do_leave(&who));
		// A bar that is over, which is forgotten.
		Sanctions::<T>::insert(&who, Sanction::default());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(T::List::contains(&who));
	}

	#[benchmark]
	fn withdraw_bond() {
		fill_offices::<T>();
		fill_voters::<T>();
		let who = candidate::<T>(90_000, true);
		assert_ok!(Pallet::<T>::do_leave(&who));
		T::BenchmarkHelper::set_era(MAX_ERAS);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!Candidates::<T>::contains_key(who));
	}

	#[benchmark]
	fn back() {
		let (who, last) = busy_backer::<T>();
		let much = Parameters::<T>::get().min_backing.saturating_mul(1_000);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), last.clone(), much);

		assert!(BackingOn::<T>::get(last) > much);
	}

	#[benchmark]
	fn unback() {
		let (who, last) = busy_backer::<T>();
		let much = Parameters::<T>::get().min_backing.saturating_mul(1_000);
		assert_ok!(Pallet::<T>::do_back(&who, &last, much));
		T::BenchmarkHelper::set_era(T::MaxUnlocking::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), last.clone(), much);

		let chunks = Backers::<T>::get(who).map(|backer| backer.unlocking.len());
		assert_eq!(chunks, Some(to_usize(T::MaxUnlocking::get())));
	}

	#[benchmark]
	fn unlock() {
		let who = node::<T>(0);
		let on = candidate::<T>(1, true);
		let least = Parameters::<T>::get().min_backing;
		let chunks = T::MaxUnlocking::get();
		assert_ok!(Pallet::<T>::do_back(
			&who,
			&on,
			least.saturating_mul(u128::from(chunks) + 1)
		));
		for era in 0..chunks {
			T::BenchmarkHelper::set_era(era);
			assert_ok!(Pallet::<T>::do_unback(&who, &on, least));
		}
		T::BenchmarkHelper::set_era(MAX_ERAS);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(Backers::<T>::get(who).is_some_and(|backer| backer.unlocking.is_empty()));
	}

	#[benchmark]
	fn admit() -> Result<(), BenchmarkError> {
		let origin = T::DirectorsOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		fill_list::<T>(100);
		let admitted = alike::<T>(90_100, true);
		let [subject, ..] = alike::<T>(90_002, false);
		admitted.iter().for_each(Pallet::<T>::refresh);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, subject.clone());

		assert!(Candidates::<T>::get(subject).is_some_and(|candidate| candidate.admitted));
		Ok(())
	}

	#[benchmark]
	fn eliminate() -> Result<(), BenchmarkError> {
		let origin = T::DirectorsOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let (directors, standbys) = fill_offices::<T>();
		keep_standbys::<T>(1, &standbys);
		fill_absences::<T>(&[], 0);
		fill_latencies::<T>(&directors, &standbys);
		let subject = directors[1].clone();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, subject.clone());

		assert!(!T::List::contains(&subject));
		assert!(!T::Seats::directors().contains(&subject));
		Ok(())
	}

	/// The first report of a node: counting it costs more than reading what it replaces.
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
			..T::DefaultParameters::get()
		};

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, values.clone());

		assert_eq!(Parameters::<T>::get(), values);
		Ok(())
	}

	/// Everything is full: all in office have left, so that their bonds are kept, and others were elected in their
	/// place; all latencies are reported; as many were absent as may be, of whom as many are removed as may be, standby
	/// signers among them, and the others are back; voters of all sets are in force, who have left. Of the list `n`
	/// candidates are read, all of them others than these.
	#[benchmark]
	fn era_started(n: Linear<0, { T::MaxRead::get() }>) {
		let (directors, standbys) = fill_offices::<T>();
		let voters = fill_voters::<T>();
		let elected = elect_others::<T>();
		unlist::<T>(&elected);
		let removed = to_usize(MAX_REMOVALS);
		for account in directors.iter().chain(&standbys[removed..]) {
			assert_ok!(Pallet::<T>::do_leave(account));
		}
		fill_absences::<T>(&standbys[..removed], MAX_ERAS);
		Absences::<T>::mutate(|absences| {
			for absence in absences.iter_mut().skip(removed) {
				absence.presence = Presence::Back;
			}
			let returned: Vec<_> = absences[removed..]
				.iter()
				.map(|absence| absence.director.clone())
				.collect();
			unlist::<T>(&returned);
		});
		fill_list::<T>(n);
		fill_latencies::<T>(&directors, &standbys);
		fill_latencies::<T>(&elected, &[]);
		let taken = directors.iter().zip(&standbys).map(|(director, by)| Replacement {
			director: director.clone(),
			by: by.clone(),
			absent: true,
		});
		Replacements::<T>::put(BoundedVec::truncate_from(taken.collect()));
		let era = 2;
		T::BenchmarkHelper::set_era(era);

		#[block]
		{
			Pallet::<T>::era_started(era, &[7; 32]);
		}

		assert!(!Candidates::<T>::get(&standbys[0]).is_some_and(|candidate| candidate.stands()));
		assert!(T::Seats::directors().iter().all(|director| elected.contains(director)));
		assert!(Elected::<T>::exists());
		assert!(Candidates::<T>::get(&voters[0]).is_some_and(|voter| voter.withdrawable > Some(era)));
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

	/// `n` directors are isolated, and each loses its seat. The list of absences is full: each of them pushes out the
	/// earliest, which is a director as well, and loses its seat to another standby. Only half of the directors can
	/// meet both at once; with more of them, fewer seats change hands. There are only as many able standbys as that
	/// takes, and they are found last.
	#[benchmark]
	fn turns_missed(n: Linear<1, { T::MaxDirectors::get() / 2 }>) {
		let (directors, standbys) = fill_offices::<T>();
		fill_latencies::<T>(&directors, &standbys);
		let count = to_usize(n);
		keep_standbys::<T>(2 * count, &standbys);
		let (others, last) = directors.split_at(directors.len() - count);
		let earliest = &others[others.len() - count..];
		fill_absences::<T>(earliest, 0);
		let missed: Vec<_> = last.iter().map(|director| (director.clone(), u32::MAX)).collect();

		#[block]
		{
			Pallet::<T>::turns_missed(&missed);
		}

		assert!(missed.iter().all(|(director, _)| Pallet::<T>::is_absent(director)));
		assert!(!T::Seats::directors()
			.iter()
			.any(|seated| earliest.contains(seated) || last.contains(seated)));
	}

	#[benchmark]
	fn authored() {
		let (directors, _) = fill_offices::<T>();
		fill_absences::<T>(&[], 0);
		Absences::<T>::mutate(|absences| {
			if let Some(last) = absences.last_mut() {
				last.director = directors[directors.len() - 1].clone();
			}
		});

		#[block]
		{
			Pallet::<T>::authored(&directors[directors.len() - 1]);
		}

		assert!(!Absences::<T>::get()
			.iter()
			.any(|absence| absence.director == directors[directors.len() - 1]));
	}

	#[benchmark]
	fn offended() {
		let (directors, standbys) = fill_offices::<T>();
		keep_standbys::<T>(1, &standbys);
		fill_absences::<T>(&[], 0);
		fill_latencies::<T>(&directors, &standbys);

		#[block]
		{
			Pallet::<T>::offended(&directors[1], OffenceKind::Vote, 0);
		}

		assert!(!T::Seats::directors().contains(&directors[1]));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test, extra = false);
}
