//! Every planck is somewhere, in any order of events.

use crate::workbench::Market;
use smartchain_rng::{runs, seeds, Rng};

#[test]
fn every_planck_is_accounted_for_in_any_order_of_events() {
	let (mut paid, mut burned) = (0, 0);
	for seed in seeds(200 * runs()) {
		let mut rng = Rng::new(seed);
		let mut market = Market::new(&mut rng);
		// Funds are below 2^108 a move, so that no sum here leaves 128 bits.
		for _ in 0..2_000 {
			market.step(&mut rng);
			let out = market.paid_out + market.burned;
			assert_eq!(market.put_in, market.holds() + out, "SMARTCHAIN_SEED={seed}");
		}
		paid += u32::from(market.paid_out > 0);
		burned += u32::from(market.burned > 0);
	}
	assert!(paid > 0 && burned > 0, "nothing was ever paid, or burned");
}
