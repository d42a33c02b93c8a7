//! Transactions without an account: what they are let in for, and that nothing else comes that way.

use crate::{mock::*, Call, Deals, Error};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};
use sp_core::Pair;
use sp_runtime::{
	traits::BadOrigin,
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};
use storage_market_primitives::Stage;

fn bad_proof() -> TransactionValidityError {
	InvalidTransaction::BadProof.into()
}

/// A deal of two slots that is uploaded, without roots.
fn uploading() {
	offers(2);
	assert_ok!(opens(order(1, 2, 10)));
	blocks(10);
	assert!(matches!(stage(1), Stage::Uploading { .. }));
}

#[test]
fn a_device_without_an_account_confirms_and_its_owner_pays_the_collateral() {
	run(|| {
		uploading();
		let (slot, first) = drawn(1)[0];
		assert_eq!(
			confirm(1, slot, first),
			Err(ahead()),
			"the roots may come with the next block"
		);
		commit(1, 2);
		let before = free(first.0[0].into());
		assert_eq!(confirm(1, slot, first), Ok(()));
		let collateral = Deals::<Test>::get(1).expect("there").collateral;
		assert_eq!(before - free(first.0[0].into()), collateral);
		assert_eq!(drawn(1).len(), 1);
	});
}

#[test]
fn nobody_confirms_for_another_or_by_another_s_bytes() {
	run(|| {
		uploading();
		commit(1, 2);
		let [(slot, first), (other_slot, other)] = drawn(1)[..] else {
			panic!("two were drawn")
		};
		// The device of the other slot signs for this one.
		assert_eq!(confirm(1, slot, other), Err(bad_proof()));
		// Another's openings, with its own signature.
		let (Call::confirm { signature, .. }, Call::confirm { confirmation, .. }) =
			(confirmation(1, slot, first), confirmation(1, other_slot, other))
		else {
			panic!("confirmations")
		};
		let mixed = Call::confirm {
			deal: 1,
			slot,
			confirmation,
			signature,
		};
		assert_eq!(apply(mixed), Err(bad_proof()));
		assert_eq!(drawn(1).len(), 2, "nothing has changed");
	});
}

/// What was signed for one draw is worth nothing for the next one of the same device.
#[test]
fn an_acceptance_is_of_one_draw() {
	run(|| {
		offers(2);
		assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 1, 10), true, 0, None));
		assert_ok!(StorageMarket::choose(origin(OWNER), 1, 0, device(1)));
		commit(1, 1);
		let old = confirmation(1, 0, device(1));
		assert_ok!(StorageMarket::redraw(origin(OWNER), 1, 0));
		assert_ok!(StorageMarket::choose(origin(OWNER), 1, 0, device(1)));
		assert_eq!(apply(old), Err(bad_proof()));
		assert_eq!(confirm(1, 0, device(1)), Ok(()));
	});
}

#[test]
fn whoever_has_nothing_for_the_collateral_does_not_confirm() {
	run(|| {
		uploading();
		commit(1, 2);
		let (slot, first) = drawn(1)[0];
		let who = u64::from(first.0[0]);
		let all = free(who) - 1;
		assert_ok!(Balances::transfer_allow_death(origin(who), 99, all));
		assert_eq!(confirm(1, slot, first), Err(InvalidTransaction::Payment.into()));
	});
}

#[test]
fn what_is_looked_at_leaves_no_trace() {
	run(|| {
		uploading();
		commit(1, 2);
		let (slot, first) = drawn(1)[0];
		let call = RuntimeCall::from(confirmation(1, slot, first));
		let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
		let valid = pallet_testkit::validity(&call, TransactionSource::External).expect("it counts");
		assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), before);
		assert_eq!(valid.provides.len(), 1);
	});
}

#[test]
fn nothing_of_it_comes_from_an_account_and_nothing_else_without_one() {
	run(|| {
		uploading();
		commit(1, 2);
		let (slot, first) = drawn(1)[0];
		let Call::confirm {
			confirmation,
			signature,
			..
		} = confirmation(1, slot, first)
		else {
			panic!("a confirmation")
		};
		let signed = StorageMarket::confirm(origin(1), 1, slot, confirmation, signature);
		assert_eq!(signed, Err(BadOrigin.into()));
		let nobody = || RuntimeOrigin::from(frame_system::RawOrigin::<AccountId>::Authorized);
		assert_noop!(StorageMarket::tend(nobody(), 1), BadOrigin);
		assert_noop!(StorageMarket::close(nobody(), 1), BadOrigin);
		assert_noop!(StorageMarket::prove_now(nobody(), 1, 0), BadOrigin);
	});
}

/// What no account sends has a part of each block for itself, and nothing else has.
#[test]
fn what_no_account_sends_is_operational_and_nothing_else_is() {
	run(|| {
		uploading();
		commit(1, 2);
		let (slot, first) = drawn(1)[0];
		let class = |call: Call<Test>| call.get_dispatch_info().class;
		assert_eq!(class(confirmation(1, slot, first)), DispatchClass::Operational);
		for call in [
			Call::tend { deal: 1 },
			Call::close { deal: 1 },
			Call::prove_now { deal: 1, slot: 0 },
			Call::pay { payee: 1 },
		] {
			assert_eq!(class(call), DispatchClass::Normal);
		}
	});
}

/// Others' keys do not count, whoever holds the slot.
#[test]
fn another_key_signs_nothing_for_a_device() {
	run(|| {
		uploading();
		commit(1, 2);
		let (slot, first) = drawn(1)[0];
		let Call::confirm { confirmation, .. } = confirmation(1, slot, first) else {
			panic!("a confirmation")
		};
		let signature = key(77).sign(b"anything");
		let call = Call::confirm {
			deal: 1,
			slot,
			confirmation,
			signature,
		};
		assert_eq!(apply(call), Err(bad_proof()));
		assert_noop!(StorageMarket::redraw(origin(1), 1, slot), Error::<Test>::NotActive);
	});
}
