//! A chain on which some sign and others send, with calls that weigh what they are told to and move money about.

use crate::{self as pallet_relay, pallet::AuthOf, Error};
use codec::Encode;
use frame_support::{
	derive_impl,
	dispatch::DispatchResultWithPostInfo,
	parameter_types,
	traits::{fungible::Inspect, tokens::imbalance::ResolveTo, ConstU128, ConstU32, Contains, Get},
	weights::Weight,
	BoundedVec,
};
use pallet_testkit::configs;
use relay_primitives::{call_hash, wrapped, Balance, Chain, Hash, RelayAuth, RelayNonce, Spend, STCI};
use sp_core::{ed25519, Pair};
use sp_runtime::{
	traits::{Dispatchable, IdentityLookup},
	AccountId32, DispatchError, DispatchResult, MultiSignature, MultiSigner,
};
use sp_version::RuntimeVersion;

/// An account as on the chain: it is the key that signs for it.
pub type AccountId = AccountId32;

/// What a test's calls do.
#[frame_support::pallet]
pub mod deeds {
	use super::{AccountId, Balances};
	use frame_support::{dispatch::DispatchResultWithPostInfo, pallet_prelude::*, traits::ReservableCurrency};
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	#[pallet::error]
	pub enum Error<T> {
		/// As it was asked for.
		Failed,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T>
	where
		T: frame_system::Config<AccountId = AccountId>,
	{
		/// Weighs what it is told, and says that it took so much.
		#[pallet::call_index(0)]
		#[pallet::weight(Weight::from_parts(*declared, 0))]
		pub fn weigh(origin: OriginFor<T>, declared: u64, took: u64) -> DispatchResultWithPostInfo {
			let _ = (ensure_signed(origin)?, declared);
			Ok(Some(Weight::from_parts(took, 0)).into())
		}

		/// Leaves a mark and fails.
		#[pallet::call_index(1)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn fail(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			frame_support::storage::unhashed::put(b"mark", &1u8);
			Err(Error::<T>::Failed.into())
		}

		/// May not be relayed.
		#[pallet::call_index(2)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn forbidden(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			frame_support::storage::unhashed::put(b"mark", &1u8);
			Ok(())
		}

		/// Puts money of the caller aside: it is no longer free.
		#[pallet::call_index(3)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn reserve(origin: OriginFor<T>, amount: u128) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Balances::reserve(&who, amount)
		}

		/// Makes it free again.
		#[pallet::call_index(4)]
		#[pallet::weight(Weight::from_parts(1_000, 0))]
		pub fn unreserve(origin: OriginFor<T>, amount: u128) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Balances::unreserve(&who, amount);
			Ok(())
		}

		/// Would go before everything that ordinary transactions can offer.
		#[pallet::call_index(5)]
		#[pallet::weight((Weight::from_parts(1_000, 0), DispatchClass::Operational))]
		pub fn urgent(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(())
		}
	}
}

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Utility: pallet_utility,
		Relay: pallet_relay,
		Deeds: deeds,
	}
);

parameter_types! {
	/// The version of the encoding of calls.
	pub static Encoding: u32 = 1;
	/// What a call may weigh.
	pub const MostWeight: Weight = Weight::from_parts(1_000_000_000, u64::MAX / 2);
	/// Who is paid for entries.
	pub Treasury: AccountId = account(TREASURY);
}

pub struct Version;

impl Get<RuntimeVersion> for Version {
	fn get() -> RuntimeVersion {
		RuntimeVersion {
			transaction_version: Encoding::get(),
			..Default::default()
		}
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlockU32<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
	type Version = Version;
}

#[derive_impl(configs::Money as pallet_balances::DefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type ExistentialDeposit = ConstU128<LEAST>;
}

impl pallet_utility::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = ();
}

impl deeds::Config for Test {}

/// What may be relayed here. It looks at the call itself alone, so that what lies within it is stopped where it is
/// dispatched, or not at all.
pub struct Relayable;

impl Contains<RuntimeCall> for Relayable {
	fn contains(call: &RuntimeCall) -> bool {
		!matches!(
			call,
			RuntimeCall::Relay(_) | RuntimeCall::Deeds(deeds::Call::forbidden {})
		)
	}
}

impl pallet_relay::Config for Test {
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type Signature = MultiSignature;
	type Signer = MultiSigner;
	type Relayable = Relayable;
	type OnEntryPrice = ResolveTo<Treasury, Balances>;
	type EntryPrice = ConstU128<PRICE>;
	type MaxLength = ConstU32<LONGEST>;
	type MaxWeight = MostWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Set;
}

/// What benchmarks need to be set up.
#[cfg(feature = "runtime-benchmarks")]
pub struct Set;

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId, MultiSignature> for Set {
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, MultiSignature) {
		crate::benchmarking::wallet(payload)
	}
}

/// The least that an account holds.
pub const LEAST: Balance = 10;
/// What an entry costs.
pub const PRICE: Balance = 50;
/// How many bytes a call may have.
pub const LONGEST: u32 = 1_000;
/// What the people of a test have.
pub const RICH: Balance = 1_000_000;

/// Somebody, by a number: those from 1 to 9 are rich.
pub type Who = u8;

/// Signs, as a rule.
pub const ALICE: Who = 1;
/// Is paid by what she signs.
pub const BOB: Who = 2;
/// Relays.
pub const CAROL: Who = 3;
/// Would like to.
pub const MALLORY: Who = 4;
/// Gets what entries cost.
pub const TREASURY: Who = 9;
/// Has no account.
pub const NOBODY: Who = 77;

fn pair(who: Who) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[who; 32])
}

pub fn account(who: Who) -> AccountId {
	AccountId32::new(pair(who).public().0)
}

pub fn origin(who: Who) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(who))
}

pub fn genesis() -> sp_io::TestExternalities {
	let storage = pallet_testkit::genesis::<Test>(&[&pallet_balances::GenesisConfig::<Test> {
		balances: (1..10).map(|who| (account(who), RICH)).collect(),
		..Default::default()
	}]);
	let mut externalities = sp_io::TestExternalities::from(storage);
	#[cfg(feature = "runtime-benchmarks")]
	externalities.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	externalities.execute_with(|| System::set_block_number(1));
	Encoding::set(1);
	externalities
}

/// Runs `test`, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	pallet_testkit::run(genesis(), test, Relay::do_try_state);
}

pub fn free(who: Who) -> Balance {
	Balances::balance(&account(who))
}

pub fn next(who: Who) -> RelayNonce {
	crate::Nonces::<Test>::get(account(who))
}

/// Whether something left the mark of `deeds`.
pub fn is_marked() -> bool {
	frame_support::storage::unhashed::exists(b"mark")
}

pub fn transfer(to: Who, amount: Balance) -> RuntimeCall {
	pallet_balances::Call::<Test>::transfer_allow_death {
		dest: account(to),
		value: amount,
	}
	.into()
}

pub fn remark(bytes: usize) -> RuntimeCall {
	frame_system::Call::<Test>::remark { remark: vec![7; bytes] }.into()
}

pub fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	pallet_utility::Call::<Test>::batch { calls }.into()
}

pub fn batch_all(calls: Vec<RuntimeCall>) -> RuntimeCall {
	pallet_utility::Call::<Test>::batch_all { calls }.into()
}

/// What somebody signs for a relayer: a call with what it may spend, by the next nonce, without a fee.
pub fn auth(signer: Who, relayer: Who, most: Balance) -> AuthOf<Test> {
	RelayAuth {
		signer: account(signer),
		relayer: account(relayer),
		fee_asset: STCI,
		fee: 0,
		spend: spend(&[(STCI, most)]),
		nonce: next(signer),
		valid_until: 100,
	}
}

/// The same for a fee.
pub fn auth_for(signer: Who, relayer: Who, most: Balance, fee: Balance) -> AuthOf<Test> {
	RelayAuth {
		fee,
		..auth(signer, relayer, most)
	}
}

pub fn spend(list: &[(u32, Balance)]) -> BoundedVec<Spend, ConstU32<8>> {
	BoundedVec::truncate_from(list.iter().map(|&(asset, most)| Spend { asset, most }).collect())
}

fn payload(chain: &Chain, auth: &AuthOf<Test>, call: &RuntimeCall) -> Hash {
	auth.payload(chain, &call_hash(&call.encode()))
}

/// How somebody signs this for a chain.
pub fn sign_for(chain: &Chain, who: Who, auth: &AuthOf<Test>, call: &RuntimeCall) -> MultiSignature {
	MultiSignature::Ed25519(pair(who).sign(&payload(chain, auth, call)))
}

/// How somebody signs this.
pub fn sign(who: Who, auth: &AuthOf<Test>, call: &RuntimeCall) -> MultiSignature {
	sign_for(&Relay::chain(), who, auth, call)
}

/// The same as a wallet does it for a page.
pub fn sign_wrapped(who: Who, auth: &AuthOf<Test>, call: &RuntimeCall) -> MultiSignature {
	MultiSignature::Ed25519(pair(who).sign(&wrapped(&payload(&Relay::chain(), auth, call))))
}

/// The call by which this is relayed.
pub fn relay_call(auth: AuthOf<Test>, signature: MultiSignature, call: RuntimeCall) -> RuntimeCall {
	let call = Box::new(call);
	crate::Call::<Test>::relay { auth, signature, call }.into()
}

/// Somebody sends what is signed, as a block treats it.
pub fn send(
	sender: Who,
	auth: AuthOf<Test>,
	signature: MultiSignature,
	call: RuntimeCall,
) -> DispatchResultWithPostInfo {
	relay_call(auth, signature, call).dispatch(origin(sender))
}

/// What comes of it.
pub fn outcome(sent: DispatchResultWithPostInfo) -> DispatchResult {
	sent.map(|_| ()).map_err(|failure| failure.error)
}

/// The signer signs and the relayer sends: what came of it, and of the call.
pub fn relay(signer: Who, auth: AuthOf<Test>, call: RuntimeCall) -> Result<DispatchResult, DispatchError> {
	let signature = sign(signer, &auth, &call);
	let relayer = RuntimeOrigin::signed(auth.relayer.clone());
	outcome(relay_call(auth, signature, call).dispatch(relayer))?;
	Ok(last_result().expect("what was relayed is told"))
}

/// What became of the last call that was relayed.
pub fn last_result() -> Option<DispatchResult> {
	let events = System::read_events_for_pallet::<crate::Event<Test>>();
	events.into_iter().rev().find_map(|event| match event {
		crate::Event::Relayed { result, .. } => Some(result),
		crate::Event::Revoked { .. } => None,
	})
}

/// What is left of money that went astray.
pub fn exceeded() -> DispatchResult {
	Err(Error::<Test>::SpendExceeded.into())
}

/// Looks whether nothing of a signed word may be sent again.
pub fn is_used(auth: &AuthOf<Test>) -> bool {
	crate::Nonces::<Test>::get(&auth.signer) > auth.nonce
}
