//! Those who deal with themselves, so that work counts which nobody wants: what each way to choose who is drawn costs.

use crate::workbench::{due, small_order, small_terms, Step, World};
use market_primitives::{Penalties, Purse};
use sp_arithmetic::Perbill;
use storage_market_primitives::{Deal, Kind, Price, SlotAt, Terms, Turn, Why};

/// A quarter burns of what is given up, and a twentieth of what is ended early goes to devices.
fn tight() -> Terms {
	Terms {
		penalties: Penalties {
			given_up: Perbill::from_percent(25),
			ended_early: Perbill::from_percent(5),
		},
		..small_terms()
	}
}

/// A deal of so many slots of which the first ones were confirmed, when the time for that is over.
fn late(enough: u8, slots: SlotAt, confirmed: SlotAt, terms: Terms) -> World {
	let mut world = World::new(small_order(enough, slots as u8, 100), terms);
	(0..slots).for_each(|at| world.done(Step::Place(at, at as u8)));
	world.done(Step::Roots);
	(0..confirmed).for_each(|at| world.done(Step::Confirm(at, at as u8)));
	world.now = 3;
	world
}

/// Whether the work of who was drawn for a slot will count.
fn counts(world: &World, at: SlotAt) -> bool {
	let drawn = world.deal.slot(at).expect("there").drawn.as_ref();
	drawn.expect("somebody was drawn").counts
}

/// It does not like whom the beacon drew, and refuses them its data.
#[test]
fn redrawer_pays_for_each_deal_that_it_lets_fail() {
	for confirmed in 0..6 {
		let mut world = late(4, 8, confirmed, tight());
		let escrow = world.deal.escrow.amount();
		assert_eq!(due(&mut world), Some(Turn::Ended(Why::Failed)));
		world.now += world.terms.times.to_redeem();
		world.done(Step::Close);
		// Of each slot that nobody has as much as if it had been given up.
		assert_eq!(world.burned, escrow / 4 * u128::from(8 - confirmed) / 8);
	}
}

/// It does not like them either, lets them have its data, and ends the deal at once.
#[test]
fn ender_pays_as_much_as_who_gives_up() {
	let mut world = World::active(small_order(1, 2, 200), tight());
	assert_eq!(world.deal.escrow.amount(), 2_400);
	world.done(Step::Terminate);
	// A quarter is gone: 5 % to its devices.
	assert_eq!((world.deal.escrow.amount(), world.burned), (1_800, 480));

	// What was added counts for nothing, so that to end it costs what devices get.
	let mut world = World::active(small_order(1, 2, 200), tight());
	world.done(Step::Extend(200));
	world.done(Step::Terminate);
	assert_eq!((world.deal.escrow.amount(), world.burned), (4_200, 360));

	let terms = tight();
	let (mut deal, _) = Deal::open(0_u8, Kind::Chosen, small_order(1, 1, 200), 0, &terms).expect("sound");
	deal.place(0, 0_u8, Price(1 << 17), true, 0, &terms).expect("wanted");
	deal.commit_roots(&[[1; 32]]).expect("uploading");
	deal.confirm(0, &0, 0, &terms).expect("drawn");
	assert_eq!(deal.terminate(0, &terms), Ok(0), "nothing of it has counted");
}

/// It draws by tiny orders until it likes who was drawn, and has such a deal last for years.
#[test]
fn prolonger_counts_no_longer_than_it_ordered_first() {
	let mut world = World::active(small_order(1, 2, 2), small_terms());
	world.done(Step::Extend(100));
	let terms = world.terms;
	let units = |world: &mut World, asked| {
		let proven = world.deal.prove(0, &0, asked, asked, &terms).expect("it holds it");
		assert!(proven.pay > 0, "it is paid as ever");
		proven.units
	};
	// 16 KiB for a tick of the four of an era.
	let tick = 1_u128 << 14;
	assert_eq!(units(&mut world, 6), 6 * tick);
	assert_eq!(units(&mut world, 10), 2 * tick, "up to the eighth tick");
	assert_eq!(units(&mut world, 20), 0);
	world.now = 20;
	world.done(Step::Leave(1, 1));
	world.done(Step::Place(1, 20));
	assert!(!counts(&world, 1), "nor does whoever follows");
}

/// It has those confirm whom it likes, and draws for the rest until it likes that as well.
#[test]
fn chooser_of_gaps_has_draws_that_count_for_nothing() {
	let mut world = late(1, 3, 2, small_terms());
	assert_eq!(due(&mut world), Some(Turn::Activated));
	world.done(Step::Place(2, 9));
	assert!(!counts(&world, 2));

	// A loss is drawn for once; if whoever was drawn gets nothing to repair from, the next draw is another matter.
	let mut world = World::active(small_order(4, 8, 100), small_terms());
	world.done(Step::Miss(0, 0));
	world.now = 4;
	world.done(Step::Lose(0));
	world.done(Step::Place(0, 20));
	assert!(counts(&world, 0));
	world.now += 3;
	world.done(Step::ExpireDraw(0));
	world.done(Step::Place(0, 21));
	assert!(!counts(&world, 0));
}

/// It asks nothing of itself: so draws cost it nothing, nothing is burned, and what it keeps would be competence.
#[test]
fn giver_of_space_for_nothing_counts_for_nothing() {
	let terms = small_terms();
	let least = terms.least_ask();
	assert!(least.0 > 0);
	assert_eq!(
		Terms::real().least_ask(),
		Price(22_605),
		"a ninth of 0.9 STCI a TiB and month"
	);
	for (ask, counted) in [(least, true), (Price(least.0 - 1), false), (Price(0), false)] {
		let mut world = World::new(small_order(1, 1, 2), terms);
		world.deal.place(0, 0, ask, true, 0, &terms).expect("wanted");
		assert_eq!(counts(&world, 0), counted, "{ask:?}");
	}
}

/// It leaves as many slots open as a deal begins with, and has its own devices repair them.
#[test]
fn drainer_of_the_pool_gets_what_its_deal_has_put_in() {
	let mut world = late(1, 8, 5, small_terms());
	assert_eq!(due(&mut world), Some(Turn::Activated));
	let reserve = world.deal.reserve.amount();
	assert_eq!(reserve, 2 * world.deal.repair, "and three are open");
	world.pool = Purse::holding(1_000_000_000);
	world.put_in += 1_000_000_000;
	for at in 5..8 {
		world.done(Step::Place(at, 10 + at as u8));
		world.done(Step::Confirm(at, 10 + at as u8));
	}
	assert_eq!((world.pool.amount(), world.to_devices), (1_000_000_000, reserve));
}

/// It has room kept free for a day and a half, and pays for ten minutes.
#[test]
fn hoarder_of_room_has_it_for_as_long_as_it_pays() {
	let terms = Terms::real();
	let order = |eras| {
		let mut order = small_order(1, 1, eras);
		order.geometry.volume_len = 64 << 30;
		order
	};
	for (eras, ticks) in [(1, 1_200), (2, 2_400), (200, 1_200 + 2 * 65_536)] {
		let (mut deal, _) = Deal::open(0_u8, Kind::Beacon, order(eras), 0, &terms).expect("sound");
		deal.place(0, 0_u8, Price(1 << 17), true, 0, &terms).expect("wanted");
		let until = deal.slot(0).expect("there").drawn.as_ref().map(|drawn| drawn.until);
		assert_eq!(until, Some(ticks));
	}
}
