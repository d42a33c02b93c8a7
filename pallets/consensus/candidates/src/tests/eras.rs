//! The election of an era, from the list to the seats.

use crate::{mock::*, *};
use frame_election_provider_support::SortedListProvider;
use frame_support::assert_ok;
use pallet_traits::{EraClock, Seats};

fn signers() -> Vec<Option<AccountId>> {
	StandbySigners::<Test>::get().into_inner()
}

#[test]
fn the_best_take_the_seats_two_an_era() {
	run(|| {
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10]);
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10]);
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10]);
		let elected = events().into_iter().find_map(|event| match event {
			Event::Elected {
				era,
				newcomers,
				standby_signers,
				directors,
			} => Some((era, newcomers, standby_signers, directors)),
			_ => None,
		});
		assert_eq!(elected, Some((3, 0, 3, Offices::directors())));
	});
}

#[test]
fn standbys_are_the_next_admitted_and_compute_nodes_the_next_of_all() {
	run(|| {
		for (account, votes) in [(20, 900), (21, 800), (22, 700), (23, 600)] {
			assert_ok!(Nodes::register(origin(account), BOND));
			assert_ok!(Nodes::vote(origin(account), account, votes));
		}
		next_era();
		assert_eq!(directors(), [3, 4, 5, 6, 7, 9, 10]);
		assert_eq!(signers(), [Some(8), Some(2), Some(1)]);
		assert_eq!(Offices::standbys(), [8, 2, 1]);
		assert_eq!(StandbyComputeNodes::<Test>::get().into_inner(), [20, 21, 22]);
		let clusters: Vec<_> = [10, 8, 20, 23].iter().map(Nodes::cluster_of).collect();
		assert_eq!(
			clusters,
			[
				Cluster::Director,
				Cluster::StandbySigner,
				Cluster::StandbyComputeNode,
				Cluster::Ordinary
			]
		);
	});
}

#[test]
fn there_are_as_many_standbys_as_the_parameters_say() {
	run(|| {
		let parameters = ParameterValues {
			standby_signers: 2,
			standby_compute_nodes: 0,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		next_era();
		assert_eq!(signers(), [Some(8), Some(2)]);
		assert!(StandbyComputeNodes::<Test>::get().is_empty());
	});
}

#[test]
fn who_is_not_admitted_gets_no_seat_however_many_votes_it_has() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		assert_ok!(Nodes::vote(origin(20), 20, 900_000));
		assert!(!next_era().contains(&20));
		assert!(!signers().contains(&Some(20)));
	});
}

#[test]
fn competence_outweighs_votes() {
	run(|| {
		set_competence(1, 60);
		set_competence(2, 40);
		set_competence(30, 0);
		next_era();
		assert_eq!(next_era(), [1, 2, 6, 7, 8, 9, 10]);
	});
}

#[test]
fn without_keys_or_bond_nobody_is_in_office() {
	run(|| {
		next_era();
		next_era();
		set_keys(10, false);
		let parameters = ParameterValues {
			min_bond: BOND + 1,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		for account in [3, 4, 5, 6, 7, 10] {
			assert_ok!(Nodes::bond_more(origin(account), 1));
		}
		// 8 and 9 lack bond, 10 has no keys; of those that wait only 3 is eligible.
		assert_eq!(next_era(), [3, 4, 5, 6, 7]);
		assert!(signers().is_empty());
	});
}

#[test]
fn votes_on_others_do_not_push_the_admitted_out_of_what_is_read() {
	run(|| {
		// More than an election reads, each with more votes than all candidates of genesis.
		for account in 20..=120 {
			if Voters::<Test>::contains_key(account) {
				continue;
			}
			assert_ok!(Nodes::register(origin(account), BOND));
			assert_ok!(Nodes::vote(origin(account), account, 10_000));
		}
		assert!(List::count() > 90);
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10]);
		assert_eq!(signers(), [Some(8), Some(2), Some(1)]);
	});
}

#[test]
fn those_in_office_are_looked_at_wherever_they_are_in_the_list() {
	run(|| {
		// More admitted than an election reads, all better than some of the directors.
		for account in 20..=110 {
			if !Voters::<Test>::contains_key(account) {
				admitted(account, 400);
			}
		}
		for account in 1..=110 {
			// Those that are no candidates have nothing to refresh.
			let _ = List::rebag(origin(1), account);
		}
		let read: Vec<_> = List::iter().take(75).collect();
		assert!(!read.contains(&1), "a director that is not read");
		// Two change, and all others are kept: none is lost for not having been read.
		let directors = next_era();
		assert_eq!(directors.len(), 7);
		assert_eq!(directors.iter().filter(|director| **director <= 7).count(), 5);
	});
}

#[test]
fn an_election_looks_at_no_more_nodes_however_many_are_registered() {
	let looked_at = |registered: u64| {
		let mut asked = 0;
		run(|| {
			for account in 1_000..1_000 + registered {
				let candidate = Candidate {
					bond: 0,
					admitted: account % 10 == 0,
					terms: 0,
					withdrawable: None,
				};
				crate::Candidates::<Test>::insert(account, &candidate);
				let score = rank::list_score(u128::from(account) << 107, candidate.admitted);
				assert_ok!(List::on_insert(account, score));
			}
			Asked::set(0);
			next_era();
			asked = Asked::get();
		});
		asked
	};
	// The top of the list, all of it new, and the seven directors and three standbys besides.
	assert_eq!(looked_at(0), 10);
	assert_eq!(looked_at(1_000), 85);
	assert_eq!(looked_at(3_000), 85);
}

#[test]
fn directors_that_have_not_changed_stay_when_nobody_is_eligible() {
	run(|| {
		let parameters = ParameterValues {
			min_bond: 10 * BOND,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		assert_eq!(next_era(), [1, 2, 3, 4, 5, 6, 7]);
		assert_eq!(events(), vec![Event::ElectionVoid { era: 1 }]);
	});
}

#[test]
fn an_election_that_cannot_take_effect_changes_nothing() {
	run(|| {
		let before = (signers(), crate::Candidates::<Test>::get(1));
		Offices::set_refusing(true);
		assert_eq!(next_era(), [1, 2, 3, 4, 5, 6, 7]);
		assert_eq!(events(), vec![Event::ElectionRefused { era: 1 }]);
		assert_eq!((signers(), crate::Candidates::<Test>::get(1)), before);
		Offices::set_refusing(false);
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10]);
	});
}

#[test]
fn after_its_terms_a_director_makes_way_for_one_equally_able() {
	run(|| {
		let parameters = ParameterValues {
			max_terms: 3,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		next_era();
		next_era();
		// 4 to 10 are directors. 20 is as good as 10.
		admitted(20, 1_000);
		assert_ok!(Nodes::vote(origin(150), 4, 600));
		assert_ok!(Nodes::vote(origin(150), 3, 700));
		let terms = |account| crate::Candidates::<Test>::get(account).expect("stands").terms;
		assert_eq!((terms(5), terms(10), terms(8)), (2, 2, 1));
		next_era();
		assert_eq!(terms(10), 3);
		// 5 and 6 are worse than the two that wait, so that these took their seats at once.
		assert_eq!(directors(), [3, 4, 7, 8, 9, 10, 20]);
		assert_ok!(Nodes::vote(origin(151), 6, 400));
		assert_ok!(Nodes::vote(origin(151), 5, 500));
		// Both have 1,000 now. 4, 7, 9 and 10 have served three terms, of which 7 and 9 are the worst; 8 is worse than 9, but has
		// served two.
		assert_eq!(next_era(), [3, 4, 5, 6, 8, 10, 20]);
	});
}

#[test]
fn the_order_of_turns_is_that_of_the_randomness() {
	run(|| {
		let mut orders = std::collections::BTreeSet::new();
		for _ in 0..5 {
			next_era();
			let expected = tour::order(directors(), &Default::default(), &randomness(Offices::current_era()));
			assert_eq!(Offices::directors(), expected);
			orders.insert(expected);
		}
		assert!(orders.len() > 1);
	});
}
