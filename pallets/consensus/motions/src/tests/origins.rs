//! In whose name carried calls are dispatched.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::EnsureOrigin};
use sp_runtime::DispatchError;

/// What became of the last motion.
fn result() -> sp_runtime::DispatchResult {
	match events().last() {
		Some(Event::Carried { result, .. }) => *result,
		other => panic!("no motion was carried last: {other:?}"),
	}
}

/// Carries a motion.
fn carry(call: impl Into<RuntimeCall>) -> sp_runtime::DispatchResult {
	Members::set(vec![1]);
	propose(1, call).expect("a member");
	result()
}

#[test]
fn only_calls_on_the_list_become_root() {
	run(|| {
		assert_ok!(carry(deeds::Call::do_as_root {}));
		assert_eq!(carry(deeds::Call::only_as_root {}), Err(DispatchError::BadOrigin));
		assert_eq!(Done::get(), 1);
	});
}

#[test]
fn what_is_on_the_list_is_not_root_within_another_call() {
	run(|| {
		let inner: RuntimeCall = deeds::Call::do_as_root {}.into();
		let root = Box::new(OriginCaller::system(frame_system::RawOrigin::Root));
		for call in [
			pallet_utility::Call::batch_all {
				calls: vec![inner.clone()],
			},
			pallet_utility::Call::dispatch_as {
				as_origin: root,
				call: Box::new(inner),
			},
		] {
			assert_eq!(
				carry(call).map_err(|error| error.stripped()),
				Err(DispatchError::BadOrigin)
			);
		}
		assert_eq!(Done::get(), 0);
	});
}

#[test]
fn a_batch_runs_in_the_name_of_the_directors() {
	run(|| {
		assert_ok!(carry(pallet_utility::Call::batch_all {
			calls: vec![deed(), deed()]
		}));
		assert_eq!(Done::get(), 2);
	});
}

#[test]
fn nobody_else_has_the_directors_origin() {
	run(|| {
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert!(EnsureTwoThirds::ensure_origin(origin.clone()).is_err());
			assert_noop!(Deeds::do_it(origin), DispatchError::BadOrigin);
		}
		assert!(EnsureTwoThirds::ensure_origin(RuntimeOrigin::from(Origin::Directors)).is_ok());
	});
}

#[test]
fn motions_are_not_for_the_directors_origin_nor_for_root() {
	run(|| {
		for origin in [
			RuntimeOrigin::from(Origin::Directors),
			RuntimeOrigin::root(),
			RuntimeOrigin::none(),
		] {
			let proposal = crate::Pallet::<Test>::propose(origin.clone(), Box::new(deed()));
			assert_eq!(proposal.map_err(|f| f.error).err(), Some(DispatchError::BadOrigin));
			let vote = crate::Pallet::<Test>::vote(origin.clone(), 0, true);
			assert_eq!(vote.map_err(|f| f.error).err(), Some(DispatchError::BadOrigin));
			let close = crate::Pallet::<Test>::close(origin, 0);
			assert_eq!(close.map_err(|f| f.error).err(), Some(DispatchError::BadOrigin));
		}
	});
}
