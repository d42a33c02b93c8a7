//! The markets' clock.

use crate::{mock::*, rules::clock::SLOW, Clock};
use pallet_traits::MarketClock;

/// The ticks of the blocks that follow, one of each slot of a turn.
fn ticks(from: u64, blocks: u64) -> Vec<u32> {
	(from..from + blocks)
		.map(|slot| {
			author(slot);
			Poca::tick()
		})
		.collect()
}

#[test]
fn a_block_is_a_tick() {
	with_directors(4, || {
		assert_eq!(Poca::tick(), 0);
		assert_eq!(ticks(1_200, 4), [1, 2, 3, 4]);
	});
}

#[test]
fn the_clock_stands_while_nobody_can_answer() {
	with_directors(4, || {
		assert_eq!(ticks(1_200, 2), [1, 2]);
		Stands::set(true);
		assert_eq!(ticks(1_202, 30), [2; 30]);
		Stands::set(false);
		assert_eq!(ticks(1_232, 2), [3, 4]);
	});
}

/// Flooder fills all blocks, so that answers find no room: it waits as long as those that it keeps out.
#[test]
fn flooder_makes_the_clock_slow() {
	with_directors(4, || {
		Slow::set(true);
		let told = ticks(1_200, 40);
		assert_eq!(told.iter().filter(|tick| **tick == 0).count(), usize::from(SLOW) - 1);
		assert_eq!(told.last(), Some(&2));
		Slow::set(false);
		assert_eq!(ticks(1_240, 2), [3, 4]);
		assert_eq!(Clock::<Test>::get().waited, 0);
	});
}

#[test]
fn a_tick_never_falls_and_rises_by_one_at_most() {
	let mut clock = crate::rules::clock::Ticks::default();
	for number in 0_u32..10_000 {
		let (stands, slow) = (number % 7 == 3, number % 5 < 3);
		let next = clock.next(stands, slow);
		assert!(next.tick == clock.tick || next.tick == clock.tick + 1);
		assert!(next.waited < SLOW);
		clock = next;
	}
	clock.tick = u32::MAX;
	assert_eq!(clock.next(false, false).tick, u32::MAX);
}
