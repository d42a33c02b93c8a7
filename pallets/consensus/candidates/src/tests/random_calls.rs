//! Whatever is called in whatever order: the invariants hold, and no money appears or vanishes.

use crate::{mock::*, *};
use frame_support::{traits::fungible::Inspect, BoundedVec};
use pallet_traits::{AttendanceHook, EraClock, Punish, Seats};
use proptest::prelude::*;
use sp_runtime::Perbill;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Step {
	Register(AccountId, u128),
	BondMore(AccountId, u128),
	Leave(AccountId),
	Withdraw(AccountId),
	Vote(AccountId, AccountId, u128),
	Unvote(AccountId, AccountId, u128),
	Unlock(AccountId),
	/// By all directors.
	Admit(AccountId),
	AdmitBy(usize, AccountId),
	Eliminate(AccountId),
	EliminateBy(usize, AccountId),
	Report(AccountId, Vec<(AccountId, u16)>),
	Miss(usize),
	Author(usize),
	Heartbeat(AccountId),
	Offend(AccountId, u32),
	Keys(AccountId, bool),
	Competence(AccountId, u128),
	Refusing(bool),
	Rebag(AccountId),
	Parameters(ParameterValues),
	Eras(u32),
}

/// Some of the accounts of genesis and others.
fn account() -> impl Strategy<Value = AccountId> {
	1u64..=20
}

fn amount() -> impl Strategy<Value = u128> {
	prop_oneof![0u128..50, 500u128..3_000, Just(RICH), Just(u128::MAX)]
}

fn parameter_values() -> impl Strategy<Value = ParameterValues> {
	(
		1u32..=25,
		1u32..=25,
		0u32..=25,
		1u32..4,
		1u32..=100,
		1u32..10,
		1u128..2_000,
	)
		.prop_map(
			|(seats, min_directors, standby_signers, max_terms, able, eras, min_bond)| ParameterValues {
				seats,
				min_directors,
				standby_signers,
				max_terms,
				able_from: Perbill::from_percent(able),
				removal_eras: eras,
				ballot_eras: eras,
				bar_eras: eras,
				min_bond,
				..parameters()
			},
		)
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		3 => (account(), amount()).prop_map(|(a, b)| Step::Register(a, b)),
		1 => (account(), amount()).prop_map(|(a, b)| Step::BondMore(a, b)),
		1 => account().prop_map(Step::Leave),
		2 => account().prop_map(Step::Withdraw),
		4 => (account(), account(), amount()).prop_map(|(a, b, c)| Step::Vote(a, b, c)),
		3 => (account(), account(), amount()).prop_map(|(a, b, c)| Step::Unvote(a, b, c)),
		2 => account().prop_map(Step::Unlock),
		3 => account().prop_map(Step::Admit),
		1 => (0usize..25, account()).prop_map(|(a, b)| Step::AdmitBy(a, b)),
		1 => account().prop_map(Step::Eliminate),
		1 => (0usize..25, account()).prop_map(|(a, b)| Step::EliminateBy(a, b)),
		2 => (account(), prop::collection::vec((account(), any::<u16>()), 0..8))
			.prop_map(|(a, b)| Step::Report(a, b)),
		3 => (0usize..25).prop_map(Step::Miss),
		2 => (0usize..25).prop_map(Step::Author),
		3 => account().prop_map(Step::Heartbeat),
		1 => (account(), 0u32..60).prop_map(|(a, b)| Step::Offend(a, b)),
		1 => (account(), any::<bool>()).prop_map(|(a, b)| Step::Keys(a, b)),
		2 => (account(), prop_oneof![0u128..100, Just(u128::MAX)]).prop_map(|(a, b)| Step::Competence(a, b)),
		1 => any::<bool>().prop_map(Step::Refusing),
		1 => account().prop_map(Step::Rebag),
		1 => parameter_values().prop_map(Step::Parameters),
		5 => prop_oneof![4 => Just(1u32), 1 => 2u32..40].prop_map(Step::Eras),
	]
}

fn director(place: usize) -> AccountId {
	let directors = Offices::directors();
	directors[place % directors.len()]
}

fn ignore<R>(_: R) {}

/// Does it, and forgets whether it worked: what fails must leave no trace, which the invariants show.
fn take(step: Step) {
	match step {
		Step::Register(who, bond) => ignore(Nodes::register(origin(who), bond)),
		Step::BondMore(who, amount) => ignore(Nodes::bond_more(origin(who), amount)),
		Step::Leave(who) => ignore(Nodes::leave(origin(who))),
		Step::Withdraw(who) => ignore(Nodes::withdraw_bond(origin(who))),
		Step::Vote(who, on, amount) => ignore(Nodes::vote(origin(who), on, amount)),
		Step::Unvote(who, on, amount) => ignore(Nodes::unvote(origin(who), on, amount)),
		Step::Unlock(who) => ignore(Nodes::unlock(origin(who))),
		Step::Admit(who) => Offices::directors()
			.into_iter()
			.for_each(|director| ignore(Nodes::admit(origin(director), who))),
		Step::AdmitBy(place, who) => ignore(Nodes::admit(origin(director(place)), who)),
		Step::Eliminate(who) => Offices::directors()
			.into_iter()
			.for_each(|director| ignore(Nodes::eliminate(origin(director), who))),
		Step::EliminateBy(place, who) => ignore(Nodes::eliminate(origin(director(place)), who)),
		Step::Report(who, latencies) => {
			ignore(Nodes::report_latencies(
				origin(who),
				BoundedVec::truncate_from(latencies),
			));
		}
		Step::Miss(place) => {
			<Nodes as AttendanceHook<AccountId>>::turns_missed(&director(place), 3);
		}
		Step::Author(place) => author(director(place)),
		Step::Heartbeat(who) => ignore(beat(who)),
		Step::Offend(who, era) => {
			<Nodes as Punish<AccountId>>::offended(&who, era);
		}
		Step::Keys(who, has) => set_keys(who, has),
		Step::Competence(who, competence) => set_competence(who, competence),
		Step::Refusing(refusing) => Offices::set_refusing(refusing),
		Step::Rebag(who) => ignore(List::rebag(origin(who), who)),
		Step::Parameters(values) => ignore(Nodes::set_parameters(RuntimeOrigin::root(), values)),
		Step::Eras(count) => {
			elect_and_check(Offices::current_era() + count);
		}
	}
}

/// An era change, and what must hold of it whatever came before.
fn elect_and_check(next: u32) {
	let before: BTreeSet<_> = directors().into_iter().collect();
	let back: BTreeSet<_> = Absences::<Test>::get()
		.iter()
		.filter(|absence| absence.presence == Presence::Back)
		.map(|absence| absence.director)
		.collect();
	let after: BTreeSet<_> = era(next).into_iter().collect();
	let parameters = Parameters::<Test>::get();
	assert!(!after.is_empty());
	let able = |who: &AccountId| {
		crate::Candidates::<Test>::get(who)
			.is_some_and(|candidate| candidate.stands() && candidate.admitted && candidate.bond >= parameters.min_bond)
	};
	for newcomer in after.difference(&before) {
		assert!(able(newcomer), "{newcomer} is not eligible");
	}
	let gone = before.iter().filter(|who| !able(who)).count();
	let newcomers = after
		.difference(&before)
		.filter(|newcomer| !back.contains(newcomer))
		.count();
	// Who has no keys is gone as well, and seats given back may have a second effect each: what they displaced stands again.
	let keyless = before
		.iter()
		.filter(|who| <Offices as pallet_traits::KeyOf<_, _>>::key_of(who).is_none())
		.count();
	let limit = election::change_limit(before.len()).max(gone + keyless) + back.len();
	assert!(
		newcomers <= limit,
		"{newcomers} newcomers of {limit}: {before:?} {after:?}"
	);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(100))]

	#[test]
	fn random_calls_keep_the_invariants_and_the_money(steps in prop::collection::vec(step(), 1..80)) {
		genesis().execute_with(|| {
			let issuance = Balances::total_issuance();
			for step in steps {
				let told = format!("{step:?}");
				let taken = frame_support::storage::with_storage_layer(|| {
					take(step);
					Ok::<_, sp_runtime::DispatchError>(())
				});
				assert!(taken.is_ok());
				Nodes::do_try_state().unwrap_or_else(|error| panic!("{error:?} after {told}"));
			}
			check();
			assert_eq!(Balances::total_issuance(), issuance);
			let sum: u128 = (1..=200).chain([TREASURY]).map(|account| Balances::total_balance(&account)).sum();
			assert_eq!(sum, issuance);
		});
	}
}
