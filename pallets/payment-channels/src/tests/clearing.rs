//! What the chain forgets itself: settled channels and reveals whose time is over, a few in each block.

use crate::{mock::*, Aftermaths, Event, HoldReason, LookedAt, Places, Reveals, WeightInfo, MAX_LOOKED_AT};
use channel_primitives::{Tick, DAY};
use frame_support::{assert_ok, traits::Hooks, weights::Weight};

/// What a block leaves after its transactions is used, or so much of it.
fn idle(room: Weight) -> Weight {
	PaymentChannels::on_idle(System::block_number(), room)
}

/// So many channels of Alice are settled.
fn settled(count: u32) -> Vec<Line> {
	let lines: Vec<Line> = (0..count).map(|_| open(ALICE, BOB, 100, 0)).collect();
	for line in &lines {
		assert_ok!(line.close(ALICE, 40, &none(), None));
	}
	pass(WINDOW + 1);
	for line in &lines {
		assert_ok!(line.settle());
	}
	lines
}

/// For how long settled channels are kept here, and reveals.
const TOWERS: Tick = 7 * DAY;
const REVEALS: Tick = 120 * DAY;

#[test]
fn a_settled_channel_is_forgotten_in_time_and_not_before() {
	run(|| {
		let line = settled(1)[0];
		pass(TOWERS);
		idle(Weight::MAX);
		assert!(!line.is_gone(), "a tower can still be made to pay");
		pass(1);
		System::reset_events();
		idle(Weight::MAX);
		assert!(line.is_gone());
		assert_eq!(events(), [Event::Cleared(line.id)]);
		assert_eq!(free(ALICE), RICH - 40, "the deposit is back");
		assert_eq!(in_pot(HoldReason::Stake), 0);
		// There is nothing more to do, and nothing is written.
		let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
		let before = root();
		assert_eq!(idle(Weight::MAX), <() as WeightInfo>::look(1, 1));
		assert_eq!(root(), before);
	});
}

#[test]
fn a_reveal_is_purged_in_time_and_its_deposit_comes_back() {
	run(|| {
		assert_ok!(reveal(CAROL, 1));
		pass(REVEALS);
		idle(Weight::MAX);
		assert_eq!(held(CAROL, HoldReason::Deposit), REVEAL);
		// It is met once more after it was forgotten, and kept for as long again.
		pass(1);
		idle(Weight::MAX);
		assert_eq!((held(CAROL, HoldReason::Deposit), free(CAROL)), (0, RICH));
		assert_eq!(Reveals::<Test>::iter().count(), 0);
		assert_ok!(reveal(BOB, 1));
		idle(Weight::MAX);
		assert_eq!(held(BOB, HoldReason::Deposit), REVEAL);
	});
}

#[test]
fn locks_that_are_not_split_keep_their_channel() {
	run(|| {
		let (line, list) = (open(ALICE, BOB, 1_000, 0), locks(&[lock(1, 1, 600)]));
		assert_ok!(line.close(ALICE, 0, &list, None));
		line.settle_in_time();
		pass(40 * DAY);
		idle(Weight::MAX);
		assert!(!line.is_gone(), "only who gave them may want them back by now");
		assert_ok!(line.unlock(ALICE, &list));
		idle(Weight::MAX);
		assert!(line.is_gone());
	});
}

/// Crowd keeps thousands of settled channels and reveals, so that a block has more to look at than it may: each block
/// looks at a few and goes on there, what is over goes once all were looked at, and nothing else does.
#[test]
fn crowd_makes_no_block_longer_and_all_is_looked_at() {
	run(|| {
		let many = 5 * MAX_LOOKED_AT;
		let over = settled(many);
		for number in 0..50 {
			assert_ok!(reveal(CAROL, number));
		}
		pass(TOWERS + 1);
		let young = settled(many);
		let few = usize::try_from(MAX_LOOKED_AT).expect("few");
		let mut left = over.len() + young.len();
		let most = <() as WeightInfo>::look(MAX_LOOKED_AT, MAX_LOOKED_AT)
			+ (<() as WeightInfo>::clear() + <() as WeightInfo>::purge_reveal()) * u64::from(MAX_LOOKED_AT);
		// All of them twice: at which place that begins nobody knows.
		for _ in 0..2 * (2 * many / MAX_LOOKED_AT + 1) {
			assert!(idle(Weight::MAX).all_lte(most));
			let now = Aftermaths::<Test>::iter().count();
			assert!(left - now <= few, "no more than it may look at");
			left = now;
		}
		assert!(over.iter().all(Line::is_gone));
		assert!(!young.iter().any(Line::is_gone));
		assert_eq!(Reveals::<Test>::iter().count(), 50);
		check();
	});
}

/// What is over goes in the end whatever else is kept, and also if it is cleared by hand where the chain stands.
#[test]
fn a_place_that_is_gone_is_gone_on_from() {
	run(|| {
		let over = settled(3 * MAX_LOOKED_AT);
		idle(Weight::MAX);
		let Places { channel, .. } = LookedAt::<Test>::get();
		let place = channel.expect("there are more than it may look at");
		pass(TOWERS + 1);
		assert_ok!(PaymentChannels::clear(origin(9), place));
		check();
		for _ in 0..5 {
			idle(Weight::MAX);
		}
		assert!(over.iter().all(Line::is_gone));
		assert_eq!(LookedAt::<Test>::get(), Places::default(), "it begins again");
	});
}

/// Where a block has left little, the chain takes no more than that, and goes on in the next one.
#[test]
fn what_has_no_room_waits() {
	run(|| {
		let over = settled(3);
		assert_ok!(reveal(CAROL, 1));
		pass(REVEALS + 1);
		let (base, look) = (<() as WeightInfo>::look(0, 0), <() as WeightInfo>::look(1, 0));
		for little in [Weight::zero(), base - Weight::from_parts(1, 0)] {
			assert_eq!(idle(little), Weight::zero());
		}
		for little in [
			base,
			look,
			look + <() as WeightInfo>::clear() - Weight::from_parts(1, 0),
		] {
			let took = idle(little);
			assert!(took.all_lte(little));
		}
		assert_eq!(Aftermaths::<Test>::iter().count(), 3);
		let one = look + <() as WeightInfo>::clear();
		for left in [2, 1, 0] {
			assert!(idle(one).all_lte(one));
			assert_eq!(Aftermaths::<Test>::iter().count(), left);
		}
		assert!(over.iter().all(Line::is_gone));
		assert_eq!(Reveals::<Test>::iter().count(), 1);
		let one = <() as WeightInfo>::look(1, 1) + <() as WeightInfo>::purge_reveal();
		assert!(idle(one).all_lte(one));
		assert_eq!(Reveals::<Test>::iter().count(), 0);
	});
}
