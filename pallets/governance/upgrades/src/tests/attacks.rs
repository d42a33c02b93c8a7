//! What somebody might try.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{
	traits::{BlakeTwo256, Dispatchable, Hash},
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

/// Trudy waits for the block in which what was set before comes into force. It still runs by the old rules, and system
/// compares with the old version: a runtime older than the new one would pass, and run on what that one has migrated.
#[test]
fn trudy_does_not_slip_in_at_the_switch() {
	run(|| {
		assert_ok!(set(code(3)));
		block(121);
		assert_eq!(in_force(), code(3));
		for late in [code(2), [code(3), vec![0]].concat()] {
			assert_eq!(set(late), Err(Error::<Test>::ChangesNow.into()));
		}
		let unchecked = System::set_code_without_checks(RuntimeOrigin::root(), code(2));
		assert_eq!(
			unchecked.map(|_| ()).map_err(|failure| failure.error),
			Err(Error::<Test>::ChangesNow.into())
		);
		assert!(!Code::<Test>::exists() && !Pending::<Test>::exists());
	});
}

/// Whoever sends the code of an authorization in that block has not used it up.
#[test]
fn what_comes_at_the_switch_is_sent_again() {
	run(|| {
		assert_ok!(set(code(2)));
		block(121);
		let (next, hash) = (code(3), BlakeTwo256::hash(&code(3)));
		assert_ok!(System::authorize_upgrade(RuntimeOrigin::root(), hash));
		let apply = RuntimeCall::from(frame_system::Call::apply_authorized_upgrade { code: next.clone() });
		assert!(apply.clone().dispatch(RuntimeOrigin::none()).is_err());
		assert!(System::authorized_upgrade().is_some() && !Pending::<Test>::exists());
		block(122);
		assert!(apply.dispatch(RuntimeOrigin::none()).is_ok());
		block(242);
		assert_eq!(in_force(), next);
	});
}
