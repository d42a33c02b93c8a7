//! Jobs from their submission to their end.

use crate::{chain::*, workers::truth};
use compute_market_primitives::Assurance;
use frame_support::assert_ok;
use pallet_compute_market::{Jobs, Results, Stage};

#[test]
fn a_job_is_pooled_run_paid_and_closed() {
	run(|| {
		set_workers(1..=9);
		let issued = all();
		let id = submit(20, Assurance::Quorum);
		until_done(id);
		assert_eq!((job(id).accepted, job(id).undecided, job(id).faulted), (20, 0, 0));
		for unit in 0..20 {
			let agreed = Results::<Test>::get(id, unit).expect("accepted");
			assert_eq!(agreed.accepted.outcome, truth(id, unit));
			assert_eq!(agreed.by.count_ones(), 3);
		}
		assert!(matches!(job(id).stage, Stage::Done(_)));
		blocks(61);
		assert_ok!(ComputeMarket::close_job(origin(ANYBODY), id));
		check();
		assert!(!Jobs::<Test>::contains_key(id));
		assert!(all() < issued, "a part has burned");
	});
}
