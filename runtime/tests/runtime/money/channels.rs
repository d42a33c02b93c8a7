//! Payment channels in whole blocks: whoever has no money is answered for, and the clock goes on with the blocks.

use super::compute::Shop;
use crate::{
	chain::{signed, Chain},
	devices::machines::next,
};
use channel_primitives::{
	Accept, ChannelKey, ChannelSignature, Claim, Condition, Context, Half, LeafWitness, Lock, Locks, Node, Payload,
	PerSide, Side, Signed, Stage, Submit, Terms, Witness, NO_CHANNEL, STCI, TASK_ACCEPTED,
};
use codec::Encode;
use compute_market_primitives::TaskAccepted;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{fungible::Inspect, Get, Hooks},
	weights::Weight,
};
use pallet_payment_channels::{Answer, Call, Error};
use pallet_traits::Predicates;
use relay_primitives::{call_hash, RelayAuth};
use smartchain_runtime::{
	configs::{ComputeTerms, Facts},
	constants::currency::UNITS,
	AccountId, Balances, Block, PaymentChannels, Relay, Runtime, RuntimeCall, System,
};
use smartchain_runtime_apis::runtime_decl_for_channels_api::ChannelsApiV1;
use sp_core::{ed25519, Pair};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	MultiSignature,
};

/// For how many ticks answers count here.
const WINDOW: u32 = 4;

/// Somebody with an account that nobody has heard of.
fn stranger() -> ed25519::Pair {
	ed25519::Pair::from_seed(&[77; 32])
}

fn account_of(pair: &ed25519::Pair) -> AccountId {
	AccountId::new(pair.public().0)
}

/// The key of Alice in her channel, and that of the stranger.
fn hot(of_alice: bool) -> ed25519::Pair {
	ed25519::Pair::from_seed(&[if of_alice { 1 } else { 2 }; 32])
}

fn side_of_alice() -> Side {
	Side::of(&Key::Alice.to_account_id(), &account_of(&stranger())).expect("they are two")
}

fn context(channel: u64, side: Side) -> Context {
	Context {
		genesis: System::block_hash(0).0,
		channel,
		asset: STCI,
		side,
	}
}

fn sign<B: Payload>(of_alice: bool, body: B) -> Signed<B> {
	let alice = side_of_alice();
	let side = if of_alice { alice } else { alice.partner() };
	let signature = hot(of_alice).sign(&body.payload(&context(1, side)));
	Signed {
		body,
		signature: ChannelSignature(signature.0),
	}
}

fn open(amount: u128) -> RuntimeCall {
	let keys = PerSide::from_fn(|side| ChannelKey(hot(side == side_of_alice()).public().0));
	let terms = Terms { keys, window: WINDOW };
	let expiry = PaymentChannels::tick() + 1;
	let accept = Accept {
		terms,
		opener: Key::Alice.to_account_id().into(),
		expiry,
	};
	let payload = accept.payload(&context(NO_CHANNEL, side_of_alice().partner()));
	pallet_payment_channels::Call::open {
		partner: account_of(&stranger()),
		terms,
		amount,
		expiry,
		signature: MultiSignature::Ed25519(stranger().sign(&payload)),
	}
	.into()
}

fn close(owes: u128) -> RuntimeCall {
	close_with(owes, Locks::default())
}

fn close_with(owes: u128, locks: Locks) -> RuntimeCall {
	pallet_payment_channels::Call::close {
		channel: 1,
		claim: sign(true, Claim::new(owes, &locks)),
		locks,
		brought: None,
		words: Default::default(),
	}
	.into()
}

/// Alice has paid so much.
fn half(transferred: u128) -> Signed<Half> {
	let none = Locks::default();
	let half = Half {
		nonce: 9,
		ack: 0,
		transferred,
		locked: 0,
		locks: none.root(),
		memo: [0; 32],
	};
	sign(true, half)
}

fn submit(half: &Signed<Half>) -> Signed<Submit> {
	let body = Submit {
		half: half.body.payload(&context(1, side_of_alice())),
		tower: None,
		reward: 0,
	};
	sign(false, body)
}

fn tick(chain: &mut Chain) -> u32 {
	chain.query(PaymentChannels::tick)
}

#[test]
fn who_has_no_account_is_paid_what_it_was_promised() {
	let mut chain = Chain::dev();
	chain.grow_well(Vec::new);
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, open(100 * UNITS))]);
	chain.grow_well(|| vec![signed(Key::Alice, 1, 0, close(30 * UNITS))]);
	chain.grow_well(|| {
		let half = half(30 * UNITS);
		let submit = submit(&half);
		vec![<Runtime as ChannelsApiV1<Block>>::update(
			1,
			side_of_alice(),
			half,
			submit,
		)]
	});
	let stage = chain.query(|| PaymentChannels::channel(1).map(|channel| channel.stage));
	let Some(Stage::Closing(dispute)) = stage else {
		panic!("{stage:?}")
	};
	while tick(&mut chain) <= dispute.deadline {
		let early = chain.grow(|| vec![<Runtime as ChannelsApiV1<Block>>::settle(1)]);
		assert!(early.iter().all(Result::is_err), "{early:?}");
	}
	chain.grow_well(|| vec![<Runtime as ChannelsApiV1<Block>>::settle(1)]);
	chain.query(|| {
		assert_eq!(Balances::balance(&account_of(&stranger())), 30 * UNITS);
		assert_eq!(PaymentChannels::do_try_state(), Ok(()));
	});
}

/// A close and its proof can lie in one block, and nobody who has nothing pays for it.
#[test]
fn a_stale_close_is_punished_in_the_next_block() {
	let mut chain = Chain::dev();
	chain.grow_well(Vec::new);
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, open(100 * UNITS))]);
	chain.grow_well(|| vec![signed(Key::Alice, 1, 0, close(1))]);
	chain.grow_well(|| {
		let proof = <Runtime as ChannelsApiV1<Block>>::prove_fraud(1, half(30 * UNITS), None, None, None);
		vec![proof]
	});
	chain.query(|| {
		assert_eq!(Balances::balance(&account_of(&stranger())), 100 * UNITS);
		assert_eq!(PaymentChannels::channel(1), None);
		assert_eq!(PaymentChannels::do_try_state(), Ok(()));
	});
}

/// Closing is for the account of a side alone: whoever has no STCI has another one send it, for nothing.
#[test]
fn who_has_no_account_closes_through_a_relayer() {
	let mut chain = Chain::dev();
	chain.grow_well(Vec::new);
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, open(100 * UNITS))]);
	chain.grow_well(|| {
		let close = pallet_payment_channels::Call::<Runtime>::close {
			channel: 1,
			claim: sign(false, Claim::new(0, &Locks::default())),
			locks: Locks::default(),
			brought: Some(half(30 * UNITS)),
			words: Default::default(),
		};
		let call = RuntimeCall::from(close);
		let auth = RelayAuth {
			signer: account_of(&stranger()),
			relayer: Key::Bob.to_account_id(),
			fee_asset: STCI,
			fee: 0,
			spend: Default::default(),
			nonce: 0,
			valid_until: 9,
		};
		let payload = auth.payload(&Relay::chain(), &call_hash(&call.encode()));
		let signature = MultiSignature::Ed25519(stranger().sign(&payload));
		let call = Box::new(call);
		let relay = pallet_relay::Call::<Runtime>::relay { auth, signature, call };
		vec![signed(Key::Bob, 0, 0, relay)]
	});
	let Some(Stage::Closing(dispute)) = chain.query(|| PaymentChannels::channel(1).map(|channel| channel.stage)) else {
		panic!("it closes")
	};
	while tick(&mut chain) <= dispute.deadline {
		chain.grow_well(Vec::new);
	}
	chain.grow_well(|| vec![<Runtime as ChannelsApiV1<Block>>::settle(1)]);
	chain.query(|| assert_eq!(Balances::balance(&account_of(&stranger())), 30 * UNITS));
}

/// Flooder fills a block with what it pays for: the proof of a victim that has nothing comes last, and has its place.
#[test]
fn flooder_keeps_no_answer_out_of_a_block_that_it_fills() {
	let mut chain = Chain::dev();
	chain.grow_well(Vec::new);
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, open(100 * UNITS))]);
	chain.grow_well(|| vec![signed(Key::Alice, 1, 0, close(1))]);
	let results = chain.grow(|| {
		let transfer = |nonce| {
			let call = pallet_balances::Call::<Runtime>::transfer_keep_alive {
				dest: Key::Charlie.to_account_id().into(),
				value: 1,
			};
			signed(Key::Bob, nonce, 0, call)
		};
		let proof = <Runtime as ChannelsApiV1<Block>>::prove_fraud(1, half(30 * UNITS), None, None, None);
		(0..1_400).map(transfer).chain([proof]).collect()
	});
	let (proof, transfers) = results.split_last().expect("there are many");
	let exhausted = TransactionValidityError::from(InvalidTransaction::ExhaustsResources);
	assert!(transfers.contains(&Err(exhausted)), "it is full");
	assert_eq!(proof, &Ok(Ok(())));
	chain.query(|| assert_eq!(Balances::balance(&account_of(&stranger())), 100 * UNITS));
}

/// Nobody that signs has a part in what is kept free for answers, whatever it pays, alone or in a batch; by `answer` it
/// pays for the ordinary part of a block.
#[test]
fn flooder_with_an_account_stays_out_of_what_is_kept_free() {
	let mut chain = Chain::dev();
	chain.grow_well(Vec::new);
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, open(100 * UNITS))]);
	chain.grow_well(|| vec![signed(Key::Alice, 1, 0, close(1))]);
	let half = || half(30 * UNITS);
	let update = |half, submit| Call::<Runtime>::update {
		channel: 1,
		side: side_of_alice(),
		half,
		submit,
	};
	for batched in [false, true] {
		let results = chain.grow(|| {
			let half = half();
			let call = RuntimeCall::from(update(half, submit(&half)));
			assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
			let call = if batched {
				RuntimeCall::from(pallet_utility::Call::<Runtime>::batch { calls: vec![call] })
			} else {
				call
			};
			vec![signed(Key::Bob, 0, 5 * UNITS, call)]
		});
		let refused = TransactionValidityError::from(InvalidTransaction::Call);
		assert_eq!(results, [Err(refused)], "batched: {batched}");
	}
	chain.grow_well(|| {
		let (half, side) = (half(), side_of_alice());
		let answer = Answer::Update {
			side,
			half,
			submit: submit(&half),
		};
		let call = RuntimeCall::from(Call::<Runtime>::answer { channel: 1, answer });
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Normal);
		vec![signed(Key::Bob, 0, 0, call)]
	});
	chain.query(|| assert_eq!(PaymentChannels::do_try_state(), Ok(())));
}

/// In what a block has left the chain forgets what is over, and takes no more than that.
#[test]
fn the_chain_forgets_settled_channels_itself() {
	let mut chain = Chain::dev();
	chain.grow_well(Vec::new);
	chain.grow_well(|| vec![signed(Key::Alice, 0, 0, open(100 * UNITS))]);
	chain.grow_well(|| vec![signed(Key::Alice, 1, 0, close(30 * UNITS))]);
	for _ in 0..=WINDOW {
		chain.grow_well(Vec::new);
	}
	chain.grow_well(|| vec![<Runtime as ChannelsApiV1<Block>>::settle(1)]);
	assert!(chain.query(|| PaymentChannels::channel(1)).is_some());
	// It stands while nothing is final, as here.
	chain.prepare(|| {
		let kept: u32 = <Runtime as pallet_payment_channels::Config>::TowerTicks::get();
		pallet_poca::Clock::<Runtime>::mutate(|clock| clock.tick += kept + 1);
	});
	chain.query(|| {
		let little = Weight::from_parts(1_000, 1_000);
		assert_eq!(PaymentChannels::on_idle(0, little), Weight::zero());
		assert!(PaymentChannels::channel(1).is_some());
	});
	chain.grow_well(Vec::new);
	chain.query(|| {
		assert_eq!(PaymentChannels::channel(1), None);
		assert_eq!(PaymentChannels::do_try_state(), Ok(()));
	});
}

/// What an account sends has the same arguments as what none does: a wallet that knows one knows the other.
#[test]
fn an_answer_is_the_call_of_its_name_without_the_channel() {
	let mut chain = Chain::dev();
	chain.query(|| {
		let (half, side) = (half(1), side_of_alice());
		let submit = submit(&half);
		let bytes = |call: Call<Runtime>| RuntimeCall::from(call).encode();
		let update = bytes(Call::update {
			channel: 1,
			side,
			half,
			submit,
		});
		let answer = bytes(Call::answer {
			channel: 1,
			answer: Answer::Update { side, half, submit },
		});
		// The numbers of pallet and call, the channel; then which of the answers it is.
		assert_eq!((&update[..2], &answer[..2]), (&[50, 6][..], &[50, 20][..]));
		assert_eq!((answer[10], &answer[11..]), (0, &update[10..]));
	});
}

#[test]
fn a_block_is_a_tick_of_the_markets_clock() {
	let mut chain = Chain::dev();
	for expected in 1..5 {
		chain.grow_well(Vec::new);
		assert_eq!(tick(&mut chain), expected);
	}
	// An author that fills its blocks makes the clock slow.
	chain.full = true;
	chain.grow_well(Vec::new);
	assert_eq!(tick(&mut chain), 4);
}

/// Alice pays for a result by a lock: it is met once nobody can appeal that any more, and not before.
#[test]
fn a_lock_waits_for_a_result_that_nobody_can_appeal() {
	let mut shop = Shop::open();
	let (job, unit, root) = (shop.done(1), 0, None);
	let args = TaskAccepted { job, unit, root }.encode();
	let predicate = Node::Predicate {
		id: TASK_ACCEPTED,
		args: args.try_into().expect("short"),
	};
	let condition = Condition::new(vec![predicate]).expect("of one part");
	let terms = <ComputeTerms as Get<compute_market_primitives::Terms>>::get;
	let appeal = shop.chain.query(terms).times.appeal;
	let lock = Lock {
		id: 1,
		amount: 40 * UNITS,
		expiry: tick(&mut shop.chain) + appeal + 50,
		condition: condition.hash(),
	};
	let locks = Locks::new(vec![lock]).expect("one");
	let witness = Witness(vec![LeafWitness::Nothing].try_into().expect("one"));
	let resolve = Call::<Runtime>::resolve { condition, witness };
	let unlock = || {
		let locks = Some(locks.clone());
		vec![<Runtime as ChannelsApiV1<Block>>::unlock(1, side_of_alice(), locks)]
	};
	let opened = shop.chain.query(|| open(100 * UNITS));
	shop.send(Key::Alice, opened);
	let closed = shop.chain.query(|| close_with(10 * UNITS, locks.clone()));
	shop.send(Key::Alice, closed);
	(0..=WINDOW).for_each(|_| shop.work());
	shop.chain
		.grow_well(|| vec![<Runtime as ChannelsApiV1<Block>>::settle(1)]);
	let early = next(&mut shop.chain, Key::Bob, resolve.clone());
	assert_eq!(
		shop.chain.grow(|| vec![early]),
		[Ok(Err(Error::<Runtime>::NotMet.into()))]
	);
	assert!(
		shop.chain.grow(unlock).iter().all(Result::is_err),
		"it can be met still"
	);
	(0..=appeal).for_each(|_| shop.work());
	shop.send(Key::Bob, resolve);
	shop.chain.grow_well(unlock);
	shop.chain.query(|| {
		assert_eq!(Balances::balance(&account_of(&stranger())), 50 * UNITS);
		assert_eq!(PaymentChannels::do_try_state(), Ok(()));
	});
}

#[test]
fn of_unknown_devices_deals_jobs_and_predicates_nothing_holds() {
	let mut chain = Chain::dev();
	chain.query(|| {
		assert!(!Facts::holds(channel_primitives::DEVICE_ATTESTED, &[7; 32]));
		assert!(!Facts::holds(channel_primitives::DEVICE_ATTESTED, &[7; 31]));
		assert!(!Facts::holds(channel_primitives::DEAL_PROVEN, &[7; 13]));
		assert!(!Facts::holds(channel_primitives::DEAL_PROVEN, &[7; 14]));
		// A job, a unit, and no root.
		assert!(!Facts::holds(channel_primitives::TASK_ACCEPTED, &[0; 13]));
		assert!(!Facts::holds(channel_primitives::TASK_ACCEPTED, &[0; 14]));
		assert!(!Facts::holds(3, &[7; 32]));
	});
}
