//! Which parameters there may be.

use crate::{mock::*, Error, Event, GenesisConfig, ParameterError, ParameterValues, Parameters};
use frame_support::{assert_noop, assert_ok, traits::BuildGenesisConfig};
use pallet_traits::Beacon;
use proof_lottery_primitives::{Resource, Wins};
use sp_runtime::{DispatchError, Perbill};

#[test]
fn those_of_real_and_of_test_chains_are_in_their_ranges() {
	run(|| {
		for parameters in [ParameterValues::real(), ParameterValues::test()] {
			assert_eq!(parameters.check::<Test>(), Ok(()));
		}
		let real = ParameterValues::real();
		let capacity = |resource, wins| {
			let lottery = real.lottery(resource, Turns::turn_length());
			lottery.capacity(Wins::of(wins))
		};
		// What README.md says of them.
		assert_eq!(capacity(Resource::Space, 56), 60_480);
		assert_eq!(capacity(Resource::Space, 16), 211_680);
		assert_eq!(capacity(Resource::Uptime, 56), 120_960);
		assert_eq!(capacity(Resource::Uptime, 16), 423_360);
		assert_eq!(capacity(Resource::Compute, 56), 27_888);
		assert_eq!(capacity(Resource::Compute, 16), 97_608);
	});
}

#[test]
fn each_is_looked_at() {
	run(|| {
		type Change = fn(&mut ParameterValues);
		let changes: [(Change, Error<Test>); 26] = [
			(|p| p.space.round = 18, Error::BadSpaceParameters),
			(|p| p.space.round = 0, Error::BadSpaceParameters),
			(|p| p.space.answer = 12, Error::BadSpaceParameters),
			(|p| p.space.answer = 0, Error::BadSpaceParameters),
			(|p| p.space.filter_bits = 9, Error::BadSpaceParameters),
			(|p| p.space.wins = 15, Error::BadSpaceParameters),
			(|p| p.space.wins_per_block = 9, Error::BadSpaceParameters),
			(|p| p.space.wins_per_block = 0, Error::BadSpaceParameters),
			(|p| p.space.min_k = 16, Error::BadSizes),
			(|p| p.space.max_k = 30, Error::BadSizes),
			(|p| p.space.max_k = 27, Error::BadSizes),
			(|p| (p.space.min_k, p.space.max_k) = (28, 26), Error::BadSizes),
			(|p| p.space.min_strength = 1, Error::BadStrengthParameter),
			(|p| p.space.min_strength = 5, Error::BadStrengthParameter),
			(|p| p.compute.odds = 0, Error::BadComputeParameters),
			(|p| p.compute.window = u32::MAX, Error::BadComputeParameters),
			(|p| p.compute.wins_per_block = 65, Error::BadComputeParameters),
			// 8 windows of 24 slots in tau: more would be announced than are verified.
			(|p| p.compute.wins_per_block = 13, Error::BadComputeParameters),
			(|p| p.compute.verified = 1, Error::BadComputeParameters),
			(|p| p.compute.verified = 0, Error::BadComputeParameters),
			(|p| p.compute.verified = 5, Error::BadComputeParameters),
			(|p| p.uptime.answer = 12, Error::BadUptimeParameters),
			(|p| p.uptime.wins_per_block = 9, Error::BadUptimeParameters),
			(|p| p.weights.space = Perbill::from_percent(51), Error::BadWeights),
			(|p| p.tau += 1, Error::ChangesHistory),
			(|p| p.assured_from += 1, Error::ChangesHistory),
		];
		for (change, error) in changes {
			let mut parameters = ParameterValues::test();
			change(&mut parameters);
			assert_noop!(Proofs::set_parameters(origin(ADMIN), parameters), error);
		}
		assert_noop!(
			Proofs::set_parameters(origin(1), ParameterValues::test()),
			DispatchError::BadOrigin
		);
		let mut parameters = ParameterValues::test();
		parameters.space.min_strength = 3;
		parameters.uptime.wins = 30;
		assert_ok!(Proofs::set_parameters(origin(ADMIN), parameters));
		assert_eq!(Parameters::<Test>::get(), parameters);
		assert!(events().contains(&Event::ParametersSet { parameters }));
		parameters.compute.wins_per_block = 12;
		assert_ok!(Proofs::set_parameters(origin(ADMIN), parameters));
		// Less strength is never asked again.
		assert_noop!(
			Proofs::set_parameters(origin(ADMIN), ParameterValues::test()),
			Error::<Test>::BadStrengthParameter
		);
	});
}

/// A chain goes on under them: nobody can refuse what is there.
#[test]
fn a_runtime_with_other_turns_finds_rounds_that_are_no_whole_turns() {
	run(|| {
		upgrade_to_turns_of(8);
		let parameters = Parameters::<Test>::get();
		assert_eq!(parameters.check::<Test>(), Err(ParameterError::Space));
		assert_eq!(parameters.check_ranges::<Test>(), Ok(()));
		check();
		assert_noop!(
			Proofs::set_parameters(origin(ADMIN), parameters),
			Error::<Test>::BadSpaceParameters
		);
		let mut fitting = parameters;
		(fitting.space.round, fitting.uptime.round) = (24, 24);
		assert_ok!(Proofs::set_parameters(origin(ADMIN), fitting));
	});
}

#[test]
fn genesis_sets_them() {
	run(|| {
		let mut parameters = ParameterValues::real();
		GenesisConfig::<Test> {
			parameters: Some(parameters),
			..Default::default()
		}
		.build();
		assert_eq!(Parameters::<Test>::get(), parameters);
		parameters.space.answer = 0;
		let bad = GenesisConfig::<Test> {
			parameters: Some(parameters),
			..Default::default()
		};
		let panicked = std::panic::catch_unwind(|| bad.build());
		assert!(panicked.is_err());
		Parameters::<Test>::kill();
	});
}

/// No block is full of wins of both, as long as none comes late.
#[test]
fn space_and_uptime_are_answered_one_after_the_other() {
	let real = ParameterValues::real();
	let (space, uptime) = (real.space_rounds(12), real.uptime_rounds(12));
	assert_eq!((space.offset, uptime.offset), (0, 24));
	// Claims count from rounds of their own lottery on.
	let from = |resource| real.claim_from(resource, 0, 12);
	assert_eq!((from(Resource::Space), from(Resource::Uptime)), (240, 84));
	assert_eq!(space.length % uptime.length, 0);
	assert!(space.answer <= uptime.offset && uptime.offset + uptime.answer <= uptime.length);
	// Rounds of a turn have no room for that.
	assert_eq!(ParameterValues::test().uptime_rounds(12).offset, 0);
}
