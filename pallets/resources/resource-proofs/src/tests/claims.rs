//! Claims: who may make them, from when on they count, what they cost.

use crate::{devices::claims::SILENT_TAU, mock::*, Claimed, DeviceCounts, Entries, Error, Event, SpaceScheme, Struck};
use frame_support::{assert_noop, assert_ok};
use proof_lottery_primitives::{Resource, MAX_CLAIM};
use sp_runtime::TokenError;

fn plots(k: u8, strength: u8, groups: u32) -> Claimed {
	Claimed::Space {
		scheme: SpaceScheme::Pos2,
		k,
		strength,
		groups,
	}
}

#[test]
fn a_device_enters_each_lottery_for_a_deposit() {
	run(|| {
		device(1, space(3));
		declare(1, Claimed::Compute { segments: 9 });
		declare(1, Claimed::Uptime);
		assert_eq!(held(1), SPACE_DEPOSIT + COMPUTE_DEPOSIT + UPTIME_DEPOSIT);
		let counts = DeviceCounts::<Test>::get();
		assert_eq!((counts.space, counts.compute, counts.uptime), (1, 1, 1));
		assert!(events().contains(&Event::Declared {
			device: id(1),
			claim: Claimed::Uptime,
			from: START + 2 * TURN,
		}));
		// Of compute when a window would be over that is opened now, and two turns more that somebody may know.
		assert!(events().contains(&Event::Declared {
			device: id(1),
			claim: Claimed::Compute { segments: 9 },
			from: START + 5 * TURN,
		}));
		// Another claim costs no other deposit.
		declare(1, space(4));
		assert_eq!(held(1), SPACE_DEPOSIT + COMPUTE_DEPOSIT + UPTIME_DEPOSIT);
		check();
		for resource in [Resource::Space, Resource::Compute, Resource::Uptime] {
			assert_ok!(Proofs::withdraw(origin(1), id(1), resource));
			check();
		}
		assert_eq!((held(1), free(1)), (0, RICH));
		assert!(!Entries::<Test>::contains_key(id(1)));
		assert_eq!(DeviceCounts::<Test>::get(), Default::default());
	});
}

#[test]
fn only_its_owner_claims_for_a_device_that_is_active() {
	run(|| {
		assert_noop!(
			Proofs::declare(origin(1), id(1), Claimed::Uptime),
			Error::<Test>::UnknownDevice
		);
		register(1, 1);
		assert_noop!(
			Proofs::declare(origin(2), id(1), Claimed::Uptime),
			Error::<Test>::NotOwner
		);
		set_active(1, false);
		assert_noop!(
			Proofs::declare(origin(1), id(1), Claimed::Uptime),
			Error::<Test>::NotActive
		);
		set_active(1, true);
		Struck::<Test>::insert(id(1), 3);
		assert_noop!(
			Proofs::declare(origin(1), id(1), Claimed::Uptime),
			Error::<Test>::DeviceIsStruck
		);
		Struck::<Test>::remove(id(1));
		declare(1, Claimed::Uptime);
		for call in [
			Proofs::withdraw(origin(2), id(1), Resource::Uptime),
			Proofs::offer_link(origin(2), id(1), 5),
		] {
			assert_eq!(call, Err(Error::<Test>::NotOwner.into()));
		}
		assert_noop!(
			Proofs::withdraw(origin(1), id(1), Resource::Space),
			Error::<Test>::NotDeclared
		);
		register(2, 77);
		assert_noop!(
			Proofs::declare(origin(77), id(2), Claimed::Uptime),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn claims_are_within_their_ranges() {
	run(|| {
		register(1, 1);
		for (claim, error) in [
			(space(0), Error::<Test>::NothingClaimed),
			(Claimed::Compute { segments: 0 }, Error::NothingClaimed),
			(space(MAX_CLAIM + 1), Error::TooMuchClaimed),
			(plots(16, 2, 1), Error::BadSize),
			(plots(19, 2, 1), Error::BadSize),
			(plots(30, 2, 1), Error::BadSize),
			(plots(18, 1, 1), Error::BadStrength),
			(plots(18, 5, 1), Error::BadStrength),
		] {
			assert_noop!(Proofs::declare(origin(1), id(1), claim), error);
		}
		declare(1, plots(20, 4, MAX_CLAIM));
		assert_noop!(
			Proofs::declare(origin(1), id(1), plots(20, 3, 1)),
			Error::<Test>::OtherPlots
		);
		assert_noop!(
			Proofs::declare(origin(1), id(1), plots(22, 4, 1)),
			Error::<Test>::OtherPlots
		);
	});
}

#[test]
fn plots_that_would_not_be_taken_any_more_stay_and_become_no_more() {
	run(|| {
		device(1, plots(18, 2, 10));
		let mut parameters = crate::ParameterValues::test();
		parameters.space.min_strength = 3;
		assert_ok!(Proofs::set_parameters(origin(ADMIN), parameters));
		assert_noop!(
			Proofs::declare(origin(1), id(1), plots(18, 2, 11)),
			Error::<Test>::BadStrength
		);
		declare(1, plots(18, 2, 9));
		register(2, 1);
		assert_noop!(
			Proofs::declare(origin(1), id(2), plots(18, 2, 1)),
			Error::<Test>::BadStrength
		);
		declare(2, plots(18, 3, 1));
		// What it was may not be had again.
		assert_noop!(
			Proofs::declare(origin(1), id(1), plots(18, 2, 10)),
			Error::<Test>::BadStrength
		);
	});
}

/// A device that knows what it would win by which claim may not choose any more.
#[test]
fn no_claim_changes_by_what_an_open_round_is_judged() {
	run(|| {
		simulate_plots();
		device(1, space(2));
		turns_to(START + TURN);
		// It counts from here on:
		declare(1, space(8));
		let from = START + 3 * TURN;
		// but then a round is open that was opened before, for rounds are longer by now.
		let mut parameters = crate::ParameterValues::test();
		(parameters.space.round, parameters.space.answer) = (24, 20);
		assert_ok!(Proofs::set_parameters(origin(ADMIN), parameters));
		turns_to(from + 1);
		assert_eq!(round(Resource::Space).opened, START + 2 * TURN);
		assert_noop!(Proofs::declare(origin(1), id(1), space(3)), Error::<Test>::RoundOpen);
		assert_eq!(apply(simulated_win(1, 2)), refusal(Error::NotClaimed));
		block(round(Resource::Space).until);
		assert_noop!(Proofs::declare(origin(1), id(1), space(3)), Error::<Test>::RoundOpen);
		block(slot() + 1);
		declare(1, space(9));
		// That one has less is not taken back before it counts.
		turns_to(START + 6 * TURN + 1);
		declare(1, space(3));
		assert_noop!(
			Proofs::declare(origin(1), id(1), space(9)),
			Error::<Test>::SmallerClaimWaits
		);
		turns_to(START + 10 * TURN + 1);
		declare(1, space(9));
	});
}

#[test]
fn who_has_not_won_for_two_tau_may_be_put_out_by_anyone() {
	run(|| {
		device(1, space(3));
		declare(1, Claimed::Uptime);
		let from = START + 2 * TURN;
		turns_to(from + SILENT_TAU * 1_200);
		assert_noop!(
			Proofs::remove_silent(origin(2), id(1), Resource::Space),
			Error::<Test>::NotSilent
		);
		block(slot() + 1);
		assert_noop!(
			Proofs::remove_silent(origin(2), id(1), Resource::Compute),
			Error::<Test>::NotDeclared
		);
		assert_ok!(Proofs::remove_silent(origin(2), id(1), Resource::Space));
		assert_eq!(held(1), UPTIME_DEPOSIT);
		assert_ok!(Proofs::remove_silent(origin(2), id(1), Resource::Uptime));
		assert_eq!((held(1), free(1)), (0, RICH));
	});
}

#[test]
fn a_device_that_is_gone_or_changes_hands_is_out() {
	run(|| {
		device(1, space(3));
		device(2, Claimed::Uptime);
		retire(1);
		check();
		let left = Event::Left {
			device: id(1),
			resource: Resource::Space,
		};
		assert_eq!(events().last(), Some(&left), "its deposit is released");
		assert_eq!(held(1), UPTIME_DEPOSIT);
		assert!(transfer(2, 3));
		check();
		assert_eq!((held(1), held(3)), (0, 0));
		assert_noop!(
			Proofs::withdraw(origin(3), id(2), Resource::Uptime),
			Error::<Test>::NotDeclared
		);
		// The new owner claims anew, with a deposit of its own.
		assert_ok!(Proofs::declare(origin(3), id(2), Claimed::Uptime));
		assert_eq!(held(3), UPTIME_DEPOSIT);
	});
}
