//! Draws: fair, bounded, and nobody twice.

use proptest::prelude::*;
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;
use storage_market_primitives::{draw, place, Draw, Offer, Outcome, Price, SlotId, Verdict, Wants};

const WANTS: Wants = Wants {
	max_ask: Price(100),
	bytes: 1_000,
	score: Perbill::from_percent(50),
};

fn offer(owner: u32, group: u32) -> Offer<u32, u32> {
	Offer {
		owner,
		group: Some(group),
		ask: Price(100),
		room: 1_000,
		score: Perbill::from_percent(50),
	}
}

fn from(number: u64) -> Draw {
	place(&[7; 32], SlotId::new(number, 0), 0)
}

#[test]
fn an_offer_is_judged_by_its_terms_first() {
	let sound = offer(1, 1);
	let present = [(2, Some(2)), (3, None)];
	let judge = |offer: Offer<u32, u32>| WANTS.judge(&offer, &present);
	assert_eq!(judge(sound), Verdict::Fits);
	assert_eq!(
		judge(Offer {
			ask: Price(101),
			..sound
		}),
		Verdict::TooDear
	);
	assert_eq!(judge(Offer { room: 999, ..sound }), Verdict::NoRoom);
	let low = Perbill::from_parts(499_999_999);
	assert_eq!(judge(Offer { score: low, ..sound }), Verdict::LowScore);
	assert_eq!(judge(offer(2, 1)), Verdict::SameOwner);
	assert_eq!(judge(offer(1, 2)), Verdict::SameNetwork);
	let nowhere = Offer { group: None, ..sound };
	assert_eq!(
		judge(nowhere),
		Verdict::Fits,
		"where groups do not matter none is the same"
	);
	assert!(Verdict::SameOwner.met() && Verdict::SameNetwork.met() && !Verdict::TooDear.met());
}

#[test]
fn a_draw_ends_after_its_tries_and_without_tickets_at_once() {
	for (tickets, tries) in [(0, 0), (5, 128)] {
		let mut tried = 0;
		let none = |_: u32| {
			tried += 1;
			None::<(u32, Offer<u32, u32>)>
		};
		let outcome = draw(&from(1), tickets, 128, &WANTS, &[], none);
		assert_eq!(
			(tried, outcome.looked),
			(tries, 0),
			"what is nobody's says nothing of terms"
		);
	}
	let outcome = |looked, met| Outcome::<u8> {
		device: None,
		looked,
		met,
	};
	let half = Perbill::from_percent(50);
	assert!(outcome(2, 1).fair(half) && !outcome(3, 1).fair(half));
	assert!(!outcome(16, 14).fair(Perbill::from_percent(90)) && outcome(16, 15).fair(Perbill::from_percent(90)));
}

#[test]
fn each_ticket_is_as_probable_as_the_others() {
	let mut counts = [0_u32; 10];
	let draw = from(2);
	for number in 0..100_000 {
		counts[draw.below_u32(number, 10) as usize] += 1;
	}
	// Five standard deviations.
	assert!(counts.iter().all(|count| count.abs_diff(10_000) < 475), "{counts:?}");
}

/// Who holds a fifth of the tickets, behind as many owners and networks as it likes, has five of eight slots in one
/// deal of a hundred.
#[test]
fn a_fifth_of_the_tickets_gets_five_of_eight_in_one_deal_of_a_hundred() {
	let deals = 20_000;
	let mut taken = 0;
	for deal in 0..deals {
		let (mut present, mut hostile) = (Vec::new(), 0);
		for slot in 0..8 {
			let numbers = place(&[9; 32], SlotId::new(deal, slot), 0);
			let look = |ticket| Some((ticket, offer(ticket, ticket)));
			let device = draw(&numbers, 10_000, 128, &WANTS, &present, look)
				.device
				.expect("one fits");
			present.push((device, Some(device)));
			hostile += u32::from(device < 2_000);
		}
		taken += u32::from(hostile >= 5);
	}
	// 1.04 % by the binomial: 208, and five standard deviations.
	println!("{taken} of {deals} deals");
	assert!(taken.abs_diff(208) < 72, "{taken}");
}

proptest! {
	#[test]
	fn no_owner_and_no_network_has_two_slots(number: u64, owners in 1..40_u32, groups in 1..40_u32) {
		let mut rng = Rng::new(number);
		let tickets: Vec<_> = (0..200)
			.map(|_| offer(rng.below(owners.into()) as u32, rng.below(groups.into()) as u32))
			.collect();
		let mut present: Vec<(u32, Option<u32>)> = Vec::new();
		for slot in 0..8 {
			let look = |ticket: u32| tickets.get(ticket as usize).map(|offer| (ticket, *offer));
			let numbers = place(&[3; 32], SlotId::new(number, slot), 0);
			let outcome = draw(&numbers, 200, 128, &WANTS, &present, look);
			prop_assert!(outcome.looked <= 128 && outcome.met <= outcome.looked);
			if let Some(ticket) = outcome.device {
				let offer = tickets[ticket as usize];
				prop_assert!(present.iter().all(|(owner, group)| *owner != offer.owner && *group != offer.group));
				present.push((offer.owner, offer.group));
			}
		}
		prop_assert!(present.len() <= owners.min(groups) as usize);
	}
}
