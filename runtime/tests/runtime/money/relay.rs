//! Relayed calls in whole blocks: one account signs, another one sends and pays for the transaction.

use crate::chain::{signed, signed_by, Chain};
use codec::{Decode, Encode};
use frame_support::{dispatch::GetDispatchInfo, traits::fungible::Inspect, BoundedVec};
use pallet_relay::{AuthOf, Error, WeightInfo};
use relay_primitives::{call_hash, RelayAuth, Spend, DOMAIN, STCI};
use smartchain_runtime::{
	configs::TreasuryAccount,
	constants::currency::{deposit, MILLI, UNITS},
	weights::pallet_relay::Measured,
	AccountId, Balance, Balances, Nonce, Relay, Runtime, RuntimeCall, RuntimeEvent, System,
};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{DispatchResult, MultiSignature};

/// Somebody who sends nothing itself.
fn somebody() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[78; 32])
}

fn account_of(pair: &sr25519::Pair) -> AccountId {
	AccountId::new(pair.public().0)
}

fn transfer(to: AccountId, amount: Balance) -> RuntimeCall {
	pallet_balances::Call::<Runtime>::transfer_allow_death {
		dest: to.into(),
		value: amount,
	}
	.into()
}

/// What somebody has signed for Bob, as Bob sends it. To be made within a block, whose state knows the nonce.
fn relayed(call: RuntimeCall, most: Balance, fee: Balance) -> RuntimeCall {
	let signer = account_of(&somebody());
	let auth: AuthOf<Runtime> = RelayAuth {
		signer: signer.clone(),
		relayer: Key::Bob.to_account_id(),
		fee_asset: STCI,
		fee,
		spend: BoundedVec::truncate_from(vec![Spend { asset: STCI, most }]),
		nonce: pallet_relay::Nonces::<Runtime>::get(&signer),
		valid_until: System::block_number() + 9,
	};
	let payload = auth.payload(&Relay::chain(), &call_hash(&call.encode()));
	let signature = MultiSignature::Sr25519(somebody().sign(&payload));
	let call = Box::new(call);
	pallet_relay::Call::<Runtime>::relay { auth, signature, call }.into()
}

fn free(who: &AccountId) -> Balance {
	Balances::balance(who)
}

fn last_result() -> Option<DispatchResult> {
	System::events()
		.into_iter()
		.rev()
		.find_map(|record| match record.event {
			RuntimeEvent::Relay(pallet_relay::Event::Relayed { result, .. }) => Some(result),
			_ => None,
		})
}

/// A chain on which somebody has ten STCI, and has never sent anything.
fn chain() -> Chain {
	let mut chain = Chain::dev();
	chain.grow_well(Vec::new);
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, transfer(account_of(&somebody()), 10 * UNITS))]);
	chain
}

#[test]
fn who_sends_nothing_pays_by_another_one() {
	let mut chain = chain();
	let (who, charlie, bob) = (
		account_of(&somebody()),
		Key::Charlie.to_account_id(),
		Key::Bob.to_account_id(),
	);
	let before = chain.query(|| (free(&charlie), free(&bob), free(&TreasuryAccount::get())));
	chain.grow_well(|| {
		let call = relayed(transfer(charlie.clone(), UNITS), UNITS, 500 * MILLI);
		vec![signed(Key::Bob, 0, 0, call)]
	});
	chain.query(|| {
		assert_eq!(last_result(), Some(Ok(())));
		assert_eq!(free(&who), 9 * UNITS - 500 * MILLI);
		assert_eq!(free(&charlie), before.0 + UNITS);
		// Bob has paid for the entry and a transaction of less than half of that.
		let entry = deposit(0, 88);
		let earned = free(&bob) - before.1;
		assert!(
			earned < 500 * MILLI - entry && earned > 500 * MILLI - entry * 3 / 2,
			"{earned}"
		);
		assert!(free(&TreasuryAccount::get()) > before.2 + entry);
		assert_eq!(System::account_nonce(&who), 0 as Nonce);
		assert_eq!(Relay::do_try_state(), Ok(()));
	});
}

#[test]
fn what_exceeds_the_spend_is_undone_and_what_is_sent_twice_refused() {
	let mut chain = chain();
	let (who, charlie) = (account_of(&somebody()), Key::Charlie.to_account_id());
	let before = chain.query(|| free(&charlie));
	let results = chain.grow(|| {
		let call = relayed(transfer(charlie.clone(), UNITS), UNITS - 1, 500 * MILLI);
		vec![signed(Key::Bob, 0, 0, call.clone()), signed(Key::Bob, 1, 0, call)]
	});
	assert_eq!(
		results,
		[Ok(Ok(())), Ok(Err(Error::<Runtime>::WrongNonce.into()))],
		"the relayer pays for both transactions"
	);
	chain.query(|| {
		assert_eq!(last_result(), Some(Err(Error::<Runtime>::SpendExceeded.into())));
		assert_eq!(free(&who), 10 * UNITS - 500 * MILLI);
		assert_eq!(free(&charlie), before);
	});
}

/// Calls that no signature helps are refused in the pool and by the block, in whatever they are wrapped.
#[test]
fn what_no_signer_can_do_is_not_relayed_either() {
	let mut chain = chain();
	let results = chain.grow(|| {
		let call = relayed(frame_system::Call::<Runtime>::set_code { code: vec![] }.into(), 0, 0);
		vec![signed(Key::Bob, 0, 0, call)]
	});
	assert!(results.iter().all(Result::is_err), "{results:?}");
}

/// Nester puts relayed calls into each other. What all of them weigh is asked of each transaction that comes, before
/// anybody has paid, and is no matter of how deep they lie.
#[test]
fn nester_has_its_bytes_counted_once() {
	let mut chain = chain();
	chain.query(|| {
		let weight = |call: &RuntimeCall| call.get_dispatch_info().call_weight;
		let long = frame_system::Call::<Runtime>::remark {
			remark: vec![7; 10_000],
		};
		let mut nested = relayed(long.into(), 0, 0);
		for _ in 0..20 {
			let batch = RuntimeCall::from(pallet_utility::Call::<Runtime>::batch { calls: vec![nested] });
			let within = weight(&batch);
			nested = relayed(batch, 0, 0);
			assert_eq!(weight(&nested), Measured::<Runtime>::relay(0).saturating_add(within));
		}
	});
}

/// Interpreter reads what was signed for one end as signed for another. Of a long transaction its hash is signed, as of
/// an authorization: so what an authorization begins with must never be a call.
#[test]
fn interpreter_reads_no_authorization_as_a_transaction() {
	for fill in [0, 1, 255] {
		let bytes = [DOMAIN.to_vec(), vec![fill; 10_000]].concat();
		assert!(RuntimeCall::decode(&mut &bytes[..]).is_err(), "{fill}");
	}
}

/// An account that ended and begins anew is asked for nothing that it has signed before.
#[test]
fn reaper_finds_the_nonce_where_it_was() {
	let mut chain = chain();
	let who = account_of(&somebody());
	let mut first = None;
	chain.grow_well(|| {
		let call = relayed(transfer(Key::Charlie.to_account_id(), UNITS), UNITS, 0);
		first = Some(call.clone());
		vec![signed(Key::Bob, 0, 0, call)]
	});
	chain.grow_well(|| {
		let all = pallet_balances::Call::<Runtime>::transfer_all {
			dest: Key::Charlie.to_account_id().into(),
			keep_alive: false,
		};
		vec![signed_by(&somebody(), 0, 0, all)]
	});
	chain.query(|| assert!(!System::account_exists(&who)));
	chain.grow_well(|| vec![signed(Key::Alice, 1, 0, transfer(who.clone(), 10 * UNITS))]);
	let again = first.expect("it was sent");
	let results = chain.grow(|| vec![signed(Key::Bob, 1, 0, again)]);
	assert_eq!(results, [Ok(Err(Error::<Runtime>::WrongNonce.into()))]);
	chain.query(|| assert_eq!(free(&who), 10 * UNITS));
}
