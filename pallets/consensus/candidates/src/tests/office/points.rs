//! Points of an era.

use crate::{mock::*, *};

#[test]
fn directors_and_standby_signers_get_a_point_for_a_block_and_nobody_else() {
	run(|| {
		settle();
		author(10);
		author(10);
		author(3);
		author(20);
		author(7);
		let points = |account| Points::<Test>::get(3, account);
		assert_eq!((points(10), points(3), points(20), points(7)), (2, 1, 0, 1));
		assert_eq!(TotalPoints::<Test>::get(3), 4);
		assert_eq!(Points::<Test>::iter_prefix(3).count(), 3);
	});
}

#[test]
fn the_first_era_has_points_too() {
	run(|| {
		author(1);
		assert_eq!(Points::<Test>::get(0, 1), 1);
	});
}

#[test]
fn points_of_the_last_eras_are_kept_and_the_oldest_dropped_one_at_a_time() {
	run(|| {
		for now in [1, 2, 50, 51] {
			author(5);
			author(6);
			era(now);
		}
		assert_eq!(ErasWithPoints::<Test>::get().into_inner(), [2, 50, 51]);
		assert_eq!(Points::<Test>::iter_prefix(0).count(), 0);
		assert_eq!(Points::<Test>::iter_prefix(1).count(), 0);
		assert_eq!(Points::<Test>::iter_prefix(2).count(), 2);
		assert!(!TotalPoints::<Test>::contains_key(1));
	});
}
