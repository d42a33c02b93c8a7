//! Reports of latencies, and the order that follows from them.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use pallet_traits::{EraClock, Seats};

fn report(from: AccountId, latencies: &[(AccountId, u16)]) -> frame_support::dispatch::DispatchResult {
	let latencies = BoundedVec::try_from(latencies.to_vec()).expect("within the bound");
	Nodes::report_latencies(origin(from), latencies)
}

#[test]
fn directors_and_standby_signers_report_others_in_office() {
	run(|| {
		assert_ok!(report(1, &[(2, 10), (10, 20)]));
		assert_ok!(report(10, &[(1, 25)]));
		assert_eq!(
			events(),
			vec![
				Event::LatenciesReported { reporter: 1, count: 2 },
				Event::LatenciesReported { reporter: 10, count: 1 }
			]
		);
		assert_ok!(report(1, &[(3, 10)]));
		assert_eq!(
			Latencies::<Test>::get(1).map(|report| report.latest.into_inner()),
			Some(vec![(3, 10)])
		);
		assert_noop!(report(20, &[(1, 10)]), Error::<Test>::NotInOffice);
		assert_noop!(report(1, &[(1, 10)]), Error::<Test>::BadReport);
		assert_noop!(report(1, &[(20, 10)]), Error::<Test>::BadReport);
		assert_noop!(report(1, &[(2, 10), (2, 11)]), Error::<Test>::BadReport);
	});
}

/// Where an account is on a line of those in office: 4, 7, 10, 6, 9, 5, 8.
fn place(account: AccountId) -> u16 {
	(account * 5 % 7) as u16 * 10
}

/// All directors report, each so far from the others as it is on the line.
fn all_report() {
	let directors = directors();
	for director in &directors {
		let others: Vec<_> = directors
			.iter()
			.filter(|other| *other != director)
			.map(|other| (*other, place(*director).abs_diff(place(*other))))
			.collect();
		assert_ok!(report(*director, &others));
	}
}

/// Those in office in the order that the randomness of the era draws, by these reports.
fn order_by(reports: &tour::Reports<AccountId>) -> Vec<AccountId> {
	tour::order(directors(), reports, &Eras::randomness(Eras::current_era()))
}

#[test]
fn the_order_of_turns_follows_the_reports() {
	run(|| {
		settle();
		all_report();
		next_era();
		next_era();
		let order = Offices::directors();
		for (index, here) in order.iter().enumerate().take(6).step_by(tour::ROUND) {
			let nearest = order[index + 1..]
				.iter()
				.map(|other| place(*here).abs_diff(place(*other)))
				.min();
			assert_eq!(Some(place(*here).abs_diff(place(order[index + 1]))), nearest);
		}
		assert_ne!(order, order_by(&Default::default()));
	});
}

/// Whoever knows most of what an order is drawn from could choose its report by it.
#[test]
fn a_report_counts_for_no_order_whose_outputs_were_under_way() {
	run(|| {
		settle();
		all_report();
		let told: tour::Reports<AccountId> = Latencies::<Test>::iter()
			.map(|(reporter, report)| (reporter, report.latest.into_inner()))
			.collect();
		next_era();
		assert_eq!(Offices::directors(), order_by(&Default::default()));
		// What is told again, even twice, counts no sooner; what it replaces counts until then.
		for latency in [7, 8] {
			for director in directors() {
				let other = if director == 4 { 5 } else { 4 };
				assert_ok!(report(director, &[(other, latency)]));
			}
		}
		next_era();
		assert_ne!(order_by(&told), order_by(&Default::default()));
		assert_eq!(Offices::directors(), order_by(&told));
		// Then it does, and is too little to go by.
		next_era();
		assert_ne!(order_by(&told), order_by(&Default::default()));
		assert_eq!(Offices::directors(), order_by(&Default::default()));
	});
}

#[test]
fn reports_go_with_the_office() {
	run(|| {
		for account in 1..=10 {
			let other = if account == 5 { 4 } else { 5 };
			assert_ok!(report(account, &[(other, 10)]));
		}
		miss(1);
		assert!(!Latencies::<Test>::contains_key(1));
		assert_ok!(Nodes::eliminate(origin(MOTIONS), 8));
		assert!(!Latencies::<Test>::contains_key(8));
		let parameters = ParameterValues {
			standby_signers: 0,
			..parameters()
		};
		assert_ok!(Nodes::set_parameters(RuntimeOrigin::root(), parameters));
		let directors = next_elected();
		let mut reporters: Vec<_> = Latencies::<Test>::iter_keys().collect();
		reporters.sort();
		let mut reported = directors;
		reported.retain(|director| reporters.contains(director));
		assert_eq!(reporters, reported, "nobody that is out of office has reports");
		assert!(!reporters.is_empty());
	});
}

#[test]
fn reports_of_directors_without_keys_go_also_if_nothing_is_seated() {
	run(|| {
		assert_ok!(report(3, &[(5, 10)]));
		assert_ok!(report(4, &[(5, 10)]));
		set_keys(3, false);
		Offices::set_refusing(true);
		// Whoever keeps the seats drops 3; the invariants of this pallet hold.
		assert_eq!(next_era(), [1, 2, 4, 5, 6, 7]);
		assert_eq!(Latencies::<Test>::iter_keys().collect::<Vec<_>>(), [4]);
	});
}

#[test]
fn the_report_of_a_standby_goes_with_the_seat_that_it_stood_by() {
	run(|| {
		next_era();
		let (directors, standbys) = (Offices::directors(), Offices::standbys());
		let stood_by = |seat: usize| standbys[seat].expect("there is one");
		let (gone, keyless) = (stood_by(0), stood_by(1));
		for reporter in [directors[0], gone, directors[1], keyless, stood_by(2)] {
			assert_ok!(report(reporter, &[(directors[3], 10)]));
		}
		// The first director goes and its standby with it, though that has keys; of the second, the standby alone.
		set_keys(directors[0], false);
		set_keys(keyless, false);
		Offices::set_refusing(true);
		next_era();
		assert!(!Nodes::in_office(&gone) && !Nodes::in_office(&keyless));
		let mut left = vec![directors[1], stood_by(2)];
		let mut reporters: Vec<_> = Latencies::<Test>::iter_keys().collect();
		left.sort();
		reporters.sort();
		assert_eq!(reporters, left);
	});
}
