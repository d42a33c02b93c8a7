//! Many devices over the real pallet: blocks take no more wins than they may, lambda falls by itself, and estimates
//! stay right.

use crate::{mock::*, BlockWins, Claimed, DeviceCounts};
use codec::Encode;
use frame_support::traits::Hooks;
use proof_lottery_primitives::Resource;
use std::time::{Duration, Instant};

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
	wins: u32,
	/// Those that no block had room for.
	left_out: u32,
	most_in_a_block: u32,
	blocks: u32,
	/// Of blocks in which wins came.
	answering: u32,
	bytes: usize,
	/// To check and credit wins.
	wins_took: Duration,
	/// Of `on_initialize`, in blocks that open rounds.
	hooks_took: Duration,
	opened: u32,
}

/// Bytes of a general transaction around its call: version, extensions, length.
const AROUND: usize = 12;

/// `rounds` rounds of space with as many devices, each with `groups` plots.
fn simulate(devices: u32, groups: u32, rounds: u64) -> Seen {
	let mut seen = Seen::default();
	let parameters = crate::ParameterValues::test();
	simulate_plots();
	for n in 1..=devices {
		register_mute(n, 1);
		declare(n, space(groups));
	}
	assert_eq!(DeviceCounts::<Test>::get().space, devices);
	let first = slot() / TURN + 2;
	for number in first..first + rounds {
		idle();
		let begun = Instant::now();
		block(number * TURN);
		seen.hooks_took += begun.elapsed();
		seen.opened += 1;
		// The agents: each looks for its own, as it would, and sends what wins.
		let open = round(Resource::Space);
		let threshold = open.terms.threshold(groups).expect("some win");
		let mut pool = Vec::new();
		for n in 1..=devices {
			for group in 0..groups {
				let plot = proof_of_space_primitives::Plot {
					group: super::wins::plots::group(n, group),
					index: 0,
					meta: 0,
					k: 18,
					strength: 2,
				};
				if threshold.wins(&simulated_quality(&plot, &open.challenge)) {
					pool.push(simulated_win(n, group));
				}
			}
		}
		pool.reverse();
		for _ in 0..parameters.space.answer {
			block(slot() + 1);
			seen.answering += 1;
			let begun = Instant::now();
			while let Some(win) = pool.pop() {
				match apply(win.clone()) {
					Ok(()) => {
						seen.wins += 1;
						seen.bytes += win.encode().len() + AROUND;
					}
					refused => {
						assert_eq!(refused, refusal(crate::Error::BlockIsFull));
						pool.push(win);
						break;
					}
				}
			}
			seen.wins_took += begun.elapsed();
			seen.most_in_a_block = seen.most_in_a_block.max(BlockWins::<Test>::get().space);
		}
		seen.left_out += pool.len() as u32;
		seen.blocks += TURN as u32;
	}
	seen
}

fn report(devices: u32, seen: &Seen) {
	let wins = f64::from(seen.wins.max(1));
	println!(
		"{devices} devices: {} wins in {} blocks ({:.2} a block that takes them, {} at most), {} left out; \
		 {} bytes and {:.1} us a win; {:.1} us a block that opens rounds; lambda {:.2} in tau",
		seen.wins,
		seen.blocks,
		wins / f64::from(seen.answering),
		seen.most_in_a_block,
		seen.left_out,
		seen.bytes / seen.wins.max(1) as usize,
		seen.wins_took.as_secs_f64() * 1e6 / wins,
		seen.hooks_took.as_secs_f64() * 1e6 / f64::from(seen.opened),
		f64::from(round(Resource::Space).terms.wins.0) / 65_536.0,
	);
}

/// With ten and a hundred times as many devices as the lottery carries at its best, no more win.
fn wins_stay_within_the_caps(numbers: &[u32], rounds: u64) {
	for devices in numbers {
		run(|| {
			let seen = simulate(*devices, 2, rounds);
			report(*devices, &seen);
			assert!(seen.most_in_a_block <= 8);
			// Seven a block at most are to be expected in blocks that take them: with more than 42 devices exactly so.
			let expected = 7.0 * f64::from(seen.answering) * f64::from(*devices.min(&42)) / 42.0;
			// A round counts 100 in tau; each device has 100 wins in it at the most.
			let deviation = expected.sqrt();
			let all = f64::from(seen.wins + seen.left_out);
			assert!((all - expected).abs() < 6.0 * deviation, "{all} of {expected}");
			// One win in eight is room to spare: of those that win few find no place.
			assert!(f64::from(seen.left_out) < 0.03 * expected, "{} left out", seen.left_out);
			// What all have is told rightly, however rarely each wins.
			let lottery = crate::ParameterValues::test().lottery(Resource::Space, TURN as u32);
			let sum = crate::Sums::<Test>::get().space[0].plots.at(&lottery, slot()) as f64 / 2f64.powi(32);
			// As far as there was time to show it.
			let come = 1.0 - (-((rounds * TURN) as f64) / f64::from(lottery.tau)).exp();
			let held = f64::from(2 * devices) * come;
			assert!((sum / held - 1.0).abs() < 0.35, "{sum} of {held}");
		});
	}
}

#[test]
fn a_few_hundred_devices_win_as_often_as_blocks_have_room_for() {
	wins_stay_within_the_caps(&[20, 420], 60);
}

#[test]
#[ignore = "takes some seconds: run with --release"]
fn ten_thousand_devices_win_no_more_often() {
	wins_stay_within_the_caps(&[42, 420, 4_200, 10_000], 100);
}

/// The hooks of a block that opens nothing, and of one with a queue.
#[test]
fn hooks_of_ordinary_blocks_do_next_to_nothing() {
	run(|| {
		device(1, Claimed::Uptime);
		let begun = Instant::now();
		for slot in START + 1..START + TURN {
			block(slot);
			Proofs::on_finalize(System::block_number());
		}
		println!("{:?} for eleven blocks that open nothing", begun.elapsed());
		assert!(events().is_empty());
	});
}
