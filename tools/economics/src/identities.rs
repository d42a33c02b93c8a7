//! One that splits what it did among many accounts.

use issuance_primitives::{
	close, payout, usage, Balance, Demand, Merits, PerPot, Pot, Schedule, Terms, Use, Work, STCI, UNIT,
};
use smartchain_rng::Rng;

/// GiB of the whole network.
const CAPACITY: u128 = 10_000;

/// Merits of each pot that is not measured in units.
const POINTS: u128 = 2_460;

/// What an account gets that has a third of everything, and what it gets as `identities` accounts among which its
/// merits are spread by chance, in planck.
pub fn simulate(identities: usize, seed: u64) -> (Balance, Balance) {
	let mut rng = Rng::new(seed);
	let demand = Demand {
		storage: Work {
			units: CAPACITY / 5 * UNIT,
			paid: CAPACITY / 5 * STCI / 5,
		},
		compute: Work::default(),
		plots: CAPACITY * UNIT,
	};
	let totals = PerPot {
		signing: POINTS,
		plots: demand.plots,
		storage: demand.storage.units,
		compute: 0,
		bandwidth: CAPACITY * UNIT,
		discovery: POINTS,
		treasury: 0,
	};
	let used = usage(Use { used: 1, proven: 5 }, Use::default());
	let ceiling = Schedule::real().ceiling(0, 0, 0, 0);
	let closing = close(ceiling, used, &demand, &Terms::real(), &totals);
	let all = totals.map(|merit| merit / 3);
	let parts = spread(&all, identities, &mut rng);
	let paid = |merits: &Merits| payout(&closing.pots, merits, &totals).sum();
	(paid(&all), parts.iter().map(paid).sum())
}

/// Cuts each pot's merits at points that are drawn.
fn spread(all: &Merits, identities: usize, rng: &mut Rng) -> Vec<Merits> {
	let mut parts = vec![Merits::default(); identities.max(1)];
	for pot in Pot::ALL {
		let merit = all.get(pot);
		let mut cuts: Vec<u128> = (1..parts.len())
			.map(|_| (merit * u128::from(rng.below(1 << 32))) >> 32)
			.collect();
		cuts.sort_unstable();
		cuts.push(merit);
		let mut from = 0;
		for (part, to) in parts.iter_mut().zip(cuts) {
			*part.get_mut(pot) = to - from;
			from = to;
		}
	}
	parts
}

#[cfg(test)]
mod tests {
	use super::simulate;

	#[test]
	fn split_merits_gain_nothing_and_lose_a_planck_each_at_most() {
		for identities in [1, 2, 10, 1_000, 10_000] {
			let (whole, split) = simulate(identities, 1);
			assert!(split <= whole, "{identities}");
			assert!(
				whole - split <= 7 * identities as u128,
				"{identities}: {}",
				whole - split
			);
		}
	}
}
