//! Those who want more than they have, by name.

use super::wins::{
	compute::{next_window, outcomes},
	plots::{next_found, Found, END, FIRST},
};
use crate::{mock::*, Claimed, Entries, Error, Event};
use proof_lottery_primitives::{Resource, Wins};
use proof_of_space_primitives::{group_id, Plot};
use smartchain_rng::Rng;

/// What is assured of a device's plots, in plots.
fn assured(n: u32) -> f64 {
	let lottery = crate::ParameterValues::test().lottery(Resource::Space, TURN as u32);
	let entry = Entries::<Test>::get(id(n)).expect("is in a lottery");
	let kept = entry.space.expect("of space").kept;
	kept.estimator().assured(&lottery, slot()).0 as f64 / f64::from(u32::MAX)
}

/// A device with two real plots, of which those are kept that `keeps` names, over forty rounds.
fn assured_with(keeps: &[u32]) -> f64 {
	let mut result = 0.0;
	run(|| {
		device(1, space(2));
		let found = Found::read();
		for round in FIRST..END {
			turns_to(round * TURN + 1);
			for group in keeps {
				for proof in found.of(1, *group, round) {
					let outcome = apply(space_win(1, round, *group, proof));
					assert!(outcome.is_ok() || outcome == refusal(Error::NoWin), "{outcome:?}");
				}
			}
		}
		result = assured(1);
	});
	result
}

#[test]
fn who_deletes_half_of_its_plots_is_assured_of_less_than_half() {
	let (all, first, second) = (assured_with(&[0, 1]), assured_with(&[0]), assured_with(&[1]));
	// The whole is near what there is: two plots, of which four fifths are assured, with a chain each round, or more
	// or fewer, as plots of this size differ; and a third of it has come in two fifths of tau.
	let come = 1.0 - (-0.4f64).exp();
	assert!((1.0 * come..2.6 * come).contains(&all), "{all}");
	assert!(first < all * 0.6 && second < all * 0.6, "{first} {second} {all}");
	assert!(first + second < all, "{first} {second} {all}");
}

#[test]
fn one_plot_does_not_serve_two_devices() {
	run(|| {
		device(1, space(1));
		device(2, space(1));
		let found = Found::read();
		let (round, proof) = next_found(&found, 1, 0);
		assert_eq!(apply(space_win(2, round, 0, proof.clone())), refusal(Error::BadProof));
		assert_eq!(apply(space_win(1, round, 0, proof)), Ok(()));
		// The other has to have its own.
		let (round, proof) = next_found(&found, 2, 0);
		assert_eq!(apply(space_win(2, round, 0, proof)), Ok(()));
	});
}

#[test]
fn a_proof_of_a_round_that_is_over_is_worth_nothing() {
	run(|| {
		device(1, space(1));
		let found = Found::read();
		let (round, proof) = next_found(&found, 1, 0);
		let win = space_win(1, round, 0, proof);
		block(round * TURN + 6);
		assert!(validity(&win).is_ok());
		block(round * TURN + 7);
		assert_eq!(apply(win), refusal(Error::RoundOver));
	});
}

#[test]
fn a_win_is_replayed_neither_in_its_round_nor_in_another() {
	run(|| {
		device(1, space(2));
		let found = Found::read();
		// Of two plots each wins by half of what it finds.
		let (round, proof, tag) = loop {
			let (round, proof) = next_found(&found, 1, 0);
			if let Ok(valid) = validity(&space_win(1, round, 0, proof.clone())) {
				break (round, proof, valid.provides);
			}
		};
		let win = space_win(1, round, 0, proof.clone());
		assert_eq!(apply(win.clone()), Ok(()));
		assert_eq!(apply(win.clone()), refusal(Error::AlreadyWon));
		block(slot() + 1);
		assert_eq!(apply(win), refusal(Error::AlreadyWon));
		// Nor as that of another group.
		assert_eq!(apply(space_win(1, round, 1, proof.clone())), refusal(Error::BadProof));
		turns_to((round + 1) * TURN + 1);
		assert_eq!(apply(space_win(1, round + 1, 0, proof)), refusal(Error::BadProof));
		// The pool holds it once: what it provides names the find.
		let other = loop {
			let (next, proof) = next_found(&found, 1, 0);
			if let Ok(valid) = validity(&space_win(1, next, 0, proof)) {
				break valid.provides;
			}
		};
		assert_ne!(other, tag);
	});
}

/// With four times what it has a device wins a quarter as often, each time four times as much, and is assured of less;
/// and in time it is cut.
#[test]
fn who_claims_more_than_it_has_is_assured_of_less_and_cut() {
	run(|| {
		simulate_plots();
		device(1, space(4));
		device(2, space(16));
		let (mut cut, mut honest, mut liar) = (None, 0.0, 0.0);
		for round in FIRST..FIRST + 300 {
			turns_to(round * TURN + 1);
			for group in 0..4 {
				let _ = apply(simulated_win(1, group));
				let _ = apply(simulated_win(2, group));
			}
			if cut.is_none() {
				(honest, liar) = (honest + assured(1), liar + assured(2));
			}
			cut = cut.or(events().into_iter().find_map(|event| match event {
				Event::ClaimCut { device, units, .. } => Some((device, units, round)),
				_ => None,
			}));
		}
		assert!(liar < honest, "{liar} {honest}");
		let (device, units, _) = cut.expect("in three tau");
		assert!(device == id(2) && units < 9, "{units}");
		check();
	});
}

#[test]
fn a_copied_key_wins_no_more_than_one() {
	run(|| {
		device(1, Claimed::Uptime);
		turns_to(FIRST * TURN + 1);
		// Two machines with the key of device 1 send what each makes of it.
		let (here, there) = (pulse_by(1, 1), pulse_by(1, 1));
		assert_ne!(here.proof, there.proof);
		let tags = [&here, &there].map(|pulse| validity(&pulse_call(pulse.clone())).expect("wins").provides);
		assert_eq!(tags[0], tags[1]);
		assert_eq!(apply(pulse_call(here)), Ok(()));
		assert_eq!(apply(pulse_call(there)), refusal(Error::AlreadyWon));
	});
}

/// Device ids are hashes of keys, which anyone makes by the million. But what a key would win is known when the
/// challenge is, and then its claim counts from the second round after.
#[test]
fn ids_that_are_made_until_they_win_win_nothing() {
	run(|| {
		simulate_plots();
		turns_to(FIRST * TURN);
		let challenge = round(Resource::Space).challenge;
		let quality = |n: u32| {
			let plot = Plot {
				group: group_id(&System::block_hash(0).0, &id(n).0, 2, 18, 0),
				index: 0,
				meta: 0,
				k: 18,
				strength: 2,
			};
			simulated_quality(&plot, &challenge)
		};
		let best = (1..20_000).min_by_key(|n| quality(*n)).expect("some");
		device(best, space(1));
		device(99_999, Claimed::Uptime);
		block(slot() + 1);
		assert_eq!(apply(simulated_win(best, 0)), refusal(Error::NotClaimed));
		assert_eq!(apply(pulse(99_999)), refusal(Error::NotClaimed));
		// In the rounds in which it counts it is as lucky as any other.
		turns_to((FIRST + 1) * TURN + 1);
		assert_eq!(apply(simulated_win(best, 0)), refusal(Error::NotClaimed));
		turns_to((FIRST + 2) * TURN + 1);
		assert_ne!(apply(simulated_win(best, 0)), refusal(Error::NotClaimed));
	});
}

/// How many of a director's groups would win a round that is about this accumulator.
fn would_win(accumulator: [u8; 32], groups: u32) -> u32 {
	let number = round(Resource::Space).number;
	let challenge = proof_lottery_primitives::challenge(proof_of_space_primitives::SPACE_TAG, &accumulator, number);
	let threshold = round(Resource::Space).terms.threshold(groups).expect("some win");
	let genesis = System::block_hash(0).0;
	let wins = (0..groups).filter(|number| {
		let plot = Plot {
			group: group_id(&genesis, &id(1).0, 2, 18, *number),
			index: 0,
			meta: 0,
			k: 18,
			strength: 2,
		};
		threshold.wins(&simulated_quality(&plot, &challenge))
	});
	wins.count() as u32
}

/// A director that opens a round may withhold its output and leave the turn to the next: one more draw. With `k` draws
/// it takes the best of them. It authors one in 21 turns, and pays with the slots that it leaves out.
#[test]
fn a_director_that_draws_again_gains_little() {
	run(|| {
		simulate_plots();
		const GROUPS: u32 = 64;
		const ROUNDS: u32 = 600;
		let mut rng = Rng::new(7);
		let mut mean = |draws: u32| {
			let sum: u32 = (0..ROUNDS)
				.map(|_| {
					let draw = |_| would_win(core::array::from_fn(|_| rng.next_u64() as u8), GROUPS);
					(0..draws).map(draw).max().unwrap_or(0)
				})
				.sum();
			f64::from(sum) / f64::from(ROUNDS)
		};
		// At one expected win a round, as on test chains: 1, then 1.52 and 2.06 on average.
		let [one, two, four] = [1, 2, 4].map(&mut mean);
		assert!((one - 1.0).abs() < 0.2, "{one}");
		assert!((two - 1.52).abs() < 0.2, "{two}");
		assert!((four - 2.06).abs() < 0.25, "{four}");
		// Over all rounds, of which it opens one in 21, two draws are three parts in a hundred more.
		assert!((two - one) / 21.0 < 0.04);
		// Of the wins in real numbers, one in 360 rounds, a draw finds one rarely: twice as many in one of 21 rounds.
		let real = crate::ParameterValues::real().lottery(Resource::Space, 12);
		assert_eq!(real.rounds / 56, 360);
	});
}

/// All devices have the same windows, so that a machine that runs the segments of two has time for half of each. What
/// a rented machine runs counts: a window shows what can be had at its time. README.md says so.
#[test]
fn a_machine_does_not_serve_two_devices_in_a_window() {
	run(|| {
		device(1, Claimed::Compute { segments: 32 });
		device(2, Claimed::Compute { segments: 32 });
		next_window(counts_from());
		let windows = crate::Windows::<Test>::iter().count();
		assert_eq!(windows, 1);
		// Their segments are their own: what one has run tells nothing of the other's.
		assert_ne!(outcomes(1, 32), outcomes(2, 32));
		// Halves of both are as many segments as the whole of one: nothing is gained.
		let terms = round(Resource::Compute).terms;
		assert_eq!(terms.credit(32).units(), 2);
		assert_eq!(terms.wins, Wins::of(16));
	});
}

#[test]
fn an_announcement_of_another_device_s_win_is_none() {
	run(|| {
		device(1, Claimed::Compute { segments: 4 });
		device(2, Claimed::Compute { segments: 4 });
		next_window(counts_from());
		assert_eq!(apply(announcement_by(2, 0, 1)), refusal(Error::BadSignature));
	});
}
