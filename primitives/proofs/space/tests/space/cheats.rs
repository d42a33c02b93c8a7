//! What is left of the chains of who has dropped a part of a plot, by arithmetic. `README.md` has the table.

/// Millionths.
const ONE: u128 = 1_000_000;
/// Fragments of a set, on average.
const MEAN: u128 = 64;

/// Ways of four links through a set of `mean / 100` fragments by Poisson's law, times 100^4.
fn ways(mean: u128) -> u128 {
	mean.pow(4) + 6 * 100 * mean.pow(3) + 7 * 100u128.pow(2) * mean.pow(2) + 100u128.pow(3) * mean
}

fn to_the(power: u32, millionths: u128) -> u128 {
	(0..power).fold(ONE, |product, _| product * millionths / ONE)
}

/// Chains that are left, in millionths, if each fragment is kept with this chance. A chain has four links in each of
/// four sets; one that takes a fragment twice needs it once, hence slightly more than the 16th power.
fn without_fragments(kept_percent: u128) -> u128 {
	to_the(4, ways(MEAN * kept_percent) * ONE / ways(MEAN * 100))
}

/// The same for who keeps or drops whole sets.
fn without_sets(kept_percent: u128) -> u128 {
	to_the(4, kept_percent * ONE / 100)
}

#[test]
fn dropped_fragments_cost_far_more_chains_than_they_save_space() {
	for (kept, left) in [(99, 854_514), (95, 448_411), (90, 192_731), (75, 11_269), (50, 21)] {
		let found = without_fragments(kept);
		assert!(found.abs_diff(left) <= 4, "{kept} %: {found}");
		let sixteenth = to_the(16, kept * ONE / 100);
		assert!(
			found >= sixteenth && found * 100 <= sixteenth * 115 + 1_000,
			"{kept} %: {found} {sixteenth}"
		);
	}
}

#[test]
fn whole_sets_are_the_cheaper_thing_to_drop_and_do_not_pay_either() {
	for kept in 1..100 {
		let left = without_sets(kept);
		assert!(without_fragments(kept) < left + 10, "{kept} %");
		assert!(left < kept * ONE / 100, "{kept} %: more chains than space");
	}
	assert_eq!(without_sets(90), 656_100);
}

/// The smallest sets are the cheapest to drop: a set of `n` is in the fourth power of `n` of the ways.
#[test]
fn the_smallest_sets_first_save_less_than_a_thousandth_more_than_they_cost() {
	// Poisson's law around 64, up from 1 and scaled so that the sums have many digits.
	let mut share = vec![0u128; 161];
	share[64] = 1_000_000_000_000_000;
	for n in 65..share.len() {
		share[n] = share[n - 1] * MEAN / n as u128;
	}
	for n in (1..64).rev() {
		share[n] = share[n + 1] * (n as u128 + 1) / MEAN;
	}
	let from = |power: u32, least: usize| -> u128 {
		(least..share.len())
			.map(|n| share[n] / ONE * (n as u128).pow(power))
			.sum()
	};
	let mut gains = 0;
	for least in 1..share.len() {
		let space = from(1, least) * ONE / from(1, 1);
		let left = to_the(4, from(4, least) * ONE / from(4, 1));
		assert!(left <= space + ONE / 1_000, "sets below {least}: {left} {space}");
		gains += u32::from(left > space);
	}
	assert!(gains > 0, "there is such a gain, small as it is");
}
