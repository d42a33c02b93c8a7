//! What somebody might try.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	DispatchError,
};

/// Mallory has an account and no say.
const MALLORY: AccountId = 666;

#[test]
fn mallory_takes_nothing_back() {
	run(|| {
		assert_ok!(set(code(2)));
		for origin in [RuntimeOrigin::signed(MALLORY), RuntimeOrigin::none()] {
			assert_noop!(Upgrades::cancel(origin), DispatchError::BadOrigin);
		}
		block(121);
		assert_eq!(in_force(), code(2));
	});
}

/// Mallory sends the code of an authorization that was used up once more, to have the time begin anew.
#[test]
fn mallory_does_not_draw_out_the_time() {
	run(|| {
		let hash = BlakeTwo256::hash(&code(2));
		assert_ok!(System::authorize_upgrade(RuntimeOrigin::root(), hash));
		assert_ok!(System::apply_authorized_upgrade(RuntimeOrigin::none(), code(2)));
		block(60);
		assert!(System::apply_authorized_upgrade(RuntimeOrigin::none(), code(2)).is_err());
		block(121);
		assert_eq!(in_force(), code(2));
	});
}

/// Trudy, who may set code, sets what is longer than all that fits.
#[test]
fn trudy_sets_no_code_without_bounds() {
	run(|| {
		let long = [code(2), vec![7; MOST as usize]].concat();
		let hash = BlakeTwo256::hash(&long);
		assert_eq!(set(long), Err(Error::<Test>::CodeTooLong.into()));
		assert_eq!(Upgrades::code_of(&hash), None);
		assert!(!Code::<Test>::exists() && !Pending::<Test>::exists());
	});
}

/// Trudy sets what is no successor: system's checks are made when code is set.
#[test]
fn trudy_does_not_go_back() {
	run(|| {
		for refused in [code(1), code(0), b"no runtime".to_vec()] {
			assert!(set(refused).is_err());
		}
		assert!(!Pending::<Test>::exists());
		// Without checks it is on her: even then nothing empty stops the chain for good.
		let empty = System::set_code_without_checks(RuntimeOrigin::root(), Vec::new());
		assert_eq!(
			empty.map(|_| ()).map_err(|failure| failure.error),
			Err(Error::<Test>::NoCode.into())
		);
		assert!(!Pending::<Test>::exists());
	});
}
