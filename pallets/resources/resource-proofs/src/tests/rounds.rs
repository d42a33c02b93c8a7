//! When rounds open, and what they are about.

use crate::{mock::*, Event, NextWindow, Rounds, Windows};
use proof_lottery_primitives::{challenge, Resource, Wins, UPTIME_TAG};
use proof_of_space_primitives::SPACE_TAG;

fn opened(resource: Resource) -> Vec<u64> {
	let opened = events().into_iter().filter_map(|event| match event {
		Event::RoundOpened {
			resource: of, round, ..
		} if of == resource => Some(round),
		_ => None,
	});
	opened.collect()
}

#[test]
fn the_first_block_of_a_turn_opens_a_round() {
	run(|| {
		// The child of genesis begins a turn.
		assert_eq!(round(Resource::Space).number, START / TURN);
		for slot in START + 1..START + TURN {
			block(slot);
			assert!(opened(Resource::Space).is_empty(), "{slot}");
		}
		// Two slots late: it is the first all the same.
		block(START + TURN + 2);
		assert_eq!(opened(Resource::Space), [START / TURN + 1]);
		assert_eq!(opened(Resource::Uptime), [START / TURN + 1]);
		let round = round(Resource::Space);
		assert_eq!((round.opened, round.until), (START + TURN + 2, START + TURN + 8));
	});
}

#[test]
fn a_round_is_about_the_accumulator_after_the_block_that_opens_it() {
	run(|| {
		turns_to(START + TURN);
		let number = START / TURN + 1;
		let after = accumulator(number);
		assert_eq!(round(Resource::Space).challenge, challenge(SPACE_TAG, &after, number));
		assert_eq!(round(Resource::Uptime).challenge, challenge(UPTIME_TAG, &after, number));
		assert_ne!(accumulator(number), accumulator(number - 1));
	});
}

/// Blocks that take wins of space take no pulses, whichever of both come more often.
#[test]
fn rounds_of_uptime_are_answered_between_those_of_space() {
	for (space, uptime) in [(48, 24), (24, 48), (48, 72)] {
		run(|| {
			let mut parameters = crate::ParameterValues::test();
			(parameters.space.round, parameters.uptime.round) = (space, uptime);
			Proofs::set_parameters(origin(ADMIN), parameters).expect("are in their ranges");
			// Those of before are over.
			turns_to(slot() / TURN * TURN + TURN - 1);
			let mut seen = [0; 2];
			for _ in 0..300 {
				block(slot() + 1);
				let open = [Resource::Space, Resource::Uptime].map(|resource| Proofs::is_open(&round(resource)));
				assert_ne!(open, [true, true], "{space} and {uptime}, in slot {}", slot());
				for (times, open) in seen.iter_mut().zip(open) {
					*times += u32::from(open);
				}
			}
			// Six slots of each round.
			assert!(seen.iter().all(|times| *times >= 18), "{seen:?}");
		});
	}
}

#[test]
fn a_round_keeps_its_terms_while_parameters_change() {
	run(|| {
		let before = round(Resource::Space);
		let mut parameters = crate::ParameterValues::test();
		parameters.space.wins = 50;
		Proofs::set_parameters(origin(ADMIN), parameters).expect("are in their ranges");
		assert_eq!(Rounds::<Test>::get(Resource::Space), Some(before));
		turns_to(START + TURN);
		assert_eq!(round(Resource::Space).terms.wins, Wins::of(50));
	});
}

#[test]
fn lambda_falls_as_devices_come() {
	run(|| {
		register_mute(1, 1);
		let mut wins = Vec::new();
		for devices in [1, 42, 420] {
			crate::DeviceCounts::<Test>::mutate(|counts| counts.space = devices);
			turns_to(slot() + TURN);
			wins.push(round(Resource::Space).terms.wins);
		}
		// 100 rounds of 6 slots with 7 wins each: 4,200 wins in tau for all.
		assert_eq!(wins, [Wins::of(100), Wins::of(100), Wins::of(10)]);
		crate::DeviceCounts::<Test>::kill();
	});
}

#[test]
fn windows_open_at_times_that_the_accumulator_draws() {
	run(|| {
		turns_to(START + 400 * TURN);
		// One in ten turns, and none in the two after each.
		let windows = NextWindow::<Test>::get();
		assert!((20..50).contains(&windows), "{windows}");
		// Of none anything waits, so that the latest alone is kept.
		assert_eq!(Windows::<Test>::iter_keys().collect::<Vec<_>>(), [windows - 1]);
		let window = round(Resource::Compute);
		assert_eq!(window.until, window.opened + 24);
	});
}
