//! The first block of an era: seats are taken, and the next ones elected.

mod failover;
mod latencies;

use crate::{mock::*, *};
use frame_election_provider_support::SortedListProvider;
use frame_support::assert_ok;
use pallet_traits::{EraClock, OffenceKind, Seats};

/// The standby signers, in the order of the seats.
fn signers() -> Vec<AccountId> {
	Offices::standbys().into_iter().flatten().collect()
}

#[test]
fn those_elected_take_the_seats_an_era_later() {
	run(|| {
		assert_eq!(
			next_era(),
			[1, 2, 3, 4, 5, 6, 7],
			"nobody was elected for the first era"
		);
		assert_eq!(
			events(),
			vec![
				Event::Seated {
					era: 1,
					directors: Offices::directors(),
					newcomers: 0,
					standby_signers: 3
				},
				Event::Elected {
					era: 2,
					directors: vec![3, 4, 5, 6, 7, 9, 10],
					standby_signers: 3
				},
			]
		);
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10]);
		assert_eq!(
			events()[0],
			Event::Seated {
				era: 2,
				directors: Offices::directors(),
				newcomers: 2,
				standby_signers: 3
			}
		);
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10], "the best take the seats two an era");
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10]);
	});
}

#[test]
fn what_changes_after_the_election_is_for_the_next_one() {
	run(|| {
		next_era();
		assert_ok!(Nodes::back(origin(150), 1, 900_000));
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10], "1 was not elected");
		assert_eq!(elected(), [1, 5, 6, 7, 8, 9, 10]);
	});
}

#[test]
fn one_that_left_since_it_was_elected_takes_no_seat_and_the_best_standby_does() {
	run(|| {
		next_era();
		assert_ok!(Nodes::leave(origin(10)));
		set_keys(3, false);
		// The standbys elected are 8, 2 and 1.
		assert_eq!(next_era(), [2, 4, 5, 6, 7, 8, 9]);
		assert_eq!(signers(), [1]);
	});
}

#[test]
fn a_seat_that_nobody_can_take_is_left_out_while_enough_remain() {
	run(|| {
		next_era();
		for account in [1, 2, 8, 9, 10] {
			assert_ok!(Nodes::leave(origin(account)));
		}
		assert_eq!(next_era(), [3, 4, 5, 6, 7]);
		next_era();
		for account in 3..=5 {
			assert_ok!(Nodes::leave(origin(account)));
		}
		// Two are left of four that there must be.
		assert_eq!(next_era().len(), 4);
	});
}

#[test]
fn standbys_are_the_next_admitted_and_compute_nodes_the_next_of_all() {
	run(|| {
		for (account, backing) in [(20, 900), (21, 800), (22, 700), (23, 600)] {
			assert_ok!(Nodes::register(origin(account), BOND));
			assert_ok!(Nodes::back(origin(account), account, backing));
		}
		next_elected();
		assert_eq!(directors(), [3, 4, 5, 6, 7, 9, 10]);
		assert_eq!(signers(), [8, 2, 1]);
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
		next_elected();
		assert_eq!(signers(), [8, 2]);
		assert!(StandbyComputeNodes::<Test>::get().is_empty());
	});
}

#[test]
fn one_that_is_not_admitted_gets_no_seat_however_much_backs_it() {
	run(|| {
		assert_ok!(Nodes::register(origin(20), BOND));
		assert_ok!(Nodes::back(origin(20), 20, 900_000));
		assert!(!next_elected().contains(&20));
		assert!(!signers().contains(&20));
	});
}

#[test]
fn competence_outweighs_backing() {
	run(|| {
		set_competence(1, 60);
		set_competence(2, 40);
		set_competence(30, 0);
		next_elected();
		assert_eq!(next_era(), [1, 2, 6, 7, 8, 9, 10]);
	});
}

#[test]
fn without_keys_nobody_is_in_office() {
	run(|| {
		settle();
		for account in [2, 3, 9, 10] {
			set_keys(account, false);
		}
		// Of the standbys only 1 is eligible.
		assert_eq!(next_era(), [1, 4, 5, 6, 7, 8]);
		assert!(signers().is_empty());
	});
}

fn require_bond(min_bond: Balance) {
	let parameters = ParameterValues {
		min_bond,
		..parameters()
	};
	assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
}

/// A motion that raises the least bond gives the seats to nobody who has its bond ready.
#[test]
fn a_higher_least_bond_changes_no_more_seats_than_an_election_may() {
	run(|| {
		settle();
		require_bond(BOND + 1);
		// Two directors and all standbys have it ready.
		let ready = [1, 2, 3, 4, 5];
		for account in ready {
			assert_ok!(Nodes::bond_more(origin(account), 1));
		}
		assert_eq!(next_era(), [4, 5, 6, 7, 8, 9, 10], "those that were elected");
		assert_eq!(elected(), [2, 3, 4, 5, 8, 9, 10], "the two worst make way");
		assert_eq!(next_era(), [2, 3, 4, 5, 8, 9, 10]);
		// Whoever adds to its bond meanwhile stays.
		for account in [9, 10] {
			assert_ok!(Nodes::bond_more(origin(account), 1));
		}
		assert_eq!(next_era().len(), 7);
		let directors = next_era();
		assert!(directors.contains(&9) && directors.contains(&10));
	});
}

#[test]
fn a_higher_least_bond_takes_no_standby_from_its_seat_within_the_era() {
	run(|| {
		next_era();
		let (order, standbys) = (Offices::directors(), signers());
		require_bond(2 * BOND);
		miss(order[1]);
		assert_eq!(Offices::directors()[1], standbys[1]);
		// Of the three that were elected before, two are left; one took a seat, or it is the absent one.
		next_era();
		assert_eq!(signers().len(), 2);
		// The next election names nobody that has too little.
		next_era();
		assert!(signers().is_empty());
	});
}

#[test]
fn backing_of_others_does_not_push_the_admitted_out_of_what_is_read() {
	run(|| {
		// More than an election reads, each with more backing than all candidates of genesis.
		for account in 20..=120 {
			if Backers::<Test>::contains_key(account) {
				continue;
			}
			assert_ok!(Nodes::register(origin(account), BOND));
			assert_ok!(Nodes::back(origin(account), account, 10_000));
		}
		assert!(List::count() > 90);
		assert_eq!(next_elected(), [3, 4, 5, 6, 7, 9, 10]);
		assert_eq!(signers(), [8, 2, 1]);
	});
}

#[test]
fn those_in_office_are_looked_at_wherever_they_are_in_the_list() {
	run(|| {
		// More admitted than an election reads, all better than some of the directors.
		for account in 20..=110 {
			if !Backers::<Test>::contains_key(account) {
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
		let directors = next_elected();
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
fn directors_stay_if_nobody_is_eligible() {
	run(|| {
		for account in 1..=10 {
			assert_ok!(Nodes::leave(origin(account)));
		}
		assert_eq!(next_era(), [1, 2, 3, 4, 5, 6, 7]);
		assert_eq!(
			events(),
			vec![Event::SeatsKept { era: 1 }, Event::ElectionVoid { era: 2 }]
		);
		assert_eq!(next_era(), [1, 2, 3, 4, 5, 6, 7]);
		// As soon as there are eligible ones, those in office have new turns and an election.
		for account in 1..=10 {
			assert_ok!(Nodes::resume(origin(account)));
			assert_ok!(Nodes::admit(origin(MOTIONS), account));
		}
		assert_eq!(next_era(), [1, 2, 3, 4, 5, 6, 7]);
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10]);
	});
}

#[test]
fn a_seating_that_is_refused_changes_nothing_and_the_next_election_is_held() {
	run(|| {
		next_era();
		let before = (signers(), crate::Candidates::<Test>::get(1));
		Offices::set_refusing(true);
		assert_eq!(next_era(), [1, 2, 3, 4, 5, 6, 7]);
		assert_eq!(events()[0], Event::SeatsKept { era: 2 });
		assert_eq!((signers(), crate::Candidates::<Test>::get(1)), before);
		Offices::set_refusing(false);
		assert_eq!(next_era(), [3, 4, 5, 6, 7, 9, 10]);
	});
}

#[test]
fn failover_goes_on_in_eras_in_which_nothing_is_seated() {
	run(|| {
		Offices::set_refusing(true);
		next_era();
		Offices::set_refusing(false);
		for director in 1..=3 {
			miss(director);
		}
		assert_eq!(Replacements::<Test>::get().len(), 3);
		Offices::set_refusing(true);
		next_era();
		assert!(
			Replacements::<Test>::get().is_empty(),
			"as many may be replaced as in any era"
		);
	});
}

#[test]
fn one_that_drops_out_with_its_keys_leaves_each_standby_at_its_seat() {
	run(|| {
		next_era();
		let order = Offices::directors();
		assert_eq!(Offices::standbys()[..3], [Some(10), Some(9), Some(8)]);
		set_keys(order[0], false);
		Offices::set_refusing(true);
		next_era();
		assert_eq!(events()[0], Event::SeatsKept { era: 2 });
		assert_eq!(Offices::directors(), order[1..]);
		Offices::set_refusing(false);
		// The seat before it is gone: 9 still stands by the one that it stood by.
		miss(order[1]);
		assert_eq!(Offices::directors()[0], 9);
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
		// All have as much backing as 10, the best.
		for account in 1..10 {
			assert_ok!(Nodes::back(
				origin(150 + account),
				account,
				1_000 - 100 * u128::from(account)
			));
		}
		let terms = |account| crate::Candidates::<Test>::get(account).expect("stands").terms;
		next_elected();
		assert_eq!((terms(1), terms(7)), (2, 2));
		assert_eq!(elected(), [1, 2, 3, 4, 5, 6, 7], "equals stay");
		next_era();
		// They serve their third era: two of them, the worst by their accounts, make way.
		assert_eq!(elected(), [1, 2, 3, 4, 5, 8, 9]);
		next_era();
		assert_eq!((terms(1), terms(8), terms(7)), (4, 1, 3));
	});
}

#[test]
fn terms_are_counted_in_a_row_and_a_time_as_replacement_begins_them_anew() {
	run(|| {
		let terms = |account| crate::Candidates::<Test>::get(account).expect("stands").terms;
		settle();
		assert_eq!((terms(4), terms(10), terms(8)), (3, 2, 1));
		let replaced = Offices::directors()[0];
		let by = Offices::standbys()[0].expect("there is one");
		crate::Candidates::<Test>::mutate(by, |candidate| candidate.as_mut().expect("stands").terms = 99);
		miss(replaced);
		assert_eq!(terms(by), 1);
	});
}

#[test]
fn the_order_of_turns_is_that_of_the_order_randomness() {
	run(|| {
		let mut orders = std::collections::BTreeSet::new();
		for _ in 0..5 {
			next_era();
			let expected = tour::order(directors(), &Default::default(), &Eras::randomness(Eras::current_era()));
			assert_eq!(Offices::directors(), expected);
			orders.insert(expected);
		}
		assert!(orders.len() > 1);
	});
}

#[test]
fn a_standby_that_took_a_seat_of_one_that_is_gone_keeps_it_in_the_next_era() {
	run(|| {
		settle();
		assert_eq!(elected(), [4, 5, 6, 7, 8, 9, 10]);
		// The last three seats have no standbys: that of the last seat that has one takes it, which is the worst of the
		// three.
		let gone = Offices::directors()[6];
		offend(gone, OffenceKind::Block, 3);
		assert_eq!(Offices::directors()[6], 1);
		let directors = next_era();
		assert!(directors.contains(&1) && !directors.contains(&3) && !directors.contains(&gone));
	});
}
