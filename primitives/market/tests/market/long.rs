//! What takes minutes: `scripts/test long` runs it.

use crate::workbench::Market;
use smartchain_rng::Rng;

#[test]
#[ignore = "ten million moves; `scripts/test long` runs it"]
fn ten_million_moves_keep_every_planck() {
	for seed in 0..1_000 {
		let mut rng = Rng::new(seed);
		let mut market = Market::new(&mut rng);
		for _ in 0..10_000 {
			market.step(&mut rng);
			assert_eq!(
				market.put_in,
				market.holds() + market.paid_out + market.burned,
				"seed {seed}"
			);
		}
	}
}
