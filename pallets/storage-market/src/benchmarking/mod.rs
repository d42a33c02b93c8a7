//! What calls and hooks cost, each at its worst: deals of as many slots as there can be, each of the longest kind, with
//! devices that have all the tickets that one can have.

mod shop;

pub use shop::{engage, wallet, BenchmarkHelper};

use crate::*;
use alloc::vec::Vec;
use device_primitives::DeviceId;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{fungible::Inspect, Get},
	weights::Weight,
	BoundedVec,
};
use frame_system::RawOrigin;
use market_primitives::Tab;
use shop::{
	asked, fund, key, key_box, order, probed, rich, root, unit, Asked, Errand, Shop, Succession, ASK, ERAS, NOW, SPACE,
};
use storage_market_primitives::{Moment, Period, Price, SlotId, Stage, Voucher, MAX_SLOTS};
use storage_proof_primitives::MAX_BYTES;

#[benchmarks]
mod benches {
	use super::*;

	/// All of its tickets go, and come again; another device's move.
	#[benchmark]
	fn set_offer() {
		let shop = Shop::<T>::open(2);
		let (device, owner) = (shop.device(0), shop.keeper(0));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, ASK, ASK, SPACE, MAX_BYTES);

		assert_eq!(Offers::<T>::get(device).map(|offer| offer.tickets), Some(MAX_TICKETS));
	}

	#[benchmark]
	fn withdraw_offer() {
		let shop = Shop::<T>::open(2);
		let (device, owner) = (shop.device(0), shop.keeper(0));
		probed::<T>(&device);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device);

		assert!(!Offers::<T>::contains_key(device));
	}

	#[benchmark]
	fn open_deal(n: Linear<1, 32>) {
		T::BenchmarkHelper::set_tick(NOW);
		let owner = rich::<T>("customer", 0);
		let order = order(n, MAX_BYTES);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), order, false, unit::<T>(), Some(key_box()));

		assert_eq!(LastDeal::<T>::get(), 1);
	}

	#[benchmark]
	fn redraw() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.drawn(MAX_SLOTS, MAX_BYTES);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.owner.clone()), id, 0);

		assert!(!Places::<T>::contains_key(shop.device(0), id));
	}

	#[benchmark]
	fn commit_roots() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.drawn(MAX_SLOTS, MAX_BYTES);
		let roots: Roots = BoundedVec::truncate_from((0..MAX_SLOTS).map(|at| root(id, at)).collect());

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.owner.clone()), id, roots);

		assert!(Deals::<T>::get(id).is_some_and(|deal| deal.rooted));
	}

	#[benchmark]
	fn confirm() {
		let Succession {
			at,
			device,
			shown,
			signature,
		} = Succession::of::<T>();

		#[extrinsic_call]
		_(RawOrigin::Authorized, at.deal, at.slot, shown, signature);

		let deal = Deals::<T>::get(at.deal).expect("there is one");
		assert_eq!(deal.slots[0].holding.as_ref().map(|held| held.device), Some(device));
	}

	#[benchmark]
	fn check_confirmation() {
		let Succession {
			at, shown, signature, ..
		} = Succession::of::<T>();

		#[block]
		{
			assert!(Pallet::<T>::check_confirmation(at.deal, at.slot, &shown, &signature).is_ok());
		}

		assert!(Deals::<T>::contains_key(at.deal));
	}

	#[benchmark]
	fn answer() {
		let Asked { at, until, openings } = Asked::of::<T>();

		#[extrinsic_call]
		_(RawOrigin::Authorized, until, 0, openings);

		assert!(!StrainedAt::<T>::contains_key(at.deal));
	}

	#[benchmark]
	fn check_answer() {
		let Asked { at, until, openings } = Asked::of::<T>();

		#[block]
		{
			assert!(Pallet::<T>::check_answer(until, 0, &openings).is_ok());
		}

		assert!(StrainedAt::<T>::contains_key(at.deal));
	}

	/// Of as many deals.
	#[benchmark]
	fn claim(s: Linear<1, 32>) {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let claims = (0..s).map(|_| (shop.earned(MAX_SLOTS, MAX_BYTES / 64), 0));
		let claims: Claims = BoundedVec::truncate_from(claims.collect());
		let owner = shop.keeper(0);
		let before = Pool::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), claims);

		assert!(Pool::<T>::get() > before);
	}

	#[benchmark]
	fn leave_slot() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.keeper(0)), id, 0);

		assert!(StrainedAt::<T>::contains_key(id));
	}

	#[benchmark]
	fn extend() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);
		let payer = rich::<T>("payer", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(payer), id, 1);

		assert!(Deals::<T>::get(id).is_some_and(|deal| deal.order.eras == ERAS + 1));
	}

	#[benchmark]
	fn end_deal() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);
		shop.active(1, MAX_BYTES);
		T::BenchmarkHelper::set_tick(NOW + 10);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.owner.clone()), id);

		assert!(!ActiveAt::<T>::contains_key((id, 0)));
	}

	/// All of its slots are lost, each with what its device had earned.
	#[benchmark]
	fn tend() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.earned(MAX_SLOTS, MAX_BYTES);
		shop.suspected(id, MAX_SLOTS);
		shop.active(1, MAX_BYTES);
		let [.., longest] = T::Terms::get().times.patience;
		T::BenchmarkHelper::set_tick(NOW + longest + 1);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), id);

		assert!(Deals::<T>::get(id).is_some_and(|deal| deal.holders() == 0));
	}

	/// With all of its key boxes.
	#[benchmark]
	fn close() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.earned(MAX_SLOTS, MAX_BYTES);
		for number in 1..MAX_BOXES {
			let reader: T::AccountId = account("reader", number, 0);
			assert_ok!(Pallet::<T>::do_grant(&shop.owner, id, reader, key_box()));
		}
		for at in 0..MAX_SLOTS {
			let former = FormerTab {
				device: shop.device(at),
				owner: shop.keeper(at),
				tab: Tab::new(unit::<T>()),
				until: NOW,
			};
			FormerTabs::<T>::insert(id, at, former);
		}
		let promised = unit::<T>().saturating_mul(MAX_SLOTS.into());
		assert_ok!(Pallet::<T>::put_in(&shop.owner, promised));
		let terms = T::Terms::get();
		shop.change(id, |deal| deal.terminate(NOW, &terms).map(|_| ()));
		T::BenchmarkHelper::set_tick(NOW + 1 + terms.times.to_redeem());
		let anyone = rich::<T>("anyone", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), id);

		assert!(!Deals::<T>::contains_key(id));
		assert_eq!(KeyBoxes::<T>::iter_prefix(id).count(), 0);
	}

	/// To an account that does not exist.
	#[benchmark]
	fn pay() {
		let (who, payee): (T::AccountId, T::AccountId) = (rich::<T>("who", 0), account("new", 0, 0));
		let amount = unit::<T>();
		assert_ok!(Pallet::<T>::put_in(&who, amount));
		Unpaid::<T>::insert(&payee, amount);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), payee.clone());

		assert_eq!(T::Currency::balance(&payee), amount);
	}

	#[benchmark]
	fn prove_now() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.keeper(0)), id, 0);

		assert_eq!(Wanted::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn grant() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);
		let reader: T::AccountId = account("reader", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.owner.clone()), id, reader.clone(), key_box());

		assert!(KeyBoxes::<T>::contains_key(id, reader));
	}

	#[benchmark]
	fn revoke() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);
		let reader: T::AccountId = account("reader", 0, 0);
		assert_ok!(Pallet::<T>::do_grant(&shop.owner, id, reader.clone(), key_box()));

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.owner.clone()), id, reader.clone());

		assert!(!KeyBoxes::<T>::contains_key(id, reader));
	}

	#[benchmark]
	fn top_up_egress() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.active(MAX_SLOTS, MAX_BYTES);

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.owner.clone()), id, 0, unit::<T>());

		assert!(Tills::<T>::get(id).is_some_and(|till| till.tabs[0] != till.tabs[1]));
	}

	/// Signed by a key of the kind that takes the longest.
	#[benchmark]
	fn redeem() {
		// The device is the first one, and the deal as well.
		let device = T::BenchmarkHelper::machine(1, key()).0;
		let voucher = Voucher {
			at: SlotId::new(1, 0),
			device,
			total: unit::<T>(),
		};
		let payload = voucher.payload(&Pallet::<T>::genesis());
		let (owner, signature) = T::BenchmarkHelper::wallet(&|_| payload.clone());
		fund::<T>(&owner);
		let shop = Shop::<T>::of(owner, MAX_SLOTS);
		assert_eq!(shop.active(MAX_SLOTS, MAX_BYTES), 1);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), voucher, signature);

		assert!(Tills::<T>::get(1).is_some_and(|till| till.tabs[0] != till.tabs[1]));
	}

	#[benchmark]
	fn offer_probes() {
		let shop = Shop::<T>::open(1);
		let (device, owner) = (shop.device(0), shop.keeper(0));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), device, true);

		assert!(Offers::<T>::get(device).is_some_and(|offer| offer.probes));
	}

	/// What was signed is found to be of no report, which takes as long as to find that it is; then the receipt is
	/// verified.
	#[benchmark]
	fn check_report() {
		let errand = Errand::<T>::of();

		#[block]
		{
			assert!(Pallet::<T>::check_report(&errand.report).is_err());
			assert!(errand.verify_receipt());
		}

		assert_eq!(Probes::<T>::get(), errand.probing);
	}

	#[benchmark]
	fn report_probe() {
		let errand = Errand::<T>::of();
		let (device, by) = (errand.report.device, errand.report.prober);

		#[block]
		{
			Pallet::<T>::count_report(&errand.report, errand.probing.clone());
		}

		assert!(Reports::<T>::get(device).reports.iter().any(|one| one.by == by));
	}

	#[benchmark]
	fn choose() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let order = order(MAX_SLOTS, MAX_BYTES);
		assert_ok!(Pallet::<T>::do_open_deal(
			shop.owner.clone(),
			order,
			true,
			unit::<T>(),
			None
		));
		let (id, terms) = (LastDeal::<T>::get(), T::Terms::get());
		let last = MAX_SLOTS - 1;
		shop.change(id, |deal| {
			(0..last).try_for_each(|at| deal.place(at, shop.device(at), ASK, true, NOW, &terms))
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(shop.owner.clone()), id, last, shop.device(last));

		assert!(matches!(
			Deals::<T>::get(id).map(|deal| deal.stage),
			Some(Stage::Uploading { .. })
		));
	}

	/// As many missed in other deals as may be, and as many others are asked, of the smallest slots.
	#[benchmark]
	fn turn(m: Linear<0, 64>, c: Linear<0, 21>) {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let device = shop.device(0);
		let of = |deal| Place { deal, slot: 0, device };
		let places: Vec<_> = (0..m).map(|_| of(shop.active(MAX_SLOTS, MAX_BYTES / 1_024))).collect();
		let before = ActiveCount::<T>::get();
		for _ in 0..c {
			shop.active(1, 1);
		}
		let moment = Moment {
			tick: NOW,
			randomness: [3; 32],
		};
		asked::<T>(moment, NOW, places);
		AuditPeriod::<T>::put(Period {
			ends: NOW + 2,
			asked: before,
		});
		T::BenchmarkHelper::set_tick(NOW + 1);

		#[block]
		{
			Pallet::<T>::turn_clock();
		}

		assert_eq!(LastTick::<T>::get(), NOW + 1);
		let until = T::Audits::get().deadline(NOW + 1);
		let issued = Challenges::<T>::get(until).map_or(0, |batch| batch.challenges.len());
		assert_eq!(issued, c as usize);
	}

	/// All tickets that are looked at are too dear, for the last slot of a deal that waits.
	#[benchmark]
	fn place() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let id = shop.drawn(MAX_SLOTS, MAX_BYTES);
		shop.change(id, |deal| deal.redraw(0));
		for (device, ..) in &shop.machines {
			Offers::<T>::mutate(device, |offer| {
				if let Some(offer) = offer {
					offer.ask = Price(ASK.0 + 1);
				}
			});
		}
		let waiting = Waiting {
			deal: id,
			slot: 0,
			from: NOW,
		};
		Queue::<T>::insert(0, waiting);
		QueueHead::<T>::put(0);
		QueueTail::<T>::put(1);

		#[block]
		{
			Pallet::<T>::place_within(Weight::MAX);
		}

		// It waits for the next tick.
		assert_eq!((QueueHead::<T>::get(), QueueTail::<T>::get()), (1, 2));
	}

	/// Of a device that is gone: it is found, and leaves.
	#[benchmark]
	fn move_slot() {
		let shop = Shop::<T>::open(MAX_SLOTS);
		let (id, gone) = (shop.active(MAX_SLOTS, MAX_BYTES), DeviceId([0xee; 32]));
		// No such device is registered, and none would be in the deal.
		Places::<T>::insert(gone, id, 0);
		let evacuation = Evacuation {
			device: gone,
			looked_at: None,
		};
		Evacuations::<T>::insert(0, evacuation);
		EvacuationTail::<T>::put(1);
		let device = shop.device(0);

		#[block]
		{
			Pallet::<T>::evacuate_within(Weight::MAX);
			let _ = Pallet::<T>::change(id, |deal| deal.leave(0, &device));
		}

		assert_eq!(EvacuationHead::<T>::get(), 1);
		assert!(StrainedAt::<T>::contains_key(id));
	}
}
