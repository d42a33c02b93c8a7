//! The first candidates.

use crate::{mock::*, *};
use frame_election_provider_support::{ScoreProvider, SortedListProvider};
use pallet_traits::Seats;
use sp_runtime::BuildStorage;

#[test]
fn candidates_of_genesis_are_admitted_bonded_and_backed() {
	run(|| {
		assert_eq!(crate::Candidates::<Test>::count(), 10);
		let candidate = crate::Candidates::<Test>::get(3).expect("stands");
		assert!(candidate.admitted && candidate.bond == BOND);
		assert_eq!(free(3), RICH - BOND);
		assert_eq!(BackingOn::<Test>::get(3), 300);
		assert_eq!(TotalBacking::<Test>::get(), 5_500);
		assert_eq!(Parameters::<Test>::get(), parameters());
		for account in 1..=10 {
			let current = <Nodes as ScoreProvider<AccountId>>::score(&account);
			assert_eq!(List::get_score(&account).ok(), current, "the list is up to date");
		}
	});
}

#[test]
fn the_best_of_the_others_stand_by_the_first_directors() {
	run(|| {
		assert_eq!(Offices::standbys()[..3], [Some(10), Some(9), Some(8)]);
		assert_eq!(Offices::directors(), (1..=7).collect::<Vec<_>>());
	});
}

fn build(directors: &[AccountId], config: crate::GenesisConfig<Test>) {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("builds");
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(1, RICH), (2, RICH)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("builds");
	Offices::at_genesis(&mut storage, directors);
	config.assimilate_storage(&mut storage).expect("builds");
}

fn config() -> crate::GenesisConfig<Test> {
	crate::GenesisConfig {
		parameters: parameters(),
		candidates: vec![(1, BOND), (2, BOND)],
		backing: vec![(1, 2, 50)],
	}
}

#[test]
fn a_sound_genesis_builds() {
	build(&[1], config());
	build(&[1], Default::default());
}

#[test]
#[should_panic(expected = "parameter out of its range: Seats")]
fn a_parameter_out_of_its_range_stops_the_chain() {
	let mut config = config();
	config.parameters.seats = 0;
	build(&[1], config);
}

#[test]
#[should_panic(expected = "genesis director 3 is no candidate")]
fn directors_of_genesis_are_candidates() {
	build(&[1, 3], config());
}

#[test]
#[should_panic(expected = "2 is a genesis candidate twice")]
fn no_candidate_of_genesis_is_there_twice() {
	let mut config = config();
	config.candidates.push((2, BOND));
	build(&[1], config);
}

#[test]
#[should_panic(expected = "bond of genesis candidate 2 is too low")]
fn bonds_of_genesis_are_large_enough() {
	let mut config = config();
	config.candidates[1].1 = BOND - 1;
	build(&[1], config);
}

#[test]
#[should_panic(expected = "1 cannot be a genesis candidate")]
fn bonds_of_genesis_are_there() {
	let mut config = config();
	config.candidates[0].1 = RICH;
	build(&[1], config);
}

#[test]
#[should_panic(expected = "the genesis backing of 3 by 1 fails")]
fn backing_of_genesis_is_of_candidates() {
	let mut config = config();
	config.backing.push((1, 3, 50));
	build(&[1], config);
}
