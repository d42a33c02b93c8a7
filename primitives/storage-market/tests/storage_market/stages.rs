//! A deal's stages and slots, rule by rule.

use crate::workbench::{due, small_order, small_terms, Step, World};
use storage_market_primitives::{
	Deal, DealError, Geometry, Kind, Order, Price, Profile, SlotAt, Stage, Terms, Times, TimesError, Turn, Why, STALLED,
};

/// Four of eight.
fn standard() -> World {
	World::active(small_order(4, 8, 100), small_terms())
}

#[test]
fn a_deal_that_finds_too_few_devices_gives_all_back() {
	let mut world = World::new(small_order(1, 2, 2), small_terms());
	world.done(Step::Place(0, 0));
	world.now = 2;
	assert_eq!(due(&mut world), None);
	world.now = 3;
	assert_eq!(world.play(Step::Place(1, 1)), Err(DealError::TooLate));
	assert_eq!(due(&mut world), Some(Turn::Ended(Why::Unplaced)));
	world.done(Step::Close);
	assert_eq!((world.to_owner, world.burned), (world.put_in, 0));
}

#[test]
fn it_begins_when_all_have_confirmed() {
	let mut world = World::new(small_order(1, 2, 2), small_terms());
	world.done(Step::Place(0, 0));
	assert_eq!(world.play(Step::Roots), Err(DealError::NotActive));
	world.done(Step::Place(1, 1));
	assert_eq!(world.deal.stage, Stage::Uploading { until: 2 });
	assert_eq!(world.play(Step::Confirm(0, 0)), Err(DealError::NoRoots));
	assert_eq!(world.deal.commit_roots(&[[1; 32]]), Err(DealError::WrongLength));
	world.done(Step::Roots);
	assert_eq!(world.play(Step::Roots), Err(DealError::HasRoots));
	assert_eq!(world.play(Step::Confirm(0, 1)), Err(DealError::NotOffered));
	assert_eq!(world.play(Step::Confirm(2, 1)), Err(DealError::NoSuchSlot));
	world.now = 1;
	world.done(Step::Confirm(0, 0));
	assert_eq!(world.play(Step::Prove(0, 0)), Err(DealError::NotActive));
	world.now = 2;
	world.done(Step::Confirm(1, 1));
	assert_eq!((world.deal.stage, world.deal.ends), (Stage::Active, 10));
	let slot = world.deal.slot(0).expect("there");
	let holding = slot.holding.as_ref().expect("held");
	assert_eq!(
		(holding.since, holding.proven_to),
		(2, 2),
		"paid from the beginning on, and not before"
	);
}

#[test]
fn it_begins_with_half_of_the_spare_slots_missing_and_not_with_fewer() {
	for (confirmed, turn) in [(6, Turn::Activated), (5, Turn::Ended(Why::Failed))] {
		let mut world = World::new(small_order(4, 8, 2), small_terms());
		(0..8).for_each(|at| world.done(Step::Place(at, at as u8)));
		world.done(Step::Roots);
		(0..confirmed).for_each(|at| world.done(Step::Confirm(at, at as u8)));
		world.now = 2;
		assert_eq!(due(&mut world), None);
		world.now = 3;
		assert_eq!(world.play(Step::Confirm(7, 7)), Err(DealError::TooLate));
		assert_eq!(due(&mut world), Some(turn));
		assert_eq!(world.deal.wants_draw(7), turn == Turn::Activated);
	}
}

#[test]
fn no_device_has_two_slots_and_none_asks_for_more() {
	let mut world = World::new(small_order(1, 2, 2), small_terms());
	world.done(Step::Place(0, 0));
	assert_eq!(world.play(Step::Place(1, 0)), Err(DealError::AlreadyHere));
	assert_eq!(world.play(Step::Place(0, 1)), Err(DealError::NotWanted));
	let (terms, most) = (world.terms, world.deal.order.max_ask);
	let dear = world.deal.place(1, 1, Price(most.0 + 1), true, 0, &terms);
	assert_eq!(dear, Err(DealError::PriceAboveMax));
	world.done(Step::Place(1, 1));
}

#[test]
fn a_redraw_counts_for_nothing_and_each_deal_has_a_few() {
	let mut world = World::new(small_order(1, 2, 2), small_terms());
	world.done(Step::Place(0, 0));
	assert_eq!(world.play(Step::Redraw(0)), Err(DealError::NotActive));
	world.done(Step::Place(1, 1));
	for _ in 0..2 {
		world.done(Step::Redraw(0));
		assert_eq!(world.play(Step::Redraw(0)), Err(DealError::NotOffered));
		world.done(Step::Place(0, 0));
	}
	assert_eq!(world.play(Step::Redraw(0)), Err(DealError::TooManyRedraws));
	let counts = |at| {
		world
			.deal
			.slot(at)
			.expect("there")
			.drawn
			.as_ref()
			.map(|drawn| drawn.counts)
	};
	assert_eq!((counts(0), counts(1)), (Some(false), Some(true)));
}

#[test]
fn work_counts_only_if_the_beacon_drew_fairly() {
	for (kind, fair, counts) in [
		(Kind::Beacon, true, true),
		(Kind::Beacon, false, false),
		(Kind::Chosen, true, false),
	] {
		let terms = small_terms();
		let (mut deal, _) = Deal::open(0_u8, kind, small_order(1, 1, 2), 0, &terms).expect("sound");
		deal.place(0, 0_u8, Price(1 << 17), fair, 0, &terms).expect("wanted");
		deal.commit_roots(&[[1; 32]]).expect("uploading");
		assert!(deal.confirm(0, &0, 0, &terms).expect("drawn").activated);
		let proven = deal.prove(0, &0, 4, 4, &terms).expect("held");
		// 16 KiB for an era: the 65,536th part of a unit.
		assert_eq!(proven.units, if counts { 1 << 16 } else { 0 }, "{kind:?}");
	}
}

#[test]
fn one_answer_clears_a_suspect_and_a_miss_costs_its_pay() {
	let mut world = standard();
	world.now = 4;
	world.done(Step::Prove(0, 0));
	assert_eq!(
		world
			.deal
			.slot(0)
			.expect("there")
			.holding
			.as_ref()
			.expect("held")
			.accrued
			.amount(),
		6
	);
	world.now = 8;
	world.done(Step::Miss(0, 0));
	assert!(world.deal.is_strained() && world.deal.usable() == 7);
	world.now = 10;
	let terms = world.terms;
	let proven = world.deal.prove(0, &0, 10, 10, &terms).expect("held");
	assert_eq!((proven.pay, proven.cleared), (3, true), "two ticks, and not six");
	assert!(!world.deal.is_strained());
	assert_eq!(world.play(Step::Prove(0, 1)), Err(DealError::NotHeld));
	assert_eq!(world.play(Step::Miss(1, 0)), Err(DealError::NotHeld));
}

#[test]
fn patience_falls_with_what_is_left_and_is_long_where_nobody_can_repair() {
	let times = Times::real();
	let patience = [8, 7, 6, 5, 4, 3, 0].map(|usable| times.patience(usable, 4));
	assert_eq!(patience, [86_400, 86_400, 28_800, 7_200, 1_200, 86_400, 86_400]);
	assert_eq!((times.patience(1, 1), times.patience(0, 1)), (1_200, 86_400));
	let mut world = standard();
	for (missed, patience) in [(1, 4), (2, 3), (3, 2), (4, 1), (5, 4)] {
		world.done(Step::Miss(missed - 1, (missed - 1) as u8));
		assert_eq!(world.deal.patience(&world.terms.times), patience, "{missed} suspects");
	}
}

#[test]
fn a_slot_is_lost_after_patience_and_not_before() {
	let mut world = standard();
	assert_eq!(world.play(Step::Lose(0)), Err(DealError::NotOverdue));
	world.done(Step::Miss(0, 0));
	world.now = 3;
	world.done(Step::Miss(0, 0));
	assert_eq!(world.play(Step::Lose(0)), Err(DealError::NotOverdue));
	world.now = 4;
	world.done(Step::Lose(0));
	assert!(world.deal.wants_draw(0) && world.deal.is_strained());
	assert_eq!(
		(world.deal.holders(), world.deal.slot(0).expect("there").attempt),
		(7, 1)
	);
}

#[test]
fn a_lost_slot_costs_its_collateral_and_the_repairer_gets_what_a_repair_is_worth() {
	let mut world = standard();
	let (reserve, repair) = (world.deal.reserve.amount(), world.deal.repair);
	assert_eq!(world.deal.collateral, 2 * repair);
	world.done(Step::Miss(0, 0));
	world.now = 4;
	world.done(Step::Lose(0));
	assert_eq!(world.deal.reserve.amount(), reserve + 2 * repair);
	world.done(Step::Place(0, 20));
	let before = world.to_devices;
	world.done(Step::Confirm(0, 20));
	assert_eq!(world.to_devices, before + repair);
	assert_eq!(world.deal.reserve.amount(), reserve + repair);
	assert!(!world.deal.is_strained());
}

#[test]
fn an_empty_reserve_asks_the_pool() {
	let mut world = standard();
	world.done(Step::Miss(0, 0));
	world.now = 4;
	world.done(Step::Lose(0));
	let taken = world.deal.reserve.take_all();
	world.to_owner += taken;
	world.done(Step::Place(0, 20));
	let terms = world.terms;
	let confirmed = world.deal.clone().confirm(0, &20, 4, &terms).expect("drawn");
	assert_eq!((confirmed.repaired, confirmed.short), (0, world.deal.repair));
}

#[test]
fn who_leaves_holds_on_until_another_has_the_slot_and_pays_what_is_fetched() {
	let mut world = standard();
	world.done(Step::Leave(0, 0));
	assert!(world.deal.wants_draw(0) && world.deal.is_strained());
	world.now = 4;
	world.done(Step::Prove(0, 0));
	world.done(Step::Place(0, 20));
	let (terms, repair) = (world.terms, world.deal.repair);
	let confirmed = world.deal.clone().confirm(0, &20, 4, &terms).expect("drawn");
	let left = confirmed.left.expect("it leaves");
	assert_eq!((left.device, left.pay), (0, 6));
	assert_eq!(
		confirmed.repaired,
		repair / 4,
		"one slot of the four that a repair fetches"
	);
	assert_eq!(left.collateral, world.deal.collateral - repair / 4);
	world.done(Step::Confirm(0, 20));
	assert!(!world.deal.is_strained());
}

#[test]
fn a_deal_is_lost_with_fewer_slots_than_suffice() {
	let mut world = standard();
	for at in 0..5 {
		world.done(Step::Miss(at, at as u8));
	}
	world.now = 4;
	for at in 0..5 {
		assert_eq!(world.deal.stage, Stage::Active);
		world.done(Step::Lose(at));
		// Those that are left are usable, and the others' patience is over.
		world.now += 4;
	}
	assert_eq!(
		world.deal.stage,
		Stage::Ended {
			why: Why::Lost,
			until: 22
		}
	);
	assert_eq!(world.play(Step::Prove(7, 7)), Err(DealError::NotActive));
	let collateral = world.deal.collateral;
	let inside = world.deal.holds();
	world.done(Step::Close);
	assert_eq!(world.to_owner, inside, "escrow, reserve and lost collateral");
	assert_eq!(world.to_devices, 3 * collateral);
}

#[test]
fn a_draw_that_comes_to_nothing_is_drawn_again_until_it_stalls() {
	let mut world = standard();
	world.done(Step::Miss(0, 0));
	world.now = 4;
	world.done(Step::Lose(0));
	for failures in 1..=2 * STALLED {
		world.done(Step::Place(0, 20));
		assert_eq!(world.play(Step::ExpireDraw(0)), Err(DealError::TooEarly));
		world.now += 3;
		assert_eq!(world.play(Step::Confirm(0, 20)), Err(DealError::TooLate));
		let stalled = world.deal.expire_draw(0, world.now).expect("over");
		assert_eq!(stalled, failures >= STALLED, "{failures}");
	}
	assert_eq!(world.play(Step::ExpireDraw(0)), Err(DealError::NotOffered));
	assert_eq!(world.play(Step::Fail(1)), Err(DealError::NotWanted));
	world.done(Step::Place(0, 20));
	world.done(Step::Confirm(0, 20));
	assert_eq!(world.deal.slot(0).expect("there").failures, 0);
}

#[test]
fn grace_pays_what_was_paid_for_and_ends() {
	let mut world = World::active(small_order(1, 2, 2), small_terms());
	world.now = 7;
	assert_eq!(due(&mut world), None);
	world.now = 8;
	assert_eq!(world.play(Step::Extend(1)), Err(DealError::NotActive));
	assert_eq!(due(&mut world), Some(Turn::Ended(Why::Expired)));
	world.now = 10;
	let terms = world.terms;
	assert_eq!(
		world.deal.clone().prove(0, &0, 10, 10, &terms).map(|proven| proven.pay),
		Ok(12)
	);
	world.done(Step::Prove(0, 0));
	assert_eq!(world.play(Step::Close), Err(DealError::TooEarly));
	world.now = 11;
	assert_eq!(world.play(Step::Prove(1, 1)), Err(DealError::NotActive));
	world.done(Step::Close);
}

/// What a holder is asked once more after the end it answers, or it has lost the last stretch: there is no second try.
#[test]
fn each_holder_is_asked_once_after_the_end() {
	let mut world = World::active(small_order(1, 2, 2), small_terms());
	world.now = 4;
	world.done(Step::Prove(0, 0));
	let audited = |world: &World| [0, 1].map(|at| world.deal.audited(at).copied());
	assert_eq!(audited(&world), [Some(0), Some(1)]);
	world.now = 8;
	assert_eq!(due(&mut world), Some(Turn::Ended(Why::Expired)));
	assert_eq!(audited(&world), [Some(0), Some(1)], "the last stretch is not settled");
	let terms = world.terms;
	// What was asked before the end settles the time up to then, and it is asked again.
	world.deal.prove(0, &0, 7, 9, &terms).expect("in the time of grace");
	assert_eq!(audited(&world), [Some(0), Some(1)]);
	world.deal.prove(0, &0, 9, 9, &terms).expect("in the time of grace");
	world.deal.miss(1, &1, 9, 10).expect("it is asked");
	assert_eq!(audited(&world), [None, None]);
	let missed = world.deal.prove(1, &1, 10, 10, &terms).expect("it holds it");
	assert_eq!(missed.pay, 0, "what was missed stays so");
}

#[test]
fn an_answer_pays_until_it_was_asked_and_a_miss_forfeits_until_then() {
	let mut world = standard();
	let terms = world.terms;
	// Asked at 4, and answered at 7: one and a half planck a tick.
	assert_eq!(world.deal.prove(0, &0, 4, 7, &terms).map(|proven| proven.pay), Ok(6));
	assert_eq!(world.deal.prove(0, &0, 8, 9, &terms).map(|proven| proven.pay), Ok(6));
	world.deal.miss(2, &2, 4, 8).expect("held");
	let holding = world.deal.slot(2).expect("there").holding.clone().expect("held");
	assert_eq!((holding.proven_to, holding.suspect), (4, Some(8)));
	assert_eq!(world.deal.prove(2, &2, 8, 9, &terms).map(|proven| proven.pay), Ok(6));
}

/// Or it would be a suspect for what it was asked as the holder that it was before.
#[test]
fn nothing_is_missed_that_was_asked_before_a_device_came() {
	let mut world = standard();
	world.done(Step::Leave(0, 0));
	world.now = 4;
	world.done(Step::Place(0, 20));
	world.done(Step::Confirm(0, 20));
	assert_eq!(world.deal.miss(0, &20, 3, 8), Err(DealError::NotHeld));
	assert_eq!(world.deal.miss(0, &20, 4, 8), Ok(true));
}

#[test]
fn no_root_is_committed_twice() {
	let mut world = World::new(small_order(1, 3, 2), small_terms());
	(0..3).for_each(|at| world.done(Step::Place(at, at as u8)));
	let commit = |world: &mut World, roots: [u8; 3]| world.deal.commit_roots(&roots.map(|root| [root; 32]));
	for roots in [[1, 1, 2], [1, 2, 1], [2, 1, 1]] {
		assert_eq!(commit(&mut world, roots), Err(DealError::RootTwice));
	}
	assert!(!world.deal.rooted);
	assert_eq!(commit(&mut world, [1, 2, 3]), Ok(()));
}

#[test]
fn an_owner_chooses_until_the_deal_has_begun() {
	let terms = small_terms();
	let (mut deal, _) = Deal::open(0_u8, Kind::Chosen, small_order(1, 1, 2), 0, &terms).expect("sound");
	assert!(deal.is_chosen_for());
	deal.place(0, 0_u8, Price(1 << 17), true, 0, &terms).expect("wanted");
	assert!(deal.is_chosen_for());
	deal.commit_roots(&[[1; 32]]).expect("uploading");
	deal.confirm(0, &0, 0, &terms).expect("drawn");
	assert!(!deal.is_chosen_for());
	let (deal, _) = Deal::<u8, u8>::open(0, Kind::Beacon, small_order(1, 1, 2), 0, &terms).expect("sound");
	assert!(!deal.is_chosen_for());
}

#[test]
fn times_that_cannot_be_are_refused() {
	let times = Times::real();
	assert_eq!((times.check(), times.scaled(60).check()), (Ok(()), Ok(())));
	assert_eq!(times.scaled(u32::MAX).check(), Ok(()));
	let none = [
		Times { placing: 0, ..times },
		Times { upload: 0, ..times },
		Times { grace: 0, ..times },
		Times {
			patience: [0, 1, 2, 3],
			..times
		},
	];
	assert!(none.iter().all(|times| times.check() == Err(TimesError::None)));
	let patience = [1, 2, 4, 3];
	assert_eq!(Times { patience, ..times }.check(), Err(TimesError::Patience));
}

#[test]
fn an_extension_is_paid_and_bounded() {
	let mut world = World::active(small_order(1, 2, 2), small_terms());
	let (escrow, put_in) = (world.deal.escrow.amount(), world.put_in);
	assert_eq!(world.play(Step::Extend(0)), Err(DealError::BadOrder));
	assert_eq!(world.play(Step::Extend(u32::MAX)), Err(DealError::BadOrder));
	world.done(Step::Extend(3));
	assert_eq!(world.deal.ends, 20);
	assert_eq!((world.deal.escrow.amount(), world.put_in), (escrow + 36, put_in + 36));
}

#[test]
fn giving_up_burns_and_ending_early_pays_those_who_hold() {
	let mut world = World::new(small_order(1, 2, 200), small_terms());
	// 2 slots, 800 ticks, one and a half planck each.
	assert_eq!(world.deal.escrow.amount(), 2_400);
	world.done(Step::GiveUp);
	assert_eq!(world.burned, 72);
	world.done(Step::Close);
	assert_eq!(world.to_owner, world.put_in - 72);

	let mut world = World::active(small_order(1, 2, 200), small_terms());
	assert_eq!(world.play(Step::GiveUp), Err(DealError::NotActive));
	world.now = 4;
	world.done(Step::Miss(1, 1));
	world.now = 8;
	world.done(Step::Terminate);
	let accrued = |at: SlotAt| {
		let slot = world.deal.slot(at).expect("there");
		slot.holding.as_ref().map(|holding| holding.accrued.amount())
	};
	// 12 up to now, and 5 % of the 2,388 that are left.
	assert_eq!((accrued(0), accrued(1)), (Some(12 + 119), Some(0)));
	// Whoever gave something out redeems what it was promised.
	assert_eq!(world.play(Step::Close), Err(DealError::TooEarly));
	world.now += world.terms.times.to_redeem();
	world.done(Step::Close);
}

#[test]
fn orders_that_make_no_sense_are_refused() {
	let terms = Terms::real();
	let open = |order: Order| Deal::<u8, u8>::open(0, Kind::Beacon, order, 0, &terms).map(|_| ());
	let order = Order {
		geometry: Geometry::of(Profile::Standard, 1 << 30),
		max_ask: Price(203_450),
		eras: 12_960,
		factor: 1,
	};
	assert_eq!(open(order), Ok(()));
	assert_eq!(open(Order { eras: 0, ..order }), Err(DealError::BadOrder));
	assert_eq!(open(Order { eras: 262_801, ..order }), Err(DealError::BadOrder));
	assert_eq!(open(Order { factor: 0, ..order }), Err(DealError::BadOrder));
	assert_eq!(open(Order { factor: 11, ..order }), Err(DealError::BadOrder));
	let dear = Order {
		max_ask: Price(u128::MAX),
		..order
	};
	assert!(matches!(open(dear), Err(DealError::Money(_))));
	let timeless = Terms { era: 0, ..terms };
	assert!(matches!(
		Deal::<u8, u8>::open(0, Kind::Beacon, order, 0, &timeless),
		Err(DealError::Money(_))
	));
}
