//! A provider that is its own customer: it pays itself, and hopes that issuance pays more than is lost on the way.

use crate::rules::Rules;
use issuance_primitives::{close, payout, usage, Balance, Curve, Demand, Merits, Schedule, Terms, Use, Work, UNIT};
use smartchain_rng::Rng;

/// Shares are counted in millionths.
pub const WHOLE: u64 = 1_000_000;

/// Eras of which the mean is taken.
const ERAS: u64 = 500;

/// Of a slot, the most draws that a dealer asks for.
const MOST_DRAWS: u64 = 1_000;

/// A network in which it deals. Compute is none: its work counts by the same formulas.
#[derive(Clone, Copy, Debug)]
pub struct Market {
	/// What it is called.
	pub name: &'static str,
	/// GiB that are proven.
	pub capacity: u64,
	/// Percent of them that others use, and pay for at the rate.
	pub used: u64,
	/// GiB in plots that AutoMine may buy.
	pub plots: u64,
}

/// Usage below 30 %: the rate is at its highest, and AutoMine buys plots.
pub const LOW: Market = Market {
	name: "a fifth in use, below the ceiling",
	capacity: 10_000,
	used: 20,
	plots: 1_000,
};

/// Usage of 60 %: the rate is low, and falls with each deal.
pub const HIGH: Market = Market {
	name: "three fifths in use, below the ceiling",
	capacity: 10_000,
	used: 60,
	plots: 1_000,
};

/// More is asked for than an era may create.
pub const CEILING: Market = Market {
	name: "a fifth in use, four times the ceiling",
	capacity: 100_000,
	used: 20,
	plots: 1_000,
};

/// Who deals with itself, and how.
#[derive(Clone, Copy, Debug)]
pub struct Dealer {
	/// Its share of all capacity, and so of all tickets of a draw, in millionths, of all its identities together.
	pub share: u64,
	/// It asks for terms that as few others meet as the rules allow.
	pub narrows: bool,
	/// It gives a deal up and makes another one until the slot is its own.
	pub redraws: bool,
	/// It has the same share of what pays for signing, bandwidth and discovery.
	pub everywhere: bool,
}

/// What came of it, in planck, of all eras together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
	/// Paid by the dealer for its own deals.
	pub paid: i128,
	/// Burned of that, and of what it gave up.
	pub burned: i128,
	/// What the dealer is issued more than without its deals.
	pub issued: i128,
	/// What it has more in the end: issued and paid back, less what it paid and gave up.
	pub gain: i128,
}

impl Dealer {
	/// The share of draws that it wins, in millionths.
	pub fn drawn(&self, rules: &Rules) -> u64 {
		if self.narrows {
			(self.share * 100 / rules.terms_met).min(WHOLE)
		} else {
			self.share
		}
	}
}

impl Market {
	fn honest(&self) -> u64 {
		self.capacity * self.used / 100
	}

	/// Deals of its own that a dealer adds in an era, one unit each: a hundredth of all capacity.
	fn fakes(&self) -> u64 {
		self.capacity / 100
	}

	fn use_of(&self, units: u64) -> Use {
		Use {
			used: units.into(),
			proven: self.capacity.into(),
		}
	}

	/// What a unit is paid, if so many are in use: as much as it can earn.
	fn price(&self, units: u64) -> Balance {
		Curve::real().rate(usage(self.use_of(units), Use::default()))
	}

	/// What the dealer is issued in an era in which it has `fakes` deals of its own, `own` of them with itself.
	fn issued(&self, rules: &Rules, dealer: &Dealer, fakes: u64, own: u64) -> Balance {
		let units = self.honest() + fakes;
		let price = self.price(units);
		let capped = price * u128::from(rules.price_share) / 100;
		let deal = Work::counted(UNIT, capped, price);
		let of_share = |all: u128| all * u128::from(dealer.share) / u128::from(WHOLE);
		let demand = Demand {
			storage: Work {
				units: deal.units * u128::from(units),
				paid: deal.paid * u128::from(units),
			},
			compute: Work::default(),
			plots: u128::from(self.plots) * UNIT,
		};
		let elsewhere = u128::from(WHOLE);
		let totals = Merits {
			signing: elsewhere,
			plots: demand.plots,
			storage: demand.storage.units,
			compute: 0,
			bandwidth: elsewhere,
			discovery: elsewhere,
			treasury: 0,
		};
		let besides = if dealer.everywhere { of_share(elsewhere) } else { 0 };
		let merits = Merits {
			signing: besides,
			plots: of_share(totals.plots),
			storage: of_share(u128::from(self.honest()) * deal.units) + u128::from(own) * deal.units,
			bandwidth: besides,
			discovery: besides,
			..Merits::default()
		};
		let ceiling = Schedule::real().ceiling(0, 0, 0, 0);
		let used = usage(self.use_of(units), Use::default());
		let closing = close(ceiling, used, &demand, &Terms::real(), &totals);
		payout(&closing.pots, &merits, &totals).sum()
	}
}

/// Deals of an era that the dealer has with itself, and how many it gave up for that.
fn draw(dealer: &Dealer, drawn: u64, fakes: u64, rng: &mut Rng) -> (u64, u64) {
	let (mut own, mut given_up) = (0, 0);
	for _ in 0..fakes {
		let mut draws = 1;
		let mut is_own = rng.below(WHOLE) < drawn;
		while !is_own && dealer.redraws && draws < MOST_DRAWS {
			given_up += 1;
			draws += 1;
			is_own = rng.below(WHOLE) < drawn;
		}
		own += u64::from(is_own);
	}
	(own, given_up)
}

/// Lets a dealer deal for [`ERAS`] eras.
pub fn simulate(market: &Market, rules: &Rules, dealer: &Dealer, seed: u64) -> Outcome {
	let mut rng = Rng::new(seed);
	let fakes = market.fakes();
	let price = market.price(market.honest() + fakes);
	let drawn = dealer.drawn(rules);
	let without = market.issued(rules, dealer, 0, 0);
	let percent = |amount: Balance, percent: u64| amount * u128::from(percent) / 100;
	let mut outcome = Outcome::default();
	for _ in 0..ERAS {
		let (own, given_up) = draw(dealer, drawn, fakes, &mut rng);
		let issued = market.issued(rules, dealer, fakes, own) as i128 - without as i128;
		let paid = price * u128::from(fakes);
		let lost = percent(price, rules.given_up) * u128::from(given_up);
		let back = percent(price, 100 - rules.burn) * u128::from(own);
		outcome.paid += paid as i128;
		outcome.burned += (percent(paid, rules.burn) + lost) as i128;
		outcome.issued += issued;
		outcome.gain += issued + back as i128 - paid as i128 - lost as i128;
	}
	outcome
}

/// What a hundred STCI that a dealer pays bring it, in tenths of an STCI, by formula, while nothing else than its own
/// deals changes what it earns: below 30 % of usage and below the ceiling.
///
/// A deal is issued `price_share` of its price. 60 % of that go to whoever has the deal, 30 % to signing, bandwidth and
/// discovery, of which the dealer may have its share.
pub fn formula(rules: &Rules, dealer: &Dealer) -> i128 {
	let whole = i128::from(WHOLE);
	let drawn = i128::from(dealer.drawn(rules)).max(1);
	let (burn, given_up) = (i128::from(rules.burn), i128::from(rules.given_up));
	let price_share = i128::from(rules.price_share);
	let own = if dealer.redraws { whole } else { drawn };
	let draws = if dealer.redraws { whole * whole / drawn } else { whole };
	let besides = if dealer.everywhere {
		i128::from(dealer.share) * 30
	} else {
		0
	};
	// In millionths of a percent of what is paid.
	let back = own * (100 - burn);
	let issued = (own * 60 + besides) * price_share / 100;
	let lost = whole * 100 + (draws - whole) * given_up;
	(back + issued - lost) * 10 / whole
}

/// Of its price, what a unit may be issued for at most, in tenths of a percent, so that a dealer that redraws gains
/// nothing. Above a thousand it is no cap: issuance pays no more than the price.
pub fn price_share_needed(rules: &Rules, dealer: &Dealer) -> u64 {
	let earned = earned_of_issued(dealer);
	// Burned for a slot of its own, in millionths of a percent.
	let burned = burned_for_a_slot(rules, dealer);
	// `earned` is millionths of a percent of what is issued.
	burned * 1_000 / earned.max(1)
}

/// Of the escrow of what is given up, what has to be burned so that a dealer that redraws gains nothing while issuance
/// pays the whole price, in tenths of a percent; none if its first draw is always its own.
pub fn given_up_needed(rules: &Rules, dealer: &Dealer) -> Option<u64> {
	let drawn = dealer.drawn(rules);
	let again = (WHOLE * WHOLE / drawn.max(1)).saturating_sub(WHOLE);
	let left = earned_of_issued(dealer).saturating_sub(WHOLE * rules.burn);
	(again > 0).then(|| left * 10 / again)
}

fn earned_of_issued(dealer: &Dealer) -> u64 {
	WHOLE * 60 + if dealer.everywhere { dealer.share * 30 } else { 0 }
}

fn burned_for_a_slot(rules: &Rules, dealer: &Dealer) -> u64 {
	let draws = WHOLE * WHOLE / dealer.drawn(rules).max(1);
	WHOLE * rules.burn + (draws - WHOLE) * rules.given_up
}

/// Thousandths of what was paid, or tenths of an STCI for each hundred.
pub fn of_paid(amount: i128, outcome: &Outcome) -> i128 {
	crate::words::permille(amount, outcome.paid)
}

#[cfg(test)]
mod tests {
	use super::{formula, of_paid, price_share_needed, simulate, Dealer, CEILING, HIGH, LOW};
	use crate::rules::Rules;

	const SHARES: [u64; 6] = [10_000, 50_000, 100_000, 200_000, 333_333, 500_000];

	fn dealers() -> impl Iterator<Item = Dealer> {
		SHARES.into_iter().flat_map(|share| {
			(0..8).map(move |kind| Dealer {
				share,
				narrows: kind & 1 > 0,
				redraws: kind & 2 > 0,
				everywhere: kind & 4 > 0,
			})
		})
	}

	#[test]
	fn simulation_and_formula_agree() {
		for rules in [Rules::FIRST, Rules::TIGHT] {
			for dealer in dealers() {
				let outcome = simulate(&LOW, &rules, &dealer, 1);
				let (simulated, expected) = (of_paid(outcome.gain, &outcome), formula(&rules, &dealer));
				// Of 50,000 draws the mean is within a hundredth; of redraws each is 3 % at most of one of 100.
				let near = 15 + expected.abs() / 30;
				assert!(
					(simulated - expected).abs() <= near,
					"{dealer:?}: {simulated}, by formula {expected}"
				);
			}
		}
	}

	#[test]
	fn under_tight_rules_no_dealer_gains_anywhere() {
		for market in [LOW, HIGH, CEILING] {
			for dealer in dealers() {
				let outcome = simulate(&market, &Rules::TIGHT, &dealer, 2);
				assert!(
					outcome.gain <= 0,
					"{} {dealer:?}: {}",
					market.name,
					of_paid(outcome.gain, &outcome)
				);
			}
		}
	}

	#[test]
	fn under_the_first_rules_who_draws_once_loses() {
		for dealer in dealers().filter(|dealer| !dealer.narrows && !dealer.redraws) {
			for market in [LOW, HIGH, CEILING] {
				assert!(simulate(&market, &Rules::FIRST, &dealer, 3).gain < 0, "{dealer:?}");
			}
		}
	}

	#[test]
	fn under_the_first_rules_who_redraws_gains_above_a_twentieth() {
		let gain = |share| {
			let dealer = Dealer {
				share,
				narrows: false,
				redraws: true,
				everywhere: false,
			};
			simulate(&LOW, &Rules::FIRST, &dealer, 4).gain
		};
		assert!(gain(45_000) < 0);
		assert!(gain(56_000) > 0);
	}

	#[test]
	fn the_price_share_that_is_needed_is_where_gain_ends() {
		for dealer in dealers().filter(|dealer| dealer.redraws) {
			let needed = price_share_needed(&Rules::FIRST, &dealer) / 10;
			if (1..100).contains(&needed) {
				let at = |price_share| {
					formula(
						&Rules {
							price_share,
							..Rules::FIRST
						},
						&dealer,
					)
				};
				assert!(at(needed) <= 0, "{dealer:?} gains {} at {needed}", at(needed));
				assert!(at(needed + 1) >= 0, "{dealer:?} loses {} at {needed}", at(needed + 1));
			}
		}
	}
}
