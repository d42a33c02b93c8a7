//! Wins of space, by real proofs.

use super::plots::{challenge_of, next_found, Found, FIRST};
use crate::{mock::*, BlockWins, Claimed, Entries, Error, Event, Rounds};
use device_primitives::DeviceId;
use frame_support::assert_ok;
use pallet_traits::Devices;
use proof_lottery_primitives::Resource;
use proof_of_space_primitives::vectors::of_devices;
use sp_runtime::transaction_validity::{InvalidTransaction, UnknownTransaction};

#[test]
fn a_proof_wins() {
	run(|| {
		device(1, space(1));
		let found = Found::read();
		let (round, proof) = next_found(&found, 1, 0);
		assert_eq!(crate::mock::round(Resource::Space).challenge, challenge_of(round));
		let win = space_win(1, round, 0, proof);
		let valid = validity(&win).expect("wins");
		assert_eq!((valid.provides.len(), valid.longevity), (1, 5));
		assert_eq!(apply(win), Ok(()));
		assert!(events().contains(&Event::Won {
			device: id(1),
			resource: Resource::Space,
			round,
			unit: 0,
		}));
		let entry = Entries::<Test>::get(id(1))
			.expect("is in the lottery")
			.space
			.expect("with plots");
		assert_eq!((entry.round, entry.found.len()), (round, 1));
		assert!(entry.kept.estimator().touched() == round * TURN);
	});
}

/// As tests of runtimes let them win, in the Wasm that judges on the chain.
#[test]
fn known_proofs_win_where_they_are_let() {
	run(|| {
		let (mut wins, mut kinds) = (0, std::collections::BTreeSet::new());
		for vector in of_devices() {
			let device = DeviceId(vector.device);
			if Registry::device(&device).is_none() {
				Registry::put_active(&device, 1);
			}
			let number = crate::testing::let_win::<Test>(&1, &vector);
			System::set_block_number(System::block_number() + 1);
			let plot = vector.vector.plot;
			let call = |proof: &[u8]| {
				RuntimeCall::from(crate::Call::win_space {
					device,
					round: number,
					group: vector.number,
					proof: proof.to_vec().try_into().expect("is short enough"),
				})
			};
			let mut bent = vector.vector.proof.clone();
			bent[number as usize % 288] ^= 1;
			if plot.strength > 4 {
				assert_eq!(apply(call(&bent)), refusal(Error::BadStrength));
				continue;
			}
			assert_eq!(apply(call(&bent)), refusal(Error::BadProof), "{plot:?}");
			assert_eq!(apply(call(&vector.vector.proof)), Ok(()), "{plot:?}");
			let space = Entries::<Test>::get(device)
				.and_then(|entry| entry.space)
				.expect("is in the lottery");
			let quality = vector.vector.judge().expect("valid");
			assert_eq!((space.round, &space.found[0][..]), (number, &quality[16..]));
			(wins, _) = (wins + 1, kinds.insert((plot.k, plot.strength)));
		}
		assert!(wins >= 180 && kinds.len() >= 5, "{wins} {kinds:?}");
	});
}

#[test]
fn what_is_wrong_is_refused_the_cheapest_first() {
	run(|| {
		device(1, space(1));
		let found = Found::read();
		let (round, proof) = next_found(&found, 1, 0);
		let with = |n, round, group, proof: &[u8]| apply(space_win(n, round, group, proof.to_vec()));
		assert_eq!(with(1, round + 1, 0, &proof), refusal(Error::RoundAhead));
		assert_eq!(with(1, round - 1, 0, &proof), refusal(Error::RoundOver));
		assert_eq!(with(2, round, 0, &proof), refusal(Error::NotDeclared));
		assert_eq!(with(1, round, 0, &proof[1..]), refusal(Error::BadLength));
		assert_eq!(with(1, round, 1, &proof), refusal(Error::NotClaimed));
		let mut bent = proof.clone();
		for at in [0, 17, 287] {
			bent[at] ^= 1;
			assert_eq!(with(1, round, 0, &bent), refusal(Error::BadProof), "byte {at}");
			bent[at] ^= 1;
		}
		set_active(1, false);
		assert_eq!(with(1, round, 0, &proof), refusal(Error::NotActive));
		set_active(1, true);
		device(3, Claimed::Uptime);
		assert_eq!(with(3, round, 0, &proof), refusal(Error::NotDeclared));
		assert_eq!(with(1, round, 0, &proof), Ok(()));
		assert_eq!(with(1, round, 0, &proof), refusal(Error::AlreadyWon));
		assert_eq!(
			refusal(Error::RoundAhead),
			Err(UnknownTransaction::Custom(crate::AHEAD).into())
		);
		assert_eq!(
			refusal(Error::BlockIsFull),
			Err(InvalidTransaction::ExhaustsResources.into())
		);
	});
}

/// The filter is looked at before the proof is read.
#[test]
fn a_group_wins_only_when_it_is_up() {
	run(|| {
		simulate_plots();
		let mut parameters = crate::ParameterValues::test();
		parameters.space.filter_bits = 1;
		assert_ok!(Proofs::set_parameters(origin(ADMIN), parameters));
		device(1, space(1));
		let (mut up, mut down) = (0, 0);
		for round in FIRST..FIRST + 40 {
			turns_to(round * TURN + 1);
			match apply(simulated_win(1, 0)) {
				Ok(()) => up += 1,
				refused => {
					assert_eq!(refused, refusal(Error::NotUp));
					down += 1;
				}
			}
		}
		assert!((10..30).contains(&up) && up + down == 40, "{up} {down}");
	});
}

#[test]
fn a_claim_counts_from_the_second_round_after_it() {
	run(|| {
		simulate_plots();
		device(1, space(1));
		turns_to(START + TURN + 1);
		assert_eq!(apply(simulated_win(1, 0)), refusal(Error::NotClaimed));
		turns_to(START + 2 * TURN + 1);
		assert_eq!(apply(simulated_win(1, 0)), Ok(()));
		// More of it two rounds later.
		declare(1, space(2));
		turns_to(START + 3 * TURN + 1);
		assert_eq!(apply(simulated_win(1, 1)), refusal(Error::NotClaimed));
		turns_to(START + 4 * TURN + 1);
		assert_ne!(apply(simulated_win(1, 1)), refusal(Error::NotClaimed));
	});
}

#[test]
fn wins_count_neither_in_the_block_that_opens_a_round_nor_late() {
	run(|| {
		simulate_plots();
		device(1, space(1));
		turns_to(START + 2 * TURN);
		// In the block that opens the round, to whose author alone it was known; the pool asks for the next block.
		assert_eq!(apply(simulated_win(1, 0)), refusal(Error::RoundAhead));
		System::set_block_number(System::block_number() + 1);
		assert!(validity(&simulated_win(1, 0)).is_ok());
		System::set_block_number(System::block_number() - 1);
		block(START + 2 * TURN + 6);
		assert!(validity(&simulated_win(1, 0)).is_ok());
		block(START + 2 * TURN + 7);
		assert_eq!(apply(simulated_win(1, 0)), refusal(Error::RoundOver));
	});
}

#[test]
fn a_block_takes_eight_wins_and_the_rest_goes_into_the_next() {
	run(|| {
		simulate_plots();
		for n in 1..=10 {
			device(n, space(1));
		}
		turns_to(START + 2 * TURN + 1);
		for n in 1..=8 {
			assert_eq!(apply(simulated_win(n, 0)), Ok(()));
		}
		assert_eq!(apply(simulated_win(9, 0)), refusal(Error::BlockIsFull));
		assert_eq!(BlockWins::<Test>::get().space, 8);
		block(slot() + 1);
		assert_eq!(apply(simulated_win(9, 0)), Ok(()));
		assert_eq!(BlockWins::<Test>::get().space, 1);
		// As governance says, up to what there are weights for.
		let most = |wins| {
			crate::Parameters::<Test>::mutate(|parameters| parameters.space.wins_per_block = wins);
			Proofs::most_in_a_block(Resource::Space)
		};
		assert_eq!([1, 6, 7, 8].map(most), [2, 7, 8, 8]);
		crate::Parameters::<Test>::kill();
	});
}

/// Plots of two sizes: a plot of 20 takes 22 * 4 / 20 times as much as one of 18.
#[test]
fn plots_count_by_their_size() {
	run(|| {
		simulate_plots();
		device(1, space(2));
		declare(1, Claimed::Uptime);
		register(2, 1);
		declare(
			2,
			Claimed::Space {
				scheme: crate::SpaceScheme::Pos2,
				k: 20,
				strength: 3,
				groups: 2,
			},
		);
		declare(2, Claimed::Uptime);
		let (mut small, mut large) = (0u32, 0u32);
		for round in FIRST..FIRST + 100 {
			turns_to(round * TURN + 1);
			for group in 0..2 {
				small += u32::from(apply(simulated_win(1, group)).is_ok());
				let bytes = vec![0; 320];
				large += u32::from(apply(space_win(2, round, group, bytes)).is_ok());
			}
			assert_eq!(apply(pulse(1)), Ok(()));
			assert_eq!(apply(pulse(2)), Ok(()));
		}
		assert!(small > 70 && large > 70);
		let [one, other] = [1, 2].map(|n| Proofs::competence_of_device(&id(n)) as f64);
		let ratio = other / one * f64::from(small) / f64::from(large);
		assert!((ratio - 4.4).abs() < 0.5, "{ratio}");
		// Together they have nearly half, which is what space weighs, times what is assured.
		assert!(one + other < 0.5 * (1u64 << 48) as f64);
		assert!(one + other > 0.35 * (1u64 << 48) as f64);
	});
}

#[test]
fn rounds_after_the_latest_replace_it() {
	run(|| {
		simulate_plots();
		device(1, space(1));
		turns_to(START + 5 * TURN + 1);
		let old = space_win(1, START / TURN + 4, 0, vec![0; 288]);
		assert_eq!(apply(old), refusal(Error::RoundOver));
		assert_eq!(Rounds::<Test>::iter().count(), 2);
	});
}
