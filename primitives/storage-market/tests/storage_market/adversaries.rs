//! Those who would be paid without holding: what each gains. A slot of theirs has 256 MiB, of which a part is missing.

use crate::workbench::{moment, small_order, small_terms, source, Step, World};
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;
use storage_market_primitives::{
	Deal, DealError, Geometry, Kind, Moment, Order, Price, ProbeReport, Profile, Scores, SlotId, Stage, Terms, Tick,
	DAY, ERA, MAX_ERAS,
};
use storage_proof_primitives::Shape;

const HALF: Tick = DAY / 2;
const WINDOW: Tick = 600;

fn rng() -> Rng {
	source(Rng::seed_from_env())
}

/// Whether a slot of which so much is missing, in percent, can answer what it is asked at a moment.
fn can_answer(moment: &Moment, deal: u64, missing: u32) -> bool {
	let asked = moment.asked(SlotId::new(deal, 3), Shape::of(256 << 20).expect("a slot"));
	asked.iter().all(|index| index % 100 >= missing)
}

/// How many of a thousand are caught that miss so much, within so many challenges.
fn caught(missing: u32, challenges: u32) -> u32 {
	let mut rng = rng();
	let is_caught = |deal: &u64| (0..challenges).any(|tick| !can_answer(&moment(&mut rng, tick), *deal, missing));
	(0..1_000u64).filter(is_caught).count() as u32
}

/// Of `n` challenges with two chunks each, `1 - (1 - x)^(2 n)` catch whoever misses a share `x`.
#[test]
fn deleter_is_caught_by_chance() {
	let (day, month) = (2, 60);
	assert!(caught(10, day).abs_diff(344) < 90);
	assert!(caught(10, month) > 980);
	assert!(caught(1, month).abs_diff(701) < 90);
	assert_eq!(caught(0, month), 0);
}

/// A deal of one slot that has begun at tick 0 and lasts for two years, at a planck a tick and a little more.
fn two_years() -> (Deal<u8, u8>, Terms) {
	let terms = Terms::real();
	let order = Order {
		geometry: Geometry::of(Profile::Single, 256 << 20),
		max_ask: Price(5_000_000),
		eras: 730 * 144,
		factor: 1,
	};
	let (mut deal, _) = Deal::open(0, Kind::Beacon, order, 0, &terms).expect("sound");
	deal.place(0, 1, order.max_ask, true, 0, &terms).expect("wanted");
	deal.commit_roots(&[[1; 32]]).expect("uploading");
	deal.confirm(0, &1, 0, &terms).expect("drawn");
	(deal, terms)
}

/// What part of its pay, of 1,000, a slot that misses so much gets in two years, asked once in each half day. If it
/// `foresees`, it also asks each era to be asked, by a moment that it knows already, if that is a good one. If it only
/// `hopes`, it asks to be asked by one that it does not know.
fn paid(missing: u32, foresees: bool, hopes: bool, rng: &mut Rng) -> u32 {
	let (mut deal, terms) = two_years();
	let all = deal.escrow.amount();
	let (mut now, last) = (ERA, 730 * DAY - 1);
	let mut asked_at = rng.below(HALF.into()) as Tick;
	while now < last {
		let drawn = asked_at < now;
		let at = if drawn { asked_at } else { now };
		let has_all = can_answer(&moment(rng, at), 3, missing);
		let asks = hopes || (foresees && has_all);
		if drawn || asks {
			if has_all {
				deal.prove(0, &1, at, at + 1, &terms).expect("held");
			} else {
				deal.miss(0, &1, at, at + WINDOW + 1).expect("held");
			}
		}
		if drawn {
			asked_at = (asked_at / HALF + 1) * HALF + rng.below(HALF.into()) as Tick;
		}
		now += ERA;
	}
	let earned = all - deal.escrow.amount();
	(earned * 1_000 / all) as u32
}

#[test]
fn deleter_loses_more_than_it_saves() {
	let mut rng = rng();
	assert!(paid(0, false, false, &mut rng) > 995);
	// It saves 10 %, and loses 19 % on average.
	let paid = paid(10, false, false, &mut rng);
	assert!(paid.abs_diff(810) < 60, "{paid}");
}

/// Why whoever wants to prove unasked is asked by a moment that is not known yet, and misses like any other: if it
/// could choose a good one, deleting would cost nothing.
#[test]
fn grinder_gains_by_no_moment_that_it_does_not_know() {
	let mut rng = rng();
	let hopes = paid(10, false, true, &mut rng);
	assert!(hopes.abs_diff(810) < 30, "{hopes}");
	assert!(paid(10, true, false, &mut rng) > 970);
}

/// It has 4/8, and three of them vanish at once: no pay from their last proof on, and their collateral is lost once
/// their patience is over.
#[test]
fn vanisher_is_paid_for_nothing_and_lost_after_patience() {
	let mut world = World::active(small_order(4, 8, 100), small_terms());
	let terms = world.terms;
	world.now = 8;
	for at in 0..3 {
		assert_eq!(world.deal.miss(at, &(at as u8), 4, 8), Ok(true));
	}
	// Five are usable: one more than suffice.
	let patience = world.deal.patience(&terms.times);
	assert_eq!(patience, terms.times.patience[1]);
	world.now = 8 + patience;
	let (reserve, collateral) = (world.deal.reserve.amount(), world.deal.collateral);
	for at in 0..3 {
		world.done(Step::Lose(at));
	}
	assert_eq!(world.deal.reserve.amount(), reserve + 3 * collateral);
	assert_eq!(world.to_devices, 0, "nothing of theirs was proven");
}

/// A device that takes up repairs and never confirms costs time, and no more: each draw is another one, and it has
/// nothing of it.
#[test]
fn vanisher_in_repair_gets_nothing_and_is_passed_over() {
	let mut world = World::active(small_order(4, 8, 100), small_terms());
	world.done(Step::Miss(0, 0));
	world.now = 4;
	world.done(Step::Lose(0));
	let inside = world.deal.holds();
	for attempt in 1..=5 {
		world.done(Step::Place(0, 20));
		world.now += world.terms.times.to_repair(world.deal.geometry()) + 1;
		world.done(Step::ExpireDraw(0));
		assert_eq!(world.deal.slot(0).expect("there").attempt, attempt + 1);
	}
	assert_eq!((world.deal.holds(), world.to_devices), (inside, 0));
	world.done(Step::Place(0, 21));
	world.done(Step::Confirm(0, 21));
	assert!(!world.deal.is_strained());
}

/// It holds all, answers every challenge, and gives out nothing: the part of its pay that goes by its score is gone.
#[test]
fn never_server_has_no_score_and_less_pay() {
	let mut scores = Scores::<u8>::default();
	let none = report(None);
	for prober in 1..=3 {
		assert_eq!(scores.score(), None);
		scores.report(prober, none.score());
	}
	let score = scores.score().expect("three have reported");
	assert_eq!(score, Perbill::zero());
	let shares = Terms::real().shares;
	let (with, without) = (shares.split(1_000, Perbill::one()), shares.split(1_000, score));
	assert_eq!((with.provider, without.provider), (950, 900));
}

/// 256 KiB at 1 KiB a second take 256 seconds.
#[test]
fn a_server_of_a_kib_a_second_has_nearly_no_score() {
	let slow = report(Some(256_000)).score();
	assert!(slow < Perbill::from_parts(2_000_000), "{slow:?}");
	assert_eq!(report(Some(100)).score(), Perbill::one());
	assert_eq!(report(Some(1_000)).score(), Perbill::from_percent(50));
}

fn report(millis: Option<u32>) -> ProbeReport<u8> {
	let served = millis.map(|millis| storage_market_primitives::Served {
		millis,
		receipt: sp_core::sr25519::Signature::from_raw([0; 64]),
	});
	ProbeReport {
		era: 1,
		errand: 0,
		prober: 1,
		device: 2,
		at: SlotId::new(1, 0),
		served,
		pre_output: [0; 32],
		proof: [0; 64],
	}
}

/// It prolongs a deal again and again, at a price at which nobody takes over from those who want to leave.
#[test]
fn jailer_keeps_nobody_for_longer_than_five_years() {
	let mut world = World::active(small_order(1, 2, MAX_ERAS - 1), small_terms());
	let ends = MAX_ERAS * world.terms.era;
	world.done(Step::Leave(0, 0));
	assert_eq!(world.play(Step::Extend(2)), Err(DealError::BadOrder));
	world.done(Step::Extend(1));
	world.now = ends - 1;
	assert_eq!(world.play(Step::Extend(1)), Err(DealError::BadOrder));
	assert_eq!(world.deal.ends, ends);
}

/// It deletes all once its deal is over: the last stretch is asked for, and there is one try.
#[test]
fn deleter_at_the_end_is_asked_once_more() {
	let (mut deal, terms) = two_years();
	let end = deal.ends;
	deal.prove(0, &1, end - HALF, end - HALF + 1, &terms).expect("held");
	deal.due(end, &terms);
	assert!(matches!(deal.stage, Stage::Ended { .. }));
	deal.miss(0, &1, end + 9, end + 9 + WINDOW).expect("it is asked");
	assert_eq!(
		deal.prove(0, &1, end + 700, end + 701, &terms).map(|proven| proven.pay),
		Ok(0)
	);
}
