//! That the kernel has no short way that is easy to see: everything depends on everything, and every block is used.

use super::*;
use crate::scratchpad;
use proptest::prelude::*;
use smartchain_rng::Rng;

fn state(rng: &mut Rng) -> State {
	core::array::from_fn(|_| rng.next_u64())
}

fn block(rng: &mut Rng) -> Block {
	core::array::from_fn(|_| rng.next_u64())
}

fn seed(number: u8) -> [u8; 32] {
	core::array::from_fn(|place| number.wrapping_add(place as u8))
}

fn differing_bits(a: &[u8], b: &[u8]) -> u32 {
	a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

fn differing(a: &State, b: &State) -> u32 {
	a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}

/// The inverse of an odd number modulo 2^64, by Newton's iteration.
fn inverse(odd: u64) -> u64 {
	(0..6).fold(odd, |x, _| x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x))))
}

/// [`mix`], undone.
fn unmix(state: &State, block: &Block) -> State {
	let [b, c, d, e, f, g, h, a] = *state;
	let mut before = [0; LANES];
	for (k, (sum, mixed)) in [(a, b), (c, d), (e, f), (g, h)].into_iter().enumerate() {
		let right = mixed ^ sum.rotate_left(23);
		for (lane, value) in [(2 * k, sum.wrapping_sub(right)), (2 * k + 1, right)] {
			let factor = block[lane + LANES];
			before[lane] = value
				.wrapping_sub(factor)
				.rotate_right(32)
				.wrapping_mul(inverse(factor | 1))
				^ block[lane];
		}
	}
	before
}

proptest! {
	#[test]
	fn no_two_states_become_one(state: [u64; 8], block: [u64; 16]) {
		prop_assert_eq!(unmix(&mix(&state, &block), &block), state);
	}
}

#[test]
fn eight_mixings_spread_each_bit_over_the_whole_state() {
	let mut rng = Rng::new(1);
	for bit in 0..512 {
		let (mut differing_in_all, samples) = (0, 32);
		for _ in 0..samples {
			let blocks: Vec<_> = (0..8).map(|_| block(&mut rng)).collect();
			let first = state(&mut rng);
			let mut other = first;
			other[bit / 64] ^= 1 << (bit % 64);
			let run = |state| blocks.iter().fold(state, |state, block| mix(&state, block));
			differing_in_all += differing(&run(first), &run(other));
		}
		// 256 of 512 are expected, with a deviation of 11.3 a sample.
		let mean = f64::from(differing_in_all) / f64::from(samples);
		assert!(
			(mean - 256.0).abs() < 5.0 * 11.4 / f64::from(samples).sqrt(),
			"bit {bit}: {mean}"
		);
	}
}

#[test]
fn each_bit_of_a_block_counts_at_once() {
	let mut rng = Rng::new(2);
	for bit in 0..1_024 {
		let (state, block) = (state(&mut rng), block(&mut rng));
		let mut other = block;
		other[bit / 64] ^= 1 << (bit % 64);
		assert_ne!(mix(&state, &block), mix(&state, &other), "bit {bit}");
		// And in the fold, wherever it is: the settling spreads it over the result.
		let mut pad = scratchpad();
		pad[BLOCKS - 1] = block;
		let result = fold(state, &pad);
		pad[BLOCKS - 1] = other;
		assert!(
			differing_bits(&result, &fold(state, &pad)).abs_diff(256) < 70,
			"bit {bit}"
		);
	}
}

#[test]
fn every_word_of_the_scratchpad_is_folded() {
	let mut rng = Rng::new(3);
	let mut pad = scratchpad();
	let first = fill(begin(&seed(1)), &mut pad);
	let result = fold(first, &pad);
	for number in (0..BLOCKS).step_by(37).chain([BLOCKS - 1]) {
		let word = rng.below(BLOCK_WORDS as u64) as usize;
		pad[number][word] ^= 1 << rng.below(64);
		let changed = fold(first, &pad);
		assert!(differing_bits(&result, &changed).abs_diff(256) < 70, "block {number}");
		pad[number] = scratch(&seed(1))[number];
	}
}

/// A scratchpad as it is filled from a seed.
fn scratch(seed: &[u8; 32]) -> Box<Scratchpad> {
	let mut pad = scratchpad();
	fill(begin(seed), &mut pad);
	pad
}

#[test]
fn no_block_is_filled_like_another() {
	let pad = scratch(&seed(1));
	let mut words: Vec<_> = pad.iter().flatten().collect();
	words.sort_unstable();
	words.dedup();
	assert_eq!(words.len(), BLOCKS * BLOCK_WORDS);
	let ones: u64 = pad.iter().flatten().map(|word| u64::from(word.count_ones())).sum();
	// Of 4,194,304 bits half, with a deviation of 1,024.
	assert!(ones.abs_diff(32 * (BLOCKS * BLOCK_WORDS) as u64) < 5 * 1_024, "{ones}");
}

#[test]
fn the_walk_goes_everywhere_alike() {
	let (mut pad, mut visits) = (scratchpad(), vec![0u32; BLOCKS]);
	let (runs, mut pairs, mut last) = (16u32, vec![0u32; 64 * 64], 0);
	for number in 0..runs {
		walk(&seed(number as u8), &mut pad, |place| {
			visits[place] += 1;
			pairs[last / 64 * 64 + place / 64] += 1;
			last = place;
		});
	}
	// Chi squared of 4,095 degrees of freedom: a deviation of 90.5. Also for pairs of steps: where one goes to says
	// nothing of the next.
	for counts in [visits, pairs] {
		let expected = f64::from(runs * STEPS) / counts.len() as f64;
		let chi: f64 = counts
			.iter()
			.map(|count| (f64::from(*count) - expected).powi(2) / expected)
			.sum();
		assert!((chi - 4_095.0).abs() < 5.0 * 90.5, "{chi}");
	}
}

#[test]
fn each_bit_of_the_seed_changes_half_of_the_result() {
	let mut pad = scratchpad();
	let first = walk(&seed(1), &mut pad, |_| ());
	let (mut all, mut changed) = (0, [0u32; 512]);
	for bit in 0..256 {
		let mut other = seed(1);
		other[bit / 8] ^= 1 << (bit % 8);
		let result = walk(&other, &mut pad, |_| ());
		let differing = differing_bits(&first, &result);
		assert!(differing.abs_diff(256) < 60, "bit {bit}: {differing}");
		all += differing;
		for (place, count) in changed.iter_mut().enumerate() {
			*count += u32::from((first[place / 8] ^ result[place / 8]) >> (place % 8) & 1);
		}
	}
	// Half of 131,072 bits, with a deviation of 181; each bit of the result 128 times of 256, with one of 8.
	assert!(all.abs_diff(65_536) < 5 * 181, "{all}");
	assert!(changed.iter().all(|count| count.abs_diff(128) < 44), "{changed:?}");
}

#[test]
fn what_the_scratchpad_held_does_not_matter() {
	let (mut clean, mut used) = (scratchpad(), scratchpad());
	used.iter_mut().flatten().for_each(|word| *word = 0x5555_5555_5555_5555);
	walk(&seed(9), &mut used, |_| ());
	assert_eq!(walk(&seed(1), &mut clean, |_| ()), walk(&seed(1), &mut used, |_| ()));
	assert_eq!(clean, used);
}

#[test]
fn a_step_that_is_left_out_shows() {
	// The last steps, which nothing reads any more but the fold.
	let mut pad = scratch(&seed(1));
	let mut state = begin(&seed(2));
	let before = fold(state, &pad);
	let block = &mut pad[next(&state)];
	state = mix(&state, block);
	let unwritten = fold(state, &pad);
	let place = next(&begin(&seed(2)));
	write(&mut pad[place], &state);
	let written = fold(state, &pad);
	assert_ne!(before, unwritten);
	assert_ne!(unwritten, written);
}
