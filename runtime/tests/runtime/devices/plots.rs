//! Real plots, and all that they find.
//!
//! A line of a file is `k strength group challenge proof`. The generator of proofs of space makes them from lines
//! without a proof: `cargo run --release --locked -- prove`, in primitives/proofs/space/generator. What it has to be
//! asked for the plots of a chain, `wins::what_the_generator_is_asked` prints.

pub fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
