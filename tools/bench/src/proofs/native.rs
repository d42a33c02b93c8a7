//! What is verified, by machine code. Chia's own validator stands beside ours in the bench of `agent/store`: no program
//! links both it and the SDK.

use super::{micros, Times};
use crate::report::Row;
use proof_of_compute_primitives::{scratchpad, Kernel};
use proof_of_space_primitives::vectors;
use smartchain_tests::{Error, Result};
use sp_core::{sr25519, Pair};

/// The size of plots that count.
const SIZE: u8 = 28;

/// Validations, a segment and a signature.
pub fn rows(times: u32) -> Result<Vec<Row>> {
	let vector = vectors::first()
		.into_iter()
		.find(|vector| vector.plot.k == SIZE)
		.ok_or_else(|| Error::new("there is no vector of size 28: see primitives/proofs/space/vectors"))?;
	let (plot, challenge) = (vector.plot, vector.challenge);
	let ours = Times::measure(times, "our validator", || vector.judge().is_ok())?;
	let signature = signature(times)?;
	let mut pad = scratchpad();
	let mut segment = 0;
	let segments = Times::measure(times, "a segment", || {
		segment += 1;
		Kernel::V1.run(&challenge, &plot.group, segment, &mut pad) != [0; 32]
	})?;
	let by = |other: Times| micros(ours.least) / micros(other.least).max(f64::MIN_POSITIVE);
	Ok(vec![
		Row::new(
			"a win of space of size 28, natively",
			"",
			format!("{ours}: {:.2} x a signature's check", by(signature)),
		),
		Row::new("a check of an sr25519 signature, natively", "", signature.to_string()),
		Row::new("a segment, natively", "", segments.to_string()),
	])
}

/// The check of an sr25519 signature, as a runtime has it from its host.
pub fn signature(times: u32) -> Result<Times> {
	let pair = sr25519::Pair::from_seed(&[7; 32]);
	let message = [42; 100];
	let (signature, public) = (pair.sign(&message), pair.public());
	Times::measure(times, "a signature", || {
		sr25519::Pair::verify(&signature, message, &public)
	})
}
