//! Who probes whom, what is believed of it, and the score that comes of it.

use crate::workbench::source;
use smartchain_rng::Rng;
use sp_arithmetic::Perbill;
use sp_core::{
	crypto::{Pair, VrfSecret},
	sr25519,
};
use storage_market_primitives::{ProbeError, ProbeReport, Scores, Served, SlotId, ERRANDS};

const GENESIS: [u8; 32] = [9; 32];
const CHALLENGE: [u8; 32] = [7; 32];

fn pair(seed: u8) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[seed; 32])
}

fn report(key: &sr25519::Pair, millis: Option<u32>) -> ProbeReport<[u8; 32]> {
	let plain = ProbeReport {
		era: 5,
		errand: 2,
		prober: [1; 32],
		device: [2; 32],
		at: SlotId::new(17, 3),
		served: millis.map(|millis| Served {
			millis,
			receipt: sr25519::Signature::from_raw([3; 64]),
		}),
		pre_output: [0; 32],
		proof: [0; 64],
	};
	let vrf = key.vrf_sign(&plain.bound(&GENESIS, &CHALLENGE));
	plain.signed(&vrf)
}

#[test]
fn a_report_is_of_its_prober_era_chain_and_words() {
	let key = pair(1);
	let verify = |report: &ProbeReport<[u8; 32]>, by: &sr25519::Pair| report.verify(&by.public(), &GENESIS, &CHALLENGE);
	let good = report(&key, Some(300));
	assert_eq!(verify(&good, &key), Ok(()));
	assert_eq!(verify(&good, &pair(2)), Err(ProbeError::NotProven));
	assert_eq!(
		good.verify(&key.public(), &[8; 32], &CHALLENGE),
		Err(ProbeError::NotProven)
	);
	assert_eq!(
		good.verify(&key.public(), &GENESIS, &[8; 32]),
		Err(ProbeError::NotProven)
	);
	let others = [
		ProbeReport {
			errand: 1,
			..good.clone()
		},
		ProbeReport {
			device: [4; 32],
			..good.clone()
		},
		ProbeReport {
			at: SlotId::new(17, 2),
			..good.clone()
		},
		ProbeReport {
			served: None,
			..good.clone()
		},
	];
	for other in &others {
		assert_eq!(verify(other, &key), Err(ProbeError::NotProven), "{other:?}");
	}
	let mut bad = good;
	bad.proof = [0xff; 64];
	assert_eq!(verify(&bad, &key), Err(ProbeError::Undecodable));
}

/// A prober that would choose whom it looks at has one output of its key for an era, whatever it says.
#[test]
fn grinder_has_the_same_targets_whatever_it_reports() {
	let key = pair(1);
	let (one, other) = (report(&key, None), report(&key, Some(300)));
	assert_eq!(one.pre_output, other.pre_output);
	let before = key.vrf_sign(&ProbeReport::<[u8; 32]>::input(&CHALLENGE));
	assert_eq!(
		before.pre_output.0.to_bytes(),
		one.pre_output,
		"so it knows whom to look at"
	);
}

#[test]
fn each_device_is_as_likely_to_be_probed() {
	let mut rng = source(Rng::seed_from_env());
	let mut counts = [0_u32; 20];
	for _ in 0..2_000 {
		let output: [u8; 32] = core::array::from_fn(|_| rng.next_u64() as u8);
		for errand in 0..ERRANDS {
			counts[ProbeReport::<u8>::target(&output, errand, 20) as usize] += 1;
		}
	}
	// 400 each; six deviations of 20.
	assert!(counts.iter().all(|count| count.abs_diff(400) < 120), "{counts:?}");
}

#[test]
fn a_score_is_the_median_of_the_last_three_of_different_probers() {
	let mut scores = Scores::<u8>::default();
	let percent = Perbill::from_percent;
	scores.report(1, percent(10));
	scores.report(2, percent(90));
	assert_eq!(scores.score(), None);
	// One prober has one voice, its last.
	scores.report(2, percent(80));
	assert_eq!(scores.score(), None);
	scores.report(3, percent(50));
	assert_eq!(scores.score(), Some(percent(50)));
	// The oldest goes.
	scores.report(4, percent(100));
	assert_eq!(scores.score(), Some(percent(80)));
}

/// Two liars of three decide; one does not.
#[test]
fn one_liar_of_three_moves_a_score_no_further_than_the_others() {
	for lie in [0, 100] {
		let mut scores = Scores::<u8>::default();
		for (prober, said) in [(1, 60), (2, lie), (3, 70)] {
			scores.report(prober, Perbill::from_percent(said));
		}
		let score = scores.score().expect("three");
		assert!(
			(Perbill::from_percent(60)..=Perbill::from_percent(70)).contains(&score),
			"{score:?}"
		);
	}
}
