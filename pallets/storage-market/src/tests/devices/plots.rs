//! Plots that the chain orders, what is paid on average, and who asks beyond it.

use crate::{migration::LearnWhatIsPaid, mock::*, Deals, Event, MeanPrice, Offers, Pallet, Plots};
use frame_support::{
	assert_ok,
	traits::{OnRuntimeUpgrade, StorageVersion},
};
use sp_runtime::Perbill;
use storage_market_primitives::{PaidAsks, Price};

/// What everybody asks here, and is paid.
const ASK: Price = Price(1 << 24);
/// Bytes of plots that devices here have proven.
const PLOTS: u64 = 128 << 30;
/// Ticks of an era.
const ERA: u32 = 40;

/// A device wins by one of its plots.
fn won(number: u8, units: u128) {
	StorageMarket::plot_proven(&device(number), &number.into(), units, PLOTS);
}

/// A device offers so many bytes at an ask, and takes slots of at most so many.
fn offer(number: u8, ask: Price, capacity: u64, max_slot: u64) {
	let who = origin(number.into());
	assert_ok!(StorageMarket::set_offer(
		who,
		device(number),
		ask,
		ask,
		capacity,
		max_slot
	));
}

/// What is ordered of a device, in units; none if nothing is.
fn ordered(number: u8) -> Option<u128> {
	Plots::<Test>::get(device(number)).map(|order| order.units)
}

/// The chain orders plots of those that offer their space, and they are paid for once they have shown an era later that
/// these are there.
#[test]
fn plots_are_ordered_of_those_that_offer_their_space() {
	run(|| {
		paid(ASK);
		won(1, 7);
		assert_eq!(ordered(1), None, "it offers nothing");
		offers(1);
		won(1, 7);
		blocks(ERA - 1);
		won(1, 2);
		assert!(plots().is_empty());
		blocks(1);
		won(1, 3);
		assert_eq!(plots(), [(1, 9)]);
		assert!(happened(&Event::PlotsKept(device(1), 9)));
		assert_ok!(StorageMarket::withdraw_offer(origin(1), device(1)));
		blocks(ERA);
		won(1, 3);
		assert_eq!(plots().len(), 1);
	});
}

/// It had an order, and has lost a slot since: it is drawn for no other.
#[test]
fn a_device_without_room_to_offer_has_nothing_ordered() {
	run(|| {
		paid(ASK);
		offers(1);
		won(1, 7);
		StorageMarket::take_no_more(&device(1));
		blocks(ERA);
		won(1, 7);
		assert_eq!((plots(), ordered(1)), (vec![], None));
	});
}

/// As long as nothing was paid, a month costs what it costs to carry it once.
#[test]
fn where_nothing_was_paid_governed_prices_say_what_is_dear() {
	run(|| {
		let month = MarketTerms::get().egress.0 / 4_320;
		assert_eq!(StorageMarket::dear_beyond(), Price(month + month * 95 / 100));
		offer(1, Price(month), PLOTS, PLOTS);
		won(1, 7);
		assert_eq!(ordered(1), Some(7));
		offers(2);
		won(2, 7);
		assert_eq!(ordered(2), None);
	});
}

/// Dear farmer asks beyond all, so that nobody ever has a slot with it, and lives of its plots.
#[test]
fn dear_farmer_has_no_plots_ordered() {
	run(|| {
		paid(ASK);
		let most = StorageMarket::dear_beyond();
		assert_eq!(most, Price(ASK.0 + ASK.0 * 95 / 100));
		for ask in [Price(most.0 + 1), Price(u128::MAX)] {
			offer(1, ask, PLOTS, PLOTS);
			won(1, 7);
			assert_eq!(ordered(1), None);
		}
		offer(2, most, PLOTS, PLOTS);
		won(2, 7);
		assert_eq!(ordered(2), Some(7));
		// What is paid falls, and it asks what it did.
		paid(Price(ASK.0 / 2));
		blocks(ERA);
		won(2, 7);
		assert_eq!((plots(), ordered(2)), (vec![], None));
	});
}

/// Flapper asks little, offers much and wants customers in the blocks of its wins alone.
#[test]
fn flapper_has_nothing_ordered_for_the_time_between_its_wins() {
	run(|| {
		paid(ASK);
		let dear = Price(StorageMarket::dear_beyond().0 + 1);
		offer(1, ASK, PLOTS, PLOTS);
		won(1, 8);
		offer(1, dear, PLOTS, PLOTS);
		offer(1, ASK, PLOTS, PLOTS);
		blocks(ERA);
		won(1, 8);
		assert!(plots().is_empty(), "it was dear meanwhile");
		// It offers a quarter of it, and all of it again.
		offer(1, ASK, PLOTS / 4, PLOTS);
		assert_eq!(ordered(1), Some(2));
		offer(1, ASK, PLOTS, PLOTS);
		assert_eq!(ordered(1), Some(2));
		blocks(ERA);
		won(1, 8);
		assert_eq!(plots(), [(1, 2)]);
		// And it withdraws it, though it has a slot, so that the offer stays.
		Offers::<Test>::mutate(device(1), |offer| offer.as_mut().expect("there").used = 1);
		assert_ok!(StorageMarket::withdraw_offer(origin(1), device(1)));
		Offers::<Test>::mutate(device(1), |offer| offer.as_mut().expect("there").used = 0);
		offer(1, ASK, PLOTS, PLOTS);
		blocks(ERA);
		won(1, 8);
		assert_eq!(plots().len(), 1);
	});
}

/// Taker of nothing asks what others do, and takes slots of a byte alone: no draw ever has room with it.
#[test]
fn taker_of_nothing_has_nothing_ordered() {
	run(|| {
		paid(ASK);
		offer(1, ASK, u64::MAX, 1);
		won(1, 1 << 40);
		// Thirty-two bytes of 2^37.
		assert!(ordered(1).expect("an order") <= (1 << 40) / 1_000_000_000);
		offer(2, ASK, PLOTS, 1 << 30);
		won(2, 8);
		assert_eq!(ordered(2), Some(2), "of 32 slots of a GiB");
	});
}

/// Never-server has the least score, and is drawn for nothing.
#[test]
fn never_server_has_nothing_ordered() {
	run(|| {
		paid(ASK);
		LeastScore::set(Perbill::from_percent(50));
		offers(1);
		let score = |percent| {
			Offers::<Test>::mutate(device(1), |offer| {
				offer.as_mut().expect("there").score = Perbill::from_percent(percent)
			})
		};
		score(49);
		won(1, 7);
		assert_eq!(ordered(1), None);
		score(50);
		won(1, 7);
		assert_eq!(ordered(1), Some(7));
	});
}

#[test]
fn no_more_plots_are_ordered_than_space_is_offered() {
	run(|| {
		paid(ASK);
		offer(1, ASK, PLOTS / 4, PLOTS);
		won(1, 100);
		assert_eq!(ordered(1), Some(25));
		offer(2, ASK, PLOTS * 4, PLOTS);
		won(2, 100);
		assert_eq!(ordered(2), Some(100), "nor more than there are");
		// What customers have it does not offer.
		Offers::<Test>::mutate(device(2), |offer| offer.as_mut().expect("there").used = PLOTS * 7 / 2);
		won(2, 100);
		assert_eq!(ordered(2), Some(150));
		Offers::<Test>::mutate(device(2), |offer| offer.as_mut().expect("there").used = 0);
		// It has proven nothing.
		StorageMarket::plot_proven(&device(1), &1, 100, 0);
		assert_eq!(ordered(1), Some(25));
	});
}

/// Each proof that counts is noted by its units, and no other: whoever chooses its devices pays itself what it likes.
#[test]
fn what_counts_is_noted_and_what_does_not_is_not() {
	run(|| {
		offers(3);
		let id = active(1, 2, 10);
		assert_eq!(MeanPrice::<Test>::get(), None);
		let first = MarketTerms::get().egress.0 / 4_320;
		blocks(ERA + 10);
		let noted = MeanPrice::<Test>::get().expect("they have answered");
		let units: u128 = work().iter().map(|(_, units, _)| units).sum();
		assert!(units > 0);
		assert_eq!((noted.mean, noted.units), (Price(first), units));
		// Far above what was taken for the mean: as one and a half of it.
		let parts = (first + first / 2) * 1_000_000 / first;
		assert_eq!(noted.weighed, units * parts);
		assert_ok!(StorageMarket::end_deal(origin(OWNER), id));
		assert_ok!(StorageMarket::open_deal(origin(OWNER), order(1, 1, 10), true, 0, None));
		assert_ok!(StorageMarket::choose(origin(OWNER), id + 1, 0, device(3)));
		commit(id + 1, 1);
		let before = MeanPrice::<Test>::get();
		blocks(ERA + 10);
		assert_eq!(holders(id + 1), [Some(3)]);
		assert!(Deals::<Test>::get(id + 1).expect("there").slots[0]
			.holding
			.as_ref()
			.is_some_and(|held| held.accrued.amount() > 0));
		assert_eq!(MeanPrice::<Test>::get(), before);
	});
}

/// Every holder of a deal asks this.
fn ask_in(id: u64, ask: Price) {
	Deals::<Test>::mutate(id, |deal| {
		let slots = deal.as_mut().expect("there").slots.iter_mut();
		slots
			.filter_map(|slot| slot.holding.as_mut())
			.for_each(|held| held.ask = ask);
	});
}

fn upgrade() {
	LearnWhatIsPaid::<Test>::on_runtime_upgrade();
	assert_eq!(StorageVersion::get::<Pallet<Test>>(), 2);
}

/// Where nothing is kept nothing is learned; and it is learned once.
#[test]
fn an_upgrade_learns_what_is_paid_once() {
	run(|| {
		StorageVersion::new(1).put::<Pallet<Test>>();
		upgrade();
		assert_eq!(MeanPrice::<Test>::get(), None);
		offers(4);
		let id = active(1, 3, 100);
		upgrade();
		assert_eq!(MeanPrice::<Test>::get(), None, "it is of version 2 already");
		StorageVersion::new(1).put::<Pallet<Test>>();
		// One that is not active says nothing.
		assert_ok!(opens(order(1, 2, 10)));
		upgrade();
		assert_eq!(MeanPrice::<Test>::get(), Some(PaidAsks::begin(ASK, Now::get(), ERA)));
		StorageVersion::new(1).put::<Pallet<Test>>();
		ask_in(id, Price(1 << 20));
		upgrade();
		assert_eq!(MeanPrice::<Test>::get().map(|paid| paid.mean), Some(Price(1 << 20)));
	});
}

/// Whoever pays itself ever so much, or next to nothing, for less than half of all bytes says nothing of the middle.
/// Nor does whoever has chosen its devices, or misses.
#[test]
fn payer_of_itself_teaches_an_upgrade_nothing() {
	run(|| {
		offers(4);
		let (own, honest) = (active(1, 2, 100), active(1, 3, 100));
		assert!(honest > own);
		for ask in [Price(u128::MAX), Price(0)] {
			ask_in(own, ask);
			StorageVersion::new(1).put::<Pallet<Test>>();
			upgrade();
			assert_eq!(MeanPrice::<Test>::get().map(|paid| paid.mean), Some(ASK));
		}
		// Of three slots that ask what others do, two count for nothing.
		Deals::<Test>::mutate(honest, |deal| {
			let slots = &mut deal.as_mut().expect("there").slots;
			slots[0].holding.as_mut().expect("held").counts = false;
			slots[1].holding.as_mut().expect("held").suspect = Some(1);
		});
		ask_in(own, Price(1 << 20));
		StorageVersion::new(1).put::<Pallet<Test>>();
		upgrade();
		assert_eq!(MeanPrice::<Test>::get().map(|paid| paid.mean), Some(Price(1 << 20)));
		Deals::<Test>::mutate(honest, |deal| {
			let slots = &mut deal.as_mut().expect("there").slots;
			slots[0].holding.as_mut().expect("held").counts = true;
			slots[1].holding.as_mut().expect("held").suspect = None;
		});
	});
}
