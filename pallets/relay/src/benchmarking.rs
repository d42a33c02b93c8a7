//! What calls cost.

use crate::{
	pallet::{AuthOf, CallOf},
	*,
};
use alloc::{boxed::Box, vec, vec::Vec};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use relay_primitives::{call_hash, wrapped, Balance, RelayAuth, Spend, STCI};
use sp_core::crypto::KeyTypeId;
use sp_runtime::{traits::IdentifyAccount, AccountId32, MultiSignature, MultiSigner};

/// What a runtime does for these benchmarks.
pub trait BenchmarkHelper<AccountId, Signature> {
	/// An account, and how it signs what `payload` says for it. See [`wallet`].
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, Signature);
}

/// Where keys are kept that sign here.
const KEYSTORE: KeyTypeId = KeyTypeId(*b"rlyb");

/// An account of the kind that takes the longest to verify.
pub fn wallet(payload: &dyn Fn(&AccountId32) -> Vec<u8>) -> (AccountId32, MultiSignature) {
	let public = sp_io::crypto::ecdsa_generate(KEYSTORE, None);
	let who = MultiSigner::Ecdsa(public).into_account();
	let signature = sp_io::crypto::ecdsa_sign(KEYSTORE, &public, &payload(&who)).expect("the keystore has the key");
	(who, MultiSignature::Ecdsa(signature))
}

/// So much that it suffices for everything.
fn fund<T: Config>(who: &T::AccountId) {
	let least = T::Currency::minimum_balance().max(1);
	let much: Balance = least.saturating_add(T::EntryPrice::get()).saturating_mul(100);
	assert_ok!(T::Currency::increase_balance(who, much, Precision::Exact));
}

/// A call with so many bytes as an argument. What it takes itself is charged beside what is measured here, though it
/// runs in it: it is next to nothing.
fn remark<T: Config>(bytes: u32) -> CallOf<T> {
	let remark = vec![7; usize::try_from(bytes).unwrap_or_default()];
	frame_system::Call::<T>::remark { remark }.into()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn relay(l: Linear<8, { T::MaxLength::get() }>) {
		let relayer: T::AccountId = account("relayer", 0, 0);
		fund::<T>(&relayer);
		// Two bytes name the call, up to four its length.
		let call = remark::<T>(l.saturating_sub(6));
		let of = |signer: &T::AccountId| RelayAuth {
			signer: signer.clone(),
			relayer: relayer.clone(),
			fee_asset: STCI,
			fee: T::Currency::minimum_balance().max(1),
			spend: BoundedVec::truncate_from(vec![Spend { asset: STCI, most: 1 }]),
			nonce: 0,
			valid_until: u32::MAX,
		};
		let hash = call_hash(&call.encode());
		let (signer, signature) = T::BenchmarkHelper::wallet(&|signer: &T::AccountId| {
			wrapped(&of(signer).payload(&Pallet::<T>::chain(), &hash))
		});
		fund::<T>(&signer);
		let auth: AuthOf<T> = of(&signer);

		#[extrinsic_call]
		_(RawOrigin::Signed(relayer), auth, signature, Box::new(call));

		assert_eq!(Nonces::<T>::get(&signer), 1);
	}

	#[benchmark]
	fn revoke() {
		let who: T::AccountId = account("who", 0, 0);
		fund::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 9);

		assert_eq!(Nonces::<T>::get(&who), 9);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
