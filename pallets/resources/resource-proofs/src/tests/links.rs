//! Links: both consent, from when on a device counts, and what counts.

use super::wins::plots::FIRST;
use crate::{devices::claims::SILENT_TAU, mock::*, Candidates, Claimed, Error, Event};
use frame_support::{assert_noop, assert_ok};
use pallet_testkit::Eras;
use pallet_traits::{Competence, EraClock, ProvenSpace};
use proof_lottery_primitives::Resource;
use sp_runtime::TokenError;

const CANDIDATE: AccountId = 5;

fn link(n: u32, candidate: AccountId) {
	assert_ok!(Proofs::offer_link(origin(1), id(n), candidate));
	assert_ok!(Proofs::accept_link(origin(candidate), id(n)));
}

/// Devices with simulated plots that are there, and have proven for a hundred rounds.
fn proven(devices: core::ops::RangeInclusive<u32>) {
	simulate_plots();
	for n in devices.clone() {
		device(n, space(2));
		declare(n, Claimed::Uptime);
	}
	let start = (slot() / TURN).max(FIRST);
	for round in start..start + 100 {
		turns_to(round * TURN + 1);
		win_all(devices.clone());
	}
}

fn win_all(devices: core::ops::RangeInclusive<u32>) {
	for n in devices {
		for group in 0..2 {
			let _ = apply(simulated_win(n, group));
		}
		let _ = apply(pulse(n));
	}
}

fn of(candidate: AccountId) -> u128 {
	Proofs::of(&candidate)
}

#[test]
fn a_device_counts_from_the_next_era_on_if_both_agree() {
	run(|| {
		proven(1..=2);
		assert_noop!(Proofs::accept_link(origin(5), id(1)), Error::<Test>::NotOffered);
		assert_ok!(Proofs::offer_link(origin(1), id(1), CANDIDATE));
		assert_noop!(Proofs::offer_link(origin(1), id(1), 6), Error::<Test>::AlreadyLinked);
		assert_noop!(Proofs::accept_link(origin(6), id(1)), Error::<Test>::NotOffered);
		check();
		Eras::set(20);
		assert_eq!(of(CANDIDATE), 0);
		assert_ok!(Proofs::accept_link(origin(CANDIDATE), id(1)));
		assert_noop!(
			Proofs::accept_link(origin(CANDIDATE), id(1)),
			Error::<Test>::AlreadyLinked
		);
		assert!(events().contains(&Event::Linked {
			device: id(1),
			candidate: CANDIDATE,
			from: 21,
		}));
		assert_eq!(of(CANDIDATE), 0);
		// A win in between does not let it count earlier.
		turns_to(slot() / TURN * TURN + TURN + 1);
		win_all(1..=1);
		assert_eq!(of(CANDIDATE), 0);
		check();
		Eras::set(21);
		let own = u128::from(Proofs::competence_of_device(&id(1)));
		assert!(own > 0 && of(CANDIDATE).abs_diff(own) <= own >> 16, "{own}");
		assert!(own < Proofs::total() / 2);
	});
}

#[test]
fn a_candidate_has_the_sum_of_its_devices_as_it_changes() {
	run(|| {
		proven(1..=3);
		for n in 1..=3 {
			link(n, CANDIDATE);
		}
		Eras::set(Eras::current_era() + 1);
		for _ in 0..30 {
			turns_to(slot() / TURN * TURN + TURN + 1);
			win_all(1..=2);
			check();
		}
		for n in 1..=3 {
			assert_ok!(Proofs::refresh(origin(9), id(n)));
		}
		let sum: u64 = (1..=3).map(|n| Proofs::competence_of_device(&id(n))).sum();
		let sum = u128::from(sum);
		assert!(of(CANDIDATE).abs_diff(sum) <= sum >> 16, "{} {sum}", of(CANDIDATE));
		assert_ok!(Proofs::unlink(origin(1), id(1)));
		let left: u64 = (2..=3).map(|n| Proofs::competence_of_device(&id(n))).sum();
		assert!(of(CANDIDATE).abs_diff(left.into()) <= u128::from(left) >> 16);
		assert_noop!(Proofs::unlink(origin(6), id(2)), Error::<Test>::NotLinked);
		assert_ok!(Proofs::unlink(origin(CANDIDATE), id(2)));
		assert_ok!(Proofs::unlink(origin(1), id(3)));
		assert_eq!((of(CANDIDATE), Candidates::<Test>::iter().count()), (0, 0));
		assert_noop!(Proofs::unlink(origin(1), id(3)), Error::<Test>::NotLinked);
		assert_noop!(Proofs::refresh(origin(1), id(3)), Error::<Test>::NotLinked);
	});
}

#[test]
fn who_is_suspended_gone_or_anothers_counts_no_more() {
	run(|| {
		proven(1..=3);
		for n in 1..=3 {
			link(n, CANDIDATE);
		}
		declare(1, Claimed::Compute { segments: 1 });
		Eras::set(Eras::current_era() + 1);
		let all = of(CANDIDATE);
		set_active(1, false);
		check();
		let two = of(CANDIDATE);
		assert!(two < all * 9 / 10);
		// It is not counted by wins or by who asks for it, and it wins nothing.
		assert_ok!(Proofs::refresh(origin(9), id(1)));
		assert!(of(CANDIDATE) <= two);
		// Nor by leaving a lottery.
		assert_ok!(Proofs::withdraw(origin(1), id(1), Resource::Compute));
		assert!(of(CANDIDATE) <= two);
		set_active(1, true);
		assert!(of(CANDIDATE).abs_diff(all) <= all >> 16);
		retire(2);
		assert!(transfer(3, 4));
		check();
		let one = u128::from(Proofs::competence_of_device(&id(1)));
		assert!(of(CANDIDATE).abs_diff(one) <= one >> 16);
		// With its last lottery ends its link.
		for resource in [Resource::Space, Resource::Uptime] {
			assert_ok!(Proofs::withdraw(origin(1), id(1), resource));
		}
		assert_eq!((of(CANDIDATE), held(1)), (0, 0));
	});
}

#[test]
fn a_suspension_before_a_link_counts_is_one_all_the_same() {
	run(|| {
		proven(1..=1);
		set_active(1, false);
		link(1, CANDIDATE);
		Eras::set(Eras::current_era() + 1);
		assert_eq!(of(CANDIDATE), 0);
		set_active(1, true);
		assert!(of(CANDIDATE) > 0);
	});
}

#[test]
fn uptime_is_a_factor() {
	run(|| {
		proven(1..=1);
		link(1, CANDIDATE);
		device(2, space(2));
		link(2, 6);
		Eras::set(Eras::current_era() + 1);
		let win = || {
			for _ in 0..30 {
				turns_to(slot() / TURN * TURN + TURN + 1);
				win_all(2..=2);
			}
		};
		win();
		assert!(of(CANDIDATE) > 0);
		// It has plots, and does not show that it is there.
		assert_eq!(of(6), 0);
		declare(2, Claimed::Uptime);
		win();
		assert!(of(6) > 0);
		// The other one is silent for two tau, in both; sums and parts of them decay alike.
		turns_to(slot() + SILENT_TAU * 1_200 + 1);
		assert!(of(CANDIDATE) > 0);
		// Nor does anyone else take uptime alone away, so that it could enter anew.
		assert_noop!(
			Proofs::remove_silent(origin(9), id(1), Resource::Uptime),
			Error::<Test>::UptimeIsLast
		);
		for resource in [Resource::Space, Resource::Uptime] {
			assert_ok!(Proofs::remove_silent(origin(9), id(1), resource));
		}
		assert_eq!(of(CANDIDATE), 0);
	});
}

/// What is assured of uptime is corrected for age: of a device that enters anew, absence would not show.
#[test]
fn who_was_away_does_not_enter_uptime_anew() {
	run(|| {
		proven(1..=1);
		turns_to(slot() + 1_200);
		assert_noop!(
			Proofs::withdraw(origin(1), id(1), Resource::Uptime),
			Error::<Test>::UptimeIsLast
		);
		// Who gives up what it has elsewhere may.
		assert_ok!(Proofs::withdraw(origin(1), id(1), Resource::Space));
		assert_ok!(Proofs::withdraw(origin(1), id(1), Resource::Uptime));
		assert_eq!(held(1), 0);
	});
}

#[test]
fn bandwidth_and_tiers_count_as_others_tell() {
	run(|| {
		proven(1..=1);
		link(1, CANDIDATE);
		Eras::set(Eras::current_era() + 1);
		let before = of(CANDIDATE);
		set_bandwidth(1, 1 << 32, 2 << 32);
		assert_ok!(Proofs::refresh(origin(9), id(1)));
		// A half of a fifth, times its uptime: all of it, though it is young. Both sums are rounded.
		let gained = of(CANDIDATE) - before;
		let whole = Proofs::total() / 10;
		assert!(gained > whole * 9 / 10 && gained <= whole + 1, "{gained}");
		// A tier counts instead if it is more.
		set_tier(CANDIDATE, 1);
		assert!(of(CANDIDATE) > 1);
		set_tier(CANDIDATE, 3 << 46);
		assert_eq!(of(CANDIDATE), 3 << 46);
		set_tier(6, u64::MAX);
		assert_eq!(of(6), Proofs::total());
	});
}

/// What is kept for customers counts as plots of the same size do: of a device that gives its plots up for it, too.
#[test]
fn what_is_kept_for_customers_counts_as_space() {
	run(|| {
		proven(1..=2);
		link(1, CANDIDATE);
		Eras::set(Eras::current_era() + 1);
		let before = of(CANDIDATE);
		// As much as three times all plots together: the other device's part of all space is small then.
		let all = Proofs::proven_in_plots().saturating_mul(4).saturating_mul(3);
		let kept = u64::try_from(all).expect("small plots");
		set_stored(1, kept, all);
		assert!(
			of(CANDIDATE) < before,
			"there is more of it, and nobody has counted the device anew"
		);
		assert_ok!(Proofs::refresh(origin(9), id(1)));
		let after = of(CANDIDATE);
		assert!(after > before, "{after}, {before} before");
		assert!(after <= Proofs::total());
		// Nothing of it is left.
		set_stored(1, 0, 0);
		assert_ok!(Proofs::refresh(origin(9), id(1)));
		assert!(of(CANDIDATE) <= before + (before >> 16));
	});
}

/// What is computed for customers counts as compute does that windows have shown.
#[test]
fn what_is_computed_for_customers_counts_as_compute() {
	run(|| {
		proven(1..=2);
		link(1, CANDIDATE);
		Eras::set(Eras::current_era() + 1);
		let before = of(CANDIDATE);
		// Three times what all windows have shown, or something if they have shown nothing.
		let all = Proofs::proven_segments().saturating_mul(3).max(1 << 40);
		set_computed(1, u64::try_from(all).expect("few segments"), all);
		assert!(of(CANDIDATE) <= before, "nobody has counted the device anew");
		assert_ok!(Proofs::refresh(origin(9), id(1)));
		let after = of(CANDIDATE);
		assert!(after > before, "{after}, {before} before");
		assert_eq!(Proofs::segments_of(&id(3)), None, "it has claimed nothing");
		set_computed(1, 0, 0);
		assert_ok!(Proofs::refresh(origin(9), id(1)));
		assert!(of(CANDIDATE) <= before + (before >> 16));
	});
}

#[test]
fn bytes_that_are_proven_are_those_of_estimates() {
	run(|| {
		proven(1..=2);
		let (one, other) = (Proofs::bytes(&id(1)), Proofs::bytes(&id(2)));
		assert!(one > 0 && other > 0);
		// Each is rounded down.
		let sum = u128::from(one) + u128::from(other);
		assert!(Proofs::proven_in_plots().abs_diff(sum) <= 4 + (sum >> 10), "{sum}");
		assert_eq!(Proofs::bytes(&id(3)), 0, "it has claimed nothing");
	});
}

#[test]
fn who_sorts_candidates_is_told_once_an_era_and_of_links() {
	run(|| {
		proven(1..=1);
		told();
		link(1, CANDIDATE);
		Eras::set(Eras::current_era() + 1);
		told();
		for _ in 0..10 {
			turns_to(slot() / TURN * TURN + TURN + 1);
			win_all(1..=1);
		}
		assert_eq!(told(), [CANDIDATE]);
		assert_ok!(Proofs::unlink(origin(1), id(1)));
		assert_eq!(told(), [CANDIDATE]);
		link(1, CANDIDATE);
		Eras::set(Eras::current_era() + 1);
		told();
		assert_ok!(Proofs::unlink(origin(1), id(1)));
		assert_eq!(told(), [CANDIDATE], "once, also as the first of an era");
	});
}

#[test]
fn links_have_a_deposit_and_a_bound() {
	run(|| {
		simulate_plots();
		for n in 1..=5 {
			device(n, Claimed::Uptime);
			assert_ok!(Proofs::offer_link(origin(1), id(n), CANDIDATE));
		}
		assert_eq!(held(1), 5 * (UPTIME_DEPOSIT + LINK_DEPOSIT));
		for n in 1..=4 {
			assert_ok!(Proofs::accept_link(origin(CANDIDATE), id(n)));
		}
		assert_noop!(
			Proofs::accept_link(origin(CANDIDATE), id(5)),
			Error::<Test>::TooManyLinked
		);
		// An offer is withdrawn by the same call, also by whom it was made to.
		assert_ok!(Proofs::unlink(origin(CANDIDATE), id(5)));
		assert_eq!(held(1), 5 * UPTIME_DEPOSIT + 4 * LINK_DEPOSIT);
		assert_noop!(Proofs::offer_link(origin(1), id(9), 6), Error::<Test>::NotDeclared);
		register(6, 8);
		assert_ok!(Proofs::declare(origin(8), id(6), Claimed::Uptime));
		assert_ok!(Balances::transfer_allow_death(origin(8), 1, RICH - UPTIME_DEPOSIT - 1));
		assert_noop!(
			Proofs::offer_link(origin(8), id(6), CANDIDATE),
			TokenError::FundsUnavailable
		);
	});
}
