//! Who is drawn for a job, and what is kept of members.

use crate::workbench::{offer, quote, spec, Device, LIMIT, PRICE};
use bounded_collections::BoundedVec;
use compute_market_primitives::{
	draw, pool, Assurance, Candidate, Fit, PoolMember, Price, Reliability, Times, Wants, WorkOffer, MAX_LATE, MAX_POOL,
};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeSet;

const DEVICE: Device = [2; 32];

fn reliable() -> Reliability {
	let mut reliability = Reliability::default();
	(0..100).for_each(|_| reliability.was_right(true));
	reliability
}

fn wants(assurance: Assurance) -> Wants {
	Wants::of(&spec(), PRICE, assurance, quote(assurance).stake)
}

#[test]
fn each_term_of_a_job_is_met() {
	let (good, known, unknown) = (offer(), reliable(), Reliability::default());
	let wants = wants(Assurance::Audit);
	let fits = Candidate {
		owner: 1,
		group: Some(1),
		offer: &good,
		stake: wants.stake,
		reliability: &known,
	};
	let judge = |candidate: &Candidate<'_, i32, i32>| wants.judge(candidate, &[(2, Some(2)), (3, None)]);
	assert_eq!(judge(&fits), Fit::Fits);
	let with = |changed: &WorkOffer| judge(&Candidate { offer: changed, ..fits });
	let engines = BoundedVec::truncate_from(vec![2, 3]);
	assert_eq!(with(&WorkOffer { engines, ..offer() }), Fit::NoEngine);
	let memory_pages = spec().memory_pages - 1;
	assert_eq!(
		with(&WorkOffer {
			memory_pages,
			..offer()
		}),
		Fit::NoMemory
	);
	let ask = Price(PRICE.0 + 1);
	assert_eq!(with(&WorkOffer { ask, ..offer() }), Fit::TooDear);
	assert_eq!(
		judge(&Candidate {
			stake: wants.stake - 1,
			..fits
		}),
		Fit::LowStake
	);
	assert_eq!(
		judge(&Candidate {
			reliability: &unknown,
			..fits
		}),
		Fit::NotReliable
	);
	assert_eq!(judge(&Candidate { owner: 3, ..fits }), Fit::SameOwner);
	assert_eq!(judge(&Candidate { group: Some(2), ..fits }), Fit::SameNetwork);
	assert_eq!(
		judge(&Candidate { group: None, ..fits }),
		Fit::Fits,
		"names have no network"
	);
	assert!([Fit::Fits, Fit::SameOwner, Fit::SameNetwork]
		.iter()
		.all(|fit| fit.met()));
	let unmet = [
		Fit::NoEngine,
		Fit::NoMemory,
		Fit::TooDear,
		Fit::LowStake,
		Fit::NotReliable,
	];
	assert!(!unmet.iter().any(|fit| fit.met()));
}

#[test]
fn beside_others_nobody_has_to_be_reliable() {
	let (good, unknown) = (offer(), Reliability::default());
	for assurance in [Assurance::Quorum, Assurance::Strict] {
		let wants = wants(assurance);
		let candidate = Candidate {
			owner: 1,
			group: None::<u8>,
			offer: &good,
			stake: wants.stake,
			reliability: &unknown,
		};
		assert_eq!(wants.judge(&candidate, &[]), Fit::Fits);
	}
}

proptest! {
	/// Whatever is drawn: no owner and no network is there twice, nobody who does not fit, and not too many.
	#[test]
	fn a_pool_is_of_different_owners_and_networks(
		workers in vec((0_u8..40, prop::option::of(0_u8..40), any::<bool>()), 1..200),
		randomness: [u8; 32],
		most in 0..80_u32,
		tries in 0..600_u32,
	) {
		let (fitting, dear, known) = (offer(), WorkOffer { ask: Price(PRICE.0 + 1), ..offer() }, reliable());
		let wants = wants(Assurance::Quorum);
		let look = |ticket: u32| {
			let at = ticket as usize;
			let (owner, group, fits) = workers.get(at).copied()?;
			let offer = if fits { &fitting } else { &dear };
			Some((at, Candidate { owner, group, offer, stake: wants.stake, reliability: &known }))
		};
		let tickets = workers.len() as u32 + 5;
		let drawn = draw(&pool(&randomness, 7, 0), tickets, tries, most, &wants, look);
		prop_assert!(drawn.workers.len() as u32 <= most.min(MAX_POOL));
		prop_assert!(drawn.met <= drawn.looked && drawn.looked <= tries);
		prop_assert!(drawn.workers.len() as u32 <= drawn.met);
		let chosen: Vec<_> = drawn.workers.iter().map(|at| workers[*at]).collect();
		prop_assert!(chosen.iter().all(|(_, _, fits)| *fits));
		let owners: BTreeSet<_> = chosen.iter().map(|(owner, ..)| owner).collect();
		prop_assert_eq!(owners.len(), chosen.len());
		let networks: Vec<_> = chosen.iter().filter_map(|(_, group, _)| *group).collect();
		prop_assert_eq!(networks.iter().collect::<BTreeSet<_>>().len(), networks.len());
	}
}

/// However many are wanted, and fit.
#[test]
fn a_pool_is_as_large_as_it_may_be() {
	let (good, known) = (offer(), reliable());
	let wants = wants(Assurance::Quorum);
	let look = |ticket: u32| {
		let candidate = Candidate {
			owner: ticket,
			group: Some(ticket),
			offer: &good,
			stake: wants.stake,
			reliability: &known,
		};
		Some((ticket, candidate))
	};
	for (most, expected) in [(0, 0), (9, 9), (64, 64), (65, 64), (u32::MAX, 64)] {
		let drawn = draw(&pool(&[1; 32], 7, 0), 200, 1_000, most, &wants, look);
		assert_eq!(drawn.workers.len(), expected);
	}
}

#[test]
fn of_no_tickets_nobody_is_drawn() {
	let wants = wants(Assurance::Quorum);
	let nobody = |_: u32| -> Option<(u8, Candidate<'_, u8, u8>)> { panic!("there is no ticket") };
	let drawn = draw(&pool(&[1; 32], 7, 0), 0, 100, 64, &wants, nobody);
	assert_eq!((drawn.workers.len(), drawn.looked, drawn.met), (0, 0, 0));
}

/// Of 100 workers with one ticket each, every one is in a pool of ten in a tenth of all draws.
#[test]
fn each_ticket_is_as_probable_as_the_others() {
	let (good, known) = (offer(), reliable());
	let wants = wants(Assurance::Quorum);
	let mut times = vec![0_u32; 100];
	for job in 0..2_000 {
		let look = |ticket: u32| {
			let candidate = Candidate {
				owner: ticket,
				group: Some(ticket),
				offer: &good,
				stake: wants.stake,
				reliability: &known,
			};
			Some((ticket, candidate))
		};
		let drawn = draw(&pool(&[1; 32], job, 0), 100, 1_000, 10, &wants, look);
		assert_eq!(drawn.workers.len(), 10);
		drawn.workers.iter().for_each(|worker| times[*worker as usize] += 1);
	}
	// 200 each, with a deviation of 13.4.
	assert!(times.iter().all(|times| (140..=260).contains(times)), "{times:?}");
}

#[test]
fn a_member_has_as_many_units_as_slots() {
	let mut member = PoolMember::new(DEVICE, PRICE, 1_000, 2);
	assert!(member.may_take());
	member.take();
	assert!(member.may_take());
	member.take();
	assert!(!member.may_take());
	member.said();
	assert!(member.may_take());
	member.leave();
	assert!(!member.may_take());
	assert_eq!(PoolMember::new(DEVICE, PRICE, 1_000, 0).slots, 1);
}

#[test]
fn who_is_late_three_times_leaves() {
	let mut member = PoolMember::new(DEVICE, PRICE, 1_000, 8);
	for _ in 1..MAX_LATE {
		member.take();
		member.was_late();
		assert!(member.may_take() && member.in_flight == 0);
	}
	member.take();
	member.was_late();
	assert!(member.out && !member.may_take());
	assert_eq!(member.rounds.effective(), 125, "it counted half each time");
}

#[test]
fn one_unit_of_twenty_is_handed_back_unharmed() {
	let mut member = PoolMember::new(DEVICE, PRICE, 1_000, 64);
	member.take();
	assert!(member.decline(), "the first");
	assert_eq!(member.rounds.effective(), 1_000);
	(0..19).for_each(|_| member.take());
	assert!(!member.decline(), "the second of twenty");
	assert_eq!(member.rounds.effective(), 500);
	(0..21).for_each(|_| member.take());
	assert!(member.decline(), "the third of forty-one");
	assert_eq!((member.rounds.effective(), member.in_flight), (500, 38));
}

#[test]
fn what_a_member_does_moves_its_weight() {
	let mut member = PoolMember::new(DEVICE, PRICE, 1_000, 2);
	member.failed();
	assert_eq!(member.rounds.effective(), 500);
	member.was_right();
	assert_eq!(member.rounds.effective(), 625);
	assert_eq!(member.rounds.weight(), 1_000);
}

/// 2 Gfuel at 1,000 Mfuel a tick in two slots take four ticks; three times as long, and a minute.
#[test]
fn a_unit_is_due_by_the_rate_of_a_slot() {
	let (times, member) = (Times::real(), PoolMember::new(DEVICE, PRICE, 1_000, 2));
	assert_eq!(member.rate_of_slot(), 500);
	assert_eq!(times.due(1_000, LIMIT, member.rate_of_slot()), 1_000 + 12 + 120);
	assert_eq!(times.due(1_000, LIMIT + 1, 500), 1_000 + 13 + 120, "rounded up");
	assert_eq!(
		times.due(1_000, LIMIT, 0),
		1_000 + 6_000 + 120,
		"at least one Mfuel a tick"
	);
	assert_eq!(times.due(u32::MAX, u64::MAX, 1), u32::MAX);
	assert_eq!(PoolMember::new(DEVICE, PRICE, 1, 1_000).rate_of_slot(), 1);
}
