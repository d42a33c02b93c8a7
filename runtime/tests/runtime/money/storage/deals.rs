//! A deal from its opening to its end, with real bytes, real openings and real money.

use super::shop::{Shop, CUSTOMER, OWNERS};
use device_primitives::DeviceId;
use frame_support::{traits::fungible::Inspect, BoundedVec};
use pallet_storage_market::{Call as Market, Deals, Event};
use pallet_traits::DeviceHook;
use smartchain_runtime::{AccountId, Balances, Block, Runtime, RuntimeHoldReason, StorageMarket, System};
use smartchain_runtime_apis::runtime_decl_for_storage_market_api::StorageMarketApiV1;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::transaction_validity::InvalidTransaction;
use storage_market_primitives::{DealId, Stage, Why};

type Api = Runtime;
type Hook = <Runtime as pallet_device_registry::Config>::DeviceHook;

fn free(shop: &mut Shop, who: Key) -> u128 {
	shop.chain.query(|| Balances::balance(&who.to_account_id()))
}

fn events(shop: &mut Shop) -> Vec<Event<Runtime>> {
	shop.chain.query(System::read_events_for_pallet::<Event<Runtime>>)
}

/// Who confirms and answers needs no fee, and gets its pay out of what the customer has put in.
#[test]
fn strangers_keep_a_slot_each_prove_it_and_are_paid() {
	let mut shop = Shop::open();
	let order = Shop::order(2, 4);
	let quote = shop.chain.query(|| StorageMarket::quote(&order)).expect("sound");
	let before = free(&mut shop, CUSTOMER);
	let id = shop.held(2, 4);
	assert!(before - free(&mut shop, CUSTOMER) >= quote.total());
	let holders = shop.chain.query(|| Deals::<Runtime>::get(id).expect("there").holders());
	assert_eq!(holders, 2);
	let mut answered = 0;
	// Two eras of test chains: each slot is asked once in each.
	for _ in 0..240 {
		shop.keep(1);
		let happened = events(&mut shop);
		assert!(!happened.iter().any(|event| matches!(event, Event::ChallengeMissed(..))));
		answered += happened
			.iter()
			.filter(|event| matches!(event, Event::ChallengeAnswered(of, ..) if *of == id))
			.count();
	}
	assert!(answered >= 2, "{answered}");
	shop.check();
	for at in 0..shop.machines.len() {
		let (device, owner) = (shop.machines[at].id(), shop.machines[at].owner);
		let claimable = shop
			.chain
			.query(|| <Api as StorageMarketApiV1<Block, AccountId>>::claimable_of(device, None));
		let Some(first) = claimable.first().copied() else {
			continue;
		};
		assert!(first.pays > 0 && first.pays < first.earned, "a part is burned");
		let claims = BoundedVec::truncate_from(vec![(first.deal, first.slot)]);
		let pot = pot(&mut shop);
		shop.send(owner, Market::claim { claims });
		let paid = events(&mut shop);
		assert!(paid.contains(&Event::Claimed(first.deal, first.slot, first.pays)));
		assert!(
			pot - self::pot(&mut shop) > first.pays,
			"what is burned leaves the pot too"
		);
		shop.check();
	}
}

fn pot(shop: &mut Shop) -> u128 {
	use frame_support::traits::fungible::hold::Inspect as _;
	let reason = RuntimeHoldReason::StorageMarket(pallet_storage_market::HoldReason::Deal);
	shop.chain
		.query(|| Balances::balance_on_hold(&reason, &StorageMarket::pot()))
}

/// All ends, and nothing is left in the pot but what is for repairs.
#[test]
fn a_deal_that_is_over_gives_everybody_what_is_theirs() {
	let mut shop = Shop::open();
	let id = shop.held(2, 1);
	for _ in 0..200 {
		if matches!(shop.stage(id), Stage::Ended { why: Why::Expired, .. }) {
			break;
		}
		shop.keep(1);
	}
	let Stage::Ended {
		why: Why::Expired,
		until,
	} = shop.stage(id)
	else {
		panic!("its time is over: {:?}", shop.stage(id))
	};
	// The last stretch is asked for, and proven. Grace takes too long for a test.
	shop.keep(130);
	shop.turn_clock_to(until);
	let before = free(&mut shop, CUSTOMER);
	shop.send(Key::Alice, Market::close { deal: id });
	assert!(free(&mut shop, CUSTOMER) > before, "its reserve and deposit");
	shop.check();
	let pool = shop.chain.query(pallet_storage_market::Pool::<Runtime>::get);
	assert_eq!(pot(&mut shop), pool);
}

/// Who holds the first slot of a deal.
fn holder(shop: &mut Shop, id: DealId) -> Option<DeviceId> {
	let deal = shop.chain.query(|| Deals::<Runtime>::get(id)).expect("there");
	deal.slots[0].holding.as_ref().map(|holding| holding.device)
}

/// Silent answers no more: its slot is another's, which is paid for the repair out of what Silent had left for it.
#[test]
fn who_is_silent_loses_its_slot_to_another() {
	let mut shop = Shop::open();
	let id = shop.held(2, 100);
	let silent = holder(&mut shop, id).expect("held");
	let mut repaired = false;
	// An era until it is asked, its patience, an era until somebody looks, and a draw.
	for _ in 0..1_500 {
		let mut made = shop.confirmations();
		let answers = shop.answers().into_iter().filter(|(device, ..)| *device != silent);
		made.extend(answers.map(|(_, _, made)| made));
		shop.chain.grow(|| made);
		let happened = events(&mut shop);
		let is_it = |event: &Event<Runtime>| matches!(event, Event::SlotRepaired(of, 0, _) if *of == id);
		repaired = happened.iter().any(is_it);
		if repaired {
			break;
		}
	}
	assert!(repaired);
	assert!(holder(&mut shop, id).is_some_and(|device| device != silent));
	shop.check();
}

/// Mallory sells her machine with a slot in it, so that another answers for what she was paid for.
#[test]
fn a_machine_with_a_slot_does_not_change_hands() {
	let mut shop = Shop::open();
	let id = shop.held(4, 10);
	let device = holder(&mut shop, id).expect("held");
	shop.chain.query(|| {
		assert!(!<Hook as DeviceHook<AccountId>>::may_be_transferred(&device));
		assert!(<Hook as DeviceHook<AccountId>>::may_be_transferred(&DeviceId([9; 32])));
	});
}

/// Whoever signs gets into nothing that is kept free for devices.
#[test]
fn no_account_confirms_or_answers() {
	let mut shop = Shop::open();
	shop.held(2, 10);
	for _ in 0..200 {
		if !shop.answers().is_empty() {
			break;
		}
		shop.keep(1);
	}
	let (_, _, made) = shop.answers().remove(0);
	let refused = shop.try_to(OWNERS[0], made.function);
	assert_eq!(refused, Err(InvalidTransaction::Call.into()));
}
