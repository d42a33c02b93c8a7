//! An era closed: its bounds, its split, and what each is paid.

use crate::workbench::{any_demand, any_ratio, any_size, any_terms};
use issuance_primitives::{
	close, payout, share, usage, worth, Balance, Closing, Curve, Demand, Merits, PerPot, Pot, Split, Terms, TermsError,
	Use, Work, STCI, UNIT,
};
use proptest::prelude::*;
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;
use sp_core::U256;

/// Units for which a price was paid, in thousandths of an STCI each.
fn work(units: u128, price: u128) -> Work {
	Work {
		units: units * UNIT,
		paid: units * price * STCI / 1_000,
	}
}

/// A merit in each pot.
fn all() -> Merits {
	PerPot::from_fn(|pot| u128::from(pot != Pot::Treasury))
}

fn closed(usage: u32, demand: Demand) -> Closing {
	close(
		1_000 * STCI,
		Perbill::from_percent(usage),
		&demand,
		&Terms::real(),
		&all(),
	)
}

#[test]
fn an_era_without_work_or_proofs_creates_nothing() {
	let closing = closed(0, Demand::default());
	assert_eq!((closing.gross, closing.pots.sum()), (0, 0));
	assert_eq!((closing.ceiling, closing.rate), (1_000 * STCI, STCI / 5));
}

#[test]
fn each_pot_has_its_share() {
	// 1,000 units at 0.2 are 200 STCI; AutoMine has half of the 800 that are left, and 100,000 units to buy.
	let closing = closed(
		10,
		Demand {
			storage: work(1_000, 500),
			plots: 100_000 * UNIT,
			..Demand::default()
		},
	);
	assert_eq!(closing.gross, 600 * STCI);
	let expected = PerPot {
		signing: 120 * STCI,
		plots: 240 * STCI,
		storage: 120 * STCI,
		compute: 0,
		bandwidth: 30 * STCI,
		discovery: 30 * STCI,
		treasury: 60 * STCI,
	};
	assert_eq!(closing.pots, expected);
}

#[test]
fn automine_buys_what_is_proven_and_only_while_usage_is_low() {
	let plots = |units: u128| Demand {
		plots: units * UNIT,
		..Demand::default()
	};
	assert_eq!(closed(0, plots(10)).gross, 2 * STCI);
	assert_eq!(closed(29, plots(1_000_000)).gross, 500 * STCI);
	assert_eq!(closed(30, plots(1_000_000)).gross, 0);
}

#[test]
fn a_pot_without_a_merit_is_not_created() {
	let demand = Demand {
		storage: work(1_000, 500),
		compute: work(1_000, 500),
		plots: 100_000 * UNIT,
	};
	let full = closed(10, demand);
	for without in Pot::ALL.into_iter().filter(|pot| *pot != Pot::Treasury) {
		let mut totals = all();
		*totals.get_mut(without) = 0;
		let closing = close(full.ceiling, full.usage, &demand, &Terms::real(), &totals);
		let mut expected = full.pots;
		*expected.get_mut(without) = 0;
		assert_eq!(closing.pots, expected, "{without:?}");
	}
	let none = close(full.ceiling, full.usage, &demand, &Terms::real(), &Merits::default());
	assert_eq!(none.pots.sum(), none.pots.treasury);
}

#[test]
fn the_price_caps_what_is_earned() {
	// 0.05 STCI each where the rate is 0.2.
	let closing = closed(
		10,
		Demand {
			storage: work(1_000, 50),
			..Demand::default()
		},
	);
	assert_eq!(closing.gross, 50 * STCI);
}

/// Two deals, of which one pays far more than the rate: when it rises, neither earns by what the other has paid.
#[test]
fn a_high_price_leaves_no_room_for_others() {
	let rate = Curve::real().high;
	let [fair, dear] = [work(1_000, 40), work(1_000, 10_000)].map(|deal| Work::counted(deal.units, deal.paid, rate));
	assert_eq!((fair, dear), (work(1_000, 40), work(1_000, 40)));
	let closing = closed(
		0,
		Demand {
			storage: fair.plus(dear),
			..Demand::default()
		},
	);
	assert_eq!(closing.gross, 80 * STCI, "and not 400, at the rate of the era itself");
}

/// Prices that do not fit into a balance together are cut as any are.
#[test]
fn prices_beyond_all_stci_are_cut_to_the_ceiling() {
	let most = Work {
		units: u128::MAX,
		paid: Balance::MAX,
	};
	let closing = closed(
		100,
		Demand {
			storage: most,
			compute: most,
			plots: 0,
		},
	);
	assert_eq!(closing.gross, 1_000 * STCI);
	assert_eq!(closing.pots.storage, closing.pots.compute);
}

#[test]
fn usage_is_the_larger_share() {
	let of = |used, proven| Use { used, proven };
	let nothing = of(0, 0);
	assert_eq!(usage(nothing, nothing), Perbill::zero());
	assert_eq!(usage(of(5, 0), nothing), Perbill::zero());
	assert_eq!(usage(of(1, 4), of(1, 5)), Perbill::from_percent(25));
	assert_eq!(usage(of(1, 4), of(3, 5)), Perbill::from_percent(60));
	assert_eq!(usage(of(9, 4), nothing), Perbill::one());
	let most = u128::MAX;
	assert_eq!(usage(of(most, most), nothing), Perbill::one());
	assert_eq!(usage(of(most - 1, most), nothing), Perbill::from_parts(999_999_999));
}

#[test]
fn terms_that_make_no_sense_are_refused() {
	let real = Terms::real();
	assert_eq!(real.check(), Ok(()));
	let curve = |curve: Curve| Terms { curve, ..real }.check();
	let rises = Curve {
		middle: real.curve.low + 1,
		..real.curve
	};
	assert_eq!(curve(rises), Err(TermsError::RateRises));
	let rises = Curve {
		high: real.curve.middle + 1,
		..real.curve
	};
	assert_eq!(curve(rises), Err(TermsError::RateRises));
	let crossed = Curve {
		low_below: real.curve.middle_at,
		..real.curve
	};
	assert_eq!(curve(crossed), Err(TermsError::PointsOutOfOrder));
	let at_the_end = Curve {
		middle_at: Perbill::one(),
		..real.curve
	};
	assert_eq!(curve(at_the_end), Err(TermsError::PointsOutOfOrder));
	let split = |treasury| {
		let split = Split {
			treasury: Perbill::from_percent(treasury),
			..real.split
		};
		Terms { split, ..real }.check()
	};
	assert_eq!((split(70), split(71)), (Ok(()), Err(TermsError::MoreThanAll)));
}

#[test]
fn shares_at_the_ends() {
	let most = u128::MAX;
	assert_eq!(share(most, most, most), most);
	assert_eq!(share(most, 1, most), 1);
	assert_eq!(share(most, most - 1, most), most - 1);
	assert_eq!(share(most - 1, most - 1, most), most - 2);
	assert_eq!(share(most, 1, 2), most / 2);
	assert_eq!(share(most, 5, 0), 0);
	assert_eq!(share(0, 5, 5), 0);
	assert_eq!(share(7, 9, 5), 7, "a merit above the total is all of it");
	assert_eq!(worth(most, most), most);
	assert_eq!(worth(UNIT, 7), 7);
	assert_eq!(worth(UNIT - 1, 7), 6);
}

proptest! {
	#[test]
	fn pots_stay_below_gross_and_gross_below_the_ceiling(seed: u64, ceiling: u128) {
		let mut rng = Rng::new(seed);
		let (terms, demand) = (any_terms(&mut rng), any_demand(&mut rng));
		let totals: Merits = PerPot::from_fn(|_| any_size(&mut rng));
		let closing = close(ceiling, any_ratio(&mut rng), &demand, &terms, &totals);
		prop_assert!(closing.pots.sum() <= closing.gross);
		prop_assert!(closing.gross <= ceiling);
		prop_assert_eq!(closing.ceiling, ceiling);
		prop_assert_eq!(closing.rate, terms.curve.rate(closing.usage));
	}

	#[test]
	fn shares_are_exact(pot: u128, merit: u128, total: u128, small in 1..=1_000_u128) {
		for (pot, total) in [(pot, total), (pot, small), (u128::MAX, total), (pot, u128::MAX), (small, total)] {
			let merit = merit.min(total);
			let exact = if total == 0 {
				U256::zero()
			} else {
				U256::from(pot) * U256::from(merit) / U256::from(total)
			};
			prop_assert_eq!(U256::from(share(pot, merit, total)), exact);
			prop_assert!(share(pot, merit, total) <= pot);
		}
	}

	#[test]
	fn what_exceeds_the_ceiling_shrinks_alike(
		storage in 1..=1_000_000_u128, compute in 1..=1_000_000_u128, ceiling in 0..=1_000 * STCI, used in 30..=100_u32,
	) {
		let demand = Demand { storage: work(storage, 200), compute: work(compute, 200), plots: UNIT };
		let closing = close(ceiling, Perbill::from_percent(used), &demand, &Terms::real(), &all());
		let asked = [demand.storage, demand.compute].map(|work| work.earns(closing.rate));
		let together: Balance = asked.iter().sum();
		if together <= ceiling {
			prop_assert_eq!(closing.gross, together);
		} else {
			prop_assert!(ceiling - closing.gross <= 1);
			// The same factor for both: pots are as what was asked for, but for what is rounded away.
			let (left, right) = (closing.pots.storage * asked[1], closing.pots.compute * asked[0]);
			prop_assert!(left.abs_diff(right) <= 2 * asked[0].max(asked[1]));
		}
	}

	#[test]
	fn no_deal_earns_more_than_its_price(
		seed: u64, before in 0..=1_000_000_000_u32, now in 0..=1_000_000_000_u32, ceiling in 0..=1_000_000 * STCI,
	) {
		let (mut rng, terms) = (Rng::new(seed), Terms::real());
		let rate = terms.curve.rate(Perbill::from_parts(before));
		// Deals for nothing beside such as pay a hundred times the rate.
		let deals: Vec<Work> = (0..10)
			.map(|_| work(u128::from(rng.below(1_000)), u128::from(rng.below(2)) * u128::from(rng.below(20_000))))
			.collect();
		let counted: Vec<Work> = deals.iter().map(|deal| Work::counted(deal.units, deal.paid, rate)).collect();
		let storage = counted.iter().fold(Work::default(), |sum, one| sum.plus(*one));
		let demand = Demand { storage, ..Demand::default() };
		let totals = Merits { storage: storage.units, ..Merits::default() };
		let closing = close(ceiling, Perbill::from_parts(now), &demand, &terms, &totals);
		for (deal, counts) in deals.iter().zip(&counted) {
			prop_assert!(counts.units <= deal.units && counts.paid <= deal.paid);
			prop_assert!(share(closing.pots.storage, counts.units, totals.storage) <= deal.paid);
			// Even if all of the gross were for the work.
			prop_assert!(share(closing.gross, counts.units, totals.storage) <= deal.paid);
		}
	}

	#[test]
	fn split_merits_gain_nothing(seed: u64, pot in 0..=1_000 * STCI, others: u64, parts in 1..50_usize) {
		let mut rng = Rng::new(seed);
		let merits: Vec<u128> = (0..parts).map(|_| u128::from(rng.next_u64())).collect();
		let mine: u128 = merits.iter().sum();
		let total = mine + u128::from(others);
		let split: Balance = merits.iter().map(|merit| share(pot, *merit, total)).sum();
		let whole = share(pot, mine, total);
		prop_assert!(split <= whole);
		prop_assert!(whole - split < parts as u128);
	}
}

#[test]
fn a_payout_is_a_share_of_each_pot() {
	let pots = PerPot::from_fn(|pot| 100 + pot as u128);
	let totals = PerPot {
		treasury: 0,
		..PerPot::from_fn(|_| 3)
	};
	let paid = payout(&pots, &all(), &totals);
	let expected = PerPot {
		signing: 33,
		plots: 33,
		storage: 34,
		compute: 34,
		bandwidth: 34,
		discovery: 35,
		treasury: 0,
	};
	assert_eq!(paid, expected);
}
