//! What may be relayed acts in its signer's name alone, however it is wrapped.

use super::signers::every_call;
use crate::chain::state_of;
use frame_support::{traits::Contains, weights::Weight};
use smartchain_runtime::{
	genesis,
	signers::{is_beyond_signers, Relayable, MAX_RELAYED_DEPTH},
	OriginCaller, Runtime, RuntimeCall,
};
use sp_keyring::Sr25519Keyring as Key;

/// What acts in another name, or hands on the account.
const NEVER: [&str; 7] = [
	"Session.",
	"Multisig.",
	"Proxy.",
	"Motions.",
	"Relay.",
	"Sudo.",
	"Utility.as_derivative",
];

fn transfer() -> RuntimeCall {
	pallet_balances::Call::<Runtime>::transfer_keep_alive {
		dest: Key::Bob.to_account_id().into(),
		value: 1,
	}
	.into()
}

fn batch(call: RuntimeCall) -> RuntimeCall {
	pallet_utility::Call::<Runtime>::batch { calls: vec![call] }.into()
}

#[test]
fn what_may_be_relayed_is_known() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		for (name, call) in every_call() {
			let never = NEVER.iter().any(|never| name.starts_with(never));
			let expected = !never && !is_beyond_signers(&call);
			assert_eq!(Relayable::contains(&call), expected, "{name}");
		}
	});
}

/// Every way in which a call dispatches another one in another name.
fn in_another_name(call: RuntimeCall) -> Vec<RuntimeCall> {
	let boxed = || Box::new(call.clone());
	let alice = Key::Alice.to_account_id();
	vec![
		pallet_proxy::Call::<Runtime>::proxy {
			real: alice.clone().into(),
			force_proxy_type: None,
			call: boxed(),
		}
		.into(),
		pallet_proxy::Call::<Runtime>::proxy_announced {
			delegate: alice.clone().into(),
			real: alice.clone().into(),
			force_proxy_type: None,
			call: boxed(),
		}
		.into(),
		pallet_multisig::Call::<Runtime>::as_multi_threshold_1 {
			other_signatories: vec![alice.clone()],
			call: boxed(),
		}
		.into(),
		pallet_multisig::Call::<Runtime>::as_multi {
			threshold: 2,
			other_signatories: vec![alice.clone()],
			maybe_timepoint: None,
			call: boxed(),
			max_weight: Weight::MAX,
		}
		.into(),
		pallet_utility::Call::<Runtime>::as_derivative {
			index: 0,
			call: boxed(),
		}
		.into(),
		pallet_utility::Call::<Runtime>::dispatch_as {
			as_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Signed(alice))),
			call: boxed(),
		}
		.into(),
		pallet_utility::Call::<Runtime>::with_weight {
			call: boxed(),
			weight: Weight::zero(),
		}
		.into(),
		pallet_scheduler::Call::<Runtime>::schedule {
			when: 9,
			maybe_periodic: None,
			priority: 0,
			call: boxed(),
		}
		.into(),
		pallet_motions::Call::<Runtime>::propose { call: boxed() }.into(),
		pallet_sudo::Call::<Runtime>::sudo { call: boxed() }.into(),
	]
}

#[test]
fn nester_evades_nothing() {
	state_of(genesis::DEV, serde_json::json!({})).execute_with(|| {
		assert!(Relayable::contains(&transfer()));
		for (number, call) in in_another_name(transfer()).into_iter().enumerate() {
			let fallback = pallet_utility::Call::<Runtime>::if_else {
				main: Box::new(transfer()),
				fallback: Box::new(call.clone()),
			};
			let among_others = pallet_utility::Call::<Runtime>::force_batch {
				calls: vec![transfer(), call.clone(), transfer()],
			};
			let ways = [
				call.clone(),
				batch(call.clone()),
				batch(batch(call)),
				fallback.into(),
				among_others.into(),
			];
			for (way, call) in ways.iter().enumerate() {
				assert!(!Relayable::contains(call), "call {number} in way {way}");
			}
		}
	});
}

#[test]
fn calls_lie_in_each_other_so_deep_at_most() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let mut call = transfer();
		for depth in 1..=MAX_RELAYED_DEPTH + 2 {
			assert_eq!(Relayable::contains(&call), depth <= MAX_RELAYED_DEPTH, "{depth}");
			call = batch(call);
		}
	});
}
