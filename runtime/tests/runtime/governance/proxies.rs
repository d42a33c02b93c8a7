//! What proxies may do.

use crate::chain::{signed, Chain};
use frame_support::traits::InstanceFilter;
use smartchain_runtime::{
	configs::ProxyType, constants::currency::UNITS, Balances, Runtime, RuntimeCall, RuntimeEvent, System,
};
use sp_keyring::Sr25519Keyring as Key;

const ALL: [ProxyType; 6] = [
	ProxyType::Any,
	ProxyType::NonTransfer,
	ProxyType::CancelProxy,
	ProxyType::Office,
	ProxyType::Keys,
	ProxyType::Governance,
];

fn transfer() -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive {
		dest: Key::Alice.to_account_id().into(),
		value: 1,
	}
	.into()
}

fn remark() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

/// Which kinds may do this.
fn may(call: impl Into<RuntimeCall>) -> Vec<ProxyType> {
	let call = call.into();
	ALL.into_iter().filter(|kind| kind.filter(&call)).collect()
}

#[test]
fn each_kind_may_do_what_it_is_for() {
	use ProxyType::*;
	assert_eq!(may(transfer()), [Any]);
	assert_eq!(may(remark()), [Any, NonTransfer]);
	assert_eq!(
		may(pallet_utility::Call::batch {
			calls: vec![transfer()]
		}),
		[Any, NonTransfer, Governance],
		"and what it holds is looked at again"
	);
	assert_eq!(may(pallet_proxy::Call::remove_proxies {}), [Any]);
	assert_eq!(may(pallet_motions::Call::vote { motion: 0, aye: true }), [Any, Office]);
	assert_eq!(
		may(pallet_candidates::Call::report_latencies {
			latencies: Default::default()
		}),
		[Any, Office]
	);
	assert_eq!(may(pallet_candidates::Call::leave {}), [Any]);
	assert_eq!(
		may(pallet_conviction_voting::Call::undelegate { class: 0 }),
		[Any, Governance]
	);
}

#[test]
fn keys_and_shared_accounts_are_not_for_those_that_may_move_no_money() {
	use ProxyType::*;
	// With other keys the bond can be slashed, and what others share is theirs as well.
	assert_eq!(may(pallet_session::Call::purge_keys {}), [Any, Keys]);
	let other_signatories = vec![Key::Charlie.to_account_id()];
	assert_eq!(
		may(pallet_multisig::Call::as_multi_threshold_1 {
			other_signatories,
			call: Box::new(transfer())
		}),
		[Any]
	);
}

#[test]
fn a_vested_transfer_moves_money() {
	use ProxyType::*;
	let send = pallet_vesting::Call::<Runtime>::vested_transfer {
		target: Key::Alice.to_account_id().into(),
		schedule: pallet_vesting::VestingInfo::new(10 * UNITS, UNITS, 1),
	};
	assert_eq!(may(send), [Any]);
}

#[test]
fn only_the_kind_for_everything_is_above_others() {
	for above in ALL {
		for below in ALL {
			let expected = above == below || above == ProxyType::Any;
			assert_eq!(above.is_superset(&below), expected, "{above:?} over {below:?}");
		}
	}
}

#[test]
fn a_batch_does_not_get_around_the_filter() {
	let mut chain = Chain::dev();
	let add = pallet_proxy::Call::add_proxy {
		delegate: Key::Charlie.to_account_id().into(),
		proxy_type: ProxyType::NonTransfer,
		delay: 0,
	};
	let calls = vec![transfer()];
	let act = pallet_proxy::Call::proxy {
		real: Key::Bob.to_account_id().into(),
		force_proxy_type: None,
		call: Box::new(pallet_utility::Call::batch { calls }.into()),
	};
	let before = chain.query(|| Balances::free_balance(Key::Bob.to_account_id()));
	chain.grow_well(|| vec![signed(Key::Bob, 0, 0, add), signed(Key::Charlie, 0, 0, act)]);
	chain.query(|| {
		let after = Balances::free_balance(Key::Bob.to_account_id());
		assert!(before - after < UNITS, "fee and deposit");
		let interrupted = System::events().iter().any(|record| {
			matches!(
				record.event,
				RuntimeEvent::Utility(pallet_utility::Event::BatchInterrupted { index: 0, .. })
			)
		});
		assert!(interrupted);
	});
}
