//! What is signed is carried out: once, in time, for the fee that it names.

use crate::{mock::*, Call, Error, Event, Nonces, WeightInfo};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo, Pays},
	weights::Weight,
};
use relay_primitives::STCI;
use sp_runtime::traits::{BadOrigin, Dispatchable};

#[test]
fn a_call_is_carried_out_for_its_signer() {
	run(|| {
		let auth = auth_for(ALICE, CAROL, 1_000, 70);
		let signature = sign(ALICE, &auth, &transfer(BOB, 1_000));
		assert_ok!(send(CAROL, auth, signature, transfer(BOB, 1_000)));
		assert_eq!(free(ALICE), RICH - 1_000 - 70);
		assert_eq!(free(BOB), RICH + 1_000);
		assert_eq!(free(CAROL), RICH + 70 - PRICE);
		assert_eq!(next(ALICE), 1);
		let relayed = Event::Relayed {
			signer: account(ALICE),
			relayer: account(CAROL),
			nonce: 0,
			fee: 70,
			result: Ok(()),
		};
		System::assert_last_event(relayed.into());
	});
}

#[test]
fn a_wallet_signs_for_a_page() {
	run(|| {
		let auth = auth(ALICE, CAROL, 0);
		let signature = sign_wrapped(ALICE, &auth, &remark(9));
		assert_ok!(send(CAROL, auth, signature, remark(9)));
		assert_eq!(last_result(), Some(Ok(())));
	});
}

#[test]
fn what_fails_costs_fee_and_nonce_and_leaves_nothing() {
	run(|| {
		let auth = auth_for(ALICE, CAROL, 1_000, 70);
		let failed = relay(ALICE, auth, deeds::Call::<Test>::fail {}.into());
		assert_eq!(failed, Ok(Err(deeds::Error::<Test>::Failed.into())));
		assert!(!is_marked());
		assert_eq!((free(ALICE), next(ALICE)), (RICH - 70, 1));
	});
}

#[test]
fn the_first_call_costs_its_relayer_the_entry() {
	run(|| {
		for number in 0..3 {
			assert_eq!(next(ALICE), number);
			assert_ok!(relay(ALICE, auth(ALICE, CAROL, 0), remark(1)));
			assert_eq!((free(CAROL), free(TREASURY)), (RICH - PRICE, RICH + PRICE));
		}
	});
}

#[test]
fn a_relayer_may_pay_for_the_entry_out_of_the_fee() {
	run(|| {
		let poor = 40;
		assert_ok!(transfer(poor, LEAST).dispatch(origin(BOB)));
		let refused = |fee| relay(ALICE, auth_for(ALICE, poor, 0, fee), remark(1));
		for fee in [0, PRICE - 1] {
			assert_noop!(refused(fee), Error::<Test>::CannotPayEntry);
		}
		assert_ok!(relay(ALICE, auth_for(ALICE, poor, 0, PRICE), remark(1)));
		assert_eq!(free(poor), LEAST);
	});
}

/// A side of a payment channel closes by its account: whoever has no STCI has somebody send it.
#[test]
fn who_has_no_account_signs_for_what_costs_it_nothing() {
	run(|| {
		assert_eq!(relay(NOBODY, auth(NOBODY, CAROL, 0), remark(1)), Ok(Ok(())));
		assert_eq!(next(NOBODY), 1);
		assert_noop!(
			relay(NOBODY, auth_for(NOBODY, CAROL, 0, 1), remark(1)),
			Error::<Test>::CannotPayFee
		);
	});
}

#[test]
fn an_authorization_counts_up_to_its_last_block() {
	run(|| {
		let mut of_block = auth(ALICE, CAROL, 0);
		of_block.valid_until = 7;
		System::set_block_number(8);
		assert_noop!(relay(ALICE, of_block.clone(), remark(1)), Error::<Test>::Expired);
		System::set_block_number(7);
		assert_ok!(relay(ALICE, of_block, remark(1)));
	});
}

#[test]
fn authorizations_come_in_order() {
	run(|| {
		let mut second = auth(ALICE, CAROL, 0);
		second.nonce = 1;
		assert_noop!(relay(ALICE, second.clone(), remark(1)), Error::<Test>::WrongNonce);
		assert_ok!(relay(ALICE, auth(ALICE, CAROL, 0), remark(1)));
		assert_ok!(relay(ALICE, second, remark(1)));
	});
}

#[test]
fn an_account_goes_on_with_its_own_transactions() {
	run(|| {
		System::inc_account_nonce(account(ALICE));
		assert_ok!(relay(ALICE, auth(ALICE, CAROL, 0), remark(1)));
		assert_eq!(System::account_nonce(account(ALICE)), 1, "neither count is the other");
	});
}

#[test]
fn the_fee_ends_no_account() {
	run(|| {
		let most = RICH - LEAST;
		assert_noop!(
			relay(ALICE, auth_for(ALICE, CAROL, 0, most + 1), remark(1)),
			Error::<Test>::CannotPayFee
		);
		assert_ok!(relay(ALICE, auth_for(ALICE, CAROL, 0, most), remark(1)));
		assert_eq!(free(ALICE), LEAST);
		assert_noop!(
			relay(ALICE, auth_for(ALICE, CAROL, 0, 1), remark(1)),
			Error::<Test>::CannotPayFee
		);
	});
}

#[test]
fn there_is_no_other_asset_yet() {
	run(|| {
		let mut other = auth(ALICE, CAROL, 0);
		other.fee_asset = 1;
		assert_noop!(relay(ALICE, other, remark(1)), Error::<Test>::AssetUnsupported);
		for (list, error) in [
			(&[(STCI, 5), (1, 5)][..], Error::<Test>::AssetUnsupported),
			(&[(STCI, 5), (STCI, 5)][..], Error::<Test>::BadSpend),
		] {
			let mut auth = auth(ALICE, CAROL, 0);
			auth.spend = spend(list);
			assert_noop!(relay(ALICE, auth, remark(1)), error);
		}
		let mut none = auth(ALICE, CAROL, 0);
		none.spend = spend(&[]);
		assert_eq!(relay(ALICE, none.clone(), remark(1)), Ok(Ok(())));
		none.nonce = next(ALICE);
		assert_eq!(relay(ALICE, none, transfer(BOB, 1)), Ok(exceeded()));
	});
}

#[test]
fn a_signer_takes_back_what_nobody_has_sent() {
	run(|| {
		let out = auth(ALICE, CAROL, 1_000);
		assert_noop!(Relay::revoke(origin(ALICE), 0), Error::<Test>::WrongNonce);
		assert_ok!(Relay::revoke(origin(ALICE), 1));
		System::assert_last_event(
			Event::Revoked {
				signer: account(ALICE),
				next: 1,
			}
			.into(),
		);
		assert_noop!(relay(ALICE, out, transfer(BOB, 1_000)), Error::<Test>::WrongNonce);
		assert_eq!(free(ALICE), RICH - PRICE, "the entry is its own");
		assert_ok!(relay(ALICE, auth(ALICE, CAROL, 1_000), transfer(BOB, 1_000)));
		assert_ok!(Relay::revoke(origin(ALICE), 9));
		assert_eq!((next(ALICE), free(ALICE)), (9, RICH - PRICE - 1_000));
		assert_noop!(Relay::revoke(origin(NOBODY), 9), Error::<Test>::CannotPayEntry);
	});
}

/// The last number there is stands for "nothing more".
#[test]
fn who_revokes_everything_signs_no_more() {
	run(|| {
		assert_ok!(Relay::revoke(origin(ALICE), u64::MAX));
		assert_noop!(
			relay(ALICE, auth(ALICE, CAROL, 0), remark(1)),
			Error::<Test>::WrongNonce
		);
		assert_noop!(Relay::revoke(origin(ALICE), u64::MAX), Error::<Test>::WrongNonce);
	});
}

#[test]
fn nobody_but_an_account_sends() {
	run(|| {
		let auth = auth(ALICE, CAROL, 0);
		let call = relay_call(auth.clone(), sign(ALICE, &auth, &remark(1)), remark(1));
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(outcome(call.clone().dispatch(origin)), BadOrigin);
		}
		assert_noop!(Relay::revoke(RuntimeOrigin::root(), 1), BadOrigin);
	});
}

#[test]
fn an_account_may_relay_for_itself() {
	run(|| {
		let own = relay(ALICE, auth_for(ALICE, ALICE, 100, 70), transfer(BOB, 100));
		assert_eq!(own, Ok(Ok(())));
		assert_eq!(free(ALICE), RICH - 100 - PRICE);
	});
}

fn weigh(declared: u64, took: u64) -> RuntimeCall {
	deeds::Call::<Test>::weigh { declared, took }.into()
}

/// What is charged beforehand, and what comes back.
#[test]
fn what_a_call_did_not_take_is_given_back() {
	run(|| {
		let auth = auth(ALICE, CAROL, 0);
		let call = weigh(5_000, 2_000);
		let length = codec::Encode::encoded_size(&call) as u32;
		let own = <() as WeightInfo>::relay(length);
		let signature = sign(ALICE, &auth, &call);
		let info = relay_call(auth.clone(), signature.clone(), call.clone()).get_dispatch_info();
		assert_eq!(info.call_weight, own + Weight::from_parts(5_000, 0));
		assert_eq!((info.class, info.pays_fee), (DispatchClass::Normal, Pays::Yes));
		let post = send(CAROL, auth.clone(), signature.clone(), call.clone()).expect("relays");
		assert_eq!(post.actual_weight, Some(own + Weight::from_parts(2_000, 0)));
		// What is refused has not run.
		let refused = send(CAROL, auth, signature, call).expect_err("the nonce is used");
		assert_eq!(refused.error, Error::<Test>::WrongNonce.into());
		assert_eq!(refused.post_info.actual_weight, Some(own));
	});
}

#[test]
fn a_call_has_so_many_bytes_at_most() {
	run(|| {
		// Two bytes name the call, two its length.
		let longest = LONGEST as usize - 4;
		assert_noop!(
			relay(ALICE, auth(ALICE, CAROL, 0), remark(longest + 1)),
			Error::<Test>::TooLarge
		);
		assert_ok!(relay(ALICE, auth(ALICE, CAROL, 0), remark(longest)));
	});
}

#[test]
fn calls_keep_their_numbers() {
	let auth = genesis().execute_with(|| auth(ALICE, CAROL, 0));
	let signature = genesis().execute_with(|| sign(ALICE, &auth, &remark(1)));
	let relay = Call::<Test>::relay {
		auth,
		signature,
		call: Box::new(remark(1)),
	};
	assert_eq!(codec::Encode::encode(&relay)[0], 0);
	let revoke = codec::Encode::encode(&Call::<Test>::revoke { next: 7 });
	assert_eq!(revoke, [1, 7, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn nonces_are_kept_under_these_keys() {
	run(|| {
		assert_ok!(Relay::revoke(origin(ALICE), 3));
		let key = Nonces::<Test>::hashed_key_for(account(ALICE));
		assert_eq!(key.len(), 80, "32 bytes of names, 16 of a hash, and the account");
		assert_eq!(
			frame_support::storage::unhashed::get_raw(&key),
			Some(vec![3, 0, 0, 0, 0, 0, 0, 0])
		);
	});
}
