//! Who wins: drawn, and not tried.

use smartchain_rng::Rng;

/// Means are drawn in parts of this size: a part's share of no event at all is a number that floats have.
const PART: f64 = 100.0;

/// A number by Poisson's law.
pub fn poisson(rng: &mut Rng, mean: f64) -> u32 {
	let (mut left, mut drawn) = (mean, 0);
	while left > 0.0 {
		drawn += part(rng, left.min(PART));
		left -= PART;
	}
	drawn
}

/// How many numbers between 0 and 1 it takes for their product to fall below `e^-mean`, less one.
fn part(rng: &mut Rng, mean: f64) -> u32 {
	let (limit, mut product, mut drawn) = ((-mean).exp(), unit(rng), 0);
	while product > limit {
		product *= unit(rng);
		drawn += 1;
	}
	drawn
}

/// A number above 0 and up to 1.
fn unit(rng: &mut Rng) -> f64 {
	((rng.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn mean_and_variance_are_poissons() {
		let mut rng = Rng::new(1);
		for mean in [0.3, 7.0, 168.0, 470.0] {
			let drawn: Vec<f64> = (0..4_000).map(|_| f64::from(poisson(&mut rng, mean))).collect();
			let average = drawn.iter().sum::<f64>() / 4_000.0;
			let variance = drawn.iter().map(|value| (value - average).powi(2)).sum::<f64>() / 4_000.0;
			// Four standard deviations of a mean, and some more for the variance.
			assert!(
				(average - mean).abs() < 4.0 * (mean / 4_000.0).sqrt(),
				"{average} of {mean}"
			);
			assert!((variance / mean - 1.0).abs() < 0.15, "{variance} of {mean}");
		}
	}
}
