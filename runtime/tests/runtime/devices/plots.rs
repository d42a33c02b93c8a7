//! Real plots, and all that they find.
//!
//! A line of a file is `k strength group challenge proof`. The generator of proofs of space makes them from lines
//! without a proof: `cargo run --release --locked -- prove`, in primitives/proofs/space/generator. What it has to be
//! asked for the plots of a chain, `wins::what_the_generator_is_asked` prints.

use proof_of_space_primitives::{pos2::Pos2Proof, Hash, Plot, SpaceProof, META_GROUP};

/// Something that a plot found.
#[derive(Clone, Debug)]
pub struct Find {
	pub plot: Plot,
	pub challenge: Hash,
	pub proof: Vec<u8>,
}

impl Find {
	pub fn quality(&self) -> Hash {
		self.read(&self.proof).quality()
	}

	fn read(&self, proof: &[u8]) -> Pos2Proof {
		Pos2Proof::read(&self.plot, &self.challenge, proof).expect("the right length")
	}
}

pub fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
	(0..hex.len() / 2)
		.map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("digits"))
		.collect()
}

fn hash(hex: &str) -> Hash {
	bytes(hex).try_into().expect("32 bytes")
}

/// The finds of a file.
pub fn read(file: &str) -> Vec<Find> {
	let lines = file.lines().filter(|line| !line.starts_with('#'));
	lines
		.map(|line| {
			let words: Vec<&str> = line.split(' ').collect();
			let [k, strength, group, challenge, proof] = words[..] else {
				panic!("five words: {line}")
			};
			Find {
				plot: Plot {
					group: hash(group),
					index: 0,
					meta: META_GROUP,
					k: k.parse().expect("a size"),
					strength: strength.parse().expect("a strength"),
				},
				challenge: hash(challenge),
				proof: bytes(proof),
			}
		})
		.collect()
}
