//! What takes minutes: `scripts/test long` runs it.

use crate::workbench::Chain;
use issuance_primitives::{Schedule, STCI};
use smartchain_rng::Rng;

#[test]
#[ignore = "ten million calls; `scripts/test long` runs it"]
fn ten_million_calls_keep_every_planck() {
	let mut rng = Rng::new(1);
	let schedule = Schedule {
		// Two million eras, so that all 64 halvings pass.
		halving_eras: 30_000,
		..Schedule::real()
	};
	let mut chain = Chain::new(schedule, 21_000_000 * STCI);
	for call in 0..10_000_000_u32 {
		chain.step(&mut rng);
		chain.check_cap();
		if call % 100 == 0 {
			chain.check_all();
		}
	}
	chain.check_all();
	assert!(chain.era > 64 * schedule.halving_eras, "only {} eras", chain.era);
	println!(
		"{} eras; planck created {}, burned {}, expired {}",
		chain.era, chain.created, chain.burned, chain.expired
	);
}
