//! Who fails is picked less, and again once it succeeds.

use crate::workbench::{pool, Seeded};
use rounds_primitives::{pick, Member};

const PICKS: usize = 8_000;

fn picks_of_the_first(pool: &mut [Member]) -> usize {
	let mut jitter = Seeded::new(3);
	(0..PICKS)
		.filter(|_| pick(pool, |_| true, &mut jitter) == Some(0))
		.count()
}

#[test]
fn who_fails_counts_half_each_time() {
	let mut pool = pool(&[1_000; 8]);
	pool[0].failed();
	pool[0].failed();
	assert_eq!(pool[0].effective(), 250);
	let expected = PICKS * 250 / 7_250;
	let picked = picks_of_the_first(&mut pool);
	assert!(picked.abs_diff(expected) <= PICKS / 100, "{picked} of {expected}");
}

#[test]
fn who_fails_for_long_is_tried_again() {
	let mut pool = pool(&[1_000; 8]);
	(0..50).for_each(|_| pool[0].failed());
	assert_eq!(pool[0].effective(), 1);
	// Once in seven thousand turns, in the mean.
	assert!(picks_of_the_first(&mut pool) <= 3);
}

#[test]
fn eight_successes_make_good_for_all_failures() {
	let mut member = Member::new(1_000);
	(0..50).for_each(|_| member.failed());
	(0..7).for_each(|_| member.succeeded());
	assert!(member.effective() < 1_000);
	member.succeeded();
	assert_eq!(member.effective(), 1_000);
	member.succeeded();
	assert_eq!(member.effective(), 1_000);
	let mut small = Member::new(3);
	small.failed();
	small.succeeded();
	assert_eq!(small.effective(), 2);
}
