//! Eras that expire, and how they are swept.

use crate::{mock::*, Config, Error, Event, Ledgers, Merits, WeightInfo};
use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};
use sp_io::TestExternalities;

/// A chain on which so many accounts earned in each of these eras.
fn earned_by(accounts: u64, eras: u32) -> TestExternalities {
	let mut chain = genesis();
	chain.execute_with(|| {
		for _ in 0..eras {
			(0..accounts).for_each(|who| prove(100 + who, 1));
			next_era();
		}
	});
	// So that limits of removals count: what a block has written itself is removed at once.
	chain.commit_all().expect("commits");
	chain
}

/// A block with so much room begins and ends.
fn block(chain: &mut TestExternalities, room: Weight) -> Weight {
	let used = chain.execute_with(|| Issuance::on_idle(System::block_number(), room));
	chain.commit_all().expect("commits");
	used
}

fn left(chain: &mut TestExternalities) -> usize {
	chain.execute_with(|| Merits::<Test>::iter().count())
}

#[test]
fn what_nobody_claimed_returns_to_what_may_be_created() {
	run(|| {
		prove(11, 100);
		prove(12, 300);
		next_era();
		assert_ok!(claim(11, &[0]));
		let committed = supply().committed;
		assert!(committed > 0);
		for _ in 0..9 {
			next_era();
			assert_eq!(supply().committed, committed);
		}
		next_era();
		assert_eq!(supply().committed, 0);
		assert!(events().contains(&Event::EraExpired {
			era: 0,
			amount: committed
		}));
		assert_noop!(claim(12, &[0]), Error::<Test>::EraExpired);
		assert_eq!(Issuance::claimable(12), []);
		let ledger = ledger(0);
		assert_eq!((ledger.expired, ledger.committed()), (committed, 0));
		check();
	});
}

/// Governance gives no time at all: an era can be claimed in the next one all the same.
#[test]
fn an_era_can_be_claimed_in_the_next_one_at_least() {
	run(|| {
		ExpiryEras::set(0);
		prove(11, 100);
		next_era();
		assert_eq!(Issuance::expiry_eras(), 1);
		assert_ok!(claim(11, &[0]));
		next_era();
		assert_eq!(progress(), (0, 1));
		ExpiryEras::set(10);
	});
}

#[test]
fn expired_eras_are_swept_in_steps() {
	let mut chain = earned_by(120, 1);
	chain.execute_with(|| {
		for _ in 0..10 {
			next_era();
		}
		assert_eq!(progress(), (0, 1));
	});
	chain.commit_all().expect("commits");
	for expected in [70, 20, 0] {
		block(&mut chain, Weight::MAX);
		assert_eq!(left(&mut chain), expected);
	}
	block(&mut chain, Weight::MAX);
	chain.execute_with(|| {
		assert_eq!(progress(), (1, 1));
		assert!(!Ledgers::<Test>::contains_key(0));
		check();
	});
}

#[test]
fn a_block_sweeps_what_it_has_room_for_and_says_what_it_took() {
	let mut chain = earned_by(20, 1);
	chain.execute_with(|| (0..10).for_each(|_| _ = next_era()));
	chain.commit_all().expect("commits");
	let cost = <Test as Config>::WeightInfo::sweep;
	assert_eq!(block(&mut chain, Weight::zero()), Weight::zero());
	assert_eq!(block(&mut chain, cost(0)), cost(0));
	assert_eq!(left(&mut chain), 20);
	assert_eq!(block(&mut chain, cost(7)), cost(7));
	assert_eq!(left(&mut chain), 13);
}

/// Governance shortens the term: many eras expire at once, one by one.
#[test]
fn many_eras_that_expire_at_once_are_swept_over_many_blocks() {
	ExpiryEras::set(100);
	let mut chain = earned_by(10, 60);
	ExpiryEras::set(5);
	chain.execute_with(|| {
		assert_eq!(Issuance::expiry_eras(), 5);
		assert_noop!(claim(100, &[54]), Error::<Test>::EraExpired);
		assert_eq!(Issuance::claimable(100).len(), 5);
		assert_eq!(progress(), (0, 0));
	});
	let mut blocks = 0;
	while chain.execute_with(progress) != (55, 55) {
		let before = left(&mut chain);
		let used = block(&mut chain, Weight::MAX);
		assert!(before - left(&mut chain) <= MAX_SWEPT as usize);
		assert!(used.all_lte(<Test as Config>::WeightInfo::sweep(MAX_SWEPT)));
		chain.execute_with(check);
		blocks += 1;
		assert!(blocks < 100, "it ends");
	}
	assert!(blocks >= 55 * 10 / MAX_SWEPT);
	assert_eq!(left(&mut chain), 50);
	// Longer again: what is swept stays so.
	ExpiryEras::set(100);
	chain.execute_with(|| {
		assert_noop!(claim(100, &[54]), Error::<Test>::EraExpired);
		assert_ok!(claim(100, &[55, 59]));
		check();
	});
	ExpiryEras::set(10);
}

/// Eras of one merit each: that they expire and that they are over is written as well, and takes its part of a block.
#[test]
fn an_era_counts_beside_its_merits() {
	ExpiryEras::set(100);
	let mut chain = earned_by(1, 60);
	ExpiryEras::set(5);
	let used = block(&mut chain, Weight::MAX);
	assert_eq!(used, <Test as Config>::WeightInfo::sweep(MAX_SWEPT));
	let (swept, _) = chain.execute_with(progress);
	assert_eq!(
		swept,
		MAX_SWEPT.div_ceil(3),
		"each expires, loses its merit, and is over"
	);
	chain.execute_with(check);
	ExpiryEras::set(10);
}

/// Half swept when the term is lengthened: whoever is left cannot claim more than others could.
#[test]
fn an_era_that_has_expired_stays_so() {
	let mut chain = earned_by(120, 1);
	chain.execute_with(|| (0..10).for_each(|_| _ = next_era()));
	chain.commit_all().expect("commits");
	block(&mut chain, Weight::MAX);
	ExpiryEras::set(100);
	chain.execute_with(|| {
		for who in 100..220 {
			assert_noop!(claim(who, &[0]), Error::<Test>::EraExpired);
		}
		assert_eq!(supply().committed, 0);
		check();
	});
	ExpiryEras::set(10);
}
