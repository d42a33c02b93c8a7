//! Whatever is called in whatever order: the invariants hold, and no money appears or vanishes.

use crate::{mock::*, parameters::to_usize, *};
use frame_support::{traits::fungible::Inspect, BoundedVec};
use pallet_traits::{AttendanceHook, EraClock, KeyOf, OffenceKind, Punish, Seats};
use proptest::prelude::*;
use sp_runtime::Perbill;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Step {
	Register(AccountId, u128),
	BondMore(AccountId, u128),
	Leave(AccountId),
	Withdraw(AccountId),
	Resume(AccountId),
	Back(AccountId, AccountId, u128),
	Unback(AccountId, AccountId, u128),
	Unlock(AccountId),
	Admit(AccountId),
	Eliminate(AccountId),
	Report(AccountId, Vec<(AccountId, u16)>),
	Miss(Vec<usize>),
	Author(usize),
	Heartbeat(AccountId),
	Offend(AccountId, bool),
	Keys(AccountId, bool),
	Voting(AccountId, bool),
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
		0u128..8_000,
	)
		.prop_map(
			|(seats, min_directors, standby_signers, max_terms, able, eras, min_bond, min_total_backing)| {
				ParameterValues {
					seats,
					min_directors,
					standby_signers,
					max_terms,
					able_from: Perbill::from_percent(able),
					removal_eras: eras,
					bar_eras: eras,
					min_bond,
					min_total_backing,
					..parameters()
				}
			},
		)
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		3 => (account(), amount()).prop_map(|(a, b)| Step::Register(a, b)),
		1 => (account(), amount()).prop_map(|(a, b)| Step::BondMore(a, b)),
		1 => account().prop_map(Step::Leave),
		2 => account().prop_map(Step::Withdraw),
		2 => account().prop_map(Step::Resume),
		4 => (account(), account(), amount()).prop_map(|(a, b, c)| Step::Back(a, b, c)),
		3 => (account(), account(), amount()).prop_map(|(a, b, c)| Step::Unback(a, b, c)),
		2 => account().prop_map(Step::Unlock),
		3 => account().prop_map(Step::Admit),
		1 => account().prop_map(Step::Eliminate),
		2 => (account(), prop::collection::vec((account(), any::<u16>()), 0..8))
			.prop_map(|(a, b)| Step::Report(a, b)),
		3 => prop::collection::vec(0usize..25, 1..8).prop_map(Step::Miss),
		2 => (0usize..25).prop_map(Step::Author),
		3 => account().prop_map(Step::Heartbeat),
		1 => (account(), any::<bool>()).prop_map(|(a, b)| Step::Offend(a, b)),
		1 => (account(), any::<bool>()).prop_map(|(a, b)| Step::Keys(a, b)),
		1 => (account(), any::<bool>()).prop_map(|(a, b)| Step::Voting(a, b)),
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
		Step::Resume(who) => ignore(Nodes::resume(origin(who))),
		Step::Back(who, on, amount) => ignore(Nodes::back(origin(who), on, amount)),
		Step::Unback(who, on, amount) => ignore(Nodes::unback(origin(who), on, amount)),
		Step::Unlock(who) => ignore(Nodes::unlock(origin(who))),
		Step::Admit(who) => ignore(Nodes::admit(origin(MOTIONS), who)),
		Step::Eliminate(who) => ignore(Nodes::eliminate(origin(MOTIONS), who)),
		Step::Report(who, latencies) => {
			ignore(Nodes::report_latencies(
				origin(who),
				BoundedVec::truncate_from(latencies),
			));
		}
		Step::Miss(places) => {
			let missed: BTreeSet<_> = places.into_iter().map(director).collect();
			let missed: Vec<_> = missed.into_iter().map(|director| (director, 3)).collect();
			<Nodes as AttendanceHook<AccountId>>::turns_missed(&missed);
		}
		Step::Author(place) => author(director(place)),
		Step::Heartbeat(who) => ignore(beat(who)),
		Step::Offend(who, votes) => {
			let kind = if votes { OffenceKind::Vote } else { OffenceKind::Block };
			<Nodes as Punish<AccountId>>::offended(&who, kind, Eras::current_era());
		}
		Step::Voting(who, votes) => set_voting(who, votes),
		Step::Keys(who, has) => set_keys(who, has),
		Step::Competence(who, competence) => set_competence(who, competence),
		Step::Refusing(refusing) => Offices::set_refusing(refusing),
		Step::Rebag(who) => ignore(List::rebag(origin(who), who)),
		Step::Parameters(values) => ignore(Nodes::set_parameters(RuntimeOrigin::root(), values)),
		Step::Eras(count) => {
			elect_and_check(Eras::current_era() + count);
		}
	}
}

fn candidate(who: &AccountId) -> Option<Candidate> {
	crate::Candidates::<Test>::get(who)
}

/// It can be in office if it was elected, though its bond may have become too little since.
fn works(who: &AccountId) -> bool {
	candidate(who).is_some_and(|candidate| candidate.stands() && candidate.admitted) && Offices::key_of(who).is_some()
}

fn able(who: &AccountId) -> bool {
	let least = Parameters::<Test>::get().min_bond;
	works(who) && candidate(who).is_some_and(|candidate| candidate.bond >= least)
}

/// An era change, and what must hold of it whatever came before.
fn elect_and_check(next: u32) {
	let before: BTreeSet<_> = directors().into_iter().collect();
	let named: BTreeSet<_> = elected().into_iter().collect();
	let leaving: Vec<_> = before
		.iter()
		.filter(|who| candidate(who).is_some_and(|it| !it.stands()))
		.collect();
	let after: BTreeSet<_> = era(next).into_iter().collect();
	assert!(!after.is_empty());
	for newcomer in after.difference(&before) {
		assert!(works(newcomer), "{newcomer} cannot work");
	}
	let kept = events().contains(&Event::SeatsKept { era: next });
	if !kept && !named.is_empty() {
		let most = named.len().max(to_usize(Parameters::<Test>::get().min_directors));
		assert!(after.len() <= most, "{after:?} of {named:?}");
		for lost in named.difference(&after).filter(|who| works(who)) {
			// Absence, or one that is back and has its seat again, took it from it; never the seating by itself.
			let absent = Nodes::is_absent(lost);
			let returned = Absences::<Test>::get()
				.iter()
				.any(|absence| absence.presence == Presence::OnProbation && after.contains(&absence.director));
			assert!(absent || returned, "{lost} was elected: {named:?} {after:?}");
		}
	}
	for left in leaving {
		let withdrawable = candidate(left).and_then(|candidate| candidate.withdrawable);
		assert!(
			withdrawable >= Some(next + UNBONDING),
			"the bond of {left} is held from its last era on"
		);
	}
	// Whatever drops out after a seating that failed was in office at the election.
	check_election(if kept { &before } else { &after });
}

/// What must hold of those elected, with these in office.
fn check_election(in_office: &BTreeSet<AccountId>) {
	let elected: BTreeSet<_> = elected().into_iter().collect();
	if elected.is_empty() {
		return;
	}
	for newcomer in elected.difference(in_office) {
		assert!(able(newcomer), "{newcomer} is not eligible");
	}
	// Too little bond is no reason to change more.
	let gone = in_office.iter().filter(|who| !works(who)).count();
	let newcomers = elected.difference(in_office).count();
	let limit = election::change_limit(in_office.len()).max(gone);
	assert!(
		newcomers <= limit,
		"{newcomers} newcomers of {limit}: {in_office:?} {elected:?}"
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
