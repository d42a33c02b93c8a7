//! What keys sign for jobs, what the chain keeps of them, and what a node tells, of any bytes: decoders do not panic,
//! what decodes encodes back, what was signed for one purpose is never what another one asks for, and formulas hold
//! for whatever numbers.
#![no_main]

use codec::{Decode, DecodeAll, Encode};
use compute_market_primitives::{
	Accepted, Assurance, Commit, Commitment, Decline, JobClaim, JobState, JobsOf, Outcome, OutputReport, Pay,
	PoolMember, Price, Quote, Reliability, Reveal, Spec, Task, TaskAccepted, Terms, UnitState, WorkOffer, WorkerState,
};
use core::fmt::Debug;

type Id = [u8; 32];

const GENESIS: Id = [9; 32];
const SALT: [u8; 16] = [7; 16];

/// What decodes encodes back: there is one encoding of a value.
fn one<T: Decode + Encode + Debug>(bytes: &[u8]) -> Option<T> {
	let value = T::decode_all(&mut &bytes[..]).ok()?;
	assert_eq!(value.encode(), bytes, "{value:?}");
	Some(value)
}

fn signed(bytes: &[u8]) {
	let mut payloads = Vec::new();
	if let Some(said) = one::<Commit<Id>>(bytes) {
		payloads.push(said.payload(&GENESIS));
	}
	if let Some(said) = one::<Decline<Id>>(bytes) {
		payloads.push(said.payload(&GENESIS));
	}
	if let Some(said) = one::<OutputReport<Id>>(bytes) {
		payloads.push(said.payload(&GENESIS));
	}
	for (at, payload) in payloads.iter().enumerate() {
		assert!(!payloads[..at].contains(payload), "of two purposes");
	}
}

fn outcome(outcome: &Outcome) {
	let commitment = Commitment::of(&outcome.digest(), &SALT, &GENESIS);
	let opened = commitment.open(outcome, &SALT, &GENESIS, u64::MAX);
	assert_eq!(opened.is_ok(), outcome.check(u64::MAX).is_ok());
}

fn spec(spec: &Spec, max_price: Price) {
	for assurance in [Assurance::Quorum, Assurance::Strict, Assurance::Audit] {
		if let Ok(quote) = Quote::of(spec, max_price, assurance, &Terms::real()) {
			assert!(spec.check().is_ok() && quote.escrow >= quote.unit);
			let pay = Pay::agreed(spec.fuel_limit, max_price, &Terms::real());
			assert!(pay.is_ok_and(|pay| pay.total() <= quote.unit));
		}
	}
}

fn terms(terms: &Terms) {
	if terms.check().is_ok() {
		for assurance in [Assurance::Quorum, Assurance::Strict, Assurance::Audit] {
			assert!(terms.covers(assurance) >= u128::from(assurance.replicas()));
		}
	}
	assert_eq!(Pay::of(1_000_000, terms).total(), 1_000_000);
	let _ = (terms.times.due(1, u64::MAX, 0), terms.times.scaled(7));
}

fn member(mut member: PoolMember<Id>) {
	let _ = (member.may_take(), member.rate_of_slot());
	member.take();
	member.was_late();
	let _ = member.decline();
	member.was_right();
	member.failed();
}

fn reliability(mut reliability: Reliability) {
	reliability.was_right(true);
	let _ = (reliability.was_wrong(), reliability.may_work_alone());
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
	signed(bytes);
	one::<Reveal>(bytes);
	one::<TaskAccepted>(bytes);
	one::<Task>(bytes);
	one::<JobsOf>(bytes);
	one::<JobClaim>(bytes);
	one::<UnitState<Id>>(bytes);
	if let Some(found) = one::<WorkerState<Id, Id, Vec<u8>>>(bytes) {
		let _ = found.free_stake();
	}
	if let Some(found) = one::<Accepted>(bytes) {
		outcome(&found.outcome);
	}
	if let Some(found) = one::<WorkOffer>(bytes) {
		let _ = found.check();
	}
	if let Some(found) = one::<(Spec, Price)>(bytes) {
		spec(&found.0, found.1);
	}
	if let Some(state) = one::<JobState<Id, Id, Vec<u8>>>(bytes) {
		spec(&state.spec, state.max_price);
		let _ = (state.stage.closes(u32::MAX), state.closes(&Terms::real().times));
	}
	if let Some(found) = one::<Terms>(bytes) {
		terms(&found);
	}
	if let Some(found) = one::<PoolMember<Id>>(bytes) {
		member(found);
	}
	if let Some(found) = one::<Reliability>(bytes) {
		reliability(found);
	}
});
