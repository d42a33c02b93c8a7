//! Those that want more than was signed, and those that sign what they will not pay.

use crate::{mock::*, Error, WeightInfo};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, storage::with_storage_layer, weights::Weight};
use relay_primitives::{Chain, RelayAuth};
use sp_core::sr25519;
use sp_runtime::{
	traits::{BadOrigin, Dispatchable, Verify},
	DispatchError, DispatchResult, MultiSignature, TransactionalError,
};

/// Replayer sends what was signed once more, and what was signed for another chain.
#[test]
fn replayer_sends_nothing_twice() {
	run(|| {
		let (auth, call) = (auth_for(ALICE, CAROL, 1_000, 70), transfer(BOB, 1_000));
		let signature = sign(ALICE, &auth, &call);
		assert_ok!(send(CAROL, auth.clone(), signature.clone(), call.clone()));
		for _ in 0..2 {
			assert_noop!(
				outcome(send(CAROL, auth.clone(), signature.clone(), call.clone())),
				Error::<Test>::WrongNonce
			);
		}
		// Under the next number it is not signed.
		let mut again = auth;
		again.nonce = 1;
		assert_noop!(
			outcome(send(CAROL, again, signature, call)),
			Error::<Test>::BadSignature
		);
	});
}

#[test]
fn replayer_has_a_signature_for_another_chain() {
	run(|| {
		let (auth, call) = (auth(ALICE, CAROL, 1_000), transfer(BOB, 1_000));
		let here = Relay::chain();
		let elsewhere = Chain {
			genesis: [7; 32],
			..here
		};
		let later = Chain {
			transaction_version: 2,
			..here
		};
		for chain in [elsewhere, later] {
			let signature = sign_for(&chain, ALICE, &auth, &call);
			assert_noop!(
				outcome(send(CAROL, auth.clone(), signature, call.clone())),
				Error::<Test>::BadSignature
			);
		}
		// The same bytes may be another call after an upgrade.
		let signature = sign(ALICE, &auth, &call);
		Encoding::set(2);
		assert_noop!(
			outcome(send(CAROL, auth.clone(), signature.clone(), call.clone())),
			Error::<Test>::BadSignature
		);
		Encoding::set(1);
		assert_ok!(send(CAROL, auth, signature, call));
	});
}

/// Frontrunner sees an authorization on its way, and wants the fee.
#[test]
fn frontrunner_is_not_the_relayer() {
	run(|| {
		let (auth, call) = (auth_for(ALICE, CAROL, 1_000, 70), transfer(BOB, 1_000));
		let signature = sign(ALICE, &auth, &call);
		assert_noop!(
			outcome(send(MALLORY, auth.clone(), signature.clone(), call.clone())),
			Error::<Test>::NotRelayer
		);
		let mut own = auth.clone();
		own.relayer = account(MALLORY);
		assert_noop!(
			outcome(send(MALLORY, own, signature.clone(), call.clone())),
			Error::<Test>::BadSignature
		);
		assert_ok!(send(CAROL, auth, signature, call));
	});
}

/// Editor is the relayer, and changes what was signed: each field, the call, and who signed.
#[test]
fn editor_changes_nothing() {
	run(|| {
		let (auth, call) = (auth_for(ALICE, CAROL, 1_000, 70), transfer(BOB, 1_000));
		let signature = sign(ALICE, &auth, &call);
		let mut dearer = auth.clone();
		dearer.fee += 1;
		let mut looser = auth.clone();
		looser.spend = spend(&[(0, 1_001)]);
		let mut longer = auth.clone();
		longer.valid_until += 1;
		let mut of_bob = auth.clone();
		of_bob.signer = account(BOB);
		for changed in [dearer, looser, longer, of_bob] {
			assert_noop!(
				outcome(send(CAROL, changed, signature.clone(), call.clone())),
				Error::<Test>::BadSignature
			);
		}
		assert_noop!(
			outcome(send(CAROL, auth.clone(), signature, transfer(CAROL, 1_000))),
			Error::<Test>::BadSignature
		);
		let of_mallory = sign(MALLORY, &auth, &call);
		assert_noop!(
			outcome(send(CAROL, auth, of_mallory, call)),
			Error::<Test>::BadSignature
		);
	});
}

/// Forger signs for the account of zeros, as anybody can: what others have sent there to be rid of it stays there.
#[test]
fn forger_signs_for_no_account_of_zeros() {
	run(|| {
		let zeros = AccountId::new([0; 32]);
		let burns = pallet_balances::Call::<Test>::transfer_allow_death {
			dest: zeros.clone(),
			value: 1_000,
		};
		assert_ok!(RuntimeCall::from(burns).dispatch(origin(ALICE)));
		// The key is the neutral element: what commits to nothing and proves nothing is a signature under every
		// message.
		let mut bytes = [0; 64];
		bytes[63] = 128;
		let forged = MultiSignature::Sr25519(sr25519::Signature::from_raw(bytes));
		assert!(forged.verify(&[7_u8; 32][..], &zeros));
		let auth = RelayAuth {
			signer: zeros,
			..auth(ALICE, MALLORY, 1_000)
		};
		assert_noop!(
			outcome(send(MALLORY, auth, forged, transfer(MALLORY, 900))),
			Error::<Test>::BadSignature
		);
	});
}

/// Drainer signs, and spends what the fee would be paid with before it is sent.
#[test]
fn drainer_costs_its_relayer_a_transaction() {
	run(|| {
		let (auth, call) = (auth_for(ALICE, CAROL, 0, 70), remark(1));
		let signature = sign(ALICE, &auth, &call);
		assert_ok!(transfer(BOB, RICH - LEAST - 69).dispatch(origin(ALICE)));
		assert_noop!(
			outcome(send(CAROL, auth.clone(), signature.clone(), call.clone())),
			Error::<Test>::CannotPayFee
		);
		// It counts still, as soon as there is something.
		assert_ok!(transfer(ALICE, 1).dispatch(origin(BOB)));
		assert_ok!(send(CAROL, auth, signature, call));
	});
}

/// Drainer puts it aside instead, where it is its own.
#[test]
fn drainer_can_not_hide_money() {
	run(|| {
		let aside = deeds::Call::<Test>::reserve {
			amount: RICH - LEAST - 69,
		};
		assert_ok!(RuntimeCall::from(aside).dispatch(origin(ALICE)));
		assert_noop!(
			relay(ALICE, auth_for(ALICE, CAROL, 0, 70), remark(1)),
			Error::<Test>::CannotPayFee
		);
	});
}

/// Spender has a call signed that takes more than its page showed.
#[test]
fn spender_takes_no_more_than_allowed() {
	run(|| {
		for (most, amount) in [(0, 1), (999, 1_000), (1_000, 1_001), (1_000, RICH / 2)] {
			let before = (free(ALICE), free(BOB), next(ALICE));
			assert_eq!(
				relay(ALICE, auth_for(ALICE, CAROL, most, 70), transfer(BOB, amount)),
				Ok(exceeded())
			);
			let after = (free(ALICE), free(BOB), next(ALICE));
			assert_eq!(
				after,
				(before.0 - 70, before.1, before.2 + 1),
				"the fee stays, and the nonce"
			);
		}
	});
}

/// In parts it is no less.
#[test]
fn spender_takes_no_more_in_a_batch() {
	run(|| {
		let parts = || vec![transfer(BOB, 400), transfer(MALLORY, 400), transfer(BOB, 400)];
		for call in [batch(parts()), batch_all(parts())] {
			assert_eq!(relay(ALICE, auth(ALICE, CAROL, 1_199), call), Ok(exceeded()));
		}
		assert_eq!((free(BOB), free(MALLORY)), (RICH, RICH));
		assert_eq!(relay(ALICE, auth(ALICE, CAROL, 1_200), batch(parts())), Ok(Ok(())));
	});
}

/// What is put on hold or reserved is not spent, and free no more: a deposit has to be allowed too.
#[test]
fn spender_puts_nothing_aside() {
	run(|| {
		let aside = |amount| RuntimeCall::from(deeds::Call::<Test>::reserve { amount });
		assert_eq!(relay(ALICE, auth(ALICE, CAROL, 499), aside(500)), Ok(exceeded()));
		assert_eq!(relay(ALICE, auth(ALICE, CAROL, 500), aside(500)), Ok(Ok(())));
	});
}

/// What was on hold before comes free and goes away in one: what is free is as much as before.
#[test]
fn spender_takes_nothing_that_was_on_hold() {
	run(|| {
		let aside = deeds::Call::<Test>::reserve { amount: 500 };
		assert_ok!(RuntimeCall::from(aside).dispatch(origin(ALICE)));
		let both = || {
			let back = deeds::Call::<Test>::unreserve { amount: 500 };
			batch_all(vec![back.into(), transfer(BOB, 500)])
		};
		assert_eq!(relay(ALICE, auth(ALICE, CAROL, 499), both()), Ok(exceeded()));
		assert_eq!(relay(ALICE, auth(ALICE, CAROL, 500), both()), Ok(Ok(())));
	});
}

/// Nester wraps what may not be relayed, and a relayed call in a relayed call.
#[test]
fn nester_is_stopped_where_its_call_lies() {
	run(|| {
		let forbidden = || RuntimeCall::from(deeds::Call::<Test>::forbidden {});
		assert_ok!(forbidden().dispatch(origin(BOB)));
		frame_support::storage::unhashed::kill(b"mark");
		assert_noop!(
			relay(ALICE, auth(ALICE, CAROL, 0), forbidden()),
			Error::<Test>::Filtered
		);
		let filtered: DispatchError = frame_system::Error::<Test>::CallFiltered.into();
		let wraps: [&dyn Fn(RuntimeCall) -> RuntimeCall; 4] = [
			&|call| batch_all(vec![call]),
			&|call| batch(vec![batch(vec![call])]),
			&|call| {
				pallet_utility::Call::<Test>::as_derivative {
					index: 0,
					call: Box::new(call),
				}
				.into()
			},
			&|call| {
				pallet_utility::Call::<Test>::if_else {
					main: Box::new(deeds::Call::<Test>::fail {}.into()),
					fallback: Box::new(call),
				}
				.into()
			},
		];
		for (number, wrap) in wraps.iter().enumerate() {
			let result = relay(ALICE, auth(ALICE, CAROL, 0), wrap(forbidden()));
			assert!(!is_marked(), "wrap {number}");
			// A batch says in an event what stopped it.
			assert!(matches!(result, Ok(Ok(())) | Ok(Err(_))), "wrap {number}");
			if number != 1 {
				assert_eq!(result, Ok(Err(filtered)), "wrap {number}");
			}
		}
		let as_root = pallet_utility::Call::<Test>::dispatch_as {
			as_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Root)),
			call: Box::new(forbidden()),
		};
		let refused = relay(ALICE, auth(ALICE, CAROL, 0), as_root.into());
		assert_eq!(refused, Ok(Err(BadOrigin.into())));
	});
}

#[test]
fn nester_relays_nothing_within_a_relayed_call() {
	run(|| {
		let of_bob = auth(BOB, ALICE, 1_000);
		let call = transfer(MALLORY, 1_000);
		let inner = relay_call(of_bob.clone(), sign(BOB, &of_bob, &call), call);
		assert_noop!(
			relay(ALICE, auth(ALICE, CAROL, 0), inner.clone()),
			Error::<Test>::Filtered
		);
		let filtered: DispatchError = frame_system::Error::<Test>::CallFiltered.into();
		let wrapped = relay(ALICE, auth(ALICE, CAROL, 0), batch_all(vec![inner]));
		assert_eq!(wrapped, Ok(Err(filtered)));
		let revoke = crate::Call::<Test>::revoke { next: 99 }.into();
		let revoked = relay(ALICE, auth(ALICE, CAROL, RICH), batch_all(vec![revoke]));
		assert_eq!(revoked, Ok(Err(filtered)));
		assert!(!is_used(&of_bob));
	});
}

/// Nester puts relayed calls into each other, as deep as calls are decoded. What they are charged is looked up before
/// anybody has paid: the bytes within are counted once, and not by each of them.
#[test]
fn nester_has_its_bytes_counted_once() {
	run(|| {
		let weight = |call: &RuntimeCall| call.get_dispatch_info().call_weight;
		let of_none = <() as WeightInfo>::relay(0);
		let (auth, call) = (auth(ALICE, CAROL, 0), remark(900));
		let signature = sign(ALICE, &auth, &call);
		let mut nested = relay_call(auth.clone(), signature.clone(), call);
		assert!(weight(&nested).ref_time() > of_none.ref_time() + 900, "once they are");
		for _ in 0..3 {
			let within = weight(&nested);
			nested = relay_call(auth.clone(), signature.clone(), nested);
			assert_eq!(weight(&nested), of_none.saturating_add(within));
		}
		// Nor is it encoded when it is refused.
		let refused = nested.dispatch(origin(CAROL)).expect_err("it is not relayed");
		assert_eq!(refused.error, Error::<Test>::Filtered.into());
		assert_eq!(refused.post_info.actual_weight, Some(of_none));
	});
}

/// The relayer may put it into a batch of its own. If that fails later, nothing was relayed, and what it wanted to
/// know before it pays is all it gets.
#[test]
fn nester_rolls_back_all_or_nothing() {
	run(|| {
		let (auth, call) = (auth_for(ALICE, CAROL, 1_000, 70), transfer(BOB, 1_000));
		let signature = sign(ALICE, &auth, &call);
		let relay = relay_call(auth.clone(), signature, call);
		let fails = deeds::Call::<Test>::fail {}.into();
		let both = batch_all(vec![relay.clone(), fails]);
		assert_noop!(outcome(both.dispatch(origin(CAROL))), deeds::Error::<Test>::Failed);
		assert!(!is_used(&auth));
		// Twice in one is once too often.
		let twice = batch_all(vec![relay.clone(), relay.clone()]);
		assert_noop!(outcome(twice.dispatch(origin(CAROL))), Error::<Test>::WrongNonce);
		assert_ok!(batch_all(vec![relay]).dispatch(origin(CAROL)));
		assert_eq!(free(ALICE), RICH - 1_070);
	});
}

/// Does something so deep in layers of storage, as batches in each other lay it.
fn within(layers: u32, act: &dyn Fn() -> DispatchResult) -> DispatchResult {
	match layers.checked_sub(1) {
		None => act(),
		Some(fewer) => with_storage_layer(|| within(fewer, act)),
	}
}

/// Digger lays what it relays so deep in batches that the call finds no layer of storage, and wants the fee for that.
#[test]
fn digger_gets_no_fee_for_what_lies_too_deep() {
	run(|| {
		let (auth, call) = (auth_for(ALICE, CAROL, 1_000, 70), batch_all(vec![transfer(BOB, 1_000)]));
		let signature = sign(ALICE, &auth, &call);
		let relay = || outcome(send(CAROL, auth.clone(), signature.clone(), call.clone()));
		// There are 255. One is taken by the relayer's own call, and sixteen are kept for what it relays.
		for layers in [239, 247, 251, 252, 253, 254] {
			assert_noop!(within(layers, &relay), TransactionalError::LimitReached);
		}
		assert_ok!(within(238, &relay));
		assert_eq!(last_result(), Some(Ok(())));
		assert_eq!((free(ALICE), free(BOB)), (RICH - 1_070, RICH + 1_000));
	});
}

fn weigh(declared: u64, took: u64) -> RuntimeCall {
	deeds::Call::<Test>::weigh { declared, took }.into()
}

/// Heavy takes longer than it says, or than a relayed call may.
#[test]
fn heavy_is_charged_as_declared_at_most() {
	run(|| {
		let most = MostWeight::get().ref_time();
		assert_noop!(
			relay(ALICE, auth(ALICE, CAROL, 0), weigh(most + 1, 1)),
			Error::<Test>::TooLarge
		);
		let (auth, call) = (auth(ALICE, CAROL, 0), weigh(1_000, 5_000));
		let signature = sign(ALICE, &auth, &call);
		let info = relay_call(auth.clone(), signature.clone(), call.clone()).get_dispatch_info();
		let post = send(CAROL, auth, signature, call).expect("relays");
		assert_eq!(post.actual_weight, Some(info.call_weight), "and no more, as everywhere");
	});
}

/// What was undone took its time.
#[test]
fn heavy_pays_for_what_is_rolled_back() {
	run(|| {
		let light = |call: &RuntimeCall| call.get_dispatch_info().call_weight;
		let call = batch_all(vec![weigh(9_000, 4_000), transfer(BOB, 1)]);
		let auth = auth(ALICE, CAROL, 0);
		let signature = sign(ALICE, &auth, &call);
		let charged = light(&relay_call(auth.clone(), signature.clone(), call.clone()));
		let post = send(CAROL, auth, signature, call).expect("relays");
		assert_eq!(last_result(), Some(exceeded()));
		// Of the batch, only what the first call gave back.
		assert_eq!(post.actual_weight, Some(charged - Weight::from_parts(5_000, 0)));
	});
}

/// Nobody gets into the class that goes first by having it relayed.
#[test]
fn heavy_gets_into_no_other_class() {
	run(|| {
		let urgent = deeds::Call::<Test>::urgent {};
		assert_noop!(
			relay(ALICE, auth(ALICE, CAROL, 0), urgent.into()),
			Error::<Test>::Filtered
		);
	});
}

/// Reaper waits until the account of its signer has ended and begun anew.
#[test]
fn reaper_can_not_send_what_an_account_signed_before_it_ended() {
	run(|| {
		let (auth, call) = (auth(ALICE, CAROL, 1_000), transfer(BOB, 1_000));
		let signature = sign(ALICE, &auth, &call);
		assert_ok!(send(CAROL, auth.clone(), signature.clone(), call.clone()));
		assert_ok!(transfer(BOB, free(ALICE)).dispatch(origin(ALICE)));
		assert!(!System::account_exists(&account(ALICE)));
		assert_ok!(transfer(ALICE, 5_000).dispatch(origin(BOB)));
		assert_eq!(
			System::account_nonce(account(ALICE)),
			0,
			"a transaction's count begins anew"
		);
		assert_eq!(next(ALICE), 1);
		assert_noop!(outcome(send(CAROL, auth, signature, call)), Error::<Test>::WrongNonce);
	});
}

/// A call that ends its account: what is left over and vanishes counts as spent.
#[test]
fn reaper_ends_an_account_within_its_spend() {
	run(|| {
		let amount = RICH - LEAST + 1;
		assert_eq!(
			relay(ALICE, auth(ALICE, CAROL, amount), transfer(BOB, amount)),
			Ok(exceeded())
		);
		assert_eq!(free(ALICE), RICH);
		assert_eq!(
			relay(ALICE, auth(ALICE, CAROL, RICH), transfer(BOB, amount)),
			Ok(Ok(()))
		);
		assert!(!System::account_exists(&account(ALICE)));
		assert_eq!(next(ALICE), 2);
	});
}
