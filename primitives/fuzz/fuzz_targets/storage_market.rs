//! What keys sign for storage deals, what probers report, and what a node tells of deals, of any bytes: decoders do not
//! panic, what decodes encodes back, what was signed for one purpose is never what another one asks for, and a report
//! that verifies says what its key has proven. A true one stands beside each, damaged.
#![no_main]

mod damaged;

use codec::{Decode, DecodeAll, Encode};
use core::fmt::Debug;
use sp_core::{crypto::VrfSecret, sr25519, Pair};
use std::sync::OnceLock;
use storage_market_primitives::{
	Acceptance, Audits, Claimable, Deal, DealProven, DealState, DealsOf, OfferState, OpenChallenge, Order, PlotOrder,
	ProbeReport, Quote, Receipt, Scores, Served, SlotId, SlotOfDevice, Terms, Voucher,
};

type Id = [u8; 32];

const GENESIS: Id = [9; 32];
const CHALLENGE: Id = [5; 32];

fn pair() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[1; 32])
}

fn truth() -> &'static ProbeReport<Id> {
	static TRUTH: OnceLock<ProbeReport<Id>> = OnceLock::new();
	TRUTH.get_or_init(|| {
		let report = ProbeReport {
			era: 12,
			errand: 3,
			prober: [1; 32],
			device: [2; 32],
			at: SlotId::new(7, 3),
			served: Some(Served {
				millis: 300,
				receipt: sr25519::Signature::from_raw([6; 64]),
			}),
			pre_output: [0; 32],
			proof: [0; 64],
		};
		let vrf = pair().vrf_sign(&report.bound(&GENESIS, &CHALLENGE));
		let report = report.signed(&vrf);
		assert_eq!(report.verify(&pair().public(), &GENESIS, &CHALLENGE), Ok(()));
		report
	})
}

/// What decodes encodes back: there is one encoding of a value.
fn one<T: Decode + Encode + Debug>(bytes: &[u8]) -> Option<T> {
	let value = T::decode_all(&mut &bytes[..]).ok()?;
	assert_eq!(value.encode(), bytes, "{value:?}");
	Some(value)
}

fn signed(bytes: &[u8]) {
	let mut payloads = Vec::new();
	if let Some(said) = one::<Acceptance<Id>>(bytes) {
		payloads.push(said.payload(&GENESIS));
	}
	if let Some(said) = one::<Voucher<Id>>(bytes) {
		payloads.push(said.payload(&GENESIS));
	}
	if let Some(said) = one::<Receipt<Id>>(bytes) {
		payloads.push(said.payload(&GENESIS));
	}
	for (at, payload) in payloads.iter().enumerate() {
		assert!(!payloads[..at].contains(payload), "of two purposes");
	}
}

fn report(bytes: &[u8]) {
	let Some(report) = one::<ProbeReport<Id>>(bytes) else {
		return;
	};
	let _ = (
		report.score(),
		ProbeReport::<Id>::target(&report.pre_output, report.errand, 1_000),
	);
	if report.verify(&pair().public(), &GENESIS, &CHALLENGE).is_ok() {
		let proof = truth().proof;
		assert_eq!(ProbeReport { proof, ..report }, *truth(), "never proven");
	}
}

/// What a node says of deals may be anything: whoever asks it looks at them all the same.
fn deal(deal: &Deal<Id, Id>) {
	let terms = Terms::real();
	let geometry = deal.geometry();
	let slot_len = geometry.slot_len();
	assert!(slot_len == u64::MAX || slot_len % geometry.unit() == 0, "whole units");
	let _ = (
		geometry.shape(),
		geometry.check(),
		geometry.spare(),
		geometry.to_begin(),
	);
	let _ = (
		deal.holders(),
		deal.usable(),
		deal.is_strained(),
		deal.is_hurt(),
		deal.is_chosen_for(),
	);
	let _ = (
		deal.patience(&terms.times),
		deal.devices().count(),
		terms.repair(geometry),
	);
	for at in 0..40 {
		let _ = deal.wants_draw(at);
	}
	let proven = DealProven {
		deal: 1,
		from: 0,
		usable: 0,
	};
	let _ = proven.holds(deal, u32::MAX);
	if let Ok(quote) = Quote::of(&deal.order, &terms) {
		assert!(deal.order.check().is_ok() && quote.total() >= quote.pay);
	}
}

fn check(bytes: &[u8]) {
	signed(bytes);
	report(bytes);
	one::<DealProven>(bytes);
	one::<Order>(bytes);
	one::<Terms>(bytes);
	one::<PlotOrder>(bytes);
	one::<Scores<Id>>(bytes);
	one::<OfferState<Id, Id, Vec<u8>>>(bytes);
	one::<DealsOf>(bytes);
	one::<SlotOfDevice>(bytes);
	one::<OpenChallenge>(bytes);
	one::<Claimable>(bytes);
	if let Some(audits) = one::<Audits>(bytes) {
		let _ = audits.check();
	}
	if let Some(found) = one::<Deal<Id, Id>>(bytes) {
		deal(&found);
	}
	if let Some(state) = one::<DealState<Id, Id, Vec<u8>>>(bytes) {
		deal(&state.deal);
	}
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	check(bytes);
	// The true report with some bytes exchanged (position and value), and cut.
	for damaged in damaged::exchanged_and_cut(truth().encode(), bytes) {
		check(&damaged);
	}
});
