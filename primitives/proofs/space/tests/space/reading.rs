//! Reads the files of vectors. A line is `k strength index meta group challenge proof`, and what else the file has.

use proof_of_space_primitives::{pos2::Pos2Proof, Hash, Plot, SpaceProof, SpaceProofError};

/// A proof of which the verdict is known.
#[derive(Clone, Debug)]
pub struct Vector {
	/// The plot that it is said to be of.
	pub plot: Plot,
	/// What it answers.
	pub challenge: Hash,
	/// Its bytes.
	pub proof: Vec<u8>,
	/// The fragments that the crate found; none where the file has none.
	pub fragments: Vec<u64>,
	/// Whether the crate accepts it, of a file of refused ones.
	pub accepted_by_the_crate: bool,
	/// What was done to it, of a file of refused ones.
	pub what: String,
}

impl Vector {
	/// Whether it is valid.
	pub fn judge(&self) -> Result<Hash, SpaceProofError> {
		Pos2Proof::judge(&self.plot, &self.challenge, &self.proof, &[255; 32])
	}

	fn read(line: &str) -> Self {
		let words: Vec<&str> = line.split_whitespace().collect();
		let number = |at: usize| words[at].parse::<u16>().expect("a number");
		let small = |at: usize| u8::try_from(number(at)).expect("a small number");
		let hash = |at: usize| bytes(words[at]).try_into().expect("32 bytes");
		Self {
			plot: Plot {
				k: small(0),
				strength: small(1),
				index: number(2),
				meta: small(3),
				group: hash(4),
			},
			challenge: hash(5),
			proof: bytes(words[6].trim_start_matches('-')),
			fragments: Vec::new(),
			accepted_by_the_crate: words.get(7) == Some(&"accepted"),
			what: words.get(8).copied().unwrap_or_default().into(),
		}
	}
}

fn bytes(hex: &str) -> Vec<u8> {
	let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
	(0..hex.len()).step_by(2).map(digit).collect()
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
	text.lines().filter(|line| !line.starts_with('#'))
}

/// The first five, of sizes up to the one that counts; without fragments.
pub fn first() -> Vec<Vector> {
	lines(include_str!("../../vectors/chia-pos2-1.0.0.txt"))
		.map(Vector::read)
		.collect()
}

/// Some two hundred of small plots, with their fragments.
pub fn valid() -> Vec<Vector> {
	let read = |line: &str| {
		let fragments = bytes(line.split_whitespace().nth(7).expect("fragments"));
		let fragments = fragments
			.chunks(8)
			.map(|bytes| u64::from_be_bytes(bytes.try_into().expect("eight bytes")));
		Vector {
			fragments: fragments.collect(),
			..Vector::read(line)
		}
	};
	lines(include_str!("../../vectors/valid.txt")).map(read).collect()
}

/// What is not valid.
pub fn refused() -> Vec<Vector> {
	lines(include_str!("../../vectors/refused.txt"))
		.map(Vector::read)
		.collect()
}
