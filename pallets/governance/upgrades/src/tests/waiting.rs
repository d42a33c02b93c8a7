//! Code is set, waits, and comes into force in its block, and in no other.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{
	generic::DigestItem,
	traits::{BlakeTwo256, Hash},
};

fn says_that_code_changed() -> bool {
	System::digest()
		.logs()
		.iter()
		.any(|item| matches!(item, DigestItem::RuntimeEnvironmentUpdated))
}

#[test]
fn code_waits_for_its_time_and_is_in_force_then() {
	run(|| {
		let (next, hash) = (code(2), BlakeTwo256::hash(&code(2)));
		assert_ok!(set(next.clone()));
		assert_eq!(
			events(),
			[Event::Waits {
				hash,
				due: 121,
				replaces: None
			}]
		);
		assert!(!says_that_code_changed(), "nothing has");
		for number in 2..121 {
			assert_eq!(block(number), Weights::wait());
			assert_eq!((in_force(), Upgrades::code_of(&hash)), (code(1), Some(next.clone())));
		}
		let length = u32::try_from(next.len()).expect("it is short");
		assert_eq!(
			block(121),
			Weights::wait().saturating_add(Weights::put_in_force(length)),
			"charged by its length"
		);
		assert_eq!(in_force(), next);
		assert!(says_that_code_changed(), "light clients look for it");
		let updated = frame_system::Event::<Test>::CodeUpdated { hash };
		System::assert_has_event(updated.into());
		assert_eq!((Pending::<Test>::get(), Code::<Test>::get()), (None, None));
		assert_eq!(Upgrades::code_of(&hash), None);
		assert_eq!(block(122), Weights::wait(), "once");
		assert!(!says_that_code_changed());
	});
}

#[test]
fn a_change_of_the_delay_moves_nothing_that_waits() {
	run(|| {
		assert_ok!(set(code(2)));
		Delay::set(5);
		block(120);
		assert_eq!(in_force(), code(1));
		block(121);
		assert_eq!(in_force(), code(2));
	});
}

#[test]
fn without_a_delay_code_waits_for_the_next_block_all_the_same() {
	run(|| {
		Delay::set(0);
		assert_ok!(set(code(2)));
		assert_eq!(in_force(), code(1));
		let due = Pending::<Test>::get().map(|pending| pending.due);
		assert_eq!(due, Some(2), "what is said to whoever compiles it");
		block(2);
		assert_eq!(in_force(), code(2));
	});
}

#[test]
fn what_is_set_later_replaces_what_waits_and_waits_anew() {
	run(|| {
		assert_ok!(set(code(2)));
		block(100);
		assert_ok!(set(code(3)));
		let (first, second) = (BlakeTwo256::hash(&code(2)), BlakeTwo256::hash(&code(3)));
		assert_eq!(
			events(),
			[Event::Waits {
				hash: second,
				due: 220,
				replaces: Some(first)
			}]
		);
		assert_eq!(Upgrades::code_of(&first), None);
		block(121);
		assert_eq!(in_force(), code(1));
		block(220);
		assert_eq!(in_force(), code(3));
	});
}

#[test]
fn a_repair_may_have_the_version_of_what_it_replaces() {
	run(|| {
		assert_ok!(set(code(2)));
		let repaired = [code(2), vec![0]].concat();
		assert_ok!(set(repaired.clone()));
		block(121);
		assert_eq!(in_force(), repaired);
	});
}

#[test]
fn what_was_taken_back_never_comes_into_force() {
	run(|| {
		let root = RuntimeOrigin::root();
		assert_noop!(Upgrades::cancel(root.clone()), Error::<Test>::NothingWaits);
		assert_ok!(set(code(2)));
		assert_ok!(Upgrades::cancel(root.clone()));
		let hash = BlakeTwo256::hash(&code(2));
		assert_eq!(events().last(), Some(&Event::Cancelled { hash }));
		assert_noop!(Upgrades::cancel(root), Error::<Test>::NothingWaits);
		assert_eq!(block(121), Weights::wait());
		assert_eq!(in_force(), code(1));
		assert_ok!(set(code(2)));
		block(241);
		assert_eq!(in_force(), code(2), "and may be set again");
	});
}

#[test]
fn while_migrations_run_nothing_is_set_or_comes_into_force() {
	run(|| {
		assert_ok!(set(code(2)));
		Migrating::set(true);
		assert_eq!(
			set(code(3)),
			Err(frame_system::Error::<Test>::MultiBlockMigrationsOngoing.into())
		);
		for number in 121..130 {
			assert_eq!(block(number), Weights::wait());
			assert_eq!(in_force(), code(1), "the migrations are of the old code");
		}
		Migrating::set(false);
		block(130);
		assert_eq!(in_force(), code(2));
	});
}
