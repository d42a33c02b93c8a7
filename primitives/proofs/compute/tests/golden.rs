//! Results as they were written down once: every machine and every version has to find the same.

use proof_lottery_primitives::challenge;
use proof_of_compute_primitives::{scratchpad, Kernel, COMPUTE_TAG, SCRATCHPAD_BYTES};
use sp_core::bytes::to_hex;

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

#[test]
fn the_scratchpad_is_larger_than_what_a_multiprocessor_has() {
	// Shared memory and registers together.
	assert!(SCRATCHPAD_BYTES > (228 + 256) << 10);
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
