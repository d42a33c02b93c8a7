//! What is learned of channels, and shares of them.

use channel_primitives::Side;
use smart_pay_routes::{Load, Odds, Share, MAX_KNOWN, RELAX};
use smartchain_rng::{seeds, Rng};

#[test]
fn what_went_through_is_likely_and_what_did_not_is_not() {
	let mut odds = Odds::default();
	let chance = |odds: &Odds, amount, now| odds.chance(1, Side::Low, amount, 1_000, false, now);
	let before = chance(&odds, 500, 10);
	odds.passed(1, Side::Low, 500, 10);
	assert!(chance(&odds, 500, 10) > before);
	odds.failed(1, Side::Low, 800, 10);
	assert!(chance(&odds, 800, 10) < chance(&odds, 700, 10));
	assert_eq!(
		odds.chance(1, Side::High, 500, 1_000, false, 10),
		before,
		"the other direction is another one"
	);
	assert_eq!(
		chance(&odds, 500, 10 + RELAX),
		before,
		"after a while nothing is left of it"
	);
	// What happened last counts.
	odds.failed(1, Side::Low, 400, 20);
	assert!(chance(&odds, 500, 20) < before);
	odds.passed(1, Side::Low, 900, 30);
	assert!(chance(&odds, 900, 30) > before);
}

#[test]
fn chances_never_rise_with_the_amount() {
	for seed in seeds(200) {
		let mut rng = Rng::new(seed);
		let mut odds = Odds::default();
		let most = if rng.percent(20) {
			u128::MAX
		} else {
			u128::from(rng.below(10_000))
		};
		let any = |rng: &mut Rng| {
			if rng.percent(10) {
				u128::MAX
			} else {
				u128::from(rng.below(12_000))
			}
		};
		for now in 0..20 {
			let amount = any(&mut rng);
			if rng.percent(50) {
				odds.passed(1, Side::Low, amount, now * 700);
			} else {
				odds.failed(1, Side::Low, amount, now * 700);
			}
			let mut amounts: Vec<u128> = (0..20).map(|_| any(&mut rng)).collect();
			amounts.sort_unstable();
			for ours in [false, true] {
				let later = now * 700 + u32::try_from(rng.below(10_000)).unwrap();
				let chances = amounts
					.iter()
					.map(|amount| odds.chance(1, Side::Low, *amount, most, ours, later));
				let chances: Vec<u32> = chances.collect();
				assert!(
					chances.is_sorted_by(|one, next| one >= next),
					"seed {seed}: {chances:?}"
				);
				assert!(chances.iter().all(|chance| (1..=1 << 16).contains(chance)));
			}
		}
	}
}

#[test]
fn what_is_remembered_is_bounded() {
	let mut odds = Odds::default();
	let most = u64::try_from(MAX_KNOWN).unwrap();
	for channel in 0..most + 3 {
		odds.failed(channel, Side::Low, 1, u32::try_from(channel).unwrap());
	}
	assert_eq!(odds.len(), MAX_KNOWN);
	assert!(!odds.is_empty());
}

/// Hoarder: one partner locks all that it can, and never pays.
#[test]
fn hoarder_leaves_a_quarter_to_others() {
	let share = Share::of(64, 1_000);
	let mut taken = Load::default();
	while share.fits(&taken, 1) {
		taken.locks += 1;
		taken.amount += 1;
	}
	assert_eq!(taken.locks, 48);
	assert!(share.fits(&Load::default(), 750) && !share.fits(&Load::default(), 751));
	assert!(!Share::of(64, u128::MAX).fits(
		&Load {
			locks: 1,
			amount: u128::MAX
		},
		1
	));
}
