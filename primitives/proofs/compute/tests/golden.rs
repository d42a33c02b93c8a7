//! Results as they were written down once: every machine and every version has to find the same.

use proof_lottery_primitives::{challenge, LotteryPair, SegmentDraw, SegmentWin, Threshold};
use proof_of_compute_primitives::{is_lie, scratchpad, Kernel, COMPUTE_TAG, SCRATCHPAD_BYTES};
use sp_core::{bytes::to_hex, Pair};

/// Segment and result of one device in one window, a line each.
const SEGMENTS: &str = include_str!("golden/segments-v1.txt");
const NUMBERS: [u32; 6] = [0, 1, 2, 255, 65_536, u32::MAX];

fn segments() -> String {
	let (mut pad, challenge) = (scratchpad(), challenge(COMPUTE_TAG, &[9; 32], 7));
	let device = core::array::from_fn(|place| place as u8);
	let line = |segment| {
		let result = Kernel::V1.run(&challenge, &device, segment, &mut pad);
		format!("{segment} {}\n", to_hex(&result, false))
	};
	NUMBERS.map(line).concat()
}

#[test]
fn segments_have_the_results_that_were_written_down() {
	assert_eq!(segments(), SEGMENTS);
}

#[test]
fn results_are_of_challenge_device_and_segment() {
	let mut pad = scratchpad();
	let mut run = |challenge, device, segment| Kernel::V1.run(&[challenge; 32], &[device; 32], segment, &mut pad);
	let all = [run(1, 1, 1), run(2, 1, 1), run(1, 2, 1), run(1, 1, 2)];
	for (place, result) in all.iter().enumerate() {
		assert!(!all[..place].contains(result));
	}
	assert_eq!(run(1, 1, 1), all[0]);
}

/// A block that does not stay opened window 3 by one challenge, the chain opens it by another.
#[test]
fn a_win_over_another_challenge_is_no_lie() {
	let mut pad = scratchpad();
	let (pair, genesis) = (LotteryPair::from_seed(&[1; 32]), [5u8; 32]);
	let draw = |challenge| SegmentDraw {
		kernel: Kernel::V1,
		challenge: [challenge; 32],
		threshold: Threshold::one_in(2).expect("possible"),
	};
	let (lost, chains) = (draw(6), draw(7));
	let win = |segment| SegmentWin {
		device: [2; 32],
		window: 3,
		segment,
	};
	// A segment that wins by the one and loses by the other: one in four does.
	let segment =
		(0..100).find(|segment| !is_lie(&win(*segment), &lost, &mut pad) && is_lie(&win(*segment), &chains, &mut pad));
	let win = win(segment.expect("one in four"));
	let signature = pair.sign(&win.payload(&genesis, &lost));
	// The reporter shows what was signed, and it is true; or what the chain had, and nobody signed that.
	assert!(win.verify(&genesis, &lost, &pair.public(), &signature));
	assert!(!is_lie(&win, &lost, &mut pad));
	assert!(is_lie(&win, &chains, &mut pad));
	assert!(!win.verify(&genesis, &chains, &pair.public(), &signature));
	// Nor does another threshold make one.
	let strict = SegmentDraw {
		threshold: Threshold::one_in(u32::MAX).expect("possible"),
		..lost
	};
	assert!(is_lie(&win, &strict, &mut pad));
	assert!(!win.verify(&genesis, &strict, &pair.public(), &signature));
}

#[test]
fn the_scratchpad_is_larger_than_what_a_multiprocessor_has() {
	// Shared memory and registers together.
	const { assert!(SCRATCHPAD_BYTES > (228 + 256) << 10) };
	assert_eq!(SCRATCHPAD_BYTES, 512 << 10);
}

#[test]
#[ignore = "prints how long a segment takes on this machine"]
fn speed() {
	let (mut pad, mut times) = (scratchpad(), Vec::new());
	for segment in 0..500 {
		let start = std::time::Instant::now();
		std::hint::black_box(Kernel::V1.run(&[1; 32], &[2; 32], segment, &mut pad));
		times.push(start.elapsed());
	}
	times.sort_unstable();
	println!(
		"a segment: {:?} at least, {:?} in the middle, {:?} at the 90th of 100",
		times[0], times[250], times[450]
	);
}

#[test]
#[ignore = "writes what the others compare, once for each version"]
fn write() {
	let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/segments-v1.txt");
	std::fs::write(path, segments()).expect("written");
}
