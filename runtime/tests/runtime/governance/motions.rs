//! What directors decide together.

use crate::chain::{signed, Chain};
use frame_support::dispatch::GetDispatchInfo;
use pallet_candidates::{Candidates, Parameters};
use smartchain_runtime::{
	configs::{Eliminations, MaxCallWeight},
	constants::currency::BOND,
	genesis, AccountId, Nonce, Runtime, RuntimeCall, RuntimeEvent, System, UncheckedExtrinsic,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{DispatchError, DispatchResult};

/// A proposal, signed.
pub fn propose(who: Key, nonce: Nonce, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	let call = Box::new(call.into());
	signed(who, nonce, 0, pallet_motions::Call::propose { call })
}

/// An aye, signed.
pub fn aye(who: Key, nonce: Nonce, motion: u32) -> UncheckedExtrinsic {
	signed(who, nonce, 0, pallet_motions::Call::vote { motion, aye: true })
}

/// What became of the motion that the last block carried.
pub fn carried(chain: &mut Chain) -> Option<DispatchResult> {
	chain.query(|| {
		System::events().into_iter().find_map(|record| match record.event {
			RuntimeEvent::Motions(pallet_motions::Event::Carried { result, .. }) => Some(result),
			_ => None,
		})
	})
}

/// Has three of the four directors of `local` carry a motion: its number is `motion`, and each of them has voted as
/// often before.
pub fn carry(chain: &mut Chain, motion: u32, call: impl Into<RuntimeCall>) -> DispatchResult {
	let call = call.into();
	chain.grow_well(|| vec![propose(Key::Alice, motion, call), aye(Key::Bob, motion, motion)]);
	assert_eq!(carried(chain), None, "two of four");
	chain.grow_well(|| vec![aye(Key::Charlie, motion, motion)]);
	carried(chain).expect("three of four")
}

#[test]
fn two_thirds_of_the_directors_eliminate() {
	let mut chain = Chain::of(genesis::LOCAL);
	let candidate: AccountId = Key::Dave.to_account_id();
	let eliminate = pallet_candidates::Call::eliminate {
		candidate: candidate.clone(),
	};
	assert_eq!(carry(&mut chain, 0, eliminate), Ok(()));
	chain.query(|| {
		assert!(
			!Candidates::<Runtime>::get(candidate)
				.expect("its bond is held")
				.admitted
		)
	});
}

#[test]
fn two_thirds_of_the_directors_set_parameters() {
	let mut chain = Chain::of(genesis::LOCAL);
	let mut parameters = chain.query(Parameters::<Runtime>::get);
	parameters.min_bond = 2 * BOND;
	let set = pallet_candidates::Call::set_parameters {
		parameters: parameters.clone(),
	};
	assert_eq!(carry(&mut chain, 0, set), Ok(()));
	assert_eq!(chain.query(Parameters::<Runtime>::get), parameters);
}

#[test]
fn directors_are_not_root() {
	let mut chain = Chain::of(genesis::LOCAL);
	let who = Key::Eve.to_account_id();
	let calls: [RuntimeCall; 4] = [
		frame_system::Call::set_storage { items: vec![] }.into(),
		frame_system::Call::authorize_upgrade_without_checks {
			code_hash: Default::default(),
		}
		.into(),
		pallet_balances::Call::force_set_balance {
			who: who.into(),
			new_free: u128::MAX,
		}
		.into(),
		pallet_utility::Call::dispatch_as {
			as_origin: Box::new(frame_system::RawOrigin::Root.into()),
			call: Box::new(frame_system::Call::remark { remark: vec![] }.into()),
		}
		.into(),
	];
	for (motion, call) in (0..).zip(calls) {
		assert_eq!(carry(&mut chain, motion, call), Err(DispatchError::BadOrigin));
	}
}

#[test]
fn others_have_no_say() {
	let mut chain = Chain::of(genesis::LOCAL);
	let remark = frame_system::Call::remark { remark: vec![] };
	let results = chain.grow(|| vec![propose(Key::Eve, 0, remark)]);
	assert_eq!(results, [Ok(Err(pallet_motions::Error::<Runtime>::NotMember.into()))]);
}

#[test]
fn what_directors_are_there_to_decide_is_light_enough() {
	use frame_support::traits::Contains;
	let candidate: AccountId = Key::Eve.to_account_id();
	let eliminate = RuntimeCall::from(pallet_candidates::Call::eliminate {
		candidate: candidate.clone(),
	});
	assert!(Eliminations::contains(&eliminate));
	let admit = RuntimeCall::from(pallet_candidates::Call::admit { candidate });
	assert!(!Eliminations::contains(&admit));
	let upgrade = RuntimeCall::from(frame_system::Call::authorize_upgrade {
		code_hash: Default::default(),
	});
	for call in [eliminate, admit, upgrade] {
		let weight = call.get_dispatch_info().call_weight;
		assert!(weight.all_lte(MaxCallWeight::get()), "{call:?}: {weight:?}");
	}
}
