//! What deals are to the rest of the chain: to usage and issuance, to competence, to payments that wait for them.

use super::shop::{Shop, CUSTOMER};
use crate::chain::state_of;
use codec::Encode;
use device_primitives::DeviceId;
use frame_support::traits::Get;
use pallet_resource_proofs::{KindTotal, ParameterValues, PlotKind, SpaceScheme, Totals};
use pallet_storage_market::{Call as Market, InUse, MeanPrice};
use pallet_traits::{Earnings, PlotHook, Predicates, Stored, WorkKind};
use proof_lottery_primitives::{Credit, Resource, Total};
use smartchain_runtime::{
	configs::{Facts, StorageTerms},
	genesis, AccountId, ResourceProofs, Runtime, StciIssuance, StorageMarket,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::Perbill;
use storage_market_primitives::{DealProven, Terms};

type Told = <Runtime as pallet_storage_market::Config>::Earnings;
type AutoMine = <Runtime as pallet_resource_proofs::Config>::PlotHook;

/// All devices together have proven this many plots.
fn prove_plots(plots: u32) {
	let lottery = ParameterValues::real().lottery(Resource::Space, 12);
	let mut total = Total::default();
	total.exchange(&lottery, 0, Credit::ZERO, 0, Credit::of(plots));
	let kind = PlotKind {
		scheme: SpaceScheme::Pos2,
		k: 28,
	};
	let space = vec![KindTotal { kind, plots: total }].try_into().expect("one kind");
	pallet_resource_proofs::Sums::<Runtime>::put(Totals {
		space,
		..Totals::default()
	});
}

#[test]
fn usage_is_what_customers_keep_of_that_and_of_all_plots() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let usage = || StciIssuance::open_era().2;
		assert_eq!(usage(), Perbill::zero(), "nothing of nothing");
		prove_plots(1_000);
		assert_eq!(usage(), Perbill::zero());
		let plots = ResourceProofs::proven_in_plots();
		assert!(plots > 0);
		InUse::<Runtime>::put(plots);
		assert_eq!(usage(), Perbill::from_percent(50));
		// Whoever serves customers deletes plots for it.
		prove_plots(0);
		assert_eq!(usage(), Perbill::one());
		assert_eq!(
			<StorageMarket as Stored>::total(),
			plots * 4,
			"a GiB has 2^32 parts there"
		);
	});
}

/// Selma is customer and provider at once: what she pays comes back to her, less what is burned. Were issuance to pay
/// as much again she would gain by it.
#[test]
fn issuance_pays_for_work_a_part_of_its_price() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let (who, paid) = (Key::Bob.to_account_id(), 1_000_000);
		Told::work_done(&who, WorkKind::Storage, 1 << 32, paid);
		let demanded = pallet_stci_issuance::Demanded::<Runtime>::get().storage;
		assert!(demanded.paid <= Perbill::from_percent(30) * paid, "{demanded:?}");
		assert!(demanded.paid > 0);
	});
}

/// A win is a ticket by which a device is drawn; the next one after an era shows that its plots are there still. Who
/// offers its space to nobody has no part in it.
#[test]
fn automine_pays_for_plots_of_those_who_offer_space_an_era_later() {
	let mut shop = Shop::open();
	let (device, owner, other) = (shop.machines[0].id(), shop.machines[0].owner(), DeviceId([9; 32]));
	let win = |shop: &mut Shop| {
		let owner = owner.clone();
		shop.chain.prepare(move || {
			AutoMine::plot_proven(&device, &owner, 1 << 32);
			AutoMine::plot_proven(&other, &owner, 1 << 40);
		});
	};
	let merits = |shop: &mut Shop| {
		shop.chain.query(|| {
			let era = pallet_stci_issuance::OpenEra::<Runtime>::get().era;
			pallet_stci_issuance::Merits::<Runtime>::get(era, &owner).plots
		})
	};
	let length = shop.chain.query(|| <StorageTerms as Get<Terms>>::get().era);
	win(&mut shop);
	shop.keep(length / 2);
	win(&mut shop);
	assert_eq!(merits(&mut shop), 0, "its order is not due");
	shop.keep(length / 2 + 1);
	win(&mut shop);
	assert_eq!(merits(&mut shop), 2 << 32, "both tickets");
	win(&mut shop);
	assert_eq!(merits(&mut shop), 2 << 32, "the last one began another order");
	// As if nothing had been paid yet: what it asks is some thousand times what it costs to carry as much in a month.
	shop.chain.prepare(MeanPrice::<Runtime>::kill);
	shop.keep(length + 1);
	win(&mut shop);
	assert_eq!(merits(&mut shop), 0, "it is dear, and in another era");
}

#[test]
fn a_payment_waits_for_a_deal_that_is_kept() {
	let mut shop = Shop::open();
	let id = shop.uploaded(2, 10);
	let holds = |shop: &mut Shop, asked: DealProven| {
		let args = asked.encode();
		shop.chain
			.query(|| Facts::holds(channel_primitives::DEAL_PROVEN, &args))
	};
	let now = shop.tick();
	let asked = DealProven {
		deal: id,
		from: now,
		usable: 2,
	};
	assert!(!holds(&mut shop, asked), "nobody has confirmed");
	let id = shop.held(2, 10);
	let asked = DealProven { deal: id, ..asked };
	assert!(holds(&mut shop, asked));
	assert!(!holds(&mut shop, DealProven { usable: 3, ..asked }));
	let later = shop.tick() + 50;
	assert!(!holds(&mut shop, DealProven { from: later, ..asked }));
	assert!(!holds(&mut shop, DealProven { deal: id + 1, ..asked }));
	shop.send(CUSTOMER, Market::end_deal { deal: id });
	assert!(!holds(&mut shop, asked), "its owner has ended it");
}

/// What it counts for falls with a miss, and is back with an answer.
#[test]
fn what_is_kept_counts_as_long_as_it_is_proven() {
	let mut shop = Shop::open();
	let id = shop.held(2, 100);
	let length = Shop::order(2, 100).geometry.slot_len();
	let kept = |shop: &mut Shop| {
		let devices: Vec<_> = shop.machines.iter().map(|machine| machine.id()).collect();
		shop.chain.query(|| {
			let sum: u64 = devices.iter().map(<StorageMarket as Stored>::of).sum();
			assert_eq!(<StorageMarket as Stored>::total(), u128::from(sum));
			sum
		})
	};
	let counting = shop.chain.query(|| {
		let deal = pallet_storage_market::Deals::<Runtime>::get(id).expect("there");
		let holdings = deal.slots.iter().filter_map(|slot| slot.holding.as_ref());
		holdings.filter(|holding| holding.counts).count() as u64
	});
	assert_eq!(kept(&mut shop), counting * length * 4);
	// Nobody answers for an era and for as long as an answer has.
	for _ in 0..160 {
		shop.chain.grow_well(Vec::new);
		if kept(&mut shop) < counting * length * 4 {
			break;
		}
	}
	assert!(kept(&mut shop) < counting * length * 4);
	shop.check();
}

#[test]
fn chains_to_try_things_on_have_short_times() {
	let terms = <StorageTerms as Get<Terms>>::get;
	let mut shop = Shop::open();
	let (quick, real) = (shop.chain.query(terms), Terms::real());
	assert_eq!(quick.times.check(), Ok(()));
	assert!(quick.era < real.era && quick.times.grace < real.times.grace);
	assert!(quick
		.times
		.patience
		.iter()
		.zip(real.times.patience)
		.all(|(quick, real)| *quick < real));
	// A draw waits for two turns.
	assert!(quick.times.placing >= 24 && quick.times.upload >= 24);
	let audits = <Runtime as pallet_storage_market::Config>::Audits::get;
	let audits = shop.chain.query(audits);
	assert_eq!(audits.check(), Ok(()));
	// Whoever held a slot to the end is asked for the last stretch, and answers, before the deal can be closed.
	assert!(quick.times.grace > audits.period + audits.window);
}

#[test]
fn offers_and_deals_are_told_page_by_page() {
	let mut shop = Shop::open();
	let nobody: AccountId = [77; 32].into();
	shop.chain.query(|| {
		let none = StorageMarket::deals_of(&nobody, 0);
		assert!(none.deals.is_empty() && none.looked_to == none.newest);
		assert_eq!(StorageMarket::offers(None, 3).len(), 3);
		let all = StorageMarket::offers(None, 99);
		assert_eq!(all.len(), 4);
		let after = StorageMarket::offers(Some(all[1].reach.device), 99);
		assert_eq!(after, all[2..].to_vec());
	});
	let id = shop.uploaded(2, 10);
	shop.chain.query(|| {
		let of = StorageMarket::deals_of(&CUSTOMER.to_account_id(), 0);
		assert_eq!((of.deals, of.looked_to, of.newest), (vec![id], id, id));
		let deal = StorageMarket::deal(id).expect("there");
		assert_eq!(deal.devices.len(), 2);
	});
}
