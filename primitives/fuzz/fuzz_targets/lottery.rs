//! What devices send and what is kept of them, damaged in any way: decoders do not panic, what decodes encodes back, a
//! pulse that verifies has the one output of its key, and an estimator of any numbers has an estimate. True ones stand
//! beside each, so that the fuzzer has where to start.
#![no_main]

mod damaged;

use codec::{DecodeAll, Encode};
use proof_lottery_primitives::{testing::SPACE, Claim, Estimator, Kept, Pulse, Terms, Threshold, Total};
use sp_core::{crypto::VrfSecret, sr25519, Pair};
use std::sync::OnceLock;

const CHALLENGE: [u8; 32] = [9; 32];

fn pair() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[1; 32])
}

fn pulse() -> &'static Pulse {
	static PULSE: OnceLock<Pulse> = OnceLock::new();
	PULSE.get_or_init(|| Pulse::new([2; 32], 3, &pair().vrf_sign(&Pulse::input(&CHALLENGE))))
}

fn terms() -> Terms {
	SPACE.with(1_000)
}

fn kept() -> Vec<u8> {
	let mut estimator = Estimator::new(Claim { units: 7, from: 1_000 });
	estimator.win(&terms(), 2_000, &mut Total::default());
	Kept::V1(estimator).encode()
}

fn check(bytes: &[u8]) {
	if let Ok(damaged) = Pulse::decode_all(&mut &bytes[..]) {
		assert_eq!(damaged.encode(), bytes, "one encoding for one pulse");
		if damaged.verify(&pair().public().into(), &CHALLENGE, &Threshold::ALWAYS).is_ok() {
			assert_eq!(damaged.pre_output, pulse().pre_output, "a second output");
		}
	}
	let Ok(Kept::V1(mut estimator)) = Kept::decode_all(&mut &bytes[..]) else {
		return;
	};
	assert_eq!(Kept::V1(estimator.clone()).encode(), bytes, "one encoding for one estimator");
	let (mut total, slot) = (Total::default(), estimator.touched());
	estimator.win(&terms(), slot, &mut total);
	let _ = estimator.cut(&terms().lottery, slot, slot.saturating_add(1), None);
	let _ = estimator.claim(Claim { units: 1, from: slot }, slot, Some(slot / 2));
	assert!(estimator.assured(&terms().lottery, slot) <= estimator.estimate(&terms().lottery, slot));
	estimator.leave(&terms().lottery, u64::MAX, &mut total);
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	check(bytes);
	// True ones with some bytes exchanged (position and value), and cut.
	for whole in [pulse().encode(), kept()] {
		check(&whole);
		for damaged in damaged::exchanged_and_cut(whole, bytes) {
			check(&damaged);
		}
	}
});
